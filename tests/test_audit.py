"""Counts over class lists, ReaL labels and files; and the published accuracies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synscenes import audit, shifts


def test_lists_have_their_lengths():
    sizes = {name: len(audit.class_list(name)) for name in audit.LISTS}
    assert sizes == {
        "21k": 21841,
        "12k": 11821,
        "21k-P": 11221,
        "21k-P 2021": 10450,
        "1k": 1000,
        "A": 200,
        "R": 200,
    }
    with pytest.raises(ValueError, match="no list is called '2k'"):
        audit.class_list("2k")


def test_persons_are_few_in_the_thousand_and_fewer_after_2021():
    counts = {
        name: audit.count_in_branch(audit.class_list(name)) for name in ("21k", "21k-P", "21k-P 2021", "1k")
    }
    assert counts == {"21k": 2836, "21k-P": 876, "21k-P 2021": 105, "1k": 3}


def test_branch_table_counts_dogs():
    table = audit.branch_table({"1k": audit.class_list("1k"), "R": audit.class_list("R")})
    assert table.loc["dog"].tolist() == [118, 31]
    assert table.loc["all"].tolist() == [1000, 200]


def test_real_counts_add_up():
    labels = audit.real_labels()
    counts = audit.real_counts()
    assert len(labels) == 50_000 and counts.shape == (1000,)
    assert counts.sum() == sum(map(len, labels))
    assert (counts.min(), counts.max()) == (13, 300)


@dataclass
class File:
    path: Path


def test_a_place_is_found_where_there_is_one(tmp_path):
    plain, placed = tmp_path / "plain.jpg", tmp_path / "placed.jpg"
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (8, 8)).save(plain)
    Image.new("RGB", (8, 8)).save(placed, exif=exif)
    assert audit.share_with_place([File(plain), File(placed)]) == 0.5
    with pytest.raises(ValueError, match="empty"):
        audit.share_with_place([])


def test_gini_by_hand():
    assert audit.gini([5, 5, 5]) == 0
    assert audit.gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert audit.gini([1, 3]) == pytest.approx(0.25)
    for bad in ([], [0, 0], [-1, 2], [[1, 2]]):
        with pytest.raises(ValueError, match="counts must be"):
            audit.gini(bad)


def test_results_are_whole_and_in_order():
    table = shifts.results()
    assert len(table) == 21 and table.name.is_unique and table.imagenet.is_monotonic_increasing
    assert set(table.trained_on) == {"ImageNet-1K", "ImageNet-21K", "web"}
    numbers = table[["imagenet", "real", "v2", "sketch", "r", "r_classes", "a_classes"]]
    assert numbers.notna().all().all() and ((numbers > 0) & (numbers < 100)).all().all()
    assert table[table.a.isna()].name.tolist() == ["ResNet-50"]
    assert (table.v2 < table.imagenet).all() and (table.r < table.r_classes).all()


def test_line_is_the_least_squares_one():
    assert shifts.line([0, 1, 2], [1, 3, 5]) == pytest.approx((2, 1))
    assert np.allclose(shifts.line([0, 1, 2], [0, 3, 0]), (0, 1))
    for x, y in (([1], [1]), ([1, 1], [1, 2]), ([1, 2], [1, 2, 3])):
        with pytest.raises(ValueError, match="two rows"):
            shifts.line(x, y)
