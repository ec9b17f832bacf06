"""micro-COCO's polygons: pycocotools draws exactly the mask they came from, holes and touching corners included."""

from __future__ import annotations

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from scipy import ndimage

from synscenes.micrococo.annotate import box, run_lengths
from synscenes.micrococo.outlines import polygons

MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24)), elements=st.booleans())


def drawn(parts: list[list[int]], shape: tuple[int, int]) -> np.ndarray:
    """The mask that pycocotools makes of polygons."""
    return coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(parts, *shape))).astype(bool)


@given(MASKS)
@settings(max_examples=300, deadline=None)
def test_drawing_the_polygons_gives_the_mask_back(mask: np.ndarray) -> None:
    parts = polygons(mask)
    if not mask.any():
        assert parts == []
        return
    np.testing.assert_array_equal(drawn(parts, mask.shape), mask)


@given(MASKS)
@settings(max_examples=150, deadline=None)
def test_there_is_one_polygon_for_each_connected_part(mask: np.ndarray) -> None:
    assert len(polygons(mask)) == ndimage.label(mask)[1]


@given(MASKS)
@settings(max_examples=100, deadline=None)
def test_every_polygon_has_at_least_four_corners_inside_the_picture(mask: np.ndarray) -> None:
    height, width = mask.shape
    for part in polygons(mask):
        assert len(part) >= 8 and len(part) % 2 == 0
        assert all(0 <= x <= width for x in part[0::2]) and all(0 <= y <= height for y in part[1::2])


def test_a_ring_is_one_polygon_with_a_slit_to_its_hole() -> None:
    mask = np.ones((7, 9), bool)
    mask[2:5, 3:6] = False
    (ring,) = polygons(mask)
    np.testing.assert_array_equal(drawn([ring], mask.shape), mask)


def test_an_island_in_a_hole_is_a_polygon_of_its_own() -> None:
    mask = np.ones((9, 9), bool)
    mask[1:8, 1:8] = False
    mask[3:6, 3:6] = True
    assert len(polygons(mask)) == 2
    np.testing.assert_array_equal(drawn(polygons(mask), mask.shape), mask)


@pytest.mark.parametrize("seed", range(4))
def test_blobs_of_a_picture_s_size_come_back(seed: int) -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((240, 320)), 4)
    mask = noise > np.quantile(noise, 0.6)
    np.testing.assert_array_equal(drawn(polygons(mask), mask.shape), mask)


@given(MASKS)
@settings(max_examples=150, deadline=None)
def test_uncompressed_run_lengths_are_pycocotools_own(mask: np.ndarray) -> None:
    rle = run_lengths(mask)
    assert sum(rle["counts"]) == mask.size
    np.testing.assert_array_equal(coco_mask.decode(coco_mask.frPyObjects(rle, *mask.shape)).astype(bool), mask)


@given(MASKS.filter(lambda mask: mask.any()))
@settings(max_examples=100, deadline=None)
def test_the_box_is_pycocotools_own(mask: np.ndarray) -> None:
    expected = coco_mask.toBbox(coco_mask.encode(np.asfortranarray(mask.astype(np.uint8))))
    assert box(mask) == expected.tolist()
