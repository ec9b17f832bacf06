"""From the head's three answers to segments: peaks are centres, every thing cell goes to the nearest.

Cheng et al. 2020, "Panoptic-DeepLab", section 3 (class-agnostic grouping, majority vote).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synscenes.panoptic.ids import VOID
from synscenes.panoptic.segments import segment_id
from synscenes.segmenting.targets import Classes


@dataclass(frozen=True)
class Instances:
    """Things found in one image: ``masks`` (n, H, W) bool, ``scores`` and COCO's ``category_ids`` (n,)."""

    masks: np.ndarray
    scores: np.ndarray
    category_ids: np.ndarray

    def __len__(self) -> int:
        return len(self.scores)


def peaks(heat: np.ndarray, threshold: float = 0.1, reach: int = 2, most: int = 50) -> np.ndarray:
    """Return the cells (n, 2), y then x, above ``threshold`` and highest within ``reach`` cells, best first."""
    from scipy.ndimage import maximum_filter

    top = (heat == maximum_filter(heat, size=2 * reach + 1)) & (heat > threshold)
    found = np.argwhere(top)
    return found[np.argsort(-heat[top], kind="stable")][:most]


def nearest_centre(centres: np.ndarray, aims: np.ndarray) -> np.ndarray:
    """Return for each place (2, m) which of the ``centres`` (n, 2) lies nearest: (m,)."""
    return ((aims[None] - centres[:, :, None]) ** 2).sum(axis=1).argmin(axis=0)


def group(
    semantic: np.ndarray,
    is_thing: np.ndarray,
    probabilities: np.ndarray,
    centres: np.ndarray,
    heat: np.ndarray,
    offset: np.ndarray,
    classes: Classes,
) -> tuple[np.ndarray, dict[int, int], dict[int, float]]:
    """Return ids (H, W), the category of each id, and the score of each thing.

    ``semantic`` (H, W): the class of every pixel; ``is_thing`` (H, W) bool; ``probabilities`` (kinds of things, H, W);
    ``centres`` (n, 2), y then x, with their ``heat`` (n,); ``offset`` (2, H, W); all in pixels of one grid. Each thing
    pixel goes to the centre nearest to where its offset points. A thing's class is the one likeliest on average over
    its pixels; its score is that mean times its centre's heat. Thing pixels of an image without any centre stay void.
    """
    kinds = np.flatnonzero(classes.things)
    ids = np.full(semantic.shape, VOID, dtype=np.uint32)
    categories: dict[int, int] = {}
    scores: dict[int, float] = {}
    for kind in np.unique(semantic[~is_thing]).tolist():
        number = segment_id(classes.ids[kind], 1)
        ids[~is_thing & (semantic == kind)] = number
        categories[number] = classes.ids[kind]
    if not len(centres) or not is_thing.any():
        return ids, categories, scores
    ys, xs = np.nonzero(is_thing)
    owner = nearest_centre(centres, np.stack([ys, xs]) + offset[:, ys, xs])
    chances = probabilities[:, ys, xs]
    for place in np.unique(owner).tolist():
        own = owner == place
        mean = chances[:, own].mean(axis=1)
        category = classes.ids[kinds[mean.argmax()]]
        number = segment_id(category, 1 + sum(each == category for each in categories.values()))
        ids[ys[own], xs[own]] = number
        categories[number] = category
        scores[number] = float(mean.max() * heat[place])
    return ids, categories, scores


def instances_of(ids: np.ndarray, categories: dict[int, int], scores: dict[int, float]) -> Instances:
    """Return the things of ``group``'s answer as masks."""
    numbers = list(scores)
    masks = np.array([ids == number for number in numbers], dtype=bool).reshape(-1, *ids.shape)
    return Instances(masks, np.array(list(scores.values())), np.array([categories[each] for each in numbers], int))
