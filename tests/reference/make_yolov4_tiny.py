"""Make yolov4_tiny.json: what OpenCV's Darknet reader answers to a picture drawn by formula.

Run with the course's package importable and opencv-python-headless < 4.12 installed (later versions and
OpenCV 5 drop the Darknet reader): ``python tests/reference/make_yolov4_tiny.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np


def picture() -> np.ndarray:
    """A stop sign of a kind on a pole, over a meadow: (416, 416, 3) uint8, whole numbers only, the same everywhere."""
    y, x = np.mgrid[:416, :416]
    pixels = np.stack([110 + y // 8, 150 + y // 8, 210 + x * 0], axis=-1)
    pixels[y > 300] = [80, 130, 60]
    pixels[(abs(x - 210) < 8) & (y > 150) & (y < 390)] = [120, 120, 125]
    across, down = abs(x - 210), abs(y - 150)
    for size, colour in ((100, [240, 240, 240]), (92, [190, 25, 35])):
        pixels[(across < size) & (down < size) & (across + down < 1.41 * size)] = colour
    letters = ["0111 11111 01110 11110", "1000 00100 10001 10001", "0110 00100 10001 11110",
               "0001 00100 10001 10000", "1110 00100 01110 10000"]  # fmt: skip
    for row, line in enumerate(letters):
        for column, mark in enumerate(line):
            if mark == "1":
                pixels[130 + 9 * row : 139 + 9 * row, 131 + 7 * column : 138 + 7 * column] = 245
    return pixels.astype(np.uint8)


def opencv_rows(pixels: np.ndarray, description: str, weights: bytes) -> list[np.ndarray]:
    """Return OpenCV's rows (x, y, w, h, objectness, 80 scores; shares of the image), one array per output map."""
    import cv2

    # OpenCV hides scores below 0.2 unless the description says otherwise.
    network = cv2.dnn.readNetFromDarknet(description.replace("[yolo]", "[yolo]\nthresh=0").encode(), weights)
    network.setInput(cv2.dnn.blobFromImage(pixels, 1 / 255, (416, 416), swapRB=False))
    return list(network.forward(network.getUnconnectedOutLayersNames()))


def main() -> None:
    import cv2

    from synscenes import assets

    folder = Path(assets.path("yolov4_tiny"))
    description = (folder / "yolov4-tiny.cfg").read_text()
    rows = np.concatenate(opencv_rows(picture(), description, (folder / "yolov4-tiny.weights").read_bytes()))
    surest = np.argsort(-rows[:, 4])[:20]
    chosen = sorted({*surest.tolist(), *range(0, len(rows), 61)})
    kept = {
        "made_by": f"OpenCV {cv2.__version__}, cv2.dnn.readNetFromDarknet",
        "rows": {index: [round(float(value), 6) for value in rows[index]] for index in chosen},
    }
    text = json.dumps(kept, separators=(",", ":")).replace('],"', '],\n"')
    Path(__file__).with_name("yolov4_tiny.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
