"""What a frozen, pretrained network sees of each image, computed once and kept small."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from synscenes.errors import CourseError
from synscenes.segmenting.features import SIZE, backbone, maps_of, pixels

# MobileNetV2's last map (stride 32) and its wide inner map at stride 16 are joined on a grid of 8 x 10 cells. That is
# averaged to the grid which is kept: half as fine costs a quarter.
_FINE = (-(-SIZE[0] // 32), SIZE[1] // 32)
GRID = (_FINE[0] // 2, _FINE[1] // 2)
CHANNELS = 1280 + 576
KEPT = 256


class Eye:
    """MobileNetV2, and a table that squeezes each cell's 1,856 numbers to ``kept``.

    The table is a principal component analysis of the cells of some training images: it keeps the directions in which
    cells differ most. ``grid``: rows and columns of the cells that are kept, up to 8 x 10.
    """

    def __init__(self, device: Any = "cpu", grid: tuple[int, int] = GRID) -> None:
        self.device, self.grid = device, grid
        self.layers = backbone(device)
        self.mean = self.scale = self.directions = None
        self.kept_share = 1.0

    def fit(self, paths: Sequence[Path], kept: int = KEPT) -> Eye:
        """Find the table from image files and return this eye.

        ``kept_share``: the share of the (standardised) variance that it keeps. Raises CourseError for too few images.
        """
        cells = self._raw(paths, "looking").flatten(0, 1).float()
        if not 1 <= kept <= min(len(cells) - 1, CHANNELS):
            raise CourseError(f"{len(paths)} images have {len(cells)} cells, too few for {kept} directions: give more.")
        self.mean, self.scale = cells.mean(dim=0), cells.std(dim=0) + 1e-3
        cells = (cells - self.mean) / self.scale
        values, vectors = torch.linalg.eigh(cells.T @ cells / len(cells))
        self.directions = vectors[:, -kept:].flip(1)
        self.kept_share = float(values[-kept:].sum() / values.sum())
        return self

    def state(self) -> dict[str, torch.Tensor]:
        """Return the table as tensors; ``load`` takes it back."""
        self._ready()
        share = torch.tensor(self.kept_share, dtype=torch.float64)
        return {"mean": self.mean, "scale": self.scale, "directions": self.directions, "share": share}

    def load(self, state: dict[str, torch.Tensor]) -> Eye:
        """Take over a table that ``state`` gave, and return this eye."""
        self.mean, self.scale, self.directions = state["mean"], state["scale"], state["directions"]
        self.kept_share = float(state["share"])
        return self

    def see(self, paths: Sequence[Path]) -> torch.Tensor:
        """Return the kept features of image files: (images, cells, kept), float16, on the CPU.

        Cells are numbered along the rows of the grid. Raises CourseError before ``fit``, and for a file that is
        no image.
        """
        self._ready()
        return self._raw(paths, "backbone", self._squeezed)

    def see_images(self, images: Sequence[Any]) -> torch.Tensor:
        """Return the kept features of PIL images of any size, as ``see`` does for files."""
        self._ready()
        return torch.cat([self._squeezed(self._maps(pixels(image)[None])) for image in images])

    def _ready(self) -> None:
        if self.directions is None:
            raise CourseError("this Eye has no table yet: call fit with training images first.")

    def _raw(self, paths: Sequence[Path], title: str, then: Any = None, size: int = 16) -> torch.Tensor:
        from tqdm.auto import tqdm

        from synscenes.pictures import open_image

        found = []
        for start in tqdm(range(0, len(paths), size), desc=title, leave=False):
            maps = self._maps(torch.stack([pixels(open_image(path)) for path in paths[start : start + size]]))
            found.append(then(maps) if then else maps.half())
        if not found:
            raise CourseError("there are no images to look at.")
        return torch.cat(found)

    @torch.inference_mode()
    def _maps(self, batch: torch.Tensor) -> torch.Tensor:
        """The backbone's two maps of a batch (n, 3, 240, 320), joined: (n, 80, 1856)."""
        maps = maps_of(self.layers, batch.to(self.device).contiguous(memory_format=torch.channels_last))
        fine = functional.avg_pool2d(maps[16], 2, ceil_mode=True)
        return torch.cat([maps[32], fine], dim=1).flatten(2).transpose(1, 2).cpu()

    @torch.inference_mode()
    def _squeezed(self, cells: torch.Tensor) -> torch.Tensor:
        kept = (cells.float() - self.mean) / self.scale @ self.directions
        maps = kept.transpose(1, 2).unflatten(2, _FINE)
        return functional.adaptive_avg_pool2d(maps, self.grid).flatten(2).transpose(1, 2).half()
