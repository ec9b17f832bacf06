"""Reading weight files: only tensors, only whole files, and only into the network they belong to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synscenes.errors import CourseError

if TYPE_CHECKING:
    import torch


class NotAtHand(CourseError):
    """A model whose weights can't be used now: absent, out of reach, damaged, or those of another network."""


def read_checkpoint(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a checkpoint file, on the CPU.

    ``weights_only=True``: a .pth file is a pickle, and a pickle may run any code when it's loaded; this
    setting refuses everything but tensors and plain containers. Raises NotAtHand for a file that is
    missing, damaged or holds anything else.
    """
    import torch

    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise NotAtHand(f"No weight file at {path}.") from None
    except Exception as error:  # torch, pickle and zip each have their own way of saying "damaged"
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NotAtHand(f"{path} can't be read as weights ({reason}): delete it and fetch it again.") from None
    if not isinstance(loaded, dict) or not all(isinstance(value, torch.Tensor) for value in loaded.values()):
        raise NotAtHand(f"{path} isn't a table of tensors: it can't be used as weights.")
    return loaded


def load_in_order(module: torch.nn.Module, tensors: dict[str, torch.Tensor], path: Path) -> None:
    """Copy tensors into a network whose layers have other names but the same order and shapes.

    Two authors wrote EfficientNet-Lite0 and named its parts differently. Both list them from input to
    output, so the names can be paired by position; every pair must agree in shape. BatchNorm's
    ``num_batches_tracked`` (a counter that inference never reads) may be missing and is left out on both
    sides. Raises CourseError at the first disagreement; the network is then unchanged.
    """
    target = {name: value for name, value in module.state_dict().items() if not _is_counter(name)}
    given = {name: value for name, value in tensors.items() if not _is_counter(name)}
    if len(target) != len(given):
        raise CourseError(f"{path} holds {len(given)} tensors, the network needs {len(target)}.")
    for (ours, want), (theirs, have) in zip(target.items(), given.items()):
        if want.shape != have.shape:
            raise CourseError(f"{path}: {theirs} has shape {tuple(have.shape)}, but {ours} needs {tuple(want.shape)}.")
    module.load_state_dict(dict(zip(target, given.values())), strict=False)


def _is_counter(name: str) -> bool:
    return name.endswith("num_batches_tracked")
