"""Where a NaN comes from: the images, the weights, or the first layer whose output is not finite."""

from __future__ import annotations

from typing import Any


def where_non_finite(module: Any, inputs: Any) -> str:
    """Run the inputs through the network once and name the first place that holds NaN or infinity.

    The network's parameters, buffers and mode are as before afterwards.
    """
    import torch

    if isinstance(inputs, torch.Tensor) and not torch.isfinite(inputs).all():
        bad = (~torch.isfinite(inputs)).flatten(1).any(1).nonzero().flatten().tolist()
        return f"the input, image {bad[0]} of the batch ({len(bad)} of {len(inputs)} images)"
    for name, values in module.named_parameters():
        if not torch.isfinite(values).all():
            return f"the parameter {name}"
    return _first_layer(module, inputs) or "the loss itself, or its gradient; every layer's output is finite"


def _first_layer(module: Any, inputs: Any) -> str | None:
    import torch

    found: list[str] = []
    kept = {name: value.clone() for name, value in module.named_buffers()}

    def look(name: str):
        def hook(layer: Any, given: Any, output: Any) -> None:
            if isinstance(output, torch.Tensor) and not found and not torch.isfinite(output).all():
                found.append(f"the output of layer {name} ({type(layer).__name__})")

        return hook

    leaves = [(name, layer) for name, layer in module.named_modules() if not any(layer.children())]
    hooks = [layer.register_forward_hook(look(name or "0")) for name, layer in leaves]
    try:
        with torch.no_grad():
            module(inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for name, value in module.named_buffers():
            value.copy_(kept[name])
    return found[0] if found else None
