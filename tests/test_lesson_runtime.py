"""What notebooks call: settings are checked, figures need alt text, results need names."""

from __future__ import annotations

import re

import numpy
import pytest
from PIL import Image

from synscenes.errors import CourseError
from synscenes.lesson import begin, record, reveal, show
from synscenes.lesson.style import new_figure


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mcro", "auto", "laptop", 0), 'DATA must be one of "micro"'),
        (("micro", "auto", "desktop", 0), 'PROFILE must be one of "smoke"'),
        (("micro", "auto", "laptop", -1), "SEED must be a whole number"),
        (("micro", "auto", "laptop", True), "SEED must be a whole number"),
        (("micro", "auto", "laptop", "0"), "SEED must be a whole number"),
        (("micro", 3, "laptop", 0), "DEVICE must be a name"),
    ],
)
def test_wrong_parameters_are_told(arguments, message):
    with pytest.raises(CourseError, match=re.escape(message)):
        begin(*arguments)


def test_begin_seeds_and_picks():
    lesson = begin("micro", "cpu", "smoke", 7)
    first = numpy.random.rand()
    assert begin("micro", "cpu", "smoke", 7).rng().random() == lesson.rng().random()
    assert numpy.random.rand() == first
    assert lesson.pick(smoke=1, laptop=2) == 1
    assert begin("micro", "cpu", "gpu", 7).pick(smoke=1, laptop=2) == 2
    assert str(lesson.device) == "cpu"


@pytest.mark.parametrize("name", ["nonsense", "cuda:99", "meta2"])
def test_unusable_device_is_told_in_one_line(name):
    with pytest.raises(CourseError, match="cannot be used here") as caught:
        _ = begin("micro", name, "smoke", 0).device
    assert "\n" not in str(caught.value)


def test_a_figure_without_alt_text_is_refused():
    fig, _ = new_figure(2, 1)
    for alt in ("", "  "):
        with pytest.raises(ValueError, match="alt text"):
            show(fig, alt)


def test_show_takes_figures_and_images_and_nothing_else(capsys):
    import matplotlib.pyplot as plt

    fig, _ = new_figure(2, 1)
    show(fig, "A finding.", caption="More.")
    assert not plt.fignum_exists(fig.number)
    show(Image.new("L", (4, 4)), "A square.")
    assert capsys.readouterr().out == "[Figure: A finding.]\nMore.\n[Figure: A square.]\n"
    with pytest.raises(ValueError, match="takes a matplotlib figure or a PIL image"):
        show("x.png", "A file.")


@pytest.mark.parametrize("value", [3, 0.5, "dog", True, numpy.float32(0.5), numpy.int64(3)])
def test_record_takes_plain_values(value, capsys):
    record("a_name", value)
    assert capsys.readouterr().out.startswith("a_name = ")


@pytest.mark.parametrize("name", ["A", "a b", "", "1a", "a-b"])
def test_record_refuses_names(name):
    with pytest.raises(ValueError, match="lower_snake_case"):
        record(name, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, [1], {"a": 1}])
def test_record_refuses_values(value):
    with pytest.raises(ValueError, match="result 'a'"):
        record("a", value)


@pytest.mark.parametrize(
    ("guess", "truth", "usual", "said"),
    [
        (None, 2, 1, "No guess this time; many people say 1. It is 2. That is 2 times too low."),
        (2, 2, 1, "You guessed 2. It is 2. That matches."),
        (2000, 20, 1, "You guessed 2,000. It is 20. That is 100 times too high."),
        (0, 20, 1, "You guessed 0. It is 20."),
        ("B", "b", "a", "You guessed B. It is b. That matches."),
        ("a", "b", "a", "You guessed a. It is b."),
        (1.08, 1.0, 1, "You guessed 1.08. It is 1. Close."),
    ],
)
def test_reveal_compares(guess, truth, usual, said, capsys):
    reveal("x", guess, truth=truth, usual=usual)
    assert capsys.readouterr().out.strip() == said
