"""ImageNet out of its archives into the tree that torchvision and :mod:`synscenes.ilsvrc` read.

A class's folder appears when all its images are in it, so a run that is killed loses one class at most; the
validation images appear together.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path

from synscenes import imagenet
from synscenes.coco.folders import COMPLETE
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.ilsvrc import truth
from synscenes.ilsvrc.packed import NOTES, POINTER
from synscenes.realdata import access
from synscenes.realdata.copies import Copy, Folders, Image, Kaggle, Tars
from synscenes.realdata.fetching import digest
from synscenes.realdata.ledger import Ledger, folder_digest
from synscenes.realdata.meter import Meter
from synscenes.realdata.space import check_space

META = "meta.bin"  # torchvision's name
_VERIFIED = "verified.json"
_ABOUT = """ILSVRC 2012 as torchvision's ImageNet lays it out, unpacked from {source} by the course
From Synsets to Scenes.

For non-commercial research and education only; not to be passed on. ledger.jsonl holds a sha256 for each file, or for
each folder of images: `python -m synscenes data check imagenet` compares.
"""


def install(copy: Copy, root: Path, official: bool = True, shown: bool = True) -> Path:
    """Unpack a copy into ``root`` and return it; what is there and whole is kept.

    ``official`` demands the archives' official MD5 and the official numbers of images. Raises CourseError.
    """
    if isinstance(copy, Folders):
        raise CourseError(f"{copy.tree.home} is unpacked already: say --in-place, or name it in SYNSCENES_IMAGENET.")
    if official and isinstance(copy, Tars):
        verify(copy, root.parent / f".{root.name}.part", shown)
    ledger = Ledger(root)
    _check_space(copy, root, ledger)
    wnids = write_tables(copy, root, ledger)
    _val(copy, wnids, ledger, official, shown)
    _train(copy, ledger, official, shown)
    for split in ("val", "train"):
        boxes(copy, split, ledger, shown)
    write_meta(wnids, root, ledger)
    sweep_drafts(root)
    for name in (NOTES, POINTER):  # of an earlier --in-place: the images would go on being read where they were
        (root / name).unlink(missing_ok=True)
    write_atomic(root / COMPLETE, _ABOUT.format(source=source_of(copy)))
    shutil.rmtree(root.parent / f".{root.name}.part", ignore_errors=True)
    return root


def verify(copy: Tars, notes: Path, shown: bool = True) -> None:
    """Compare the archives with their official MD5, once: ``notes`` is a folder that remembers the result.

    Raises CourseError for one that differs.
    """
    path = notes / _VERIFIED
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    for archive in access.ARCHIVES:
        place = copy.path(archive)
        if not place.is_file():
            continue
        stamp = [place.stat().st_size, place.stat().st_mtime_ns, archive.md5]
        if known.get(str(place)) == stamp:
            continue
        with Meter(f"Checking {archive.name}", place.stat().st_size, shown=shown) as meter:
            got = digest(place, "md5", meter.add)
        if got != archive.md5:
            raise CourseError(
                f"{place} has the MD5 {got}, the official archive {archive.md5}: copy it again, or say --unofficial."
            )
        known[str(place)] = stamp
        write_atomic(path, json.dumps(known, indent=1) + "\n")


def write_tables(copy: Copy, root: Path, ledger: Ledger) -> dict[str, str]:
    """Write the truth of the validation images into ``root``; return each one's wnid by its stem."""
    for place, content in copy.tables().items():
        write_atomic(root / place, content)
        ledger.add(place, len(content), hashlib.sha256(content).hexdigest(), source_of(copy))
    kit = root / "ILSVRC2012_devkit_t12" / "data"
    if isinstance(copy, Folders):
        wnids = {record.path.stem: record.wnid for record in copy.tree.val()}
    else:
        found = truth.from_devkit(kit) if kit.is_dir() else truth.from_csv(root / "LOC_val_solution.csv")
        wnids = found.wnids
    return wnids


def write_meta(wnids: dict[str, str], root: Path, ledger: Ledger) -> None:
    """Write what torchvision keeps of the development kit: the classes' words, and the validation images' wnids."""
    import torch

    words = {entry.wnid: tuple(entry.lemmas.split(", ")) for entry in imagenet.classes()}
    draft = root / f".{META}.part"
    torch.save((words, [wnids[name] for name in sorted(wnids)]), draft)
    ledger.add(META, draft.stat().st_size, digest(draft), "made here")
    os.replace(draft, root / META)


def _val(copy: Copy, wnids: dict[str, str], ledger: Ledger, official: bool, shown: bool) -> None:
    places = {f"val/{wnid}" for wnid in wnids.values()}
    if all(ledger.has(place) for place in places):
        return
    draft = ledger.folder / ".val.part"
    images = list(copy.val())
    demand(len(images), access.VAL_IMAGES if official else len(wnids), "validation images", copy)
    folders: dict[str, dict[str, tuple[int, str]]] = {}
    with Meter("Unpacking val", sum(image.size for image in images), shown=shown) as meter:
        for image in images:
            wnid = wnids.get(image.name.partition(".")[0])
            if wnid is None:
                raise CourseError(f"{image.name} has no ground truth in {source_of(copy)}.")
            folders.setdefault(wnid, {})[image.name] = write_image(image, draft / wnid)
            meter.add(image.size)
    for wnid, files in sorted(folders.items()):
        reveal(draft / wnid, f"val/{wnid}", files, ledger, copy)


def _train(copy: Copy, ledger: Ledger, official: bool, shown: bool) -> None:
    classes = list(copy.classes)
    if official:
        demand(len(classes), access.CLASSES, "classes", copy)
    todo = [wnid for wnid in classes if not ledger.has(f"train/{wnid}")]
    with Meter("Unpacking train", len(classes), "classes", shown and bool(todo)) as meter:
        meter.at(len(classes) - len(todo))
        for wnid in todo:
            draft = ledger.folder / ".train.part" / wnid
            shutil.rmtree(draft, ignore_errors=True)
            files = {image.name: write_image(image, draft) for image in copy.train(wnid)}
            if not files:
                raise CourseError(f"{source_of(copy)} holds no image of {wnid}.")
            reveal(draft, f"train/{wnid}", files, ledger, copy)
            meter.add(1)
    if official:
        count = sum(entry.files for place, entry in ledger.entries.items() if place.startswith("train/"))
        demand(count, access.TRAIN_IMAGES, "training images", copy)


def boxes(copy: Copy, split: str, ledger: Ledger, shown: bool) -> None:
    """The XML files of a split: one folder for val, one a class for train."""
    there = ledger.folder / "Annotations" / split
    place = f"Annotations/{split}"
    noted = [entry for entry in ledger.entries if entry == place or entry.startswith(f"{place}/")]
    if there.is_dir() and all(ledger.has(entry) for entry in noted):
        return
    draft = ledger.folder / f".Annotations-{split}.part"
    shutil.rmtree(draft, ignore_errors=True)
    folders: dict[str, dict[str, tuple[int, str]]] = {}
    with Meter(f"Unpacking the boxes of {split}", 0, "files", shown) as meter:
        for name, content in copy.boxes(split):
            below = "" if split == "val" else name.partition("_")[0]
            (draft / below).mkdir(parents=True, exist_ok=True)
            (draft / below / name).write_bytes(content)
            folders.setdefault(below, {})[name] = (len(content), hashlib.sha256(content).hexdigest())
            meter.add(1)
    for below, files in folders.items():
        _note(f"{place}/{below}".rstrip("/"), files, ledger, copy)
    if folders:
        there.parent.mkdir(exist_ok=True)
        if there.is_dir():  # it lost files, so all come back
            shutil.rmtree(there)
        os.replace(draft, there)


def write_image(image: Image, folder: Path) -> tuple[int, str]:
    """Write an image into a draft folder; return its length and sha256."""
    data, path = image.read(), folder / image.name
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.stat().st_size != len(data):
        path.write_bytes(data)
    return len(data), hashlib.sha256(data).hexdigest()


def reveal(draft: Path, place: str, files: dict[str, tuple[int, str]], ledger: Ledger, copy: Copy) -> None:
    """Give a whole folder its name."""
    _note(place, files, ledger, copy)
    final = ledger.folder / place
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.is_dir():  # one that lost files: it comes back whole
        shutil.rmtree(final)
    os.replace(draft, final)


def _note(place: str, files: dict[str, tuple[int, str]], ledger: Ledger, copy: Copy) -> None:
    size = sum(length for length, _ in files.values())
    ledger.add(place, size, folder_digest(files), source_of(copy), len(files))


def folder_of_boxes(place: str, found: list[tuple[str, bytes]], ledger: Ledger, copy: Copy) -> None:
    """Write XML files into one folder, which appears whole; none where there are none."""
    if found:
        draft = ledger.folder / ".boxes.part"
        draft.mkdir(parents=True, exist_ok=True)
        for name, content in found:
            (draft / name).write_bytes(content)
        files = {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in found}
        reveal(draft, place, files, ledger, copy)


def sweep_drafts(root: Path) -> None:
    """Remove what killed runs left in ``root``."""
    for path in root.glob(".*.part"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def demand(count: int, expected: int, what: str, copy: Copy) -> None:
    if count != expected:
        raise CourseError(f"{source_of(copy)} holds {count:,} {what}, and {expected:,} are expected: is it whole?")


def _check_space(copy: Tars | Kaggle, root: Path, ledger: Ledger) -> None:
    paths = [copy.path(access.TRAIN), copy.path(access.VAL)] if isinstance(copy, Tars) else [copy.path]
    there = sum(entry.bytes for place, entry in ledger.entries.items() if ledger.has(place))
    advice = "make room, name a folder on another disk with --to, or leave it packed with --in-place"
    check_space(root, max(sum(path.stat().st_size for path in paths) - there, 0), advice)


def source_of(copy: Copy) -> str:
    return {Tars: "the official archives", Kaggle: access.KAGGLE, Folders: "an unpacked tree"}[type(copy)]
