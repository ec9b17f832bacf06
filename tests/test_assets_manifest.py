"""The real manifest: complete, safe, and true of the files in the cache (`make test` fetches them first)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from synscenes import assets
from synscenes.assets import entries, store
from synscenes.authoring.source import lesson_paths, read_lesson

ROOT = Path(__file__).resolve().parents[1]
NAMES = list(assets.manifest())
LESSONS = {f"{number:02d}" for number in range(19)}


@pytest.fixture
def offline(monkeypatch):
    """No test may fetch: what the lessons need is in the cache, or the test fails and says so."""
    monkeypatch.setenv("SYNSCENES_OFFLINE", "1")


@pytest.mark.parametrize("name", NAMES)
def test_entry_is_complete(name):
    asset = assets.manifest()[name]
    for field in ("title", "what", "licence", "licence_stated", "source"):
        assert getattr(asset, field).strip(), field
    assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", asset.requirement)
    assert asset.used_by and set(asset.used_by) <= LESSONS | {"site", "slides", "tests"}
    assert asset.archive.file.endswith({"wheel": ".whl", "sdist": ".tar.gz"}[asset.archive.kind])
    package, version = (part.replace("-", "_").lower() for part in asset.requirement.split("=="))
    assert asset.archive.file.replace("-", "_").lower().startswith(f"{package}_{version}")
    assert asset.size <= asset.archive.unpacked <= 100 * asset.archive.size


def test_each_lesson_is_named_by_the_assets_it_names():
    """What a lesson's card says it uses, `assets fetch 05` fetches for it."""
    for path in lesson_paths(ROOT):
        lesson = read_lesson(path)
        for name in (entry["asset"] for entry in lesson.front["data"] if "asset" in entry):
            assert lesson.number in assets.manifest()[name].used_by, f"{name} in manifest.toml lacks {lesson.number}"


@pytest.mark.parametrize("name", NAMES)
def test_targets_are_distinct_on_every_system(name):
    targets = [member.target.casefold() for member in assets.manifest()[name].members]
    assert len(targets) == len(set(targets))
    assert all(len(target) < 100 for target in targets)


def test_no_host_is_named():
    text = entries.MANIFEST_FILE.read_text(encoding="utf-8")
    assert "://" not in text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "sdist"', 'kind = "egg"', "wheel or sdist"),
        ('"corpora/wordnet/LICENSE"', '"../LICENSE"', "plain relative path"),
        ('"corpora/wordnet/LICENSE"', '"/LICENSE"', "plain relative path"),
        ('"corpora/wordnet/LICENSE"', '"C:LICENSE"', "plain relative path"),
        ('licence = "WordNet 3.0 licence"\n', "", "not complete"),
        ("7731175a77952e25", "7731175A77952e25", "64 lower-case hex digits"),
    ],
)
def test_a_bad_manifest_is_an_error(old, new, says, tmp_path, monkeypatch):
    text = entries.MANIFEST_FILE.read_text(encoding="utf-8")
    assert old in text
    bad = tmp_path / "manifest.toml"
    bad.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(entries, "MANIFEST_FILE", bad)
    with pytest.raises(ValueError, match=says):
        assets.manifest()


def test_key_depends_on_the_files_and_not_on_the_words():
    from dataclasses import replace

    asset = assets.manifest()["wordnet"]
    assert replace(asset, licence="other words").key == asset.key
    assert replace(asset, members=asset.members[1:]).key != asset.key


def test_needed_follows_the_lessons_at_hand(tmp_path, monkeypatch):
    lessons = tmp_path / "course" / "lessons"
    lessons.mkdir(parents=True)
    (lessons / "02_wordnet_hierarchy.md").write_text("")
    monkeypatch.setattr(store, "repo_root", lambda: tmp_path)
    assert assets.needed() == ["wordnet"]
    assert set(assets.needed(site=True)) == {"wordnet", "mathjax", "reveal"}
    monkeypatch.setattr(store, "repo_root", lambda: None)
    assert set(assets.needed()) == {name for name in NAMES if assets.manifest()[name].lessons}


@pytest.mark.parametrize("name", assets.needed())
def test_cached_asset_is_whole(name, offline):
    assets.path(name)
    assert assets.verify([name]) == []


def test_attribution_names_every_asset_source_and_licence():
    page = assets.attribution_markdown()
    for asset in assets.manifest().values():
        for text in (
            asset.title,
            asset.source,
            asset.licence,
            asset.licence_stated,
            asset.requirement,
            asset.notice,
        ):
            assert text in page
    assert page.startswith("# ") and page.endswith("\n") and "\n\n\n" not in page


def test_nltk_reads_the_wordnet_asset(offline):
    """In a process of its own: NLTK fixes its folders when it is imported."""
    folder = assets.path("wordnet")
    code = """
import warnings
from nltk.corpus import LazyCorpusLoader, wordnet_ic
from nltk.corpus.reader.wordnet import WordNetCorpusReader
wordnet = LazyCorpusLoader("wordnet", WordNetCorpusReader, None)
print(wordnet.synset_from_pos_and_offset("n", 2084071).name())
print(len(wordnet_ic.ic("ic-brown.dat")["n"]), len(wordnet_ic.ic("ic-semcor.dat")["n"]))
"""
    environment = os.environ | {"NLTK_DATA": str(folder)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split()[0] == "dog.n.01"
    assert all(int(count) > 10_000 for count in result.stdout.split()[1:])


def test_names_of_the_photographs_hold_labels(offline):
    foolbox = sorted(assets.path("photos_foolbox").glob("*.jpg"))
    rvb = sorted(assets.path("photos_rvb").glob("*.png"))
    assert (len(foolbox), len(rvb)) == (20, 50)
    labels = [int(file.stem.rpartition("_")[2]) for file in foolbox + rvb]
    assert all(0 <= label < 1000 for label in labels)
