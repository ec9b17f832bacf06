"""The sample tier: two hundred photographs of COCO's val2017 with all their annotations, in the official layout."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from synscenes import coco
from synscenes.coco.folders import COMPLETE
from synscenes.errors import CourseError
from synscenes.files import sha256_file, write_atomic
from synscenes.linkrot.policy import Trouble
from synscenes.linkrot.shelf import look_at
from synscenes.realdata import selecting, sources
from synscenes.realdata.ledger import Ledger, problems
from synscenes.realdata.meter import Meter
from synscenes.realdata.origin import Origin, explained
from synscenes.realdata.ranges import NoRanges
from synscenes.realdata.space import check_space, sweep
from synscenes.realdata.together import together
from synscenes.realdata.transport import CONNECTIONS
from synscenes.realdata.trees import Unpacked
from synscenes.realdata.zips import Zip

EACH = 100  # photographs for "val", and as many for "train"
NEEDED = 500_000_000
# Parsing a larger JSON takes more memory than a laptop may have to spare.
_MOST_JSON = 400_000_000
_NOTE = "A part of COCO 2017 val: the {count} images that the course uses as {split}."
_ABOUT = """A sample of COCO 2017, in the official layout, made by the course From Synsets to Scenes.

All {images} photographs are from val2017. Those in train2017/ are too: no image of the official training set
is here, because its annotations are more than 20 times as large. A fixed rule chose them, by which every category
occurs, so shares counted here are not COCO's.

Annotations: COCO Consortium, CC BY 4.0. Photographs: each under the Flickr licence that the field `license` of its
record names. Source: {source}
{missing}"""


def get(root: Path, origin: Origin) -> Path:
    """Make the sample at ``root`` and return it; what is there and whole is kept.

    It is gathered in ``origin.work``, which a later call goes on with, and appears at ``root`` all at once. In one that
    is there, files that are missing or of the wrong length are replaced. Raises CourseError.
    """
    complete = (root / COMPLETE).is_file()
    if complete and not problems(root, read=False):
        return root
    if not complete and root.is_dir() and any(root.iterdir()):
        raise CourseError(f"{root} holds something that this command did not make: move it away, or name another --to.")
    check_space(root, NEEDED)
    tree = root if complete else origin.work / "tree"
    ledger = Ledger(tree)
    documents = _annotations(origin)
    ids = selecting.split(selecting.traits(documents["instances"], documents["person_keypoints"]), EACH)
    missing = []
    for kind, archive in (("panoptic", sources.PANOPTIC), ("stuff", sources.STUFF)):
        try:
            documents[kind] = _extra(origin, kind, archive, ids, ledger)
        except FileNotFoundError:
            missing.append(f"The {kind} annotations are missing: they were not at the source.\n")
        except NoRanges:
            missing.append(f"The {kind} annotations are missing: {archive.name} could only be had whole.\n")
        except _TooLarge as error:
            missing.append(f"The {kind} annotations are missing: {error}.\n")
    _images(origin, documents["instances"], ids, ledger)
    for kind, document in documents.items():
        for split, numbers in ids.items():
            part = selecting.cut(document, numbers, _NOTE.format(count=len(numbers), split=split))
            path = coco.save(part, tree / sources.annotation_member(kind, split))
            ledger.add(_place(tree, path), path.stat().st_size, sha256_file(path), "cut from the official file")
    sweep(tree)
    source = str(origin.folder or origin.host)
    count = sum(map(len, ids.values()))
    write_atomic(tree / COMPLETE, _ABOUT.format(images=count, source=source, missing="".join(missing)))
    if not complete:
        if root.is_dir():
            root.rmdir()
        os.replace(tree, root)
    shutil.rmtree(origin.work, ignore_errors=True)
    return root


class _TooLarge(Exception):
    """An annotation file is too large to be read into memory for a sample's sake."""


def _annotations(origin: Origin) -> dict[str, Any]:
    """The three annotation files of val2017, as documents."""
    members = {kind: sources.annotation_member(kind, "val") for kind in sources.KINDS}
    try:
        archive = origin.open(sources.ANNOTATIONS)
    except FileNotFoundError as error:
        raise CourseError(f"No {sources.ANNOTATIONS.name} at {error}: is --from or --host right?") from None
    with archive:
        paths = {kind: _member(origin, archive, member) for kind, member in members.items()}
    return {kind: _read(path) for kind, path in paths.items()}


def _member(origin: Origin, archive: Zip | Unpacked, member: str) -> Path:
    """Take a member into the work folder, unless it is there, and return its path."""
    path = origin.work / "members" / Path(member).name
    if not archive.whole(member, path):
        size = archive.size(member)
        with Meter(f"Taking {Path(member).name} out of {archive.name}", size, shown=origin.shown) as meter:
            try:
                archive.take(member, path, meter.add)
            except Trouble as trouble:
                raise explained(archive.name, trouble) from None
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
        document["images"], document["annotations"]
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path.name} is no annotation file of COCO ({error}).") from None
    return document


def _extra(
    origin: Origin, kind: str, archive: sources.Archive, ids: dict[str, list[int]], ledger: Ledger
) -> dict[str, Any]:
    """The panoptic or stuff annotations of val2017; the panoptic PNGs of the chosen images go into the tree."""
    member = sources.annotation_member(kind, "val")
    # Without ranges, the panoptic annotations cost 0.9 GB; 1.1 GB more for stuff is too much for a sample.
    with origin.open(archive, whole=False if kind == "stuff" else None) as opened:
        if not opened.has(member):
            raise FileNotFoundError(member)
        if opened.size(member) > _MOST_JSON:
            raise _TooLarge(f"{member} has {opened.size(member):,} bytes")
        document = _read(_member(origin, opened, member))
        if kind == "panoptic":
            _pngs(origin, opened, document, ids, ledger)
    return document


def _pngs(
    origin: Origin, archive: Zip | Unpacked, document: dict[str, Any], ids: dict[str, list[int]], ledger: Ledger
) -> None:
    names = {record["image_id"]: record["file_name"] for record in document["annotations"]}
    wanted = [(split, names[number]) for split, numbers in ids.items() for number in numbers if number in names]
    try:
        with (
            archive.inner("annotations/panoptic_val2017.zip", origin.work / "members") as inner,
            Meter("Taking panoptic PNGs", len(wanted), "files", origin.shown) as meter,
        ):
            inner.want([f"panoptic_val2017/{name}" for _, name in wanted])
            for split, name in wanted:
                place = f"annotations/panoptic_{split}2017/{_plain(name)}"
                if not ledger.has(place):
                    digest = inner.take(f"panoptic_val2017/{name}", ledger.folder / place, durable=False)
                    ledger.add(place, inner.size(f"panoptic_val2017/{name}"), digest, archive.name)
                meter.add(1)
    except Trouble as trouble:
        raise explained(archive.name, trouble) from None


def _images(origin: Origin, instances: dict[str, Any], ids: dict[str, list[int]], ledger: Ledger) -> None:
    """Fetch the chosen photographs one by one; those the host does not have come out of val2017.zip."""
    records = {record["id"]: record for record in instances["images"]}
    wanted = [(split, records[number]) for split, numbers in ids.items() for number in numbers]
    todo = [(split, record) for split, record in wanted if not ledger.has(f"{split}2017/{record['file_name']}")]
    for _, record in todo:
        sources.image_place(record["file_name"], "val")  # a strange name stops everything before the first file
    if origin.folder is not None:
        _from_zip(origin, todo, ledger)
        return
    with Meter("Fetching photographs", len(wanted), "photographs", origin.shown) as meter:
        meter.at(len(wanted) - len(todo))

        def one(item: tuple[str, dict[str, Any]]) -> None:
            split, record = item
            place = f"{split}2017/{record['file_name']}"
            origin.image("val", record["file_name"], ledger.folder / place, _checker(record, place, ledger))
            meter.add(1)

        host = origin.host  # before the threads, which would all look for it
        failed = together(origin.client, todo, one, CONNECTIONS)
    gone = [item for item, trouble in failed if trouble.kind in ("gone", "forbidden", "damaged", "not an image")]
    if failed and len(gone) < len(failed):
        (_, record), trouble = next((item, trouble) for item, trouble in failed if item not in gone)
        raise explained(f"{host}/{sources.image_place(record['file_name'], 'val')}", trouble)
    _from_zip(origin, gone, ledger)


def _from_zip(origin: Origin, wanted: list[tuple[str, dict[str, Any]]], ledger: Ledger) -> None:
    if not wanted:
        return
    archive = sources.IMAGES["val"]
    try:
        opened = origin.open(archive)
    except FileNotFoundError as error:
        raise CourseError(
            f"{len(wanted)} photographs, the first val2017/{wanted[0][1]['file_name']}, are nowhere to be had: there "
            f"is no {archive.name} at {error} either."
        ) from None
    with opened, Meter(f"Taking photographs out of {archive.name}", len(wanted), "files", origin.shown) as meter:
        for split, record in wanted:
            member, place = f"val2017/{record['file_name']}", f"{split}2017/{record['file_name']}"
            path = ledger.folder / place
            try:
                opened.take(member, path, durable=False)
                _checker(record, place, ledger)(path)
            except Trouble as trouble:
                path.unlink(missing_ok=True)
                raise explained(f"{member} in {archive.name}", trouble) from None
            meter.add(1)


def _checker(record: dict[str, Any], place: str, ledger: Ledger) -> Any:
    """A check that the file is a whole photograph of the size the annotations say; it then enters the ledger."""

    def check(path: Path) -> None:
        _, size, _ = look_at(path)
        if size != (record["width"], record["height"]):
            raise Trouble("damaged", f"{size[0]} x {size[1]} pixels, expected {record['width']} x {record['height']}")
        ledger.add(place, path.stat().st_size, sha256_file(path), record.get("coco_url", ""))

    return check


def _plain(name: str) -> str:
    if Path(name).name != name or not name.endswith(".png"):
        raise CourseError(f"The panoptic file names a PNG {name!r}, which is no plain file name.")
    return name


def _place(tree: Path, path: Path) -> str:
    return path.relative_to(tree).as_posix()
