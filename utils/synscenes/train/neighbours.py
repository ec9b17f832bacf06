"""Near-duplicates: finding pictures that are almost one, and splitting so that none stands on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def thumbnails(images: Sequence, size: tuple[int, int] = (16, 32)) -> np.ndarray:
    """Return grey thumbnails of PIL images, brightness and contrast taken out: (n, width x height) rows of length 1.

    The product of two rows is their correlation. A row of one single grey is all zeros.
    """
    from PIL import Image

    rows = [np.asarray(image.convert("L").resize(size, Image.Resampling.BILINEAR), float).ravel() for image in images]
    centred = np.stack(rows) - np.mean(rows, axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)


def groups(thumbs: np.ndarray, threshold: float = 0.93) -> np.ndarray:
    """Return a group number for each picture: (n,). Chains of pictures whose correlation exceeds ``threshold`` are
    one group.

    Groups are numbered by their first picture. Raises ValueError for a threshold outside 0 … 1.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be above 0 and at most 1, got {threshold}")
    _, labels = connected_components(csr_matrix(thumbs @ thumbs.T > threshold), directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def split(groups, labels, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return (train, test) rows: whole groups are drawn for the test until each class has its ``share`` there.

    Groups of mixed labels count for the label of their first picture. Raises ValueError for a share outside 0 … 1.
    """
    groups, labels = np.asarray(groups), np.asarray(labels)
    if not 0 < share < 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")
    numbers, first = np.unique(groups, return_index=True)
    test: list[int] = []
    for label in np.unique(labels):
        own = rng.permutation(numbers[labels[first] == label])
        wanted, taken = share * np.sum(labels == label), 0
        for number in own:
            size = int(np.sum(groups == number))
            # A group much larger than what is still wanted stays in training.
            if taken + size <= wanted + 0.5:
                test += np.flatnonzero(groups == number).tolist()
                taken += size
    rows = np.array(sorted(test), dtype=int)
    return np.setdiff1d(np.arange(len(labels)), rows), rows


def leaked(thumbs: np.ndarray, train, test, threshold: float = 0.93) -> np.ndarray:
    """Return for each test picture whether a training picture is its near-duplicate: (len(test),) bool."""
    return (thumbs[test] @ thumbs[train].T).max(axis=1) > threshold
