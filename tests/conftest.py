"""What several test modules share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

# Tests run side by side on few cores: one thread each, or they fight. Kernels inherit this.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# No test may write into the learner's own progress.
os.environ["SYNSCENES_PROGRESS"] = "off"

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--profile",
        choices=("smoke", "laptop"),
        default="smoke",
        help="profile to run the notebooks at; laptop checks the numbers the website shows",
    )


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> str:
    """The profile the notebooks run at."""
    return request.config.getoption("--profile")


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
