"""Look at the pages in a real browser: does one scroll sideways on a phone, does a slide overflow?

Chromium (or Chrome) opens a page that holds the site in frames of a phone's width, measures, and sends the numbers
back. Nothing is installed; without a browser the check is skipped.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
PHONE_WIDTH = 360
# A slide's letters may shrink to this share before its text is too much for one slide.
LEAST_ZOOM = 0.7
_SCRIPT = """<!doctype html><meta charset="utf-8"><body><script>
const wait = ms => new Promise(done => setTimeout(done, ms));
async function open(page, width, height) {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = height; frame.style.border = 0; frame.src = "/" + page;
  document.body.append(frame);
  await new Promise(done => frame.onload = done);
  return frame;
}
async function page(name, width) {
  const frame = await open(name, width, 800), view = frame.contentWindow, found = [];
  if (view.MathJax && view.MathJax.startup) await view.MathJax.startup.promise;
  await wait(150);
  const root = view.document.documentElement;
  if (root.scrollWidth > width) found.push({page: name, what: "scrolls sideways", size: root.scrollWidth});
  frame.remove();
  return found;
}
async function deck(name) {
  const frame = await open(name, 1280, 800), view = frame.contentWindow, found = [];
  for (let n = 0; n < 200 && view.document.documentElement.dataset.ready !== "1"; n++) await wait(50);
  for (let number = 1; number < 200; number++) {
    await wait(60);
    const slide = view.Reveal.getCurrentSlide();
    const zoom = Math.min(1, ...[...slide.children].map(child => Number(child.style.zoom || 1)));
    const tell = (what, size) => found.push({page: name, what: `slide ${number} ${what}`, size});
    if (slide.scrollHeight > 701) tell("is too tall", slide.scrollHeight);
    if (slide.scrollWidth > 961) tell("is too wide", slide.scrollWidth);
    if (zoom < LEAST) tell("holds too much, its text shrinks", zoom);
    if (view.Reveal.isLastSlide()) break;
    while (view.Reveal.availableFragments().next) view.Reveal.nextFragment();
    view.Reveal.next();
  }
  frame.remove();
  return found;
}
(async () => {
  const found = [];
  try {
    for (const name of PAGES) found.push(...await page(name, WIDTH));
    for (const name of DECKS) found.push(...await deck(name));
    await fetch("/found", {method: "POST", body: JSON.stringify({found})});
  } catch (error) {
    await fetch("/found", {method: "POST", body: JSON.stringify({error: String(error)})});
  }
})();
</script>"""


@dataclass(frozen=True)
class Overflow:
    """A page or slide that does not fit: what it does, and the size found (pixels, or the letters' zoom)."""

    page: str
    what: str
    size: float

    def __str__(self) -> str:
        return f"{self.page}: {self.what} ({self.size:g})"


def find_browser() -> str | None:
    """Return the path of a Chromium-like browser, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def overflows(site: Path, browser: str, width: int = PHONE_WIDTH, seconds: float = 300) -> list[Overflow]:
    """Return the pages of ``site`` that scroll sideways at ``width`` pixels, and the slides that overflow.

    Raises CourseError when the browser does not answer within ``seconds``.
    """
    pages = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    decks = [name for name in pages if name.endswith(".slides.html")]
    kept = [name for name in pages if name not in decks and not name.startswith(("_static/", "slides/"))]
    answers: queue.Queue[dict[str, Any]] = queue.Queue()
    page = _SCRIPT
    for name, value in (("PAGES", kept), ("DECKS", decks), ("WIDTH", width), ("LEAST", LEAST_ZOOM)):
        page = page.replace(name, json.dumps(value))
    handler = functools.partial(_Handler, page=page.encode(), answers=answers, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        answer = _visit(browser, f"http://127.0.0.1:{server.server_port}/measure", answers, seconds)
    finally:
        server.shutdown()
        server.server_close()
    if "error" in answer:
        raise CourseError(f"The browser check failed: {answer['error']}.")
    return [Overflow(**entry) for entry in answer["found"]]


def _visit(browser: str, address: str, answers: queue.Queue[dict[str, Any]], seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="synscenes-browser-", ignore_cleanup_errors=True) as profile:
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ]
        command += ["--disable-component-update", "--window-size=1400,900", f"--user-data-dir={profile}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium's sandbox refuses root, which is what containers run as; the pages are our own.
            command.append("--no-sandbox")
        # Headless Chromium leaves at once unless it is told to be remote-controlled.
        command += ["--remote-debugging-port=0", address]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return answers.get(timeout=seconds)
        except queue.Empty:
            raise CourseError(f"The browser {browser} did not answer within {seconds:g} s.") from None
        finally:
            process.terminate()
            process.wait(timeout=20)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site, the measuring page, and takes the measurements."""

    def __init__(self, *args: Any, page: bytes, answers: queue.Queue[dict[str, Any]], **kwargs: Any) -> None:
        self.page, self.answers = page, answers
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        if self.path != "/measure":
            super().do_GET()
            return
        self._reply(self.page, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        self.answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._reply(b"thanks", "text/plain")

    def _reply(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Stay silent: the terminal shows what was found, not what was served."""
