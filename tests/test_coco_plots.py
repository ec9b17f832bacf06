"""The figures of lesson 09: they draw what they are given, edge cases included."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from synscenes.plots import coco as plots

THING = {"bbox": [2, 2, 20, 20], "area": 400, "category_id": 1, "segmentation": [[2, 2, 22, 2, 22, 22, 2, 22]]}
PHOTO = Image.new("RGB", (64, 48))


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def words(figure):
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text)]


def test_scene_names_its_things():
    assert "dog" in words(plots.plain_and_annotated(PHOTO, [THING], {1: "dog"}))
    plots.plain_and_annotated(PHOTO, [], {})


def test_grid_is_numbered_down_the_columns():
    figure = plots.pixel_grid(np.eye(2, 3, dtype=bool), [0, 0, 2, 0, 0, 2])
    first = [text for text in figure.axes[0].texts if text.get_text() == "1"]
    assert first[0].get_position() == (0.5, 1.5)


def test_bars_leave_out_what_never_occurs():
    table = pd.DataFrame({"supercategory": ["person", "animal"], "instances": [5, 0]}, index=["person", "dog"])
    figure = plots.category_bars(table)
    assert len(figure.axes[0].patches) == 1 and not any("dog" in text for text in words(figure))


def test_histograms_show_both_means():
    counts = pd.DataFrame({"instances": [1, 3, 50], "categories": [1, 1, 1]})
    said = words(plots.two_histograms(counts, {"instances": 7.7, "categories": 3.5}))
    assert "mean here 18.0" in said and "published 7.7" in said


def test_pairs_in_too_few_images_get_a_dot():
    names = ["a", "b", "c"]
    lifts = pd.DataFrame([[1, 4, 0], [4, 1, 2], [0, 2, 1]], names, names, dtype=float)
    counts = pd.DataFrame([[9, 8, 0], [8, 9, 1], [0, 1, 9]], names, names)
    texts = [text.get_text() for text in plots.lift_matrix(lifts, counts).axes[0].texts]
    assert texts.count("4") == 2 and texts.count("·") == 4 and "2" not in texts


def test_like_categories_stand_together():
    lifts = pd.DataFrame(np.kron(np.array([[4.0, 0.2], [0.2, 4.0]]), np.ones((2, 2))), list("axby"), list("axby"))
    order = plots.by_likeness(lifts.loc[list("abxy"), list("abxy")])
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset("ax"), frozenset("by")}


def test_narrow_parts_are_labelled_beside_the_bar():
    figure = plots.size_bars({"here": [0.6, 0.38, 0.02]})
    place = next(t for t in figure.axes[0].texts if t.get_text().startswith("large")).get_position()
    assert place[0] > 1


def test_joints_missing_a_visibility_are_drawn():
    table = pd.DataFrame({"joint": pd.Categorical(["nose", "nose"], categories=["nose", "eye"]), "v": [2, 2]})
    assert "nose" in words(plots.joint_bars(table))


def test_panels_and_other_figures_draw():
    assert len(plots.panel(PHOTO, None, lambda ax: ax.plot([1], [1]), titles=["a"]).axes) == 2
    points = np.array([0.2, 0.5]), np.array([0.1, 0.3])
    assert len(plots.iconic_scatter({"a": points, "b": points}).axes) == 2
    rates = {"all": {"small": 0.2, "medium": 0.5, "large": 0.8}}
    assert "80" in words(plots.mention_bars(rates))
