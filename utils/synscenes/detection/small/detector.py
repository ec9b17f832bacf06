"""The small detector as a ``Detector``: the same ``detect`` as YOLOv4-tiny, and a faster way over kept features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torchvision.ops import batched_nms

from synscenes.detection.small.backbone import Backbone
from synscenes.detection.small.network import Head, all_anchors, boxes_from
from synscenes.models.model import Detector
from synscenes.models.placement import letterbox

_CANDIDATES = 400  # (box, class) pairs an image that go into suppression, best first


@dataclass(repr=False)
class SmallDetector(Detector):
    """A frozen ``Backbone`` and a trained ``Head`` for images letterboxed to ``size`` (height, width)."""

    size: tuple[int, int] = (240, 320)
    anchor_boxes: torch.Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.anchor_boxes = torch.from_numpy(all_anchors(self.size)).float()

    @classmethod
    def build(
        cls, ids: list[int], names: list[str], size: tuple[int, int], backbone: Backbone, **options: Any
    ) -> SmallDetector:
        """Return a detector with an untrained head for these categories; ``options`` go to ``Head``."""
        module = nn.ModuleDict({"backbone": backbone, "head": Head(len(ids), **options)})
        prepare = lambda image: letterbox(image, size, smooth=True)[0]  # noqa: E731
        source = "trained here, on a frozen MobileNetV2"
        return cls("small", module, prepare, list(names), source, list(ids), 0.5, size)

    def _find(self, images: list, score_threshold: float, iou_threshold: float) -> list[tuple]:
        pixels, placements = zip(*[letterbox(image, self.size, smooth=True) for image in images])
        maps = self.module["backbone"](torch.stack(pixels).to(next(self.module.parameters()).device))
        sizes = [image.size for image in images]
        return self.from_features(maps, placements, sizes, score_threshold, iou_threshold)

    def from_features(self, maps, placements, sizes, score_threshold: float, iou_threshold: float) -> list[tuple]:
        """Return what ``_find`` does, from the backbone's maps; ``sizes`` are the images' (width, height)."""
        logits, moves = self.module["head"](maps)
        scores, boxes = logits.sigmoid().cpu(), boxes_from(moves, self.anchor_boxes.to(moves.device)).cpu()
        found = []
        for own_scores, own_boxes, placement, (width, height) in zip(scores, boxes, placements, sizes):
            best, places = own_scores.flatten().topk(min(_CANDIDATES, own_scores.numel()))
            best, places = best[best > score_threshold], places[best > score_threshold]
            anchor, label = places // own_scores.shape[1], places % own_scores.shape[1]
            own = placement.to_image(own_boxes[anchor])
            own = own.clamp(min=own.new_zeros(4), max=own.new_tensor([width, height] * 2))
            keep = batched_nms(own, best, label, iou_threshold)
            found.append((own[keep], best[keep], label[keep]))
        return found
