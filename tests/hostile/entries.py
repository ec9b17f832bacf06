"""Everything of the package that reads a file somebody else may have written, with a small whole file for each."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Entry:
    """A reader: ``files()`` are whole, ``spoil`` says which get damaged and as what ("json", "text", "bytes"),
    ``read(folder)`` reads them and touches what came out. ``starts_process``: each reading costs a second, so a
    twentieth of the cases must do."""

    name: str
    what: str
    files: Callable[[], Files]
    spoil: Mapping[str, str]
    read: Callable[[Path], Any]
    starts_process: bool = False


# ------------------------------------------------------------------------------------------- whole files


def document() -> dict[str, Any]:
    """A COCO instances file with every kind of outline and one person's joints."""
    joints = [17 * [0], [*range(10, 44, 2)], [*range(20, 54, 2)], 17 * [2]]
    return {
        "info": {"year": 2026, "description": "three images"},
        "licenses": [{"id": 1, "name": "CC BY", "url": "https://example.org"}],
        "images": [{"id": n, "file_name": f"{n}.png", "width": 64, "height": 48, "license": 1} for n in (1, 2, 3)],
        "categories": [
            {"id": 1, "name": "person", "supercategory": "person", "keypoints": [f"joint {n}" for n in range(17)],
             "skeleton": [[1, 2], [2, 3]]},
            {"id": 18, "name": "dog", "supercategory": "animal"},
        ],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [8, 8, 20, 30], "area": 600, "iscrowd": 0,
             "segmentation": [[8, 8, 28, 8, 28, 38, 8, 38]], "num_keypoints": 17,
             "keypoints": [value for n in range(17) for value in (joints[1][n], joints[2][n] % 48, 2)]},
            {"id": 2, "image_id": 1, "category_id": 18, "bbox": [0, 0, 10, 10], "area": 100.5, "iscrowd": 0,
             "segmentation": [[0, 0, 10, 0, 10, 10], [1, 1, 3, 1, 3, 3]]},
            {"id": 3, "image_id": 2, "category_id": 18, "bbox": [0, 0, 64, 48], "area": 3000, "iscrowd": 1,
             "segmentation": {"size": [48, 64], "counts": [72, 3000]}},
            {"id": 4, "image_id": 3, "category_id": 18, "bbox": [0, 2, 5, 9], "area": 24, "iscrowd": 0,
             "segmentation": {"size": [48, 64], "counts": _blot()}},
        ],
    }  # fmt: skip


def results() -> list[dict[str, Any]]:
    """Detections for ``document``, with a box and a mask each."""
    truth = document()["annotations"]
    return [
        {"image_id": each["image_id"], "category_id": each["category_id"], "bbox": each["bbox"], "score": 0.1 * number}
        for number, each in enumerate(truth, 1)
    ]


def _blot() -> str:
    """A small mask as compressed run-length text."""
    import numpy as np
    from pycocotools import mask

    picture = np.zeros((48, 64), np.uint8, order="F")
    picture[2:11, 0:5] = 1
    return mask.encode(picture)["counts"].decode()


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


def _png(size: tuple[int, int] = (64, 48), fmt: str = "PNG", **options: Any) -> bytes:
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    pixels[8:38, 8:28] = 200
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format=fmt, **options)
    return buffer.getvalue()


def _coco_files() -> Files:
    return {"gt.json": _json(document()), "dt.json": _json(results())}


def _caption_files() -> Files:
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2)]
    notes = [{"id": n, "image_id": 1 + n % 2, "caption": f"A dog with {n} balls."} for n in range(6)]
    found = [{"image_id": n, "caption": "A dog."} for n in (1, 2)]
    return {"gt.json": _json({"images": images, "annotations": notes}), "dt.json": _json(found)}


def _panoptic_files() -> Files:
    import numpy as np
    from PIL import Image

    from synscenes.panoptic.ids import ids_to_rgb

    files: dict[str, bytes] = {}
    for side, shift in (("gt", 0), ("dt", 2)):
        ids = np.full((48, 64), 7, dtype=np.int64)
        ids[8 + shift : 30, 8:40] = 300
        buffer = io.BytesIO()
        Image.fromarray(ids_to_rgb(ids)).save(buffer, format="PNG")
        files[f"{side}/1.png"] = buffer.getvalue()
        areas = {number: int((ids == number).sum()) for number in (7, 300)}
        boxes = {7: [0, 0, 64, 48], 300: [8, 8 + shift, 32, 22 - shift]}
        segments = [
            {"id": number, "category_id": category, "area": areas[number], "bbox": boxes[number], "iscrowd": 0}
            for number, category in ((7, 1), (300, 18))
        ]
        content = {
            "images": [{"id": 1, "file_name": "1.jpg", "width": 64, "height": 48}],
            "annotations": [{"image_id": 1, "file_name": "1.png", "segments_info": segments}],
            "categories": [{"id": 1, "name": "grass", "isthing": 0}, {"id": 18, "name": "dog", "isthing": 1}],
        }
        files[f"{side}.json"] = _json(content)
    return files


def _wheel_and_sdist() -> Files:
    wheel, sdist = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data/words.txt", WORDS)
        file.writestr("data/more.txt", WORDS * 9)
    with gzip.GzipFile(fileobj=sdist, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as file:
        for name, content in (("data/words.txt", WORDS), ("data/more.txt", WORDS * 9)):
            head = tarfile.TarInfo(name)
            head.size = len(content)
            file.addfile(head, io.BytesIO(content))
    return {"a.whl": wheel.getvalue(), "a.tar.gz": sdist.getvalue()}


WORDS = b"dog\ncat\n" * 40
CFG = b"""[net]
width=32
height=32
channels=3

[convolutional]
batch_normalize=1
filters=4
size=3
stride=2
pad=1
activation=leaky

[route]
layers=-1
groups=2
group_id=1

[convolutional]
filters=21
size=1
stride=1
pad=1
activation=linear

[yolo]
mask=0,1,2
anchors=4,4, 8,8, 16,16
classes=2
num=3
"""
SOLUTION = b"""ImageId,PredictionString
ILSVRC2012_val_00048981,n03995372 85 1 499 272\x20
ILSVRC2012_val_00037956,n03481172 131 0 499 254 n03481172 1 1 20 30\x20
"""
XML = b"""<annotation>
  <folder>val</folder><filename>ILSVRC2012_val_00000001</filename>
  <size><width>500</width><height>375</height><depth>3</depth></size>
  <object><name>n01751748</name><difficult>0</difficult>
    <bndbox><xmin>111</xmin><ymin>108</ymin><xmax>441</xmax><ymax>193</ymax></bndbox></object>
</annotation>
"""


def _weights() -> bytes:
    import numpy as np

    count = 4 * 4 + 4 * 27 + 21 + 21 * 2
    values = np.arange(count, dtype="<f4")
    return np.array([0, 2, 5], "<i4").tobytes() + np.array([0], "<i8").tobytes() + values.tobytes()


def _checkpoint() -> bytes:
    import torch

    content = {
        "format": 2, "network": {"type": "Linear", "shapes": {"weight": [2, 3]}}, "recipe": {"epochs": 1}, "data": "x",
        "run": {"model": {"weight": torch.zeros(2, 3)}}, "meta": {},
    }  # fmt: skip
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def _devkit() -> Files:
    import numpy as np
    from scipy.io import savemat

    from synscenes.imagenet import classes

    kind = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    rows = [(float(n), each.wnid, each.name, 0.0) for n, each in enumerate(classes()[:3], 1)]
    buffer = io.BytesIO()
    savemat(buffer, {"synsets": np.array(rows, dtype=kind)})
    return {"meta.mat": buffer.getvalue(), "ILSVRC2012_validation_ground_truth.txt": b"1\n2\n3\n1\n"}


def _lesson() -> bytes:
    return (Path(__file__).resolve().parents[1] / "sample" / "98_sample.md").read_bytes()


def _some_facts() -> bytes:
    """The ledger's first entries."""
    from synscenes.facts.ledger import ledger_path

    return b"[[fact]]".join(ledger_path().read_bytes().split(b"[[fact]]")[:6])


def _with_masks() -> list[dict[str, Any]]:
    masks = [{"size": [48, 64], "counts": _blot()}, {"size": [48, 64], "counts": [72, 3000]}]
    return [{**each, "segmentation": masks[number % 2]} for number, each in enumerate(results())]


def _joint_files() -> Files:
    truth = document()
    truth["annotations"] = truth["annotations"][:1]
    found = [{**results()[0], "keypoints": truth["annotations"][0]["keypoints"]}]
    return {"gt.json": _json(truth), "dt.json": _json(found)}


# ------------------------------------------------------------------------------------------------ readers


def _load_coco(folder: Path) -> None:
    from synscenes import coco

    data = coco.load(folder / "gt.json")
    _ = len(data.images), len(data.annotations), len(data.categories)
    for identifier in list(data.annotations["id"])[:5]:
        data.segmentation(identifier)


def _validate_coco(folder: Path) -> None:
    from synscenes import coco

    for problem in coco.validate(folder / "gt.json"):
        if "\n" in str(problem):
            raise AssertionError(f"a problem of two lines: {problem}")


def _evaluate(iou_type: str) -> Callable[[Path], None]:
    def read(folder: Path) -> None:
        from synscenes.metrics.detection import evaluate

        evaluate(folder / "gt.json", folder / "dt.json", iou_type)

    return read


def _captions(folder: Path) -> None:
    from synscenes.metrics.captions import read_candidates, read_references, score

    score(
        read_references(folder / "gt.json"), read_candidates(folder / "dt.json"), metrics=("Bleu_4", "ROUGE_L", "CIDEr")
    )


def _panoptic(folder: Path) -> None:
    from synscenes.metrics import panoptic

    panoptic.evaluate(folder / "gt.json", folder / "gt", folder / "dt.json", folder / "dt")


def _image(folder: Path) -> None:
    from synscenes.pictures import open_image

    for path in folder.iterdir():
        if open_image(path).mode != "RGB":
            raise AssertionError("not RGB")


def _archives(folder: Path) -> None:
    from synscenes.assets.archives import read_members
    from synscenes.assets.entries import Member

    member = Member("data/words.txt", "words.txt", len(WORDS), hashlib.sha256(WORDS).hexdigest())
    for name, kind in (("a.whl", "wheel"), ("a.tar.gz", "sdist")):
        if read_members(folder / name, kind, [member])["words.txt"] != WORDS:
            raise AssertionError("other words than were pinned")


def _progress(folder: Path) -> None:
    from synscenes import progress
    from synscenes.paths import home

    home().mkdir(parents=True, exist_ok=True)
    progress.progress_path().write_bytes((folder / "progress.json").read_bytes())
    progress.load_progress()
    for left in home().glob("*set-aside*"):
        left.unlink()


def _checkpoints(folder: Path) -> None:
    from synscenes.train import checkpoint

    checkpoint.read(folder / "last.pt")
    checkpoint.read_weights(folder / "last.pt")


def _darknet(folder: Path) -> None:
    from synscenes.models import darknet
    from synscenes.models.darknet_cfg import parse

    network = darknet.Darknet(parse((folder / "a.cfg").read_text(encoding="utf-8", errors="replace")))
    darknet.load_weights(network, folder / "a.weights")


def _conversion(format: str) -> Callable[[Path], None]:
    def read(folder: Path) -> None:
        from synscenes import conversion

        conversion.read(folder, format)

    return read


def _converted(format: str) -> Callable[[], Files]:
    def files() -> Files:
        import tempfile

        from synscenes import conversion

        with tempfile.TemporaryDirectory() as place:
            source = Path(place) / "in"
            source.mkdir()
            for number in (1, 2, 3):
                (source / f"{number}.png").write_bytes(_png())
            target = conversion.write(document(), Path(place) / "out", format, source)
            return {
                str(path.relative_to(target)): path.read_bytes() for path in sorted(target.rglob("*")) if path.is_file()
            }

    return files


def _annotation(folder: Path) -> None:
    from synscenes.ilsvrc.annotations import read_annotation

    read_annotation(folder / "a.xml")


def _solution(folder: Path) -> None:
    from synscenes.ilsvrc import truth

    truth.from_csv(folder / "LOC_val_solution.csv")


def _devkits(folder: Path) -> None:
    from synscenes.ilsvrc import truth

    truth.from_devkit(folder)


def _lessons(folder: Path) -> None:
    from synscenes.authoring.source import read_lesson

    read_lesson(folder / "98_sample.md")


def _facts(folder: Path) -> None:
    from synscenes.facts import ledger

    ledger.load.__wrapped__(folder / "facts.toml")  # else the first case's answer would serve for all


def _settings(folder: Path) -> None:
    from synscenes.authoring.settings import load_settings

    load_settings(folder)


def _results(folder: Path) -> None:
    from synscenes.authoring.ledger import disagreements, expected_results

    disagreements({"a": 1.0}, expected_results(folder, "07", "smoke"))


def _copies(folder: Path) -> None:
    from synscenes import lab

    lab._read_ledger(folder / "copied.json")


def _book(folder: Path) -> None:
    from synscenes.annotator.book import Book

    book = Book(folder / "mine.json", folder / "photographs", [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}])
    for image in book.images:
        book.of_image(image["id"])


def _reviewed(folder: Path) -> None:
    from synscenes.widgets.label_review import LabelReview

    review = LabelReview.__new__(LabelReview)
    review.path = folder / "review.json"
    LabelReview._load(review)


def _looks(folder: Path) -> None:
    from synscenes.linkrot.shelf import _read_json

    _read_json(folder / "notes.json")


def _training_folder(folder: Path) -> None:
    from synscenes.train.data import Folder

    data = Folder(folder / "photos", 32)
    for place in range(len(data)):
        data[(place, 1)]


SPOILT = {
    "yolo": {"labels/1.txt": "text", "data.yaml": "text", "images/1.png": "bytes"},
    "voc": {"Annotations/1.xml": "text"},
    "labelme": {"1.json": "json"},
}
ENTRIES = [
    Entry("coco.load", "COCO instances and keypoints, JSON", _coco_files, {"gt.json": "json"}, _load_coco),
    Entry("coco.validate", "the same, checked", _coco_files, {"gt.json": "json"}, _validate_coco),
    Entry("evaluate bbox", "truth and detections, JSON", _coco_files, dict.fromkeys(("gt.json", "dt.json"), "json"),
          _evaluate("bbox")),
    Entry("evaluate segm", "truth and masks, JSON", lambda: {**_coco_files(), "dt.json": _json(_with_masks())},
          dict.fromkeys(("gt.json", "dt.json"), "json"), _evaluate("segm")),
    Entry("evaluate keypoints", "truth and joints, JSON", _joint_files,
          dict.fromkeys(("gt.json", "dt.json"), "json"), _evaluate("keypoints")),
    Entry("captions", "references and candidates, JSON", _caption_files, dict.fromkeys(("gt.json", "dt.json"), "json"),
          _captions),
    Entry("panoptic", "panoptic JSON and PNG", _panoptic_files,
          {"gt.json": "json", "dt.json": "json", "gt/1.png": "bytes", "dt/1.png": "bytes"}, _panoptic),
    *(Entry(f"image {fmt}", f"a photograph, {fmt}", lambda fmt=fmt: {f"a.{fmt.lower()}": _png(fmt=fmt)},
            {f"a.{fmt.lower()}": "bytes"}, _image) for fmt in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")),
    Entry("training folder", "photographs in folders, JPEG", lambda: {f"photos/{n}/{m}.jpg": _png(fmt="JPEG")
          for n in "ab" for m in "12"}, {"photos/a/1.jpg": "bytes"}, _training_folder),
    Entry("archives", "wheels and source archives", _wheel_and_sdist, {"a.whl": "bytes", "a.tar.gz": "bytes"},
          _archives),
    Entry("progress", "the progress file, JSON", lambda: {"progress.json": _json({"version": 1, "checks": {"00-a":
          {"tries": 1, "passed": True}}, "guesses": {}})}, {"progress.json": "json"}, _progress),
    Entry("checkpoints", "training checkpoints, .pt", lambda: {"last.pt": _checkpoint()}, {"last.pt": "bytes"},
          _checkpoints),
    Entry("darknet", "Darknet network and weights", lambda: {"a.cfg": CFG, "a.weights": _weights()},
          {"a.cfg": "text", "a.weights": "bytes"}, _darknet),
    *(Entry(f"conversion {name}", f"a dataset in {told} form", _converted(name), SPOILT[name], _conversion(name))
      for name, told in (("yolo", "YOLO"), ("voc", "Pascal VOC"), ("labelme", "LabelMe"))),
    Entry("ilsvrc XML", "ImageNet's boxes, XML", lambda: {"a.xml": XML}, {"a.xml": "text"}, _annotation),
    Entry("ilsvrc CSV", "Kaggle's solution, CSV", lambda: {"LOC_val_solution.csv": SOLUTION},
          {"LOC_val_solution.csv": "text"}, _solution),
    Entry("ilsvrc devkit", "meta.mat and the ground truth", _devkit,
          {"meta.mat": "bytes", "ILSVRC2012_validation_ground_truth.txt": "text"}, _devkits, starts_process=True),
    Entry("lesson", "a lesson's source, MyST Markdown", lambda: {"98_sample.md": _lesson()}, {"98_sample.md": "text"},
          _lessons),
    Entry("facts", "the ledger of facts, TOML", lambda: {"facts.toml": _some_facts()}, {"facts.toml": "text"}, _facts),
    Entry("results", "the ledger of results, TOML", lambda: {"tests/expected/07.toml":
          b'a = 1\n[smoke]\nb = {value = 0.5, abs = 0.1, better = "higher"}\n'}, {"tests/expected/07.toml": "text"},
          _results),
    Entry("settings", "the course's settings, TOML", lambda: {"course/settings.toml":
          b'repository = "someone/course"\nbranch = "main"\n'}, {"course/settings.toml": "text"}, _settings),
    Entry("copied notebooks", "the list of copied notebooks, JSON",
          lambda: {"copied.json": _json({"a.ipynb": "0" * 64})}, {"copied.json": "json"}, _copies),
    Entry("annotator", "your own annotations, JSON", lambda: {"mine.json": _json(document()),
          **{f"photographs/{n}.png": _png() for n in (1, 2, 3)}}, {"mine.json": "json", "photographs/1.png": "bytes"},
          _book),
    Entry("label review", "your decisions on labels, JSON", lambda: {"review.json": _json({"3": "keep"})},
          {"review.json": "json"}, _reviewed),
    Entry("downloads", "the notes beside downloads, JSON", lambda: {"notes.json": _json({"url": "x", "etag": "y"})},
          {"notes.json": "json"}, _looks),
]  # fmt: skip
