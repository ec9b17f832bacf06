"""Every setting of a training run in one place, checked before anything is computed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from synscenes.errors import CourseError

_CHOICES = {
    "optimiser": ("adamw", "sgd"),
    "precision": ("fp32", "bf16", "fp16", "auto"),
    "norm": ("train", "frozen", "sync"),
    "balance": ("none", "loss", "sampler"),
}
_POSITIVE = ("epochs", "batch_size", "rate", "parts")
_SHARES = ("warmup", "label_smoothing", "ema", "momentum")
_NOT_NEGATIVE = ("mixup", "weight_decay", "backbone_factor", "clip", "patience", "seed", "save_every", "workers")
# How the work is done, not what is computed: a resumed run may change these.
_FREE = ("workers", "compile", "channels_last", "save_every")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings of a run. Everything has a default; ``epochs`` and ``rate`` are the ones to think about.

    ``epochs``: passes over the training images. ``batch_size``: images an update, over all processes. ``parts``: into
    how many equal parts each batch is cut before it goes through the network (gradient accumulation: less memory,
    same update). ``rate``: the highest learning rate; ``backbone_factor`` times it for all layers but the last (0
    freezes them). ``warmup``: the share of the steps in which the rate rises; afterwards it follows a cosine down to
    0. ``optimiser``: "adamw" or "sgd" (with ``momentum``, Nesterov). ``weight_decay`` acts on matrices and filters
    only. ``label_smoothing`` (Szegedy et al. 2016) and ``mixup`` (the alpha of Zhang et al. 2018; 0 is off) soften
    the targets. ``ema``: decay of the averaged weights, 0 for none. ``clip``: longest gradient allowed, 0 for any.
    ``precision``: "fp32", "bf16", "fp16" or "auto" (bf16 or fp16 on a GPU). ``norm``: what BatchNorm does: "train" as
    usual, "frozen" keeps its statistics, "sync" shares them between GPUs. ``balance``: against rare classes, "loss"
    weights the loss, "sampler" draws rare classes more often. ``patience``: epochs without a better validation loss
    before stopping, 0 for never. ``save_every``: also write a checkpoint after so many steps; 0 means after epochs
    only. ``deterministic``: let torch use only algorithms that repeat exactly. Raises CourseError, in one line, for a
    value that makes no sense.
    """

    epochs: int = 10
    batch_size: int = 32
    rate: float = 1e-3
    backbone_factor: float = 1.0
    warmup: float = 0.1
    optimiser: str = "adamw"
    momentum: float = 0.9
    weight_decay: float = 0.05
    label_smoothing: float = 0.0
    mixup: float = 0.0
    ema: float = 0.0
    clip: float = 0.0
    parts: int = 1
    precision: str = "fp32"
    norm: str = "train"
    balance: str = "none"
    patience: int = 0
    seed: int = 0
    save_every: int = 0
    workers: int = 0
    channels_last: bool = True
    compile: bool = False
    deterministic: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            kind = {"int": int, "float": (int, float), "str": str, "bool": bool}[field.type]
            if not isinstance(value, kind) or (isinstance(value, bool) and field.type != "bool"):
                raise CourseError(f"{field.name} must be of type {field.type}, not {value!r}.")
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise CourseError(f"{name} must be one of {', '.join(allowed)}, not {getattr(self, name)!r}.")
        for name in (*_POSITIVE, *_NOT_NEGATIVE):
            value = getattr(self, name)
            least = "above 0" if name in _POSITIVE else "at least 0"
            if not (0 < value < float("inf") if name in _POSITIVE else 0 <= value < float("inf")):
                raise CourseError(f"{name} must be {least}, not {value}.")
        for name in _SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise CourseError(f"{name} must be at least 0 and below 1, not {getattr(self, name)}.")
        if self.parts > self.batch_size:
            raise CourseError(
                f"parts ({self.parts}) can't exceed batch_size ({self.batch_size}): a part needs an image."
            )

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, as a checkpoint keeps them."""
        return asdict(self)

    def differences(self, kept: dict[str, Any]) -> list[str]:
        """Return "name: kept -> now" for each setting that makes this another run than the one kept."""
        now = self.as_dict()
        names = sorted((set(now) | set(kept)) - set(_FREE))
        return [f"{name}: {kept.get(name)} -> {now.get(name)}" for name in names if kept.get(name) != now.get(name)]
