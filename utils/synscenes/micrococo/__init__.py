"""micro-COCO: synthetic scenes with exact truth for every COCO task, written in the official layout.

``default()`` gives the folder of the dataset that the lessons use; ``generate(root, train, val, seed)`` makes
others, and ``Dials`` turns context, occlusion, clutter, crowds and planted annotation errors.
"""

from __future__ import annotations

from synscenes.micrococo.dials import Dials
from synscenes.micrococo.store import default, is_made
from synscenes.micrococo.writer import generate

__all__ = ["Dials", "default", "generate", "is_made"]
