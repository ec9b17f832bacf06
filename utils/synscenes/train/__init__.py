"""A training loop that can be read in one sitting and used afterwards: on a laptop, a GPU, or several.

``fit(module, dataset, Recipe(epochs=5))`` trains; ``python -m synscenes.train`` does it from the command line, and
``torchrun --nproc-per-node N -m synscenes.train ...`` on N processes. The pieces: ``recipe`` (settings), ``data`` and
``feeding`` (images), ``objective`` (the loss), ``optim``, ``schedule``, ``ema``, ``run`` (all that changes), ``step``
(the heart), ``loop``, ``checkpoint``, ``distributed``, ``finder`` (learning rates), ``networks`` (which network).
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "fit": "loop",
    "Fitted": "loop",
    "Recipe": "recipe",
    "Pictures": "data",
    "Folder": "data",
    "Classification": "objective",
    "class_weights": "objective",
    "warmup_cosine": "schedule",
    "Average": "ema",
    "groups": "optim",
    "freeze_backbone": "optim",
    "find_rate": "finder",
    "build": "networks",
    "predict": "networks",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    # Torch takes seconds to import; `--help` should not.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
