"""Our tokenizer against Stanford's PTBTokenizer: its answers are stored, so no Java is needed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synscenes.errors import CourseError
from synscenes.metrics.captions import tokenize
from synscenes.metrics.captions.tokenizer import DROPPED, all_tokens

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "reference" / "caption_reference.json").read_text(encoding="utf-8"))
COCO_MINI = HERE.parents[1] / "shared" / "refs" / "coco_mini" / "annotations"


@pytest.mark.parametrize("sentence", REFERENCE["tokens"])
def test_tokens_equal_ptbtokenizer(sentence):
    assert " ".join(tokenize(sentence)) == REFERENCE["tokens"][sentence]


def test_stored_tokens_are_those_of_our_sentences():
    lines = (HERE / "reference" / "caption_sentences.txt").read_text(encoding="utf-8").split("\n")[:-1]
    assert list(REFERENCE["tokens"]) == lines
    assert len(lines) >= 200


def test_tokens_of_real_captions_equal_ptbtokenizer():
    """All captions of COCO-MINI: their tokens are not stored here, only a hash of what Java answered."""
    if not COCO_MINI.is_dir():
        pytest.skip("the COCO-MINI captions are not at hand (../shared/refs/coco_mini)")
    documents = [json.loads((COCO_MINI / f"captions_{split}2017.json").read_text()) for split in ("train", "val")]
    captions = [each["caption"] for document in documents for each in document["annotations"]]
    ours = "\n".join(" ".join(tokenize(caption)) for caption in captions)
    assert len(captions) == REFERENCE["coco_mini"]["captions"]
    assert hashlib.sha256(ours.encode()).hexdigest() == REFERENCE["coco_mini"]["sha256"]


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_clean_words(text):
    for token in tokenize(text):
        assert token not in DROPPED
        assert token and " " not in token and "\n" not in token


@given(st.lists(st.from_regex("[A-Za-z]{2,8}", fullmatch=True), max_size=12))
@settings(max_examples=100, deadline=None)
@example(["PA"])
@example(["pa"])
def test_short_cut_and_rules_agree(words):
    """Plain captions take a short cut past the rules."""
    for caption in (" ".join(words), ", ".join(words) + "."):
        assert tokenize(caption) == [token for token in all_tokens(caption) if token not in DROPPED]


def test_each_caption_stands_by_itself():
    assert tokenize("Vitamin c.") == ["vitamin", "c."]
    assert tokenize("Plan B. The dog") == ["plan", "b", "the", "dog"]


@pytest.mark.parametrize(
    ("piece", "words"), [("word ", 1), ("a;", 1), ("!?", 0), ("<a ", 2), ("don't ", 2), ("x@ ", 2)]
)
def test_long_captions_are_cut(piece, words):
    """Ten thousand repeats: a rule that looked ahead without bound would not come back."""
    assert len(tokenize(piece * 10_000)) == words * 10_000 or piece == "!?"


@pytest.mark.parametrize("piece", ["a,", "é", "日", "1/2 ", "-", "'", "www.", "x@", "<!a", "(", "a b<"])
def test_long_nonsense_comes_back(piece):
    assert isinstance(tokenize(piece * 10_000), list)


@pytest.mark.parametrize("value", [None, 3, b"a dog", ["a dog"], float("nan")])
def test_what_is_no_string_is_refused(value):
    with pytest.raises(CourseError, match="a caption must be a string, not of type"):
        tokenize(value)
