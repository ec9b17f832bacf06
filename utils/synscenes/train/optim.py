"""Parameter groups and the optimiser: which layers learn how fast, and which weights decay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synscenes.errors import CourseError

if TYPE_CHECKING:
    import torch

    from synscenes.train.recipe import Recipe


def head(module: torch.nn.Module) -> torch.nn.Module:
    """Return the last fully connected layer, which gives the scores. Raises CourseError when there is none."""
    import torch

    layers = [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)]
    if not layers:
        raise CourseError(f"{type(module).__name__} has no fully connected layer to call its head.")
    return layers[-1]


def freeze_backbone(module: torch.nn.Module) -> None:
    """Let only the head learn (a linear probe)."""
    for values in module.parameters():
        values.requires_grad_(False)
    for values in head(module).parameters():
        values.requires_grad_(True)


def groups(module: torch.nn.Module, rate: float, weight_decay: float, backbone_factor: float = 1.0) -> list[dict]:
    """Return the optimiser's parameter groups, at most four: backbone or head, with or without decay.

    Weight decay pulls matrices and filters towards zero. Biases and the two vectors of a norm layer are no weights of
    a sum: pulling them there only shifts the outputs, so they are left alone (He et al. 2019). A parameter that needs
    no gradient is in no group. With ``backbone_factor`` 1 head and backbone share their groups. Raises CourseError
    when nothing may learn.
    """
    last = {id(values) for values in head(module).parameters()} if backbone_factor != 1 else set()
    found: dict[tuple[str, bool], list] = {}
    for values in module.parameters():
        if values.requires_grad:
            part = "head" if id(values) in last or not last else "backbone"
            found.setdefault((part, values.ndim > 1), []).append(values)
    result = []
    for (part, decays), parameters in sorted(found.items()):
        factor = 1.0 if part == "head" else backbone_factor
        decay = weight_decay if decays else 0.0
        name = f"{part}, {'decay' if decays else 'no decay'}"
        result.append({"params": parameters, "lr": rate * factor, "weight_decay": decay, "name": name})
    if not result:
        raise CourseError("No parameter may learn: every one is frozen. Set requires_grad, or backbone_factor above 0.")
    return result


def optimiser(module: torch.nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Return AdamW (decoupled weight decay, Loshchilov and Hutter 2019) or SGD with Nesterov's momentum."""
    import torch

    parameters = groups(module, recipe.rate, recipe.weight_decay, recipe.backbone_factor)
    if recipe.optimiser == "adamw":
        return torch.optim.AdamW(parameters)
    return torch.optim.SGD(parameters, momentum=recipe.momentum, nesterov=recipe.momentum > 0)
