"""Reading weight files: only tensors, only whole files, and only into the network they belong to."""

from __future__ import annotations

import re
import urllib.error
from pathlib import Path
from typing import TYPE_CHECKING

from synscenes.errors import CourseError
from synscenes.files import sha256_file

if TYPE_CHECKING:
    import torch


def read_checkpoint(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a checkpoint file, on the CPU.

    ``weights_only=True``: a .pth file is a pickle, and a pickle may run any code when it's loaded; this
    setting refuses everything but tensors and plain containers. Raises CourseError for a file that is
    missing, damaged or holds anything else.
    """
    import torch

    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CourseError(f"No weight file at {path}.") from None
    except Exception as error:  # torch, pickle and zip each have their own way of saying "damaged"
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CourseError(f"{path} can't be read as weights ({reason}): delete it and fetch it again.") from None
    if not isinstance(loaded, dict) or not all(isinstance(value, torch.Tensor) for value in loaded.values()):
        raise CourseError(f"{path} isn't a table of tensors: it can't be used as weights.")
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


def hub_folder() -> Path:
    """Return the folder in which torch hub keeps weight files (``TORCH_HOME`` moves it)."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def hub_file(url: str, download: bool = False) -> Path | None:
    """Return the file of a weight address in torch hub's cache, fetching it if asked; None if absent.

    The first eight hexadecimal digits of the file's sha256 are part of its name, and are checked.
    Raises CourseError for a damaged file, a full disk or a failed download.
    """
    path = hub_folder() / Path(url).name
    if not path.is_file():
        if not download:
            return None
        _download(url)
    digits = re.search(r"-([0-9a-f]{8,})\.", path.name)
    if digits and not (actual := sha256_file(path)).startswith(digits[1]):
        raise CourseError(
            f"{path} is damaged (sha256 should begin {digits[1]}, begins {actual[:8]}): delete it and try again."
        )
    return path


def _download(url: str) -> None:
    import torch

    try:
        torch.hub.load_state_dict_from_url(url, map_location="cpu", check_hash=True, weights_only=True)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise CourseError(f"Could not fetch {url} ({reason}): is this machine online?") from None
    except (OSError, RuntimeError) as error:
        raise CourseError(f"Could not store {url} ({str(error).splitlines()[0]}).") from None


def _is_counter(name: str) -> bool:
    return name.endswith("num_batches_tracked")
