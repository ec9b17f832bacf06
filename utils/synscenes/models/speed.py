"""How many images a second: timed the way that repeats."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from synscenes.models.model import Model


def images_per_second(
    model: Model, pixels: torch.Tensor, batch_sizes: Iterable[int], repeats: int = 3
) -> dict[int, list[float]]:
    """Return for each batch size the images a second of each repeat, network only.

    ``pixels``: (n, 3, H, W), preprocessed; each batch is cut from it (so n must reach the largest
    batch). One run before the clock starts, since the first one also allocates memory and picks
    kernels; on a GPU the clock waits for the queue to empty. Raises ValueError for a batch size that
    isn't between 1 and n.
    """
    import torch

    device = next(model.module.parameters()).device
    speeds: dict[int, list[float]] = {}
    with torch.inference_mode():
        for size in batch_sizes:
            if not 1 <= size <= len(pixels):
                raise ValueError(f"batch sizes must lie between 1 and {len(pixels)}, got {size}")
            batch = pixels[:size].to(device)
            model.module(batch)
            speeds[size] = [size / _seconds(model.module, batch, device) for _ in range(repeats)]
    return speeds


def typical(speeds: dict[int, list[float]]) -> dict[int, float]:
    """Return the median of each batch size's repeats."""
    return {size: median(values) for size, values in speeds.items()}


def _seconds(module, batch, device) -> float:
    _wait(device)
    start = perf_counter()
    module(batch)
    _wait(device)
    return perf_counter() - start


def _wait(device) -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
