"""micro-COCO: images a second, from the seed to the files on disk, with two workers."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from harness import HERE, Measured, row

BAR = 40  # images a second on two cores
CORES = 2


def drawing(images: int) -> dict:
    """Draw and encode ``images`` in this process; CPU seconds of all of them (JPEG, PNG and records included)."""
    sys.path.insert(0, str(HERE.parents[1] / "utils"))
    from synscenes.micrococo import Dials
    from synscenes.micrococo.writer import make_one

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "train2017").mkdir()
        (root / "annotations" / "panoptic_train2017").mkdir(parents=True)
        make_one(0, folder, 1, "train", Dials())  # the imports and the tiles of noise are not the drawing's
        runs = []
        for repeat in range(3):
            start = time.process_time()
            for index in range(images):
                make_one(repeat * images + index, folder, 1, "train", Dials())
            runs.append(time.process_time() - start)
    return {"runs": runs}


def measured(images: int) -> Measured:
    """CPU seconds of ``images`` images in a fresh interpreter, over three runs of different images."""
    from harness import _peak_mb

    runs = sorted(drawing(images)["runs"])
    rate = CORES * images / runs[1]
    return Measured(runs[1], runs[0], runs[-1], 3, _peak_mb(), f"{images} images; {rate:.0f} images/s on {CORES} cores")


def run(full: bool = False) -> list[dict]:
    """Measure the drawing; ``full`` takes 400 images a run instead of 100."""
    from harness import fresh

    images = 400 if full else 100
    ours = fresh("bench_micrococo", "measured", images=images)
    passed = CORES * images / ours.median_s >= BAR
    return [row(f"micro-COCO: {images} images", ours, None, "", f"{BAR} images/s on {CORES} cores", passed)]
