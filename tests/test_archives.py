"""Hostile archives are refused whole, in one line, with nothing written."""

from __future__ import annotations

import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets_toys import CONTENT, asset_of, files_below, make_sdist, make_wheel, write_manifest, zip_entry
from synscenes.assets import archives, download, entries, store
from synscenes.errors import CourseError

BAD_NAMES = {
    "parent": "../evil.txt",
    "parent inside": "toy/../../evil.txt",
    "parent at the end": "toy/..",
    "absolute": "/tmp/evil.txt",
    "drive": "C:/evil.txt",
    "drive, relative": "c:evil.txt",
    "drive, backslashes": "C:\\evil.txt",
    "network share": "\\\\server\\share\\evil.txt",
    "network share, slashes": "//server/share/evil.txt",
    "backslash": "toy\\..\\..\\evil.txt",
}


def refuse(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Try to install ``archive`` as an asset; return the error's line after checking that nothing was written."""
    entry = asset_of(archive)
    monkeypatch.setattr(entries, "MANIFEST_FILE", write_manifest(tmp_path / "manifest.toml", entry))
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SYNSCENES_OFFLINE", raising=False)
    monkeypatch.setattr(download, "download", lambda asset, folder, on_bytes: archive)
    before = files_below(tmp_path)
    with pytest.raises(CourseError) as caught:
        store.path(entry.name)
    assert files_below(tmp_path) == before
    message = str(caught.value)
    assert "\n" not in message
    assert archive.name in message
    return message


def tar_entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = link
    return entry


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_wheel_with_a_bad_path_is_refused(name, tmp_path, monkeypatch):
    archive = make_wheel(tmp_path, extra=[(zip_entry(name), b"evil")])
    assert repr(name) in refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_sdist_with_a_bad_path_is_refused(name, tmp_path, monkeypatch):
    archive = make_sdist(tmp_path, extra=[(tar_entry(name), b"evil")])
    assert repr(name) in refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_wheel_with_a_link_or_device_is_refused(mode, tmp_path, monkeypatch):
    archive = make_wheel(tmp_path, extra=[(zip_entry("toy_wheel/link", mode | 0o777), b"/etc/passwd")])
    assert "a link or a device" in refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE],
)
def test_sdist_with_a_link_or_device_is_refused(kind, tmp_path, monkeypatch):
    archive = make_sdist(tmp_path, extra=[(tar_entry("toy_sdist-1.0/link", kind, "/etc/passwd"), b"")])
    assert "a link, a device" in refuse(archive, tmp_path, monkeypatch)


def test_sdist_with_a_sparse_file_is_refused(tmp_path, monkeypatch):
    entry = tar_entry("toy_sdist-1.0/sparse")
    entry.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "1000000", "GNU.sparse.major": "0"}
    archive = make_sdist(tmp_path, extra=[(entry, b"x")])
    assert "has holes" in refuse(archive, tmp_path, monkeypatch)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["toy_wheel/names.txt", "toy_wheel/./names.txt", "toy_wheel//names.txt"])
def test_wheel_with_one_name_twice_is_refused(name, tmp_path, monkeypatch):
    archive = make_wheel(tmp_path, extra=[(zip_entry(name), b"other")])
    assert "twice" in refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", ["toy_sdist-1.0/names.txt", "./toy_sdist-1.0/names.txt"])
def test_sdist_with_one_name_twice_is_refused(name, tmp_path, monkeypatch):
    archive = make_sdist(tmp_path, extra=[(tar_entry(name), b"other")])
    assert "twice" in refuse(archive, tmp_path, monkeypatch)


def test_encrypted_wheel_is_refused(tmp_path, monkeypatch):
    archive = make_wheel(tmp_path)
    data = bytearray(archive.read_bytes())
    data[data.rfind(b"PK\x01\x02") + 8] |= 1  # the flag bits of the last central entry
    archive.write_bytes(data)
    assert "encrypted" in refuse(archive, tmp_path, monkeypatch)


def test_wheel_that_unpacks_a_hundredfold_is_refused(tmp_path, monkeypatch):
    archive = make_wheel(tmp_path, extra=[(zip_entry("toy_wheel/zeros"), bytes(20_000_000))])
    assert "100 times" in refuse(archive, tmp_path, monkeypatch)


def test_sdist_that_unpacks_a_hundredfold_is_refused(tmp_path, monkeypatch):
    archive = make_sdist(tmp_path, extra=[(tar_entry("toy_sdist-1.0/zeros"), bytes(20_000_000))])
    assert "100 times" in refuse(archive, tmp_path, monkeypatch)


def test_sdist_whose_headers_swell_is_refused(tmp_path, monkeypatch):
    archive = make_sdist(tmp_path, extra=[(tar_entry("toy_sdist-1.0/" + "a/" * 5_000_000), b"")])
    assert "100 times" in refuse(archive, tmp_path, monkeypatch)


def test_nested_gzip_of_zeros_is_refused(tmp_path, monkeypatch):
    import gzip

    archive = make_sdist(tmp_path)
    archive.write_bytes(gzip.compress(bytes(50_000_000)))
    refuse(archive, tmp_path, monkeypatch)


def lying_wheel(folder: Path, declared: int) -> Path:
    """A wheel whose largest member declares another size than it has, in both of its headers."""
    archive = make_wheel(folder)
    data = bytearray(archive.read_bytes())
    true = struct.pack("<L", len(CONTENT["weights.bin"]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature) + offset
        assert data[at : at + 4] == true
        data[at : at + 4] = struct.pack("<L", declared)
    archive.write_bytes(data)
    return archive


@pytest.mark.parametrize(
    "declared", [0, 10, len(CONTENT["weights.bin"]) - 1, len(CONTENT["weights.bin"]) + 1]
)
def test_wheel_that_lies_about_a_size_is_refused(declared, tmp_path, monkeypatch):
    archive = lying_wheel(tmp_path, declared)
    assert "as it declares" in refuse(archive, tmp_path, monkeypatch)


def test_wheel_that_hides_a_bomb_behind_a_small_size_is_refused(tmp_path, monkeypatch):
    archive = make_wheel(tmp_path, content={"weights.bin": bytes(20_000_000), "names.txt": b"cat\ndog\n"})
    data = archive.read_bytes().replace(struct.pack("<L", 20_000_000), struct.pack("<L", 100))
    archive.write_bytes(data)
    refuse(archive, tmp_path, monkeypatch)


def test_wheel_with_overlapping_entries_is_refused(tmp_path, monkeypatch):
    archive = make_wheel(tmp_path, content={"weights.bin": bytes(range(256)), "names.txt": b"cat\ndog\n"})
    with zipfile.ZipFile(archive, "a") as file:
        first = file.infolist()[0]
        for number in range(50):  # fifty names for the same packed bytes
            twin = zip_entry(f"toy_wheel/{number}")
            twin.header_offset, twin.CRC = first.header_offset, first.CRC
            twin.compress_size, twin.file_size = first.compress_size, first.file_size
            file.filelist.append(twin)
        file._didModify = True
    refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
def test_too_many_entries_are_refused(make, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRIES", 3)
    assert "more than 3 entries" in refuse(make(tmp_path), tmp_path, monkeypatch)


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
@pytest.mark.parametrize("content", [b"", b"not an archive at all", b"PK\x03\x04garbage", b"\x1f\x8bgarbage"])
def test_something_else_is_refused(make, content, tmp_path, monkeypatch):
    archive = make(tmp_path)
    archive.write_bytes(content)
    refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
def test_a_cut_archive_is_refused(make, tmp_path, monkeypatch):
    archive = make(tmp_path)
    archive.write_bytes(archive.read_bytes()[:200])
    refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
def test_a_missing_member_is_named(make, tmp_path, monkeypatch):
    archive = make(tmp_path, content={"names.txt": CONTENT["names.txt"]})
    assert "does not hold" in refuse(archive, tmp_path, monkeypatch)


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
def test_a_member_with_another_content_is_named(make, tmp_path, monkeypatch):
    archive = make(tmp_path, content=CONTENT | {"names.txt": b"cat\nfox\n"})
    message = refuse(archive, tmp_path, monkeypatch)
    assert "names.txt" in message
    assert "expected" in message and "got" in message


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
def test_a_good_archive_gives_its_members_and_nothing_else(make, tmp_path):
    archive = make(tmp_path, content=CONTENT | {"unwanted.py": b"raise SystemExit\n"})
    entry = asset_of(archive)
    contents = archives.read_members(archive, entry.archive.kind, entry.members)
    assert contents == {f"data/{name}": content for name, content in CONTENT.items()}


def test_a_refusal_stays_one_short_line(tmp_path, monkeypatch):
    archive = make_sdist(tmp_path, extra=[(tar_entry("../" + "a\nb/" * 500), b"evil")])
    assert len(refuse(archive, tmp_path, monkeypatch)) < 300


def test_kind_must_be_known(tmp_path):
    with pytest.raises(ValueError, match="kind"):
        archives.read_members(make_wheel(tmp_path), "egg", ())


@pytest.mark.parametrize("make", [make_wheel, make_sdist])
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_archive_gives_the_truth_or_a_refusal(make, data, tmp_path):
    archive = make(tmp_path)
    entry = asset_of(archive)
    content = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    archive.write_bytes(content)
    try:
        contents = archives.read_members(archive, entry.archive.kind, entry.members)
    except CourseError:
        return
    assert contents == {f"data/{name}": value for name, value in CONTENT.items()}


def test_written_members_are_private_to_their_owner(tmp_path):
    archives.write_members({"deep/er/file.txt": b"x"}, tmp_path)
    for path in (tmp_path / "deep", tmp_path / "deep/er", tmp_path / "deep/er/file.txt"):
        assert not path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH), path
    assert (tmp_path / "deep/er/file.txt").read_bytes() == b"x"
