"""Lesson 08's figures. Each function takes computed numbers and returns a matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def draw_answer_path(picture: Any, rows: Sequence[tuple[str, float, bool]], truth: str) -> Any:
    """Draw a photograph beside (name, probability, right) from the most general answer down to the class."""
    from synscenes.lesson.style import COLOURS, new_figure

    fig, (left, right) = new_figure(8.6, 3.9, columns=2, width_ratios=(1, 1.35))
    left.imshow(picture)
    left.set(xticks=[], yticks=[], title=f"label: {truth}")
    names, chances, true = zip(*rows)
    colours = [COLOURS["green"] if one else COLOURS["vermilion"] for one in true]
    bars = right.barh(range(len(rows)), chances, color=colours)
    right.bar_label(bars, [f"{chance:.0%}  {'✓' if one else '✗'}" for chance, one in zip(chances, true)], padding=4)
    right.set_yticks(range(len(rows)), names)
    right.invert_yaxis()
    right.set(xlim=(0, 1.2), xticks=[], title="probability of each answer")
    right.spines[["left", "bottom"]].set_visible(False)
    right.tick_params(left=False)
    return fig


def draw_rank_costs(ranks: Sequence[int], flat: np.ndarray, careful: np.ndarray) -> Any:
    """Draw the mean cost of the first k answers, by probability and by expected cost; (ranks, 3): mean, low, high."""
    from synscenes.lesson.style import COLOURS, new_figure

    fig, ax = new_figure(7, 3.8)
    for values, colour, line, name in (
        (flat, "vermilion", "s--", "most probable first"),
        (careful, "blue", "o-", "least expected cost first"),
    ):
        values = np.asarray(values)
        ax.fill_between(ranks, values[:, 1], values[:, 2], color=COLOURS[colour], alpha=0.18, lw=0)
        ax.plot(ranks, values[:, 0], line, color=COLOURS[colour], label=name)
    ax.set(xscale="log", xlabel="answers counted, k", ylabel="mean LCA height, steps", ylim=(0, None))
    ax.set_xticks(ranks, [str(rank) for rank in ranks])
    ax.minorticks_off()
    ax.legend(loc="lower right")
    return fig


def draw_losses(rows: Mapping[str, np.ndarray]) -> Any:
    """Draw each loss's difference to the baseline: {name: (3 scores, 3: mean, low, high)}, one panel a score."""
    from synscenes.lesson.style import COLOURS, new_figure

    panels = (("top-1, points", 100), ("mean height, steps", 1), ("height of the mistakes, steps", 1))
    fig, axes = new_figure(9, 2.9, columns=3, sharey=True)
    names = list(rows)
    for score, (ax, (title, factor)) in enumerate(zip(axes, panels)):
        for place, name in enumerate(names):
            mean, low, high = factor * np.asarray(rows[name])[score]
            ax.plot([low, high], [place, place], color=COLOURS["blue"], lw=2)
            ax.plot(mean, place, "o", color=COLOURS["blue"])
        ax.axvline(0, color=COLOURS["grey"], lw=1)
        ax.set_title(title, fontsize=11)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    fig.supxlabel("difference to plain cross-entropy, with 95 % intervals", fontsize=11)
    return fig


def draw_levels(
    groups: Sequence[int], through_class: np.ndarray, by_sum: np.ndarray, commonest: Sequence[float]
) -> Any:
    """Draw accuracy against the number of groups, for the two ways to answer and for always one answer."""
    from synscenes.lesson.style import COLOURS, new_figure

    fig, ax = new_figure(7, 3.8)
    ax.plot(groups, by_sum, "o-", color=COLOURS["blue"], label="add up, then choose the group")
    ax.plot(groups, through_class, "s--", color=COLOURS["vermilion"], label="choose the class, then its group")
    ax.plot(groups, commonest, ":", color=COLOURS["grey"], lw=2, label="always the commonest group")
    ax.set(xscale="log", ylim=(0, 1.03), xlabel="groups to choose from", ylabel="accuracy")
    ax.set_xlim(0.85, 1250)
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.legend(loc="upper right")
    return fig


def draw_trade_off(curve: np.ndarray, thresholds: Sequence[float], darts: np.ndarray, silence: np.ndarray) -> Any:
    """Draw information against accuracy: (n, 2) each of (accuracy, bits), the thresholds written at their points."""
    from synscenes.lesson.style import COLOURS, new_figure

    fig, ax = new_figure(7.2, 4.3)
    ax.plot(*np.asarray(silence).T, ":", color=COLOURS["grey"], lw=2, label="the class, or no answer")
    ax.plot(*np.asarray(darts).T, "--", color=COLOURS["orange"], lw=2, label="highest expected reward (DARTS)")
    ax.plot(*np.asarray(curve).T, "o-", color=COLOURS["blue"], label="most specific above a threshold")
    for (accuracy, bits), threshold in zip(curve, thresholds):
        offset = (-9, 5) if threshold == 0 else (0, -6)
        align = {"ha": "center", "va": "bottom" if threshold == 0 else "top", "fontsize": 9}
        ax.annotate(f"{threshold:g}", (accuracy, bits), offset, textcoords="offset points", **align)
    ax.set(xlabel="answers that are true", ylabel="true information per answer, bits", xlim=(0.25, 1.02), ylim=(0, 4))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.legend(loc="lower left")
    return fig


def draw_methods(rows: Mapping[str, tuple[float, float, float]], chance: float, label: str) -> Any:
    """Draw one bar with an interval for each method: {name: (mean, low, high)}, and chance as a line."""
    from synscenes.lesson.style import COLOURS, new_figure

    fig, ax = new_figure(7.4, 0.6 + 0.55 * len(rows))
    names = list(rows)
    means, lows, highs = np.array(list(rows.values())).T
    ax.barh(names, means, color=COLOURS["sky"], xerr=[means - lows, highs - means], error_kw={"lw": 1.5})
    for place, (mean, high) in enumerate(zip(means, highs)):
        ax.text(high + 0.015, place, f"{mean:.0%}", va="center")
    ax.axvline(chance, color=COLOURS["vermilion"], ls="--")
    ax.text(chance + 0.008, len(names) - 0.32, "chance", color=COLOURS["vermilion"], va="bottom", fontsize=9)
    ax.invert_yaxis()
    ax.set_ylim(len(names) - 0.3, -0.6)
    ax.set(xlim=(0, 1), xlabel=label)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return fig
