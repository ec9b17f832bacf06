"""What a dataset holds: how often, how many at once, what with what. Tables in, tables out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synscenes.coco.dataset import SIZES, Dataset

if TYPE_CHECKING:
    import pandas as pd


def category_counts(dataset: Dataset) -> pd.DataFrame:
    """Return instances and images of each category, by name, most instances first; crowds count as one."""
    import pandas as pd

    found = dataset.annotations
    names = dataset.categories["name"]
    table = pd.DataFrame(
        {
            "supercategory": dataset.categories.set_index("name")["supercategory"],
            "instances": found["category"].value_counts().reindex(names, fill_value=0),
            "images": found.groupby("category", observed=True)["image_id"].nunique().reindex(names, fill_value=0),
        }
    )
    return table.sort_values("instances", ascending=False, kind="stable")


def per_image(dataset: Dataset) -> pd.DataFrame:
    """Return instances and categories of each image, by its id; images without annotations have 0 of both."""
    import pandas as pd

    groups = dataset.annotations.groupby("image_id")
    table = pd.DataFrame({"instances": groups.size(), "categories": groups["category_id"].nunique()})
    return table.reindex(dataset.images["id"], fill_value=0).astype(int)


def size_shares(dataset: Dataset) -> pd.Series:
    """Return the shares of small, medium and large objects, crowds left out, by the bounds of COCO's scores."""
    objects = dataset.annotations[~dataset.annotations["iscrowd"]]
    return objects["size"].value_counts(normalize=True).reindex(list(SIZES), fill_value=0.0)


def presence(dataset: Dataset) -> pd.DataFrame:
    """Return which categories are in which images: (images, categories) bool, by image id and name."""
    import pandas as pd

    table = pd.crosstab(dataset.annotations["image_id"], dataset.annotations["category"]) > 0
    return table.reindex(index=dataset.images["id"], columns=dataset.categories["name"], fill_value=False)


def together(present: pd.DataFrame) -> pd.DataFrame:
    """Return in how many images each two categories are together; on the diagonal, each alone."""
    counts = present.to_numpy().astype(np.int64)
    return _square(counts.T @ counts, present)


def conditional(present: pd.DataFrame) -> pd.DataFrame:
    """Return P(column | row): of the images with the row's category, the share with the column's. NaN without any."""
    counts = together(present).to_numpy()
    with np.errstate(invalid="ignore"):
        return _square(counts / np.diag(counts)[:, None], present)


def lift(present: pd.DataFrame) -> pd.DataFrame:
    """Return P(both) / (P(row) P(column)): 1 where chance would bring them together as often. NaN without any."""
    with np.errstate(invalid="ignore"):
        return _square(conditional(present).to_numpy() / present.mean().to_numpy()[None], present)


def strongest_pairs(present: pd.DataFrame, least: int = 10) -> pd.DataFrame:
    """Return the pairs in at least ``least`` images, highest lift first, with counts and both conditionals."""
    import pandas as pd

    counts, lifts, given = together(present), lift(present), conditional(present)
    first, second = np.nonzero(np.triu(counts.to_numpy() >= least, k=1))
    names = present.columns.to_numpy()
    table = pd.DataFrame(
        {
            "a": names[first],
            "b": names[second],
            "images": counts.to_numpy()[first, second],
            "lift": lifts.to_numpy()[first, second],
            "P(b | a)": given.to_numpy()[first, second],
            "P(a | b)": given.to_numpy()[second, first],
        }
    )
    return table.sort_values("lift", ascending=False, kind="stable", ignore_index=True)


def _square(values: np.ndarray, present: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(values, index=present.columns, columns=present.columns)
