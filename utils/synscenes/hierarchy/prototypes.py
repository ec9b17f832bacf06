"""Few-shot classification by the nearest class mean.

Source: Snell, Swersky, Zemel, "Prototypical Networks for Few-shot Learning", NeurIPS 2017, without the training: the
features are a pretrained network's. Nearest by cosine, which is the dot product of unit vectors.
"""

from __future__ import annotations

import numpy as np

from synscenes.hierarchy.heads import class_mean_accuracy, enough_of, split, unit_rows


def prototypes(features, labels) -> tuple[np.ndarray, np.ndarray]:
    """Return (classes in order (c,), unit mean of each class's unit features (c, dims)). Raises ValueError."""
    rows, labels = unit_rows(features), np.asarray(labels)
    if labels.shape != (len(rows),):
        raise ValueError(f"labels must have shape ({len(rows)},), got {labels.shape}")
    names = np.unique(labels)
    return names, unit_rows(np.stack([rows[labels == name].mean(axis=0) for name in names]))


def nearest(features, names, means) -> np.ndarray:
    """Return the class of the nearest mean for each row of features: (n,)."""
    return np.asarray(names)[(unit_rows(features) @ np.asarray(means).T).argmax(axis=1)]


def episode(features, labels, *, ways: int, shots: int, rng: np.random.Generator, least: int | None = None) -> float:
    """Return one episode's accuracy: draw ``ways`` classes, ``shots`` photographs of each; classify the others.

    Only classes with at least ``least`` photographs (default shots + 1) take part, so that episodes with fewer shots
    can be held to the same classes. The accuracy is averaged over classes: one class may have more photographs left
    than another. Raises ValueError where there are too few classes.
    """
    features, labels = np.asarray(features), np.asarray(labels)
    able = enough_of(labels, max(least or 0, shots + 1))
    if not 2 <= ways <= len(able):
        raise ValueError(f"ways must lie in 2 … {len(able)}, the classes with enough photographs; got {ways}")
    rows = np.flatnonzero(np.isin(labels, rng.choice(able, ways, replace=False)))
    train, test = (rows[part] for part in split(labels[rows], shots, rng))
    answers = nearest(features[test], *prototypes(features[train], labels[train]))
    return class_mean_accuracy(answers, labels[test])
