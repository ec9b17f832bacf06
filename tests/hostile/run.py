"""Gives spoiled files to everything that reads a file, and sorts what comes out.

Good are a result and a refusal: CourseError, or ValueError from a function that documents it, in one line. Bad are any
other exception, a message of several lines, a crash of the interpreter, and more than ``SLOW_S`` seconds of processor
time. Each entry runs in a process of its own, so that a crash costs that entry only.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hostile.entries import ENTRIES, Entry
from hostile.mutate import spoiled

SLOW_S = 10
MOST_BYTES = 6_000_000_000  # torch's libraries alone reserve some
LONGEST = 600  # characters a refusal may have, temporary folder's name aside


@dataclass
class Tally:
    """What one entry did with its cases: counts by outcome, and up to five bad ones to look at."""

    name: str
    cases: int
    counts: dict[str, int]
    bad: list[str]


def run(cases: int, seed: int = 0, names: list[str] | None = None) -> list[Tally]:
    """Give ``cases`` spoiled files to each entry (of ``names``, or all)."""
    unknown = set(names or ()) - {entry.name for entry in ENTRIES}
    if unknown:
        raise ValueError(f"no entry is called {', '.join(sorted(unknown))}")
    return [
        _apart(entry, max(1, cases // 20) if entry.starts_process else cases, seed)
        for entry in ENTRIES
        if not names or entry.name in names
    ]


def _apart(entry: Entry, cases: int, seed: int) -> Tally:
    """Run one entry in a forked process and read its tally; a dead process is a crash."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        told, at = Path(folder) / "tally.json", Path(folder) / "case"
        pid = os.fork()
        if not pid:
            try:
                told.write_text(json.dumps(_tally(entry, cases, seed, Path(folder), at).__dict__), encoding="utf-8")
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        status = os.waitpid(pid, 0)[1]
        if told.exists():
            return Tally(**json.loads(told.read_text(encoding="utf-8")))
        case = at.read_text() if at.exists() else "?"
        return Tally(entry.name, cases, {"crash": 1}, [f"{entry.name}, case {case}: process died (status {status})"])


def _tally(entry: Entry, cases: int, seed: int, folder: Path, at: Path) -> Tally:
    os.environ["SYNSCENES_HOME"] = str(folder / "home")
    _limit_memory()
    whole = entry.files()
    counts, bad = Counter(), []
    for case in range(-1, cases):
        at.write_text(str(case))
        rng = random.Random(f"{entry.name} {seed} {case}")
        place = folder / "case-files"
        for name, content in whole.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        if case >= 0:  # the first run is on whole files, or a typo here would pass for a refusal
            name = rng.choice(list(entry.spoil))
            (place / name).write_bytes(spoiled(whole[name], entry.spoil[name], rng))
        outcome, line = _outcome(entry, place)
        if case < 0 and outcome != "read":
            raise AssertionError(f"{entry.name} does not read its whole files: {line}")
        counts[outcome] += case >= 0
        if outcome not in ("read", "refused") and len(bad) < 5:
            bad.append(f"{entry.name}, case {case}: {outcome}: {line}")
    return Tally(entry.name, cases, dict(counts), bad)


def _limit_memory() -> None:
    """A file of a few bytes must not make anything ask for gigabytes; here that becomes a MemoryError."""
    if sys.platform == "linux":
        import resource

        import psutil

        most = psutil.Process().memory_info().vms + MOST_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


class _Slow(BaseException):
    pass


def _too_slow(*_: Any) -> None:
    raise _Slow


def _outcome(entry: Entry, place: Path) -> tuple[str, str]:
    from synscenes.errors import CourseError

    signal.signal(signal.SIGVTALRM, _too_slow)
    signal.setitimer(signal.ITIMER_VIRTUAL, SLOW_S)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            entry.read(place)
        return "read", ""
    except (CourseError, ValueError) as error:
        text = str(error).replace(str(place), "")
        plain = isinstance(error, CourseError) or type(error) is ValueError
        if not plain or "\n" in text or len(text) > LONGEST or not text:
            return "badly told", f"{type(error).__name__}: {text[:200]!r} {_where(error)}"
        return "refused", text
    except _Slow:
        return "slow", f"more than {SLOW_S} s"
    except BaseException as error:
        return "error", f"{type(error).__name__}: {str(error)[:200]!r} {_where(error)}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "synscenes" in frame.filename]
    return f"({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""


def main(arguments: list[str] | None = None) -> int:
    """``python -m hostile.run [--cases N] [--seed N] [--json FILE] [entry ...]`` in the folder tests."""
    import argparse

    parser = argparse.ArgumentParser(prog="hostile.run", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="entry", help=", ".join(entry.name for entry in ENTRIES))
    parser.add_argument("--cases", type=int, default=1000, help="spoiled files for each (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the counts to this file, which the website's page shows")
    options = parser.parse_args(arguments)
    tallies = []
    for name in options.names or [entry.name for entry in ENTRIES]:
        [tally] = run(options.cases, options.seed, [name])
        print(f"{tally.name:32} {tally.cases:6} cases  {tally.counts}", flush=True)
        for line in tally.bad:
            print(f"    {line}", flush=True)
        tallies.append(tally)
    if options.json:
        _keep(options.json, tallies)
    return 1 if any(tally.bad for tally in tallies) else 0


def _keep(path: Path, tallies: list[Tally]) -> None:
    """Write the tallies in the entries' order; those of entries that did not run this time stay as they are."""
    kept = {each["name"]: each for each in json.loads(path.read_text(encoding="utf-8"))} if path.exists() else {}
    kept |= {tally.name: tally.__dict__ for tally in tallies}
    content = [{**kept[entry.name], "what": entry.what} for entry in ENTRIES if entry.name in kept]
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
