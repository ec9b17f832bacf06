"""The capstone: its judges say what they should, its guards see what they must, its card adds up."""

from __future__ import annotations

import numpy as np
import pytest

from synscenes.capstone import (
    audit,
    detector,
    examples,
    lexicon,
    looks,
    metric,
    model_audit,
    model_metric,
    model_recipe,
    rubric,
    selfcheck,
)
from synscenes.capstone import report as reports
from synscenes.errors import CourseError

# Rubric, report, looks


@pytest.mark.parametrize("project", rubric.RUBRICS)
def test_every_rubric_has_100_points_that_rise(project):
    assert sum(each.levels[-1][0] for each in rubric.RUBRICS[project]) == 100
    for each in rubric.RUBRICS[project]:
        points = [value for value, _ in each.levels]
        assert points == sorted(set(points)) and points[0] == 0
    assert rubric.table(project).count("\n") == 1 + sum(len(each.levels) for each in rubric.RUBRICS[project])


def test_a_card_adds_up_and_says_what_comes_next():
    reached = {each.name: (1, "seen") for each in rubric.RUBRICS["audit"]}
    card = rubric.Scorecard("audit", reached)
    assert (card.points, card.most) == (10 + 15 + 10 + 10, 100)
    assert "| **Sum** | **45 of 100** |" in card.markdown() and "45 of 100" in str(card)
    best = {each.name: (len(each.levels) - 1, "") for each in rubric.RUBRICS["audit"]}
    assert rubric.Scorecard("audit", best).markdown().count("that is the top") == 4


@pytest.mark.parametrize(
    ("difference", "low", "level"), [(-0.1, -0.2, 0), (0.05, -0.01, 1), (0.05, 0.01, 2), (0.2, 0.1, 3), (0.2, -0.1, 1)]
)
def test_held_out_levels(difference, low, level):
    assert rubric.held_out(difference, low, difference + 0.1, 0.1)[0] == level


def test_milestones_are_checked_again():
    right = {"18-precision": [lambda right, k: right[:k].mean()]}
    assert rubric.milestones(right)[0] == 2
    level, told = rubric.milestones({**right, "18-cost": [lambda *a: ...]})
    assert level == 0 and told == "1 of 2 pass; open: 18-cost"


def test_report_levels_and_page(tmp_path):
    empty = reports.Report("T", {})
    assert empty.level[0] == 0 and empty.missing == list(reports.SECTIONS) and reports.EMPTY in empty.markdown()
    assert reports.Report("T", dict.fromkeys(reports.SECTIONS, "x") | {"negative": " "}).level == (1, "empty: negative")
    whole = reports.Report("T", dict.fromkeys(reports.SECTIONS, "x"))
    assert whole.level[0] == 2 and whole.write(tmp_path / "a").read_text() == whole.markdown()
    with pytest.raises(ValueError, match="no section is called 'blame'"):
        reports.Report("T", {"blame": "x"})


def test_report_saves_its_figures(tmp_path):
    from synscenes.lesson.style import new_figure

    page = reports.Report("T", {}, [(new_figure()[0], "a figure")]).write(tmp_path)
    assert "![a figure](figure_1.png)" in page.read_text()
    assert "figure_1" not in reports.Report("T", {}, [(None, "a")]).shown(4)
    assert reports.Report("T", {}).shown(4).startswith("#### T\n\n##### Question")
    assert (tmp_path / "figure_1.png").read_bytes()[:4] == b"\x89PNG"


def test_looks_are_counted_and_kept(tmp_path):
    kept = looks.Looks(tmp_path)
    assert [kept.note("metric"), kept.note("metric"), kept.note("audit")] == [1, 2, 1]
    assert looks.Looks(tmp_path).count("metric") == 2
    (tmp_path / "looks.json").write_text("{broken")
    assert looks.Looks(tmp_path).count("metric") == 0
    memory = looks.Looks()
    assert memory.note("audit") == 1 and memory.note("audit") == 2 and memory.count("metric") == 0


# Project A


def test_recipes_are_checked():
    assert detector.whole({"epochs": 3})["epochs"] == 3 and detector.whole({}) == detector.STARTER
    for wrong, message in (
        ({"epoch": 3}, "has no 'epoch'"), ({"features": "resnet"}, "features must be"), ({"high": 0.2}, "in order"),
        ({"epochs": 0}, "epochs must be"), ({"width": 100}, "multiple of 8"), ({"depth": 1.5}, "depth must be"),
        ({"average": 1.0}, "average must be"), ({"head": "its own"}, "together with"),
        ({"head": "?", "features": "yolov4_tiny"}, "head must be"),
    ):  # fmt: skip
        with pytest.raises(CourseError, match=message):
            detector.whole(wrong)


def test_cost_counts_multiplications():
    from synscenes.detection.small.network import Head

    _, learned = detector._multiplications("mobilenet_v2", "new", 96, 2)
    places = (15 * 20, 8 * 10)
    head = Head(80)
    by_hand = 0
    for side, entry, tower, score, move in zip(places, (head.middle, head.coarse), head.towers, head.score, head.move):
        layers = [entry, *[each for each in tower if hasattr(each, "kernel_size")], score, move]
        by_hand += side * sum(each.weight.numel() for each in layers)
    assert learned == by_hand
    base = detector.cost({}, 100)
    assert detector.cost({}, 200) == pytest.approx(2 * base)
    assert detector.cost({"flip": True}, 100) == pytest.approx(2 * base)
    assert base < detector.cost({"epochs": 16}, 100) < 2 * base
    assert detector.cost(model_recipe.MODEL, 100) < detector.BUDGET * base


def test_its_own_head_is_yolov4_tiny():
    import torch
    from PIL import Image

    from synscenes import models
    from synscenes.capstone import own_head
    from synscenes.models.placement import letterbox

    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 255, (256, 320, 3), dtype=np.uint8))
    picture.paste((200, 30, 30), (60, 80, 180, 220))
    backbone = detector.backbone("yolov4_tiny")
    ids = models.load("yolov4_tiny").category_ids
    ours = own_head.build(ids, [str(number) for number in ids], (256, 320), backbone)
    ours.module.eval()
    found = ours.detect(picture, 0.002, 0.45)
    yolo = models.load("yolov4_tiny")
    yolo.module.size, yolo.fit = (256, 320), lambda image, size: letterbox(image, size, smooth=True)
    theirs = yolo.detect(picture, 0.002)
    assert len(found) == len(theirs) > 0
    np.testing.assert_allclose([item.score for item in found], [item.score for item in theirs], atol=1e-4)
    np.testing.assert_allclose([item.xyxy for item in found], [item.xyxy for item in theirs], atol=0.05)
    logits = own_head.joined(torch.tensor([-30.0, 0.0, 30.0]), torch.tensor([2.0, 0.0, 30.0]))
    assert torch.isfinite(logits).all() and float(logits[1].sigmoid()) == pytest.approx(0.25)


def test_gain_draws_images_and_seeds():
    from synscenes.metrics.detection import evaluate

    notes = [{"id": n + 1, "image_id": n, "category_id": 1, "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0}
             for n in range(1, 21)]  # fmt: skip
    truth = {"images": [{"id": n, "width": 50, "height": 50} for n in range(1, 21)], "annotations": notes,
             "categories": [{"id": 1, "name": "x"}]}  # fmt: skip
    said = [{"image_id": n, "category_id": 1, "bbox": [0, 0, 10, 10], "score": 0.9} for n in range(1, 21)]
    good, half = evaluate(truth, said), evaluate(truth, said[:10])
    draws = detector.gain([good, good], [half, half], np.random.default_rng(0), 60)
    assert draws.shape == (60,) and draws.min() > 0 and 0.3 < draws.mean() < 0.7
    assert np.ptp(detector.gain([good, half], [half, half], np.random.default_rng(0), 60)) > np.ptp(draws)


def test_every_step_is_a_recipe_within_the_budget_or_says_more():
    assert next(iter(model_recipe.STEPS.values())) == {} and list(model_recipe.STEPS.values())[-1] is model_recipe.MODEL
    base = detector.cost({}, 10)
    for recipe in model_recipe.STEPS.values():
        assert detector.whole(recipe) and detector.cost(recipe, 10) <= detector.BUDGET * base


def test_the_starter_is_told_so_without_a_look():
    counted = looks.Looks()
    card = selfcheck.check_detector(
        {}, detector.Scenes(2, 2, 2), [0], {}, reports.Report("T", {}), counted, np.random.default_rng(0)
    )
    assert counted.count("detector") == 0 and card.reached["Held-out AP50"][0] == 0


# Project B


def _contest(rows):
    return metric.Contest([{"references": ["a dog on grass", "two dogs"], **row} for row in rows])


@pytest.fixture
def contest():
    rows = []
    for image in range(12):
        for kind, caption, truth in (
            ("as written", "a dog on grass", 1.0), ("in other words", "a hound on the lawn", 1.0),
            ("wrong object", "a bus on grass", 0.5), ("another image's", "five pizzas on a table", 0.0),
        ):  # fmt: skip
            rows.append({"image": image, "kind": kind, "caption": caption, "truth": truth})
    return _contest(rows)


def test_a_metric_that_knows_gains_over_cider(contest):
    values = metric.values_of(model_metric.metric, contest)
    found = metric.gain(values, contest, np.random.default_rng(0), 30)
    assert found.low > 0 and found.difference == pytest.approx(found.tau - found.base)
    assert found.low - 1e-9 <= found.difference <= found.high + 1e-9
    nothing = metric.gain(np.zeros(len(values)), contest, np.random.default_rng(0), 5)
    assert nothing.tau == 0.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda c, r: ..., "returns ..."),
        (lambda c, r: None, "finite number"),
        (lambda c, r: float("nan"), "finite number"),
        (lambda c, r: 1 / 0, "stopped with ZeroDivisionError"),
        (lambda c, r: len(open("x").read()), "uses open"),  # noqa: SIM115
        (lambda c, r: (lambda: metric.sealed.scene_graphs)(), "uses scene_graphs"),
    ],
)
def test_metrics_that_may_not_be(contest, wrong, message):
    with pytest.raises(CourseError, match=message):
        metric.values_of(wrong, contest)


def test_a_metric_can_not_change_the_contest(contest):
    def greedy(candidate, references):
        candidate.clear()
        references.clear()
        return 0.0

    metric.values_of(greedy, contest)
    assert contest.words[0] == (["a", "dog", "on", "grass"], [["a", "dog", "on", "grass"], ["two", "dogs"]])


def test_the_canary_sings_for_those_who_peek():
    rows = []
    for image in range(40):
        rows.append({"image": image, "kind": "as written", "caption": "a red dog on grass", "truth": 1.0})
        rows.append({"image": image, "kind": "wrong colour", "caption": "a pink dog on grass", "truth": 0.5})
    rows.append({"image": 40, "kind": "as written", "caption": "a blue dog", "truth": 1.0})
    rows.append({"image": 40, "kind": "wrong colour", "caption": "a black dog", "truth": 0.0,
                 "references": ["the blue dog"]})  # fmt: skip
    contest = _contest(rows)
    contest.rows[-2]["references"] = ["the blue dog"]
    peeking = np.array([row["truth"] for row in contest.rows])
    assert metric.canary(peeking, contest) == (1.0, 40)  # the pair whose colour a reference tells does not count
    assert metric.canary(metric.values_of(model_metric.metric, contest), contest)[0] == 0.5
    mine = lambda candidate, references: float("red" in candidate)  # noqa: E731
    card = selfcheck.check_metric(mine, contest, contest, {}, reports.Report("T", {}), looks.Looks(),
                                  np.random.default_rng(0), 5)  # fmt: skip
    assert card.reached["Fair play"][0] == 0 and "canary 1.00 of 40" in card.reached["Fair play"][1]


def test_the_worst_pairs_are_true_below_false():
    rows = [{"image": 1, "kind": "in other words", "caption": "a hound", "truth": 1.0},
            {"image": 1, "kind": "wrong object", "caption": "a bus", "truth": 0.0},
            {"image": 1, "kind": "wrong number", "caption": "two hounds", "truth": 0.5}]  # fmt: skip
    assert metric.worst(np.array([0.1, 0.9, 0.3]), _contest(rows), 1) == [("a hound", "a bus", 0.1, 0.9)]


def test_seen_names_are_given_to_the_metric(contest):
    told = contest.watched(dict.fromkeys(range(12), ("bus",)))
    heard = []
    metric.values_of(lambda candidate, references, seen: float(len(heard.append(seen) or "x")), told)
    assert set(heard) == {("bus",)}
    blind, sighted = (metric.by_kind(metric.values_of(model_metric.metric, each), each) for each in (contest, told))
    assert sighted["wrong object"] > blind["wrong object"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("hound", "dog", True), ("dog", "cat", False), ("people", "person", True), ("automobile", "cars", True)],
)
def test_words_are_alike(one, other, same):
    assert model_metric.alike(one, other) is same and model_metric.alike(other, one) is same


def test_silence_is_no_contradiction():
    words = ["three", "dogs", "and", "a", "kite"]
    count = lambda *told: model_metric.contradictions(words, [each.split() for each in told], lexicon.NUMBERS)  # noqa: E731
    assert count("two dogs") == 1 and count("three dogs", "two dogs") == 0 and count("a kite") == 0 == count()


# Project C


@pytest.fixture
def case(monkeypatch):
    """Two looks of things, 20 images with four of them each; one label in ten exchanged."""
    rng = np.random.default_rng(3)
    images = np.repeat(np.arange(20) * 4, 4)
    real = rng.integers(0, 2, 80)
    labels = real.copy()
    wrong = np.arange(80) % 10 == 7
    labels[wrong] = 1 - labels[wrong]
    features = np.where(real[:, None] == 1, 1.0, -1.0) * np.ones((80, 12)) + rng.normal(0, 0.4, (80, 12))
    corners = rng.uniform(0, 100, (80, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(10, 60, (80, 2))], axis=1)
    objects = rng.uniform(0, 1, 80)
    made = audit.Case(features, labels, images, boxes, np.zeros(80), objects, ["cat", "dog"], np.arange(80) + 1, None)
    monkeypatch.setattr(audit, "truth", lambda case: wrong)
    return made


def test_neighbours_find_what_chance_does_not(case):
    ours, base = audit.judged(model_audit.suspicion, case), audit.judged(audit.detectors_doubt, case)
    assert ours.average_precision > 0.6 > base.average_precision
    assert ours.right.sum() == 8 and ours.precision(8) >= 0.5
    draws = audit.gain(model_audit.suspicion, audit.detectors_doubt, case, np.random.default_rng(0), 40)
    assert np.quantile(draws, 0.025) > 0


def test_an_image_does_not_vote_on_itself(case):
    shares = model_audit.votes(np.ones((80, 80)), case)
    for row in (0, 41):
        others = case.labels[case.images != case.images[row]]
        assert shares[row, 1] == pytest.approx(others.mean())


def test_average_precision_by_hand():
    assert audit.Found(np.array([1, 0, 1, 0], dtype=bool)).average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert audit.Found(np.zeros(4, dtype=bool)).average_precision == 0.0


def test_ties_tell_nothing(case):
    flat = audit.order_of(lambda case: np.zeros(len(case)), case)
    assert sorted(flat) == list(range(80)) and not (np.diff(flat) == 1).all()


@pytest.mark.parametrize(
    ("ranking", "message"),
    [
        (lambda case: ..., "returns ..."),
        (lambda case: case.nothing, "stopped with AttributeError"),
        (lambda case: np.zeros(3), "must return 80 finite numbers"),
        (lambda case: np.full(80, np.nan), "must return 80 finite numbers"),
    ],
)
def test_rankings_that_may_not_be(case, ranking, message):
    with pytest.raises(CourseError, match=message):
        audit.order_of(ranking, case)


def test_a_stub_costs_no_look(case):
    counted = looks.Looks()
    with pytest.raises(CourseError, match="must be \\(rate, low, high\\)"):
        selfcheck.check_audit(model_audit.suspicion, case, ..., {}, reports.Report("T", {}), counted,
                              np.random.default_rng(0), 10)  # fmt: skip
    assert counted.count("audit") == 0


@pytest.mark.parametrize(
    ("estimate", "level"), [(None, 0), ((0.1, 0.05, 0.2), 2), ((0.2, 0.15, 0.3), 1), ((0.6, 0.55, 0.65), 0)]
)
def test_an_estimate_is_judged(case, estimate, level):
    card = selfcheck.check_audit(model_audit.suspicion, case, estimate, {}, reports.Report("T", {}), looks.Looks(),
                                 np.random.default_rng(0), 10)  # fmt: skip
    assert card.reached["Fair play"][0] == level
    assert card.reached["Held-out average precision"][0] == 3


def test_more_than_three_looks_cost(case):
    counted = looks.Looks()
    blank = reports.Report("T", {})
    for _ in range(4):
        card = selfcheck.check_audit(model_audit.suspicion, case, (0.1, 0.05, 0.2), {}, blank, counted,
                                     np.random.default_rng(0), 2)  # fmt: skip
    assert card.reached["Fair play"] == (1, "estimated 0.050 to 0.200, true 0.100; 4 looks at the sealed data")


def test_sampling_counts(case):
    assert audit.sampled(audit.truth(case), 80, np.random.default_rng(0)) == 8


def test_a_small_case_is_read_from_real_files():
    from synscenes.capstone import sealed

    found = audit.case(12)
    n = len(found)
    assert found.features.shape == (n, 1280) and found.boxes.shape == (n, 4) and n > 40
    assert found.agrees.min() >= 0 and found.objects.max() <= 1 and (found.agrees + found.objects).max() > 0.3
    planted = sealed.planted(found.folder)
    assert audit.truth(found).sum() == len(planted) > 0
    for mistake in planted:
        row = int(np.flatnonzero(found.ids == mistake["annotation_id"])[0])
        assert found.images[row] == mistake["image_id"]
        x, y, width, height = mistake["truth"]["bbox"]
        np.testing.assert_allclose(found.boxes[row], [x, y, x + width, y + height])
    # Rows and crops belong together: the features of one crop, computed alone.
    again = audit._crop_features(found.files, found.images[[5]], found.boxes[[5]], "cpu")
    np.testing.assert_allclose(found.features[5], again[0], atol=1e-3)


# Examples


def test_example_pages_leave_nothing_open():
    gain = metric.Gain(0.5, 0.3, 0.1, 0.3)
    good = audit.Found(np.array([1, 1, 0, 0], dtype=bool))
    pages = [
        examples.detector_report("its own head", (300, 80, 80), 0.2, 0.45, (0.25, 0.2, 0.3), 2, 1.1, 1, "small things",
                                 negative="wider heads"),
        examples.metric_report((250, 120), gain, 1, (0.5, 20), ("a hound", "a bus", 0.1, 0.9), "colours"),
        examples.audit_report((2, 4), good, good, (0.0, -0.1, 0.1), (0.5, 0.2, 0.8), 2, 1, "none", "ridge"),
    ]  # fmt: skip
    assert [page.missing for page in pages] == [[], [], []]
    assert "difference +0.250 [0.200, 0.300]" in pages[0].markdown()
