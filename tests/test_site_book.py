"""A small book, built whole by Jupyter Book where its environment is at hand (``make book`` makes it)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from synscenes import site
from synscenes.authoring.build import build
from synscenes.errors import CourseError
from synscenes.files import sha256_file
from synscenes.site.environment import ENVIRONMENT, LOCK, STAMP

ROOT = Path(__file__).resolve().parents[1]
_STAMP = ROOT / ENVIRONMENT / STAMP
READY = _STAMP.exists() and _STAMP.read_text(encoding="utf-8").strip() == sha256_file(ROOT / LOCK)
pytestmark = pytest.mark.skipif(not READY, reason="the website's environment is not made yet: make book makes it")

COLAB = "https://colab.research.google.com/github/someone/course/blob/main/notebooks/98_sample.ipynb"


@pytest.fixture
def book_root(sample_root: Path) -> Path:
    """The sample lesson as a course with one page, "executed" without outputs."""
    for name in (LOCK, "jupyter_book.yml"):
        shutil.copy(ROOT / name, sample_root)
    (sample_root / ENVIRONMENT).symlink_to(ROOT / ENVIRONMENT, target_is_directory=True)
    (sample_root / "course/theme").symlink_to(ROOT / "course/theme", target_is_directory=True)
    chapters = [{"file": "notebooks/98_sample", "title": "Sample"}]
    contents = {"format": "jb-book", "root": "index", "parts": [{"caption": "Tests", "chapters": chapters}]}
    (sample_root / "course/_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    (sample_root / "course/pages").mkdir()
    (sample_root / "course/pages/index.md").write_text("# Home\n\n$x^2$\n\n## Map\n\n<!-- insert: lesson-map -->\n")
    build(sample_root)
    shutil.copytree(sample_root / "_build/solution", sample_root / "_build/run/solution")
    return sample_root


def test_a_book_is_built_checked_and_offers_colab(book_root: Path) -> None:
    folder = site.make_site(book_root, execute=False)
    lesson = (folder / "notebooks/98_sample.html").read_text(encoding="utf-8")
    assert COLAB in lesson
    assert "Show the solution" in lesson
    home = (folder / "index.html").read_text(encoding="utf-8")
    assert "_static/mathjax/tex-chtml.js" in home
    assert (folder / "slides/98_sample.slides.html").exists()
    # The download button gives the learner's notebook, not the solutions.
    learner = book_root / "notebooks/98_sample.ipynb"
    assert (folder / "_sources/notebooks/98_sample.ipynb").read_bytes() == learner.read_bytes()


def test_a_warning_of_jupyter_book_stops_the_build(book_root: Path) -> None:
    (book_root / "course/pages/index.md").write_text("# Home\n\n[gone](nowhere.md)\n")
    with pytest.raises(CourseError, match="warnings or errors"):
        site.make_site(book_root, execute=False)


def test_a_defect_in_a_page_stops_the_build(book_root: Path) -> None:
    (book_root / "course/pages/index.md").write_text('# Home\n\n<img src="https://example.org/x.png">\n')
    with pytest.raises(CourseError, match="2 defects"):
        site.make_site(book_root, execute=False)
