"""A web server on this computer that rots on purpose.

    with RottingServer() as server:
        url = server.add("/dog.jpg", "fine", picture_bytes)
        ...
    server.log        # [(path, status, {"Range": ...}), ...]

The ways to fail are functions in :mod:`synscenes.linkrot.behaviours`, by name.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from synscenes.linkrot.clock import Clock

_SEEN_HEADERS = ("Range", "If-Range", "If-None-Match", "If-Modified-Since", "User-Agent")


@dataclass
class Route:
    """What one path serves, how, and how often it was asked for."""

    path: str
    behaviour: str
    body: bytes = b""
    mime: str = "image/jpeg"
    asked: int = 0
    ready_at: float = 0.0  # on the server's clock: when a busy server is free again


class RottingServer:
    """A context manager: a server at 127.0.0.1 on a free port, in threads. ``clock`` is what "busy" goes by."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.routes: dict[str, Route] = {}
        self.log: list[tuple[str, int, dict[str, str]]] = []
        self.closing = threading.Event()
        self.lock = threading.Lock()

    def __enter__(self) -> RottingServer:
        server = self

        class Handler(_Handler):
            rotting = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads, self._http.block_on_close = True, False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.closing.set()  # frees the requests that are never answered
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Such as ``http://127.0.0.1:41234``."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def add(self, path: str, behaviour: str, body: bytes = b"", mime: str = "image/jpeg") -> str:
        """Serve ``path`` in the named way (a new one replaces the old); return its URL. ValueError for no such way."""
        from synscenes.linkrot.behaviours import BEHAVIOURS

        if behaviour not in BEHAVIOURS:
            raise ValueError(f"behaviour must be one of {', '.join(BEHAVIOURS)}, not {behaviour!r}")
        self.routes[path] = Route(path, behaviour, body, mime)
        return self.address + path

    def statuses(self, path: str) -> list[int]:
        """The HTTP statuses that ``path`` was answered with so far (0: none was sent)."""
        return [status for asked, status, _ in self.log if asked == path]


class _Handler(BaseHTTPRequestHandler):
    rotting: RottingServer

    def do_GET(self) -> None:
        from synscenes.linkrot.behaviours import BEHAVIOURS, missing

        route = self.rotting.routes.get(self.path.partition("?")[0])
        self.status_sent = 0
        try:
            if route is None:
                missing(self, Route(self.path, "missing"))
            else:
                with self.rotting.lock:
                    route.asked += 1
                BEHAVIOURS[route.behaviour](self, route)
        except ConnectionError:  # Windows calls it aborted
            pass  # the client had enough

    def begin(self, status: int, **headers: object) -> None:
        """Send status and headers, and write the request into the log. ``_`` in a name stands for ``-``."""
        self.note(status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def note(self, status: int) -> None:
        """Write the request into the server's log."""
        seen = {name: self.headers[name] for name in _SEEN_HEADERS if name in self.headers}
        self.rotting.log.append((self.path, status, seen))

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""
