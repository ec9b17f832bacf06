"""The training loop against a bare one, against torchvision's reference recipe, and its loading against ready batches.

All contenders of a row take turns in one process with one thread, so that whatever else the machine does hits them
alike. The reference scripts of torchvision are not in its wheel; the peer is a plain loop written here that does per
step what references/classification/train.py does at these settings (SGD with momentum, no decay on norms, label
smoothing, gradient clipping, weights averaged every step, loss and accuracy read after every step).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from harness import Measured, row

STEPS, BATCH, SIDE = 8, 32, 64


def run(full: bool = False) -> list[dict]:
    """Measure three rows on MobileNetV2; ``full`` takes more rounds."""
    import torch

    torch.set_num_threads(1)
    rounds = 9 if full else 5
    rows = []
    ours, peer = _turns([_ours(), _bare()], rounds)
    limit = "at most 3 % over bare forward, backward, step"
    what = f"train MobileNetV2, {STEPS} steps of {BATCH}"
    rows.append(row(what, ours, peer, "bare loop", limit, _within(ours, peer, 1.03)))
    ours, peer = _turns([_ours(_RECIPE), _reference()], rounds)
    what, limit = "the same, reference recipe", "at most 3 % over"
    rows.append(row(what, ours, peer, "torchvision's recipe", limit, _within(ours, peer, 1.03)))
    with tempfile.TemporaryDirectory() as folder:
        _write_photos(Path(folder))
        ours, peer = _turns([_folder(folder), _torchvision_folder(folder)], rounds)
    what = "read, cut, resize 64 JPEGs"
    rows.append(row(what, ours, peer, "torchvision ImageFolder", "no slower", _within(ours, peer, 1.0)))
    return rows


_RECIPE = {"optimiser": "sgd", "label_smoothing": 0.1, "ema": 0.99, "clip": 1.0, "weight_decay": 1e-4}


def _within(ours: Measured, peer: Measured, limit: float) -> bool:
    # The fastest of the turns: noise only ever adds.
    return ours.low_s <= limit * peer.low_s


def _turns(works: list[Callable[[], None]], rounds: int) -> list[Measured]:
    seconds: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for number in range(rounds):
        order = list(zip(works, seconds))
        for work, times in order if number % 2 else order[::-1]:
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    return [Measured(statistics.median(times), min(times), max(times), rounds, 0.0) for times in seconds]


def _network():
    import torch
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    return mobilenet_v2(num_classes=10).to(memory_format=torch.channels_last)


def _images():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (STEPS * BATCH, SIDE, SIDE, 3), dtype=np.uint8), rng.integers(0, 10, STEPS * BATCH)


def _batches():
    """Ready, normalised batches: no loading at all."""
    import torch

    from synscenes.train.data import normaliser

    pixels, labels = _images()
    prepare = normaliser((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "cpu", channels_last=True)
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2)
    return [(prepare(a), b) for a, b in zip(images.split(BATCH), torch.from_numpy(labels).split(BATCH))]


def _ours(changes: dict | None = None) -> Callable[[], None]:
    """``fit``, loading and normalising and counting included."""
    from synscenes.train import Pictures, Recipe, fit

    pixels, labels = _images()
    data = Pictures(pixels, labels, [str(number) for number in range(10)], shift=5, mirror=True)
    recipe = Recipe(epochs=1, batch_size=BATCH, **(changes or {}))
    return lambda: fit(_network(), data, recipe, progress=False)


def _bare() -> Callable[[], None]:
    import torch

    batches = _batches()

    def work() -> None:
        module = _network().train()
        optimiser = torch.optim.AdamW(module.parameters(), lr=1e-3)
        for images, labels in batches:
            torch.nn.functional.cross_entropy(module(images), labels).backward()
            optimiser.step()
            optimiser.zero_grad()

    return work


def _reference() -> Callable[[], None]:
    import torch
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    batches = _batches()

    def work() -> None:
        module = _network().train()
        average = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
        decay = [[p for p in module.parameters() if p.ndim > 1], [p for p in module.parameters() if p.ndim == 1]]
        groups = [{"params": decay[0], "weight_decay": 1e-4}, {"params": decay[1], "weight_decay": 0.0}]
        optimiser = torch.optim.SGD(groups, lr=1e-3, momentum=0.9, nesterov=True)
        criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
        for images, labels in batches:
            output = module(images)
            loss = criterion(output, labels)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimiser.step()
            average.update_parameters(module)
            loss.item(), (output.topk(5).indices == labels[:, None]).float().sum(0).tolist()

    return work


def _write_photos(folder: Path) -> None:
    from synscenes import imagenet

    for number, photo in enumerate(imagenet.photos()[:64]):
        (folder / str(number % 2)).mkdir(exist_ok=True)
        photo.image.resize((500, 375)).save(folder / str(number % 2) / f"{number}.jpg", quality=90)


def _folder(folder: str) -> Callable[[], None]:
    from synscenes.train import Folder

    data = Folder(folder, 224)
    return lambda: [data[(place, 1)] for place in range(len(data))] and None


def _torchvision_folder(folder: str) -> Callable[[], None]:
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    changes = [v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip(), v2.PILToTensor()]
    data = ImageFolder(folder, v2.Compose(changes))
    return lambda: [data[place] for place in range(len(data))] and None
