"""What the site check needs to know of one HTML page, read with the standard library's parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

# The attributes through which a browser fetches something by itself. An <a href> is followed only by a reader.
LOADING = {
    "script": ("src",),
    "link": ("href",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "input": ("src",),
    "track": ("src",),
}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SCRIPT_LOADS = re.compile(
    r"""(?:\bimport\b|\bfrom\b|\bfetch|\bimportScripts|\.src\s*=|\.href\s*=)\s*\(?\s*["'`]((?:https?:)?//[^"'`]+)"""
)
CSS_LOADS = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')\s]+)""")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass
class Page:
    """One page: what it loads, links to, names, shows, and how its headings run."""

    loads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    images_without_alt: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)  # of the images inside the article
    headings: list[int] = field(default_factory=list)  # levels inside the article, in order
    contents: list[str] = field(default_factory=list)  # links of the site's table of contents
    redirect: bool = False


def css_loads(text: str) -> list[str]:
    """Return the addresses that a style sheet fetches (``url(...)`` and ``@import``)."""
    return [found.group(1) for found in CSS_LOADS.finditer(CSS_COMMENT.sub("", text))]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.stack: list[tuple[str, str]] = []  # open tags that scope something: (tag, scope)
        self.text: list[str] | None = None  # inside <script> or <style>
        self.text_of = ""

    def _inside(self, scope: str) -> bool:
        return any(found == scope for _, found in self.stack)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self._scope(tag, values)
        page = self.page
        page.anchors.update(value for name in ("id", "name") if (value := values.get(name)))
        for name in LOADING.get(tag, ()):
            if values.get(name) and not (tag == "link" and "canonical" in values.get("rel", "")):
                page.loads.extend(_addresses(name, values[name]))
        page.loads.extend(css_loads(values.get("style", "")))
        if tag == "img" and not values.get("alt", "").strip() and values.get("role") != "presentation":
            page.images_without_alt.append(values.get("src", "")[:60])
        if tag == "img" and values.get("alt", "").strip() and self._inside("article"):
            page.alts.append(values["alt"])
        if tag == "a" and "href" in values:
            page.links.append(values["href"])
            if self._inside("contents"):
                page.contents.append(values["href"])
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            page.redirect = True
        if re.fullmatch("h[1-6]", tag) and self._inside("article"):
            page.headings.append(int(tag[1]))
        if tag in ("script", "style"):
            self.text, self.text_of = [], tag

    def _scope(self, tag: str, values: dict[str, str]) -> None:
        classes = values.get("class", "").split()
        scope = ""
        if tag == "article":
            scope = "article"
        elif tag == "nav" and "bd-links" in classes:
            scope = "contents"
        if scope or (tag not in VOID and any(open_tag == tag for open_tag, _ in self.stack)):
            self.stack.append((tag, scope))

    def handle_endtag(self, tag: str) -> None:
        if self.text is not None and tag == self.text_of:
            self._close_text()
        if self.stack and self.stack[-1][0] == tag:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def _close_text(self) -> None:
        text = "".join(self.text or [])
        if self.text_of == "style":
            self.page.loads.extend(css_loads(text))
        else:
            self.page.loads.extend(found.group(1) for found in SCRIPT_LOADS.finditer(text))
        self.text = None


def _addresses(name: str, value: str) -> list[str]:
    if name != "srcset" or value.startswith("data:"):
        return [value]
    return [part.split()[0] for part in value.split(",") if part.strip()]


def read_page(path: Path) -> Page:
    """Read one HTML file."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader.page
