"""Hostile answers, behind the strongest wall this machine gives: none earns a point, none does harm."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from synscenes.__main__ import main
from synscenes.grading import marking, walls
from synscenes.grading.bench import Judge
from synscenes.grading.sandbox import Limits, Sandbox

ROOT = Path(__file__).resolve().parents[1]
RIGHT = "def to_wnid(offset):\n    return f'n{offset:08d}'"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="submitted code is graded on Unix only")


@pytest.fixture(scope="module")
def judge():
    one = Judge()
    yield one
    one.close()


def verdict_on(judge, code, kind=None, seconds=6, exercise="02-wnid", answer="to_wnid", **limits) -> dict:
    job = {
        "exercise": exercise, "code": code, "course": [], "answers": [answer], "kind": kind or walls.strongest(),
        "hidden": list(marking.hidden_from_answers(ROOT)),
        "limits": {"seconds": seconds, "memory_mb": 300, "file_mb": 16} | limits,
    }  # fmt: skip
    return judge.ask(job)


@pytest.mark.parametrize("kind", walls.KINDS)
def test_a_right_answer_passes_behind_every_wall(judge, kind):
    if not walls.works(kind):
        pytest.skip(f"this machine has no wall of the kind {kind}")
    assert verdict_on(judge, RIGHT, kind)["verdict"] == "passed"


FORGERIES = {
    "a check of its own": "def check(*a): print('passed')\nrecord = reveal = check\ndef to_wnid(o): return 0",
    "an object that equals everything": (
        "class Yes(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\n"
        "def to_wnid(o): return Yes('no')"
    ),
    "the checks replaced": (
        "import synscenes.checks as c\nc.run_check = c.call = lambda *a, **k: 'passed'\n"
        "c._EXERCISES['02-wnid'] = lambda f: 'Right'\ndef to_wnid(o): return 0"
    ),
    "a printed verdict": (
        'import sys\nprint(\'{"verdict": "passed", "diagnosis": null, "message": ""}\', flush=True)\n'
        "def to_wnid(o):\n    sys.stdout.write('passed'); return 0"
    ),
    "a verdict written to every handle": (
        'import os, struct\nm = b\'{"verdict": "passed", "diagnosis": null, "message": ""}\\n\'\n'
        "for h in range(1, 20):\n    try: os.write(h, struct.pack('>I', len(m)) + m)\n    except OSError: pass\n"
        "def to_wnid(o): return 0"
    ),
    "the worker's own tools replaced": (
        'import synscenes.grading.plain as p\np.dumps = lambda value: b\'{"t": "passed"}\'\ndef to_wnid(o): return 0'
    ),
    "the checks read": (
        "import importlib\nm = importlib.import_module('synscenes.checks.lesson_02')\n"
        "def to_wnid(o): return f'n{o:08d}'"
    ),
    "the solution read": (
        f"text = open({str(ROOT / 'course' / 'lessons' / '02_wordnet_hierarchy.md')!r}).read()\n"
        "def to_wnid(o): return f'n{o:08d}'"
    ),
    "the caller's frames searched": (
        "import sys\ndef to_wnid(o):\n    f = sys._getframe()\n    while f:\n"
        "        if 'expected' in f.f_locals: return f.f_locals['expected']\n        f = f.f_back\n    return 0"
    ),
}


@pytest.mark.parametrize("code", FORGERIES.values(), ids=FORGERIES)
def test_forgery_earns_nothing(judge, code):
    assert verdict_on(judge, code)["verdict"] in ("mistake", "crashed")


STOPPED = {
    "an endless loop": ("def to_wnid(o):\n    while True: pass", "longer than 2 seconds"),
    "a loop that catches everything": (
        "def to_wnid(o):\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass", "seconds",
    ),
    "a sleeper": ("import time\ntime.sleep(1000)", "longer than 2 seconds"),
    "os._exit": ("import os\ndef to_wnid(o): os._exit(0)", "ended Python"),
    "a crash of the interpreter": ("import faulthandler\nfaulthandler._sigsegv()", "broke down"),
    "sys.exit": ("import sys\nsys.exit(0)", "SystemExit"),
    "a syntax error": ("def to_wnid(o:\n    pass", "SyntaxError"),
    "a memory eater": ("x = []\nwhile True: x.append(bytearray(10**7))", "MemoryError"),
    "a huge file": ("with open('x', 'wb') as f:\n    for _ in range(1000): f.write(bytes(10**6))", "Error"),
    "a huge answer": ("def to_wnid(o): return 'n' * 10**7", "8 MB"),
    "endless output": ("while True: print('x' * 10**6)", "longer than 2 seconds"),
    "a thousand threads": (
        "import threading, time\nfor _ in range(1000): threading.Thread(target=time.sleep, args=(60,)).start()",
        "thread",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "told"), STOPPED.values(), ids=STOPPED)
def test_what_does_not_end_is_ended_and_told(judge, code, told):
    begun = time.monotonic()
    found = verdict_on(judge, code, seconds=2)
    assert found["verdict"] == "crashed" and told in found["message"], found
    assert "\n" not in found["message"] and len(found["message"]) < 400
    assert time.monotonic() - begun < 60


def test_an_endless_iterator_comes_to_an_end(judge):
    found = verdict_on(judge, "import itertools\ndef to_wnid(o): return itertools.count()", seconds=2)
    assert found["verdict"] == "crashed" or "MemoryError" in found["message"]


REFUSED = {
    "fork": "os.fork()",
    "a program": "subprocess.run(['/bin/sh', '-c', 'true'])",
    "a shell": "os.system('true')",
    "the network": "socket.create_connection(('192.0.2.1', 80), 1)",
    "a name": "socket.getaddrinfo('example.org', 80)",
    "a server": "socket.socket().bind(('127.0.0.1', 0))",
    "killing the parent": "os.kill(os.getppid(), 9)",
    "its limits": "resource.setrlimit(resource.RLIMIT_CPU, (10**6, 10**6))",
    "native code": "ctypes.CDLL(None).fork()",
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_no_answer_needs_is_refused(judge, call):
    found = verdict_on(judge, f"import ctypes, os, resource, socket, subprocess\n{call}\n{RIGHT}")
    assert found["verdict"] == "crashed" and "Error" in found["message"], found


ROUNDABOUT = {
    "through /proc": "open('/proc/self/root' + {path!r})",
    "from a folder's handle": "os.open({relative!r}, os.O_RDONLY, dir_fd=os.open({root!r}, os.O_RDONLY))",
    "by an object": "io.FileIO(pathlib.Path({path!r}))",
}


@pytest.mark.parametrize("call", ROUNDABOUT.values(), ids=ROUNDABOUT)
def test_a_hidden_file_is_hidden_from_every_side(judge, call):
    if "/proc" in call and not Path("/proc/self/root").exists():
        pytest.skip("this system has no /proc")
    path = next(path for path in map(Path, marking.hidden_from_answers(ROOT)) if path.is_dir())
    path = next(each for each in sorted(path.rglob("*")) if each.is_file())
    call = call.format(path=str(path), relative=str(path.relative_to(ROOT)), root=str(ROOT))
    found = verdict_on(judge, f"import io, os, pathlib\n{call}\n{RIGHT}", kind="process")
    assert found["verdict"] == "crashed" and "PermissionError" in str(found)


def test_nothing_outside_is_written_moved_or_removed(judge, tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    os.chmod(tmp_path, 0o777)
    os.chmod(precious, 0o666)
    tries = [
        f"open({str(precious)!r}, 'w').write('yours')",
        f"os.remove({str(precious)!r})",
        f"shutil.rmtree({str(tmp_path)!r})",
        f"os.rename({str(precious)!r}, 'x')",
        f"os.symlink({str(tmp_path)!r}, 'door'); open('door/precious.txt', 'a').write('yours')",
        f"open({str(tmp_path / 'new')!r}, 'x')",
    ]
    lines = "\n".join(f"try:\n    {line}\nexcept Exception: pass" for line in tries)
    found = verdict_on(judge, f"import os, shutil\n{lines}\n{RIGHT}")
    assert found["verdict"] == "passed"  # the attempts fail, and the answer is right
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"] and precious.read_text() == "mine"


def test_an_answer_may_use_its_own_folder_and_it_is_gone_afterwards(monkeypatch):
    code = f"import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b'x')\nopen('note', 'w').write('x')\n{RIGHT}"
    place = Path(tempfile.mkdtemp(prefix="synscenes-test-"))
    place.chmod(0o711)  # the answer may run as nobody
    monkeypatch.setenv("TMPDIR", str(place))
    one = Judge()
    try:
        assert verdict_on(one, code)["verdict"] == "passed"
        assert not list(place.glob("synscenes-grade-*"))
    finally:
        one.close()
        shutil.rmtree(place)


@pytest.mark.parametrize("kind", walls.KINDS)
def test_grandchildren_die_with_the_sandbox(kind):
    if not walls.works(kind):
        pytest.skip(f"this machine has no wall of the kind {kind}")
    token = f"synscenes-grandchild-{os.getpid()}"
    # A statement of the course's side runs before the guard stands: it can do what a break-out would.
    start = (
        "import os\nfor _ in range(3):\n    if os.fork() == 0:\n"
        f"        os.execv('/bin/sleep', ['{token}', '300'])"
    )  # fmt: skip
    with Sandbox(Limits(5), kind, []) as sandbox:
        sandbox.prepare([start], [])
        assert _running(token) == 3
    for _ in range(50):
        if not _running(token):
            break
        time.sleep(0.1)
    assert _running(token) == 0


def _running(token: str) -> int:
    count = 0
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        count += bool(line) and line[0] == token and process.info["status"] != psutil.STATUS_ZOMBIE
    return count


def test_a_process_bomb_is_ended(monkeypatch):
    """The guard refuses fork; were it broken, the watch would see the processes. Twelve stand for thousands."""
    from synscenes.grading import sandbox

    monkeypatch.setattr(sandbox, "MOST_PROCESSES", 10)
    bomb = "import os, time\nfor _ in range(12):\n    if os.fork() == 0: time.sleep(30); os._exit(0)\ntime.sleep(30)"
    with sandbox.Sandbox(Limits(5), walls.strongest(), []) as one, pytest.raises(sandbox.Crash, match="too many"):
        one.prepare([bomb], [])


# The whole command


def test_grades_a_folder_and_keeps_what_has_not_changed(tmp_path, capsys):
    folder = tmp_path / "handed in"
    content = json.loads((ROOT / "notebooks" / "02_wordnet_hierarchy.ipynb").read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in content["cells"]}

    def hand_in(student: str, **changes: str) -> None:
        for identifier, text in changes.items():
            cells[identifier.replace("_", "-")]["source"] = text
        (folder / student).mkdir(parents=True)
        (folder / student / "02_wordnet_hierarchy.ipynb").write_text(json.dumps(content))

    hand_in("nobody")
    hand_in("Ada_7_assignsubmission_file_", **{"02_wnid_answer": RIGHT})
    hand_in("eve", **{"02_wu_palmer_answer": "import os\nos._exit(0)"})
    (folder / "broken.ipynb").write_text("{")
    assert main(["grade", str(folder), "--timeout", "5", "-j", "2"]) == 1
    out = tmp_path / "handed in-graded"
    printed = capsys.readouterr().out
    assert "Ada: lesson 02 1 of 8" in printed and "nobody: lesson 02 0 of 8" in printed
    assert "eve: lesson 02 1 of 8" in printed  # one exercise ended Python; the other's point stays
    assert "broken.ipynb: not a Jupyter notebook" in printed
    grades = {name: (out / name).read_text() for name in ("grades.csv", "exercises.csv", "moodle.csv", "summary.html")}
    assert "eve,,02-wu-palmer,apply,stopped,stopped,0,2" in grades["exercises.csv"]
    assert "Participant 7,Ada,1,8" in grades["moodle.csv"]
    kept = sorted((out / "kept").iterdir())
    stamps = [path.stat().st_mtime_ns for path in kept]
    assert len(kept) == 3
    (folder / "broken.ipynb").unlink()
    assert main(["grade", str(folder), "--timeout", "5"]) == 0
    assert "(3 unchanged, kept)" in capsys.readouterr().out
    assert [path.stat().st_mtime_ns for path in kept] == stamps
    assert (out / "exercises.csv").read_text() == grades["exercises.csv"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--lesson", "77"], "no lesson 77"),
        (["--timeout", "0"], "--timeout"),
        (["--memory", "1"], "--memory"),
        (["-j", "0"], "-j"),
        (["--out", "{folder}/grades"], "outside"),
    ],
)
def test_misuse_is_one_line(tmp_path, capsys, options, told):
    (tmp_path / "x.ipynb").write_text("{}")
    assert main(["grade", str(tmp_path), *(option.format(folder=tmp_path) for option in options)]) == 1
    error = capsys.readouterr().err.strip()
    assert told in error and "\n" not in error
