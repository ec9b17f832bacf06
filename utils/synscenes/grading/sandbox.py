"""One submitted answer behind a wall, as the judge holds it: start it, ask it, watch it, end it."""

from __future__ import annotations

import builtins
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synscenes.grading import channel, plain, walls

OURS = "course"  # the diagnosis of a failure that is not the answer's
PREPARE_S = 120.0  # for the course's own statements: they may load WordNet, or import torch on a busy machine
MOST_PROCESSES = 32


@dataclass(frozen=True)
class Limits:
    """What one answer may use: seconds in all, megabytes of memory beyond what Python and its imports hold."""

    seconds: int = 20
    memory_mb: int = 1000
    file_mb: int = 16


class Crash(BaseException):
    """The answer's process is gone or was ended. No ``except Exception`` of a check takes it for a wrong answer."""


class Refused(Exception):
    """What an answer raised, where no builtin exception has that name."""


class Sandbox:
    """A context manager round one worker process. ``seconds`` of the limits run from ``answer`` to the end."""

    def __init__(self, limits: Limits, kind: str, hidden: list[str]) -> None:
        self.limits, self.kind, self.hidden = limits, kind, hidden
        self._deadline = 0.0

    def __enter__(self) -> Sandbox:
        self.folder = Path(tempfile.mkdtemp(prefix="synscenes-grade-"))
        if walls.is_root():
            os.chown(self.folder, walls.NOBODY, walls.NOBODY)
        wall = walls.wall(self.kind, self.folder)
        self._process = subprocess.Popen(
            [*wall.command, "-m", "synscenes.grading.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=wall.environment(), cwd=self.folder, start_new_session=True,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self, statements: list[str], modules: list[str]) -> None:
        """Run the course's own statements; raises Crash when they fail."""
        self._deadline = time.monotonic() + PREPARE_S
        reply = self._ask({"do": "prepare", "statements": statements, "modules": modules})
        if "raised" in reply:
            raised = reply["raised"]
            raise Crash(
                f"The lesson's own code failed here ({raised['type']}: {raised['message']}); tell your teacher."
            )

    def answer(self, code: str, expressions: list[str]) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Run the submitted code; return a description of each thing the check asks for, or what was raised."""
        self._deadline = time.monotonic() + self.limits.seconds
        reply = self._ask(
            {
                "do": "answer", "code": code, "answers": expressions, "hidden": self.hidden,
                "seconds": self.limits.seconds, "memory_mb": self.limits.memory_mb, "file_mb": self.limits.file_mb,
                "processes": self._allowed_processes(),
            }
        )  # fmt: skip
        return reply.get("answers", []), reply.get("raised")

    def call(self, which: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call the answer's function; raises what it raised, or Crash.

        What it does to a list, dict, set or array among the arguments is done to ``arguments`` here too, and what it
        writes to a file that a path among them names is written there.
        """
        files = {place: _file(path) for place, path in enumerate(arguments) if isinstance(path, Path)}
        sent = [None if place in files else value for place, value in enumerate(arguments)]
        reply = self._ask({"do": "call", "which": which, "arguments": sent, "named": named, "files": files})
        if "raised" in reply:
            raise as_exception(reply["raised"])
        for place in files:
            _write_back(arguments[place], files[place][1], (reply.get("files") or {}).get(place))
        for here, there in zip(arguments, reply.get("arguments") or []):
            _change(here, there)
        return reply.get("value")

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            channel.send(self._process.stdin.fileno(), plain.dumps(message))
            reply = plain.loads(
                channel.receive(self._process.stdout.fileno(), channel.LARGEST, self._deadline, self._watch)
            )
        except channel.Late:
            if message["do"] == "prepare":
                raise Crash(f"The lesson's own code took longer than {PREPARE_S:g} s; tell your teacher.") from None
            raise Crash(
                f"It took longer than {self.limits.seconds} seconds: is there a loop that never ends?"
            ) from None
        except channel.Closed:
            raise Crash(self._how_it_ended()) from None
        except (channel.TooLarge, plain.NotPlain):
            raise Crash("What it returned is too large, or no plain value.") from None
        if not isinstance(reply, dict):
            raise Crash("What it returned is no plain value.")
        if isinstance(reply.get("raised"), dict) and reply["raised"].get("type") == "TooLarge":
            raise Crash(f"What it returned is larger than {channel.LARGEST // 1_000_000} MB.")
        return reply

    def _watch(self) -> None:
        """End the answer when its processes are too many, or too large together (the limits are for each)."""
        running, held = 0, 0
        for process in self._family():
            try:
                held += process.memory_info().rss
                running += 1
            except Exception:
                continue
        if running > MOST_PROCESSES:
            raise Crash("It started too many processes.")
        if held > (2 * self.limits.memory_mb + 1000) * 1e6:
            raise Crash(f"It used more than {self.limits.memory_mb} MB of memory.")
        if self.kind != "bubblewrap" and _size(self.folder) > walls.WRITABLE_MB * 1e6:
            raise Crash(f"It wrote more than {walls.WRITABLE_MB} MB of files.")

    def _family(self) -> list[Any]:
        import psutil

        # Orphans of the answer become children of a judge that adopts them; otherwise they stay below the wall.
        try:
            return psutil.Process(None if adopting else self._process.pid).children(recursive=True)
        except psutil.Error:
            return []

    def _allowed_processes(self) -> int:
        """The system counts all of a user's threads; behind most walls the answer has a user of its own."""
        if self.kind != "process" or walls.is_root():
            return MOST_PROCESSES
        import psutil

        mine = os.getuid()
        threads = [p.info["num_threads"] or 0 for p in psutil.process_iter(["uids", "num_threads"])
                   if p.info["uids"] and p.info["uids"].real == mine]  # fmt: skip
        return sum(threads) + MOST_PROCESSES

    def _how_it_ended(self) -> str:
        try:
            status = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "It closed its connection."
        number = -status if status < 0 else status - 128 if status > 128 else 0
        if number in (signal.SIGXCPU, signal.SIGKILL):
            return f"It was ended: more than {self.limits.seconds} seconds of computing, or too much memory."
        if number:
            return f"Python itself broke down ({_signal_name(number)})."
        return "It ended Python (os._exit or the like): a function must return."

    def _end(self) -> None:
        """Kill the process, its group, and all that descends from it, wherever that moved."""
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for _ in range(100):
            family = self._family()
            for process in family:
                with contextlib.suppress(Exception):
                    process.kill()
            if self._process.poll() is not None and not family:
                break
            if adopting:
                _bury(self._process.pid)
            time.sleep(0.01)
        self._process.wait()


adopting = False


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it (Linux), so that none escapes the end of a sandbox.

    For a process whose only children are sandboxes: a judge.
    """
    global adopting
    if sys.platform != "linux":
        return
    import ctypes

    set_child_subreaper = 36
    adopting = ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) == 0


def _bury(wall: int) -> None:
    """Take leave of dead children, but of the wall's own process, whose status is still asked for."""
    import psutil

    for process in psutil.Process().children():
        if process.pid != wall:
            with contextlib.suppress(OSError):
                os.waitpid(process.pid, os.WNOHANG)


def _file(path: Path) -> tuple[str, bytes | None]:
    return path.name, path.read_bytes() if path.is_file() else None


def _write_back(path: Path, before: bytes | None, after: Any) -> None:
    if isinstance(after, bytes) and after != before:
        path.write_bytes(after)
    elif after is None and before is not None:
        path.unlink()


def _change(here: Any, there: Any) -> None:
    """Make a container hold what its copy on the other side holds; other values cannot change."""
    if isinstance(here, list) and isinstance(there, list):
        here[:] = there
    elif isinstance(here, (dict, set)) and type(there) is type(here):
        here.clear()
        here.update(there)
    elif hasattr(here, "dtype") and getattr(there, "shape", None) == here.shape and there.dtype == here.dtype:
        here[...] = there


def as_exception(raised: dict[str, Any]) -> Exception:
    """Return an exception with the name and message of what an answer raised; one of the builtin kinds, or Refused."""
    kind = getattr(builtins, str(raised.get("type")), None)
    message = str(raised.get("message", ""))
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:
            pass  # UnicodeDecodeError and its like want more than a message
    return type(str(raised.get("type")) or "Exception", (Refused,), {})(message)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _size(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size
            except OSError:
                continue
    return total
