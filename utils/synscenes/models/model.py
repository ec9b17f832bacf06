"""What every model of the course has in common, and what a classifier and a detector add."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

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
    def weights(self) -> str:
        """torchvision's name for the weights, such as "IMAGENET1K_V2"; "" for weights from elsewhere."""
        found = re.search(r"_Weights\.(\w+)$", self.source)
        return found[1] if found else ""

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


@dataclass(frozen=True)
class Detection:
    """One object found: COCO's category id and name, the box (x, y, width, height in pixels), and how sure."""

    category_id: int
    name: str
    xywh: tuple[float, float, float, float]
    score: float

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """The box as left, top, right, bottom."""
        left, top, width, height = self.xywh
        return left, top, left + width, top + height

    def as_result(self, image_id: int) -> dict[str, Any]:
        """Return the entry of a COCO results file for this detection."""
        return {
            "image_id": image_id,
            "category_id": self.category_id,
            "bbox": [round(value, 3) for value in self.xywh],
            "score": self.score,
        }


@dataclass(repr=False)
class Detector(Model):
    """A Model that finds objects. ``categories[i]`` has COCO's id ``category_ids[i]``.

    Each kind of detector supplies ``_find``: a batch of RGB images -> for each (boxes xyxy in its own pixels,
    scores, indices into ``categories``), best first.
    """

    category_ids: list[int]
    iou_threshold: float = 0.5

    def detect(
        self,
        image: Image.Image,
        score_threshold: float = 0.25,
        iou_threshold: float | None = None,
        max_detections: int = 100,
    ) -> list[Detection]:
        """Return what is found in one image, best first.

        ``score_threshold``: how sure it must be to be returned. ``iou_threshold``: two boxes of one category that
        overlap more than this are one object, and the better one stays; None takes the threshold the model's
        authors use. Raises ValueError for a threshold outside 0 … 1 or something that isn't a PIL image.
        """
        if not hasattr(image, "convert"):
            raise ValueError(f"detect takes one PIL image, got {type(image).__name__}; for several use detect_all")
        return next(self.detect_all([image], score_threshold, iou_threshold, max_detections))

    def detect_all(
        self,
        images: Iterable[Image.Image],
        score_threshold: float = 0.25,
        iou_threshold: float | None = None,
        max_detections: int = 100,
        batch_size: int = 4,
    ) -> Iterator[list[Detection]]:
        """Yield the detections of each image in turn; an iterator is read a batch at a time. See ``detect``."""
        iou_threshold = self.iou_threshold if iou_threshold is None else iou_threshold
        for name, value in (("score_threshold", score_threshold), ("iou_threshold", iou_threshold)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must be between 0 and 1, got {value}")
        return self._detections(images, score_threshold, iou_threshold, max_detections, batch_size)

    def _detections(self, images, score_threshold, iou_threshold, max_detections, batch_size):
        import torch

        for group in _batches(images, batch_size):
            with torch.inference_mode():
                found = self._find([to_rgb(image) for image in group], score_threshold, iou_threshold)
            for boxes, scores, labels in found:
                rows = zip(boxes[:max_detections].tolist(), scores.tolist(), labels.tolist())
                yield [self._detection(*row) for row in rows]

    def _detection(self, box: list[float], score: float, label: int) -> Detection:
        left, top, right, bottom = box
        return Detection(
            self.category_ids[label], self.categories[label], (left, top, right - left, bottom - top), score
        )

    def _find(self, images: list, score_threshold: float, iou_threshold: float) -> list[tuple]:
        raise NotImplementedError


def _batches(images: Iterable, size: int) -> Iterator[tuple]:
    iterator = iter(images)
    while group := tuple(islice(iterator, size)):
        yield group
