"""The course's public address, read from course/settings.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from synscenes.errors import CourseError


@dataclass(frozen=True)
class Settings:
    """Where the course is published: ``repository`` is "owner/name" on GitHub, ``branch`` its branch."""

    repository: str
    branch: str

    @property
    def is_public(self) -> bool:
        """True once an owner is set."""
        return not self.repository.startswith("OWNER_NOT_SET/")

    def colab_url(self, notebook: str) -> str:
        """Return the address that opens ``notebooks/<notebook>.ipynb`` on Colab."""
        return (
            f"https://colab.research.google.com/github/{self.repository}/blob/{self.branch}/notebooks/{notebook}.ipynb"
        )

    def pip_requirement(self) -> str:
        """Return what pip installs on Colab."""
        return f"synscenes @ git+https://github.com/{self.repository}@{self.branch}"


def load_settings(root: Path) -> Settings:
    """Read ``course/settings.toml`` under ``root``; raises CourseError for a missing or malformed file."""
    path = root / "course" / "settings.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from None
    repository, branch = content.get("repository"), content.get("branch")
    for key, value, pattern in (("repository", repository, r"[\w.-]+/[\w.-]+"), ("branch", branch, r"[\w./-]+")):
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise CourseError(
                f'{path}: {key} is {value!r}; write it as {key} = "{"owner/name" if key == "repository" else "main"}".'
            )
    return Settings(repository, branch)
