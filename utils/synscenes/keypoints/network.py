"""A small network for joints: a frozen ImageNet backbone, and a head that draws 17 heatmaps.

In the manner of "Simple Baselines for Human Pose Estimation and Tracking" (Xiao et al. 2018): features, a few
layers that enlarge them, one map a joint. Because the backbone doesn't learn, its features are computed once and kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from synscenes.keypoints.joints import NAMES

STRIDE = 4  # a heatmap's pixel is this many pixels of the crop
# Layers of torchvision's MobileNetV2 -> channels: the last ones at strides 4, 8 and 16.
_TAPS = {3: 24, 6: 32, 13: 96}
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Backbone(nn.Module):
    """MobileNetV2 up to stride 16, in eval mode for good: crops (N, 3, H, W) from 0 to 1 -> features."""

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.layers = classifier.features[: max(_TAPS) + 1].eval().requires_grad_(False)
        self.register_buffer("mean", torch.tensor(_MEAN)[:, None, None])
        self.register_buffer("std", torch.tensor(_STD)[:, None, None])

    def train(self, mode: bool = True) -> Backbone:
        """Stay in eval mode: the statistics of BatchNorm are part of what was learnt."""
        return super().train(False)

    def forward(self, crops: torch.Tensor) -> list[torch.Tensor]:
        """Return the features at strides 4, 8 and 16."""
        x, kept = (crops - self.mean) / self.std, []
        for place, layer in enumerate(self.layers):
            x = layer(x)
            if place in _TAPS:
                kept.append(x)
        return kept


class Head(nn.Module):
    """Features at strides 4, 8, 16 -> heatmaps (N, 17, H/4, W/4); the coarse is enlarged and added to the fine."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        fine, middle, coarse = _TAPS.values()
        self.coarse = nn.Sequential(_convolution(coarse, width, 3), _convolution(width, width, 3))
        self.middle, self.middle_mix = _convolution(middle, width, 1), _separable(width)
        self.fine, self.fine_mix = _convolution(fine, width, 1), _separable(width)
        self.maps = nn.Conv2d(width, len(NAMES), 1)
        nn.init.normal_(self.maps.weight, std=0.001)  # Start near zero, where most of every map is.
        nn.init.zeros_(self.maps.bias)

    def forward(self, features: list[torch.Tensor]) -> torch.Tensor:
        """Return the heatmaps of features as ``Backbone`` gives them."""
        fine, middle, coarse = features
        x = self.middle_mix(_enlarged(self.coarse(coarse), middle) + self.middle(middle))
        x = self.fine_mix(_enlarged(x, fine) + self.fine(fine))
        return self.maps(x)


def backbone() -> Backbone:
    """Return the backbone with the weights of the course's MobileNetV2. Raises CourseError where they can't be had."""
    from synscenes import models

    return Backbone(models.load("mobilenet_v2").module)


def features(network: Backbone, crops: np.ndarray, device: Any = "cpu", batch_size: int = 64) -> list[torch.Tensor]:
    """Return the features of crops (N, H, W, 3) uint8, half precision, on the CPU: to be kept and used again."""
    from tqdm.auto import tqdm

    network.to(device)
    parts = []
    with torch.inference_mode():
        for start in tqdm(range(0, len(crops), batch_size), desc="backbone", leave=False):
            batch = torch.tensor(crops[start : start + batch_size], device=device).permute(0, 3, 1, 2).float() / 255
            parts.append([each.half().cpu() for each in network(batch)])
    return [torch.cat(level) for level in zip(*parts)]


def predict(head: Head, kept: list[torch.Tensor], device: Any = "cpu", batch_size: int = 128) -> np.ndarray:
    """Return the heatmaps (N, 17, H, W), float32, of kept features. Leaves the head's mode as it finds it."""
    mode = head.training
    head.to(device).eval()
    with torch.inference_mode():
        maps = [
            head([level[start : start + batch_size].to(device).float() for level in kept]).cpu().numpy()
            for start in range(0, len(kept[0]), batch_size)
        ]
    head.train(mode)
    return np.concatenate(maps)


def _convolution(inside: int, outside: int, side: int, groups: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(inside, outside, side, padding=side // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


def _separable(width: int) -> nn.Sequential:
    return nn.Sequential(_convolution(width, width, 5, groups=width), _convolution(width, width, 1))


def _enlarged(coarse: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
    return nn.functional.interpolate(coarse, size=fine.shape[-2:], mode="bilinear", align_corners=False)
