"""Simulated annotators, what votes cost, and the small photographs."""

from __future__ import annotations

import numpy as np
import pytest

from synscenes import imagenet, small_photos, wordnet
from synscenes.annotators.cost import consensus_table, cost_table
from synscenes.annotators.simulation import Annotator, World, search_results

DOG, BIRD, ANIMAL, ENTITY = "n02084071", "n01503061", "n00015388", "n00001740"
RETRIEVER, GOOSE, JEEP = "n02099601", "n01855672", "n03594945"


@pytest.fixture(scope="module")
def world() -> World:
    wnids = [entry.wnid for entry in imagenet.classes()[::5]]
    return World(wordnet.load(), dict.fromkeys([*wnids, RETRIEVER, GOOSE, JEEP]))


def test_nearer_classes_are_seen_more_often(world):
    seen = world.perceived(0.8)
    assert seen.sum(axis=1) == pytest.approx(1)
    row, steps = seen[world.index[RETRIEVER]], world.steps[world.index[RETRIEVER]]
    means = [row[steps == distance].mean() for distance in np.unique(steps)]
    assert (np.diff(means) < 0).all()
    assert world.perceived(0.2).diagonal().min() > 0.99
    assert (world.perceived(0.5).diagonal() > world.perceived(1.0).diagonal()).all()


def test_answers_are_the_nearest_option(world):
    answer = world.answer_of([ENTITY, ANIMAL, DOG])
    assert [answer[world.index[wnid]] for wnid in (JEEP, GOOSE, RETRIEVER)] == [0, 1, 2]
    assert world.answer_of([ENTITY, ANIMAL, DOG], {DOG: ANIMAL})[world.index[RETRIEVER]] == 1
    with pytest.raises(ValueError, match="no option fits"):
        world.answer_of([DOG])
    with pytest.raises(ValueError, match="not among the options"):
        world.answer_of([ENTITY], {DOG: ANIMAL})


def test_answer_probabilities(world):
    options = [ENTITY, ANIMAL, DOG]
    careful, spammer = Annotator("careful", 0.2), Annotator("spammer", care=0)
    chances = world.answers(careful, options)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert (chances.argmax(axis=1) == world.answer_of(options)).all()
    assert world.answers(spammer, options) == pytest.approx(1 / 3)
    # By adding up what is seen, class by class:
    for annotator in (Annotator("a", 1.1), Annotator("b", 0.7, 0.6, {DOG: ANIMAL})):
        answer, seen = world.answer_of(options, annotator.habits), world.perceived(annotator.blur)
        expected = np.stack([seen[:, answer == place].sum(axis=1) for place in range(3)], axis=1)
        expected = annotator.care * expected + (1 - annotator.care) / 3
        assert world.answers(annotator, options) == pytest.approx(expected)


def test_votes_follow_the_probabilities(world):
    crowd = [Annotator("a", 1.2), Annotator("b", 1.2, habits={DOG: ANIMAL}), Annotator("c", care=0.3)]
    options, truths = [ENTITY, ANIMAL, DOG], [RETRIEVER] * 4000
    table = world.vote(crowd, truths, options, np.random.default_rng(0)).table()
    for place, annotator in enumerate(crowd):
        shares = np.bincount(table[:, place], minlength=3) / 4000
        assert shares == pytest.approx(world.answers(annotator, options)[world.index[RETRIEVER]], abs=0.035)


def test_votes_are_seeded_and_as_many_as_asked(world):
    crowd = [Annotator(str(i), 0.9) for i in range(6)]
    votes = [world.vote(crowd, [GOOSE, JEEP], world.wnids, np.random.default_rng(7), 4) for _ in range(2)]
    assert (votes[0].labels == votes[1].labels).all() and len(votes[0]) == 8
    assert len({*votes[0].annotators[:4]}) == 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"truths": ["n00007846"]}, "not a class of this world"),
        ({"truths": []}, "truths are empty"),
        ({"annotators": []}, "per_item must lie in"),
        ({"per_item": 2}, "per_item must lie in"),
        ({"per_item": 0}, "per_item must lie in"),
    ],
)
def test_bad_questions_are_an_error(world, change, says):
    good = {"annotators": [Annotator("a")], "truths": [JEEP], "options": [ENTITY], "per_item": 1}
    with pytest.raises(ValueError, match=says):
        world.vote(**(good | change), rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    "bad", [{"blur": 0}, {"blur": np.nan}, {"care": -0.1}, {"care": 1.1}, {"care": np.nan}]
)
def test_bad_annotators_are_an_error(bad):
    with pytest.raises(ValueError, match="must"):
        Annotator("a", **bad)


@pytest.mark.parametrize("wnids", [[], [JEEP, JEEP]])
def test_bad_worlds_are_an_error(wnids):
    with pytest.raises(ValueError, match="at least one class, and none twice"):
        World(wordnet.load(), wnids)


def test_search_results_are_right_as_often_as_said(world):
    shown, right = search_results(world, DOG, 3000, np.random.default_rng(0), good=0.3)
    dogs = set(wordnet.load().descendants(DOG)) | {DOG}
    assert [wnid in dogs for wnid in shown] == right.tolist()
    assert right.mean() == pytest.approx(0.3, abs=0.03)
    with pytest.raises(ValueError, match="some must not"):
        search_results(world, ENTITY, 10, np.random.default_rng(0))


def test_cost_tables(world):
    crowd = [Annotator(str(i), 0.5 + i / 10) for i in range(5)]
    truths = [GOOSE, JEEP, RETRIEVER] * 6
    prices = cost_table(world, crowd, truths, [ENTITY, ANIMAL, DOG], [0, 1], (1, 5), (0.9,))
    assert set(prices["rule"]) == {"majority", "Dawid-Skene", "ask until sure"}
    assert len(prices) == 2 * (2 * 2 + 1)
    assert prices["accuracy"].between(0, 1).all() and prices["votes"].between(1, 5).all()
    people = [Annotator(str(i), 0.6) for i in range(12)]
    trial = consensus_table(world, people, [DOG], [0], sample=30, rest=40)
    assert trial["votes"].between(1, 10).all() and trial["precision"].between(0.8, 1).all()


def test_small_photos_are_500_of_107_classes():
    photos = small_photos.load()
    assert len(photos) == 500 and len({photo.label for photo in photos}) == 107
    assert len(set(small_photos.classes())) == 200
    assert photos[0].image.size == (64, 64) and photos[0].image.mode == "RGB"
    assert [photo.key for photo in photos] == sorted(photo.key for photo in photos)


def test_our_review_is_of_these_photos():
    keys = {photo.key for photo in small_photos.load()}
    review = small_photos.our_review()
    assert set(review) <= keys
    assert {verdict for verdict, _ in review.values()} == {"wrong", "unsure"}


def test_a_damaged_photo_is_named(tmp_path):
    from synscenes.errors import CourseError

    for name, content in (("cut.npy", b"\x93NUMPY\x01"), ("text.npy", b"hello"), ("empty.npy", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CourseError, match=name):
            _ = small_photos.SmallPhoto(tmp_path / name, 0).pixels
    np.save(tmp_path / "grey.npy", np.zeros((64, 64), np.uint8))
    with pytest.raises(CourseError, match="64 × 64 RGB"):
        _ = small_photos.SmallPhoto(tmp_path / "grey.npy", 0).pixels
    with pytest.raises(ValueError, match="at least one entry"):
        small_photos.logits([], ["mobilenet_v2"])
