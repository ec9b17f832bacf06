"""``python -m synscenes book``: the website, from executed notebooks to a checked folder of pages."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.paths import require_repo_root


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m synscenes book``."""
    parser.add_argument("--profile", choices=("smoke", "laptop", "gpu"), default="laptop", help="how the lessons run")
    parser.add_argument("--no-run", action="store_true", help="show the executed notebooks as they are")
    parser.add_argument("--browser", action="store_true", help="measure pages and slides in Chromium, where found")
    parser.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="notebooks run at once (default: 1)")


def run(args: argparse.Namespace) -> int:
    """Build the website; raises CourseError when a lesson fails, Jupyter Book warns, or a page has a defect."""
    root = require_repo_root()
    started = time.monotonic()
    site = make_site(root, profile=args.profile, execute=not args.no_run, jobs=args.jobs)
    if args.browser:
        look(site)
    print(f"The website is ready after {time.monotonic() - started:.0f} s: open {site / 'index.html'}")
    return 0


def make_site(root: Path, profile: str = "laptop", execute: bool = True, jobs: int = 1) -> Path:
    """Build the website under ``root`` and return its folder, ``_build/html``."""
    from synscenes import slides
    from synscenes.authoring.build import build
    from synscenes.authoring.settings import load_settings
    from synscenes.site.assemble import assemble
    from synscenes.site.environment import ensure_environment
    from synscenes.site.execution import EXECUTED, load_report, run_lessons
    from synscenes.site.html import make_html
    from synscenes.site.plan import load_plan

    python = ensure_environment(root)
    plan = load_plan(root)
    build(root)
    if execute:
        _tell(f"Running the lessons that changed (profile {profile}) …")
        run_lessons(root, profile, jobs)
    _tell("Rendering the slides …")
    slides.render_all(root)
    book = root / "_build" / "book_src"
    assemble(root, book, root / EXECUTED, plan, load_report(root))
    _tell("Building the pages with Jupyter Book …")
    site = make_html(python, book, root)
    _add_beside(root, site)
    _raise_for_problems(site)
    if not load_settings(root).is_public:
        _tell("Note: course/settings.toml names no owner yet, so the pages have no Colab buttons.")
    return site


def look(site: Path) -> None:
    """Measure the site in a browser; raises CourseError when a page scrolls sideways or a slide overflows."""
    from synscenes.site.browser import find_browser, overflows

    browser = find_browser()
    if browser is None:
        _tell("No Chromium or Chrome found, so nothing was measured.")
        return
    _tell(f"Measuring the pages with {browser} …")
    found = overflows(site, browser)
    for overflow in found:
        _tell(f"  {overflow}")
    if found:
        raise CourseError(f"{len(found)} pages or slides do not fit (listed above).")


def _add_beside(root: Path, site: Path) -> None:
    """Add what Sphinx does not know: the slides, and the learner's notebooks behind the download buttons."""
    shutil.copytree(root / "_build" / "slides", site / "slides", ignore=shutil.ignore_patterns("*.ipynb"))
    for notebook in sorted((site / "_sources" / "notebooks").glob("*.ipynb")):
        shutil.copy2(root / "notebooks" / notebook.name, notebook)


def _raise_for_problems(site: Path) -> None:
    from synscenes.site.check import check_site

    problems = check_site(site)
    for problem in problems:
        _tell(f"  {problem}")
    if problems:
        raise CourseError(f"The website has {len(problems)} defects (listed above).")


def _tell(line: str) -> None:
    print(line, flush=True)
