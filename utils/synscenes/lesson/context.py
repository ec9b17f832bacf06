"""The settings a lesson runs under: data tier, device, profile, seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from synscenes.errors import CourseError

DATA_TIERS = ("micro", "sample", "full")
PROFILES = ("smoke", "laptop", "gpu")


@dataclass(frozen=True)
class Lesson:
    """What :func:`begin` returns: the four parameters, checked, and what follows from them."""

    data: str
    device_name: str
    profile: str
    seed: int

    @cached_property
    def device(self) -> Any:
        """The ``torch.device`` to compute on; asking for it also seeds torch."""
        import torch

        torch.manual_seed(self.seed)
        if self.device_name != "auto":
            return _usable_device(self.device_name)
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")

    def pick(self, *, smoke: Any, laptop: Any, gpu: Any = None) -> Any:
        """Return the value for the current profile; ``gpu`` falls back to ``laptop``."""
        choices = {"smoke": smoke, "laptop": laptop, "gpu": laptop if gpu is None else gpu}
        return choices[self.profile]

    def rng(self) -> Any:
        """Return a fresh ``numpy.random.Generator`` started from the seed."""
        import numpy

        return numpy.random.default_rng(self.seed)


def begin(data: str, device: str, profile: str, seed: int) -> Lesson:
    """Check a lesson's four parameters, seed the generators, and say in one line what will be used.

    Raises CourseError for a value that is none of those the parameters cell names.
    """
    _one_of("DATA", data, DATA_TIERS)
    _one_of("PROFILE", profile, PROFILES)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise CourseError(f"SEED must be a whole number of at least 0, not {seed!r}: change the parameters cell.")
    if not isinstance(device, str) or not device:
        raise CourseError(f'DEVICE must be a name such as "auto", "cpu" or "cuda", not {device!r}.')
    import numpy

    _show_course_errors_in_one_line()
    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    lesson = Lesson(data, device, profile, seed)
    print(f"{data} data · {profile} profile · device {device} · seed {seed}")
    return lesson


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        choices = ", ".join(f'"{choice}"' for choice in allowed)
        raise CourseError(f"{name} must be one of {choices}, not {value!r}: change the parameters cell.")


def _show_course_errors_in_one_line() -> None:
    """In a notebook, let a CourseError show its one line instead of a traceback (the cell still fails)."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return

    def one_line(self: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None) -> list[str]:
        lines = [f"{kind.__name__}: {error}"]
        self._showtraceback(kind, error, lines)
        return lines

    shell.set_custom_exc((CourseError,), one_line)


def _usable_device(name: str) -> Any:
    import torch

    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).splitlines()[0]
        raise CourseError(f'DEVICE "{name}" cannot be used here ({reason}): use "auto" or "cpu".') from None
    return device
