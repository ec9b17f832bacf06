"""Checks of lesson 14, Captioning."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise

_NUMBERS = {"<pad>": 0, "<start>": 1, "<end>": 2, "<unk>": 3, "a": 4, "dog": 5, "on": 6, "grass": 7, "two": 8}
_CAPTIONS = ["a dog on grass", "two zebras on a", "a zebra", "grass", "a dog on the green grass"]


@exercise("14-encode")
def _encode(encode) -> str:
    cases = [caption.split() for caption in _CAPTIONS]
    got = [[int(number) for number in call(encode, list(words), dict(_NUMBERS))] for words in cases]
    right = [[1, *(_NUMBERS.get(word, 3) for word in words), 2] for words in cases]
    if got == right:
        return "Right: the decoder is told where a caption begins, and has to learn where it ends."
    wrongs = {
        "no-end": [each[:-1] for each in right],
        "no-start": [each[1:] for each in right],
        "drops-unknown": [[number for number in each if number != 3] for each in right],
        "pads-unknown": [[0 if number == 3 else number for number in each] for each in right],
    }
    texts = {
        "no-end": "The <end> is missing: without it the decoder never learns to stop.",
        "no-start": "The <start> is missing: what would the decoder read before the first word?",
        "drops-unknown": "Words that are not in the table vanish: each becomes <unk>, so that its place stays.",
        "pads-unknown": "Words that are not in the table become <pad>: that would hide them from the loss. Use <unk>.",
    }
    for name, text in texts.items():
        if got == wrongs[name]:
            raise Mistake(name, text)
    words, expected, found = next(case for case in zip(cases, right, got) if case[1] != case[2])
    raise Mistake("wrong", f"For {' '.join(words)!r} I expected {expected}, got {found}.")


@exercise("14-loss")
def _loss(loss) -> str:
    rng, cases = np.random.default_rng(140), []
    for lengths in ([5, 2, 3], [4, 4], [1, 6]):
        logits = rng.normal(size=(len(lengths), max(lengths), 7))
        logs = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
        targets = rng.integers(2, 7, (len(lengths), max(lengths)))
        targets[np.arange(max(lengths)) >= np.array(lengths)[:, None]] = 0
        cases.append((logs, targets))
    got = [float(call(loss, logs.copy(), targets.copy())) for logs, targets in cases]
    answers = {
        name: [_loss_as(logs, targets, name) for logs, targets in cases]
        for name in ("right", "counts-pads", "mean-of-captions", "sign", "sum")
    }
    if np.allclose(got, answers["right"]):
        return "Right: the mean is over words, and padding is no word."
    texts = {
        "counts-pads": "You count <pad>: leave out the places where the target is 0.",
        "mean-of-captions": "You average within captions first, so long ones count too little: take one mean over all.",
        "sign": "The sign is wrong: log-probabilities are negative, and a loss is positive.",
        "sum": "You add up the words: divide by their number.",
    }
    for name, text in texts.items():
        if np.allclose(got, answers[name]):
            raise Mistake(name, text)
    raise Mistake(
        "wrong", f"For a batch of {cases[0][1].tolist()} I expected {answers['right'][0]:.4f}, got {got[0]:.4f}."
    )


def _loss_as(logs: np.ndarray, targets: np.ndarray, how: str) -> float:
    each = -np.take_along_axis(logs, targets[..., None], axis=2)[..., 0]
    kept = targets != 0
    if how == "counts-pads":
        return float(each.mean())
    if how == "mean-of-captions":
        return float(np.mean((each * kept).sum(axis=1) / kept.sum(axis=1)))
    if how == "sum":
        return float(each[kept].sum())
    return float(each[kept].mean()) * (-1 if how == "sign" else 1)


@exercise("14-beam")
def _beam(widen) -> str:
    rng, cases = np.random.default_rng(141), []
    for beams, words, width in ((2, 5, 2), (3, 6, 3), (1, 4, 3), (3, 3, 5)):
        cases.append((np.sort(rng.uniform(-4, -0.1, beams))[::-1], np.log(rng.dirichlet(np.ones(words), beams)), width))
    # One good beginning whose two continuations are both better than any of the other's.
    cases.append((np.log([0.6, 0.1]), np.log([[0.55, 0.45], [0.9, 0.1]]), 2))
    got = []
    for sums, logs, width in cases:
        rows = call(widen, sums.copy(), logs.copy(), width)
        got.append([(int(beam), int(word), float(total)) for beam, word, total in rows])
    right = [_widened(*case, "right") for case in cases]
    if all(_same(ours, theirs) for ours, theirs in zip(got, right)):
        return "Right: all continuations of all beginnings compete, and one beginning may win several places."
    texts = {
        "last-word-only": "You rank by the last word alone: a caption's score is the sum over all its words.",
        "one-each": "You keep one continuation of each beginning: all of them compete together.",
        "worst": "You keep the lowest sums: log-probabilities are negative, and nearer to 0 is better.",
        "multiplied": "You multiply log-probabilities: probabilities multiply, their logarithms add.",
    }
    for name, text in texts.items():
        if all(_same(ours, _widened(*case, name)) for ours, case in zip(got, cases)):
            raise Mistake(name, text)
    case, ours, theirs = next(each for each in zip(cases, got, right) if not _same(each[1], each[2]))
    told = [(beam, word, round(total, 3)) for beam, word, total in theirs]
    raise Mistake("wrong", f"With {len(case[0])} beams and width {case[2]} I expected {told}, got {ours}.")


def _widened(sums: np.ndarray, logs: np.ndarray, width: int, how: str) -> list[tuple[int, int, float]]:
    totals = sums[:, None] + logs
    ranks = {"last-word-only": logs, "multiplied": sums[:, None] * logs, "worst": -totals}.get(how, totals)
    shown = ranks if how in ("last-word-only", "multiplied") else totals
    places = [(beam, int(ranks[beam].argmax())) for beam in range(len(sums))] if how == "one-each" else [
        (beam, word) for beam in range(len(sums)) for word in range(logs.shape[1])
    ]  # fmt: skip
    places.sort(key=lambda place: -ranks[place])
    return [(beam, word, float(shown[beam, word])) for beam, word in places[:width]]


def _same(ours: list, theirs: list) -> bool:
    return [each[:2] for each in ours] == [each[:2] for each in theirs] and np.allclose(
        [each[2] for each in ours], [each[2] for each in theirs]
    )


_SAID = [  # categories mentioned in each caption, categories in its image
    ([["person", "dog"], ["cat"]], [{"person"}, {"cat", "dog"}]),
    ([["bus", "car", "person", "boat"], ["dog"], ["cup"]], [{"bus", "car", "person"}, {"dog"}, {"cake", "cup"}]),
    ([["dog"], ["cat"]], [{"cat"}, {"dog"}]),
    ([["sheep", "cow"], [], ["bed"]], [{"sheep", "cow", "bird"}, {"dog"}, {"bed"}]),
]


@exercise("14-chair")
def _chair(chair) -> str:
    got = [float(call(chair, [list(some) for some in said], [set(some) for some in there])) for said, there in _SAID]
    answers = {
        name: [_chair_as(said, there, name) for said, there in _SAID]
        for name in ("right", "by-caption", "captions", "missing", "true-share")
    }
    if np.allclose(got, answers["right"]):
        return "Right: of all that was mentioned, the share that is not there."
    texts = {
        "by-caption": "You average over captions: divide all that is imagined by all that is mentioned.",
        "captions": "You count captions with a mistake, which is CHAIRs: here we count the things mentioned.",
        "missing": "You count what was there and not mentioned. A caption may leave things out; it must not invent.",
        "true-share": "You return the share that is there: the other way round.",
    }
    for name, text in texts.items():
        if np.allclose(got, answers[name]):
            raise Mistake(name, text)
    (said, there), right = _SAID[0], answers["right"][0]
    raise Mistake("wrong", f"For {said} in images with {there} I expected {right:.3f}, got {got[0]:.3f}.")


def _chair_as(said: list[list[str]], there: list[set[str]], how: str) -> float:
    false = [[name for name in names if name not in things] for names, things in zip(said, there)]
    if how == "by-caption":
        return float(np.mean([len(f) / len(s) for f, s in zip(false, said) if s]))
    if how == "captions":
        return float(np.mean([bool(f) for f in false]))
    if how == "missing":
        missed = sum(len(things - set(names)) for names, things in zip(said, there))
        return missed / sum(map(len, there))
    share = sum(map(len, false)) / sum(map(len, said))
    return 1 - share if how == "true-share" else share
