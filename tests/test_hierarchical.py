"""The height of the lowest common ancestor, and the errors made from it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synscenes import imagenet, wordnet
from synscenes.metrics.classification import topk_accuracy
from synscenes.metrics.hierarchical import (
    hierarchical_costs,
    hierarchical_error,
    lca_heights,
    mistake_severity,
    node_heights,
)

NAMES = ("jeep", "convertible", "sunglass", "sunglasses", "impala", "gazelle")


@pytest.fixture(scope="module")
def taxonomy():
    return wordnet.load().taxonomy([entry.wnid for entry in imagenet.classes()])


@pytest.fixture(scope="module")
def heights(taxonomy):
    return lca_heights(taxonomy)


def test_heights_of_all_classes_are_symmetric_and_zero_only_on_the_diagonal(heights):
    assert heights.shape == (1000, 1000)
    assert (heights == heights.T).all()
    assert (heights[~np.eye(1000, dtype=bool)] > 0).all() and (np.diag(heights) == 0).all()
    assert heights.max() == 18


def test_node_heights_by_a_walk_down(taxonomy):
    wn = wordnet.load()
    inside = set(taxonomy.nodes)

    def height(wnid):
        below = [height(child) + 1 for child in wn.children(wnid) if child in inside]
        return max(below, default=0)

    found = node_heights(taxonomy)
    for place in range(0, len(taxonomy.nodes), 37):
        assert found[place] == height(taxonomy.nodes[place])


def test_pairs_against_their_shared_ancestors(taxonomy, heights):
    wn, found = wordnet.load(), node_heights(taxonomy)
    column = {node: place for place, node in enumerate(taxonomy.nodes)}
    rng = np.random.default_rng(0)
    for a, b in rng.integers(0, 1000, (60, 2)):
        if a == b:
            continue
        first, second = taxonomy.wnids[a], taxonomy.wnids[b]
        shared = {first, *wn.ancestors(first)} & {second, *wn.ancestors(second)}
        assert heights[a, b] == min(found[column[node]] for node in shared)


def test_pairs_the_lesson_names(heights):
    index = {entry.name: entry.index for entry in imagenet.classes()}
    jeep, convertible, lens, glasses, impala, gazelle = (index[name] for name in NAMES)
    assert heights[jeep, convertible] == 1
    assert heights[impala, gazelle] == 1
    assert heights[lens, glasses] == 9


TINY = np.array([[0, 1, 3], [1, 0, 3], [3, 3, 0]])
LOGITS = np.array([[3.0, 2, 1], [1, 3, 2], [3, 1, 2], [2.0, 2, 2]])
LABELS = np.array([0, 0, 1, 2])


def test_costs_by_hand():
    assert hierarchical_costs(LOGITS, LABELS, TINY).tolist() == [0, 1, 1, 3]
    assert hierarchical_costs(LOGITS, LABELS, TINY, k=2).tolist() == [0, 1, 1, 3]
    assert hierarchical_costs(LOGITS, LABELS, TINY, k=9).tolist() == [0, 0, 0, 0]
    assert hierarchical_error(LOGITS, LABELS, TINY) == pytest.approx(5 / 4)
    assert mistake_severity(LOGITS, LABELS, TINY) == pytest.approx(5 / 3)
    assert math.isnan(mistake_severity(LOGITS, LABELS, TINY, k=3))


def test_cost_zero_means_a_topk_hit(heights):
    rng = np.random.default_rng(3)
    logits, labels = rng.standard_normal((40, 1000)), rng.integers(0, 1000, 40)
    logits[np.arange(40), labels] += 2.5
    for k in (1, 5):
        share = (hierarchical_costs(logits, labels, heights, k) == 0).mean()
        assert share == topk_accuracy(logits, labels, k)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"heights": np.zeros((2, 2))}, "heights must have shape"),
        ({"labels": [0, 0, 1, 3]}, "labels must lie in"),
        ({"logits": np.full((4, 3), np.nan)}, "NaN"),
        ({"logits": np.empty((0, 3)), "labels": np.empty(0, int)}, "empty"),
        ({"k": 0}, "k must be"),
    ],
)
def test_bad_input_is_named(changes, message):
    given = {"logits": LOGITS, "labels": LABELS, "heights": TINY} | changes
    with pytest.raises(ValueError, match=message):
        hierarchical_costs(**given)
