"""Checks of lesson 07, Fine-tuning."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.train.schedule import warmup_cosine


@exercise("07-leak")
def _leak(leak) -> str:
    rng = np.random.default_rng(70)
    cases = []
    while len(cases) < 8:  # Only cases in which the typical mistakes give other answers.
        rows = rng.normal(size=(24, 3))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        order, threshold = rng.permutation(24), float(rng.uniform(0.8, 0.97))
        case = (rows @ rows.T, order[:15], order[15:], threshold)
        answers = _leaks(*case)
        if sum(np.isclose(answers["right"], value) for value in answers.values()) == 1 and answers["right"] > 0:
            cases.append((case, answers))
    got = [call(leak, *case) for case, _ in cases]
    if any(np.ndim(value) for value in got):
        raise Mistake("not-a-number", "I expected one number, a share; you return an array. Take the mean.")
    got = [float(value) for value in got]
    texts = {
        "training-side": "That is the share of training pictures with a twin in the test. Ask it of the test pictures.",
        "pairs": "That is the share of all pairs. One twin is enough: take the maximum over the training pictures.",
        "within-test": "You look for twins inside the test set. The leak is between test and training.",
        "kept": "That is the share without a near-duplicate: one minus the leak.",
    }
    if np.allclose(got, [answers["right"] for _, answers in cases]):
        return "Right: one twin in the training set is enough to remember the answer."
    for name, text in texts.items():
        if np.allclose(got, [answers[name] for _, answers in cases]):
            raise Mistake(name, text)
    place = next(i for i, (_, answers) in enumerate(cases) if not np.isclose(got[i], answers["right"]))
    raise Mistake("wrong", f"I expected {cases[place][1]['right']:.3f}, got {got[place]:.3f}.")


def _leaks(alike, train, test, threshold) -> dict[str, float]:
    between = alike[np.ix_(test, train)]
    right = float((between.max(axis=1) > threshold).mean())
    return {
        "right": right,
        "training-side": float((between.max(axis=0) > threshold).mean()),
        "pairs": float((between > threshold).mean()),
        "within-test": float(((alike[np.ix_(test, test)] - np.eye(len(test))).max(axis=1) > threshold).mean()),
        "kept": 1 - right,
    }


@exercise("07-parts")
def _parts(whole_loss) -> str:
    cases = [([1.0, 1.0, 4.0], [4, 4, 2]), ([0.5, 2.0], [6, 1]), ([3.0], [5]), ([0.2, 0.9, 0.4], [3, 3, 1])]
    got = [float(call(whole_loss, list(losses), list(sizes))) for losses, sizes in cases]
    right = [float(np.average(losses, weights=sizes)) for losses, sizes in cases]
    if np.allclose(got, right):
        return "Right: every picture counts alike, whichever part it was in."
    if np.allclose(got, [np.mean(losses) for losses, _ in cases]):
        raise Mistake(
            "mean-of-means", "You average the parts as if they were equally large: the small one counts too much."
        )
    if np.allclose(got, [np.dot(losses, sizes) for losses, sizes in cases]):
        raise Mistake("sum", "That is the sum of the loss over all pictures: divide by their number.")
    if np.allclose(got, [np.sum(losses) for losses, _ in cases]):
        raise Mistake(
            "added-up", "You add up the means. More parts would give a larger loss: weight each by its share."
        )
    place = next(i for i, (a, b) in enumerate(zip(got, right)) if not np.isclose(a, b))
    losses, sizes = cases[place]
    raise Mistake("wrong", f"Losses {losses} of parts {sizes}: I expected {right[place]:.4f}, got {got[place]:.4f}.")


@exercise("07-schedule")
def _schedule(factor) -> str:
    cases = [(step, steps, warmup) for steps, warmup in ((10, 2), (60, 6), (7, 3)) for step in range(steps)]
    right = [_factor(*case) for case in cases]
    got = [float(call(factor, *case)) for case in cases]
    if np.allclose(got, right):
        if abs(warmup_cosine(5, 60, 0.1) - got[10 + 5]) > 1e-9:
            raise Mistake("wrong", "The package's schedule differs; tell us.")
        return "Right: it is the schedule that `fit` uses."
    wrong = {
        "whole-run": lambda s, n, w: (s + 1) / (w + 1) if s < w else (1 + np.cos(np.pi * s / n)) / 2,
        "starts-at-zero": lambda s, n, w: s / w if s < w else _factor(s, n, w),
        "no-warmup": lambda s, n, w: _factor(max(s, w), n, w),
        "upside-down": lambda s, n, w: (s + 1) / (w + 1) if s < w else 1 - _factor(s, n, w),
        "ends-at-zero": lambda s, n, w: _factor(s, n - 1 if s >= w else n, w),
    }
    texts = {
        "whole-run": "The cosine must run over the steps that remain after the warm-up, or the rate jumps there.",
        "starts-at-zero": "Your first step has a rate of 0 and changes nothing: rise from 1 / (warmup + 1).",
        "no-warmup": "The rate is at its highest from the first step on: the warm-up is missing.",
        "upside-down": "After the warm-up your rate rises from 0: look at the sign of the cosine.",
        "ends-at-zero": "Your last step has a rate of 0 and changes nothing: t is 1 at `steps`, one after the last.",
    }
    for name, formula in wrong.items():
        if np.allclose(got, [formula(*case) for case in cases]):
            raise Mistake(name, texts[name])
    place = next(i for i, (a, b) in enumerate(zip(got, right)) if not np.isclose(a, b))
    step, steps, warmup = cases[place]
    raise Mistake("wrong", f"factor({step}, {steps}, {warmup}): I expected {right[place]:.4f}, got {got[place]:.4f}.")


def _factor(step: int, steps: int, warmup: int) -> float:
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return float(1 + np.cos(np.pi * (step - warmup) / (steps - warmup))) / 2


@exercise("07-balance")
def _balance(weights) -> str:
    cases = [np.array([8, 2]), np.array([904, 44, 536]), np.array([5, 5, 5, 1])]
    got = [np.asarray(call(weights, counts), dtype=float) for counts in cases]
    for counts, mine in zip(cases, got):
        if mine.shape != counts.shape:
            raise Mistake("shape", f"I expected {len(counts)} weights, one per class, and got shape {mine.shape}.")
    if all(np.allclose(mine, counts.sum() / (len(counts) * counts)) for counts, mine in zip(cases, got)):
        return "Right: every class has the same say, and the loss keeps its size."
    if all(np.allclose(mine * counts.sum() / len(counts), counts) for counts, mine in zip(cases, got)):
        raise Mistake("upside-down", "Frequent classes weigh most in yours: it is the rare ones that need weight.")
    even = all(np.ptp(mine * counts) < 1e-6 * abs(mine * counts).max() for counts, mine in zip(cases, got))
    if even and all(np.allclose(mine.mean(), 1) for mine in got):
        raise Mistake("mean-over-classes", "The mean over the classes is 1; it should be the mean over the pictures.")
    if even:
        raise Mistake(
            "not-scaled", "The proportions are right, but not the loss's size: make the mean weight of a picture 1."
        )
    place = next(i for i, c in enumerate(cases) if not np.allclose(got[i], c.sum() / (len(c) * c)))
    right = cases[place].sum() / (len(cases[place]) * cases[place])
    raise Mistake(
        "wrong",
        f"Counts {cases[place].tolist()}: I expected {right.round(3).tolist()}, got {got[place].round(3).tolist()}.",
    )
