"""Grading without running anything: who handed in what, which code is the answer, what crosses the wall."""

from __future__ import annotations

import contextlib
import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synscenes.authoring.source import lesson_paths, read_lesson
from synscenes.authoring.stubs import solution_code
from synscenes.checks import run_check
from synscenes.errors import CourseError
from synscenes.grading import answers, notebooks, plain, program, reports, submissions, worker
from synscenes.grading.marking import Mark, Marked
from synscenes.grading.sandbox import Sandbox
from synscenes.grading.submissions import Student

ROOT = Path(__file__).resolve().parents[1]


# What crosses the wall


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.just(...),
    lambda x: (
        st.lists(x)
        | st.tuples(x, x)
        | st.dictionaries(st.text(), x)
        | st.sets(st.integers())
        | st.frozensets(st.text())
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(PLAIN)
def test_plain_values_cross_unchanged(value):
    back = plain.loads(plain.dumps(value))
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8", "bool", "complex128", "<U7"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 4)])
def test_arrays_cross_with_type_and_shape(dtype, shape):
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    back = plain.loads(plain.dumps(array.T))
    assert back.dtype == array.dtype and back.shape == array.T.shape and (back == array.T).all()
    assert back.flags.writeable


def test_generators_numbers_iterators_and_views():
    rng = np.random.default_rng(3)
    rng.random(5)
    copy = plain.loads(plain.dumps([rng]))[0]
    assert copy.random() == rng.random()
    assert math.isnan(plain.loads(plain.dumps(math.nan)))
    assert list(plain.loads(plain.dumps(n * n for n in range(4)))) == [0, 1, 4, 9]
    assert plain.loads(plain.dumps({"a": 1, "b": 2}.keys())) == {"a", "b"}
    assert type(plain.loads(plain.dumps(np.float32(2)))) is np.float32


def test_an_object_that_equals_everything_arrives_as_one_that_equals_nothing():
    class Yes:
        __hash__ = None

        def __eq__(self, other):
            return True

    arrived = plain.loads(plain.dumps(Yes()))
    assert arrived != "n02084071" and isinstance(arrived, plain.Opaque)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | PLAIN.map(lambda value: json.dumps({"t": str(value), "v": 3}).encode()))
def test_malformed_messages_are_refused(data):
    with contextlib.suppress(plain.NotPlain):
        plain.loads(data)


@pytest.mark.parametrize(
    "content",
    [
        {"t": "array", "d": "|O8", "s": [1], "v": "AAAAAAAAAAA="},
        {"t": "array", "d": "<f8", "s": [10**12], "v": ""},
        {"t": "set", "v": [[1]]},
        {"t": "dict", "v": [[1, 2, 3]]},
        {"t": "unknown", "v": []},
        {"v": 1},
    ],
)
def test_forged_messages_are_refused(content):
    with pytest.raises(plain.NotPlain):
        plain.loads(json.dumps(content).encode())


def test_every_exercise_is_judged_alike_on_both_sides_of_the_wall(tmp_path, monkeypatch):
    """Solutions and wrong answers of all lessons, with only the statements that ``gather`` finds, as plain data."""
    monkeypatch.chdir(tmp_path)
    count, different = 0, []
    for path in lesson_paths(ROOT):
        source = read_lesson(path)
        lesson = program.program(source)
        for exercise, task in zip(source.exercises, lesson.tasks, strict=True):
            tries = [(solution_code(exercise.solution.text), ("passed", None))]
            tries += [(cell.text, ("mistake", cell.meta["diagnosis"])) for cell in exercise.wrong]
            for code, expected in tries:
                namespace: dict = {}
                for statement in program.gather(program.needs(code), list(lesson.statements), task.position):
                    exec(statement, namespace)
                exec(code, namespace)
                outcome = run_check(task.identifier, *[_across(eval(text, namespace)) for text in task.answers])
                count += 1
                if (outcome.verdict, outcome.diagnosis) != expected:
                    different.append((task.identifier, expected, outcome))
    assert different == []
    assert count >= 4 * 3 * len(lesson_paths(ROOT))


class NoWall(Sandbox):
    """A sandbox whose worker is this very process: the messages are the same, only nothing is walled in."""

    def __init__(self, value):
        self.value = value

    def _ask(self, message):
        return plain.loads(worker._reply(plain.loads(plain.dumps(message)), {}, [self.value]))


def _across(value):
    if not callable(value):
        return plain.loads(plain.dumps(value))
    return lambda *arguments, **named: NoWall(value).call(0, arguments, named)


def test_no_prelude_needs_the_checks():
    """An answer runs where the checks are not; so no statement it may rest on can import them."""
    for path in lesson_paths(ROOT):
        assert [text for text in program.program(read_lesson(path)).statements if "synscenes.checks" in text] == []


# Who handed in what


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace_4711_assignsubmission_file_", ("Ada Lovelace", "4711", "moodle")),
        ("Zoë de la Cruz_12_assignsubmission_file", ("Zoë de la Cruz", "12", "moodle")),
        ("lovelaceada_123_456_x.ipynb", ("lovelaceada", "123", "canvas")),
        ("lovelaceada_LATE_123_456_02_wordnet_hierarchy-1.ipynb", ("lovelaceada", "123", "canvas")),
        ("02_wordnet_hierarchy_ada.ipynb", ("ada", "", "")),
        ("ada lovelace 02.ipynb", ("ada lovelace", "", "")),
        ("ada_02_wordnet_hierarchy (1).ipynb", ("ada", "", "")),
        ("02_wordnet_hierarchy.ipynb", ("02_wordnet_hierarchy", "", "")),
        ("Ada Lovelace_4711_assignsubmission_file_02_wordnet_hierarchy.ipynb", ("Ada Lovelace", "4711", "moodle")),
        ("ada", ("ada", "", "")),
    ],
)
def test_names_as_learning_systems_write_them(tmp_path, name, expected):
    if name.endswith(".ipynb"):
        (tmp_path / name).write_text("{}")
    else:
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.ipynb").write_text("{}")
    (student,) = submissions.find_students(tmp_path)
    assert (student.name, student.identifier, student.lms) == expected
    assert len(student.notebooks) == 1


def test_what_is_no_submission_is_left_out(tmp_path):
    (tmp_path / "ada" / ".ipynb_checkpoints").mkdir(parents=True)
    (tmp_path / "ada" / ".ipynb_checkpoints" / "x-checkpoint.ipynb").write_text("{}")
    (tmp_path / "ada" / "deep").mkdir()
    (tmp_path / "ada" / "deep" / "x.ipynb").write_text("{}")
    (tmp_path / "ada" / "photo.png").write_bytes(b"")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "bob").mkdir()
    (tmp_path / "secret").symlink_to("/etc")
    students = submissions.find_students(tmp_path)
    assert [(s.name, len(s.notebooks), len(s.others)) for s in students] == [("ada", 1, 1), ("bob", 0, 0)]


def test_nothing_to_grade_is_one_line(tmp_path):
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(CourseError):
            submissions.find_students(folder)


# Reading a notebook


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "JSON without cells"),
        (b'"text"', "JSON without cells"),
        (b'{"cells": 3, "nbformat": 4}', "notebook format"),
        (b'{"worksheets": [{"cells": []}], "nbformat": 3}', "notebook format 3"),
        (b'{"cells": []}', "notebook format None"),
    ],
)
def test_bad_notebooks_get_one_line(tmp_path, content, reason):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(notebooks.Unreadable, match=reason) as caught:
        notebooks.read_submission(path)
    assert "\n" not in str(caught.value)


def test_a_hundred_megabytes_are_not_even_read(tmp_path):
    path = tmp_path / "x.ipynb"
    with open(path, "wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(notebooks.Unreadable, match=r"too large \(100 MB"):
        notebooks.read_submission(path)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["cell_type", "source", "metadata", "id"]), PLAIN | st.just("code"))))
def test_any_cells_are_read_or_refused(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("any") / "x.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}, default=str, skipkeys=True))
    assert isinstance(notebooks.read_submission(path).lesson, str)


# Which code is the answer


@pytest.fixture(scope="module")
def lesson02() -> program.Program:
    return program.Programs(ROOT)["02"]


RIGHT = "def to_wnid(offset):\n    return f'n{offset:08d}'"


def edit(change) -> notebooks.SubmittedNotebook:
    """Lesson 02's learner notebook after ``change`` of its list of cells, read as a submission."""
    content = json.loads((ROOT / "notebooks" / "02_wordnet_hierarchy.ipynb").read_text(encoding="utf-8"))
    change(content["cells"])
    cells = tuple(cell for raw in content["cells"] if (cell := notebooks._cell(raw)))
    return notebooks.SubmittedNotebook(cells, "02")


def place(cells) -> int:
    return next(i for i, cell in enumerate(cells) if cell.get("id") == "02-wnid-answer")


def fill(cells, code=RIGHT):
    cells[place(cells)]["source"] = code


def colab(cells):
    fill(cells)
    for number, cell in enumerate(cells):
        cell.pop("id", None)
        cell["metadata"] = {"id": f"aB{number}xYz"}


def colab_keeps(cells):
    fill(cells, RIGHT.replace("to_wnid", "renamed"))
    for cell in cells:
        cell["metadata"] = {"id": cell.pop("id")}


def move(cells):
    fill(cells)
    cells.insert(0, cells.pop(place(cells)))


def duplicate(cells):
    fill(cells)
    at = place(cells)
    cells.insert(at, {**cells[at], "id": "copy", "source": "def to_wnid(offset):\n    return 'first try'"})


def duplicate_with_the_stub_last(cells):
    at = place(cells)
    stub = dict(cells[at])
    fill(cells)
    cells.insert(at + 1, {**stub, "id": "copy"})


def written_elsewhere(cells):
    cells.insert(place(cells) + 1, {"cell_type": "code", "metadata": {}, "source": RIGHT})


def old_and_new_lines(cells):
    cells[place(cells)]["source"] = ["%matplotlib inline\n", "!ls\n", *RIGHT.splitlines(keepends=True)]


def not_at_all(cells):
    return None


def deleted(cells):
    del cells[place(cells)]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (fill, "answer"), (colab, "answer"), (move, "answer"), (duplicate, "answer"), (written_elsewhere, "answer"),
        (duplicate_with_the_stub_last, "answer"), (old_and_new_lines, "answer"), (not_at_all, "stub"),
        (deleted, "missing"),
    ],
)  # fmt: skip
def test_answers_are_found_wherever_they_are(lesson02, change, state):
    found = next(f for f in answers.find_answers(edit(change), lesson02) if f.task.identifier == "02-wnid")
    assert found.state == state
    if state == "answer":
        namespace: dict = {}
        exec(found.code, namespace)
        assert namespace["to_wnid"](1740) == "n00001740"


def test_an_identifier_finds_a_cell_whose_function_was_renamed(lesson02):
    found = answers.find_answers(edit(colab_keeps), lesson02)[0]
    assert found.state == "answer" and "def renamed" in found.code


def test_a_helper_of_the_students_comes_along_and_nothing_else_does(lesson02):
    def change(cells):
        fill(cells, "def to_wnid(offset):\n    return letter() + pad(offset)")
        extra = "import os\nos.remove('x')\nEIGHT = 8\ndef pad(n):\n    return str(n).zfill(EIGHT)\nunused = 1"
        cells.append({"cell_type": "code", "metadata": {}, "source": extra})
        cells.insert(0, {"cell_type": "code", "metadata": {}, "source": "letter = lambda: 'n'"})

    found = answers.find_answers(edit(change), lesson02)[0]
    assert "remove" not in found.code and "unused" not in found.code
    namespace: dict = {}
    exec(found.code, namespace)
    assert namespace["to_wnid"](1740) == "n00001740"


def test_a_forged_check_or_course_function_does_not_come_along(lesson02):
    def change(cells):
        fill(cells)
        forged = "def check(*a):\n    print('passed')\nimport synscenes.checks\nsynscenes.checks.run_check = check"
        cells.insert(0, {"cell_type": "code", "metadata": {}, "source": forged})

    found = answers.find_answers(edit(change), lesson02)[0]
    assert found.code.strip() == RIGHT and found.course == ()


def test_an_answer_gets_the_preludes_names_it_uses_and_no_more(lesson02):
    def change(cells):
        at = next(i for i, cell in enumerate(cells) if cell.get("id") == "02-strangers-answer")
        cells[at]["source"] = "def closest_strangers(similarity, groups):\n    return np.array(groups)"

    found = answers.find_answers(edit(change), lesson02)[3]
    assert found.course == ("import numpy as np",)


@settings(max_examples=100, deadline=None)
@given(
    st.text() | st.sampled_from(["def to_wnid(", "to_wnid = 3", "(" * 500, "x" * 10_000, "\x00", "def f(:\n to_wnid"])
)
def test_any_text_in_the_cell_is_an_answer_or_none(lesson02, text):
    found = answers.find_answers(edit(lambda cells: fill(cells, text)), lesson02)[0]
    assert found.state in ("answer", "stub", "missing")


# What is written


def marked(name: str, points: int) -> Marked:
    mark = Mark("02-wnid", "recall", "passed" if points else "mistake", points, 1, "<b>No</b>", "no-zeros")
    return Marked(Path(name), "02", "WordNet", [mark])


def test_reports_hold_every_student_once_and_escape_what_they_wrote(tmp_path):
    students = [
        Student("=cmd|' /C calc'!A0", "", "", [Path("a")]),
        Student("Ada", "7", "moodle", [Path("b"), Path("c")]),
        Student("Ada", "8", "canvas", [Path("d")]),
        Student("../../<script>", "", "", []),
    ]
    results = {Path(n): marked(n, p) for n, p in (("a", 0), ("b", 0), ("c", 1), ("d", 0))}
    rows = reports.rows_of(students, results)
    reports.write_reports(tmp_path, rows, {"02": 1})
    with open(tmp_path / "grades.csv", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["Student", "ID", "Lesson 02 (of 1)", "Grade", "Maximum Grade", "Notes"]
    assert table[1][0].startswith("'=")
    assert table[2][:4] == ["Ada", "7", "1", "1"] and "the best counts" in table[2][5]
    assert table[4][2:4] == ["", "0"] and "no notebook" in table[4][5]
    with open(tmp_path / "moodle.csv", newline="") as file:
        assert list(csv.reader(file))[2][:3] == ["Participant 7", "Ada", "1"]
    with open(tmp_path / "canvas.csv", newline="") as file:
        assert list(csv.reader(file))[1][0].strip() == "Points Possible"
    pages = {path.name: path.read_text() for path in (tmp_path / "feedback").iterdir()}
    assert len(pages) == 4 and not any("<script>" in page or "<b>" in page for page in pages.values())
    assert (tmp_path / "feedback").parent.parent == tmp_path.parent
    assert "no-zeros" in (tmp_path / "summary.html").read_text()


def test_common_mistakes_are_counted_and_ordered():
    students = [Student(str(n), notebooks=[Path(str(n))]) for n in range(4)]
    results = {Path(str(n)): marked(str(n), points) for n, points in enumerate([0, 1, 0, 0])}
    assert reports.common_mistakes(reports.rows_of(students, results))[0][:3] == (3, "02-wnid", "no-zeros")
