"""What the small detector sees: MobileNetV2's features at three scales, computed once and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from synscenes import models
from synscenes.models.placement import letterbox
from synscenes.pictures import open_image

if TYPE_CHECKING:
    from synscenes.detection.small.examples import Example

STRIDES = (8, 16, 32)
CHANNELS = (32, 96, 320)
_ENDS = (7, 14, 18)  # where in MobileNetV2's list of blocks each scale ends
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # what the weights were trained with


class Backbone(nn.Module):
    """Pretrained MobileNetV2 without its classifier, frozen: (n, 3, H, W) in 0 … 1 -> maps at strides 8, 16, 32."""

    def __init__(self, weights: str | None = "auto"):
        super().__init__()
        blocks = models.load("mobilenet_v2", weights).module.features
        self.stages = nn.ModuleList(blocks[start:end] for start, end in zip((0, *_ENDS), _ENDS))
        self.register_buffer("mean", torch.tensor(_MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(3, 1, 1), persistent=False)
        self.requires_grad_(False).train(False).to(memory_format=torch.channels_last)

    def train(self, mode: bool = True) -> Backbone:
        """Stay in eval mode: a frozen network must not go on averaging its batches."""
        return super().train(False)

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        # Channels last: the layout in which a CPU convolves this network nearly twice as fast.
        values = ((pixels - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        maps = []
        for stage in self.stages:
            values = stage(values)
            maps.append(values)
        return maps


def extract(
    backbone: Backbone, examples: Sequence[Example], size: tuple[int, int], batch_size: int = 16, progress: bool = True
) -> list[torch.Tensor]:
    """Return the features of all examples: one float16 tensor (n, C, h, w) per scale the backbone gives, on the CPU.

    The backbone doesn't learn, so it needs to look at each image once, not once an epoch. Half precision halves the
    memory (184 kB for 320 × 240 pixels); the features were made by 8-bit pixels anyway. An example that is ``flipped``
    gets the features of the mirrored image: those aren't the mirrored features, since filters aren't symmetric.
    """
    starts: Iterable[int] = range(0, len(examples), batch_size)
    if progress and len(examples) > 100:
        from tqdm.auto import tqdm

        starts = tqdm(starts, desc="features", unit="batch", leave=False)
    kept: list[list[torch.Tensor]] = [[] for _ in STRIDES]
    with torch.inference_mode():
        for start in starts:
            group = [pixels_of(example, size) for example in examples[start : start + batch_size]]
            for level, values in zip(kept, backbone(torch.stack(group).to(backbone.mean.device))):
                level.append(values.half().cpu())
    # A clone: what inference_mode made may not be used where gradients are computed.
    return [torch.cat(level).clone() for level in kept if level]


def pixels_of(example: Any, size: tuple[int, int]) -> torch.Tensor:
    """Return an example's image as the network sees it: (3, H, W) in 0 … 1, mirrored where it's ``flipped``."""
    pixels = letterbox(open_image(example.path), size, smooth=True)[0]
    return pixels.flip(-1) if example.flipped else pixels
