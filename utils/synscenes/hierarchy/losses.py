"""Two ways to tell a network in training which mistakes are near.

Source: Bertinetto, Mueller, Tertikas, Samangooei, Lord, "Making Better Mistakes: Leveraging Class Hierarchies with
Deep Networks", CVPR 2020. Both are plain functions of (n, classes) torch logits.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from synscenes.hierarchy.inputs import class_labels, cost_matrix

if TYPE_CHECKING:
    import torch


def soft_labels(labels, heights, beta: float) -> np.ndarray:
    """Return for each row the shares exp(-beta x height / largest height), made to add up to 1: (n, classes).

    ``heights``: (classes, classes) LCA heights, symmetric. A large ``beta`` gives the usual one-hot label, 0 gives all
    classes the same share. Raises ValueError.
    """
    heights = cost_matrix(heights, len(heights))
    if not beta >= 0 or np.isinf(beta):
        raise ValueError(f"beta must be a finite number from 0 on, got {beta}")
    labels = class_labels(labels, len(labels), len(heights))
    shares = np.exp(-beta * heights / max(heights.max(), 1))
    return (shares / shares.sum(axis=1, keepdims=True))[labels]


def soft_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean over rows of -sum(target x log softmax(logits)): the loss for soft labels."""
    return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()


def hierarchical_cross_entropy(logits: torch.Tensor, labels, trails, alpha: float) -> torch.Tensor:
    """Return the mean of the weighted losses of every step from the root down to the label.

    The loss of one step is -log p(node | the node above it); its weight is exp(-alpha d), d the steps from the root
    to the node (the paper's text says "height"; its published code counts from the root, as here). With alpha 0
    the steps telescope into plain cross-entropy. ``trails``: (classes, longest) from ``subtrees.trail_matrix``: a
    tree, in which a class's trail ends with the class. Raises ValueError.
    """
    import torch

    trails = np.asarray(trails)
    if trails.ndim != 2 or len(trails) != logits.shape[1]:
        raise ValueError(f"trails must have shape ({logits.shape[1]}, longest), got {trails.shape}")
    if not alpha >= 0:
        raise ValueError(f"alpha must be at least 0, got {alpha}")
    labels = labels.cpu() if isinstance(labels, torch.Tensor) else labels
    labels = class_labels(labels, len(logits), logits.shape[1])
    log_p = logits.log_softmax(dim=1)
    # same[d][i, j]: do classes i and j share the node d steps down?  So log p(that node) sums over those j.
    levels = [
        torch.logsumexp(log_p.masked_fill(others.to(log_p.device), -torch.inf), dim=1)
        for others in (torch.as_tensor(column[labels][:, None] != column) for column in trails.T)
    ]
    steps = torch.stack([above - below for above, below in pairwise(levels)], dim=1)
    weights = torch.as_tensor(np.exp(-alpha * np.arange(1, trails.shape[1])), dtype=steps.dtype)
    return (steps * weights.to(steps.device)).sum(dim=1).mean()
