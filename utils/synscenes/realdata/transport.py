"""One request at a time over HTTP, and the patience to ask again.

Unlike the lesson's downloader (:mod:`synscenes.linkrot`), which connects only to addresses it has looked at, this
asks hosts that we name ourselves, and goes through the proxy that the environment names.
"""

from __future__ import annotations

import contextlib
import random
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any, TypeVar

from synscenes.linkrot.clock import Clock, Gate
from synscenes.linkrot.policy import Policy, Trouble, seconds_to_wait, wait_before_retry
from synscenes.linkrot.transport import read_some

CHUNK = 1 << 16
CONNECTIONS = 4  # at a time, to one host
POLITE = Policy(
    user_agent="synscenes/0.1 (From Synsets to Scenes, a course on ImageNet and COCO)",
    timeout=30,
    attempts=6,
    interval=0.05,
)
# A transfer below this many bytes in so many seconds is given up and begun again elsewhere in the file.
_SLOWEST, _WINDOW = 30_000, 30.0

T = TypeVar("T")


class Stopped(Exception):
    """The user stopped the command; whatever still runs must write nothing more."""


class Client:
    """Asks politely: names itself, spaces its requests, waits longer each time, obeys Retry-After.

    Shared by the threads of a run. ``stop`` ends all waiting and all writing.
    """

    def __init__(self, policy: Policy = POLITE, clock: Clock | None = None, window: float = _WINDOW) -> None:
        self.policy = policy
        self.stop = threading.Event()
        self.clock = clock or _Wakeable(self.stop)
        self.window = window
        self.gate = Gate(policy.interval, self.clock)
        self._rng = random.Random()
        self._opener = urllib.request.build_opener(_Redirects)

    @contextlib.contextmanager
    def ask(self, url: str, headers: dict[str, str] | None = None) -> Iterator[HTTPResponse]:
        """Send a GET and yield the answer, 200 or 206, its body unread. Raises Trouble for all others, and Stopped."""
        self.check()
        self.gate.wait(urllib.request.Request(url).host)
        sent = {"User-Agent": self.policy.user_agent, "Accept-Encoding": "identity", **(headers or {})}
        try:
            response = self._opener.open(urllib.request.Request(url, headers=sent), timeout=self.policy.timeout)
        except Trouble:
            raise
        except urllib.error.HTTPError as error:
            with error:
                raise self._trouble(error.code, error.reason, error.headers) from None
        except Exception as error:
            raise _network_trouble(error) from None
        with response:
            if response.status not in (200, 206):
                raise self._trouble(response.status, response.reason, response.headers)
            yield response

    def body(self, response: HTTPResponse) -> Iterator[bytes]:
        """Yield the body in pieces as they come. Raises Trouble when it falls silent, breaks off or crawls."""
        began, size = time.monotonic(), 0
        while chunk := read_some(response, CHUNK):
            self.check()
            yield chunk
            size += len(chunk)
            passed = time.monotonic() - began
            if passed > self.window:
                if size < _SLOWEST * self.window / _WINDOW:
                    raise Trouble("too slow", f"{size:,} bytes in {passed:.0f} s", again=True)
                began, size = time.monotonic(), 0

    def persist(self, attempt: Callable[[], T], moved: Callable[[], int] = lambda: 0) -> T:
        """Try until it works: at most ``policy.attempts`` failures in a row without a byte gained.

        ``moved`` returns how many bytes are safe by now. Raises the last Trouble, and Stopped.
        """
        failures, position = 0, moved()
        while True:
            try:
                return attempt()
            except Trouble as trouble:
                failures = 1 if moved() > position else failures + 1
                position = max(position, moved())
                too_long = (trouble.after or 0) > self.policy.patience
                if not trouble.again or too_long or failures >= self.policy.attempts:
                    raise
                self.clock.sleep(wait_before_retry(failures, self.policy, self._rng, trouble.after))
                self.check()

    def check(self) -> None:
        """Raise Stopped once the user has stopped the command."""
        if self.stop.is_set():
            raise Stopped

    def _trouble(self, code: int, reason: str, headers: Any) -> Trouble:
        after = seconds_to_wait(headers.get("Retry-After"), self.clock.date())
        wish = f", asks for {after:g} s" if after is not None else ""
        kind = "gone" if code in (404, 410) else "forbidden" if code in (401, 403, 451) else "server error"
        if code in (429, 503):
            kind = "busy"
        again = code >= 500 or code in (408, 416, 425, 429)
        return Trouble(kind, f"{code} {reason}{wish}", again=again, after=after, code=code)


class _Wakeable(Clock):
    """Real time, but a sleep ends at once when the user stops the command."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def sleep(self, seconds: float) -> None:
        self._stop.wait(max(seconds, 0))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, over HTTP only, and never from TLS to plain text."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        allowed = ("https:",) if req.type == "https" else ("https:", "http:")
        if not newurl.lower().startswith(allowed):
            raise Trouble("refused", f"a redirect from {req.type} to {newurl.partition(':')[0]}", code=code)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _network_trouble(error: Exception) -> Trouble:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Trouble("unreachable", f"the certificate does not hold: {reason.verify_message}")
    if isinstance(reason, TimeoutError):
        return Trouble("time-out", "the server fell silent", again=True)
    if isinstance(error, urllib.error.URLError):
        return Trouble("unreachable", f"no connection ({reason})", again=True)
    if isinstance(error, (OSError, HTTPException)):
        return Trouble("cut short", f"the connection broke off ({error or type(error).__name__})", again=True)
    if isinstance(error, ValueError):
        return Trouble("refused", f"the request can't be written: {error}")
    raise error
