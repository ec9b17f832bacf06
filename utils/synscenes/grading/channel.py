"""Messages through a pair of pipes: four bytes of length, then the bytes; never more than a limit."""

from __future__ import annotations

import os
import select
import struct
import time
from collections.abc import Callable

LARGEST = 8_000_000  # bytes of an answer; a usual one has a few hundred
LARGEST_CASE = 100_000_000  # bytes of a case: a table of all pairs of ImageNet's classes has eleven million


class Closed(Exception):
    """The other side is gone."""


class Late(Exception):
    """The other side did not answer in time."""


class TooLarge(Exception):
    """The other side announced a message longer than the limit."""


def send(handle: int, data: bytes) -> None:
    """Write one message to a file descriptor; raises Closed when nobody reads."""
    view = memoryview(struct.pack(">I", len(data)) + data)
    try:
        while view:
            view = view[os.write(handle, view) :]
    except OSError:
        raise Closed from None


def receive(handle: int, limit: int, deadline: float | None = None, tick: Callable[[], None] | None = None) -> bytes:
    """Read one message of at most ``limit`` bytes from a file descriptor.

    ``deadline`` is a time of ``time.monotonic``; ``tick`` is called about ten times a second while waiting. Raises
    Late, Closed, or TooLarge.
    """
    (length,) = struct.unpack(">I", _exactly(handle, 4, deadline, tick))
    if length > limit:
        raise TooLarge
    return _exactly(handle, length, deadline, tick)


def _exactly(handle: int, wanted: int, deadline: float | None, tick: Callable[[], None] | None) -> bytes:
    parts, missing, next_tick = [], wanted, time.monotonic() + 0.1
    while missing:
        if deadline is not None:
            now = time.monotonic()
            if now > deadline:
                raise Late
            if tick and now >= next_tick:
                next_tick = now + 0.1
                tick()
            if not select.select([handle], [], [], min(0.1, deadline - now + 0.001))[0]:
                continue
        try:
            part = os.read(handle, min(missing, 1 << 20))
        except OSError:
            raise Closed from None
        if not part:
            raise Closed
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
