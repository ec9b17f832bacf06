"""Everything that changes during a run, in one object: what a checkpoint must hold."""

from __future__ import annotations

import contextlib
import random
import sys
from typing import Any

import numpy as np
import torch

from synscenes.errors import CourseError
from synscenes.train import optim
from synscenes.train.distributed import World
from synscenes.train.ema import Average
from synscenes.train.recipe import Recipe
from synscenes.train.schedule import scheduler

_HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Run:
    """A network, what trains it, and how far it has come.

    ``module`` is the network, ``network`` what is called (compiled, or averaging gradients between processes).
    ``epoch`` counts finished epochs, ``batch`` the batches done of the present one, ``step`` all updates. ``sums``
    are the present epoch's (loss times images, right, images); ``rows`` one dictionary per finished epoch; ``feed``
    is where the batches come from.
    """

    def __init__(
        self, module: Any, recipe: Recipe, steps: int, objective: Any, prepare: Any, world: World, device: Any
    ) -> None:
        self.recipe, self.world, self.device = recipe, world, torch.device(device)
        self.objective, self.prepare = objective, prepare
        layout = torch.channels_last if recipe.channels_last else torch.preserve_format
        self.module = module.to(self.device, memory_format=layout)
        if recipe.norm == "sync":
            if self.device.type != "cuda":
                raise CourseError(f"norm sync works on GPUs only, not on {self.device.type}: use frozen.")
            self.module = torch.nn.SyncBatchNorm.convert_sync_batchnorm(self.module)
        if recipe.backbone_factor == 0:
            optim.freeze_backbone(self.module)
        self.optimiser = optim.optimiser(self.module, recipe)
        self.schedule = scheduler(self.optimiser, steps, recipe.warmup)
        self.precision = half_precision(recipe.precision, self.device)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")
        self.average = Average(self.module, recipe.ema) if recipe.ema else None
        self.network = world.wrap(self.module, self.device, recipe.norm)
        if recipe.compile:
            self.network = torch.compile(self.network)
        self.epoch = self.batch = self.step = self.since_best = 0
        self.parts, self.best, self.best_weights = recipe.parts, None, None
        self.sums = torch.zeros(3, device=self.device)
        self.rows: list[dict[str, float]] = []
        self.recent: list[tuple] = []
        self.feed: Any = None
        self.say = lambda text: print(text, file=sys.stderr, flush=True) if world.first else None
        if world.size > 1 and recipe.norm == "train" and any(map(is_batch_norm, module.modules())):
            self.say("BatchNorm will see each process's own images only: sync (on GPUs) or frozen avoid that.")

    @property
    def rate(self) -> float:
        """The learning rate of the head at the present step."""
        return max(group["lr"] for group in self.optimiser.param_groups)

    @property
    def result(self) -> Any:
        """The network that is measured and kept: the average where there is one."""
        return self.average.module if self.average else self.module

    def train_mode(self) -> None:
        """Switch to training; frozen norm layers stay in eval mode and keep their statistics."""
        self.module.train()
        if self.recipe.norm == "frozen":
            for layer in self.module.modules():
                if is_batch_norm(layer):
                    layer.eval()

    def move(self, targets: Any) -> Any:
        """Send targets to the device; lists of anything else stay as they are."""
        return targets.to(self.device, non_blocking=True) if isinstance(targets, torch.Tensor) else targets

    def autocast(self) -> Any:
        """Return the context in which the network computes: half precision where the recipe asks for it."""
        if self.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, _HALF[self.precision])

    def without_sync(self, more_to_come: bool) -> Any:
        """Return the context in which processes keep their gradients to themselves, as long as parts follow."""
        if more_to_come and hasattr(self.network, "no_sync"):
            return self.network.no_sync()
        return contextlib.nullcontext()

    def state_dict(self) -> dict[str, Any]:
        """Return everything that later processes need to go on as if nothing had happened; all processes must ask."""
        own = {"random": random_state(self.device), "sums": self.sums.cpu()}
        return {
            "model": self.module.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "scaler": self.scaler.state_dict(),
            "own": self.world.gather(own),
            "progress": {name: getattr(self, name) for name in _PROGRESS},
            "best_weights": self.best_weights,
        }

    def load_state_dict(self, kept: dict[str, Any]) -> None:
        """Take over what ``state_dict`` returned."""
        self.module.load_state_dict(kept["model"])
        if self.average:
            self.average.load_state_dict(kept["average"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.schedule.load_state_dict(kept["schedule"])
        if kept["scaler"]:  # empty where the run was in bf16 or fp32: "auto" means another thing on each GPU
            self.scaler.load_state_dict(kept["scaler"])
        for name in _PROGRESS:
            setattr(self, name, kept["progress"][name])
        self.best_weights = kept["best_weights"]
        if len(kept["own"]) == self.world.size:
            own = kept["own"][self.world.rank]
            restore_random_state(own["random"], self.device)
            self.sums = own["sums"].to(self.device)
        else:  # Other processes than before: the same images in the sums, other dropout.
            torch.manual_seed(self.recipe.seed + 1000 * self.world.rank + self.step)
            sums = sum(own["sums"] for own in kept["own"])
            self.sums = (sums if self.world.first else torch.zeros_like(sums)).to(self.device)


_PROGRESS = ("epoch", "batch", "step", "since_best", "parts", "best", "rows")


def is_batch_norm(layer: Any) -> bool:
    """Return whether a layer is a BatchNorm of any dimension."""
    return isinstance(layer, torch.nn.modules.batchnorm._BatchNorm)


def half_precision(asked: str, device: Any) -> str:
    """Return "fp32", "bf16" or "fp16": what "auto" means on the device."""
    if asked != "auto":
        return asked
    if device.type != "cuda":
        return "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def random_state(device: Any) -> dict[str, Any]:
    """Return the state of every global random generator, as tensors and plain values."""
    name, numbers, *rest = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        "python": random.getstate(),
        "numpy": (name, torch.from_numpy(numbers.astype(np.int64)), *rest),
    }


def restore_random_state(kept: dict[str, Any], device: Any) -> None:
    """Set every global random generator to what ``random_state`` returned."""
    torch.set_rng_state(kept["torch"])
    if kept["cuda"] is not None and device.type == "cuda":
        torch.cuda.set_rng_state(kept["cuda"], device)
    random.setstate(kept["python"])
    name, numbers, *rest = kept["numpy"]
    np.random.set_state((name, numbers.numpy().astype(np.uint32), *rest))
