"""Renditions: same size, what they keep and what they lose, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from synscenes import renditions
from synscenes.renditions import RENDITIONS


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    y, x = np.mgrid[:90, :120]
    pixels = np.stack([x * 2, y * 2, 0 * x + 90], axis=2).astype(np.uint8)
    pixels[30:60, 40:80] = (250, 240, 10)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("name", RENDITIONS)
def test_size_and_mode_stay_and_the_picture_changes(name, photo):
    result = RENDITIONS[name].render(photo)
    assert result.size == photo.size and result.mode == "RGB"
    assert result.tobytes() != photo.tobytes()
    assert result.tobytes() == RENDITIONS[name].render(photo).tobytes()


@pytest.mark.parametrize("name", RENDITIONS)
@pytest.mark.parametrize("colour", ["black", "white"])
def test_a_flat_picture_is_no_trouble(name, colour):
    with np.errstate(all="raise"):
        RENDITIONS[name].render(Image.new("RGB", (64, 64), colour))


@pytest.mark.parametrize("name", RENDITIONS)
@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK"])
def test_other_modes_are_named(name, mode):
    with pytest.raises(ValueError, match=f"mode RGB, got {mode}"):
        RENDITIONS[name].render(Image.new(mode, (64, 64)))


def test_edges_are_dark_on_white_where_the_brightness_jumps(photo):
    lines = np.asarray(renditions.edges(photo))[:, :, 0]
    assert lines[30, 45:75].max() < 100 and lines[40:50, 55:65].min() > 200


def test_two_tones_are_two(photo):
    assert set(np.unique(np.asarray(renditions.two_tones(photo)))) == {0, 255}


def test_poster_has_few_levels(photo):
    assert len(np.unique(np.asarray(renditions.poster(photo, 3)))) == 3
    with pytest.raises(ValueError, match="at least 2"):
        renditions.poster(photo, 1)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 9), st.integers(0, 99))
def test_tiles_keep_every_pixel(across, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (37, 50, 3), dtype=np.uint8)
    shuffled = np.asarray(renditions.tiles(Image.fromarray(pixels), across, seed))
    for channel in range(3):
        before, after = (np.sort(array[:, :, channel].ravel()) for array in (pixels, shuffled))
        assert (before == after).all()


def test_tiles_need_a_sensible_number(photo):
    for across in (1, 91):
        with pytest.raises(ValueError, match="across must lie between 2 and 90"):
            renditions.tiles(photo, across)


def test_otsu_parts_two_heaps():
    values = np.array([10] * 50 + [12] * 50 + [200] * 30, dtype=np.uint8)
    assert 12 <= renditions.otsu(values) < 200
