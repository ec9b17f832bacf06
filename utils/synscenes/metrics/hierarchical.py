"""How bad is a mistake? The height of the lowest common ancestor of guess and truth.

A dalmatian called a pug is a smaller mistake than a dalmatian called a mop. Sources: ILSVRC 2010's hierarchical
error; Deng, Berg, Li, Fei-Fei 2010, "What does classifying more than 10,000 image categories tell us?"; the mean
over mistakes alone is Bertinetto et al. 2020, "Making Better Mistakes".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synscenes.metrics.classification import _numpy, _scores_and_labels

if TYPE_CHECKING:
    from synscenes.wordnet import Taxonomy


def node_heights(taxonomy: Taxonomy) -> np.ndarray:
    """Return the longest way down from each node to one of the classes, in steps: (m,) int.

    A class without a class below it has height 0; the root has the greatest height.
    """
    is_parent = taxonomy.node_steps == 1
    heights = np.zeros(len(taxonomy.nodes), dtype=np.int64)
    for node in range(len(heights) - 1, -1, -1):  # Parents come before their children: start at the far end.
        parents = np.flatnonzero(is_parent[node])
        heights[parents] = np.maximum(heights[parents], heights[node] + 1)
    return heights


def lca_heights(taxonomy: Taxonomy) -> np.ndarray:
    """Return the height of the lowest common ancestor of each pair of classes: (n, n) int64, 0 on the diagonal.

    WordNet is no tree, so two classes may share several ancestors of which none is above another: the one of
    least height counts. -1 where nothing is shared.
    """
    heights = node_heights(taxonomy)
    found = np.full((len(taxonomy), len(taxonomy)), -1, dtype=np.int64)
    for node in np.argsort(-heights, kind="stable"):  # Lower nodes come later and overwrite.
        below = np.flatnonzero(taxonomy.is_ancestor[:, node])
        found[np.ix_(below, below)] = heights[node]
    np.fill_diagonal(found, 0)  # A class that has others below it is no mistake for itself.
    return found


def hierarchical_costs(logits, labels, heights, k: int = 1) -> np.ndarray:
    """Return each row's cost: the least height among its k highest-scored classes and the label, (n,) int64.

    ``heights``: (classes, classes) from ``lca_heights``. 0 means that the label is among the k. Ties in the scores
    go to the lower class index. Raises ValueError for bad logits or labels (as ``topk_accuracy`` does), for heights
    of another shape, and for k below 1.
    """
    scores, truth = _scores_and_labels(logits, labels)
    heights = np.asarray(_numpy(heights))
    if heights.shape != (scores.shape[1], scores.shape[1]):
        raise ValueError(f"heights must have shape {(scores.shape[1],) * 2}, got {heights.shape}")
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ValueError(f"k must be an integer of at least 1, got {k!r}")
    best = np.argsort(-scores.astype(np.float64), axis=1, kind="stable")[:, :k]
    return heights[best, truth[:, None]].min(axis=1)


def hierarchical_error(logits, labels, heights, k: int = 1) -> float:
    """Return the mean of ``hierarchical_costs``: right answers count 0. In steps; raises ValueError likewise."""
    return float(hierarchical_costs(logits, labels, heights, k).mean())


def mistake_severity(logits, labels, heights, k: int = 1) -> float:
    """Return the mean height over the mistakes alone: how far off is the model *when* it is wrong?

    NaN where there is no mistake. Beware: a model that turns small mistakes into right answers gets a *higher*
    severity. Report it with the accuracy. Raises ValueError as ``hierarchical_costs`` does.
    """
    costs = hierarchical_costs(logits, labels, heights, k)
    wrong = costs[costs > 0]
    return float(wrong.mean()) if len(wrong) else float("nan")
