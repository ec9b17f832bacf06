"""How polite, how patient, how careful: the numbers a downloader works by, and what it takes and returns."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

SAVED, UNCHANGED = "saved", "unchanged"


@dataclass(frozen=True)
class Policy:
    """Everything that can be set, with defaults for strangers' servers. Times are in seconds.

    ``timeout`` is how long a silent server is waited for, ``longest`` how long one attempt may take in all (a
    server that drips is never silent). ``attempts`` counts the first one. Waits double from ``first_wait`` up to
    ``longest_wait``; a Retry-After beyond ``patience`` ends the attempts. ``interval`` spaces out requests to one host.
    ``placeholders`` are sha256 of pictures that say "photo unavailable". Addresses that are not public are
    refused, except the hosts in ``allow_hosts``.
    """

    user_agent: str = "synscenes-linkrot/1.0 (a course on datasets; put your e-mail address here)"
    timeout: float = 10.0
    longest: float = 60.0
    most_bytes: int = 20_000_000
    attempts: int = 4
    first_wait: float = 1.0
    longest_wait: float = 60.0
    patience: float = 300.0
    interval: float = 1.0
    redirects: int = 5
    placeholders: frozenset[str] = frozenset()
    allow_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Item:
    """One line of the list: the URL, the file's name without extension, and what must stay with the picture.

    ``name`` defaults to a hash of the URL. ``sha256``, where the list has it, is the picture's.
    """

    url: str
    name: str = ""
    sha256: str = ""
    attribution: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of an item.

    ``status`` is "saved", "unchanged" (the server says our copy is current), or a kind of failure: "gone",
    "forbidden", "refused", "busy", "server error", "time-out", "too slow", "cut short", "unreachable", "redirects",
    "too large", "not an image", "damaged", "wrong content". ``permanent`` says that trying again is no use.
    """

    item: Item
    status: str
    detail: str = ""
    permanent: bool = False
    attempts: int = 1
    waited: float = 0.0
    path: Path | None = None
    code: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the picture is there, whole and current."""
        return self.status in (SAVED, UNCHANGED)


class Trouble(Exception):
    """One attempt failed: what kind of failure, what happened, and whether another attempt may help."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        again: bool = False,
        after: float | None = None,
        code: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.again, self.after, self.code = kind, detail, again, after, code


def wait_before_retry(
    failures: int, policy: Policy, rng: random.Random, retry_after: float | None = None
) -> float:
    """Return the seconds to wait after the n-th failure in a row: doubling, capped, with jitter.

    Half of the wait is certain and half is drawn, so that a thousand clients that failed together do not come
    back together. A server's own Retry-After is never undercut.
    """
    ceiling = min(policy.longest_wait, policy.first_wait * 2 ** (failures - 1))
    wait = rng.uniform(ceiling / 2, ceiling)
    return max(wait, retry_after or 0.0)


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: a number of seconds, or a date (RFC 9110, 10.2.3). None where it is neither."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (TypeError, ValueError):  # no date, or one without a time zone
        return None
