"""torchvision's Mask R-CNN behind the call of our own network, when its weights are at hand.

He, Gkioxari, Dollár, Girshick 2017, "Mask R-CNN": a detector with a small mask for each box.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.segmenting.grouping import Instances

NAME = "maskrcnn_resnet50_fpn"


class MaskRCNN:
    """``instances(image)`` as ``PanopticNet`` has it. Raises CourseError, saying how to get them, without weights."""

    def __init__(self, weights: str | None = "auto", allow_download: bool = False) -> None:
        from synscenes import models

        self.detector = models.load(NAME, weights=weights, allow_download=allow_download)

    def instances(self, image: Any, score_threshold: float = 0.05) -> Instances:
        """Return the things in one PIL image; a pixel belongs to a mask when its probability is above 0.5."""
        import torch

        from synscenes.pictures import to_rgb

        image = to_rgb(image)
        with torch.inference_mode():
            found = self.detector.module([self.detector.preprocess(image)])[0]
        kept = found["scores"] > score_threshold
        masks = (found["masks"][kept, 0] > 0.5).cpu().numpy().reshape(-1, image.height, image.width)
        whole = masks.any(axis=(1, 2))  # A small box may hold no pixel that is sure enough.
        categories = np.array(self.detector.category_ids)[found["labels"][kept].cpu().numpy()]
        return Instances(masks[whole], found["scores"][kept].cpu().numpy()[whole], categories[whole])


def at_hand() -> str:
    """Return "" when Mask R-CNN's weights are on this machine, else one line that says why it is left out."""
    from synscenes.models import detectors

    if NAME in detectors.available():
        return ""
    return (
        f"{NAME} isn't at hand (170 MB; the course's assets hold no Mask R-CNN): "
        "MaskRCNN(allow_download=True) fetches it from PyTorch."
    )
