"""torchvision's detectors (Faster R-CNN, SSD, RetinaNet, FCOS, …) behind the same ``detect`` as YOLOv4-tiny."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torchvision import models
from torchvision.transforms.functional import to_tensor

from synscenes.errors import CourseError
from synscenes.models import hub
from synscenes.models.checkpoints import read_checkpoint
from synscenes.models.model import Detector
from synscenes.models.yolov4_tiny import load_yolov4_tiny

if TYPE_CHECKING:
    import pandas

# torchvision's oldest weights were trained with a frozen normalisation without epsilon; its own loader says so too.
# (Frozen or not makes no difference in eval mode.)
_WITHOUT_EPSILON = {f"{kind}_resnet50_fpn" for kind in ("fasterrcnn", "maskrcnn", "keypointrcnn", "retinanet")}


def names() -> list[str]:
    """Return every detector that ``load`` knows, whether or not its weights are at hand."""
    return sorted([*models.list_models(module=models.detection), "yolov4_tiny"])


def available() -> list[str]:
    """Return the detectors whose weights are at hand: the course's asset, and what torch hub's cache holds."""
    cached = [
        name
        for name in models.list_models(module=models.detection)
        if any(hub.is_cached(entry) for entry in models.get_model_weights(name))
    ]
    return sorted([*cached, "yolov4_tiny"])


def is_asset(name: str, weights: str) -> bool:
    """Return True where these weights are among the course's assets."""
    return name == "yolov4_tiny"


def load_detector(name: str, weights: str | None = "auto", *, allow_download: bool = False) -> Detector:
    """Load one detector: see ``synscenes.models.load``."""
    if name == "yolov4_tiny":
        return load_yolov4_tiny(weights)
    wanted = entries_wanted(name, weights)
    if weights is None:
        entry, path, source = wanted[0], None, "random parameters (no weights loaded)"
    else:
        entry, path, source = hub.find(name, wanted, allow_download, available)
    # weights_backbone=None: otherwise torchvision fetches ImageNet weights that are overwritten a line later.
    classes = len(entry.meta["categories"])
    module = models.get_model(name, weights=None, weights_backbone=None, num_classes=classes)
    if path is not None:
        _fill(module, path, name, entry)
    labels = list(entry.meta["categories"])
    ids = list(range(len(labels)))
    return TorchvisionDetector(name, module.eval(), to_tensor, labels, source, ids, _holder(module).nms_thresh)


def entries_wanted(name: str, weights: str | None) -> list:
    """Return torchvision's weight entries that would do, best first. Raises CourseError for an unknown one."""
    entries = models.get_model_weights(name)
    if weights not in ("auto", None, "DEFAULT", *(entry.name for entry in entries)):
        known = ", ".join(entry.name for entry in entries)
        raise CourseError(f"{name} has no weights named {weights!r}: torchvision offers {known}.")
    # Keypoint R-CNN's first entry is an old one: the default goes first.
    return (
        sorted(entries, key=lambda entry: entry is not entries.DEFAULT)
        if weights in ("auto", None)
        else [entries[weights]]
    )


class TorchvisionDetector(Detector):
    """A Detector around a torchvision network, whose outputs are COCO's ids already (0 is the background)."""

    def _find(self, images: list, score_threshold: float, iou_threshold: float) -> list[tuple]:
        device = next(self.module.parameters()).device
        with _thresholds(self.module, score_threshold, iou_threshold):
            found = self.module([self.preprocess(image).to(device) for image in images])
        results = []
        for each in found:
            order = each["scores"].argsort(descending=True, stable=True).cpu()
            results.append(tuple(each[key].cpu()[order] for key in ("boxes", "scores", "labels")))
        return results


def compare(detectors: list[Detector], images: list, score_threshold: float = 0.5) -> pandas.DataFrame:
    """Return one row per detector: what it finds in the same images, how long it takes, and its published AP.

    Columns: model, parameters (millions), published (box AP on COCO val2017; for yolov4_tiny on test-dev), objects
    (found in all images), sure (mean score), seconds (per image, after one warm-up).
    """
    from time import perf_counter

    import pandas

    rows = []
    for detector in detectors:
        detector.detect(images[0], score_threshold)  # the first call also allocates memory
        start = perf_counter()
        found = [item for items in detector.detect_all(images, score_threshold) for item in items]
        seconds = (perf_counter() - start) / len(images)
        rows.append(
            {
                "model": detector.name,
                "parameters": detector.parameters / 1e6,
                "published": float("nan") if detector.source.startswith("random") else published_ap(detector.name),
                "objects": len(found),
                "sure": sum(item.score for item in found) / len(found) if found else float("nan"),
                "seconds": seconds,
            }
        )
    return pandas.DataFrame(rows)


def published_ap(name: str) -> float:
    """Return the box AP (per cent) that the detector's authors, or torchvision, state for it on COCO."""
    if name == "yolov4_tiny":
        return 22.0  # on test-dev (Wang et al. 2021)
    return max(entry.meta["_metrics"].get("COCO-val2017", {})["box_map"] for entry in models.get_model_weights(name))


def _fill(module: torch.nn.Module, path: Path, name: str, entry) -> None:
    hub.fill(module, read_checkpoint(path), path, name)
    if name in _WITHOUT_EPSILON and entry.name == "COCO_V1":
        for layer in module.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.eps = 0.0


def _holder(module: torch.nn.Module) -> torch.nn.Module:
    """The part of the network that filters boxes: the second stage where there is one."""
    return module.roi_heads if hasattr(module, "roi_heads") else module


@contextmanager
def _thresholds(module: torch.nn.Module, score: float, iou: float) -> Iterator[None]:
    """torchvision keeps its thresholds as attributes of the network: set them for one call, then put them back."""
    holder = _holder(module)
    kept = holder.score_thresh, holder.nms_thresh
    holder.score_thresh, holder.nms_thresh = score, iou
    try:
        yield
    finally:
        holder.score_thresh, holder.nms_thresh = kept
