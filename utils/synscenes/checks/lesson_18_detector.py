"""Lesson 18, project A: a better small detector."""

from __future__ import annotations

import math

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.checks.numbers import diagnose


@exercise("18-cost")
def _cost(multiplications) -> str:
    cases = [(16, 20, 96, 96, 3), (8, 10, 320, 96, 1), (32, 32, 3, 16, 5)]
    got = [float(call(multiplications, *case)) for case in cases]
    diagnose(
        got,
        [h * w * i * o * k * k for h, w, i, o, k in cases],
        {
            "parameters": (
                [i * o * k * k for *_, i, o, k in cases],
                "You counted the filters' numbers: each of them is used once at every place of the map.",
            ),
            "kernel-once": (
                [h * w * i * o * k for h, w, i, o, k in cases],
                "A filter of side k has k × k numbers for each channel that comes in.",
            ),
            "one-channel": (
                [h * w * o * k * k for h, w, _, o, k in cases],
                "Each filter looks at all channels that come in, not at one.",
            ),
        },
        f"For {cases[0]} I expected {16 * 20 * 96 * 96 * 9}, got {got[0]:.0f}.",
    )
    return "Right: places, times filters, times numbers a filter. It counts the same on every machine."


@exercise("18-coverage")
def _coverage(coverage) -> str:
    from synscenes.detection import anchors, iou

    rng = np.random.default_rng(180)
    laid = anchors(64, 96, 16, (12.0, 24.0))
    corners = rng.uniform(0, 60, (40, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(4, 34, (40, 2))], axis=1)
    got = [float(call(coverage, laid, boxes, least)) for least in (0.3, 0.5, 0.6)]
    shared = iou(laid, boxes)
    diagnose(
        got,
        [(shared.max(axis=0) >= least).mean() for least in (0.3, 0.5, 0.6)],
        {
            "anchors-share": (
                [(shared.max(axis=1) >= least).mean() for least in (0.3, 0.5, 0.6)],
                "That is the share of anchors that have a box. Ask each box whether it has an anchor.",
            ),
            "pairs": (
                [(shared >= least).mean() for least in (0.3, 0.5, 0.6)],
                "You counted pairs: most pairs miss each other. One good anchor is enough for a box.",
            ),
            "mean-overlap": (
                [shared.max(axis=0).mean()] * 3,
                "That is the mean of the best overlaps. Count the boxes whose best overlap reaches `least`.",
            ),
        },
        f"With least = 0.5 I expected {(shared.max(axis=0) >= 0.5).mean():.3f}, got {got[1]:.3f}.",
    )
    return "Right: what no anchor covers can only be learned through its rescued best anchor."


@exercise("18-average")
def _average(follow) -> str:
    rng = np.random.default_rng(181)
    old, new = ({"weight": rng.normal(size=(3, 2)), "bias": rng.normal(size=3)} for _ in range(2))
    got = call(follow, old, new, 0.9)
    if not isinstance(got, dict) or set(got) != set(old):
        raise Mistake("no-dict", "Return a dictionary with the same names as the average.")
    flat = lambda values: np.concatenate([np.ravel(values[name]) for name in sorted(old)])  # noqa: E731
    diagnose(
        flat(got),
        0.9 * flat(old) + 0.1 * flat(new),
        {
            "swapped": (
                0.1 * flat(old) + 0.9 * flat(new),
                "You swapped the shares: the average keeps `decay` of itself and takes little of the new weights.",
            ),
            "plain-mean": ((flat(old) + flat(new)) / 2, "You took the plain mean: `decay` says how much to keep."),
            "sum": (
                0.9 * flat(old) + flat(new),
                "The two shares must add up to 1, or the average grows with every step.",
            ),
        },
        "The average should be decay times what it was plus (1 - decay) times the new weights.",
    )
    return "Right: with a decay of 0.98 it remembers about the last fifty steps."


@exercise("18-luck")
def _luck(difference) -> str:
    from scipy.stats import t

    base, ours = np.array([0.30, 0.34, 0.38, 0.35]), np.array([0.33, 0.36, 0.43, 0.36])
    got = [float(value) for value in call(difference, base, ours)]
    gaps = ours - base

    def spread(error: float, factor: float) -> list[float]:
        return [gaps.mean(), gaps.mean() - factor * error, gaps.mean() + factor * error]

    paired = gaps.std(ddof=1) / 2
    apart = math.sqrt(base.var(ddof=1) / 4 + ours.var(ddof=1) / 4)
    best = ours.max() - base.max()
    if len(got) == 3 and math.isclose(got[0], best):
        raise Mistake("best-runs", "You compared the best run of each: the luckiest seed wins that. Take means.")
    right = spread(paired, t.ppf(0.975, 3))
    diagnose(
        got,
        right,
        {
            "unpaired": (
                spread(apart, t.ppf(0.975, 6)),
                "You treat the runs as strangers. Seed 0 and seed 0 share their start: take differences first.",
            ),
            "normal": (
                spread(paired, 1.959963984540054),
                "1.96 belongs to many runs. With four, Student's t wants 3.18: `t.ppf(0.975, n - 1)`.",
            ),
            "population": (
                spread(gaps.std() / 2, t.ppf(0.975, 3)),
                "NumPy's `std` divides by n. A sample's spread wants n − 1: `std(ddof=1)`.",
            ),
            "one-sided": (
                spread(paired, t.ppf(0.95, 3)),
                "With `ppf(0.95, …)` 5 % lie beyond each end. For 95 % in all take 0.975.",
            ),
            "reversed": (
                [-gaps.mean(), -gaps.mean() - t.ppf(0.975, 3) * paired, -gaps.mean() + t.ppf(0.975, 3) * paired],
                "You subtract ours from the base: a gain comes out negative.",
            ),
        },
        f"I expected ({right[0]:.4f}, {right[1]:.4f}, {right[2]:.4f}), got {tuple(round(v, 4) for v in got)}.",
    )
    return "Right: differences by seed, and Student's t because there are few of them."
