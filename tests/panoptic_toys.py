"""Small panoptic sets on disk, and the straightforward evaluation that the fast one is compared with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from synscenes.panoptic import VOID, write_png

CATEGORIES = [
    {"id": 1, "name": "person", "isthing": 1},
    {"id": 2, "name": "dog", "isthing": 1},
    {"id": 10, "name": "grass", "isthing": 0},
    {"id": 11, "name": "sky", "isthing": 0},
]


def segment(number: int, category: int, ids: np.ndarray, crowd: int = 0) -> dict:
    """One entry of segments_info, its area counted in the ids."""
    return {"id": number, "category_id": category, "area": int((ids == number).sum()), "iscrowd": crowd}


def write(root: Path, name: str, images: list[tuple[np.ndarray, list[dict]]]) -> tuple[Path, Path]:
    """Write ids and segments of images 1, 2, … and return the JSON and the folder of PNGs."""
    folder = root / name
    annotations, records = [], []
    for number, (ids, segments) in enumerate(images, start=1):
        write_png(folder / f"{number:012d}.png", ids)
        annotations.append({"image_id": number, "file_name": f"{number:012d}.png", "segments_info": segments})
        height, width = ids.shape
        records.append({"id": number, "file_name": f"{number:012d}.jpg", "height": height, "width": width})
    content = {"images": records, "annotations": annotations, "categories": CATEGORIES}
    path = root / f"{name}.json"
    path.write_text(json.dumps(content))
    return path, folder


def random_image(rng: np.random.Generator, crowds: bool) -> tuple[np.ndarray, list[dict]]:
    """Blocks of segments, some void, perhaps a crowd or two; every segment has a pixel."""
    height, width = rng.integers(1, 9, 2)
    count = int(rng.integers(0, 6))
    names = rng.choice(np.arange(1, 2**24), count, replace=False)
    ids = np.concatenate([[VOID], names])[rng.integers(0, count + 1, (height, width))].astype(np.uint32)
    ids = ids.repeat(rng.integers(1, 4), axis=0).repeat(rng.integers(1, 4), axis=1)
    segments = []
    for name in names.tolist():
        if (ids == name).any():
            category = CATEGORIES[int(rng.integers(len(CATEGORIES)))]["id"]
            segments.append(segment(name, category, ids, int(crowds and rng.random() < 0.3)))
    return ids, segments


def prediction_of(rng: np.random.Generator, ids: np.ndarray, segments: list[dict]) -> tuple[np.ndarray, list[dict]]:
    """The truth with some pixels moved, some segments renamed, some of another category."""
    found = np.roll(ids, rng.integers(-1, 2, 2), axis=(0, 1))
    noise = rng.random(ids.shape) < 0.1
    found = np.where(noise, rng.choice(np.append(found.ravel(), VOID), ids.shape), found)
    result = []
    for each in segments:
        if (found == each["id"]).any():
            category = each["category_id"] if rng.random() < 0.8 else 1
            result.append(segment(each["id"], category, found))
    return found.astype(np.uint32), result


def straightforward(truth: list, found: list) -> dict[int, list[float]]:
    """TP, FP, FN and the sum of IoUs of each category, mask by mask, as the paper says it; slow and obvious."""
    totals = {each["id"]: [0, 0, 0, 0.0] for each in CATEGORIES}
    for (gt_ids, gt_segments), (dt_ids, dt_segments) in zip(truth, found):
        void, partners = gt_ids == VOID, set()
        for gt in gt_segments:
            if gt["iscrowd"]:
                continue
            gt_mask, best = gt_ids == gt["id"], None
            for dt in dt_segments:
                dt_mask = (dt_ids == dt["id"]) & ~void
                union = (gt_mask | dt_mask).sum()
                if dt["category_id"] == gt["category_id"] and (gt_mask & dt_mask).sum() / union > 0.5:
                    best = dt["id"], (gt_mask & dt_mask).sum() / union
            total = totals[gt["category_id"]]
            if best is None:
                total[2] += 1
            else:
                partners.add(best[0])
                total[0] += 1
                total[3] += best[1]
        for dt in dt_segments:
            if dt["id"] in partners:
                continue
            dt_mask, excuse = dt_ids == dt["id"], void
            crowds = [gt for gt in gt_segments if gt["iscrowd"] and gt["category_id"] == dt["category_id"]]
            if crowds:
                excuse = void | (gt_ids == crowds[-1]["id"])
            if (dt_mask & excuse).sum() / dt_mask.sum() <= 0.5:
                totals[dt["category_id"]][1] += 1
    return totals
