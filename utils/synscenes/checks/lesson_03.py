"""The hidden cases of lesson 03's exercises."""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.checks import Mistake, call, exercise, shorten

_BALLOTS = [
    (["cat", "dog", "cat"], "cat"),
    (["cat", "dog"], "tie"),
    (["fox", "cat", "cat", "dog", "cow"], "cat"),
    (["owl"], "owl"),
    (["dog", "cat", "dog", "cat", "cow"], "tie"),
    (["cow", "cow", "cow"], "cow"),
]


@exercise("03-majority")
def _majority(majority: Any) -> str:
    for answers, expected in _BALLOTS:
        got = call(majority, answers)
        if got == expected and isinstance(got, str):
            continue
        if isinstance(got, int) and not isinstance(got, bool):
            raise Mistake(
                "returns-count",
                f"For {answers} I got {got}. I asked for the answer, not its number of votes.",
            )
        if expected == "tie" and got in answers:
            raise Mistake("breaks-ties", f'{answers} has no single winner: I expected "tie" and got {got!r}.')
        if got == "tie":
            raise Mistake(
                "needs-half", f"For {answers} I expected {expected!r}: most votes win, half of them or not."
            )
        raise Mistake("wrong", f"For {answers} I expected {expected!r} and got {shorten(got)}.")
    return (
        "Right: most votes win, and a tie stays open. With many classes, winners often have less than half."
    )


def _kappa_cases() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(3)
    three = rng.integers(0, 3, 40)
    return [
        (np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0]), np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0])),
        (np.array([0] * 18 + [1, 1]), np.array([0] * 17 + [1, 0, 1])),
        (three, np.where(rng.random(40) < 0.6, three, rng.choice([0, 2, 5], 40))),
        (np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0])),
    ]


@exercise("03-kappa")
def _kappa(kappa: Any) -> str:
    from synscenes.annotators.agreement import cohen_kappa

    for a, b in _kappa_cases():
        got, expected = _number(call(kappa, a, b)), cohen_kappa(a, b)
        if np.isclose(got, expected):
            continue
        observed = (a == b).mean()
        labels = np.unique(np.concatenate([a, b]))
        chance = sum((a == k).mean() * (b == k).mean() for k in labels)
        uniform = 1 / len(labels)
        if np.isclose(got, observed):
            raise Mistake("no-chance", f"{got:.3f} is the plain agreement. Take away what chance gives.")
        if np.isclose(got, observed - chance):
            raise Mistake(
                "not-divided", "You took chance away. Now divide by what was to be had: 1 - chance."
            )
        if np.isclose(got, (observed - uniform) / (1 - uniform)):
            raise Mistake(
                "uniform-chance",
                "Chance isn't 1 / (number of labels): each person has frequencies of their own.",
            )
        raise Mistake(
            "wrong",
            f"For a = {shorten(a.tolist())}, b = {shorten(b.tolist())} I expected {expected:.4f}, got {got:.4f}.",
        )
    return "Right: 1 for perfect, 0 for blind, and below 0 for two people who avoid each other's answers."


def _number(value: Any) -> float:
    if np.ndim(value):
        raise Mistake("not-a-number", f"I expected one number and got {shorten(value)}.")
    return float(value)


def _step_cases() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(5)
    soft = [rng.dirichlet(np.ones(k) * 0.7, n) for k, n in ((3, 12), (4, 30))]
    answers = [rng.integers(0, beliefs.shape[1], len(beliefs)) for beliefs in soft]
    answers[0][answers[0] == 2] = 0  # somebody who never says 2
    example = (np.array([0, 1]), np.array([[0.75, 0.25], [0.25, 0.75]]))
    uneven = (np.array([0, 0, 1, 0]), np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]]))
    return [uneven, *zip(answers, soft), example]


@exercise("03-m-step")
def _m_step(confusion_of: Any) -> str:
    for answers, beliefs in _step_cases():
        k = beliefs.shape[1]
        counts = np.stack([beliefs[answers == answer].sum(axis=0) for answer in range(k)], axis=1)
        expected = counts / counts.sum(axis=1, keepdims=True)
        got = np.asarray(call(confusion_of, answers, beliefs), dtype=float)
        if got.shape != (k, k):
            raise Mistake("shape", f"I expected a {k} × {k} matrix and got shape {got.shape}.")
        if np.allclose(got, expected):
            continue
        if np.allclose(got, expected.T):
            raise Mistake("transposed", "That is the right matrix on its side: true classes belong in rows.")
        if np.allclose(got, counts):
            raise Mistake("not-normalised", "These are sums still: divide each row by its own sum.")
        if np.allclose(got, counts / np.maximum(counts.sum(axis=0, keepdims=True), 1e-12)):
            raise Mistake(
                "columns-sum-to-one",
                "Your columns sum to 1. The matrix says: given the truth (row), which answer?",
            )
        hard = np.eye(k)[beliefs.argmax(axis=1)]
        sharp = np.stack([hard[answers == answer].sum(axis=0) for answer in range(k)], axis=1)
        if np.allclose(got, sharp / np.maximum(sharp.sum(axis=1, keepdims=True), 1e-12)):
            raise Mistake(
                "hard-labels",
                "You counted each item for its likeliest class only. Add up the beliefs instead.",
            )
        raise Mistake(
            "wrong", f"For answers {answers.tolist()} I expected {shorten(expected.round(3).tolist())}."
        )
    return "Right: every item counts for every class, by as much as we believe it. That is the whole M-step."


def _suspect_cases() -> list[tuple[np.ndarray, np.ndarray]]:
    by_hand = np.array([[0.9, 0.1], [0.7, 0.3], [0.55, 0.45], [0.4, 0.6], [0.2, 0.8], [0.65, 0.35]])
    cases = [(by_hand, np.array([0, 0, 0, 1, 1, 1]))]
    rng = np.random.default_rng(11)
    for classes, n in ((3, 40), (5, 80)):
        labels = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
        scores = rng.normal(size=(n, classes)) + 1.2 * np.eye(classes)[labels] - np.arange(classes) * 0.5
        chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        cases.append((chances, labels))
    # Last the one by hand: with two classes, 0.5 for all and a plain argmax look the same.
    return cases[::-1]


@exercise("03-suspects")
def _suspects(find_suspects: Any) -> str:
    for probability, labels in _suspect_cases():
        own = [probability[labels == k, k].mean() for k in range(probability.shape[1])]
        expected = _beyond(probability, labels, np.array(own))
        answer = call(find_suspects, probability, labels)
        got = sorted(int(row) for row in np.asarray(answer).ravel())
        if np.asarray(answer).dtype == bool:
            raise Mistake("mask", "That is a mask of True and False. I asked for the numbers of the rows.")
        if got == expected:
            continue
        if got == np.flatnonzero(probability.argmax(axis=1) != labels).tolist():
            raise Mistake(
                "plain-argmax", "You list every disagreement. A suspect must reach another class's threshold."
            )
        if got == _beyond(probability, labels, np.full(len(own), 0.5)):
            raise Mistake("one-threshold", "0.5 for all? Each class has a threshold of its own.")
        if got == _beyond(probability, labels, probability.mean(axis=0)):
            raise Mistake(
                "mean-over-all",
                "The mean of class k's probability is over the rows *labelled* k, not all rows.",
            )
        raise Mistake(
            "wrong", f"In {len(labels)} rows I expected the suspects {shorten(expected)}, got {shorten(got)}."
        )
    return "Right: confident, and of something else. Which of them are wrong is for people to say."


def _beyond(probability: np.ndarray, labels: np.ndarray, thresholds: np.ndarray) -> list[int]:
    reached = np.where(probability >= thresholds, probability, -1.0)
    found = (reached.max(axis=1) >= 0) & (reached.argmax(axis=1) != labels)
    return np.flatnonzero(found).tolist()
