"""Answering with the least expected cost instead of the highest probability.

Source: Karthik, Prabhu, Dokania, Gandhi, "No Cost Likelihood Manipulation at Test Time for Making Better Mistakes
in Deep Networks", ICLR 2021, who call it conditional risk minimisation (CRM). The rule is Bayes' decision rule.
"""

from __future__ import annotations

import numpy as np

from synscenes.hierarchy.inputs import class_labels, cost_matrix, probability_rows


def expected_costs(probabilities, costs) -> np.ndarray:
    """Return what each answer costs on average over what may be true: (n, answers) float64.

    ``costs[a, t]``: the cost of answering a when t is true, (answers, classes). Raises ValueError.
    """
    rows = probability_rows(probabilities)
    return rows @ cost_matrix(costs, rows.shape[1]).T


def least_cost_answers(probabilities, costs) -> np.ndarray:
    """Return the answer of least expected cost for each row: (n,) int64; ties go to the lower index.

    With ``costs = 1 - np.eye(classes)`` this is the most probable class. Raises ValueError.
    """
    return expected_costs(probabilities, costs).argmin(axis=1)


def mean_cost_at(ranking, labels, costs, k: int) -> np.ndarray:
    """Return each row's mean cost over its first k answers: (n,) float64.

    ``ranking``: (n, answers) indices, best first. With LCA heights this is Bertinetto et al.'s hierarchical distance
    at k. Raises ValueError for a k that is not 1 … answers.
    """
    ranking = np.asarray(ranking)
    costs = cost_matrix(costs, np.asarray(costs).shape[-1])
    if ranking.ndim != 2 or not 1 <= k <= ranking.shape[1]:
        raise ValueError(f"k must lie in 1 … {ranking.shape[-1] if ranking.ndim else 0}, got {k}")
    labels = class_labels(labels, len(ranking), costs.shape[1])
    return costs[ranking[:, :k], labels[:, None]].mean(axis=1)
