"""The course's 70 labelled photographs, laid out as the official tree is."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from importlib import resources
from pathlib import Path

from synscenes import imagenet
from synscenes.errors import CourseError

MARK = "ABOUT_THIS_TREE.txt"
_ABOUT = (
    "A small tree in the layout of ILSVRC 2012, written by the course From Synsets to Scenes. The numbers in the file\n"
    "names are ours. val/ holds the 20 photographs of one research package, train/ the 50 of another. The boxes were\n"
    "traced by the course's authors (CC BY 4.0).\n\n" + imagenet.NOTICE + "\n"
)


def write_micro(root: str | Path) -> Path:
    """Write the 70 photographs as an ILSVRC tree into ``root`` and return ``root`` (about a second).

    20 images in val/ with boxes, 50 in train/ without, the tables and lists that the official tree has. JPEG files
    are copied byte for byte, PNG files saved as JPEG (quality 95). The tree appears all at once, or not at all; one
    that is there is kept. Raises CourseError when ``root`` holds anything else.
    """
    root = Path(root).expanduser().absolute()
    if (root / MARK).is_file():
        return root
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise CourseError(
            f"{root} is not empty and not a micro tree: name a new folder, so that nothing is overwritten."
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{root.name}.", dir=root.parent))
    try:
        _write(draft)
        os.chmod(draft, 0o755)
        try:
            if root.is_dir() and not any(root.iterdir()):
                root.rmdir()  # Windows replaces no folder, not even an empty one.
            os.replace(draft, root)
        except OSError:
            if not (root / MARK).is_file():  # unless another process was faster
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return root


def traced_boxes() -> dict[str, list[list[int]]]:
    """Return the boxes traced on the 20 photographs of "photos_foolbox", xyxy in pixels, by file name."""
    content = resources.files("synscenes").joinpath("data/micro_boxes.json").read_text("utf-8")
    return json.loads(content)["boxes"]


def _write(draft: Path) -> None:
    traced = traced_boxes()
    val = [
        _add_val(draft, number, photo, traced) for number, photo in enumerate(_of("photos_foolbox"), start=1)
    ]
    train = [_add_train(draft, number, photo) for number, photo in enumerate(_of("photos_rvb"), start=1)]
    mapping = "".join(f"{entry.wnid} {entry.lemmas}\n" for entry in imagenet.classes())
    _text(draft / "LOC_synset_mapping.txt", mapping)
    _text(draft / "LOC_val_solution.csv", "ImageId,PredictionString\n" + "".join(val))
    lists = draft / "ILSVRC/ImageSets/CLS-LOC"
    _text(
        lists / "val.txt",
        "".join(f"{row.partition(',')[0]} {number}\n" for number, row in enumerate(val, start=1)),
    )
    _text(
        lists / "train_cls.txt",
        "".join(f"{name} {number}\n" for number, name in enumerate(sorted(train), start=1)),
    )
    _text(draft / MARK, _ABOUT)


def _of(source: str) -> list[imagenet.Photo]:
    return imagenet.photos(source)


def _add_val(draft: Path, number: int, photo: imagenet.Photo, traced: dict[str, list[list[int]]]) -> str:
    """Write one validation image and its XML; return its row of LOC_val_solution.csv."""
    name = f"ILSVRC2012_val_{number:08d}"
    _image(draft / f"ILSVRC/Data/CLS-LOC/val/{name}.JPEG", photo)
    boxes = traced[photo.path.name]
    _text(
        draft / f"ILSVRC/Annotations/CLS-LOC/val/{name}.xml", _xml(name, photo.image.size, photo.wnid, boxes)
    )
    words = " ".join(f"{photo.wnid} {' '.join(map(str, box))}" for box in boxes)
    return f"{name},{words} \n"


def _add_train(draft: Path, number: int, photo: imagenet.Photo) -> str:
    """Write one training image; return its line of train_cls.txt."""
    name = f"{photo.wnid}/{photo.wnid}_{number}"
    _image(draft / f"ILSVRC/Data/CLS-LOC/train/{name}.JPEG", photo)
    return name


def _image(path: Path, photo: imagenet.Photo) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if photo.path.suffix == ".jpg":
        path.write_bytes(photo.path.read_bytes())
        return
    buffer = io.BytesIO()
    photo.image.save(buffer, "JPEG", quality=95, subsampling=0)
    path.write_bytes(buffer.getvalue())


def _xml(name: str, size: tuple[int, int], wnid: str, boxes: list[list[int]]) -> str:
    corners = ("xmin", "ymin", "xmax", "ymax")
    objects = "".join(
        f"\t<object>\n\t\t<name>{wnid}</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n"
        "\t\t<difficult>0</difficult>\n\t\t<bndbox>\n"
        + "".join(f"\t\t\t<{corner}>{value}</{corner}>\n" for corner, value in zip(corners, box))
        + "\t\t</bndbox>\n\t</object>\n"
        for box in boxes
    )
    return (
        f"<annotation>\n\t<folder>val</folder>\n\t<filename>{name}</filename>\n\t<source>\n"
        f"\t\t<database>synscenes micro</database>\n\t</source>\n\t<size>\n\t\t<width>{size[0]}</width>\n"
        f"\t\t<height>{size[1]}</height>\n\t\t<depth>3</depth>\n\t</size>\n\t<segmented>0</segmented>\n"
        f"{objects}</annotation>\n"
    )


def _text(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")
