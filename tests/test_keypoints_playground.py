"""The OKS playground: each control without a front end, and the static twin run in Node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

import keypoint_toys as toys
from synscenes.errors import CourseError
from synscenes.keypoints.joints import NAMES, PARTNER
from synscenes.keypoints.oks import person_oks, tolerance
from synscenes.widgets.oks_playground import OKSPlayground

AREA = 1500.0


@pytest.fixture
def joints():
    found = toys.joints(np.random.default_rng(4), 1, missing=0)[0]
    found[3] = 0  # the left ear isn't labelled
    return found


@pytest.fixture
def playground(joints):
    return OKSPlayground(Image.new("RGB", (100, 100), "gray"), joints, AREA)


def test_it_opens_on_the_annotation(playground):
    assert playground.oks == 1 and playground.chosen == "left_hip"
    assert len(playground._joint.options) == 16
    assert "OKS 1.000" in playground._told.value and "16 labelled joints" in playground._told.value


def test_sliders_move_the_chosen_joint_alone(playground, joints):
    playground._joint.value = "nose"
    playground._x.value = joints[0, 0] + 5
    assert playground.joints[0, 0] == pytest.approx(joints[0, 0] + 5)
    np.testing.assert_array_equal(playground.joints[1:], joints[1:])
    assert playground.oks == pytest.approx(person_oks(playground.joints[None], joints[None], [AREA])[0])
    assert playground.oks < 1


def test_choosing_another_joint_moves_nothing(playground, joints):
    for name in ("nose", "right_ankle", "left_wrist"):
        playground._joint.value = name
    np.testing.assert_array_equal(playground.joints, joints)


def test_at_the_circle_the_similarity_is_one_half(playground, joints):
    place = NAMES.index("left_hip")
    joints[place, :2] = 10, 50
    playground = OKSPlayground(Image.new("RGB", (100, 100)), joints, AREA)
    playground.move(10 + tolerance(0.5, AREA)[place], 50)
    assert playground.similarity == pytest.approx(0.5)
    assert f'r="{tolerance(0.5, AREA)[place]:.1f}"' in playground._view.value


def test_buttons_exchange_sides_and_go_back(playground, joints):
    playground._exchange.click()
    np.testing.assert_array_equal(playground.joints[5], [*joints[6, :2], joints[5, 2]])
    np.testing.assert_array_equal(playground.joints[4], joints[4])  # its partner isn't labelled
    playground._reset.click()
    np.testing.assert_array_equal(playground.joints, joints)


def test_a_joint_stays_in_the_picture(playground):
    playground.move(500, -3)
    assert playground.joints[NAMES.index("left_hip"), :2].tolist() == [100, 0]


def test_bad_input_is_named(playground, joints):
    image = Image.new("RGB", (100, 100))
    for call in (
        lambda: playground.choose("left_ear"),
        lambda: OKSPlayground(image, joints, 0),
        lambda: OKSPlayground(image, np.zeros((17, 3)), 10),
    ):
        with pytest.raises(ValueError):
            call()
    for bad in (joints[:5], joints + np.array([500, 0, 0])):
        with pytest.raises(CourseError):
            OKSPlayground(image, bad, AREA)


def test_twin_stands_alone(playground):
    twin = playground.twin_html()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", twin)
    assert 'tabindex="0"' in twin and "aria-live" in twin and "<noscript>" in twin
    assert twin.count("</script>") == 2


# Just enough of a document for the twin's script: elements that keep what they are given.
SHIM = """
const element = (tag) => ({
  tag, children: [], attributes: {}, listeners: {}, dataset: {}, textContent: "",
  append(...more) { this.children.push(...more); }, replaceChildren(...more) { this.children = more; },
  setAttribute(name, value) { this.attributes[name] = String(value); },
  addEventListener(name, listener) { this.listeners[name] = listener; }, focus() {},
  getBoundingClientRect() { return {left: 10, top: 20, width: 200, height: 200}; },
});
const parts = {};
const root = element("div");
root.querySelector = (selector) => parts[selector] ??= element(selector);
parts['script[type="application/json"]'] = {textContent: JSON.stringify(DATA)};
global.Option = class { constructor(text, value) { this.text = text; this.value = value; } };
global.document = { createElementNS: (_, tag) => element(tag), querySelectorAll: () => [root] };
"""


@pytest.mark.skipif(not shutil.which("node"), reason="Node runs the twin's script")
def test_twin_scores_the_same_and_answers_drag_and_keys(playground, joints):
    twin = playground.twin_html()
    data = re.search(r'<script type="application/json">(.*?)</script>', twin, re.DOTALL)[1]
    script = re.findall(r"<script>(.*?)</script>", twin, re.DOTALL)[0]
    wrist = NAMES.index("right_wrist")
    x, y = joints[wrist, :2]
    asked = f"""
    const api = root.synscenes, found = {{start: api.oks()}}, on = parts.svg.listeners;
    const event = (x, y) => ({{clientX: 10 + 2 * x, clientY: 20 + 2 * y, preventDefault() {{}}}});
    on.pointerdown(event({x}, {y})); on.pointermove(event({x} + 3, {y} - 4)); on.pointerup({{}});
    on.pointermove(event(0, 0));
    found.dragged = [api.chosen(), api.oks(), api.similarity()];
    const key = (name, shiftKey) => on.keydown({{key: name, shiftKey, preventDefault() {{}}}});
    key("ArrowRight", false); key("ArrowDown", true); found.keyed = api.oks();
    key("PageDown", false); found.next = api.chosen();
    api.reset(); api.exchange(); found.exchanged = api.oks();
    found.circles = parts.svg.children.filter((child) => child.tag === "circle").length;
    found.said = parts[".score"].textContent;
    console.log(JSON.stringify(found));
    """
    program = SHIM.replace("DATA", data.strip()) + script + asked
    run = subprocess.run(["node", "-"], input=program, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    assert found["start"] == 1
    playground.choose("right_wrist")
    playground.move(x + 3, y - 4)
    assert found["dragged"] == ["right wrist", pytest.approx(playground.oks), pytest.approx(playground.similarity)]
    playground.move(x + 4, y + 6)
    assert found["keyed"] == pytest.approx(playground.oks)
    assert found["next"] == "left hip"
    playground.reset()
    playground.exchange()
    assert found["exchanged"] == pytest.approx(playground.oks)
    assert found["circles"] == 1 + 2 * 16 and found["said"] == f"OKS {playground.oks:.3f}"
    assert PARTNER[0] == 0
