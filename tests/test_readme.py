"""What README promises is there: the map, the links, the picture, the commands."""

from __future__ import annotations

import argparse
import re

import pytest

from synscenes import __main__ as command_line
from synscenes.authoring.source import lesson_paths, read_lesson
from synscenes.site.plan import load_plan
from synscenes.site.readme import with_map


@pytest.fixture(scope="module")
def readme(root) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_the_map_of_lessons_is_current(root, readme):
    assert with_map(readme, root) == readme, "run: python -m synscenes.site.readme"


def test_the_two_commands_come_first(readme):
    first = readme.partition("```bash")[2].partition("```")[0]
    assert [line.split("#")[0].strip() for line in first.strip().splitlines()] == ["make lab", "make test"]
    assert readme.index("make test") < readme.index("![") < readme.index("## ")


def test_links_lead_somewhere(root, readme):
    targets = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link]
    assert targets
    assert [link for link in targets if not (root / link).exists()] == []


def test_the_picture_is_our_own_small_and_described(root, readme):
    (alt, name), *others = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", readme)
    assert not others and len(alt) > 80
    picture = root / name
    assert picture.stat().st_size < 150_000
    assert picture.name in (picture.parent / "make_readme_picture.py").read_text(encoding="utf-8")


def test_commands_exist(readme):
    named = set(re.findall(r"python -m synscenes (\w+)", readme))
    assert named and named <= set(command_line.COMMANDS)


def test_options_of_commands_exist(readme):
    import importlib

    for name, rest in re.findall(r"python -m synscenes (\w+)([^`\n]*)`", readme):
        parser = argparse.ArgumentParser()
        importlib.import_module(command_line.COMMANDS[name][0]).configure(parser)
        parser.parse_args(rest.split())


def test_megabytes_to_download_are_the_manifests(root, readme):
    from synscenes import assets

    needed = [assets.manifest()[name].archive.size for name in assets.needed()]
    everything = [asset.archive.size for asset in assets.manifest().values()]
    for sizes in (needed, everything):
        assert f"| {sum(sizes) / 1e6:.0f} MB |" in readme


def test_lesson_00_maps_the_course_as_it_is(root):
    """Its map links the lessons that exist, and names all the others."""
    (source,) = [path for path in lesson_paths(root) if path.stem.startswith("00_")]
    text = next(cell.text for cell in read_lesson(source).cells if "**The map.**" in cell.text)
    for lesson in load_plan(root).lessons[1:]:
        row = f"| {lesson.number} | [" if lesson.front else f"| {lesson.number} | {lesson.title} |"
        assert row in text, f"lesson {lesson.number} should stand in lesson 00's map as {row!r}"
        assert (f"]({lesson.name}.ipynb)" in text) == bool(lesson.front)
