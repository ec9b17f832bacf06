"""Which learning rate? Raise it step by step, watch the loss, and see where it falls fastest (Smith 2017)."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.train.recipe import Recipe


@dataclass(frozen=True)
class RateCurve:
    """``rates`` and ``losses``: one a step, up to where the loss ran away; ``smooth``: the losses without their jitter.

    ``suggestion`` is the rate at which the smooth loss falls fastest.
    """

    rates: np.ndarray
    losses: np.ndarray
    smooth: np.ndarray
    suggestion: float


def find_rate(
    module: Any,
    train: Any,
    recipe: Recipe,
    *,
    low: float = 1e-6,
    high: float = 1.0,
    steps: int = 60,
    device: Any = "cpu",
    prepare: Any = None,
) -> RateCurve:
    """Train a copy of the network for a few steps at rates that rise from ``low`` to ``high`` by a constant factor.

    The network itself stays as it is. It stops early when the smooth loss is four times the lowest so far, or not
    finite. Raises ValueError for a range that doesn't rise or fewer than ten steps.
    """
    import torch

    from synscenes.train import objective
    from synscenes.train.data import normaliser
    from synscenes.train.distributed import World
    from synscenes.train.feeding import Feed, Order
    from synscenes.train.loop import MEAN, STD
    from synscenes.train.run import Run
    from synscenes.train.step import update

    if not 0 < low < high or steps < 10:
        raise ValueError(f"low must be above 0 and below high, steps at least 10; got {low}, {high}, {steps}")
    recipe, device = replace(recipe, rate=high, ema=0.0), torch.device(device)
    torch.manual_seed(recipe.seed)
    goal = objective.default(recipe, train.labels, len(train.classes))
    prepare = prepare or normaliser(MEAN, STD, device, recipe.channels_last)
    run = Run(copy.deepcopy(module), recipe, steps, goal, prepare, World(), device)
    run.schedule = torch.optim.lr_scheduler.LambdaLR(
        run.optimiser, lambda step: (low / high) ** (1 - step / (steps - 1))
    )
    run.train_mode()
    order = Order(len(train), recipe.batch_size, recipe.seed, World(), getattr(train, "augmented", False))
    rates, losses, smooth = [], [], []
    for inputs, targets in _endless(Feed(train, order, recipe.workers), steps):
        rate = run.rate
        try:
            loss = float(update(run, inputs, targets)[0])
        except CourseError:  # the loss is no longer a number: the curve ends here
            break
        if not np.isfinite(loss):  # a GPU is asked only every ten steps
            break
        rates.append(rate)
        losses.append(loss)
        smooth.append(_smoothed(losses))
        if smooth[-1] > 4 * min(smooth):
            break
    return RateCurve(np.array(rates), np.array(losses), np.array(smooth), steepest(np.array(rates), np.array(smooth)))


def steepest(rates: np.ndarray, smooth: np.ndarray) -> float:
    """Return the rate where ``smooth`` falls fastest per factor of ten, before its lowest point.

    Raises ValueError for fewer than three values.
    """
    if len(rates) < 3:
        raise ValueError(f"the curve has {len(rates)} steps: the loss ran away at once; start lower")
    last = max(3, int(np.argmin(smooth)) + 1)
    slope = np.gradient(smooth[:last], np.log10(rates[:last]))
    return float(rates[int(np.argmin(slope))])


def _smoothed(losses: list[float], memory: float = 0.85) -> float:
    # Recent losses count more; divided by the sum of the weights, so that the first ones are not drawn to zero.
    weights = memory ** np.arange(len(losses) - 1, -1, -1)
    return float(np.dot(weights, losses) / weights.sum())


def _endless(feed: Any, steps: int):
    given = epoch = 0
    while given < steps:
        for batch in feed.epoch(epoch):
            yield batch
            given += 1
            if given == steps:
                return
        epoch += 1
