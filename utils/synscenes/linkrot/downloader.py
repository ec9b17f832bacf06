"""The polite downloader: one loop over attempts, one loop over redirects, one loop over bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from synscenes.errors import CourseError
from synscenes.linkrot.addresses import Target, vet
from synscenes.linkrot.clock import Clock, Gate
from synscenes.linkrot.policy import (
    SAVED,
    UNCHANGED,
    Item,
    Outcome,
    Policy,
    Trouble,
    seconds_to_wait,
    wait_before_retry,
)
from synscenes.linkrot.shelf import Shelf, name_of
from synscenes.linkrot.transport import ask, read_some

_FORBIDDEN = {401: "asks for a login", 403: "forbids it", 451: "may not show it, for legal reasons"}
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 16_384


class Downloader:
    """Fetches the pictures of a list into ``folder``, each with a sidecar file that says whose it is.

    It asks each host slowly, asks again only where that can help, and waits longer each time; it resumes what broke
    off, skips what has not changed, and keeps only what decodes. A failure is a result, not an exception: only a
    folder that cannot be written raises CourseError. One downloader works in a folder at a time. Robots.txt is
    not read: it speaks to crawlers that follow links, and this follows a list.
    """

    def __init__(
        self,
        folder: str | Path,
        policy: Policy | None = None,
        clock: Clock | None = None,
        seed: int | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.policy = policy or Policy()
        self.clock = clock or Clock()
        self.seed = seed
        self.gate = Gate(self.policy.interval, self.clock)
        self.folder.mkdir(parents=True, exist_ok=True)

    def fetch_all(
        self,
        items: Iterable[Item],
        workers: int = 4,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
    ) -> list[Outcome]:
        """Fetch all items and return their outcomes in the same order; ``on_outcome`` is told each one.

        Raises CourseError for two items of one name.
        """
        items = list(items)
        seen: dict[str, str] = {}
        for item in items:
            if seen.setdefault(name_of(item).lower(), item.url) != item.url:
                raise CourseError(f"Two URLs would be saved as {name_of(item)!r}: {item.url} and another.")
        unique = list({name_of(item).lower(): item for item in items}.values())
        outcomes = {}
        with ThreadPoolExecutor(max_workers=workers) as pool:
            for outcome in pool.map(self.fetch, unique):
                outcomes[name_of(outcome.item).lower()] = outcome
                on_outcome(outcome)
        return [outcomes[name_of(item).lower()] for item in items]

    def fetch(self, item: Item) -> Outcome:
        """Fetch one item: at most ``policy.attempts`` times, waiting in between. Never raises for what the web does."""
        shelf, waited = Shelf(self.folder, item), 0.0
        # One generator an item, so that threads do not decide who draws which number.
        rng = random.Random(None if self.seed is None else f"{self.seed} {shelf.name}")
        try:
            for attempt in range(1, self.policy.attempts + 1):
                try:
                    status, code, notes = self._attempt(shelf)
                    self._note(shelf, status, "", notes)
                    return Outcome(item, status, "", False, attempt, waited, shelf.file(), code)
                except Trouble as trouble:
                    last = trouble
                too_long = (last.after or 0.0) > self.policy.patience
                if not last.again or too_long or attempt == self.policy.attempts:
                    break
                wait = wait_before_retry(attempt, self.policy, rng, last.after)
                self.clock.sleep(wait)
                waited += wait
            if not last.again:
                shelf.clear()
            else:
                shelf.resumable()  # removes what could not be resumed
            self._note(shelf, last.kind, last.detail, shelf.known() or {})
        except OSError as error:
            raise CourseError(
                f"Can't write in {self.folder} ({error.strerror or error}): free some space or name another folder."
            ) from None
        return Outcome(item, last.kind, last.detail, not last.again, attempt, waited, shelf.file(), last.code)

    def manifest(self) -> list[dict[str, Any]]:
        """Return all sidecars in the folder, by file name: what is to be published with the pictures."""
        paths = sorted(path for path in self.folder.glob("*.json") if not path.name.endswith(".part.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def _note(self, shelf: Shelf, status: str, detail: str, notes: dict[str, Any]) -> None:
        visit = {
            "status": status,
            "detail": detail,
            "visited": self.clock.date().isoformat(timespec="seconds"),
        }
        shelf.note(
            {key: value for key, value in notes.items() if key not in ("url", "attribution", "licence")}
            | visit
        )

    def _attempt(self, shelf: Shelf) -> tuple[str, int, dict[str, Any]]:
        """Follow redirects to the picture; return status, HTTP status and notes for the sidecar."""
        known = shelf.known()
        headers = {"User-Agent": self.policy.user_agent, "Accept": "image/*", **_conditions(known, shelf)}
        url, trail = shelf.item.url, []
        while True:
            target = vet(url, self.policy)
            self.gate.wait(target.host)
            with ask(target, headers, self.policy.timeout) as response:
                if response.status not in _REDIRECTS:
                    return self._answer(response, target, shelf, known)
                trail.append(url)
                url = _next_url(response, target)
            if url in trail:
                raise Trouble("redirects", f"a circle of {len(trail)} redirects", code=response.status)
            if len(trail) > self.policy.redirects:
                raise Trouble(
                    "redirects", f"more than {self.policy.redirects} redirects", code=response.status
                )

    def _answer(
        self, response: HTTPResponse, target: Target, shelf: Shelf, known: dict[str, Any] | None
    ) -> tuple[str, int, dict[str, Any]]:
        code = response.status
        if code == 304 and known:
            return UNCHANGED, code, known
        if code not in (200, 206):
            if code == 416:  # Our beginning is longer than the picture is now.
                shelf.clear()
            raise self._trouble(response)
        self._receive(response, shelf)
        notes = shelf.accept(self.policy.placeholders)
        tags = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
        return SAVED, code, notes | tags | {"final_url": target.url}

    def _trouble(self, response: HTTPResponse) -> Trouble:
        """Sort a status code: is it the picture that is gone, or the server that is in trouble?"""
        code, reason = response.status, response.reason
        after = seconds_to_wait(response.headers.get("Retry-After"), self.clock.date())
        if code in (404, 410):
            return Trouble("gone", f"{code} {reason}", code=code)
        if code in _FORBIDDEN:
            return Trouble("forbidden", f"{code}: the server {_FORBIDDEN[code]}", code=code)
        if code in (429, 503):
            wish = f", asks for {after:g} s" if after is not None else ""
            return Trouble("busy", f"{code} {reason}{wish}", again=True, after=after, code=code)
        return Trouble(
            "server error",
            f"{code} {reason}",
            again=code >= 500 or code in (408, 416, 425),
            after=after,
            code=code,
        )

    def _receive(self, response: HTTPResponse, shelf: Shelf) -> None:
        """Write the body to the .part, behind what is there if the server sends the rest. Raises Trouble."""
        start = self._start(response, shelf)
        length = response.length  # of this answer; None where the server does not say
        total = None if length is None else start + length
        if (total or 0) > self.policy.most_bytes:
            shelf.clear()
            raise Trouble("too large", f"{total:,} bytes, at most {self.policy.most_bytes:,} are taken")
        size, began = start, self.clock.stopwatch()
        with open(shelf.part, "ab") as file:
            while size != total and (chunk := read_some(response, _CHUNK)):
                file.write(chunk)
                size += len(chunk)
                if size > self.policy.most_bytes:
                    raise Trouble("too large", f"more than {self.policy.most_bytes:,} bytes")
                if self.clock.stopwatch() - began > self.policy.longest:
                    raise Trouble("too slow", f"{size:,} bytes in {self.policy.longest:g} s", again=True)
        if total is not None and size < total:
            raise Trouble("cut short", f"{size:,} of {total:,} bytes arrived", again=True)

    def _start(self, response: HTTPResponse, shelf: Shelf) -> int:
        """Return the byte at which this answer starts, with the .part ready for it."""
        begun = shelf.resumable()
        if response.status == 206 and begun:
            if response.headers.get("Content-Range", "").startswith(f"bytes {begun[0]}-"):
                return begun[0]
            shelf.clear()
            raise Trouble("server error", "a range that was not asked for", again=True, code=206)
        if response.status == 206:
            raise Trouble("server error", "a part where the whole was asked for", code=206)
        shelf.begin(_validator(response))
        return 0


def _conditions(known: dict[str, Any] | None, shelf: Shelf) -> dict[str, str]:
    """The headers that save a transfer: "only if it has changed", or "only the rest, if it has not"."""
    if known:
        names = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("last_modified")}
        return {name: value for name, value in names.items() if value}
    begun = shelf.resumable()
    return {"Range": f"bytes={begun[0]}-", "If-Range": begun[1]} if begun else {}


def _validator(response: HTTPResponse) -> str:
    """What If-Range may hold: a strong ETag, else a date; "" where the answer cannot be resumed."""
    tag = response.headers.get("ETag", "")
    if response.headers.get("Accept-Ranges", "").lower() != "bytes":
        return ""
    return tag if tag.startswith('"') else response.headers.get("Last-Modified", "")


def _next_url(response: HTTPResponse, target: Target) -> str:
    location = response.headers.get("Location")
    if not location:
        raise Trouble("redirects", f"{response.status} without a place to go", code=response.status)
    url = urljoin(target.url, location)
    if target.scheme == "https" and url.lower().startswith("http:"):
        raise Trouble("refused", "a redirect from https to http", code=response.status)
    return url
