"""The pages, the plan, and how they are gathered for Jupyter Book."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from synscenes.authoring.settings import Settings
from synscenes.errors import CourseError
from synscenes.lesson.results import RESULT_MIME
from synscenes.site import environment, execution, inserts
from synscenes.site.assemble import WIDGET_VIEW, _write_pages, assemble, configuration, move_pictures, prepare_notebook
from synscenes.site.html import _PLACE, _in_words
from synscenes.site.plan import load_plan


@pytest.fixture
def planned(sample_root: Path) -> Path:
    """The sample lesson with a plan that lists it and one lesson to come."""
    chapters = [
        {"file": "notebooks/98_sample", "title": "Sample"},
        {"file": "notebooks/99_later", "title": "Later | soon"},
    ]
    contents = {"format": "jb-book", "root": "index", "parts": [{"caption": "Part", "chapters": chapters}]}
    contents["parts"].append({"caption": "About", "chapters": [{"file": "more"}]})
    (sample_root / "course" / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    return sample_root


def code_cell(tags: list[str] = (), source: str = "1", outputs: list[dict] = ()) -> dict:
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": list(outputs)}


def notebook(*cells: dict) -> dict:
    return {"metadata": {"widgets": {"state": {}}}, "cells": list(cells)}


def test_the_plan_keeps_lessons_that_exist_and_drops_the_others(planned: Path) -> None:
    contents = load_plan(planned).book_contents()
    files = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    assert files == ["notebooks/98_sample", "more"]


def test_a_lesson_the_plan_does_not_list_is_an_error(planned: Path) -> None:
    shutil.copy(planned / "course/lessons/98_sample.md", planned / "course/lessons/97_stray.md")
    text = (planned / "course/lessons/97_stray.md").read_text().replace("98-", "97-")
    (planned / "course/lessons/97_stray.md").write_text(text)
    with pytest.raises(CourseError, match="does not list the lesson 97_stray"):
        load_plan(planned)


def test_the_map_links_what_exists_and_only_names_what_is_planned(planned: Path) -> None:
    text = inserts.lesson_map(load_plan(planned))
    assert "(notebooks/98_sample.ipynb)" in text
    assert "*Planned:* 99 Later" in text
    assert "99_later" not in text


def test_run_times_tell_seconds_memory_and_machine(planned: Path) -> None:
    entry = {"seconds": 12.34, "peak_mb": 1234.5, "cells": 7, "profile": "smoke", "data": "micro"}
    report = {"machine": {"processor": "A chip", "cores": 2, "torch": "2.15"}, "lessons": {"98": entry}}
    text = inserts.run_times(report, load_plan(planned))
    assert "| 12.3 | – | 1,234 MB | – | 7 | smoke | micro |" in text
    assert "Measured on: A chip, 2 cores, PyTorch 2.15." in text


def test_run_times_without_a_report_say_so(planned: Path) -> None:
    assert "No run is recorded" in inserts.run_times(None, load_plan(planned))


def test_an_unknown_insert_is_an_error_that_names_the_page() -> None:
    with pytest.raises(CourseError, match=r"page\.md: no generated part is called 'nothing'"):
        inserts.fill_inserts("a\n<!-- insert: nothing -->\n", "page.md", {"map": str})


def test_a_widget_is_shown_as_its_twin() -> None:
    data = {WIDGET_VIEW: {}, "text/html": "<b>twin</b>", "application/vnd.synscenes.result+json": {}}
    shown = prepare_notebook(notebook(code_cell(outputs=[{"data": data}])), "98")
    assert shown["cells"][0]["outputs"][0]["data"] == {"text/html": "<b>twin</b>"}
    assert "widgets" not in shown["metadata"]


def test_recorded_results_share_a_box() -> None:
    outputs = [
        {"output_type": "display_data", "data": {RESULT_MIME: {}, "text/plain": f"{name} = 1"}, "metadata": {}}
        for name in "ab"
    ]
    said = {"output_type": "stream", "name": "stdout", "text": "hello"}
    shown = prepare_notebook(notebook(code_cell(outputs=[*outputs, said, *outputs[:1]])), "x")["cells"][0]["outputs"]
    assert [each.get("data", {}).get("text/plain") for each in shown] == ["a = 1\nb = 1", None, "a = 1"]


def test_a_widget_without_a_twin_is_an_error() -> None:
    with pytest.raises(CourseError, match="98: cell 1 shows a widget without a static twin"):
        prepare_notebook(notebook(code_cell(outputs=[{"data": {WIDGET_VIEW: {}}}])), "98")


def test_setup_is_folded_and_repeated_parameters_are_left_out() -> None:
    cells = [
        code_cell(["parameters"], 'DATA = "micro"\nSEED = 0'),
        code_cell(["injected-parameters"], "# Parameters\nDATA = 'micro'\n"),
        code_cell(["setup"]),
    ]
    shown = prepare_notebook(notebook(*cells), "98")["cells"]
    assert [cell["metadata"]["tags"] for cell in shown] == [["parameters"], ["hide-input", "setup"]]


def test_changed_parameters_are_kept_in_sight() -> None:
    cells = [code_cell(["parameters"], 'DATA = "micro"'), code_cell(["injected-parameters"], 'DATA = "full"')]
    assert len(prepare_notebook(notebook(*cells), "98")["cells"]) == 2


def test_colab_buttons_lead_to_the_learner_notebook_of_the_published_repository(root: Path) -> None:
    config = configuration(root, Settings("someone/course", "main"))
    assert config["repository"] == {"url": "https://github.com/someone/course", "branch": "main", "path_to_book": ""}
    assert config["launch_buttons"] == {"colab_url": "https://colab.research.google.com"}


def test_without_an_owner_there_is_no_button_that_leads_nowhere(root: Path) -> None:
    assert "launch_buttons" not in configuration(root, Settings("OWNER_NOT_SET/course", "main"))


def test_a_lesson_that_was_not_executed_is_an_error_with_the_command(planned: Path) -> None:
    with pytest.raises(CourseError, match="run --edition solution 98"):
        assemble(planned, planned / "book", planned / "none", load_plan(planned), None)


def test_every_page_of_the_plan_exists_and_no_other(root: Path) -> None:
    pages = {path.stem for path in (root / "course" / "pages").glob("*.md")}
    assert pages == set(load_plan(root).pages())


def test_every_lesson_in_the_plan_that_exists_carries_its_part(root: Path) -> None:
    parts = {lesson.name: (lesson.part, lesson.front["part"]) for lesson in load_plan(root).written if lesson.front}
    assert {name: pair for name, pair in parts.items() if pair[0] != pair[1]} == {}


def test_no_page_skips_a_level_of_headings(root: Path, tmp_path: Path) -> None:
    """With all that is put into them: Jupyter Book stops at such a page."""
    _write_pages(root, tmp_path, load_plan(root), None)
    for page in sorted(tmp_path.glob("*.md")):
        text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
        assert levels[0] == 1, page.name
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), page.name


def test_the_glossary_is_in_alphabetical_order_with_a_definition_each(root: Path) -> None:
    text = (root / "course/pages/glossary.md").read_text(encoding="utf-8")
    entries = re.findall(r"^(\S.*)\n  (\S.*)$", text.split("```{glossary}")[1], re.MULTILINE)
    terms = [term for term, _ in entries]
    assert len(terms) >= 50
    assert terms == sorted(terms, key=str.lower)


def test_pages_name_no_other_host_to_load_from(root: Path) -> None:
    for path in (root / "course" / "theme").rglob("*.*"):
        if path.suffix in (".css", ".js", ".j2", ".html"):
            assert not re.search(r"(?:src|href|url|import).{0,8}https?://", path.read_text(encoding="utf-8")), path


def test_the_book_lock_is_exact_hashed_and_free_of_addresses(root: Path) -> None:
    text = (root / environment.LOCK).read_text(encoding="utf-8")
    assert "://" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert [r.splitlines()[0] for r in requirements if "==" not in r or "--hash=sha256:" not in r] == []
    assert "jupyter-book==1." in text


def test_an_environment_with_the_locks_stamp_is_used_as_it_is(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / environment.LOCK).write_text("a==1\n")
    python = (
        tmp_path / environment.ENVIRONMENT / ("Scripts/python.exe" if environment.os.name == "nt" else "bin/python")
    )
    python.parent.mkdir(parents=True)
    python.touch()
    stamp = environment.sha256_file(tmp_path / environment.LOCK)
    (tmp_path / environment.ENVIRONMENT / environment.STAMP).write_text(stamp + "\n")
    monkeypatch.setattr(environment.subprocess, "run", lambda *a, **k: pytest.fail("nothing is to be installed"))
    assert environment.ensure_environment(tmp_path) == python


def test_a_failed_installation_is_told_in_one_line_and_leaves_no_stamp(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / environment.LOCK).write_text("a==1\n")
    failed = environment.subprocess.CompletedProcess([], 7)
    monkeypatch.setattr(environment.subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(CourseError, match=r"\.venv-book could not be made \(exit status 7\)"):
        environment.ensure_environment(tmp_path)
    assert not (tmp_path / environment.ENVIRONMENT / environment.STAMP).exists()


def test_only_lessons_whose_inputs_changed_are_run_again(planned: Path, monkeypatch) -> None:
    monkeypatch.setattr(execution.running, "inputs_hash", lambda root, lesson: "now")
    folder = planned / execution.EXECUTED
    folder.mkdir(parents=True)
    (folder / "98_sample.ipynb").write_text("{}")
    entry = {"error": None, "profile": "laptop", "data": "micro", "inputs": "now"}

    def stale(**changes: object) -> list[str]:
        (folder / "report.json").write_text(json.dumps({"lessons": {"98": entry | changes}}))
        return execution.stale_lessons(planned, "laptop")

    assert stale() == []
    for change in ({"inputs": "then"}, {"error": "failed"}, {"profile": "smoke"}, {"data": "full"}):
        assert stale(**change) == ["98_sample"], change


def test_a_complaint_names_cell_and_line() -> None:
    line = "/b/notebooks/00_start.ipynb:130002: WARNING: x"
    assert _PLACE.sub(_in_words, line) == "/b/notebooks/00_start.ipynb: cell 13, line 2: WARNING: x"


def test_pictures_become_files_and_large_photographs_webp(tmp_path: Path) -> None:
    import base64
    import io

    import numpy
    from PIL import Image

    noise = numpy.random.default_rng(0).normal(128, 20, (300, 400, 3)).clip(0, 255).astype("uint8")
    tags = []
    for picture in (Image.fromarray(noise), Image.new("RGB", (40, 30))):
        buffer = io.BytesIO()
        picture.save(buffer, format="PNG")
        tags.append(f'<img src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}" alt="x">')
    book = notebook(code_cell(outputs=[{"data": {"text/html": "".join(tags)}}]))
    move_pictures(book, tmp_path)
    html = book["cells"][0]["outputs"][0]["data"]["text/html"]
    assert re.findall(r'width="(\d+)" height="(\d+)" src="\.\./_static/pictures/\w+\.(\w+)" alt="x"', html) == [
        ("400", "300", "webp"),
        ("40", "30", "png"),
    ]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".png", ".webp"]
