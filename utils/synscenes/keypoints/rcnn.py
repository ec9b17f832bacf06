"""torchvision's Keypoint R-CNN: it finds the persons itself, and a heatmap a joint for each (He et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np


def find(model: Any, image: Any, score_threshold: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Return the persons found in a PIL image: joints (N, 17, 3) of x, y, v, and scores (N,), best first.

    ``model``: what ``synscenes.models.load("keypointrcnn_resnet50_fpn")`` returns. Its v is always 1.
    """
    import torch
    from torchvision.transforms.functional import to_tensor

    from synscenes.pictures import to_rgb

    device = next(model.module.parameters()).device
    with torch.inference_mode():
        (found,) = model.module([to_tensor(to_rgb(image)).to(device)])
    scores, joints = found["scores"].cpu().numpy(), found["keypoints"].cpu().numpy()
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= score_threshold]
    return joints[order].astype(np.float64), scores[order]
