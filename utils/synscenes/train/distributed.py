"""Several processes, one run: what ``torchrun`` sets up, and the few places where the loop must know.

``torchrun --nproc-per-node N -m synscenes.train ...`` starts N copies of the same program. Each reads from its
environment who it is, takes its share of every batch, and torch's DistributedDataParallel averages the gradients.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from synscenes.errors import CourseError


@dataclass(frozen=True)
class World:
    """Who this process is: ``rank`` of ``size``, ``local`` on its machine. One process alone is rank 0 of 1."""

    rank: int = 0
    size: int = 1
    local: int = 0

    @property
    def first(self) -> bool:
        """Whether this process writes files and shows progress."""
        return self.rank == 0

    def total(self, values: Any) -> Any:
        """Return a tensor's sum over all processes."""
        if self.size > 1:
            import torch.distributed as dist

            dist.all_reduce(values)
        return values

    def gather(self, value: Any) -> list[Any]:
        """Return every process's ``value`` (plain values and tensors), in the order of their ranks."""
        if self.size == 1:
            return [value]
        import torch.distributed as dist

        values = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def agree(self, flag: bool, device: Any) -> bool:
        """Return whether the flag is up in any process."""
        import torch

        return bool(self.total(torch.tensor(float(flag), device=device)).item())

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            import torch.distributed as dist

            dist.barrier()

    def wrap(self, module: Any, device: Any, norm: str) -> Any:
        """Return the network to call: for several processes, the one that averages gradients."""
        import torch

        if self.size == 1:
            return module
        places = [device.index] if device.type == "cuda" else None
        frozen = norm == "frozen"
        return torch.nn.parallel.DistributedDataParallel(module, device_ids=places, broadcast_buffers=not frozen)


@contextmanager
def world(device: str = "auto") -> Iterator[tuple[World, Any]]:
    """Join the processes that torchrun started, and leave them at the end; yields (World, torch.device).

    Without torchrun it is a world of one. nccl serves GPUs, gloo serves CPUs. Raises CourseError when a process has no
    GPU of its own or torch was built without the engine.
    """
    import torch.distributed as dist

    size = int(os.environ.get("WORLD_SIZE", 1))
    place = _device(device, int(os.environ.get("LOCAL_RANK", 0)), size)
    if size == 1:
        yield World(), place
        return
    engine = "nccl" if place.type == "cuda" else "gloo"
    if not dist.is_available() or not getattr(dist, f"is_{engine}_available")():
        raise CourseError(f"This torch was built without {engine}: run one process, or install a build that has it.")
    dist.init_process_group(engine)
    try:
        yield World(dist.get_rank(), size, int(os.environ.get("LOCAL_RANK", 0))), place
    finally:
        dist.destroy_process_group()


def _device(name: str, local: int, size: int) -> Any:
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        name = "cpu" if name == "mps" and size > 1 else name
    try:
        place = torch.device(name)
        if place.type == "cuda":
            if place.index is None:
                place = torch.device("cuda", local)
            torch.cuda.set_device(place)
        torch.empty(1, device=place)
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).splitlines()[0]
        raise CourseError(f'Device "{name}" can\'t be used by process {local} ({reason}): try --device cpu.') from None
    return place
