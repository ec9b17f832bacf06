"""ImageNet-C's scores: corruption error, its mean, its relative form; and an interval for them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

# AlexNet's top-1 error, averaged over the five severities, on ImageNet-C. Source: the constants in the
# authors' own code (hendrycks/robustness, ImageNet-C/test.py), to which the paper's table 1 is the rounding.
ALEXNET_ERRORS: dict[str, float] = {
    "gaussian_noise": 0.886428,
    "shot_noise": 0.894468,
    "impulse_noise": 0.922640,
    "defocus_blur": 0.819880,
    "glass_blur": 0.826268,
    "motion_blur": 0.785948,
    "zoom_blur": 0.798360,
    "snow": 0.866816,
    "frost": 0.826572,
    "fog": 0.819324,
    "brightness": 0.564592,
    "contrast": 0.853204,
    "elastic_transform": 0.646056,
    "pixelate": 0.717840,
    "jpeg_compression": 0.606500,
}
ALEXNET_CLEAN_ERROR = 0.43478  # torchvision's AlexNet, which the constants above belong to: 56.522 % top-1


def corruption_error(error: float, name: str) -> float:
    """Return CE: a model's error under one corruption, divided by AlexNet's; 1 means "as bad as AlexNet".

    ``error``: top-1 error, 0 to 1, averaged over severities 1 to 5. Raises ValueError for an error outside
    0 to 1, or a corruption without a published AlexNet error (the four extra ones).
    """
    _check_error("error", error)
    return error / _alexnet(name)


def mean_corruption_error(errors: Mapping[str, float]) -> float:
    """Return mCE: the mean of the corruption errors. It counts as ImageNet-C's only with all 15 names.

    ``errors``: corruption -> top-1 error averaged over the five severities. Raises ValueError for an empty
    mapping, and as ``corruption_error``.
    """
    if not errors:
        raise ValueError("errors is empty: give one error for each corruption")
    return float(np.mean([corruption_error(error, name) for name, error in errors.items()]))


def relative_corruption_error(error: float, clean: float, name: str) -> float:
    """Return relative CE: how much the corruption *adds* to the error, divided by what it adds to AlexNet's.

    ``clean``: the model's error on the same pictures before the corruption. Raises ValueError as above.
    """
    _check_error("error", error)
    _check_error("clean", clean)
    return (error - clean) / (_alexnet(name) - ALEXNET_CLEAN_ERROR)


def bootstrap_mean(
    values, confidence: float = 0.95, repeats: int = 4000, rng: int | np.random.Generator = 0
) -> tuple[float, float]:
    """Return the (low, high) percentile interval of a mean: draw the values anew, with replacement, ``repeats`` times.

    ``values``: (n,), one for each *independent* thing: for corruptions that is the photograph, not its 95
    versions. Efron (1979). Raises ValueError for fewer than 2 values, NaN, or a confidence outside 0 to 1.
    """
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or len(numbers) < 2 or not np.isfinite(numbers).all():
        raise ValueError(f"values must be at least two finite numbers in one row, got shape {numbers.shape}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    generator = np.random.default_rng(rng)
    means = numbers[generator.integers(len(numbers), size=(repeats, len(numbers)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _alexnet(name: str) -> float:
    if name not in ALEXNET_ERRORS:
        raise ValueError(
            f"AlexNet's error under {name!r} isn't published: choose one of {', '.join(ALEXNET_ERRORS)}"
        )
    return ALEXNET_ERRORS[name]


def _check_error(what: str, error: float) -> None:
    if not 0 <= error <= 1:
        raise ValueError(f"{what} must lie between 0 and 1 (a share, not per cent), got {error}")
