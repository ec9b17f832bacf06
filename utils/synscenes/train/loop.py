"""``fit``: epochs of updates, a look at the validation images after each, a checkpoint, and when to stop."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from synscenes.errors import CourseError
from synscenes.train import checkpoint, log
from synscenes.train import objective as objectives
from synscenes.train.data import normaliser
from synscenes.train.distributed import World
from synscenes.train.feeding import Feed, Fixed, Order
from synscenes.train.recipe import Recipe
from synscenes.train.run import Run
from synscenes.train.step import evaluate, stop_if_non_finite, update, with_less_memory

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass
class Fitted:
    """What ``fit`` returns: the trained network in eval mode, a row of figures for each epoch, and the last Run."""

    module: Any
    rows: list[dict[str, float]]
    run: Run

    @property
    def best(self) -> dict[str, float]:
        """The row with the lowest validation loss, or the last where nothing was validated."""
        scored = [row for row in self.rows if "val_loss" in row]
        return min(scored, key=lambda row: row["val_loss"]) if scored else self.rows[-1]


def fit(
    module: Any,
    train: Any,
    recipe: Recipe,
    *,
    validation: Any = None,
    objective: Any = None,
    prepare: Any = None,
    collate: Any = None,
    folder: str | Path | None = None,
    resume: bool = False,
    meta: dict[str, Any] | None = None,
    world: World | None = None,
    device: Any = "cpu",
    progress: bool = True,
) -> Fitted:
    """Train ``module`` on the dataset ``train`` as the recipe says.

    ``train[index]`` gives (input, target); a dataset with ``.augmented`` gets (index, seed). ``validation``: a
    dataset to measure after each epoch. ``objective(network, inputs, targets, seed)`` returns (mean loss, number
    right): default ``Classification``. ``prepare(inputs)``: from the wire to the device, default ImageNet's
    normalisation of uint8 images. ``folder``: where last.pt, best.pt and log.csv go; with ``resume`` the run goes on
    from last.pt if it is there, and ends exactly where it would have ended uninterrupted. ``module`` itself is
    trained. Raises CourseError for a loss that is not finite, a disk that is full, a checkpoint that doesn't fit.
    """
    world, device = world or World(), torch.device(device)
    torch.manual_seed(recipe.seed + 1000 * world.rank)
    feed, validate = _feeds(train, validation, recipe, world, device, collate)
    steps = len(feed.order) * recipe.epochs
    objective = objective or objectives.default(recipe, train.labels, len(train.classes))
    prepare = prepare or normaliser(MEAN, STD, device, recipe.channels_last)
    run = Run(module, recipe, steps, objective, prepare, world, device)
    run.feed = feed
    data = checkpoint.fingerprint(train)
    keep = Keeper(run, folder, data, meta)
    if resume and folder is not None and (Path(folder) / "last.pt").exists():
        checkpoint.restore(Path(folder) / "last.pt", run, data)
    with speed_settings(recipe, device):
        while run.epoch < recipe.epochs and not _patience_is_over(run):
            row = train_epoch(run, feed, keep, progress)
            if validate is not None:
                row["val_loss"], row["val_accuracy"] = with_less_memory(run, _validate, validate)
            finish_epoch(run, row)
            keep.epoch(row)
    keep.close()
    if run.best_weights is not None:
        run.result.load_state_dict(run.best_weights)
    return Fitted(run.result.eval(), run.rows, run)


def train_epoch(run: Run, feed: Feed, keep: Keeper, progress: bool) -> dict[str, float]:
    """Go once through the training images, from where the run stands, and return the epoch's figures."""
    from tqdm.auto import tqdm

    run.train_mode()
    length, began, seen = len(feed.order) + feed.order.start, time.perf_counter(), 0
    bar = tqdm(
        feed.epoch(run.epoch, run.batch),
        desc=f"epoch {run.epoch + 1}/{run.recipe.epochs}",
        total=length,
        initial=run.batch,
        disable=not (progress and run.world.first),
        leave=False,
    )
    for inputs, targets in bar:
        loss, right = with_less_memory(run, update, inputs, targets)
        size = len(targets)
        run.sums += torch.stack([loss.float() * size, right, torch.tensor(size, device=run.device)])
        run.batch, seen = run.batch + 1, seen + size
        if progress and run.batch % 10 == 0:
            speed = run.world.size * seen / (time.perf_counter() - began)
            mean, accuracy = _means(run.sums)
            bar.set_postfix_str(f"loss {mean:.3f}, accuracy {accuracy:.1%}, {speed:,.0f} images/s", refresh=False)
        if run.recipe.save_every and run.step % run.recipe.save_every == 0 and run.batch < length:
            keep.checkpoint()
    if run.recent:
        stop_if_non_finite(run, run.prepare(inputs))
    mean, accuracy = _means(run.world.total(run.sums.clone()))
    return {"epoch": run.epoch + 1, "step": run.step, "rate": run.rate, "loss": mean, "accuracy": accuracy}


def finish_epoch(run: Run, row: dict[str, float]) -> None:
    """Note an epoch's figures, and whether it is the best so far."""
    run.rows.append(row)
    run.epoch, run.batch = run.epoch + 1, 0
    run.sums = torch.zeros_like(run.sums)
    score = row.get("val_loss", row["loss"])
    run.since_best = 0 if run.best is None or score < run.best else run.since_best + 1
    if run.since_best == 0:
        run.best = score
        if run.recipe.patience:
            run.best_weights = copy.deepcopy(run.result.state_dict())


class Keeper:
    """Writes a run's files, in the first process only; without a folder it writes nothing. All processes call it."""

    def __init__(self, run: Run, folder: str | Path | None, data: str, meta: dict[str, Any] | None) -> None:
        self.run, self.data, self.meta = run, data, meta or {}
        self.writes = folder is not None
        self.folder = Path(folder) if folder is not None and run.world.first else None
        self.board = None

    def checkpoint(self) -> None:
        """Write last.pt, unless the weights are no longer numbers."""
        if not self.writes:
            return
        state = self.run.state_dict()
        if self.folder and all(torch.isfinite(values).all() for values in self.run.module.parameters()):
            checkpoint.save(self.folder / "last.pt", self.run, state, self.data, self.meta)

    def epoch(self, row: dict[str, float]) -> None:
        """Write everything that an epoch's end calls for; last.pt comes last, as it decides what is true."""
        if self.folder:
            self._best_and_log(row)
        self.checkpoint()

    def _best_and_log(self, row: dict[str, float]) -> None:
        if self.run.since_best == 0:
            weights = {"model": self.run.result.state_dict(), "meta": self.meta, "row": row}
            checkpoint.write(self.folder / "best.pt", weights)
        log.write_csv(self.folder / "log.csv", self.run.rows)
        self.board = self.board or log.tensorboard(self.folder, self.run.step)
        if self.board:
            for name in set(row) - {"epoch", "step"}:
                self.board.add_scalar(name, row[name], self.run.step)

    def close(self) -> None:
        """Finish TensorBoard's file."""
        if self.board:
            self.board.close()


def _feeds(train, validation, recipe: Recipe, world: World, device, collate) -> tuple[Feed, Feed | None]:
    if not len(train):
        raise CourseError("There are no training images.")
    weights = None
    if recipe.balance == "sampler":
        weights = objectives.class_weights(train.labels, len(train.classes))[train.labels]
    augmented = getattr(train, "augmented", False)
    order = Order(len(train), recipe.batch_size, recipe.seed, world, augmented, weights)
    pin = device.type == "cuda"
    feed = Feed(train, order, recipe.workers, pin, collate)
    if validation is None:
        return feed, None
    if not len(validation):
        raise CourseError("There are no validation images.")
    # No two processes share a validation image, and none is repeated to make the shares even.
    rows = list(range(world.rank, len(validation), world.size))
    size = max(1, recipe.batch_size // world.size)
    share = [rows[start : start + size] for start in range(0, len(rows), size)]
    return feed, Feed(validation, Fixed(share), feed.workers, pin, collate)


def _validate(run: Run, feed: Feed) -> tuple[float, float]:
    return evaluate(run, feed.epoch(0))


def _means(sums: torch.Tensor) -> tuple[float, float]:
    loss, right, count = sums.tolist()
    return loss / count, right / count


def _patience_is_over(run: Run) -> bool:
    return bool(run.recipe.patience) and run.since_best >= run.recipe.patience


@contextmanager
def speed_settings(recipe: Recipe, device: torch.device) -> Iterator[None]:
    """Set what PyTorch keeps for a whole process as the recipe wants it, and set it back: whoever computes next may
    want a GPU's full precision."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark
    strict = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(recipe.deterministic, warn_only=True)
    if device.type == "cuda":
        cudnn.benchmark = not recipe.deterministic
        matmul.allow_tf32 = cudnn.allow_tf32 = recipe.precision == "auto"
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(strict[0], warn_only=strict[1])
        matmul.allow_tf32, cudnn.allow_tf32, cudnn.benchmark = before
