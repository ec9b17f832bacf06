"""Pretrained models with everything needed to use them: preprocessing, class names, and their origin.

``load("mobilenet_v2")`` gives a Classifier. Each kind of model is a small class with the same four
fields (see ``synscenes.models.model``) and lives in a module of its own.
"""

from __future__ import annotations

from synscenes.models.classifiers import available, load_classifier
from synscenes.models.model import Classifier, Model

__all__ = ["Classifier", "Model", "available", "load"]


def load(name: str, weights: str | None = "auto", *, allow_download: bool = False) -> Model:
    """Return a pretrained model, in eval mode, on the CPU.

    ``name``: "mobilenet_v2" (torchvision's own weights, from the course's assets), "efficientnet_lite0"
    (through timm, likewise), or any torchvision classification model whose weights are in torch hub's
    cache. ``weights``: "auto"; the name of one of torchvision's weight entries, such as
    "IMAGENET1K_V2"; or None for random parameters. ``allow_download=True`` lets torch hub fetch what is
    missing; without it nothing touches the network except the course's own assets. Raises CourseError,
    in one line, for an unknown name, missing or damaged weights, or a failed download.
    """
    return load_classifier(name, weights, allow_download=allow_download)
