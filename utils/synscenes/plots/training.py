"""Figures of the lesson on fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure
from synscenes.plots.pretrained import plain_image

_LOOKS = {"scratch": ("vermilion", "s"), "probe": ("blue", "o"), "full": ("green", "D")}
_NAMES = {"scratch": "from scratch", "probe": "linear probe", "full": "fine-tuned"}


def sheet(rows: Mapping[str, np.ndarray], side: float = 0.8):
    """A row of small pictures (n, H, W, 3) for each name."""
    most = max(len(pictures) for pictures in rows.values())
    fig, axes = new_figure(side * most + 1.1, (side + 0.08) * len(rows), len(rows), most, squeeze=False)
    for line, (name, pictures) in zip(axes, rows.items()):
        for ax in line:
            ax.set_axis_off()
        for ax, picture in zip(line, pictures):
            plain_image(ax, picture, "")
        line[0].set_axis_on()
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return fig


def pairs(items: Sequence[tuple[Any, Any, str]], columns: int = 6):
    """Pairs of pictures side by side, each pair with a title."""
    rows = -(-len(items) // columns)
    fig, axes = new_figure(1.35 * columns, 1.05 * rows, rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (left, right, title) in zip(axes.flat, items):
        gap = np.full((left.shape[0], 3, 3), 255, np.uint8)
        plain_image(ax, np.concatenate([left, gap, right], axis=1), title)
    return fig


def schedule(factors: np.ndarray, warmup: int):
    """The factor on the learning rate at each step; the warm-up is shaded."""
    fig, ax = new_figure(6.5, 2.6)
    ax.axvspan(-0.5, warmup - 0.5, color=COLOURS["yellow"], alpha=0.4, lw=0)
    ax.plot(factors, ".-", color=COLOURS["blue"])
    ax.annotate("warm-up", (warmup / 2, 0.05), ha="center")
    ax.annotate("half a cosine", (0.55 * len(factors), 0.62))
    ax.set(xlabel="step", ylabel="factor on the rate", ylim=(0, 1.05))
    return fig


def rate_curve(found: Any, chosen: float | None = None):
    """The loss while the learning rate rises; the steepest place, and the rate that is used, are marked."""
    fig, ax = new_figure(6.8, 3.3)
    ax.plot(found.rates, found.losses, ".", color=COLOURS["sky"], label="loss of one batch")
    ax.plot(found.rates, found.smooth, "-", color=COLOURS["blue"], lw=2, label="smoothed")
    ax.axvline(found.suggestion, color=COLOURS["vermilion"], ls="--", label=f"falls fastest: {found.suggestion:.1e}")
    if chosen is not None:
        ax.axvline(chosen, color=COLOURS["black"], ls=":", label=f"used below: {chosen:.0e}")
    top = 1.6 * found.smooth[: max(3, int(found.smooth.argmin()) + 1)].max()
    ax.set(xscale="log", xlabel="learning rate of the head (log scale)", ylabel="loss", ylim=(0, top))
    ax.grid(axis="y", color=COLOURS["light"])
    ax.legend(fontsize=9, loc="upper left")
    return fig


def learning_curves(table: Any, chance: Mapping[str, float], interval: Any):
    """One panel a task: accuracy against the number of training images, each seed as a dot, with 95 % intervals.

    ``table`` has the columns of ``study.curve``; ``interval(values)`` gives (mean, low, high).
    """
    tasks = list(dict.fromkeys(table["task"]))
    fig, axes = new_figure(4.2 * len(tasks), 3.9, columns=len(tasks), sharey=True, squeeze=False)
    for ax, task in zip(axes[0], tasks):
        own = table[table["task"] == task]
        for place, (arm, (colour, marker)) in enumerate(_LOOKS.items()):
            rows = own[own["arm"] == arm]
            by_size = {size: group["accuracy"].to_numpy() for size, group in rows.groupby("images")}
            sizes = np.array(list(by_size)) * 1.07 ** (place - 1)
            found = [interval(values) for values in by_size.values()]
            means = [mean for mean, *_ in found]
            spans = [[mean - max(0, low) for mean, low, _ in found], [min(1, high) - mean for mean, _, high in found]]
            look = {"color": COLOURS[colour], "marker": marker}
            ax.errorbar(sizes, means, spans, lw=1.8, capsize=3, label=_NAMES[arm], **look)
            for x, values in zip(sizes, by_size.values()):
                ax.plot([x] * len(values), values, ".", color=COLOURS[colour], alpha=0.5, ms=5)
        ax.axhline(chance[task], color=COLOURS["grey"], ls=":", lw=1.2)
        ax.text(own["images"].min(), chance[task] - 0.01, "guessing", va="top", fontsize=9, color=COLOURS["grey"])
        ticks = sorted(own["images"].unique())
        ax.set_xscale("log")
        ax.set_xticks(ticks, [str(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set(title=task, xlabel="training images (log scale)", ylim=(0, 1.02))
        ax.grid(axis="y", color=COLOURS["light"])
    axes[0, 0].set_ylabel("accuracy, mean over classes")
    axes[0, -1].legend(fontsize=9, loc="lower right" if len(tasks) == 1 else "upper left")
    return fig


def confusion(counts: np.ndarray, classes: Sequence[str]):
    """A confusion matrix, a row a true class: shades are shares of the row, numbers are pictures."""
    fig, ax = new_figure(1.6 + 0.72 * len(classes), 1.2 + 0.62 * len(classes))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.argwhere(counts > 0):
        dark = shares[row, column] > 0.5
        ax.text(column, row, counts[row, column], ha="center", va="center", color="white" if dark else "black")
    places = range(len(classes))
    ax.set_xticks(places, classes, rotation=35, ha="right")
    ax.set_yticks(places, classes)
    ax.set(xlabel="answer", ylabel="label")
    for spine in ax.spines.values():
        spine.set_visible(False)
    return fig


def recalls(table: Mapping[str, np.ndarray], classes: Sequence[str]):
    """For each remedy (name -> (seeds, classes) of recalls) a group of dots a class, the mean as a bar."""
    fig, ax = new_figure(7.2, 3.2)
    looks = zip(table.items(), ("grey", "orange", "sky", "purple"), "osD^")
    for place, ((name, values), colour, marker) in enumerate(looks):
        x = np.arange(len(classes)) + 0.21 * (place - (len(table) - 1) / 2)
        ax.bar(x, values.mean(axis=0), 0.18, color=COLOURS[colour], alpha=0.45, label=name)
        for each in values:
            ax.plot(x, each, marker, color=COLOURS[colour], ms=4)
    ax.set_xticks(range(len(classes)), classes)
    ax.set(ylabel="share found (recall)", ylim=(0, 1.03))
    ax.grid(axis="y", color=COLOURS["light"])
    ax.legend(fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
    return fig
