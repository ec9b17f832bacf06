"""Checks of lesson 18, the capstone: four milestones a project."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from synscenes.checks import Mistake, call, exercise


def _diagnose(got, right, wrongs: dict[str, tuple[object, str]], told: str) -> None:
    """Raise the Mistake whose wrong answers these are; return where they are right."""
    same = lambda a, b: np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-9)  # noqa: E731
    if same(got, right):
        return
    for name, (answer, text) in wrongs.items():
        if same(got, answer):
            raise Mistake(name, text)
    raise Mistake("wrong", told)


# Project A


@exercise("18-cost")
def _cost(multiplications) -> str:
    cases = [(16, 20, 96, 96, 3), (8, 10, 320, 96, 1), (32, 32, 3, 16, 5)]
    got = [float(call(multiplications, *case)) for case in cases]
    _diagnose(
        got,
        [h * w * i * o * k * k for h, w, i, o, k in cases],
        {
            "parameters": (
                [i * o * k * k for *_, i, o, k in cases],
                "You counted the filters' numbers: each of them is used once at every place of the map.",
            ),
            "kernel-once": (
                [h * w * i * o * k for h, w, i, o, k in cases],
                "A filter of side k has k × k numbers for each channel that comes in.",
            ),
            "one-channel": (
                [h * w * o * k * k for h, w, _, o, k in cases],
                "Each filter looks at all channels that come in, not at one.",
            ),
        },
        f"For {cases[0]} I expected {16 * 20 * 96 * 96 * 9}, got {got[0]:.0f}.",
    )
    return "Right: places, times filters, times numbers a filter. It counts the same on every machine."


@exercise("18-coverage")
def _coverage(coverage) -> str:
    from synscenes.detection import anchors, iou

    rng = np.random.default_rng(180)
    laid = anchors(64, 96, 16, (12.0, 24.0))
    corners = rng.uniform(0, 60, (40, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(4, 34, (40, 2))], axis=1)
    got = [float(call(coverage, laid, boxes, least)) for least in (0.3, 0.5, 0.6)]
    shared = iou(laid, boxes)
    _diagnose(
        got,
        [(shared.max(axis=0) >= least).mean() for least in (0.3, 0.5, 0.6)],
        {
            "anchors-share": (
                [(shared.max(axis=1) >= least).mean() for least in (0.3, 0.5, 0.6)],
                "That is the share of anchors that have a box. Ask each box whether it has an anchor.",
            ),
            "pairs": (
                [(shared >= least).mean() for least in (0.3, 0.5, 0.6)],
                "You counted pairs: most pairs miss each other. One good anchor is enough for a box.",
            ),
            "mean-overlap": (
                [shared.max(axis=0).mean()] * 3,
                "That is the mean of the best overlaps. Count the boxes whose best overlap reaches `least`.",
            ),
        },
        f"With least = 0.5 I expected {(shared.max(axis=0) >= 0.5).mean():.3f}, got {got[1]:.3f}.",
    )
    return "Right: what no anchor covers can only be learned through its rescued best anchor."


@exercise("18-average")
def _average(follow) -> str:
    rng = np.random.default_rng(181)
    old, new = ({"weight": rng.normal(size=(3, 2)), "bias": rng.normal(size=3)} for _ in range(2))
    got = call(follow, old, new, 0.9)
    if not isinstance(got, dict) or set(got) != set(old):
        raise Mistake("no-dict", "Return a dictionary with the same names as the average.")
    flat = lambda values: np.concatenate([np.ravel(values[name]) for name in sorted(old)])  # noqa: E731
    _diagnose(
        flat(got),
        0.9 * flat(old) + 0.1 * flat(new),
        {
            "swapped": (
                0.1 * flat(old) + 0.9 * flat(new),
                "You swapped the shares: the average keeps `decay` of itself and takes little of the new weights.",
            ),
            "plain-mean": ((flat(old) + flat(new)) / 2, "You took the plain mean: `decay` says how much to keep."),
            "sum": (
                0.9 * flat(old) + flat(new),
                "The two shares must add up to 1, or the average grows with every step.",
            ),
        },
        "The average should be decay times what it was plus (1 - decay) times the new weights.",
    )
    return "Right: with a decay of 0.98 it remembers about the last fifty steps."


@exercise("18-luck")
def _luck(difference) -> str:
    from scipy.stats import t

    base, ours = np.array([0.30, 0.34, 0.38, 0.35]), np.array([0.33, 0.36, 0.43, 0.36])
    got = [float(value) for value in call(difference, base, ours)]
    gaps = ours - base

    def spread(error: float, factor: float) -> list[float]:
        return [gaps.mean(), gaps.mean() - factor * error, gaps.mean() + factor * error]

    paired = gaps.std(ddof=1) / 2
    apart = math.sqrt(base.var(ddof=1) / 4 + ours.var(ddof=1) / 4)
    best = ours.max() - base.max()
    if len(got) == 3 and math.isclose(got[0], best):
        raise Mistake("best-runs", "You compared the best run of each: the luckiest seed wins that. Take means.")
    right = spread(paired, t.ppf(0.975, 3))
    _diagnose(
        got,
        right,
        {
            "unpaired": (
                spread(apart, t.ppf(0.975, 6)),
                "You treat the runs as strangers. Seed 0 and seed 0 share their start: take differences first.",
            ),
            "normal": (
                spread(paired, 1.959963984540054),
                "1.96 belongs to many runs. With four, Student's t wants 3.18: `t.ppf(0.975, n - 1)`.",
            ),
        },
        f"I expected ({right[0]:.4f}, {right[1]:.4f}, {right[2]:.4f}), got {tuple(round(v, 4) for v in got)}.",
    )
    return "Right: differences by seed, and Student's t because there are few of them."


# Project B

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
    _diagnose(
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
    _diagnose(
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
    _diagnose(
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
    return "Right: scenes, with replacement, each with everything that hangs on it."


# Project C


@exercise("18-precision")
def _precision(precision_at) -> str:
    right = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1], dtype=bool)
    got = [float(call(precision_at, right, k)) for k in (1, 4, 10)]
    _diagnose(
        got,
        [right[:k].mean() for k in (1, 4, 10)],
        {
            "recall": (
                [right[:k].sum() / right.sum() for k in (1, 4, 10)],
                "You divide by all mistakes: that is recall. Divide by the looks you took.",
            ),
            "of-all": (
                [right[:k].sum() / len(right) for k in (1, 4, 10)],
                "You divide by the length of the list: only k were looked at.",
            ),
            "from-the-end": (
                [right[-k:].mean() for k in (1, 4, 10)],
                "You count from the end: the most suspicious come first.",
            ),
        },
        f"With k = 4 I expected 0.75, got {got[1]:.3f}.",
    )
    return "Right: what share of the looks was not in vain."


@exercise("18-ap")
def _ap(average_precision) -> str:
    cases = [np.array(row, dtype=bool) for row in ([1, 0, 1, 0, 0, 1], [0, 1, 1, 1, 0], [1, 1, 0, 0])]
    got = [float(call(average_precision, row)) for row in cases]

    def answers(rule) -> list[float]:
        return [float(rule(row, np.flatnonzero(row), np.cumsum(row))) for row in cases]

    right = answers(lambda row, at, hits: np.mean(hits[at] / (at + 1)))
    _diagnose(
        got,
        right,
        {
            "every-place": (
                answers(lambda row, at, hits: np.mean(hits / np.arange(1, len(row) + 1))),
                "You average over all places. Only the places where a mistake stands count.",
            ),
            "precision-at-r": (
                answers(lambda row, at, hits: row[: row.sum()].mean()),
                "That is the precision after as many looks as there are mistakes: one point of the curve.",
            ),
            "rank-from-zero": (
                answers(lambda row, at, hits: np.mean(hits[at] / np.maximum(at, 1))),
                "The first place has rank 1, not 0.",
            ),
        },
        f"For {cases[0].astype(int).tolist()} I expected {right[0]:.4f}, got {got[0]:.4f}.",
    )
    return "Right: one number for the whole order, whatever the budget."


@exercise("18-folds")
def _folds(folds) -> str:
    images = np.repeat(np.arange(10, 210, 10), [3, 1, 4, 2, 5, 3, 2, 6, 1, 4] * 2)  # ids like COCO's: with gaps
    got = np.asarray(call(folds, images, 5))
    if got.shape != images.shape:
        raise Mistake("shape", f"Return one fold for each of the {len(images)} annotations.")
    of_image = [set(got[images == image].tolist()) for image in np.unique(images)]
    if any(len(each) > 1 for each in of_image):
        raise Mistake(
            "torn", "Two annotations of one image are in different folds: they share light, style and annotator."
        )
    counts = Counter(next(iter(each)) for each in of_image)
    if len(counts) > 5 or not set(counts) <= set(range(5)):
        raise Mistake("too-many", f"I asked for folds 0 to 4, and got {len(counts)} different numbers.")
    if len(counts) < 5 or max(counts.values()) - min(counts.values()) > 1:
        raise Mistake(
            "uneven", f"The folds hold {sorted(counts.values())} images: number the images 0, 1, 2 … before you divide."
        )
    return "Right: whole images, and as many in each fold."


@exercise("18-rate")
def _rate(estimate) -> str:
    from synscenes.metrics.classification import wilson_interval

    rng = np.random.default_rng(184)
    n, looks = 1000, 100
    # Sorted by suspicion: the mistakes crowd at the top.
    wrong = rng.random(n) < np.where(np.arange(n) < 60, 0.7, 0.02)
    told, exact = [], []
    for seed in range(20):
        seen: list[int] = []
        look = lambda place, seen=seen: (seen.append(int(place)), bool(wrong[int(place)]))[1]  # noqa: E731
        answer = call(estimate, look, n, looks, np.random.default_rng(seed))
        rate, low, high = (float(value) for value in answer)
        if len(set(seen)) > looks:
            raise Mistake("overspent", f"You looked at {len(set(seen))} annotations; the budget is {looks}.")
        if max(seen) < 3 * looks:
            raise Mistake(
                "from-the-top",
                "You looked at the most suspicious ones: there the mistakes crowd. For a rate, draw from all.",
            )
        if len(set(seen)) < looks:
            raise Mistake("repeats", f"You looked at {len(set(seen))} different ones of {looks}: draw without repeats.")
        hits = int(wrong[list(set(seen))].sum())
        told.append((rate, low, high))
        exact.append((hits / looks, *wilson_interval(hits, looks)))
    blank = call(estimate, lambda place: False, n, looks, np.random.default_rng(0))
    high_at_zero = float(blank[2])
    if high_at_zero <= 0 or np.isnan(high_at_zero):
        raise Mistake("wald", "After 100 looks without a mistake your interval has no width. Use `wilson_interval`.")
    if not np.allclose(told, exact, atol=1e-9):
        raise Mistake("wrong", f"I expected (rate, low, high) = {tuple(round(v, 3) for v in exact[0])}, got "
                               f"{tuple(round(v, 3) for v in told[0])}.")  # fmt: skip
    return "Right: a random sample for the rate, the suspicious end for the repair."
