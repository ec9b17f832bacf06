"""Figures of lesson 16: slips of the hand, looks and finds, frames of a burst, fair and unfair splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.draw import draw_boxes, show_image
from synscenes.lesson.style import COLOURS, new_figure


def slips(sides: np.ndarray, overlaps: Mapping[int, np.ndarray]):
    """IoU over the side of a square object, one line for each slip in pixels; dashed: 0.5 and 0.75."""
    fig, ax = new_figure(7, 3.2)
    for (pixels, values), style in zip(overlaps.items(), ("-", "--", "-.", ":")):
        ax.plot(sides, values, style, lw=2)
        start = (sides[0], values[0])
        ax.annotate(f"{pixels} px", start, (-5, 0), textcoords="offset points", va="center", ha="right")
    for level in (0.5, 0.75):
        ax.axhline(level, color=COLOURS["grey"], lw=0.8, ls=(0, (2, 3)))
    ax.set(xscale="log", xlim=(6, 270), ylim=(0, 1))
    ax.set(xlabel="side of the object, pixels", ylabel="IoU with the true box")
    ax.set_xticks([8, 16, 32, 64, 128, 256], ["8", "16", "32", "64", "128", "256"])
    ax.minorticks_off()
    return fig


def looks(right: np.ndarray, planted: int, boxes: int):
    """How many planted mistakes were found after so many looks, against chance and against the best possible."""
    fig, ax = new_figure(7, 3.2)
    count = np.arange(1, len(right) + 1)
    ax.plot(count, np.cumsum(right), color=COLOURS["vermilion"], lw=2.2, label="in the order of doubt")
    ax.plot(count, count * planted / boxes, "--", color=COLOURS["grey"], label="boxes in any order")
    ax.plot(count, np.minimum(count, planted), ":", color=COLOURS["black"], label="if we knew")
    ax.set(xlabel="looks", ylabel="mistakes found", ylim=(0, 1.8 * max(int(np.sum(right)), 1)))
    ax.legend(loc="upper left", frameon=False)
    return fig


def review(cases: Sequence[tuple[Any, Sequence[float], str]], columns: int = 4):
    """Images with one doubted box (xywh) each: (image, box, title)."""
    rows = -(-len(cases) // columns)
    fig, axes = new_figure(1.9 * columns, 1.85 * rows, rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (image, box, title) in zip(axes.flat, cases):
        show_image(ax, image)
        draw_boxes(ax, xywh_to_xyxy([box]), [COLOURS["vermilion"]])
        ax.set_title(title, fontsize=9, fontweight="normal", loc="left")
    return fig


def burst(images: Sequence[Any]):
    """The frames of one scene, side by side."""
    fig, axes = new_figure(7.6, 1.35, columns=len(images))
    for place, (ax, image) in enumerate(zip(axes, images)):
        show_image(ax, image)
        ax.set_title(f"frame {place}", fontsize=9, fontweight="normal", loc="left")
    return fig


def splits(scores: Mapping[str, Sequence[float]]):
    """AP50 of each way to split: a dot a seed, the mean as a bar."""
    fig, ax = new_figure(7, 0.9 + 0.5 * len(scores))
    for row, values in enumerate(scores.values()):
        ax.plot([np.mean(values)] * 2, [row - 0.3, row + 0.3], color=COLOURS["black"], lw=2)
        ax.plot(values, [row] * len(values), "o", color=COLOURS["blue"], ms=8, alpha=0.7)
        ax.annotate(f"{np.mean(values):.2f}", (np.mean(values), row - 0.36), ha="center", fontsize=10)
    ax.set_yticks(range(len(scores)), list(scores))
    ax.set(xlabel="AP50 on the part that was held out", xlim=(0, 1), ylim=(len(scores) - 0.5, -0.75))
    return fig
