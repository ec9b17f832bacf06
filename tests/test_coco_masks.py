"""Masks, runs and polygons by hand: every answer is pycocotools'."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as peer

from synscenes.coco import masks
from synscenes.errors import CourseError

MINI = Path(__file__).resolve().parents[2] / "shared" / "refs" / "coco_mini" / "annotations"
MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))
TRIPLES = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: st.lists(arrays(bool, shape), min_size=1, max_size=3)
)


def peer_rle(mask):
    return peer.encode(np.asfortranarray(mask.astype(np.uint8)))


def peer_polygons(polygons, height, width):
    return peer.decode(peer.merge(peer.frPyObjects(polygons, height, width))).astype(bool)


def test_the_runs_of_a_small_mask_are_as_one_writes_them():
    mask = np.array([[0, 1, 1], [0, 1, 0]], dtype=bool)
    assert masks.encode(mask) == {"size": [2, 3], "counts": [2, 3, 1]}


@given(MASKS)
def test_encoding_and_text_are_those_of_pycocotools(mask):
    rle = masks.encode(mask)
    assert masks.compress(rle["counts"]).encode() == peer_rle(mask)["counts"]
    assert masks.decompress(peer_rle(mask)["counts"]) == rle["counts"]
    assert (masks.decode(rle) == mask).all() and (masks.decode(peer_rle(mask)) == mask).all()


@given(MASKS)
def test_area_and_box_are_those_of_pycocotools(mask):
    rle = masks.encode(mask)
    assert masks.area(rle) == peer.area(peer_rle(mask)) == mask.sum()
    assert masks.to_bbox(rle) == peer.toBbox(peer_rle(mask)).tolist()


@given(TRIPLES, st.booleans())
def test_union_and_intersection_are_those_of_pycocotools(several, intersect):
    ours = masks.merge([masks.encode(mask) for mask in several], intersect)
    theirs = peer.merge([peer_rle(mask) for mask in several], intersect)
    assert (masks.decode(ours) == peer.decode(theirs)).all()
    assert ours == masks.encode(masks.decode(ours))


@given(TRIPLES, st.booleans())
def test_iou_is_that_of_pycocotools_crowds_too(several, crowd):
    ours = [masks.encode(mask) for mask in several]
    theirs = [peer_rle(mask) for mask in several]
    expected = peer.iou(theirs, theirs, [crowd] * len(several))
    np.testing.assert_array_equal(masks.iou(ours, ours, [crowd] * len(several)), expected)


@given(st.lists(st.integers(0, 2**31 - 1), max_size=30))
def test_text_gives_back_any_run_lengths(counts):
    assert masks.decompress(masks.compress(counts)) == counts


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.lists(st.floats(-15, 45), min_size=6, max_size=16).map(lambda p: p[: len(p) // 2 * 2]),
        min_size=1,
        max_size=3,
    ),
    st.integers(1, 30),
    st.integers(1, 30),
)
@example([[3.0, 3.0, 3.0, 3.0, 9.0, 9.0, 3.0, 9.0]], 10, 10)
@example([[-4.3, -0.05, 40.1, 12.0, 7.5, 44.0]], 20, 30)
def test_polygons_are_filled_pixel_for_pixel_as_pycocotools_does(polygons, height, width):
    assert (masks.polygons_to_mask(polygons, height, width) == peer_polygons(polygons, height, width)).all()


@settings(max_examples=300, deadline=None)
@given(MASKS)
def test_tracing_and_filling_gives_the_mask_back(mask):
    polygons = masks.mask_to_polygons(mask)
    height, width = mask.shape
    assert (masks.polygons_to_mask(polygons, height, width) == mask).all()
    assert all(len(polygon) >= 8 for polygon in polygons)
    if polygons:
        assert (peer_polygons(polygons, height, width) == mask).all()


def test_parts_and_holes():
    mask = np.ones((5, 9), dtype=bool)
    mask[:, 4] = False
    mask[2, 2] = False
    polygons = masks.mask_to_polygons(mask)
    assert len(polygons) == 2 and sorted(map(len, polygons)) == [8, 20]


def test_empty_mask_has_no_polygon_and_no_polygon_is_an_empty_mask():
    assert masks.mask_to_polygons(np.zeros((3, 4))) == []
    assert not masks.polygons_to_mask([], 3, 4).any()


def test_to_mask_takes_all_three_writings():
    mask = np.zeros((6, 7), dtype=bool)
    mask[1:4, 2:6] = True
    rle = masks.encode(mask)
    text = {"size": [6, 7], "counts": masks.compress(rle["counts"])}
    for writing in (masks.mask_to_polygons(mask), rle, text):
        assert (masks.to_mask(writing, 6, 7) == mask).all()


@pytest.mark.parametrize(
    ("rle", "words"),
    [
        ({"size": [2, 2], "counts": [1, 2]}, "add up to 3"),
        ({"size": [2, 2], "counts": [1, -1, 4]}, "run 1 has length -1"),
        ({"size": [10**5, 10**5], "counts": [10**10]}, "no photograph is so large"),
        ({"size": [2, 2], "counts": "4\x7f"}, "character 1"),
        ({"size": [2, 2], "counts": "P"}, "in the middle of a number"),
        ({"size": [2, 2], "counts": "o" * 40}, "more than 60 bits"),
    ],
)
def test_runs_that_do_not_fit_are_refused_in_one_line(rle, words):
    with pytest.raises(CourseError, match=words):
        masks.decode(rle)


@pytest.mark.parametrize("polygon", [[1, 2, 3], [0, 0, 1e12, 0, 5, 5], [0, 0, float("nan"), 1, 2, 2]])
def test_impossible_polygons_are_refused(polygon):
    with pytest.raises(ValueError, match="polygon"):
        masks.polygons_to_mask([polygon], 5, 5)


@pytest.mark.skipif(not MINI.exists(), reason="no reference COCO files beside the repository")
def test_real_annotations_agree_in_mask_area_and_text():
    document = json.loads((MINI / "instances_val2017.json").read_text(encoding="utf-8"))
    sizes = {image["id"]: (image["height"], image["width"]) for image in document["images"]}
    for entry in document["annotations"]:
        shape, (height, width) = entry["segmentation"], sizes[entry["image_id"]]
        ours = masks.to_mask(shape, height, width)
        if isinstance(shape, list):
            theirs = peer.merge(peer.frPyObjects(shape, height, width))
        else:
            theirs = peer.frPyObjects(shape, height, width)
        assert (ours == peer.decode(theirs)).all()
        assert masks.compress(masks.encode(ours)["counts"]).encode() == theirs["counts"]
