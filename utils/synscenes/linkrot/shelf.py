"""What a downloader keeps on disk, and that nothing there is ever half-written.

For an item named ``dog`` there may be ``dog.jpg`` (whole: it was decoded before it got this name), ``dog.json``
(the sidecar: where the picture came from, whose it is, what the last visit found) and, between two attempts,
``dog.part`` with ``dog.part.json``: the beginning of a picture, and which version of it, so that the rest can be
asked for. A ``.part`` that cannot be resumed is removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError
from synscenes.files import sha256_file, write_atomic
from synscenes.linkrot.policy import Item, Trouble
from synscenes.pictures import decoding_errors

SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "BMP": ".bmp"}
_HTML = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<?xml")


def name_of(item: Item) -> str:
    """Return the item's file name without extension. Raises CourseError for one that could leave the folder."""
    if not item.name:
        return hashlib.sha256(item.url.encode()).hexdigest()[:16]
    # Windows reserves some names and ignores trailing dots; ".part" and ".json" are ours.
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", item.name):
        raise CourseError(f"{item.name!r} is no file name for {item.url}: use letters, digits, - and _.")
    return item.name


class Shelf:
    """The place of one item in the downloader's folder."""

    def __init__(self, folder: Path, item: Item) -> None:
        name = name_of(item)
        self.folder, self.item, self.name = folder, item, name
        self.sidecar = folder / f"{name}.json"
        self.part = folder / f"{name}.part"
        self.part_notes = folder / f"{name}.part.json"

    def known(self) -> dict[str, Any] | None:
        """Return the sidecar of a picture that is there and unchanged since it was saved, else None."""
        notes = _read_json(self.sidecar)
        if not notes or notes.get("url") != self.item.url or not notes.get("file"):
            return None
        path = self.folder / Path(str(notes["file"])).name
        whole = path.is_file() and sha256_file(path) == notes.get("sha256")
        expected = not self.item.sha256 or self.item.sha256 == notes.get("sha256")
        return notes if whole and expected else None

    def file(self) -> Path | None:
        """Return the saved picture's path, if there is one."""
        notes = self.known()
        return self.folder / Path(notes["file"]).name if notes else None

    def resumable(self) -> tuple[int, str] | None:
        """Return (bytes there, validator) of a picture that was begun; None, and a clean place, otherwise."""
        notes = _read_json(self.part_notes)
        size = self.part.stat().st_size if self.part.is_file() else 0
        if notes and size and notes.get("url") == self.item.url and notes.get("validator"):
            return size, str(notes["validator"])
        self.clear()
        return None

    def begin(self, validator: str) -> None:
        """Note which version of the picture the coming .part belongs to."""
        self.clear()
        write_atomic(self.part_notes, json.dumps({"url": self.item.url, "validator": validator}))

    def clear(self) -> None:
        """Remove what was begun."""
        for path in (self.part, self.part_notes):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()

    def accept(self, placeholders: frozenset[str]) -> dict[str, Any]:
        """Look at the complete .part; give it its final name and return what is to be noted about it.

        Raises Trouble (and removes the .part) for bytes that are no whole picture, or the wrong one.
        """
        try:
            kind, size, mode = look_at(self.part)
            digest = sha256_file(self.part)
            if digest in placeholders:
                raise Trouble("wrong content", 'a known "photo unavailable" picture')
            if self.item.sha256 and digest != self.item.sha256:
                raise Trouble(
                    "wrong content", f"sha256 {digest[:12]}… where the list says {self.item.sha256[:12]}…"
                )
        except Trouble:
            self.clear()
            raise
        final = self.folder / f"{self.name}{SUFFIXES[kind]}"
        total = self.part.stat().st_size
        old = self.file()
        os.replace(self.part, final)
        if old and old != final:
            old.unlink(missing_ok=True)
        self.clear()
        return {
            "file": final.name,
            "sha256": digest,
            "bytes": total,
            "format": kind,
            "size": list(size),
            "mode": mode,
        }

    def note(self, notes: dict[str, Any]) -> None:
        """Write the sidecar: the item's own lines first, then ``notes``."""
        item = self.item
        first = {"url": item.url, "attribution": item.attribution, "licence": item.licence}
        write_atomic(self.sidecar, json.dumps(first | notes, indent=1, ensure_ascii=False) + "\n")


def look_at(path: Path) -> tuple[str, tuple[int, int], str]:
    """Decode a file to the last pixel; return format, (width, height) and mode.

    A look at the first bytes, or Pillow's ``verify()``, lets a JPEG that lacks its lower half pass. Raises
    Trouble: "not an image" or "damaged".
    """
    import warnings

    from PIL import Image, UnidentifiedImageError

    with open(path, "rb") as file:
        head = file.read(512).lstrip().lower()
    if head.startswith(_HTML):
        raise Trouble("not an image", "a web page where a picture should be")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=tuple(SUFFIXES)) as image:
                image.load()
                return image.format or "", image.size, image.mode
    except UnidentifiedImageError:
        raise Trouble("not an image", f"Pillow knows no picture that begins with {head[:12]!r}") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Trouble("too large", "more pixels than a photograph has") from None
    except decoding_errors() as error:
        raise Trouble("damaged", f"it can't be decoded to the end ({error})") from None


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return notes if isinstance(notes, dict) else None
