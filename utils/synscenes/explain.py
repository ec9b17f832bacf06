"""Where does a classifier look? Two answers: cover parts of the image, or follow the gradient.

Both return a (H, W) float array over the network's input (after resizing and cropping), higher where
the image speaks for ``target``. ``model`` is a ``synscenes.models.Model`` (then ``image`` may be a PIL
image) or a bare torch network (then ``image`` is a float tensor (3, H, W)).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def occlusion_map(
    model, image, target: int, patch: int = 48, stride: int = 16, fill: float = 0.0, batch_size: int = 32
) -> np.ndarray:
    """Return how much probability the target class loses when each part of the image is covered: (H, W).

    A square of ``patch`` pixels filled with ``fill`` (0 after normalisation is the mean colour) moves
    over the image in steps of ``stride``; each pixel gets the mean loss over the squares that covered
    it. Positive: the pixel helped. Negative: it spoke against the class. Costs one forward pass per
    position. Zeiler & Fergus (2014), "Visualizing and understanding convolutional networks". Raises
    ValueError for a patch or stride that doesn't fit, or a target that isn't a class.
    """
    import torch

    module, pixels = _network_and_pixels(model, image)
    height, width = pixels.shape[1:]
    if not 1 <= patch <= min(height, width):
        raise ValueError(f"patch must lie between 1 and {min(height, width)}, got {patch}")
    if not 1 <= stride <= patch:
        raise ValueError(f"stride must lie between 1 and patch = {patch}, or pixels are skipped; got {stride}")
    corners = list(product(_starts(height, patch, stride), _starts(width, patch, stride)))
    total, times = np.zeros((height, width)), np.zeros((height, width))
    with torch.inference_mode():
        scores = module(pixels[None])
        _require_class(scores, target)
        whole = float(scores.softmax(1)[0, target])
        for first in range(0, len(corners), batch_size):
            group = corners[first : first + batch_size]
            covered = pixels.repeat(len(group), 1, 1, 1)
            for row, (y, x) in zip(covered, group):
                row[:, y : y + patch, x : x + patch] = fill
            left = module(covered).softmax(1)[:, target].float().cpu().numpy()
            for (y, x), probability in zip(group, left):
                total[y : y + patch, x : x + patch] += whole - probability
                times[y : y + patch, x : x + patch] += 1
    return total / times


def grad_cam(model, image, target: int, layer: torch.nn.Module | None = None) -> np.ndarray:
    """Return Grad-CAM of one class, scaled to 0-1: (H, W); all zeros if nothing speaks for the class.

    Each channel of ``layer`` is weighted by the mean gradient of the class's logit with respect to it;
    the weighted sum, negative parts dropped, is enlarged to the input's size. ``layer`` defaults to the
    last one whose output is still a grid. One forward and one backward pass. Selvaraju et al. (2017),
    "Grad-CAM: visual explanations from deep networks via gradient-based localization". Raises ValueError
    for a target that isn't a class, or a network without such a layer.
    """
    import torch
    import torch.nn.functional as F

    module, pixels = _network_and_pixels(model, image)
    kept: list[torch.Tensor] = []
    if layer is None:
        layer = last_grid_layer(module, pixels)
    # The hook hands on a clone: a later layer may work in place, and would overwrite what we keep.
    hook = layer.register_forward_hook(lambda _layer, _inputs, output: (kept.append(output), output.clone())[1])
    # Gradients are needed here even where the caller has switched them off.
    with torch.inference_mode(False), torch.enable_grad():
        try:
            scores = module(pixels[None].clone().requires_grad_())
        finally:
            hook.remove()
        _require_class(scores, target)
        (slope,) = torch.autograd.grad(scores[0, target], kept[-1])
    weights = slope.mean(dim=(2, 3), keepdim=True)
    heat = F.relu((weights * kept[-1].detach()).sum(dim=1, keepdim=True))
    heat = F.interpolate(heat.float(), size=pixels.shape[1:], mode="bilinear", align_corners=False)[0, 0]
    return (heat / heat.max().clamp_min(1e-12)).cpu().numpy()


def last_grid_layer(module: torch.nn.Module, pixels: torch.Tensor) -> torch.nn.Module:
    """Return the last innermost layer, in order of execution, whose output is (1, C, H, W) with H·W > 1."""
    import torch

    seen: list[torch.nn.Module] = []

    def note(layer, _inputs, output):
        if isinstance(output, torch.Tensor) and output.dim() == 4 and output.shape[2] * output.shape[3] > 1:
            seen.append(layer)

    hooks = [layer.register_forward_hook(note) for layer in module.modules() if not any(True for _ in layer.children())]
    try:
        with torch.inference_mode():
            module(pixels[None])
    finally:
        for hook in hooks:
            hook.remove()
    if not seen:
        raise ValueError("the network has no layer with a grid of outputs (C, H, W): Grad-CAM needs one")
    return seen[-1]


def _network_and_pixels(model, image):
    import torch

    module = getattr(model, "module", model)
    if not isinstance(image, torch.Tensor):
        if not hasattr(model, "preprocess"):
            raise ValueError("a bare network needs a float tensor (3, H, W), not an image file")
        image = model.preprocess(image)
    if image.dim() != 3:
        raise ValueError(f"image must have shape (channels, H, W), got {tuple(image.shape)}")
    if module.training:
        raise ValueError("the network is in training mode: call .eval() first")
    place = next((values.device for values in module.parameters()), image.device)
    return module, image.detach().clone().to(place)


def _starts(length: int, patch: int, stride: int) -> list[int]:
    """Positions from 0 on; the last one ends flush with the border, so every pixel is covered."""
    starts = list(range(0, length - patch + 1, stride))
    if starts[-1] != length - patch:
        starts.append(length - patch)
    return starts


def _require_class(scores, target: int) -> None:
    if scores.dim() != 2 or not 0 <= target < scores.shape[1]:
        raise ValueError(f"target must be a class index below {scores.shape[-1]}, got {target}")
