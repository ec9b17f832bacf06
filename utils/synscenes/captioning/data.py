"""Images with their captions, and the pairs a decoder learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.captioning.vocabulary import PAD, Vocabulary
from synscenes.errors import CourseError

if TYPE_CHECKING:
    import torch

    from synscenes.captioning.models import Batch
    from synscenes.coco import Folder


@dataclass(frozen=True)
class Split:
    """Images with captions: ``ids``, image files, and each image's captions, all in one order."""

    ids: tuple[int, ...]
    paths: tuple[Path, ...]
    captions: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def references(self) -> dict[int, list[str]]:
        """The captions by image id, as ``synscenes.metrics.captions.score`` takes them."""
        return {number: list(some) for number, some in zip(self.ids, self.captions)}

    @property
    def sentences(self) -> list[str]:
        """All captions in one list."""
        return [caption for some in self.captions for caption in some]


def read(folder: Folder, split: str, most: int | None = None, each: int = 5) -> Split:
    """Return the images of a part ("train" or "val") that have at least ``each`` captions, with their first ``each``.

    ``most`` keeps the first so many images, in the file's order. Raises CourseError for files that are missing or
    damaged, and where no image has enough captions.
    """
    from synscenes import coco
    from synscenes.metrics.captions import read_references

    path = folder.captions(split)
    names = {row["id"]: row["file_name"] for row in coco.load(path).images.reset_index().to_dict("records")}
    kept = {number: some[:each] for number, some in read_references(path).items() if len(some) >= each}
    if stray := [number for number in kept if number not in names]:
        raise CourseError(f"{path.name}: image {stray[0]!r} has captions and no entry among the images: add one.")
    kept = dict(list(kept.items())[:most])
    if not kept:
        raise CourseError(f"{path.name}: no image has {each} captions; is it a captions file?")
    files = tuple(folder.image(split, names[number]) for number in kept)
    return Split(tuple(kept), files, tuple(tuple(some) for some in kept.values()))


class Pairs:
    """Every caption with its image, as the training loop takes them: ``pairs[i]`` is (row and words, next words).

    Teacher forcing: the words up to a place are the input, the word after it is the target, so the two are one
    sequence, one shifted by one. The image stays a row number until the batch is made; its features are large.
    ``most``: what comes after so many words of a caption is not learnt, the <end> neither; 0 keeps everything.
    """

    def __init__(self, split: Split, vocabulary: Vocabulary, most: int = 0) -> None:
        import torch

        self.vocabulary, self.classes = vocabulary, vocabulary.words
        cut = most + 1 if most else None  # <start> is no word of the caption
        encoded = [(row, vocabulary.encode(c)[:cut]) for row, some in enumerate(split.captions) for c in some]
        longest = max(len(words) for _, words in encoded)
        self.rows = torch.tensor([row for row, _ in encoded])
        self.words = torch.tensor([[*words, *[PAD] * (longest - len(words))] for _, words in encoded])
        self.labels = np.column_stack(
            [self.rows.numpy(), self.words.numpy()]
        )  # what a checkpoint's fingerprint is made from

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        import torch

        return torch.cat([self.rows[index, None], self.words[index, :-1]]), self.words[index, 1:]


class Gather:
    """From a batch of ``Pairs`` to a ``Batch`` on the device: features are looked up, padding is cut to the longest."""

    def __init__(self, features: torch.Tensor, device: Any = "cpu") -> None:
        self.features, self.device = features, device

    def __call__(self, inputs: torch.Tensor) -> Batch:
        from synscenes.captioning.models import Batch

        rows, words = inputs[:, 0], inputs[:, 1:]
        used = int((words != PAD).sum(dim=1).max())
        features = self.features[rows].to(self.device, non_blocking=True).float()
        return Batch(features, words[:, :used].to(self.device, non_blocking=True))


def batches(pairs: Pairs, size: int) -> Sequence[tuple[torch.Tensor, torch.Tensor]]:
    """Return all pairs in their order, in batches as a training loop gets them."""
    import torch

    inputs = torch.cat([pairs.rows[:, None], pairs.words[:, :-1]], dim=1)
    return list(zip(inputs.split(size), pairs.words[:, 1:].split(size)))
