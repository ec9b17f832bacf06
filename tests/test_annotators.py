"""Votes, majority, agreement, dynamic consensus and confident learning: by hand, by brute force, and on bad input."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask

from synscenes.annotators import confident
from synscenes.annotators.agreement import cohen_kappa, krippendorff_alpha, observed_agreement
from synscenes.annotators.consensus import Decision, ask_until, ask_until_sure, confidence_table
from synscenes.annotators.dawid_skene import dawid_skene
from synscenes.annotators.majority import majority_vote, tied, vote_shares
from synscenes.annotators.real_labels import label_pairs, one_guess_ceiling, real_labels
from synscenes.annotators.votes import Votes

tables = st.integers(1, 8).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(-1, 3), min_size=width, max_size=width), min_size=1, max_size=12
    )
)


def votes_of(rows, classes=4):
    return Votes.from_table(np.array(rows), classes)


# ------------------------------------------------------------------------------------------------------ votes


@given(tables)
def test_a_table_survives_the_round_trip(rows):
    table = np.array(rows)
    if (table < 0).all():
        with pytest.raises(ValueError, match="at least one vote"):
            votes_of(rows)
        return
    votes = votes_of(rows)
    assert (votes.table() == table).all()
    assert votes.counts().sum() == len(votes) == (table >= 0).sum()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"items": []}, "at least one vote"),
        ({"labels": [0, 1]}, "differ in length"),
        ({"labels": [0, 1, 3]}, r"labels must lie in 0 … 2"),
        ({"labels": [0, 1, -1]}, r"labels must lie in 0 … 2"),
        ({"labels": [0, 1, 0.5]}, "labels must be integers"),
        ({"annotators": [0, 0, 9]}, r"annotators must lie in 0 … 1"),
        ({"items": [0, 0, 1], "annotators": [1, 1, 0]}, "annotator 1 voted more than once on item 0"),
        ({"n_classes": 0}, "number of labels must be a whole number"),
        ({"n_items": True}, "number of items must be a whole number"),
    ],
)
def test_bad_votes_are_an_error(change, says):
    good = {"items": [0, 0, 1], "annotators": [0, 1, 0], "labels": [0, 1, 2]}
    good |= {"n_items": 2, "n_annotators": 2, "n_classes": 3}
    assert len(Votes(**good)) == 3
    with pytest.raises(ValueError, match=says):
        Votes(**(good | change))


@pytest.mark.parametrize("table", [np.zeros(3, int), np.zeros((2, 2)), np.full((1, 1), -2)])
def test_a_bad_table_is_an_error(table):
    with pytest.raises(ValueError, match="table"):
        Votes.from_table(table, 2)


def test_first_keeps_the_earliest_votes_of_each_item():
    votes = Votes([1, 0, 1, 0, 1], [2, 0, 0, 1, 1], [3, 1, 2, 0, 1], 2, 3, 4)
    assert votes.first(1).labels.tolist() == [3, 1]
    assert votes.first(2).labels.tolist() == [3, 1, 2, 0]
    assert len(votes.first(9)) == 5
    with pytest.raises(ValueError, match="at least 1"):
        votes.first(0)


@pytest.mark.parametrize("rule", [majority_vote, vote_shares, dawid_skene])
def test_an_item_without_votes_is_an_error(rule):
    with pytest.raises(ValueError, match="item 1 has no vote"):
        rule(votes_of([[0, 1], [-1, -1]]))


# --------------------------------------------------------------------------------------------------- majority


@given(tables)
def test_majority_is_a_most_common_answer(rows):
    if any(max(row) < 0 for row in rows):
        return
    votes = votes_of(rows)
    for rng in (None, np.random.default_rng(0)):
        for row, winner, open_ in zip(rows, majority_vote(votes, rng), tied(votes)):
            counts = Counter(label for label in row if label >= 0)
            best = {label for label, count in counts.items() if count == max(counts.values())}
            assert winner in best
            assert open_ == (len(best) > 1)
            if rng is None:
                assert winner == min(best)


# -------------------------------------------------------------------------------------------------- agreement


def task_of(votes):
    return AnnotationTask(list(zip(votes.annotators.tolist(), votes.items.tolist(), votes.labels.tolist())))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_kappa_equals_nltk(pairs):
    a, b = np.array(pairs).T
    if len(set(a) | set(b)) == 1:
        with pytest.raises(ValueError, match="undefined"):
            cohen_kappa(a, b)
        return
    votes = votes_of(np.stack([a, b], axis=1))
    assert cohen_kappa(a, b) == pytest.approx(task_of(votes).kappa(), abs=1e-12)
    assert observed_agreement(a, b) == pytest.approx(task_of(votes).avg_Ao())


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=2, max_size=20))
def test_alpha_equals_nltk(rows):
    votes = votes_of(rows)
    if len(np.unique(rows)) == 1:
        with pytest.raises(ValueError, match="only one label"):
            krippendorff_alpha(votes)
    else:
        assert krippendorff_alpha(votes) == pytest.approx(task_of(votes).alpha(), abs=1e-12)


def test_alpha_of_krippendorffs_own_example():
    """Content Analysis (2004), page 221: four observers, twelve units, gaps; nominal alpha 0.743."""
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, -1, -1, -1],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, -1, 3],
        [-1, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, -1],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, -1],
    ]
    assert krippendorff_alpha(votes_of(np.array(rows).T, 6)) == pytest.approx(0.743, abs=5e-4)


def test_agreement_by_hand():
    ann, bob = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0, 0, 0]
    assert cohen_kappa(ann, bob) == pytest.approx((0.8 - 0.58) / 0.42)
    assert krippendorff_alpha(votes_of([[0, 0, 0], [0, 0, 1], [1, 1, -1]])) == pytest.approx(
        1 - 0.25 / (30 / 56)
    )


@pytest.mark.parametrize(("a", "b"), [([], []), ([0, 1], [0]), ([[0]], [[0]]), ([0.5, 1], [0, 1])])
def test_bad_columns_are_an_error(a, b):
    with pytest.raises(ValueError, match=r"columns|integers"):
        cohen_kappa(a, b)


def test_alpha_needs_an_item_with_two_votes():
    with pytest.raises(ValueError, match="no item has two votes"):
        krippendorff_alpha(votes_of([[0, -1], [-1, 1]]))


# -------------------------------------------------------------------------------------------------- consensus


def test_confidence_table_equals_drawing_all_subsets():
    from itertools import combinations

    answers = np.array([[1, 1, 0, 1], [0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 1]])
    good = answers.sum(axis=1) > 2
    found = confidence_table(answers)
    for size in range(5):
        seen: dict[int, list] = {}
        for row, is_good in zip(answers, good):
            for chosen in combinations(row, size):
                seen.setdefault(sum(chosen), []).append(is_good)
        for yes in range(size + 1):
            expected = np.mean(seen[yes]) if yes in seen else np.nan
            assert found[yes, size - yes] == pytest.approx(expected, nan_ok=True)
    assert np.isnan(found[4, 1])


def test_given_truth_replaces_the_majority():
    answers = np.array([[1, 1, 1], [0, 0, 0]])
    assert confidence_table(answers, good=[False, True])[3, 0] == 0
    with pytest.raises(ValueError, match="good must be 2 booleans"):
        confidence_table(answers, good=[True])


@pytest.mark.parametrize("answers", [[], [[]], [[0, 2]], [[0.5, 1]], [0, 1], [[np.nan, 1]]])
def test_a_bad_sample_is_an_error(answers):
    with pytest.raises(ValueError, match="answers must be"):
        confidence_table(answers)


def test_asking_stops_when_sure():
    table = np.array([[np.nan, 0.2, 0.03], [0.8, 0.5, np.nan], [0.96, np.nan, np.nan]])
    assert ask_until([1, 1, 0], table) == Decision(True, 2)
    assert ask_until([0, 0, 1], table) == Decision(False, 2)
    assert ask_until([1, 0], table) == Decision(None, 2)
    assert ask_until([1, 0, 1], table) == Decision(None, 2)  # The table ends here.
    assert ask_until([1, 1], table, threshold=0.75) == Decision(True, 1)
    for bad in ({"answers": []}, {"answers": [0, 2]}, {"threshold": 0.5}, {"threshold": np.nan}):
        with pytest.raises(ValueError, match=r"answers must|threshold must"):
            ask_until(**({"answers": [1], "table": table} | bad))


def test_asking_known_people():
    confusion = np.array([[[0.9, 0.1], [0.1, 0.9]], [[0.5, 0.5], [0.5, 0.5]]])
    prior = np.array([0.5, 0.5])
    assert ask_until_sure(np.array([1, 0]), np.array([0, 1]), prior, confusion, 0.89) == (1, 1)
    assert ask_until_sure(np.array([0, 1]), np.array([1, 0]), prior, confusion, 0.89) == (1, 2)
    assert ask_until_sure(np.array([0, 1]), np.array([1, 0]), prior, confusion, 0.95)[1] == 2
    with pytest.raises(ValueError, match="one length"):
        ask_until_sure(np.array([0]), np.array([]), prior, confusion)
    with pytest.raises(ValueError, match="threshold"):
        ask_until_sure(np.array([0]), np.array([0]), prior, confusion, 0)


# ---------------------------------------------------------------------------------------- confident learning


def noisy(seed, n=60, classes=4):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
    scores = rng.normal(size=(n, classes)) + np.eye(classes)[labels]
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("seed", range(5))
def test_confident_joint_equals_the_papers_words(seed):
    """Example by example, as the paper's equation (1) says it."""
    chances, labels = noisy(seed)
    thresholds = [chances[labels == k, k].mean() for k in range(4)]
    expected = np.zeros((4, 4), int)
    for row, label in zip(chances, labels):
        reached = [k for k in range(4) if row[k] >= thresholds[k]]
        if reached:
            expected[label, max(reached, key=lambda k: row[k])] += 1
    assert (confident.confident_joint(chances, labels) == expected).all()
    found = confident.suspects(chances, labels)
    assert len(found) == expected.sum() - np.trace(expected)
    margin = confident.label_margin(chances, labels)
    assert (np.diff(margin[found]) >= 0).all()


def test_a_class_without_examples_is_nobodys_class():
    chances = np.array([[0.6, 0.1, 0.3], [0.2, 0.2, 0.6]])
    assert confident.confident_thresholds(chances, [0, 1]).tolist() == [0.6, 0.2, np.inf]
    assert confident.confident_classes(chances, np.array([0, 1])).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("chances", "labels", "says"),
    [
        (np.zeros((0, 3)), [], "probabilities must be"),
        ([[0.5, np.nan]], [0], "NaN or infinity, first in row 0"),
        ([[0.5, 0.6]], [0], "sum to 1"),
        ([[1.5, -0.5]], [0], "0 or more"),
        ([[0.5, 0.5]], [2], r"labels must lie in 0 … 1"),
        ([[0.5, 0.5]], [-1], r"labels must lie in 0 … 1"),
        ([[0.5, 0.5]], [0, 1], "labels must be 1 integers"),
        ([[0.5, 0.5]], [0.0], "labels must be 1 integers"),
        ([[1.0]], [0], "probabilities must be"),
    ],
)
@pytest.mark.parametrize("function", [confident.suspects, confident.confident_joint, confident.label_margin])
def test_bad_probabilities_are_an_error(function, chances, labels, says):
    with pytest.raises(ValueError, match=says):
        function(np.array(chances), np.array(labels))


def test_out_of_sample_equals_refitting_without_each_example():
    rng = np.random.default_rng(0)
    logits, labels, classes = rng.normal(size=(12, 6)), rng.integers(0, 3, 12), [0, 2, 5]
    found = confident.out_of_sample(logits, labels, classes, strength=2.0)
    features = logits - logits.mean(axis=1, keepdims=True)
    scores = np.exp(logits[:, classes])
    prior = scores / scores.sum(axis=1, keepdims=True)
    residual = np.eye(3)[labels] - prior
    for row in range(12):
        others = np.arange(12) != row
        gram = features[others].T @ features[others] + 2.0 * np.eye(6)
        weights = np.linalg.solve(gram, features[others].T @ residual[others])
        expected = np.maximum(prior[row] + features[row] @ weights, 1e-6)
        assert found[row] == pytest.approx(expected / expected.sum(), abs=1e-9)


def test_out_of_sample_ignores_an_examples_own_label():
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(10, 5)), rng.integers(0, 5, 10)
    changed = labels.copy()
    changed[4] = (labels[4] + 1) % 5
    before, after = (confident.out_of_sample(logits, each, range(5), 3.0) for each in (labels, changed))
    assert before[4] == pytest.approx(after[4], abs=1e-12)
    assert not np.allclose(before, after)
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite"):
            confident.out_of_sample(np.where(logits > 2, bad, logits) + bad, labels, range(5))
    with pytest.raises(ValueError, match="strength"):
        confident.out_of_sample(logits, labels, range(5), 0)


# ------------------------------------------------------------------------------------------------------- ReaL


def test_real_labels():
    labels = real_labels()
    sizes = Counter(map(len, labels))
    assert (len(labels), sizes[0], sum(n for size, n in sizes.items() if size > 1)) == (50_000, 3_163, 7_443)
    assert label_pairs(labels)[836, 837] == 153  # sunglass, sunglasses


def test_pairs_and_ceiling_by_hand():
    labels = [(), (3,), (5, 3), (3, 5), (1, 2, 3)]
    assert label_pairs(labels) == {(3, 5): 2, (1, 2): 1, (1, 3): 1, (2, 3): 1}
    assert one_guess_ceiling(labels) == pytest.approx((1 + 0.5 + 0.5 + 1 / 3) / 4)
    with pytest.raises(ValueError, match="no image"):
        one_guess_ceiling([(), ()])
