"""Panoptic ↔ detection ↔ semantic, there and back, and against panopticapi's own conversions; fusion by rule."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import panoptic_toys as toys
from synscenes.coco import masks
from synscenes.panoptic import convert, fusion, ids_to_rgb, read_png, rgb_to_ids
from synscenes.panoptic.segments import describe, from_semantic_map, segment_id, semantic_map
from test_panoptic import with_references

SEEDS = st.integers(0, 2**32 - 1)


def without_ids(content: dict) -> list[dict]:
    return [{key: value for key, value in each.items() if key != "id"} for each in content["annotations"]]


def same_segments(source, folder, content, new_folder) -> bool:
    """Whether two sets have the same segments (pixels, category, crowd), whatever their ids."""
    first, second = (
        {(each["image_id"], each["category_id"], each["iscrowd"], each["segmentation"]["counts"])
         for each in convert.to_detection(*files)["annotations"]}
        for files in ((source, folder), (content, new_folder))
    )  # fmt: skip
    return first == second


@settings(deadline=None, max_examples=60)
@given(ids=st.lists(st.integers(0, 2**24 - 1), min_size=1))
def test_ids_survive_as_colours(ids):
    assert rgb_to_ids(ids_to_rgb([ids])).tolist() == [ids]


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_detection_and_back(tmp_path_factory, seed):
    root = tmp_path_factory.mktemp("convert")
    source, folder = toys.write(root, "gt", [toys.random_image(np.random.default_rng(seed), True)])
    content = convert.from_detection(convert.to_detection(source, folder), root / "new", toys.CATEGORIES)
    assert same_segments(source, folder, content, root / "new")
    pixels = zip(sorted(folder.iterdir()), sorted((root / "new").iterdir()))
    assert all(((read_png(a) == 0) == (read_png(b) == 0)).all() for a, b in pixels)


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_things_and_semantic_together_lead_back(tmp_path_factory, seed):
    root = tmp_path_factory.mktemp("convert")
    ids, segments = toys.random_image(np.random.default_rng(seed), False)
    # One segment a stuff category, as the format wants it.
    stuff = {each["category_id"]: each["id"] for each in segments if each["category_id"] >= 10}
    for each in segments:
        if each["category_id"] in stuff:
            ids[ids == each["id"]] = stuff[each["category_id"]]
    segments = describe(ids, {each["id"]: each["category_id"] for each in segments})
    source, folder = toys.write(root, "gt", [(ids, segments)])
    both = convert.to_detection(source, folder, things_only=True), convert.to_semantic(source, folder)
    content = convert.from_both(*both, root / "new", toys.CATEGORIES)
    assert same_segments(source, folder, content, root / "new")


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_a_semantic_file_holds_the_semantic_map(tmp_path_factory, seed):
    ids, segments = toys.random_image(np.random.default_rng(seed), True)
    source, folder = toys.write(tmp_path_factory.mktemp("convert"), "gt", [(ids, segments)])
    painted = np.zeros(ids.shape, dtype=int)
    for each in convert.to_semantic(source, folder)["annotations"]:
        painted[masks.to_mask(each["segmentation"], *ids.shape)] = each["category_id"]
    assert (painted == semantic_map(ids, segments)).all()


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_the_semantic_map_survives_panoptic(seed):
    ids, segments = toys.random_image(np.random.default_rng(seed), False)
    semantic = semantic_map(ids, segments)
    assert (semantic_map(*from_semantic_map(semantic, things={1, 2})) == semantic).all()


@pytest.mark.parametrize("things_only", [False, True])
def test_detection_equals_panopticapi(things_only):
    folder = with_references("panopticapi")
    other = "converted/panoptic_coco_detection_format_things_only" if things_only else "panoptic_coco_detection_format"
    expected = json.loads((folder / f"{other}.json").read_text())
    ours = convert.to_detection(folder / "panoptic_examples.json", None, things_only)
    assert without_ids(ours) == without_ids(expected)
    assert [each["id"] for each in ours["annotations"]] == list(range(1, len(expected["annotations"]) + 1))


def test_semantic_equals_panopticapi():
    folder = with_references("panopticapi")
    expected = json.loads((folder / "converted/semantic_segmentation_coco_format.json").read_text())
    ours = convert.to_semantic(folder / "panoptic_examples.json")
    assert without_ids(ours) == without_ids(expected) and ours["categories"] == expected["categories"]


def test_describing_equals_the_official_json(tmp_path):
    folder = with_references("panopticapi")
    for entry in json.loads((folder / "panoptic_examples.json").read_text())["annotations"]:
        official = {each["id"]: each for each in entry["segments_info"]}
        ids = read_png(folder / "panoptic_examples" / entry["file_name"])
        crowds = {number for number, each in official.items() if each["iscrowd"]}
        ours = describe(ids, {number: each["category_id"] for number, each in official.items()}, crowds)
        assert {each["id"]: each for each in ours} == official


def test_touching_things_of_a_semantic_map_become_one():
    ids, segments = from_semantic_map(np.array([[1, 1, 0, 1, 10, 0, 10]]), things={1})
    assert ids.tolist() == [[1001, 1001, 0, 1002, 10001, 0, 10001]]
    assert [each["area"] for each in segments] == [2, 1, 2]


def fuse(masks, scores, semantic=(0, 0, 0, 0), **options) -> list[int]:
    things = np.array([[int(each) for each in row] for row in masks], dtype=bool).reshape(-1, 1, 4)
    ids, segments = fusion.fuse(things, scores, [1] * len(things), np.array([semantic]), {10}, stuff_area=2, **options)
    assert {each["id"] for each in segments} == set(np.unique(ids).tolist()) - {0}
    return ids[0].tolist()


def test_the_surest_instance_takes_the_pixels():
    assert fuse(["1110", "0011"], [0.6, 0.9]) == [1002, 1002, 1001, 1001]


def test_an_unsure_instance_is_dropped():
    assert fuse(["1100"], [0.4]) == [0, 0, 0, 0]


def test_an_instance_mostly_taken_is_dropped():
    assert fuse(["1110", "0111"], [0.9, 0.8]) == [1001, 1001, 1001, 0]


def test_stuff_gets_what_is_free_if_that_is_enough():
    assert fuse(["1000"], [0.9], [10, 10, 10, 10]) == [1001, 10001, 10001, 10001]
    assert fuse(["1110"], [0.9], [10, 10, 10, 10]) == [1001, 1001, 1001, 0]


def test_a_thing_of_the_semantic_map_is_not_stuff():
    assert fuse([], [], [1, 1, 10, 10]) == [0, 0, 10001, 10001]


@settings(deadline=None, max_examples=60)
@given(seed=SEEDS)
def test_fusing_the_truth_gives_the_truth(seed):
    ids, segments = toys.random_image(np.random.default_rng(seed), False)
    things = [each for each in segments if each["category_id"] < 10]
    shapes = np.array([ids == each["id"] for each in things]).reshape(-1, *ids.shape)
    semantic = semantic_map(ids, segments)
    fused, _ = fusion.fuse(
        shapes, np.ones(len(things)), [each["category_id"] for each in things], semantic, {10, 11}, stuff_area=0
    )
    for each in things:
        assert len(np.unique(fused[ids == each["id"]])) == 1
    assert ((fused == 0) == (ids == 0)).all()
    assert len(np.unique(fused[fused > 0])) == len(things) + len(np.unique(semantic[semantic >= 10]))


def test_fusion_refuses_lists_of_different_lengths():
    with pytest.raises(ValueError, match="2 masks, 1 scores"):
        fusion.fuse(np.zeros((2, 2, 2), bool), [1.0], [1, 1], np.zeros((2, 2), int), {10})


def test_segment_ids_stay_apart():
    assert segment_id(1, 999) + 2 == segment_id(2, 1)
    with pytest.raises(ValueError, match="999"):
        segment_id(1, 1000)
