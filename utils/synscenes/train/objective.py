"""What is minimised: cross-entropy, with what may be added to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

    from synscenes.train.recipe import Recipe


class Classification:
    """Cross-entropy over classes; called with a network, its inputs and the labels, it returns (mean loss, number
    right).

    ``smoothing``: this share of the target goes to all classes evenly (Szegedy et al. 2016). ``weights``: (classes,),
    how much an image of each class counts. ``mixup``: alpha of the Beta distribution of Zhang et al. 2018; two images
    and their labels are blended. All three act in training only, when ``seed`` is given; without it this is the plain
    cross-entropy that validation reports. Any callable of this form can take its place in ``fit``.
    """

    def __init__(self, smoothing: float = 0.0, weights: Any = None, mixup: float = 0.0) -> None:
        self.smoothing, self.weights, self.mixup = smoothing, weights, mixup

    def __call__(
        self, network: Any, inputs: torch.Tensor, labels: torch.Tensor, seed: tuple[int, ...] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        import torch.nn.functional as F

        if seed is None:
            logits = network(inputs).float()
            return F.cross_entropy(logits, labels), (logits.argmax(1) == labels).sum()
        weights = None if self.weights is None else self.weights.to(labels.device)
        share, other = self._partners(len(labels), seed)
        if share < 1:
            inputs = inputs.lerp(inputs[other], 1 - share)
        logits = network(inputs).float()

        def loss(target: torch.Tensor) -> torch.Tensor:
            # Not torch's own ``weight=``: it weights the smoothed share of *every* class too, which pulls all images
            # towards the rare ones, and divides by the sum of the weights: a batch in parts would give another loss.
            each = F.cross_entropy(logits, target, label_smoothing=self.smoothing, reduction="none")
            return (each if weights is None else each * weights[target]).mean()

        value = loss(labels) if share == 1 else share * loss(labels) + (1 - share) * loss(labels[other])
        return value, (logits.detach().argmax(1) == labels).sum()

    def _partners(self, count: int, seed: tuple[int, ...]) -> tuple[float, Any]:
        import torch

        if not self.mixup:
            return 1.0, None
        rng = np.random.default_rng(list(seed))
        share = float(rng.beta(self.mixup, self.mixup))
        return max(share, 1 - share), torch.from_numpy(rng.permutation(count))


def class_weights(labels, classes: int) -> np.ndarray:
    """Return a weight for each class, inverse to its number of images: (classes,) float32, mean 1 over the images.

    A class without images gets 0. Raises ValueError for no labels.
    """
    counts = np.bincount(np.asarray(labels), minlength=classes).astype(float)
    if not counts.sum():
        raise ValueError("labels must hold at least one label")
    weights = np.divide(1, counts, out=np.zeros(classes), where=counts > 0)
    return (weights * counts.sum() / (counts > 0).sum()).astype(np.float32)


def default(recipe: Recipe, labels, classes: int) -> Classification:
    """Return the objective that a recipe asks for."""
    import torch

    weights = torch.from_numpy(class_weights(labels, classes)) if recipe.balance == "loss" else None
    return Classification(recipe.label_smoothing, weights, recipe.mixup)
