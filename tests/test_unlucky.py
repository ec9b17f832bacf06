"""A full disk, a folder nobody may write to, strange paths, a wrong clock, two at once, Ctrl-C: a line, nothing lost.

With SYNSCENES_ROBUSTNESS=FILE the counts of what was tried are written to FILE, for the website's page.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from hostile.entries import _json, _png, document
from synscenes.errors import CourseError

TRIED: Counter[str] = Counter()
posix = pytest.mark.skipif(os.name != "posix", reason="signals and these paths are POSIX's")


@pytest.fixture(autouse=True, scope="module")
def told():
    yield
    if path := os.environ.get("SYNSCENES_ROBUSTNESS"):
        rows = [{"what": what, "tries": tries} for what, tries in TRIED.items()]
        Path(path).write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"{number}.png").write_bytes(_png())
    return folder


# --------------------------------------------------------------------------------- writers, and disks that refuse


def write_coco(folder: Path, photographs: Path) -> None:
    from synscenes import coco

    coco.save(document(), folder / "saved.json")


def write_conversion(kind: str):
    def write(folder: Path, photographs: Path) -> None:
        from synscenes import conversion

        conversion.write(document(), folder / kind, kind, photographs)

    write.__name__ = f"write_{kind}"
    return write


def write_annotator(folder: Path, photographs: Path) -> None:
    from synscenes.annotator.book import Book

    book = Book(folder / "mine.json", photographs, [{"id": 1, "name": "person"}])
    book.add(1, 1, [[2, 2], [10, 12 + len(book.of_image(1))]], "box")  # the same stroke again writes nothing


def write_checkpoint(folder: Path, photographs: Path) -> None:
    import torch

    from synscenes.train import checkpoint

    checkpoint.write(folder / "last.pt", {"model": torch.zeros(4)})


def write_panoptic(folder: Path, photographs: Path) -> None:
    import numpy as np

    from synscenes.panoptic.ids import write_png

    write_png(folder / "1.png", np.full((8, 8), 300))


WRITERS = [
    write_coco, write_conversion("yolo"), write_conversion("voc"), write_conversion("labelme"), write_annotator,
    write_checkpoint, write_panoptic,
]  # fmt: skip


def refuse(reason: int):
    def refuses(*_, **__):
        raise OSError(reason, os.strerror(reason))

    return refuses


def one_line(error: BaseException) -> bool:
    text = str(error)
    return isinstance(error, (CourseError, OSError)) and "\n" not in text and len(text) < 500


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO], ids=errno.errorcode.get)
def test_a_disk_that_refuses_is_told_in_a_line_and_the_old_files_stay(
    writer, reason, tmp_path, photographs, monkeypatch
):
    folder = tmp_path / "out"
    writer(folder, photographs)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert before
    monkeypatch.setattr(os, "fsync", refuse(reason))
    with pytest.raises((CourseError, OSError)) as caught:
        writer(folder, photographs)
    assert one_line(caught.value) and os.strerror(reason) in str(caught.value)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before, (
        "nothing new, nothing lost"
    )
    TRIED["a disk that is full, read-only, over quota, or broken, under everything that writes"] += 1


@posix
def test_a_real_limit_on_file_size_is_told_in_a_line(tmp_path):
    """What a full disk does to plain writes, too: the kernel refuses in the middle of a file."""
    program = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
from pathlib import Path
from synscenes import coco
from synscenes.errors import CourseError
from hostile.entries import document
try:
    coco.save({**document(), "more": "x" * 5000}, Path(sys.argv[1]) / "a.json")
except (CourseError, OSError) as error:
    print(error)
print(sorted(path.name for path in Path(sys.argv[1]).iterdir()))
"""
    finished = python("-c", program, str(tmp_path))
    lines = finished.stdout.splitlines()
    assert finished.returncode == 0 and "File too large" in lines[0] and lines[1] == "[]", (
        finished.stdout + finished.stderr
    )
    TRIED["a limit on the size of a file"] += 1


# --------------------------------------------------------------------------------------------- homes and paths


def python(*arguments: str, folder: Path | None = None, **environment: str | None) -> subprocess.CompletedProcess:
    """Run Python with changes to the environment (None takes a variable away)."""
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), **environment}
    variables = {name: value for name, value in variables.items() if value is not None}
    return subprocess.run([sys.executable, *arguments], env=variables, cwd=folder, capture_output=True, text=True)


NOTE = (
    "from synscenes import progress; progress.note_check('00-a', 'passed'); "
    "print(progress.load_progress()['checks'].get('00-a', {}).get('passed'))"
)


@posix
@pytest.mark.parametrize("home", ["/dev/null/home", "/proc/no/home", "/sys/home"])
def test_a_home_that_cannot_be_written_to_stops_no_lesson(home, root):
    noted = python("-c", NOTE, SYNSCENES_HOME=home, SYNSCENES_PROGRESS=None)
    assert noted.returncode == 0 and noted.stdout == "None\n"
    assert noted.stderr.startswith("Progress was not saved (") and noted.stderr.count("\n") == 1
    shown = python("-m", "synscenes", "progress", folder=root, SYNSCENES_HOME=home)
    assert shown.returncode == 0 and "Traceback" not in shown.stderr
    fetched = python("-m", "synscenes", "assets", "fetch", "wordnet", folder=root, SYNSCENES_HOME=home)
    assert fetched.returncode == 1 and fetched.stderr.count("\n") == 1 and "Traceback" not in fetched.stderr
    TRIED["a home folder that cannot be written to"] += 3


@posix
def test_without_a_home_the_users_own_is_found(root, tmp_path):
    shown = python("-c", "from synscenes.paths import home; print(home())", HOME=None, SYNSCENES_HOME=None)
    assert shown.returncode == 0 and shown.stdout.strip().endswith("synscenes")
    shown = python("-m", "synscenes", "progress", folder=root, HOME=None)
    assert shown.returncode == 0, shown.stderr
    TRIED["no HOME at all"] += 2


PLACES = [
    "with spaces",
    "Ünïcödé ñandú",
    "日本語 教室",
    "a'quote\"and$dollar",
    "percent%20and#hash",
    "-dash",
    "emoji 🐕",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids some of these names")
@pytest.mark.parametrize("name", PLACES)
def test_strange_paths_are_like_any_other(name, tmp_path, photographs, monkeypatch):
    from synscenes import coco, conversion, progress

    folder = tmp_path / name
    monkeypatch.setenv("SYNSCENES_HOME", str(folder / "home"))
    monkeypatch.setenv("SYNSCENES_PROGRESS", "on")
    for writer in WRITERS:
        writer(folder / writer.__name__, photographs)
    assert len(coco.load(folder / "write_coco" / "saved.json").annotations) == 4
    for kind in ("yolo", "voc", "labelme"):
        assert conversion.read(folder / f"write_{kind}" / kind, kind)["annotations"]
    progress.note_check("00-a", "passed")
    assert progress.load_progress()["checks"]["00-a"]["passed"]
    TRIED["spaces, accents, other scripts, quotes and dashes in paths"] += len(WRITERS) + 5


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "POSIX"}]
)
def test_a_terminal_that_knows_ascii_only(variables, tmp_path, root):
    path = tmp_path / "日本語 Ünïcödé.json"
    path.write_bytes(_json({**document(), "annotations": [{"id": "é"}]}))
    finished = python("-m", "synscenes", "validate", str(path), folder=root, **variables)
    assert finished.returncode == 1 and "Traceback" not in finished.stderr and finished.stdout
    shown = python("-m", "synscenes", "progress", folder=root, SYNSCENES_HOME=str(tmp_path / "日本"), **variables)
    assert shown.returncode == 0, shown.stderr
    TRIED["a terminal that knows ASCII only"] += 2


# -------------------------------------------------------------------------------------------- others, and clocks


def test_several_notebooks_at_once_lose_no_progress(tmp_path):
    program = """
import sys
from synscenes import progress
for number in range(8):
    progress.note_check(f"{sys.argv[1]}-{number}", "mistake")
    progress.note_check("shared", "mistake")
"""
    variables = {**os.environ, "SYNSCENES_HOME": str(tmp_path), "SYNSCENES_PROGRESS": "on"}
    running = [subprocess.Popen([sys.executable, "-c", program, str(n)], env=variables) for n in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    kept = json.loads((tmp_path / "progress.json").read_text(encoding="utf-8"))["checks"]
    assert kept["shared"]["tries"] == 24 and len(kept) == 25
    TRIED["several processes writing one progress file"] += 48


@pytest.mark.parametrize("year", [1971, 2099])
def test_a_wrong_clock_changes_nothing(year, tmp_path, monkeypatch, sample_root):
    """Nothing is decided by times of files: a clock that ran wrong once must not make one stale, or fresh, for ever."""
    from synscenes import lab, progress
    from synscenes.authoring import build

    stamp = time.mktime((year, 1, 1, 0, 0, 0, 0, 0, -1))

    def backdate(folder: Path) -> None:
        for path in [folder, *folder.rglob("*")]:
            os.utime(path, (stamp, stamp))

    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SYNSCENES_PROGRESS", "on")
    progress.note_check("00-a", "passed")
    build.build(sample_root)
    lab.prepare(sample_root, tmp_path / "work")
    backdate(tmp_path)
    progress.note_check("00-b", "mistake")
    assert set(progress.load_progress()["checks"]) == {"00-a", "00-b"}
    assert build.outdated(sample_root) == []
    assert lab.prepare(sample_root, tmp_path / "work") == []
    TRIED["files from the past and from the future"] += 4


# ------------------------------------------------------------------------------------------------------- Ctrl-C

# The marker comes from inside the program, as near to it as can be: before it, Ctrl-C is Python's to answer.
READY = """
import sys
from {module} import main

def ready():
    print("ready", flush=True)
    return sys.argv[1:]

try:
    status = main(ready())
except KeyboardInterrupt:
    print("outside", file=sys.stderr)
    status = 130
sys.exit(status)
"""


def interrupted(module: str, arguments: list[str], wait: float, **environment: str) -> tuple[int, str]:
    """Start a command, press Ctrl-C after ``wait`` seconds, and return its exit status and what it said."""
    variables = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-c", READY.format(module=module), *arguments]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(wait)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=300)
    return process.returncode, errors


@posix
@pytest.mark.parametrize("case", range(3))
def test_ctrl_c_while_checking_a_file(case, tmp_path):
    large = document()
    large["annotations"] = [{**large["annotations"][1], "id": n} for n in range(1, 40_000)]
    (tmp_path / "large.json").write_bytes(_json(large))
    wait = random.Random(case).uniform(0, 0.8)
    status, errors = interrupted("synscenes.__main__", ["validate", str(tmp_path / "large.json")], wait)
    # 1: it was done before, and had found problems. "outside": it had not begun, or was done.
    assert (status, errors) in ((130, "synscenes validate: stopped.\n"), (130, "outside\n"), (0, ""), (1, ""))
    TRIED["Ctrl-C at a random moment: checking a file"] += 1


@posix
@pytest.mark.parametrize("case", range(2))
def test_ctrl_c_while_drawing_scenes_leaves_no_half_dataset(case, tmp_path):
    wait = random.Random(case).uniform(0.3, 2)
    program = "synscenes.__main__"
    home = {"SYNSCENES_HOME": str(tmp_path)}
    from synscenes.paths import home as usual

    for entry in ("assets",):
        if (usual() / entry).is_dir():
            (tmp_path / entry).symlink_to(usual() / entry)
    status, errors = interrupted(program, ["assets", "fetch"], wait, **home)
    assert "Traceback" not in errors and status in (130, 0, 1), (status, errors)
    made = [path for path in tmp_path.iterdir() if path.name.startswith("micro-coco") and path.is_dir()]
    assert status == 0 or not made, "a dataset under its own name must be whole"
    TRIED["Ctrl-C at a random moment: drawing micro-COCO"] += 1
