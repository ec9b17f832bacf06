"""Panoptic files that disagree with themselves or each other: one line, with file and id."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import panoptic_toys as toys
from synscenes.errors import CourseError
from synscenes.metrics import panoptic
from synscenes.panoptic import convert, read_png, write_png

IDS = np.array([[5, 5, 6], [5, 6, 6]], dtype=np.uint32)


@pytest.fixture
def files(tmp_path):
    segments = [toys.segment(5, 1, IDS), toys.segment(6, 10, IDS)]
    return toys.write(tmp_path, "gt", [(IDS, segments)]), toys.write(tmp_path, "dt", [(IDS, segments)])


def edited(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def error_of(files) -> str:
    with pytest.raises(CourseError) as caught:
        panoptic.evaluate(*files[0], *files[1])
    message = str(caught.value)
    assert "\n" not in message
    return message


def segments_of(content):
    return content["annotations"][0]["segments_info"]


JSON_FAULTS = {
    "category": (lambda c: segments_of(c)[0].update(category_id=99), "dt.json, image 1, segment 5: category_id 99"),
    "twice": (
        lambda c: segments_of(c).append(segments_of(c)[0]),
        "dt.json, image 1, segment 5: this id stands there tw",
    ),
    "zero": (lambda c: segments_of(c)[0].update(id=0), "dt.json, image 1, segment 0: ids are whole numbers from 1"),
    "text": (lambda c: segments_of(c)[0].update(id="5"), "dt.json, image 1, segment '5': ids are whole numbers from 1"),
    "not in JSON": (
        lambda c: segments_of(c).pop(),
        "dt/000000000001.png: segment 6 (3 pixels) isn't in dt.json, image 1",
    ),
    "not in PNG": (
        lambda c: segments_of(c).append({"id": 77, "category_id": 1}),
        "dt.json, image 1, segment 77: dt/000000000001.png has no pixel of it",
    ),
    "no prediction": (lambda c: c["annotations"].clear(), "dt.json: no prediction for image 1"),
    "two predictions": (
        lambda c: c["annotations"].append(c["annotations"][0]),
        "dt.json, image 1: it has two annotatio",
    ),
    "no segments": (lambda c: c["annotations"][0].pop("segments_info"), "dt.json: image 1 has no 'segments_info'"),
    "file name": (lambda c: c["annotations"][0].update(file_name="x.png"), "dt/x.png: no such PNG"),
    "detection file": (lambda c: c.pop("annotations"), "dt.json: the file has no 'annotations'"),
}


@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_faults_of_the_json(files, fault):
    change, start = JSON_FAULTS[fault]
    edited(files[1][0], change)
    assert error_of(files).startswith(start)


def test_a_true_area_that_is_wrong(files):
    edited(files[0][0], lambda content: segments_of(content)[1].update(area=4))
    assert error_of(files).startswith("gt.json, image 1, segment 6: area is 4, but gt/000000000001.png has 3 pixels")


def test_a_png_of_another_size(files):
    write_png(files[1][1] / "000000000001.png", IDS[:, :2])
    edited(files[1][0], lambda content: content["images"].clear())
    assert error_of(files).startswith("dt/000000000001.png: 2 × 2 pixels, but gt.json says image 1 is 3 × 2")


def test_a_png_of_another_size_than_its_own_json(files):
    write_png(files[0][1] / "000000000001.png", IDS[:, :2])
    assert error_of(files).startswith("gt/000000000001.png: 2 × 2 pixels, but gt.json says image 1 is 3 × 2")


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "I;16"])
def test_a_png_of_another_mode(files, mode):
    Image.new(mode, (3, 2)).save(files[1][1] / "000000000001.png")
    message = error_of(files)
    assert message.startswith("dt/000000000001.png: a panoptic PNG must be 8-bit RGB") and mode in message


def test_a_png_cut_short(files):
    png = files[1][1] / "000000000001.png"
    png.write_bytes(png.read_bytes()[:40])
    assert error_of(files).startswith("dt/000000000001.png: not a readable PNG")


def test_a_file_that_is_not_png(files):
    (files[1][1] / "000000000001.png").write_text("no picture")
    assert error_of(files).startswith("dt/000000000001.png: not a readable PNG")


def test_a_missing_json(files):
    files[1][0].unlink()
    assert error_of(files).startswith("dt.json: there is no such file")


def test_a_broken_json(files):
    files[1][0].write_text("{")
    assert error_of(files).startswith("dt.json: not valid JSON")


def test_no_categories(files):
    edited(files[0][0], lambda content: content.pop("categories"))
    assert error_of(files).startswith("gt.json: it has no categories")


def detection(**changes) -> dict:
    square = {"size": [2, 3], "counts": [0, 4, 2]}
    annotation = {"id": 7, "image_id": 1, "category_id": 1, "segmentation": square, "iscrowd": 0, **changes}
    image = {"id": 1, "file_name": "1.jpg", "height": 2, "width": 3}
    return {"images": [image], "annotations": [annotation], "categories": toys.CATEGORIES}


def test_masks_that_overlap(tmp_path):
    content = detection()
    content["annotations"].append({**content["annotations"][0], "id": 8})
    with pytest.raises(CourseError, match=r"^detection JSON, image 1, annotation 8: it overlaps annotation 7 in 4 pix"):
        convert.from_detection(content, tmp_path)


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        (
            {"segmentation": {"size": [3, 3], "counts": [0, 4, 5]}},
            "detection JSON, image 1, annotation 7: 3 × 3 pixels",
        ),
        ({"category_id": 99}, "detection JSON, image 1, annotation 7: category_id 99"),
        (
            {"segmentation": {"size": [2, 3], "counts": [6]}},
            "detection JSON, image 1, annotation 7: the mask has no pix",
        ),
        ({"image_id": 5}, "detection JSON: annotation 7 is of image 5"),
    ],
)
def test_faults_of_a_detection_file(tmp_path, changes, start):
    with pytest.raises(CourseError) as caught:
        convert.from_detection(detection(**changes), tmp_path)
    assert str(caught.value).startswith(start)


def test_converting_checks_the_files_too(files):
    edited(files[0][0], lambda content: segments_of(content).pop())
    with pytest.raises(CourseError, match="segment 6"):
        convert.to_detection(*files[0])


def test_reading_a_png_gives_what_was_written(tmp_path):
    ids = np.array([[0, 1, 255], [256, 65536, 2**24 - 1]])
    assert (read_png(write_png(tmp_path / "a.png", ids)) == ids).all()


def test_ids_beyond_24_bits_are_refused(tmp_path):
    with pytest.raises(ValueError, match="16,777,215"):
        write_png(tmp_path / "a.png", np.array([[2**24]]))
