"""A linear classifier on features that are computed once: small enough to train many times over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def unit_rows(features) -> np.ndarray:
    """Return the rows divided by their lengths: (n, dims) float32. Raises ValueError for NaN or a row of zeros."""
    features = np.asarray(features, dtype=np.float32)
    if features.ndim != 2 or not features.size:
        raise ValueError(f"features must have shape (n, dims), got {features.shape}")
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ValueError("features hold NaN, infinity, or a row of zeros")
    return features / lengths


def train_head(
    features,
    labels,
    classes: int,
    loss: Callable,
    *,
    seed: int,
    steps: int = 60,
    scale: float = 16.0,
    rate: float = 0.003,
) -> Callable[[np.ndarray], np.ndarray]:
    """Train weights (classes, dims) and a bias with Adam on ``loss(logits, labels)``; return features -> logits.

    All rows at every step, weight decay 1e-4; features are made unit length and times ``scale``. The seed sets the
    first weights only, so two losses with one seed start alike. Raises ValueError for mismatched input.
    """
    import torch

    from synscenes.hierarchy.inputs import class_labels

    rows = torch.from_numpy(unit_rows(features) * np.float32(scale))
    labels = class_labels(labels, len(rows), classes)
    generator = torch.Generator().manual_seed(seed)
    weight = (0.01 * torch.randn(classes, rows.shape[1], generator=generator)).requires_grad_()
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.AdamW([weight, bias], lr=rate, weight_decay=1e-4)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(rows @ weight.T + bias, labels).backward()
        optimiser.step()
    matrix, offset = weight.detach().numpy(), bias.detach().numpy()
    return lambda others: unit_rows(others) * np.float32(scale) @ matrix.T + offset


def split(labels, per_class: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return (train, test) row indices: ``per_class`` random rows of each class to train, the others to test.

    Raises ValueError when a class has no row left to test.
    """
    labels = np.asarray(labels)
    order = rng.permutation(len(labels))
    train: list[int] = []
    for one in np.unique(labels):
        rows = order[labels[order] == one]
        if len(rows) <= per_class:
            raise ValueError(f"class {one} has {len(rows)} rows; {per_class} to train leave none to test")
        train += rows[:per_class].tolist()
    return np.array(sorted(train)), np.setdiff1d(np.arange(len(labels)), train)


def enough_of(labels, least: int) -> np.ndarray:
    """Return the classes with at least ``least`` rows, in order. Raises ValueError where there is none."""
    values, counts = np.unique(np.asarray(labels), return_counts=True)
    found = values[counts >= least]
    if not len(found):
        raise ValueError(f"no class has {least} rows")
    return found


def class_mean_accuracy(answers, labels) -> float:
    """Return the accuracy averaged over the classes in ``labels``, so that no class counts more than another.

    Raises ValueError for mismatched or empty input.
    """
    answers, labels = np.asarray(answers), np.asarray(labels)
    if answers.shape != labels.shape or labels.ndim != 1 or not len(labels):
        raise ValueError(f"answers and labels must be 1-D of one length, got {answers.shape} and {labels.shape}")
    right = answers == labels
    return float(np.mean([right[labels == name].mean() for name in np.unique(labels)]))


def mean_and_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return (mean, low, high), a 95 % Student t interval for the mean of repeats. Raises ValueError below two."""
    from scipy.stats import t

    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2 or np.isnan(values).any():
        raise ValueError("values must be at least two numbers, none of them NaN")
    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)
