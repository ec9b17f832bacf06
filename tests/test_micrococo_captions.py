"""micro-COCO's captions: five different ones, in correct English, about what is in the scene graph only."""

from __future__ import annotations

import re

import pytest

import micrococo_toys as toys
from synscenes.micrococo import captions, words
from synscenes.micrococo.chance import image_rng
from synscenes.micrococo.colours import PALETTE

SPLITS = ("train", "val")
PEOPLE = {"person", "people", "child", "children", "kid", "kids", "crowd"}


@pytest.fixture(params=SPLITS)
def scenes(request: pytest.FixtureRequest) -> list[dict]:
    return toys.document("scenes", request.param)["scenes"]


def spoken() -> dict[str, str]:
    """Every noun that a caption may use for a category, singular and plural."""
    nouns = {}
    for name in categories():
        for word in words.SYNONYMS.get(name, (name,)):
            nouns[word] = nouns[words.plural(word)] = name
    return nouns


def categories() -> list[str]:
    from synscenes.micrococo.categories import THINGS

    return [row["name"] for row in THINGS if row["name"] != "person"]


def mentioned(caption: str, setting: str) -> set[str]:
    """The categories whose words a caption holds, longest words first; the words for the place are left out."""
    text = f" {caption.lower().rstrip('.').replace(',', '')} "
    for group in captions._PLACES[setting]:
        for phrase in sorted(group, key=len, reverse=True):
            text = text.replace(f" {phrase} ", " ")
    for phrase in (" behind a table ", " behind a desk ", " under an orange sky "):
        text = text.replace(phrase, " ")
    # "an orange backpack" has no fruit in it.
    text = re.sub(rf" orange (?=shirt|{'|'.join(re.escape(word.lower()) for word in spoken())})", " ", text)
    found = set()
    for word, name in sorted(spoken().items(), key=lambda pair: -len(pair[0])):
        if f" {word.lower()} " in text:
            found.add(name)
            text = text.replace(f" {word.lower()} ", " ")
    if PEOPLE & set(text.split()):
        found.add("person")
    return found


def test_every_image_has_five_different_captions(scenes: list[dict]) -> None:
    for scene in scenes:
        assert len(scene["captions"]) == 5 == len(set(scene["captions"]))


def test_captions_mention_only_what_is_there(scenes: list[dict]) -> None:
    for scene in scenes:
        there = {thing["category"] for thing in scene["objects"]}
        for caption in scene["captions"]:
            assert mentioned(caption, scene["setting"]) <= there, caption


def test_numbers_are_the_true_counts(scenes: list[dict]) -> None:
    counting = {word: number for number, word in enumerate(words.NUMBERS) if number > 1}
    for scene in scenes:
        for caption in scene["captions"]:
            for number, noun in re.findall(rf"\b({'|'.join(counting)}) ((?:[a-z]+ ?){{1,3}})", caption.lower()):
                name = next(
                    (c for w, c in spoken().items() if f"{noun.strip()} ".startswith(f"{words.plural(w).lower()} ")),
                    None,
                )
                if noun.startswith("people"):
                    name = "person"
                if name:
                    true = sum(thing["category"] == name for thing in scene["objects"])
                    assert counting[number] == true, caption


def test_colours_are_those_of_the_scene_graph(scenes: list[dict]) -> None:
    for scene in scenes:
        owned = {thing["color"] for thing in scene["objects"]} | {
            thing["attributes"].get("top") for thing in scene["objects"]
        }
        for caption in scene["captions"]:
            text = re.sub("|".join(f"under (?:a|an) {c} sky" for c in PALETTE) + "|green park", "", caption.lower())
            assert {c for c in PALETTE if re.search(rf"\b{c}\b", text)} <= owned, caption


def test_captions_are_sentences(scenes: list[dict]) -> None:
    for scene in scenes:
        for caption in scene["captions"]:
            assert caption[0].isupper() and caption.endswith(".") and "  " not in caption
            assert not re.search(r"\ba [aeio]|\ban [^aeiou]|\bthe the\b| ,|\.\.", caption.lower()), caption
            assert 3 <= len(caption.split()) <= 40, caption


def test_nobody_s_gender_is_guessed(scenes: list[dict]) -> None:
    for scene in scenes:
        for caption in scene["captions"]:
            assert not {"man", "woman", "boy", "girl", "men", "women"} & set(re.findall("[a-z]+", caption.lower()))


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("dog", "dogs"), ("sheep", "sheep"), ("person", "people"), ("bus", "buses"), ("knife", "knives"),
        ("couch", "couches"), ("sandwich", "sandwiches"), ("computer mouse", "computer mice"),
        ("pair of skis", "pairs of skis"),
        ("slice of pizza", "slices of pizza"), ("wine glass", "wine glasses"), ("toothbrush", "toothbrushes"),
    ],
)  # fmt: skip
def test_plurals(noun: str, many: str) -> None:
    assert words.plural(noun) == many


@pytest.mark.parametrize(
    ("noun", "with_article"), [("orange", "an orange"), ("umbrella", "an umbrella"), ("unit", "a unit"), ("TV", "a TV")]
)
def test_articles(noun: str, with_article: str) -> None:
    assert words.article(noun) == with_article


def test_an_empty_scene_still_gets_five() -> None:
    scene = {"image_id": 1, "setting": "desk", "mood": "clear", "indoors": True, "objects": [], "relations": []}
    assert len(set(captions.captions(scene, image_rng(1, "val", 0)))) == 5
