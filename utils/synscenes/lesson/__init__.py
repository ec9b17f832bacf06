"""What a lesson's notebook imports: its settings, its figures, its predictions, its checks."""

from __future__ import annotations

from synscenes.lesson.answers import check, reveal
from synscenes.lesson.context import Lesson, begin
from synscenes.lesson.figures import show
from synscenes.lesson.results import record

__all__ = ["Lesson", "begin", "check", "record", "reveal", "show"]
