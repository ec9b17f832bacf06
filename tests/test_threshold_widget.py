"""The threshold slider: every control without a front end, and a static twin that shows the same."""

from __future__ import annotations

import json
import re

import pytest
from PIL import Image

from synscenes.models import Detection
from synscenes.widgets.threshold import STEPS, ThresholdSlider

GEESE = [
    Detection(20, "sheep", (0, 0, 50, 60), 0.53),
    Detection(16, "bird", (100, 20, 200, 300), 0.95),
    Detection(16, "bird", (300, 20, 100, 200), 0.31),
]


@pytest.fixture
def slider():
    white = Image.new("RGB", (760, 570), "white")
    return ThresholdSlider([("geese & co", white, GEESE), ("nothing", white, [])])


def test_it_opens_on_the_first_photograph(slider):
    assert [item["name"] for item in slider.shown] == ["bird", "sheep", "bird"]
    assert "3 boxes: 2 bird, 1 sheep" in slider.result.value


@pytest.mark.parametrize("step", STEPS)
def test_every_threshold_shows_what_lies_above_it(slider, step):
    slider.threshold.value = step
    assert [item["score"] for item in slider.shown] == [score for score in (0.95, 0.53, 0.31) if score > step]
    assert slider.result.value.count("<rect") == len(slider.shown)


def test_a_photograph_without_detections(slider):
    slider.photo.value = 1
    assert slider.shown == [] and "no box" in slider.result.value


def test_boxes_are_scaled_with_the_picture(slider):
    assert slider.shown[0]["box"] == [50, 10, 150, 160]  # 760 pixels shown as 380


def test_the_twin_holds_the_same_boxes_and_no_other_host(slider):
    twin = slider.twin_html()
    packed = re.search(r"\}\)\((\[.*\])\);</script>", twin, re.DOTALL)
    assert json.loads(packed[1].replace("<\\/", "</")) == json.loads(json.dumps(slider.cases))
    assert not re.search(r"(?:src|href)=['\"](?:https?:)?//", twin) and "2 bird, 1 sheep" in twin


def test_titles_are_escaped(slider):
    assert "geese &amp; co" in slider.result.value and "geese & co'" not in slider.result.value


def test_two_twins_on_a_page_have_two_names(slider):
    one, other = (re.search(r"id='([^']+)'", slider.twin_html())[1] for _ in range(2))
    assert one != other


def test_display_carries_both(slider):
    assert "text/html" in slider._repr_mimebundle_()


@pytest.mark.parametrize(("photos", "start"), [([], 0.25), ([("a", Image.new("RGB", (9, 9)), [])], 0.33)])
def test_bad_arguments(photos, start):
    with pytest.raises(ValueError, match="must"):
        ThresholdSlider(photos, start)
