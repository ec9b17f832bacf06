"""Small file helpers: atomic writes and hashes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def write_atomic(path: str | Path, content: bytes | str) -> Path:
    """Write ``content`` (text as UTF-8, newlines kept) to ``path`` so that no reader ever sees half of it.

    The content goes to a temporary file in the same folder, which then replaces ``path``. Missing
    parent folders are made. Raises OSError as the file system does (full disk, no permission); the
    old file, if any, is then still whole and the temporary file is removed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a course file is as readable as any other the user makes.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    return path


def sha256_file(path: str | Path) -> str:
    """Return the sha256 of a file as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
