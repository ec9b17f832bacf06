"""The exponential moving average of the weights: a second network that follows the first smoothly."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Average:
    """A copy of a network whose weights are ``decay`` times what they were plus ``1 - decay`` times the new ones.

    The first steps would remember the random start for long, so the decay begins small: (1 + n) / (10 + n) after n
    updates, until that exceeds ``decay``. BatchNorm's statistics are averaged likewise; whole numbers are copied.
    ``warm=False`` uses ``decay`` from the start, which is torch's ``AveragedModel`` with ``get_ema_multi_avg_fn``.
    """

    def __init__(self, module: torch.nn.Module, decay: float, warm: bool = True) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be at least 0 and below 1, got {decay}")
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self.decay, self.warm, self.updates = decay, warm, 0

    def update(self, module: torch.nn.Module) -> None:
        """Take the network's present weights into the average."""
        import torch

        decay = min(self.decay, (1 + self.updates) / (10 + self.updates)) if self.warm else self.decay
        if not self.warm and self.updates == 0:
            decay = 0.0
        self.updates += 1
        ours, theirs = self.module.state_dict(), module.state_dict()
        pairs = [(mine, theirs[name]) for name, mine in ours.items()]
        with torch.no_grad():
            real = [(mine, new) for mine, new in pairs if mine.is_floating_point()]
            torch._foreach_lerp_([mine for mine, _ in real], [new for _, new in real], 1 - decay)
            for mine, new in pairs:
                if not mine.is_floating_point():
                    mine.copy_(new)

    def state_dict(self) -> dict:
        """Return what a checkpoint keeps."""
        return {"module": self.module.state_dict(), "updates": self.updates}

    def load_state_dict(self, kept: dict) -> None:
        """Take over what ``state_dict`` returned."""
        self.module.load_state_dict(kept["module"])
        self.updates = kept["updates"]
