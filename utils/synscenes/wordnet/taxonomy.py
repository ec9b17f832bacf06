"""Distances between all pairs of classes, from one matrix: steps from each class up to each of its ancestors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

FAR = 10_000  # "Not an ancestor", in steps: beyond any path, and two of them still fit int16.


class Taxonomy:
    """The hierarchy above some classes, as arrays; made by :meth:`WordNet.taxonomy`.

    Rows are the n classes ``wnids`` in the order given; columns are the m ``nodes``: the classes and all their
    ancestors, most general first. ``steps[i, a]`` is the fewest steps up from class i to ancestor a.

    The three similarities return (n, n) float64 arrays whose [i, j] equals, to the last bit, what NLTK 3.10's
    ``Synset.path_similarity``, ``wup_similarity`` and ``lch_similarity`` return for class i with class j; NaN
    where the two share no ancestor (NLTK: None), which does not happen among WordNet 3.0's nouns.
    """

    def __init__(
        self,
        wnids: Sequence[str],
        nodes: Sequence[str],
        *,
        parents: Sequence[Sequence[str]],
        names: Sequence[str],
        depths: Sequence[tuple[int, int]],
        taxonomy_depth: int,
    ) -> None:
        if not wnids:
            raise ValueError("a taxonomy needs at least one wnid")
        self.wnids = tuple(wnids)
        self.nodes = tuple(nodes)
        self.names = tuple(names)
        self.min_depth, self.max_depth = np.array(depths).T
        self.taxonomy_depth = taxonomy_depth
        column = {node: place for place, node in enumerate(nodes)}
        self.leaf_columns = np.array([column[wnid] for wnid in wnids])
        self._parents = [[column[parent] for parent in above] for above in parents]

    def __len__(self) -> int:
        return len(self.wnids)

    def __repr__(self) -> str:
        return f"<Taxonomy: {len(self):,} classes under {len(self.nodes):,} nodes>"

    @cached_property
    def node_steps(self) -> np.ndarray:
        """Fewest steps up from each node to each of its ancestors: (m, m) int16; FAR where it is none."""
        steps = np.full((len(self.nodes), len(self.nodes)), FAR, np.int16)
        for node, parents in enumerate(self._parents):  # Parents come before their children.
            for parent in parents:
                np.minimum(steps[node], steps[parent] + 1, out=steps[node])
            steps[node, node] = 0
        return np.minimum(steps, FAR)

    @property
    def steps(self) -> np.ndarray:
        """Fewest steps up from each class to each node: (n, m) int16; FAR where the node is no ancestor."""
        return self.node_steps[self.leaf_columns]

    @cached_property
    def is_ancestor(self) -> np.ndarray:
        """Whether node a is class i or an ancestor of it: (n, m) bool."""
        return self.steps < FAR

    def path_distance(self) -> np.ndarray:
        """Fewest steps between two classes, up to a common ancestor and down again: (n, n) int16."""
        return self._distances(self.steps)

    def path_similarity(self) -> np.ndarray:
        """1 / (1 + steps), between 0 and 1: (n, n). Rada et al. 1989, as NLTK defines it."""
        return self._lookup(lambda steps: 1.0 / (steps + 1))

    def lch_similarity(self) -> np.ndarray:
        """-log((1 + steps) / (2 D)), D the depth of all the nouns: (n, n). Leacock and Chodorow 1998."""
        return self._lookup(lambda steps: -math.log((steps + 1) / (2.0 * self.taxonomy_depth)))

    def wup_similarity(self, use_min_depth: bool = True) -> np.ndarray:
        """2 d / (d1 + d2): (n, n). Wu and Palmer 1994, with NLTK's conventions, which matter in a DAG.

        The subsumer is the common ancestor whose *shortest* path from the root is longest; among equals the
        first class itself, else the first by name. Its depth d counts the nodes of its *longest* path. d1 and
        d2 are d plus the fewest steps between the subsumer and the two classes. So a class compared with itself
        can score below 1 (dog: 0.93), and [i, j] can differ from [j, i] where one class is an ancestor of the
        other. ``use_min_depth=False`` departs from NLTK: the subsumer is then the common ancestor whose
        *longest* path is longest, and every class scores 1 with itself.
        """
        lcs = self.lowest_common_subsumer(use_min_depth)
        between = self._distances(self.node_steps)  # (n, m): classes to nodes, by any common ancestor.
        rows = np.arange(len(self))
        depth = self.max_depth[lcs] + 1
        first = between[rows[:, None], lcs] + depth
        second = between[rows[None, :], lcs] + depth
        similarity = (2.0 * depth) / (first + second)
        return np.where(lcs < 0, np.nan, similarity)

    def lowest_common_subsumer(self, use_min_depth: bool = True) -> np.ndarray:
        """The column in ``nodes`` of the subsumer that ``wup_similarity`` uses: (n, n) int; -1 where none."""
        lcs = np.full((len(self), len(self)), -1)
        depth = self.min_depth if use_min_depth else self.max_depth
        for row, leaf in enumerate(self.leaf_columns):
            candidates = np.flatnonzero(self.is_ancestor[row])
            key = {a: (-depth[a], a != leaf, self.names[a]) for a in candidates}
            best_first = np.array(sorted(candidates, key=key.__getitem__))
            shared = self.is_ancestor[:, best_first]
            lcs[row] = np.where(shared.any(axis=1), best_first[shared.argmax(axis=1)], -1)
        return lcs

    def lca_depth(self) -> np.ndarray:
        """The depth of the deepest common ancestor, in steps along its longest path: (n, n) int; -1 where none.

        The diagonal holds each class's own depth. It is ``lowest_common_hypernyms(…)[0].max_depth()`` in NLTK.
        """
        depth = np.full((len(self), len(self)), -1)
        for node in range(len(self.nodes)):  # Deeper nodes come later and overwrite.
            below = np.flatnonzero(self.is_ancestor[:, node])
            depth[np.ix_(below, below)] = self.max_depth[node]
        return depth

    def counts(self) -> np.ndarray:
        """How many of the classes are each node or lie below it: (m,) int."""
        return self.is_ancestor.sum(axis=0)

    def trails(self) -> list[tuple[int, ...]]:
        """One path from the root for each class, as columns of ``nodes``: the longest, so that relatives meet."""
        trail: list[tuple[int, ...]] = []
        for node, parents in enumerate(self._parents):
            longest = max(parents, key=lambda parent: (len(trail[parent]), parent), default=None)
            trail.append((*(() if longest is None else trail[longest]), node))
        return [trail[column] for column in self.leaf_columns]

    def order(self) -> np.ndarray:
        """Rows in the order a walk down these trails meets them, so that relatives adjoin: (n,) int."""
        trails = self.trails()
        return np.array(sorted(range(len(self)), key=trails.__getitem__))

    def _distances(self, others: np.ndarray) -> np.ndarray:
        """Fewest steps from each class to each row of ``others`` (k, m) over a common ancestor: (n, k) int16."""
        columns = np.ascontiguousarray(others.T)
        distances = np.empty((len(self), len(others)), np.int16)
        for row, steps in enumerate(self.steps):
            ancestors = np.flatnonzero(self.is_ancestor[row])
            distances[row] = (columns[ancestors] + steps[ancestors, None]).min(axis=0)
        return distances

    def _lookup(self, similarity: Callable[[int], float]) -> np.ndarray:
        """Apply a function of the number of steps to all pairs: each distance is computed once."""
        distance = self.path_distance()
        values = {steps: similarity(steps) for steps in np.unique(distance).tolist() if steps < FAR}
        table = np.full(max(values, default=0) + 2, np.nan)
        table[list(values)] = list(values.values())
        return table[np.minimum(distance, len(table) - 1)]
