"""Checks of lesson 09, Inside COCO."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise, shorten
from synscenes.coco import masks


@exercise("09-by-image")
def _by_image(by_image) -> str:
    images = [{"id": 7}, {"id": 3}, {"id": 12}]
    annotations = [
        {"id": 1, "image_id": 3, "category_id": 7},
        {"id": 2, "image_id": 7, "category_id": 3},
        {"id": 3, "image_id": 3, "category_id": 12},
    ]
    got = call(by_image, {"images": images, "annotations": annotations})
    right = {7: [annotations[1]], 3: [annotations[0], annotations[2]], 12: []}
    if not isinstance(got, dict):
        raise Mistake("not-a-dict", f"I expected a dict from image ids to lists, got {shorten(got)}.")
    if got == right:
        return "Right: and an image without annotations has an empty list, not no list."
    filled = {key: entries for key, entries in right.items() if entries}
    if got == filled:
        raise Mistake("empty-missing", "Image 12 has no annotation and no list: start with one for every image.")
    if got in ({k: v[-1:] for k, v in right.items()}, {k: v[-1:] for k, v in filled.items()}):
        raise Mistake("keeps-the-last", "Image 3 has two annotations and you keep the last: append to its list.")
    if got in ({k: v[-1] for k, v in filled.items()}, {k: (v or [None])[-1] for k, v in right.items()}):
        raise Mistake("keeps-the-last", "Each image keeps one annotation, the last: collect them in a list.")
    lists = {key: list(v) if isinstance(v, (list, tuple)) else [v] for key, v in got.items()}
    if lists == right:
        raise Mistake("not-lists", "The right annotations, but not in lists: give each image a list, also for one.")
    if lists == {key: [entry["id"] for entry in entries] for key, entries in right.items()}:
        raise Mistake("ids-only", "You keep the annotations' ids: keep the annotations themselves, the whole dicts.")
    if any(isinstance(e, dict) and e.get("category_id") == key for key, v in lists.items() for e in v):
        raise Mistake("by-category", "You collect by `category_id`; the way to the image is `image_id`.")
    if set(got) == {str(key) for key in right}:
        raise Mistake("text-keys", 'Your keys are text; the ids are numbers. Take `image["id"]` as it is.')
    if got and set(got) <= {0, 1, 2}:
        raise Mistake("by-place", "Your keys are places in the list of images; ids are names, and have gaps.")
    raise Mistake("wrong", f"I expected image 3 to have annotations 1 and 3, got {shorten(got.get(3))}.")


@exercise("09-unroll")
def _unroll(unroll) -> str:
    rng = np.random.default_rng(90)
    for height, width in ((2, 3), (4, 7), (5, 2)):
        mask = rng.random((height, width)) < 0.5
        mask[0, 0] = mask.shape == (5, 2)
        counts = masks.encode(mask)["counts"]
        got = np.asarray(call(unroll, counts, height, width))
        if got.shape == (width, height) and height != width:
            raise Mistake("turned", f"I expected shape {(height, width)}, height first, and got {got.shape}.")
        if got.shape != mask.shape:
            raise Mistake("shape", f"I expected shape {mask.shape}, got {got.shape}.")
        got = got.astype(bool)
        values = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
        if (got == mask).all():
            continue
        if (got == ~mask).all():
            raise Mistake("starts-inside", "Inside and outside are exchanged: the first run is background.")
        if (got == values.reshape(height, width)).all():
            raise Mistake("row-by-row", "You fill row by row; COCO's runs go down the columns.")
        raise Mistake("wrong", f"counts {counts} with height {height} and width {width}: {got.sum()} pixels are set, "
                      f"I expected {mask.sum()}, or the same number elsewhere.")  # fmt: skip
    return "Right: the same pixels as pycocotools finds."


@exercise("09-size")
def _size(size_of) -> str:
    def make(area, width, height, crowd=0):
        return {"area": area, "bbox": [3, 4, width, height], "iscrowd": crowd}

    cases = [
        (make(500, 20, 30), "small"),
        (make(900, 10, 200), "small"),
        (make(1024, 40, 40), "medium"),
        (make(1000, 60, 60), "small"),
        (make(5000, 120, 120), "medium"),
        (make(9216, 96, 96), "large"),
        (make(20000, 200, 200), "large"),
    ]
    got = [call(size_of, entry) for entry, _ in cases]
    right = [name for _, name in cases]
    if got == right:
        return "Right: the mask's area decides. (The official program counts exactly 1,024 in both classes: lesson 11.)"
    boxed = [_name(entry["bbox"][2] * entry["bbox"][3]) for entry, _ in cases]
    sides = [_name(max(entry["bbox"][2:]) ** 2) for entry, _ in cases]
    if got == boxed:
        raise Mistake("box-area", "You measure the box: a thin slanting thing fills little of it. Take `area`.")
    if got == sides:
        raise Mistake(
            "longest-side", "You compare a side with 32 and 96; COCO compares the mask's area with 32² and 96²."
        )
    if got == [_name(entry["area"], 32, 96) for entry, _ in cases]:
        raise Mistake("not-squared", "You compare the area with 32 and 96: the bounds are 32² and 96².")
    if got == [_name(entry["area"] - 0.5) for entry, _ in cases]:
        raise Mistake("bounds", "An area of exactly 1,024 is medium, of exactly 9,216 large: use < and not <=.")
    if not set(got) <= {"small", "medium", "large"}:
        raise Mistake("names", f'I expected "small", "medium" or "large", got {shorten(got)}.')
    place = next(i for i, (a, b) in enumerate(zip(got, right)) if a != b)
    raise Mistake("wrong", f"For {cases[place][0]} I expected {right[place]!r}, got {got[place]!r}.")


def _name(area, small=32**2, medium=96**2) -> str:
    return "small" if area < small else "medium" if area < medium else "large"


@exercise("09-lift")
def _lift(lift) -> str:
    rng = np.random.default_rng(91)
    for images, seed in ((40, 1), (25, 2), (60, 3)):
        present = rng.random((images, 4)) < (0.6, 0.2, 0.4, 0.3)
        present[:, 1] |= present[:, 2] & (rng.random(images) < 0.5)
        a, b = seed % 3, 3
        first, second = present[:, a], present[:, b]
        both = (first & second).mean()
        got = float(call(lift, present, a, b))
        answers = {
            "given": (both / first.mean(), "That is P(b | a): high for everything common. Divide by P(b)."),
            "given-turned": (both / second.mean(), "That is P(a | b): divide by P(a) as well."),
            "both-only": (both, "That is the share of images with both: divide by both shares."),
            "counts": (both / (first.mean() * second.mean()) / images,
                       "You divide counts by a product of counts: one factor, the number of images, is missing."),
            "either": (both / (first | second).mean(),
                       "That is the share of both among either (Jaccard): chance has no part in it."),
            "true-is-one": (1 / images / (first.mean() * second.mean()),
                            "A product of two boolean columns by `@` is True, which counts as 1: use & and the mean."),
        }  # fmt: skip
        if np.isclose(got, both / (first.mean() * second.mean())):
            continue
        for name, (value, text) in answers.items():
            if np.isclose(got, value):
                raise Mistake(name, text)
        raise Mistake("wrong", f"I expected {both / (first.mean() * second.mean()):.3f}, got {got:.3f}.")
    return "Right: and it is the same from a to b as from b to a."
