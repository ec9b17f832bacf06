"""torchvision's classifiers as a table: accuracy, size and cost, read from the weights' own metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas

# Longest first where one name begins with another.
_FAMILIES = {
    "alexnet": "AlexNet",
    "vgg": "VGG",
    "googlenet": "Inception",
    "inception": "Inception",
    "squeezenet": "SqueezeNet",
    "resnet": "ResNet",
    "wide_resnet": "ResNet",
    "resnext": "ResNet",
    "densenet": "DenseNet",
    "mobilenet": "MobileNet",
    "mnasnet": "MnasNet",
    "shufflenet": "ShuffleNet",
    "efficientnet": "EfficientNet",
    "regnet": "RegNet",
    "convnext": "ConvNeXt",
    "vit": "ViT",
    "swin": "Swin",
    "maxvit": "MaxViT",
}


def torchvision_table() -> pandas.DataFrame:
    """Return one row per set of ImageNet-1K classification weights in torchvision, best top-1 first.

    Columns: model, weights (the enum entry), family, top1, top5 (percent, one centre crop, on the 50,000
    validation images), params (millions), gflops (billions of multiply-adds an image), size_mb (file),
    crop (input side in pixels), extra_data (trained on more than ImageNet-1K). No weights are downloaded.
    """
    import pandas
    from torchvision import models

    rows = []
    for name in models.list_models(module=models):
        for entry in models.get_model_weights(name):
            meta = entry.meta
            score = meta["_metrics"]["ImageNet-1K"]
            if score["acc@1"] != score["acc@1"]:  # NaN: VGG-16's "features only" weights classify nothing
                continue
            rows.append(
                {
                    "model": name,
                    "weights": entry.name,
                    "family": _family(name),
                    "top1": score["acc@1"],
                    "top5": score["acc@5"],
                    "params": meta["num_params"] / 1e6,
                    "gflops": meta["_ops"],
                    "size_mb": meta["_file_size"],
                    "crop": entry.transforms().crop_size[0],
                    "extra_data": "SWAG" in entry.name,
                }
            )
    table = pandas.DataFrame(rows).sort_values(["top1", "model"], ascending=[False, True])
    return table.reset_index(drop=True)


def pareto_front(cost, score) -> np.ndarray:
    """Return which points no other point beats: (n,) bool.

    A point is beaten when another costs no more and scores no less, and is better in at least one of
    the two. Equal points beat neither each other. Raises ValueError for mismatched or NaN input.
    """
    cost, score = np.asarray(cost, dtype=float), np.asarray(score, dtype=float)
    if cost.ndim != 1 or cost.shape != score.shape:
        raise ValueError(f"cost and score must be 1-D of one length, got {cost.shape} and {score.shape}")
    if np.isnan(cost).any() or np.isnan(score).any():
        raise ValueError("cost and score must not hold NaN")
    no_worse = (cost[None] <= cost[:, None]) & (score[None] >= score[:, None])
    better = (cost[None] < cost[:, None]) | (score[None] > score[:, None])
    return ~(no_worse & better).any(axis=1)


def _family(name: str) -> str:
    return next((label for start, label in _FAMILIES.items() if name.startswith(start)), name)
