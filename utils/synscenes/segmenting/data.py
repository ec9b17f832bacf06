"""Which files the lesson looks at: a COCO folder with panoptic annotations, or with things painted in their place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from synscenes import coco
from synscenes.panoptic import sets
from synscenes.panoptic.painting import paint_things


@dataclass(frozen=True)
class Split:
    """Some images of one split with all their truth.

    ``panoptic``: the checked panoptic set. ``image_ids``: the images chosen. ``instances``: the parsed instances JSON
    of just these.
    """

    panoptic: sets.PanopticSet
    image_ids: list[int]
    instances: dict[str, Any]
    images: Path

    def path(self, image_id: int) -> Path:
        """Return the file of an image."""
        return self.images / self._names[image_id]

    @property
    def paths(self) -> list[Path]:
        """The images' files."""
        names = self._names
        return [self.images / names[image_id] for image_id in self.image_ids]

    @property
    def _names(self) -> dict[int, str]:
        return {each["id"]: each["file_name"] for each in self.instances["images"]}

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """(height, width) of each image."""
        sizes = {each["id"]: (each["height"], each["width"]) for each in self.instances["images"]}
        return [sizes[image_id] for image_id in self.image_ids]

    def open(self, image_id: int) -> Any:
        """Return an image as PIL, RGB."""
        from PIL import Image

        with Image.open(self.path(image_id)) as image:
            return image.convert("RGB")


def with_panoptic(data: str | Path) -> coco.Folder:
    """Return the COCO folder of a tier; where it lacks panoptic files, say in one line what ``split`` does instead."""
    folder = coco.folder(data)
    missing = [split for split in ("train", "val") if not folder.has("panoptic", split)]
    if missing:
        print(
            f"{data} data has no panoptic_{missing[0]}2017.json: its things are painted from the instances file, "
            "everything else is void, and what concerns stuff has no value."
        )
    return folder


def split(folder: coco.Folder, name: str, most: int | None = None) -> Split:
    """Return the first ``most`` images (default: all) of a split that have a panoptic annotation and a file.

    Without a panoptic file the things of the instances file are painted in a temporary folder.
    """
    instances = json.loads(folder.instances(name).read_text(encoding="utf-8"))
    images = folder.images(name)
    there = {each["id"]: None for each in instances["images"] if (images / each["file_name"]).is_file()}
    if folder.has("panoptic", name):
        panoptic = sets.load(folder.panoptic(name), folder.panoptic_pngs(name))
        chosen = [image_id for image_id in panoptic.annotations if image_id in there][:most]
        return Split(panoptic, chosen, subset(instances, chosen), images)
    chosen = list(there)[:most]
    place = mkdtemp(prefix="synscenes-panoptic-")
    cut = subset(instances, chosen)
    return Split(sets.load(paint_things(cut, place), place, f"painted {name}"), chosen, cut, images)


def subset(content: dict[str, Any], image_ids: Sequence[int]) -> dict[str, Any]:
    """Return a COCO file's content for some images only."""
    wanted = set(image_ids)
    return {
        **content,
        "images": [each for each in content["images"] if each["id"] in wanted],
        "annotations": [each for each in content["annotations"] if each["image_id"] in wanted],
    }
