"""The full tier: all of COCO 2017 in the official layout, archive by archive, member by member."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from synscenes.coco.folders import COMPLETE
from synscenes.errors import CourseError
from synscenes.files import sha256_file, write_atomic
from synscenes.linkrot.policy import Trouble
from synscenes.realdata import sources
from synscenes.realdata.ledger import Ledger
from synscenes.realdata.meter import Meter
from synscenes.realdata.origin import Origin, explained
from synscenes.realdata.ranges import NoRanges
from synscenes.realdata.space import check_space, sweep
from synscenes.realdata.trees import Unpacked
from synscenes.realdata.zips import Zip

PARTS = ("annotations", "images", "panoptic", "stuff")
DONE = "parts.json"
_TOGETHER = 8 << 20  # bytes that are asked for at once when an archive is read from afar
_ABOUT = """COCO 2017 in the official layout, got by the course From Synsets to Scenes from {source}.
Here: {units}.

Annotations: COCO Consortium, CC BY 4.0. Photographs: each under the Flickr licence that the field `license` of its
record names. ledger.jsonl holds the length and sha256 of every file; `python -m synscenes data check coco` compares.
"""


@dataclass(frozen=True)
class Unit:
    """What one archive holds of one split."""

    part: str
    split: str

    def __str__(self) -> str:
        return f"{self.part} of {self.split}"

    @property
    def archive(self) -> sources.Archive:
        """The official archive that holds it."""
        if self.part == "images":
            return sources.IMAGES[self.split]
        return {"annotations": sources.ANNOTATIONS, "panoptic": sources.PANOPTIC, "stuff": sources.STUFF}[self.part]

    @property
    def names(self) -> str:
        """What its members are called, as a regular expression; also their places in the official layout."""
        if self.part == "images":
            return rf"{self.split}2017/[0-9]{{12}}\.jpg"
        kinds = sources.KINDS if self.part == "annotations" else (self.part,)
        return "|".join(re.escape(sources.annotation_member(kind, self.split)) for kind in kinds)

    @property
    def inner(self) -> str:
        """The folder whose PNGs lie in an archive of their own, inside the archive; "" where there is none."""
        return f"panoptic_{self.split}2017" if self.part == "panoptic" else ""

    def owns(self, place: str) -> bool:
        """Whether a file belongs to it."""
        return bool(re.fullmatch(self.names, place)) or bool(
            self.inner and place.startswith(f"annotations/{self.inner}/")
        )


def get(
    root: Path,
    origin: Origin,
    splits: Iterable[str] = sources.SPLITS,
    parts: Iterable[str] = PARTS,
    archives: bool = True,
) -> Path:
    """Bring the parts of the splits into ``root`` and return it; what is there and whole is kept.

    An archive is fetched whole, compared with its published hash, unpacked and deleted; without ``archives`` it is
    read from afar instead, which needs half the disk, and a host that sends pieces. One in ``origin.folder`` is
    read there, and stays. Raises CourseError.
    """
    # The small split is usable early.
    wanted = [Unit(part, split) for part in PARTS if part in parts for split in ("val", "train") if split in splits]
    ledger, done = Ledger(root), _done(root)
    todo = [unit for unit in wanted if not _whole(unit, done, ledger)]
    _look_at_the_disk(root, origin, todo, ledger, archives)
    for archive in dict.fromkeys(unit.archive for unit in todo):
        units = [unit for unit in todo if unit.archive == archive]
        try:
            opened = origin.open(archive, whole=None if origin.folder else archives, kept=False)
        except FileNotFoundError as error:
            if archive == sources.STUFF:  # no lesson needs it
                continue
            raise CourseError(f"No {archive.name} at {error}: is --from or --host right?") from None
        except NoRanges:
            raise CourseError(f"{origin.host} sends files only whole: do without --no-archives.") from None
        if isinstance(opened, Unpacked):
            raise CourseError(f"{opened.folder} is unpacked already: name it in the variable SYNSCENES_COCO.")
        with opened:
            for unit in units:
                if unit.part == "stuff" and not opened.has(sources.annotation_member("stuff", unit.split)):
                    continue
                _unpack(opened, unit, ledger, origin)
                done |= {str(unit)}
                write_atomic(root / DONE, json.dumps(sorted(done)) + "\n")
        origin.drop(archive)
    if not all(_whole(unit, done, ledger) or unit.part == "stuff" for unit in wanted):
        raise CourseError(f"{root} changed while it was being filled: run the same command again.")
    if todo:
        sweep(root)
    source = str(origin.folder or (origin.host if todo else "its official hosts"))
    if todo or not (root / COMPLETE).is_file():
        write_atomic(root / COMPLETE, _ABOUT.format(source=source, units=", ".join(sorted(done))))
    if not any(origin.begun(archive) for archive in sources.ARCHIVES):
        shutil.rmtree(origin.work, ignore_errors=True)
    return root


def _done(root: Path) -> set[str]:
    try:
        return set(json.loads((root / DONE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return set()


def _whole(unit: Unit, done: set[str], ledger: Ledger) -> bool:
    return str(unit) in done and all(ledger.has(place) for place in ledger.entries if unit.owns(place))


def _look_at_the_disk(root: Path, origin: Origin, todo: list[Unit], ledger: Ledger, archives: bool) -> None:
    """The space that is needed on the way. Nothing is known of unofficial files."""
    if not origin.official:
        return
    wanted = dict.fromkeys(unit.archive for unit in todo)
    there = sum(entry.bytes for place, entry in ledger.entries.items() if any(unit.owns(place) for unit in todo))
    needed = max(sum(archive.unpacked for archive in wanted) - there, 0)
    advice = "make room, name a folder on another disk with --to, or get less with --split and --parts"
    if origin.folder is None and archives:
        needed += max((archive.size - origin.begun(archive) for archive in wanted), default=0)
        advice += "; --no-archives needs only the half"
    check_space(root, needed, advice)


def _unpack(archive: Zip, unit: Unit, ledger: Ledger, origin: Origin) -> None:
    """Take out of an archive what the official layout has of it."""
    try:
        _take_all(archive, unit.names, "", ledger, origin, expected=unit.names.count("|") + 1)
        if unit.inner:
            with archive.inner(f"annotations/{unit.inner}.zip", origin.work) as inner:
                _take_all(inner, rf"{unit.inner}/[0-9]{{12}}\.png", "annotations/", ledger, origin)
            (origin.work / f"{unit.inner}.zip").unlink(missing_ok=True)
    except Trouble as trouble:
        raise explained(archive.name, trouble) from None


def _take_all(archive: Zip, pattern: str, below: str, ledger: Ledger, origin: Origin, expected: int = 1) -> None:
    """Take each member whose name is wholly ``pattern`` to ``below`` + its name, under the ledger's folder."""
    members = [name for name in archive.in_order() if re.fullmatch(pattern, name)]
    if len(members) < expected:
        raise CourseError(f"{archive.name} lacks files that the official archive has: is it the official one?")
    todo = [name for name in members if not ledger.has(below + name)]
    total = sum(archive.size(name) for name in members)
    with Meter(f"Unpacking {archive.name}", total, shown=origin.shown and bool(todo)) as meter:
        meter.at(total - sum(archive.size(name) for name in todo))
        for group in _groups(archive, todo):
            archive.want(group)
            for name in group:
                place = below + name
                path = ledger.folder / place
                if path.is_file() and place not in ledger.entries:
                    digest = _known(archive, name, path)
                else:
                    digest = archive.take(name, path, durable=len(members) < 10)
                ledger.add(place, archive.size(name), digest, archive.name)
                meter.add(archive.size(name))


def _known(archive: Zip, name: str, path: Path) -> str:
    """The sha256 of a file that somebody else put there, or a killed run; another content isn't overwritten."""
    if not archive.whole(name, path):
        raise CourseError(f"{path} isn't the file of {archive.name}, and not of this command's making: move it away.")
    return sha256_file(path)


def _groups(archive: Zip, names: list[str]) -> Iterator[list[str]]:
    """Neighbours, so many that they make a good request together."""
    group: list[str] = []
    size = 0
    for name in names:
        if group and size + archive.packed_size(name) > _TOGETHER:
            yield group
            group, size = [], 0
        group.append(name)
        size += archive.packed_size(name)
    if group:
        yield group
