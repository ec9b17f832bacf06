"""What lesson 04 uses around the models: preprocessing, mistakes, the table, speed, the widget."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from synscenes import imagenet, models
from synscenes.mishaps import MISHAPS
from synscenes.models.speed import images_per_second, typical
from synscenes.models.zoo import pareto_front, torchvision_table
from synscenes.preprocessing import centre_crop, normalise, resize_short_side, to_picture
from synscenes.widgets.predictions import TEMPERATURES, PredictionLab


@pytest.fixture(scope="module")
def mobilenet():
    return models.load("mobilenet_v2")


@pytest.fixture(scope="module")
def photos():
    return imagenet.photos("photos_foolbox")


@settings(deadline=None)
@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 99))
def test_by_hand_equals_torchvision(width, height, seed):
    from torchvision.models import MobileNet_V2_Weights

    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    ours = normalise(centre_crop(resize_short_side(image, 256), 224))
    theirs = MobileNet_V2_Weights.IMAGENET1K_V1.transforms()(image).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@settings(deadline=None)
@given(st.integers(0, 99))
def test_to_picture_undoes_normalise(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(to_picture(normalise(pixels))), pixels)


@pytest.mark.parametrize("pixels", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), np.zeros((3, 4, 4), np.uint8)])
def test_normalise_refuses(pixels):
    with pytest.raises(ValueError, match="8-bit RGB"):
        normalise(pixels)


def test_centre_crop_refuses_what_is_too_small():
    with pytest.raises(ValueError, match="100 × 300"):
        centre_crop(Image.new("RGB", (100, 300)), 224)


# Mistakes


@pytest.mark.parametrize("key", MISHAPS)
def test_every_mistake_gives_what_a_network_accepts(key, photos):
    tensor = MISHAPS[key].prepare(photos[10].image)  # the one photograph that is not square
    assert tensor.dtype == torch.float32 and tensor.dim() == 3 and tensor.shape[0] == 3


def test_no_mistake_equals_the_models_own(mobilenet, photos):
    ours, theirs = MISHAPS["none"].prepare(photos[10].image), mobilenet.preprocess(photos[10].image)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_bgr_swaps_red_and_blue():
    tensor = MISHAPS["bgr"].prepare(Image.new("RGB", (300, 300), (255, 0, 0)))
    assert tensor[2].min() > 2 and tensor[0].max() < -2


@pytest.mark.parametrize("key", [key for key in MISHAPS if key != "none"])
def test_mistakes_differ_from_the_correct_input(key, photos):
    right, wrong = MISHAPS["none"].prepare(photos[0].image), MISHAPS[key].prepare(photos[0].image)
    assert right.shape != wrong.shape or not torch.allclose(right, wrong, atol=1e-2)


# torchvision's table


def test_table_holds_the_published_values():
    row = torchvision_table().set_index(["model", "weights"]).loc[("mobilenet_v2", "IMAGENET1K_V1")]
    assert (row["top1"], row["top5"], row["crop"], row["family"]) == (71.878, 90.286, 224, "MobileNet")


def test_table_has_no_gaps_and_is_sorted():
    table = torchvision_table()
    assert not table.isna().any().any()
    assert table["top1"].is_monotonic_decreasing


points = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=25)


@settings(deadline=None)
@given(points)
def test_front_is_what_nothing_beats(found):
    cost, score = np.array(found).T
    front = pareto_front(cost, score)
    for index, (c, s) in enumerate(found):
        beaten = any((c2 <= c and s2 >= s) and (c2, s2) != (c, s) for c2, s2 in found)
        assert front[index] == (not beaten)


@pytest.mark.parametrize(("cost", "score"), [([1, 2], [1]), ([np.nan], [1]), ([[1]], [[1]])])
def test_front_refuses(cost, score):
    with pytest.raises(ValueError, match="cost and score"):
        pareto_front(cost, score)


# Speed


def test_speed_is_measured_for_each_batch_size(mobilenet):
    found = images_per_second(mobilenet, torch.zeros(2, 3, 64, 64), [1, 2], repeats=2)
    assert {size: len(values) for size, values in found.items()} == {1: 2, 2: 2}
    assert all(rate > 0 for rate in typical(found).values())


@pytest.mark.parametrize("size", [0, 3])
def test_speed_refuses_a_batch_it_cannot_fill(mobilenet, size):
    with pytest.raises(ValueError, match="batch sizes"):
        images_per_second(mobilenet, torch.zeros(2, 3, 64, 64), [size])


# The widget


@pytest.fixture(scope="module")
def lab(mobilenet, photos):
    return PredictionLab(mobilenet, photos[:2], {key: MISHAPS[key] for key in ("none", "half", "forgot255")})


def test_every_choice_can_be_shown(lab):
    for photo in (0, 1):
        for key in lab.mishaps:
            for temperature in range(len(TEMPERATURES)):
                lab.photo.value, lab.mishap.value, lab.temperature.value = photo, key, temperature
                shown = html.unescape(lab.result.value)
                assert all(name in shown for name, _ in lab.guesses)


def test_temperature_changes_the_shares_and_not_the_order(lab):
    lab.photo.value, lab.mishap.value = 0, "none"
    lab.temperature.value = 0
    sharp = lab.guesses
    lab.temperature.value = len(TEMPERATURES) - 1
    flat = lab.guesses
    assert [name for name, _ in sharp] == [name for name, _ in flat]
    assert sharp[0][1] > flat[0][1]


def test_the_twin_holds_the_same_answers(lab):
    data = json.loads(re.search(r"\}\)\((\{.*\})\);</script>", lab.twin_html(), re.S)[1])
    assert data["names"]["1 half"] == [name for name, _ in lab.answers[1, "half"].guesses[0]]
    assert data["shares"]["1 half"][2][0] == pytest.approx(lab.answers[1, "half"].guesses[2][0][1], abs=1e-4)


def test_the_twin_loads_nothing_from_elsewhere(lab):
    assert not re.search(r"(?:src|href)=['\"]?(?:https?:)?//", lab.twin_html())


def test_two_twins_have_different_ids(lab):
    first, second = (re.search(r"id='([^']+)'", lab.twin_html())[1] for _ in range(2))
    assert first != second


def test_the_widget_needs_a_photograph(mobilenet):
    with pytest.raises(ValueError, match="photos and mishaps"):
        PredictionLab(mobilenet, [], MISHAPS)
