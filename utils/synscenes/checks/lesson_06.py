"""The hidden cases of lesson 06's exercises."""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.checks import Mistake, call, exercise, shorten


def _close(got: Any, wanted: float) -> bool:
    return np.ndim(got) == 0 and bool(np.isclose(float(got), wanted, rtol=1e-3, atol=1e-9))


@exercise("06-drop")
def _drop(fair_drop: Any) -> str:
    for scores in (
        {"imagenet": 72.9, "r_classes": 89.86, "r": 32.593},
        {"imagenet": 90.056, "r_classes": 98.03, "r": 90.243},
    ):
        got = call(fair_drop, scores)
        wanted = scores["r_classes"] - scores["r"]
        if _close(got, scores["imagenet"] - scores["r"]):
            message = "You compared with the score among 1,000 classes. Which number is about the same 200?"
            raise Mistake("other-classes", message)
        if _close(got, -wanted):
            raise Mistake(
                "sign",
                "The size is right, the sign is not: a loss should be positive, so before minus after.",
            )
        if _close(got, 100 * wanted / scores["r_classes"]):
            raise Mistake(
                "ratio",
                "That is a loss in per cent of the former score. I asked for points: a plain difference.",
            )
        if not (np.ndim(got) == 0 and abs(float(got) - wanted) <= 0.06):  # a decimal is enough, as in the table
            raise Mistake("wrong", f"For {scores} I expected {wanted:.3f}, got {shorten(got)}.")
    return (
        "Right: same classes, same number to choose from; only then is the difference the renditions' doing."
    )


_ERRORS = {
    "fog": [0.2, 0.3, 0.4, 0.6, 0.9],
    "snow": [0.5, 0.5, 0.7, 0.8, 1.0],
    "pixelate": [0.1, 0.1, 0.2, 0.2, 0.3],
}
_ALEXNET = {"fog": 0.819324, "snow": 0.866816, "pixelate": 0.717840, "frost": 0.826572}


@exercise("06-ce")
def _ce(mce: Any) -> str:
    wanted = np.mean([np.mean(errors) / _ALEXNET[name] for name, errors in _ERRORS.items()])
    got = call(mce, _ERRORS, _ALEXNET)
    means = np.array([np.mean(errors) for errors in _ERRORS.values()])
    base = np.array([_ALEXNET[name] for name in _ERRORS])
    if _close(got, means.mean() / base.mean()):
        message = "You averaged first and divided once. Take one ratio for each corruption, then average the ratios."
        raise Mistake("ratio-of-means", message)
    if _close(got, np.mean([errors[-1] / _ALEXNET[name] for name, errors in _ERRORS.items()])):
        raise Mistake(
            "last-severity",
            "That is severity 5 alone. AlexNet's number is a mean over five severities: so must yours be.",
        )
    if _close(got, np.mean((1 - means) / (1 - base))):
        raise Mistake(
            "accuracy", "You divided shares of *right* answers. CE is made of errors: smaller is better."
        )
    if not _close(got, wanted):
        raise Mistake("wrong", f"For three corruptions I expected {wanted:.4f}, got {shorten(got)}.")
    alone = call(mce, {"snow": _ERRORS["snow"]}, _ALEXNET)
    if not _close(alone, np.mean(_ERRORS["snow"]) / _ALEXNET["snow"]):
        message = f"With snow alone I expected {np.mean(_ERRORS['snow']) / _ALEXNET['snow']:.4f}, got {shorten(alone)}."
        raise Mistake(
            "wrong", message + " Average over the corruptions that were run, not over all that AlexNet has."
        )
    return "Right: one ratio for each corruption, so that none counts more for being hard for everybody."


_WRONG = [[1, 1, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0]]


@exercise("06-resample")
def _resample(redraw: Any) -> str:
    table = np.array(_WRONG)
    for picks in ([0, 0, 2, 3, 3], [4, 1, 1, 1, 0], [2, 2, 2, 2, 2]):
        got = call(redraw, _WRONG, picks)
        wanted = table[picks].mean()
        if _close(got, wanted):
            continue
        if _close(got, table[sorted(set(picks))].mean()):
            raise Mistake(
                "no-repeats",
                "You counted a photograph once that was drawn twice. The repeats are what makes draws differ.",
            )
        if _close(got, table.ravel()[picks].mean()):
            message = "You drew single values. Draw rows: a photograph brings all its versions along."
            raise Mistake("single-values", message)
        if _close(got, table[:, np.array(picks) % table.shape[1]].mean()):
            raise Mistake("columns", "You drew columns, that is versions. The photographs are the rows.")
        raise Mistake("wrong", f"For picks {picks} I expected {wanted:.4f}, got {shorten(got)}.")
    return "Right: whole rows, repeats and all. Four thousand such draws, sorted, give the interval."


# (part, whole, branch, expected)
_LISTS = [
    (set("abcd"), set("abcdefghij"), set("abxyz"), (2 / 4) / (2 / 10)),
    (set("ade"), set("abcdefghij"), set("abcxyz"), (1 / 3) / (3 / 10)),
    (set("de"), set("abcdefghij"), set("abc"), 0.0),
]


@exercise("06-represent")
def _represent(representation: Any) -> str:
    for part, whole, branch, wanted in _LISTS:
        got = call(representation, part, whole, branch)
        if _close(got, wanted):
            continue
        if wanted and _close(got, 1 / wanted):
            raise Mistake(
                "inverted",
                "Upside down: I get a number below 1 where the branch is over-represented. Part over whole.",
            )
        if _close(got, len(part & branch) / len(whole & branch)):
            message = "That is how much of the branch came into the part. Divide each count by its list's size first."
            raise Mistake("share-of-branch", message)
        if _close(got, (len(part & branch) / len(branch)) / (len(whole & branch) / len(branch))):
            raise Mistake(
                "share-of-branch",
                "You divided by the branch's size. A share is a count divided by its list's size.",
            )
        raise Mistake(
            "wrong",
            f"For {sorted(part)} in {sorted(whole)}, branch {sorted(branch)}: expected {wanted:.3f}, "
            f"got {shorten(got)}.",
        )
    try:
        got = call(representation, set("ab"), set("abcd"), set("xyz"))
    except Mistake as mistake:
        if "ZeroDivisionError" in mistake.message:
            message = "The whole may hold none of the branch: then return 0.0 before you divide."
            raise Mistake("no-guard", message) from None
        raise
    if not _close(got, 0.0):
        raise Mistake(
            "wrong", f"Where the whole holds none of the branch I expected 0.0, got {shorten(got)}."
        )
    return "Right. A ratio of shares compares lists of any size, which a count cannot."
