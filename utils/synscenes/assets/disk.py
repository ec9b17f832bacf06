"""Full and read-only disks: the space an asset needs, and one clear line for each refusal."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from synscenes.assets.download import FullDisk
from synscenes.assets.entries import Asset
from synscenes.errors import CourseError

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


def _space_needed(asset: Asset) -> int:
    """Bytes: pip holds the archive twice, unpacks a source distribution, and then come the files."""
    unpacked = asset.archive.unpacked if asset.archive.kind == "sdist" else 0
    return 2 * asset.archive.size + max(unpacked, asset.size)


def check_space(asset: Asset, parent: Path) -> None:
    """Raise CourseError when the disk of ``parent`` has not the space that fetching takes for a while."""
    free = shutil.disk_usage(parent).free
    if free < _space_needed(asset):
        raise _full_disk(asset, parent)


def _full_disk(asset: Asset, parent: Path) -> CourseError:
    try:
        free = f"{shutil.disk_usage(parent).free / 1e6:.0f} MB"
    except OSError:
        free = "an unknown amount"
    return CourseError(
        f"The disk is too full for the asset {asset.name!r}: {parent} needs {_space_needed(asset) / 1e6:.0f} MB free "
        f"for a while and has {free}. Make room, or set SYNSCENES_HOME to a folder on another disk."
    )


@contextlib.contextmanager
def disk_errors(asset: Asset, parent: Path) -> Iterator[None]:
    """Turn the file system's refusals, met while writing the asset below ``parent``, into one line each."""
    try:
        yield
    except FullDisk as error:
        raise _full_disk(asset, parent) from error
    except OSError as error:
        raise _explained(asset, parent, error) from error


def _explained(asset: Asset, parent: Path, error: OSError) -> CourseError:
    if error.errno in FULL:
        return _full_disk(asset, parent)
    if error.errno in READ_ONLY:
        return CourseError(
            f"The asset {asset.name!r} must be written to {parent}, which is read-only for you "
            f"({error.strerror}). Set SYNSCENES_HOME to a folder that you can write to."
        )
    return CourseError(
        f"The asset {asset.name!r} could not be written to {parent} ({error}). Set SYNSCENES_HOME to another folder."
    )
