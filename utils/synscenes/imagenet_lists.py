"""ImageNet's lists of synsets, and how many images each branch had in 2010.

The lists are text files inside timm (``data/_info``), read without importing timm. The table of 2010 is the
project's own: image-net.org, "About ImageNet: Summary and Statistics", updated 30 April 2010.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from synscenes.errors import CourseError
from synscenes.imagenet import timm_list

# 21k: the release of autumn 2011. 12k: timm's choice of the synsets with the most images. 1k: ILSVRC 2012.
_FILES = {"1k": "imagenet_synsets.txt", "12k": "imagenet12k_synsets.txt", "21k": "imagenet22k_synsets.txt"}


@dataclass(frozen=True)
class Branch:
    """One line of the table of 2010: a branch of the hierarchy, its synsets, and their average number of images."""

    name: str
    wnid: str
    synsets: int
    images_per_synset: int


@cache
def wnids(name: str) -> tuple[str, ...]:
    """Return the wnids of "1k" (1,000), "12k" (11,821) or "21k" (21,841), ascending.

    Raises CourseError for another name, or when timm or its list is missing.
    """
    if name not in _FILES:
        raise CourseError(f"No list named {name!r}: choose one of {', '.join(_FILES)}.")
    return tuple(timm_list(_FILES[name]).split())


@cache
def statistics_2010() -> tuple[Branch, ...]:
    """Return the 27 branches that ImageNet published statistics for in 2010, by name.

    Their wnids are ours: the table gives words only, and each was matched with the sense it must mean.
    """
    text = resources.files("synscenes").joinpath("data/imagenet_2010.csv").read_text("utf-8")
    return tuple(
        Branch(row["category"], row["wnid"], int(row["synsets"]), int(row["images_per_synset"]))
        for row in csv.DictReader(text.splitlines())
    )
