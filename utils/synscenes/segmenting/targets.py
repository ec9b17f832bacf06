"""What the head should say about an image, from its panoptic truth: classes, heat of the centres, offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synscenes.panoptic.sets import PanopticSet
from synscenes.segmenting.features import SIZE

# Centres are found on a grid of one cell for each 4 × 4 pixels, classes on one for each 8 × 8 pixels.
GRID = (SIZE[0] // 4, SIZE[1] // 4)
COARSE = (SIZE[0] // 8, SIZE[1] // 8)
IGNORE = 255
_SIGMA = 2.0


@dataclass(frozen=True)
class Classes:
    """The categories a head tells apart: ``ids[k]`` is class k's category id, ``things[k]`` whether it is a thing."""

    ids: tuple[int, ...]
    names: tuple[str, ...]
    things: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Targets:
    """Truth of n images on grids of 30 × 40 (classes) and 60 × 80 cells (the others).

    ``classes`` (n, 30, 40) uint8, 255 for void and crowds. ``heat`` (n, 60, 80) float32: 1 at each thing's centre of
    mass, a Gaussian around it. ``offset`` (n, 2, 60, 80) float32: from a cell to its thing's centre (y, x), in cells.
    ``inside`` (n, 60, 80) bool: cells of things, where the offset counts.
    """

    classes: np.ndarray
    heat: np.ndarray
    offset: np.ndarray
    inside: np.ndarray


def classes_of(panoptic: PanopticSet, image_ids: Sequence[int]) -> Classes:
    """Return the categories that occur in some images, in the order of their ids."""
    found = {each["category_id"] for image_id in image_ids for each in panoptic.segments(image_id).values()}
    chosen = [panoptic.categories[number] for number in sorted(found)]
    return Classes(
        tuple(each["id"] for each in chosen),
        tuple(each["name"] for each in chosen),
        tuple(bool(each.get("isthing", 1)) for each in chosen),
    )


def targets_of(panoptic: PanopticSet, image_ids: Sequence[int], classes: Classes) -> Targets:
    """Return the targets of some images; PNGs of another size than 240 × 320 are sampled at the grid's cells."""
    shape = (len(image_ids), *GRID)
    targets = Targets(
        np.full((len(image_ids), *COARSE), IGNORE, np.uint8),
        np.zeros(shape, np.float32),
        np.zeros((len(image_ids), 2, *GRID), np.float32),
        np.zeros(shape, bool),
    )
    place = {number: k for k, number in enumerate(classes.ids)}
    for row, image_id in enumerate(image_ids):
        ids = panoptic.pixels(image_id)
        fine, coarse = on_grid(ids, GRID), on_grid(ids, COARSE)
        for number, segment in panoptic.segments(image_id).items():
            if not segment.get("iscrowd", 0) and segment["category_id"] in place:
                kind = place[segment["category_id"]]
                targets.classes[row][coarse == number] = kind
                if classes.things[kind]:
                    _mark_centre(targets, row, fine == number)
    return targets


def on_grid(ids: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return the ids (H, W) at the middles of a grid's cells."""
    rows = ((np.arange(grid[0]) + 0.5) * ids.shape[0] / grid[0]).astype(int)
    columns = ((np.arange(grid[1]) + 0.5) * ids.shape[1] / grid[1]).astype(int)
    return ids[np.ix_(rows, columns)]


def _mark_centre(targets: Targets, row: int, cells: np.ndarray) -> None:
    if not cells.any():
        return
    ys, xs = np.nonzero(cells)
    y, x = ys.mean(), xs.mean()
    targets.inside[row][cells] = True
    targets.offset[row, :, ys, xs] = np.stack([y - ys, x - xs], axis=1)
    # The peak itself must be a cell, or no cell would reach 1.
    grid_y, grid_x = np.ogrid[: GRID[0], : GRID[1]]
    bump = np.exp(-((grid_y - round(y)) ** 2 + (grid_x - round(x)) ** 2) / (2 * _SIGMA**2))
    np.maximum(targets.heat[row], bump, out=targets.heat[row])
