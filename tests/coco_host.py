"""A server on this computer that stands in for COCO's official hosts, and fails on purpose where it is told to."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Fault = Callable[[Any, bytes], None]


def pack(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive in memory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members:
            file.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def official(root: Path, inner: int = zipfile.ZIP_STORED, stuff: bool = True) -> dict[str, bytes]:
    """The files of a COCO tree as the official host has them: archives and single photographs, by their place.

    ``inner`` is how the archive of panoptic PNGs lies in its own archive.
    """
    files = {}
    notes = root / "annotations"
    kinds = ("instances", "person_keypoints", "captions")
    names = [f"{kind}_{split}2017.json" for split in ("train", "val") for kind in kinds]
    files["/annotations/annotations_trainval2017.zip"] = pack(
        (f"annotations/{name}", (notes / name).read_bytes()) for name in names
    )
    if (notes / "panoptic_val2017.json").is_file():
        files["/annotations/panoptic_annotations_trainval2017.zip"] = _panoptic(notes, inner)
    if stuff and (notes / "stuff_val2017.json").is_file():
        files["/annotations/stuff_annotations_trainval2017.zip"] = pack(
            (f"annotations/stuff_{split}2017.json", (notes / f"stuff_{split}2017.json").read_bytes())
            for split in ("train", "val")
        )
    for split in ("train", "val"):
        images = {path.name: path.read_bytes() for path in sorted((root / f"{split}2017").glob("*.jpg"))}
        entries = [(f"{split}2017/", b""), *((f"{split}2017/{name}", data) for name, data in images.items())]
        files[f"/zips/{split}2017.zip"] = pack(entries, zipfile.ZIP_STORED)
        files |= {f"/{split}2017/{name}": data for name, data in images.items()}
    return files


def _panoptic(notes: Path, inner: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for split in ("train", "val"):
            folder = f"panoptic_{split}2017"
            file.write(notes / f"{folder}.json", f"annotations/{folder}.json")
            pngs = [(f"{folder}/{path.name}", path.read_bytes()) for path in sorted((notes / folder).glob("*.png"))]
            # The official one was packed on a Mac, and holds a shadow of each file.
            shadows = [(f"__MACOSX/{folder}/._{Path(name).name}", b"Mac") for name, _ in pngs]
            file.writestr(zipfile.ZipInfo(f"annotations/{folder}.zip"), pack([*pngs, *shadows]), inner)
    return buffer.getvalue()


class Host:
    """A context manager: serves ``files`` at 127.0.0.1. ``faults[path]`` is a list of ways to answer, used up in order.

    ``log`` holds (path, status, range) of each request. ``ranges`` switches byte ranges off; ``agents`` are those
    that asked.
    """

    def __init__(self, files: dict[str, bytes], ranges: bool = True) -> None:
        self.files, self.ranges = files, ranges
        self.faults: dict[str, list[Fault]] = {}
        self.log: list[tuple[str, int, str]] = []
        self.agents: set[str] = set()
        self.sent = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()

    def __enter__(self) -> Host:
        host = self

        class Handler(_Handler):
            server_host = host

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads, self._http.block_on_close = True, False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def statuses(self, path: str) -> list[int]:
        return [status for asked, status, _ in self.log if asked == path]


class _Handler(BaseHTTPRequestHandler):
    server_host: Host
    timeout = 30

    def do_GET(self) -> None:
        host = self.server_host
        with host.lock:
            waiting = host.faults.get(self.path)
            fault = waiting.pop(0) if waiting else fine
            host.agents.add(self.headers.get("User-Agent", ""))
        try:
            body = host.files.get(self.path)
            if body is None:
                self.begin(404, Content_Length=0)
            else:
                fault(self, body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def begin(self, status: int, **headers: object) -> None:
        self.server_host.log.append((self.path, status, self.headers.get("Range", "")))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def write(self, data: bytes) -> None:
        with self.server_host.lock:  # first, for the client may look as soon as it has the data
            self.server_host.sent += len(data)
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def _answer(handler: Any, body: bytes) -> tuple[int, dict[str, object], bytes]:
    """Status, headers and content, by RFC 9110."""
    tag = tag_of(body)
    if not handler.server_host.ranges:
        return 200, {"Content_Length": len(body), "ETag": tag}, body
    common: dict[str, object] = {"ETag": tag, "Accept_Ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
    if not asked or handler.headers.get("If-Range", tag) != tag:
        return 200, common | {"Content_Length": len(body)}, body
    start, end = int(asked[1]), min(int(asked[2] or len(body) - 1), len(body) - 1)
    if start >= len(body):
        return 416, common | {"Content_Length": 0, "Content_Range": f"bytes */{len(body)}"}, b""
    piece = body[start : end + 1]
    where = {"Content_Length": len(piece), "Content_Range": f"bytes {start}-{end}/{len(body)}"}
    return 206, common | where, piece


def fine(handler: Any, body: bytes) -> None:
    status, headers, piece = _answer(handler, body)
    handler.begin(status, **headers)
    for start in range(0, len(piece), 1 << 16):
        handler.write(piece[start : start + (1 << 16)])


def cut_after(share: float) -> Fault:
    """Break off after a share of what was asked for."""

    def fault(handler: Any, body: bytes) -> None:
        status, headers, piece = _answer(handler, body)
        handler.begin(status, **headers)
        handler.write(piece[: int(len(piece) * share)])

    return fault


def status(code: int, **headers: object) -> Fault:
    """Answer with a status and nothing else."""

    def fault(handler: Any, body: bytes) -> None:
        handler.begin(code, Content_Length=0, **headers)

    return fault


def stall(handler: Any, body: bytes) -> None:
    """Send a little, then fall silent."""
    status, headers, piece = _answer(handler, body)
    handler.begin(status, **headers)
    handler.write(piece[: len(piece) // 3])
    handler.wfile.flush()
    handler.server_host.closing.wait(30)


def drip(handler: Any, body: bytes) -> None:
    """A byte every 10 ms: never silent, never done."""
    status, headers, piece = _answer(handler, body)
    handler.begin(status, **headers)
    for place in range(len(piece)):
        if handler.server_host.closing.is_set():
            return
        handler.write(piece[place : place + 1])
        handler.wfile.flush()
        time.sleep(0.01)


def says_longer(handler: Any, body: bytes) -> None:
    """A Content-Length larger than what comes."""
    status, headers, piece = _answer(handler, body)
    handler.begin(status, **headers | {"Content_Length": len(piece) + 1000})
    handler.write(piece)


def ignores_range(handler: Any, body: bytes) -> None:
    """200 and everything, whatever was asked for."""
    handler.begin(200, Content_Length=len(body), ETag=tag_of(body), Accept_Ranges="bytes")
    handler.write(body)


def shifted(handler: Any, body: bytes) -> None:
    """206, but another range than asked for."""
    piece = body[5 : 5 + 100]
    handler.begin(
        206,
        Content_Length=len(piece),
        ETag=tag_of(body),
        Content_Range=f"bytes 5-104/{len(body)}",
        Accept_Ranges="bytes",
    )
    handler.write(piece)


def wrong_bytes(handler: Any, body: bytes) -> None:
    """The right length and version, the wrong content."""
    status, headers, piece = _answer(handler, body)
    handler.begin(status, **headers)
    handler.write(bytes(len(piece)))
