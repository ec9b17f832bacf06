"""The one exception a user of the course is meant to read."""

from __future__ import annotations


class CourseError(Exception):
    """A failure explained in one line: what was wrong, where, and what to do.

    The command line prints it without a traceback and exits with 1.
    """
