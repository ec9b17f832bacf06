"""A real browser for tests: Chromium where it is installed, what a page complains of, and axe-core's findings."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from synscenes.site.browser import find_browser

PHONE, DESKTOP = {"width": 360, "height": 760}, {"width": 1280, "height": 900}
# What axe-core calls serious or critical keeps somebody out; the lesser two are advice.
GRAVE = ("serious", "critical")


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A running Chromium; the test skips, with the reason, where Playwright or a browser is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (the extra `test`)")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome on this machine")
    options = ["--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-gpu"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium's sandbox refuses root, which is what containers run as; the pages are our own.
        options.append("--no-sandbox")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; yields its address, without a slash at the end."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing: the tests watch the browser's side."""


class Complaints:
    """Collects what goes wrong on a page: errors on the console, exceptions, failed and foreign requests."""

    def __init__(self, page: Any) -> None:
        self.found: list[str] = []
        self.page = page
        page.on("console", self._said)
        page.on(
            "response", lambda answer: self._note(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        )
        page.on("pageerror", lambda error: self._note(f"exception: {error}"))
        page.on("requestfailed", self._failed)
        page.on("request", self._request)

    def _note(self, text: str) -> None:
        self.found.append(f"{urlsplit(self.page.url).path}: {text[:300]}")

    def _said(self, message: Any) -> None:
        # A missing file is told twice; the response names it.
        if message.type == "error" and "the server responded with a status" not in message.text:
            self._note(message.text)

    def _failed(self, request: Any) -> None:
        # A page that is left while it still loads gives up what it had asked for: no fault of the page.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"failed: {request.url} ({request.failure})")

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "file", "about") and parts.hostname not in ("127.0.0.1", "localhost"):
            self._note(f"asks another host: {request.url[:120]}")


@functools.cache
def axe_source() -> str:
    """The text of axe-core, from the course's assets."""
    from synscenes import assets

    return (assets.path("axe_core") / "axe.min.js").read_text(encoding="utf-8")


_AXE = """async ([within, skipped, rules]) => {
  const options = {resultTypes: ["violations"], iframes: false, preload: false};
  if (rules.length) options.runOnly = {type: "rule", values: rules};
  options.rules = Object.fromEntries(skipped.map((rule) => [rule, {enabled: false}]));
  const found = await axe.run(within, options);
  const why = (node) => ((node.any[0] || {}).message || "").slice(0, 200);
  const told = (node) => [node.target.join(" "), node.html.slice(0, 160), why(node)].join(" | ");
  return found.violations.map((each) => [each.impact, each.id, each.help, each.nodes.map(told)]);
}"""


def grave(page: Any, within: str = "html", skip: tuple[str, ...] = (), only_rules: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds serious or critical in the part of a page that ``within`` selects, as it now is."""
    if not page.evaluate("() => 'axe' in window"):
        # Not as a script element: what a page may load is one of the things under test.
        page.evaluate(axe_source())
    where = urlsplit(page.url).path
    return [
        f"{where}: {impact} {rule}: {words}: {len(places)} places, such as {'; '.join(places[:3])}"
        for impact, rule, words, places in page.evaluate(_AXE, [within, list(skip), list(only_rules)])
        if impact in GRAVE
    ]


def scrolls_sideways(page: Any) -> int:
    """By how many pixels a page is wider than its window: 0 for a page that fits."""
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")


# All that is drawn or said inside an element, and is not hidden: what must change when a control is used.
_FACE = """(root) => root.innerText + [...root.querySelectorAll("svg *, img, [aria-live]")]
  .filter((each) => each.getClientRects().length).map((each) => each.outerHTML.slice(0, 600)).join("\\n")"""


def face(root: Any) -> str:
    """What a person sees of a figure (a locator), as text that changes when the figure does."""
    return root.evaluate(_FACE)


def changes(root: Any, before: str, seconds: float = 20) -> bool:
    """True as soon as the figure no longer is what it was ``before``."""
    try:
        root.page.wait_for_function(
            f"([root, before]) => ({_FACE})(root) !== before", arg=[root.element_handle(), before],
            timeout=1000 * seconds,
        )  # fmt: skip
    except Exception as error:
        if "Timeout" not in type(error).__name__:
            raise
        return False
    return True


def tab_to(page: Any, control: Any, most: int = 150) -> bool:
    """Press Tab until the control (a locator) has the focus; True when it got there and shows it."""
    handle = control.element_handle()
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(control) => document.activeElement === control", handle):
            style = page.evaluate(
                """(control) => {
                  const style = getComputedStyle(control);
                  const ring = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
                  return [ring, style.boxShadow !== "none"];
                }""",
                handle,
            )
            return any(style)
    return False


def drag(page: Any, place: Any, by: tuple[float, float]) -> None:
    """Press the mouse in the middle of an element, move it, let go."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0] / 2, y + by[1] / 2)
    page.mouse.move(x + by[0], y + by[1])
    page.mouse.up()
