"""A few threads for many small files, which Ctrl-C stops at once and safely."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from synscenes.linkrot.policy import Trouble
from synscenes.realdata.transport import Client, Stopped

T = TypeVar("T")


def together(client: Client, items: Iterable[T], work: Callable[[T], None], workers: int) -> list[tuple[T, Trouble]]:
    """Call ``work`` for each item in ``workers`` threads; return what failed by Trouble, and how.

    Any other exception ends the rest and is raised here. On Ctrl-C ``client.stop`` is set, after which nothing is
    written; the threads aren't waited for longer than a second, for one may be waiting for a silent server.
    """
    waiting: queue.SimpleQueue[T] = queue.SimpleQueue()
    for item in items:
        waiting.put(item)
    failed: list[tuple[T, Trouble]] = []
    broken: list[BaseException] = []

    def run() -> None:
        while not broken and not client.stop.is_set():
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work(item)
            except Trouble as trouble:
                failed.append((item, trouble))
            except Stopped:
                return
            except BaseException as error:
                broken.append(error)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # in short waits: Windows delivers Ctrl-C only between them
    except BaseException:
        client.stop.set()
        for thread in threads:
            thread.join(1)
        raise
    if broken:
        raise broken[0]
    return failed
