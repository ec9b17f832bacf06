"""The learning rate over a run: a straight warm-up, then half a cosine."""

from __future__ import annotations

import math


def warmup_cosine(step: int, steps: int, warmup: float = 0.1) -> float:
    """Return the factor on the highest learning rate at ``step`` (0 is the first of ``steps``).

    It rises in a straight line over the first ``warmup`` share of the steps (Goyal et al. 2017), reaches 1, and falls
    along half a cosine (Loshchilov and Hutter 2017) to almost 0 at the last step. Raises ValueError for steps < 1 or
    step < 0.
    """
    if steps < 1 or step < 0:
        raise ValueError(f"steps must be at least 1 and step at least 0, got {steps} and {step}")
    rising = round(warmup * steps)
    if step < rising:
        return (step + 1) / (rising + 1)
    done = min(1.0, (step - rising) / max(1, steps - rising))
    return 0.5 * (1 + math.cos(math.pi * done))


def scheduler(optimiser, steps: int, warmup: float):
    """Return torch's LambdaLR that follows ``warmup_cosine``; call ``.step()`` after every update."""
    import torch

    return torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: warmup_cosine(step, steps, warmup))
