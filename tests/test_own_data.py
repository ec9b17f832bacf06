"""A dataset of one's own: places, planted form errors, doubts, bursts and datasheets."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from PIL import Image

from synscenes import coco
from synscenes.made_once import made_once
from synscenes.own_data import bursts, hurried, place, review
from synscenes.own_data.datasheet import QUESTIONS, UNANSWERED, datasheet, unanswered

DOG, COW = 18, 21


def entry(number, box, category=DOG, image=1):
    area = box[2] * box[3]
    outline = [[box[0], box[1], box[0] + box[2], box[1], box[0] + box[2], box[1] + box[3], box[0], box[1] + box[3]]]
    record = {"id": number, "image_id": image, "category_id": category, "bbox": list(box), "area": area}
    return {**record, "iscrowd": 0, "segmentation": outline}


def seen(box, category=DOG, score=0.9, image=1):
    return {"image_id": image, "category_id": category, "bbox": list(box), "score": score}


def document(*annotations):
    return {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
        "annotations": list(annotations),
        "categories": [{"id": DOG, "name": "dog"}, {"id": COW, "name": "cow"}],
    }


def test_a_folder_lies_beside_the_notebooks(tmp_path, monkeypatch):
    (tmp_path / "course" / "lessons").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert place.folder("mine") == tmp_path / "work" / "mine"
    assert (tmp_path / "work" / "mine" / "photographs").is_dir()


def test_photographs_are_lent_once_and_the_learners_own_are_kept(tmp_path):
    lent = tmp_path / "lent.png"
    Image.new("RGB", (4, 4)).save(lent)
    mine = tmp_path / "mine"
    (mine / "photographs").mkdir(parents=True)
    (mine / "photographs" / ".DS_Store").write_text("a file manager's")
    assert [path.name for path in place.lend([lent], mine)] == ["lent.png"]
    (mine / "photographs" / "lent.png").rename(mine / "photographs" / "own.png")
    assert [path.name for path in place.lend([lent], mine)] == ["own.png"]


def test_a_set_that_fails_half_way_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))

    def fail(work):
        (work / "half").write_text("x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        made_once("set", fail)
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == []


def test_what_a_killed_process_left_is_cleared_away(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    for left in (".set.abc.part", "..set.abc.part.def.part"):
        (tmp_path / left).mkdir()
    made_once("set", lambda work: None)
    assert {path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")} == {"set"}


def test_a_set_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    calls = []
    for _ in range(2):
        root = made_once("set", lambda work: calls.append(work))
    assert (len(calls), root) == (1, tmp_path / "set")


@pytest.fixture(scope="module")
def hasty():
    return hurried.folder(12, 0)


def test_each_form_error_is_reported(hasty, tmp_path):
    whole = json.loads((hasty / "annotations" / "instances_train2017.json").read_text())
    before = copy.deepcopy(whole)
    path = coco.save(hurried.with_form_errors(whole), tmp_path / "broken.json")
    problems = [problem for problem in coco.validate(path, images=hasty / "train2017") if problem.level == "error"]
    assert whole == before
    places = {(problem.section, problem.index) for problem in problems}
    assert {("annotations", row) for row in (1, 2, 4, 5, 6, 7, 8)} | {("images", 0)} <= places


def test_a_hurried_file_has_no_error_of_form(hasty):
    path = hasty / "annotations" / "instances_train2017.json"
    assert [str(problem) for problem in coco.validate(path) if problem.level == "error"] == []


def test_doubles_are_later_boxes_of_the_same_category():
    whole = document(entry(1, (0, 0, 20, 20)), entry(2, (1, 0, 20, 20)), entry(3, (0, 0, 20, 20), COW))
    assert review.doubles(whole) == [2]


@pytest.mark.parametrize(
    ("detection", "kind", "annotation"),
    [
        (seen((60, 40, 20, 20)), "missing", 0),
        (seen((0, 0, 20, 20), COW), "label", 1),
        (seen((6, 0, 20, 20)), "place", 1),
    ],
)
def test_a_disagreement_is_named(detection, kind, annotation):
    table = review.suspects(document(entry(1, (0, 0, 20, 20))), [detection])
    assert [(row.kind, row.annotation_id) for row in table.itertuples()] == [(kind, annotation)]


def test_agreement_raises_no_doubt():
    assert len(review.suspects(document(entry(1, (0, 0, 20, 20))), [seen((0, 1, 20, 20))])) == 0


def test_doubts_come_strongest_first_and_once_an_annotation():
    whole = document(entry(1, (0, 0, 20, 20)))
    found = [seen((60, 40, 20, 20), score=0.5), seen((6, 0, 20, 20), score=0.9), seen((7, 0, 20, 20), score=0.3)]
    table = review.suspects(whole, found)
    assert table["annotation_id"].tolist() == [1, 0] or table["annotation_id"].tolist() == [0, 1]
    assert (np.diff(table["doubt"]) <= 0).all()


def test_one_of_a_crowd_is_no_doubt():
    crowd = {**entry(1, (0, 0, 60, 40)), "iscrowd": 1}
    assert len(review.suspects(document(crowd), [seen((10, 10, 8, 8))])) == 0
    other = review.suspects(document(crowd), [seen((10, 10, 8, 8), COW), seen((50, 10, 40, 20))])
    assert other["kind"].tolist() == ["missing", "missing"]  # another category; most of it outside


def test_doubts_are_judged_by_what_was_planted():
    whole = document(entry(1, (0, 0, 20, 20)))
    table = review.suspects(whole, [seen((60, 40, 20, 20), score=0.9), seen((0, 0, 20, 20), COW, score=0.5)])
    gone = {"kind": "missing", "annotation_id": 7, "truth": entry(7, (61, 40, 20, 20))}
    assert review.judged(table, [gone]).tolist() == [True, False]
    wrong = {"kind": "label", "annotation_id": 1, "truth": entry(1, (0, 0, 20, 20), COW)}
    assert review.judged(table, [wrong]).tolist() == [False, True]


def test_boxes_move_with_the_frame():
    moved = bursts._moved([entry(1, (10, 10, 20, 30)), entry(2, (0, 0, 10, 10))], 8, 4)
    assert [one["bbox"] for one in moved] == [[2, 6, 20, 30]]  # the second is nearly out of the frame


def test_a_burst_has_the_frames_asked_for_and_a_sound_file(tmp_path):
    from synscenes import micrococo

    bursts.make(micrococo.default(), tmp_path, scenes=3, frames=4, categories=("person",), seed=1)
    path = tmp_path / "annotations" / "instances_train2017.json"
    found = json.loads(path.read_text())
    assert [image["scene"] for image in found["images"]] == [0] * 4 + [1] * 4 + [2] * 4
    assert {Image.open(tmp_path / "train2017" / image["file_name"]).size for image in found["images"]} == {bursts.FRAME}
    problems = [problem for problem in coco.validate(path, images=tmp_path / "train2017") if problem.level == "error"]
    assert [str(problem) for problem in problems] == []


def test_a_datasheet_counts_and_shows_what_is_open():
    text = datasheet("Dogs", document(entry(1, (0, 0, 20, 20)), entry(2, (0, 0, 9, 9))), {"purpose": "To test."})
    assert "| dog | 2 | 1 |" in text and "Never used: cow." in text and "To test." in text
    assert text.count(UNANSWERED) == len(QUESTIONS) - 1 == len(unanswered({"purpose": "To test.", "uses": " "}))


def test_an_answer_to_no_question_is_refused():
    with pytest.raises(ValueError, match="'colour'"):
        datasheet("Dogs", document(), {"colour": "red"})
