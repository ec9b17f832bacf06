"""The corruptions: equal to the reference where the random numbers are, seeded, and clear about bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synscenes import corruptions
from synscenes.corruptions import CORRUPTIONS, EXTRA, FAMILIES, NAMES, SEVERITIES, blur, corrupt, weather

REFERENCE = Path(__file__).parent / "reference"
sys.path.insert(0, str(REFERENCE))

from corruptions_legacy import SEED, Legacy, picture  # noqa: E402
from make_corruptions import reference, summary  # noqa: E402

FIXTURE = json.loads((REFERENCE / "corruptions.json").read_text(encoding="utf-8"))
ALL = [(name, severity) for name in CORRUPTIONS for severity in SEVERITIES]


def slack(name: str, severity: int) -> tuple[float, float]:
    """How far the means of the picture and of its 8 × 8 boxes may lie from the reference's, in grey levels."""
    if name == "spatter" and severity <= 3:
        return 3.0, 40.0  # the rims of water drops are found in another way
    return 0.3, 1.0  # a level that the two round to different sides, and frost's other way to enlarge


@pytest.fixture(scope="module")
def small() -> Image.Image:
    return Image.fromarray(picture())


def test_there_are_fifteen_and_four():
    assert len(NAMES) == 15 and len(EXTRA) == 4 and len(CORRUPTIONS) == 19
    assert [name for names in FAMILIES.values() for name in names] == list(CORRUPTIONS)
    assert corruptions.family("fog") == "weather"
    assert all(len(settings) == 5 for _, settings in CORRUPTIONS.values())


@pytest.mark.parametrize(("name", "severity"), ALL)
def test_agrees_with_what_imagecorruptions_gave(name, severity, small):
    got = summary(np.asarray(corrupt(small, name, severity, Legacy(SEED + severity))))
    want = FIXTURE[f"{name} {severity}"]
    means, boxes = slack(name, severity)
    assert np.abs(np.subtract(got["mean"], want["mean"])).max() <= means
    assert np.abs(np.subtract(got["std"], want["std"])).max() <= 2 * means
    assert np.abs(np.subtract(got["boxes"], want["boxes"])).max() <= boxes


def test_agrees_with_imagecorruptions_pixel_by_pixel(small):
    """Only where the reference can be imported: see tests/reference/make_corruptions.py."""
    for package in ("cv2", "skimage", "imagecorruptions"):
        pytest.importorskip(package)
    worst = {}
    for name, severity in ALL:
        got = np.asarray(corrupt(small, name, severity, Legacy(SEED + severity))).astype(int)
        want = reference(name, severity, picture(), SEED + severity).astype(int)
        worst[name, severity] = np.abs(got - want).max()
    allowed = {key: 8 if key[0] == "frost" else 1 for key in worst if key[0] != "spatter" or key[1] > 3}
    assert {key: worst[key] for key, most in allowed.items() if worst[key] > most} == {}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_same_seed_same_picture_and_the_original_stays(name, small):
    before = small.tobytes()
    first, again = (corrupt(small, name, 3, 7) for _ in range(2))
    assert first.mode == "RGB" and first.size == small.size
    assert first.tobytes() == again.tobytes() != before
    assert small.tobytes() == before


@pytest.mark.parametrize(
    "name", ["gaussian_noise", "glass_blur", "snow", "frost", "fog", "spatter", "elastic_transform"]
)
def test_another_seed_another_picture(name, small):
    assert corrupt(small, name, 3, 1).tobytes() != corrupt(small, name, 3, 2).tobytes()


@pytest.mark.parametrize(
    "name", [name for name in CORRUPTIONS if name not in ("saturate", "snow", "glass_blur", "frost")]
)
def test_more_severe_is_further_from_the_original(name, small):
    original = np.asarray(small).astype(float)
    far = [np.abs(np.asarray(corrupt(small, name, level, 5)) - original).mean() for level in (1, 3, 5)]
    assert far[0] < far[-1]


@pytest.mark.parametrize("size", [(32, 32), (57, 203), (300, 41)])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_any_shape_from_32_pixels_on(name, size):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    assert corrupt(image, name, 5, 0).size == size


@pytest.mark.parametrize("colour", ["black", "white", "grey"])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_flat_picture_is_no_trouble(name, colour):
    with np.errstate(all="raise"):
        corrupt(Image.new("RGB", (40, 40), colour), name, 5, 0)


def test_the_picture_may_be_the_middle_square_only():
    assert corruptions.square(Image.new("RGB", (500, 375))).size == (224, 224)
    assert corruptions.square(Image.new("RGB", (64, 48)), 128).size == (128, 128)


@pytest.mark.parametrize(
    ("image", "name", "severity", "says"),
    [
        (Image.new("L", (64, 64)), "fog", 1, "mode RGB, got L"),
        (Image.new("RGBA", (64, 64)), "fog", 1, "mode RGB, got RGBA"),
        (Image.new("CMYK", (64, 64)), "fog", 1, "mode RGB, got CMYK"),
        (np.zeros((64, 64, 3), np.uint8), "fog", 1, "mode RGB, got ndarray"),
        (Image.new("RGB", (64, 31)), "fog", 1, "at least 32 × 32, got 64 × 31"),
        (Image.new("RGB", (64, 64)), "fogg", 1, "did you mean fog"),
        (Image.new("RGB", (64, 64)), "rain", 1, "no corruption is called 'rain'"),
        (Image.new("RGB", (64, 64)), "fog", 0, "from 1 to 5, got 0"),
        (Image.new("RGB", (64, 64)), "fog", 6, "from 1 to 5, got 6"),
        (Image.new("RGB", (64, 64)), "fog", 2.5, "from 1 to 5, got 2.5"),
        (Image.new("RGB", (64, 64)), "fog", True, "from 1 to 5, got True"),
    ],
)
def test_bad_input_is_named(image, name, severity, says):
    with pytest.raises(ValueError, match=says):
        corrupt(image, name, severity)


def test_glass_only_moves_colours_of_neighbours():
    numbers = np.arange(40 * 40 * 3).reshape(40, 40, 3) / (40 * 40 * 3)
    moved = blur.glass_blur(numbers, (1e-3, 2, 1), np.random.default_rng(0))
    assert moved.shape == numbers.shape
    assert np.abs(moved - numbers).max() <= (2 * 40 + 2) * 2 / (40 * 40) + 1 / 255


def test_plasma_is_a_cloud_from_0_to_1():
    cloud = weather.plasma(64, 2.0, np.random.default_rng(0))
    assert cloud.shape == (64, 64) and cloud.min() == 0 and cloud.max() == 1


@pytest.mark.parametrize("factor", [1.0, 1.05, 1.3, 4.0])
def test_enlarging_equals_scipy(factor):
    from scipy.ndimage import zoom

    pixels = np.random.default_rng(0).random((50, 64))
    high, wide = (int(np.ceil(side / factor)) for side in pixels.shape)
    top, left = (50 - high) // 2, (64 - wide) // 2
    wanted = zoom(pixels[top : top + high, left : left + wide], factor, order=1)
    assert np.allclose(blur.enlarge(pixels, factor), wanted)
