"""Gather what Jupyter Book reads into one folder: notebooks, pages, theme, MathJax, configuration."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from synscenes import assets
from synscenes.assets import attribution_markdown
from synscenes.authoring.cost import read_budgets
from synscenes.authoring.settings import Settings, load_settings
from synscenes.errors import CourseError
from synscenes.facts import page_markdown
from synscenes.files import write_atomic
from synscenes.lesson.results import RESULT_MIME
from synscenes.site import inserts, measured
from synscenes.site.misconceptions import misconceptions_markdown
from synscenes.site.plan import NOTEBOOKS, Plan
from synscenes.slides import WIDGET_VIEW

PICTURES, LARGE_PICTURE = "pictures", 100_000  # bytes
_EMBEDDED = re.compile(r'<img src="data:image/(png|jpeg);base64,([A-Za-z0-9+/=]+)"')
SETUP_FOLD = {"code_prompt_show": "Show the setup", "code_prompt_hide": "Hide the setup"}
CODE_FOLD = {"code_prompt_show": "Show the code", "code_prompt_hide": "Hide the code"}


def assemble(root: Path, book: Path, executed: Path, plan: Plan, report: dict[str, Any] | None) -> None:
    """Fill ``book`` from nothing; ``executed`` holds the executed solution notebooks.

    Raises CourseError for a lesson without an executed notebook, and for a page that is missing.
    """
    shutil.rmtree(book, ignore_errors=True)
    settings = load_settings(root)
    for lesson in plan.written:
        source = executed / f"{lesson.name}.ipynb"
        if not source.exists():
            raise CourseError(f"{source} is missing: run `python -m synscenes run --edition solution {lesson.number}`.")
        notebook = prepare_notebook(json.loads(source.read_text(encoding="utf-8")), lesson.name)
        move_pictures(notebook, book / "figures" / PICTURES)
        write_atomic(book / NOTEBOOKS / source.name, json.dumps(notebook, ensure_ascii=False, indent=1))
    _write_pages(root, book, plan, report)
    (book / "figures").mkdir(parents=True, exist_ok=True)
    shutil.copytree(root / "course" / "theme", book / "theme", ignore=shutil.ignore_patterns("slides"))
    shutil.copytree(assets.path("mathjax"), book / "vendor" / "mathjax")
    write_atomic(book / "_config.yml", _yaml(configuration(root, settings)))
    write_atomic(book / "_toc.yml", _yaml(plan.book_contents()))


def configuration(root: Path, settings: Settings) -> dict[str, Any]:
    """Return jupyter_book.yml with what course/settings.toml adds: the repository and its Colab buttons.

    The notebooks lie in ``notebooks/`` of the book as they do in the repository, so that the theme's own link
    leads to the learner's edition. Without an owner there is no button: it would lead nowhere.
    """
    config = yaml.safe_load((root / "jupyter_book.yml").read_text(encoding="utf-8"))
    if settings.is_public:
        config["repository"] = {
            "url": f"https://github.com/{settings.repository}",
            "branch": settings.branch,
            "path_to_book": "",
        }
        config["launch_buttons"] = {"colab_url": "https://colab.research.google.com"}
        config["html"]["use_repository_button"] = True
    else:
        config["repository"] = {"url": "", "branch": settings.branch, "path_to_book": ""}
    return config


def prepare_notebook(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an executed notebook as the site shows it: setup folded, widgets as their static twins.

    Raises CourseError for a widget without a twin: on the site it would be a dead control.
    """
    notebook = json.loads(json.dumps(notebook))
    notebook["metadata"].pop("widgets", None)
    notebook["metadata"].pop("papermill", None)
    notebook["cells"] = [cell for cell in notebook["cells"] if not _repeats_parameters(cell, notebook["cells"])]
    for number, cell in enumerate(notebook["cells"], 1):
        metadata = cell["metadata"]
        tags = metadata.get("tags", [])
        if "card" in tags:
            # A name for the style sheet: on a phone the card's table becomes a list.
            cell["source"] = f"::::{{container}} lesson-card\n{''.join(cell['source'])}\n::::"
        if cell["cell_type"] != "code":
            continue
        metadata.pop("papermill", None)
        if {"injected-parameters", "setup"} & set(tags):
            metadata["tags"] = sorted({*tags, "hide-input"})
            metadata["mystnb"] = SETUP_FOLD
        elif "hide-input" in tags:
            metadata.setdefault("mystnb", CODE_FOLD)
        cell["outputs"] = _results_together(cell["outputs"])
        for output in cell["outputs"]:
            data = output.get("data", {})
            if WIDGET_VIEW in data:
                if "text/html" not in data:
                    raise CourseError(f"{name}: cell {number} shows a widget without a static twin (text/html).")
                del data[WIDGET_VIEW]
            # Results and check verdicts are kept in the notebook for tests; a page has nothing to show for them.
            for mime in [mime for mime in data if mime.startswith("application/vnd.synscenes.")]:
                del data[mime]
    return notebook


def _results_together(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Show neighbouring recorded results, "name = value", as lines of one box."""
    shown: list[dict[str, Any]] = []
    for output in outputs:
        if shown and all(RESULT_MIME in each.get("data", {}) for each in (shown[-1], output)):
            texts = ("".join(each["data"]["text/plain"]) for each in (shown[-1], output))
            shown[-1]["data"]["text/plain"] = "\n".join(texts)
        else:
            shown.append(output)
    return shown


def move_pictures(notebook: dict[str, Any], folder: Path) -> None:
    """Turn the pictures embedded in a notebook's HTML into files of their own, photographs as WebP.

    ``folder`` becomes ``_static/pictures`` of the site. A page with thirty figures is then some hundred kilobytes
    instead of ten megabytes, its text is there at once, and its pictures arrive one by one.
    """

    def to_file(found: re.Match[str]) -> str:
        content, kind, size = _lighter(base64.b64decode(found[2]), found[1])
        name = f"{hashlib.sha256(content).hexdigest()[:20]}.{kind}"
        write_atomic(folder / name, content)
        return f'<img width="{size[0]}" height="{size[1]}" src="../_static/{PICTURES}/{name}"'

    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                data["text/html"] = _EMBEDDED.sub(to_file, "".join(data["text/html"]))


def _lighter(content: bytes, kind: str) -> tuple[bytes, str, tuple[int, int]]:
    """Return a picture's bytes, kind and size in pixels; as WebP where that takes less than half the room."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, format="WEBP", quality=90, method=4)
        if len(content) > LARGE_PICTURE and 2 * buffer.tell() < len(content):
            return buffer.getvalue(), "webp", picture.size
        return content, kind, picture.size


def _repeats_parameters(cell: dict[str, Any], cells: list[dict[str, Any]]) -> bool:
    """True for papermill's injected cell when it only repeats the defaults above it."""
    if "injected-parameters" not in cell["metadata"].get("tags", []):
        return False
    defaults = next(c for c in cells if "parameters" in c["metadata"].get("tags", []))
    return _assignments(cell).items() <= _assignments(defaults).items()


def _assignments(cell: dict[str, Any]) -> dict[str, str]:
    """Return the cell's ``NAME = literal`` lines as NAME: literal's text."""
    statements = ast.parse("".join(cell["source"])).body
    return {
        ast.unparse(statement.targets[0]): ast.unparse(statement.value)
        for statement in statements
        if isinstance(statement, ast.Assign)
    }


def _write_pages(root: Path, book: Path, plan: Plan, report: dict[str, Any] | None) -> None:
    decks = sorted(path.name.removesuffix(".slides.html") for path in (root / "_build/slides").glob("*.slides.html"))
    parts: dict[str, Callable[[], str]] = {
        "lesson-map": lambda: inserts.lesson_map(plan),
        "totals": lambda: inserts.totals(plan),
        "lesson-goals": lambda: inserts.lesson_goals(plan),
        "slides": lambda: inserts.slide_links(decks, plan),
        "run-times": lambda: inserts.run_times(report, plan),
        "budgets": lambda: inserts.budgets(read_budgets(root), plan),
        "benchmarks": lambda: measured.benchmarks(measured.read_kept(root / "course" / "benchmarks.json")),
        "spoiled": lambda: measured.spoiled(measured.read_kept(root / "course" / "spoiled.json")),
        "unlucky": lambda: measured.unlucky(measured.read_kept(root / "course" / "unlucky.json")),
        "attribution": attribution_markdown,
        "misconceptions": lambda: misconceptions_markdown(root),
        "facts": lambda: page_markdown({lesson.number: lesson.name for lesson in plan.written}),
    }
    folder = root / "course" / "pages"
    for page in plan.pages():
        path = folder / f"{page}.md"
        if not path.exists():
            raise CourseError(f"course/_toc.yml lists the page {page}, but {path} does not exist.")
        write_atomic(book / path.name, inserts.fill_inserts(path.read_text(encoding="utf-8"), path.name, parts))
    if (folder / "images").exists():
        shutil.copytree(folder / "images", book / "images")


def _yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
