"""One source gives every edition, the same each time, and a stub is its solution minus lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synscenes.authoring import build as building
from synscenes.authoring.bars import code_cells, problems_of
from synscenes.authoring.editions import EDITIONS, make_edition, notebook_text
from synscenes.authoring.settings import Settings, load_settings
from synscenes.authoring.source import find_lessons, read_lesson
from synscenes.authoring.stubs import BEGIN, END, PLACEHOLDER, solution_code, stub_code
from synscenes.errors import CourseError

PUBLIC = Settings("someone/course", "main")
PRIVATE = Settings("OWNER_NOT_SET/course", "main")


def texts(notebook) -> str:
    return "\n".join(cell["source"] for cell in notebook.cells)


@pytest.mark.parametrize("edition", EDITIONS)
def test_building_twice_gives_the_same_text(sample_path, edition):
    first, second = (notebook_text(make_edition(read_lesson(sample_path), edition, PUBLIC)) for _ in range(2))
    assert first == second


def test_learner_edition_hides_what_it_must(sample_path):
    learner = make_edition(read_lesson(sample_path), "learner", PUBLIC)
    text = texts(learner)
    assert "twice = x + x" not in text and "Because adding" not in text and "Two minutes." not in text
    assert "return x * x" not in text
    assert "return ...  # your code here" in text and 'check("98-double", double)' in text
    assert all(cell.get("outputs", []) == [] for cell in learner.cells)


def test_solution_and_instructor_editions_show_more(sample_path):
    source = read_lesson(sample_path)
    solution, instructor = (texts(make_edition(source, e, PUBLIC)) for e in ("solution", "instructor"))
    assert "twice = x + x" in solution and "Because adding" in solution and "Two minutes." not in solution
    assert "Two minutes." in instructor and "return x * x" in instructor


def test_slides_hold_only_marked_cells_and_notes(sample_path):
    slides = make_edition(read_lesson(sample_path), "slides", PUBLIC)
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in slides.cells]
    assert kinds == ["slide", "slide", "fragment", "notes", "slide"]


def test_quiz_choices_fold_and_answer(sample_path):
    text = texts(make_edition(read_lesson(sample_path), "learner", PUBLIC))
    assert "<summary>a) <code>4</code></summary>\n\n**Right.** Yes, 2 + 2." in text
    assert "**No.** One less." in text


def test_colab_link_and_install_line_follow_the_one_setting(sample_path):
    source = read_lesson(sample_path)
    public, private = (texts(make_edition(source, "learner", s)) for s in (PUBLIC, PRIVATE))
    assert "github/someone/course/blob/main/notebooks/98_sample.ipynb" in public
    assert "git+https://github.com/someone/course@main" in public
    assert "colab.research" not in private and "git+" not in private


def test_cell_identifiers_survive_an_edit_elsewhere(sample_path):
    before = {
        cell["id"]: cell["source"] for cell in make_edition(read_lesson(sample_path), "learner", PUBLIC).cells
    }
    text = sample_path.read_text().replace("## Doubling", "## Before\n\nNew words.\n\n+++\n\n## Doubling", 1)
    sample_path.write_text(text)
    after = {
        cell["id"]: cell["source"] for cell in make_edition(read_lesson(sample_path), "learner", PUBLIC).cells
    }
    changed = {name for name in before if after.get(name) != before[name]}
    assert changed <= {"98-doubling-1"}
    assert len(after) == len(before) + 1


def test_identifiers_are_shared_between_editions(sample_path):
    source = read_lesson(sample_path)
    learner, solution = (
        {c["id"] for c in make_edition(source, e, PUBLIC).cells} for e in ("learner", "solution")
    )
    assert learner <= solution


BODY = st.lists(st.sampled_from(["a = x + 1", "b = [x]", "if x:\n    a = 2", "a = 3  # why", ""]), max_size=5)


@given(
    BODY,
    st.sampled_from(["return x", "return {\n    1: x,\n}", "answer = x", "a = b = (\n    x\n)"]),
    st.booleans(),
)
def test_stub_is_solution_minus_lines(body, last, in_function):
    indent = "    " if in_function or last.startswith("return") else ""
    lines = "\n".join([*body, last]).splitlines()
    inner = "\n".join(indent + line if line else line for line in lines)
    head = "def f(x):\n" if indent else "x = 1\n"
    text = f"{head}{indent}{BEGIN}\n{inner}\n{indent}{END}"
    stub = stub_code(text)
    compile(stub, "stub", "exec")
    kept = [line for line in stub.splitlines() if not line.endswith(PLACEHOLDER)]
    solution = iter(solution_code(text).splitlines())
    assert all(line in solution for line in kept)  # a subsequence, in order
    assert len(stub.splitlines()) == len(kept) + 1


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        f"{BEGIN}\nx = 1",
        f"x = 1\n{END}",
        f"{BEGIN}\n{END}",
        f"{BEGIN}\n{BEGIN}\nx = 1\n{END}",
        f"{BEGIN}\nprint(1)\n{END}",
        f"{BEGIN}\nx.y = 1\n{END}",
        f"{BEGIN}\nx = = 1\n{END}",
    ],
)
def test_solutions_without_a_stub_are_refused(text):
    with pytest.raises(CourseError):
        stub_code(text)


def test_check_finds_missing_changed_and_stray_notebooks(sample_root):
    assert building.outdated(sample_root) == ["notebooks/98_sample.ipynb is missing"]
    building.build(sample_root)
    assert building.outdated(sample_root) == []
    notebook = sample_root / "notebooks" / "98_sample.ipynb"
    notebook.write_text(notebook.read_text().replace("Two times three", "Two times four"))
    (sample_root / "notebooks" / "99_old.ipynb").write_text("{}")
    lines = building.outdated(sample_root)
    assert "first in cell 98-doubling-1" in lines[0]
    assert lines[1] == "notebooks/99_old.ipynb has no source in course/lessons"


def test_building_again_writes_nothing(sample_root):
    assert len(building.build(sample_root)) == len(EDITIONS)
    assert building.build(sample_root) == []


@pytest.mark.parametrize("content", ["", 'repository = "x"\nbranch = "main"\n', "repository = 3\n", "= ="])
def test_malformed_settings_are_refused(sample_root, content):
    (sample_root / "course" / "settings.toml").write_text(content)
    with pytest.raises(CourseError, match=r"settings\.toml"):
        load_settings(sample_root)


BAR_FAULTS = {
    "a long cell": (
        "numbers = [1, 2, 3]\n",
        "numbers = [1, 2, 3]\n" + "a = 1\n" * 26,
        "no cell has more than 25",
    ),
    "an unused parameter": ("FACTOR * sum(numbers)", "2 * sum(numbers)", "parameter FACTOR is never used"),
    "a figure without alt text": (', alt="A line that rises from 1 to 3."', "", "show() without alt text"),
    "an image without alt text": ("Two times three", "![](x.png) Two times three", "without alt text"),
    "an unanswered goal": ("- **G1** Add", "- Add", "does not answer goal G1"),
    "an invented goal": ("- **G1** Add", "- **G1** **G2** Add", "answers G2"),
    "no quiz": ('"tags": ["quiz"]', '"tags": ["recap"]', "no cell tagged `quiz`"),
    "an absolute path": ("sum(numbers))\n", 'sum(numbers))\nopen("/home/me/x")\n', "an absolute path"),
    "two titles": ("## Recap", "# Recap", "a second `#` title"),
    "a skipped heading": ("## Doubling", "#### Doubling", "heading level 4 after level 1"),
}


@pytest.mark.parametrize("name", BAR_FAULTS)
def test_each_bar_can_be_missed(sample_path, name):
    before, after, message = BAR_FAULTS[name]
    assert not [line for line in problems_of(read_lesson(sample_path)) if message in line]
    sample_path.write_text(sample_path.read_text().replace(before, after))
    assert [line for line in problems_of(read_lesson(sample_path)) if message in line]


def test_committed_notebooks_are_what_the_sources_give(root):
    assert building.outdated(root) == []


def test_every_lesson_clears_every_bar(root):
    assert building.bar_problems(root) == []


def test_wrong_answers_are_not_counted_as_lesson_code(root):
    for path in find_lessons(root, []):
        assert not any("wrong" in cell.tags for cell in code_cells(read_lesson(path)))
