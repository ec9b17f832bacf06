"""What an instances file alone can say in panoptic's terms: things, one over the other, and void for all the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.panoptic.ids import VOID, write_png
from synscenes.panoptic.segments import describe, entry


def paint_things(instances: Mapping[str, Any], folder: str | Path) -> dict[str, Any]:
    """Paint the masks of a parsed instances JSON as panoptic PNGs in ``folder``; return the panoptic JSON.

    Masks may overlap, segments may not. Crowds are painted first, then the things from the largest to the smallest,
    so that what lies in front of something large mostly stays in front. It is a guess where COCO's own panoptic files
    were corrected by hand, and there is no stuff: pixels of no mask are void. Things without a visible pixel
    are left out. Segment ids count from 1 in each image.
    """
    from synscenes.coco import masks

    of_image: dict[int, list[Mapping[str, Any]]] = {image["id"]: [] for image in instances["images"]}
    for each in instances["annotations"]:
        of_image.setdefault(each["image_id"], []).append(each)
    entries = []
    for image in instances["images"]:
        ids = np.full((image["height"], image["width"]), VOID, dtype=np.uint32)
        order = sorted(of_image[image["id"]], key=lambda each: (not each["iscrowd"], -each["area"]))
        for number, each in enumerate(order, start=1):
            ids[masks.to_mask(each["segmentation"], *ids.shape)] = number
        categories = {number: each["category_id"] for number, each in enumerate(order, start=1)}
        crowds = {number for number, each in enumerate(order, start=1) if each["iscrowd"]}
        name = f"{image['id']:012d}.png"
        write_png(Path(folder) / name, ids)
        entries.append(entry(image["id"], name, describe(ids, categories, crowds)))
    kinds = [{**category, "isthing": 1} for category in instances["categories"]]
    return {"images": list(instances["images"]), "annotations": entries, "categories": kinds}
