"""The ways in which a link answers: one well, the others not. Each is a function of (handler, route)."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

_PUBLISHED = formatdate(1_262_304_000, usegmt=True)  # 1 January 2010
_PAGE = b"<!DOCTYPE html><html><head><title>Buy this domain</title></head><body>This name is for sale.</body></html>"


def fine(handler: Any, route: Any) -> None:
    """A good server: validators, 304 for what is known, the rest of a picture for whoever has its beginning."""
    tag = f'"{hashlib.sha256(route.body).hexdigest()[:16]}"'
    common = {"ETag": tag, "Last_Modified": _PUBLISHED, "Accept_Ranges": "bytes"}
    if handler.headers.get("If-None-Match") == tag:
        handler.begin(304, **common)
        return
    start = _start(handler, tag, len(route.body))
    rest = route.body[start:]
    where = {"Content_Range": f"bytes {start}-{len(route.body) - 1}/{len(route.body)}"} if start else {}
    handler.begin(206 if start else 200, Content_Type=route.mime, Content_Length=len(rest), **common, **where)
    handler.wfile.write(rest)


def _start(handler: Any, tag: str, length: int) -> int:
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    still_valid = handler.headers.get("If-Range", tag) == tag
    return int(asked[1]) if asked and still_valid and int(asked[1]) < length else 0


def missing(handler: Any, route: Any) -> None:
    """404: nothing here (any more)."""
    handler.begin(404, Content_Length=0)


def gone(handler: Any, route: Any) -> None:
    """410: there was something, and it will not come back."""
    handler.begin(410, Content_Length=0)


def forbidden(handler: Any, route: Any) -> None:
    """403: the album was made private."""
    handler.begin(403, Content_Length=0)


def busy(handler: Any, route: Any) -> None:
    """429 with Retry-After: 30; whoever comes earlier is told to wait 30 s more."""
    now = handler.rotting.clock.now()
    if route.asked > 1 and now >= route.ready_at:
        fine(handler, route)
        return
    route.ready_at = now + 30
    handler.begin(429, Retry_After=30, Content_Length=0)


def closed(handler: Any, route: Any) -> None:
    """503 with a Retry-After of a day."""
    handler.begin(503, Retry_After=86_400, Content_Length=0)


def hiccup(handler: Any, route: Any) -> None:
    """500, 500, then fine."""
    if route.asked <= 2:
        handler.begin(500, Content_Length=0)
    else:
        fine(handler, route)


def broken(handler: Any, route: Any) -> None:
    """500, always."""
    handler.begin(500, Content_Length=0)


def silent(handler: Any, route: Any) -> None:
    """Takes the request and never answers."""
    handler.note(0)
    handler.rotting.closing.wait(60)


def cut(handler: Any, route: Any) -> None:
    """Breaks off in the middle the first time; sends the rest to whoever asks for it."""
    if route.asked > 1:
        fine(handler, route)
        return
    _half(handler, route, Accept_Ranges="bytes", ETag=f'"{hashlib.sha256(route.body).hexdigest()[:16]}"')


def cut_always(handler: Any, route: Any) -> None:
    """Breaks off in the middle every time, and cannot resume."""
    _half(handler, route)


def _half(handler: Any, route: Any, **headers: str) -> None:
    handler.begin(200, Content_Type=route.mime, Content_Length=len(route.body), **headers)
    handler.wfile.write(route.body[: len(route.body) // 2])


def halved(handler: Any, route: Any) -> None:
    """Half a JPEG with the length of half a JPEG: the transfer is perfect, the picture is not."""
    half = route.body[: len(route.body) // 2]
    handler.begin(200, Content_Type=route.mime, Content_Length=len(half))
    handler.wfile.write(half)


def page(handler: Any, route: Any) -> None:
    """200, and a web page: the domain is for sale."""
    handler.begin(200, Content_Type="text/html", Content_Length=len(_PAGE))
    handler.wfile.write(_PAGE)


def disguised_page(handler: Any, route: Any) -> None:
    """200, a web page that calls itself image/jpeg."""
    handler.begin(200, Content_Type="image/jpeg", Content_Length=len(_PAGE))
    handler.wfile.write(_PAGE)


def circle(handler: Any, route: Any) -> None:
    """A redirect to a redirect back here."""
    other = route.path.removesuffix("-2") if route.path.endswith("-2") else f"{route.path}-2"
    handler.rotting.routes.setdefault(other, type(route)(other, "circle"))
    handler.begin(302, Location=other, Content_Length=0)


def endless(handler: Any, route: Any) -> None:
    """A redirect to an ever new address."""
    handler.begin(
        302, Location=f"{route.path}?step={handler.rotting.routes[route.path].asked}", Content_Length=0
    )


def redirect(handler: Any, route: Any) -> None:
    """A redirect to the address in the route's body: the picture moved, or became "photo unavailable"."""
    handler.begin(301, Location=route.body.decode(), Content_Length=0)


def drip(handler: Any, route: Any) -> None:
    """A byte every 20 ms: never silent, never done."""
    handler.begin(200, Content_Type=route.mime, Content_Length=len(route.body))
    for place in range(len(route.body)):
        if handler.rotting.closing.is_set():
            return
        handler.wfile.write(route.body[place : place + 1])
        handler.wfile.flush()
        time.sleep(0.02)


def huge(handler: Any, route: Any) -> None:
    """Announces ten gigabytes."""
    handler.begin(200, Content_Type=route.mime, Content_Length=10_000_000_000)


def nothing(handler: Any, route: Any) -> None:
    """200, and no bytes at all."""
    handler.begin(200, Content_Type=route.mime, Content_Length=0)


BEHAVIOURS: dict[str, Callable[[Any, Any], None]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        fine, missing, gone, forbidden, busy, closed, hiccup, broken, silent, cut, cut_always, halved, page,
        disguised_page, circle, endless, redirect, drip, huge, nothing,
    )
}  # fmt: skip
