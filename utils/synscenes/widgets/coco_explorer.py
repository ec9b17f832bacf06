"""Browse an annotated dataset: choose categories, page through the images that have them all, switch layers."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import ipywidgets

from synscenes import coco
from synscenes.coco import views
from synscenes.lesson.widgets import TwinWidget
from synscenes.pictures import open_image
from synscenes.widgets.coco_scene import LAYERS, scene_svg


class CocoExplorer(TwinWidget):
    """The images of one split of a :class:`synscenes.coco.Folder`, with boxes, masks, joints, panoptic and captions.

    Kinds of annotation that the folder lacks are left out. ``twin_images`` is how many images the static twin holds:
    those that show the most categories. Raises CourseError where the instances or an image are missing.
    """

    def __init__(
        self, folder: coco.Folder, split: str = "val", shown: Sequence[str] = ("boxes", "names"), twin_images: int = 12
    ) -> None:
        unknown = set(shown) - set(LAYERS)
        if unknown:
            raise ValueError(f"shown: expected names among {', '.join(LAYERS)}, got {min(unknown)!r}")
        super().__init__()
        self.folder, self.split, self.twin_images = folder, split, twin_images
        self.instances = coco.load(folder.instances(split))
        self.names = self.instances.names()
        self._people = coco.load(folder.keypoints(split)) if folder.has("person_keypoints", split) else None
        self._panoptic = coco.load(folder.panoptic(split)) if folder.has("panoptic", split) else None
        self._sentences = views.sentences(coco.load(folder.captions(split))) if folder.has("captions", split) else {}
        found = self.instances.annotations.groupby("image_id")["category"].agg(lambda names: set(names))
        self.categories: dict[int, set[str]] = {i: found.get(i, set()) for i in self.instances.images["id"].tolist()}
        self.chosen: tuple[str, ...] = ()
        self.place = 0
        self._build(shown)
        self._refresh()

    @property
    def matching(self) -> list[int]:
        """The ids of the images that have every chosen category."""
        return [image for image, names in self.categories.items() if names.issuperset(self.chosen)]

    @property
    def image_id(self) -> int | None:
        """The image shown, None where no image has all the chosen categories."""
        matching = self.matching
        return matching[self.place] if matching else None

    def choose(self, *names: str) -> None:
        """Show the images that have all these categories. Raises ValueError for a name that no image has."""
        missing = set(names) - set(self._picker.options)
        if missing:
            raise ValueError(f"categories: no image of {self.split!r} has {min(missing)!r}")
        self.chosen, self.place = tuple(names), 0
        self._picker.value = self.chosen
        self._refresh()

    def move(self, step: int) -> None:
        """Go ``step`` images forwards (backwards when below 0), around the end."""
        self.place = (self.place + step) % max(len(self.matching), 1)
        self._refresh()

    def _build(self, shown: Sequence[str]) -> None:
        used = sorted(set().union(*self.categories.values()))
        self._picker = ipywidgets.SelectMultiple(
            options=used, rows=8, description="Show images with all of", style={"description_width": "initial"}
        )
        self._picker.observe(lambda change: self.choose(*change["new"]), names="value")
        self.view, self.status = ipywidgets.HTML(), ipywidgets.HTML()
        self.toggles = {
            layer: ipywidgets.Checkbox(layer in shown, description=text, indent=False, layout={"width": "auto"})
            for layer, text in self._layers().items()
        }
        for layer, toggle in self.toggles.items():
            toggle.observe(lambda change, layer=layer: self._switch(layer, change["new"]), names="value")
            self._switch(layer, toggle.value)
        back = ipywidgets.Button(description="← Back", layout={"width": "auto"})
        forward = ipywidgets.Button(description="Next →", layout={"width": "auto"})
        back.on_click(lambda _: self.move(-1))
        forward.on_click(lambda _: self.move(1))
        wrap = {"flex_flow": "row wrap"}
        row = ipywidgets.HBox([back, forward, *self.toggles.values()], layout=wrap)
        self.children = [ipywidgets.HBox([self._picker], layout=wrap), row, self.status, self.view]

    def _layers(self) -> dict[str, str]:
        """The layers this folder can show."""
        there = {"panoptic": self._panoptic is not None, "joints": self._people is not None}
        return {layer: text for layer, text in LAYERS.items() if there.get(layer, True)}

    def _switch(self, layer: str, on: bool) -> None:
        (self.view.remove_class if on else self.view.add_class)(f"synscenes-no-{layer}")

    def _refresh(self) -> None:
        image_id = self.image_id
        self.status.value = self._said(image_id)
        if image_id is None:
            self.view.value = "<p>No image has all of these.</p>"
            return
        rules = "".join(f".synscenes-no-{layer} .{layer} {{display: none;}}" for layer in LAYERS)
        style = (
            f"<style>{rules}.synscenes-scene {{display: block; width: 100%; max-width: 480px; height: auto;}}</style>"
        )
        self.view.value = f"{style}{self._svg(image_id)}{_list(self._captions(image_id))}"

    def _said(self, image_id: int | None) -> str:
        matching, name = self.matching, "" if image_id is None else self.instances.image(image_id)["file_name"]
        place = f"image {self.place + 1} of {len(matching)}" if matching else "none"
        return f"{place} with {', '.join(self.chosen) or 'anything'} ({len(self.categories)} in all) · {name}"

    def _svg(self, image_id: int) -> str:
        image = open_image(self.folder.image(self.split, self.instances.image(image_id)))
        people = (
            [entry for entry in self._people.records(image_id) if any(entry["keypoints"][2::3])] if self._people else ()
        )
        return scene_svg(image, self.instances.records(image_id), self.names, people, self._segments(image_id))

    def _segments(self, image_id: int) -> Any:
        from synscenes import panoptic

        records = self._panoptic.records(image_id) if self._panoptic else []
        if not records:
            return None
        return panoptic.read_png(self.folder.panoptic_pngs(self.split) / records[0]["file_name"]), records[0][
            "segments_info"
        ]

    def _captions(self, image_id: int) -> list[str]:
        return list(self._sentences.get(image_id, []))

    def twin_html(self) -> str:
        """Return the same browser for some of the images, as one piece of HTML and JavaScript."""
        scenes = [
            {"name": self.instances.image(i)["file_name"], "categories": sorted(self.categories[i]),
             "svg": self._svg(i), "captions": self._captions(i)}
            for i in self._most_varied()
        ]  # fmt: skip
        shown = [layer for layer, toggle in self.toggles.items() if toggle.value]
        data = {"scenes": scenes, "layers": self._layers(), "shown": shown, "total": len(self.categories)}
        template = resources.files("synscenes").joinpath("data/coco_explorer_twin.html").read_text("utf-8")
        # "</" would end the script element that holds the data.
        packed = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
        return template.replace("__DATA__", packed)

    def _most_varied(self) -> list[int]:
        """Choose images one by one, each adding the most categories not yet shown, then the most of all."""
        left, seen, found = dict(self.categories), set(), []
        while left and len(found) < self.twin_images:
            best = max(left, key=lambda image: (len(left[image] - seen), len(left[image])))
            seen |= left.pop(best)
            found.append(best)
        return found


def _list(sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{html.escape(text)}</li>" for text in sentences)
    return f"<ol>{items}</ol>" if items else ""
