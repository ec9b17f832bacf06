"""A malformed lesson is refused with file, line and cell; a good one is read whole."""

from __future__ import annotations

import pytest

from synscenes.authoring.source import CODE_TAGS, MARKDOWN_TAGS, LessonError, find_lessons, read_lesson
from synscenes.errors import CourseError

# (what is changed, into what, what the error must say)
FAULTS = {
    "unknown tag": (":tags: [predict]", ":tags: [predictt]", "unknown code tag 'predictt'"),
    "markdown tag on code": (":tags: [predict]", ":tags: [recap]", "unknown code tag 'recap'"),
    "two parameter cells": (
        ":tags: [predict]",
        ":tags: [parameters]",
        "exactly one cell tagged `parameters`",
    ),
    "no parameters": (":tags: [parameters]", ":tags: [widget]", "exactly one cell tagged `parameters`"),
    "computed parameter": ("FACTOR = 2", "FACTOR = 1 + abs(-1)", "FACTOR is not a literal value"),
    "standard parameter missing": ("SEED = 0\n", "", "lacks SEED"),
    "parameters with a syntax error": ("FACTOR = 2", "FACTOR = = 2", "syntax error in line 5"),
    "one hint": ('+++ {"tags": ["hint"]}\n\n`x + x`\n\n', "", "needs 2 markdown cell(s) tagged `hint`"),
    "two wrong answers": (
        "```{code-cell} ipython3\n:tags: [wrong]\n:diagnosis: raises\ndef double(x):\n    return x.double()\n```\n\n",
        "",
        "needs 3 code cell(s) tagged `wrong`",
    ),
    "same diagnosis twice": (
        ":diagnosis: raises",
        ":diagnosis: squares",
        "three different `:diagnosis:` names",
    ),
    "check of another exercise": (
        'check("98-double", double)',
        'check("98-triple", double)',
        "must call check(",
    ),
    "exercise of another lesson": ('"exercise": "98-double"', '"exercise": "97-double"', "98-name"),
    "unknown level": ('"level": "apply"', '"level": "easy"', "one of recall, apply, explore"),
    "stray check": (":tags: [predict]", ":tags: [check]", "a `check` cell belongs to an exercise"),
    "quiz without answer": (", correct: true", "", "exactly one choice is correct"),
    "quiz without feedback": (', feedback: "One less."', "", "each with text and feedback"),
    "quiz no YAML": ('- question: "What', "- question: ['What", "not valid YAML"),
    "no question": ('  question: "Does the machinery work?"\n', "", "front matter lacks `question`"),
    "no run time": ("run: 0.1", "runs: 0.1", "`minutes` needs numbers"),
    "no licence": (', licence: "public domain"', "", "`name` and `licence`"),
    "no title": ("# A sample lesson\n", "A sample lesson\n", "opens with a Markdown cell"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_malformed_lesson_names_file_and_fault(sample_path, name):
    before, after, message = FAULTS[name]
    text = sample_path.read_text()
    assert before in text
    sample_path.write_text(text.replace(before, after, 1))
    with pytest.raises(LessonError) as caught:
        read_lesson(sample_path)
    assert message in str(caught.value)
    assert "98_sample.md" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_error_names_line_and_cell(sample_path):
    text = sample_path.read_text().replace(":tags: [predict]", ":tags: [predictt]")
    sample_path.write_text(text)
    with pytest.raises(LessonError, match=r"98_sample\.md:\d+: cell 6: ") as caught:
        read_lesson(sample_path)
    line = int(str(caught.value).split(":")[1])
    assert "predictt" in text.splitlines()[line - 1]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"no front matter", b"---\nsynscenes: [\n---\n# T\n"]
)
def test_garbage_is_refused_in_one_line(sample_path, content):
    sample_path.write_bytes(content)
    with pytest.raises(LessonError) as caught:
        read_lesson(sample_path)
    assert "\n" not in str(caught.value)


def test_sample_lesson_is_read_whole(sample_path):
    source = read_lesson(sample_path)
    assert source.number == "98"
    assert source.parameters == {
        "DATA": "micro",
        "DEVICE": "auto",
        "PROFILE": "laptop",
        "SEED": 0,
        "FACTOR": 2,
    }
    (exercise,) = source.exercises
    assert (exercise.identifier, exercise.level) == ("98-double", "apply")
    assert [cell.meta["diagnosis"] for cell in exercise.wrong] == ["squares", "returns-none", "raises"]
    lines = sample_path.read_text().splitlines()
    for cell in source.cells:
        shown = "\n".join(lines[cell.line - 1 : cell.line + 6])
        assert cell.text.splitlines()[0] in shown


@pytest.mark.parametrize("wanted", ["98", "98_sample"])
def test_lessons_are_found_by_number_and_name(sample_root, sample_path, wanted):
    assert find_lessons(sample_root, [wanted]) == [sample_path]


def test_missing_lesson_is_named(sample_root):
    with pytest.raises(CourseError, match='no lesson "97": choose from 98'):
        find_lessons(sample_root, ["97"])


def test_every_tag_is_documented(root):
    page = (root / "course" / "pages" / "authoring.md").read_text(encoding="utf-8")
    missing = [tag for tag in sorted(CODE_TAGS | MARKDOWN_TAGS) if f"`{tag}`" not in page]
    assert missing == []
