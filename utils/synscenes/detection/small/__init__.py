"""A small one-stage detector, written to be read.

A frozen MobileNetV2 looks at the image once (``backbone``). A head of a few convolutions says for each anchor what it
sees and how the anchor should move (``network``). Anchors are matched with objects once (``loss``, with
``synscenes.detection.match``), and only the head is trained (``training``):

    data = small.prepare("annotations/instances_train2017.json", "train2017", flip=True)
    trained = small.train(data, epochs=12, seed=0)
    trained.detector.detect(image)
"""

from __future__ import annotations

from synscenes.detection.small.backbone import Backbone
from synscenes.detection.small.detector import SmallDetector
from synscenes.detection.small.training import Prepared, Trained, detect, prepare, train

__all__ = ["Backbone", "Prepared", "SmallDetector", "Trained", "detect", "prepare", "train"]
