"""GloVe's words and vectors: found without a Parquet library, only what is asked for, and damage is named."""

from __future__ import annotations

import shutil
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synscenes import assets
from synscenes.errors import CourseError
from synscenes.hierarchy import glove, small_study
from synscenes.hierarchy.parquet_words import BadParquet, unpack_snappy, words


@pytest.fixture(scope="module")
def folder():
    return assets.path("glove")


@pytest.fixture(scope="module")
def content(folder):
    return (folder / glove.WORDS).read_bytes()


def test_the_index_holds_400_000_words_each_once(content):
    found = list(words(content))
    assert len(found) == len(set(found)) == 400_000
    assert found[:5] == ["the", ",", ".", "of", "to"] and found[-1] == "sandberger"


def test_the_first_and_last_vectors_are_glove_6b_s():
    found = glove.vectors(["the", "sandberger"])
    assert np.allclose(found["the"][:3], [0.418, 0.24968, -0.41242])
    assert np.allclose(found["sandberger"][:3], [0.072617, -0.51393, 0.4728])


def test_relatives_are_nearer_than_strangers():
    found = glove.vectors(["gazelle", "antelope", "violin", "cello"])
    unit = {word: row / np.linalg.norm(row) for word, row in found.items()}
    assert unit["gazelle"] @ unit["antelope"] > unit["gazelle"] @ unit["cello"]
    assert unit["violin"] @ unit["cello"] > unit["violin"] @ unit["antelope"]


def test_unknown_words_are_left_out_and_names_without_one_are_listed():
    assert glove.vectors(["no-such-word", "dog"]).keys() == {"dog"}
    vectors, unknown = glove.name_vectors(["bull mastiff", "xyzzyplugh"])
    assert unknown == [1] and not vectors[1].any()
    parts = glove.vectors(["bull", "mastiff"])
    assert np.allclose(vectors[0], (parts["bull"] + parts["mastiff"]) / 2)
    assert glove.vectors([]) == {} and glove.name_vectors([])[0].shape == (0, 50)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("German shepherd", ["german", "shepherd"]),
        ("black-and-tan coonhound", ["black", "and", "tan", "coonhound"]),
        ("carpenter's kit", ["carpenter", "kit"]),
        ("St. Bernard", ["st", "bernard"]),
        ("", []),
    ],
)
def test_words_of_a_name(name, expected):
    assert glove.words_of(name) == expected


def packed(data: bytes) -> bytes:
    """Snappy by its definition, literals only."""
    size, header = len(data), b""
    while size >= 128:
        header, size = header + bytes([size & 127 | 128]), size >> 7
    pieces = [data[place : place + 60] for place in range(0, len(data), 60)]
    return header + bytes([size]) + b"".join(bytes([(len(piece) - 1) << 2]) + piece for piece in pieces)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=400))
def test_snappy_literals_come_back(data):
    assert unpack_snappy(packed(data)) == data


def test_snappy_copies_may_overlap_themselves():
    assert unpack_snappy(bytes([9, 2 << 2]) + b"abc" + bytes([(6 - 1) << 2 | 2]) + struct.pack("<H", 3)) == b"abcabcabc"
    with pytest.raises(BadParquet, match="before the start"):
        unpack_snappy(bytes([5, (5 - 1) << 2 | 2]) + struct.pack("<H", 3))


@pytest.mark.parametrize(
    "damage",
    [lambda c: b"", lambda c: c[:1000], lambda c: b"PAR1" + c[4:-4] + b"XXXX", lambda c: c[:20_000] + c[-200_000:]],
    ids=["empty", "cut", "no end", "hole"],
)
def test_a_damaged_index_is_one_line(content, damage, folder, tmp_path):
    (tmp_path / glove.WORDS).write_bytes(damage(content))
    shutil.copy(folder / glove.VECTORS, tmp_path)
    with pytest.raises(CourseError, match="assets fetch glove"):
        glove.vectors(["sandberger", "absent-word"], tmp_path)


def test_a_table_that_would_unpickle_is_refused(folder, tmp_path):
    shutil.copy(folder / glove.WORDS, tmp_path)
    np.save(tmp_path / glove.VECTORS, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(CourseError, match="GloVe can't be read"):
        glove.vectors(["the"], tmp_path)


def test_the_small_photographs_of_the_study_are_kept_and_limited():
    photos = small_study.chosen(most=3)
    labels = [photo.label for photo in photos]
    assert max(map(labels.count, set(labels))) == 3 and len(small_study.chosen(most=8)) == 264
    with pytest.raises(ValueError, match="most"):
        small_study.chosen(0)


def test_features_enter_the_last_layer():
    from synscenes import models

    model = models.load("mobilenet_v2")
    photos = small_study.chosen(most=1)[:2]
    found = small_study.compute(model, photos, side=64)
    layer = model.module.classifier[1]
    by_hand = found.features @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
    assert found.features.shape == (2, 1280) and np.allclose(by_hand, found.logits, atol=1e-3)
    assert not model.module.classifier[1]._forward_pre_hooks
    with pytest.raises(ValueError, match="at least one"):
        small_study.compute(model, [])
