"""Checks tell an untried stub, a forgotten return, an exception and a wrong type apart."""

from __future__ import annotations

import pytest

from synscenes import checks
from synscenes.checks import Mistake, NotTried, call, exercise, run_check, shorten
from synscenes.errors import CourseError


@pytest.fixture(autouse=True)
def doubling(monkeypatch):
    monkeypatch.setattr(checks, "_EXERCISES", {})

    @exercise("97-double")
    def _double(double):
        got = call(double, [1, 2])
        if got == [1, 2, 1, 2]:
            raise Mistake("repeats", "You repeated the list.")
        if got[0] != 2:
            raise Mistake("wrong", f"I got {got}.")
        return "Right: each number is doubled."


def double_inplace(xs):
    for i in range(len(xs)):
        xs[i] *= 2
    return xs


@pytest.mark.parametrize(
    ("answer", "verdict", "diagnosis"),
    [
        (..., "not tried", None),
        (lambda xs: ..., "not tried", None),
        (lambda xs: None, "mistake", "returns-none"),
        (lambda xs: xs[9], "mistake", "raises"),
        (lambda: 1, "mistake", "raises"),
        (3, "mistake", "not-a-function"),
        (lambda xs: xs * 2, "mistake", "repeats"),
        (lambda xs: 7, "mistake", "type"),
        (double_inplace, "passed", None),
    ],
)
def test_verdicts(answer, verdict, diagnosis):
    outcome = run_check("97-double", answer)
    assert (outcome.verdict, outcome.diagnosis) == (verdict, diagnosis)
    assert outcome.message


def test_a_learner_cannot_spoil_the_cases():
    cases = [1, 2]
    call(double_inplace, cases)
    assert cases == [1, 2]


def test_exception_message_shows_the_call():
    with pytest.raises(Mistake, match=r"IndexError.*called with \[1\], k=2"):
        call(lambda xs, k: xs[9], [1], k=2)


def test_stub_is_not_tried():
    with pytest.raises(NotTried):
        call(lambda: ...)


@pytest.mark.parametrize("name", ["97-triple", "96-x", "nonsense", ""])
def test_unknown_exercise_is_a_course_error(name):
    with pytest.raises(CourseError, match="no exercise"):
        run_check(name, 1)


def test_shorten_keeps_one_line():
    assert shorten("a\nb" * 100, 20).count("\n") == 0
    assert len(shorten(list(range(1000)))) == 80


def test_every_exercise_has_a_check_and_every_check_an_exercise(root, monkeypatch):
    import importlib

    from synscenes.authoring.source import find_lessons, read_lesson

    monkeypatch.undo()
    for path in find_lessons(root, []):
        source = read_lesson(path)
        importlib.import_module(f"synscenes.checks.lesson_{source.number}")
        written = sorted(exercise.identifier for exercise in source.exercises)
        assert checks.identifiers(source.number) == written
