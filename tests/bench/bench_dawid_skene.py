"""Dawid-Skene on 50,000 labels: 10,000 items, 200 annotators, 10 classes, 20 rounds of EM.

The peer is crowd-kit where it is installed, else the same EM as plain Python loops, one label at a time; the table
says which.
"""

from __future__ import annotations

import importlib.util
import math

from harness import Measured, fresh, repeat, row

ITEMS, ANNOTATORS, CLASSES, PER_ITEM, ROUNDS = 10_000, 200, 10, 5, 20


def run(full: bool = False) -> list[dict]:
    """Measure both; ``full`` changes nothing."""
    installed = importlib.util.find_spec("crowdkit") is not None
    name, function = ("crowd-kit", "crowd_kit") if installed else ("plain Python loops", "loops")
    ours, peer = fresh("bench_dawid_skene", "ours"), fresh("bench_dawid_skene", function)
    what = f"Dawid-Skene, {ITEMS * PER_ITEM:,} labels, {ROUNDS} rounds"
    return [row(what, ours, peer, name, "under 5 s", ours.median_s < 5)]


def _columns():
    import numpy as np

    rng = np.random.default_rng(0)
    truth = rng.integers(0, CLASSES, ITEMS)
    skill = rng.uniform(0.3, 0.9, ANNOTATORS)
    items = np.repeat(np.arange(ITEMS), PER_ITEM)
    people = rng.permuted(np.tile(np.arange(ANNOTATORS), (ITEMS, 1)), axis=1)[:, :PER_ITEM].ravel()
    right = rng.random(len(items)) < skill[people]
    return items, people, np.where(right, truth[items], rng.integers(0, CLASSES, len(items)))


def ours() -> Measured:
    """From the three columns to the posterior."""
    from synscenes.annotators.dawid_skene import dawid_skene
    from synscenes.annotators.votes import Votes

    columns = _columns()

    def work() -> None:
        dawid_skene(Votes(*columns, ITEMS, ANNOTATORS, CLASSES), iterations=ROUNDS, tolerance=-math.inf)

    return repeat(work)


def crowd_kit() -> Measured:
    """The same columns as crowd-kit wants them (a data frame, made beforehand)."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    frame = pd.DataFrame(dict(zip(("task", "worker", "label"), _columns())))
    return repeat(lambda: DawidSkene(n_iter=ROUNDS, tol=-1e30).fit(frame), runs=3)


def loops() -> Measured:
    """One label at a time, as one would write it first; one round is measured and scaled."""
    votes = [list(map(int, column)) for column in _columns()]
    shares = [[0.0] * CLASSES for _ in range(ITEMS)]
    for item, label in zip(votes[0], votes[2]):
        shares[item][label] += 1 / PER_ITEM
    return repeat(lambda: _one_round(votes, shares), runs=3, scale=ROUNDS, note="extrapolated from one round")


def _one_round(votes: list[list[int]], beliefs: list[list[float]]) -> list[list[float]]:
    classes = range(CLASSES)
    prior = [math.log(max(sum(belief[k] for belief in beliefs) / ITEMS, 1e-10)) for k in classes]
    counts = [[[1e-10] * CLASSES for _ in classes] for _ in range(ANNOTATORS)]
    for item, person, label in zip(*votes):
        for k in classes:
            counts[person][k][label] += beliefs[item][k]
    logs = [[[math.log(value / sum(line)) for value in line] for line in matrix] for matrix in counts]
    joint = [list(prior) for _ in range(ITEMS)]
    for item, person, label in zip(*votes):
        for k in classes:
            joint[item][k] += logs[person][k][label]
    found = []
    for line in joint:
        weights = [math.exp(value - max(line)) for value in line]
        found.append([weight / sum(weights) for weight in weights])
    return found
