"""Claims of captions against scene graphs, and captions spoiled in a known way."""

from __future__ import annotations

import numpy as np
import pytest

from synscenes.metrics.captions import tokenize
from synscenes.metrics.captions.claims import claim_score, is_true, read_claims, truth
from synscenes.metrics.captions.corrupting import CHANGES, shuffled
from synscenes.metrics.captions.example import RIDER, RIDER_CAPTIONS
from synscenes.metrics.captions.study import KINDS, candidates, kendall, preferences, scored


def thing(number, category, depth=2.0, colour=None):
    return {
        "annotation_id": number, "category": category, "count": 1, "color": colour, "depth": depth, "attributes": {}
    }  # fmt: skip


def scene(objects, *captions):
    return {"objects": objects, "relations": [], "captions": list(captions)}


SCENES = [
    {**RIDER, "captions": [*RIDER_CAPTIONS, "A person rides a bicycle.", "There are two dogs and a person in a park."]},
    scene(
        [thing(1, "train", 9.0, "red"), thing(2, "bench", 4.0)],
        "A red train at a train station.",
        "A train behind a bench.",
        "There is a bench in front of a train.",
        "A train station with a red train and a bench.",
        "A bench and a train on a platform.",
    ),
    scene(
        [thing(number, "hot dog") for number in range(3)],
        "Three hot dogs on a table top.",
        "Three hot dogs under an orange sky.",
        "There are three hot dogs.",
        "Some hot dogs.",
        "Three hot dogs in a kitchen.",
    ),
]

READ = {
    "a red train at a train station": [("object", "train"), ("colour", "train", "red")],
    "three hot dogs under an orange sky": [("object", "hot dog"), ("count", "hot dog", "3")],
    "an orange and a dog": [("object", "orange"), ("object", "dog")],
    "an orange dog": [("object", "dog"), ("colour", "dog", "orange")],
    "two children in a park": [("object", "child"), ("count", "child", "2")],
    "a kid in a red shirt": [("object", "child"), ("colour", "child", "red")],
    "a person rides a horse": [("object", "person"), ("object", "horse"), ("relation", "person", "riding", "horse")],
    "what a lovely day": [],
}  # fmt: skip


@pytest.mark.parametrize("caption", READ)
def test_claims_are_read(caption):
    assert read_claims(caption.split()) == READ[caption]


@pytest.mark.parametrize("scene", SCENES, ids=["rider", "train", "hot dogs"])
def test_true_captions_claim_nothing_false(scene):
    for caption in scene["captions"]:
        assert truth(caption, scene) == 1, caption


LOOKED_UP = {
    ("object", "cat"): False,
    ("object", "child"): False,
    ("count", "dog", "2"): True,
    ("count", "dog", "3"): False,
    ("colour", "dog", "white"): True,
    ("colour", "bicycle", "red"): False,
    ("relation", "person", "riding", "bicycle"): True,
    ("relation", "bicycle", "riding", "person"): False,
    ("relation", "dog", "in front of", "person"): True,
    ("relation", "dog", "behind", "person"): False,
}


@pytest.mark.parametrize("claim", LOOKED_UP, ids=" ".join)
def test_claims_are_looked_up(claim):
    assert is_true(claim, RIDER) is LOOKED_UP[claim]


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if kind.startswith("wrong")])
def test_spoiled_captions_say_something_false(kind):
    rng, made = np.random.default_rng(0), 0
    for scene in SCENES:
        for caption in scene["captions"] * 5:
            changed = CHANGES[kind](caption, scene, rng)
            if changed is not None:
                made += 1
                assert truth(changed, scene) < 1, changed
    assert made >= 5


def test_other_words_change_the_words():
    changed = CHANGES["in other words"]("A person is riding a bicycle near two dogs.", RIDER, np.random.default_rng(0))
    assert changed == "someone travels on a two-wheeler by two hounds"


def test_shuffled_keeps_the_words():
    text = shuffled(RIDER_CAPTIONS[0], RIDER, np.random.default_rng(3))
    assert sorted(text.split()) == sorted(tokenize(RIDER_CAPTIONS[0]))


def test_claim_score_is_full_for_a_copy_and_nothing_for_strangers():
    assert claim_score("A red train.", ["a red train"]) == 1
    assert claim_score("A boat.", ["a red train"]) == 0
    assert claim_score("What a day.", ["a red train"]) == 0


def test_study_scores_every_candidate():
    rows = candidates(SCENES, np.random.default_rng(1))
    assert {row["kind"] for row in rows} <= set(KINDS)
    assert all(row["truth"] == 1 for row in rows if row["kind"] == "as written")
    values = scored(rows, metrics=["Bleu_1", "ROUGE_L"])
    assert all(np.isfinite(column).all() and len(column) == len(rows) for column in values.values())
    wins = preferences(rows, np.array([row["truth"] for row in rows]), "as written", "wrong object")
    assert (wins == 1).all()
    middle, low, high = kendall(rows, np.array([row["truth"] for row in rows]), np.random.default_rng(0), 20)
    assert middle == pytest.approx(1) and low <= middle <= high + 1e-12
