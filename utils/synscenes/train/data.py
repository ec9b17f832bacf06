"""Images for training: uint8 until they are on the device, and every random choice a function of the seed.

A dataset here gives ``dataset[index]`` -> (uint8 image (3, H, W), label). An *augmented* one takes ``dataset[(index,
seed)]`` too: the seed decides crop and flip. So an image does not depend on which worker prepares it, or on whether
the run was interrupted before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".ppm")


class Pictures:
    """Small images that fit into memory: ``pixels`` (n, H, W, 3) uint8, ``labels`` (n,) whole numbers.

    With ``shift`` above 0, training copies are moved by up to so many pixels, the edge repeated; ``mirror`` flips
    half of them left to right. Raises ValueError for other shapes or types.
    """

    def __init__(self, pixels, labels, classes: Sequence[str], *, shift: int = 0, mirror: bool = False) -> None:
        self.pixels, self.labels = np.asarray(pixels), np.asarray(labels, dtype=np.int64)
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 4 or self.pixels.shape[-1] != 3:
            raise ValueError(f"pixels must be (n, H, W, 3) uint8, got {self.pixels.shape} {self.pixels.dtype}")
        if self.labels.shape != (len(self.pixels),):
            raise ValueError(f"labels must be ({len(self.pixels)},), got {self.labels.shape}")
        self.classes, self.shift, self.mirror = list(classes), shift, mirror
        self.augmented = bool(shift or mirror)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, key: int | tuple[int, int]) -> tuple[Any, int]:
        import torch

        index, seed = key if isinstance(key, tuple) else (key, None)
        image = self.pixels[index]
        if seed is not None:
            image = self._changed(image, np.random.default_rng(seed))
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))), int(self.labels[index])

    def _changed(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        down, right, flip = (
            rng.integers(-self.shift, self.shift + 1),
            rng.integers(-self.shift, self.shift + 1),
            rng.random(),
        )
        height, width = image.shape[:2]
        image = image[np.clip(np.arange(height) + down, 0, height - 1)]
        image = image[:, np.clip(np.arange(width) + right, 0, width - 1)]
        return image[:, ::-1] if self.mirror and flip < 0.5 else image

    def only(self, rows) -> Pictures:
        """Return some of the images, with the same augmentation."""
        return Pictures(self.pixels[rows], self.labels[rows], self.classes, shift=self.shift, mirror=self.mirror)

    def plain(self) -> Pictures:
        """Return the same images without augmentation, for measuring."""
        return Pictures(self.pixels, self.labels, self.classes)


class Vectors:
    """Rows of numbers instead of images, such as cached features: ``rows`` (n, dims) float32, ``labels`` (n,)."""

    augmented = False

    def __init__(self, rows, labels, classes: Sequence[str]) -> None:
        self.rows, self.labels = np.asarray(rows, np.float32), np.asarray(labels, np.int64)
        if self.rows.ndim != 2 or self.labels.shape != (len(self.rows),):
            raise ValueError(f"rows must be (n, dims) and labels (n,), got {self.rows.shape} and {self.labels.shape}")
        self.classes = list(classes)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        import torch

        return torch.from_numpy(self.rows[index]), int(self.labels[index])


class Folder:
    """Images on disk in torchvision's ImageFolder layout, ``root/CLASS/*.jpg``, decoded when asked for.

    ``side``: what the network gets, square. For training a random part (8 % to 100 % of the area, Szegedy et al.
    2015) is cut out and half of the images are mirrored; without a seed, the middle of the image at 8/7 of the side.
    ``least`` is the smallest share cut out. Raises CourseError for a folder without classes or a class without
    images.
    """

    augmented = True

    def __init__(self, root: str | Path, side: int = 224, least: float = 0.08, classes: Sequence[str] | None = None):
        self.root, self.side, self.least = Path(root), side, least
        if not self.root.is_dir():
            raise CourseError(f"No folder at {self.root}: it should hold one folder of images a class.")
        found = sorted(entry.name for entry in self.root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
        self.classes = list(classes) if classes is not None else found
        if extra := sorted(set(found) - set(self.classes)):
            raise CourseError(f"{self.root} has a class {extra[0]!r} that the training folder lacks.")
        if len(self.classes) < 2:
            raise CourseError(f"{self.root} holds {len(self.classes)} class folders; a classifier needs at least two.")
        self.paths, labels = [], []
        for label, name in enumerate(self.classes):
            files = sorted(p for p in (self.root / name).rglob("*") if p.suffix.lower() in ENDINGS)
            if not files and classes is None:
                raise CourseError(f"{self.root / name} holds no image ({', '.join(ENDINGS)}).")
            self.paths += files
            labels += [label] * len(files)
        if not self.paths:
            raise CourseError(f"{self.root} has no image in a class's folder: sort its images into one folder a class.")
        self.labels = np.array(labels, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, key: int | tuple[int, int]) -> tuple[Any, int]:
        import torch

        index, seed = key if isinstance(key, tuple) else (key, None)
        image = self._read(self.paths[index])
        image = self._middle(image) if seed is None else self._part(image, np.random.default_rng(seed))
        pixels = np.array(image, dtype=np.uint8).transpose(2, 0, 1)
        return torch.from_numpy(np.ascontiguousarray(pixels)), int(self.labels[index])

    def plain(self) -> View:
        """Return the same images without augmentation, for measuring."""
        return View(self)

    def _read(self, path: Path):
        from PIL import Image

        from synscenes.pictures import open_image

        if path.suffix.lower() in (".jpg", ".jpeg"):
            # A JPEG can be decoded at a half, a quarter or an eighth at a fraction of the work.
            try:
                with Image.open(path) as file:
                    file.draft("RGB", (2 * self.side, 2 * self.side))
                    if file.mode == "RGB" and not file.getexif().get(0x0112):
                        return file.copy()
            except (OSError, SyntaxError, ValueError):
                pass  # open_image says what is wrong with the file, by name
        return open_image(path)

    def _middle(self, image):
        from synscenes.preprocessing import centre_crop, resize_short_side

        return centre_crop(resize_short_side(image, round(self.side * 8 / 7)), self.side)

    def _part(self, image, rng: np.random.Generator):
        from PIL import Image, ImageOps

        width, height = image.size
        box = (0, 0, width, height)
        for _ in range(10):
            area = width * height * rng.uniform(self.least, 1)
            ratio = np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
            w, h = round(float(np.sqrt(area * ratio))), round(float(np.sqrt(area / ratio)))
            if 0 < w <= width and 0 < h <= height:
                left, top = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
                box = (left, top, left + w, top + h)
                break
        image = image.resize((self.side, self.side), Image.Resampling.BILINEAR, box=box)
        return ImageOps.mirror(image) if rng.random() < 0.5 else image


class View:
    """Some rows of a dataset (default: all), with its augmentation or without."""

    def __init__(self, dataset: Any, rows=None, augmented: bool = False) -> None:
        self.dataset, self.augmented = dataset, augmented
        self.rows = np.arange(len(dataset)) if rows is None else np.asarray(rows)
        self.labels, self.classes = dataset.labels[self.rows], dataset.classes

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: int | tuple[int, int]) -> tuple[Any, int]:
        index, *seed = key if isinstance(key, tuple) else (key,)
        place = int(self.rows[index])
        return self.dataset[(place, *seed) if seed else place]


def portion(dataset: Any, share: float, seed: int) -> tuple[View, View]:
    """Return (training, validation) views of one dataset: of each class, this share is kept for validation.

    Rows are drawn at random: where images come from films or bursts, split by hand and give two folders instead. Raises
    CourseError for a class with a single image.
    """
    order = np.random.default_rng(seed).permutation(len(dataset))
    kept: list[int] = []
    for label, name in enumerate(dataset.classes):
        own = order[dataset.labels[order] == label]
        if len(own) < 2:
            raise CourseError(f"Class {name!r} has {len(own)} images: it takes two, one to train and one to validate.")
        kept += own[: max(1, round(share * len(own)))].tolist()
    return View(dataset, np.setdiff1d(order, kept), dataset.augmented), View(dataset, sorted(kept))


def normaliser(mean: Sequence[float], std: Sequence[float], device: Any, channels_last: bool = False) -> Callable:
    """Return a function that turns uint8 images (n, 3, H, W), wherever they are, into a network's input on the device.

    The bytes travel, not the floats: a quarter of the traffic, and the arithmetic happens where it costs nothing.
    """
    import torch

    scale = torch.tensor([1 / (255 * s) for s in std], device=device).view(1, 3, 1, 1)
    offset = torch.tensor([-m / s for m, s in zip(mean, std)], device=device).view(1, 3, 1, 1)
    layout = torch.channels_last if channels_last else torch.contiguous_format

    def prepare(images: torch.Tensor) -> torch.Tensor:
        images = images.to(device, non_blocking=True, memory_format=layout)
        return torch.addcmul(offset, images.float(), scale).contiguous(memory_format=layout)

    return prepare
