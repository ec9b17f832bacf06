"""Features and decoders kept in the course's folder, so that a notebook run again needn't compute them again.

What is kept is named by everything that it follows from: image files, captions, settings, the version of torch and the
source of the modules that compute it. So a change anywhere means computing anew, never an old result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from synscenes.captioning import training
from synscenes.captioning.data import Pairs
from synscenes.captioning.features import GRID, KEPT, Eye
from synscenes.captioning.models import Captioner
from synscenes.paths import found_or_own

_EYE = ("features.py", "../segmenting/features.py")
_DECODERS = ("models.py", "attention.py", "transformer.py", "training.py", "data.py", "vocabulary.py")


def look(
    train: Sequence[Path],
    val: Sequence[Path],
    fit_on: int,
    kept: int = KEPT,
    grid: tuple[int, int] = GRID,
    device: Any = "cpu",
    keep: bool = True,
) -> tuple[Eye, torch.Tensor, torch.Tensor]:
    """Return an eye fitted on the first ``fit_on`` training images, and the features of all: see ``features.Eye``.

    With ``keep`` they are read from the disk where they were computed before, and written there where not. A damaged
    file is computed anew. Raises CourseError as ``Eye`` and the disk do.
    """
    from synscenes.train import checkpoint

    files = [(path.parent.name, path.name, path.stat().st_size) for path in (*train, *val)]
    path = found_or_own(f"captioning/features-{_key(_EYE, files, len(train), fit_on, kept, grid)}.pt")
    eye = Eye(device, grid)
    if keep and (content := _read(path)) is not None:
        eye.load(content["eye"])
        return eye, content["train"], content["val"]
    eye.fit(train[:fit_on], kept)
    features, val_features = eye.see(train), eye.see(val)
    if keep:
        checkpoint.write(path, {"eye": eye.state(), "train": features, "val": val_features})
    return eye, features, val_features


def decoder(
    name: str, pairs: Pairs, features: torch.Tensor, seed: int, keep: bool = True, **settings: Any
) -> Captioner:
    """Return a trained decoder: ``training.train`` with these settings.

    With ``keep`` its checkpoint is kept after each epoch: a training that was interrupted goes on, and one that was
    finished is only read.
    """
    if not keep:
        return training.train(name, pairs, features, seed=seed, **settings).module
    named = {setting: str(value) for setting, value in settings.items() if setting != "progress"}
    key = _key(
        _DECODERS, features.numpy().tobytes(), pairs.labels.tobytes(), pairs.vocabulary.words, sorted(named.items())
    )
    folder = found_or_own(f"captioning/{name.replace(' ', '-')}-{seed}-{key}")
    return training.train(name, pairs, features, seed=seed, folder=folder, resume=True, **settings).module


def _key(sources: Sequence[str], *parts: Any) -> str:
    digest = hashlib.sha256(torch.__version__.encode())
    for source in sources:
        digest.update((Path(__file__).parent / source).read_bytes())
    for part in parts:
        digest.update(part if isinstance(part, bytes) else repr(part).encode())
    return digest.hexdigest()[:16]


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        return content if set(content) == {"eye", "train", "val"} else None
    except Exception:  # torch, pickle and zip each have their own way of saying "damaged"; it is computed anew
        return None
