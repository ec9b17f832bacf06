"""The head: light branches on the backbone's maps. About 170,000 parameters."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from synscenes.segmenting.features import CHANNELS
from synscenes.segmenting.targets import IGNORE

_FINE = 24  # channels at stride 4, where each costs four times as much


class Head(nn.Module):
    """From the backbone's maps to four answers, which ``forward`` returns: class logits (n, classes, 30, 40), logits of
    "a thing?" (n, 60, 80), heat (n, 60, 80) and offsets (n, 2, 60, 80).

    It works at stride 8, where filters are cheap. Only "is this a thing?" looks at stride 4, for the outlines; heat and
    offsets are enlarged twofold at the end.
    """

    def __init__(self, classes: int, width: int = 64) -> None:
        super().__init__()
        # A 1 × 1 convolution and bilinear enlarging may change places: so convolve first, where maps are small.
        self.narrow = nn.ModuleDict(
            {str(stride): nn.Conv2d(CHANNELS[stride] * (4 if stride == 4 else 1), width, 1) for stride in CHANNELS}
        )
        self.join = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU())
        self.what = nn.Sequential(_separable(width), _separable(width))
        self.where = nn.Sequential(_separable(width))
        self.classes = nn.Conv2d(width, classes, 1)
        self.coarse, self.fine = nn.Conv2d(width, _FINE, 1), nn.Conv2d(CHANNELS[4], _FINE, 1)
        self.thing = nn.Sequential(nn.BatchNorm2d(_FINE), nn.ReLU(), _separable(_FINE), nn.Conv2d(_FINE, 1, 1))
        self.heat = nn.Conv2d(width, 1, 1)
        self.offset = nn.Conv2d(width, 2, 1)
        nn.init.constant_(self.heat.bias, -4.0)  # almost every cell is no centre

    def forward(self, maps: dict[int, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        size = maps[8].shape[-2:]
        # Stride 4 has four cells to one of stride 8: stacked as channels, nothing is lost.
        joined = self.narrow["8"](maps[8]) + self.narrow["4"](functional.pixel_unshuffle(maps[4], 2))
        for stride in (16, 32):
            joined = joined + functional.interpolate(self.narrow[str(stride)](maps[stride]), size, mode="bilinear")
        joined = self.join(joined)
        what, where = self.what(joined), self.where(joined)
        thing = self.thing(_twice(self.coarse(what)) + self.fine(maps[4]))
        heat, offset = _twice(self.heat(where)), _twice(self.offset(where))
        return self.classes(what), thing[:, 0], heat[:, 0].sigmoid(), offset


def loss_of(answers: tuple, truth: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the cross-entropy of the classes and of "a thing?", plus 50 × the squared error of the heat, plus 0.05 ×
    the absolute error of the offsets.

    The factors bring the parts to one size. Offsets count inside things only.
    """
    classes, thing, heat, offset = answers
    what = functional.cross_entropy(classes, truth["classes"], ignore_index=IGNORE)
    what = what + functional.binary_cross_entropy_with_logits(thing, truth["inside"].float())
    centres = functional.mse_loss(heat, truth["heat"])
    inside = truth["inside"][:, None].expand_as(offset)
    where = (offset - truth["offset"]).abs()[inside]
    return what + 50 * centres + 0.05 * (where.mean() if where.numel() else where.sum())


def _twice(values: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(values, scale_factor=2, mode="bilinear")


def _separable(width: int) -> nn.Sequential:
    """A 5 × 5 filter for each channel, then 1 × 1 across channels: a tenth of the full filter's cost."""
    return nn.Sequential(
        nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )
