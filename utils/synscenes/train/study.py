"""What lesson 07 measures: the same network from scratch, as a linear probe, and fine-tuned, by number of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synscenes.train import neighbours, networks
from synscenes.train.data import Pictures, Vectors, normaliser
from synscenes.train.loop import MEAN, STD, Fitted, fit
from synscenes.train.recipe import Recipe

ARMS = ("scratch", "probe", "full")
NETWORK = "mobilenet_v2"


@dataclass(frozen=True)
class Task:
    """Images with their groups of near-duplicates: (n,), all different where there are none."""

    name: str
    pictures: Pictures
    groups: np.ndarray
    device: Any = "cpu"

    @property
    def prepare(self) -> Any:
        """From uint8 images to the network's input."""
        return normaliser(MEAN, STD, self.device, channels_last=True)

    @cached_property
    def features(self) -> np.ndarray:
        """What the pretrained backbone says about every image, computed once: (n, 1280)."""
        module = networks.build(NETWORK, len(self.pictures.classes))[0].to(self.device)
        return networks.features(module, self.pictures.plain(), self.prepare)

    def split(self, seed: int, share: float = 1 / 3) -> tuple[np.ndarray, np.ndarray]:
        """Return (training, test) rows; near-duplicates stay on one side."""
        return neighbours.split(self.groups, self.pictures.labels, share, np.random.default_rng(seed))


def few(labels, rows, count: int, rng: np.random.Generator, even: bool = True) -> np.ndarray:
    """Return ``count`` of the rows at random: as many of each class as can be, or, not ``even``, two of each and the
    rest as it comes.

    Raises ValueError when there are not that many rows, or fewer than two a class are wanted.
    """
    labels, order = np.asarray(labels), rng.permutation(rows)
    own = labels[order]
    if not 2 * len(np.unique(own)) <= count <= len(order):
        raise ValueError(f"count must be between {2 * len(np.unique(own))} and {len(order)}, got {count}")
    place = np.array([np.sum(own[:row] == own[row]) for row in range(len(own))])  # the how-manieth of its class
    return order[np.argsort(place if even else place >= 2, kind="stable")[:count]]


def train(task: Task, arm: str, rows, seed: int, steps: int, refresh: bool = True, **changes: Any) -> Fitted:
    """Train one arm on some rows for about ``steps`` updates of 32 images; settings can be changed by name.

    "scratch" starts from random weights. "probe" trains a head on cached features. "full" trains everything, the
    pretrained layers at a tenth of the head's rate. With ``refresh`` BatchNorm's statistics are measured anew at the
    end.
    """
    if arm not in ARMS:
        raise ValueError(f"arm must be one of {', '.join(ARMS)}, got {arm!r}")
    classes, size = len(task.pictures.classes), min(32, len(rows))
    epochs = max(1, round(steps / (len(rows) // size)))
    settings = {"epochs": epochs, "batch_size": size, "rate": 3e-3, "label_smoothing": 0.1, "seed": seed} | changes
    if arm == "probe":
        import torch

        torch.manual_seed(seed)
        data = Vectors(task.features[rows], task.pictures.labels[rows], task.pictures.classes)
        head = torch.nn.Linear(data.rows.shape[1], classes)
        send = lambda vectors: vectors.to(task.device)  # noqa: E731
        return fit(head, data, Recipe(**settings), prepare=send, device=task.device, progress=False)
    module = networks.build(NETWORK, classes, pretrained=arm == "full", seed=seed)[0]
    factor = {"backbone_factor": 0.1} if arm == "full" else {}
    data = task.pictures.only(rows)
    fitted = fit(module, data, Recipe(**(factor | settings)), device=task.device, prepare=task.prepare, progress=False)
    if refresh:
        # On batches drawn as in training: other shares of the classes would be other statistics.
        networks.refresh_norms(fitted.module, fitted.run.feed.epoch(epochs), task.prepare)
    return fitted


def scores(task: Task, arm: str, fitted: Fitted, rows) -> np.ndarray:
    """Return a trained arm's logits on some rows: (rows, classes)."""
    if arm == "probe":
        data, prepare = (
            Vectors(task.features[rows], task.pictures.labels[rows], task.pictures.classes),
            fitted.run.prepare,
        )
    else:
        data, prepare = task.pictures.only(rows).plain(), task.prepare
    return networks.predict(fitted.module, data, prepare)


def curve(
    task: Task, sizes: Sequence[int], seeds: Sequence[int], steps: dict[str, int], progress: bool = True
) -> list[dict]:
    """Train every arm on every number of images with every seed; the arms of a seed share their images.

    As many of each class as can be, so that the share of a rare one does not change with the number of images.

    Each row has task, arm, images, seed, ``accuracy`` averaged over the classes, and ``plain``, averaged over the
    images.
    """
    from tqdm.auto import tqdm

    from synscenes.hierarchy.heads import class_mean_accuracy

    found = []
    cells = [(seed, size, arm) for seed in seeds for size in sizes for arm in ARMS]
    for seed, size, arm in tqdm(cells, desc=task.name, disable=not progress, leave=False):
        pool, test = task.split(seed)
        rows = few(task.pictures.labels, pool, size, np.random.default_rng([seed, size]))
        answers = scores(task, arm, train(task, arm, rows, seed, steps[arm]), test).argmax(axis=1)
        truth = task.pictures.labels[test]
        found.append(
            {
                "task": task.name,
                "arm": arm,
                "images": size,
                "seed": seed,
                "accuracy": class_mean_accuracy(answers, truth),
                "plain": float(np.mean(answers == truth)),
            }
        )
    return found


def lights(side: int = 64, device: Any = "cpu") -> Task:
    """Return the traffic lights as a task."""
    from synscenes.train import tasks

    crops = tasks.traffic_lights(side)
    pictures = Pictures(crops.pixels, crops.labels, tasks.LIGHTS, shift=side // 12, mirror=True)
    return Task("traffic lights", pictures, crops.groups, device)


def branches(side: int = 64, device: Any = "cpu") -> Task:
    """Return the small photographs of WordNet's branches as a task."""
    from synscenes.train import tasks

    pictures = tasks.branch_photos(side)
    return Task("WordNet branches", pictures, np.arange(len(pictures)), device)
