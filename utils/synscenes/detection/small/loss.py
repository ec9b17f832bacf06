"""What the small detector is told: focal loss for the classes, GIoU loss for the boxes."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional
from torchvision.ops import generalized_box_iou_loss

from synscenes.boxes import area
from synscenes.detection.anchors import BACKGROUND, IGNORED, match
from synscenes.detection.overlap import intersection
from synscenes.detection.small.examples import Example
from synscenes.detection.small.network import boxes_from


def targets(example: Example, anchor_boxes: np.ndarray, high: float, low: float) -> np.ndarray:
    """Return which object of the example each anchor answers for, or BACKGROUND or IGNORED: (N,) int64.

    An anchor that would be background but lies mostly on a crowd is ignored.
    """
    real = np.flatnonzero(example.labels >= 0)
    found = match(anchor_boxes, example.boxes[real], high, low)
    found[found >= 0] = real[found[found >= 0]]
    crowds = example.boxes[example.labels < 0]
    if len(crowds):
        on_crowd = intersection(anchor_boxes, crowds).max(axis=1) > 0.5 * area(anchor_boxes)
        found[(found == BACKGROUND) & on_crowd] = IGNORED
    return found


def focal_loss(logits: torch.Tensor, wanted: torch.Tensor, alpha: float = 0.25, gamma: float = 2.0) -> torch.Tensor:
    """Return the focal loss of every logit, unsummed (Lin et al. 2017, "Focal Loss for Dense Object Detection").

    Cross-entropy, times (1 - p)^gamma where p is the probability given to the truth: what is right already hardly
    counts, so that thousands of easy background anchors can't drown a few objects. ``alpha`` weighs objects against
    background. Equal to ``torchvision.ops.sigmoid_focal_loss``.
    """
    p = logits.sigmoid()
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    missing = p + wanted - 2 * p * wanted  # 1 - p for objects, p for background
    weight = alpha * wanted + (1 - alpha) * (1 - wanted)
    return weight * missing**gamma * entropy


def losses(
    logits: torch.Tensor, moves: torch.Tensor, anchor_boxes: torch.Tensor, labels: torch.Tensor, truth: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (class loss, box loss) of a batch, each a mean over the anchors that have an object.

    ``logits`` (n, N, K), ``moves`` (n, N, 4); ``labels`` (n, N): class, BACKGROUND or IGNORED; ``truth`` (n, N, 4): the
    object's box for anchors that have one.
    """
    has_object = labels >= 0
    count = has_object.sum().clamp(min=1)
    classes = summed_focal_loss(logits, labels) / count
    found = boxes_from(moves, anchor_boxes)[has_object]
    boxes = generalized_box_iou_loss(found, truth[has_object], reduction="sum") / count
    return classes, boxes


def summed_focal_loss(
    logits: torch.Tensor, labels: torch.Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> torch.Tensor:
    """Return the sum of ``focal_loss`` over all anchors but the ignored ones, in half the time.

    Nearly every answer should be "no": take them all for that, and then put right the few that should be "yes".
    """
    no = ((1 - alpha) * logits.sigmoid() ** gamma * functional.softplus(logits)).sum(dim=-1)
    total = (no * (labels != IGNORED)).sum()
    has_object = labels >= 0
    yes = logits[has_object].gather(1, labels[has_object][:, None])
    return total + (focal_loss(yes, torch.ones_like(yes)) - focal_loss(yes, torch.zeros_like(yes))).sum()
