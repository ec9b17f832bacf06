"""Checks of lesson 08, Using the hierarchy."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.hierarchy.decisions import least_cost_answers
from synscenes.hierarchy.hedging import hedged_answers


@exercise("08-branches")
def _branches(branch_probability) -> str:
    rng = np.random.default_rng(80)
    for classes, nodes in ((3, 2), (6, 9), (5, 5)):
        probabilities = rng.dirichlet(np.ones(classes))
        below = np.column_stack([np.ones(classes, bool), rng.random((classes, nodes - 1)) < 0.5])
        below[0] = True  # No synset without a class: a mean would divide by zero.
        got = np.asarray(call(branch_probability, probabilities, below), dtype=float)
        right, masked = probabilities @ below, probabilities[:, None] * below
        if got.shape == right.shape and np.allclose(got, right):
            continue
        if got.shape == (classes,) and classes != nodes:
            raise Mistake(
                "per-class", f"You return {classes} numbers, one per class; I expected {nodes}, one per synset."
            )
        if got.shape != right.shape:
            raise Mistake("shape", f"I expected shape ({nodes},), one number per synset, and got {got.shape}.")
        if np.allclose(got, masked.max(axis=0)):
            raise Mistake("largest", "You take a branch's likeliest class; its other classes belong to it as well.")
        if np.allclose(got, right / below.sum(axis=0)):
            raise Mistake(
                "mean", "You average over the classes: the root would have 1/1000, but it is certain. Add up."
            )
        raise Mistake("wrong", f"For the second synset I expected {right[1]:.4f}, got {got[1]:.4f}.")
    return "Right: the root has 1, and no branch has less than any part of it."


# Probability and bits of: entity, animal, antelope, four classes, artifact.
_CHANCES = np.array([1.0, 0.92, 0.81, 0.11, 0.3, 0.51, 0.02, 0.06])
_BITS = np.array([0.0, 2.0, 7.5, 10.0, 10.0, 10.0, 10.0, 1.0])


@exercise("08-hedge")
def _hedge(hedge) -> str:
    thresholds = (0.0, 0.3, 0.51, 0.6, 0.81, 0.9, 0.95, 1.0)
    got = [int(call(hedge, _CHANCES, _BITS, threshold)) for threshold in thresholds]
    right = [int(hedged_answers(_CHANCES[None], _BITS, threshold)[0]) for threshold in thresholds]
    if got == right:
        return "Right: at threshold 0 it is plain argmax, at 1 it says nothing at all."
    if len(set(got)) == 1 and got[0] == right[0]:
        raise Mistake(
            "ignores-threshold", "Your answer is the likeliest class at every threshold: rule out what is below it."
        )
    if set(got) == {0}:
        raise Mistake(
            "most-probable", "You always answer with the root, the most probable of all: maximise the bits instead."
        )
    firsts = [int(np.where(threshold <= _CHANCES, _BITS, -1).argmax()) for threshold in thresholds]
    if got == firsts:
        raise Mistake(
            "first-of-equals", "Of several allowed classes with equal bits you take the first: take the most probable."
        )
    strict = [int(hedged_answers(_CHANCES[None], _BITS, min(1, threshold + 1e-6))[0]) for threshold in thresholds]
    if got == strict:
        raise Mistake("strictly-above", "A synset whose probability equals the threshold is allowed: use >=.")
    place = next(i for i, (a, b) in enumerate(zip(got, right)) if a != b)
    raise Mistake(
        "wrong",
        f"Probabilities {_CHANCES.tolist()}, bits {_BITS.tolist()}, threshold {thresholds[place]}: "
        f"I expected {right[place]}, got {got[place]}.",
    )


@exercise("08-least-cost")
def _least_cost(least_cost) -> str:
    rng = np.random.default_rng(81)
    cases = []
    while len(cases) < 12:  # Only cases in which the typical mistakes give other answers.
        probabilities, costs = rng.dirichlet(np.ones(5)), rng.integers(1, 50, (5, 5)).astype(float)
        np.fill_diagonal(costs, 0)
        answers = _cost_answers(probabilities, costs)
        if len({answers["right"]} & {answers[name] for name in answers if name != "right"}) == 0:
            cases.append((probabilities, costs, answers))
    got = [int(call(least_cost, probabilities, costs)) for probabilities, costs, _ in cases]
    texts = {
        "most-probable": "You answer with the likeliest class: weigh what each answer costs.",
        "transposed": "You sum over the answers instead of over what may be true: costs[a, t] has the answer first.",
        "unweighted": "You add up the costs as if all classes were equally likely: weight them by the probabilities.",
        "dearest": "You take the answer of the highest expected cost.",
    }
    if got == [answers["right"] for *_, answers in cases]:
        return "Right: and with cost 1 for every mistake it is argmax."
    for name, text in texts.items():
        if got == [answers[name] for *_, answers in cases]:
            raise Mistake(name, text)
    place = next(i for i, (*_, answers) in enumerate(cases) if got[i] != answers["right"])
    probabilities, costs, answers = cases[place]
    raise Mistake(
        "wrong",
        f"Probabilities {probabilities.round(2).tolist()}, costs {costs.tolist()}: "
        f"I expected {answers['right']}, got {got[place]}.",
    )


def _cost_answers(probabilities, costs) -> dict[str, int]:
    return {
        "right": int(least_cost_answers(probabilities[None], costs)[0]),
        "most-probable": int(probabilities.argmax()),
        "transposed": int((probabilities @ costs).argmin()),
        "unweighted": int(costs.sum(axis=1).argmin()),
        "dearest": int((costs @ probabilities).argmax()),
    }


@exercise("08-conse")
def _conse(relative) -> str:
    rng = np.random.default_rng(82)
    cases = []
    while len(cases) < 12:
        probabilities = np.append(rng.dirichlet(np.ones(6)), np.zeros(4))[rng.permutation(10)]
        unseen = np.flatnonzero(probabilities == 0)
        half = rng.random((10, 10))
        similarity, top = (half + half.T) / 2, int(rng.integers(2, 5))
        answers = _conse_answers(probabilities, similarity, unseen, top)
        if answers["right"] not in [answer for name, answer in answers.items() if name != "right"]:
            cases.append((probabilities, similarity, unseen, top, answers))
    got = [int(call(relative, *case[:4])) for case in cases]
    if got == [case[4]["right"] for case in cases]:
        return "Right: with the similarity of word vectors it is ConSE, with WordNet's it needs no words."
    texts = {
        "place-in-unseen": "You return a place in `unseen`: look up which class stands there.",
        "unweighted": "You add up similarities without the probabilities: 1 % counts as much as 60 %.",
        "only-the-first": "You use the likeliest class alone: keep the `top` likeliest.",
        "all-classes": "You use all classes: keep only the `top` likeliest.",
        "all-unmasked": "Your answer is a class that has been seen: choose among `unseen`.",
    }
    for name, text in texts.items():
        if got == [case[4][name] for case in cases]:
            raise Mistake(name, text)
    place = next(i for i, case in enumerate(cases) if got[i] != case[4]["right"])
    unseen, top, answers = cases[place][2:]
    raise Mistake("wrong", f"unseen {unseen.tolist()}, top {top}: I expected {answers['right']}, got {got[place]}.")


def _conse_answers(probabilities, similarity, unseen, top) -> dict[str, int]:
    likeliest = np.argsort(-probabilities, kind="stable")[:top]
    scores = probabilities[likeliest] @ similarity[likeliest]
    place = int(scores[unseen].argmax())
    return {
        "right": int(unseen[place]),
        "place-in-unseen": place,
        "unweighted": int(unseen[similarity[np.ix_(likeliest, unseen)].sum(axis=0).argmax()]),
        "only-the-first": int(unseen[similarity[likeliest[0], unseen].argmax()]),
        "all-classes": int(unseen[(probabilities @ similarity[:, unseen]).argmax()]),
        "all-unmasked": int(scores.argmax()),
    }
