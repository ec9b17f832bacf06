"""The process that runs one submitted answer. It stands behind a wall and knows neither checks nor solutions.

It speaks with the judge through pipes, in plain data: get the course's statements ready, run the answer, then call
its function as often as asked. Whatever it says is only an answer; the verdict is made elsewhere.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from synscenes.grading import channel, plain

MEGABYTE = 1_000_000
_NO_PROGRAMS = (
    "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.kill", "os.killpg",
    "subprocess.Popen", "pty.spawn", "signal.pthread_kill", "resource.setrlimit", "resource.prlimit", "ctypes.dlopen",
    "ctypes.dlsym", "ctypes.dlsym/handle", "gc.get_objects", "gc.get_referrers",
)  # fmt: skip
_CHANGES = (
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "os.utime", "shutil.rmtree", "shutil.move", "os.setxattr", "os.chflags",
)  # fmt: skip


def main() -> None:
    """Serve one judge until it hangs up."""
    inward, outward = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nothing, handle)  # what an answer prints goes nowhere
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    answers: list[Any] = []
    try:
        while True:
            asked = plain.loads(channel.receive(inward, channel.LARGEST_CASE))
            reply = _reply(asked, namespace, answers)
            if len(reply) > channel.LARGEST:
                reply = plain.dumps({"raised": {"type": "TooLarge", "message": "", "line": None}})
            channel.send(outward, reply)
    except (channel.Closed, plain.NotPlain):
        os._exit(0)


def _reply(asked: dict[str, Any], namespace: dict[str, Any], answers: list[Any]) -> bytes:
    try:
        if asked["do"] == "prepare":
            _prepare(asked, namespace)
            reply: dict[str, Any] = {"ready": True}
        elif asked["do"] == "answer":
            _restrict(asked)
            _run(asked["code"], "answer", namespace)
            reply = {"answers": [_evaluate(text, namespace, answers) for text in asked["answers"]]}
        else:
            reply = _call(answers[asked["which"]], asked)
        return plain.dumps(reply)
    except BaseException as error:
        # SystemExit, KeyboardInterrupt and whatever else an answer raises: all are told, none ends the process.
        return plain.dumps({"raised": _told(error)})


def _call(function: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Call the answer's function; tell what it returned, and what it did to its arguments and to the files they name.

    A path among the arguments stands for a file of the check's: it is laid here, and comes back as it is then.
    """
    arguments, folder = asked["arguments"], ""
    if asked["files"]:
        import pathlib
        import tempfile

        folder = tempfile.mkdtemp(dir=os.getcwd())
        for place, (name, content) in asked["files"].items():
            arguments[place] = pathlib.Path(folder, name)
            if content is not None:
                arguments[place].write_bytes(content)
    before = plain.dumps(arguments)
    reply: dict[str, Any] = {"value": function(*arguments, **asked["named"])}
    if plain.dumps(arguments) != before:
        reply["arguments"] = arguments
    if folder:
        paths = {place: os.path.join(folder, name) for place, (name, _) in asked["files"].items()}
        reply["files"] = {place: _content(path) for place, path in paths.items()}
    return reply


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(channel.LARGEST)
    except OSError:
        return None


def _run(code: str, name: str, namespace: dict[str, Any]) -> None:
    exec(compile(code, name, "exec", dont_inherit=True), namespace)


def _prepare(asked: dict[str, Any], namespace: dict[str, Any]) -> None:
    import ctypes  # noqa: F401  (loads the C library, which is refused later)
    import random

    import numpy

    for name in asked["modules"]:
        try:
            __import__(name)
        except ImportError:
            continue  # the answer itself will meet the error, and be told
    for statement in asked["statements"]:
        _run(statement, "lesson", namespace)
    random.seed(0)
    numpy.random.seed(0)


def _evaluate(text: str, namespace: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    """Describe one thing that the check asks for; functions stay here and are called from there."""
    try:
        value = eval(text, namespace)
    except NameError:
        return {"kind": "missing"}
    answers.append(value)
    if callable(value):
        return {"kind": "function"}
    return {"kind": "value", "value": value}


def _told(error: BaseException) -> dict[str, Any]:
    """Type, message and line (of the submitted cell, where it has one) of an exception."""
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "answer":
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == "answer":
        line = error.lineno
    try:
        message = " ".join(str(error).split())[:300]
    except BaseException:
        message = ""
    return {"type": type(error).__name__[:80], "message": message, "line": line}


def _restrict(asked: dict[str, Any]) -> None:
    """Set limits that hold to the end of the process, then a hook that cannot be removed."""
    import resource

    def limit(name: str, most: int) -> None:
        number = getattr(resource, name, None)
        if number is None:
            return
        hard = resource.getrlimit(number)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (most, most))

    limit("RLIMIT_CORE", 0)
    limit("RLIMIT_CPU", asked["seconds"] + 1)
    limit("RLIMIT_FSIZE", asked["file_mb"] * MEGABYTE)
    limit("RLIMIT_NOFILE", 256)
    limit("RLIMIT_NPROC", asked["processes"])
    if sys.platform == "linux":
        limit("RLIMIT_AS", _mapped() + asked["memory_mb"] * MEGABYTE)
    sys.addaudithook(_hook(os.getcwd(), tuple(asked["hidden"])))


def _mapped() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _hook(writable: str, hidden: tuple[str, ...]) -> Any:
    """Return the audit hook: no programs, no sockets, no writing outside, no look at checks and solutions."""
    absolute, separator, forbidden, changes = os.path.realpath, os.sep, frozenset(_NO_PROGRAMS), frozenset(_CHANGES)
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    fsdecode, is_folder = os.fsdecode, os.path.isdir
    writable, hidden = absolute(writable), tuple(map(absolute, hidden))

    def under(path: Any, folder: str) -> bool:
        whole = absolute(fsdecode(path))
        return whole == folder or whole.startswith(folder + separator)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in forbidden:
            raise PermissionError(f"an answer may not do this here: {event}")
        if event.startswith("socket."):
            raise PermissionError(f"the network is cut here: {event}")
        if event == "open" and not isinstance(arguments[0], int):
            path, _, flags = arguments
            if not isinstance(path, (str, bytes)):  # FileIO tells of a path's object, which may change its mind later
                raise PermissionError("an answer names a file by its path")
            if is_folder(path) and not under(path, writable):  # names relative to a folder's handle are not seen here
                raise PermissionError("an answer may not open this folder")
            if any(under(path, name) for name in hidden):
                raise PermissionError("an answer may not read this file")
            if (flags or 0) & writing and not under(path, writable) and fsdecode(path) != "/dev/null":
                raise PermissionError("an answer may write only to its own folder")
        elif event in ("os.listdir", "os.scandir") and isinstance(arguments[0], (str, bytes)):
            if any(under(arguments[0], name) for name in hidden):
                raise PermissionError("an answer may not read this folder")
        elif event in changes:
            paths = [each for each in arguments if isinstance(each, (str, bytes))]
            if not all(under(path, writable) for path in paths):
                raise PermissionError("an answer may change only its own folder")

    return refuse


if __name__ == "__main__":
    main()
