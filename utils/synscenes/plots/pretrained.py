"""The figures of the lesson on pretrained inference: photographs, answers, intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure


def plain_image(ax, picture, title: str = "", **options: Any) -> None:
    """Draw a picture with a small title above it and a thin frame, so that a white one shows too."""
    ax.set_axis_on()
    ax.imshow(picture, **options)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=COLOURS["light"])
    ax.set_title(title, fontsize=10, fontweight="normal", loc="left")


def bars(ax, guesses: Sequence[tuple[str, float]], truth: str | None = None) -> None:
    """Draw (name, probability) pairs as horizontal bars, the true name's bar in another colour."""
    names = [name for name, _ in guesses]
    values = [value for _, value in guesses]
    right = [name == truth for name in names]
    ax.barh(range(len(names)), values, color=[COLOURS["green"] if hit else COLOURS["sky"] for hit in right])
    ax.set_yticks(range(len(names)), [f"✓ {name}" if hit else name for name, hit in zip(names, right)])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15)
    ax.set_xticks([0, 0.5, 1])
    ax.set_xlabel("probability")
    for row, value in enumerate(values):
        ax.text(value + 0.015, row, f"{value:.1%}", va="center", fontsize=9)


def answer(picture, guesses: Sequence[tuple[str, float]], truth: str | None = None):
    """A photograph beside its five most probable classes."""
    fig, (left, right) = new_figure(7.5, 3, columns=2, width_ratios=[1, 1.1])
    plain_image(left, picture, f"label: {truth}" if truth else "")
    bars(right, guesses, truth)
    return fig


def pictures(items: Sequence[tuple[Any, str]], columns: int = 4, side: float = 2.0):
    """A grid of (picture, title); the titles may have several lines."""
    rows = -(-len(items) // columns)
    lines = max(title.count("\n") + 1 for _, title in items)
    fig, axes = new_figure(columns * side, rows * (side + 0.2 * lines), rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (picture, title) in zip(axes.flat, items):
        plain_image(ax, picture, title)
    return fig


def steps(items: Sequence[tuple[Any, str]], box: tuple[float, float, float, float]):
    """Pictures side by side at one scale; ``box`` (left, top, width, height) is outlined on the first."""
    from matplotlib.patches import Rectangle

    widths = [picture.width for picture, _ in items]
    tallest = max(picture.height for picture, _ in items)
    fig, axes = new_figure(8.5, 8.5 * tallest / (1.09 * sum(widths)) + 0.5, columns=len(items), width_ratios=widths)
    for ax, (picture, title) in zip(axes, items):
        plain_image(ax, picture, title)
        ax.set_anchor("N")
    left, top, width, height = box
    axes[0].add_patch(Rectangle((left, top), width, height, fill=False, ec=COLOURS["yellow"], lw=2.5, ls="--"))
    return fig


def all_logits(logits: np.ndarray, band: tuple[int, int, str], names: dict[int, str]):
    """The 1,000 logits in class order, a band of classes shaded, and some of them named."""
    fig, ax = new_figure(8, 3.2)
    ax.axvspan(band[0], band[1], color=COLOURS["yellow"], alpha=0.35, lw=0)
    ax.text((band[0] + band[1]) / 2, logits.max() * 1.12, band[2], ha="center", fontsize=10)
    ax.vlines(np.arange(len(logits)), 0, logits, color=COLOURS["blue"], lw=0.7)
    ax.axhline(0, color="black", lw=0.8)
    for index, name in names.items():
        ax.annotate(f" {name} ({index})", (index, logits[index]), fontsize=9, va="center")
    ax.set(xlabel="class index", ylabel="logit", xlim=(-5, len(logits) + 5), ylim=(None, logits.max() * 1.25))
    return fig


def channel_histograms(raw: np.ndarray, ready: np.ndarray):
    """The three channels' values before (0-255) and after normalisation."""
    fig, axes = new_figure(8, 2.6, columns=2)
    titles = ("8-bit pixels", "after normalisation")
    for ax, values, title in zip(axes, (raw.reshape(-1, 3).T, ready.reshape(3, -1)), titles):
        for channel, colour, name in zip(values, ("vermilion", "green", "blue"), ("red", "green", "blue")):
            ax.hist(channel, bins=60, histtype="step", lw=1.6, color=COLOURS[colour], label=name)
        ax.set(title=title, xlabel="value", yticks=[])
    axes[0].legend(fontsize=9, frameon=False)
    return fig


def intervals(rows: Sequence[tuple[str, float, float, float, float | None]]):
    """One row each: (name, share, low, high, published share or None)."""
    fig, ax = new_figure(7.5, 0.55 * len(rows) + 1.1)
    for place, (_, share, low, high, published) in enumerate(rows):
        ax.plot([low, high], [place, place], color=COLOURS["blue"], lw=3, solid_capstyle="round")
        ax.plot(share, place, "o", color=COLOURS["blue"], ms=8)
        if published is not None:
            ax.plot(published, place, "D", color=COLOURS["vermilion"], ms=7)
    ax.plot([], [], "o-", color=COLOURS["blue"], lw=3, label="our photographs, 95 % interval")
    ax.plot([], [], "D", color=COLOURS["vermilion"], ls="", label="published, 50,000 images")
    ax.set_yticks(range(len(rows)), [row[0] for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(min(0.5, *(row[2] for row in rows)) - 0.02, 1.01)
    ax.set_xlabel("share right")
    ax.grid(axis="x", color=COLOURS["light"])
    ax.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, fontsize=9, frameon=False)
    return fig


def costs(table):
    """What each mistake costs. Columns of ``table``: name, lost, won, change, low, high (shares)."""
    fig, (left, right) = new_figure(8.5, 0.36 * len(table) + 1.3, columns=2, sharey=True, width_ratios=[1, 1.3])
    places = np.arange(len(table))
    left.barh(places, -table["lost"], color=COLOURS["vermilion"], label="now wrong")
    left.barh(places, table["won"], color=COLOURS["green"], label="now right")
    for place, lost, won in zip(places, table["lost"], table["won"]):
        left.text(-lost - 1, place, f"{lost}", va="center", ha="right", fontsize=9)
        left.text(won + 1, place, f"{won}", va="center", fontsize=9)
    left.axvline(0, color="black", lw=0.8)
    left.set_xlim(-max(table["lost"].max(), 1) * 1.35, max(table["won"].max(), 1) * 2.2 + 2)
    left.set(xlabel="photographs", xticks=[])
    left.spines["left"].set_visible(False)
    left.legend(loc="lower center", bbox_to_anchor=(0.3, 1.0), ncols=2, fontsize=9, frameon=False)
    left.set_yticks(places, table["name"])
    left.invert_yaxis()
    sure = (table["high"] < 0) | (table["low"] > 0)
    for place, (_, row) in zip(places, table.iterrows()):
        colour = COLOURS["blue"] if sure.iloc[place] else COLOURS["grey"]
        right.plot([row["low"], row["high"]], [place, place], color=colour, lw=3, solid_capstyle="round")
        right.plot(row["change"], place, "o", color=colour, ms=6)
    right.axvline(0, color="black", lw=0.8)
    right.plot([], [], "o-", color=COLOURS["blue"], lw=3, label="interval leaves out 0")
    right.plot([], [], "o-", color=COLOURS["grey"], lw=3, label="it doesn't")
    right.set_xlabel("change of top-1, in percentage points")
    right.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}" if value else "0")
    right.grid(axis="x", color=COLOURS["light"])
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9, frameon=False)
    return fig
