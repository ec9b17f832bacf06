"""Executing one notebook with papermill, measured, with errors that name the source line."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synscenes.authoring.build import build, edition_path
from synscenes.authoring.cost import measured
from synscenes.authoring.editions import cell_names
from synscenes.authoring.source import LessonSource, read_lesson
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.slides import WIDGET_VIEW

OFFLINE_FOLDER = Path(__file__).resolve().parents[1] / "offline"
CELL_TIMEOUT_S = 1800
# "training:  40%|####      | 4/10 [00:01<00:02, 2.00it/s]" or, of unknown length, "4it [00:01, 2.00it/s]".
_BAR = re.compile(r"(\d%\|.*\||\d+\w+) .*\[\d+:\d\d")


@dataclass(frozen=True)
class Job:
    """One notebook to execute."""

    root: Path
    lesson: Path  # its source
    edition: str
    output: Path
    parameters: dict[str, Any]
    network: bool = True
    kernel: str = "python3"


@dataclass(frozen=True)
class Execution:
    """What one execution gave: ``error`` is None for a success, else one line; what it cost, see ``cost.Cost``."""

    lesson: str
    edition: str
    seconds: float
    cpu_s: float
    peak_mb: float
    disk_mb: float
    reference_s: float
    cells: int
    output: str
    error: str | None = None


def checked_parameters(source: LessonSource, given: dict[str, Any]) -> dict[str, Any]:
    """Return ``given`` if the lesson has each parameter; raises CourseError naming the unknown one."""
    known = source.parameters
    for name in given:
        if name not in known:
            raise CourseError(f"lesson {source.number} has no parameter {name}: it has {', '.join(known)}.")
    return given


def execute(job: Job, on_cell: Callable[[int, int], None] | None = None) -> Execution:
    """Execute a notebook; ``on_cell(done, total)`` is called after each cell.

    The executed notebook, with outputs up to any failure, replaces ``job.output`` at the end. Raises
    CourseError for a malformed lesson or an unknown parameter; a failing cell is told in the result.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    source = read_lesson(job.lesson)
    given = checked_parameters(source, job.parameters)
    # A default needs no injected cell; the executed notebook then reads as the learner's does.
    parameters = {name: value for name, value in given.items() if source.parameters[name] != value}
    build(job.root, [source.name], (job.edition,))
    _register_engine()
    total = 0

    def count(done: int, of: int) -> None:
        nonlocal total
        total = of
        if on_cell:
            on_cell(done, of)

    job.output.parent.mkdir(parents=True, exist_ok=True)
    running = job.output.with_name(f".{job.output.stem}.running.ipynb")
    begun = time.perf_counter()
    error = None
    with _environment(job), measured() as cost:
        try:
            papermill.execute_notebook(
                str(edition_path(job.root, job.edition, source.name)),
                str(running),
                parameters=parameters,
                engine_name="synscenes",
                kernel_name=job.kernel,
                progress_bar=False,
                log_output=False,
                cwd=str(job.root),
                execution_timeout=CELL_TIMEOUT_S,
                extra_arguments=["--log-level=CRITICAL"],
                synscenes_on_cell=count,
            )
        except PapermillExecutionError as failure:
            error = _told(source, running, failure)
        except Exception as failure:
            # A dying kernel or a time-out reaches us as one of several nbclient errors.
            error = f"lesson {source.number}: {type(failure).__name__}: {' '.join(str(failure).split())[:300]}"
    if running.exists():
        # Papermill marks a failed notebook with a banner that holds local paths; the result line says it better.
        write_atomic(job.output, without_progress_bars(running.read_text(encoding="utf-8")))
        running.unlink()
    seconds = time.perf_counter() - begun
    return Execution(
        source.number, job.edition, round(seconds, 2), round(cost.cpu_s, 2), round(cost.peak_mb, 1),
        round(cost.disk_mb, 1), round(cost.reference_s, 4), total, str(job.output), error,
    )  # fmt: skip


def without_progress_bars(notebook: str) -> str:
    """Return an executed notebook (JSON) without tqdm's bars: no kernel, no bar, only its first line, "0%|   | 0/8"."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [output for output in cell["outputs"] if not _is_bar(output)]
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _is_bar(output: dict[str, Any]) -> bool:
    data = output.get("data", {})
    text = "".join(data.get("text/plain", ""))
    return WIDGET_VIEW in data and bool(_BAR.search(text))


def _told(source: LessonSource, executed: Path, failure: Any) -> str:
    """Return one line that names lesson, cell and source line of a failure."""
    import nbformat

    names = cell_names(source)
    lines = {names[cell.number]: cell.line for cell in source.cells}
    for exercise in source.exercises:
        lines |= {f"{exercise.identifier}-{part}": exercise.solution.line for part in ("answer", "solution", "stub")}
        lines[f"{exercise.identifier}-check"] = exercise.check.line
        lines |= {f"{exercise.identifier}-wrong{n}": cell.line for n, cell in enumerate(exercise.wrong, 1)}
    failed = next(
        (
            cell["id"]
            for cell in nbformat.read(executed, as_version=4).cells
            if cell.cell_type == "code" and any(output.output_type == "error" for output in cell.outputs)
        ),
        "unknown",
    )
    line = lines.get(failed)
    where = f"course/lessons/{source.path.name}" + (f":{line}" if line else "")
    message = " ".join(str(failure.evalue).split())[:400]
    return f"lesson {source.number}, cell {failed} ({where}): {failure.ename}: {message}"


def _register_engine() -> None:
    """Give papermill an engine that reports each finished cell."""
    from papermill.engines import NBClientEngine, papermill_engines

    class ReportingEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            report = options.pop("synscenes_on_cell")
            total, complete = len(nb_man.nb.cells), nb_man.cell_complete

            def cell_complete(cell: Any, cell_index: int | None = None, **more: Any) -> None:
                complete(cell, cell_index=cell_index, **more)
                report((cell_index or 0) + 1, total)

            nb_man.cell_complete = cell_complete
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    papermill_engines.register("synscenes", ReportingEngine)


class _environment:
    """The variables a kernel inherits while one notebook runs."""

    def __init__(self, job: Job) -> None:
        self.wanted = {"SYNSCENES_PROGRESS": "off", "PYTHONDONTWRITEBYTECODE": "1"}
        if not job.network:
            before = os.environ.get("PYTHONPATH")
            self.wanted["PYTHONPATH"] = os.pathsep.join([str(OFFLINE_FOLDER), *([before] if before else [])])
            self.wanted["SYNSCENES_OFFLINE"] = "1"

    def __enter__(self) -> None:
        self.before = {name: os.environ.get(name) for name in self.wanted}
        os.environ.update(self.wanted)

    def __exit__(self, *_: object) -> None:
        for name, value in self.before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
