"""How a dataset that is a list of URLs is collected, and how it rots.

``Downloader`` fetches images politely and leaves nothing half-written; ``RottingServer`` is a local server that
fails on purpose, in all the ways the web does; ``survival`` estimates how long links live.

>>> from synscenes.linkrot import Downloader, Item, Policy
>>> outcome = Downloader(folder, Policy()).fetch(Item("https://example.org/dog.jpg"))
>>> outcome.status, outcome.path
"""

from __future__ import annotations

from synscenes.linkrot.clock import Clock, QuickClock
from synscenes.linkrot.downloader import Downloader
from synscenes.linkrot.policy import Item, Outcome, Policy, wait_before_retry
from synscenes.linkrot.rotting import RottingServer
from synscenes.linkrot.survival import kaplan_meier

__all__ = [
    "Clock",
    "Downloader",
    "Item",
    "Outcome",
    "Policy",
    "QuickClock",
    "RottingServer",
    "kaplan_meier",
    "wait_before_retry",
]
