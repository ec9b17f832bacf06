"""In which order the images come, and how they get to the loop: workers, pinned memory, and what if a worker dies."""

from __future__ import annotations

import multiprocessing
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.train.distributed import World


class Order:
    """The batches of any epoch as lists of keys, a function of (seed, epoch) alone.

    All processes compute the same order and each takes every ``size``-th image of a batch. The last, smaller batch is
    left out, so every update weighs its images alike; who was left out changes from epoch to epoch. ``weights`` (n,)
    makes it draw with replacement. With ``augmented`` a key is (index, seed), else an index. Raises CourseError when
    there are fewer images than processes.
    """

    def __init__(self, length: int, batch_size: int, seed: int, world: World, augmented=False, weights=None) -> None:
        self.length, self.seed, self.world, self.augmented = length, seed, world, augmented
        self.batch_size = min(batch_size, length) // world.size * world.size
        if not self.batch_size:
            raise CourseError(f"A batch of {min(batch_size, length)} images can't be shared by {world.size} processes.")
        if batch_size % world.size:
            raise CourseError(f"batch_size {batch_size} must be a multiple of the {world.size} processes.")
        self.chances = None
        if weights is not None:
            weights = np.asarray(weights, dtype=float)  # float32 would not add up to 1 closely enough for numpy
            self.chances = weights / weights.sum()
        self.epoch = self.start = 0

    def __len__(self) -> int:
        return self.length // self.batch_size - self.start

    def __iter__(self) -> Iterator[list]:
        rng = np.random.default_rng([self.seed, self.epoch])
        if self.chances is None:
            rows = rng.permutation(self.length)
        else:
            rows = rng.choice(self.length, self.length, p=self.chances)
        seeds = rng.integers(2**62, size=self.length)
        for first in range(self.start * self.batch_size, self.length - self.batch_size + 1, self.batch_size):
            mine = range(first + self.world.rank, first + self.batch_size, self.world.size)
            yield [(int(rows[i]), int(seeds[i])) if self.augmented else int(rows[i]) for i in mine]


class Fixed:
    """The same batches of keys in every epoch: what a ``Feed`` for validation needs of an order."""

    def __init__(self, batches: list[list]) -> None:
        self.batches, self.epoch, self.start = batches, 0, 0

    def __len__(self) -> int:
        return len(self.batches) - self.start

    def __iter__(self) -> Iterator[list]:
        return iter(self.batches[self.start :])


class Feed:
    """Batches of one epoch after the other, from any batch on; ``collate`` is as in torch's DataLoader.

    If the workers can't start or one of them dies, it says so and goes on from the same batch without workers: as the
    order depends on (seed, epoch) alone, no image is lost or seen twice.
    """

    def __init__(
        self, dataset: Any, order: Order | Fixed, workers: int, pin: bool = False, collate: Any = None
    ) -> None:
        self.dataset, self.order, self.pin, self.collate = dataset, order, pin, collate
        self.workers = usable_workers(workers)
        self._loader = None

    def epoch(self, number: int, start: int = 0) -> Iterator[Any]:
        """Yield the batches of epoch ``number`` from the ``start``-th on."""
        self.order.epoch, self.order.start = number, start
        given = start
        while True:
            try:
                for batch in self._batches():
                    yield batch
                    given += 1
                return
            except CourseError as error:
                # A worker sends its error as a traceback; the last line is the one made for reading.
                line = str(error).rstrip().splitlines()[-1]
                raise CourseError(line.removeprefix("synscenes.errors.CourseError: ")) from None
            except (RuntimeError, OSError, AttributeError, EOFError) as error:
                # torch's own word for a dead worker; anything else is the dataset's error and goes on up.
                if not self.workers or not _worker_died(error):
                    raise
                reason = str(error).splitlines()[0]
                warnings.warn(f"A data worker died ({reason}); going on without workers.", stacklevel=2)
                self.workers, self._loader, self.order.start = 0, None, given

    def _batches(self) -> Any:
        import torch

        if self._loader is None:
            self._loader = torch.utils.data.DataLoader(
                self.dataset,
                batch_sampler=self.order,
                num_workers=self.workers,
                persistent_workers=self.workers > 0,
                pin_memory=self.pin,
                collate_fn=self.collate,
                # Of its own, or every start would draw from torch's generator and shift the dropout of a resumed run.
                generator=torch.Generator(),
            )
        return self._loader


def usable_workers(asked: int) -> int:
    """Return how many worker processes can be had: none where a notebook's classes can't be sent to them.

    Linux forks, and a fork knows everything. Windows and macOS start anew and would have to import what was defined
    in the notebook, which has no file.
    """
    if not asked:
        return 0
    spawned = multiprocessing.get_start_method(allow_none=True) == "spawn" or sys.platform in ("win32", "darwin")
    in_notebook = "ipykernel" in sys.modules
    if spawned and in_notebook:
        warnings.warn("Data workers can't start from a notebook on this system; loading without them.", stacklevel=2)
        return 0
    return asked


def _worker_died(error: BaseException) -> bool:
    text = str(error)
    if text.startswith("Caught "):  # torch's word for an error of the dataset's own
        return False
    return "DataLoader worker" in text or "pickle" in text.lower() or isinstance(error, EOFError)
