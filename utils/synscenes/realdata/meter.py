"""What the user sees while something is on its way: a bar with the time left, or plain lines."""

from __future__ import annotations

import sys
import threading
import time


class Meter:
    """Progress of one step on stderr. ``total`` and ``unit`` are bytes ("B") or things; ``shown=False`` prints nothing.

    Safe to share between threads. On a terminal it is a bar; elsewhere a line at the start, one every half minute, and
    one at the end.
    """

    def __init__(self, what: str, total: int, unit: str = "B", shown: bool = True, every: float = 30.0) -> None:
        self.what, self.total, self.unit, self.every = what, total, unit, every
        self._shown, self._bar, self._lock = shown, None, threading.Lock()
        self._done = self._start = 0
        self._began = self._said = time.monotonic()

    def __enter__(self) -> Meter:
        if self._shown and sys.stderr.isatty():
            from tqdm import tqdm

            scale = self.unit == "B"
            unit = "B" if scale else f" {self.unit}"
            self._bar = tqdm(total=self.total, unit=unit, unit_scale=scale, desc=self.what, dynamic_ncols=True)
        elif self._shown:
            print(f"{self.what}: {self._amount(self.total)} ...", file=sys.stderr, flush=True)
        return self

    def add(self, gained: int) -> None:
        """So much more is done."""
        with self._lock:
            self._set(self._done + gained)

    def at(self, done: int) -> None:
        """So much is done in all; the first call tells how much was there at the start."""
        with self._lock:
            if self._done == 0:
                self._start = done
            self._set(done)

    def __exit__(self, kind: object, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._shown and kind is None:
            print(f"{self.what}: done in {_time(time.monotonic() - self._began)}.", file=sys.stderr, flush=True)

    def _set(self, done: int) -> None:
        self._done = done
        if self._bar is not None:
            self._bar.update(min(done, self.total) - self._bar.n)
        elif self._shown and time.monotonic() - self._said > self.every:
            self._said = time.monotonic()
            text = f"{self.what}: {self._amount(done)} of {self._amount(self.total)}{self._left()}"
            print(text, file=sys.stderr, flush=True)

    def _left(self) -> str:
        gained, passed = self._done - self._start, time.monotonic() - self._began
        if gained <= 0 or self._done > self.total:
            return ""
        return f", about {_time(passed * (self.total - self._done) / gained)} left"

    def _amount(self, number: int) -> str:
        return megabytes(number) if self.unit == "B" else f"{number:,} {self.unit}"


def megabytes(size: float) -> str:
    """A number of bytes in MB or GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
