"""YOLOv4-tiny at 416: from a decoded image to boxes, ours against OpenCV's Darknet reader (where it's installed)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from harness import Measured, fresh, repeat, row

IMAGES = 8


def run(full: bool = False) -> list[dict]:
    """Measure both with one thread. The promise, 8 images a second, is for two cores: one that keeps it is enough."""
    ours = fresh("bench_detect", "ours_detect")
    peer = None
    if importlib.util.find_spec("cv2") is not None:
        peer = fresh("bench_detect", "opencv_detect")
    rate = IMAGES / ours.median_s
    bar = f"≥ 8 images/s ({rate:.1f} with one thread)"
    return [row(f"YOLOv4-tiny, {IMAGES} images of 640 × 480", ours, peer, "OpenCV (network only)", bar, rate >= 8)]


def ours_detect() -> Measured:
    """synscenes' detector: resize, network, decode, suppress."""
    import torch

    from synscenes import models

    torch.set_num_threads(1)
    detector, pictures = models.load("yolov4_tiny"), _pictures()
    list(detector.detect_all(pictures))
    return repeat(lambda: list(detector.detect_all(pictures)))


def opencv_detect() -> Measured:
    """OpenCV's reader: resize and network, one image at a time, without suppression."""
    import cv2
    import numpy as np

    from synscenes import assets

    cv2.setNumThreads(1)
    folder = Path(assets.path("yolov4_tiny"))
    network = cv2.dnn.readNetFromDarknet(str(folder / "yolov4-tiny.cfg"), str(folder / "yolov4-tiny.weights"))
    pictures = [np.asarray(picture) for picture in _pictures()]

    def work() -> None:
        for pixels in pictures:
            network.setInput(cv2.dnn.blobFromImage(pixels, 1 / 255, (416, 416)))
            network.forward(network.getUnconnectedOutLayersNames())

    work()
    return repeat(work)


def _pictures():
    """The drawn stop sign of the tests, turned a little further each time."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reference"))
    from make_yolov4_tiny import picture
    from PIL import Image

    sign = Image.fromarray(picture()).resize((640, 480))
    return [sign.rotate(5 * turn) for turn in range(IMAGES)]
