"""The hidden cases of lesson 01's exercises."""

from __future__ import annotations

from typing import Any

from synscenes.checks import Mistake, call, exercise, shorten

# A DAG: "pet" and "canine" both lie above "dog", so one name is reached by two paths.
_PARENTS = {
    "thing": [],
    "animal": ["thing"],
    "pet": ["animal"],
    "canine": ["animal"],
    "dog": ["canine", "pet"],
    "sled dog": ["dog"],
    "husky": ["sled dog"],
    "cat": ["pet"],
    "chair": ["thing"],
}
_CHOSEN = (
    {"dog", "husky"},
    {"pet", "husky", "cat"},
    {"animal", "dog", "husky", "chair"},
    {"husky", "cat", "chair"},
)


def _all_above(name: str) -> set[str]:
    return set(_PARENTS[name]).union(*map(_all_above, _PARENTS[name]))


@exercise("01-inner")
def _inner(inner_names: Any) -> str:
    for chosen in _CHOSEN:
        above = set().union(*map(_all_above, chosen))
        expected = above & chosen
        got = call(inner_names, chosen, _PARENTS)
        if isinstance(got, (list, tuple, frozenset)):
            got = set(got)
        if got == expected:
            continue
        if got == {parent for name in chosen for parent in _PARENTS[name]} & chosen:
            message = (
                "You looked one step up. Between husky and dog lies sled dog, which is not chosen: climb on."
            )
            raise Mistake("one-step", message)
        if got == above:
            raise Mistake(
                "not-chosen", "That is everything above. I asked for those that are chosen themselves."
            )
        if got == {name for name in chosen if _all_above(name) & chosen}:
            raise Mistake("upside-down", "Those are the ones *below* another chosen one. Turn it round.")
        raise Mistake("wrong", f"Of {sorted(chosen)} I expected {sorted(expected)}, got {shorten(got)}.")
    return "Right: and it works for a graph in which several paths lead up, as WordNet's does."


_FOLDERS = (["n02099601", "n01440764", "n02108422"], ["n15075141"], ["n04399382", "n01443537", "n01484850"])


@exercise("01-label")
def _label(labels: Any) -> str:
    from synscenes import imagenet

    classes = [entry.wnid for entry in imagenet.classes()]
    for folders in _FOLDERS:
        expected = {wnid: classes.index(wnid) for wnid in folders}
        got = call(labels, folders, classes)
        if not isinstance(got, dict):
            raise Mistake(
                "not-a-dict", f"I expected a dictionary from folder to number; I got {shorten(got)}."
            )
        if got == expected:
            continue
        found = [{wnid: place for place, wnid in enumerate(order)} for order in (folders, sorted(folders))]
        if got in found:
            message = (
                "You numbered the folders that are there. With 49 there, that is 0 to 48: other classes."
            )
            raise Mistake("place-among-folders", message)
        if got == {wnid: label + 1 for wnid, label in expected.items()}:
            raise Mistake("one-based", "All are one too large: the first class, tench, is number 0.")
        if got == {wnid: int(wnid[1:]) for wnid in folders}:
            message = "The number in a wnid is a place in WordNet's file. The label is a place among the 1,000 classes."
            raise Mistake("number-in-wnid", message)
        raise Mistake("wrong", f"For {folders} I expected {expected}, got {shorten(got)}.")
    return "Right: the label comes from the list of all classes, never from what happens to be on the disk."


_WAITS = (
    (1, None),
    (2, None),
    (3, None),
    (6, None),
    (7, None),
    (20, None),
    (3, 30),
    (5, 3),
    (2, 600),
    (1, 0),
)


@exercise("01-wait")
def _wait(wait: Any) -> str:
    answers = {}
    for failures, after in _WAITS:
        got = call(wait, failures) if after is None else call(wait, failures, retry_after=after)
        if isinstance(got, bool) or not isinstance(got, (int, float)):
            raise Mistake("not-a-number", f"I expected seconds, a number; I got {shorten(got)}.")
        answers[failures, after] = got
    wanted = {case: max(min(60, 2 ** (case[0] - 1)), case[1] or 0) for case in _WAITS}
    wrong = [case for case in _WAITS if answers[case] != wanted[case]]
    if not wrong:
        return "Right: add some chance to it, and a thousand clients do not come back in the same second."
    failures, after = wrong[0]
    if all(answers[case] == 2 ** (case[0] - 1) for case in wrong if case[1] is None) and (7, None) in wrong:
        raise Mistake(
            "no-cap", f"After 20 failures you would wait {answers[20, None]:,} s: cap your own wait at 60."
        )
    if answers[3, None] == 3:
        raise Mistake("linear", "Yours grows by one each time: 1, 2, 3. Doubling gives 1, 2, 4.")
    if all(case[1] is not None for case in wrong) and answers[3, 30] == 4:
        raise Mistake(
            "ignores-server", "The server asked for 30 s and you come back after 4. Never undercut it."
        )
    if answers[1, None] == 2:
        raise Mistake("one-too-far", "After the first failure wait 1 s, which is 2 to the power of 0.")
    if answers[2, 600] == 60:
        raise Mistake(
            "caps-server", "The server asked for 600 s. The cap of 60 is for your own doubling only."
        )
    asked = "" if after is None else f" with Retry-After {after}"
    raise Mistake(
        "wrong", f"After failure {failures}{asked} I expected {wanted[wrong[0]]} s, got {answers[wrong[0]]}."
    )


_LIVES = (
    ([1, 2, 2, 4, 4, 5], [True, True, False, True, False, False]),
    ([3, 1, 2, 5, 5], [False, True, True, True, False]),
    ([2, 2, 7], [True, True, True]),
)


def _curve(ages: list[int], died: list[bool]) -> list[tuple[float, float]]:
    share, curve = 1.0, []
    for age in sorted({a for a, dead in zip(ages, died) if dead}):
        deaths = sum(a == age and dead for a, dead in zip(ages, died))
        share *= 1 - deaths / sum(a >= age for a in ages)
        curve.append((age, share))
    return curve


@exercise("01-survival")
def _survival(survival_curve: Any) -> str:
    for ages, died in _LIVES:
        expected = _curve(ages, died)
        got = _pairs(call(survival_curve, ages, died))
        if _same(got, expected):
            continue
        at = [age for age, _ in expected]
        dead = [age for age, ended in zip(ages, died) if ended]
        share_of = {
            "drops-living": [sum(a > age for a in dead) / len(dead) for age in at],
            "living-as-dead": [sum(a > age for a in ages) / len(ages) for age in at],
            "never-leaves": [1 - sum(a <= age for a in dead) / len(ages) for age in at],
            "leaves-early": [
                share for _, share in _curve([a - 0.5 * (not d) for a, d in zip(ages, died)], died)
            ],
        }
        for diagnosis, shares in share_of.items():
            if _same(got, list(zip(at, shares))):
                raise Mistake(diagnosis, _SURVIVAL_MISTAKES[diagnosis])
        raise Mistake(
            "wrong", f"For ages {ages} and died {died} I expected {_rounded(expected)}, got {_rounded(got)}."
        )
    return "Right: each link counts as a witness up to the age at which it was last seen."


_SURVIVAL_MISTAKES = {
    "drops-living": "You left the living out. They are the long lives: your links die too young.",
    "living-as-dead": "You counted the living as dead when you last saw them. They only left your sight.",
    "never-leaves": "You divide by all links at every age. Those last seen alive before it are no longer watched.",
    "leaves-early": "A link last seen alive at an age was still at risk at that age: count ages of at least that.",
}


def _pairs(got: Any) -> list[tuple[float, float]]:
    try:
        return [(float(age), float(share)) for age, share in got]
    except (TypeError, ValueError):
        raise Mistake(
            "not-pairs", f"I expected a list of pairs (age, share); I got {shorten(got)}."
        ) from None


def _same(got: list[tuple[float, float]], expected: list[tuple[float, float]]) -> bool:
    if [age for age, _ in got] != [age for age, _ in expected]:
        return False
    return all(abs(a - b) < 1e-9 for (_, a), (_, b) in zip(got, expected))


def _rounded(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(age, round(share, 3)) for age, share in pairs]
