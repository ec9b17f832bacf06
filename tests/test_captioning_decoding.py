"""Greedy search, sampling and beam search, on decoders small enough to try every caption."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from captioning_toys import Fixed, Table, images
from synscenes.captioning import decoding
from synscenes.captioning.vocabulary import END, PAD, START, UNKNOWN
from synscenes.errors import CourseError

seeds = st.integers(0, 10_000)
penalties = st.sampled_from([0.0, 0.5, 0.7, 1.0, 2.0])


@settings(max_examples=15, deadline=None)
@given(seeds, penalties, st.integers(1, 6))
def test_beam_of_one_is_greedy(seed, penalty, longest):
    for keep in (True, False):
        model = Table(seed, sayable=3)
        some = images(0, 1, 2)
        one = [beams[0] for beams in decoding.beam(model, some, 1, penalty, longest, keep_greedy=keep)]
        greedy = decoding.greedy(model, some, longest)
        assert [each.words for each in one] == [each.words for each in greedy]
        assert [each.log_probability for each in one] == pytest.approx([each.log_probability for each in greedy])


@settings(max_examples=12, deadline=None)
@given(seeds, penalties, st.booleans())
def test_a_beam_as_wide_as_all_captions_finds_the_best(seed, penalty, keep):
    model, longest = Table(seed, sayable=2), 4
    every = model.every(7, longest)
    assert len(every) == sum(2 ** (n - 1) for n in range(1, longest)) + 2 ** (longest - 1) * 3
    found = decoding.beam(model, images(7), width=3**longest, penalty=penalty, longest=longest, keep_greedy=keep)[0]
    best = max(each.score(penalty) for each in every)
    assert found[0].score(penalty) == pytest.approx(best, abs=1e-9)
    # And it found every caption there is, each once.
    assert sorted(each.words for each in found) == sorted(each.words for each in every)


@settings(max_examples=25, deadline=None)
@given(seeds, penalties, st.integers(1, 5), st.floats(0.3, 6))
def test_the_kept_caption_is_never_worse_than_greedy(seed, penalty, width, sharpness):
    model = Table(seed, sayable=3, sharpness=sharpness)
    some = images(0, 1, 2, 3)
    beams = decoding.beam(model, some, width, penalty, 5)
    for found, greedy in zip(beams, decoding.greedy(model, some, 5)):
        assert found[0].score(penalty) >= greedy.score(penalty) - 1e-9
        assert greedy.words in [each.words for each in found]


def test_plain_beam_search_can_lose_to_greedy():
    """Width 2: two beginnings with "dog" push the greedy one out, and both go on badly."""
    even = dict.fromkeys(("a", "dog", "cat", "red", "<end>"), 0.2)
    model = Fixed(
        {
            "": {"a": 0.5, "dog": 0.4, "cat": 0.1},
            "a": {"red": 0.34, "dog": 0.33, "cat": 0.33},
            "dog": {"red": 0.5, "cat": 0.5},
            "dog red": even,
            "dog cat": even,
        }
    )
    greedy = decoding.greedy(model, images(0))[0]
    assert model.vocabulary.decode(greedy.words) == "a red"
    assert greedy.log_probability == pytest.approx(math.log(0.17))
    plain = decoding.beam(model, images(0), 2, keep_greedy=False)[0][0]
    assert plain.log_probability == pytest.approx(math.log(0.04))
    assert decoding.beam(model, images(0), 2)[0][0].words == greedy.words
    assert decoding.beam(model, images(0), 3, keep_greedy=False)[0][0].words == greedy.words


def test_without_its_place_the_greedy_caption_is_sometimes_lost():
    """What ``keep_greedy`` is for: among random decoders there are some where plain beam search ends up worse."""
    losing = 0
    for seed in range(100):
        model = Table(seed, sayable=3, sharpness=1.0)
        greedy = decoding.greedy(model, images(0), 5)[0].score()
        plain, kept = (decoding.beam(model, images(0), 2, 0.0, 5, keep)[0][0].score() for keep in (False, True))
        losing += plain < greedy - 1e-9
        assert kept >= greedy - 1e-9
    assert 0 < losing < 30


@settings(max_examples=10, deadline=None)
@given(seeds, st.integers(2, 4))
def test_images_do_not_mix(seed, width):
    model = Table(seed, sayable=3)
    together = decoding.beam(model, images(3, 1, 2), width, 0.5, 5)
    alone = [decoding.beam(model, images(number), width, 0.5, 5)[0] for number in (3, 1, 2)]
    assert [[each.words for each in some] for some in together] == [[each.words for each in some] for some in alone]


@settings(max_examples=25, deadline=None)
@given(seeds, penalties)
def test_log_probabilities_are_the_models(seed, penalty):
    model = Table(seed, sayable=3)
    said = [
        *decoding.greedy(model, images(5), 6),
        *decoding.sample(model, images(5), 1.5, torch.Generator().manual_seed(seed), 6),
        *decoding.beam(model, images(5), 4, penalty, 6)[0],
    ]
    for each in said:
        assert each.log_probability == pytest.approx(model.log_probability(5, each.words))
        assert not {PAD, START, UNKNOWN} & set(each.words)
        assert END not in each.words[:-1]
        assert each.looks.shape == (len(each.words), 3)
        assert torch.allclose(each.looks.sum(dim=1), torch.ones(len(each.words)))


def test_looks_follow_their_caption_through_the_beam():
    model = Table(11, sayable=3)
    for each in decoding.beam(model, images(5), 4, 0.7, 6)[0]:
        state = model.start(images(5))
        for look, word in zip(each.looks, (START, *each.words)):
            _, state, expected = model.step(state, torch.tensor([word]))
            assert torch.allclose(look, expected[0])


def test_sampling_follows_the_probabilities():
    model = Fixed({"": {"a": 0.5, "dog": 0.3, "<end>": 0.2}, "a": {"<end>": 1.0}, "dog": {"<end>": 1.0}})
    generator = torch.Generator().manual_seed(0)
    said = decoding.sample(model, images(*[0] * 4000), 1.0, generator)
    shares = [sum(each.words[0] == number for each in said) / 4000 for number in (4, 5, END)]
    assert shares == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    cold = decoding.sample(model, images(*[0] * 1000), 0.5, generator)  # 25 : 9 : 4
    assert sum(each.words[0] == 4 for each in cold) / 1000 == pytest.approx(25 / 38, abs=0.05)
    almost_zero = decoding.sample(model, images(*[0] * 50), 0.01, generator)
    assert {each.words for each in almost_zero} == {decoding.greedy(model, images(0))[0].words}


def test_sampling_repeats_with_its_seed():
    model = Table(3, sayable=4)
    draws = [decoding.sample(model, images(0, 1, 2), 1.0, torch.Generator().manual_seed(5)) for _ in range(2)]
    assert [each.words for each in draws[0]] == [each.words for each in draws[1]]


def test_the_length_penalty_changes_the_ranking():
    short, long = decoding.Said((4, 2), math.log(0.20)), decoding.Said((4, 5, 6, 7, 2), math.log(0.10))
    assert short.score(0) > long.score(0)
    assert short.score(1) < long.score(1)
    assert long.score(1) == pytest.approx(math.log(0.10) / 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, f: decoding.sample(m, f, 0), "temperature must be a number above 0, not 0: for 0 use greedy"),
        (lambda m, f: decoding.sample(m, f, float("nan")), "temperature"),
        (lambda m, f: decoding.sample(m, f, "hot"), "temperature"),
        (lambda m, f: decoding.beam(m, f, 0), "width must be a whole number of at least 1, not 0"),
        (lambda m, f: decoding.beam(m, f, 2.5), "width"),
        (lambda m, f: decoding.beam(m, f, True), "width"),
        (lambda m, f: decoding.beam(m, f, 2, -1), "penalty must be a number of at least 0, not -1"),
        (lambda m, f: decoding.beam(m, f, 2, math.inf), "penalty"),
        (lambda m, f: decoding.greedy(m, f, 0), "longest"),
        (lambda m, f: decoding.greedy(m, f[0]), r"features must be a tensor \(images, cells, channels\)"),
        (lambda m, f: decoding.greedy(m, f[:0]), "at least one image"),
        (lambda m, f: decoding.greedy(m, None), "NoneType"),
    ],
)
def test_bad_input_is_one_clear_line(call, message):
    with pytest.raises(CourseError, match=message) as caught:
        call(Table(0), images(0))
    assert "\n" not in str(caught.value)
