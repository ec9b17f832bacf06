"""What lies where: COCO's official hosts and files, with the sizes and hashes that others published.

The sizes and sha256 are those that TensorFlow Datasets checks; the stuff archive's sha1 is GluonCV's.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from synscenes.errors import CourseError

# The one place that names hosts. The first that answers serves the whole run. Both are the same storage: the second
# is the address in COCO's own files, and speaks plain HTTP only.
COCO_HOSTS = ("https://s3.amazonaws.com/images.cocodataset.org", "http://images.cocodataset.org")
HOST_VARIABLE = "SYNSCENES_COCO_HOST"
SPLITS = ("train", "val")


@dataclass(frozen=True)
class Archive:
    """An official zip: its place below the host, its length in bytes, its hash ("" where none is published).

    ``unpacked`` is how much its wanted members take on disk, in bytes, about.
    """

    place: str
    size: int
    unpacked: int
    sha256: str = ""
    sha1: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.place.rpartition("/")[2]


ANNOTATIONS = Archive(
    "annotations/annotations_trainval2017.zip",
    252_907_541,
    820_000_000,
    sha256="113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
)
PANOPTIC = Archive(
    "annotations/panoptic_annotations_trainval2017.zip",
    860_725_834,
    1_700_000_000,
    sha256="c05f76d2129b6b561eb70efe16e7006df62f73fb92889132d373b9d90e31a370",
)
STUFF = Archive(
    "annotations/stuff_annotations_trainval2017.zip",
    1_148_688_564,
    4_500_000_000,
    sha1="e7aa0f7515c07e23873a9f71d9095b06bcea3e12",
)
IMAGES = {
    "train": Archive(
        "zips/train2017.zip",
        19_336_861_798,
        19_500_000_000,
        sha256="69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929",
    ),
    "val": Archive(
        "zips/val2017.zip",
        815_585_330,
        830_000_000,
        sha256="4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
    ),
}
ARCHIVES = (ANNOTATIONS, PANOPTIC, STUFF, *IMAGES.values())
# The members of ANNOTATIONS, by kind as ``synscenes.coco.folders`` names them.
KINDS = ("instances", "person_keypoints", "captions")
_IMAGE = re.compile(r"[0-9]{12}\.jpg")


def annotation_member(kind: str, split: str) -> str:
    """The name of an annotation file, in its archive and in the official layout."""
    return f"annotations/{kind}_{split}2017.json"


def image_place(file_name: str, split: str) -> str:
    """Where one photograph lies below the host. Raises CourseError for a name no photograph of COCO has."""
    if not _IMAGE.fullmatch(file_name):
        raise CourseError(f"{file_name!r} is no name of a COCO photograph (twelve digits and .jpg).")
    return f"{split}2017/{file_name}"


def hosts(option: str | None = None) -> tuple[str, ...]:
    """The hosts to try, in order: the command's option, else the variable SYNSCENES_COCO_HOST, else the official ones.

    Raises CourseError for an address that is none of http or https.
    """
    named = option or os.environ.get(HOST_VARIABLE)
    if not named:
        return COCO_HOSTS
    if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#@]*)?", named):
        raise CourseError(f"{named!r} is no address of a host: write http://… or https://… (--host, {HOST_VARIABLE}).")
    return (named.rstrip("/"),)
