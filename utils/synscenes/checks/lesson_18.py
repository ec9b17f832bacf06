"""Checks of lesson 18, the capstone: four milestones a project, a module each."""

from synscenes.checks import lesson_18_audit, lesson_18_detector, lesson_18_metric  # noqa: F401
