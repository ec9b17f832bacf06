"""Finding a dataset's files: tiers, paths, and errors that say what to do."""

from __future__ import annotations

import sys
import types

import pytest

from synscenes import coco
from synscenes.errors import CourseError

GET = "python -m synscenes data get coco"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "annotations" / "panoptic_val2017").mkdir(parents=True)
    (tmp_path / "val2017").mkdir()
    (tmp_path / "annotations" / "instances_val2017.json").write_text("{}")
    (tmp_path / "val2017" / "000000000001.jpg").write_bytes(b"")
    return tmp_path


def test_files_are_found_by_their_official_names(root):
    found = coco.folder(root)
    assert found.instances("val") == root / "annotations" / "instances_val2017.json"
    assert found.panoptic_pngs("val") == root / "annotations" / "panoptic_val2017"
    assert found.image("val", {"file_name": "000000000001.jpg"}) == found.image("val", "000000000001.jpg")
    assert found.has("instances", "val") and not found.has("stuff", "val")


def test_a_missing_file_is_named_with_what_to_do(root):
    with pytest.raises(CourseError, match=r"No annotations/captions_val2017.json in .*: put COCO's file there"):
        coco.folder(root).captions("val")


def test_an_unknown_split_is_a_programming_mistake(root):
    with pytest.raises(ValueError, match='"train" or "val"'):
        coco.folder(root).instances("test")


def test_full_is_the_folder_the_variable_names(root, monkeypatch):
    monkeypatch.setenv("SYNSCENES_COCO", str(root))
    assert coco.folder("full").root == root


def test_full_and_sample_lie_in_the_courses_folder_of_files(root, monkeypatch, tmp_path):
    monkeypatch.delenv("SYNSCENES_COCO", raising=False)
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
    for tier, name in (("full", "coco"), ("sample", "coco-sample")):
        with pytest.raises(CourseError, match=f"No COCO dataset at .*{name}: .*`{GET} --tier {tier}` gets it"):
            coco.folder(tier)
        (tmp_path / "home" / name / "annotations").mkdir(parents=True)
        assert coco.folder(tier).root == tmp_path / "home" / name
        with pytest.raises(
            CourseError, match=f"No annotations/captions_val2017.json in .*: `{GET} --tier {tier}` gets"
        ):
            coco.folder(tier).captions("val")


def test_what_is_half_there_is_not_taken_for_whole(monkeypatch, tmp_path):
    monkeypatch.delenv("SYNSCENES_COCO", raising=False)
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    (tmp_path / "coco" / "annotations").mkdir(parents=True)
    (tmp_path / "coco" / "ledger.jsonl").write_text("")
    with pytest.raises(CourseError, match=f"not complete at .*: `{GET} --tier full` goes on"):
        coco.folder("full")


def test_micro_is_what_the_generator_made(root, monkeypatch):
    stand_in = types.ModuleType("synscenes.micrococo")
    stand_in.default = lambda: root
    monkeypatch.setitem(sys.modules, "synscenes.micrococo", stand_in)
    monkeypatch.setattr("synscenes.micrococo", stand_in, raising=False)
    assert coco.folder("micro").root == root
