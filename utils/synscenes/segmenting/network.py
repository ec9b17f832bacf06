"""The whole: backbone, trained head, grouping; from a picture, or from features, to instances and segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.segmenting.features import Features, backbone, maps_of, pixels
from synscenes.segmenting.grouping import Instances, group, instances_of, peaks
from synscenes.segmenting.targets import GRID, Classes, targets_of

if TYPE_CHECKING:
    import torch

    from synscenes.segmenting.data import Split
    from synscenes.segmenting.head import Head


@dataclass(frozen=True)
class Answer:
    """What the network says about one image of (H, W) pixels.

    ``ids`` (H, W): a panoptic segmentation, with ``categories`` (id -> category id). ``instances``: its things as masks
    with scores. ``semantic`` (H, W): the likeliest category of every pixel, by itself.
    """

    ids: np.ndarray
    categories: dict[int, int]
    instances: Instances
    semantic: np.ndarray


@dataclass(frozen=True)
class PanopticNet:
    """A trained head with the classes it knows."""

    head: Head
    classes: Classes

    def answer(self, image: Any) -> Answer:
        """Return the answer for one PIL image, in the image's own size."""
        import torch

        with torch.inference_mode():
            device = self._device()
            maps = maps_of(backbone(device), pixels(image)[None].to(device))
            return self._answer(maps, image.size[::-1])

    def instances(self, image: Any) -> Instances:
        """Return the things in one PIL image (what ``maskrcnn.instances`` returns for another network)."""
        return self.answer(image).instances

    def answers(self, features: Features, sizes: list[tuple[int, int]]) -> Iterator[Answer]:
        """Yield the answer for each image of ``features``; ``sizes`` are their (height, width)."""
        import torch

        device = self._device()
        for row, size in enumerate(sizes):
            with torch.inference_mode():
                answer = self._answer(features.batch([row], device), size)
            yield answer  # outside: a waiting generator would leave its caller in inference mode

    def _device(self) -> torch.device:
        return next(self.head.parameters()).device

    def _answer(self, maps: dict[int, torch.Tensor], size: tuple[int, int]) -> Answer:
        return compose(*(each[0] for each in self.head(maps)), size, self.classes)


def compose(
    logits: torch.Tensor,
    thing: torch.Tensor,
    heat: torch.Tensor,
    offset: torch.Tensor,
    size: tuple[int, int],
    classes: Classes,
) -> Answer:
    """Enlarge the head's four answers for one image to (height, width) and group them."""
    from torch.nn.functional import interpolate

    def enlarged(values: torch.Tensor) -> np.ndarray:
        if not len(values):
            return np.empty((0, *size), np.float32)
        return interpolate(values[None], size, mode="bilinear")[0].cpu().numpy()

    things = np.array(classes.things)
    probabilities = logits.softmax(dim=0)
    # Things and stuff apart: each pixel is of the likeliest kind of the one it is.
    of_things, of_stuff = (enlarged(probabilities[np.flatnonzero(each)]) for each in (things, ~things))
    is_thing = enlarged(thing[None])[0] > 0
    if things.all() or not things.any():
        is_thing[:] = things.all()
    semantic = np.zeros(size, dtype=np.int64)
    for where, chances, kinds in ((is_thing, of_things, things), (~is_thing, of_stuff, ~things)):
        if where.any():
            semantic[where] = np.flatnonzero(kinds)[chances[:, where].argmax(axis=0)]
    scale = np.array([size[0] / GRID[0], size[1] / GRID[1]])
    warm = heat.cpu().numpy()
    cells = peaks(warm)
    # The middle of cell k lies at (k + 0.5) cells; a pixel's index is that of its middle.
    centres = (cells + 0.5) * scale - 0.5
    far = enlarged(offset) * scale[:, None, None]
    found = group(semantic, is_thing, of_things, centres, warm[tuple(cells.T)], far, classes)
    category = np.array(classes.ids, dtype=np.uint16)
    return Answer(found[0], found[1], instances_of(*found), category[semantic])


def perfect_answers(split: Split, classes: Classes) -> Iterator[Answer]:
    """Yield what a head would reach that says the truth: only its resolution and the grouping are to blame."""
    import torch

    truth = targets_of(split.panoptic, split.image_ids, classes)
    kinds = torch.arange(len(classes))[:, None, None]
    for row, size in enumerate(split.sizes):
        # Void cells have the truth of no class: the flat row of zeros leaves them to their neighbours.
        logits = 20.0 * (torch.from_numpy(truth.classes[row]) == kinds)
        thing = 40.0 * torch.from_numpy(truth.inside[row]) - 20
        heat, offset = torch.from_numpy(truth.heat[row]), torch.from_numpy(truth.offset[row])
        yield compose(logits, thing, heat, offset, size, classes)
