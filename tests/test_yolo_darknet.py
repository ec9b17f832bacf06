"""Reading Darknet's descriptions and weight files: each layer, and what is said about damaged files."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from synscenes import assets
from synscenes.errors import CourseError
from synscenes.models.darknet import Darknet, load_weights
from synscenes.models.darknet_cfg import parse

NET = "[net]\nwidth=32\nheight=32\nchannels=3\n"
CONVOLUTION = "[convolutional]\nfilters=7\nsize=1\nactivation=linear\n"
YOLO = "[yolo]\nmask=1\nanchors=1,2, 3,4\nclasses=2\n"


def _file(path: Path, values, header=(0, 2, 5, 1000)) -> Path:
    path.write_bytes(struct.pack("<3iq", *header) + np.asarray(values, "<f4").tobytes())
    return path


def test_parse_keeps_sections_options_and_lines():
    sections = parse("# a comment\n[net]\nwidth = 8 ; eight\n\n[yolo]\nmask = 0,1\n")
    assert [(each.kind, each.line) for each in sections] == [("net", 2), ("yolo", 5)]
    assert sections[0].integer("width") == 8 and sections[1].numbers("mask") == [0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"begins with \[net\]"),
        ("<html>not found</html>", "line 1: '<html>not found</html>' is neither"),
        ("[yolo]\nmask=0\n", r"begins with \[net\]"),
        (NET, "no layer"),
        ("[net\nwidth=1\n", "line 1.*closing bracket"),
        ("width=1\n[net]\n", "line 1"),
    ],
)
def test_text_that_is_no_description(text, message):
    with pytest.raises(CourseError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NET + "[gru]\n", r"line 5: no layer \[gru\] here"),
        (NET + CONVOLUTION.replace("linear", "selu") + YOLO, "line 5: no activation 'selu'"),
        (NET + CONVOLUTION.replace("filters=7\n", "") + YOLO, "line 5.*no filters"),
        (NET + CONVOLUTION.replace("=7", "=seven") + YOLO, "filters = 'seven' isn't a number"),
        (NET + CONVOLUTION.replace("=7", "=7.5") + YOLO, "filters must be one whole number"),
        (NET + CONVOLUTION.replace("=7", "=inf") + YOLO, "filters must be one whole number"),
        (NET + CONVOLUTION.replace("=7", "=1e30") + YOLO, "filters must be one whole number"),
        (NET + CONVOLUTION.replace("=7", "=9") + YOLO, "line 9.*needs 7 channels.*gives 9"),
        (NET + CONVOLUTION + YOLO.replace("mask=1", "mask=2"), r"mask \[2\] but 4 numbers"),
        (NET + CONVOLUTION, r"no \[yolo\] section"),
        (NET + "[route]\nlayers=3\n" + YOLO, r"line 5: \[route\] points to \[3\]"),
        (NET + CONVOLUTION + "[route]\nlayers=-1\ngroups=2\n" + YOLO, "part 0 of 2"),
        (NET + CONVOLUTION + CONVOLUTION.replace("7", "5") + "[shortcut]\nfrom=-2\n" + YOLO, "can't add 5 and 7"),
        ("[net]\nwidth=32\n" + CONVOLUTION + YOLO, "line 1.*no height"),
    ],
)
def test_descriptions_that_cannot_be_built(text, message):
    with pytest.raises(CourseError, match=message):
        Darknet(parse(text))


def test_weights_go_where_darknet_means_them(tmp_path):
    text = NET + "[convolutional]\nbatch_normalize=1\nfilters=2\nsize=1\nactivation=leaky\n" + CONVOLUTION + YOLO
    network = Darknet(parse(text)).eval()
    values = np.arange(2 * 4 + 6 + 7 + 14, dtype=float) / 10 + 0.1
    load_weights(network, _file(tmp_path / "a.weights", values))
    shift, scale, mean, variance = values[:8].reshape(4, 2)  # bias, scale, mean, variance, then the filters
    filters, bias, last = values[8:14].reshape(2, 3), values[14:21], values[21:].reshape(7, 2)
    pixel = np.array([0.2, 0.5, 0.9])
    normal = (filters @ pixel - mean) / np.sqrt(variance + 1e-5) * scale + shift
    expected = last @ np.where(normal > 0, normal, 0.1 * normal) + bias
    with torch.inference_mode():
        (found,) = network(torch.tensor(pixel, dtype=torch.float32).view(1, 3, 1, 1))
    np.testing.assert_allclose(found.flatten(), expected, rtol=1e-5)


def test_old_headers_are_four_bytes_shorter(tmp_path):
    network = Darknet(parse(NET + CONVOLUTION + YOLO))
    path = tmp_path / "old.weights"
    path.write_bytes(struct.pack("<4i", 0, 1, 0, 77) + np.full(28, 0.5, "<f4").tobytes())
    load_weights(network, path)
    assert all((tensor == 0.5).all() for tensor in network.state_dict().values())


@pytest.mark.parametrize(("count", "message"), [(27, "cut short"), (29, "another description"), (0, "cut short")])
def test_the_bytes_must_be_exactly_as_many(tmp_path, count, message):
    network = Darknet(parse(NET + CONVOLUTION + YOLO))
    with pytest.raises(CourseError, match=rf"has {20 + 4 * count:,} bytes, this network needs 132.*{message}"):
        load_weights(network, _file(tmp_path / "x.weights", np.zeros(count)))


@pytest.mark.parametrize("head", [b"<!DOCTYPE html>" * 12, b"PK\x03\x04" + b"x" * 200, b"", b"\x00\x00"])
def test_foreign_files(tmp_path, head):
    path = tmp_path / "foreign.weights"
    path.write_bytes(head)
    with pytest.raises(CourseError, match="another kind of file"):
        load_weights(Darknet(parse(NET + CONVOLUTION + YOLO)), path)


def test_values_that_are_no_numbers(tmp_path):
    with pytest.raises(CourseError, match="aren't finite"):
        load_weights(Darknet(parse(NET + CONVOLUTION + YOLO)), _file(tmp_path / "n.weights", [np.nan] * 28))


def test_missing_file(tmp_path):
    with pytest.raises(CourseError, match="No weight file"):
        load_weights(Darknet(parse(NET + CONVOLUTION + YOLO)), tmp_path / "none.weights")


def test_a_damaged_file_leaves_the_network_alone(tmp_path):
    network = Darknet(parse(NET + CONVOLUTION + YOLO))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(CourseError):
        load_weights(network, _file(tmp_path / "x.weights", np.zeros(27)))
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


def _only(text: str, pixels: torch.Tensor) -> torch.Tensor:
    """What the layers of ``text`` make of an input with 7 channels, read by a [yolo] behind them."""
    network = Darknet(parse("[net]\nwidth=8\nheight=8\nchannels=7\n" + text + YOLO))
    return network(pixels)[0]


@pytest.fixture
def seven():
    return torch.from_numpy(np.random.default_rng(0).normal(size=(2, 7, 5, 6)).astype(np.float32))


@pytest.mark.parametrize("size", [2, 3, 5])
def test_maxpool_with_stride_one_keeps_the_size(seven, size):
    found = _only(f"[maxpool]\nsize={size}\nstride=1\n", seven)
    left, right = (size - 1) // 2, size // 2
    padded = functional.pad(seven, (left, right, left, right), value=-1e9)
    expected = padded.unfold(2, size, 1).unfold(3, size, 1).amax(dim=(-1, -2))
    torch.testing.assert_close(found, expected)


def test_maxpool_of_an_odd_size_rounds_up(seven):
    found = _only("[maxpool]\nsize=2\nstride=2\n", seven)
    torch.testing.assert_close(found, functional.max_pool2d(seven, 2, 2, ceil_mode=True))


def test_upsample_repeats(seven):
    text = "[upsample]\nstride=2\n"
    torch.testing.assert_close(_only(text, seven), seven.repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_route_takes_parts_and_joins_them(seven):
    doubled = torch.cat([seven, -seven], dim=1)
    text = "[net]\nwidth=8\nheight=8\nchannels=14\n[maxpool]\nsize=1\n"
    half = "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n"
    joined = "[route]\nlayers=-2,0\n[route]\nlayers=-1\ngroups=3\ngroup_id=1\n"
    first, second = Darknet(parse(text + half + YOLO + joined + YOLO))(doubled)
    torch.testing.assert_close(first, -seven)  # the second half of the channels
    torch.testing.assert_close(second, seven)  # the middle third of (-seven, seven, -seven)


def test_shortcut_adds(seven):
    torch.testing.assert_close(_only("[maxpool]\nsize=1\n[maxpool]\nsize=1\n[shortcut]\nfrom=-2\n", seven), 2 * seven)


def test_the_real_files_are_read_whole():
    folder = Path(assets.path("yolov4_tiny"))
    network = Darknet(parse((folder / "yolov4-tiny.cfg").read_text()))
    load_weights(network, folder / "yolov4-tiny.weights")
    assert len(network.layers) == 38 and network.size == (416, 416)
    assert [layer.anchors for layer in network.yolo] == [
        ((81, 82), (135, 169), (344, 319)),
        ((23, 27), (37, 58), (81, 82)),
    ]
    with torch.inference_mode():
        assert [tuple(each.shape) for each in network(torch.zeros(1, 3, 416, 416))] == [
            (1, 255, 13, 13),
            (1, 255, 26, 26),
        ]
