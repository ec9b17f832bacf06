"""``validate``: read a COCO file record by record and report every problem, whatever the file holds."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synscenes.checks import shorten
from synscenes.coco.annotation_checks import FIELDS, AnnotationChecks
from synscenes.coco.problems import MOST_ALIKE, Place, Problem, Report
from synscenes.coco.scanning import Broken, Scanner, open_binary
from synscenes.coco.section_checks import check_against_coco, check_category, check_image
from synscenes.coco.values import check_id, check_oddities, say

_LISTS = ("images", "annotations", "categories")
_CHECKED = FIELDS | {"width", "height"}
_ADVICE = {
    "the file is empty": "fetch or write it again",
    "the file is a list, as results of a detector are": "give the annotation file; results are scored, not validated",
    "the text is encoded as UTF-16 or UTF-32": "save it as UTF-8",
}


def validate(
    path: str | Path, images: str | Path | None = None, most: int = MOST_ALIKE, progress: bool = False
) -> list[Problem]:
    """Return every problem in a COCO annotation file of any kind; an empty list means none was found.

    ``images`` is the folder of the image files, whose presence and dimensions are then checked; without it a folder in
    the official place (``../val2017`` for ``instances_val2017.json``) is used where there is one. Of problems of one
    kind in one field the first ``most`` are listed and the rest counted. Never raises for what a file holds, and
    keeps ids and sizes alone in memory, not the file. ``progress`` shows a bar on a terminal.
    """
    path = Path(path)
    report = Report(str(path), most)
    folder = Path(images) if images is not None else _images_beside(path)
    try:
        size = path.stat().st_size
        with open_binary(path):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        report.add("unreadable", f"the file can't be read ({reason})", "check the path")
        return report.finished()
    if images is not None and not folder.is_dir():
        report.add("no-folder", f"the image folder {folder} doesn't exist", "check its path")
        folder = None
    _Check(path, size, report, folder, progress).run()
    return report.finished()


def _images_beside(path: Path) -> Path | None:
    split = path.stem.rpartition("_")[2]
    folder = path.parent.parent / split
    return folder if split in ("train2017", "val2017") and folder.is_dir() else None


class _Check:
    """One file's check: what has been seen of it, and what can be said only at its end."""

    def __init__(self, path: Path, size: int, report: Report, folder: Path | None, progress: bool) -> None:
        self.path, self.size, self.report, self.folder, self.progress = path, size, report, folder, progress
        self.seen: dict[str, int] = {}  # sections and their numbers of records
        self.sizes: dict[int, tuple[int, int] | None] = {}
        self.names: dict[int, str | None] = {}
        self.joints: dict[int, int | None] = {}
        self.file_names: set[str] = set()
        self.ids: set[int] = set()
        self.kinds: set[str] = set()
        self.known_names: set[str] = set()
        self.complete = True  # all of `images` could be read
        self.annotations = AnnotationChecks()
        # (category, numbers in keypoints) -> the annotations with them; categories come after them in COCO's files.
        self.used: dict[tuple[int, int | None], array[int]] = {}

    def run(self) -> None:
        """Read the file; once more where its annotations come before the images they need."""
        whole = self._pass(self._record)
        order = list(self.seen)
        self.complete = whole or order[-1:] != ["images"]
        if "annotations" in order and "images" not in order[: order.index("annotations")]:
            self._pass(self._annotation, only="annotations")
        if whole:
            self._at_the_end()

    def _pass(self, check: Any, only: str | None = None) -> bool:
        from tqdm import tqdm

        bar = tqdm(total=self.size, unit="B", unit_scale=True, desc=self.path.name, delay=2,
                   disable=None if self.progress else True)  # fmt: skip
        with bar, open_binary(self.path) as file:
            scanner = Scanner(file, bar.update)
            try:
                for section, index, record in scanner.sections():
                    if only is None:
                        self._section(section, index, record, scanner)
                    elif section == only and index is not None:
                        check(Place(self.report, section, index), record, scanner.oddities)
            except Broken as broken:
                if only is None:
                    self._broken(broken)
                return False
            except OSError as error:
                self.report.add("unreadable", f"reading stopped ({error.strerror or error})", "check the disk")
                return False
        if scanner.marked and only is None:
            self.report.add("byte-order-mark", "the file starts with a byte order mark, and many readers stop at it",
                            "save it as UTF-8 without a mark")  # fmt: skip
        return True

    def _broken(self, broken: Broken) -> None:
        column = f" (column {broken.column})" if broken.column is not None else ""
        after = "; what follows was not checked" if self.seen else ""
        advice = _ADVICE.get(broken.wrong, "correct the text there")
        self.report.add("not-json", f"{broken.wrong}{column}{after}", advice, line=broken.line)

    def _section(self, section: str, index: int | None, record: Any, scanner: Scanner) -> None:
        if index in (None, 0):
            if section in self.seen:
                self.report.add("duplicate-section", "the section occurs twice, and readers keep the last only",
                                "join the two", section=section)  # fmt: skip
            self.seen[section] = 0
        if index is not None:
            self.seen[section] += 1
        place = Place(self.report, section, index)
        if section in _LISTS:
            if index is None:
                if record != []:
                    place.add("not-a-list", None, f"{say(record)} where a list of objects belongs", "write a list")
                return
            self._record(place, record, scanner.oddities)
        else:
            check_oddities(place, record, scanner.oddities, frozenset())

    def _record(self, place: Place, record: Any, oddities: list[tuple[str, str]]) -> None:
        if not isinstance(record, dict):
            place.add("not-an-object", None, f"{say(record)} where an object belongs", "write an object")
            return
        identifier = record.get("id")
        place.id = identifier if isinstance(identifier, (int, str)) else None
        if place.section == "annotations":
            if "images" in self.seen:  # Else they are looked at again, when the images are known.
                self._annotation(place, record, oddities)
            return
        check_oddities(place, record, oddities, _CHECKED)
        (self._image if place.section == "images" else self._category)(place, record)

    def _image(self, place: Place, record: dict[str, Any]) -> None:
        identifier, size = check_image(place, record, self.folder)
        name = record.get("file_name")
        if identifier is not None:
            if identifier in self.sizes:
                place.add("duplicate-id", "id", f"another image has the id {identifier}", "renumber one of them")
            self.sizes[identifier] = size
        if isinstance(name, str) and name:
            if name in self.file_names:
                place.add(
                    "duplicate-file-name", "file_name", "another image has the same file name", "drop one of them"
                )
            self.file_names.add(name)

    def _category(self, place: Place, record: dict[str, Any]) -> None:
        identifier, name, joints = check_category(place, record)
        if name in self.known_names:
            place.add(
                "duplicate-name", "name", f"another category has the name {shorten(name, 40)}", "join or rename them"
            )
        if name is not None:
            self.known_names.add(name)
        if identifier is not None:
            if identifier in self.names:
                place.add("duplicate-id", "id", f"another category has the id {identifier}", "renumber one of them")
            self.names[identifier] = name
            self.joints[identifier] = joints

    def _annotation(self, place: Place, record: Any, oddities: list[tuple[str, str]]) -> None:
        if not isinstance(record, dict):
            return
        identifier = record.get("id")
        place.id = identifier if isinstance(identifier, (int, str)) else None
        check_oddities(place, record, oddities, _CHECKED)
        kind = next((name for name in ("caption", "segments_info") if name in record), "instance")
        self.kinds.add(kind)
        if kind != "segments_info":
            identifier = check_id(place, record)
            if identifier in self.ids and identifier is not None:
                place.add("duplicate-id", "id", f"another annotation has the id {identifier}", "renumber one of them")
            self.ids.add(identifier)
        image = check_id(place, record, "image_id", least=None)
        if image is not None and image not in self.sizes and "images" in self.seen and self.complete:
            place.add(
                "no-such-image", "image_id", f"no image has the id {image}", "add the image or drop the annotation"
            )
        self.annotations.check(place, record, self.sizes.get(image))
        for category, joints in _categories_of(place, record, kind):
            self.used.setdefault((category, joints), array("q")).extend((place.index, self._signed(place.id)))

    @staticmethod
    def _signed(identifier: Any) -> int:
        return identifier if type(identifier) is int and 0 <= identifier < 2**62 else -1

    def _at_the_end(self) -> None:
        for section in ("images", "annotations"):
            if section not in self.seen:
                self.report.add("missing-section", f"there is no section `{section}`",
                                "is it a COCO annotation file? add the section", section=section)  # fmt: skip
        captions_only = self.kinds == {"caption"}
        if "categories" not in self.seen and not captions_only:
            self.report.add("missing-section", "there is no section `categories`", "add it", section="categories")
        if "images" not in self.seen:
            return
        for (category, joints), found in self.used.items():
            self._late(category, joints, found)
        check_against_coco(self.report, {i: name for i, name in self.names.items() if name is not None})

    def _late(self, category: int, joints: int | None, found: array[int]) -> None:
        if category not in self.names:
            if "categories" in self.seen:
                for place in self._places(found):
                    place.add("no-such-category", "category_id", f"no category has the id {category}",
                              "add the category or correct the id")  # fmt: skip
            return
        wanted = self.joints.get(category)
        if joints is not None and wanted is not None and joints != 3 * wanted:
            for place in self._places(found):
                place.add("keypoints-length", "keypoints", f"{joints} numbers, and the category's {wanted} joints need "
                          f"{3 * wanted}", "write x, y, v of every joint, 0, 0, 0 where unmarked")  # fmt: skip

    def _places(self, found: array[int]) -> Iterator[Place]:
        for place in range(0, len(found), 2):
            identifier = found[place + 1]
            yield Place(self.report, "annotations", found[place], None if identifier < 0 else identifier)


def _categories_of(place: Place, record: dict[str, Any], kind: str) -> Iterator[tuple[int, int | None]]:
    """Yield the category ids an annotation uses, with the length of its keypoints."""
    if kind == "instance":
        category = check_id(place, record, "category_id", least=None)
        joints = record.get("keypoints")
        if category is not None:
            yield category, len(joints) if isinstance(joints, list) and len(joints) % 3 == 0 else None
    elif kind == "segments_info" and isinstance(record["segments_info"], list):
        for segment in record["segments_info"]:
            if isinstance(segment, dict):
                category = check_id(place, segment, "category_id", least=None)
                if category is not None:
                    yield category, None
