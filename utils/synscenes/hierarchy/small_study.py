"""What lesson 08 measures on: the small photographs, their logits and features, computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synscenes import small_photos


@dataclass(frozen=True)
class Computed:
    """One model's view of some photographs.

    ``logits``: (n, 1000). ``features``: (n, dims), what enters the last layer. ``labels``: (n,) ImageNet classes.
    """

    logits: np.ndarray
    features: np.ndarray
    labels: np.ndarray


def chosen(most: int = 8) -> list[small_photos.SmallPhoto]:
    """Return the small photographs whose labels our review kept, at most ``most`` of a class, by file name.

    One class has 91 of the 417: without a limit it would decide every average. Raises ValueError for most < 1.
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    doubted, taken, found = small_photos.our_review(), Counter(), []
    for photo in small_photos.load():
        if photo.key not in doubted and taken[photo.label] < most:
            taken[photo.label] += 1
            found.append(photo)
    return found


def compute(model, photos: Sequence, *, side: int | None = None, device=None, batch_size: int = 25) -> Computed:
    """Run a pretrained classifier once and keep its logits and what its last layer was given.

    ``side``: enlarge small photographs to this many pixels; None prepares as the model asks. Raises ValueError for no
    photographs.
    """
    if not photos:
        raise ValueError("photos must hold at least one photograph")
    kept: list[np.ndarray] = []
    hook = _last_linear(model.module).register_forward_pre_hook(
        lambda _module, given: kept.append(given[0].detach().float().cpu().numpy())
    )
    try:
        if side is None:
            inputs = (photo.image for photo in photos)
        else:
            inputs = (small_photos.enlarged(photo, side, model) for photo in photos)
        logits = model.predict(inputs, batch_size=batch_size, device=device)
    finally:
        hook.remove()
    return Computed(logits, np.concatenate(kept), np.array([_label(photo) for photo in photos]))


def _last_linear(module):
    import torch

    return [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)][-1]


def _label(photo) -> int:
    """The class among ImageNet's 1,000, which a small photograph's own ``label`` is not."""
    if isinstance(photo, small_photos.SmallPhoto):
        return small_photos.classes()[photo.label].index
    return photo.label
