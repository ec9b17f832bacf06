"""Lesson slides: reveal.js pages that need nothing but the folder they lie in.

A slides notebook (``_build/slides/NN_name.ipynb``) holds the cells; what they show comes from the executed
solution notebook. reveal.js and MathJax are copied from the course's assets, so the pages work offline.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat

from synscenes import assets
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.lesson.results import RESULT_MIME

# Only what the slides use: most of reveal's other themes ask another host for their fonts.
REVEAL_PARTS = (
    "LICENSE",
    "dist/reset.css",
    "dist/reveal.css",
    "dist/reveal.js",
    "dist/theme/white.css",
    "dist/theme/fonts/source-sans-pro",
    "plugin/notes",
)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def render_all(root: Path) -> list[Path]:
    """Render each ``_build/slides/*.ipynb`` under ``root`` beside itself; return the pages, in order.

    A lesson that has not been executed yet gets slides without outputs. Raises CourseError when reveal.js or
    MathJax cannot be fetched.
    """
    folder = root / "_build" / "slides"
    notebooks = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not notebooks:
        raise CourseError(f"No slides notebooks in {folder}: run `python -m synscenes build` first.")
    theme = root / "course" / "theme" / "slides"
    _copy_vendor(theme, folder / "vendor")
    pages = []
    for path in notebooks:
        executed = root / "_build" / "run" / "solution" / path.name
        notebook = nbformat.read(path, as_version=4)
        if executed.exists():
            take_outputs(notebook, nbformat.read(executed, as_version=4))
        page = folder / f"{path.stem}.slides.html"
        pages.append(write_atomic(page, to_html(notebook, theme)))
    return pages


def take_outputs(slides: Any, executed: Any) -> None:
    """Give each code cell of ``slides`` the outputs of the executed cell with the same id.

    A widget's live view is left out where it has a static twin (``text/html``): slides have no kernel. Results
    recorded for the tests are left out too.
    """
    by_id = {cell["id"]: cell for cell in executed.cells if cell.cell_type == "code"}
    for cell in slides.cells:
        if cell.cell_type != "code" or cell["id"] not in by_id:
            continue
        shown = (output for output in by_id[cell["id"]].outputs if RESULT_MIME not in output.get("data", {}))
        cell.outputs = [_without_live_view(output) for output in shown]


def to_html(notebook: Any, theme: Path) -> str:
    """Return one deck as HTML; ``theme`` holds the template, style sheet and script of the course's slides."""
    from nbconvert import SlidesExporter
    from traitlets.config import Config

    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_input_tags = {"hide-input", "widget"}
    config.CSSHTMLHeaderPreprocessor.style = "default"
    exporter = SlidesExporter(
        config=config,
        template_name=theme.name,
        extra_template_basedirs=[str(theme.parent)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    page, _ = exporter.from_notebook_node(notebook)
    # A link to another lesson leads, from a slide, to that lesson's slides.
    return re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.slides.html"', page)


def _copy_vendor(theme: Path, vendor: Path) -> None:
    shutil.rmtree(vendor, ignore_errors=True)
    reveal = assets.path("reveal")
    for part in REVEAL_PARTS:
        copy = shutil.copytree if (reveal / part).is_dir() else shutil.copy2
        (vendor / "reveal" / part).parent.mkdir(parents=True, exist_ok=True)
        copy(reveal / part, vendor / "reveal" / part)
    shutil.copytree(assets.path("mathjax"), vendor / "mathjax")
    for name in ("slides.css", "slides.js"):
        shutil.copy2(theme / name, vendor / name)


def _without_live_view(output: Any) -> Any:
    data = output.get("data", {})
    if WIDGET_VIEW in data and "text/html" in data:
        output = nbformat.from_dict({**output, "data": {k: v for k, v in data.items() if k != WIDGET_VIEW}})
    return output
