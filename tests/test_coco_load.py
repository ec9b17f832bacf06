"""Loading into tables and writing back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synscenes import coco
from synscenes.coco import loading
from synscenes.errors import CourseError

MINI = Path(__file__).resolve().parents[2] / "shared" / "refs" / "coco_mini" / "annotations"
needs_mini = pytest.mark.skipif(not MINI.exists(), reason="no reference COCO files beside the repository")

DOCUMENT = {
    "info": {"year": 2017, "note": 'a "segmentation": [[1]] in a text'},
    "images": [
        {"id": 7, "file_name": "a.jpg", "height": 20, "width": 30},
        {"id": 9, "file_name": "b.jpg", "height": 20, "width": 30, "license": 2},
    ],
    "annotations": [
        {"id": 3, "image_id": 9, "category_id": 18, "segmentation": [[1, 1, 9.5, 1, 9, 9]], "area": 34.0,
         "bbox": [1, 1, 8.5, 8], "iscrowd": 0},
        {"id": 5, "image_id": 9, "category_id": 1, "segmentation": {"counts": [0, 2000], "size": [20, 100]},
         "area": 2000, "bbox": [0, 0, 100, 20], "iscrowd": 1},
        {"id": 4, "image_id": 7, "category_id": 1, "segmentation": {"size": [20, 30], "counts": "0`b0"},
         "area": 10000, "bbox": [0, 0, 30, 20], "iscrowd": 0, "note": None},
    ],
    "categories": [{"supercategory": "person", "id": 1, "name": "person"},
                   {"supercategory": "animal", "id": 18, "name": "dog"}],
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return path


def test_tables_have_a_row_a_record_in_the_files_order(path):
    dataset = coco.load(path)
    assert dataset.images["id"].tolist() == [7, 9]
    assert dataset.annotations["id"].tolist() == [3, 5, 4]
    assert dataset.annotations["category"].tolist() == ["dog", "person", "person"]
    assert dataset.annotations["supercategory"].tolist() == ["animal", "person", "person"]
    assert dataset.annotations["size"].tolist() == ["small", "medium", "large"]
    assert dataset.annotations["iscrowd"].tolist() == [False, True, False]
    assert dataset.annotations[["left", "top", "width", "height"]].iloc[0].tolist() == [1, 1, 8.5, 8]


@pytest.mark.parametrize("indent", [None, 1])
def test_records_come_back_as_the_file_has_them(tmp_path, indent):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT, indent=indent), encoding="utf-8")
    dataset = coco.load(path)
    assert [dataset.record(i) for i in (3, 5, 4)] == DOCUMENT["annotations"]
    assert dataset.records(9) == DOCUMENT["annotations"][:2] and dataset.records(8) == []
    assert dataset.document["info"] == DOCUMENT["info"]


def test_outlines_are_not_parsed_until_asked_for(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT).replace("9.5", "9..5"), encoding="utf-8")
    dataset = coco.load(path)
    with pytest.raises(CourseError, match="segmentation number 1"):
        dataset.segmentation(3)


def test_a_missing_outline_and_an_id_that_is_no_number_are_told_in_a_line(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT).replace('"segmentation": [[1, 1', '"outline": [[1, 1'), encoding="utf-8")
    for ask in (coco.load(path).segmentation, coco.load(path).mask):
        with pytest.raises(CourseError, match="annotations: 3 has no outline"):
            ask(3)
    path.write_text(json.dumps(DOCUMENT).replace('"id": 5', '"id": {}'), encoding="utf-8")
    with pytest.raises(CourseError, match="annotations: an `id` is not a number"):
        coco.load(path).record(3)


def test_a_mask_is_pycocotools(path, capsys):
    from pycocotools.coco import COCO

    reference = COCO(str(path))
    assert (coco.load(path).mask(3) == reference.annToMask(reference.anns[3])).all()


def test_saving_what_was_loaded_gives_the_same_bytes(path, tmp_path):
    first = coco.save(DOCUMENT, tmp_path / "first.json").read_bytes()
    dataset = coco.load(tmp_path / "first.json")
    dataset.images, dataset.annotations, dataset.categories  # noqa: B018
    assert coco.save(dataset, tmp_path / "second.json").read_bytes() == first
    assert json.loads(first) == DOCUMENT and list(json.loads(first)) == list(DOCUMENT)


@pytest.mark.parametrize("ids", [(5, 5), (None, None), (None, 5)])
def test_outlines_stay_with_their_objects_where_ids_repeat_or_lack(ids, tmp_path):
    entries = [
        {"image_id": 9, "category_id": 18, "bbox": [0, 0, n, n], "area": n, "iscrowd": 0,
         "segmentation": [[0, 0, n, 0, n, n]]}
        for n in (4, 8)
    ]
    entries = [{"id": number} | entry if number else entry for number, entry in zip(ids, entries)]
    document = DOCUMENT | {"annotations": entries}
    dataset = coco.load(coco.save(document, tmp_path / "a.json"))
    dataset.annotations  # noqa: B018
    assert json.loads(coco.save(dataset, tmp_path / "b.json").read_text())["annotations"] == entries


def test_changed_tables_are_what_is_saved(path, tmp_path):
    dataset = coco.load(path)
    dataset.annotations = dataset.annotations[~dataset.annotations["iscrowd"]].copy()
    dataset.annotations.loc[dataset.annotations["id"] == 3, "left"] = 2.5
    saved = json.loads(coco.save(dataset, tmp_path / "b.json").read_text())
    assert [entry["id"] for entry in saved["annotations"]] == [3, 4]
    assert saved["annotations"][0]["bbox"] == [2.5, 1.0, 8.5, 8.0]
    assert saved["annotations"][1] == DOCUMENT["annotations"][2]


def test_nothing_is_written_where_a_value_is_not_json(tmp_path):
    target = tmp_path / "a.json"
    target.write_text("old")
    with pytest.raises(CourseError, match="not written"):
        coco.save({"images": [{"id": float("nan")}]}, target)
    assert target.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), st.lists(_JSON, max_size=3) | _JSON, max_size=4))
def test_any_document_is_byte_stable(tmp_path_factory, document):
    folder = tmp_path_factory.mktemp("save")
    first = coco.save(document, folder / "a.json").read_bytes()
    assert json.loads(first) == document
    assert coco.save(json.loads(first), folder / "b.json").read_bytes() == first


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.lists(st.lists(st.floats(0, 99), max_size=6), max_size=3))
def test_texts_that_look_like_outlines_are_left_alone(text, outline):
    document = {
        "annotations": [{'a "segmentation"': text, "segmentation": outline, "caption": f'"segmentation": {text}'}]
    }
    found, outlines = loading.parse(json.dumps(document).encode(), "here")
    entry = found["annotations"][0]
    assert entry["caption"] == f'"segmentation": {text}' and entry['a "segmentation"'] == text
    assert outlines[entry["segmentation"]] == outline


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"images": [}', "line 1, column 13"),
        (b'{"images": [],\n"annotations": [{"segmentation": [[1,\n2]]}\n', "line 4, column 1"),
        (b"[]", "is a list, as results are"),
        (b"3", "holds no object"),
        (b'{"images": []}', "`annotations` must be a list"),
        (b'{"images": [3], "annotations": []}', "`images` must be a list of objects"),
        (b'{"images": [{"id": 1}, {}], "annotations": []}', r"images\[1\] has no `id`"),
        (b'{"images": [{"id": [1]}], "annotations": []}', "`id` of images must be a number"),
        (b"\xff\xfe\xfa", "is not JSON text"),
        (b"[" * 100_000, "recursion"),
    ],
)
def test_what_is_no_coco_file_is_refused_in_one_line(tmp_path, content, words):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=words):
        coco.load(path)
    with pytest.raises(CourseError, match="can't be read"):
        coco.load(tmp_path)


def test_a_panoptic_file_has_a_row_a_segment(tmp_path):
    segments = [{"id": 5, "category_id": 1, "area": 50, "bbox": [0, 0, 10, 5], "iscrowd": 0},
                {"id": 6, "category_id": 119, "area": 70, "bbox": [0, 5, 10, 7], "iscrowd": 0}]  # fmt: skip
    document = {
        "images": [{"id": 7, "file_name": "a.jpg", "height": 12, "width": 10}],
        "annotations": [{"image_id": 7, "file_name": "a.png", "segments_info": segments}],
        "categories": [{"id": 1, "name": "person", "supercategory": "person", "isthing": 1},
                       {"id": 119, "name": "flower", "supercategory": "plant", "isthing": 0}],
    }  # fmt: skip
    coco.save(document, tmp_path / "panoptic.json")
    dataset = coco.load(tmp_path / "panoptic.json")
    assert dataset.kind == "panoptic"
    assert dataset.annotations["category"].tolist() == ["person", "flower"]
    assert dataset.records(7) == document["annotations"]
    assert coco.save(dataset, tmp_path / "b.json").read_bytes() == (tmp_path / "panoptic.json").read_bytes()


@needs_mini
@pytest.mark.parametrize("name", ["instances", "person_keypoints", "captions"])
def test_real_files_load_whole_and_come_back_whole(name, tmp_path):
    path = MINI / f"{name}_val2017.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    dataset = coco.load(path)
    assert [dataset.record_at(i) for i in range(len(dataset.annotations))] == document["annotations"]
    assert json.loads(coco.save(dataset, tmp_path / "a.json").read_text()) == document
    if name == "instances":
        assert np.isclose(dataset.annotations["area"].sum(), sum(entry["area"] for entry in document["annotations"]))
