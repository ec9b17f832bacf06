"""Time that can be injected, and the gate that spaces out requests to one host."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time: ``now`` in seconds from an arbitrary start, ``sleep``, and ``date`` (UTC)."""

    def now(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def stopwatch(self) -> float:
        """Seconds of real time, for measuring how long a transfer takes: a QuickClock does not jump here."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(seconds, 0))

    def date(self) -> datetime:
        """The date and time, in UTC."""
        return datetime.now(UTC)


class QuickClock(Clock):
    """A clock whose ``sleep`` returns at once and moves the clock on instead. For tests and for this course.

    ``slept`` is the total of seconds that were not waited. Safe to share between threads.
    """

    def __init__(self) -> None:
        self.slept = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return time.monotonic() + self.slept

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept += max(seconds, 0)

    def date(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.slept)


class Gate:
    """Lets one request to a host through every ``interval`` seconds; hosts do not wait for each other."""

    def __init__(self, interval: float, clock: Clock) -> None:
        self.interval, self.clock = interval, clock
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> float:
        """Wait for the host's next turn; return the seconds waited."""
        with self._lock:  # Only the booking is locked, not the waiting.
            now = self.clock.now()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + self.interval
        if turn > now:
            self.clock.sleep(turn - now)
        return turn - now
