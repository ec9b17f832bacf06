"""Slides: outputs by cell id, nothing from another host, and all of it fits the slide."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from synscenes import slides
from synscenes.authoring.build import build
from synscenes.errors import CourseError
from synscenes.lesson.results import RESULT_MIME
from synscenes.site.browser import find_browser, overflows
from synscenes.site.check import check_site
from synscenes.slides import WIDGET_VIEW, take_outputs, to_html

needs_browser = pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on this machine")


def output(data: dict) -> dict:
    return nbformat.v4.new_output("display_data", data=data)


def deck(*cells: dict) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


def markdown(text: str, kind: str = "slide", name: str = "m") -> dict:
    return nbformat.v4.new_markdown_cell(text, id=name, metadata={"slideshow": {"slide_type": kind}})


def code(name: str, kind: str = "fragment", tags: list[str] = (), outputs: list[dict] = ()) -> dict:
    metadata = {"slideshow": {"slide_type": kind}, "tags": list(tags)}
    return nbformat.v4.new_code_cell("the_code = 1", id=name, metadata=metadata, outputs=list(outputs))


@pytest.fixture
def theme(root: Path) -> Path:
    """The course's slide theme."""
    return root / "course" / "theme" / "slides"


@pytest.fixture
def with_theme(sample_root: Path, root: Path) -> Path:
    """The sample lesson, built, with the course's theme beside it."""
    (sample_root / "course" / "theme").symlink_to(root / "course" / "theme", target_is_directory=True)
    build(sample_root)
    return sample_root


def test_outputs_come_from_the_executed_cell_with_the_same_id() -> None:
    shown = deck(code("a"), code("b"), code("c"))
    recorded = output({RESULT_MIME: {"name": "x", "value": 1}, "text/plain": "x = 1"})
    executed = deck(code("c"), code("b", outputs=[recorded, output({"text/plain": "from b"})]))
    take_outputs(shown, executed)
    assert [[out.data["text/plain"] for out in cell.outputs] for cell in shown.cells] == [[], ["from b"], []]


def test_a_widget_on_a_slide_is_its_twin() -> None:
    shown = deck(code("a"))
    take_outputs(shown, deck(code("a", outputs=[output({WIDGET_VIEW: {}, "text/html": "<b>twin</b>"})])))
    assert list(shown.cells[0].outputs[0].data) == ["text/html"]


def test_a_figures_code_stays_off_the_slide_and_the_figure_on_it(theme: Path) -> None:
    figure = output({"text/html": '<img alt="A bar" src="data:image/png;base64,AAAA">'})
    page = to_html(deck(markdown("# T"), code("a", tags=["hide-input"], outputs=[figure])), theme)
    assert 'alt="A bar"' in page
    assert "the_code" not in page


def test_instructor_notes_become_speaker_notes(theme: Path) -> None:
    page = to_html(deck(markdown("# T"), markdown("Take **two** minutes.", "notes", "n")), theme)
    assert '<aside class="notes">' in page
    assert "<strong>two</strong>" in page


def test_a_link_to_a_lesson_leads_to_its_slides(theme: Path) -> None:
    page = to_html(deck(markdown("# T\n\n[there](02_wordnet_hierarchy.ipynb)")), theme)
    assert 'href="02_wordnet_hierarchy.slides.html"' in page


def test_a_deck_is_whole_and_loads_nothing_from_another_host(with_theme: Path) -> None:
    (page,) = slides.render_all(with_theme)
    problems = [str(problem) for problem in check_site(page.parent, contents_page=page.name)]
    assert [problem for problem in problems if "contents" not in problem and "h1" not in problem] == []
    assert (page.parent / "vendor/reveal/dist/reveal.js").exists()


def test_rendering_before_building_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="python -m synscenes build"):
        slides.render_all(tmp_path)


@needs_browser
def test_a_deck_fits_its_slides_in_a_browser(with_theme: Path, theme: Path) -> None:
    (page,) = slides.render_all(with_theme)
    tall = "<svg xmlns='http://www.w3.org/2000/svg' width='1400' height='1800'></svg>"
    picture = output({"text/html": f'<img alt="Tall" src="data:image/svg+xml,{tall.replace("<", "%3C")}">'})
    wide = markdown("# Wide\n\n$$" + " + ".join(f"x_{{{n}}}" for n in range(24)) + "$$")
    page.write_text(to_html(deck(wide, code("a", "slide", ["hide-input"], [picture])), theme), encoding="utf-8")
    assert overflows(page.parent, find_browser() or "") == []


@needs_browser
def test_a_slide_with_too_much_text_is_found(with_theme: Path, theme: Path) -> None:
    (page,) = slides.render_all(with_theme)
    page.write_text(to_html(deck(markdown("# Long\n\n" + "many words " * 400)), theme), encoding="utf-8")
    found = [str(overflow) for overflow in overflows(page.parent, find_browser() or "")]
    assert any("slide 1" in line for line in found)


@needs_browser
def test_a_page_wider_than_a_phone_is_found(tmp_path: Path) -> None:
    (tmp_path / "wide.html").write_text("<!doctype html><body><div style='width: 900px'>x</div></body>")
    (tmp_path / "narrow.html").write_text("<!doctype html><body><p>Some words.</p></body>")
    found = overflows(tmp_path, find_browser() or "")
    assert [(overflow.page, overflow.what) for overflow in found] == [("wide.html", "scrolls sideways")]
