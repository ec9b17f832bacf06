"""The pieces of the training loop: settings, schedule, groups, averages, objective, order of the images."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from synscenes.errors import CourseError
from synscenes.train import neighbours, optim
from synscenes.train.distributed import World
from synscenes.train.ema import Average
from synscenes.train.feeding import Feed, Order
from synscenes.train.finder import steepest
from synscenes.train.nonfinite import where_non_finite
from synscenes.train.objective import Classification, class_weights
from synscenes.train.recipe import Recipe
from synscenes.train.run import Run
from synscenes.train.schedule import warmup_cosine
from synscenes.train.step import update


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))


def flat(lists):
    return list(itertools.chain.from_iterable(lists))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"epochs": 0}, "epochs must be above 0, not 0"),
        ({"rate": -1.0}, "rate must be above 0"),
        ({"rate": float("nan")}, "rate must be above 0"),
        ({"rate": float("inf")}, "rate must be above 0"),
        ({"warmup": 1.0}, "warmup must be at least 0 and below 1"),
        ({"precision": "int8"}, "precision must be one of fp32, bf16"),
        ({"optimiser": "adam"}, "optimiser must be one of adamw, sgd"),
        ({"epochs": True}, "epochs must be of type int"),
        ({"batch_size": "32"}, "batch_size must be of type int"),
        ({"parts": 64}, "can't exceed batch_size"),
        ({"mixup": -0.1}, "mixup must be at least 0"),
    ],
)
def test_a_recipe_refuses_nonsense_in_one_line(settings, says):
    with pytest.raises(CourseError, match=says) as caught:
        Recipe(**settings)
    assert "\n" not in str(caught.value)


def test_a_recipe_names_what_differs_and_forgives_what_does_not_matter():
    assert Recipe(rate=0.1, workers=4).differences(Recipe(rate=0.2).as_dict()) == ["rate: 0.2 -> 0.1"]


@given(st.integers(1, 500), st.floats(0, 0.9))
def test_the_schedule_rises_then_falls_and_peaks_at_one(steps, warmup):
    factors = np.array([warmup_cosine(step, steps, warmup) for step in range(steps)])
    top = int(factors.argmax())
    assert factors.min() > 0 and factors.max() <= 1
    assert (np.diff(factors[: top + 1]) > 0).all() and (np.diff(factors[top:]) < 0).all()
    assert steps * warmup > steps - 1 or factors.max() == 1


def test_the_schedule_by_hand():
    assert [round(warmup_cosine(step, 10, 0.2), 4) for step in (0, 1, 2, 6, 10)] == [0.3333, 0.6667, 1, 0.5, 0]


def test_only_matrices_and_filters_decay():
    module = network()
    found = {group["name"]: group for group in optim.groups(module, 1.0, 0.1, backbone_factor=0.1)}
    assert set(found) == {"backbone, decay", "backbone, no decay", "head, decay", "head, no decay"}
    for group in found.values():
        assert {values.ndim > 1 for values in group["params"]} == {group["weight_decay"] > 0}
    assert {name: group["lr"] for name, group in found.items() if "no" not in name} == {
        "backbone, decay": 0.1,
        "head, decay": 1.0,
    }


def test_every_parameter_is_in_exactly_one_group():
    module = network()
    held = [id(values) for group in optim.groups(module, 1.0, 0.1, 0.5) for values in group["params"]]
    assert sorted(held) == sorted(id(values) for values in module.parameters())


def test_a_probe_trains_the_head_alone():
    module = network()
    optim.freeze_backbone(module)
    held = [id(values) for group in optim.groups(module, 1.0, 0.1) for values in group["params"]]
    assert sorted(held) == sorted(map(id, module[4].parameters()))


def test_nothing_to_learn_is_an_error():
    module = network().requires_grad_(False)
    with pytest.raises(CourseError, match="every one is frozen"):
        optim.groups(module, 1.0, 0.1)


def test_the_average_equals_torchs_own():
    module = network()
    ours = Average(module, 0.9, warm=False)
    theirs = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    for _ in range(5):
        with torch.no_grad():
            for values in module.parameters():
                values.add_(torch.randn_like(values))
        ours.update(module)
        theirs.update_parameters(module)
    for mine, other in zip(ours.module.parameters(), theirs.module.parameters()):
        torch.testing.assert_close(mine, other)


def test_the_average_begins_short():
    module = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(module.weight)
    average = Average(module, 0.999)
    nn.init.ones_(module.weight)
    average.update(module)
    assert average.module.weight.item() == pytest.approx(0.9)


def test_the_objective_is_cross_entropy_when_validating():
    module, inputs, labels = network(), torch.randn(6, 3, 8, 8), torch.tensor([0, 1, 2, 0, 1, 2])
    objective = Classification(0.1, torch.tensor([1.0, 2.0, 3.0]), 0.4)
    loss, right = objective(module, inputs, labels)
    logits = module(inputs)
    torch.testing.assert_close(loss, nn.functional.cross_entropy(logits, labels))
    assert right == (logits.argmax(1) == labels).sum()


def test_smoothing_by_hand():
    logits, label = torch.tensor([[2.0, 0.0, 0.0]]), torch.tensor([0])
    loss, _ = Classification(0.3)(lambda x: x, logits, label, seed=(0,))
    log_p = logits.log_softmax(1)[0]
    torch.testing.assert_close(loss, -(0.8 * log_p[0] + 0.1 * log_p[1] + 0.1 * log_p[2]))


def test_mixup_is_the_loss_on_blended_targets():
    inputs, labels = torch.randn(8, 3), torch.arange(8) % 3
    objective = Classification(mixup=0.5)
    share, other = objective._partners(8, (1, 2))
    loss, _ = objective(lambda x: x, inputs, labels, seed=(1, 2))
    targets = share * torch.eye(3)[labels] + (1 - share) * torch.eye(3)[labels[other]]
    blended = share * inputs + (1 - share) * inputs[other]
    torch.testing.assert_close(loss, nn.functional.cross_entropy(blended, targets))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_class_weights_make_the_classes_present_count_alike(labels):
    weights = class_weights(labels, 5)
    sums = np.bincount(labels, weights=weights[labels], minlength=5)
    assert np.allclose(sums[sums > 0], len(labels) / (sums > 0).sum())
    assert np.isclose(weights[labels].mean(), 1)


@settings(max_examples=50)
@given(st.integers(1, 60), st.integers(1, 16), st.sampled_from([1, 2, 3]), st.integers(0, 5))
def test_the_processes_share_one_order(length, batch, size, epoch):
    if batch % size or min(batch, length) < size:
        return
    orders = [Order(length, batch, 7, World(rank, size)) for rank in range(size)]
    alone = Order(length, orders[0].batch_size, 7, World())
    for order in (*orders, alone):
        order.epoch = epoch
    for whole, *shares in zip(alone, *orders, strict=True):
        assert sorted(whole) == sorted(flat(shares))
        assert len({len(share) for share in shares}) == 1


def test_the_order_changes_from_epoch_to_epoch_and_returns():
    order = Order(20, 5, 0, World())
    seen = []
    for epoch in (0, 1, 0):
        order.epoch = epoch
        seen.append(list(order))
    assert seen[0] != seen[1] and seen[0] == seen[2]
    assert sorted(flat(seen[0])) == list(range(20))


def test_an_order_can_start_in_the_middle():
    whole, rest = Order(20, 5, 0, World(), True), Order(20, 5, 0, World(), True)
    rest.start = 2
    assert list(rest) == list(whole)[2:] and len(rest) == 2


def test_the_sampler_draws_rare_classes_as_often():
    labels = np.array([0] * 90 + [1] * 10)
    order = Order(100, 10, 0, World(), weights=class_weights(labels, 2)[labels])
    drawn = []
    for order.epoch in range(50):
        drawn += flat(order)
    assert labels[drawn].mean() == pytest.approx(0.5, abs=0.05)


class Dying(torch.utils.data.Dataset):
    """Ends its process at one image when that process is a worker."""

    labels, classes = np.zeros(12, int), ["a", "b"]

    def __len__(self):
        return 12

    def __getitem__(self, index):
        import os

        if index == 7 and torch.utils.data.get_worker_info() is not None:
            os._exit(3)
        return torch.tensor([index]), 0


def test_a_dead_worker_loses_no_image():
    feed = Feed(Dying(), Order(12, 2, 0, World()), workers=1)
    with pytest.warns(UserWarning, match="going on without workers"):
        given = torch.cat([inputs for inputs, _ in feed.epoch(0)]).flatten().tolist()
    assert given == flat(Order(12, 2, 0, World())) and feed.workers == 0


class Broken(Dying):
    """Raises an error of its own."""

    def __getitem__(self, index):
        raise ValueError("this image is bad")


def test_a_datasets_own_error_is_not_hidden():
    with pytest.raises(ValueError, match="this image is bad"):
        list(Feed(Broken(), Order(12, 2, 0, World()), workers=1).epoch(0))


class Unreadable(Dying):
    """Finds a file broken, as ``Folder`` does, or gone."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def __getitem__(self, index):
        raise self.error


@pytest.mark.parametrize("workers", [0, 1])
def test_a_broken_file_is_told_in_its_own_line_with_workers_too(workers):
    feed = Feed(Unreadable(CourseError("a.jpg can't be decoded.")), Order(12, 2, 0, World()), workers)
    with pytest.raises(CourseError) as caught:
        list(feed.epoch(0))
    assert str(caught.value) == "a.jpg can't be decoded."


def test_a_file_that_is_gone_is_no_dead_worker(recwarn):
    with pytest.raises(OSError, match="gone"):
        list(Feed(Unreadable(OSError("gone")), Order(12, 2, 0, World()), workers=1).epoch(0))
    assert not [each for each in recwarn if "worker died" in str(each.message)]


def test_the_last_part_of_a_process_averages_with_the_others(monkeypatch):
    """Also where a process has fewer images of a batch than there are parts."""
    module = network()
    recipe = Recipe(batch_size=8, parts=4)
    run = Run(module, recipe, 10, Classification(0.0), lambda images: images, World(), "cpu")
    asked = []

    def without_sync(more_to_come):
        asked.append(more_to_come)
        return contextlib.nullcontext()

    monkeypatch.setattr(run, "without_sync", without_sync)
    update(run, torch.zeros(2, 3, 8, 8), torch.tensor([0, 1]))
    assert asked == [True, False]


def test_a_run_is_resumed_in_another_precision():
    """What "auto" means depends on the GPU, so a run may come from bf16 and go on in fp16."""
    before, after = (
        Run(network(), Recipe(precision=precision), 10, Classification(0.0), None, World(), "cpu")
        for precision in ("bf16", "fp16")
    )
    after.load_state_dict(before.state_dict())
    assert after.scaler.is_enabled() and after.step == 0


def test_a_nan_in_the_input_is_found():
    inputs = torch.zeros(4, 3, 8, 8)
    inputs[2, 0, 0, 0] = float("nan")
    assert where_non_finite(network(), inputs).startswith("the input, image 2 of the batch (1 of 4")


def test_a_nan_in_a_weight_is_found():
    module = network()
    with torch.no_grad():
        module[4].weight[0, 0] = float("inf")
    assert where_non_finite(module, torch.zeros(2, 3, 8, 8)) == "the parameter 4.weight"


def test_an_overflowing_layer_is_found():
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    with torch.no_grad():
        module[0].weight.fill_(1e38)
        module[0].bias.fill_(3e38)
    assert where_non_finite(module, torch.ones(1, 2)) == "the output of layer 0 (Linear)"


def test_looking_for_a_nan_changes_nothing():
    module = network().train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    where_non_finite(module, torch.randn(2, 3, 8, 8))
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())


def test_the_steepest_place_of_a_curve():
    rates = np.logspace(-5, 0, 51)
    losses = 2 - 1 / (1 + np.exp(-6 * (np.log10(rates) + 2.5))) + np.where(rates > 0.3, 5, 0)
    assert steepest(rates, losses) == pytest.approx(10**-2.5, rel=0.3)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.floats(0.5, 0.99), st.integers(0, 99))
def test_no_near_duplicate_stands_on_both_sides(count, threshold, seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 3))
    thumbs = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    train, test = neighbours.split(neighbours.groups(thumbs, threshold), rng.integers(0, 2, count), 0.4, rng)
    assert sorted([*train, *test]) == list(range(count))
    if len(train) and len(test):
        assert not neighbours.leaked(thumbs, train, test, threshold).any()
