"""The hierarchy browser: every control without a front end, and its static twin."""

from __future__ import annotations

import html
import json
import re
import subprocess

import ipywidgets
import pytest

from synscenes import wordnet
from synscenes.errors import CourseError
from synscenes.site.browser import find_browser
from synscenes.widgets.hierarchy import HierarchyBrowser

GOLDEN, TABBY, DOG, EGGNOG = "n02099601", "n02123045", "n02084071", "n07932039"


@pytest.fixture
def browser():
    return HierarchyBrowser()


@pytest.fixture(scope="module")
def twin():
    return HierarchyBrowser().twin_html()


def buttons(widget):
    """All buttons inside a widget, in order."""
    if isinstance(widget, ipywidgets.Button):
        return [widget]
    return [button for child in getattr(widget, "children", ()) for button in buttons(child)]


def click(widget, description):
    next(button for button in buttons(widget) if button.description == description).click()


def test_it_opens_on_the_golden_retriever_with_both_paths(browser):
    assert browser.current == GOLDEN
    assert [len(trail.children) for trail in browser._paths.children] == [13, 18]
    assert "1 of the 1,000 classes" in browser._about.value


def test_typing_a_word_lists_its_senses_and_clicking_one_shows_it(browser):
    browser._search_box.value = "frump"
    buttons(browser._found)[0].click()
    assert browser.wn.name(browser.current) == "frump"
    browser._search_box.value = "no such word"
    assert "No noun" in browser._found.children[0].value
    browser._search_box.value = ""
    assert browser._found.children == ()


def test_folding_a_branch_shows_and_hides_its_kinds(browser):
    path = tuple(browser.wn.hypernym_paths(GOLDEN)[-1])
    rows = len(browser._tree.children)
    assert rows == len(path) + 4  # the way down, and the golden retriever's four siblings
    browser.fold(path[:-1])
    assert len(browser._tree.children) == len(path)
    browser.fold(path[:-1])
    assert len(browser._tree.children) == rows
    click(browser._tree, "▸")
    assert len(browser._tree.children) == rows + 1  # entity's other child: abstraction


def test_a_synset_outside_the_hierarchy_of_the_classes_is_shown_on_its_own_path(browser):
    browser.select("n10114209")
    assert "0 of the 1,000 classes" in browser._about.value
    assert "frump" in [button.description for button in buttons(browser._tree)]


def test_a_click_in_the_tree_or_in_a_path_shows_that_synset(browser):
    click(browser._tree, "Labrador retriever")
    assert browser.wn.name(browser.current) == "Labrador retriever"
    click(browser._paths, "mammal")
    assert browser.wn.name(browser.current) == "mammal"
    assert "218 of the 1,000" in browser._about.value


def test_use_as_a_and_b_compare_what_is_shown(browser):
    assert browser.comparison() == {
        "steps": 7,
        "path": 0.125,
        "wup": pytest.approx(12 / 17),
        "lch": pytest.approx(1.5581, abs=1e-4),
        "subsumer": "n02075296",
    }
    browser.select(DOG)
    click(browser._side, "Use as A")
    click(browser._side, "Use as B")
    assert (browser.a, browser.b) == (DOG, DOG)
    assert browser.comparison()["wup"] == pytest.approx(13 / 14)
    assert "0.9286" in browser._compared.value


def test_a_start_that_does_not_exist_or_lies_outside_is_refused():
    with pytest.raises(CourseError, match="n02084442"):
        HierarchyBrowser(start="n02084442")
    with pytest.raises(CourseError, match="frump"):
        HierarchyBrowser(start="n10114209")


def test_display_carries_the_twin_beside_the_live_widget(browser):
    bundle = browser._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "synscenes-hierarchy" in bundle["text/html"]


def test_the_twin_is_small_self_contained_and_holds_1860_synsets(twin):
    assert len(twin.encode()) < 250_000
    assert not re.search(r"https?://|src=|@import|url\(", twin)
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', twin, re.DOTALL)[1])
    assert len(data["nodes"]) == 1_860
    assert sum(node[5] for node in data["nodes"]) == 1_000


def test_without_scripts_the_twin_is_one_sentence_and_no_dead_controls(twin):
    still = re.sub(r"<(script|style)\b.*?</\1>", "", twin, flags=re.DOTALL)
    assert "opens here when its cell is run" in still
    assert not re.search(r"<(button|input|h4)", still)


def test_the_twin_labels_its_controls_and_announces_changes(twin):
    markup = re.search(r"const MARKUP = `(.*?)`;", twin, re.DOTALL)[1]
    assert re.search(r"<label>.*?<input", markup, re.DOTALL)
    assert markup.count('aria-live="polite"') == 3
    assert all(
        re.match(r'<button type="button"[^>]*>\S', button) for button in re.findall(r"<button.*", markup)
    )


@pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on this machine")
def test_the_twin_computes_what_python_computes(twin, tmp_path):
    wn = wordnet.load()
    chosen = [GOLDEN, TABBY, DOG, EGGNOG, "n04389033", "n00001740", "n02083346"]
    ask = (
        "<script>window.onload = () => { const s = document.querySelector('.synscenes-hierarchy').synscenes;"
        f" const w = {json.dumps(chosen)};"
        " const all = w.map((a) => w.map((b) => s.compare(a, b))), paths = w.map((a) => s.paths(a));"
        " document.body.innerHTML = ''; document.body.textContent = JSON.stringify({all, paths}); }</script>"
    )
    page = tmp_path / "twin.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{twin}{ask}</body>", encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"]
    command = [find_browser(), *flags]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    got = json.loads(html.unescape(re.search(r"<body>(.*)</body>", dom, re.DOTALL)[1]))
    taxonomy = wn.taxonomy(chosen)
    subsumer = taxonomy.lowest_common_subsumer()
    for name in ("path", "wup", "lch"):
        ours = getattr(taxonomy, f"{name}_similarity")()
        for row in range(len(chosen)):
            assert [pair[name] for pair in got["all"][row]] == pytest.approx(ours[row].tolist(), abs=1e-12)
    for row, pairs in enumerate(got["all"]):
        assert [pair["subsumer"] for pair in pairs] == [taxonomy.nodes[column] for column in subsumer[row]]
        assert sorted(got["paths"][row]) == sorted(wn.hypernym_paths(chosen[row]))
