"""The website as the tests look at it: the real pages and lessons, not run, and one lesson with outputs of every kind.

Running the lessons would take minutes; their text, code, quizzes and folds are all here without. What runs leave
behind is on the sample lesson's page: figures, tables, printed text, an answer of a check, and each widget's twin.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import filelock
import nbformat
import pytest
import yaml

import widget_gallery
from synscenes.files import sha256_file
from synscenes.site.environment import ENVIRONMENT, LOCK, STAMP

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = "98_sample"
REPOSITORY = "someone/course"


def environment() -> Path:
    """Return Jupyter Book's Python; the test skips, with the reason, where ``make book`` has not made it."""
    stamp = ROOT / ENVIRONMENT / STAMP
    if not stamp.exists() or stamp.read_text(encoding="utf-8").strip() != sha256_file(ROOT / LOCK):
        pytest.skip("the website's environment is not made yet: make book makes it")
    return ROOT / ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def site(folder: Path) -> Path:
    """Return the built website, made in ``folder`` by whichever process asks first."""
    python = environment()
    done = folder / "done"
    with filelock.FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            _make(folder, python)
            done.touch()
    return folder / "_build" / "html"


def _make(root: Path, python: Path) -> None:
    from synscenes import slides
    from synscenes.authoring.build import build
    from synscenes.site.assemble import assemble
    from synscenes.site.html import make_html
    from synscenes.site.plan import load_plan

    _lay_out(root)
    build(root, ["98"])
    build(root, editions=("solution",))
    book, executed = root / "_build" / "book_src", root / "_build" / "solution"
    notebook = nbformat.read(executed / f"{SAMPLE}.ipynb", as_version=4)
    notebook.cells[-2:-2] = outputs()
    nbformat.write(notebook, executed / f"{SAMPLE}.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        # Computing the ledger's evidence takes half a minute and is tested elsewhere: the page shows what it says.
        patch.setattr("synscenes.facts.page.compute", _as_written())
        # The sample lesson has no checks of its own to run on its wrong answers.
        patch.setattr("synscenes.site.assemble.misconceptions_markdown", lambda root: "None here.")
        assemble(root, book, executed, load_plan(root), None)
    made = make_html(python, book, root)
    (root / "_build" / "run").mkdir()
    (root / "_build" / "run" / "solution").symlink_to(executed, target_is_directory=True)
    slides.render_all(root)
    shutil.copytree(root / "_build" / "slides", made / "slides", ignore=shutil.ignore_patterns("*.ipynb"))


def _lay_out(root: Path) -> None:
    """Make a course's folder: links to the real one's parts, one more lesson, and an owner."""
    lessons = root / "course" / "lessons"
    lessons.mkdir(parents=True)
    for path in [*(ROOT / "course" / "lessons").glob("*.md"), ROOT / "tests" / "sample" / f"{SAMPLE}.md"]:
        (lessons / path.name).symlink_to(path)
    for name in ("pages", "theme", "pictures"):
        (root / "course" / name).symlink_to(ROOT / "course" / name, target_is_directory=True)
    (root / "course" / "settings.toml").write_text(f'repository = "{REPOSITORY}"\nbranch = "main"\n')
    contents = yaml.safe_load((ROOT / "course" / "_toc.yml").read_text(encoding="utf-8"))
    sample = {"file": f"notebooks/{SAMPLE}", "title": "A sample lesson"}
    contents["parts"].append({"caption": "Tests", "chapters": [sample]})
    (root / "course" / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    shutil.copy(ROOT / "jupyter_book.yml", root)


def _as_written() -> Any:
    from synscenes.facts import load

    values = {entry.compute: entry.value for entry in load().values() if entry.compute}
    return lambda name: values[name]


def outputs() -> list[Any]:
    """Return code cells as if they had been run: one a widget, and one for each other kind of output."""
    import contextlib
    import io

    import pandas
    from IPython.utils.capture import capture_output

    from synscenes.lesson import show
    from synscenes.lesson.output import box
    from synscenes.lesson.style import COLOURS, new_figure

    with capture_output() as captured, contextlib.redirect_stdout(io.StringIO()):
        figure, axes = new_figure(6, 3)
        axes.plot([1, 3, 2], label="rises")
        show(figure, alt="A line that rises from 1 to 3 and falls to 2.", caption="A caption")
    kinds: list[tuple[str, dict[str, str]]] = [("show(figure)", dict(each.data)) for each in captured.outputs]
    wide = pandas.DataFrame([[0.123456] * 14], columns=[f"column {n}" for n in range(14)])
    kinds.append(("table", {"text/html": wide._repr_html_(), "text/plain": str(wide)}))
    kinds.append(("print", {"text/plain": "a long line of text " * 12}))
    for name, words in (("green", "✓ Right."), ("vermilion", "✗ Not yet."), ("grey", "… Not tried yet.")):
        html = box(COLOURS[name], words, "It works for lists too.")
        kinds.append(("check", {"text/html": html, "text/plain": words}))
    cells = [_cell(code, [], data) for code, data in kinds]
    for name in widget_gallery.MAKE:
        widget = widget_gallery.make(name)
        bundle = widget._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        heading = nbformat.v4.new_markdown_cell(f"### The widget {name}", id=f"h-{name}")
        cells += [heading, _cell(f"{name}()", ["widget"], {**data, "text/html": data["text/html"]})]
    return cells


def _cell(code: str, tags: list[str], data: dict[str, str]) -> Any:
    return nbformat.v4.new_code_cell(
        code, metadata={"tags": tags}, outputs=[nbformat.v4.new_output("display_data", data=data)]
    )
