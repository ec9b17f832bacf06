"""The course in real JupyterLab: lesson 00 runs whole, and each widget answers mouse and keyboard."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest

import browsing
import widget_gallery
from browsing import Complaints, changes, drag, face, grave, tab_to

ROOT = Path(__file__).resolve().parents[1]
FIRST, GALLERY = "00_start_here.ipynb", "99_gallery.ipynb"
WORK = "work"
# All cells are in the page at once: JupyterLab otherwise takes out those that are scrolled away. And it asks nothing.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The course's own ``lab`` command on a folder of its own: (address, folder of the learner's copies)."""
    pytest.importorskip("playwright", reason="Playwright is not installed (the extra `test`)")
    if browsing.find_browser() is None:
        pytest.skip("no Chromium or Chrome on this machine")
    home = tmp_path_factory.mktemp("lab")
    course = home / "course folder"
    _lay_out(course)
    for name, content in SETTINGS.items():
        (home / "settings" / name).parent.mkdir(parents=True)
        (home / "settings" / name).write_text(json.dumps(content))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "synscenes", "lab", "--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    command += ["--IdentityProvider.token=", f"--LabApp.user_settings_dir={home / 'settings'}"]
    command += [f"--LabApp.workspaces_dir={home / 'workspaces'}"]
    own = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    with open(home / "log", "w", encoding="utf-8") as log:
        # A session of its own: JupyterLab and its kernels are below the command, and all are ended together.
        process = subprocess.Popen(
            command, cwd=course, env=os.environ | own, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, home / "log")
        yield address, course / "work"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def _lay_out(course: Path) -> None:
    """Make a course's folder with lesson 00, set to its smallest size, and a notebook with every widget."""
    (course / "notebooks").mkdir(parents=True)
    (course / "course").symlink_to(ROOT / "course", target_is_directory=True)
    text = (ROOT / "notebooks" / FIRST).read_text(encoding="utf-8")
    assert 'PROFILE = \\"laptop\\"' in text
    (course / "notebooks" / FIRST).write_text(text.replace('PROFILE = \\"laptop\\"', 'PROFILE = \\"smoke\\"'))
    first = f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\nimport widget_gallery"
    cells = [nbformat.v4.new_code_cell(first, id="first")]
    for name in widget_gallery.MAKE:
        cells.append(nbformat.v4.new_markdown_cell(f"## The widget {name}", id=f"h-{name}"))
        cells.append(nbformat.v4.new_code_cell(f"widget_gallery.make({name!r})", id=f"c-{name}"))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), course / "notebooks" / GALLERY)


def _wait_for(address: str, process: subprocess.Popen, log: Path, seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            urlopen(f"{address}/api/status", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"JupyterLab did not answer: {log.read_text()}")


@pytest.fixture(scope="module")
def browser(lab: Any) -> Iterator[Any]:
    with browsing.chromium() as running:
        yield running


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(120_000)
    yield context.new_page()
    context.close()


def run_all(page: Any, address: str, work: Path, name: str, seconds: float = 300) -> Any:
    """Open a notebook, choose Run All Cells from the menu, wait, save; return the notebook as it is on the disk."""
    page.goto(f"{address}/lab/workspaces/{name[:2]}/tree/{WORK}/{name}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    # Whoever runs a cell before the kernel is there is asked which kernel it shall be.
    page.wait_for_function("() => /\\| Idle/.test(document.querySelector('#jp-main-statusbar')?.innerText)")
    page.wait_for_timeout(2000)
    choose_run_all(page)
    end, waited = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        page.wait_for_timeout(1000)
        if page.locator(".jp-Dialog .jp-mod-accept").count():
            page.locator(".jp-Dialog .jp-mod-accept").click()
        prompts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-prompt").all_inner_texts()
        if all(any(sign.isdigit() for sign in prompt) for prompt in prompts):
            page.keyboard.press("Control+s")
            page.wait_for_function("() => !document.querySelector('.jp-mod-current.jp-mod-dirty')")
            page.wait_for_timeout(2000)
            return nbformat.read(work / name, as_version=4)
        waited = 0 if any("*" in prompt for prompt in prompts) else waited + 1
        if waited == 20:
            # JupyterLab may exchange a kernel just as it opens the notebook, and drops what waits for the first one.
            choose_run_all(page)
    raise AssertionError(f"{name} did not finish within {seconds:g} s")


def choose_run_all(page: Any) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()


def code_of(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def test_lesson_00_runs_whole_from_the_menu(lab: tuple[str, Path], page: Any) -> None:
    address, work = lab
    complaints = Complaints(page)
    notebook = run_all(page, address, work, FIRST)
    errors = [out.evalue for cell in code_of(notebook) for out in cell.outputs if out.output_type == "error"]
    assert errors == []
    pictures = page.locator(".jp-OutputArea-output figure.synscenes-figure img")
    assert pictures.count() >= 2
    assert all(len(alt) > 20 for alt in pictures.evaluate_all("all => all.map((each) => each.alt)"))
    assert page.locator(".jp-OutputArea-output .widget-checkbox").count() == 4, "the overlay is the live widget"
    assert [line for line in complaints.found if "another host" in line] == []


CLICK, SLIDE, DRAG, PICK = "click", "slide", "drag", "pick"
# For each live widget: the control to use, what the mouse does to it, and the keys once it has the focus. The key m,
# which chooses "million parameters" in a list, makes Markdown of a cell elsewhere in JupyterLab.
LIVE = {
    "Overlay": (".widget-checkbox input", CLICK, ["Space"]),
    "PredictionLab": (".noUi-target", SLIDE, ["ArrowLeft"]),
    "CorruptionLab": (".noUi-target", SLIDE, ["ArrowLeft"]),
    "HedgingSlider": (".noUi-target", SLIDE, ["ArrowLeft", "ArrowLeft"]),
    "HierarchyBrowser": ("button:has-text('Use as B')", CLICK, []),
    "LabelReview": ("button:has-text('Keep the label')", CLICK, ["Space"]),
    "Leaderboard": ("select", PICK, ["m"]),
    "OKSPlayground": (".noUi-target", SLIDE, ["ArrowLeft"]),
    "PrecisionRecall": (".noUi-target", SLIDE, ["ArrowLeft"]),
    "ThresholdSlider": (".noUi-target", SLIDE, ["ArrowLeft"]),
    "CocoExplorer": ("button:has-text('Next')", CLICK, ["Space"]),
    "Annotator": ("svg", DRAG, ["b", "Enter", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"]),
    "UseHelper": ("select", PICK, ["ArrowDown"]),
}


def test_each_widget_answers_mouse_and_keyboard_in_jupyterlab(lab: tuple[str, Path], page: Any) -> None:
    address, work = lab
    notebook = run_all(page, address, work, GALLERY)
    assert [out for cell in code_of(notebook) for out in cell.outputs if out.output_type == "error"] == []
    assert LIVE.keys() == widget_gallery.MAKE.keys()
    dead, cells = [], page.locator(".jp-Notebook .jp-Cell")
    for number, (name, (selector, deed, keys)) in enumerate(LIVE.items()):
        heading, root = cells.nth(1 + 2 * number), cells.nth(2 + 2 * number).locator(".jp-OutputArea")
        control = root.locator(selector).first
        control.scroll_into_view_if_needed()
        before = face(root)
        use_mouse(page, root, control, deed)
        if not changes(root, before):
            dead.append(f"{name}: the mouse moves nothing")
        heading.locator("h2").click()
        handle = control.locator(".noUi-handle").first if deed == SLIDE else control
        if not tab_to(page, handle):
            dead.append(f"{name}: Tab does not lead to it, or does not show it")
        before = face(root)
        for key in keys:
            page.keyboard.press(key)
        if keys and not changes(root, before):
            dead.append(f"{name}: the keys {keys} move nothing")
    search = page.locator(".jp-OutputArea input[placeholder^='dog, violin']")
    search.focus()
    page.keyboard.type("dog")
    page.locator(".jp-OutputArea button", has_text="a member of the genus Canis").first.wait_for()
    assert not dead, "\n".join(dead)
    assert grave(page, within=".jp-OutputArea-output") == []


def use_mouse(page: Any, root: Any, control: Any, deed: str) -> None:
    """Do to a control what a hand does: click it, click beside its slider's handle, draw on it, pick another entry."""
    if deed == CLICK:
        control.click()
    elif deed == SLIDE:
        box = control.bounding_box()
        page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    elif deed == PICK:
        control.select_option(index=2)
    else:
        drag(page, control, (25, 20))
