"""The website in a real browser: it complains of nothing, fits, answers, moves, and keeps nobody out.

``--site FOLDER`` looks at a site that ``make book`` built instead of the tests' own.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import browsing
import site_toys
import widget_gallery
from browsing import DESKTOP, PHONE, Complaints, changes, drag, face, grave, scrolls_sideways, tab_to
from synscenes.site.page import read_page

LESSON = f"notebooks/{site_toys.SAMPLE}.html"
# One page of each kind; reckoning the contrast of every page would take minutes.
KINDS = ("index.html", "fact_check.html", "search.html?q=golden", LESSON)
FORMULAS = "notebooks/02_wordnet_hierarchy.html"


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a built site: one for all processes of a test run."""
    given = request.config.getoption("--site")
    if given:
        return Path(given).resolve()
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    return site_toys.site(shared / "website")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with browsing.serve(site) as base:
        yield base


@pytest.fixture(scope="module")
def browser(site: Path) -> Iterator[Any]:
    with browsing.chromium() as running:
        yield running


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A tab at a desktop's width, in the light."""
    context = browser.new_context(viewport=DESKTOP, color_scheme="light")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def pages_of(site: Path) -> list[str]:
    """The pages of the book, in order; slides and Sphinx's own parts have other frames."""
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    return [name for name in names if not name.startswith(("_static/", "_sources/", "slides/"))]


def settle(page: Any) -> None:
    """Wait until formulas are set, for they change a page's width."""
    page.evaluate("() => window.MathJax && MathJax.startup ? MathJax.startup.promise.then(() => true) : true")


def test_every_page_loads_in_silence_fits_phone_and_desk_and_keeps_nobody_out(
    request: pytest.FixtureRequest, site: Path, address: str, page: Any
) -> None:
    """axe-core's rules here are all but contrast, which is looked at below."""
    everything = request.config.getoption("--site")
    complaints = Complaints(page)
    wrong = []
    for name in pages_of(site):
        page.set_viewport_size(DESKTOP)
        page.goto(f"{address}/{name}")
        settle(page)
        wrong += [f"{name}: {by} px wider than a desk" for by in [scrolls_sideways(page)] if by]
        wrong += [f"{name}: a heading jumps from h{before} to h{after}" for before, after in jumps(page)]
        # Lessons that have not run are much alike; each takes axe-core some seconds.
        if everything or not name.startswith("notebooks/") or name in (LESSON, FORMULAS):
            wrong += grave(page, skip=("color-contrast",))
        page.set_viewport_size(PHONE)
        wrong += [f"{name}: {by} px wider than a phone" for by in [scrolls_sideways(page)] if by]
    wrong += complaints.found
    assert not wrong, "\n".join(wrong)
    assert len(pages_of(site)) > 15


def jumps(page: Any) -> list[tuple[int, int]]:
    """Headings that skip a level, as (before, after), among those that are shown."""
    outline = page.locator("article :is(h1, h2, h3, h4, h5, h6)").evaluate_all(
        "all => all.filter((each) => each.checkVisibility()).map((each) => Number(each.tagName[1]))"
    )
    return [(before, after) for before, after in itertools.pairwise(outline) if after > before + 1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_in_light_and_dark(
    scheme: str, request: pytest.FixtureRequest, site: Path, address: str, browser: Any
) -> None:
    names = pages_of(site) if request.config.getoption("--site") else KINDS
    context = browser.new_context(viewport=DESKTOP, color_scheme=scheme)
    page, found = context.new_page(), []
    for name in names:
        page.goto(f"{address}/{name}")
        page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        # What unfolds fades in; half-way there, its colours are not the ones to be read.
        page.evaluate("() => document.getAnimations().forEach((each) => each.finish())")
        assert page.locator("html").get_attribute("data-theme") == scheme
        found += grave(page, only_rules=("color-contrast", "link-in-text-block"))
    context.close()
    assert not found, "\n".join(found)


def test_a_search_finds_the_glossary_and_a_lesson(address: str, page: Any) -> None:
    complaints = Complaints(page)
    page.goto(f"{address}/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("golden retriever")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    results.first.wait_for()
    page.wait_for_function("() => document.querySelectorAll('#search-results li').length > 3")
    assert "02_wordnet_hierarchy" in " ".join(results.evaluate_all("all => all.map((each) => each.href)"))
    results.first.click()
    page.wait_for_url(lambda url: "search.html" not in url)
    assert not complaints.found, "\n".join(complaints.found)


def test_the_site_can_be_read_from_a_folder_without_a_server(site: Path, page: Any) -> None:
    complaints = Complaints(page)
    page.goto((site / "search.html").as_uri() + "?q=panoptic")
    page.locator("#search-results li a").first.wait_for()
    page.goto((site / "index.html").as_uri())
    settle(page)
    # A browser keeps a folder's scripts from reading files: icons and the extracts below a search's hits are missing.
    forbidden = ("Failed to fetch", "failed: file:", "Access to ", "Failed to load resource")
    assert [line for line in complaints.found if not any(words in line for words in forbidden)] == []


def lesson_of(site: Path) -> str:
    return LESSON if (site / LESSON).exists() else "notebooks/00_start_here.html"


def test_solutions_hints_and_quizzes_unfold_with_mouse_and_keyboard(site: Path, address: str, page: Any) -> None:
    page.goto(f"{address}/{lesson_of(site)}")
    for words in ("Show the solution", "Hint 1", "a)"):
        fold = page.locator("article details", has=page.locator("summary", has_text=words)).first
        summary, body = fold.locator("summary").first, fold.locator("> :not(summary)").first
        assert not body.is_visible(), f"{words} gives it away"
        summary.click()
        assert body.is_visible()
        summary.focus()
        page.keyboard.press("Enter")
        assert not body.is_visible()
        page.keyboard.press("Space" if words != "a)" else "Enter")
        assert body.is_visible()
        assert len(body.inner_text().strip()) > 1


def test_quizzes_answer_each_choice(site: Path, address: str, page: Any) -> None:
    page.goto(f"{address}/{lesson_of(site)}")
    choices = page.locator("article details", has=page.locator("summary", has_text=re.compile(r"^[a-d]\) ")))
    said = []
    for number in range(min(choices.count(), 4)):
        choices.nth(number).locator("summary").click()
        said.append(choices.nth(number).inner_text())
    assert len(said) >= 2 and len(set(said)) == len(said)
    assert any("Right." in text for text in said) and any("Right." not in text for text in said)


def test_colab_buttons_point_to_notebooks_that_exist(site: Path, root: Path) -> None:
    found = 0
    for path in sorted((site / "notebooks").glob("*.html")):
        targets = [link for link in read_page(path).links if "colab.research" in link]
        for link in targets:
            parts = urlsplit(link).path.split("/")
            assert parts[1] == "github" and parts[4:6] == ["blob", "main"], link
            name = "/".join(parts[6:])
            assert (root / name).exists() or site_toys.SAMPLE in name, f"{path.name}: {name} is not in the repository"
            assert Path(name).stem == path.stem
        found += bool(targets)
    if not found:
        pytest.skip("this site has no Colab buttons: course/settings.toml names no owner")
    assert found == len(list((site / "notebooks").glob("*.html")))


# For each twin: the control to use, what the mouse does to it, and the keys that move it once it has the focus.
CLICK, SLIDE, DRAG, PICK = "click", "slide", "drag", "pick"
TWINS = {
    "Overlay": ("input[type=checkbox]", CLICK, ["Space"]),
    "PredictionLab": ("input.temperature", SLIDE, ["ArrowLeft"]),
    "CorruptionLab": ("input[type=range]", SLIDE, ["ArrowLeft"]),
    "HedgingSlider": ("input[type=range]", SLIDE, ["Home"]),
    "HierarchyBrowser": (".tree button.plain", CLICK, ["Tab", "Tab", "Enter"]),
    "LabelReview": ("button[data-choice=keep]", CLICK, ["Enter"]),
    "Leaderboard": ("svg", CLICK, ["ArrowRight"]),
    "OKSPlayground": ("svg", DRAG, ["Shift+ArrowRight"]),
    "PrecisionRecall": ("input.score", SLIDE, ["Home"]),
    "ThresholdSlider": ("input[type=range]", SLIDE, ["Home"]),
    "CocoExplorer": ("button[data-step='1']", CLICK, ["Enter"]),
    "Annotator": ("svg", DRAG, ["b", "Enter", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"]),
    "UseHelper": ("select", PICK, ["ArrowDown"]),
}


def test_each_static_twin_moves_with_mouse_and_keyboard(site: Path, address: str, page: Any) -> None:
    if not (site / LESSON).exists():
        pytest.skip("this site has no page of all widgets; the lessons' own are looked at by eye")
    complaints, dead = Complaints(page), []
    page.goto(f"{address}/{LESSON}")
    assert TWINS.keys() == widget_gallery.MAKE.keys()
    for name, (selector, deed, keys) in TWINS.items():
        section = page.locator("section", has=page.locator("h3", has_text=f"The widget {name}")).last
        root, control = section.locator(".cell_output").first, section.locator(f".cell_output {selector}").first
        before = face(root)
        if deed == CLICK:
            control.click()
        elif deed == SLIDE:
            box = control.bounding_box()
            control.click(position={"x": 0.9 * box["width"], "y": box["height"] / 2})
        elif deed == PICK:
            control.select_option(index=1)
        else:
            joint = root.locator(".joint").first
            drag(page, joint if joint.count() else control, (25, 20))
        if not changes(root, before, 5):
            dead.append(f"{name}: the mouse moves nothing")
        section.locator("h3").first.click()
        if not tab_to(page, control):
            dead.append(f"{name}: Tab does not lead to it, or does not show it")
        before = face(root)
        for key in keys:
            page.keyboard.press(key)
        if not changes(root, before, 5):
            dead.append(f"{name}: the keys {keys} move nothing")
    assert not dead, "\n".join(dead)
    assert not complaints.found, "\n".join(complaints.found)
