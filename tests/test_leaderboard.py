"""The leaderboard widget: each control without a front end, and the static twin run in Node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pandas
import pytest

from synscenes.models.zoo import torchvision_table
from synscenes.widgets.leaderboard import COSTS, Leaderboard


@pytest.fixture(scope="module")
def table():
    return torchvision_table()


@pytest.fixture
def board(table):
    return Leaderboard(table)


def test_it_opens_with_all_models_and_their_front(board, table):
    assert len(board.shown) == len(table) == 114
    assert (
        board.front["model"].iloc[0] == "shufflenet_v2_x0_5" and board.front["model"].iloc[-1] == "vit_h_14"
    )
    assert board._chart.value.count("<circle") == 114
    assert "20 models" in board._chart.value


@pytest.mark.parametrize("cost", COSTS)
def test_each_cost_moves_the_front(board, cost):
    board._cost.value = cost
    assert board.cost == cost
    steps = board.front
    assert steps[cost].is_monotonic_increasing and steps["top1"].is_monotonic_increasing
    assert COSTS[cost] in board._chart.value


def test_a_family_is_filled_and_gets_its_own_front(board):
    board._family.value = "ResNet"
    assert set(board.front["family"]) == {"ResNet"}
    assert board._chart.value.count('fill="#E69F00"') == len(board.shown)
    assert board.chosen["family"] == "ResNet"
    board.choose_family("all")
    assert len(board.shown) == 114


def test_a_model_is_told_about(board):
    row = int(board.table.index[board.table["model"] == "alexnet"][0])
    board.choose_model(row)
    assert "alexnet (IMAGENET1K_V1), AlexNet: top-1 56.52 %" in board._about.value
    assert "front" not in board._about.value
    board._model.value = int(board.front.index[-1])
    assert "on the front" in board._about.value


def test_bad_choices_are_named(board, table):
    for call in (
        lambda: board.choose_cost("price"),
        lambda: board.choose_family("Transformer"),
        lambda: board.choose_model(999),
        lambda: Leaderboard(table.drop(columns="top1")),
        lambda: Leaderboard(table.iloc[:0]),
    ):
        with pytest.raises(ValueError):
            call()


def test_names_are_escaped():
    row = {"model": "<b>", "weights": "</script>", "family": "F&G", "top1": 50.0, "top5": 80.0, "params": 1.0}
    row |= {"gflops": 2.0, "size_mb": 3.0, "crop": 224, "extra_data": False}
    board = Leaderboard(pandas.DataFrame([row]))
    assert "<b>" not in board._chart.value and "<b>" not in board._about.value
    assert board.twin_html().count("</script>") == 2


def test_twin_stands_alone(board):
    twin = board.twin_html()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", twin)
    assert 'tabindex="0"' in twin and "aria-live" in twin and "<noscript>" in twin


# Just enough of a document for the twin's script: elements that keep what they are given.
SHIM = """
const element = (tag) => ({
  tag, children: [], attributes: {}, listeners: {}, dataset: {}, textContent: "", clientWidth: 360,
  append(...more) { this.children.push(...more); }, replaceChildren(...more) { this.children = more; },
  setAttribute(name, value) { this.attributes[name] = String(value); },
  addEventListener(name, listener) { this.listeners[name] = listener; },
  get viewBox() {
    const [, , width, height] = this.attributes.viewBox.split(" ").map(Number);
    return {baseVal: {width, height}};
  },
  getBoundingClientRect() { return {left: 0, top: 0, ...this.viewBox.baseVal}; },
});
const parts = {};
const root = element("div");
root.querySelector = (selector) => parts[selector] ??= element(selector);
parts['script[type="application/json"]'] = {textContent: JSON.stringify(DATA)};
global.Option = class { constructor(text, value) { this.text = text; this.value = value; } };
global.window = {};
global.document = { createElementNS: (_, tag) => element(tag), createElement: element, querySelectorAll: () => [root] };
"""


@pytest.mark.skipif(not shutil.which("node"), reason="Node runs the twin's script")
def test_twin_computes_the_same_fronts_and_answers_keys_and_pointer(board):
    twin = board.twin_html()
    data = re.search(r'<script type="application/json">(.*?)</script>', twin, re.DOTALL)[1]
    script = re.findall(r"<script>(.*?)</script>", twin, re.DOTALL)[0]
    asked = """
    const api = root.synscenes, found = {fronts: {}};
    for (const cost of ["gflops", "params", "size_mb"]) {
      api.choose({cost, family: "all"}); found.fronts[cost] = api.front();
      api.choose({family: "ResNet"}); found.fronts[cost + " ResNet"] = api.front();
    }
    api.choose({cost: "gflops", family: "all"});
    const key = (name) => parts.svg.listeners.keydown({key: name, preventDefault() {}});
    key("Home"); found.first = api.current(); key("ArrowRight"); found.second = api.current();
    key("End"); found.last = api.current();
    const dot = parts.svg.children.find((child) => child.tag === "circle" && child.attributes.fill === "#E69F00");
    parts.svg.listeners.pointermove({clientX: Number(dot.attributes.cx) + 2, clientY: Number(dot.attributes.cy)});
    found.pointed = api.current();
    found.label = parts.svg.attributes["aria-label"];
    found.widest = Math.max(...parts.svg.children.map((child) => Number(child.attributes.cx || 0)));
    console.log(JSON.stringify(found));
    """
    program = SHIM.replace("DATA", data.strip()) + script + asked
    run = subprocess.run(["node", "-"], input=program, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    for cost in COSTS:
        board.choose_cost(cost)
        for family, name in (("all", cost), ("ResNet", f"{cost} ResNet")):
            board.choose_family(family)
            assert found["fronts"][name] == board.front["model"].tolist()
    assert (found["first"], found["second"], found["last"]) == (
        "shufflenet_v2_x0_5",
        "mobilenet_v3_small",
        "vit_h_14",
    )
    assert found["pointed"] == "shufflenet_v2_x0_5"
    assert "114 models shown, 20 on the front" in found["label"]
    assert found["widest"] <= 360
