"""Training the small detector: keep the features, match once, then learn the head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from synscenes.detection.small.backbone import Backbone, extract
from synscenes.detection.small.detector import SmallDetector
from synscenes.detection.small.examples import Example, mirrored, parsed, read
from synscenes.detection.small.loss import losses, targets
from synscenes.detection.small.network import all_anchors
from synscenes.train.ema import Average

if TYPE_CHECKING:
    import pandas


@dataclass
class Prepared:
    """A dataset ready for training and testing: images seen by the backbone once, anchors matched once.

    ``maps``: the features of ``examples``, float16; ``matches``: (n, N) the object of each anchor; ``annotations``:
    what they were read from.
    """

    examples: list[Example]
    maps: list[torch.Tensor]
    matches: np.ndarray
    ids: list[int]
    names: list[str]
    size: tuple[int, int]
    backbone: Backbone
    annotations: Any

    def ground_truth(self, limit: int | None = None) -> dict[str, Any]:
        """Return the instances document of these images alone, or of the first ``limit`` of them."""
        document = parsed(self.annotations)
        wanted = {example.image_id for example in self.examples[:limit]}
        return {
            **document,
            "images": [record for record in document["images"] if record["id"] in wanted],
            "annotations": [note for note in document["annotations"] if note["image_id"] in wanted],
        }

    def first(self, count: int) -> Prepared:
        """Return the first ``count`` examples alone, without preparing them again."""
        maps = [level[:count] for level in self.maps]
        return replace(self, examples=self.examples[:count], maps=maps, matches=self.matches[:count])


@dataclass
class Trained:
    """A trained detector and the two loss terms of every step (``log``: step, epoch, classes, boxes, rate)."""

    detector: SmallDetector
    log: pandas.DataFrame
    options: dict[str, Any] = field(default_factory=dict)


def prepare(
    annotations: Any,
    folder: Path | str,
    *,
    size: tuple[int, int] = (240, 320),
    flip: bool = False,
    limit: int | None = None,
    backbone: Backbone | None = None,
    device: Any = "cpu",
    high: float = 0.4,
    low: float = 0.3,
    progress: bool = True,
) -> Prepared:
    """Read a dataset in COCO's format (instances file or parsed document, image folder) and keep its features.

    ``flip`` adds every image's mirror image, for training. ``limit`` takes the first so many images. ``high`` and
    ``low``: see ``synscenes.detection.match``. Needs about 184 kB of memory for each image of 240 × 320. Raises
    CourseError for files that are missing or damaged.
    """
    examples, ids, names = read(annotations, folder, size, limit)
    if flip:
        examples = examples + mirrored(examples, size[1])
    backbone = (backbone or Backbone()).to(device)
    anchor_boxes = all_anchors(size)
    matches = np.stack([targets(example, anchor_boxes, high, low) for example in examples]).astype(np.int32)
    maps = extract(backbone, examples, size, progress=progress)
    return Prepared(examples, maps, matches, ids, names, size, backbone, annotations)


def train(
    data: Prepared,
    *,
    epochs: int = 12,
    seed: int = 0,
    batch_size: int = 16,
    rate: float = 2e-3,
    box_weight: float = 1.0,
    average: float | None = None,
    build: Callable[..., SmallDetector] = SmallDetector.build,
    device: Any = None,
    progress: bool = True,
    **head: Any,
) -> Trained:
    """Train a new head on prepared data and return the detector, with the log of its losses.

    Adam with decoupled weight decay; the learning rate rises over the first tenth of the steps to ``rate`` and then
    falls to zero along a cosine. ``seed`` decides the head's first weights and the order of the images. ``average``:
    the decay of an exponential moving average of the weights, which then is the detector (``synscenes.train.ema``).
    ``build`` makes the untrained detector; ``data`` must be matched with its anchors. ``device``: the backbone's by
    default. ``head``: options of ``Head``
    (``width``, ``depth``, ``channels``). Raises ValueError for no epochs.
    """
    import pandas

    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, got {epochs}")
    device = data.backbone.mean.device if device is None else device
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    detector = build(data.ids, data.names, data.size, data.backbone, **head)
    network = detector.module["head"].to(device).train()
    anchor_boxes = detector.anchor_boxes.to(device)
    steps = epochs * -(-len(data.examples) // batch_size)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02)
    rise = 0.2 if steps == 10 else 0.1  # torch divides by zero where the rise is exactly one step
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=rise)
    smooth = None if average is None else Average(network, average)
    rows = []
    for epoch, picks in _batches(len(data.examples), epochs, batch_size, rng, steps, progress):
        maps = [level[picks].to(device).float() for level in data.maps]
        labels, truth = (values.to(device) for values in _answers(data, picks))
        classes, boxes = losses(*network(maps), anchor_boxes, labels, truth)
        optimizer.zero_grad()
        (classes + box_weight * boxes).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        if smooth is not None:
            smooth.update(network)
        rows.append((len(rows), epoch, classes.item(), boxes.item(), schedule.get_last_lr()[0]))
        schedule.step()
    if smooth is not None:
        network.load_state_dict(smooth.module.state_dict())
    network.eval()
    log = pandas.DataFrame(rows, columns=["step", "epoch", "classes", "boxes", "rate"])
    return Trained(detector, log, {"epochs": epochs, "seed": seed, "rate": rate})


def detect(
    detector: SmallDetector,
    data: Prepared,
    score_threshold: float = 0.01,
    max_detections: int = 100,
    batch_size: int = 32,
) -> list[dict[str, Any]]:
    """Return what the detector finds in prepared images, as the list of a COCO results file.

    Uses the features that are kept, so 250 images take a few seconds. The threshold is low on purpose: average
    precision looks at the whole list.
    """
    device = next(detector.module["head"].parameters()).device
    results = []
    for start in range(0, len(data.examples), batch_size):
        group = data.examples[start : start + batch_size]
        maps = [level[start : start + batch_size].to(device).float() for level in data.maps]
        sizes = [_own_size(example, data.size) for example in group]
        with torch.inference_mode():
            found = detector.from_features(
                maps, [example.placement for example in group], sizes, score_threshold, detector.iou_threshold
            )
        for example, rows in zip(group, found):
            items = zip(*[values[:max_detections].tolist() for values in rows])
            results += [detector._detection(*item).as_result(example.image_id) for item in items]
    return results


def _batches(count: int, epochs: int, size: int, rng: np.random.Generator, steps: int, progress: bool):
    """Yield (epoch, indices): every image once an epoch, in a new order."""
    from tqdm.auto import tqdm

    with tqdm(total=steps, desc="training", unit="step", disable=not progress, leave=False) as bar:
        for epoch in range(epochs):
            order = rng.permutation(count)
            for start in range(0, count, size):
                yield epoch, order[start : start + size]
                bar.update()


def _answers(data: Prepared, picks: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (labels (n, N), boxes (n, N, 4)) of some examples: what each anchor should have said."""
    labels = data.matches[picks].astype(np.int64)
    boxes = np.zeros((*labels.shape, 4), dtype=np.float32)
    for row, pick in enumerate(picks):
        mine = labels[row] >= 0
        objects = labels[row][mine]
        boxes[row, mine] = data.examples[pick].boxes[objects]
        labels[row, mine] = data.examples[pick].labels[objects]
    return torch.from_numpy(labels), torch.from_numpy(boxes)


def _own_size(example: Example, size: tuple[int, int]) -> tuple[int, int]:
    """The image's own (width, height), from where it lies in the input."""
    (left, top), (across, down) = example.placement.offset, example.placement.scale
    return round((size[1] - 2 * left) / across), round((size[0] - 2 * top) / down)
