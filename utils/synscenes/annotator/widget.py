"""The annotator as a widget: it shows a photograph, takes strokes, and has the book save each of them."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from synscenes.annotator.book import Book
from synscenes.draw import KEYPOINTS, SKELETON, category_colour
from synscenes.errors import CourseError

SCRIPT = Path(__file__).parents[1] / "data" / "annotator.js"
_KINDS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".bmp": "bmp", ".webp": "webp"}


class Annotator(anywidget.AnyWidget):
    """Draw boxes, polygons and joints over the photographs of a folder; each stroke is saved as it ends.

    ``path`` is the COCO file (begun if absent, else gone on with), ``photographs`` the folder, ``categories`` the
    records with ``id`` and ``name``; what is called "person" can be given joints. Raises CourseError as
    :class:`~synscenes.annotator.book.Book` does.
    """

    _esm = SCRIPT
    view = traitlets.Dict().tag(sync=True)
    shapes = traitlets.List().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)

    def __init__(
        self, path: str | Path, photographs: str | Path, categories: Sequence[Mapping[str, Any]], **kwargs: Any
    ) -> None:
        self.book = Book(path, photographs, categories)
        self.place = 0
        self._undo: list[dict[str, Any]] = []
        super().__init__(**kwargs)
        self._turn_to(self.place)
        self.on_msg(lambda _, content, buffers: self.receive(content))

    @property
    def image(self) -> dict[str, Any]:
        """The record of the photograph shown."""
        return self.book.images[self.place]

    def receive(self, message: Any) -> None:
        """Do what the browser asks: a dict with ``do`` and what belongs to it; ``answer`` says how it went.

        Whatever the message is, nothing is raised: what can't be done is said in ``answer["problem"]``.
        """
        token = message.get("token") if isinstance(message, dict) else None
        try:
            said = self._do(message)
            self.answer = {"token": token, "said": said}
        except CourseError as error:
            self.answer = {"token": token, "problem": str(error)}
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.answer = {"token": token, "problem": f"NOT SAVED: {self.book.path.name} can't be written ({reason})."}
        except (KeyError, TypeError, ValueError, AttributeError):
            self.answer = {"token": token, "problem": "That request was not understood; draw it again."}
        self.shapes = [_shape(entry) for entry in self.book.of_image(self.image["id"])]

    def _do(self, message: Mapping[str, Any]) -> str:
        match message["do"]:
            case "add":
                wanted = (message["image_id"], message["category_id"], message["points"], message["kind"])
                record = self.book.add(*wanted)
                self._undo.append({"added": record["id"]})
            case "joints" | "rename" | "remove":
                record = self._changed(message)
            case "undo":
                return self._take_back()
            case "turn":
                self._turn_to(message["place"])
                return f"Photograph {self.place + 1} of {len(self.book.images)}."
            case other:
                raise ValueError(other)
        return f"Saved in {self.book.path.name}: {len(self.book.document['annotations'])} annotations."

    def _changed(self, message: Mapping[str, Any]) -> dict[str, Any]:
        before = json.dumps(self.book.annotation(message["id"]))
        if message["do"] == "joints":
            record = self.book.set_joints(message["id"], message["joints"])
        elif message["do"] == "rename":
            record = self.book.set_category(message["id"], message["category_id"])
        else:
            record = self.book.remove(message["id"])
        self._undo.append({"before": json.loads(before)})
        return record

    def _take_back(self) -> str:
        if not self._undo:
            return "Nothing to undo since this cell was run."
        step = self._undo.pop()
        if "added" in step:
            self.book.remove(step["added"])
        else:
            self.book.put_back(step["before"])
        return "Undone, and saved."

    def _turn_to(self, place: int) -> None:
        place = int(place) % len(self.book.images)
        self.view = view(self.book, place)  # the place stays as it was if this photograph can't be read
        self.place = place
        self.shapes = [_shape(entry) for entry in self.book.of_image(self.image["id"])]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle or {},)
        data = {**data, "text/html": self.twin_html()}
        return (data, *rest) if rest else data

    def twin_html(self) -> str:
        """Return the same tool for a page without a kernel: strokes stay on the page and are not saved."""
        state = {"view": self.view, "shapes": self.shapes, "answer": {}}
        # "</" would end the script element early.
        packed = json.dumps(state).replace("</", "<\\/")
        script = _script().replace("export default { render };", "")
        return (
            '<div class="synscenes-annotator-twin"><p>The annotator opens here when its cell is run, or on a page with '
            f"JavaScript.</p></div><script>(() => {{\n{script}\n"
            f'alone({packed}, document.currentScript.previousElementSibling);\n}})();</script>'
        )


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def view(book: Book, place: int) -> dict[str, Any]:
    """Return what the browser needs to know of a photograph and its file, as plain values."""
    image = book.images[place]
    return {
        "photograph": picture_url(book.photographs / image["file_name"]),
        "image_id": image["id"],
        "name": image["file_name"],
        "width": image["width"],
        "height": image["height"],
        "place": place,
        "count": len(book.images),
        "file": book.path.name,
        "joints": list(KEYPOINTS),
        "skeleton": [list(pair) for pair in SKELETON],
        "categories": [
            {"id": entry["id"], "name": entry["name"], "colour": category_colour(entry["id"])}
            for entry in book.document["categories"]
        ],
    }


def _shape(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry.get(name, []) for name in ("id", "category_id", "bbox", "segmentation", "keypoints")}


def picture_url(path: Path) -> str:
    """Return a picture file as a ``data:`` address."""
    kind = _KINDS.get(path.suffix.lower(), "jpeg")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} can't be read ({error.strerror}): put the photograph back.") from None
    return f"data:image/{html.escape(kind)};base64,{base64.b64encode(content).decode('ascii')}"
