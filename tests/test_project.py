"""The project's own files agree with each other and carry nothing private."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from synscenes.authoring.source import lesson_paths, read_lesson

CONDA_NAMES = {"pytorch": "torch", "playwright-python": "playwright"}
NOT_OURS = {"python", "pip", "make"}


def committed_files(root):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in listed.stdout.decode().split("\0") if name and (root / name).is_file()]


def requirements(root) -> dict[str, str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *extras["course"], *extras["test"]]
    return {Requirement(line).name: str(Requirement(line).specifier) for line in listed}


def test_environment_yml_equals_pyproject(root):
    content = yaml.safe_load((root / "environment.yml").read_text())
    listed = [Requirement(line) for line in content["dependencies"] if isinstance(line, str)]
    conda = {CONDA_NAMES.get(r.name, r.name): str(r.specifier) for r in listed if r.name not in NOT_OURS}
    assert conda == requirements(root)
    python = next(r for r in listed if r.name == "python")
    assert str(python.specifier) == tomllib.loads((root / "pyproject.toml").read_text())["project"]["requires-python"]


def test_lock_pins_every_requirement_within_its_range(root):
    lock = (root / "requirements.lock").read_text()
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.MULTILINE):
        pins.setdefault(name, []).append(version)
    for name, specifier in requirements(root).items():
        assert name in pins, f"{name} is not locked: see requirements.lock's first lines"
        assert all(version in Requirement(f"{name}{specifier}").specifier for version in pins[name])


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-book.lock"])
def test_locks_are_hashed_and_hold_no_address(root, name):
    lock = (root / name).read_text()
    assert "://" not in lock and "file:" not in lock
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(entries) > 10
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_code_is_clean(root):
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--quiet", "--output-format=concise", "utils", "tests"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_card_holds_bare_markup(root):
    """In a card "<start>" would be an unknown tag, and vanish."""
    for path in lesson_paths(root):
        front = read_lesson(path).front
        for text in (front["title"], front["question"], *front["goals"]):
            assert "<" not in re.sub(r"`[^`]*`", "", text), f"{path.name}: {text}"


def test_import_is_light(root):
    heavy = ("numpy", "torch", "matplotlib", "pandas", "PIL", "nltk", "IPython", "scipy")
    code = f"import sys, synscenes; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_committed_notebooks_carry_no_outputs(root):
    import json

    for path in sorted((root / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert [c["id"] for c in cells if c.get("outputs") or c.get("execution_count")] == [], path.name


def test_files_name_no_machine_and_no_registry(root):
    # Spelled in pieces, so that this file does not find itself.
    forbidden = re.compile("|".join(["/" + "work/", "/" + "root/", "pypi" + r"\.org", "pythonhosted" + r"\.org",
                                     "registry" + r"\.npmjs", "deb" + r"\.debian"]))  # fmt: skip
    found = []
    for path in committed_files(root):
        text = path.read_bytes().decode("utf-8", "ignore")
        found += [f"{path.relative_to(root)}: {match[0]}" for match in forbidden.finditer(text)]
    assert found == []


def test_python_files_can_be_read_in_one_sitting(root):
    long = {}
    for path in sorted((root / "utils").rglob("*.py")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > 300:
            long[path.name] = lines
    assert long == {}


def bootstrap(root):
    spec = importlib.util.spec_from_file_location("bootstrap", root / "utils" / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_cpu_installation_leaves_cuda_out(root):
    script = bootstrap(root)
    lock = (root / "requirements.lock").read_text()
    kept = script.without_cuda(lock)
    names = re.findall(r"^([\w.-]+)==", kept, re.MULTILINE)
    assert "numpy" in names and "jupyterlab" in names
    assert [
        n for n in names if n.startswith(("torch==", "nvidia", "cuda", "triton")) or n in ("torch", "torchvision")
    ] == []
    assert dict(script.pinned(script.LOCK, script.TORCH_PACKAGES)).keys() == {"torch", "torchvision"}


@pytest.mark.parametrize("arguments", [[], ["nonsense"]])
def test_bootstrap_explains_itself(root, arguments, capsys):
    assert bootstrap(root).main(arguments) == 2
    assert "usage" in capsys.readouterr().err


def test_an_old_interpreter_is_told(root, monkeypatch, capsys):
    script = bootstrap(root)
    monkeypatch.setattr(script.sys, "version_info", (3, 9, 1))
    assert script.main(["lab"]) == 1
    assert "needs Python 3.11" in capsys.readouterr().err
