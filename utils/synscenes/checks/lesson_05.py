"""The hidden cases of lesson 05's exercises."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np

from synscenes.checks import Mistake, call, exercise, shorten

# Ties lie before, behind and on both sides of the label. The second set is the lesson's own.
_TEST_SETS = (
    (
        [[0.1, 0.7, 0.2, 0.0], [0.5, 0.5, 0.1, 0.5], [0.5, 0.5, 0.1, 0.5], [2.0, 3.0, 2.0, 2.0], [0.0] * 4],
        [0, 0, 3, 2, 2],
    ),
    (
        [[2.0, 0.5, 3.0, 1.0, -1.0, 0.0], [1.0, 4.0, 0.2, 2.5, 3.0, -2.0], [1.5, 1.5, 1.5, 0.0, 0.1, 0.2]],
        [2, 0, 2],
    ),
    ([[0.0] * 8, [1.0] * 8], [6, 1]),
)


@exercise("05-in-top-k")
def _in_top_k(share_in_top_k: Any) -> str:
    cases = [(np.array(scores), np.array(labels), k) for scores, labels in _TEST_SETS for k in (1, 2, 3, 5, 9)]
    found = np.array([_number(call(share_in_top_k, *case)) for case in cases])
    shares = {
        kind: np.array([np.mean(places(scores, labels) < k) for scores, labels, k in cases])
        for kind, places in _PLACES.items()
    }
    expected = shares["right"]
    if np.allclose(found, expected, atol=1e-6):
        return "Right: and it works for k beyond the number of classes, where torch.topk stops with an error."
    texts = {
        "ties-backwards": "Reversing an ascending order puts the *higher* index first among equals. "
        "The lower one comes first.",
        "ignores-ties": "You count the classes with a higher score. "
        "Among equal scores the lower index stands before, too.",
        "lowest-scores": "You look among the k *lowest* scores: np.argsort is ascending.",
    }
    for kind, text in texts.items():
        if np.allclose(found, shares[kind], atol=1e-6):
            raise Mistake(kind, text)
    if np.allclose(found, expected * [len(labels) for _, labels, _ in cases], atol=1e-6):
        raise Mistake("counts", "You return how many images are right. Divide by the number of images.")
    wrong = int(np.argmax(np.abs(found - expected) > 1e-6))
    scores, labels, k = cases[wrong]
    told = f"For scores {scores.tolist()}, labels {labels.tolist()} and k = {k}"
    raise Mistake("wrong", f"{told} I expected {expected[wrong]:.3f}, got {found[wrong]:.3f}.")


def _places(order: Any) -> Any:
    """The place of each label in the rows of ``order(scores)``, an array of class indices, best first."""
    return lambda scores, labels: np.argmax(order(scores) == labels[:, None], axis=1)


_PLACES = {
    "right": _places(lambda scores: np.argsort(-scores, axis=1, kind="stable")),
    "ties-backwards": _places(lambda scores: np.argsort(scores, axis=1, kind="stable")[:, ::-1]),
    "lowest-scores": _places(lambda scores: np.argsort(scores, axis=1, kind="stable")),
    "ignores-ties": lambda scores, labels: np.sum(
        scores > np.take_along_axis(scores, labels[:, None], axis=1), axis=1
    ),
}


_PLANS = ((0.5, 0.05), (0.75, 0.005), (0.9, 0.01), (0.72, 0.003))


@exercise("05-images-needed")
def _images_needed(images_needed: Any) -> str:
    for accuracy, half in _PLANS:
        exact = 1.96**2 * accuracy * (1 - accuracy) / half**2
        expected = ceil(exact - 1e-9)
        got = _number(call(images_needed, accuracy, half))
        if got == expected:
            continue
        asked = f"images_needed({accuracy}, {half})"
        if abs(got - 4 * exact) <= 1:
            message = f"{asked}: {got:g} is four times too many. `half` reaches to *each* side; don't halve it again."
            raise Mistake("whole-width", message)
        if abs(got - sqrt(exact)) <= 1:
            message = (
                f"{asked}: {got:g} is the root of what is needed. Square both sides before you solve for n."
            )
            raise Mistake("forgot-to-square", message)
        if expected - 1 <= got < expected:
            message = (
                f"{asked}: {got:g} images leave the interval a little too wide. Round up to a whole number."
            )
            raise Mistake("rounds-down", message)
        raise Mistake("wrong", f"{asked}: I expected {expected}, got {got:g}.")
    return "Right: half the width costs four times the images. That is why the third digit of a score is so dear."


def _number(got: Any) -> float:
    try:
        return float(got)
    except (TypeError, ValueError):
        raise Mistake("not-a-number", f"I expected one number, got {shorten(got)}.") from None


# No confidence lies on an edge of its bins. In the fourth case all gaps are below 0.
_PREDICTIONS = (
    ([0.3, 0.4, 0.9, 0.9], [0, 1, 1, 1], 2),
    ([0.15, 0.55, 0.65, 0.95, 0.95, 0.97], [0, 0, 1, 1, 1, 0], 10),
    ([0.22, 0.25, 0.81, 0.85, 0.9], [1, 0, 1, 0, 1], 5),
    ([0.55, 0.62, 0.66, 0.71, 0.93], [1, 1, 1, 1, 1], 4),
)


@exercise("05-ece")
def _ece(ece: Any) -> str:
    for listed, hits, bins in _PREDICTIONS:
        confidence, right = np.array(listed), np.array(hits, dtype=bool)
        place = np.minimum((confidence * bins).astype(int), bins - 1)
        inside = [place == number for number in np.unique(place)]
        weights = np.array([each.mean() for each in inside])
        gaps = np.array([confidence[each].mean() - right[each].mean() for each in inside])
        got = _number(call(ece, confidence, right, bins))
        if abs(got - weights @ np.abs(gaps)) < 1e-6:
            continue
        if np.isnan(got):
            raise Mistake("empty-bin", "An empty bin has no mean: NaN came out. Leave empty bins out.")
        if abs(got - np.abs(gaps).mean()) < 1e-9:
            message = "Every bin counts alike in yours. Weight each by the share of predictions in it."
            raise Mistake("unweighted", message)
        _catch_cancelling(ece)
        asked = f"ece({listed}, {hits}, {bins})"
        raise Mistake("wrong", f"{asked}: I expected {weights @ np.abs(gaps):.4f}, got {got:.4f}.")
    return "Right: compare torchmetrics' calibration error. And mind how many images stand behind each bin."


def _catch_cancelling(ece: Any) -> None:
    """Tell signed gaps from one great bin: where all gaps are below 0, only the first comes out below 0."""
    listed, hits, bins = _PREDICTIONS[3]
    confidence, right = np.array(listed), np.array(hits, dtype=bool)
    got, signed = _number(call(ece, confidence, right, bins)), confidence.mean() - right.mean()
    if abs(got - signed) < 1e-9:
        message = (
            "Gaps above and below 0 cancel in yours. Take the absolute value in each bin, before you add."
        )
        raise Mistake("gaps-cancel", message)
    # Here all gaps have one sign, so one great bin comes to the same as the right answer.
    listed, hits, bins = _PREDICTIONS[2]
    confidence, right = np.array(listed), np.array(hits, dtype=bool)
    if abs(_number(call(ece, confidence, right, bins)) - abs(confidence.mean() - right.mean())) < 1e-9:
        message = "You compare the mean confidence of all with the share right of all: that is one great bin."
        raise Mistake("one-bin", message)


_SCORES = (
    ([0.70, 0.90, 0.80], [0.75, 0.78, 0.81]),
    ([0.61, 0.60, 0.59], [0.40, 0.70, 0.80]),
    ([0.10, 0.20, 0.30, 0.95], [0.97, 0.50, 0.60, 0.55]),
)


@exercise("05-honest-score")
def _honest_score(honest_score: Any) -> str:
    answers = [_number(call(honest_score, validation, test)) for validation, test in _SCORES]
    chosen = [max(range(len(validation)), key=validation.__getitem__) for validation, _ in _SCORES]
    if answers == [test[place] for place, (_, test) in zip(chosen, _SCORES)]:
        return "Right: one set chooses, another reports. Use the second one once, and it stays honest."
    if answers == [max(test) for _, test in _SCORES]:
        message = (
            "You chose on the test set: its best score is the luckiest one. Let the validation set choose."
        )
        raise Mistake("chooses-on-test", message)
    if answers == [max(validation) for validation, _ in _SCORES]:
        message = (
            "You report the score that won the choice, partly by luck. Look the model up in the test set."
        )
        raise Mistake("reports-validation", message)
    if answers == chosen:
        raise Mistake(
            "returns-index", "That is the number of the chosen model. I asked for its score on the test set."
        )
    wrong = next(case for case, place in enumerate(chosen) if answers[case] != _SCORES[case][1][place])
    validation, test = _SCORES[wrong]
    told = f"For {validation} and {test} I expected {test[chosen[wrong]]:g}"
    raise Mistake("wrong", f"{told}, got {answers[wrong]:g}.")
