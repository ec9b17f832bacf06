"""Probes of the software: Python, packages, Jupyter, PyTorch, the cache and the assets in it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from synscenes.paths import home, repo_root
from synscenes.probes.common import ADVICE, INSTALL, OK, PROBLEM, Check, existing, first_line, tidy

_SHOWN_PACKAGES = ("numpy", "matplotlib", "timm", "nltk", "pycocotools")


def python() -> Check:
    """The running Python: its version, and whether it is a 64-bit one."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.maxsize < 2**32:
        return Check("Python", PROBLEM, f"{found}, 32-bit", "PyTorch needs a 64-bit Python: install one")
    return Check("Python", OK, found)


def environment() -> Check:
    """Whether this Python is the one that ``make lab`` set up."""
    root = repo_root()
    if root is None:
        return Check(
            "Course folder", ADVICE, "not found from here", "start Jupyter inside your clone of the course"
        )
    own = root / ".venv"
    if own.is_dir() and Path(sys.prefix).resolve() != own.resolve():
        found = f"{tidy(root)}, but this Python is {tidy(sys.prefix)}"
        return Check(
            "Course folder",
            ADVICE,
            found,
            "choose the kernel of the course's .venv, or open it with `make lab`",
        )
    return Check("Course folder", OK, tidy(root))


def packages() -> Check:
    """Whether what synscenes requires is installed, in versions that suit."""
    from packaging.requirements import Requirement

    missing, old = [], []
    for line in importlib.metadata.requires("synscenes") or []:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        version = _version(wanted.name)
        if version is None:
            missing.append(wanted.name)
        elif not wanted.specifier.contains(version, prereleases=True):
            old.append(f"{wanted.name} {version} (needs {wanted.specifier})")
    if missing or old:
        kinds = {"missing": missing, "unsuitable": old}
        found = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)
        return Check("Packages", PROBLEM, found, INSTALL)
    shown = [f"{name} {version}" for name in _SHOWN_PACKAGES if (version := _version(name))]
    return Check("Packages", OK, ", ".join(shown))


def jupyter() -> Check:
    """Whether notebooks can be opened and executed from this Python."""
    missing = [
        name for name in ("jupyterlab", "ipykernel", "papermill") if importlib.util.find_spec(name) is None
    ]
    if "google.colab" in sys.modules:
        return Check("Jupyter", OK, "Colab")
    if missing:
        return Check("Jupyter", ADVICE, f"missing: {', '.join(missing)}", INSTALL)
    return Check("Jupyter", OK, f"JupyterLab {_version('jupyterlab')}, ipywidgets {_version('ipywidgets')}")


def torch_pair() -> Check:
    """Whether torch and torchvision are a matching pair: torchvision's compiled operators must load."""
    import torch

    build = torch.version.cuda or getattr(torch.version, "hip", None)
    found = f"torch {torch.__version__} ({f'GPU build {build}' if build else 'CPU build'})"
    try:
        import torchvision

        found += f", torchvision {torchvision.__version__}"
        kept = torchvision.ops.nms(
            torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 2]]), torch.tensor([0.9, 0.8]), 0.5
        )
        if kept.tolist() != [0]:
            raise RuntimeError(f"a torchvision operator gave {kept.tolist()} where 0 was due")
    except Exception as error:
        todo = (
            f"the two do not fit together ({first_line(error)}): {INSTALL}, which installs a pair that does"
        )
        return Check("PyTorch", PROBLEM, found, todo)
    return Check("PyTorch", OK, found)


def cache() -> Check:
    """Whether the cache folder can be written; nothing is left behind."""
    folder = home()
    try:
        handle, probe = tempfile.mkstemp(prefix=".doctor-", dir=existing(folder))
        os.close(handle)
        os.unlink(probe)
    except OSError as error:
        found = f"{tidy(folder)} cannot be written ({error.strerror})"
        todo = "make it writable, or point SYNSCENES_HOME to a folder that is"
        if all(row.present for row in _needed_assets()):
            return Check(
                "Cache folder", ADVICE, found, f"the assets are there, but progress cannot be kept: {todo}"
            )
        return Check("Cache folder", PROBLEM, found, todo)
    return Check("Cache folder", OK, tidy(folder) + ("" if folder.exists() else " (made when first needed)"))


def assets() -> Iterable[Check]:
    """Whether the files that the lessons at hand use are there (their sizes; `assets verify` reads them)."""
    rows = _needed_assets()
    present = [row.asset for row in rows if row.present]
    damaged = [row.asset for row in rows if not row.present and row.folder.is_dir()]
    missing = [row.asset for row in rows if not row.present and not row.folder.is_dir()]
    if present:
        names = ", ".join(asset.name for asset in present)
        yield Check("Assets", OK, f"{names} ({_megabytes(asset.size for asset in present)})")
    if damaged:
        names = " ".join(asset.name for asset in damaged)
        yield Check("Assets", PROBLEM, f"damaged: {names}", f"run `python -m synscenes assets fetch {names}`")
    if missing:
        names = " ".join(asset.name for asset in missing)
        found = (
            f"not fetched yet: {names} ({_megabytes(asset.archive.size for asset in missing)} to download)"
        )
        yield Check(
            "Assets",
            ADVICE,
            found,
            "run `python -m synscenes assets fetch`, or a lesson fetches what it needs",
        )


def real_data() -> Iterable[Check]:
    """Which tiers of the real COCO and ImageNet are here; none is needed for ``DATA = "micro"``."""
    from synscenes.realdata import status

    found = list(status.tiers())
    here = [f"{tier.name} {tier.tier}" for tier in found if tier.state in ("whole", "yours")]
    yield Check("Real data", OK, ", ".join(here) or 'none, and none is needed for DATA = "micro"')
    for tier in found:
        if tier.state == "begun":
            todo = f"run `{tier.command}`: it goes on where it stopped"
            yield Check("Real data", ADVICE, f"{tier.name} {tier.tier} is not complete", todo)


def _needed_assets() -> list[Any]:
    from synscenes import assets as store

    names = store.needed()
    return [row for row in store.status() if row.asset.name in names]


def _megabytes(sizes: Iterable[int]) -> str:
    return f"{sum(sizes) / 1e6:.0f} MB"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
