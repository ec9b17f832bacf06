"""Darknet's two files as a PyTorch network: the description (.cfg) and the weights (.weights).

Darknet is the C program in which the YOLO detectors were first written (Redmon 2013-2018, Bochkovskiy 2020). Its
description is a list of sections, one per layer, from input to output. Its weight file is a short header and
then nothing but float32 numbers, layer after layer, without names or shapes: only the description tells what is what.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from synscenes.errors import CourseError
from synscenes.models.darknet_cfg import Section

_ACTIVATIONS = {"leaky": lambda: nn.LeakyReLU(0.1), "relu": nn.ReLU, "mish": nn.Mish, "linear": nn.Identity}


@dataclass(frozen=True)
class YoloLayer:
    """How to read one output map: its anchors (width, height in input pixels), classes and ``scale_x_y``."""

    anchors: tuple[tuple[float, float], ...]
    classes: int
    scale_x_y: float

    @property
    def channels(self) -> int:
        """Numbers per cell: for each anchor x, y, width, height, objectness and one score per class."""
        return len(self.anchors) * (5 + self.classes)


class Darknet(nn.Module):
    """The network of a description. ``forward``: (n, 3, H, W) in 0 … 1 -> one raw map per [yolo] section.

    ``yolo``: how to read each of those maps; ``size``: (H, W) it was made for. Raises CourseError for a layer or an
    option that this reader doesn't know.
    """

    def __init__(self, sections: list[Section]):
        super().__init__()
        net, *layers = sections
        self.size = net.integer("height"), net.integer("width")
        self.layers, self.yolo = nn.ModuleList(), []
        self.sources: list[list[int]] = []  # which outputs a layer reads, by index
        channels: list[int] = []
        for index, section in enumerate(layers):
            build = _BUILDERS.get(section.kind)
            if build is None:
                known = ", ".join(_BUILDERS)
                raise CourseError(f"line {section.line}: no layer [{section.kind}] here; known are {known}.")
            sources = _sources(section, index)
            widths = [net.integer("channels", 3) if source < 0 else channels[source] for source in sources]
            module, width = build(section, widths)
            self.layers.append(module)
            self.sources.append(sources)
            channels.append(width)
            if section.kind == "yolo":
                self.yolo.append(module.layer)
        if not self.yolo:
            raise CourseError("The description has no [yolo] section: it detects nothing.")
        # An output may be forgotten once the last layer that reads it has run.
        self.last_use = {source: index for index, sources in enumerate(self.sources) for source in sources}

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        outputs, maps = {-1: pixels}, []
        for index, (layer, sources) in enumerate(zip(self.layers, self.sources)):
            outputs[index] = layer(*[outputs[source] for source in sources])
            if isinstance(layer, _Yolo):
                maps.append(outputs[index])
            for source in sources:
                if self.last_use[source] == index:
                    outputs.pop(source, None)
        return maps


def load_weights(network: Darknet, path: Path) -> None:
    """Fill a network from a Darknet weight file, which must have exactly the bytes that the network needs.

    Raises CourseError for a file that is missing, truncated, too long, or something else altogether.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise CourseError(f"No weight file at {path}.") from None
    # int32 major, minor, revision; then how many images it was trained on: int64 since version 0.2, int32 before.
    version = np.frombuffer(data[:12].ljust(12, b"\xff"), "<i4")
    if not ((version >= 0) & (version <= 1_000)).all():
        raise CourseError(f"{path} doesn't begin with Darknet's version numbers: it's another kind of file.")
    header = 20 if version[0] * 10 + version[1] >= 2 else 16
    order = list(_in_file_order(network))
    needed = header + 4 * sum(tensor.numel() for tensor in order)
    if len(data) != needed:
        what = "it's cut short: fetch it again" if len(data) < needed else "it belongs to another description"
        raise CourseError(f"{path} has {len(data):,} bytes, this network needs {needed:,}: {what}.")
    values = torch.from_numpy(np.frombuffer(data, "<f4", offset=header).astype(np.float32))
    if not torch.isfinite(values).all():
        raise CourseError(f"{path} holds values that aren't finite numbers: it's damaged, fetch it again.")
    start = 0
    with torch.no_grad():
        for tensor in order:
            tensor.copy_(values[start : start + tensor.numel()].view_as(tensor))
            start += tensor.numel()


def _in_file_order(network: Darknet):
    """Every tensor of the file: per convolution the normalisation's four (or the bias), then the filters."""
    for layer in network.layers:
        if isinstance(layer, _Convolution):
            if isinstance(layer.norm, nn.BatchNorm2d):
                yield from (layer.norm.bias, layer.norm.weight, layer.norm.running_mean, layer.norm.running_var)
            else:
                yield layer.convolution.bias
            yield layer.convolution.weight


class _Convolution(nn.Module):
    def __init__(self, section: Section, channels: int, filters: int):
        super().__init__()
        size, normalised = section.integer("size", 1), bool(section.integer("batch_normalize", 0))
        padding = size // 2 if section.integer("pad", 0) else section.integer("padding", 0)
        groups, stride = section.integer("groups", 1), section.integer("stride", 1)
        self.convolution = nn.Conv2d(channels, filters, size, stride, padding, groups=groups, bias=not normalised)
        self.norm = nn.BatchNorm2d(filters, eps=1e-5) if normalised else nn.Identity()
        activation = section.options.get("activation", "linear")
        if activation not in _ACTIVATIONS:
            raise CourseError(
                f"line {section.line}: no activation {activation!r} here; known: {', '.join(_ACTIVATIONS)}."
            )
        self.activation = _ACTIVATIONS[activation]()

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.activation(self.norm(self.convolution(values)))


class _Route(nn.Module):
    """Several outputs side by side; with ``groups`` only one part of their channels (``group_id``)."""

    def __init__(self, groups: int, group: int):
        super().__init__()
        self.groups, self.group = groups, group

    def forward(self, *values: torch.Tensor) -> torch.Tensor:
        return torch.cat([each.chunk(self.groups, dim=1)[self.group] for each in values], dim=1)


class _Shortcut(nn.Module):
    def forward(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return one + other


class _MaxPool(nn.Module):
    """Darknet pads by size - 1 in all, the larger half on the right; what is added never wins."""

    def __init__(self, size: int, stride: int):
        super().__init__()
        self.size, self.stride, self.pad = size, stride, ((size - 1) // 2, size // 2)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if (self.size, self.stride) != (2, 2) or any(side % 2 for side in values.shape[-2:]):
            values = functional.pad(values, (*self.pad, *self.pad), value=float("-inf"))
        return functional.max_pool2d(values, self.size, self.stride)


class _Yolo(nn.Module):
    def __init__(self, layer: YoloLayer):
        super().__init__()
        self.layer = layer

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values


def _sources(section: Section, index: int) -> list[int]:
    """Which outputs this layer reads, by index; -1 is the input. Negative numbers in the file count backwards."""
    if section.kind == "route":
        named = [int(number) for number in section.numbers("layers")]
    elif section.kind == "shortcut":
        named = [-1, section.integer("from")]
    else:
        return [index - 1]
    found = [index + number if number < 0 else number for number in named]
    if not found or any(not 0 <= source < index for source in found):
        raise CourseError(f"line {section.line}: [{section.kind}] points to {named}, which isn't an earlier layer.")
    return found


def _convolutional(section: Section, widths: list[int]):
    filters = section.integer("filters")
    return _Convolution(section, widths[0], filters), filters


def _route(section: Section, widths: list[int]):
    groups, group = section.integer("groups", 1), section.integer("group_id", 0)
    if not 0 <= group < groups or any(width % groups for width in widths):
        raise CourseError(f"line {section.line}: [route] can't take part {group} of {groups} of {widths} channels.")
    return _Route(groups, group), sum(widths) // groups


def _shortcut(section: Section, widths: list[int]):
    if len(set(widths)) > 1:
        raise CourseError(f"line {section.line}: [shortcut] can't add {widths[0]} and {widths[1]} channels.")
    return _Shortcut(), widths[0]


def _maxpool(section: Section, widths: list[int]):
    return _MaxPool(section.integer("size"), section.integer("stride", 1)), widths[0]


def _upsample(section: Section, widths: list[int]):
    return nn.Upsample(scale_factor=section.integer("stride", 2), mode="nearest"), widths[0]


def _yolo(section: Section, widths: list[int]):
    numbers = section.numbers("anchors")
    pairs = list(zip(numbers[::2], numbers[1::2]))
    mask = [int(number) for number in section.numbers("mask", list(range(len(pairs))))]
    if len(numbers) % 2 or any(not 0 <= place < len(pairs) for place in mask):
        raise CourseError(f"line {section.line}: [yolo] has mask {mask} but {len(numbers)} numbers in anchors.")
    scale = section.numbers("scale_x_y", [1.0])[0]
    layer = YoloLayer(tuple(pairs[place] for place in mask), section.integer("classes"), scale)
    if widths[0] != layer.channels:
        raise CourseError(
            f"line {section.line}: [yolo] needs {layer.channels} channels ({len(mask)} anchors times 5 + "
            f"{layer.classes} classes), but the layer before it gives {widths[0]}."
        )
    return _Yolo(layer), widths[0]


_BUILDERS = {
    "convolutional": _convolutional, "route": _route, "shortcut": _shortcut, "maxpool": _maxpool,
    "upsample": _upsample, "yolo": _yolo,
}  # fmt: skip
