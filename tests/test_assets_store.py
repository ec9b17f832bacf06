"""The cache: damage, repair, full and read-only disks, and what the user reads. pip is replaced by a copy."""

from __future__ import annotations

import argparse
import errno
import os
import shutil

import pytest

from assets_toys import CONTENT, asset_of, files_below, make_sdist, make_wheel, write_manifest
from synscenes.assets import archives, cli, disk, download, entries, store
from synscenes.errors import CourseError


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """Two toy assets; ``toys`` is the list of names that were downloaded so far."""
    packages = tmp_path / "packages"
    packages.mkdir()
    assets = [asset_of(make_wheel(packages)), asset_of(make_sdist(packages), used_by=("site",))]
    monkeypatch.setattr(entries, "MANIFEST_FILE", write_manifest(tmp_path / "manifest.toml", *assets))
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SYNSCENES_OFFLINE", raising=False)
    fetched = []

    def copy(asset, folder, on_bytes):
        fetched.append(asset.name)
        on_bytes(asset.archive.size // 2)
        return shutil.copy(packages / asset.archive.file, folder)

    monkeypatch.setattr(download, "download", copy)
    return fetched


def assets_cli(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    cli.configure(parser)
    return cli.run(parser.parse_args(arguments))


def one_line(caught) -> str:
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_unknown_name_suggests_the_closest(toys):
    with pytest.raises(CourseError) as caught:
        store.path("toy_weel")
    assert "Did you mean 'toy_wheel'?" in one_line(caught)
    assert "toy_sdist" in str(caught.value)


def test_a_misspelt_name_stops_before_any_download(toys):
    with pytest.raises(CourseError):
        assets_cli("fetch", "toy_wheel", "toy_sdits")
    assert toys == []


def test_offline_forbids_fetching_but_not_reading(toys, monkeypatch):
    store.path("toy_wheel")
    monkeypatch.setenv("SYNSCENES_OFFLINE", "1")
    assert store.path("toy_wheel").is_dir()
    with pytest.raises(CourseError, match="SYNSCENES_OFFLINE forbids") as caught:
        store.path("toy_sdist")
    assert "python -m synscenes assets fetch toy_sdist" in one_line(caught)
    assert toys == ["toy_wheel"]


@pytest.mark.parametrize("harm", ["size", "missing", "record", "record cut", "bytes"])
def test_damage_is_named_and_fetch_repairs_it(harm, toys):
    folder = store.path("toy_wheel")
    file = folder / "data" / "names.txt"
    if harm == "size":
        file.write_bytes(b"cat\n")
    elif harm == "missing":
        file.unlink()
    elif harm == "bytes":
        file.write_bytes(b"cat\nfox\n")  # the same length: only reading it shows
    else:
        file = folder / store.RECORD
        file.write_text("{}" if harm == "record" else '{"asset": "toy', encoding="utf-8")
    problems = store.verify(["toy_wheel"])
    assert len(problems) == 1 and str(file) in problems[0]
    if harm != "bytes":
        with pytest.raises(CourseError, match="python -m synscenes assets fetch toy_wheel") as caught:
            store.path("toy_wheel")
        assert str(file) in one_line(caught)
    store.fetch(["toy_wheel"], progress=False)
    assert store.verify(["toy_wheel"]) == []
    assert store.path("toy_wheel") == folder
    assert toys == ["toy_wheel", "toy_wheel"]


def test_a_folder_without_its_record_is_fetched_again(toys):
    folder = store.path("toy_wheel")
    (folder / store.RECORD).unlink()
    (folder / "stray.txt").write_text("stray")
    assert store.path("toy_wheel") == folder
    assert files_below(folder) == {".complete", *(f"data/{name}" for name in CONTENT)}


def test_another_version_has_another_folder(toys, tmp_path, monkeypatch):
    old = store.path("toy_wheel")
    changed = asset_of(make_wheel(tmp_path / "packages", content=CONTENT | {"x": b"1"}), {"x": b"1"})
    monkeypatch.setattr(entries, "MANIFEST_FILE", write_manifest(tmp_path / "new.toml", changed))
    new = store.path("toy_wheel")
    assert new != old and old.is_dir()
    assert files_below(new) == {".complete", "data/x"}


def test_full_disk_is_said_before_the_download(toys, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: usage._replace(free=5_000))
    with pytest.raises(
        CourseError, match=r"too full for the asset 'toy_wheel'.* needs \d+ MB free .* has 0 MB"
    ):
        store.path("toy_wheel")
    assert toys == []


@pytest.mark.parametrize("number", sorted(disk.FULL))
def test_full_disk_during_the_writing_leaves_nothing(number, toys, tmp_path, monkeypatch):
    def full(contents, folder):
        (folder / "half").write_bytes(b"half")
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(archives, "write_members", full)
    with pytest.raises(CourseError, match="The disk is too full") as caught:
        store.path("toy_wheel")
    assert "SYNSCENES_HOME" in one_line(caught)
    assert files_below(tmp_path / "home") == set()


def test_full_disk_inside_pip_is_recognised(toys, monkeypatch):
    output = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"

    def full(asset, folder, on_bytes):
        raise download._explained(asset, output)

    monkeypatch.setattr(download, "download", full)
    with pytest.raises(CourseError, match="The disk is too full"):
        store.path("toy_wheel")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_read_only_cache_names_the_folder_and_the_setting(number, toys, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(store.tempfile, "mkdtemp", refuse)
    with pytest.raises(CourseError) as caught:
        store.path("toy_wheel")
    assert "read-only" in one_line(caught) and str(tmp_path / "home") in str(caught.value)
    assert "SYNSCENES_HOME" in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write to any folder")
def test_read_only_cache_for_real(toys, tmp_path):
    (tmp_path / "home").mkdir(mode=0o555)
    with pytest.raises(CourseError, match="read-only"):
        store.path("toy_wheel")


def test_reading_a_cache_writes_nothing(toys, tmp_path, monkeypatch):
    folder = store.path("toy_wheel")

    def refuse(*arguments, **options):
        raise OSError(errno.EROFS, "Read-only file system")

    for place, name in (
        (store.tempfile, "mkdtemp"),
        (store.Path, "mkdir"),
        (store, "_lock"),
        (os, "replace"),
    ):
        monkeypatch.setattr(place, name, refuse)
    assert store.path("toy_wheel") == folder
    assert store.fetch(["toy_wheel"], progress=False) == {"toy_wheel": folder}
    assert store.verify(["toy_wheel"]) == []


def test_home_that_is_a_file_is_one_line(toys, tmp_path):
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(CourseError) as caught:
        store.path("toy_wheel")
    assert "SYNSCENES_HOME" in one_line(caught)


def test_interrupt_leaves_nothing(toys, tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(archives, "read_members", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.path("toy_wheel")
    assert [path.name for path in (tmp_path / "home" / "assets").iterdir() if path.is_dir()] == []


def test_silence_when_no_progress_is_wanted(toys, capfd):
    store.fetch(["toy_wheel"], progress=False)
    assert capfd.readouterr() == ("", "")


def test_plain_lines_when_nobody_watches_a_terminal(toys, capfd):
    store.fetch(["toy_wheel"])
    out, err = capfd.readouterr()
    assert out == "" and "\r" not in err
    assert err.splitlines()[0] == "Fetching toy_wheel (0.0 MB) ..."
    assert len(err.splitlines()) == 2


def test_cli_fetches_what_lessons_use_and_with_site_the_rest(toys, capsys, monkeypatch):
    monkeypatch.setattr(store, "repo_root", lambda: None)
    assert assets_cli("fetch") == 0
    assert toys == ["toy_wheel"]
    assert assets_cli("fetch", "--site") == 0
    assert toys == ["toy_wheel", "toy_sdist"]
    assert assets_cli("fetch", "--all") == 0
    assert toys == ["toy_wheel", "toy_sdist"]
    assert capsys.readouterr().out.splitlines()[-1] == "2 assets present and verified."


def test_cli_lists_what_is_present(toys, capsys):
    store.fetch(["toy_sdist"], progress=False)
    assert assets_cli("list") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1][:3] == ["toy_wheel", "0.0", "no"]
    assert rows[2][:3] == ["toy_sdist", "0.0", "yes"]
    (store.path("toy_sdist") / "data" / "names.txt").unlink()
    assert assets_cli("list") == 0
    assert capsys.readouterr().out.splitlines()[2].split()[:3] == ["toy_sdist", "0.0", "damaged"]


def test_cli_verify_reports_damage_with_status_1(toys, capsys):
    assert assets_cli("verify") == 0
    assert "No asset is present" in capsys.readouterr().out
    folder = store.path("toy_wheel")
    assert assets_cli("verify") == 0
    (folder / "data" / "names.txt").write_bytes(b"cat\nfox\n")
    assert assets_cli("verify") == 1
    assert "names.txt has the wrong sha256" in capsys.readouterr().err


def test_cli_pin_prints_the_tables_of_an_entry(toys, tmp_path, capsys):
    archive = tmp_path / "packages" / "toy_sdist-1.0.tar.gz"
    assert (
        assets_cli("pin", "toy_sdist", str(archive), "toy_sdist-1.0/*.txt=data/", "*/weights.bin=w.bin") == 0
    )
    printed = capsys.readouterr().out
    asset = entries.find("toy_sdist")
    assert f'sha256 = "{asset.archive.sha256}"' in printed
    for member, target in zip(asset.members, ("w.bin", "data/names.txt")):
        assert f'"{target}" = ["{member.source}", {member.size}, "{member.sha256}"]' in printed
    with pytest.raises(CourseError, match="Nothing in"):
        assets_cli("pin", "toy_sdist", str(archive), "*.none")
