"""Evidence about models: the metadata inside torchvision."""

from __future__ import annotations

import warnings


def _scores(model: str, weights: str) -> dict[str, float]:
    from torchvision import models

    return models.get_model_weights(model)[weights].meta["_metrics"]["ImageNet-1K"]


def alexnet_top5() -> float:
    """acc@5 in torchvision's AlexNet_Weights.IMAGENET1K_V1."""
    return _scores("alexnet", "IMAGENET1K_V1")["acc@5"]


def vgg16_top5() -> float:
    """acc@5 in torchvision's VGG16_Weights.IMAGENET1K_V1."""
    return _scores("vgg16", "IMAGENET1K_V1")["acc@5"]


def vit_h14_top1_top5() -> list[float]:
    """acc@1 and acc@5 in torchvision's ViT_H_14_Weights.IMAGENET1K_SWAG_E2E_V1."""
    scores = _scores("vit_h_14", "IMAGENET1K_SWAG_E2E_V1")
    return [scores["acc@1"], scores["acc@5"]]


def resnet50_two_recipes() -> list[float]:
    """acc@1 of torchvision's two sets of ResNet-50 weights."""
    return [_scores("resnet50", name)["acc@1"] for name in ("IMAGENET1K_V1", "IMAGENET1K_V2")]


def torchvision_weight_sets() -> int:
    """the sets of ImageNet-1K classification weights in torchvision 0.29 that carry a score."""
    from synscenes.models.zoo import torchvision_table

    return len(torchvision_table())


def torchvision_best_top1() -> float:
    """the highest acc@1 among torchvision's classification weights."""
    from synscenes.models.zoo import torchvision_table

    return float(torchvision_table()["top1"].max())


def pretrained_warning() -> str:
    """the version in torchvision's own warning for resnet50(pretrained=False)."""
    import re

    import torch
    from torchvision import models

    with warnings.catch_warnings(record=True) as caught, torch.device("meta"):
        warnings.simplefilter("always")
        models.resnet50(pretrained=False)
    said = " ".join(str(warning.message) for warning in caught)
    found = re.search(r"'pretrained' is deprecated since (\d+\.\d+)", said)
    return found[1] if found else "no warning"
