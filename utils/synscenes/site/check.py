"""The check after a build: a site that stands on its own, can be read by everybody, and has no dead ends."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from synscenes.site.alt import poor_alt
from synscenes.site.page import Page, css_loads, read_page

# Sphinx's own pages: made without being asked for, and linked from no table of contents.
MACHINE_PAGES = {"genindex.html", "search.html", "py-modindex.html"}
# Folders whose pages are not book pages (slides have their own frame).
OUTSIDE_THE_BOOK = ("_static", "_sources", "slides")


@dataclass(frozen=True)
class SiteProblem:
    """One defect: the file it is in (relative to the site), and what is wrong."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


def check_site(folder: Path, contents_page: str = "index.html") -> list[SiteProblem]:
    """Return every defect of the site in ``folder``, sorted by file.

    A page must load nothing from another host (``<a>`` links may point anywhere), give each ``<img>`` an alt
    text that says something, link only to files and anchors that exist, have one h1 and no skipped heading level, and
    be listed in the table of contents that ``contents_page`` shows.
    """
    folder = Path(folder)
    pages = {path.relative_to(folder).as_posix(): read_page(path) for path in sorted(folder.rglob("*.html"))}
    pages = {name: page for name, page in pages.items() if not name.startswith("_static/")}
    problems = [problem for name, page in pages.items() for problem in _page_problems(folder, name, page, pages)]
    problems += _contents_problems(pages, contents_page)
    for sheet in sorted(folder.rglob("*.css")):
        name = sheet.relative_to(folder).as_posix()
        loads = css_loads(sheet.read_text(encoding="utf-8", errors="replace"))
        problems += [SiteProblem(name, f"loads {url} from another host") for url in loads if is_foreign(url)]
    return sorted(problems, key=str)


def is_foreign(address: str) -> bool:
    """Return True when a browser would ask another host for ``address``."""
    parts = urlsplit(address.strip())
    return bool(parts.netloc) or parts.scheme in ("http", "https", "ftp", "ws", "wss")


def _page_problems(folder: Path, name: str, page: Page, pages: dict[str, Page]) -> list[SiteProblem]:
    found = []
    for address in page.loads:
        if is_foreign(address):
            found.append(f"loads {address} from another host")
        elif not address.startswith(("data:", "blob:", "#", "about:")):
            found += _target_problem(folder, name, address, pages)
    found += [f"an image without alt text ({source})" for source in page.images_without_alt]
    found += [f'the alt text "{alt}" {problem}' for alt in page.alts if (problem := poor_alt(alt))]
    for address in page.links:
        if not is_foreign(address) and urlsplit(address).scheme not in ("mailto", "javascript", "data"):
            found += _target_problem(folder, name, address, pages)
    if _is_book_page(name) and not page.redirect and name not in MACHINE_PAGES:
        found += _heading_problems(page.headings)
    return [SiteProblem(name, message) for message in dict.fromkeys(found)]


def _target_problem(folder: Path, name: str, address: str, pages: dict[str, Page]) -> list[str]:
    parts = urlsplit(address)
    path = unquote(parts.path)
    target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
    target = target.replace(os.sep, "/")
    if target.startswith(".."):
        return [f"points outside the site: {address}"]
    if (folder / target).is_dir():
        target = "index.html" if target == "." else f"{target}/index.html"
    if not (folder / target).is_file():
        return [f"points to a missing file: {address}"]
    # "#" alone is the top of the page; reveal.js reads "#/3" itself.
    if not parts.fragment or parts.fragment.startswith("/") or target not in pages:
        return []
    # Browsers look for the name as it is written, then for what it stands for.
    if not {parts.fragment, unquote(parts.fragment)} & set(pages[target].anchors):
        return [f"points to a missing anchor: {address}"]
    return []


def _heading_problems(levels: list[int]) -> list[str]:
    found = []
    if levels.count(1) != 1:
        found.append(f"has {levels.count(1)} h1 headings instead of one")
    for before, after in zip([0, *levels], levels):
        if after > before + 1:
            found.append(f"a heading jumps from h{before} to h{after}")
    return found


def _is_book_page(name: str) -> bool:
    return name.split("/")[0] not in OUTSIDE_THE_BOOK


def _contents_problems(pages: dict[str, Page], contents_page: str) -> list[SiteProblem]:
    if contents_page not in pages:
        return [SiteProblem(contents_page, "the first page is missing")]
    listed = {contents_page}
    for address in pages[contents_page].contents:
        path = unquote(urlsplit(address).path)
        listed.add(os.path.normpath(path).replace(os.sep, "/") if path else contents_page)
    wanted = [name for name, page in pages.items() if _is_book_page(name) and not page.redirect]
    return [
        SiteProblem(name, "is not in the table of contents")
        for name in wanted
        if name not in listed and name not in MACHINE_PAGES
    ]
