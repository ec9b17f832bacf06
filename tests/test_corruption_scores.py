"""Corruption error, its mean, its interval, and the grid they are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from PIL import Image

from synscenes import corruptions
from synscenes.corruptions import ALEXNET_ERRORS, NAMES, grid
from synscenes.preprocessing import normalise


def test_alexnet_has_a_score_of_one():
    assert list(ALEXNET_ERRORS) == list(NAMES)
    assert corruptions.mean_corruption_error(ALEXNET_ERRORS) == pytest.approx(1)
    clean = corruptions.ALEXNET_CLEAN_ERROR
    for name, error in ALEXNET_ERRORS.items():
        assert corruptions.relative_corruption_error(error, clean, name) == pytest.approx(1)


def test_by_hand():
    assert corruptions.corruption_error(0.56, "fog") == pytest.approx(0.56 / 0.819324)
    both = corruptions.mean_corruption_error({"fog": 0.4, "snow": 0.6})
    assert both == pytest.approx((0.4 / 0.819324 + 0.6 / 0.866816) / 2)
    assert corruptions.relative_corruption_error(0.5, 0.3, "fog") == pytest.approx(0.2 / (0.819324 - 0.43478))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: corruptions.corruption_error(56, "fog"), "between 0 and 1"),
        (lambda: corruptions.corruption_error(float("nan"), "fog"), "between 0 and 1"),
        (lambda: corruptions.corruption_error(0.5, "spatter"), "isn't published"),
        (lambda: corruptions.mean_corruption_error({}), "empty"),
        (lambda: corruptions.relative_corruption_error(0.5, -1, "fog"), "clean must lie"),
        (lambda: corruptions.bootstrap_mean([0.5]), "at least two"),
        (lambda: corruptions.bootstrap_mean([0.5, float("nan")]), "finite"),
        (lambda: corruptions.bootstrap_mean([[0.5, 1.0]]), "in one row"),
        (lambda: corruptions.bootstrap_mean([0, 1], confidence=95), "between 0 and 1"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_bootstrap_interval_is_near_the_normal_one():
    values = np.random.default_rng(1).normal(size=400)
    low, high = corruptions.bootstrap_mean(values, rng=0)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.01)
    assert high == pytest.approx(values.mean() + half, abs=0.01)
    assert corruptions.bootstrap_mean([1.0, 1.0, 1.0]) == (1.0, 1.0)


@dataclass
class FakePhoto:
    image: Image.Image
    label: int


class FakeModel:
    """Sees brightness only: class 1 when the picture is bright."""

    name = "fake"
    preprocess = staticmethod(lambda image: normalise(image))
    bias = 0.0

    def predict(self, images, batch_size=16, device=None):
        means = np.array([float(tensor.mean()) for tensor in images])
        return np.stack([np.zeros_like(means), means + self.bias], axis=1)


@pytest.fixture
def photos():
    colours = ((20, 20, 20), (230, 230, 230), (40, 30, 20))
    return [
        FakePhoto(Image.new("RGB", (256, 256), colour), label) for colour, label in zip(colours, (0, 1, 0))
    ]


def test_grid_counts_what_survives(photos):
    found = grid.run(FakeModel(), photos, ["brightness", "contrast"], [1, 5], progress=False)
    assert found.clean.tolist() == [True, True, True]
    assert found.hits.shape == (2, 2, 3)
    assert found.errors("brightness")[1] == pytest.approx(2 / 3)  # dark photographs look bright
    assert found.mean_error("contrast") == 0  # a flat picture has no contrast to lose
    assert found.errors().shape == (2, 2)
    low, high = found.error_interval("brightness", 5)
    assert low < 2 / 3 < high
    assert found.mce() == pytest.approx(found.mean_error("brightness") / ALEXNET_ERRORS["brightness"] / 2)
    low, high = found.mce_interval()
    assert low <= found.mce() <= high


def test_grid_is_the_same_whatever_else_runs(photos):
    noise = grid.run(FakeModel(), photos, ["shot_noise"], [3], seed=4, progress=False)
    more = grid.run(FakeModel(), photos[:2], ["fog", "shot_noise"], [1, 3], seed=4, progress=False)
    assert (noise.hits[0, 0, :2] == more.hits[1, 1]).all()
    first, second = (grid.stream(4, "fog", 3, place).random() for place in (0, 1))
    assert first != second


def test_two_networks_see_the_same_pictures(photos):
    networks = [FakeModel(), FakeModel()]
    networks[1].name, networks[1].bias = "sunny", 100.0
    first, second = grid.run_all(networks, photos, ["shot_noise", "fog"], [1, 5], progress=False)
    assert (
        first.hits == grid.run(networks[0], photos, ["shot_noise", "fog"], [1, 5], progress=False).hits
    ).all()
    assert second.model == "sunny" and second.hits.reshape(-1, 3).tolist() == [[False, True, False]] * 4


def test_grid_says_what_it_has_not(photos):
    with pytest.raises(ValueError, match="got 1 and 0"):
        grid.run(FakeModel(), [], progress=False)
    with pytest.raises(ValueError, match="got 0 and 3"):
        grid.run_all([], photos, progress=False)
    with pytest.raises(ValueError, match="'snow' wasn't run"):
        grid.run(FakeModel(), photos, ["fog"], [1], progress=False).mean_error("snow")
    with pytest.raises(ValueError, match="no corruption is called"):
        grid.run(FakeModel(), photos, ["rain"], [1], progress=False)


def test_an_error_in_the_second_thread_arrives():
    def fails(task):
        raise ZeroDivisionError(task)

    with pytest.raises(ZeroDivisionError, match="2"):
        list(grid._ahead(lambda task: fails(task) if task == 2 else task, [1, 2, 3]))
    assert list(grid._ahead(str, [1, 2, 3])) == ["1", "2", "3"]
    assert list(grid._ahead(str, [])) == []


@pytest.mark.parametrize(
    ("mean", "std"), [((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), ((0.5,) * 3, (0.5,) * 3)]
)
def test_the_models_own_mean_and_spread_are_found(mean, std):
    from torchvision.transforms import v2

    model = FakeModel()
    steps = [v2.Resize(256), v2.CenterCrop(224), v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
    model.preprocess = v2.Compose([*steps, v2.Normalize(mean, std)])
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8))
    got = grid.tensor_maker(model)(picture)
    assert torch.allclose(got, v2.Compose([*steps[2:], v2.Normalize(mean, std)])(picture), atol=1e-5)


@pytest.mark.parametrize("name", ["mobilenet_v2", "efficientnet_lite0"])
def test_real_models_get_what_their_own_preprocessing_gives(name):
    from synscenes import models

    model = models.load(name, weights=None)
    flat = Image.new("RGB", (224, 224), (200, 30, 90))
    assert torch.allclose(grid.tensor_maker(model)(flat), model.preprocess(flat), atol=1e-5)


def test_a_preprocessing_without_light_is_an_error():
    model = FakeModel()
    model.preprocess = lambda image: torch.zeros(3, 224, 224)
    with pytest.raises(ValueError, match="fake's preprocessing makes"):
        grid.tensor_maker(model)
