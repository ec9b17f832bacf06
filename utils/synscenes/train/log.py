"""The diary of a run: a CSV file with a line an epoch, and TensorBoard's format where that is installed."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError
from synscenes.files import write_atomic


def write_csv(path: str | Path, rows: list[dict[str, Any]]) -> Path:
    """Write all rows anew, atomically: after a crash the file says what the checkpoint says, neither more nor less."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[-1]), lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
    try:
        return write_atomic(path, text.getvalue())
    except OSError as error:
        raise CourseError(
            f"{path} can't be written ({error.strerror or error}): close what has it open, or free some space."
        ) from None


def tensorboard(folder: str | Path, step: int) -> Any:
    """Return torch's SummaryWriter for the folder, or None where tensorboard isn't installed.

    Points after ``step``, of a run that was killed, are hidden.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=step)
