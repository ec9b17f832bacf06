"""Simulated annotators whose mistakes follow WordNet: near classes are confused often, far ones hardly ever.

One idea drives every kind of question. An annotator of *blur* b who looks at a photograph of class t sees
class c with a probability proportional to exp(-steps(t, c) / b), steps counted in WordNet. What they saw is
then turned into one of the answers on offer. The parameters are ours, chosen to be plausible: no real crowd
was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from synscenes.annotators.votes import Votes
from synscenes.wordnet import WordNet


@dataclass(frozen=True)
class Annotator:
    """One simulated person.

    ``blur``: how far, in WordNet steps, the eye errs; near 0 it never does. ``care``: share of the questions
    they look at; the rest are answered blindly, any answer as likely as another (0: a spammer). ``habits``:
    what they always answer on seeing anything at or below a synset, as {wnid seen: wnid answered}. Raises
    ValueError for a blur that isn't above 0 or a care outside 0 … 1.
    """

    name: str
    blur: float = 0.6
    care: float = 1.0
    habits: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.blur < np.inf:
            raise ValueError(f"{self.name}: blur must be a finite number above 0, got {self.blur}")
        if not 0 <= self.care <= 1:
            raise ValueError(f"{self.name}: care must lie in 0 … 1, got {self.care}")


class World:
    """The classes that photographs can show, and how a blurred eye mixes them up.

    ``wnids``: the classes, leaves or not. Raises ValueError for none, or for one listed twice.
    """

    def __init__(self, wn: WordNet, wnids: Iterable[str]) -> None:
        self.wn, self.wnids = wn, tuple(wnids)
        if not self.wnids or len(set(self.wnids)) != len(self.wnids):
            raise ValueError("wnids must hold at least one class, and none twice")
        self.index = {wnid: place for place, wnid in enumerate(self.wnids)}
        self._above = {wnid: {wnid, *wn.ancestors(wnid)} for wnid in self.wnids}
        self._answers: dict[tuple, np.ndarray] = {}
        self._chances: dict[tuple, np.ndarray] = {}

    @cached_property
    def steps(self) -> np.ndarray:
        """Fewest steps in WordNet between each two classes: (n, n) int."""
        return self.wn.taxonomy(self.wnids).path_distance().astype(np.int64)

    def perceived(self, blur: float) -> np.ndarray:
        """Probability that a photograph of the row's class is seen as the column's: (n, n), rows sum to 1."""
        weights = np.exp(-self.steps / blur)
        return weights / weights.sum(axis=1, keepdims=True)

    def answer_of(self, options: Sequence[str], habits: Mapping[str, str] | None = None) -> np.ndarray:
        """The place in ``options`` of the answer to having seen each class: (n,) int.

        It is the nearest option that is the class or an ancestor of it. Raises ValueError for a class that has
        none (add "n00001740", entity, for "something else") and for a habit whose answer isn't on offer.
        """
        key = (tuple(options), tuple((habits or {}).items()))
        if key not in self._answers:
            self._answers[key] = np.array([self._answer(wnid, key[0], dict(key[1])) for wnid in self.wnids])
        return self._answers[key]

    def _answer(self, wnid: str, options: tuple[str, ...], habits: dict[str, str]) -> int:
        above = self._above[wnid]
        for seen, answered in habits.items():
            if seen in above:
                if answered not in options:
                    raise ValueError(f"habit: {answered} is not among the options")
                return options.index(answered)
        fitting = [option for option in options if option in above]
        if not fitting:
            raise ValueError(f"no option fits {wnid} ({self.wn.name(wnid)})")
        return options.index(max(fitting, key=lambda option: (self.wn.depth(option)[1], option)))

    def answers(self, annotator: Annotator, options: Sequence[str]) -> np.ndarray:
        """Probability of each answer to a photograph of each class: (n, options), rows sum to 1."""
        key = (annotator.blur, annotator.care, tuple(options), tuple(annotator.habits.items()))
        if key not in self._chances:
            looked = np.zeros((len(options), len(self.wnids)))
            np.add.at(looked, self.answer_of(options, annotator.habits), self.perceived(annotator.blur).T)
            self._chances[key] = annotator.care * looked.T + (1 - annotator.care) / len(options)
        return self._chances[key]

    def vote(
        self,
        annotators: Sequence[Annotator],
        truths: Sequence[str],
        options: Sequence[str],
        rng: np.random.Generator,
        per_item: int | None = None,
    ) -> Votes:
        """Let annotators answer about photographs whose classes are the wnids ``truths``.

        ``per_item`` annotators, drawn anew for each item and in random order, answer it; None means everybody,
        in order. Raises ValueError for no annotators, no items, an unknown class, or more votes than
        annotators.
        """
        rows = self._rows(truths)
        asked = len(annotators) if per_item is None else per_item
        if not annotators or not 1 <= asked <= len(annotators):
            raise ValueError(f"per_item must lie in 1 … {len(annotators)} (the annotators), got {asked}")
        who = np.tile(np.arange(len(annotators)), (len(rows), 1))
        if per_item is not None:
            who = rng.permuted(who, axis=1)[:, :asked]
        edges = np.stack([self.answers(one, options).cumsum(axis=1) for one in annotators])
        edges[:, :, -1] = 1  # Rounding must not leave a gap at the top.
        edges = edges[who, rows[:, None]]
        labels = (rng.random(who.shape)[:, :, None] >= edges).sum(axis=2)
        items = np.repeat(np.arange(len(rows)), asked)
        return Votes(items, who.ravel(), labels.ravel(), len(rows), len(annotators), len(options))

    def _rows(self, truths: Sequence[str]) -> np.ndarray:
        unknown = [wnid for wnid in truths if wnid not in self.index]
        if unknown or not len(truths):
            raise ValueError(
                f"truths: {unknown[0]} is not a class of this world" if unknown else "truths are empty"
            )
        return np.array([self.index[wnid] for wnid in truths])


def search_results(
    world: World, target: str, n: int, rng: np.random.Generator, good: float = 0.35, spread: float = 1.5
) -> tuple[list[str], np.ndarray]:
    """What a search engine might return for a synset: n wnids, and (n,) bool, which of them are kinds of
    ``target``.

    A share ``good`` are right, any class at or below ``target`` as likely as another; the others are wrong in a
    WordNet-shaped way, class c as likely as exp(-steps(c, target) / ``spread``). Raises ValueError where no
    class of the world lies at or below ``target``, or all do.
    """
    below = {target, *world.wn.descendants(target)}
    right = np.array([wnid in below for wnid in world.wnids])
    if not right.any() or right.all():
        raise ValueError(f"{target}: some classes of the world must be kinds of it, and some must not")
    known = target in world.index
    steps = world.steps if known else world.wn.taxonomy([*world.wnids, target]).path_distance()
    near = np.exp(-steps[world.index.get(target, -1), : len(right)] / spread) * ~right
    hits = rng.random(n) < good
    shown = np.where(
        hits,
        rng.choice(len(right), n, p=right / right.sum()),
        rng.choice(len(right), n, p=near / near.sum()),
    )
    return [world.wnids[place] for place in shown], hits
