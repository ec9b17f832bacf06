"""Small made-up packages, manifests and indexes for the tests of assets."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tarfile
import zipfile
from pathlib import Path

from synscenes.assets.entries import Archive, Asset, Member

CONTENT = {"weights.bin": bytes(range(256)) * 40, "names.txt": b"cat\ndog\n"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zip_entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = entry.orig_filename = name  # past ZipInfo's own mending of names
    entry.external_attr = mode << 16
    entry.create_system = 3
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def make_wheel(folder: Path, name: str = "toy_wheel", version: str = "1.0", content=None, extra=()) -> Path:
    """Write a wheel that pip accepts: ``content`` below the package, then ``extra`` (ZipInfo, bytes) pairs."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {f"{name}/{key}": value for key, value in (CONTENT if content is None else content).items()}
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: toy\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = b""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for key, value in files.items():
            file.writestr(key, value)
        for entry, value in extra:
            file.writestr(entry, value)
    return path


def make_sdist(folder: Path, name: str = "toy_sdist", version: str = "1.0", content=None, extra=()) -> Path:
    """Write a source distribution: ``content`` below its folder, then ``extra`` (TarInfo, bytes) pairs."""
    path = folder / f"{name}-{version}.tar.gz"
    top = f"{name}-{version}"
    files = {f"{top}/{key}": value for key, value in (CONTENT if content is None else content).items()}
    files[f"{top}/PKG-INFO"] = f"Metadata-Version: 1.0\nName: {name}\nVersion: {version}\n".encode()
    files.setdefault(f"{top}/setup.py", b"raise SystemExit('setup.py was run')\n")
    with tarfile.open(path, "w:gz") as file:
        for key, value in files.items():
            entry = tarfile.TarInfo(key)
            entry.size = len(value)
            file.addfile(entry, io.BytesIO(value))
        for entry, value in extra:
            entry.size = len(value)
            file.addfile(entry, io.BytesIO(value))
    return path


def asset_of(archive: Path, members: dict[str, bytes] | None = None, **changes) -> Asset:
    """Return a manifest entry that pins ``archive`` as it is and takes ``members`` (default: CONTENT) from it."""
    name, version = archive.name.split("-")[0], "1.0"
    wheel = archive.suffix == ".whl"
    top = name if wheel else f"{name}-{version}"
    members = CONTENT if members is None else members
    data = archive.read_bytes()
    fields = {
        "name": name,
        "title": f"Toy {name}",
        "what": "A made-up package.",
        "requirement": f"{name}=={version}",
        "used_by": ("02",),
        "licence": "CC0-1.0",
        "licence_stated": "here",
        "source": "the tests",
        "citation": "",
        "notice": "",
        "archive": Archive(
            archive.name, "wheel" if wheel else "sdist", len(data), 4 * len(data), sha256(data)
        ),
        "members": tuple(Member(f"{top}/{k}", f"data/{k}", len(v), sha256(v)) for k, v in members.items()),
    }
    return Asset(**(fields | changes))


def write_manifest(path: Path, *assets: Asset) -> Path:
    """Write entries in the manifest's own format."""
    lines = []
    for asset in assets:
        lines.append(f"[{asset.name}]")
        for key in (
            "title",
            "what",
            "requirement",
            "licence",
            "licence_stated",
            "source",
            "citation",
            "notice",
        ):
            lines.append(f"{key} = {json.dumps(getattr(asset, key))}")
        lines.append(f"used_by = {json.dumps(list(asset.used_by))}")
        lines.append(f"[{asset.name}.archive]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in vars(asset.archive).items()]
        lines.append(f"[{asset.name}.members]")
        lines += [
            f"{json.dumps(m.target)} = {json.dumps([m.source, m.size, m.sha256])}" for m in asset.members
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def pip_settings(index: Path | str) -> dict[str, str]:
    """Environment variables that make pip look in one folder, or at one index address, and nowhere else."""
    settings = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_NO_INDEX": "",
    }
    if isinstance(index, Path):
        return settings | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    return settings | {"PIP_INDEX_URL": index, "PIP_NO_INDEX": "0", "NO_PROXY": "127.0.0.1"}


def files_below(folder: Path) -> set[str]:
    """Paths of all files (links too) below a folder, locks left out."""
    found = (p for p in folder.rglob("*") if p.is_symlink() or not p.is_dir())
    return {p.relative_to(folder).as_posix() for p in found if p.suffix != ".lock"}
