"""Stops any code of a source distribution from running while pip looks at it.

``download.py`` lets Python load this file, under the name ``sitecustomize``, at the start of the pip
process and of each process that pip starts. pip starts a build backend in the unpacked folder, so what
that folder asks for can be read there, before anything is imported. Only the default backend may start:
``inert_backend.py`` stands in for it. Standard library only.
"""

from __future__ import annotations

import os
import sys

_DEFAULT = "setuptools.build_meta"


def own_code() -> str:
    """Say what of its own the project in the current folder would run, or return "" for nothing."""
    if any("setup.py" in argument for argument in getattr(sys, "orig_argv", ())):
        return "setup.py"
    if any("BACKEND_PATH" in name and value for name, value in os.environ.items()):
        return "a backend-path"
    if not os.path.exists("pyproject.toml"):
        return ""
    import tomllib

    try:
        with open("pyproject.toml", "rb") as file:
            build = tomllib.load(file).get("build-system", {})
        backend = str(build.get("build-backend", _DEFAULT))
    except (OSError, ValueError, AttributeError):
        return "an unreadable pyproject.toml"
    if "backend-path" in build or backend.partition(":")[0] != _DEFAULT:
        return f"the build backend {backend}"
    return ""


if _reason := own_code():
    # Not SystemExit: at this early point Python would bury the line in a traceback.
    os.write(2, f"Stopped: this source distribution wants to run code of its own ({_reason}).\n".encode())
    os._exit(1)
