"""Bad captions: one line that says what, where and what to do; odd ones: a correct score."""

from __future__ import annotations

import json
import math

import pytest

from synscenes.errors import CourseError
from synscenes.metrics import captions

FAST = [name for name in captions.METRICS if name != "METEOR"]
GOOD = {1: ["a dog on the grass", "the dog lies"], 2: ["a red bus", "a bus at night"]}
NAN = float("nan")

BAD = {
    "no dict": ([["a dog"]], {1: "a dog"}, "references must be a dict .*, not a list"),
    "candidates no dict": (GOOD, ["a dog"], "candidates must be a dict .*, not a list"),
    "nothing": ({}, {}, "references are empty"),
    "unknown id": (GOOD, {1: "a", 2: "b", 3: "c"}, "image 3 is not among the references: remove it"),
    "text for a number": (GOOD, {"1": "a", 2: "b"}, "image '1' is not among .* have 1, a number"),
    "number for a text": ({"7": ["a"]}, {7: "a"}, "image 7 is not among .* have '7', a string"),
    "no candidate": (GOOD, {1: "a"}, "image 2 has no caption"),
    "candidate None": (GOOD, {1: None, 2: "b"}, "image 1 is nothing .None., not a string"),
    "candidate NaN": (GOOD, {1: NAN, 2: "b"}, "image 1 is a number .float., not a string"),
    "candidate in a list": (GOOD, {1: ["a"], 2: "b"}, "image 1 is a list, not a string"),
    "candidate bytes": (GOOD, {1: b"a", 2: "b"}, "image 1 is bytes, not a string"),
    "references a string": ({1: "a dog"}, {1: "a"}, "image 1 has a string: give a list"),
    "references None": ({1: None}, {1: "a"}, "image 1 has nothing .None.: give a list"),
    "no references": ({1: []}, {1: "a"}, "image 1 has no captions"),
    "reference a number": ({1: ["a", 5]}, {1: "a"}, "image 1, caption 1 is a number .int., not a string"),
    "references without words": ({1: ["", "!!", " . "][::2]}, {1: "a"}, "image 1 has captions without a word"),
    "references of emoji": ({1: ["🐶"]}, {1: "🐶"}, "image 1 has captions without a word"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("function", [captions.score, captions.score_each])
def test_bad_input_is_refused_in_one_line(name, function):
    references, candidates, message = BAD[name]
    with pytest.raises(CourseError, match=message) as caught:
        function(references, candidates, metrics=FAST)
    assert "\n" not in str(caught.value)


ODD = {
    "empty candidate": "",
    "only punctuation": "...!?",
    "only emoji": "🐶🌱",
    "one letter": "a",
    "another script": "собака на траве 草地",
    "line breaks": "a dog\non the\r\ngrass\u2028",
    "half a surrogate": "a dog \ud83d on grass",
    "zero character": "a \0 dog",
    "10,000 words": "dog grass " * 5_000,
    "10,000 different words": " ".join(f"w{number}" for number in range(10_000)),
    "one endless word": "x" * 100_000,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_candidates_get_a_finite_score(name):
    candidates = {1: ODD[name], 2: "a red bus"}
    for scores in captions.score_each(GOOD, candidates, metrics=FAST).values():
        assert all(math.isfinite(value) and 0 <= value <= 10 for value in scores.values())
    assert all(math.isfinite(value) for value in captions.score(GOOD, candidates, metrics=FAST).values())


def test_odd_candidates_get_a_finite_meteor():
    """All in one test: the first call reads WordNet, which takes seconds."""
    for name, candidate in ODD.items():
        found = captions.score(GOOD, {1: candidate, 2: "a red bus"}, metrics=["METEOR"])["METEOR"]
        assert 0 <= found <= 1, name


@pytest.mark.parametrize("name", ["empty candidate", "only punctuation", "only emoji"])
def test_a_candidate_without_words_scores_nothing(name):
    scores = captions.score_each(GOOD, {1: ODD[name], 2: "a red bus"}, metrics=FAST)[1]
    assert max(scores.values()) < 1e-9


def test_an_empty_reference_among_others_is_no_match():
    scores = captions.score_each({1: ["", "a dog"], 2: ["a cat"]}, {1: "", 2: "a cat"}, metrics=["ROUGE_L"])
    assert scores[1]["ROUGE_L"] == 0
    assert scores[2]["ROUGE_L"] == pytest.approx(1)


def test_long_references_are_scored():
    long = " ".join(f"word{number % 500}" for number in range(10_000))
    found = captions.score({1: [long, "a dog"], 2: ["a cat"]}, {1: long, 2: "a cat"}, metrics=FAST)
    assert found["Bleu_4"] == pytest.approx(1, abs=1e-6) and found["ROUGE_L"] == pytest.approx(1)


def test_emoji_and_accents_are_no_trouble_for_a_match():
    found = captions.score_each(
        {1: ["Un garçon à l'école 🏫"], 2: ["ein Hund"]}, {1: "un garçon à l'école", 2: "Hund"}, metrics=FAST
    )
    assert found[1]["ROUGE_L"] == pytest.approx(1)


# ------------------------------------------------------------------------------------------------- COCO's files


def test_files_are_read(tmp_path):
    document = {
        "images": [{"id": 5}, {"id": 3}, {"id": 9}],
        "annotations": [{"id": i, "image_id": image, "caption": f"caption {i}"} for i, image in enumerate((3, 5, 3))],
    }
    truth, found = tmp_path / "captions.json", tmp_path / "results.json"
    truth.write_text(json.dumps(document))
    found.write_text(json.dumps([{"image_id": 3, "caption": "caption 0"}, {"image_id": 5, "caption": "none"}]))
    references = captions.read_references(truth)
    assert references == {5: ["caption 1"], 3: ["caption 0", "caption 2"]}
    assert list(references) == [5, 3]
    assert captions.read_references(document) == references
    assert captions.score(references, captions.read_candidates(found), metrics=["Bleu_1"])["Bleu_1"] > 0


FILES = {
    "no file": (None, captions.read_references, "cannot be read"),
    "no JSON": ("{", captions.read_references, "is no JSON file"),
    "a list": ("[]", captions.read_references, "is no captions file"),
    "no caption": ('{"annotations": [{"image_id": 1}]}', captions.read_references, "annotations 0 lacks"),
    "a number": ('{"annotations": [{"image_id": 1, "caption": 2}]}', captions.read_references, "needs a number"),
    "no list": ("{}", captions.read_candidates, "is no results file"),
    "twice": ('[{"image_id": 1, "caption": "a"}, {"image_id": 1, "caption": "b"}]', captions.read_candidates,
              "image 1 has a second caption in entry 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_broken_files_are_refused_in_one_line(name, tmp_path):
    text, read, message = FILES[name]
    path = tmp_path / "file.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CourseError, match=message) as caught:
        read(path)
    assert "\n" not in str(caught.value) and str(tmp_path) not in str(caught.value)
