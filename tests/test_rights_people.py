"""Heads, files that tell too much, words about people, and what is measured about them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from synscenes import facts
from synscenes.errors import CourseError
from synscenes.models import Detection
from synscenes.rights import effects, heads, licences, mentions, metadata, photos


def person(joints=None, box=(20, 10, 40, 80), area=2400, **extra):
    flat = np.zeros((17, 3))
    for place, (x, y) in (joints or {}).items():
        flat[place] = (x, y, 2)
    return {"keypoints": flat.ravel().tolist(), "bbox": list(box), "area": area, "iscrowd": 0, **extra}


FACE = {0: (40, 20), 1: (37, 18), 2: (43, 18), 5: (30, 35), 6: (50, 35), 11: (35, 60), 12: (45, 60)}


# --------------------------------------------------------------------------------------------------------- heads


def test_a_head_covers_the_joints_of_the_face_and_not_the_hips():
    x1, y1, x2, y2 = heads.boxes([person(FACE)])[0]
    assert all(x1 <= FACE[joint][0] <= x2 and y1 <= FACE[joint][1] <= y2 for joint in (0, 1, 2))
    assert y2 < 60


def test_no_face_no_box_and_a_single_joint_is_no_point():
    assert heads.boxes([person({5: (3, 3)}), person()]) == []
    x1, y1, x2, y2 = heads.boxes([person({0: (40, 20)})])[0]
    assert x2 - x1 >= 0.2 * np.sqrt(2400) - 1 and y2 > y1


def test_a_torso_has_the_heads_size_and_lies_below_it():
    head, torso = (heads.boxes([person(FACE)], where)[0] for where in ("head", "torso"))
    assert abs((head[2] - head[0]) - (torso[2] - torso[0])) <= 1 and torso[1] > head[1]
    assert heads.boxes([person({0: (40, 20)})], "torso") == []
    with pytest.raises(ValueError, match="where"):
        heads.boxes([], "foot")


@pytest.mark.parametrize("way", heads.WAYS)
def test_only_the_place_changes(way):
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    hidden = np.asarray(heads.hide(image, [(10, 12, 34, 40), (70, 50, 200, 90), (90, 90, 99, 99)], way))
    outside = np.ones((60, 80), dtype=bool)
    outside[12:40, 10:34] = outside[50:, 70:] = False
    assert np.array_equal(hidden[outside], noise[outside])
    assert (hidden[12:40, 10:34] != noise[12:40, 10:34]).mean() > 0.9
    assert np.array_equal(np.asarray(image), noise)


def test_tiles_are_means_of_what_they_cover():
    ramp = np.repeat(np.arange(0, 64, dtype=np.uint8)[None, :, None], 64, axis=0).repeat(3, axis=2)
    tiles = np.asarray(heads.tiled(Image.fromarray(ramp)))
    assert len(np.unique(tiles[0, :, 0])) == heads.TILES
    assert abs(int(tiles[0, 0, 0]) - ramp[:, :16, 0].mean()) <= 1
    with pytest.raises(ValueError, match="way must be"):
        heads.hide(Image.new("RGB", (4, 4)), [], "melted")


# ------------------------------------------------------------------------------------------------------- effects


def test_each_detection_finds_one_person():
    persons = [person(box=(0, 0, 20, 40)), person(box=(2, 0, 20, 40)), person(box=(60, 0, 20, 40))]
    seen = [Detection(1, "person", (0, 0, 20, 40), 0.9), Detection(18, "dog", (60, 0, 20, 40), 0.8)]
    assert effects.found(persons, seen).tolist() == [True, False, False]
    both = [*seen, Detection(1, "person", (1, 0, 20, 40), 0.5)]
    assert effects.found(persons, both).tolist() == [True, True, False]
    assert effects.found(persons, []).tolist() == [False] * 3


class SeesBrightness:
    """Answers with one person, surer the brighter the picture: what is hidden in black is missed."""

    def detect(self, image, score_threshold):
        score = float(np.asarray(image)[10:30, 30:50].mean() / 255)
        return [Detection(1, "person", (20, 10, 40, 80), score)] if score > score_threshold else []


def test_hiding_is_seen_by_the_detector():
    shot = effects.Shot(Image.new("RGB", (100, 100), "white"), [person(FACE)])
    model = SeesBrightness()
    assert effects.hits(model, [shot]).tolist() == [True]
    assert effects.hits(model, [shot], "blackened", threshold=0.9).tolist() == [False]
    assert effects.hits(model, [shot], "blackened", "torso", threshold=0.9).tolist() == [True]


def test_shots_are_photographs_with_a_face(tmp_path):
    for name in ("a.png", "b.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / name)
    images = [{"id": place, "file_name": name} for place, name in enumerate(("a.png", "b.png", "gone.png"))]
    persons = [
        person(FACE, image_id=0),
        person(image_id=1),
        person(FACE, image_id=2),
        person(FACE, image_id=0) | {"iscrowd": 1},
    ]
    path = tmp_path / "person_keypoints.json"
    path.write_text(json.dumps({"images": images, "annotations": persons}))
    taken = effects.shots(path, tmp_path, 5, np.random.default_rng(0))
    assert [len(shot.persons) for shot in taken] == [1]
    path.write_text(json.dumps({"images": images, "annotations": persons[1:2]}))
    with pytest.raises(CourseError, match="no photograph"):
        effects.shots(path, tmp_path, 5, np.random.default_rng(0))


def test_tiles_are_recognised_and_black_is_not():
    rng = np.random.default_rng(3)
    pictures = [Image.fromarray(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8)).resize((48, 48)) for _ in range(20)]
    gallery = effects.other_takes(pictures, rng)
    right = {
        way: int((effects.guesses([heads.WAYS[way](each) for each in pictures], gallery, way) == np.arange(20)).sum())
        for way in heads.WAYS
    }
    assert right["tiled"] >= 18 and right["blackened"] == 1


# ------------------------------------------------------------------------------------------------------ metadata


@pytest.fixture
def telling(tmp_path):
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste((200, 0, 0), (0, 0, 30, 20))
    return metadata.telling_photo(picture, tmp_path / "telling.jpg"), picture


def test_a_telling_photo_tells(telling):
    path, picture = telling
    told = metadata.told(path)
    assert told["place"] == pytest.approx(metadata.GREENWICH, abs=1e-5)
    assert {"Model", "DateTime", "BodySerialNumber", "comment", "Orientation"} <= set(told)
    assert Image.open(path).size == (40, 60) and metadata.shown(path).size == picture.size


@settings(deadline=None, max_examples=30)
@given(st.floats(-89.99, 89.99), st.floats(-179.99, 179.99))
def test_places_come_back(tmp_path_factory, north, east):
    path = metadata.telling_photo(Image.new("RGB", (8, 8)), tmp_path_factory.mktemp("place") / "a.jpg", (north, east))
    assert metadata.told(path)["place"] == pytest.approx((north, east), abs=1e-4)


def test_a_bare_photo_is_upright_and_silent(telling, tmp_path):
    path, picture = telling
    bare = metadata.bare(path, tmp_path / "bare.jpg")
    assert metadata.told(bare) == {} and metadata.tags({}) == "nothing"
    assert np.abs(np.asarray(Image.open(bare)).astype(int) - np.asarray(picture)).mean() < 6
    assert not any(word in bare.read_bytes() for word in (b"Exif", b"Grandma", b"Somebody"))


def test_no_image_is_one_line(tmp_path):
    (tmp_path / "a.jpg").write_text("no")
    with pytest.raises(CourseError, match=r"a\.jpg can't be read"):
        metadata.told(tmp_path / "a.jpg")


# ------------------------------------------------------------------------------------------------------ mentions

CAPTIONS = [
    {"image_id": 1, "caption": "A man on a horse."},
    {"image_id": 1, "caption": "Somebody riding."},
    {"image_id": 2, "caption": "A woman and a MAN."},
    {"image_id": 3, "caption": "A mannequin in a red shirt."},
    {"image_id": 4, "caption": "Two girls; one red, one blue shirt."},
]


def test_whole_words_count_in_any_sentence():
    assert mentions.of_images(CAPTIONS, ["man"]) == {1: True, 2: True, 3: False, 4: False}
    assert mentions.of_images(CAPTIONS, ["red shirt"]) == {1: False, 2: False, 3: True, 4: False}


def test_exclusive_leaves_out_both_and_neither():
    assert mentions.exclusive(CAPTIONS, mentions.CALLED) == {1: "man", 4: "woman"}
    count, n, low, high = mentions.share({1: "man", 4: "woman"}, "man")
    assert (count, n) == (1, 2) and 0 < low < 0.5 < high < 1
    with pytest.raises(ValueError, match="no image"):
        mentions.share({1: "man"}, "man", images=[7])


def test_shown_counts_images_not_things():
    document = {
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "kite"}, {"id": 3, "name": "bus"}],
        "annotations": [{"category_id": c, "image_id": i} for c, i in ((1, 5), (2, 5), (2, 5), (2, 6), (3, 9))],
    }
    assert mentions.shown(document, [5, 6, 7]) == {"kite": {5: True, 6: True, 7: False}}
    assert mentions.shown(document, [5, 6, 7], at_least=3) == {}


def test_chance_calls_one_pair_in_twenty_and_a_planted_one_stands_out():
    rng = np.random.default_rng(0)
    images = range(500)
    groups = {f"g{k}": {i: bool(rng.random() < 0.2) for i in images} for k in range(10)}
    things = {f"t{k}": {i: bool(rng.random() < 0.3) for i in images} for k in range(20)}
    things["planted"] = {i: (groups["g0"][i] and bool(rng.random() < 0.9)) or bool(rng.random() < 0.1) for i in images}
    table = mentions.pairs(groups, things)
    unplanted = table[table.thing != "planted"]
    assert 0.01 < (unplanted.z.abs() > 1.96).mean() < 0.1
    first = table.loc[table.z.abs().idxmax()]
    assert (first.group, first.thing) == ("g0", "planted") and first.z > 8


def test_z_against_the_textbook():
    groups = {"g": {i: i < 10 for i in range(30)}}
    things = {"t": {i: i < 7 or i >= 25 for i in range(30)}}
    row = mentions.pairs(groups, things).iloc[0]
    p, q = 8 / 12, 6 / 22
    assert row.z == pytest.approx((p - q) / np.sqrt(p * (1 - p) / 12 + q * (1 - q) / 22))
    assert (row.both, row.with_group, row.without_group) == (7, 0.7, 0.25)


def test_a_group_that_is_everybody_is_left_out():
    assert mentions.pairs({"all": {1: True}}, {"t": {1: True}}).empty


# ------------------------------------------------------------------------------- what was counted on real COCO

MINI = Path(__file__).resolve().parents[2] / "shared" / "refs" / "coco_mini" / "annotations"


def mini(kind):
    if not MINI.is_dir():
        pytest.skip("the excerpt of COCO is not at hand (../shared/refs/coco_mini)")
    parts = [json.loads((MINI / f"{kind}_{split}2017.json").read_text(encoding="utf-8")) for split in ("train", "val")]
    return {**parts[0], **{name: parts[0][name] + parts[1][name] for name in ("images", "annotations")}}


def test_the_licences_of_the_excerpt_are_those_stated():
    document = mini("instances")
    assert {int(n): c for n, c in Counter(image["license"] for image in document["images"]).items()} == photos.MEASURED
    assert [dict(each) for each in licences.COCO] == document["licenses"]
    smaller = photos.kept(document, lambda licence: licence.allows(commercial=True, changes=True))
    used = {entry["category_id"] for entry in smaller["annotations"]}
    assert len(document["categories"]) - len(used) == 20


def test_the_words_for_people_in_the_excerpt_are_those_stated():
    group_of = mentions.exclusive(mini("captions")["annotations"], mentions.CALLED)
    assert list(mentions.share(group_of, "man")[:2]) == facts.value("coco-sample-called")
    instances = mini("instances")
    kinds = {entry["id"]: entry["supercategory"] for entry in instances["categories"]}
    sports = {entry["image_id"] for entry in instances["annotations"] if kinds[entry["category_id"]] == "sports"}
    assert list(mentions.share(group_of, "man", sports)[:2]) == facts.value("coco-sample-called-sports")
    persons = {entry["image_id"] for entry in instances["annotations"] if kinds[entry["category_id"]] == "person"}
    assert (len(persons), len(persons - set(group_of))) == (75, 29)
