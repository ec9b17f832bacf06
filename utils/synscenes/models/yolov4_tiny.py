"""YOLOv4-tiny: one look at the image, two grids of predictions, boxes.

The network and its weights are Darknet's own files (Bochkovskiy, Wang and Liao 2020; Wang et al. 2021). This module
does what stands around the network: bring the image to its size, turn its raw numbers into boxes (decode), and
bring the boxes back to the image.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torchvision.ops import batched_nms

from synscenes.errors import CourseError
from synscenes.models.darknet import Darknet, YoloLayer, load_weights
from synscenes.models.darknet_cfg import parse
from synscenes.models.model import Detector
from synscenes.models.placement import stretch

# Darknet's own value for yolov4-tiny (nms in its C code), which its published AP was measured with.
_IOU_THRESHOLD = 0.45


def decode(raw: torch.Tensor, layer: YoloLayer, size: tuple[int, int], score_threshold: float):
    """Turn one raw map (n, A·(5 + C), h, w) into candidates above a score.

    Returns (image index (k,), boxes xyxy in input pixels (k, 4), scores (k,), classes (k,)). In the cell (column,
    row) an anchor of width a predicts a box with centre x = (column + s·σ(t_x) − (s − 1)/2) · stride and width
    a·exp(t_w); s is ``scale_x_y``, which lets a centre reach the cell's edge. The score of a class is σ(objectness)
    · σ(class).
    """
    n, _, height, width = raw.shape
    fields = raw.reshape(n, len(layer.anchors), 5 + layer.classes, height, width).permute(0, 1, 3, 4, 2)
    # A score is at most its objectness: cells below the threshold needn't be decoded at all.
    sure = fields[..., 4].sigmoid()
    image, anchor, row, column = torch.nonzero(sure > score_threshold, as_tuple=True)
    chosen = fields[image, anchor, row, column]
    scores = chosen[:, 5:].sigmoid() * sure[image, anchor, row, column][:, None]
    which, label = torch.nonzero(scores > score_threshold, as_tuple=True)

    stride = raw.new_tensor([size[1] / width, size[0] / height])
    cell = torch.stack([column, row], dim=1)
    spread = layer.scale_x_y
    centre = (cell + spread * chosen[:, :2].sigmoid() - (spread - 1) / 2) * stride
    half = raw.new_tensor(layer.anchors)[anchor] * chosen[:, 2:4].exp() / 2
    boxes = torch.cat([centre - half, centre + half], dim=1)
    return image[which], boxes[which], scores[which, label], label


class YoloDetector(Detector):
    """A Detector around a ``Darknet`` network; ``fit`` (see ``synscenes.models.placement``) prepares the image."""

    fit = staticmethod(stretch)

    def _find(self, images: list, score_threshold: float, iou_threshold: float) -> list[tuple]:
        network = self.module
        device = next(network.parameters()).device
        tensors, placements = zip(*[self.fit(image, network.size) for image in images])
        maps = network(torch.stack(tensors).to(device, memory_format=torch.channels_last))
        parts = [decode(raw, layer, network.size, score_threshold) for raw, layer in zip(maps, network.yolo)]
        owner, boxes, scores, labels = (torch.cat(columns).cpu() for columns in zip(*parts))
        found = []
        for index, (image, placement) in enumerate(zip(images, placements)):
            mine = owner == index
            own = placement.to_image(boxes[mine])
            own = own.clamp(min=own.new_zeros(4), max=own.new_tensor([image.width, image.height] * 2))
            keep = batched_nms(own, scores[mine], labels[mine], iou_threshold)
            found.append((own[keep], scores[mine][keep], labels[mine][keep]))
        return found


def load_yolov4_tiny(weights: str | None = "auto") -> YoloDetector:
    """Build YOLOv4-tiny from the course's asset: see ``synscenes.models.load``."""
    from synscenes import assets

    if weights not in ("auto", None):
        raise CourseError(f"yolov4_tiny has no weights named {weights!r}: use weights='auto', or None for random ones.")
    folder = Path(assets.path("yolov4_tiny"))
    source = "random parameters (no weights loaded)"
    network = Darknet(parse((folder / "yolov4-tiny.cfg").read_text(encoding="utf-8")))
    if weights == "auto":
        path = folder / "yolov4-tiny.weights"
        load_weights(network, path)
        source = f"course asset yolov4_tiny ({path.name}, Darknet's own)"
    names, ids = coco_categories()
    network = network.eval().to(memory_format=torch.channels_last)  # the layout in which a CPU convolves fastest
    return YoloDetector(
        "yolov4_tiny", network, lambda image: stretch(image, network.size)[0], names, source, ids, _IOU_THRESHOLD
    )


def coco_categories() -> tuple[list[str], list[int]]:
    """Return COCO's 80 category names and their ids, in order: ids run to 90 with ten left out.

    Networks number their outputs 0-79 without gaps; the position in these lists is that number.
    """
    from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights

    every = FasterRCNN_ResNet50_FPN_Weights.DEFAULT.meta["categories"]
    used = [(name, index) for index, name in enumerate(every) if name not in ("__background__", "N/A")]
    return [name for name, _ in used], [index for _, index in used]
