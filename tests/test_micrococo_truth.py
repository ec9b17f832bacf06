"""micro-COCO's annotations say what was drawn: masks pixel for pixel, keypoints, panoptic segments, stuff."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import micrococo_toys as toys
from synscenes.draw import KEYPOINTS
from synscenes.micrococo import categories

SPLITS = ("train", "val")
REFS = Path(__file__).resolve().parents[2] / "shared" / "refs"


@pytest.fixture(params=SPLITS)
def split(request: pytest.FixtureRequest) -> str:
    toys.need_sprites()
    return request.param


def api(name: str, split: str) -> COCO:
    toys.root()
    coco = COCO()
    coco.dataset = json.loads(json.dumps(toys.document(name, split)))
    coco.createIndex()
    return coco


def panoptic_numbers(split: str, row: dict) -> np.ndarray:
    path = toys.root() / "annotations" / f"panoptic_{split}2017" / row["file_name"]
    rgb = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]


def test_pycocotools_loads_every_file_from_disk(split: str) -> None:
    for name in ("instances", "person_keypoints", "captions", "stuff"):
        coco = COCO(str(toys.root() / "annotations" / f"{name}_{split}2017.json"))
        assert len(coco.getImgIds()) == (toys.TRAIN if split == "train" else toys.VAL)
        assert coco.getAnnIds()


def test_the_masks_drawn_from_the_annotations_are_the_rendered_truth(split: str) -> None:
    coco = api("instances", split)
    for index, image in enumerate(toys.document("instances", split)["images"]):
        picture, truth = toys.drawn(split, index)
        members: dict[int, list[int]] = {}
        for thing, number in truth.numbers.items():
            members.setdefault(number, []).append(thing + 1)
        annotations = coco.imgToAnns[image["id"]]
        assert {a["id"] for a in annotations} == set(members)
        for annotation in annotations:
            rendered = np.isin(picture.owner, members[annotation["id"]])
            np.testing.assert_array_equal(coco.annToMask(annotation).astype(bool), rendered)


def test_areas_and_boxes_are_those_of_the_masks(split: str) -> None:
    coco = api("instances", split)
    for annotation in coco.dataset["annotations"]:
        code = coco.annToRLE(annotation)
        assert annotation["area"] == int(coco_mask.area(code))
        assert annotation["bbox"] == coco_mask.toBbox(code).tolist()


def test_crowds_have_run_lengths_and_single_things_polygons() -> None:
    for split in SPLITS:
        for annotation in toys.document("instances", split)["annotations"]:
            assert isinstance(annotation["segmentation"], dict if annotation["iscrowd"] else list)


def test_ids_are_unique_never_zero_and_the_splits_share_none() -> None:
    seen: dict[str, set[int]] = {}
    for name in ("instances", "captions", "stuff"):
        for split in SPLITS:
            numbers = [row["id"] for row in toys.document(name, split)["annotations"]]
            assert len(set(numbers)) == len(numbers) and min(numbers) > 0
            assert not seen.setdefault(name, set()) & set(numbers)
            seen[name] |= set(numbers)


def test_image_ids_rise_with_gaps_and_the_splits_share_none() -> None:
    train, val = ([image["id"] for image in toys.document("instances", s)["images"]] for s in SPLITS)
    for numbers in (train, val):
        assert numbers == sorted(set(numbers)) and min(numbers) > 0
        assert max(b - a for a, b in itertools.pairwise(numbers)) > 1
    assert not set(train) & set(val)


def test_panoptic_segments_are_the_instances(split: str) -> None:
    coco = api("instances", split)
    scenes = {scene["image_id"]: scene for scene in toys.document("scenes", split)["scenes"]}
    for row in toys.document("panoptic", split)["annotations"]:
        numbers = panoptic_numbers(split, row)
        for thing in scenes[row["image_id"]]["objects"]:
            annotation = coco.anns[thing["annotation_id"]]
            np.testing.assert_array_equal(numbers == thing["segment_id"], coco.annToMask(annotation).astype(bool))


def test_panoptic_rules(split: str) -> None:
    """panopticapi's: every id of the PNG is in segments_info and the other way round, with its area, box and kind."""
    document = toys.document("panoptic", split)
    kinds = {row["id"]: row for row in document["categories"]}
    assert len(kinds) == 133
    for row in document["annotations"]:
        numbers = panoptic_numbers(split, row)
        segments = {segment["id"]: segment for segment in row["segments_info"]}
        assert len(segments) == len(row["segments_info"]) and 0 not in segments
        assert set(np.unique(numbers)) - {0} == set(segments)
        for number, segment in segments.items():
            rows, columns = np.nonzero(numbers == number)
            assert segment["area"] == len(rows)
            left, top = int(columns.min()), int(rows.min())
            assert segment["bbox"] == [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1]
            assert segment["iscrowd"] == 0 or kinds[segment["category_id"]]["isthing"]
        stuff = [s["category_id"] for s in row["segments_info"] if not kinds[s["category_id"]]["isthing"]]
        assert len(stuff) == len(set(stuff)), "one segment for each kind of stuff"
        assert (numbers == 0).mean() < 0.02


def test_stuff_and_things_share_the_picture_out(split: str) -> None:
    coco = api("stuff", split)
    panoptic = {row["image_id"]: row for row in toys.document("panoptic", split)["annotations"]}
    for image_id, rows in coco.imgToAnns.items():
        total = sum(coco.annToMask(a).astype(int) for a in rows)
        assert total.max() == 1
        np.testing.assert_array_equal(total > 0, panoptic_numbers(split, panoptic[image_id]) > 0)
        assert all(a["area"] == int(coco.annToMask(a).sum()) for a in rows)


def test_keypoints_lie_inside_and_visible_ones_on_the_person(split: str) -> None:
    instances, keypoints = api("instances", split), toys.document("person_keypoints", split)
    for row in keypoints["annotations"]:
        x, y, v = (np.array(row["keypoints"][k::3]) for k in range(3))
        assert row["num_keypoints"] == int((v > 0).sum()) and set(v) <= {0, 1, 2}
        assert not x[v == 0].any() and not y[v == 0].any()
        assert ((x >= 0) & (x < 320) & (y >= 0) & (y < 240)).all()
        mask = instances.annToMask(instances.anns[row["id"]])
        assert row["iscrowd"] or mask[y[v == 2], x[v == 2]].all()


def test_person_keypoints_are_the_persons_of_instances(split: str) -> None:
    persons = [row for row in toys.document("instances", split)["annotations"] if row["category_id"] == 1]
    rows = toys.document("person_keypoints", split)["annotations"]
    assert [{k: v for k, v in row.items() if "keypoints" not in k} for row in rows] == persons


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_ground_truth_as_detections_scores_one(kind: str, capsys: pytest.CaptureFixture) -> None:
    truth = api("person_keypoints" if kind == "keypoints" else "instances", "train")
    fields = {"bbox": "bbox", "segm": "segmentation", "keypoints": "keypoints"}
    found = []
    for row in truth.dataset["annotations"]:
        # A person of whom no joint is inside the picture has no keypoints: nothing to detect, as in COCO.
        if not row["iscrowd"] and (kind != "keypoints" or row["num_keypoints"]):
            value = truth.annToRLE(row) if kind == "segm" else row[fields[kind]]
            found.append(
                {"image_id": row["image_id"], "category_id": row["category_id"], fields[kind]: value, "score": 1.0}
            )
    result = COCOeval(truth, truth.loadRes(found), kind)
    result.evaluate()
    result.accumulate()
    result.summarize()
    assert result.stats[0] == pytest.approx(1.0) and result.stats[1] == pytest.approx(1.0)


def test_every_panoptic_segment_matches_itself_and_nothing_is_missed(split: str) -> None:
    from synscenes.metrics import panoptic

    path = toys.root() / "annotations" / f"panoptic_{split}2017.json"
    found = panoptic.evaluate(path, None, path, None)
    assert found.All.n > 0
    # Of two crowds of one category in an image, one counts as invented, so there may be false positives.
    assert [each for each in found.per_class.values() if each.FN or each.iou_sum != each.TP] == []


def test_torchvision_reads_it(split: str) -> None:
    from torchvision.datasets import CocoDetection

    root = toys.root()
    data = CocoDetection(str(root / f"{split}2017"), str(root / "annotations" / f"instances_{split}2017.json"))
    image, rows = data[0]
    assert image.size == (320, 240) and image.mode == "RGB" and rows


def test_faster_coco_eval_scores_it_one() -> None:
    faster = pytest.importorskip("faster_coco_eval", reason="faster-coco-eval is not installed")
    document = toys.document("instances", "train")
    truth = faster.COCO(json.loads(json.dumps(document)))
    found = [
        {"image_id": r["image_id"], "category_id": r["category_id"], "bbox": list(r["bbox"]), "score": 1.0}
        for r in document["annotations"]
        if not r["iscrowd"]
    ]
    result = faster.COCOeval_faster(truth, truth.loadRes(found), "bbox")
    result.evaluate()
    result.accumulate()
    result.summarize()
    assert result.stats[0] == pytest.approx(1.0)


def test_categories_are_the_official_ones() -> None:
    if not (REFS / "coco_meta.json").is_file():
        pytest.skip("../shared/refs is not here")
    official = json.loads((REFS / "coco_meta.json").read_text(encoding="utf-8"))
    fields = ("id", "name", "supercategory")

    def rows(table: list[dict]) -> list[tuple]:
        return [tuple(row[field] for field in fields) for row in table]

    assert rows(categories.THINGS) == rows(official["things_80"])
    assert rows(categories.MERGED_STUFF) == rows(official["stuff_53_merged"])
    assert list(KEYPOINTS) == official["keypoints_17"]
    assert [list(pair) for pair in categories.SKELETON] == official["skeleton_1_based"]


def test_the_stuff_file_has_91_kinds_and_other() -> None:
    numbers = [row["id"] for row in categories.STUFF]
    assert numbers == list(range(92, 184))
    assert set(categories.MERGED_ID.values()) <= {row["id"] for row in categories.MERGED_STUFF}
