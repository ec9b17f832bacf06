"""Drawing: what lands on the Axes, where labels go, and what the alternative text says."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Rectangle

from synscenes import boxes, draw
from synscenes.describing import stuff_names
from synscenes.first_photo import documents

DOG, PERSON = documents()["instances"]["annotations"]
JOINTS = documents()["person_keypoints"]["annotations"]
NAMES = {entry["id"]: entry["name"] for entry in documents()["instances"]["categories"]}


@pytest.fixture
def ax():
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    draw.show_image(axes, np.zeros((512, 512, 3), dtype=np.uint8))
    yield axes
    plt.close(figure)


def test_skeleton_is_the_official_one_counted_from_zero():
    official = documents()["person_keypoints"]["categories"][0]
    assert list(draw.KEYPOINTS) == official["keypoints"] and len(draw.KEYPOINTS) == 17
    assert [[a + 1, b + 1] for a, b in draw.SKELETON] == official["skeleton"] and len(draw.SKELETON) == 19


def test_image_uses_pixel_corners_not_pixel_centres(ax):
    assert ax.get_xlim() == (0, 512) and ax.get_ylim() == (512, 0)


def test_annotation_box_is_drawn_as_its_corners(ax):
    draw.draw_boxes(ax, [DOG])
    rectangle = next(patch for patch in ax.patches if isinstance(patch, Rectangle))
    assert rectangle.get_xy() == tuple(DOG["bbox"][:2])
    assert (rectangle.get_width(), rectangle.get_height()) == pytest.approx(tuple(DOG["bbox"][2:]))


def test_array_of_boxes_is_taken_as_corners(ax):
    draw.draw_boxes(ax, [[10, 20, 30, 60]])
    assert (ax.patches[0].get_width(), ax.patches[0].get_height()) == (20, 40)


def test_a_category_has_the_same_colour_in_every_figure(ax):
    draw.draw_boxes(ax, [DOG, PERSON])
    both = [patch.get_edgecolor() for patch in ax.patches[1::2]]
    draw.draw_boxes(ax, [PERSON])
    assert ax.patches[-1].get_edgecolor() == both[1] != both[0]


def test_masks_from_polygons_arrays_and_rle_leave_the_view_alone(ax):
    from pycocotools import mask as tools

    pixels = draw.mask_of(DOG, 512, 512)
    rle = {"segmentation": tools.encode(np.asfortranarray(pixels.astype(np.uint8))), "category_id": 18}
    draw.draw_masks(ax, [DOG])
    draw.draw_masks(ax, pixels[None])
    draw.draw_masks(ax, [rle])
    assert ax.get_xlim() == (0, 512) and ax.get_ylim() == (512, 0)
    assert (draw.mask_of(rle) == pixels).all()


def test_uncompressed_rle_is_read():
    # COCO's crowds: column by column, first the zeros.
    mask = draw.mask_of({"segmentation": {"counts": [2, 3, 1], "size": [2, 3]}})
    assert mask.tolist() == [[False, True, True], [False, True, False]]


def test_polygons_without_an_image_size_are_refused():
    with pytest.raises(ValueError, match="height and width"):
        draw.mask_of(DOG)


def test_unmarked_joints_are_not_drawn(ax):
    draw.draw_keypoints(ax, JOINTS)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(dots) == 6
    draw.draw_keypoints(ax, np.zeros((1, 17, 3)))
    assert len([line for line in ax.lines if line.get_marker() == "o"]) == 6


def test_keypoints_of_another_body_are_refused(ax):
    with pytest.raises(ValueError, match="17 joints"):
        draw.draw_keypoints(ax, np.zeros((1, 5, 3)))


def test_wrong_number_of_colours_or_texts_is_refused(ax):
    with pytest.raises(ValueError, match="colours: expected 2"):
        draw.draw_boxes(ax, [DOG, PERSON], ["red"])
    with pytest.raises(ValueError, match="texts: expected one"):
        draw.draw_labels(ax, ["dog"], [DOG, PERSON])


def test_nothing_to_draw_is_no_error(ax):
    for function in (draw.draw_boxes, draw.draw_masks, draw.draw_keypoints):
        function(ax, [])
    assert draw.draw_labels(ax, [], []) == []


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 500), st.floats(0, 500), st.floats(1, 300), st.floats(1, 300)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([(5, 5), (2.5, 4)]),
)
def test_labels_stay_inside_and_apart(found, size):
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    draw.show_image(axes, np.zeros((512, 512, 3), dtype=np.uint8))
    corners = boxes.xywh_to_xyxy(found)
    labels = draw.draw_labels(axes, ["traffic light"] * len(corners), corners)
    pills = [draw._extent(axes, label) for label in labels]
    plt.close(figure)
    for index, (left, top, right, bottom) in enumerate(pills):
        assert left >= -0.5 and top >= -0.5 and right <= 512.5 and bottom <= 512.5
        for other in pills[:index]:
            beside = left >= other[2] - 0.5 or right <= other[0] + 0.5
            apart = beside or top >= other[3] - 0.5 or bottom <= other[1] + 0.5
            assert apart, "two labels overlap"


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([], "nothing annotated"),
        ([(18, 0, 9), (1, 0, 5)], "a dog and a person"),
        ([(1, 0, 5), (18, 0, 9)], "a dog and a person"),
        ([(1, 0, 5), (1, 0, 5), (28, 0, 1)], "two people and an umbrella"),
        ([(1, 1, 50), (1, 0, 5), (6, 0, 1), (6, 0, 1)], "a group of people, a person and two buses"),
        ([(49, 0, 3), (49, 0, 3), (46, 0, 1), (46, 0, 1)], "two knives and two wine glasses"),
        ([(35, 0, 3), (87, 0, 1), (87, 0, 1)], "a pair of skis and two pairs of scissors"),
        ([(56, 0, 3), (20, 0, 2), (20, 0, 2)], "two sheep and a piece of broccoli"),
        ([(74, 0, 1)] * 12, "12 mice"),
    ],
)
def test_description(things, words):
    annotations = [{"category_id": c, "iscrowd": crowd, "area": area} for c, crowd, area in things]
    assert draw.describe(annotations, NAMES) == words
    assert draw.describe(annotations, documents()["instances"]["categories"]) == words


def test_description_names_an_unknown_category():
    with pytest.raises(ValueError, match="no category with id 12"):
        draw.describe([{"category_id": 12}], NAMES)


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2, *[st.floats(0, 1e6)] * 2), max_size=5))
def test_box_conversions_are_each_others_inverse(found):
    there = boxes.xywh_to_xyxy(found)
    assert there.shape == (len(found), 4)
    np.testing.assert_allclose(boxes.xyxy_to_xywh(there), np.reshape(found, (-1, 4)), atol=1e-9, rtol=1e-9)


def test_box_area_and_shape_errors():
    assert boxes.area([[0, 0, 2, 3], [5, 5, 4, 9]]).tolist() == [6, 0]
    with pytest.raises(ValueError, match="4 numbers"):
        boxes.xywh_to_xyxy([[1, 2, 3]])


def test_description_adds_stuff_and_counts_what_is_too_much():
    things = [{"category_id": c, "area": 100 - c} for c in (1, 2, 3, 4, 5)]
    assert draw.describe(things, NAMES, most=2) == "a person, a bicycle and three more kinds"
    assert draw.describe(things[:1], NAMES, stuff=["road", "sky"]) == "a person, with road and sky"
    assert draw.describe([], NAMES, stuff=["sky"]) == "sky"


def test_stuff_is_named_in_plain_words_largest_first():
    names = {1: "person", 187: "sky-other-merged", 193: "grass-merged", 112: "door-stuff", 183: "other"}
    segments = [{"category_id": c, "area": area} for c, area in ((187, 5), (193, 9), (1, 99), (112, 1), (183, 50))]
    assert stuff_names(segments, names) == ["grass", "sky", "door"]


def test_panoptic_names_stay_inside_and_apart(ax):
    ids = np.repeat(np.arange(1, 17), 32)[None].repeat(512, axis=0)
    segments = [{"id": i, "category_id": 93 + i, "area": 512 * 32} for i in range(1, 17)]
    texts = draw.draw_panoptic(ax, ids, segments, {93 + i: f"stuff {i}" for i in range(1, 17)})
    pills = [draw._extent(ax, text) for text in texts]
    assert 0 < len(texts) < 16 and ax.get_xlim() == (0, 512)
    for index, (left, top, right, bottom) in enumerate(pills):
        assert left >= 0 and right <= 512
        assert all(left >= o[2] or right <= o[0] or top >= o[3] or bottom <= o[1] for o in pills[:index])


def test_captions_are_wrapped_to_their_axes():
    figure, axes = plt.subplots(figsize=(3, 3), layout="constrained")
    draw.draw_captions(axes, ["A dog that is rather long and goes on for more than a line of this small Axes.", "Dog."])
    (text,) = axes.texts
    figure.draw_without_rendering()
    assert text.get_window_extent().width <= axes.get_window_extent().width * 1.1
    assert text.get_text().startswith("1. A dog") and "2. Dog." in text.get_text()
    plt.close(figure)
