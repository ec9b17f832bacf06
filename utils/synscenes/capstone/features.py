"""YOLOv4-tiny as a frozen backbone: what it knows of things just before it says what they are."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

# The maps before its two last 1 x 1 convolutions, which only turn them into boxes and 80 scores.
COARSE, MIDDLE = 28, 35
CHANNELS = (0, 256, 512)  # strides 8 (none), 16, 32


class YoloFeatures(nn.Module):
    """Frozen YOLOv4-tiny without its predictions: (n, 3, H, W) in 0 … 1 -> maps at strides 16 and 32.

    H and W are multiples of 32. A drop-in for ``synscenes.detection.small.Backbone``.
    """

    def __init__(self, weights: str | None = "auto"):
        super().__init__()
        from synscenes import models

        network = models.load("yolov4_tiny", weights).module
        self.layers = network.layers[: MIDDLE + 1]
        self.sources = network.sources[: MIDDLE + 1]
        self.skipped = {COARSE + 1, COARSE + 2}  # the coarse map's own predictions, which nothing else reads
        self.register_buffer("mean", torch.zeros(1), persistent=False)  # it takes pixels as they are
        self.requires_grad_(False).train(False)

    def train(self, mode: bool = True) -> YoloFeatures:
        """Stay in eval mode: it is frozen."""
        return super().train(False)

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        outputs: dict[int, Any] = {-1: pixels.contiguous(memory_format=torch.channels_last)}
        for index, (layer, sources) in enumerate(zip(self.layers, self.sources)):
            if index not in self.skipped:
                outputs[index] = layer(*[outputs[source] for source in sources])
        return [outputs[MIDDLE], outputs[COARSE]]
