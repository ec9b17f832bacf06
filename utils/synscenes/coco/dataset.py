"""A COCO file as tables to ask, and as records to draw."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.coco.loading import Outlines
from synscenes.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd

BOX = ["left", "top", "width", "height"]
ADDED = ["category", "supercategory", "size"]
# pycocotools' bounds, in square pixels of the mask: below 32² small, up to 96² medium.
SIZES = {"small": 32**2, "medium": 96**2, "large": float("inf")}


class Dataset:
    """What :func:`synscenes.coco.load` returns.

    ``images``, ``annotations`` and ``categories`` are pandas tables, one row a record, in the file's order; they may
    be filtered and assigned back before saving. In ``annotations`` the box is four columns (left, top, width,
    height), and ``category``, ``supercategory`` and ``size`` ("small", "medium", "large" by COCO's bounds) are added.
    A panoptic file has one row a segment. Outlines stay outside: see :meth:`segmentation` and :meth:`record`.
    """

    def __init__(self, document: dict[str, Any], outlines: Outlines, path: Path | None = None) -> None:
        self.path = path
        self.document = document
        self._outlines = outlines

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{len(self.document.get(name, []))} {name}" for name in ("images", "annotations", "categories")
        )
        return f"<Dataset {self.path.name if self.path else ''}: {counts}>"

    @property
    def kind(self) -> str:
        """What the annotations are: "panoptic", "captions", "keypoints" or "instances" (stuff files too)."""
        fields = set().union(*self.document["annotations"][:1], *self.document.get("categories", [])[:1])
        named = {"segments_info": "panoptic", "caption": "captions", "keypoints": "keypoints"}
        return next((kind for field, kind in named.items() if field in fields), "instances")

    @cached_property
    def images(self) -> pd.DataFrame:
        """One row an image: id, file_name, width, height and what else the file says."""
        return _table(self.document["images"])

    @cached_property
    def categories(self) -> pd.DataFrame:
        """One row a category: id, name, supercategory. Empty for captions."""
        found = _table(self.document.get("categories", []))
        return found if len(found.columns) else found.reindex(columns=["id", "name", "supercategory"])

    @cached_property
    def annotations(self) -> pd.DataFrame:
        """One row an annotation (in a panoptic file: a segment)."""
        records = self.document["annotations"]
        if self.kind == "panoptic":
            records = [
                {"image_id": entry["image_id"], "file_name": entry["file_name"], **segment}
                for entry in records
                for segment in entry["segments_info"]
            ]
        if not records:
            import pandas as pd

            columns = ["id", "image_id", "category_id", "area", "iscrowd", *BOX, *ADDED]
            return pd.DataFrame(columns=columns).astype({"iscrowd": bool, "area": float})
        try:
            return self._named(_table(records, skip=("segmentation", "keypoints", "bbox")), records)
        except (TypeError, AttributeError) as error:  # a list or an object where a number or a name should stand
            name = self.path.name if self.path else "the document"
            raise CourseError(
                f"{name}: the annotations make no table ({error}): python -m synscenes validate names the record."
            ) from None

    def _named(self, found: pd.DataFrame, records: list[dict[str, Any]]) -> pd.DataFrame:
        import pandas as pd

        if records and "bbox" in records[0]:
            boxes = _boxes(records)
            for place, name in enumerate(BOX):
                found[name] = boxes[:, place]
        if "iscrowd" in found:
            found["iscrowd"] = found["iscrowd"] == 1
        if "category_id" in found and len(self.categories):
            table = self.categories.drop_duplicates("id").set_index("id")
            for name, column in (("category", "name"), ("supercategory", "supercategory")):
                if column in table:
                    found[name] = found["category_id"].map(table[column]).astype("category")
        if "area" in found:
            bounds = [-np.inf, *SIZES.values()]
            found["size"] = pd.cut(found["area"], bounds, right=False, labels=list(SIZES))
        return found

    @cached_property
    def _places(self) -> dict[int, int]:
        return self._by_id("annotations")

    @cached_property
    def _by_image(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, entry in enumerate(self.document["annotations"]):
            found.setdefault(entry["image_id"], []).append(place)
        return found

    def record(self, annotation_id: int) -> dict[str, Any]:
        """Return an annotation as the file has it, outline and all: what ``synscenes.draw`` takes."""
        if annotation_id not in self._places:
            raise CourseError(f"annotations: no annotation has id {annotation_id!r} in {self.path}.")
        return self.record_at(self._places[annotation_id])

    def records(self, image_id: int) -> list[dict[str, Any]]:
        """Return the annotations of an image as the file has them; an empty list where it has none."""
        return [self.record_at(place) for place in self._by_image.get(image_id, [])]

    def image(self, image_id: int) -> dict[str, Any]:
        """Return an image's record as the file has it."""
        if image_id not in self._image_places:
            raise CourseError(f"images: no image has id {image_id!r} in {self.path}.")
        return self.document["images"][self._image_places[image_id]]

    @cached_property
    def _image_places(self) -> dict[int, int]:
        return self._by_id("images")

    def _by_id(self, section: str) -> dict[int, int]:
        """Return where in the file's list the record with each id stands; a later record hides an earlier one."""
        try:
            return {entry["id"]: place for place, entry in enumerate(self.document[section]) if "id" in entry}
        except TypeError:
            raise CourseError(
                f"{section}: an `id` is not a number in {self.path}: python -m synscenes validate names the record."
            ) from None

    def segmentation(self, annotation_id: int) -> Any:
        """Return an annotation's outline: a list of polygons, or an RLE; raises CourseError where it has none."""
        try:
            return self.record(annotation_id)["segmentation"]
        except KeyError:
            raise CourseError(f"annotations: {annotation_id!r} has no outline in {self.path}.") from None

    def mask(self, annotation_id: int) -> np.ndarray:
        """Return an annotation's mask: (H, W) bool, equal to pycocotools' ``annToMask``."""
        from synscenes.coco.masks import to_mask

        entry = self.record(annotation_id)
        image = self.image(entry["image_id"])
        return to_mask(self.segmentation(annotation_id), image["height"], image["width"])

    def names(self) -> dict[int, str]:
        """Return the categories' names by id."""
        return {entry["id"]: entry["name"] for entry in self.document.get("categories", [])}

    def record_at(self, place: int) -> dict[str, Any]:
        """Return the annotation at a place of the file, outline and all."""
        entry = self.document["annotations"][place]
        outline = entry.get("segmentation")
        # A number below 0 is no outline in any COCO file: here it says which one stood there.
        cut_out = type(outline) is int and -len(self._outlines) <= outline < 0
        return {**entry, "segmentation": self._outlines[outline]} if cut_out else dict(entry)


def _table(records: list[dict[str, Any]], skip: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return one column a field, in the order in which fields first appear; a field some records lack has gaps."""
    import pandas as pd

    fields = dict.fromkeys(chain.from_iterable(records))
    columns = {}
    for field in [field for field in fields if field not in skip]:
        try:
            columns[field] = [record[field] for record in records]
        except KeyError:
            columns[field] = [record.get(field) for record in records]
    return pd.DataFrame(columns)


def _boxes(records: list[dict[str, Any]]) -> np.ndarray:
    try:
        return np.array([record["bbox"] for record in records], dtype=np.float64).reshape(-1, 4)
    except (KeyError, TypeError, ValueError):
        raise CourseError("annotations: a `bbox` is not four numbers; run `python -m synscenes validate`.") from None
