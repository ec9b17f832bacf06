"""``data get coco`` against a server that stands in for the official hosts, whole and failing."""

from __future__ import annotations

import collections
import errno
import functools
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coco_host
import micrococo_toys
from coco_host import Host
from synscenes import coco
from synscenes.__main__ import main
from synscenes.errors import CourseError
from synscenes.linkrot import QuickClock
from synscenes.realdata import full, origin, sample, selecting, sources, space, status, zips
from synscenes.realdata.ledger import problems
from synscenes.realdata.transport import POLITE, Client

MINI = Path(__file__).resolve().parents[2] / "shared" / "refs" / "coco_mini"
ANNOTATIONS, PANOPTIC = f"/{sources.ANNOTATIONS.place}", f"/{sources.PANOPTIC.place}"


@functools.cache
def _toy() -> tuple[tempfile.TemporaryDirectory, Path]:
    from synscenes import micrococo

    micrococo_toys.need_sprites()
    keeper = tempfile.TemporaryDirectory(prefix="realdata-")
    return keeper, micrococo.generate(Path(keeper.name) / "toy", train=2, val=8, seed=3, workers=1, progress=False)


def toy() -> Path:
    """A very small micro-COCO: what the stand-in host serves."""
    return _toy()[1]


@functools.cache
def toy_files(inner: int = zipfile.ZIP_STORED) -> dict[str, bytes]:
    return coco_host.official(toy(), inner)


@pytest.fixture
def host(monkeypatch, tmp_path):
    """The micro-COCO of the tests, served as the official host serves COCO; the course's files go to tmp_path/home."""
    with Host(dict(toy_files())) as running:
        monkeypatch.setenv(sources.HOST_VARIABLE, running.url)
        monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
        monkeypatch.delenv("SYNSCENES_COCO", raising=False)
        yield running


def get(tier: str = "sample", *more: str) -> int:
    return main(["data", "get", "coco", "--tier", tier, "--unofficial", "--quiet", *more])


def quick_origin(host: Host, work: Path, **changes) -> origin.Origin:
    policy = replace(POLITE, timeout=1, interval=0)
    return origin.Origin(
        Client(policy, QuickClock(), window=0.5), work, host.url, official=False, shown=False, **changes
    )


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def data_below(folder: Path) -> dict[str, bytes]:
    """The files of a dataset, without what `data get` notes about them."""
    notes = {coco.folders.COMPLETE, "ledger.jsonl", full.DONE}
    return {place: content for place, content in files_below(folder).items() if place not in notes}


def assert_same_records(part: Path, whole: Path) -> None:
    """Every record of a sample is the official one, of the right image, and none of its images' records is missing."""
    ours, official = json.loads(part.read_bytes()), json.loads(whole.read_bytes())
    ids = {image["id"] for image in ours["images"]}
    for section, key in (("images", "id"), ("annotations", "image_id")):
        assert ours[section] == [record for record in official[section] if record[key] in ids]
    assert ours["categories"] == official["categories"] if "categories" in official else "categories" not in ours


# The sample.


def test_the_sample_is_a_part_of_the_official_files(host):
    assert get() == 0
    data, source = coco.folder("sample"), toy()
    for kind in coco.folders.KINDS:
        for split in coco.folders.SPLITS:
            official = source / "annotations" / f"{kind}_val2017.json"
            assert_same_records(data.annotations(kind, split), official)
    for split in coco.folders.SPLITS:
        images = json.loads(data.instances(split).read_bytes())["images"]
        assert {path.name for path in data.images(split).iterdir()} == {image["file_name"] for image in images}
        for image in images:
            assert data.image(split, image).read_bytes() == (source / "val2017" / image["file_name"]).read_bytes()
        for record in json.loads(data.panoptic(split).read_bytes())["annotations"]:
            png = data.panoptic_pngs(split) / record["file_name"]
            assert png.read_bytes() == (source / "annotations/panoptic_val2017" / record["file_name"]).read_bytes()
        assert coco.validate(data.instances(split)) == []
    assert problems(data.root) == []


def test_its_two_splits_share_no_image(host):
    get()
    data = coco.folder("sample")
    val, train = ({path.name for path in data.images(split).iterdir()} for split in coco.folders.SPLITS)
    assert val and train and not val & train


def test_a_second_call_asks_nobody(host):
    get()
    before, asked = files_below(status.place("coco", "sample")), len(host.log)
    assert get() == 0
    assert len(host.log) == asked
    assert files_below(status.place("coco", "sample")) == before


def test_pieces_of_the_archives_are_enough(host):
    get()
    assert all(asked for path, _, asked in host.log if path.endswith(".zip"))
    assert not any(path.startswith("/zips/") for path, _, _ in host.log)


@pytest.mark.parametrize("inner", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_without_ranges_and_from_a_folder_it_is_the_same(host, inner, tmp_path):
    get()
    with Host(toy_files(inner), ranges=False) as plain:
        root = sample.get(tmp_path / "plain", quick_origin(plain, tmp_path / "work"))
    ours, other = data_below(status.place("coco", "sample")), data_below(root)
    assert {place for place in ours if "stuff" not in place} == set(other)
    assert all(ours[place] == content for place, content in other.items())
    assert "could only be had whole" in (root / coco.folders.COMPLETE).read_text()
    folder = tmp_path / "folder"
    folder.mkdir()
    for path, content in toy_files(inner).items():
        if path.endswith(".zip"):
            (folder / Path(path).name).write_bytes(content)
    asked = len(host.log)
    assert get("sample", "--from", str(folder), "--to", str(tmp_path / "copied")) == 0
    assert data_below(tmp_path / "copied") == ours
    assert len(host.log) == asked


def test_from_a_tree_that_is_unpacked_it_is_the_same(host, tmp_path, capsys):
    get()
    asked, ours = len(host.log), data_below(status.place("coco", "sample"))
    assert get("sample", "--from", str(toy()), "--to", str(tmp_path / "copied")) == 0
    assert data_below(tmp_path / "copied") == ours
    assert len(host.log) == asked
    assert get("full", "--from", str(toy())) == 1
    assert "name it in the variable SYNSCENES_COCO" in capsys.readouterr().err


def test_without_a_network_one_line_says_so_at_once(monkeypatch, tmp_path, capsys):
    with Host({}) as gone:
        url = gone.url
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    began = time.monotonic()
    assert main(["data", "get", "coco", "--host", url]) == 1
    assert time.monotonic() - began < 20
    said = capsys.readouterr().err
    assert "no connection" in said and said.count("\n") == 1
    monkeypatch.setenv("SYNSCENES_OFFLINE", "1")
    assert main(["data", "get", "coco", "--host", url]) == 1
    assert "SYNSCENES_OFFLINE forbids" in capsys.readouterr().err


def test_the_second_host_serves_where_the_first_does_not(host, monkeypatch, tmp_path):
    with Host({}) as empty:
        monkeypatch.setattr(sources, "hosts", lambda option: (empty.url, host.url))
        assert quick_origin(host, tmp_path / "w").host == host.url
        host.faults[ANNOTATIONS] = [coco_host.status(503)] * 2
        assert quick_origin(host, tmp_path / "w").host == host.url


@pytest.mark.parametrize("address", ["ftp://x", "images.cocodataset.org", "http://", "http://user:pw@x", "http://a b"])
def test_an_odd_address_of_a_host_is_refused(address):
    with pytest.raises(CourseError, match="is no address of a host"):
        sources.hosts(address)


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "is full"), (errno.EROFS, "can't be written"), (errno.EIO, "failed")]
)
def test_what_the_disk_says_is_one_line_and_nothing_is_lost(number, said, host, monkeypatch, capsys):
    take = zips.Zip.take
    monkeypatch.setattr(zips.Zip, "take", lambda *arguments, **options: fail(OSError(number, os.strerror(number))))
    assert get() == 1
    line = capsys.readouterr().err
    assert said in line and line.count("\n") == 1
    monkeypatch.setattr(zips.Zip, "take", take)
    assert get() == 0


def fail(error: Exception) -> None:
    raise error


def test_what_the_host_lacks_is_said_and_the_rest_is_there(host):
    del host.files[PANOPTIC]
    get()
    data = coco.folder("sample")
    assert data.has("stuff", "val") and not data.has("panoptic", "val")
    assert "panoptic annotations are missing" in (data.root / coco.folders.COMPLETE).read_text()
    with pytest.raises(
        CourseError, match=r"No annotations/panoptic_val2017\.json in .*: `python -m synscenes data get"
    ):
        data.panoptic("val")


def test_a_photograph_that_is_gone_comes_out_of_the_archive(host):
    lost = next(path for path in host.files if path.startswith("/val2017/"))
    content = host.files.pop(lost)
    get()
    root = status.place("coco", "sample")
    assert content in [path.read_bytes() for path in root.glob("*2017/*.jpg")]
    assert host.statuses("/zips/val2017.zip")


def test_a_photograph_that_is_nowhere_stops_the_sample_with_its_name(host, capsys):
    lost = next(path for path in host.files if path.startswith("/val2017/"))
    del host.files[lost], host.files["/zips/val2017.zip"]
    assert get() == 1
    assert lost[1:] in capsys.readouterr().err
    assert status.place("coco", "sample").exists() is False


def test_a_photograph_of_another_size_is_not_taken(host):
    """The annotations say how large a photograph is: a placeholder is seen by that."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (10, 10)).save(buffer, "JPEG")
    path = next(path for path in host.files if path.startswith("/val2017/"))
    content, host.files[path] = host.files[path], buffer.getvalue()
    get()
    taken = list(status.place("coco", "sample").glob(f"*2017/{Path(path).name}"))
    assert [place.read_bytes() for place in taken] == [content]  # from the archive


@pytest.mark.parametrize(
    "fault",
    [
        coco_host.cut_after(0.5),
        coco_host.status(429, Retry_After=5),
        coco_host.status(503),
        coco_host.stall,
        coco_host.says_longer,
        coco_host.shifted,
    ],
)
def test_the_sample_arrives_although_every_second_answer_fails(fault, host, tmp_path):
    expected = data_below(sample.get(tmp_path / "calm", quick_origin(host, tmp_path / "w1")))
    again = [coco_host.fine, fault] * 40
    for path in host.files:
        host.faults[path] = list(again) if path.endswith(".zip") else [fault]
    root = sample.get(tmp_path / "stormy", quick_origin(host, tmp_path / "w2"))
    assert data_below(root) == expected
    assert not (tmp_path / "w2").exists()


def test_an_archive_that_changes_midway_is_taken_anew(host, tmp_path):
    """The next call notices the new version, and mixes nothing."""
    with zipfile.ZipFile(io.BytesIO(host.files[ANNOTATIONS])) as file:
        members = {info.filename: file.read(info) for info in file.infolist()}
    padding = {f"annotations/{number}.txt": bytes(200_000) for number in range(3)}
    members = {"annotations/instances_val2017.json": b"", **padding, **members}  # two requests apart
    host.files[ANNOTATIONS] = coco_host.pack(members.items(), zipfile.ZIP_STORED)

    def change(handler, body):
        coco_host.fine(handler, body)
        host.files[ANNOTATIONS] = body[:-2] + b"\1\0!"  # a comment at the end: other bytes, the same members

    host.faults[ANNOTATIONS] = [coco_host.fine, coco_host.fine, change]
    with pytest.raises(CourseError, match="changed while it was read; run the same command again"):
        sample.get(tmp_path / "s", quick_origin(host, tmp_path / "w"))
    assert not (tmp_path / "s").exists()
    sample.get(tmp_path / "s", quick_origin(host, tmp_path / "w"))
    assert problems(tmp_path / "s") == []


def test_a_corrupt_member_leaves_nothing_behind(host, capsys):
    data = bytearray(host.files[ANNOTATIONS])
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as file:
        place = file.getinfo("annotations/captions_val2017.json").header_offset + 200
    data[place] ^= 255
    host.files[ANNOTATIONS] = bytes(data)
    assert get() == 1
    assert "captions_val2017.json' in annotations_trainval2017.zip is damaged" in capsys.readouterr().err
    assert not status.place("coco", "sample").exists()


def test_a_hostile_archive_is_refused(host, capsys, tmp_path):
    host.files[PANOPTIC] = coco_host.pack([("annotations/panoptic_val2017.json", b"{}"), ("../../evil", b"evil")])
    assert get() == 1
    assert "Refused the archive panoptic" in capsys.readouterr().err
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("name", ["../evil.jpg", "/etc/passwd", "evil.exe", "000000000001.jpg/../../x.jpg"])
def test_a_hostile_file_name_in_the_annotations_is_refused(name, host, capsys, tmp_path):
    with zipfile.ZipFile(io.BytesIO(host.files[ANNOTATIONS])) as file:
        members = {info.filename: file.read(info) for info in file.infolist()}
    document = json.loads(members["annotations/instances_val2017.json"])
    for image in document["images"]:
        image["file_name"] = name
    members["annotations/instances_val2017.json"] = json.dumps(document).encode()
    host.files[ANNOTATIONS] = coco_host.pack(members.items())
    assert get() == 1
    assert "is no name of a COCO photograph" in capsys.readouterr().err
    assert not any(path.startswith("/val2017/") for path, _, _ in host.log)


def test_the_official_length_and_hash_are_demanded_by_default(host, capsys):
    assert main(["data", "get", "coco", "--quiet"]) == 1
    assert "the official file 252,907,541" in capsys.readouterr().err


def test_damage_is_found_and_repaired(host, capsys):
    get()
    root = status.place("coco", "sample")
    image, png = sorted(root.glob("val2017/*.jpg"))[0], sorted(root.glob("annotations/panoptic_train2017/*.png"))[0]
    whole = files_below(root)
    image.write_bytes(b"x" * image.stat().st_size)
    png.unlink()
    assert main(["data", "check", "coco"]) == 1
    said = capsys.readouterr().err
    assert f"val2017/{image.name} has changed" in said and f"{png.name} is missing" in said
    assert main(["data", "check", "coco", "--repair"]) == 1
    assert get() == 0
    assert main(["data", "check", "coco", "--tier", "sample"]) == 0
    assert data_below(root) == {place: whole[place] for place in data_below(root)}
    assert set(files_below(root)) == set(whole)


def test_a_folder_of_somebody_else_is_not_touched(host, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("three years")
    assert get("sample", "--to", str(tmp_path / "mine")) == 1
    assert "did not make" in capsys.readouterr().err
    assert files_below(tmp_path / "mine") == {"thesis.txt": b"three years"}


# The whole of COCO.


@pytest.mark.parametrize("more", [[], ["--no-archives"]])
@pytest.mark.parametrize("inner", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_full_is_the_official_tree(host, more, inner):
    host.files = dict(toy_files(inner))
    assert get("full", *more) == 0
    expected = data_below(toy())
    expected = {place: content for place, content in expected.items() if "/scenes_" not in place}
    assert data_below(coco.folder("full").root) == expected
    assert not list(status.place("coco", "full").parent.glob(".coco.part"))
    asked = len(host.log)
    assert get("full", *more) == 0
    assert len(host.log) == asked


def test_a_part_of_the_full_tier(host, capsys):
    assert get("full", "--split", "val", "--parts", "annotations", "images") == 0
    data = coco.folder("full")
    assert data.has("instances", "val") and not data.has("instances", "train") and not data.has("panoptic", "val")
    with pytest.raises(
        CourseError, match=r"No train2017 in .*: `python -m synscenes data get coco --tier full` gets it"
    ):
        data.images("train")
    assert get("full") == 0
    assert host.statuses("/zips/val2017.zip") == [200]  # not twice
    assert data.has("instances", "train") and data.has("panoptic", "val")


def test_the_beginning_of_another_archive_is_kept(host):
    """Fifteen gigabytes of train2017.zip must not go because somebody asks for val."""
    begun = status.place("coco", "full").parent / ".coco.part" / "train2017.zip.part"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"x" * 100)
    assert get("full", "--split", "val", "--parts", "annotations") == 0 and begun.read_bytes() == b"x" * 100


def test_an_archive_that_is_no_archive_is_fetched_again(host):
    """A page sent in its place with status 200, say."""
    whole = host.files[ANNOTATIONS]
    host.files[ANNOTATIONS] = b"<html>Sign in to this network</html>"
    assert get("full", "--split", "val", "--parts", "annotations") == 1
    host.files[ANNOTATIONS] = whole
    assert get("full", "--split", "val", "--parts", "annotations") == 0


def test_what_is_there_already_is_not_overwritten(host, capsys):
    root = status.place("coco", "full")
    source = toy() / "val2017"
    (root / "val2017").mkdir(parents=True)
    same, other = sorted(source.iterdir())[:2]
    shutil.copy2(same, root / "val2017")
    before = os.stat(root / "val2017" / same.name).st_mtime_ns
    (root / "val2017" / other.name).write_bytes(b"my own edit")
    assert get("full", "--split", "val", "--parts", "images") == 1
    assert "move it away" in capsys.readouterr().err
    assert (root / "val2017" / other.name).read_bytes() == b"my own edit"
    (root / "val2017" / other.name).unlink()
    assert get("full", "--split", "val", "--parts", "images") == 0
    assert os.stat(root / "val2017" / same.name).st_mtime_ns == before


def test_an_archive_is_checked_before_it_is_unpacked(host, monkeypatch, tmp_path, capsys):
    real = {
        split: replace(archive, size=len(host.files[f"/{archive.place}"])) for split, archive in sources.IMAGES.items()
    }
    monkeypatch.setattr(sources, "IMAGES", real)
    assert main(["data", "get", "coco", "--tier", "full", "--parts", "images", "--split", "val", "--quiet"]) == 1
    assert "its sha256 is" in capsys.readouterr().err
    assert data_below(tmp_path / "home") == {".coco.lock": b""} or not data_below(tmp_path / "home")


def test_a_full_disk_is_seen_before_anything_is_fetched(host, monkeypatch, capsys):
    monkeypatch.setattr(space.shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**12, 10**12, 10**9))
    for tier, more in (("full", []), ("full", ["--no-archives"])):
        assert main(["data", "get", "coco", "--tier", tier, "--quiet", *more]) == 1
        said = capsys.readouterr().err
        assert "1.0 GB free" in said and "--to" in said and said.count("\n") == 1
    assert host.log == []


def test_two_at_once_do_not_mix(host, capsys):
    with space.alone(status.place("coco", "sample")):
        assert get() == 1
    assert "Another process is at work" in capsys.readouterr().err
    assert get() == 0


@pytest.mark.parametrize("tier", ["sample", "full"])
def test_a_process_killed_again_and_again_ends_with_the_same_files(tier, host, tmp_path):
    """SIGKILL at ever later moments: what is there is whole at any time, and the next process goes on with it."""
    expected = {"sample": sample.get, "full": full.get}[tier](tmp_path / "calm", quick_origin(host, tmp_path / "w"))

    def slowly(handler, body):
        code, headers, piece = coco_host._answer(handler, body)
        handler.begin(code, **headers)
        for start in range(0, len(piece), 8192):
            handler.write(piece[start : start + 8192])
            handler.wfile.flush()
            time.sleep(0.01)

    for path in host.files:
        host.faults[path] = [slowly] * 200
    root = status.place("coco", tier)
    environment = os.environ | {"PYTHONPATH": str(Path(sources.__file__).parents[2])}
    command = [sys.executable, "-m", "synscenes", "data", "get", "coco", "--tier", tier, "--unofficial", "--quiet"]
    official, kills = set(files_below(expected).values()) | set(host.files.values()), 0
    for patience in (0.05, 0.5, 180):
        first, process = len(host.log), subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        while process.poll() is None and len(host.log) == first:
            time.sleep(0.01)  # until it has asked for the first time
        try:
            assert process.wait(patience) == 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        if tier == "sample":
            assert not root.exists() or data_below(root) == data_below(expected)
        elif root.exists():
            whole = {place: data for place, data in data_below(root).items() if not Path(place).name.startswith(".")}
            assert all(data in official for data in whole.values())
        if process.returncode == 0:
            break
    assert kills >= 1 and process.returncode == 0
    assert data_below(root) == data_below(expected)
    assert problems(root) == []
    assert {path.name for path in root.parent.iterdir()} <= {root.name, f".{root.name}.lock"}


def test_ctrl_c_is_told_in_a_line_and_the_next_run_succeeds(host, tmp_path):
    for path in host.files:
        host.faults[path] = [coco_host.stall]
    environment = os.environ | {"PYTHONPATH": str(Path(sources.__file__).parents[2])}
    command = [sys.executable, "-m", "synscenes", "data", "get", "coco", "--unofficial", "--quiet"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    while not host.log:
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    assert process.wait(60) == 130
    assert time.monotonic() - began < 20
    assert process.stderr.read() == "synscenes data: stopped.\n"
    host.faults.clear()
    assert get() == 0


# The rule.

WORDS = st.sets(st.sampled_from(["category 1", "category 2", "category 3", "crowd", "joints"]))


@given(st.dictionaries(st.integers(1, 10**6), WORDS, min_size=1, max_size=40), st.integers(1, 20))
@settings(max_examples=50, deadline=None)
def test_the_rule_chooses_as_many_as_it_can_and_shows_each_trait(found, each):
    traits = {number: words or {"empty"} for number, words in found.items()}
    chosen = selecting.choose(traits, each)
    assert chosen == sorted(set(chosen)) and set(chosen) <= set(traits)
    assert len(chosen) == min(each, len(traits))
    everything = set().union(*traits.values())
    if each >= len(everything):  # then there is room for one image a trait
        assert set().union(*(traits[number] for number in chosen)) == everything
    assert selecting.choose(dict(reversed(traits.items())), each) == chosen  # the file's order plays no part
    splits = selecting.split(traits, each)
    assert not set(splits["val"]) & set(splits["train"])


# The real photographs, where they are at hand.


@pytest.mark.skipif(not MINI.is_dir(), reason="shared/refs/coco_mini is not here: real annotations are not tried")
def test_real_coco_in_the_official_layout(monkeypatch, tmp_path):
    with Host(coco_host.official(MINI)) as host:
        monkeypatch.setenv(sources.HOST_VARIABLE, host.url)
        monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
        host.faults = collections.defaultdict(list, {ANNOTATIONS: [coco_host.fine, coco_host.cut_after(0.5)]})
        assert get() == 0
        data = coco.folder("sample")
        chosen = 0
        for split in coco.folders.SPLITS:
            for kind in ("instances", "person_keypoints", "captions"):
                assert_same_records(data.annotations(kind, split), MINI / "annotations" / f"{kind}_val2017.json")
            for path in data.images(split).iterdir():
                chosen += 1
                assert path.read_bytes() == (MINI / "val2017" / path.name).read_bytes()
        assert chosen == 78
        categories = {record["category_id"] for record in json.loads(data.instances("val").read_bytes())["annotations"]}
        everything = json.loads((MINI / "annotations/instances_val2017.json").read_bytes())["annotations"]
        # 39 images can't show all of 79's: the rule comes close.
        assert len(categories) > 0.9 * len({record["category_id"] for record in everything})
        assert problems(data.root) == []
