"""torchvision's Mask R-CNN behind the call of our own network.

He, Gkioxari, Dollár, Girshick 2017, "Mask R-CNN": a detector with a small mask for each box.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.segmenting.grouping import Instances

NAME = "maskrcnn_resnet50_fpn"


def instances(model: Any, image: Any, score_threshold: float = 0.05) -> Instances:
    """Return the things in one PIL image as ``PanopticNet.instances`` does.

    ``model``: what ``synscenes.models.at_hand(NAME)`` returns. A pixel belongs to a mask when its probability is
    above 0.5.
    """
    import torch

    from synscenes.pictures import to_rgb

    image = to_rgb(image)
    device = next(model.module.parameters()).device
    with torch.inference_mode():
        found = model.module([model.preprocess(image).to(device)])[0]
    kept = found["scores"] > score_threshold
    masks = (found["masks"][kept, 0] > 0.5).cpu().numpy().reshape(-1, image.height, image.width)
    whole = masks.any(axis=(1, 2))  # A small box may hold no pixel that is sure enough.
    categories = np.array(model.category_ids)[found["labels"][kept].cpu().numpy()]
    return Instances(masks[whole], found["scores"][kept].cpu().numpy()[whole], categories[whole])
