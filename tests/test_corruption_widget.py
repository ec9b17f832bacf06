"""The corruption widget: every control without a front end, and its static twin."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from synscenes.preprocessing import normalise
from synscenes.widgets.corruption import SIDE, CorruptionLab


@dataclass
class Photo:
    image: Image.Image
    name: str = "</script> & dog"


class Model:
    """A stand-in that answers by brightness."""

    preprocess = staticmethod(lambda image: normalise(image))

    def predict(self, tensors):
        return np.array([[float(tensor.mean()), 0.0, -1.0] for tensor in tensors])

    def top(self, row, k):
        names = ("</script> & dog", "cat", "sky")
        return sorted(((name, float(value)) for name, value in zip(names, row)), key=lambda pair: -pair[1])[
            :k
        ]


@pytest.fixture
def lab():
    pixels = np.random.default_rng(0).integers(0, 256, (256, 300, 3), dtype=np.uint8)
    return CorruptionLab(Model(), Photo(Image.fromarray(pixels)), ["fog", "contrast"])


def test_it_opens_untouched(lab):
    assert lab.severity.value == 0
    assert "untouched" in lab.result.value and "&lt;/script&gt; &amp; dog" in lab.result.value


def test_every_choice_shows_its_own_version(lab):
    seen = set()
    for name in lab.names:
        lab.corruption.value = name
        for severity in range(1, 6):
            lab.severity.value = severity
            assert lab.shown is lab.versions[name, severity]
            assert lab.shown.jpeg in lab.result.value and f"severity {severity}" in lab.result.value
            seen.add(lab.shown.jpeg)
    assert len(seen) == 10
    lab.severity.value = 0
    assert lab.shown is lab.versions["", 0]


def test_pictures_are_small_jpegs(lab):
    for version in lab.versions.values():
        with Image.open(io.BytesIO(base64.b64decode(version.jpeg))) as picture:
            assert picture.format == "JPEG" and picture.size == (SIDE, SIDE)


def test_the_twin_holds_every_version_and_nothing_foreign(lab):
    twin = lab.twin_html()
    packed = re.search(r"\}\)\((\{.*\})\);</script>", twin, re.DOTALL)[1]
    data = json.loads(packed.replace("<\\/", "</"))
    assert set(data["versions"]) == {" 0"} | {
        f"{name} {level}" for name in lab.names for level in range(1, 6)
    }
    assert twin.count("</script>") == 1  # a class name cannot end the script
    assert "http" not in twin
    assert [bool(re.search('alt="[^"]+"', tag)) for tag in re.findall("<img[^>]*>", twin)] == [True]
    assert "<select>" in twin and "type='range'" in twin and "aria-live" in twin
    assert lab._repr_mimebundle_()["text/html"].startswith("<style>")


def test_two_twins_on_a_page_do_not_meet(lab):
    ids = [re.search(r"id='([^']+)'", lab.twin_html())[1] for _ in range(2)]
    assert ids[0] != ids[1]


def test_no_corruptions_is_an_error():
    with pytest.raises(ValueError, match="at least one"):
        CorruptionLab(Model(), Photo(Image.new("RGB", (256, 256))), [])
    with pytest.raises(ValueError, match="no corruption is called"):
        CorruptionLab(Model(), Photo(Image.new("RGB", (256, 256))), ["rain"])
