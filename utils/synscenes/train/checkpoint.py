"""Checkpoints: written whole or not at all, and read without running anything that lies in them."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from synscenes.errors import CourseError
from synscenes.files import write_atomic

if TYPE_CHECKING:
    from synscenes.train.run import Run

FORMAT = 2
_KEYS = {"format", "network", "recipe", "data", "run", "meta"}


def save(path: str | Path, run: Run, state: dict[str, Any], data: str, meta: dict[str, Any] | None = None) -> Path:
    """Write a run's whole state to ``path``. Raises CourseError when the disk refuses; the old file is then still
    whole.

    ``state`` is the run's ``state_dict()``; ``data`` identifies the training images (see ``fingerprint``); ``meta`` is
    kept as it is: plain values only.
    """
    content = {
        "format": FORMAT,
        "network": architecture(run.module),
        "recipe": run.recipe.as_dict(),
        "data": data,
        "run": state,
        "meta": meta or {},
    }
    return write(path, content)


def write(path: str | Path, content: dict[str, Any]) -> Path:
    """Write any table of tensors and plain values atomically."""
    path = Path(path)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    try:
        for left in path.parent.glob(f".{path.name}.*.part"):
            left.unlink(missing_ok=True)  # of a process that was killed while it wrote
        return write_atomic(path, buffer.getvalue())
    except OSError as error:
        raise CourseError(
            f"{path} can't be written ({error.strerror or error}): free some space, or use --out."
        ) from None


def restore(path: str | Path, run: Run, data: str) -> dict[str, Any]:
    """Bring a run to the state kept at ``path`` and return the checkpoint's ``meta``.

    Raises CourseError, and leaves the run as it was, for a file that is missing, cut off, no checkpoint, or of
    another network, other settings or other images.
    """
    kept = read(path)
    if kept["network"] != (ours := architecture(run.module)):
        raise CourseError(
            f"{path} is of another network ({_network_difference(kept['network'], ours)}): use another folder."
        )
    if differences := run.recipe.differences(kept["recipe"]):
        raise CourseError(
            f"{path} was made with other settings ({'; '.join(differences)}): use those, or another folder."
        )
    if kept["data"] != data:
        raise CourseError(
            f"{path} was trained on other images ({kept['data']}, now {data}): use those, or another folder."
        )
    run.load_state_dict(kept["run"])
    return kept["meta"]


def read(path: str | Path) -> dict[str, Any]:
    """Return a checkpoint's content, on the CPU. Raises CourseError for anything that is no checkpoint.

    A .pt file is a pickle, and a pickle can run any program when it is opened; ``weights_only=True`` refuses
    everything but tensors and plain values.
    """
    content = _load(path)
    if not isinstance(content, dict) or not set(content) >= _KEYS:
        raise CourseError(f"{path} holds tensors, but is no checkpoint of a training run: give it as weights instead.")
    if content["format"] != FORMAT:
        raise CourseError(f"{path} has checkpoint format {content['format']}, this version reads {FORMAT}.")
    return content


def _load(path: str | Path) -> Any:
    try:
        with warnings.catch_warnings():  # torch wonders at other pickles' protocols; what matters is said below
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CourseError(f"No checkpoint at {path}.") from None
    except Exception as error:  # torch, pickle and zip each have their own way of saying "damaged"
        text = str(error)
        if "weights_only" in text or "Unsupported" in text:
            reason = "it holds something other than tensors and plain values, and was not opened"
        else:
            reason = f"damaged or cut off: {text.splitlines()[0] if text else type(error).__name__}"
        raise CourseError(f"{path} isn't a usable checkpoint ({reason}): delete it, or resume from another.") from None


def read_weights(path: str | Path) -> dict[str, torch.Tensor]:
    """Return a table of tensors: from best.pt, from a checkpoint's network, or from a plain file of weights.

    Raises CourseError for anything else.
    """
    content = _load(path)
    if isinstance(content, dict) and set(content) >= _KEYS:
        content = content["run"]
    if isinstance(content, dict) and isinstance(content.get("model"), dict):
        content = content["model"]
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise CourseError(f"{path} isn't a table of tensors: it can't be used as weights.")
    return content


def architecture(module: Any) -> dict[str, Any]:
    """Return what makes two networks interchangeable: type, and the names and shapes of all tensors."""
    shapes = {name: list(value.shape) for name, value in module.state_dict().items()}
    return {"type": type(module).__name__, "shapes": shapes}


def fingerprint(dataset: Any) -> str:
    """Return a short text that tells one set of training images from another: count, classes, labels."""
    labels = getattr(dataset, "labels", None)
    text = repr(list(getattr(dataset, "classes", []))).encode() + (b"" if labels is None else bytes(memoryview(labels)))
    names = getattr(dataset, "paths", None)
    if names is not None:
        text += "\n".join(path.name for path in names).encode()
    return f"{len(dataset)} images, {hashlib.sha256(text).hexdigest()[:12]}"


def _network_difference(kept: dict[str, Any], ours: dict[str, Any]) -> str:
    if kept["type"] != ours["type"]:
        return f"{kept['type']}, not {ours['type']}"
    for name in sorted(set(kept["shapes"]) | set(ours["shapes"])):
        a, b = kept["shapes"].get(name, "absent"), ours["shapes"].get(name, "absent")
        if a != b:
            return f"{name} is {a} there and {b} here"
    return "another order of layers"
