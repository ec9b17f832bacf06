"""Crops, heatmaps and mirrors: there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import keypoint_toys as toys
from synscenes.keypoints import crops
from synscenes.keypoints.flips import flip_joints, flip_maps
from synscenes.keypoints.heatmaps import METHODS, decode, encode
from synscenes.keypoints.joints import NAMES, PAIRS, PARTNER

SIZE = (24, 32)


def test_partners_are_the_names_other_side():
    swap = {"left": "right", "right": "left"}
    for place, name in enumerate(NAMES):
        side, _, rest = name.partition("_")
        expected = f"{swap[side]}_{rest}" if side in swap else name
        assert NAMES[PARTNER[place]] == expected
    assert len(PAIRS) == 8


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_mirroring_twice_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    joints = toys.joints(rng, 3)
    np.testing.assert_allclose(flip_joints(flip_joints(joints, 100), 100), joints)
    maps = rng.random((2, 17, 4, 3))
    np.testing.assert_array_equal(flip_maps(flip_maps(maps)), maps)
    np.testing.assert_array_equal(flip_maps(maps, swap=False), flip_maps(maps)[:, PARTNER])


def test_mirrored_joints_lie_on_mirrored_pictures():
    """A picture with one bright pixel: its mirror has it where the mirrored joint says."""
    joints = np.zeros((17, 3))
    joints[NAMES.index("left_wrist")] = [3.5, 2.5, 2]
    picture = np.zeros((5, 10))
    picture[2, 3] = 1
    x, y, seen = flip_joints(joints, 10)[NAMES.index("right_wrist")]
    assert seen == 2 and picture[:, ::-1][int(y), int(x)] == 1
    assert flip_joints(joints, 10)[NAMES.index("left_wrist")].tolist() == [0, 0, 0]


def test_maps_of_mirrored_joints_are_mirrored_maps():
    joints = toys.joints(np.random.default_rng(1), 2, width=24, missing=0)
    maps = encode(joints, (24, 24))
    np.testing.assert_allclose(encode(flip_joints(joints, 24), (24, 24)), flip_maps(maps), atol=1e-6)


def test_a_hill_is_one_high_where_the_point_is():
    hill = encode([3.5, 2.5], (8, 6))
    assert hill.shape == (6, 8) and hill[2, 3] == 1 and hill[2, 4] == pytest.approx(np.exp(-0.5))
    assert encode([[20.0, 2.5]], (8, 6)).max() < 1e-6


@settings(max_examples=50, deadline=None)
@given(st.floats(3, 21), st.floats(3, 29), st.floats(0.8, 2.5))
def test_taylor_is_exact_and_each_method_within_its_bound(x, y, sigma):
    hill = encode([x, y], SIZE, sigma).astype(float)
    errors = {method: np.abs(decode(hill, method)[0] - [x, y]).max() for method in METHODS}
    assert errors["argmax"] <= 0.5 + 1e-6 and errors["quarter"] <= 0.25 + 1e-6
    assert errors["taylor"] < 1e-3  # float32 maps


def test_soft_is_right_in_the_middle_and_pulled_there_elsewhere():
    assert decode(encode([12.0, 16.0], SIZE), "soft")[0] == pytest.approx([12, 16], abs=1e-3)
    blunt = decode(encode([3.3, 16.0], SIZE), "soft", sharpness=3)[0]
    assert blunt[0] > 6


def test_peaks_at_edges_and_flat_maps_stay_inside():
    for method in METHODS:
        for maps in (np.zeros((17, 8, 6)), encode([[0.0, 0.0], [6.0, 8.0]], (6, 8))):
            points, values = decode(maps, method)
            assert np.isfinite(points).all() and (points >= 0).all() and (points <= [6, 8]).all()
            assert values.shape == maps.shape[:-2]
    assert decode(np.zeros((8, 6)), "taylor")[0].tolist() == [0.5, 0.5]


def test_quarter_goes_towards_the_higher_neighbour_in_both_directions():
    hill = np.zeros((5, 5))
    hill[2, 2], hill[2, 3], hill[1, 2] = 1, 0.5, 0.4
    assert decode(hill, "quarter")[0].tolist() == [2.75, 2.25]


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="argmax, quarter, taylor, soft"):
        decode(np.zeros((2, 2)), "best")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 300), min_size=4, max_size=4))
def test_frames_hold_the_box_in_the_crops_proportions(box):
    left, top, right, bottom = crops.frames([box])[0]
    width, height = crops.SIZE
    assert (right - left) / (bottom - top) == pytest.approx(width / height)
    assert left <= box[0] + 1e-6 and top <= box[1] + 1e-6
    assert right >= box[0] + box[2] - 1e-6 and bottom >= box[1] + box[3] - 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_into_the_crop_and_back(seed):
    rng = np.random.default_rng(seed)
    joints, frames = toys.joints(rng, 3), crops.frames(rng.uniform(5, 200, (3, 4)))
    np.testing.assert_allclose(crops.back(crops.into(joints, frames), frames), joints, atol=1e-9)


def test_what_is_cut_lies_where_into_says():
    picture = np.zeros((60, 80, 3), np.uint8)
    picture[30:32, 50:52] = 255  # its middle is (51, 31)
    frame = crops.frames([[40, 20, 30, 25]])[0]
    crop = np.asarray(crops.cut(Image.fromarray(picture), frame)).astype(float).sum(axis=2)
    inside = crop * (crop > 0.5 * crop.max())
    rows, columns = np.indices(inside.shape)
    centre = [(inside * (columns + 0.5)).sum() / inside.sum(), (inside * (rows + 0.5)).sum() / inside.sum()]
    np.testing.assert_allclose(centre, crops.into([[51.0, 31.0]], frame)[0], atol=0.8)


def test_a_frame_that_leaves_the_picture_is_filled_with_grey():
    crop = np.asarray(crops.cut(Image.new("RGB", (20, 20), "white"), np.array([-40.0, -40, 8, 24])))
    assert crop[0, 0].tolist() == [124, 116, 104] and crop.shape == (128, 96, 3)


def test_cut_all_cuts_each_person_of_each_picture(tmp_path):
    from synscenes import coco
    from synscenes.keypoints.people import read

    (tmp_path / "annotations").mkdir()
    (tmp_path / "val2017").mkdir()
    joints = toys.joints(np.random.default_rng(2), 3)
    records = [toys.record(each, place + 1, place % 2 + 1) for place, each in enumerate(joints)]
    path = toys.write(tmp_path / "annotations" / "person_keypoints_val2017.json", toys.document(records, (1, 2)))
    for number, colour in ((1, "red"), (2, "blue")):
        Image.new("RGB", (100, 100), colour).save(tmp_path / "val2017" / f"{number:012d}.jpg")
    people = read(path)
    cut, frames = crops.cut_all(coco.folder(tmp_path), "val", people)
    assert cut.shape == (3, 128, 96, 3) and frames.shape == (3, 4)
    assert [int(each[64, 48].argmax()) for each in cut] == [0 if image == 1 else 2 for image in people.image_ids]
