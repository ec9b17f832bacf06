"""500 real photographs of 64 × 64 pixels with labels that nobody promises to be right.

They were collected for the NIPS 2018 Adversarial Vision Challenge and labelled with the 200 classes of Tiny
ImageNet, numbered in the order of that dataset's own ``wnids.txt``. The package that carries them does not say
so: we tried the sorted order too, and a pretrained network then agrees with 1 label in 100 instead of 1 in 2.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synscenes import imagenet
from synscenes.errors import CourseError

if TYPE_CHECKING:
    from PIL import Image

ASSET = "photos_small"
NOTICE = (
    "The photographs come from a research package. Their copyright stays with the photographers; "
    "use them for research and teaching only."
)


@dataclass(frozen=True)
class SmallPhoto:
    """One photograph: ``key`` names it (its file's name), ``label`` is its Tiny ImageNet class, 0-199."""

    path: Path
    label: int
    source: str = ASSET

    @property
    def key(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @cached_property
    def pixels(self) -> np.ndarray:
        """(64, 64, 3) uint8, RGB. Raises CourseError for a file that is no such array."""
        try:
            pixels = np.load(self.path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise CourseError(
                f"{self.path} can't be read ({error}): run `python -m synscenes assets fetch`."
            ) from None
        if getattr(pixels, "shape", None) != (64, 64, 3) or pixels.dtype != np.uint8:
            raise CourseError(
                f"{self.path} isn't a 64 × 64 RGB photograph: run `python -m synscenes assets verify`."
            )
        return pixels

    @property
    def image(self) -> Image.Image:
        """The picture, PIL, RGB."""
        from PIL import Image

        return Image.fromarray(self.pixels)

    @property
    def wnid(self) -> str:
        """The label's synset."""
        return classes()[self.label].wnid

    @property
    def name(self) -> str:
        """The label's name, such as ``school bus``."""
        return classes()[self.label].name


@cache
def classes() -> tuple[imagenet.ImageNetClass, ...]:
    """Return Tiny ImageNet's 200 classes in its own order; ``.index`` is the place among ImageNet's 1,000."""
    text = Path(__file__).with_name("data").joinpath("tiny_imagenet_wnids.txt").read_text(encoding="utf-8")
    return tuple(imagenet.find(wnid) for wnid in text.split())


def load() -> list[SmallPhoto]:
    """Return the 500 photographs by file name; pixels are read on first use. Raises CourseError without the asset."""
    import yaml

    from synscenes import assets

    folder = Path(assets.path(ASSET))
    labels = yaml.safe_load((folder / "labels.yml").read_text(encoding="utf-8"))
    if len(labels) != 500 or not all(
        isinstance(label, int) and 0 <= label < 200 for label in labels.values()
    ):
        raise CourseError(
            f"{folder / 'labels.yml'} does not hold 500 labels: run `python -m synscenes assets verify`."
        )
    return [SmallPhoto(folder / name, label) for name, label in sorted(labels.items())]


@cache
def our_review() -> dict[str, tuple[str, str]]:
    """Return what the course's authors saw: {key: ("wrong" or "unsure", what we see)}; photographs not in it
    were kept.

    One pass over all 500, enlarged. It is one more opinion, not the truth.
    """
    text = Path(__file__).with_name("data").joinpath("small_photos_review.toml").read_text(encoding="utf-8")
    return {
        key: (verdict, seen) for verdict, rows in tomllib.loads(text).items() for key, seen in rows.items()
    }


def logits(photos: Sequence[SmallPhoto], names: Sequence[str], side: int = 160, device=None) -> np.ndarray:
    """Return the mean logits of some pretrained models on the photographs, enlarged to ``side`` pixels: (n,
    1000).

    Enlarging to 160, not to the 224 that the models were trained with, suits pictures this blurred. Each
    model's logits are centred first, so that none outweighs another by an offset. Raises ValueError for no
    photographs or no models.
    """
    from synscenes import models

    if not len(photos) or not names:
        raise ValueError("photos and names must hold at least one entry each")
    total = np.zeros((len(photos), len(imagenet.classes())))
    for name in names:
        model = models.load(name)
        tensors = (enlarged(photo, side, model) for photo in photos)
        scores = model.predict(tensors, batch_size=25, device=device)
        total += scores - scores.mean(axis=1, keepdims=True)
    return total / len(names)


def enlarged(photo: SmallPhoto, side: int, model):
    import torch
    from PIL import Image

    from synscenes.preprocessing import normalise

    mean, std = _normalisation(model.preprocess)
    return torch.from_numpy(normalise(photo.image.resize((side, side), Image.Resampling.BICUBIC), mean, std))


def _normalisation(preprocess) -> tuple[list[float], list[float]]:
    """The mean and spread of a model's own preprocessing: torchvision's preset, or the last of timm's steps."""
    inner = getattr(preprocess, "transform", preprocess)
    step = inner if hasattr(inner, "mean") else inner.transforms[-1]
    return [float(value) for value in step.mean], [float(value) for value in step.std]
