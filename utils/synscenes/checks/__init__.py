"""How exercises answer back: hidden cases, and the name of the likely mistake.

A module ``checks/lesson_NN.py`` holds one function per exercise of lesson NN::

    @exercise("02-depth")
    def _depth(depth):
        got = call(depth, PATHS)
        if got == EXPECTED + 1:
            raise Mistake("counts-nodes", "You counted synsets; depth counts the steps between them.")
        ...
        return "Right: ..."
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from synscenes.errors import CourseError

_EXERCISES: dict[str, Callable[..., str]] = {}


class NotTried(Exception):
    """Raised when an answer is still the stub's ``...``."""


class Mistake(Exception):
    """A wrong answer with a diagnosis: a short code (for tests) and what to tell the learner."""

    def __init__(self, diagnosis: str, message: str) -> None:
        super().__init__(message)
        self.diagnosis = diagnosis
        self.message = message


@dataclass(frozen=True)
class Outcome:
    """What a check found: ``verdict`` is "passed", "not tried" or "mistake"."""

    exercise: str
    verdict: str
    message: str
    diagnosis: str | None = None


def exercise(identifier: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Register the decorated function as the check of exercise ``identifier`` ("NN-name")."""

    def register(function: Callable[..., str]) -> Callable[..., str]:
        _EXERCISES[identifier] = function
        return function

    return register


def identifiers(lesson: str) -> list[str]:
    """Return the identifiers of the checks written for a lesson ("02")."""
    _import(lesson)
    return sorted(name for name in _EXERCISES if name.startswith(f"{lesson}-"))


def run_check(identifier: str, *answers: Any) -> Outcome:
    """Try ``answers`` on the hidden cases of an exercise.

    Raises CourseError for an exercise nobody wrote a check for. An answer that makes the check itself
    stumble (a dict where a number belongs, say) is a mistake with the diagnosis "type".
    """
    if identifier not in _EXERCISES:
        _import(identifier.partition("-")[0])
    if identifier not in _EXERCISES:
        raise CourseError(f'There is no exercise "{identifier}": copy its name from the heading above the cell.')
    try:
        if any(answer is ... for answer in answers):
            raise NotTried
        message = _EXERCISES[identifier](*answers)
    except NotTried:
        return Outcome(
            identifier, "not tried", "Replace the three dots with your answer, run that cell, then this one."
        )
    except Mistake as mistake:
        return Outcome(identifier, "mistake", mistake.message, mistake.diagnosis)
    except Exception as error:
        kinds = ", ".join(type(answer).__name__ for answer in answers)
        message = f"I could not compare your answer ({kinds}) with mine: {type(error).__name__}: {error}"
        return Outcome(identifier, "mistake", message, "type")
    return Outcome(identifier, "passed", message)


def call(function: Any, *arguments: Any, **named: Any) -> Any:
    """Call a learner's function on copies of the arguments and return what it returned.

    Raises NotTried for ``...``, and Mistake where it is no function, fails, or returns nothing.
    """
    if not callable(function):
        raise Mistake("not-a-function", f"I expected a function here and got {shorten(function)}.")
    try:
        result = function(*copy.deepcopy(arguments), **copy.deepcopy(named))
    except Exception as error:
        given = ", ".join([shorten(item) for item in arguments] + [f"{k}={shorten(v)}" for k, v in named.items()])
        raise Mistake(
            "raises", f"Your function stopped with {type(error).__name__}: {error} (called with {given})."
        ) from error
    if result is ...:
        raise NotTried
    if result is None:
        raise Mistake("returns-none", "Your function returns None: does its last line say `return`?")
    return result


def shorten(value: Any, limit: int = 80) -> str:
    """Return ``repr(value)`` cut to ``limit`` characters, on one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _import(lesson: str) -> None:
    module = f"synscenes.checks.lesson_{lesson}"
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise CourseError(f'There are no exercises for lesson "{lesson}".') from None
