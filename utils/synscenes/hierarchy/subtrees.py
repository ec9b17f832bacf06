"""From the probabilities of classes to those of everything above them, and accuracy from coarse to fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synscenes.hierarchy.inputs import below_matrix, class_labels, probability_rows

if TYPE_CHECKING:
    from synscenes.wordnet import Taxonomy


def node_probabilities(probabilities, below) -> np.ndarray:
    """Return the probability of each node, the sum over the classes that it is or holds: (n, nodes) float64.

    ``below``: (classes, nodes) bool, such as ``taxonomy.is_ancestor``. Classes exclude each other, so their
    probabilities add up. Where a class has several paths it still counts once per node. Clipped at 1, which
    rounding can overshoot. Raises ValueError.
    """
    rows = probability_rows(probabilities)
    return np.minimum(rows @ below_matrix(below, rows.shape[1]).astype(np.float64), 1.0)


def trail_matrix(taxonomy: Taxonomy) -> np.ndarray:
    """Return each class's longest path from the root as columns of ``nodes``: (classes, longest) int, padded.

    A trail that ends early repeats its class, so column d reads "d steps from the root, or the class itself".
    Each node has one node before it on all trails: together they form a tree inside the graph.
    """
    trails = taxonomy.trails()
    longest = max(map(len, trails))
    return np.array([[*trail, *[trail[-1]] * (longest - len(trail))] for trail in trails])


def groups_at(taxonomy: Taxonomy, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut the tree of trails ``depth`` steps from the root: (group of each class (n,), column of each group).

    Depth 0 puts all classes into one group; beyond the longest trail each class is its own. Raises ValueError for
    a negative depth.
    """
    if depth < 0:
        raise ValueError(f"depth must be at least 0, got {depth}")
    trails = trail_matrix(taxonomy)
    columns, group = np.unique(trails[:, min(depth, trails.shape[1] - 1)], return_inverse=True)
    return group, columns


def group_probabilities(probabilities, group) -> np.ndarray:
    """Return the summed probability of each group of classes: (n, groups) float64. Raises ValueError."""
    rows = probability_rows(probabilities)
    group = class_labels(group, rows.shape[1], rows.shape[1], "group")
    member = group[:, None] == np.arange(group.max() + 1)
    return node_probabilities(rows, member)


def level_hits(probabilities, labels, group) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each row's group is right, answered in two ways: ((n,) bool, (n,) bool).

    First: the most probable class, then its group. Second: the group of the largest sum. Raises ValueError.
    """
    rows = probability_rows(probabilities)
    group = class_labels(group, rows.shape[1], rows.shape[1], "group")
    truth = group[class_labels(labels, len(rows), rows.shape[1])]
    return group[rows.argmax(axis=1)] == truth, group_probabilities(rows, group).argmax(axis=1) == truth
