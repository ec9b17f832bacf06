"""``data get imagenet`` on archives packed as the official ones are: unpacked, indexed, sampled, and hostile."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagenet_toys as toys
from synscenes import ilsvrc, imagenet
from synscenes.__main__ import main
from synscenes.errors import CourseError
from synscenes.realdata import access, copies, imagenet_sample, indexing, installing, status, tars
from synscenes.realdata.ledger import problems


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    """A folder with the toy's official archives; not to be changed."""
    return toys.write(tmp_path_factory.mktemp("imagenet") / "archives", toys.archives())


@pytest.fixture
def home(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SYNSCENES_IMAGENET", raising=False)
    return tmp_path / "home"


def get(folder: Path, tier: str = "full", *more: str) -> int:
    return main(["data", "get", "imagenet", "--tier", tier, "--from", str(folder), "--unofficial", "--quiet", *more])


def content_of(tree: ilsvrc.Tree) -> dict[str, bytes]:
    """The bytes of each image by name, wherever it lies."""
    records = [*tree.train(), *tree.val()]
    return {record.path.name: getattr(record, "read", record.path.read_bytes)() for record in records}


def expected_content() -> dict[str, bytes]:
    found = dict(toys.val_images())
    for images in toys.train_images().values():
        found |= images
    return found


def assert_is_the_toy(tree: ilsvrc.Tree, boxes: bool = True) -> None:
    """Every image with its bytes, class and box."""
    assert content_of(tree) == expected_content()
    assert {record.path.stem: record.wnid for record in tree.val()} == toys.val_truth()
    assert tree.wnids() == sorted(toys.wnids())
    for record in [*tree.train(), *tree.val()]:
        assert imagenet.classes()[record.label].wnid == record.wnid
        assert record.image.size == (16, 12)
        if boxes or record.split == "val":
            assert record.boxes() == (ilsvrc.Box(record.wnid, (1, 2, 9, 8)),)
    for wnid, images in toys.train_images().items():
        assert {record.path.name for record in tree.train([wnid])} == set(images)


@pytest.mark.parametrize("more", [[], ["--in-place"]], ids=["unpacked", "in place"])
def test_the_official_archives_become_a_tree(packed, home, more):
    assert get(packed, "full", *more) == 0
    assert_is_the_toy(ilsvrc.find("full"))
    assert problems(home / "imagenet") == []
    assert (home / "imagenet" / "train").is_dir() == (not more)


def test_torchvision_reads_what_was_unpacked(packed, home):
    from torchvision.datasets import ImageNet

    get(packed)
    for split, images in (("train", 3 * toys.TRAIN), ("val", 3 * toys.VAL)):
        data = ImageNet(home / "imagenet", split)
        assert len(data) == images
        assert data.wnids == sorted(toys.wnids())
        assert [data.classes[place][0] for place in (0, 1)] == ["tench", "American alligator"]
        for path, label in data.samples:
            name = Path(path).name
            assert data.wnids[label] == (toys.val_truth().get(Path(path).stem) or name.partition("_")[0])


def test_torchvisions_own_unpacking_gives_the_same_tree(packed, home, monkeypatch, tmp_path):
    """The reference: torchvision's parser on the same archives, with their MD5 in place of the official ones."""
    from torchvision.datasets import imagenet as reference

    own = {"train": access.TRAIN, "val": access.VAL, "devkit": access.DEVKIT}
    meta = {
        split: (archive.name, hashlib.md5((packed / archive.name).read_bytes()).hexdigest())
        for split, archive in own.items()
    }
    monkeypatch.setattr(reference, "ARCHIVE_META", meta)
    root = Path(shutil.copytree(packed, tmp_path / "reference"))
    theirs = {split: reference.ImageNet(root, split) for split in ("train", "val")}
    get(packed)
    for split in ("train", "val"):
        ours = reference.ImageNet(home / "imagenet", split)
        assert [(Path(path).relative_to(home / "imagenet"), label) for path, label in ours.samples] == [
            (Path(path).relative_to(root), label) for path, label in theirs[split].samples
        ]
    assert reference.load_meta_file(home / "imagenet")[1] == reference.load_meta_file(root)[1]


def test_the_md5_and_names_are_torchvisions():
    from torchvision.datasets.imagenet import ARCHIVE_META

    ours = {"train": access.TRAIN, "val": access.VAL, "devkit": access.DEVKIT}
    assert {split: (archive.name, archive.md5) for split, archive in ours.items()} == ARCHIVE_META


def test_kaggles_archive_becomes_the_same_tree(home, tmp_path):
    folder = toys.write(tmp_path / "kaggle", toys.kaggle())
    assert get(folder) == 0
    assert_is_the_toy(ilsvrc.find("full"), boxes=False)
    assert get(folder, "full", "--in-place", "--to", str(tmp_path / "x")) == 1


def test_an_unpacked_tree_is_read_where_it_is(packed, home, tmp_path, capsys):
    tree = installing.install(copies.find(packed), tmp_path / "mine", official=False, shown=False)
    before = sorted(path.stat().st_mtime_ns for path in tree.rglob("*"))
    assert get(tree) == 0
    assert_is_the_toy(ilsvrc.find("full"))
    assert sorted(path.stat().st_mtime_ns for path in tree.rglob("*")) == before
    assert get(tree, "full", "--to", str(tree)) == 1


def test_what_is_unpacked_after_an_index_is_what_is_read(packed, home, tmp_path):
    folder = Path(shutil.copytree(packed, tmp_path / "archives"))
    assert get(folder, "full", "--in-place") == 0
    assert get(folder) == 0
    shutil.rmtree(folder)
    assert_is_the_toy(ilsvrc.find("full"))


def test_a_sample_that_lost_a_class_comes_back_whole(packed, home, capsys):
    assert get(packed, "sample") == 0
    root = home / "imagenet-sample"
    lost = next((root / "train").iterdir())
    shutil.rmtree(lost)
    assert get(packed, "sample") == 0 and any(lost.iterdir()) and problems(root) == []


def test_boxes_of_a_class_that_were_lost_come_back(packed, home):
    assert get(packed) == 0
    lost = next((home / "imagenet" / "Annotations" / "train").iterdir())
    shutil.rmtree(lost)
    assert get(packed) == 0 and any(lost.iterdir()) and problems(home / "imagenet") == []


def test_a_tree_without_training_images_is_named(packed, home, tmp_path, capsys):
    tree = installing.install(copies.find(packed), tmp_path / "mine", official=False, shown=False)
    shutil.rmtree(tree / "train")
    assert get(tree, "sample") == 1
    assert "train" in capsys.readouterr().err.splitlines()[-1]


def test_a_damaged_index_is_one_line(packed, home):
    assert get(packed, "full", "--in-place") == 0
    place = next((home / "imagenet").glob("*.npz"))
    place.write_bytes(place.read_bytes()[:-40])
    with pytest.raises(CourseError, match="index the archives again"):
        list(ilsvrc.find("full").val())


@pytest.mark.parametrize("form", ["archives", "kaggle", "tree", "index"])
def test_the_sample_is_the_same_from_every_form(form, packed, home, tmp_path):
    folder = packed
    if form == "kaggle":
        folder = toys.write(tmp_path / "kaggle", toys.kaggle())
    elif form in ("tree", "index"):
        make = installing.install if form == "tree" else indexing.index
        folder = make(copies.find(packed), tmp_path / form, official=False, shown=False)
    assert get(folder, "sample") == 0
    tree = ilsvrc.find("sample")
    assert {record.wnid for record in tree.train()} == set(toys.wnids()[:2])  # class 207 is none of the twenty
    content = expected_content()
    for wnid in toys.wnids()[:2]:
        assert [record.path.name for record in tree.train([wnid])] == sorted(toys.train_images()[wnid])[
            : imagenet_sample.TRAIN
        ]
        val = [record.path.stem for record in tree.val() if record.wnid == wnid]
        assert val == sorted(name for name, its in toys.val_truth().items() if its == wnid)[: imagenet_sample.VAL]
    assert all(content[name] == data for name, data in content_of(tree).items())
    assert all(record.boxes() == (ilsvrc.Box(record.wnid, (1, 2, 9, 8)),) for record in tree.val())
    assert tree.problems(decode=True) == []
    assert problems(home / "imagenet-sample") == []


def test_without_a_copy_the_way_to_one_is_shown(home, capsys):
    assert main(["data", "get", "imagenet"]) == 1
    said = capsys.readouterr().out
    for word in (
        "image-net.org",
        "kaggle.com",
        access.TRAIN.name,
        access.DEVKIT.name,
        "non-commercial",
        "--from FOLDER",
    ):
        assert word in said
    assert not home.exists()


def test_a_missing_tier_is_said_in_one_line(home, tmp_path):
    for tier in ("sample", "full"):
        with pytest.raises(CourseError, match=f"`python -m synscenes data get imagenet --tier {tier}` says how"):
            ilsvrc.find(tier)
    (home / "imagenet").mkdir(parents=True)
    (home / "imagenet" / "ledger.jsonl").write_text("")
    with pytest.raises(CourseError, match="not complete"):
        ilsvrc.find("full")


def test_the_official_md5_is_demanded_by_default(packed, home, capsys):
    assert main(["data", "get", "imagenet", "--tier", "full", "--from", str(packed), "--quiet"]) == 1
    assert "has the MD5" in capsys.readouterr().err
    assert not (home / "imagenet").exists()


def test_an_archive_is_read_for_its_md5_once(packed, monkeypatch, tmp_path):
    own = {archive.name: hashlib.md5((packed / archive.name).read_bytes()).hexdigest() for archive in access.ARCHIVES}
    official = tuple(access.Official(archive.name, own[archive.name], 0, "") for archive in access.ARCHIVES)
    monkeypatch.setattr(access, "ARCHIVES", official)
    read = []
    monkeypatch.setattr(installing, "digest", lambda path, *more: read.append(path.name) or own[path.name])
    copy = copies.find(packed)
    for _ in range(2):
        installing.verify(copy, tmp_path, shown=False)
    assert sorted(read) == sorted(own)


def test_the_official_numbers_are_demanded(packed, monkeypatch, tmp_path):
    monkeypatch.setattr(installing, "verify", lambda *arguments: None)
    with pytest.raises(CourseError, match="holds 21 validation images, and 50,000 are expected"):
        installing.install(copies.find(packed), tmp_path / "x", shown=False)


@pytest.mark.parametrize("missing", [access.VAL.name, access.DEVKIT.name])
def test_a_missing_archive_is_named(missing, packed, tmp_path):
    folder = Path(shutil.copytree(packed, tmp_path / "some"))
    (folder / missing).unlink()
    with pytest.raises(CourseError, match=f"lacks {missing}"):
        copies.find(folder)


def test_a_folder_with_nothing_in_it(tmp_path):
    with pytest.raises(CourseError, match="No ImageNet in"):
        copies.find(tmp_path)
    with pytest.raises(CourseError, match="No folder"):
        copies.find(tmp_path / "nowhere")


def test_damage_is_found_and_repaired(packed, home, capsys):
    get(packed)
    root = home / "imagenet"
    image = sorted((root / "train" / toys.wnids()[1]).iterdir())[3]
    image.write_bytes(bytes(image.stat().st_size))
    sorted((root / "val" / toys.wnids()[0]).iterdir())[0].unlink()
    assert main(["data", "check", "imagenet"]) == 1
    said = capsys.readouterr().err
    assert f"train/{toys.wnids()[1]} has changed" in said and f"val/{toys.wnids()[0]} has 6 files" in said
    main(["data", "check", "imagenet", "--repair"])
    assert get(packed) == 0
    assert main(["data", "check", "imagenet"]) == 0
    assert_is_the_toy(ilsvrc.find("full"))


def test_an_index_notices_that_its_archive_changed(packed, tmp_path):
    folder = Path(shutil.copytree(packed, tmp_path / "moving"))
    root = indexing.index(copies.find(folder), tmp_path / "index", official=False, shown=False)
    assert ilsvrc.load(root).problems(decode=True) == []
    with open(folder / access.VAL.name, "ab") as file:
        file.write(bytes(512))
    with pytest.raises(CourseError, match="has changed since it was indexed"):
        ilsvrc.load(root).val()
    (folder / access.TRAIN.name).unlink()
    assert [line.split(" ")[1] for line in ilsvrc.load(root).problems()] == ["is", "has"]


def test_a_process_killed_while_unpacking_loses_at_most_a_class(packed, home):
    """SIGKILL in the middle: folders that have their name are whole, and the next run goes on."""
    slow = (
        "import sys, time; from synscenes.realdata import installing\n"
        "write = installing.write_image\n"
        "installing.write_image = lambda *a: (time.sleep(0.01), write(*a))[1]\n"
        "from synscenes.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = ["data", "get", "imagenet", "--tier", "full", "--from", str(packed), "--unofficial", "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(Path(status.__file__).parents[2])}
    root, content = home / "imagenet", expected_content()
    for moment in (root / ".val.part", root / "train" / toys.wnids()[0]):
        process = subprocess.Popen([sys.executable, "-c", slow, *command], env=environment)
        while not moment.exists():
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for folder in [*root.glob("train/*"), *root.glob("val/*")]:
            assert len(list(folder.iterdir())) == (toys.TRAIN if folder.parent.name == "train" else toys.VAL)
            assert all(path.read_bytes() == content[path.name] for path in folder.iterdir())
        with pytest.raises(CourseError, match="not complete"):
            ilsvrc.find("full")
    assert get(packed) == 0
    assert_is_the_toy(ilsvrc.find("full"))
    assert not list(root.glob(".*"))


# Archives that aren't what they seem.


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


def tar_of(*entries: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for each in entries:
            file.addfile(each)
    return buffer.getvalue()


HOSTILE = {
    "parent": entry("../n01440764_1.JPEG"),
    "absolute": entry("/tmp/n01440764_1.JPEG"),
    "drive": entry("C:\\n01440764_1.JPEG"),
    "symbolic link": entry("n01440764_1.JPEG", tarfile.SYMTYPE, "/etc/passwd"),
    "hard link": entry("n01440764_1.JPEG", tarfile.LNKTYPE, "/etc/passwd"),
    "device": entry("n01440764_1.JPEG", tarfile.CHRTYPE),
    "pipe": entry("n01440764_1.JPEG", tarfile.FIFOTYPE),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("place", ["outer", "class", "val", "devkit", "boxes"])
def test_a_hostile_entry_is_refused_and_nothing_is_written_outside(place, hostile, packed, home, tmp_path, capsys):
    folder = Path(shutil.copytree(packed, tmp_path / "copy", copy_function=os.link))
    data, wnid = tar_of(hostile), toys.wnids()[0]
    changed = {
        "outer": (access.TRAIN.name, data),
        "class": (access.TRAIN.name, toys.tar([(f"{wnid}.tar", data)])),
        "val": (access.VAL.name, data),
        "devkit": (access.DEVKIT.name, gzip.compress(data)),
        "boxes": (access.VAL_BOXES.name, gzip.compress(data)),
    }
    name, content = changed[place]
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    before = {path for path in tmp_path.rglob("*") if home not in path.parents and path != home}
    assert get(folder) == 1
    said = capsys.readouterr().err
    assert "Refused the archive" in said and said.count("\n") == 1
    assert {path for path in tmp_path.rglob("*") if home not in path.parents and path != home} == before
    assert not list(home.rglob("n01440764_1.JPEG")) and not any(path.is_symlink() for path in home.rglob("*"))


def test_a_class_or_image_in_the_wrong_place_is_refused(tmp_path):
    for files in ([("n02084071.tar", b"")], [("n01440764.tar", toys.tar([("n01443537_1.JPEG", b"-")]))]):
        folder = toys.write(tmp_path, {**toys.archives(), access.TRAIN.name: toys.tar(files)})
        copy = copies.find(folder)
        with pytest.raises(CourseError, match=r"not one of ILSVRC|no image of this class"):
            [list(copy.train(wnid)) for wnid in copy.classes]


def test_an_archive_that_swells_is_cut_off(tmp_path):
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(toys.tar([("a/meta.mat", bytes(40_000_000))])))
    with pytest.raises(CourseError, match="more than 200 times its size"):
        list(tars.unzipped(path, 10**9))
    with pytest.raises(CourseError, match="more than any file of it"):
        list(tars.unzipped(path, 1000))


def walk(data: bytes) -> dict[str, bytes]:
    return {
        found.path: data[found.offset : found.offset + found.size] for found in tars.walk(io.BytesIO(data), "toy.tar")
    }


FILES = {"a/n01440764_1.JPEG": b"dog" * 300, "b": b"", "c": bytes(512), "./d": b"x"}
TOY = toys.tar(FILES.items())


def test_a_walk_finds_each_file_in_its_place():
    assert walk(TOY) == {name.removeprefix("./"): content for name, content in FILES.items()}
    nested = toys.tar([("x.tar", TOY), ("y.tar", TOY)])
    inner = list(tars.walk(io.BytesIO(nested), "outer"))[1]
    found = list(tars.walk(io.BytesIO(nested), "inner", inner.offset, inner.size))
    assert {each.path: nested[each.offset : each.offset + each.size] for each in found} == walk(TOY)


@given(st.integers(0, len(TOY) - 1))
@settings(max_examples=80, deadline=None)
def test_a_tar_cut_anywhere_is_whole_or_refused(length):
    """tarfile alone takes a cut between two files for the end."""
    try:
        assert walk(TOY[:length]) == walk(TOY)
    except CourseError as error:
        assert "damaged or cut off" in str(error)


HEADERS = [place for place in range(0, len(TOY), 512) if TOY[place + 257 : place + 262] == b"ustar"]


@given(st.sampled_from(HEADERS), st.integers(0, 511), st.integers(1, 255))
@settings(max_examples=80, deadline=None)
def test_a_flipped_byte_in_a_header_is_seen(header, place, flip):
    data = bytearray(TOY)
    data[header + place] ^= flip
    try:
        found = walk(bytes(data))
    except CourseError as error:
        assert "\n" not in str(error)
    else:  # the header's checksum can't see its own spelling change: blanks and zeros mean the same
        assert found == walk(TOY)


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_files_or_one_line(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.tar.gz"
        for content in (data, gzip.compress(data), gzip.compress(data)[:-5]):
            path.write_bytes(content)
            for read in (lambda: list(tars.unzipped(path, 100)), lambda: walk(data)):
                try:
                    read()
                except CourseError as error:
                    assert "\n" not in str(error)


def test_the_list_shows_every_tier(packed, home, capsys):
    get(packed, "full", "--in-place")
    capsys.readouterr()
    assert main(["data", "list"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["imagenet", "full", "whole"] in [row[:3] for row in rows]
    assert ["coco", "sample", "missing"] in [row[:3] for row in rows]
    assert json.loads((home / "imagenet" / "packed.json").read_text())["train"]["path"] == str(
        packed / access.TRAIN.name
    )
