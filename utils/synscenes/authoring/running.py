"""``python -m synscenes run``: execute lessons, several at once, with progress and a report."""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import multiprocessing
import os
import platform
import queue
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synscenes.authoring.cost import keep
from synscenes.authoring.editions import EDITIONS
from synscenes.authoring.execute import Execution, Job, checked_parameters, execute
from synscenes.authoring.source import find_lessons, read_lesson
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.lesson.context import DATA_TIERS, PROFILES
from synscenes.paths import require_repo_root

# What makes pages and looks after notebooks: no executed notebook depends on it, but on what writes its cells.
PUBLISHING = ("site", "slides.py", "authoring", "lab.py", "__main__.py")
WRITES_CELLS = ("authoring/editions.py", "authoring/execute.py", "authoring/source.py", "authoring/stubs.py")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m synscenes run``."""
    parser.add_argument("lessons", nargs="*", metavar="NN", help="lessons to run (default: all)")
    parser.add_argument("--profile", choices=PROFILES, default="laptop")
    parser.add_argument("--data", choices=DATA_TIERS, default="micro")
    parser.add_argument("--edition", choices=[e for e in EDITIONS if e != "slides"], default="solution")
    parser.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="notebooks at once (default: 1)")
    parser.add_argument(
        "-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="any other parameter"
    )
    parser.add_argument("--no-network", action="store_true", help="cut the kernels from the network")
    parser.add_argument("--output", type=Path, help="folder for the executed notebooks (default: _build/run/EDITION)")


def run(args: argparse.Namespace) -> int:
    """Execute the lessons asked for and write the report; returns 1 when one failed."""
    root = require_repo_root()
    if args.jobs < 1:
        raise CourseError(f"-j needs a number of at least 1, not {args.jobs}.")
    folder = args.output or root / "_build" / "run" / args.edition
    parameters = {"PROFILE": args.profile, "DATA": args.data}
    parameters |= {name: _literal(value) for name, value in args.parameter}
    jobs = []
    for path in find_lessons(root, args.lessons):
        source = read_lesson(path)
        given = checked_parameters(source, parameters)
        jobs.append(Job(root, path, args.edition, folder / f"{source.name}.ipynb", given, not args.no_network))
    executions = run_jobs(jobs, args.jobs)
    write_report(folder / "report.json", root, jobs, executions)
    if args.edition == "solution" and args.data == "micro" and args.profile == "laptop":
        for execution in executions:
            if not execution.error:
                keep(root, {**asdict(execution), "profile": args.profile})
    for execution in executions:
        state = "failed" if execution.error else "ok"
        print(f"{execution.lesson}  {state:6}  {execution.seconds:7.1f} s  {execution.peak_mb:7.0f} MB")
    failures = [execution.error for execution in executions if execution.error]
    for line in failures:
        print(line, file=sys.stderr)
    return 1 if failures else 0


def run_jobs(jobs: list[Job], workers: int) -> list[Execution]:
    """Execute jobs in ``workers`` processes, showing progress by lesson and cell."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        messages = manager.Queue()
        threads = None if workers == 1 else "1"
        with ProcessPoolExecutor(workers, context, _start_worker, (messages, threads)) as pool:
            pending = [pool.submit(_work, job) for job in jobs]
            _follow(pending, jobs, messages)
            return [future.result() for future in pending]


_messages: Any = None


def _start_worker(messages: Any, threads: str | None) -> None:
    global _messages
    _messages = messages
    if threads:
        # Several kernels on few cores: one thread each, or they fight and slow down a hundredfold.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, threads)


def _work(job: Job) -> Execution:
    return execute(job, lambda done, total: _messages.put((job.lesson.stem, done, total)))


def _follow(pending: list[Future], jobs: list[Job], messages: Any) -> None:
    """Draw one bar a lesson on a terminal; elsewhere print a line when a lesson ends."""
    from tqdm import tqdm

    on_terminal = sys.stderr.isatty()
    bars: dict[str, tqdm] = {}
    told: set[str] = set()
    while True:
        finished = all(future.done() for future in pending)
        try:
            name, done, total = messages.get(timeout=0.2)
        except queue.Empty:
            if finished:
                break
            continue
        if on_terminal:
            if name not in bars:
                bars[name] = tqdm(total=total, desc=name, unit="cell", position=len(bars), leave=True)
            bars[name].update(done - bars[name].n)
        elif done == total and name not in told:
            told.add(name)
            print(f"{name}: {total} cells done ({len(told)} of {len(jobs)} lessons)", file=sys.stderr, flush=True)
    for bar in bars.values():
        bar.close()


def write_report(path: Path, root: Path, jobs: list[Job], executions: list[Execution]) -> None:
    """Add executions to the report beside the executed notebooks (lessons not run keep their entry)."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        lessons = dict(report["lessons"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        lessons = {}
    for job, execution in zip(jobs, executions):
        entry = asdict(execution) | {
            "output": Path(execution.output).name,
            "profile": job.parameters["PROFILE"],
            "data": job.parameters["DATA"],
            "inputs": inputs_hash(root, job.lesson),
        }
        lessons[execution.lesson] = entry
    report = {"machine": machine(), "lessons": dict(sorted(lessons.items()))}
    write_atomic(path, json.dumps(report, indent=1) + "\n")


def inputs_hash(root: Path, lesson: Path) -> str:
    """Return a hash of what an executed lesson depends on: its source, the package, the locked versions."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    files = [lesson, root / "requirements.lock", root / "course" / "settings.toml"]
    files += sorted(
        path
        for path in package.rglob("*.*")
        if path.suffix in (".py", ".toml", ".json", ".csv", ".txt")
        and (
            path.relative_to(package).parts[0] not in PUBLISHING
            or path.relative_to(package).as_posix() in WRITES_CELLS
        )
    )
    for path in files:
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def machine() -> dict[str, Any]:
    """Return what a table of times must say of the machine."""
    from importlib.metadata import version

    import psutil

    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "torch": version("torch"),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
