"""Predictions and exercise checks, as a notebook shows them."""

from __future__ import annotations

import math
from typing import Any

from synscenes.checks import run_check, shorten
from synscenes.lesson.output import box, emit
from synscenes.lesson.style import COLOURS
from synscenes.progress import note_check, note_guess

CHECK_MIME = "application/vnd.synscenes.check+json"
_LOOKS = {
    "passed": (COLOURS["green"], "✓ Right."),
    "mistake": (COLOURS["vermilion"], "✗ Not yet."),
    "not tried": (COLOURS["grey"], "… Not tried yet."),
}


def check(identifier: str, *answers: Any) -> None:
    """Check answers to an exercise on hidden cases, and say what is likely wrong.

    Raises CourseError when there is no such exercise.
    """
    outcome = run_check(identifier, *answers)
    colour, heading = _LOOKS[outcome.verdict]
    note_check(identifier, outcome.verdict)
    entry = {"exercise": identifier, "verdict": outcome.verdict, "diagnosis": outcome.diagnosis}
    message = outcome.message.removeprefix("Right:").strip()
    message = message[:1].upper() + message[1:]
    emit(f"{heading} {message}", box(colour, heading, message), **{CHECK_MIME: entry})


def reveal(name: str, guess: Any, *, truth: Any, usual: Any) -> None:
    """Compare a learner's guess with what came out.

    ``guess`` is None where nobody guessed; then ``usual``, the guess most people make, stands in for it.
    Numbers are compared by ratio, anything else by equality.
    """
    guessed = guess is not None and guess is not ...
    compared = guess if guessed else usual
    note_guess(name, compared if guessed else None)
    who = f"You guessed {_plain(guess)}." if guessed else f"No guess this time; many people say {_plain(usual)}."
    emit_text = f"{who} It is {_plain(truth)}. {_verdict(compared, truth)}".strip()
    emit(emit_text, box(COLOURS["blue"], "Prediction.", emit_text))


def _verdict(guess: Any, truth: Any) -> str:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (guess, truth))
    if not numbers:
        return "That matches." if str(guess).strip().lower() == str(truth).strip().lower() else ""
    if math.isclose(guess, truth, rel_tol=0.05, abs_tol=1e-9):
        return "That matches."
    if guess <= 0 or truth <= 0:
        return ""
    ratio = max(guess / truth, truth / guess)
    if ratio < 1.1:
        return "Close."
    direction = "low" if guess < truth else "high"
    shown = f"{ratio:.1f}".removesuffix(".0") if ratio < 10 else f"{ratio:.0f}"
    return f"That is {shown} times too {direction}."


def _plain(value: Any) -> str:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value if isinstance(value, str) else shorten(value)
