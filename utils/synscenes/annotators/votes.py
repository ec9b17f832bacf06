"""Votes: one answer of one annotator about one item, many times over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Votes:
    """Answers as three columns of equal length: who (``annotators``) said what (``labels``) of which
    (``items``).

    All three are indices from 0. ``n_items``, ``n_annotators`` and ``n_classes`` say how many there are of
    each. An annotator may answer some items only, but none twice. Raises ValueError for empty columns, columns
    of different length, values that aren't whole numbers or out of range, and for two votes of one annotator
    on one item.
    """

    items: np.ndarray
    annotators: np.ndarray
    labels: np.ndarray
    n_items: int
    n_annotators: int
    n_classes: int

    def __post_init__(self) -> None:
        sizes = {"items": self.n_items, "annotators": self.n_annotators, "labels": self.n_classes}
        for name, size in sizes.items():
            object.__setattr__(self, name, _indices(getattr(self, name), size, name))
        if len({len(getattr(self, name)) for name in sizes}) != 1:
            raise ValueError(f"columns differ in length: {[len(getattr(self, name)) for name in sizes]}")
        pairs = self.items * self.n_annotators + self.annotators
        if len(np.unique(pairs)) != len(pairs):
            values, counts = np.unique(pairs, return_counts=True)
            item, annotator = divmod(int(values[counts > 1][0]), self.n_annotators)
            raise ValueError(f"annotator {annotator} voted more than once on item {item}")

    @classmethod
    def from_table(cls, table, n_classes: int) -> Votes:
        """Make votes from a table of labels, (items, annotators) integers; -1 where there was no vote."""
        table = np.asarray(table)
        if table.ndim != 2 or table.dtype.kind not in "iu":
            raise ValueError(f"table must be (items, annotators) integers, got {table.dtype} {table.shape}")
        if table.size and table.min() < -1:
            raise ValueError(f"table holds {table.min()}: labels start at 0, and -1 means no vote")
        items, annotators = np.nonzero(table >= 0)
        return cls(items, annotators, table[items, annotators], *table.shape, n_classes)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return (
            f"<{len(self):,} votes of {self.n_annotators:,} annotators on {self.n_items:,} items, "
            f"{self.n_classes:,} classes>"
        )

    def table(self) -> np.ndarray:
        """Return the labels as (items, annotators) int64; -1 where there was no vote."""
        table = np.full((self.n_items, self.n_annotators), -1)
        table[self.items, self.annotators] = self.labels
        return table

    def counts(self) -> np.ndarray:
        """Return how many votes each class got on each item: (items, classes) int64."""
        place = self.items * self.n_classes + self.labels
        return np.bincount(place, minlength=self.n_items * self.n_classes).reshape(
            self.n_items, self.n_classes
        )

    def first(self, k: int) -> Votes:
        """Keep, of each item, the ``k`` votes that come first in the columns. Raises ValueError for k below 1."""
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        order = np.argsort(self.items, kind="stable")
        starts = np.searchsorted(self.items[order], np.arange(self.n_items))
        place = np.arange(len(self)) - starts[self.items[order]]
        return self.keep(np.sort(order[place < k]))

    def keep(self, rows) -> Votes:
        """Return the votes of some rows (a mask or indices) with the same items, annotators and classes."""
        columns = (self.items[rows], self.annotators[rows], self.labels[rows])
        return Votes(*columns, self.n_items, self.n_annotators, self.n_classes)

    def require_every_item(self) -> None:
        """Raise ValueError when an item has no vote: no rule can then say anything about it."""
        missing = np.flatnonzero(np.bincount(self.items, minlength=self.n_items) == 0)
        if len(missing):
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise ValueError(f"item {missing[0]}{more} has no vote: leave it out or ask somebody")


def _indices(values, size: int, name: str) -> np.ndarray:
    values = np.asarray(values)
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise ValueError(f"the number of {name} must be a whole number of at least 1, got {size!r}")
    if values.ndim != 1 or not len(values):
        raise ValueError(f"{name} must be one column with at least one vote, got shape {values.shape}")
    if values.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, got {values.dtype}")
    if values.min() < 0 or values.max() >= size:
        raise ValueError(
            f"{name} must lie in 0 … {size - 1}, got values from {values.min()} to {values.max()}"
        )
    return values.astype(np.int64)
