"""ImageNet-C's corruptions, the scores that go with them, and a grid of hits to compute the scores from.

>>> from synscenes import corruptions
>>> foggy = corruptions.corrupt(picture, "fog", severity=3, rng=0)

Source: Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019. The reference for numbers is ``imagecorruptions`` 1.1.2 (Michaelis et al. 2019),
their code made fit for any image size. Given the same random numbers ours gives the same pixels, except for
the two that ``corrupt`` names.
"""

from __future__ import annotations

from synscenes.corruptions.apply import (
    CORRUPTIONS,
    EXTRA,
    FAMILIES,
    NAMES,
    SEVERITIES,
    corrupt,
    family,
    square,
)
from synscenes.corruptions.scores import (
    ALEXNET_CLEAN_ERROR,
    ALEXNET_ERRORS,
    bootstrap_mean,
    corruption_error,
    mean_corruption_error,
    relative_corruption_error,
)

__all__ = [
    "ALEXNET_CLEAN_ERROR",
    "ALEXNET_ERRORS",
    "CORRUPTIONS",
    "EXTRA",
    "FAMILIES",
    "NAMES",
    "SEVERITIES",
    "bootstrap_mean",
    "corrupt",
    "corruption_error",
    "family",
    "mean_corruption_error",
    "relative_corruption_error",
    "square",
]
