"""The hedging slider: every control without a front end, and a static twin that shows the same."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from synscenes import imagenet, wordnet
from synscenes.hierarchy import hedging, subtrees
from synscenes.widgets.hedging import STEPS, HedgingSlider

NAMES = ("gazelle", "impala", "beagle", "swab")
P = np.array([[0.52, 0.38, 0.08, 0.02], [0.05, 0.05, 0.1, 0.8]])


@pytest.fixture(scope="module")
def parts():
    wn = wordnet.load()
    by_name = {each.name: each.wnid for each in imagenet.classes()}
    pictures = [
        SimpleNamespace(image=Image.new("RGB", (400, 300), colour), name=name, wnid=by_name[name])
        for colour, name in (("green", "impala"), ("white", "beagle"))
    ]
    return pictures, P, wn.taxonomy([by_name[name] for name in NAMES]), wn.name


@pytest.fixture
def slider(parts):
    return HedgingSlider(*parts)


def test_it_opens_on_an_answer_that_is_true(slider):
    assert slider.answer == "antelope" and slider.right
    assert "Answer: antelope. Label: impala. ✓ That is true." in slider.result.value


def test_moving_the_threshold_moves_the_answer_from_the_class_to_the_root(slider):
    slider.threshold.value = 0
    assert slider.answer == "gazelle" and not slider.right and "✗ That is false." in slider.result.value
    slider.threshold.value = len(STEPS) - 1
    assert slider.right and "4 classes" in slider.result.value


def test_every_setting_shows_what_the_package_answers(slider, parts):
    _, p, taxonomy, names = parts
    nodes = subtrees.node_probabilities(p, taxonomy.is_ancestor)
    gains = hedging.information_gains(taxonomy.is_ancestor)
    for row in range(2):
        slider.photo.value = row
        for place, step in enumerate(STEPS):
            slider.threshold.value = place
            assert slider.answer == names(taxonomy.nodes[hedging.hedged_answers(nodes, gains, step)[row]])


def test_the_twin_holds_the_same_answers_and_no_other_host(slider):
    text = slider.twin_html()
    data = json.loads(re.search(r"\}\)\((\{.*\})\);</script>", text, re.DOTALL)[1])
    assert data["cases"] == json.loads(json.dumps(slider.cases)) and data["truths"] == ["impala", "beagle"]
    assert "://" not in text and "type='range'" in text and len(text) < 100_000
    assert slider._repr_mimebundle_()["text/html"].startswith("<style>")


def test_two_twins_on_a_page_keep_apart(slider):
    first, second = (re.search(r"id='([^']+)'", slider.twin_html())[1] for _ in range(2))
    assert first != second


def test_a_photograph_without_probabilities_is_an_error(parts):
    pictures, p, taxonomy, names = parts
    with pytest.raises(ValueError, match="2 rows"):
        HedgingSlider(pictures, p[:1], taxonomy, names)
