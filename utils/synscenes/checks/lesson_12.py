"""Checks of lesson 12, Segmentation and panoptic."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise


@exercise("12-rle")
def _runs(run_lengths) -> str:
    rng = np.random.default_rng(120)
    cases = [np.array([[True, False], [True, True]]), np.zeros((2, 3), bool), np.ones((3, 2), bool)]
    cases += [rng.random(shape) < 0.5 for shape in ((3, 4), (4, 5), (5, 3))]
    got = [[int(each) for each in call(run_lengths, mask)] for mask in cases]
    right = [_run_lengths(mask.ravel(order="F")) for mask in cases]
    if got == right:
        return "Right: they add up to the number of pixels, and every second one lies inside."
    if got == [_run_lengths(mask.ravel()) for mask in cases]:
        raise Mistake("along-rows", "You walk along the rows; COCO goes down the first column, then the second.")
    if got == [runs[1:] if runs[0] == 0 else runs for runs in right]:
        raise Mistake(
            "no-leading-zero", "The first run is always outside: where the first pixel is set, its length is 0."
        )
    if got == [runs[1::2] for runs in right]:
        raise Mistake("only-inside", "You return the runs inside alone; without those between, nobody can go back.")
    place = next(i for i in range(len(cases)) if got[i] != right[i])
    raise Mistake("wrong", f"mask {cases[place].astype(int).tolist()}: I expected {right[place]}, got {got[place]}.")


def _run_lengths(pixels: np.ndarray) -> list[int]:
    changes = np.flatnonzero(pixels != np.concatenate([[False], pixels[:-1]]))
    return np.diff([0, *changes.tolist(), pixels.size]).tolist()


@exercise("12-miou")
def _miou(mean_iou) -> str:
    rng = np.random.default_rng(121)
    example = np.array([[4, 1, 0, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    invented = np.array([[5, 2, 1], [1, 6, 0], [0, 0, 0]])  # class 2 only among the answers: it occurs, with IoU 0
    cases = [example, invented, *(rng.integers(0, 20, (size, size)) for size in (2, 5))]
    cases[2][0, 1] += 3  # so that no mistake agrees by chance
    got = [float(call(mean_iou, matrix)) for matrix in cases]
    answers = {name: [rule(matrix) for matrix in cases] for name, rule in _MEAN_IOU.items()}
    if np.allclose(got, answers["right"]):
        return "Right: every class that occurs weighs the same, however few its pixels."
    texts = {
        "accuracy": "You divide by the true pixels alone: a class that is answered too often must pay for that, too.",
        "counted-twice": "Row plus column counts the shared pixels twice: subtract the diagonal once.",
        "absent-as-zero": "A class that occurs nowhere has no IoU: you average it in as 0.",
        "pixels": "That is pixel accuracy: the mean must be over classes.",
    }
    for name, text in texts.items():
        if np.allclose(got, answers[name]):
            raise Mistake(name, text)
    place = next(i for i in range(len(cases)) if not np.isclose(got[i], answers["right"][i]))
    raise Mistake(
        "wrong", f"matrix {cases[place].tolist()}: I expected {answers['right'][place]:.4f}, got {got[place]:.4f}."
    )


def _class_mean(shared: np.ndarray, of: np.ndarray, kept: np.ndarray) -> float:
    return float((shared[kept] / of[kept]).mean())


def _parts(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)


def _right_miou(matrix: np.ndarray) -> float:
    shared, rows, columns = _parts(matrix)
    union = rows + columns - shared
    return _class_mean(shared, union, union > 0)


def _accuracy(matrix: np.ndarray) -> float:
    shared, rows, _ = _parts(matrix)
    return _class_mean(shared, rows, rows > 0)


def _counted_twice(matrix: np.ndarray) -> float:
    shared, rows, columns = _parts(matrix)
    return _class_mean(shared, rows + columns, rows + columns > 0)


def _absent_as_zero(matrix: np.ndarray) -> float:
    shared, rows, columns = _parts(matrix)
    return float((shared / np.maximum(rows + columns - shared, 1)).mean())


_MEAN_IOU = {
    "right": _right_miou,
    "accuracy": _accuracy,
    "counted-twice": _counted_twice,
    "absent-as-zero": _absent_as_zero,
    "pixels": lambda matrix: float(np.trace(matrix) / matrix.sum()),
}


# Pixels that true (rows) and predicted segments (columns) share; areas of both. The second has an IoU of exactly 0.5.
_SCENES = [
    ([[9, 0, 0], [0, 4, 0]], [9, 9], [9, 4, 4]),
    ([[6, 0], [0, 8]], [9, 10], [9, 8]),
    ([[20, 3], [0, 9], [1, 0]], [25, 12, 4], [24, 13]),
    ([[2, 1]], [9], [7, 8]),
    ([[7]], [8], [9]),
]


@exercise("12-pq")
def _quality(quality) -> str:
    scenes = [tuple(np.array(each) for each in scene) for scene in _SCENES]
    got = [np.array([float(each) for each in call(quality, *scene)]) for scene in scenes]
    if any(each.shape != (3,) for each in got):
        raise Mistake("shape", "Return three numbers: PQ, SQ, RQ.")
    right = [_pq(*scene) for scene in scenes]
    if np.allclose(got, right):
        return "Right: PQ is SQ times RQ, and RQ is the F1 score of the segments."
    rules = {
        "half-matches": ({"at_least": True}, "An IoU of exactly 0.5 is no match: it must be above."),
        "whole-penalty": ({"penalty": 1.0}, "Misses and inventions count half each: RQ is TP / (TP + FP/2 + FN/2)."),
        "mean-over-all": ({"mean_all": True}, "SQ is the mean over the matches; what has no partner is RQ's affair."),
        "no-union": ({"union": False}, "The union is both areas less what they share: you counted that twice."),
    }
    for name, (options, text) in rules.items():
        if np.allclose(got, [_pq(*scene, **options) for scene in scenes]):
            raise Mistake(name, text)
    place = next(i for i in range(len(scenes)) if not np.allclose(got[i], right[i]))
    shared, true_areas, found_areas = _SCENES[place]
    wanted, given = (tuple(round(float(each), 4) for each in some[place]) for some in (right, got))
    raise Mistake(
        "wrong",
        f"shared {shared}, true_areas {true_areas}, found_areas {found_areas}: I expected {wanted}, got {given}.",
    )


def _pq(shared, true_areas, found_areas, at_least=False, penalty=0.5, mean_all=False, union=True) -> list[float]:
    iou = shared / (true_areas[:, None] + found_areas - shared * union)
    matched = iou >= 0.5 if at_least else iou > 0.5
    tp = matched.sum()
    sq = iou[matched].sum() / (len(true_areas) if mean_all else max(tp, 1))
    rq = tp / (tp + penalty * (len(true_areas) - tp) + penalty * (len(found_areas) - tp))
    return [sq * rq, sq, rq]


@exercise("12-fuse")
def _fuse(owners) -> str:
    rng = np.random.default_rng(122)
    cases = [
        (np.array([[[1, 1, 1, 0]], [[0, 0, 1, 1]], [[1, 1, 1, 0]]], bool), np.array([0.7, 0.9, 0.2])),
        (np.array([[[1, 1, 0, 0]], [[0, 1, 1, 0]]], bool), np.array([0.8, 0.6])),  # exactly half is free: it stays
    ]
    cases += [(rng.random((5, 4, 6)) < 0.4, rng.permutation(5) / 5 + 0.1) for _ in range(6)]
    got = [np.asarray(call(owners, masks.copy(), scores.copy())) for masks, scores in cases]
    for (masks, _), each in zip(cases, got):
        if each.shape != masks.shape[1:]:
            raise Mistake("shape", f"I expected an array of shape {masks.shape[1:]}, got {each.shape}.")
    right = [_owners(*case) for case in cases]
    if _equal(got, right):
        return "Right: one owner a pixel, the surest first, and no scraps."
    rules = {
        "last-wins": (
            {"overwrite": True},
            "The less sure mask takes pixels that have an owner: give it the free ones.",
        ),
        "never-dropped": ({"drop": False}, "A mask of which more than half is taken gets nothing, not even its rest."),
        "given-order": ({"ordered": False}, "You go through the masks as they come: the surest chooses first."),
        "least-sure-first": ({"reverse": True}, "You begin with the least sure mask: sort by -scores."),
        "half-dropped": (
            {"strict": True},
            "A mask of which exactly half is free keeps it: drop it when MORE is taken.",
        ),
    }
    for name, (options, text) in rules.items():
        if _equal(got, [_owners(*case, **options) for case in cases]):
            raise Mistake(name, text)
    place = next(i for i in range(len(cases)) if not (got[i] == right[i]).all())
    masks, scores = cases[place]
    raise Mistake(
        "wrong",
        f"masks {masks.astype(int).tolist()}, scores {scores.round(2).tolist()}: "
        f"I expected {right[place].tolist()}, got {got[place].tolist()}.",
    )


def _equal(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return all((a == b).all() for a, b in zip(first, second))


def _owners(masks, scores, overwrite=False, drop=True, ordered=True, reverse=False, strict=False) -> np.ndarray:
    owner = np.full(masks.shape[1:], -1)
    order = np.argsort(scores if reverse else -scores, kind="stable") if ordered else range(len(masks))
    for k in order:
        free = masks[k] if overwrite else masks[k] & (owner < 0)
        twice, whole = 2 * free.sum(), masks[k].sum()
        if not drop or (twice > whole if strict else twice >= whole):
            owner[free] = k
    return owner
