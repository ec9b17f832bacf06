"""The small detector's head: what turns features into boxes. The only part that learns."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from synscenes.detection.anchors import anchors
from synscenes.detection.small.backbone import CHANNELS

# Three squares a cell: with two scales that is a ladder of sizes, each about 1.6 times the one before.
SIZES = {16: (12.0, 20.0, 32.0), 32: (52.0, 84.0, 136.0)}


def all_anchors(size: tuple[int, int]) -> np.ndarray:
    """Return the anchors of an input of (height, width): (N, 4) xyxy, in the order of the head's rows."""
    return np.concatenate([anchors(*size, stride, sizes) for stride, sizes in SIZES.items()])


class Head(nn.Module):
    """Feature maps -> for each anchor one logit per class and four numbers that move it: (n, N, K), (n, N, 4).

    Predictions are made at strides 16 and 32. The finest map comes in by laying its cells, four by four, on top of
    each other (YOLOv2's passthrough), and what the coarsest knows is added to the middle one (a feature pyramid, Lin et
    al. 2017).
    """

    def __init__(self, classes: int, width: int = 96, depth: int = 2, channels: tuple[int, int, int] = CHANNELS):
        """``channels``: of the maps at strides 8, 16 and 32; 0 for a backbone that gives no map at stride 8."""
        super().__init__()
        self.classes = classes
        fine, middle, coarse = channels
        self.middle = nn.Conv2d(4 * fine + middle, width, 1)
        self.coarse = nn.Conv2d(coarse, width, 1)
        self.towers = nn.ModuleList(
            nn.Sequential(*[each for _ in range(depth) for each in _block(width)]) for _ in SIZES
        )
        self.score = nn.ModuleList(nn.Conv2d(width, len(sizes) * classes, 1) for sizes in SIZES.values())
        self.move = nn.ModuleList(nn.Conv2d(width, len(sizes) * 4, 1) for sizes in SIZES.values())
        for layer in [*self.score, *self.move]:
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
        for layer in self.score:  # nearly every anchor is background: begin by saying so, 1 % for every class
            nn.init.constant_(layer.bias, -np.log(99))

    def forward(self, maps: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        *finest, middle, coarse = maps
        coarse = self.coarse(coarse)
        folded = [functional.pixel_unshuffle(fine, 2) for fine in finest]
        middle = self.middle(torch.cat([*folded, middle], dim=1))
        middle = middle + functional.interpolate(coarse, size=middle.shape[-2:], mode="nearest")
        scores, moves = [], []
        for values, tower, score, move in zip((middle, coarse), self.towers, self.score, self.move):
            seen = tower(values)
            scores.append(_rows(score(seen), self.classes))
            moves.append(_rows(move(seen), 4))
        return torch.cat(scores, dim=1), torch.cat(moves, dim=1)


def boxes_from(moves: torch.Tensor, anchor_boxes: torch.Tensor) -> torch.Tensor:
    """Move and stretch the anchors: (…, N, 4) and (N, 4) xyxy -> boxes (…, N, 4) xyxy.

    The centre moves by a share of the anchor's size; width and height are multiplied by an exponential, so that they
    stay positive (Faster R-CNN's parametrisation).
    """
    size = anchor_boxes[:, 2:] - anchor_boxes[:, :2]
    centre = (anchor_boxes[:, :2] + anchor_boxes[:, 2:]) / 2 + moves[..., :2] * size
    half = size * moves[..., 2:].clamp(-4, 4).exp() / 2
    return torch.cat([centre - half, centre + half], dim=-1)


def _block(width: int) -> list[nn.Module]:
    return [nn.Conv2d(width, width, 3, padding=1, bias=False), nn.GroupNorm(8, width), nn.ReLU(inplace=True)]


def _rows(values: torch.Tensor, numbers: int) -> torch.Tensor:
    """(n, A·numbers, h, w) -> (n, h·w·A, numbers): cell by cell, as ``anchors`` orders them."""
    n, _, height, width = values.shape
    return values.view(n, -1, numbers, height, width).permute(0, 3, 4, 1, 2).reshape(n, -1, numbers)
