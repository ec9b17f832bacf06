"""The hidden cases of lesson 04, and the mistakes they recognise."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.metrics.classification import softmax, wilson_interval
from synscenes.preprocessing import normalise


@exercise("04-normalise")
def _normalise(prepare) -> str:
    pixels = np.random.default_rng(4).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    for mean, std in (([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), ([0.5, 0.4, 0.3], [0.5, 0.25, 0.125])):
        right = normalise(pixels, mean, std)
        got = np.asarray(call(prepare, pixels, mean, std))
        last = right.transpose(1, 2, 0)
        if got.shape == last.shape and np.allclose(got, last, atol=1e-4):
            raise Mistake(
                "channels-last",
                f"The values are right, the axes aren't: {got.shape}, not (3, H, W).",
            )
        if got.shape == right.transpose(0, 2, 1).shape:
            raise Mistake(
                "turned",
                f"You return {got.shape}: height and width have changed places too. `.T` reverses all axes; "
                "transpose(2, 0, 1) moves only the channel.",
            )
        if got.shape != right.shape:
            raise Mistake("shape", f"For pixels of shape {pixels.shape} I expected (3, 5, 4), you return {got.shape}.")
        if np.allclose(got, right, atol=1e-4):
            continue
        if np.allclose(got, last.reshape(3, 5, 4), atol=1e-4):
            raise Mistake(
                "reshaped",
                "The shape is right and the image is scrambled: reshape() cuts the row of numbers anew; "
                "transpose() moves the axes.",
            )
        columns = np.array(mean)[:, None, None], np.array(std)[:, None, None]
        planes = pixels.transpose(2, 0, 1).astype(float)
        if np.allclose(got, (planes - columns[0]) / columns[1], atol=1e-4):
            raise Mistake("forgot-255", "Your values run into the thousands: divide the pixels by 255 first.")
        if np.allclose(got, planes / 255 / columns[1] - columns[0], atol=1e-4):
            raise Mistake("std-first", "Subtract the mean before you divide by the standard deviation.")
        if np.allclose(got, (planes / 255 - columns[0]) * columns[1], atol=1e-4):
            raise Mistake("multiplied", "Divide by the standard deviation; you multiply by it.")
        raise Mistake("wrong", f"First value: I expected {right.flat[0]:.4f}, got {float(got.flat[0]):.4f}.")
    return "Right: and it is exactly what weights.transforms() does after the crop."


@exercise("04-topk")
def _in_top_k(in_top_k) -> str:
    plain = np.array([0.1, 2.5, -1.0, 0.7, 1.9, 0.3])
    tied = np.array([1.0, 4.0, 4.0, 0.0, 4.0, 2.0])
    for scores in (plain, tied, np.zeros(6)):
        order = np.argsort(-scores, kind="stable")
        for k in (1, 2, 3, 5, 6):
            for label in range(6):
                got, right = bool(call(in_top_k, scores, label, k)), label in order[:k]
                if got != right:
                    raise _topk_mistake(in_top_k, plain, scores, label, k, right)
    return "Right: you count what comes before the label, so exactly k classes are in the top k."


def _topk_mistake(in_top_k, plain, scores, label, k, right) -> Mistake:
    if scores is plain:
        ascending = np.argsort(plain, kind="stable")
        answers = {(j, c): bool(call(in_top_k, plain, c, j)) for j in (1, 2, 3) for c in range(6)}
        if all(answer == (c in ascending[:j]) for (j, c), answer in answers.items()):
            return Mistake("lowest-scores", "You take the k lowest scores: argsort sorts upwards.")
        descending = ascending[::-1]
        for shift in (-1, 1):
            if all(answer == (c in descending[: j + shift]) for (j, c), answer in answers.items()):
                return Mistake("off-by-one", f"You let one class too {'many' if shift > 0 else 'few'} in.")
        return Mistake("wrong", f"Scores {plain.tolist()}, label {label}, k = {k}: I expected {right}.")
    inside = sum(bool(call(in_top_k, scores, c, k)) for c in range(6))
    case = f"With scores {scores.tolist()} and k = {k}"
    if inside > k:
        return Mistake("ties-for-free", f"{case}, you put {inside} classes in the top {k}: ties need a rule.")
    if inside < k:
        return Mistake("ties-lost", f"{case}, you put only {inside} in: a tie must not throw out all who tie.")
    return Mistake("ties-reversed", f"{case}, of equal scores you prefer the higher index; the lower comes first.")


@exercise("04-wilson")
def _wilson(wilson) -> str:
    for successes, n in ((9, 10), (53, 70), (70, 70), (0, 5), (35_939, 50_000)):
        got = np.asarray(call(wilson, successes, n), dtype=float)
        if got.shape != (2,):
            raise Mistake("shape", f"I expected a pair (low, high), got something of shape {got.shape}.")
        right = np.array(wilson_interval(successes, n))
        if np.allclose(got, right, atol=2e-5):
            continue
        if np.allclose(got, right, atol=1e-2, rtol=0) and np.allclose(got, np.round(got, 4), atol=1e-9, rtol=0):
            raise Mistake("rounded", f"For {successes} of {n}, the interval is right but rounded: return it as it is.")
        z, p = 1.96, successes / n
        half = z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
        centre, wald = p + z**2 / (2 * n), z * (p * (1 - p) / n) ** 0.5
        case = f"For {successes} of {n}"
        if np.allclose(got, right[::-1], atol=2e-5):
            raise Mistake("swapped", f"{case}, you return (high, low).")
        if np.allclose(got, [p - wald, p + wald], atol=1e-6):
            raise Mistake("textbook", f"{case}, that is the textbook interval p ± z·s: it has no width at 0 and at n.")
        if np.allclose(got, [centre - half, centre + half], atol=1e-6):
            raise Mistake("not-divided", f"{case}, divide both ends by 1 + z²/n.")
        for share in (0.8, 0.9, 0.99):
            if np.allclose(got, wilson_interval(successes, n, share), atol=2e-3):
                raise Mistake("other-confidence", f"{case}, that is the {share:.0%} interval: z is 1.96 for 95 %.")
        raise Mistake("wrong", f"{case} I expected ({right[0]:.4f}, {right[1]:.4f}), got ({got[0]:.4f}, {got[1]:.4f}).")
    return "Right: and it has a width even at 70 of 70, where the textbook interval claims certainty."


@exercise("04-expected-distance")
def _expected_distance(expected_distance) -> str:
    rng = np.random.default_rng(40)
    steps = rng.integers(2, 20, (7, 7))
    steps = np.triu(steps, 1) + np.triu(steps, 1).T
    for scale in (1.0, 3.0, 4000.0):
        logits, label = scale * rng.normal(size=7) + 2, int(rng.integers(7))
        got = np.asarray(call(expected_distance, logits, label, steps), dtype=float)
        if got.shape != ():
            raise Mistake("shape", f"I expected one number, got an array of shape {got.shape}.")
        right = softmax(logits) @ steps[label]
        if np.isclose(got, right, atol=1e-6):
            continue
        if np.isclose(got, steps[label].mean()) or np.isclose(got, steps[label].sum() / 6):
            raise Mistake("unweighted", "That is the mean over all classes: weight each by its probability.")
        if np.isclose(got, logits @ steps[label] / logits.sum()) or np.isclose(got, logits @ steps[label]):
            raise Mistake(
                "logits-as-weights",
                "Logits can be negative: make probabilities of them with softmax.",
            )
        if np.isclose(got, steps[label][logits.argmax()]):
            raise Mistake(
                "only-the-winner",
                "That is the distance of the likeliest class; the others count too.",
            )
        if np.isnan(got):
            raise Mistake("overflow", f"nan: exp({logits.max():.0f}) is too large. Subtract the largest logit first.")
        raise Mistake("wrong", f"I expected {right:.4f}, got {float(got):.4f}.")
    return "Right: one number that knows more than top-1, since it listens to all the probabilities."
