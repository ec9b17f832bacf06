"""Lesson 18, project B: a better caption metric."""

from __future__ import annotations

from collections import Counter

import numpy as np

from synscenes.checks import Mistake, call, exercise
from synscenes.checks.numbers import diagnose

_HEARD = ["a dog sits on the grass", "two dogs near a red kite", "a brown dog and a kite"]


@exercise("18-supported")
def _supported(supported) -> str:
    from synscenes.capstone.lexicon import SMALL_WORDS

    references = [each.split() for each in _HEARD]
    candidates = [each.split() for each in ("a dog with a kite on the grass", "a cat on a sofa", "the dog the cat")]
    content = lambda words: [word for word in words if word not in SMALL_WORDS]  # noqa: E731
    pool = {word for each in references for word in each}
    share = lambda words, test: float(np.mean([test(word) for word in words]))  # noqa: E731
    got = [float(call(supported, words, references)) for words in candidates]
    diagnose(
        got,
        [share(content(words), lambda word: word in pool) for words in candidates],
        {
            "every-reference": (
                [share(content(words), lambda w: all(w in each for each in references)) for words in candidates],
                "You ask that every reference says it. People leave things out: one is enough.",
            ),
            "recall": (
                [share(sorted(pool - SMALL_WORDS), set(words).__contains__) for words in candidates],
                "You ask how much of the references the candidate repeats. A short true caption would be punished.",
            ),
            "small-words": (
                [share(words, lambda word: word in pool) for words in candidates],
                "You count small words too: nobody is wrong about 'the'. Leave SMALL_WORDS out.",
            ),
        },
        f"For {' '.join(candidates[0])!r} I expected 1.0, got {got[0]:.3f}.",
    )  # fmt: skip
    if float(call(supported, ["on", "the"], references)) != 0:
        raise Mistake("no-content", "A caption without a content word has 0: nothing in it is borne out.")
    return "Right: precision against all references together."


_PAIRS = [("poodle", "dog"), ("dog", "poodle"), ("car", "automobile"), ("dog", "cat"), ("people", "person"),
          ("kite", "dog"), ("settee", "couch"), ("giraffe", "giraffes")]  # fmt: skip


@exercise("18-alike")
def _alike(alike) -> str:
    from synscenes.capstone.lexicon import above, senses, singular

    def answers(test) -> list[bool]:
        return [singular(a) == singular(b) or bool(test(a, b)) for a, b in _PAIRS]

    got = [bool(call(alike, a, b)) for a, b in _PAIRS]
    right = answers(lambda a, b: senses(a) & above(b, 2) or senses(b) & above(a, 2))
    diagnose(
        got,
        right,
        {
            "one-way": (
                answers(lambda a, b: senses(b) & above(a, 2)),
                "It works one way only: the caption may say hound for dog, or dog for hound.",
            ),
            "relatives": (
                answers(lambda a, b: above(a, 2) & above(b, 2)),
                "You let both climb, and dog and cat meet at carnivore. Only one of the two may climb.",
            ),
            "synonyms-only": (
                answers(lambda a, b: senses(a) & senses(b)),
                "You compare synsets alone: a hound is a dog although no synset holds both.",
            ),
        },
        f"{[pair for pair, mine, theirs in zip(_PAIRS, got, right) if mine != theirs][:1]} came out wrong.",
    )
    return "Right: one may stand above the other, but they may not meet at a common ancestor."


_SAID = [  # number, thing, heard, contradicts
    ("two", "dog", [("two", "dog"), ("three", "cat")], False),
    ("three", "dog", [("two", "dog"), ("three", "cat")], True),
    ("two", "kite", [("two", "dog"), ("three", "cat")], False),
    ("two", "dog", [("two", "dog"), ("one", "dog")], False),
    ("five", "bus", [], False),
]


@exercise("18-contradicts")
def _contradicts(contradicts) -> str:
    got = [bool(call(contradicts, number, thing, list(heard))) for number, thing, heard, _ in _SAID]
    said = lambda thing, heard: [number for number, other in heard if other == thing]  # noqa: E731
    diagnose(
        got,
        [right for *_, right in _SAID],
        {
            "unheard": (
                [number not in said(thing, heard) for number, thing, heard, _ in _SAID],
                "You call it a contradiction when nobody counted the thing. Silence is no contradiction.",
            ),
            "any-differs": (
                [any(other != number for other in said(thing, heard)) for number, thing, heard, _ in _SAID],
                "One reference that agrees is enough: people count differently.",
            ),
            "other-things": (
                [bool(heard) and number not in [other for other, _ in heard] for number, _, heard, _ in _SAID],
                "You compare with the numbers of other things: three cats say nothing of dogs.",
            ),
        },
        "A contradiction: somebody gives this thing's number, and nobody gives the candidate's.",
    )
    return "Right: said, and by nobody the same."


@exercise("18-resample")
def _resample(resample) -> str:
    scenes = np.repeat(np.arange(12) * 7, [1, 5, 2, 4, 3, 6, 2, 1, 5, 4, 2, 3])
    draws = [np.asarray(call(resample, scenes, np.random.default_rng(seed))) for seed in range(30)]
    if any(draw.ndim != 1 or draw.dtype.kind not in "iu" for draw in draws):
        raise Mistake("no-rows", "Return the places of the drawn rows: a one-dimensional array of whole numbers.")
    sizes = {scene: int((scenes == scene).sum()) for scene in np.unique(scenes)}
    torn = repeated = missing = False
    for draw in draws:
        counts = Counter(draw.tolist())
        for scene in sizes:
            times = {counts.get(row, 0) for row in np.flatnonzero(scenes == scene)}
            torn |= len(times) > 1
            repeated |= max(times) > 1
            missing |= max(times) == 0
    if torn:
        raise Mistake("rows", "You draw rows. A scene's candidates share its references: draw scenes, whole.")
    if not repeated and not missing:
        raise Mistake("no-replacement", "Every scene comes once: draw with replacement, or every draw is the same.")
    if not repeated:
        raise Mistake("once", "A scene drawn twice must bring its rows twice: `isin` forgets the second time.")
    drawn = {sum(Counter(draw.tolist())[int(np.flatnonzero(scenes == s)[0])] for s in sizes) for draw in draws}
    if drawn != {len(sizes)}:
        raise Mistake("count", f"Draw as many scenes as there are ({len(sizes)}).")
    rows = np.mean([len(draw) for draw in draws]) / len(scenes)  # 1 where each scene is as likely; 1.26 by their size
    if rows > 1.13:
        raise Mistake("by-size", "Scenes with many rows come more often: draw from `np.unique(scenes)`, each once.")
    return "Right: scenes, with replacement, each with everything that hangs on it."
