"""The hidden cases of lesson 02's exercises."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise, shorten

PARENTS = {
    "golden": ["retriever"],
    "retriever": ["dog"],
    "dog": ["canine", "pet"],
    "canine": ["mammal"],
    "mammal": ["animal"],
    "pet": ["animal"],
    "animal": ["thing"],
    "thing": [],
}


@exercise("02-wnid")
def _wnid(to_wnid):
    for offset in (2084071, 1740, 10114209, 15300051):
        got, expected = call(to_wnid, offset), f"n{offset:08d}"
        if got == expected:
            continue
        case = f"For {offset} I expected {expected!r} and got {shorten(got)}."
        if got == f"n{offset}":
            raise Mistake(
                "no-zeros", f"The zeros in front are missing: a wnid has exactly eight digits. {case}"
            )
        if got == f"{offset:08d}":
            raise Mistake("no-letter", f"The letter n is missing: it says that the synset is a noun. {case}")
        if isinstance(got, str) and got[-1:] == "n":
            raise Mistake(
                "letter-behind", f"The n comes first. Some tools write it behind, ImageNet never. {case}"
            )
        raise Mistake("wrong", case)
    return "Right: eight digits reach byte 99,999,999, more than six times the length of data.noun."


@exercise("02-ancestors")
def _ancestors(ancestors):
    above = {
        "thing": set(),
        "canine": {"mammal", "animal", "thing"},
        "golden": {"retriever", "dog", "canine", "pet", "mammal", "animal", "thing"},
    }
    # The hardest first: its wrong answers tell the most.
    for start in ("golden", "canine", "thing"):
        got, expected = call(ancestors, start, PARENTS), above[start]
        if not isinstance(got, (set, frozenset)):
            raise Mistake(
                "not-a-set", f"Return a set: two paths that meet must not count twice. Got {shorten(got)}."
            )
        if got == expected:
            continue
        if start in got:
            raise Mistake("includes-itself", f"{start!r} is among its own ancestors. Leave it out.")
        if got == set(PARENTS[start]):
            raise Mistake(
                "parents-only", f"Those are the parents of {start!r}. Go on: what are the parents above?"
            )
        if start == "golden" and got == expected - {"pet"}:
            message = "'pet' is missing: dog has two parents, and you followed only the first. Loop over all of them."
            raise Mistake("first-parent-only", message)
        raise Mistake("wrong", f"For {start!r} I expected {sorted(expected)} and got {shorten(got)}.")
    return "Right: it meets shared ancestors once for each path, so code for large graphs notes those already seen."


@exercise("02-wu-palmer")
def _wu_palmer(wu_palmer):
    for depth, up_a, up_b in ((11, 6, 4), (15, 1, 1), (3, 9, 8), (12, 0, 2), (0, 5, 7)):
        got, d = call(wu_palmer, depth, up_a, up_b), depth + 1
        both = 2 * d + up_a + up_b
        if _close(got, 2 * d / both):
            continue
        case = f"For ({depth}, {up_a}, {up_b}) I expected {2 * d / both:.5f} and got {shorten(got)}."
        if _close(got, 2 * depth / (both - 2)):
            raise Mistake("counts-steps", f"You used steps as depths. The root has depth 1: add one. {case}")
        if _close(got, d / both):
            raise Mistake(
                "forgets-twice",
                f"That is half of it: the shared part belongs to both, so it counts twice. {case}",
            )
        if _close(got, 2 * d / (d + up_a + up_b)):
            message = "The shared depth is missing once below the line: both synsets go down from the root."
            raise Mistake("forgets-the-shared-part", f"{message} {case}")
        raise Mistake("wrong", case)
    return "Right: two synsets that share only the root still score above 0, and less the deeper they lie."


@exercise("02-strangers")
def _strangers(closest_strangers):
    generator = np.random.default_rng(2)
    # First a case whose closest pair of all is a pair of strangers: there only a wrong mask fails.
    cases = [(np.array([[1, 0.3, 0.8], [0.3, 1, 0.4], [0.8, 0.4, 1]]), ["a", "a", "b"])]
    cases += [(np.array([[1, 0.9, 0.2], [0.9, 1, 0.4], [0.2, 0.4, 1]]), ["a", "a", "b"])]
    for size in (6, 9, 12):
        half = np.triu(generator.random((size, size)), 1)
        cases.append((half + half.T + np.eye(size), ["xyz"[place % 3] for place in range(size)]))
    for similarity, groups in cases:
        got, expected = call(closest_strangers, similarity, groups), _best(similarity, groups)
        try:
            pair = tuple(int(place) for place in got)
        except (TypeError, ValueError):
            raise Mistake("not-a-pair", f"Return two places, (i, j), not {shorten(got)}.") from None
        if pair == expected:
            continue
        if pair == expected[::-1]:
            raise Mistake("order", f"The right pair, but i must be the smaller: {expected}.")
        if len(pair) == 2 and pair[0] == pair[1]:
            raise Mistake("itself", f"{pair} is one class compared with itself: similar, but no stranger.")
        if pair == _best(similarity, range(len(groups))):
            raise Mistake(
                "ignores-groups", f"{pair} is the closest pair of all, and both are in the same group."
            )
        if pair == _best(-similarity, groups):
            raise Mistake(
                "farthest", f"{pair} is the least similar pair: look for the largest value, not the smallest."
            )
        if len(pair) == 2 and groups[pair[0]] == groups[pair[1]]:
            raise Mistake(
                "same-group", f"{pair} are both in group {groups[pair[0]]!r}: mask equal groups, not others."
            )
        raise Mistake(
            "wrong", f"I expected {expected} and got {pair}, with similarity {similarity[pair]:.3f}."
        )
    return _on_imagenet(closest_strangers)


def _best(similarity, groups) -> tuple[int, int]:
    """The most similar pair i < j of different groups, by looking at every pair."""
    size = len(similarity)
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size) if groups[i] != groups[j]]
    return max(pairs, key=lambda pair: similarity[pair])


def _on_imagenet(closest_strangers) -> str:
    from synscenes import imagenet, wordnet

    wn = wordnet.load()
    wnids = [each.wnid for each in imagenet.classes()]
    subjects = [wn.synset(wnid).lexname for wnid in wnids]
    pair = call(closest_strangers, wn.taxonomy(wnids).path_similarity(), subjects)
    first, second = (f"{wn.name(wnids[place])} ({subjects[place].removeprefix('noun.')})" for place in pair)
    return f"Right: among ImageNet's classes yours finds {first} and {second}."


def _close(got: object, expected: float) -> bool:
    return isinstance(got, (int, float)) and abs(got - expected) < 1e-9
