"""What every model of the course has in common, and what a classifier adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from synscenes.pictures import to_rgb

if TYPE_CHECKING:
    import torch
    from PIL import Image


@dataclass(frozen=True, repr=False)
class Preprocess:
    """A transform that takes images of every mode (grey, palette, CMYK, transparent, 16-bit), not RGB alone.

    A photograph's EXIF orientation isn't looked at: ``synscenes.pictures.open_image`` turns it upright.
    """

    transform: Callable[[Image.Image], torch.Tensor]

    def __call__(self, image: Image.Image) -> torch.Tensor:
        """Return the network's input: (3, H, W), float32."""
        return self.transform(image if image.mode == "RGB" else to_rgb(image))

    def __repr__(self) -> str:
        return repr(self.transform)


@dataclass
class Model:
    """A network with what it needs to be used properly.

    ``module``: the torch network, in eval mode. ``preprocess``: PIL image -> float tensor (3, H, W).
    ``categories``: the names of its outputs, in order. ``source``: where the weights came from, in words.
    """

    name: str
    module: torch.nn.Module
    preprocess: Callable[[Image.Image], torch.Tensor]
    categories: list[str]
    source: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.parameters:,} parameters; {self.source})"

    @property
    def parameters(self) -> int:
        """How many numbers training could change."""
        return sum(values.numel() for values in self.module.parameters())


@dataclass(repr=False)
class Classifier(Model):
    """A Model whose output is one score (logit) per category."""

    def predict(
        self,
        images: Iterable,
        batch_size: int = 16,
        device: torch.device | str | None = None,
        preprocess: Callable | None = None,
    ) -> np.ndarray:
        """Return the logits of the images: (n, categories), float32, in the order given.

        ``images``: PIL images, or tensors (3, H, W) that are preprocessed already, one after another or
        as one tensor (n, 3, H, W); an iterator is read a batch at a time. ``preprocess`` replaces the
        model's own, for experiments. With ``device`` the network moves there first and stays there.
        Leaves the mode (train or eval) as it finds it. Raises ValueError for a bad batch size, a single
        image in place of a list, or images that the preprocessing left at different sizes.
        """
        import torch

        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if hasattr(images, "convert") or (hasattr(images, "dim") and images.dim() != 4):
            raise ValueError("images must be a list of images (or a tensor of shape (n, 3, H, W)), not one image")
        if device is not None:
            self.module.to(device)
        place = next(self.module.parameters()).device
        results = [np.empty((0, len(self.categories)), dtype=np.float32)]
        with torch.inference_mode():
            for group in _batches(images, batch_size):
                results.append(self.module(self._batch(group, preprocess).to(place)).float().cpu().numpy())
        return np.concatenate(results)

    def _batch(self, images: tuple, preprocess: Callable | None) -> torch.Tensor:
        import torch

        prepare = preprocess or self.preprocess
        tensors = [image if isinstance(image, torch.Tensor) else prepare(image) for image in images]
        shapes = {tuple(tensor.shape) for tensor in tensors}
        if len(shapes) > 1:
            raise ValueError(f"images of one batch must have one shape, got {sorted(shapes)}")
        return torch.stack(tensors)

    def top(self, logits: np.ndarray, k: int = 5) -> list[tuple[str, float]]:
        """Return the k most probable (category, probability) of one image's logits (categories,)."""
        from synscenes.metrics.classification import softmax

        probabilities = softmax(logits)
        order = np.argsort(-probabilities, kind="stable")[:k]
        return [(self.categories[index], float(probabilities[index])) for index in order]


def _batches(images: Iterable, size: int) -> Iterator[tuple]:
    iterator = iter(images)
    while group := tuple(islice(iterator, size)):
        yield group
