"""What the frozen backbone sees, computed once: MobileNetV2's maps at strides 4, 8, 16 and 32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

# Every image is stretched to this height and width (micro-COCO's images have it already).
SIZE = (240, 320)
# torchvision's mobilenet_v2().features: at strides 4 and 8 the last layer's output, at stride 16 the wide inner map of
# the block that follows, at stride 32 the map that ImageNet's classifier saw.
CHANNELS = {4: 24, 8: 32, 16: 576, 32: 1280}
_LAST = {3: 4, 6: 8, 18: 32}
_WIDE = 14
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Features:
    """Maps of n images: ``maps[stride]`` is (n, channels, height, width), float16 to halve the memory."""

    maps: dict[int, torch.Tensor]

    def __len__(self) -> int:
        return len(self.maps[8])

    def batch(self, rows: Any, device: Any = None) -> dict[int, torch.Tensor]:
        """Return some rows as float32 on ``device``."""
        import torch

        return {
            stride: values[rows].to(device, torch.float32, memory_format=torch.channels_last)
            for stride, values in self.maps.items()
        }


def backbone(device: Any = None) -> torch.nn.Module:
    """Return the convolutions of the pretrained MobileNetV2, frozen."""
    import torch

    from synscenes import models

    layers = models.load("mobilenet_v2").module.features
    # Pixels side by side in memory rather than channels: a third less time on a CPU.
    return layers.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)


def pixels(image: Any) -> torch.Tensor:
    """Return the network's input of a PIL image: (3, 240, 320), normalised as for ImageNet."""
    import torch
    from PIL import Image

    from synscenes.pictures import to_rgb

    image = to_rgb(image)
    if image.size != SIZE[::-1]:
        image = image.resize(SIZE[::-1], Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.asarray(image, dtype=np.float32) / 255)
    return ((values - torch.tensor(_MEAN)) / torch.tensor(_STD)).permute(2, 0, 1)


def maps_of(layers: torch.nn.Module, batch: torch.Tensor) -> dict[int, torch.Tensor]:
    """Run the backbone on a batch (n, 3, 240, 320) and return its map at each stride."""
    found = {}
    for place, layer in enumerate(layers):
        if place == _WIDE:
            found[16] = layer.conv[0](batch)
        batch = layer(batch)
        if place in _LAST:
            found[_LAST[place]] = batch
    return found


def extract(layers: torch.nn.Module, paths: Sequence[Path], device: Any = None, batch_size: int = 16) -> Features:
    """Run the backbone once over image files, with a progress bar, and keep its maps."""
    import torch
    from PIL import Image
    from tqdm.auto import tqdm

    kept: dict[int, list[torch.Tensor]] = {stride: [] for stride in CHANNELS}
    with torch.inference_mode():
        for start in tqdm(range(0, len(paths), batch_size), desc="backbone", leave=False):
            images = []
            for path in paths[start : start + batch_size]:
                with Image.open(path) as image:
                    images.append(pixels(image))
            batch = torch.stack(images).to(device).contiguous(memory_format=torch.channels_last)
            for stride, values in maps_of(layers, batch).items():
                kept[stride].append(values.half().cpu().contiguous())
    return Features({stride: torch.cat(values) for stride, values in kept.items()})
