"""Other formats: what goes out comes back, what is lost is said, and broken files get one clear line."""

from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from synscenes import conversion
from synscenes.boxes import xywh_to_xyxy
from synscenes.conversion import losses
from synscenes.errors import CourseError

WIDTH, HEIGHT = 64, 48
NAMES = ("person", "dog", "traffic light")
side = st.floats(0.25, 20, allow_nan=False)


@st.composite
def things(draw, outlines: bool):
    """An annotation without ids: a box anywhere in the image, and perhaps an outline that spans it."""
    width, height = draw(side), draw(side)
    left, top = draw(st.floats(0, WIDTH - width)), draw(st.floats(0, HEIGHT - height))
    entry = {"category_id": 10 * draw(st.integers(1, 3)), "bbox": [left, top, width, height], "iscrowd": 0}
    if outlines and draw(st.booleans()):
        right, bottom = left + width, top + height
        entry["segmentation"] = [[left, top, right, top, right, bottom, left, bottom]]
    if outlines and draw(st.booleans()):
        joint = st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT), st.sampled_from([1, 2]))
        joints = [draw(st.one_of(st.just((0.0, 0.0, 0)), joint)) for _ in range(17)]
        if any(visible for *_, visible in joints):
            entry["keypoints"] = [float(value) for joint in joints for value in joint]
    return entry


@st.composite
def documents(draw, outlines: bool = False):
    categories = [{"id": 10 * (n + 1), "name": name, "supercategory": "none"} for n, name in enumerate(NAMES)]
    images = [
        {"id": 7 + n, "file_name": f"{n:03d}.png", "width": WIDTH, "height": HEIGHT}
        for n in range(draw(st.integers(1, 3)))
    ]
    annotations = []
    for image in images:
        for entry in draw(st.lists(things(outlines), max_size=4)):
            annotations.append({"id": 100 + len(annotations), "image_id": image["id"], "area": 1.0, **entry})
    return {"images": images, "annotations": annotations, "categories": categories}


def there_and_back(document, format, folder):
    photographs = folder / "photographs"
    photographs.mkdir(exist_ok=True)
    for image in document["images"]:
        Image.new("RGB", (image["width"], image["height"])).save(photographs / image["file_name"])
    written = conversion.write(document, folder / format, format, images=photographs)
    return conversion.read(written, format, categories=document["categories"])


def boxes(document):
    """Boxes with image name and category, in order."""
    name = {image["id"]: image["file_name"] for image in document["images"]}
    return [(name[entry["image_id"]], entry["category_id"], entry["bbox"]) for entry in document["annotations"]]


@given(document=documents())
@settings(max_examples=25, deadline=None)
def test_boxes_survive_yolo_and_labelme(document, tmp_path_factory):
    for format in ("yolo", "labelme"):
        back = there_and_back(document, format, tmp_path_factory.mktemp("convert"))
        for (name, category, box), (name_back, category_back, box_back) in zip(
            boxes(document), boxes(back), strict=True
        ):
            assert (name, category) == (name_back, category_back)
            assert np.allclose(box, box_back, atol=1e-9, rtol=0)


@given(document=documents())
@settings(max_examples=25, deadline=None)
def test_voc_keeps_the_pixels_a_box_touches(document, tmp_path_factory):
    back = there_and_back(document, "voc", tmp_path_factory.mktemp("convert"))
    for (_, category, box), (_, category_back, box_back) in zip(boxes(document), boxes(back), strict=True):
        before, after = xywh_to_xyxy(box), xywh_to_xyxy(box_back)
        assert category == category_back
        assert (after[:2] <= before[:2]).all() and (after[2:] >= before[2:]).all()
        assert (np.abs(after - before) < 1).all()


@given(document=documents(outlines=True))
@settings(max_examples=25, deadline=None)
def test_labelme_keeps_outlines_and_joints(document, tmp_path_factory):
    back = there_and_back(document, "labelme", tmp_path_factory.mktemp("convert"))
    for before, after in zip(document["annotations"], back["annotations"], strict=True):
        assert after.get("segmentation") == before.get("segmentation")
        assert after.get("keypoints") == before.get("keypoints")


@given(document=documents(outlines=True))
@settings(max_examples=12, deadline=None)
@pytest.mark.parametrize("format", conversion.FORMATS)
def test_a_second_trip_changes_nothing(format, document, tmp_path_factory):
    folder = tmp_path_factory.mktemp("convert")
    once = there_and_back(document, format, folder)
    twice = there_and_back(once, format, folder)
    assert len(once["annotations"]) == len(twice["annotations"])
    assert np.allclose([box for *_, box in boxes(once)], [box for *_, box in boxes(twice)], atol=1e-9)
    assert [e.get("segmentation") for e in twice["annotations"]] == [e.get("segmentation") for e in once["annotations"]]


@given(document=documents(outlines=True))
@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("format", conversion.FORMATS)
def test_whatever_is_not_listed_as_lost_is_kept(format, document, tmp_path_factory):
    listed = set(losses(document, format)["what"])
    back = there_and_back(document, format, tmp_path_factory.mktemp("convert"))
    same = {
        "outlines": [e.get("segmentation") for e in document["annotations"]]
        == [e.get("segmentation") for e in back["annotations"]],
        "joints": [e.get("keypoints") for e in document["annotations"]]
        == [e.get("keypoints") for e in back["annotations"]],
        "boxes": all(np.allclose(a[2], b[2], atol=1e-9) for a, b in zip(boxes(document), boxes(back), strict=True)),
        "image ids": [i["id"] for i in document["images"]] == [i["id"] for i in back["images"]],
    }
    assert {what for what, kept in same.items() if not kept} <= listed


def small_document():
    return {
        "images": [{"id": 5, "file_name": "a.png", "width": WIDTH, "height": HEIGHT, "license": 1}],
        "categories": [{"id": 18, "name": "dog", "supercategory": "animal"}, {"id": 1, "name": "person"}],
        "annotations": [
            {"id": 9, "image_id": 5, "category_id": 18, "bbox": [3, 4, 10, 20], "area": 120, "iscrowd": 0,
             "segmentation": [[3, 4, 13, 4, 13, 24], [3, 20, 5, 24, 3, 24]]},
            {"id": 11, "image_id": 5, "category_id": 18, "bbox": [0, 0, 2, 2], "area": 4, "iscrowd": 1,
             "segmentation": {"size": [HEIGHT, WIDTH], "counts": [0, 2, 46, 2, 64 * 48 - 50]}},
        ],
    }  # fmt: skip


def test_losses_are_counted_in_the_document():
    found = losses(small_document(), "yolo").set_index("what")
    assert found.loc["outlines", "here"] == 2 and found.loc["crowds", "becomes"] == "lost"
    assert found.loc["mask areas", "here"] == 1  # the crowd's area is its box's
    assert "boxes" not in losses(small_document(), "voc")["what"].tolist()  # whole pixels: VOC keeps them


def test_a_crowd_is_left_out_by_yolo_difficult_in_voc_flagged_in_labelme(tmp_path):
    kept = {}
    for format in conversion.FORMATS:
        (tmp_path / format).mkdir()
        kept[format] = there_and_back(small_document(), format, tmp_path / format)["annotations"]
    assert [entry["iscrowd"] for entry in kept["yolo"]] == [0]
    assert [entry["iscrowd"] for entry in kept["voc"]] == [0, 1]
    assert [entry["iscrowd"] for entry in kept["labelme"]] == [0, 1]
    assert kept["labelme"][1]["area"] == 4


def test_voc_counts_pixels_from_one(tmp_path):
    conversion.write(small_document(), tmp_path, "voc")
    text = (tmp_path / "Annotations" / "a.xml").read_text()
    assert "<xmin>4</xmin>" in text and "<ymin>5</ymin>" in text
    assert "<xmax>13</xmax>" in text and "<ymax>24</ymax>" in text


def test_torchvision_reads_the_voc_folder(tmp_path):
    from torchvision.datasets import VOCDetection

    root = tmp_path / "VOCdevkit" / "VOC2012"
    root.mkdir(parents=True)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    document = small_document()
    document["images"][0]["file_name"] = "a.jpg"
    Image.new("RGB", (WIDTH, HEIGHT)).save(pictures / "a.jpg")
    conversion.write(document, root, "voc", images=pictures)
    # torchvision admits only the official names of image sets.
    (root / "ImageSets" / "Main" / "default.txt").rename(root / "ImageSets" / "Main" / "train.txt")
    _, target = VOCDetection(tmp_path, year="2012", image_set="train")[0]
    assert target["annotation"]["object"][0]["bndbox"] == {"xmin": "4", "ymin": "5", "xmax": "13", "ymax": "24"}


def test_without_given_categories_ids_are_made(tmp_path):
    conversion.write(small_document(), tmp_path, "voc")
    back = conversion.read(tmp_path, "voc")
    assert [(entry["id"], entry["name"]) for entry in back["categories"]] == [(1, "dog")]


def test_writing_does_not_change_the_document(tmp_path):
    document = small_document()
    before = copy.deepcopy(document)
    for format in conversion.FORMATS:
        conversion.write(document, tmp_path / format, format)
    assert document == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": [{"id": 5, "file_name": "../a.png", "width": 4, "height": 4}]}, "without folders"),
        ({"images": [{"id": 5, "file_name": "C:\\a.png", "width": 4, "height": 4}]}, "without folders"),
        ({"images": [{"id": 6, "file_name": "a.png", "width": 4, "height": 4}]}, "no image has the id 5"),
        ({"categories": []}, "no category 18"),
        (
            {"images": [{"id": n, "file_name": f"a.{n}", "width": 4, "height": 4} for n in (5, 6)]},
            "share one label file",
        ),
        (
            {"images": [{"id": n, "file_name": "a.png", "width": 4, "height": 4} for n in (5, 6)]},
            "share one label file",
        ),
    ],
)
@pytest.mark.parametrize("format", conversion.FORMATS)
def test_a_document_that_cannot_be_written_says_why(format, change, message, tmp_path):
    with pytest.raises(CourseError, match=message) as caught:
        conversion.write(small_document() | change, tmp_path / "out", format)
    assert "\n" not in str(caught.value)


def yolo_folder(folder, labels: str, data: str = "names: [dog, person]\n"):
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    Image.new("RGB", (8, 8)).save(folder / "images" / "a.png")
    (folder / "labels" / "a.txt").write_text(labels)
    (folder / "data.yaml").write_text(data)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("0 0.5 0.5 0.2\n", "line 1: expected 5 numbers"),
        ("0 0.5 0.5 0.2 0.2\n\nx 0.5 0.5 0.2 0.2\n", "line 3: .* is not one whole number"),
        ("2 0.5 0.5 0.2 0.2\n", "class 2 is not in data.yaml"),
        ("0 120 80 20 20\n", "were pixels written"),
        ("0 nan 0.5 0.2 0.2\n", "outside 0 to 1"),
        ("0 0.1 0.1 0.2 0.1 0.2 0.2\n", "other dialects"),
    ],
)
def test_a_broken_yolo_file_is_named_with_its_line(labels, message, tmp_path):
    yolo_folder(tmp_path, labels)
    with pytest.raises(CourseError, match=message):
        conversion.read(tmp_path, "yolo")


@pytest.mark.parametrize("data", ["nonsense", "names: 3", "names: {1: dog}", "names: [", "!!python/object:a.b {}"])
def test_a_broken_data_yaml_is_refused(data, tmp_path):
    yolo_folder(tmp_path, "", data)
    with pytest.raises(CourseError, match=r"data\.yaml"):
        conversion.read(tmp_path, "yolo")


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<annotation>", "is not XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><annotation/>", "DOCTYPE"),
        ("<annotation/>", "size/width"),
        ("<annotation><size><width>0</width><height>0</height></size></annotation>", "the photograph's own"),
        ("<annotation><size><width>inf</width><height>4</height></size></annotation>", "size/width"),
        (
            "<annotation><size><width>9</width><height>9</height></size><object><name>dog</name><bndbox><xmin>5</xmin>"
            "<ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>",
            "object 1: xmax, ymax come before",
        ),
    ],
)
def test_a_broken_voc_file_is_named(xml, message, tmp_path):
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations" / "a.xml").write_text(xml)
    with pytest.raises(CourseError, match=message):
        conversion.read(tmp_path, "voc")


def labelme_file(folder, **changes):
    shape = {"label": "dog", "points": [[1, 1], [4, 5]], "group_id": 1, "shape_type": "rectangle", "flags": {}}
    content = {"imagePath": "a.png", "imageHeight": 8, "imageWidth": 8, "shapes": [shape | changes.pop("shape", {})]}
    (folder / "a.json").write_text(json.dumps(content | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"imageWidth": "8"}, "imageWidth"),
        ({"shapes": 3}, "`shapes` should be a list"),
        ({"shape": {"label": None}}, r"shapes\[0\]: no label"),
        ({"shape": {"points": [[1, 1]]}}, "a rectangle needs 2 points"),
        ({"shape": {"points": [[1, "x"], [2, 2]]}}, "a rectangle needs 2 points"),
        ({"shape": {"points": [[1, math.inf], [2, 2]]}}, "a rectangle needs 2 points"),
        ({"shape": {"points": [[1, 1], [1e9, 2]]}}, "a rectangle needs 2 points"),
        ({"shape": {"shape_type": "circle"}}, "'circle' is not read"),
        ({"shape": {"shape_type": "point", "points": [[1, 1]], "label": "nose"}}, "joints without a box"),
        ({"shape": {"group_id": [1]}}, "group_id should be a number"),
    ],
)
def test_a_broken_labelme_file_is_named(changes, message, tmp_path):
    labelme_file(tmp_path, **changes)
    with pytest.raises(CourseError, match=message):
        conversion.read(tmp_path, "labelme")


def test_labelme_paths_with_folders_lead_nowhere_else(tmp_path):
    labelme_file(tmp_path, imagePath="..\\..\\secret\\a.png")
    assert conversion.read(tmp_path, "labelme")["images"][0]["file_name"] == "a.png"


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(CourseError, match="yolo, voc, labelme"):
        conversion.write(small_document(), tmp_path, "createml")
