"""Checking COCO files: every planted problem is found, named, and nothing else is."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from synscenes import coco
from synscenes.coco import checking, masks
from synscenes.first_photo import documents

MINI = Path(__file__).resolve().parents[2] / "shared" / "refs" / "coco_mini" / "annotations"
EXAMPLES = int(os.environ.get("SYNSCENES_FUZZ", 250))
SQUARE = [[5, 5, 15, 5, 15, 15, 5, 15]]
PERSON = documents()["person_keypoints"]["categories"][0]


def document():
    """A small file without any problem: a person with joints, a crowd as RLE, a dog."""
    crowd = {"size": [40, 60], "counts": [0, 400, 2000]}
    content = {
        "info": {"year": 2017},
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": 60, "height": 40},
            {"id": 2, "file_name": "b.jpg", "width": 60, "height": 40},
        ],
        "annotations": [
            {"id": 11, "image_id": 1, "category_id": 1, "segmentation": SQUARE, "area": 100, "iscrowd": 0,
             "bbox": [5, 5, 10, 10], "keypoints": [7, 7, 2] + [8, 9, 1] + [0] * 45, "num_keypoints": 2},
            {"id": 12, "image_id": 1, "category_id": 1, "segmentation": crowd, "area": 400, "iscrowd": 1,
             "bbox": [0, 0, 10, 40]},
            {"id": 13, "image_id": 2, "category_id": 18, "segmentation": SQUARE, "area": 100.0, "iscrowd": 0,
             "bbox": [5, 5, 10, 10]},
        ],
        "categories": [PERSON, {"id": 18, "name": "dog", "supercategory": "animal"}],
    }  # fmt: skip
    return copy.deepcopy(content)  # the outline and the joints are shared


def captions():
    return {"images": document()["images"], "annotations": [{"id": 1, "image_id": 1, "caption": "A dog."}]}


def panoptic():
    segments = [{"id": 5, "category_id": 1, "iscrowd": 0, "bbox": [0, 0, 20, 10], "area": 200}]
    return {
        "images": document()["images"],
        "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": segments}],
        "categories": [{"id": 1, "name": "person", "supercategory": "person", "isthing": 1}],
    }


def check(tmp_path, content):
    """Write a document, text or bytes, and return what validate says."""
    path = tmp_path / "file.json"
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return coco.validate(path)


@pytest.mark.parametrize("make", [document, captions, panoptic])
def test_a_good_file_has_no_problem(tmp_path, make):
    assert check(tmp_path, make()) == []


def test_a_problem_says_file_place_id_field_and_what_to_do(tmp_path):
    bad = document()
    bad["annotations"][2]["image_id"] = 99
    (problem,) = check(tmp_path, bad)
    assert (problem.section, problem.index, problem.id, problem.field) == ("annotations", 2, 13, "image_id")
    assert str(problem) == (
        f"{tmp_path / 'file.json'}, annotations[2], id 13, image_id: no image has the id 99; "
        "add the image or drop the annotation."
    )


# What is changed (section, index, field), the value put there (... drops the field), and the code of what is found.
PLANTED = [
    ("annotations", 2, "id", 11, "duplicate-id"),
    ("annotations", 2, "id", 0, "id-below-1"),
    ("annotations", 2, "id", "13", "not-an-id"),
    ("annotations", 2, "id", [13], "not-an-id"),
    ("annotations", 2, "id", 10**30, "not-an-id"),
    ("annotations", 2, "id", ..., "missing"),
    ("annotations", 2, "image_id", 99, "no-such-image"),
    ("annotations", 2, "image_id", "2", "not-an-id"),
    ("annotations", 2, "category_id", 99, "no-such-category"),
    ("annotations", 2, "category_id", 1.5, "not-an-id"),
    ("annotations", 2, "iscrowd", ..., "missing"),
    ("annotations", 2, "iscrowd", True, "not-0-or-1"),
    ("annotations", 2, "bbox", ..., "missing"),
    ("annotations", 2, "bbox", [5, 5, 10], "not-a-box"),
    ("annotations", 2, "bbox", "5 5 10 10", "not-a-box"),
    ("annotations", 2, "bbox", [5, 5, "10", 10], "not-a-number"),
    ("annotations", 2, "bbox", [5, 5, float("nan"), 10], "not-a-number"),
    ("annotations", 2, "bbox", [5, 5, 15, 15], "xyxy"),
    ("annotations", 2, "bbox", [5, 5, 0, 10], "empty-box"),
    ("annotations", 2, "bbox", [5, 5, 10, -3], "empty-box"),
    ("annotations", 2, "bbox", [55, 5, 10, 10], "box-outside"),
    ("annotations", 2, "bbox", [35, 25, 10, 10], "box-not-outline"),
    ("annotations", 2, "area", "100", "not-a-number"),
    ("annotations", 2, "area", 0, "wrong-area"),
    ("annotations", 2, "area", 1200, "wrong-area"),
    ("annotations", 2, "area", float("inf"), "not-a-number"),
    ("annotations", 2, "segmentation", ..., "missing"),
    ("annotations", 2, "segmentation", [], "odd-polygon"),
    ("annotations", 2, "segmentation", SQUARE[0], "odd-polygon"),
    ("annotations", 2, "segmentation", [[5, 5, 15, 5, 15, 15, 5]], "odd-polygon"),
    ("annotations", 2, "segmentation", [[5, 5, 15, 15]], "odd-polygon"),
    ("annotations", 2, "segmentation", [[5, 5, 15, 5, 15, "15"]], "odd-polygon"),
    ("annotations", 2, "segmentation", [*SQUARE, [5, 5, 10, 5, 15, 5]], "odd-polygon"),
    ("annotations", 2, "segmentation", "polygon", "odd-outline"),
    ("annotations", 1, "segmentation", {"size": [60, 40], "counts": [0, 400, 2000]}, "odd-rle"),
    ("annotations", 1, "segmentation", {"size": [40, 61], "counts": [0, 400, 2040]}, "odd-rle"),
    ("annotations", 1, "segmentation", {"size": [40, 60], "counts": [0, 400, 1999]}, "odd-rle"),
    ("annotations", 1, "segmentation", {"size": [40, 60], "counts": [2400]}, "odd-rle"),
    ("annotations", 1, "segmentation", {"size": [40, 60], "counts": [0, -400, 2800]}, "odd-rle"),
    ("annotations", 1, "segmentation", {"size": [40, 60], "counts": "P"}, "odd-rle"),
    ("annotations", 1, "segmentation", {"size": [40, 60]}, "odd-rle"),
    ("annotations", 1, "segmentation", {"size": [10**9, 1], "counts": [10**9]}, "odd-rle"),
    ("annotations", 0, "keypoints", [7, 7, 2] * 16, "keypoints-length"),
    ("annotations", 0, "keypoints", [7, 7, 2, 8], "keypoints-length"),
    ("annotations", 0, "keypoints", [7, 7, 3] + [8, 9, 1] + [0] * 45, "visibility"),
    ("annotations", 0, "keypoints", [7, 7, 2] + [8, 99, 1] + [0] * 45, "joint-outside"),
    ("annotations", 0, "keypoints", [7, 7, 2] + [8, 9, 1] + [5, 5, 0] + [0] * 42, "unmarked-joint"),
    ("annotations", 0, "keypoints", [7, 7, 2] + [8, None, 1] + [0] * 45, "not-a-number"),
    ("annotations", 0, "num_keypoints", 3, "num-keypoints"),
    ("images", 1, "id", 1, "duplicate-id"),
    ("images", 1, "file_name", "a.jpg", "duplicate-file-name"),
    ("images", 1, "file_name", "", "empty-text"),
    ("images", 1, "width", "60", "not-an-id"),
    ("images", 1, "height", 0, "no-size"),
    ("images", 1, "height", ..., "missing"),
    ("categories", 1, "name", "person", "duplicate-name"),
    ("categories", 1, "id", 1, "duplicate-id"),
    ("categories", 1, "name", None, "not-a-text"),
    ("categories", 0, "skeleton", [[0, 1]], "skeleton"),
    ("categories", 0, "keypoints", "nose", "not-a-list"),
]


@pytest.mark.parametrize(("section", "index", "field", "value", "code"), PLANTED)
def test_a_planted_problem_is_found_in_its_place(tmp_path, section, index, field, value, code):
    bad = document()
    bad[section][index][field] = value
    if value is ...:
        del bad[section][index][field]
    found = check(tmp_path, bad)
    assert (section, index, field, code) in [(p.section, p.index, p.field, p.code) for p in found]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"caption": ""}, "caption", "empty-text"),
        ({"caption": "   "}, "caption", "empty-text"),
        ({"caption": 5}, "caption", "not-a-text"),
        ({"image_id": 77}, "image_id", "no-such-image"),
    ],
)
def test_problems_of_captions(tmp_path, change, field, code):
    bad = captions()
    bad["annotations"][0].update(change)
    assert [(p.field, p.code) for p in check(tmp_path, bad)] == [(field, code)]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"id": 2**24}, "segments_info[0].id", "segment-id"),
        ({"area": 0}, "segments_info[0].area", "wrong-area"),
        ({"bbox": [0, 0, 0, 9]}, "segments_info[0].bbox", "empty-box"),
        ({"category_id": 8}, "category_id", "no-such-category"),
    ],
)
def test_problems_of_panoptic_segments(tmp_path, change, field, code):
    bad = panoptic()
    bad["annotations"][0]["segments_info"][0].update(change)
    assert (field, code) in [(p.field, p.code) for p in check(tmp_path, bad)]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ('{"images": [],\n "annotations": [,]}', "not-json", 2),
        ('{"images": [],\n\n "annotations": [{"id": 1]}', "not-json", 3),
        ('{"images": [], "annotations": [{"id": 1}', "not-json", 1),
        ('{"images": []} x', "not-json", 1),
        ('{"images": []\n "annotations": []}', "not-json", 2),
        ("", "not-json", None),
        ("[]", "not-json", None),
        ('"text"', "not-json", 1),
        ("nonsense", "not-json", 1),
        (b'{"images": [],\n "a": "\xff"}', "not-json", 2),
        ('{"a": 1}'.encode("utf-16"), "not-json", None),
        ('{"a": ' + "[" * 200_000, "not-json", 1),
        ('{"a": ' + "9" * 5_000 + "}", "not-json", 1),
        (b"\xef\xbb\xbf" + json.dumps(document()).encode(), "byte-order-mark", None),
        ('{"annotations": [], "images": [], "images": [], "categories": []}', "duplicate-section", None),
        ('{"images": {}, "annotations": [], "categories": []}', "not-a-list", None),
        ('{"images": [3], "annotations": [], "categories": []}', "not-an-object", None),
        ('{"images": [], "annotations": [], "categories": [], "x": NaN}', "not-a-number", None),
        ('{"images": [], "annotations": [], "categories": [], "x": {"a": 1, "a": 2}}', "duplicate-key", None),
        ('{"images": [], "categories": []}', "missing-section", None),
    ],
)
def test_what_is_wrong_with_the_text(tmp_path, content, code, line):
    found = check(tmp_path, content)
    assert (code, line) in [(problem.code, problem.line) for problem in found]


def test_a_results_file_is_called_by_its_name(tmp_path):
    (problem,) = check(tmp_path, '[{"image_id": 1, "score": 0.5}]')
    assert "a list, as results of a detector are" in problem.wrong


def test_annotations_before_images_are_checked_as_well(tmp_path):
    bad = document()
    bad["annotations"][2]["bbox"] = [55, 5, 10, 10]
    turned = {name: bad[name] for name in ("annotations", "categories", "images")}
    assert [p.code for p in check(tmp_path, turned)] == ["box-outside"]


def test_boxes_of_the_wrong_kind_are_seen_without_outlines(tmp_path):
    bad = document()
    bad["annotations"][2] = {**bad["annotations"][2], "bbox": [30, 20, 50, 38], "segmentation": ...}
    del bad["annotations"][2]["segmentation"]
    assert [p.code for p in check(tmp_path, bad)] == ["missing", "xyxy"]


def test_an_area_that_is_the_boxs_is_explained(tmp_path):
    bad = document()
    bad["annotations"][2].update(segmentation=[[5, 5, 35, 5, 5, 35]], bbox=[5, 5, 30, 30], area=900)
    (problem,) = check(tmp_path, bad)
    assert problem.code == "wrong-area" and "that is the box's" in problem.wrong


def test_overlapping_parts_are_measured_by_filling(tmp_path):
    good = document()
    good["annotations"][2]["segmentation"] = SQUARE * 3
    assert check(tmp_path, good) == []


def test_contiguous_ids_of_cocos_names_are_a_warning(tmp_path):
    bad = document()
    names = [entry["name"] for entry in documents()["instances"]["categories"][:30]]
    bad["categories"] = [{"id": 1 + i, "name": name} for i, name in enumerate(names)]
    (problem,) = check(tmp_path, bad)
    assert (problem.code, problem.level) == ("not-cocos-ids", "warning")


def test_image_files_are_looked_for_and_measured(tmp_path):
    (tmp_path / "annotations").mkdir()
    folder = tmp_path / "val2017"
    folder.mkdir()
    Image.new("RGB", (40, 60)).save(folder / "a.jpg")
    path = tmp_path / "annotations" / "instances_val2017.json"
    path.write_text(json.dumps(document()))
    assert [(p.id, p.code) for p in coco.validate(path)] == [(1, "other-dimensions"), (2, "no-file")]
    (folder / "b.jpg").write_bytes(b"no image")
    assert [p.code for p in coco.validate(path, images=folder)] == ["other-dimensions", "unreadable-image"]


def test_a_missing_file_and_a_folder_are_problems_too(tmp_path):
    assert [p.code for p in coco.validate(tmp_path / "none.json")] == ["unreadable"]
    assert [p.code for p in coco.validate(tmp_path)] == ["unreadable"]


def test_problems_that_repeat_are_counted(tmp_path):
    bad = document()
    bad["annotations"] = [{**bad["annotations"][2], "id": 100 + i, "image_id": 99} for i in range(50)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(bad))
    found = checking.validate(path, most=7)
    assert len(found) == 8 and "43 more" in found[-1].wrong


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_windows_of_any_size_read_the_same(tmp_path, monkeypatch, size):
    bad = copy.deepcopy(document())
    bad["annotations"][2]["image_id"] = 99
    bad["info"]["text"] = 'é\\"€𝄞 \n' * 20
    expected = check(tmp_path, bad)
    monkeypatch.setattr("synscenes.coco.scanning.CHUNK", size)
    assert check(tmp_path, bad) == expected and len(expected) == 1
    broken = json.dumps(bad, indent=1).replace('"width": 60', '"width": 6 0', 1)
    (problem,) = check(tmp_path, broken)
    assert problem.line == broken[: broken.index("6 0")].count("\n") + 1


def test_hurtful_sizes_are_answered_at_once(tmp_path):
    bad = document()
    text = masks.compress([10**9 - 7, 7])
    bad["annotations"][1]["segmentation"] = {"size": [10**5, 10**4], "counts": text}
    bad["images"][0].update(width=10**4, height=10**5)
    bad["annotations"][0]["segmentation"] = [[float(i % 60) for i in range(2 * 10**6)]]
    start = time.process_time()
    assert check(tmp_path, bad)
    assert time.process_time() - start < 30


_ODD = st.one_of(
    st.sampled_from([None, True, [], {}, "", "1", 0, -1, 1e308, -1e308, 10**400, 2**53, [[]], [[[1]]], "\ud800", "NaN",
                     float("nan"), float("inf"), [1, 2, 3, 4], {"size": [40, 60], "counts": "0" * 50},
                     {"size": [10**9, 10**9], "counts": [10**18]}, {"size": [40, 60], "counts": [2**62, 2**62]}]),
    st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(-9, 99), max_size=5),
    st.lists(st.floats(), max_size=4), st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
)  # fmt: skip


@st.composite
def fuzzed(draw):
    """Return the bytes of a file that was good before some of its values, then some of its bytes, were changed."""
    content = draw(st.sampled_from([document, captions, panoptic]))()
    for _ in range(draw(st.integers(0, 4))):
        node, steps = content, draw(st.integers(0, 5))
        for _ in range(steps):
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            inner = [key for key in keys if isinstance(node[key], (dict, list)) and node[key]]
            if not inner:
                break
            node = node[draw(st.sampled_from(inner))]
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        if draw(st.booleans()):
            node[key] = copy.deepcopy(draw(_ODD))
        else:
            del node[key]
        if not content:
            break
    data = bytearray(json.dumps(content, indent=draw(st.sampled_from([None, 1]))).encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.integers(0, 3)) * draw(st.integers(0, 1))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        span = draw(st.integers(0, 12))
        data[start : start + span] = draw(
            st.binary(max_size=6) | st.sampled_from([b"[", b'"', b"}", b",", b"\\", b"-"])
        )
    return bytes(data)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=fuzzed())
def test_any_file_gets_a_report_and_soon(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / f"fuzzed-{os.getpid()}.json"
    path.write_bytes(data)
    start = time.process_time()
    found = coco.validate(path)
    assert time.process_time() - start < 10
    for problem in found:
        assert str(path) in str(problem) and "\n" not in str(problem)


def test_the_command_prints_and_fails(tmp_path):
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text("[]")
    good.write_text(json.dumps(document()))
    call = [sys.executable, "-m", "synscenes", "validate"]
    finished = subprocess.run([*call, str(good), str(bad)], capture_output=True, text=True, check=False)
    assert finished.returncode == 1 and finished.stderr == ""
    assert finished.stdout.splitlines()[0] == f"{good}: 0 errors, 0 warnings"
    assert subprocess.run([*call, str(good)], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not MINI.exists(), reason="no reference COCO files beside the repository")
@pytest.mark.parametrize("name", ["instances", "person_keypoints", "captions"])
@pytest.mark.parametrize("split", ["train", "val"])
def test_real_files_have_no_problem(name, split):
    assert coco.validate(MINI / f"{name}_{split}2017.json") == []
