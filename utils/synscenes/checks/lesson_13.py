"""Checks of lesson 13, Keypoints."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.keypoints.flips import flip_joints
from synscenes.keypoints.heatmaps import decode, encode
from synscenes.keypoints.joints import PARTNER, SIGMAS
from synscenes.keypoints.oks import person_oks


def _persons(seed: int, number: int) -> tuple[np.random.Generator, np.ndarray]:
    """Made-up joints (number, 17, 3) with hidden and with unlabelled ones in each person."""
    rng = np.random.default_rng(seed)
    joints = np.concatenate([rng.uniform(20, 180, (number, 17, 2)).round(), np.full((number, 17, 1), 2.0)], axis=-1)
    for person in joints:
        order = rng.permutation(17)
        person[order[:4], 2] = 1
        person[order[4:8]] = 0
    return rng, joints


def _number(value: object) -> float:
    array = np.asarray(value, dtype=float)
    if array.shape != ():
        raise Mistake("shape", f"I expected one number and got an array of shape {array.shape}: take the mean.")
    return float(array)


@exercise("13-oks")
def _oks(oks) -> str:
    rng, truth = _persons(130, 6)
    for person in truth:
        found, area = person + rng.normal(0, 6, (17, 3)), float(rng.uniform(2000, 9000))
        got = _number(call(oks, found, person, area, SIGMAS))
        right = float(person_oks(found[None], person[None], [area])[0])
        if np.isclose(got, right):
            continue
        d2 = ((found - person)[:, :2] ** 2).sum(axis=1)
        each = np.exp(-d2 / (2 * area * (2 * SIGMAS) ** 2))
        labelled, seen = person[:, 2] > 0, person[:, 2] == 2
        slips = {
            "one-sigma": (
                np.exp(-d2 / (2 * area * SIGMAS**2))[labelled].mean(),
                "You use σ itself: COCO's constant k is 2σ.",
            ),
            "counts-unlabelled": (
                each.mean(),
                "You average over all 17: joints with v = 0 have no place, leave them out.",
            ),
            "unlabelled-as-zero": (
                each[labelled].sum() / 17,
                "You divide by 17: divide by the number of labelled joints.",
            ),
            "visible-only": (
                each[seen].mean(),
                "You leave out hidden joints (v = 1): they are labelled and count in full.",
            ),
            "found-flags": (
                each[found[:, 2] > 0].mean(),
                "You ask the found joints' flags which ones count: the true ones say that.",
            ),
            "flag-in-distance": (
                np.exp(-((found - person) ** 2).sum(axis=1) / (2 * area * (2 * SIGMAS) ** 2))[labelled].mean(),
                "The flag v is in your distance: take columns 0 and 1 only.",
            ),
            "distance-not-squared": (
                np.exp(-np.sqrt(d2) / (2 * area * (2 * SIGMAS) ** 2))[labelled].mean(),
                "You use the distance d; the formula has d².",
            ),
            "area-squared": (
                np.exp(-d2 / (2 * area**2 * (2 * SIGMAS) ** 2))[labelled].mean(),
                "You square the area: s² is the area already.",
            ),
            "no-two": (
                np.exp(-d2 / (area * (2 * SIGMAS) ** 2))[labelled].mean(),
                "The 2 in front of s² k² is missing.",
            ),
        }
        for name, (value, message) in slips.items():
            if np.isclose(got, value):
                raise Mistake(name, message)
        raise Mistake("wrong", f"For one of my persons I expected {right:.4f}, got {got:.4f}.")
    return "Right: and it is pycocotools' number."


@exercise("13-sigma")
def _sigma(sigma) -> str:
    rng = np.random.default_rng(131)
    for annotators, persons in ((2, 40), (5, 60), (9, 30)):
        areas = rng.uniform(400, 20000, persons)
        places = rng.uniform(0, 300, (persons, 2))
        clicks = places + rng.normal(0, 0.06, (annotators, persons, 2)) * np.sqrt(areas)[:, None]
        got = _number(call(sigma, clicks, areas))
        off = clicks - clicks.mean(axis=0)
        d2 = (off**2).sum(axis=-1)
        right = np.sqrt((d2 / areas).mean())
        if np.isclose(got, right):
            continue
        slips = {
            "pixels": (
                np.sqrt(d2.mean()),
                "You stay in pixels: divide each squared distance by its person's area first.",
            ),
            "variance": ((d2 / areas).mean(), "That is σ²: take the square root at the end."),
            "mean-distance": (
                np.sqrt(d2 / areas).mean(),
                "You average the distances; σ is the root of the mean of their squares.",
            ),
            "n-minus-one": (
                np.sqrt((d2 / areas).sum() / ((annotators - 1) * persons)),
                "You divide by n − 1: take the plain mean over all clicks here (the solution says what that costs).",
            ),
            "per-axis": (
                np.sqrt((off**2 / areas[:, None]).mean()),
                "You average over x and y: d² is their sum, dx² + dy².",
            ),
            "one-centre": (
                np.sqrt((((clicks - clicks.mean(axis=(0, 1))) ** 2).sum(axis=-1) / areas).mean()),
                "You take one centre for all persons: each person has a place of their own.",
            ),
            "size-not-area": (
                np.sqrt((d2 / np.sqrt(areas)).mean()),
                "You divide d² by s; it must be divided by s², which is the area.",
            ),
        }
        for name, (value, message) in slips.items():
            if np.isclose(got, value):
                raise Mistake(name, message)
        raise Mistake("wrong", f"{annotators} annotators, {persons} persons: I expected {right:.4f}, got {got:.4f}.")
    return "Right: this is how COCO's sigmas were measured."


@exercise("13-refine")
def _refine(refine) -> str:
    rng = np.random.default_rng(132)
    for _ in range(8):
        peak = rng.uniform([4, 4], [16, 22])
        heat = encode(peak, (20, 26), 1.5).astype(float) + rng.normal(0, 0.003, (26, 20))
        got = np.asarray(call(refine, heat), dtype=float)
        if got.shape != (2,):
            raise Mistake("shape", f"I expected two numbers, x and y, and got shape {got.shape}.")
        right, top = decode(heat, "quarter")[0], decode(heat, "argmax")[0]
        if np.allclose(got, right):
            continue
        slips = {
            "swapped": (right[::-1], "You return row and column; x is the column and comes first."),
            "no-middle": (right - 0.5, "The middle of pixel 0 is at 0.5: add half a pixel."),
            "away": (2 * top - right, "You move towards the lower neighbour; go to the higher one."),
            "no-step": (
                top,
                "You stop at the middle of the pixel; a quarter step towards the higher neighbour is missing.",
            ),
            "half-step": (2 * right - top, "Your step is half a pixel; a quarter is asked for."),
        }
        for name, (value, message) in slips.items():
            if np.allclose(got, value):
                raise Mistake(name, message)
        raise Mistake("wrong", f"I expected ({right[0]:.2f}, {right[1]:.2f}), got ({got[0]:.2f}, {got[1]:.2f}).")
    return "Right: half the way is guessed by looking at four neighbours."


@exercise("13-mirror")
def _mirror(mirror) -> str:
    _, persons = _persons(133, 4)
    for width, joints in zip((200, 321, 240, 640), persons):
        got = np.asarray(call(mirror, joints, width), dtype=float)
        if got.shape != (17, 3):
            raise Mistake("shape", f"I expected shape (17, 3) and got {got.shape}.")
        right = flip_joints(joints, width)
        if np.allclose(got, right):
            continue
        labelled = right[:, 2] > 0
        unswapped, shifted, moved = joints.copy(), right.copy(), joints[PARTNER].copy()
        unswapped[:, 0] = np.where(joints[:, 2] > 0, width - joints[:, 0], 0)
        shifted[labelled, 0] -= 1
        moved[:, 0] = width - moved[:, 0]
        careless = joints.copy()
        careless[:, 0] = width - careless[:, 0]
        slips = {
            "no-swap": ((unswapped, careless), "The names stay: a left wrist is a right wrist in the mirror."),
            "one-pixel": (
                (shifted,),
                "You use width - 1 - x: that is for pixel numbers. Our x = 0 is the picture's edge.",
            ),
            "moved-nobody": ((moved,), "A joint with v = 0 must stay 0, 0, 0: yours has moved to the right edge."),
            "not-mirrored": ((joints[PARTNER],), "The names have changed sides, but x is as it was."),
        }
        for name, (values, message) in slips.items():
            if any(np.allclose(got, value) for value in values):
                raise Mistake(name, message)
        place = int(np.flatnonzero(~np.isclose(got, right).all(axis=1))[0])
        raise Mistake(
            "wrong", f"Joint {place}, width {width}: I expected {right[place].tolist()}, got {got[place].tolist()}."
        )
    return "Right: and twice in the mirror is as before."
