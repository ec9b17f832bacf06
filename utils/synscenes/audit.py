"""Who and what is in the lists: counts over class lists and labels that anyone can repeat.

The lists are timm's (``data/_info``), the hierarchy is WordNet 3.0. Counts only: some synsets below "person" are
slurs, and nothing here prints them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from synscenes.imagenet import timm_list

if TYPE_CHECKING:
    import pandas

    from synscenes.imagenet import Photo

PERSON = "n00007846"

# A list's name: (file in timm's data/_info, what it is).
LISTS = {
    "21k": ("imagenet22k_synsets.txt", "all of ImageNet, 2011"),
    "12k": ("imagenet12k_synsets.txt", "timm's choice of well-filled classes"),
    "21k-P": (
        "imagenet21k_miil_synsets.txt",
        "well-filled classes of the release of 2011 (Ridnik et al. 2021)",
    ),
    "21k-P 2021": ("imagenet21k_miil_w21_synsets.txt", "the same of the release of 2021"),
    "1k": ("imagenet_synsets.txt", "ILSVRC 2012"),
    "A": ("imagenet_a_synsets.txt", "ImageNet-A"),
    "R": ("imagenet_r_synsets.txt", "ImageNet-R"),
}

# Branches of WordNet for a first look. Dogs are mammals too; otherwise no branch lies in another.
BRANCHES = {
    "mammal": "n01861778",
    "dog": "n02084071",
    "bird": "n01503061",
    "insect": "n02159955",
    "reptile": "n01661091",
    "fish": "n02512053",
    "food": "n00021265",
    "vehicle": "n04524313",
    "musical instrument": "n03800933",
    "clothing": "n03051540",
    "structure": "n04341686",
    "person": PERSON,
}


@cache
def class_list(name: str) -> tuple[str, ...]:
    """Return the wnids of one of ``LISTS``, in the file's order. Raises ValueError for another name."""
    if name not in LISTS:
        raise ValueError(f"no list is called {name!r}: choose one of {', '.join(LISTS)}")
    return tuple(timm_list(LISTS[name][0]).split())


@cache
def branch(wnid: str) -> frozenset[str]:
    """Return a synset and everything below it in WordNet. Raises CourseError for an unknown wnid."""
    from synscenes import wordnet

    return frozenset(wordnet.load().descendants(wnid)) | {wnid}


def count_in_branch(wnids: Iterable[str], top: str = PERSON) -> int:
    """Return how many of ``wnids`` are ``top`` or a kind of it."""
    return len(branch(top).intersection(wnids))


def branch_table(
    lists: Mapping[str, Iterable[str]], branches: Mapping[str, str] = BRANCHES
) -> pandas.DataFrame:
    """Return a count for each branch (row) and list (column), with a last row "all".

    ``lists``: column name -> wnids; ``branches``: row name -> wnid. Rows may overlap where branches do.
    """
    import pandas

    sets = {name: set(wnids) for name, wnids in lists.items()}
    rows = {
        row: {name: count_in_branch(wnids, top) for name, wnids in sets.items()}
        for row, top in branches.items()
    }
    rows["all"] = {name: len(wnids) for name, wnids in sets.items()}
    return pandas.DataFrame.from_dict(rows, orient="index")


@cache
def real_labels() -> tuple[tuple[int, ...], ...]:
    """Return the ReaL labels of the 50,000 validation images: for each, the classes people found in it.

    Source: Beyer et al., "Are we done with ImageNet?", 2020, by way of timm.
    """
    return tuple(tuple(labels) for labels in json.loads(timm_list("imagenet_real_labels.json")))


def real_counts() -> np.ndarray:
    """Return how many validation images show each class, by ReaL: (1000,) int. By the old labels each has 50."""
    return np.bincount([label for labels in real_labels() for label in labels], minlength=1000)


def share_with_place(photos: Sequence[Photo]) -> float:
    """Return the share of photographs whose file says where it was taken (GPS data in its EXIF block).

    Raises ValueError for no photographs.
    """
    from PIL import Image

    if not photos:
        raise ValueError("photos is empty: give at least one")
    gps = 0x8825
    found = 0
    for photo in photos:
        with Image.open(photo.path) as file:
            found += bool(file.getexif().get_ifd(gps))
    return found / len(photos)


def gini(counts) -> float:
    """Return how unevenly ``counts`` are spread: 0 when all are equal, towards 1 when one has everything.

    Gini (1912): half the mean difference between two classes drawn at random, divided by the mean. Raises
    ValueError for negative counts, or none above 0.
    """
    values = np.sort(np.asarray(counts, dtype=float))
    if values.ndim != 1 or not len(values) or values[0] < 0 or values.sum() == 0:
        raise ValueError("counts must be a row of numbers, none negative and not all 0")
    n = len(values)
    return float((2 * np.arange(1, n + 1) - n - 1) @ values / (n * values.sum()))
