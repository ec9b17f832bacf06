"""How much of a caption comes from the image: the loss of each word with the right image and with another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from synscenes.captioning.data import Gather, Pairs, batches
from synscenes.captioning.models import Captioner
from synscenes.captioning.vocabulary import PAD
from synscenes.errors import CourseError


@dataclass(frozen=True)
class Gain:
    """Losses of all words of some captions, in nats: with their ``own`` image and with an ``other`` one, (words,) each.

    ``numbers`` (words,) says which word each is.
    """

    numbers: np.ndarray
    own: np.ndarray
    other: np.ndarray

    def by_word(self, least: int = 1) -> dict[int, tuple[float, int]]:
        """Return {word: (mean gain, how often it occurs)} for words that occur ``least`` times, largest gain first."""
        gain, found = self.other - self.own, {}
        for number, count in zip(*np.unique(self.numbers, return_counts=True)):
            if count >= least:
                found[int(number)] = (float(gain[self.numbers == number].mean()), int(count))
        return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def image_gain(module: Captioner, pairs: Pairs, features: torch.Tensor, device: Any = "cpu") -> Gain:
    """Score the true captions word by word, with teacher forcing, once with each image's features and once with those
    of the image half the data set further on.

    Raises CourseError for a single image: there is no other then.
    """
    if len(features) < 2:
        raise CourseError("it takes two images to exchange them.")
    shifted = features.roll(len(features) // 2, dims=0)
    own, other = (word_losses(module, pairs, each, device) for each in (features, shifted))
    targets = pairs.words[:, 1:]
    return Gain(targets[targets != PAD].numpy(), own, other)


@torch.inference_mode()
def word_losses(module: Captioner, pairs: Pairs, features: torch.Tensor, device: Any = "cpu") -> np.ndarray:
    """Return the loss of every word of every caption, in order, pads left out."""
    prepare, found = Gather(features, device), []
    for inputs, targets in batches(pairs, 256):
        logits = module(prepare(inputs)).float()
        wanted = targets[:, : logits.shape[1]].to(logits.device)
        losses = functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="none").view_as(wanted)
        found.append(losses[wanted != PAD].cpu())
    return torch.cat(found).numpy()
