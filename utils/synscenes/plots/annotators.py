"""The figures of the lesson on annotators: votes, confidence tables, confusion matrices, what a vote buys."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure
from synscenes.plots.pretrained import plain_image

_RULE_COLOURS = {"majority": "orange", "Dawid-Skene": "blue", "ask until sure": "green"}


def seen_as(rows: Sequence[tuple[str, Sequence[tuple[str, float]]]]):
    """One panel for each (title, [(name, probability), ...]): what an annotator may see in the same photograph."""
    fig, axes = new_figure(8.4, 2.9, columns=len(rows), sharex=True, squeeze=False)
    for ax, (title, shares) in zip(axes[0], rows):
        names, values = zip(*shares[::-1])
        bars = ax.barh(names, values, color=[COLOURS["sky"]] * (len(names) - 1) + [COLOURS["blue"]])
        ax.bar_label(bars, labels=[f"{value:.0%}" for value in values], padding=3, fontsize=9)
        ax.set(title=title, xlim=(0, 1.2), xticks=[])
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.tick_params(left=False, labelsize=9)
    return fig


def vote_sheet(distance: np.ndarray, names: Sequence[str], marks: Sequence[int] = ()):
    """Every vote as a cell, photographs across, annotators down: right, near (up to 4 steps), farther off.

    ``distance``: (photographs, annotators), steps between answer and label. ``marks``: photographs whose
    majority fails.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    grades = np.digitize(distance.T, (1, 5))
    colours = [COLOURS["light"], COLOURS["sky"], COLOURS["vermilion"]]
    fig, ax = new_figure(8.6, 0.27 * len(names) + 1.1)
    ax.pcolormesh(grades, cmap=ListedColormap(colours), vmin=0, vmax=2, edgecolors="white", linewidth=0.8)
    for mark in marks:
        ax.text(mark + 0.5, len(names) + 0.15, "▼", ha="center", va="top", fontsize=7)
    ax.invert_yaxis()
    ax.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=9)
    ax.set(
        xlabel="photograph", xticks=[0.5, distance.shape[0] - 0.5], xticklabels=["1", str(distance.shape[0])]
    )
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    labels = ("right", "wrong, 4 steps or fewer away", "wrong, farther")
    handles = [Patch(color=colour, label=label) for colour, label in zip(colours, labels)]
    ax.legend(handles=handles, ncols=3, loc="lower left", bbox_to_anchor=(0, 1), fontsize=9, frameon=False)
    return fig


def confidence_tables(tables: Sequence[tuple[str, np.ndarray]], size: int = 6, threshold: float = 0.95):
    """Side by side, P(good | yes, no) for up to ``size`` votes of each kind; bold where asking stops."""
    fig, axes = new_figure(4.2 * len(tables), 4.1, columns=len(tables), squeeze=False)
    for ax, (title, table) in zip(axes[0], tables):
        part = table[: size + 1, : size + 1]
        ax.imshow(part, cmap="PuOr_r", vmin=-0.6, vmax=1.6, origin="lower")
        for (yes, no), value in np.ndenumerate(part):
            if np.isfinite(value) and yes + no:
                stops = value >= threshold or value <= 1 - threshold
                ax.text(
                    no,
                    yes,
                    f"{value:.2f}",
                    ha="center",
                    va="center",
                    fontsize=9,
                    weight="bold" if stops else None,
                )
        ax.set(title=title, xlabel="people who said no", ylabel="people who said yes")
        ax.set(xticks=range(size + 1), yticks=range(size + 1))
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
    return fig


def confusions(matrices: Sequence[tuple[str, np.ndarray]], names: Sequence[str]):
    """A row of confusion matrices (true class down, answer across), values as numbers from 0.1 up."""
    fig, axes = new_figure(2.55 * len(matrices) + 0.9, 3.6, columns=len(matrices), sharey=True, squeeze=False)
    for ax, (title, matrix) in zip(axes[0], matrices):
        ax.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
        for (true, answer), value in np.ndenumerate(matrix):
            if value >= 0.095:
                style = {
                    "ha": "center",
                    "va": "center",
                    "fontsize": 8,
                    "color": "white" if value > 0.55 else "black",
                }
                ax.text(answer, true, "1" if value >= 0.95 else f"{value:.1f}"[1:], **style)
        ax.set_title(title, fontsize=10)
        ax.set_xticks(range(len(names)), names, rotation=90, fontsize=9)
        ax.set_yticks(range(len(names)), names, fontsize=9)
        ax.set_xlabel("answer")
        ax.tick_params(length=0)
    axes[0, 0].set_ylabel("true class")
    return fig


def cost_curves(table):
    """Accuracy against votes an item; a mark is the mean over seeds, a bar holds the middle 80 % of them."""
    fig, ax = new_figure(7.4, 4)
    # Marks of their own, for two of the colours are the same grey in print.
    for mark, (rule, rows) in zip("os^Dv", table.groupby("rule", sort=False)):
        colour = COLOURS[_RULE_COLOURS[rule]]
        groups = rows.groupby("setting")
        mean = groups[["votes", "accuracy"]].mean()
        low, high = (groups["accuracy"].quantile(q) for q in (0.1, 0.9))
        ax.plot(mean["votes"], mean["accuracy"], "-", color=colour, lw=1.8)
        ax.vlines(mean["votes"], low, high, color=colour, lw=4, alpha=0.35)
        ax.plot(mean["votes"], mean["accuracy"], mark, color=colour, ms=7, label=rule)
    ax.set(xlabel="votes an item", ylabel="share of items labelled right", xlim=(0, None))
    ax.grid(color=COLOURS["light"])
    ax.legend(loc="lower right", frameon=False)
    return fig


def contact_sheet(items: Sequence[tuple[object, str, str]], columns: int = 5, marks: Sequence[str] = ()):
    """Pictures titled with label and suggestion; ``marks``: the name of each frame's colour, or "" for none."""
    rows = -(-len(items) // columns)
    fig, axes = new_figure(1.75 * columns, 2.25 * rows, rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for place, (ax, (picture, label, suggestion)) in enumerate(zip(axes.flat, items)):
        text = textwrap.fill(f"→ {suggestion}", 21) if suggestion else ""
        plain_image(ax, picture, f"{label}\n{text}".strip(), interpolation="bicubic")
        ax.title.set_fontsize(8.5)
        if place < len(marks) and marks[place]:
            far = np.asarray(picture).shape[0] - 0.5
            ax.plot(
                [-0.5, far, far, -0.5, -0.5], [-0.5, -0.5, far, far, -0.5], color=COLOURS[marks[place]], lw=6
            )
    return fig


def real_counts(counts: dict[int, int]):
    """How many validation images have 0, 1, 2, ... labels, on a log scale."""
    fig, ax = new_figure(7, 3)
    keys = sorted(counts)
    colours = [
        COLOURS["vermilion"] if key == 0 else COLOURS["light"] if key == 1 else COLOURS["blue"]
        for key in keys
    ]
    bars = ax.bar([str(key) for key in keys], [counts[key] for key in keys], color=colours)
    ax.bar_label(bars, labels=[f"{counts[key]:,}" for key in keys], fontsize=9, padding=2)
    ax.set_yscale("log")
    ax.set(xlabel="labels on one image", ylabel="images (log scale)", ylim=(1, 2e5))
    return fig
