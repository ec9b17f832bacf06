"""Training a decoder on kept features, with the loop of ``synscenes.train``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from synscenes.captioning.data import Gather, Pairs, batches
from synscenes.captioning.models import Captioner, build
from synscenes.captioning.vocabulary import PAD
from synscenes.errors import CourseError
from synscenes.train.loop import Fitted, fit
from synscenes.train.recipe import Recipe

# Highest learning rates for widths of about 100; wider decoders want less.
RATES = {"show and tell": 4e-3, "attention": 3e-3, "transformer": 2e-3}


def word_loss(logits: torch.Tensor, targets: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """Mean cross-entropy of the next words: ``logits`` (B, T, V) against ``targets`` (B, T or more); pads don't count.

    The mean is over words, so a long caption weighs more than a short one. ``smoothing``: this share of each target
    goes to all words evenly.
    """
    targets = targets[:, : logits.shape[1]]
    return functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, label_smoothing=smoothing
    )


class NextWord:
    """The objective, in the form that ``synscenes.train.fit`` calls: returns (loss, share of words right times B)."""

    def __init__(self, smoothing: float = 0.0) -> None:
        self.smoothing = smoothing

    def __call__(self, network: Any, inputs: Any, targets: torch.Tensor, seed: Any = None) -> tuple:
        logits = network(inputs).float()
        wanted = targets[:, : logits.shape[1]]
        right = (logits.detach().argmax(dim=2) == wanted)[wanted != PAD].float().mean() * len(wanted)
        return word_loss(logits, targets, self.smoothing if seed is not None else 0.0), right


def train(
    name: str,
    pairs: Pairs,
    features: torch.Tensor,
    *,
    epochs: int,
    seed: int = 0,
    rate: float | None = None,
    batch_size: int = 32,
    smoothing: float = 0.0,
    folder: str | Path | None = None,
    resume: bool = False,
    device: Any = "cpu",
    precision: str = "fp32",
    progress: bool = True,
    **options: Any,
) -> Fitted:
    """Train a new decoder and return what ``synscenes.train.fit`` returns: ``.module`` in eval mode, ``.rows``.

    ``name``: see ``models.build``, which gets ``options``. ``features``: (images, cells, channels), the rows that
    ``pairs`` point to. ``rate``: the highest learning rate, by default the decoder's own of ``RATES``. With a
    ``folder`` checkpoints are written; with ``resume`` the run goes on from there and ends where it would have ended.
    Raises CourseError when features and captions don't belong together.
    """
    if not len(pairs) or int(pairs.rows.max()) >= len(features):
        raise CourseError(
            f"the captions speak of image {int(pairs.rows.max()) + 1}, and there are features of {len(features)}: "
            "compute features and pairs from the same images."
        )
    module = build(name, pairs.vocabulary, features.shape[-1], seed, **options)
    recipe = Recipe(
        epochs=epochs,
        batch_size=batch_size,
        rate=rate or RATES[name],
        seed=seed,
        label_smoothing=smoothing,
        clip=1.0,
        precision=precision,
        channels_last=False,
    )
    return fit(
        module,
        pairs,
        recipe,
        objective=NextWord(smoothing),
        prepare=Gather(features, device),
        folder=folder,
        resume=resume,
        meta={"decoder": name, "words": pairs.vocabulary.as_list()},
        device=device,
        progress=progress,
    )


@torch.inference_mode()
def mean_loss(module: Captioner, pairs: Pairs, features: torch.Tensor, device: Any = "cpu") -> float:
    """Return the mean cross-entropy a word over all pairs (natural logarithms; its exponential is the perplexity)."""
    prepare, total, words = Gather(features, device), 0.0, 0
    for inputs, targets in batches(pairs, 256):
        count = int((targets != PAD).sum())
        total += float(word_loss(module(prepare(inputs)), targets.to(device))) * count
        words += count
    return total / words
