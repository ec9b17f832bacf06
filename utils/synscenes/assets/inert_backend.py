"""A build backend that builds nothing: it lets pip download a source distribution without running it.

Before pip hands over a source distribution it asks the project's build backend for its name and version,
which by default runs the project's own ``setup.py``. ``download.py`` therefore puts this file in the place
of that default backend (``setuptools.build_meta``) for the one pip process: the answer is read from PKG-INFO,
a text file that every source distribution carries, and nothing of the project is imported or executed.

pip starts it in the unpacked folder of the source distribution (PEP 517). Standard library only.
"""

from __future__ import annotations

import os


def get_requires_for_build_wheel(config_settings=None):
    """Nothing is needed to build nothing (PEP 517)."""
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Write METADATA with the name and version of PKG-INFO; return the folder's name (PEP 517)."""
    name = version = ""
    with open("PKG-INFO", encoding="utf-8", errors="replace") as file:
        for line in file:
            key, _, value = line.partition(":")
            if key == "Name":
                name = value.strip()
            elif key == "Version":
                version = value.strip()
            if not line.strip() or (name and version):
                break
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    os.makedirs(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w", encoding="utf-8") as file:
        file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Refuse: this backend exists so that nothing is ever built."""
    raise SystemExit("This backend only names a source distribution; it builds nothing.")


class _LegacyBackend:
    """What pip asks for when the project names no backend (``setuptools.build_meta:__legacy__``)."""

    get_requires_for_build_wheel = staticmethod(get_requires_for_build_wheel)
    prepare_metadata_for_build_wheel = staticmethod(prepare_metadata_for_build_wheel)
    build_wheel = staticmethod(build_wheel)


__legacy__ = _LegacyBackend()
