"""Pretrained models with everything needed to use them: preprocessing, class names, and their origin.

``load("mobilenet_v2")`` gives a Classifier, ``load("yolov4_tiny")`` a Detector. Each kind of model is a small
class with the same fields (see ``synscenes.models.model``) and lives in a module of its own.
"""

from __future__ import annotations

import difflib

from synscenes.errors import CourseError
from synscenes.models.model import Classifier, Detection, Detector, Model

__all__ = ["Classifier", "Detection", "Detector", "Model", "available", "load"]


def load(name: str, weights: str | None = "auto", *, allow_download: bool = False) -> Model:
    """Return a pretrained model, in eval mode, on the CPU: a Classifier, or a Detector for a detector's name.

    ``name``: "mobilenet_v2" (torchvision's own weights, from the course's assets), "efficientnet_lite0"
    (through timm, likewise), "yolov4_tiny" (Darknet's own files, likewise), or any torchvision classification
    or detection model whose weights are in torch hub's cache. ``weights``: "auto"; the name of one of
    torchvision's weight entries, such as "IMAGENET1K_V2"; or None for random parameters.
    ``allow_download=True`` lets torch hub fetch what is missing; without it nothing touches the network except
    the course's own assets. Raises CourseError, in one line, for an unknown name, missing or damaged weights,
    or a failed download.
    """
    from synscenes.models import classifiers, detectors

    if name in detectors.names():
        return detectors.load_detector(name, weights, allow_download=allow_download)
    if name not in classifiers.names():
        near = difflib.get_close_matches(name, [*classifiers.names(), *detectors.names()], n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"at hand: {', '.join(available())}."
        raise CourseError(f"No model named {name!r}: {hint}")
    return classifiers.load_classifier(name, weights, allow_download=allow_download)


def available() -> list[str]:
    """Return the names that ``load`` can give without torch hub: assets, and what hub's cache holds."""
    from synscenes.models import classifiers, detectors

    return sorted([*classifiers.available(), *detectors.available()])
