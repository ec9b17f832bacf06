"""A program forked from a warm Python sees what it would see in a fresh one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import nbformat
import pytest

from synscenes.authoring.cost import measured
from warm.start import AVAILABLE, command, kernel

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="forking after imports is sound on Linux only")

LOOK = """
import json, os, random, socket, sys, tempfile
import numpy
try:
    socket.create_connection(("192.0.2.1", 9), timeout=1)
except OSError as error:
    refused = str(error)
seen = {"cwd": os.getcwd(), "env": os.environ.get("SHELF"), "home": os.environ.get("HOME"), "argv": sys.argv[1:],
        "temp": tempfile.gettempdir(), "refused": refused, "warm": "torch" in sys.modules,
        "bytecode": sys.dont_write_bytecode, "random": [random.random(), numpy.random.random()],
        "read": sys.stdin.read()}
print(json.dumps(seen))
sys.exit(7)
"""


@pytest.fixture
def look(tmp_path, warm_folder, root):
    script = tmp_path / "look.py"
    script.write_text(LOOK, encoding="utf-8")
    (tmp_path / "temp").mkdir()
    offline = str(root / "utils" / "synscenes" / "offline")

    def run():
        finished = subprocess.run(
            [*command(warm_folder), str(script), "one", "två"],
            env={**os.environ, "SHELF": "books", "TMPDIR": str(tmp_path / "temp"), "PYTHONPATH": offline,
                 "SYNSCENES_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=tmp_path, input="hej", capture_output=True, text=True,
        )  # fmt: skip
        assert finished.returncode == 7, finished.stderr
        return json.loads(finished.stdout)

    return run


def test_folder_environment_input_and_network_are_its_own(look, tmp_path):
    seen, again = look(), look()
    assert seen["cwd"] == str(tmp_path) and seen["temp"] == str(tmp_path / "temp") and seen["env"] == "books"
    assert seen["argv"] == ["one", "två"] and seen["read"] == "hej" and seen["warm"] and seen["bytecode"]
    assert seen["home"] == os.environ.get("HOME")
    assert "the network is cut here" in seen["refused"]
    assert not set(seen["random"]) & set(again["random"]), "a copy must not inherit the state of random generators"


def test_signals_reach_it_and_a_killed_caller_takes_it_along(tmp_path, warm_folder):
    script, begun = tmp_path / "wait.py", tmp_path / "begun"
    script.write_text(f"import os, time\nopen({str(begun)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n")
    for number in (signal.SIGINT, signal.SIGKILL):
        begun.unlink(missing_ok=True)
        caller = subprocess.Popen([*command(warm_folder), str(script)], stderr=subprocess.PIPE)
        while not (begun.exists() and begun.read_text()):
            assert caller.poll() is None
            time.sleep(0.02)
        pid = int(begun.read_text())
        caller.send_signal(number)
        caller.wait(60)
        end = time.monotonic() + 60
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
            time.sleep(0.02)
        assert not os.path.exists(f"/proc/{pid}")


def test_a_notebook_is_executed_as_in_a_fresh_kernel_and_its_cost_is_told(tmp_path, warm_folder):
    """The loose figure matters: a test of the lessons looks for figures without alt text."""
    import papermill

    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    code += "\nheld = bytearray(200_000_000)\nsum(range(10**7))"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code), nbformat.v4.new_code_cell("_ = 1 / 1")])
    nbformat.write(notebook, tmp_path / "in.ipynb")
    with measured() as cost:
        papermill.execute_notebook(
            str(tmp_path / "in.ipynb"), str(tmp_path / "out.ipynb"), kernel_name=kernel(warm_folder), progress_bar=False
        )
    outputs = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[0].outputs
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert cost.cpu_s > 0.1 and cost.peak_mb > 200 and cost.reference_s > 0
