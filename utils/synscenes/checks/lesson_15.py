"""Checks of lesson 15, Caption metrics."""

from __future__ import annotations

import math

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.metrics.captions.example import RIDER, RIDER_CAPTIONS

_CLIPPED = [  # candidate, references, (found, total)
    ("a dog a dog", ["a dog sits"], (2, 4)),
    ("the the the", ["the cat and the dog", "a cat"], (2, 3)),
    ("a a b", ["a c", "a d", "b a"], (2, 3)),
    ("cat dog", ["dog", "cat"], (2, 2)),
    ("red bus", ["a boat"], (0, 2)),
]


@exercise("15-clipped")
def _clipped(clipped) -> str:
    cases = [(text.split(), [each.split() for each in some], right) for text, some, right in _CLIPPED]
    pairs = [call(clipped, list(words), [list(r) for r in some]) for words, some, _ in cases]
    if any(np.shape(pair) != (2,) for pair in pairs):
        raise Mistake("one-number", "Return two numbers: how many words are found, and how many there are.")
    got = [tuple(int(each) for each in pair) for pair in pairs]
    if got == [right for *_, right in cases]:
        return "Right: a word is paid for once, and the references lend their most generous count."
    texts = {
        "unclipped": "You count a word as often as the candidate says it: take at most what one reference has.",
        "references-added": "You add the references' counts up: take the largest of them.",
        "first-reference": "You look at the first reference only: a word found in any of them counts.",
        "total": "Your second number is not the number of words of the candidate.",
    }
    wrongs = {name: [_clip_wrongly(words, some, name) for words, some, _ in cases] for name in texts}
    for name, text in texts.items():
        if got == wrongs[name]:
            raise Mistake(name, text)
    for (words, some, right), found in zip(cases, got):
        if found != right:
            joined = [" ".join(each) for each in some]
            raise Mistake("wrong", f"{' '.join(words)!r} against {joined}: I expected {right}, got {found}.")
    raise Mistake("wrong", "Something differs.")


def _clip_wrongly(words: list[str], references: list[list[str]], how: str) -> tuple[int, int]:
    bound = {
        "unclipped": lambda word: math.inf if any(word in each for each in references) else 0,
        "references-added": lambda word: sum(each.count(word) for each in references),
        "first-reference": lambda word: references[0].count(word),
        "total": lambda word: max(each.count(word) for each in references),
    }[how]
    found = int(sum(min(words.count(word), bound(word)) for word in set(words)))
    return found, len(set(words)) if how == "total" else len(words)


@exercise("15-corpus")
def _corpus(corpus_bleu2) -> str:
    rng = np.random.default_rng(150)
    cases = []
    for shorter in (0, 0, 0, 0, 0, 3):  # the last corpus is longer than its references
        length = rng.integers(4, 12, 5)
        closest = length + rng.integers(0, 4, 5) - shorter
        found1 = rng.integers(2, length + 1)
        cases.append(np.column_stack([found1, found1 // 2, length, length - 1, length, closest]))
    got = [float(call(corpus_bleu2, rows.copy())) for rows in cases]
    answers = {
        name: [_bleu2(rows, name) for rows in cases]
        for name in ("right", "mean-of-captions", "no-brevity", "mean", "reward", "no-root")
    }
    if np.allclose(got, answers["right"]):
        return "Right: counts are added first, so a long caption weighs more than a short one."
    texts = {
        "mean-of-captions": "You average the scores of single captions: add up the six columns first.",
        "no-brevity": "The precisions are right; the brevity penalty is missing.",
        "mean": "You take the arithmetic mean of the two precisions: take the root of their product.",
        "reward": "A corpus longer than its references gains by your penalty: it is never more than 1.",
        "no-root": "You multiply the two precisions: their geometric mean is the root of that.",
    }
    for name, text in texts.items():
        if np.allclose(got, answers[name]):
            raise Mistake(name, text)
    raise Mistake("wrong", f"For {cases[0].tolist()} I expected {answers['right'][0]:.4f}, got {got[0]:.4f}.")


def _bleu2(rows: np.ndarray, how: str) -> float:
    if how == "mean-of-captions":
        return float(np.mean([_bleu2(row[None], "right") for row in rows]))
    found1, found2, total1, total2, length, closest = rows.sum(axis=0)
    first, second = found1 / total1, found2 / total2
    precision = {"mean": (first + second) / 2, "no-root": first * second}.get(how, math.sqrt(first * second))
    exponent = 0 if how == "no-brevity" else 1 - closest / length
    return precision * math.exp(exponent if how == "reward" else min(0, exponent))


_LCS = [
    ("a dog sits on grass", "a dog on the grass", 4),
    ("dog bites man", "man bites dog", 1),
    ("a b c d", "a x b x c", 3),
    ("a a a", "a a", 2),
    ("red bus", "blue car", 0),
]


@exercise("15-lcs")
def _lcs(lcs) -> str:
    cases = [(a.split(), b.split(), right) for a, b, right in _LCS]
    got = [int(call(lcs, list(a), list(b))) for a, b, _ in cases]
    if got == [right for *_, right in cases]:
        return "Right: in order, but with gaps allowed."
    wrongs = {
        "any-order": [sum(min(a.count(w), b.count(w)) for w in set(a)) for a, b, _ in cases],
        "no-gaps": [_run(a, b) for a, b, _ in cases],
        "distinct": [len(set(a) & set(b)) for a, b, _ in cases],
    }
    texts = {
        "any-order": 'You count shared words in any order: "dog bites man" and "man bites dog" share one in order.',
        "no-gaps": "You allow no gaps: the words must be in order, not side by side.",
        "distinct": "You count different words in any order: the order matters, and a word may count twice.",
    }
    for name, text in texts.items():
        if got == wrongs[name]:
            raise Mistake(name, text)
    a, b, right, found = next((*case, given) for case, given in zip(cases, got) if given != case[2])
    raise Mistake("wrong", f"{' '.join(a)!r} and {' '.join(b)!r}: I expected {right}, got {found}.")


def _run(a: list[str], b: list[str]) -> int:
    return max(
        (n for i in range(len(a)) for j in range(len(b)) for n in range(1, min(len(a) - i, len(b) - j) + 1)
         if a[i : i + n] == b[j : j + n]),
        default=0,
    )  # fmt: skip


# The lesson's false captions with a BLEU-4 of 0.8 or more.
_CONTEST = (
    "a person in a red shirt rides a blue bicycle near three dogs",
    "a dog in a red shirt rides a blue bicycle near two dogs",
)


@exercise("15-fool")
def _fool(fool) -> str:
    from synscenes.metrics.captions import score, tokenize
    from synscenes.metrics.captions.claims import is_true, read_claims

    if not isinstance(fool, str):
        raise Mistake("no-string", f"I expected a caption, a string, and got {type(fool).__name__}.")
    if tokenize(fool) in [tokenize(each) for each in _CONTEST]:
        raise Mistake("in-the-contest", "That one is in the contest above: find one of your own.")
    claims = read_claims(tokenize(fool))
    if not claims:
        raise Mistake("says-nothing", "I find nothing in it that could be false: name things, numbers or colours.")
    false = [claim for claim in claims if not is_true(claim, RIDER)]
    if not false:
        raise Mistake(
            "all-true",
            "All that I can read in it is true of the picture: change a thing (to another of COCO's), "
            "a number or a colour.",
        )
    found = score({1: RIDER_CAPTIONS}, {1: fool}, metrics=["Bleu_4"])["Bleu_4"]
    if found < 0.8:
        raise Mistake(
            "too-low", f"It is false, but its BLEU-4 is {found:.2f}: keep more words of one reference in a row."
        )
    told = ", ".join(" ".join(claim[1:]) for claim in false)
    return f"Right: BLEU-4 {found:.2f}, and false ({told})."
