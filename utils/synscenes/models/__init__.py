"""Pretrained models with everything needed to use them: preprocessing, class names, and their origin.

``load("mobilenet_v2")`` gives a Classifier, ``load("yolov4_tiny")`` a Detector. Each kind of model is a small
class with the same fields (see ``synscenes.models.model``) and lives in a module of its own.
"""

from __future__ import annotations

import difflib

from synscenes.errors import CourseError
from synscenes.models.model import Classifier, Detection, Detector, Model

__all__ = ["Classifier", "Detection", "Detector", "Model", "at_hand", "available", "load"]


def load(name: str, weights: str | None = "auto", *, allow_download: bool = False) -> Model:
    """Return a pretrained model, in eval mode, on the CPU: a Classifier, or a Detector for a detector's name.

    ``name``: "mobilenet_v2" (torchvision's own weights, from the course's assets), "efficientnet_lite0"
    (through timm, likewise), "yolov4_tiny" (Darknet's own files, likewise), or any torchvision classification
    or detection model whose weights are in torch hub's cache. ``weights``: "auto"; the name of one of
    torchvision's weight entries, such as "IMAGENET1K_V2"; or None for random parameters.
    ``allow_download=True`` fetches from PyTorch's hub what is missing (see ``synscenes.models.hub``); without it
    nothing touches the network except the course's own assets. Raises CourseError, in one line, for an unknown
    name, missing or damaged weights, or a failed download.
    """
    from synscenes.models import classifiers, detectors

    _check(name)
    loader = detectors.load_detector if name in detectors.names() else classifiers.load_classifier
    return loader(name, weights, allow_download=allow_download)


def at_hand(name: str, weights: str = "auto", *, hub_mb: float = 0) -> Model | None:
    """Return what ``load`` returns and print where its weights came from, or print what is missing and return None.

    This is how a lesson takes a model that is not among the course's files. ``hub_mb``: weights of up to this many
    megabytes are fetched from PyTorch's hub; 0 keeps to what is on this machine. Raises CourseError for an unknown
    name, in the model or the weights.
    """
    from synscenes.models.checkpoints import NotAtHand

    _check(name)
    size, cached, host = _hub_size(name, weights)
    if not cached and size > hub_mb:
        print(f"{name}: not on this machine. HUB_MB = {size} would let it be fetched from {host}.")
        return None
    try:
        model = load(name, weights, allow_download=True)
    except NotAtHand as error:
        print(f"{name} is left out. {error}")
        return None
    print(f"{name}: weights from {model.source}")
    return model


def _hub_size(name: str, weights: str) -> tuple[int, bool, str]:
    """The megabytes that PyTorch's hub would send for a model, rounded up; whether it needn't; the hub's host."""
    from math import ceil
    from urllib.parse import urlsplit

    from synscenes.models import classifiers, detectors, hub

    kind = detectors if name in detectors.names() else classifiers
    if kind.is_asset(name, weights):
        return 0, True, ""
    wanted = kind.entries_wanted(name, weights)
    cached = any(hub.is_cached(entry) for entry in wanted)
    return ceil(wanted[0].meta["_file_size"]), cached, urlsplit(wanted[0].url).netloc


def _check(name: str) -> None:
    from synscenes.models import classifiers, detectors

    known = [*classifiers.names(), *detectors.names()]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"at hand: {', '.join(available())}."
        raise CourseError(f"No model named {name!r}: {hint}")


def available() -> list[str]:
    """Return the names that ``load`` can give without torch hub: assets, and what hub's cache holds."""
    from synscenes.models import classifiers, detectors

    return sorted([*classifiers.available(), *detectors.available()])
