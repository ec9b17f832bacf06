"""The check after a build finds each kind of defect, and nothing in a sound site."""

from __future__ import annotations

from pathlib import Path

import pytest

from synscenes.site.alt import poor_alt
from synscenes.site.check import check_site, is_foreign
from synscenes.site.page import css_loads

CONTENTS = '<nav class="bd-links"><ul><li><a href="index.html">Home</a></li><li><a href="a.html">A</a></li></ul></nav>'
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A sound site of two pages, a style sheet and a picture."""
    write(
        tmp_path,
        "index.html",
        '<h1 id="top">Home</h1><a href="a.html#part">A</a><a href="https://example.org/">out</a>',
    )
    write(
        tmp_path,
        "a.html",
        f'<h1>A</h1><h2 id="part">B</h2><img src="p.png" alt="A single dot"><img src="{PIXEL}" alt="A single dot">',
    )
    (tmp_path / "p.png").write_bytes(b"")
    (tmp_path / "s.css").write_text("a { background: url(p.png) } /* url(https://example.org/x.png) */")
    return tmp_path


def write(folder: Path, name: str, article: str, head: str = "") -> None:
    (folder / name).write_text(
        f'<html><head><link rel="stylesheet" href="s.css">{head}</head>'
        f"<body>{CONTENTS}<article>{article}</article></body></html>",
        encoding="utf-8",
    )


def messages(site: Path) -> list[str]:
    return [str(problem) for problem in check_site(site)]


def test_a_sound_site_has_no_problem(site: Path) -> None:
    assert messages(site) == []


@pytest.mark.parametrize(
    "head",
    [
        '<script src="https://example.org/x.js"></script>',
        '<link rel="stylesheet" href="//example.org/x.css">',
        "<style>@import 'https://example.org/x.css';</style>",
        "<style>a { background: url(https://example.org/x.png) }</style>",
        '<script type="module">import x from "https://example.org/x.js";</script>',
    ],
)
def test_a_page_that_loads_from_another_host_is_found(site: Path, head: str) -> None:
    write(site, "a.html", '<h1>A</h1><h2 id="part">B</h2>', head)
    found = messages(site)
    assert len(found) == 1
    assert found[0].startswith("a.html: loads ")
    assert "example.org" in found[0]


@pytest.mark.parametrize(
    "tag",
    [
        '<img alt="One red dot" src="https://example.org/x.png">',
        '<img alt="One red dot" src="p.png" srcset="p.png 1x, https://example.org/x.png 2x">',
        '<iframe src="https://example.org/"></iframe>',
        "<p style=\"background: url('https://example.org/x.png')\">x</p>",
        '<video src="https://example.org/x.mp4"></video>',
    ],
)
def test_an_element_that_loads_from_another_host_is_found(site: Path, tag: str) -> None:
    write(site, "a.html", f'<h1>A</h1><h2 id="part">B</h2>{tag}')
    assert len(messages(site)) == 1
    assert "from another host" in messages(site)[0]


def test_a_style_sheet_that_loads_a_font_from_another_host_is_found(site: Path) -> None:
    (site / "s.css").write_text("@import url(https://fonts.example.org/css);")
    assert messages(site) == ["s.css: loads https://fonts.example.org/css from another host"]


@pytest.mark.parametrize("image", ['<img src="p.png">', '<img src="p.png" alt="">', '<img src="p.png" alt="  ">'])
def test_an_image_without_alt_text_is_found(site: Path, image: str) -> None:
    write(site, "a.html", f'<h1>A</h1><h2 id="part">B</h2>{image}')
    assert messages(site) == ["a.html: an image without alt text (p.png)"]


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("b.html", "points to a missing file: b.html"),
        ("index.html#nowhere", "points to a missing anchor: index.html#nowhere"),
        ("#nowhere", "points to a missing anchor: #nowhere"),
        ("../other.html", "points outside the site: ../other.html"),
    ],
)
def test_a_dead_link_is_found(site: Path, link: str, problem: str) -> None:
    write(site, "a.html", f'<h1>A</h1><h2 id="part">B</h2><a href="{link}">x</a>')
    assert messages(site) == [f"a.html: {problem}"]


@pytest.mark.parametrize(
    ("headings", "problem"),
    [
        ('<h1>A</h1><h1 id="part">B</h1>', "has 2 h1 headings instead of one"),
        ('<h1>A</h1><h3 id="part">B</h3>', "a heading jumps from h1 to h3"),
    ],
)
def test_headings_out_of_order_are_found(site: Path, headings: str, problem: str) -> None:
    write(site, "a.html", headings)
    assert messages(site) == [f"a.html: {problem}"]


def test_a_page_missing_from_the_contents_is_found(site: Path) -> None:
    write(site, "b.html", "<h1>B</h1>")
    assert messages(site) == ["b.html: is not in the table of contents"]


def test_css_loads_ignores_comments_and_reads_both_forms() -> None:
    assert css_loads("/* url(a.png) */ @import 'b.css'; x { y: url(\"c.png\") }") == ["b.css", "c.png"]


@pytest.mark.parametrize("address", ["https://a.org/x", "//a.org/x", "http://a.org"])
def test_another_host_is_foreign(address: str) -> None:
    assert is_foreign(address)


@pytest.mark.parametrize("address", ["a/x.js", "../x.js", "data:image/png;base64,AAAA", "#top", "x.js?v=//1"])
def test_the_site_itself_is_not_foreign(address: str) -> None:
    assert not is_foreign(address)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Figure", "only says"),
        ("figure 3.", "only says"),
        ("A plot of the results", "only says"),
        ("scene_12.png", "name of a file"),
        ("Image of a dog on a lawn", "image of"),
        ("Two dogs", "2 of at least 3"),
    ],
)
def test_an_alt_text_that_says_nothing_is_found(site: Path, text: str, problem: str) -> None:
    write(site, "a.html", f'<article><h1>A</h1><img src="p.png" alt="{text}"></article>')
    assert any(problem in message and text in message for message in messages(site)), messages(site)
    assert poor_alt("") == "is empty"
    assert poor_alt("Photograph labelled swan") is None
    assert poor_alt("Photographs with more boxes than people.") is None
