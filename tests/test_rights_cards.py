"""Model cards that answer back, their measured half, related data sets, and the helper's widget."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from synscenes.rights import benchmarks
from synscenes.rights.decision import ACTS, PLACES, PURPOSES, decide, table
from synscenes.rights.helmets import HELMETS
from synscenes.rights.measuring import measure
from synscenes.rights.model_card import QUESTIONS, UNANSWERED, gaps, model_card
from synscenes.widgets.rights import UseHelper

GOOD = {
    "intended": "Counting helmets on one building site.",
    "out_of_scope": "Deciding about wages, blame or access.",
    "factors": "Light and weather: 0.81 by day, 0.55 in rain.",
    "weakness": "It does worst at night, where 34 % are found.",
    "people": "Workers could be blamed; they were asked.",
    "licence": "Weights CC BY 4.0; photographs stay with the site.",
    "upkeep": "The safety officer, by letter or in person.",
}


def test_a_good_card_has_no_gaps():
    assert gaps(GOOD, HELMETS) == []
    card = model_card("helmets", HELMETS, GOOD)
    assert UNANSWERED not in card and "0.62 (95 % interval 0.58 to 0.66)" in card
    rows = re.findall(r"^\| (by day|in rain|at night) \|", card, re.MULTILINE)
    assert rows == ["at night", "in rain", "by day"]  # the worst first


def test_an_empty_card_shouts_for_every_question():
    card = model_card("helmets", HELMETS)
    assert card.count(UNANSWERED) == len(QUESTIONS)
    assert [gap.code for gap in gaps({}, HELMETS)] == ["unanswered"] * len(QUESTIONS)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("people", "", "unanswered"),
        ("people", "  \n", "unanswered"),
        ("people", "N/A.", "empty-words"),
        ("people", "Nobody at all.", "empty-words"),
        ("intended", "Finds 95 % of all helmets on any site.", "not-measured"),
        ("intended", "Reaches an AP50 of 0.82 on any site.", "not-measured"),
        ("weakness", "It does a little worse in rain sometimes.", "weakness-hidden"),
    ],
)
def test_each_gap_is_named(name, text, code):
    found = gaps(GOOD | {name: text}, HELMETS)
    assert [(gap.question, gap.code) for gap in found] == [(name, code)]
    assert name in str(found[0])


@pytest.mark.parametrize(
    "text",
    [
        "Measured: 0.62 overall, or 62 %.",
        "The interval of 95 % is 0.58 to 0.66.",
        "COCO 2017 and version 4.0 of the tool.",
    ],
)
def test_scores_that_were_measured_may_be_stated(text):
    assert gaps(GOOD | {"intended": text}, HELMETS) == []


def test_an_unknown_question_is_an_error():
    for call in (lambda: gaps({"colour": "x"}, HELMETS), lambda: model_card("x", HELMETS, {"colour": "x"})):
        with pytest.raises(ValueError, match="colour"):
            call()


def toy(scenes, per_scene=2):
    """Scenes with one large dog and one small cat on each image; dogs are found, cats only in even scenes."""
    images = [{"id": 1 + i, "width": 200, "height": 200, "scene": i // per_scene} for i in range(scenes * per_scene)]
    truth, found = [], []
    for image in images:
        for category, box in ((1, [10, 10, 120, 120]), (2, [150, 150, 20, 20])):
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": image["id"],
                    "category_id": category,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                }
            )
            if category == 1 or image["scene"] % 2 == 0:
                found.append({"image_id": image["id"], "category_id": category, "bbox": box, "score": 0.9})
    document = {
        "images": images,
        "annotations": truth,
        "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}],
    }
    return document, found


class Weights:
    """Stands in for a parameter: ``numel`` and ``requires_grad``."""

    def __init__(self, count, trained):
        self.count, self.requires_grad = count, trained

    def numel(self):
        return self.count


def detector():
    module = SimpleNamespace(parameters=lambda: [Weights(100, False), Weights(7, True)])
    return SimpleNamespace(name="toy", source="trained nowhere", size=(240, 320), module=module)


def test_measured_by_hand():
    document, found = toy(scenes=4)
    card = measure(document, found, document, detector(), np.random.default_rng(0))
    cat = 51 / 101  # recall stops at one half: precision 1 at the recall values 0 to 0.50
    assert card.groups["category dog"] == (pytest.approx(1.0), 8)
    assert card.groups["category cat"] == (pytest.approx(cat), 8)
    assert card.overall[0] == pytest.approx((1 + cat) / 2)
    assert card.groups["size small"] == (pytest.approx(cat), 8) and card.groups["size large"][0] == pytest.approx(1.0)
    assert card.worst in ("category cat", "size small")
    assert (card.details["parameters"], card.details["trained"]) == (107, 7)
    assert card.evaluation == {"images": 8, "annotations": 16, "categories": 2, "scenes": 4}


def test_the_interval_draws_scenes_not_frames():
    def width(per_scene, as_scenes):
        document, found = toy(4, per_scene)
        if not as_scenes:
            for image in document["images"]:
                del image["scene"]
        _, low, high = measure(document, found, document, detector(), np.random.default_rng(0)).overall
        return high - low

    assert width(10, True) > 2 * width(10, False)


# --------------------------------------------------------------------------------------------------- benchmarks


def test_related_data_sets():
    found = benchmarks.table()
    assert {"CIFAR-10", "CIFAR-100", "Pascal VOC 2012", "Open Images V7", "LAION-5B", "Objects365", "LVIS v1"} <= set(
        found.index
    )
    assert found.loc["CIFAR-10", ["images", "classes"]].tolist() == [60000, 10]
    assert found.loc["LAION-5B", "images"] == 5_850_000_000 and found.isna().loc["LAION-5B", "classes"]
    assert list(found.index[benchmarks.withdrawn(found)]) == ["80 Million Tiny Images", "LAION-5B"]
    assert (found[["labels", "photo_terms", "label_terms", "used_for", "status"]] != "").all().all()


@pytest.mark.parametrize(("count", "text"), [(5_850_000_000, "5.85 billion"), (60_000, "60 thousand"), (12, "12")])
def test_large_numbers_in_words(count, text):
    assert benchmarks.short(count) == text


# -------------------------------------------------------------------------------------------------------- widget


def test_every_choice_on_the_menus_is_answered():
    helper = UseHelper()
    for name, menu in helper.menus.items():
        for _, value in menu.options:
            menu.value = value
            assert str(helper.decision.verdict) in ("yes", "yes-if", "ask", "no")
            assert helper.decision.findings[0].rule.id in helper.answer.value, name


def test_choose_does_what_the_menus_do():
    helper = UseHelper("imagenet", "photos", "research", "eu")
    assert helper.decision.verdict == "no" and "✗ No" in helper.answer.value
    helper.choose(data="my-things")
    assert helper.decision.verdict == "yes" and "✓ Yes" in helper.answer.value
    for bad in ({"data": "nothing"}, {"colour": "red"}):
        with pytest.raises(ValueError, match="on no menu"):
            helper.choose(**bad)


def test_the_twin_stands_alone():
    helper = UseHelper()
    twin = helper._repr_mimebundle_()["text/html"]
    assert not re.search(r"(?:src|href)=['\"](?:https?:)?//", twin) and "__" not in re.sub(
        r"<script type=.*?</script>", "", twin, flags=re.DOTALL
    )
    assert "no legal advice" in twin and "aria-live" in twin
    assert UseHelper().twin_html() != twin  # an id of its own
    packed = re.search(r'<script type="application/json">(.*?)</script>', twin, re.DOTALL)[1]
    assert set(json.loads(packed)["datasets"]) == set(table()["datasets"])


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed (it is optional)")
def test_the_twin_decides_as_python_does(tmp_path):
    twin = UseHelper().twin_html()
    packed = re.search(r'<script type="application/json">(.*?)</script>', twin, re.DOTALL)[1]
    script = re.findall(r"<script>(.*?)</script>", twin, re.DOTALL)[0]
    uses = [list(use) for use in product(table()["datasets"], ACTS, PURPOSES, PLACES)]
    (tmp_path / "twin.js").write_text(script, encoding="utf-8")
    (tmp_path / "data.json").write_text(packed, encoding="utf-8")
    (tmp_path / "uses.json").write_text(json.dumps(uses), encoding="utf-8")
    (tmp_path / "all.js").write_text(
        """
        const { decide } = require("./twin.js"), data = require("./data.json");
        const answers = require("./uses.json").map(([d, act, purpose, where]) => {
          const answer = decide(data, { data: d, act, purpose, where });
          return [answer.verdict, answer.reasons.map((each) => [each.id, [...each.sources].sort()]).sort()];
        });
        process.stdout.write(JSON.stringify(answers));
        """,
        encoding="utf-8",
    )
    finished = subprocess.run(["node", "all.js"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert finished.returncode == 0, finished.stderr[-500:]
    for use, (verdict, reasons) in zip(uses, json.loads(finished.stdout), strict=True):
        decision = decide(*use)
        expected = sorted([rule.id, sorted(source.id for source in sources)] for rule, _, sources in decision.reasons())
        assert (verdict, reasons) == (decision.verdict, expected), use
