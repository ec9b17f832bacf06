"""Archives packed as the official ones of ILSVRC 2012 are, with tiny images: three or so classes."""

from __future__ import annotations

import functools
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from synscenes import imagenet
from synscenes.ilsvrc import truth
from synscenes.realdata import access

LABELS, TRAIN, VAL = (0, 50, 207), 12, 7


def wnids() -> list[str]:
    """The classes of the toy; the first two are among the sample's twenty."""
    return [imagenet.classes()[label].wnid for label in LABELS]


@functools.cache
def jpeg(seed: int) -> bytes:
    """A small JPEG, another for every seed."""
    from PIL import Image

    pixels = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def train_images() -> dict[str, dict[str, bytes]]:
    """Content by class and name; the names don't begin at 1 and aren't in order, as in the official archive."""
    found = {}
    for place, wnid in enumerate(wnids()):
        names = [f"{wnid}_{number}.JPEG" for number in (10026, 2, *range(300, 300 + TRAIN - 2))]
        found[wnid] = {name: jpeg(1000 * place + number) for number, name in enumerate(names)}
    return found


def val_images() -> dict[str, bytes]:
    return {f"ILSVRC2012_val_{number:08d}.JPEG": jpeg(90_000 + number) for number in range(1, 3 * VAL + 1)}


def val_truth() -> dict[str, str]:
    """The wnid of each validation image by name; classes take turns."""
    return {name.partition(".")[0]: wnids()[place % 3] for place, name in enumerate(val_images())}


def tar(files: Iterable[tuple[str, bytes]], mode: str = "w") -> bytes:
    """A tar archive in memory."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def box(wnid: str, name: str) -> bytes:
    return (
        f"<annotation><filename>{name}</filename><size><width>16</width><height>12</height><depth>3</depth></size>"
        f"<object><name>{wnid}</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>8</ymax></bndbox>"
        "</object></annotation>"
    ).encode()


def devkit() -> bytes:
    """The development kit: ids of its own (here backwards), and the truth in them."""
    from scipy.io import savemat

    ids = {wnid: number for number, wnid in enumerate(reversed([entry.wnid for entry in imagenet.classes()]), start=1)}
    kinds = [("ILSVRC2012_ID", "f8"), ("WNID", object), ("words", object), ("gloss", object), ("num_children", "f8")]
    kinds += [(name, "f8") for name in ("children", "wordnet_height", "num_train_images")]
    rows = [(number, wnid, "words", "gloss", 0, 0, 0, 0) for wnid, number in ids.items()]
    rows.append((1001, "n00001740", "entity", "gloss", 3, 0, 0, 0))
    buffer = io.BytesIO()
    savemat(buffer, {"synsets": np.array(rows, dtype=kinds)})
    lines = "".join(f"{ids[wnid]}\n" for _, wnid in sorted(val_truth().items()))
    root = "ILSVRC2012_devkit_t12"
    members = [(f"{root}/readme.txt", b"a kit"), (f"{root}/data/meta.mat", buffer.getvalue())]
    return tar([*members, (f"{root}/data/{truth.GROUND_TRUTH}", lines.encode())], "w:gz")


def archives() -> dict[str, bytes]:
    """All five official archives, by name."""
    trains, vals = train_images(), val_images()
    boxes = [(f"{wnid}/{name[:-5]}.xml", box(wnid, name[:-5])) for wnid, images in trains.items() for name in images]
    val_boxes = [(f"val/{name}.xml", box(wnid, name)) for name, wnid in val_truth().items()]
    return {
        access.TRAIN.name: tar((f"{wnid}.tar", tar(images.items())) for wnid, images in trains.items()),
        access.VAL.name: tar(vals.items()),
        access.DEVKIT.name: devkit(),
        access.TRAIN_BOXES.name: tar([("./" + name, content) for name, content in boxes], "w:gz"),
        access.VAL_BOXES.name: tar(val_boxes, "w:gz"),
    }


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def kaggle() -> dict[str, bytes]:
    """Kaggle's archive, by name."""
    from coco_host import pack

    data, notes = "ILSVRC/Data/CLS-LOC", "ILSVRC/Annotations/CLS-LOC"
    rows = "".join(f"{name},{wnid} 1 2 9 8 \n" for name, wnid in val_truth().items())
    members = [("LOC_val_solution.csv", ("ImageId,PredictionString\n" + rows).encode())]
    members.append(("LOC_synset_mapping.txt", "".join(f"{e.wnid} {e.lemmas}\n" for e in imagenet.classes()).encode()))
    for wnid, images in train_images().items():
        members += [(f"{data}/train/{wnid}/{name}", content) for name, content in images.items()]
    members += [(f"{data}/val/{name}", content) for name, content in val_images().items()]
    members += [(f"{data}/test/ILSVRC2012_test_00000001.JPEG", jpeg(1))]
    members += [(f"{notes}/val/{name}.xml", box(wnid, name)) for name, wnid in val_truth().items()]
    return {access.KAGGLE: pack(members)}
