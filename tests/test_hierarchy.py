"""Using the hierarchy: each rule against a definition that does not share its code, and the limits they must keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from synscenes import imagenet, wordnet
from synscenes.hierarchy import decisions, heads, hedging, losses, prototypes, subtrees, zeroshot
from synscenes.metrics.hierarchical import lca_heights

some = settings(max_examples=25, deadline=None)  # Other work on the same cores must not fail a test.
NAMES = ("gazelle", "impala", "hartebeest", "zebra", "ram", "komondor", "beagle", "jeep", "swab", "broom")
SIZE = len(NAMES)


@pytest.fixture(scope="module")
def taxonomy():
    by_name = {each.name: each.wnid for each in imagenet.classes()}
    return wordnet.load().taxonomy([by_name[name] for name in NAMES])


def logit_rows():
    return hnp.arrays(np.float64, (4, SIZE), elements=st.floats(-8, 8))


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# ------------------------------------------------------------------------------------------------- branches


@some
@given(logit_rows())
def test_a_branch_is_the_sum_of_its_classes_and_never_less_than_a_part(taxonomy, scores):
    p = softmax(scores)
    nodes = subtrees.node_probabilities(p, taxonomy.is_ancestor)
    for column in range(len(taxonomy.nodes)):
        classes = [row for row in range(SIZE) if taxonomy.is_ancestor[row, column]]
        assert np.allclose(nodes[:, column], sum(p[:, row] for row in classes))
    for child, parent in zip(*np.nonzero(taxonomy.node_steps == 1)):
        assert (nodes[:, child] <= nodes[:, parent] + 1e-12).all()
    assert np.allclose(nodes[:, 0], 1)


def test_groups_refine_each_other_and_end_at_the_classes(taxonomy):
    counts = [len(subtrees.groups_at(taxonomy, depth)[1]) for depth in range(20)]
    assert counts[0] == 1 and counts[-1] == SIZE and counts == sorted(counts)


@some
@given(st.integers(0, 10_000))
def test_the_finest_level_is_plain_accuracy_and_the_coarsest_is_always_right(taxonomy, seed):
    rng = np.random.default_rng(seed)
    p, labels = softmax(rng.normal(size=(6, SIZE))), rng.integers(0, SIZE, 6)
    fine, coarse = (subtrees.level_hits(p, labels, subtrees.groups_at(taxonomy, depth)[0]) for depth in (30, 0))
    assert (fine[0] == (p.argmax(axis=1) == labels)).all() and (fine[1] == fine[0]).all()
    assert coarse[0].all() and coarse[1].all()


def test_adding_up_can_beat_the_likeliest_class():
    p, group = np.array([[0.4, 0.3, 0.3]]), np.array([0, 1, 1])
    through_class, by_sum = subtrees.level_hits(p, [1], group)
    assert not through_class[0] and by_sum[0]


# ---------------------------------------------------------------------------------------------------- costs


@some
@given(logit_rows())
def test_equal_costs_give_the_most_probable_class(scores):
    p = softmax(scores)
    answers = decisions.least_cost_answers(p, 1 - np.eye(SIZE))
    assert np.allclose(p[np.arange(4), answers], p.max(axis=1))


@some
@given(logit_rows(), hnp.arrays(np.float64, (SIZE, SIZE), elements=st.floats(0, 50)))
def test_no_answer_is_cheaper(scores, costs):
    p = softmax(scores)
    for row, answer in zip(p, decisions.least_cost_answers(p, costs)):
        prices = [sum(row[t] * costs[a, t] for t in range(SIZE)) for a in range(SIZE)]
        assert prices[answer] <= min(prices) + 1e-9


def test_a_certain_network_answers_as_before(taxonomy):
    assert (decisions.least_cost_answers(np.eye(SIZE), lca_heights(taxonomy)) == np.arange(SIZE)).all()


def test_cost_at_1_is_the_cost_and_at_all_the_mean():
    costs, ranking = np.array([[0, 4.0], [1, 0]]), np.array([[1, 0], [0, 1]])
    assert decisions.mean_cost_at(ranking, [0, 0], costs, 1).tolist() == [1, 0]
    assert decisions.mean_cost_at(ranking, [0, 0], costs, 2).tolist() == [0.5, 0.5]


# -------------------------------------------------------------------------------------------------- hedging


@some
@given(logit_rows())
def test_threshold_0_is_argmax_and_1_is_the_root(taxonomy, scores):
    p = softmax(scores)
    nodes, gains = subtrees.node_probabilities(p, taxonomy.is_ancestor), hedging.information_gains(taxonomy.is_ancestor)
    finest = hedging.hedged_answers(nodes, gains, 0.0)
    assert np.allclose(nodes[np.arange(4), finest], p.max(axis=1)) and np.allclose(gains[finest], np.log2(SIZE))
    if p.max() < 1 - 1e-9:  # All classes have some probability, so nothing below a full branch is certain.
        assert np.allclose(gains[hedging.hedged_answers(np.minimum(nodes, 1 - 1e-12), gains, 1.0)], 0)


@some
@given(logit_rows(), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_tells_more_and_is_kept(taxonomy, scores, one, other):
    nodes = subtrees.node_probabilities(softmax(scores), taxonomy.is_ancestor)
    gains = hedging.information_gains(taxonomy.is_ancestor)
    low, high = (hedging.hedged_answers(nodes, gains, threshold) for threshold in sorted((one, other)))
    assert (gains[high] <= gains[low] + 1e-9).all()
    assert (nodes[np.arange(4), high] >= max(one, other) - 1e-9).all()


def test_darts_bonus_trades_information_for_truth(taxonomy):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, SIZE, 200)
    p = softmax(2 * np.eye(SIZE)[labels] + rng.normal(size=(200, SIZE)))
    below = taxonomy.is_ancestor
    nodes, gains = subtrees.node_probabilities(p, below), hedging.information_gains(below)
    bonus = hedging.smallest_bonus(nodes, gains, labels, below, 0.9)
    answers = hedging.rewarded_answers(nodes, gains, bonus)
    assert bonus > 0 and hedging.answers_right(answers, labels, below).mean() >= 0.9
    assert hedging.smallest_bonus(nodes, gains, labels, below, 0.0) == 0
    careful = hedging.rewarded_answers(nodes, gains, 1e9)
    assert hedging.answers_right(careful, labels, below).all()
    truth, told = hedging.truth_and_bits(careful, gains, labels, below)
    assert truth == 1 and told < hedging.truth_and_bits(answers, gains, labels, below)[1]


def test_a_false_answer_tells_nothing(taxonomy):
    below, gains = taxonomy.is_ancestor, hedging.information_gains(taxonomy.is_ancestor)
    first = taxonomy.leaf_columns[[0, 0]]
    assert hedging.truth_and_bits(first, gains, [0, 1], below) == (0.5, pytest.approx(np.log2(SIZE) / 2))


# --------------------------------------------------------------------------------------------------- losses


@some
@given(logit_rows(), hnp.arrays(np.int64, 4, elements=st.integers(0, SIZE - 1)))
def test_without_weights_the_steps_telescope_to_cross_entropy(taxonomy, scores, labels):
    logits, trails = torch.tensor(scores), subtrees.trail_matrix(taxonomy)
    ours = losses.hierarchical_cross_entropy(logits, labels, trails, 0.0)
    assert torch.allclose(ours, torch.nn.functional.cross_entropy(logits, torch.tensor(labels)), atol=1e-8)


@some
@given(logit_rows(), st.integers(0, SIZE - 1), st.floats(0, 2))
def test_each_step_is_weighted_by_its_depth(taxonomy, scores, label, alpha):
    p, trails = softmax(scores)[0], subtrees.trail_matrix(taxonomy)
    chances = [
        sum(p[row] for row in range(SIZE) if node in taxonomy.trails()[row]) for node in taxonomy.trails()[label]
    ]
    by_hand = sum(np.exp(-alpha * d) * -np.log(chances[d] / chances[d - 1]) for d in range(1, len(chances)))
    ours = losses.hierarchical_cross_entropy(torch.tensor(scores[:1]), [label], trails, alpha)
    assert float(ours) == pytest.approx(by_hand, abs=1e-7)


def test_the_gradient_is_finite_for_extreme_logits(taxonomy):
    logits = (200 * torch.eye(SIZE, dtype=torch.float64)[:4]).requires_grad_()
    losses.hierarchical_cross_entropy(logits, [5, 6, 7, 8], subtrees.trail_matrix(taxonomy), 0.3).backward()
    assert torch.isfinite(logits.grad).all()


def test_soft_labels_run_from_equal_shares_to_one_hot(taxonomy):
    heights, labels = lca_heights(taxonomy), np.arange(SIZE)
    assert np.allclose(losses.soft_labels(labels, heights, 0), 1 / SIZE)
    assert np.allclose(losses.soft_labels(labels, heights, 1e4), np.eye(SIZE))
    soft = losses.soft_labels(labels, heights, 8.0)
    assert np.allclose(soft.sum(axis=1), 1)
    for row in range(SIZE):
        order = np.argsort(heights[row], kind="stable")
        assert (np.diff(soft[row, order]) <= 1e-12).all()


def test_soft_cross_entropy_of_one_hot_targets_is_cross_entropy():
    logits, labels = torch.randn(6, SIZE, generator=torch.Generator().manual_seed(0)), torch.arange(6)
    ours = losses.soft_cross_entropy(logits, torch.eye(SIZE)[labels])
    assert torch.allclose(ours, torch.nn.functional.cross_entropy(logits, labels))


# -------------------------------------------------------------------------------------- heads and prototypes


def blobs(seed=0, each=8, classes=4, dims=12, spread=0.3):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    return rng.normal(size=(classes, dims))[labels] + spread * rng.normal(size=(len(labels), dims)), labels


def test_a_head_learns_and_repeats():
    X, y = blobs()
    train, test = heads.split(y, 4, np.random.default_rng(1))
    assert set(train) | set(test) == set(range(len(y))) and not set(train) & set(test)
    assert np.bincount(y[train]).tolist() == [4, 4, 4, 4]

    def loss(logits, labels):
        return torch.nn.functional.cross_entropy(logits, torch.as_tensor(labels))

    first, second = (heads.train_head(X[train], y[train], 4, loss, seed=3)(X[test]) for _ in range(2))
    assert (first == second).all() and (first.argmax(axis=1) == y[test]).mean() > 0.9


def test_prototypes_find_their_class_and_noise_finds_chance():
    X, y = blobs()
    names, means = prototypes.prototypes(X, y + 10)
    assert (prototypes.nearest(X, names, means) == y + 10).mean() > 0.95
    noise = np.random.default_rng(0).normal(size=X.shape)
    rng = np.random.default_rng(1)
    scores = [prototypes.episode(noise, y, ways=4, shots=2, rng=rng) for _ in range(60)]
    assert abs(np.mean(scores) - 0.25) < 0.1


def test_class_mean_accuracy_counts_classes_alike():
    assert heads.class_mean_accuracy([0, 0, 0, 0], [0, 0, 0, 1]) == 0.5


def test_the_interval_of_repeats_is_students():
    mean, low, high = heads.mean_and_interval([1.0, 2.0, 3.0])
    assert (mean, low, high) == (
        pytest.approx(2),
        pytest.approx(2 - 2.4841, abs=1e-3),
        pytest.approx(2 + 2.4841, abs=1e-3),
    )


# ------------------------------------------------------------------------------------------------ zero-shot


@some
@given(logit_rows(), st.integers(1, SIZE))
def test_conse_is_the_similarity_rule_with_dot_products(scores, top):
    vectors = np.random.default_rng(5).normal(size=(SIZE, 6)).astype(np.float32)
    unseen = np.array([1, 4, 8])
    masked = zeroshot.seen_probabilities(scores, unseen)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = (unit @ unit.T).astype(np.float64)
    one, other = (
        zeroshot.conse(masked, vectors, unseen, top),
        zeroshot.most_similar_unseen(masked, similarity, unseen, top),
    )
    weights = zeroshot.top_only(masked, top) @ similarity
    assert np.allclose(weights[np.arange(4), one], weights[np.arange(4), other], atol=1e-5)


@some
@given(logit_rows())
def test_masking_takes_the_class_away_and_keeps_the_others_ratios(scores):
    masked, whole = zeroshot.seen_probabilities(scores, [0, 3]), softmax(scores)
    assert (masked[:, [0, 3]] == 0).all() and np.allclose(masked.sum(axis=1), 1)
    assert np.allclose(masked[:, 1] * whole[:, 2], masked[:, 2] * whole[:, 1])


def test_a_seen_class_without_a_vector_is_passed_over():
    vectors = np.array([[0, 0], [1, 0], [0.9, 0.1], [0, 1]], dtype=np.float32)
    assert zeroshot.conse(np.array([[0.8, 0.2, 0, 0]]), vectors, [2, 3]).tolist() == [2]


# ------------------------------------------------------------------------------------------------ bad input

P, LABELS = np.full((2, 3), 1 / 3), np.array([0, 1])
BELOW = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]], dtype=bool)
GAINS = np.array([0.0, 0.5, 1.5])
BAD = {
    "logits for probabilities": (lambda: subtrees.node_probabilities([[1.0, 2, 3]], BELOW), "softmax"),
    "NaN": (lambda: subtrees.node_probabilities([[np.nan, 0, 1]], BELOW), "NaN"),
    "one row": (lambda: subtrees.node_probabilities([0.5, 0.5, 0], BELOW), "shape"),
    "empty": (lambda: subtrees.node_probabilities(np.empty((0, 3)), BELOW), "at least 1"),
    "another below": (lambda: subtrees.node_probabilities(P, BELOW[:2]), "below"),
    "label out of range": (lambda: subtrees.level_hits(P, [0, 3], [0, 0, 1]), "0 … 2"),
    "labels of floats": (lambda: subtrees.level_hits(P, [0.0, 1.0], [0, 0, 1]), "integer"),
    "another cost matrix": (lambda: decisions.least_cost_answers(P, np.eye(2)), "costs"),
    "NaN costs": (lambda: decisions.least_cost_answers(P, np.full((3, 3), np.nan)), "NaN"),
    "k of 0": (lambda: decisions.mean_cost_at([[0, 1, 2]], [0], np.eye(3), 0), "k must"),
    "threshold of 2": (lambda: hedging.hedged_answers(P, GAINS, 2), "threshold"),
    "NaN threshold": (lambda: hedging.hedged_answers(P, GAINS, float("nan")), "threshold"),
    "no root": (lambda: hedging.hedged_answers(P, GAINS + 1, 0.5), "fall back"),
    "empty branch": (lambda: hedging.information_gains(np.zeros((3, 2), bool)), "at least one class"),
    "negative bonus": (lambda: hedging.rewarded_answers(P, GAINS, -1), "bonus"),
    "target of 2": (lambda: hedging.smallest_bonus(P, GAINS, LABELS, BELOW, 2), "target"),
    "negative beta": (lambda: losses.soft_labels(LABELS, np.eye(3), -1), "beta"),
    "negative alpha": (
        lambda: losses.hierarchical_cross_entropy(torch.zeros(2, 3), LABELS, np.eye(3, dtype=int), -1),
        "alpha",
    ),
    "other trails": (
        lambda: losses.hierarchical_cross_entropy(torch.zeros(2, 3), LABELS, np.eye(4, dtype=int), 0),
        "trails",
    ),
    "row of zeros": (lambda: heads.unit_rows(np.zeros((2, 3))), "zeros"),
    "nothing left to test": (lambda: heads.split([0, 0, 1], 1, np.random.default_rng(0)), "none to test"),
    "no such class": (lambda: heads.enough_of([0, 1], 2), "no class"),
    "one repeat": (lambda: heads.mean_and_interval([1.0]), "two numbers"),
    "too many ways": (
        lambda: prototypes.episode(np.eye(4), [0, 0, 1, 1], ways=3, shots=1, rng=np.random.default_rng(0)),
        "ways",
    ),
    "all unseen": (lambda: zeroshot.seen_probabilities(P, [0, 1, 2]), "leave"),
    "unseen twice": (lambda: zeroshot.seen_probabilities(P, [0, 0]), "different"),
    "unseen too large": (lambda: zeroshot.seen_probabilities(P, [3]), "from 0 to 2"),
    "top of 0": (lambda: zeroshot.top_only(P, 0), "top"),
    "vectors of others": (lambda: zeroshot.conse(P, np.eye(2, dtype=np.float32), [0]), "vectors"),
    "unseen without vector": (lambda: zeroshot.conse(P, np.diag([1, 1, 0]).astype(np.float32), [2]), "no vector"),
    "another similarity": (lambda: zeroshot.most_similar_unseen(P, np.eye(2), [0]), "similarity"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_a_clear_error(case):
    wrong, says = BAD[case]
    with pytest.raises(ValueError, match=says):
        wrong()
