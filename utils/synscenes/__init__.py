"""From Synsets to Scenes: the package that the course's lessons import.

Nothing heavy is imported here: ``import synscenes`` takes milliseconds, and each submodule
(``synscenes.wordnet``, ``synscenes.models``, …) loads on first use.
"""

from __future__ import annotations

import importlib
import os

# Threads that wait for work sleep instead of spinning. On an idle machine that changes little; where something else
# runs as well, spinning makes PyTorch's networks ten times slower. OpenMP reads this once, when PyTorch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"

_SUBMODULES = ("assets", "coco", "imagenet", "lesson", "metrics", "micrococo", "models", "wordnet")


def __getattr__(name: str):
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_SUBMODULES])
