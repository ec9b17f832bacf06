"""Making micro-COCO: the layout, the same bytes for the same seed, dials, planted errors, interruptions."""

from __future__ import annotations

import errno
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL
import pytest
from PIL import features

import micrococo_toys as toys
from synscenes import micrococo
from synscenes.errors import CourseError
from synscenes.micrococo import Dials, sprites, store, writer
from synscenes.micrococo.categories import THINGS

NAMES = ("instances", "person_keypoints", "captions", "panoptic", "stuff", "scenes")
PIXELS = "f01d6ed02eee6652343561c9e85615392d4ac788896398cf86a4b40c2be9c167"
RECORDS = "fbad7ab68a5232f64dec8501c8d47baa6ce42d4cd4d00ad7a5c23573c5973382"
JPEGS = {("13.0.0", "3.2.0"): "65096c676b435e701ef4f11613db858e008ef3881f2a93299c0e194e3a6495f9"}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_layout_is_the_official_one() -> None:
    found = set(files(toys.root()))
    for split, count in (("train", toys.TRAIN), ("val", toys.VAL)):
        for name in NAMES:
            assert f"annotations/{name}_{split}2017.json" in found
        for image in toys.document("instances", split)["images"]:
            assert f"{split}2017/{image['id']:012d}.jpg" in found and image["file_name"] == f"{image['id']:012d}.jpg"
            assert f"annotations/panoptic_{split}2017/{image['id']:012d}.png" in found
        assert len([path for path in found if path.startswith(f"{split}2017/")]) == count


def test_sections_and_keys_are_the_official_ones() -> None:
    document = toys.document("instances")
    assert list(document) == ["info", "licenses", "images", "annotations", "categories"]
    assert set(document["images"][0]) == {
        "license", "file_name", "coco_url", "height", "width", "date_captured", "flickr_url", "id",
    }  # fmt: skip
    assert set(document["annotations"][0]) == {
        "segmentation",
        "area",
        "iscrowd",
        "image_id",
        "bbox",
        "category_id",
        "id",
    }
    assert document["categories"] == THINGS and "Twemoji" in document["licenses"][0]["name"]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    toys.need_sprites()
    made = [micrococo.generate(tmp_path / name, 2, 1, 8, workers=1, progress=False) for name in ("a", "b")]
    assert files(made[0]) == files(made[1])


def test_two_workers_and_a_larger_set_give_the_same_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toys.need_sprites()
    monkeypatch.setattr("synscenes.micrococo.workers.FEW", 2)
    large = files(micrococo.generate(tmp_path / "large", 6, 1, 5, workers=2, progress=False))
    small = files(micrococo.generate(tmp_path / "small", 3, 1, 5, workers=1, progress=False))
    for name, content in small.items():
        if name.endswith((".jpg", ".png")):
            assert large[name] == content
    first, more = (json.loads(found["annotations/instances_train2017.json"]) for found in (small, large))
    assert more["annotations"][: len(first["annotations"])] == first["annotations"]


def test_another_seed_gives_other_images() -> None:
    toys.need_sprites()
    one, other = (writer.draw(seed, "train", 0, Dials())[0].rgb for seed in (1, 2))
    assert (one != other).mean() > 0.3


def _digest() -> tuple[str, str, str]:
    pixels, records, jpegs = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for split in ("train", "val"):
        for index in range(10):
            picture, truth = writer.draw(77, split, index, Dials())
            pixels.update(picture.rgb.tobytes() + picture.owner.astype("<i2").tobytes() + picture.stuff.tobytes())
            rows = [truth.instances, truth.keypoints, truth.segments, truth.stuff, truth.scene]
            records.update(json.dumps(rows).encode())
            jpegs.update(writer.jpeg(picture.rgb, 77, split, index))
    return pixels.hexdigest(), records.hexdigest(), jpegs.hexdigest()


def test_pixels_and_records_are_the_same_on_every_machine() -> None:
    toys.need_sprites()
    pixels, records, jpegs = _digest()
    assert pixels == PIXELS, "the pictures changed: bump store.VERSION, then renew this digest"
    assert records == RECORDS, "the annotations changed: bump store.VERSION, then renew this digest"
    library = PIL.__version__, features.version("libjpeg_turbo") or features.version("jpg")
    if library in JPEGS:  # JPEG bytes are the encoder's, which differs between versions of Pillow
        assert jpegs == JPEGS[library]


def test_some_sprites_are_in_one_split_only() -> None:
    only_train = {e.code for e in sprites.ENTRIES if e.splits == ("train",)}
    only_val = {e.code for e in sprites.ENTRIES if e.splits == ("val",)}
    assert len(only_train) >= 10 and len(only_val) >= 10
    for split in ("train", "val"):
        assert sprites.choices("bird", split) and sprites.choices("car", split)


def test_without_context_things_are_anywhere() -> None:
    toys.need_sprites()
    scenes = [writer.draw(4, "train", index, Dials(context=False))[1].scene for index in range(12)]
    indoors = {thing["category"] for scene in scenes if scene["indoors"] for thing in scene["objects"]}
    outdoor_things = {
        "car",
        "bus",
        "truck",
        "train",
        "boat",
        "airplane",
        "elephant",
        "zebra",
        "giraffe",
        "cow",
        "sheep",
        "horse",
    }
    assert indoors & (outdoor_things | {"traffic light", "stop sign", "kite", "bear", "fire hydrant"})


def test_clutter_makes_more_things() -> None:
    toys.need_sprites()
    few, many = (
        sum(len(writer.draw(4, "train", index, Dials(clutter=clutter))[1].instances) for index in range(8))
        for clutter in (0.4, 2.0)
    )
    assert many > 1.5 * few


@pytest.mark.parametrize("wrong", [{"occlusion": 2}, {"clutter": 0}, {"mistakes": -0.1}, {"kinds": ("typo",)}])
def test_wrong_dials_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="Dials"):
        Dials(**wrong)


def test_planted_mistakes_are_listed_and_nothing_else_changes(tmp_path: Path) -> None:
    toys.need_sprites()
    folder = micrococo.generate(
        tmp_path / "wrong", toys.TRAIN, 0, toys.SEED, Dials(mistakes=0.5), workers=1, progress=False
    )
    wrong = {
        row["id"]: row
        for row in json.loads((folder / "annotations/instances_train2017.json").read_text())["annotations"]
    }
    right = {row["id"]: row for row in toys.document("instances")["annotations"]}
    points = {
        row["id"]: row
        for row in json.loads((folder / "annotations/person_keypoints_train2017.json").read_text())["annotations"]
    }
    right_points = {row["id"]: row for row in toys.document("person_keypoints")["annotations"]}
    listed = json.loads((folder / "annotations/mistakes_train2017.json").read_text())["mistakes"]
    assert {row["kind"] for row in listed} == set(micrococo.Dials().kinds)
    changed = {number for number in right.keys() | wrong.keys() if right.get(number) != wrong.get(number)}
    changed |= {number for number in right_points.keys() & points.keys() if right_points[number] != points[number]}
    assert changed == {row["annotation_id"] for row in listed}


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CourseError, match="is there already"):
        micrococo.generate(tmp_path, 1, 0, 0)
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("power cut")])
def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def stop(*args: object) -> None:
        raise error

    monkeypatch.setattr(writer, "jpeg", stop)
    toys.need_sprites()
    with pytest.raises(type(error)):
        micrococo.generate(tmp_path / "data", 2, 0, 0, workers=1, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writer, "jpeg", full)
    toys.need_sprites()
    with pytest.raises(CourseError, match="The disk is full") as refusal:
        micrococo.generate(tmp_path / "data", 2, 0, 0, workers=1, progress=False)
    assert "\n" not in str(refusal.value) and list(tmp_path.iterdir()) == []


_TWICE = """
import sys
from pathlib import Path
import synscenes.made_once
from synscenes.micrococo import store
store.TRAIN, store.VAL = 3, 2
synscenes.made_once.found_or_own = lambda name: Path(sys.argv[1]) / name
print(store.default(progress=False))
"""


def test_two_processes_at_once_make_it_once(tmp_path: Path) -> None:
    toys.need_sprites()
    command = [sys.executable, "-c", _TWICE, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=240) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert {out.strip() for out, _ in said} == {str(tmp_path / store.NAME)}
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == [store.NAME]


def test_default_returns_what_is_made_without_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path))
    (tmp_path / store.NAME).mkdir()
    tmp_path.chmod(0o555)  # a room's shared cache: nobody may write there
    assert micrococo.default() == tmp_path / store.NAME
    assert [path.name for path in tmp_path.iterdir()] == [store.NAME]


def test_there_is_variety() -> None:
    toys.need_sprites()
    kinds = {
        row["category_id"] for split in ("train", "val") for row in toys.document("instances", split)["annotations"]
    }
    settings = {scene["setting"] for split in ("train", "val") for scene in toys.document("scenes", split)["scenes"]}
    assert len(kinds) >= 25 and len(settings) >= 7


def test_every_setting_paints_every_pixel() -> None:
    toys.need_sprites()
    from synscenes.micrococo.chance import image_rng
    from synscenes.micrococo.settings import SETTINGS

    for builder, _ in SETTINGS:
        stage = builder(image_rng(1, "val", 0), "val", Dials())
        assert np.all(stage.backdrop.stuff > 0), builder.__name__
