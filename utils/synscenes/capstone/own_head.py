"""YOLOv4-tiny's own last layers as a head that goes on learning: it need not begin from nothing.

Two 1 x 1 convolutions turn its features into boxes and scores. They know COCO's 80 categories from photographs; a few
hundred scenes are enough to teach them how the same things look here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from synscenes.capstone.features import COARSE, MIDDLE
from synscenes.detection.anchors import centres
from synscenes.detection.small.detector import SmallDetector

STRIDES = (16, 32)  # the order of the rows: the finer map first, as in lesson 10's head


def layers() -> list[Any]:
    """How YOLOv4-tiny reads its maps at strides 16 and 32: their anchors and ``scale_x_y``."""
    from synscenes import models

    coarse, middle = models.load("yolov4_tiny").module.yolo
    return [middle, coarse]


def own_anchors(size: tuple[int, int]) -> np.ndarray:
    """Return YOLOv4-tiny's anchors on an input of (height, width): (N, 4) xyxy, map by map, cell by cell."""
    rows = []
    for layer, stride in zip(layers(), STRIDES):
        middle, shape = centres(*size, stride)[:, None], np.array(layer.anchors)
        rows.append(np.concatenate([middle - shape / 2, middle + shape / 2], axis=-1).reshape(-1, 4))
    return np.concatenate(rows)


class OwnHead(nn.Module):
    """Maps at strides 16 and 32 -> one logit a class and four moves for each anchor: (n, N, K), (n, N, 4).

    The same numbers as YOLOv4-tiny's, written as lesson 10's head writes them: the logit of objectness times class,
    and moves in shares of the anchor's size. ``classes``: places of the wanted categories among its 80.
    """

    def __init__(self, classes: list[int]):
        super().__init__()
        from synscenes import models

        network = models.load("yolov4_tiny").module
        self.last = nn.ModuleList(network.layers[place + 1].convolution for place in (MIDDLE, COARSE))
        self.requires_grad_(True)
        self.read = layers()
        self.classes = list(classes)

    def forward(self, maps: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        scores, moves = [], []
        for values, last, layer, stride in zip(maps, self.last, self.read, STRIDES):
            raw = last(values)
            n, _, height, width = raw.shape
            fields = raw.view(n, len(layer.anchors), 5 + layer.classes, height, width).permute(0, 3, 4, 1, 2)
            fields = fields.reshape(n, -1, 5 + layer.classes)
            anchors = raw.new_tensor(layer.anchors).repeat(height * width, 1)
            centre = layer.scale_x_y * (fields[..., :2].sigmoid() - 0.5) * stride / anchors
            moves.append(torch.cat([centre, fields[..., 2:4]], dim=-1))
            scores.append(joined(fields[..., 4:5], fields[..., 5:][..., self.classes]))
        return torch.cat(scores, dim=1), torch.cat(moves, dim=1)


def joined(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return the logit of σ(one) · σ(other), without loss of precision where it is near 0 or 1."""
    product = functional.logsigmoid(one) + functional.logsigmoid(other)  # log p, at most 0
    return product - torch.log(-torch.expm1(product.clamp(max=-1e-6)))


def build(ids: list[int], names: list[str], size: tuple[int, int], backbone: Any, **unused: Any) -> SmallDetector:
    """Return a detector that predicts as YOLOv4-tiny does until it is trained; see ``SmallDetector.build``."""
    from synscenes.models.yolov4_tiny import coco_categories

    detector = SmallDetector.build(ids, names, size, backbone)
    known = coco_categories()[1]
    detector.module["head"] = OwnHead([known.index(number) for number in ids])
    detector.anchor_boxes = torch.from_numpy(own_anchors(size)).float()
    detector.iou_threshold = 0.45
    return detector
