"""A network with a fresh head for your classes, from the course's assets, torchvision or timm."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError


def build(
    name: str,
    classes: int,
    *,
    pretrained: bool = True,
    weights: str | Path | None = None,
    seed: int = 0,
    allow_download: bool = False,
) -> tuple[Any, tuple, tuple]:
    """Return (network, mean, std): ``name`` with a random last layer for ``classes``, and the colours it expects.

    ``name``: one that ``synscenes.models.load`` knows (mobilenet_v2, efficientnet_lite0, resnet50, ...) or any of
    timm's. ``pretrained=False`` starts from random weights. ``weights``: a file of this network's tensors instead,
    for example the best.pt of another run; a head of another size is left random. The seed decides the random part.
    Raises CourseError for an unknown name, or for weights that are not at hand or don't fit.
    """
    import torch

    from synscenes import models
    from synscenes.models.classifiers import names

    if classes < 2:
        raise CourseError(f"A classifier needs at least two classes, not {classes}.")
    torch.manual_seed(seed)
    start = pretrained and weights is None
    if name in names():
        model = models.load(name, "auto" if start else None, allow_download=allow_download)
        module = model.module
        _replace_head(module, classes)
        for name in ("aux1", "aux2", "AuxLogits"):  # side outputs of the Inceptions: this loop trains one output
            if hasattr(module, name):
                setattr(module, name, None)
                module.aux_logits = False
        mean, std = _colours(model.preprocess)
    else:
        module, mean, std = _from_timm(name, classes, start, allow_download)
    if weights is not None:
        load_weights(module, weights)
    return module, mean, std


def load_weights(module: Any, path: str | Path) -> None:
    """Copy a file's tensors into a network; a head of another shape keeps its own. Raises CourseError where they
    don't fit."""
    from synscenes.train.checkpoint import read_weights
    from synscenes.train.optim import head

    tensors, own = read_weights(path), module.state_dict()
    last = {name for name, layer in module.named_modules() if layer is head(module)}
    for name in list(tensors):
        if name in own and tensors[name].shape != own[name].shape and name.rpartition(".")[0] in last:
            tensors[name] = own[name]
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        raise CourseError(f"{path} doesn't fit {type(module).__name__}: {str(error).splitlines()[1].strip()}") from None


def predict(module: Any, dataset: Any, prepare: Any, batch_size: int = 64) -> np.ndarray:
    """Return the network's scores for every image of a dataset, without augmentation: (n, classes) float32."""
    import torch

    module.eval()
    loader = torch.utils.data.DataLoader(dataset, batch_size=batch_size)
    with torch.inference_mode():
        return torch.cat([module(prepare(images)).float().cpu() for images, _ in loader]).numpy()


def refresh_norms(module: Any, batches: Any, prepare: Any) -> None:
    """Measure BatchNorm's statistics anew with the weights as they are now, on (images, labels) batches (torch's
    ``update_bn``).

    In training BatchNorm uses the batch it has; for later it keeps a slow average, which after a few dozen steps still
    remembers weights that are gone.
    """
    import torch

    torch.optim.swa_utils.update_bn((prepare(images) for images, _ in batches), module)
    module.eval()


def features(module: Any, dataset: Any, prepare: Any, batch_size: int = 64) -> np.ndarray:
    """Return what the head is given for every image: (n, dims) float32. With a frozen backbone, once is enough."""
    from synscenes.train.optim import head

    kept: list[np.ndarray] = []
    hook = head(module).register_forward_pre_hook(lambda _, given: kept.append(given[0].float().cpu().numpy()))
    try:
        predict(module, dataset, prepare, batch_size)
    finally:
        hook.remove()
    return np.concatenate(kept)


def _replace_head(module: Any, classes: int) -> None:
    import torch

    from synscenes.train.optim import head

    old = head(module)
    place = next(name for name, layer in module.named_modules() if layer is old)
    parent, _, last = place.rpartition(".")
    setattr(module.get_submodule(parent), last, torch.nn.Linear(old.in_features, classes))


def _from_timm(name: str, classes: int, pretrained: bool, allow_download: bool) -> tuple[Any, tuple, tuple]:
    import timm
    from timm.data import resolve_data_config

    from synscenes.models.classifiers import names

    known = timm.list_models()
    if name not in known:
        near = difflib.get_close_matches(name, [*known, *names()], n=3, cutoff=0.5)
        raise CourseError(f"No network named {name!r}: {'did you mean ' + ' or '.join(near) if near else 'see timm'}.")
    if pretrained and not allow_download:
        raise CourseError(
            f"timm would have to download the weights of {name}: allow it, give a file, or start from scratch."
        )
    try:
        module = timm.create_model(name, pretrained=pretrained, num_classes=classes)
    except (RuntimeError, OSError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CourseError(
            f"timm can't make {name} ({reason}): give a file of weights, or start from scratch."
        ) from None
    config = resolve_data_config({}, model=module)
    return module, tuple(config["mean"]), tuple(config["std"])


def _colours(preprocess: Any) -> tuple[tuple, tuple]:
    inner = getattr(preprocess, "transform", preprocess)
    step = inner if hasattr(inner, "mean") else inner.transforms[-1]
    return tuple(float(v) for v in step.mean), tuple(float(v) for v in step.std)
