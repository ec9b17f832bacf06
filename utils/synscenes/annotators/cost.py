"""What a vote buys: accuracy against the number of votes, over many seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from synscenes.annotators.consensus import ask_until, ask_until_sure, confidence_table
from synscenes.annotators.dawid_skene import DawidSkene, dawid_skene
from synscenes.annotators.majority import majority_vote
from synscenes.annotators.simulation import Annotator, World, search_results
from synscenes.annotators.votes import Votes

if TYPE_CHECKING:
    import pandas

RULES = ("majority", "Dawid-Skene", "ask until sure")


def cost_table(
    world: World,
    crowd: Sequence[Annotator],
    truths: Sequence[str],
    options: Sequence[str],
    seeds: Sequence[int],
    per_item: Sequence[int] = (1, 3, 5, 7, 10),
    thresholds: Sequence[float] = (0.7, 0.9, 0.97, 0.99),
    smoothing: float = 0.1,
) -> pandas.DataFrame:
    """Return one row per rule, setting and seed: columns rule, setting, seed, votes (an item), accuracy.

    "majority" and "Dawid-Skene" ask ``per_item`` people about every item. "ask until sure" first has everybody
    answer the first third of the items, learns with Dawid-Skene who can be trusted, then asks about each
    further item until a ``threshold`` is reached; its votes are averaged over *all* items, the first third
    included, and its accuracy too.
    """
    import pandas

    right = world.answer_of(options)[[world.index[wnid] for wnid in truths]]
    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        everybody = world.vote(crowd, truths, options, rng, per_item=len(crowd))
        for k in per_item:
            votes = everybody.first(k)
            merged = {"majority": majority_vote(votes, rng), "Dawid-Skene": dawid_skene(votes).labels}
            rows += [(rule, k, seed, k, (labels == right).mean()) for rule, labels in merged.items()]
        first = max(1, len(truths) // 3)
        learnt = dawid_skene(_only_first(everybody, first), smoothing=smoothing)
        rows += [
            ("ask until sure", level, seed, *_adaptive(everybody, right, first, learnt, level))
            for level in thresholds
        ]
    return pandas.DataFrame(rows, columns=["rule", "setting", "seed", "votes", "accuracy"])


def consensus_table(
    world: World,
    crowd: Sequence[Annotator],
    targets: Sequence[str],
    seeds: Sequence[int],
    sample: int = 60,
    rest: int = 300,
    threshold: float = 0.95,
) -> pandas.DataFrame:
    """Run dynamic consensus on simulated search results: one row per synset and seed.

    Ten people vote on each of ``sample`` images, the confidence table is made, and ``rest`` further images are
    decided with it, ten votes at most. Columns: target, seed, votes (mean, an image), precision (share of kept
    images that are right), kept (share of right images that are kept).
    """
    import pandas

    entity = "n00001740"
    rows = []
    for target in targets:
        for seed in seeds:
            rng = np.random.default_rng(seed)
            shown, _ = search_results(world, target, sample, rng)
            first = world.vote(crowd, shown, [entity, target], rng, per_item=10)
            table = confidence_table(first.labels.reshape(sample, 10))
            shown, right = search_results(world, target, rest, rng)
            answers = world.vote(crowd, shown, [entity, target], rng, per_item=10).labels.reshape(rest, 10)
            decided = [ask_until(one, table, threshold) for one in answers]
            kept = np.array([one.verdict is True for one in decided])
            votes = float(np.mean([one.votes for one in decided]))
            rows.append(
                (target, seed, votes, right[kept].mean() if kept.any() else np.nan, kept[right].mean())
            )
    return pandas.DataFrame(rows, columns=["target", "seed", "votes", "precision", "kept"])


def _only_first(votes: Votes, count: int) -> Votes:
    """The votes on the first ``count`` items alone."""
    rows = votes.items < count
    columns = (votes.items[rows], votes.annotators[rows], votes.labels[rows])
    return Votes(*columns, count, votes.n_annotators, votes.n_classes)


def _adaptive(
    votes: Votes, right: np.ndarray, first: int, learnt: DawidSkene, threshold: float
) -> tuple[float, float]:
    """Return (votes an item, accuracy) of asking until sure, the first items included."""
    each = votes.n_annotators
    who = votes.annotators.reshape(-1, each)
    said = votes.labels.reshape(-1, each)
    spent, hits = first * each, int((learnt.labels == right[:first]).sum())
    for item in range(first, votes.n_items):
        label, count = ask_until_sure(said[item], who[item], learnt.prior, learnt.confusion, threshold)
        spent, hits = spent + count, hits + (label == right[item])
    return spent / votes.n_items, hits / votes.n_items
