"""Checks of lesson 11, Detection metrics."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.metrics.detection.byhand import average_precision, best_from_here_on, match_greedily, precision_recall


@exercise("11-precision-recall")
def _precision_recall(after) -> str:
    cases = [([True, False, True, True, False], 4, 3), ([False, True, True, False, False, True], 8, 4)]
    cases += [([True, True, False], 5, 1), ([False, False, True], 2, 2)]
    for hits, objects, k in cases:
        got = np.asarray(call(after, hits, objects, k), dtype=float).ravel()
        found = sum(hits[:k])
        right = (found / k, found / objects)
        if got.shape != (2,):
            raise Mistake("shape", f"I expected two numbers, precision and recall, and got {got.tolist()}.")
        if np.allclose(got, right):
            continue
        wrong = {
            "swapped": (right[::-1], "You return recall first: precision comes first, then recall."),
            "all-detections": (
                (found / len(hits), found / objects),
                "Your precision divides by all detections: only the first k have been looked at.",
            ),
            "found-objects": (
                (found / k, found / max(1, sum(hits))),
                "Your recall divides by the objects that were found: it asks about all objects.",
            ),
            "whole-list": (
                (sum(hits) / len(hits), sum(hits) / objects),
                "You look at the whole list: stop after the first k detections.",
            ),
        }
        for name, (answer, text) in wrong.items():
            if np.allclose(got, answer):
                raise Mistake(name, text)
        raise Mistake(
            "wrong", f"Hits {hits}, {objects} objects, k = {k}: I expected {right}, got {tuple(got.tolist())}."
        )
    return "Right: precision asks about the detections so far, recall about all objects."


@exercise("11-greedy")
def _greedy(greedy) -> str:
    rng = np.random.default_rng(11)
    cases = [
        (np.array([[0.5], [0.7]]), [0.9, 0.8], 0.5),
        (np.array([[0.6, 0.0], [0.9, 0.5]]), [0.3, 0.8], 0.5),
        (np.array([[0.55, 0.8], [0.6, 0.7]]), [0.9, 0.4], 0.5),
    ]
    # Tenths, so that the threshold is met exactly; three different ones a row, since the rule names no winner of a tie.
    rows = [np.array([rng.permutation(11)[:3] for _ in range(5)]) / 10 for _ in range(20)]
    cases += [(row, rng.permutation(5) / 10, 0.5) for row in rows]
    got = [call(greedy, *case) for case in cases]
    if any(one is None for taken in got for one in taken):
        raise Mistake("none", "A detection that takes no object gets -1, not None.")
    got = [np.asarray(taken, dtype=int).tolist() for taken in got]
    if got == [match_greedily(*case).tolist() for case in cases]:
        return "Right: it agrees with the package on 23 problems, ties on the threshold included."
    texts = {
        "object-twice": "Two detections take the same object: cross an object off once it is taken.",
        "file-order": "You go through the detections as they stand: the highest score chooses first.",
        "strict": "An overlap of exactly the threshold is enough: use >=.",
        "first-fit": "You take the first object that fits: take the one with the largest overlap.",
    }
    for name, text in texts.items():
        if got == [_greedy_but(name, *case) for case in cases]:
            raise Mistake(name, text)
    by_score = [match_greedily(*case)[np.argsort(-np.asarray(case[1]))].tolist() for case in cases]
    if got == by_score:
        raise Mistake("by-score", "The right objects, but in the order of the scores: answer in the order given.")
    place = next(n for n, case in enumerate(cases) if got[n] != match_greedily(*case).tolist())
    overlaps, scores, threshold = cases[place]
    raise Mistake(
        "wrong",
        f"Overlaps {overlaps.tolist()}, scores {np.asarray(scores).tolist()}: I expected "
        f"{match_greedily(overlaps, scores, threshold).tolist()}, got {got[place]}.",
    )


def _greedy_but(mistake: str, overlaps: np.ndarray, scores, threshold: float) -> list[int]:
    """Match greedily with one mistake built in."""
    taken, free = [-1] * len(scores), np.ones(overlaps.shape[1], dtype=bool)
    order = range(len(scores)) if mistake == "file-order" else np.argsort(-np.asarray(scores), kind="stable").tolist()
    for d in order:
        enough = overlaps[d] > threshold if mistake == "strict" else overlaps[d] >= threshold
        fits = np.flatnonzero(free & enough)
        if len(fits):
            taken[d] = int(fits[0] if mistake == "first-fit" else fits[np.argmax(overlaps[d, fits])])
            free[taken[d]] = mistake == "object-twice"
    return taken


@exercise("11-average")
def _average(average) -> str:
    staircases = [([True, False, True, True, False], 4), ([False, True, True], 3), ([True, False, False, True], 10)]
    staircases += [([False, True, False, True, True], 6)]
    for hits, objects in staircases:
        precision, recall = precision_recall(hits, objects)
        got = float(call(average, precision, recall))
        right = average_precision(precision, recall)
        if np.isclose(got, right):
            continue
        values = np.linspace(0, 1, 101)
        places = np.searchsorted(recall, values)
        reached = places < len(recall)
        best = best_from_here_on(precision)
        wrong = {
            "dents": (
                np.append(precision, 0)[places].mean(),
                "You take the precision where a recall is reached: take the best from there on.",
            ),
            "reached-only": (
                best[places[reached]].mean(),
                "You average over the recalls that were reached: one that never is counts 0.",
            ),
            "per-detection": (best.mean(), "You average over the detections: average over the 101 recall values."),
            "eleven": (average_precision(precision, recall, "voc11"), "You take eleven recall values: COCO takes 101."),
        }
        for name, (answer, text) in wrong.items():
            if np.isclose(got, answer):
                raise Mistake(name, text)
        raise Mistake("wrong", f"Hits {hits} of {objects} objects: I expected {right:.4f}, got {got:.4f}.")
    return "Right: the same as pycocotools at one threshold."


@exercise("11-compare")
def _compare(compare) -> str:
    rng = np.random.default_rng(12)
    cases, shared = [], rng.normal(0.4, 0.02, 2_000)
    for gap, noise in ((0.010, 0.003), (-0.012, 0.004), (0.004, 0.006), (-0.001, 0.01), (0.2, 0.005), (-0.2, 0.005)):
        cases.append((shared + gap, shared + noise * rng.normal(size=2_000)))
    got = [str(call(compare, *case)).strip().lower() for case in cases]
    if not set(got) <= {"a", "b", "open"}:
        raise Mistake("other-words", f'I expected "a", "b" or "open", and got {sorted(set(got))}.')
    right = [_verdict(a - b) for a, b in cases]
    if got == right:
        return "Right: pairs first, then the interval, and 'open' is an answer."
    swapped = {"a": "b", "b": "a", "open": "open"}
    wrong = {
        "reversed": ([swapped[each] for each in right], 'You name the worse one: "a" means that a has the higher AP.'),
        "separate-intervals": (
            [_apart(a, b) for a, b in cases],
            "You compare two separate intervals: take the interval of the difference, draw by draw.",
        ),
        "means-only": (
            ["a" if a.mean() > b.mean() else "b" for a, b in cases],
            'You name whoever is ahead on average: where the interval holds 0, say "open".',
        ),
    }
    for name, (answers, text) in wrong.items():
        if got == answers:
            raise Mistake(name, text)
    place = next(n for n in range(len(cases)) if got[n] != right[n])
    low, high = np.quantile(cases[place][0] - cases[place][1], [0.025, 0.975])
    raise Mistake(
        "wrong",
        f'The middle 95 % of a - b lies between {low:+.4f} and {high:+.4f}: I expected "{right[place]}", '
        f'got "{got[place]}".',
    )


def _verdict(difference: np.ndarray) -> str:
    low, high = np.quantile(difference, [0.025, 0.975])
    return "a" if low > 0 else "b" if high < 0 else "open"


def _apart(a: np.ndarray, b: np.ndarray) -> str:
    (a_low, a_high), (b_low, b_high) = (np.quantile(each, [0.025, 0.975]) for each in (a, b))
    return "a" if a_low > b_high else "b" if b_low > a_high else "open"
