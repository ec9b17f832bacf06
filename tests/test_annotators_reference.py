"""Dawid-Skene, alpha and the confident joint against crowd-kit and cleanlab: stored, and live where installed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from synscenes.annotators import confident
from synscenes.annotators.agreement import krippendorff_alpha
from synscenes.annotators.dawid_skene import dawid_skene
from synscenes.annotators.votes import Votes

REFERENCE = json.loads(
    Path(__file__).with_name("reference").joinpath("dawid_skene_reference.json").read_text()
)
CASES = REFERENCE["dawid_skene"]


def votes_of(case) -> Votes:
    items, annotators, labels = np.array(case["votes"]).T
    return Votes(items, annotators, labels, case["items"], case["annotators"], case["classes"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['items']}-items-{case['iterations']}-rounds")
def test_dawid_skene_equals_crowd_kit(case):
    found = dawid_skene(votes_of(case), iterations=case["iterations"], tolerance=-np.inf)
    assert len(found.log_likelihood) == case["iterations"]
    # crowd-kit lifts zeros of the final posterior to 1e-10.
    assert np.abs(found.posterior - np.array(case["posterior"])).max() < 1e-9


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['items']}-items")
def test_alpha_equals_crowd_kit(case):
    assert krippendorff_alpha(votes_of(case)) == pytest.approx(case["alpha"], abs=1e-12)


def test_dawid_skene_equals_crowd_kit_live():
    aggregation = pytest.importorskip(
        "crowdkit.aggregation", reason="crowd-kit is not installed (it is optional)"
    )
    import pandas as pd

    rng = np.random.default_rng(9)
    table = np.where(rng.random((80, 7)) < 0.7, rng.integers(0, 4, (80, 7)), -1)
    table[:, 0] = rng.integers(0, 4, 80)
    votes = Votes.from_table(table, 4)
    frame = pd.DataFrame({"task": votes.items, "worker": votes.annotators, "label": votes.labels})
    theirs = aggregation.DawidSkene(n_iter=12, tol=-1e30).fit(frame).probas_.sort_index()[range(4)].to_numpy()
    assert np.abs(dawid_skene(votes, 12, -np.inf).posterior - theirs).max() < 1e-9


def test_confident_joint_equals_cleanlab():
    """cleanlab gives every class at least one right example; the rest of the joint is the paper's."""
    stored = REFERENCE["confident"]
    chances, labels = np.array(stored["probabilities"]), np.array(stored["labels"])
    assert confident.confident_thresholds(chances, labels) == pytest.approx(np.array(stored["thresholds"]))
    ours, theirs = confident.confident_joint(chances, labels), np.array(stored["joint"])
    # Where several classes are confident cleanlab takes the likeliest of all, the paper the likeliest of those:
    # here no example tells the two apart.
    assert (np.maximum(ours, np.eye(len(ours), dtype=int)) == theirs).all()


# ------------------------------------------------------------------------------------- what EM must always do


@pytest.fixture(scope="module")
def crowd() -> tuple[Votes, np.ndarray]:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 150)
    table = np.where(
        rng.random((150, 6)) < [0.9, 0.8, 0.7, 0.7, 0.6, 0.0], truth[:, None], rng.integers(0, 3, (150, 6))
    )
    table[:, 4] = (truth + 1) % 3  # somebody who is always wrong in the same way
    return Votes.from_table(table, 3), truth


def test_likelihood_never_falls(crowd):
    found = dawid_skene(crowd[0], iterations=200, tolerance=1e-9)
    assert found.converged
    assert (np.diff(found.log_likelihood) > -1e-8).all()


def test_rows_are_probabilities(crowd):
    for smoothing in (0.0, 0.5):
        found = dawid_skene(crowd[0], smoothing=smoothing)
        assert found.posterior.sum(axis=1) == pytest.approx(1)
        assert found.confusion.sum(axis=2) == pytest.approx(1)
        assert found.prior.sum() == pytest.approx(1)


def test_a_consistent_habit_is_learnt_and_used(crowd):
    votes, truth = crowd
    found = dawid_skene(votes)
    assert (found.labels == truth).mean() > 0.97
    assert found.confusion[4, [0, 1, 2], [1, 2, 0]].min() > 0.9
    assert found.accuracy[4] < 0.1 < found.accuracy[5] < 0.6 < found.accuracy[0]


def test_numbering_of_annotators_and_items_does_not_matter(crowd):
    votes, _ = crowd
    items, people = np.random.default_rng(0).permutation(150), np.random.default_rng(1).permutation(6)
    moved = Votes(items[votes.items], people[votes.annotators], votes.labels, 150, 6, 3)
    assert dawid_skene(moved).posterior[items] == pytest.approx(dawid_skene(votes).posterior, abs=1e-9)


def test_somebody_without_votes_changes_nothing(crowd):
    votes, _ = crowd
    wider = Votes(votes.items, votes.annotators, votes.labels, 150, 7, 3)
    found = dawid_skene(wider)
    assert found.posterior == pytest.approx(dawid_skene(votes).posterior)
    assert found.confusion[6] == pytest.approx(1 / 3)


def test_thousands_of_votes_on_one_item_do_not_underflow():
    votes = Votes.from_table(np.array([[0] * 1200 + [1] * 900, [1] * 2100]), 2)
    found = dawid_skene(votes)
    assert np.isfinite(found.posterior).all() and np.isfinite(found.log_likelihood).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"iterations": 0}, "iterations"),
        ({"smoothing": -1}, "smoothing"),
        ({"smoothing": np.nan}, "smoothing"),
    ],
)
def test_bad_options_are_an_error(crowd, options, says):
    with pytest.raises(ValueError, match=says):
        dawid_skene(crowd[0], **options)
