"""What several test modules share."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# Other work on the same cores must not fail a test.
settings.register_profile("course", deadline=None)
settings.load_profile("course")

# As `import synscenes` does, but before a test can import PyTorch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Tests run side by side on few cores: one thread each, or they fight. Kernels inherit this.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# No test may write into the learner's own progress.
os.environ["SYNSCENES_PROGRESS"] = "off"
# A shell starts background jobs deaf to Ctrl-C, and so would be every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--profile",
        choices=("smoke", "laptop"),
        default="smoke",
        help="profile to run the notebooks at; laptop checks the numbers the website shows",
    )
    parser.addoption("--site", metavar="FOLDER", help="a built website for the browser to look at, not the tests' own")
    parser.addoption(
        "--kernels",
        choices=("warm", "cold"),
        help="fork the notebooks' kernels from a Python that has done the imports (default when the whole suite runs, "
        "with -n), or start each in a fresh one, as a learner does",
    )
    parser.addoption("--all-real", action="store_true", help="run every lesson on real photographs, not only the quick")


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> str:
    """The profile the notebooks run at."""
    return request.config.getoption("--profile")


@pytest.fixture(scope="session")
def warm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test session share."""
    folder = tmp_path_factory.getbasetemp()
    # With xdist each process has a folder of its own inside the common one.
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "warm"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def kernels(request: pytest.FixtureRequest, warm_folder: Path) -> tuple[str, str]:
    """Two kernels for notebooks: forked from two Pythons that have done the imports, or fresh ones."""
    # Two sets of imports pay off over many notebooks, not over the three of one lesson.
    usual = "warm" if "PYTEST_XDIST_WORKER" in os.environ else "cold"
    if (request.config.getoption("--kernels") or usual) == "cold":
        return "python3", "python3"
    from warm.start import kernel

    return kernel(warm_folder, "first"), kernel(warm_folder, "second")


@pytest.fixture(scope="session")
def root() -> Path:
    """The course's folder."""
    return ROOT


@pytest.fixture
def sample_root(tmp_path: Path) -> Path:
    """A folder laid out like the course, with the sample lesson alone."""
    lessons = tmp_path / "course" / "lessons"
    lessons.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "sample" / "98_sample.md", lessons)
    (tmp_path / "course" / "settings.toml").write_text('repository = "someone/course"\nbranch = "main"\n')
    return tmp_path


@pytest.fixture
def sample_path(sample_root: Path) -> Path:
    """The sample lesson's source, free to change."""
    return sample_root / "course" / "lessons" / "98_sample.md"
