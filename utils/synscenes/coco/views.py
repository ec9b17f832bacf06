"""One kind of annotation at a time: joints, sentences, crowds, and where objects lie in their images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synscenes.coco.dataset import Dataset
from synscenes.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd


def of_categories(dataset: Dataset, names: list[str]) -> pd.DataFrame:
    """Return the annotations of categories, or of all categories of a supercategory, by name.

    Raises CourseError for a name that is neither.
    """
    known = set(dataset.categories["name"]) | set(dataset.categories["supercategory"])
    for name in names:
        if name not in known:
            raise CourseError(f"categories: {name!r} is neither a category nor a supercategory of {dataset.path}.")
    found = dataset.annotations
    return found[found["category"].isin(names) | found["supercategory"].isin(names)]


def joints(dataset: Dataset) -> pd.DataFrame:
    """Return one row for each person and joint: annotation id, image_id, joint (its name), x, y, v.

    Raises CourseError where the file has no keypoints.
    """
    import pandas as pd

    records = [entry for entry in dataset.document["annotations"] if "keypoints" in entry]
    names = next((entry["keypoints"] for entry in dataset.document["categories"] if "keypoints" in entry), None)
    if names is None:
        raise CourseError(f"{dataset.path} has no keypoints: open a person_keypoints file.")
    values = np.array([entry["keypoints"] for entry in records], dtype=np.float64).reshape(-1, 3)
    return pd.DataFrame(
        {
            "id": np.repeat([entry["id"] for entry in records], len(names)),
            "image_id": np.repeat([entry["image_id"] for entry in records], len(names)),
            "joint": pd.Categorical(list(names) * len(records), categories=names),
            "x": values[:, 0],
            "y": values[:, 1],
            "v": values[:, 2].astype(int),
        }
    )


def sentences(dataset: Dataset) -> pd.Series:
    """Return each image's captions as a list, by image id. Raises CourseError where the file has none."""
    if "caption" not in dataset.annotations:
        raise CourseError(f"{dataset.path} has no captions: open a captions file.")
    return dataset.annotations.groupby("image_id")["caption"].agg(list)


def largest_objects(dataset: Dataset) -> pd.DataFrame:
    """Return, for each image, its largest box: ``share`` of the image, and ``off`` its middle's distance from the
    image's middle, as a fraction of half the diagonal. Crowds are left out."""
    found = dataset.annotations[~dataset.annotations["iscrowd"]]
    images = dataset.images.set_index("id")
    width, height = (found["image_id"].map(images[side]).to_numpy() for side in ("width", "height"))
    table = found[["image_id"]].assign(
        share=found["width"] * found["height"] / (width * height),
        off=off_centre(found[["left", "top", "width", "height"]].to_numpy(), width, height),
    )
    return table.loc[table.groupby("image_id")["share"].idxmax()].set_index("image_id")


def off_centre(xywh: np.ndarray, width: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Return how far each box's middle is from its image's: 0 in the middle, 1 in a corner. (N, 4) gives (N,)."""
    x, y = xywh[:, 0] + xywh[:, 2] / 2, xywh[:, 1] + xywh[:, 3] / 2
    return np.hypot(x - width / 2, y - height / 2) / (np.hypot(width, height) / 2)
