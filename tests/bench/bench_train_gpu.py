"""A GPU's figures: ResNet-50 at 224 pixels, images a second, beside what it could do without loading and in plain fp32.

Wall-clock seconds, since the work happens elsewhere. Without a CUDA device nothing is measured, and it says so.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

from harness import Measured, row

BATCH, STEPS, WARM = 256, 30, 5


def run(full: bool = False) -> list[dict]:
    """Measure two rows, or none without a GPU. ``full`` takes three times as many steps."""
    import torch

    if not torch.cuda.is_available():
        print("train_gpu: skipped, torch sees no CUDA device", file=sys.stderr)
        return []
    steps = STEPS * (3 if full else 1)
    name = f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    with tempfile.TemporaryDirectory() as folder:
        _write_photos(Path(folder))
        loaded = _seconds("auto", steps, folder)
    ready, plain = _seconds("auto", steps), _seconds("fp32", steps)
    what = f"ResNet-50, 224 px, {name}"
    return [
        _row(f"{what}, from JPEGs", loaded, ready, steps, "no loading", "at least 90 % of it", 0.9),
        _row(f"{what}, half precision", ready, plain, steps, "plain fp32", "at least twice as fast", 2.0),
    ]


def _row(what: str, ours: float, peer: float, steps: int, peer_name: str, bar: str, least: float) -> dict:
    speeds = [f"{steps * BATCH / seconds:,.0f} images/s" for seconds in (ours, peer)]
    sides = [Measured(seconds, seconds, seconds, 1, 0.0, speed) for seconds, speed in zip((ours, peer), speeds)]
    return row(what, *sides, peer_name, bar, peer / ours >= least)


def _seconds(precision: str, steps: int, folder: str | None = None) -> float:
    """Wall-clock seconds of ``steps`` updates by the course's own step, after a warm-up."""
    import os

    import torch
    from torchvision.models import resnet50

    from synscenes.train import Folder, Recipe
    from synscenes.train.data import normaliser
    from synscenes.train.distributed import World
    from synscenes.train.feeding import Feed, Order
    from synscenes.train.loop import MEAN, STD, speed_settings
    from synscenes.train.objective import Classification
    from synscenes.train.run import Run
    from synscenes.train.step import update

    device = torch.device("cuda", 0)
    fast = precision != "fp32"
    recipe = Recipe(batch_size=BATCH, precision=precision, channels_last=fast, workers=os.cpu_count() if folder else 0)
    prepare = normaliser(MEAN, STD, device, fast)
    run = Run(resnet50(num_classes=1000), recipe, steps + WARM, Classification(0.1), prepare, World(), device)
    run.train_mode()
    if folder:
        data = Folder(folder, 224)
        feed = Feed(data, Order(len(data), BATCH, 0, World(), True), recipe.workers, pin=True)
        batches = (batch for epoch in range(10**6) for batch in feed.epoch(epoch))
    else:
        images = torch.randint(0, 256, (BATCH, 3, 224, 224), dtype=torch.uint8, device=device)
        batches = itertools.repeat((images, torch.randint(0, 1000, (BATCH,))))
    with speed_settings(recipe, device):
        for number, (images, labels) in enumerate(batches):
            if number == WARM:
                torch.cuda.synchronize()
                start = time.perf_counter()
            if number == WARM + steps:
                torch.cuda.synchronize()
                return time.perf_counter() - start
            update(run, images, labels)
    raise AssertionError("unreachable: the batches don't end")


def _write_photos(folder: Path) -> None:
    """4,096 JPEGs of 500 x 375, ImageNet's usual size: the course's photographs over and over."""
    from synscenes import imagenet

    photos = imagenet.photos()
    for number in range(4096):
        (folder / str(number % 8)).mkdir(exist_ok=True)
        path = folder / str(number % 8) / f"{number}.jpg"
        photos[number % len(photos)].image.resize((500, 375)).save(path, quality=90)
