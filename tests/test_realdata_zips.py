"""Members out of archives that nobody vouches for: the right bytes, or one line and nothing written."""

from __future__ import annotations

import hashlib
import io
import ntpath
import posixpath
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coco_host
from coco_host import Host, pack
from synscenes.errors import CourseError
from synscenes.linkrot import QuickClock
from synscenes.realdata import ranges, zips
from synscenes.realdata.ledger import Ledger, problems
from synscenes.realdata.ranges import RemoteFile
from synscenes.realdata.transport import Client
from synscenes.realdata.zips import Zip

TEXT = b"two dogs and a frisbee. " * 400
MEMBERS = {"annotations/a.json": TEXT, "annotations/b.json": b"", "val2017/c.jpg": bytes(range(256)) * 20}


def opened(data: bytes) -> Zip:
    return Zip(io.BytesIO(data), "toy.zip")


def take(data: bytes, member: str, folder: Path) -> bytes:
    with opened(data) as archive:
        archive.take(member, folder / "x")
    return (folder / "x").read_bytes()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_member_comes_out_with_its_sha256(method, tmp_path):
    with opened(pack(MEMBERS.items(), method)) as archive:
        for name, content in MEMBERS.items():
            assert archive.take(name, tmp_path / name) == hashlib.sha256(content).hexdigest()
            assert (tmp_path / name).read_bytes() == content
            assert archive.whole(name, tmp_path / name)


def test_one_member_is_taken_without_the_rest(tmp_path):
    take(pack(MEMBERS.items()), "annotations/a.json", tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["x"]


def test_a_remote_archive_costs_its_directory_and_the_member(tmp_path):
    big = {f"val2017/{number:012d}.jpg": bytes([number]) * 300_000 for number in range(20)}
    data = pack({**big, **MEMBERS}.items(), zipfile.ZIP_STORED)
    with Host({"/a.zip": data}) as host:
        file = RemoteFile(Client(clock=QuickClock()), f"{host.url}/a.zip", tmp_path / "blocks")
        with Zip(file, "a.zip") as archive:
            archive.take("annotations/a.json", tmp_path / "a.json")
        assert (tmp_path / "a.json").read_bytes() == TEXT
        assert host.sent < len(data) / 20


def test_a_member_larger_than_memory_may_hold_is_fetched_once(monkeypatch, tmp_path):
    monkeypatch.setattr(ranges, "_IN_MEMORY", 8)
    content = bytes(range(256)) * 256 * 40  # forty blocks
    data = pack([("a/large.json", content)], zipfile.ZIP_STORED)
    with Host({"/a.zip": data}) as host:
        with Zip(RemoteFile(Client(clock=QuickClock()), f"{host.url}/a.zip", None), "a.zip") as archive:
            archive.take("a/large.json", tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == content
        assert host.sent < 1.3 * len(data) and len(host.log) < 20


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_inside_an_archive(method, tmp_path):
    inner = pack(MEMBERS.items())
    data = pack([("a/inner.zip", inner), ("b", b"-")], method)
    with opened(data) as archive, archive.inner("a/inner.zip", tmp_path / "work") as inside:
        inside.take("annotations/a.json", tmp_path / "x")
        archive.take("b", tmp_path / "b")  # the two do not disturb each other
        inside.take("val2017/c.jpg", tmp_path / "y")
    assert (tmp_path / "x").read_bytes() == TEXT
    assert (tmp_path / "y").read_bytes() == MEMBERS["val2017/c.jpg"]
    assert (tmp_path / "work").is_dir() == (method == zipfile.ZIP_DEFLATED)


def test_a_damaged_member_leaves_what_was_there(tmp_path):
    data = bytearray(pack([("a", TEXT)], zipfile.ZIP_STORED))
    data[100] ^= 1
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(CourseError, match=r"'a' in toy\.zip is damaged"):
        take(bytes(data), "a", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "c:evil", "..\\evil", "\\\\host\\evil", "//host/evil", "a/.."],
)
def test_an_archive_with_a_name_that_leaves_the_folder_is_refused_whole(name):
    with pytest.raises(CourseError, match=r"Refused the archive toy\.zip.*relative path"):
        opened(pack([("fine", b"-"), (name, b"evil")]))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind):
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (kind | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(entry, "/etc/passwd")
    with pytest.raises(CourseError, match="a link or a device"):
        opened(buffer.getvalue())


def test_one_name_twice_is_refused(recwarn):
    with pytest.raises(CourseError, match="there twice"):
        opened(pack([("a", b"1"), ("a", b"2")]))


def test_a_bomb_is_refused_before_it_unpacks(tmp_path):
    data = pack([("bomb", bytes(300_000_000 // 10))])
    with pytest.raises(CourseError, match="unpacks to 30,000,000 bytes"):
        take(data, "bomb", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_that_declares_little_is_cut_off(tmp_path):
    data = bytearray(pack([("bomb", bytes(9_000_000))]))
    for place in (data.find(b"PK\x01\x02") + 24, data.find(b"PK\x03\x04") + 22):
        data[place : place + 4] = struct.pack("<I", 1000)
    with pytest.raises(CourseError, match="damaged"):
        take(bytes(data), "bomb", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_encrypted_member_is_refused(tmp_path):
    data = bytearray(pack([("a", TEXT)]))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(CourseError, match="encrypted"):
        take(bytes(data), "a", tmp_path)


def test_too_many_entries_are_refused(monkeypatch):
    monkeypatch.setattr(zips, "MOST_ENTRIES", 2)
    with pytest.raises(CourseError, match="more than 2 entries"):
        opened(pack(MEMBERS.items()))


def test_a_missing_member_is_named():
    with pytest.raises(CourseError, match=r"toy\.zip holds no 'c'"):
        opened(pack(MEMBERS.items())).size("c")


@given(st.text(st.sampled_from("ab./\\:C\0 ~"), max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_name_that_is_inside_stays_inside_on_every_system(name):
    if zips.is_inside(name):
        assert not posixpath.isabs(name) and not ntpath.isabs(name)
        assert not ntpath.splitdrive(name)[0]
        for system, root in ((posixpath, "/top/x"), (ntpath, "D:\\top\\x")):
            there = system.normpath(system.join(root, name))
            assert there == root or there.startswith(root + system.sep)


WHOLE = pack([("a", TEXT[:300]), ("b", b"x" * 50)], zipfile.ZIP_DEFLATED)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@settings(max_examples=80, deadline=None)
def test_a_flipped_byte_gives_the_right_content_or_one_line(place, flip):
    data = bytearray(WHOLE)
    data[place] ^= flip
    _right_or_refused(bytes(data))


@given(st.integers(0, len(WHOLE)), st.binary(max_size=40))
@settings(max_examples=50, deadline=None)
def test_a_cut_archive_gives_the_right_content_or_one_line(length, rest):
    _right_or_refused(WHOLE[:length] + rest)


def _right_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            got = take(data, "a", Path(folder))
        except CourseError as error:
            assert "\n" not in str(error)
            assert list(Path(folder).iterdir()) == []
        else:
            # A changed length field may end the member early, if at all with the CRC of the whole: not by one flip.
            assert zlib.crc32(got) == zlib.crc32(TEXT[:300])
            assert got == TEXT[:300]


# The ledger.


@given(st.lists(st.tuples(st.text("abc/é", min_size=1, max_size=6), st.integers(0, 9)), max_size=8), st.data())
@settings(max_examples=40, deadline=None)
def test_a_ledger_cut_anywhere_forgets_at_most_its_last_line(entries, data):
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder))
        for path, size in entries:
            ledger.add(path, size, "0" * 64, "here")
        before = list(ledger.entries)
        if not ledger.file.is_file():
            return
        text = ledger.file.read_bytes()
        cut = data.draw(st.integers(len(text) - 60, len(text)))
        ledger.file.write_bytes(text[: max(cut, 0)])
        again = Ledger(Path(folder))
        again.add("new", 1, "1" * 64, "here")
        after = Ledger(Path(folder)).entries
        assert "new" in after
        if len(set(entries)) == len({path for path, _ in entries}):  # each path written once
            assert set(before[:-1]) <= set(after)


def test_the_ledger_sees_what_is_missing_cut_and_changed(tmp_path):
    ledger = Ledger(tmp_path)
    for name in ("same", "missing", "cut", "changed"):
        (tmp_path / name).write_bytes(TEXT)
        ledger.add(name, len(TEXT), hashlib.sha256(TEXT).hexdigest(), "here")
    (tmp_path / "missing").unlink()
    (tmp_path / "cut").write_bytes(TEXT[:-1])
    (tmp_path / "changed").write_bytes(TEXT[::-1])
    assert [line.split(" ")[0] for line in problems(tmp_path)] == ["missing", "cut", "changed"]
    assert [line.split(" ")[0] for line in problems(tmp_path, read=False)] == ["missing", "cut"]
    assert ledger.has("same") and not ledger.has("cut") and not ledger.has("unknown")


def test_the_official_file_names_are_served_in_the_toy(tmp_path):
    """The stand-in host packs a tree as the official archives are packed."""
    notes = tmp_path / "annotations"
    (notes / "panoptic_val2017").mkdir(parents=True)
    (notes / "panoptic_train2017").mkdir()
    for split in ("train", "val"):
        (tmp_path / f"{split}2017").mkdir()
        for kind in ("instances", "person_keypoints", "captions", "panoptic"):
            (notes / f"{kind}_{split}2017.json").write_text("{}")
    (notes / "panoptic_val2017" / "000000000139.png").write_bytes(b"-")
    files = coco_host.official(tmp_path)
    with opened(files["/annotations/panoptic_annotations_trainval2017.zip"]) as archive:
        assert "annotations/panoptic_val2017.zip" in archive.members
        with archive.inner("annotations/panoptic_val2017.zip", tmp_path) as inner:
            assert set(inner.members) == {
                "panoptic_val2017/000000000139.png",
                "__MACOSX/panoptic_val2017/._000000000139.png",
            }
