"""Made-up persons for the tests of the keypoint modules."""

from __future__ import annotations

import json

import numpy as np

from synscenes.keypoints.joints import NAMES, SKELETON

CATEGORY = {
    "id": 1,
    "name": "person",
    "supercategory": "person",
    "keypoints": list(NAMES),
    "skeleton": [[start + 1, end + 1] for start, end in SKELETON],
}


def joints(rng, number=1, width=100.0, hidden=0.3, missing=0.2):
    """(number, 17, 3) random joints inside width × width, some hidden, some not labelled; never none."""
    found = np.concatenate([rng.uniform(0, width, (number, 17, 2)), np.full((number, 17, 1), 2.0)], axis=-1)
    found[..., 2][rng.random((number, 17)) < hidden] = 1
    found[rng.random((number, 17)) < missing] = 0
    found[:, 0] = [width / 2, width / 2, 2]
    return found


def record(found, identifier=1, image_id=1, **more):
    """A COCO annotation of joints (17, 3)."""
    usual = {
        "id": identifier,
        "image_id": image_id,
        "category_id": 1,
        "iscrowd": 0,
        "area": 2000.0,
        "bbox": [10, 10, 50, 80],
        "segmentation": [[10, 10, 60, 10, 60, 90]],
        "keypoints": np.asarray(found).ravel().tolist(),
        "num_keypoints": int((np.asarray(found)[:, 2] > 0).sum()),
    }
    return usual | more


def document(records, images=(1,), width=100, height=100):
    """A COCO keypoint document."""
    return {
        "images": [
            {"id": number, "file_name": f"{number:012d}.jpg", "width": width, "height": height} for number in images
        ],
        "annotations": records,
        "categories": [CATEGORY],
    }


def write(path, content):
    """Write a document and return its path."""
    path.write_text(json.dumps(content))
    return path
