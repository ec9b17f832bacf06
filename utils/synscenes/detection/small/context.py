"""What context is worth: train in a world where things have their place and in one where they don't, test in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.coco import Folder
from synscenes.detection.small import training
from synscenes.made_once import made_once

Worlds = Mapping[str, tuple[training.Prepared, training.Prepared]]


def pasted_world(train: int, val: int, seed: int = 2017) -> Folder:
    """Return a micro-COCO with the context dial off, made on first use: anything anywhere, at any size."""
    from synscenes import micrococo

    def make(work: Path) -> None:
        print(f"Making {train + val} images without context, once; about a minute.")
        micrococo.generate(work, train, val, seed, micrococo.Dials(context=False), progress=False)

    # Its sprites are here once the usual one is, and the usual one's name carries the generator's version.
    name = f"{micrococo.default().name}-pasted-{train}-{val}-{seed}"
    return Folder(made_once(name, make, "the images without context"))


def two_worlds(
    train: int, val: int, usual: tuple[training.Prepared, training.Prepared] | None = None, **options: Any
) -> Worlds:
    """Return {"with context": (train, val), "pasted anywhere": (train, val)}, prepared, with as many images in each.

    ``usual``: the default micro-COCO's parts where they are prepared already. ``options`` go to ``prepare`` (size,
    backbone, device).
    """
    from synscenes import micrococo

    counts = {"train": train, "val": val}

    def prepared(folder: Folder) -> tuple[training.Prepared, ...]:
        return tuple(
            training.prepare(folder.instances(split), folder.images(split), **{**options, "limit": limit})
            for split, limit in counts.items()
        )

    if usual is None:
        usual = prepared(Folder(micrococo.default()))
    cut = tuple(part.first(limit) for part, limit in zip(usual, counts.values()))
    return {"with context": cut, "pasted anywhere": prepared(pasted_world(train, val))}


def cross(worlds: Worlds, seeds: Sequence[int], **options: Any) -> np.ndarray:
    """Return AP50 of training in each world (rows) and testing in each (columns): (worlds, worlds, seeds).

    ``options`` go to ``train`` (epochs, device).
    """
    from synscenes.metrics.detection import evaluate

    table = np.zeros((len(worlds), len(worlds), len(seeds)))
    for row, (train_data, _) in enumerate(worlds.values()):
        for run, seed in enumerate(seeds):
            detector = training.train(train_data, seed=seed, **options).detector
            for column, (_, val_data) in enumerate(worlds.values()):
                found = training.detect(detector, val_data)
                table[row, column, run] = evaluate(val_data.ground_truth(), found).stats["AP50"]
    return table
