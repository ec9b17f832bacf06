"""The figures of the lesson on detection: windows, overlaps, anchors, boxes found, losses, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.draw import category_colour, draw_boxes, draw_labels, show_image
from synscenes.lesson.style import COLOURS, new_figure


def found(pictures: Sequence[tuple[Any, Sequence[Any], str]], columns: int = 3, side: float = 2.4):
    """Photographs with what a detector found: each entry is (image, detections, title)."""
    rows = -(-len(pictures) // columns)
    shapes = [np.shape(image)[:2] for image, _, _ in pictures]
    tallest = max(height / width for height, width in shapes)  # no space below landscapes
    fig, axes = new_figure(columns * side, rows * (side * min(tallest, 1) + 0.25), rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (image, _, title) in zip(axes.flat, pictures):
        show_image(ax, image)
        ax.set_title(title, fontsize=10, fontweight="normal", loc="left")
    for ax, (_, items, _) in zip(axes.flat, pictures):
        draw_detections(ax, items)
    return fig


def draw_detections(ax, items: Sequence[Any], most: int = 12) -> None:
    """Draw boxes, with name and score at the ``most`` surest; a category has the same colour everywhere."""
    if not items:
        return
    corners = np.array([item.xyxy for item in items])
    colours = [category_colour(item.category_id) for item in items]
    draw_boxes(ax, corners, colours)
    texts = [f"{item.name} {item.score:.2f}" for item in items[:most]]
    draw_labels(ax, texts, corners[:most], colours[:most])


def windows(image, heat: np.ndarray, boxes: np.ndarray, best: int, name: str):
    """A photograph under sliding windows, and how sure each place of it is of ``name``."""
    fig, (left, right) = new_figure(7.4, 3.6, columns=2)
    show_image(left, image)
    few = boxes[:: max(1, len(boxes) // 9)]
    draw_boxes(left, few, [COLOURS["sky"]] * len(few), "--")
    draw_boxes(left, boxes[[best]], [COLOURS["vermilion"]])
    left.set_title("some windows, dashed, and the surest", fontsize=10, fontweight="normal", loc="left")
    show_image(right, image, dim=0.5)
    height, width = np.asarray(image).shape[:2]
    layer = right.imshow(
        heat, extent=(0, width, height, 0), cmap="viridis", alpha=0.65, vmin=0, vmax=1, interpolation="nearest"
    )
    fig.colorbar(layer, ax=right, shrink=0.8, label=f"mean P({name})")
    right.set_title("averaged over the windows there", fontsize=10, fontweight="normal", loc="left")
    return fig


def overlaps(pairs: Sequence[tuple[Sequence[float], Sequence[float]]], titles: Sequence[str]):
    """Pairs of boxes: what both cover is dark, what the smallest box around both leaves empty is hatched."""
    from matplotlib.patches import Rectangle

    fig, axes = new_figure(2.5 * len(pairs), 2.1, columns=len(pairs), squeeze=False, sharex=True, sharey=True)
    for ax, (one, other), title in zip(axes[0], pairs, titles):
        one, other = np.array(one, dtype=float), np.array(other, dtype=float)
        low, high = np.minimum(one[:2], other[:2]), np.maximum(one[2:], other[2:])
        ax.add_patch(
            Rectangle(low, *(high - low), facecolor="none", edgecolor=COLOURS["grey"], hatch="//", lw=1, ls="--")
        )
        for box, colour in ((one, "blue"), (other, "orange")):
            ax.add_patch(Rectangle(box[:2], *(box[2:] - box[:2]), facecolor="white", edgecolor="none"))
            ax.add_patch(
                Rectangle(box[:2], *(box[2:] - box[:2]), facecolor=COLOURS[colour], alpha=0.35, edgecolor="none")
            )
        left_top, right_bottom = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
        if (right_bottom > left_top).all():
            ax.add_patch(Rectangle(left_top, *(right_bottom - left_top), facecolor=COLOURS["black"], alpha=0.6))
        for box, colour in ((one, "blue"), (other, "orange")):
            ax.add_patch(Rectangle(box[:2], *(box[2:] - box[:2]), facecolor="none", edgecolor=COLOURS[colour], lw=2.5))
        ax.set_title(title, fontsize=10.5, fontweight="normal", loc="left")
        ax.set_aspect("equal")
        ax.set_axis_off()
    every = np.array([box for pair in pairs for box in pair], dtype=float)
    axes[0, 0].set(xlim=(every[:, 0].min() - 0.5, every[:, 2].max() + 0.5))
    axes[0, 0].set(ylim=(every[:, 3].max() + 0.5, every[:, 1].min() - 0.5))
    return fig


def anchors_on(image, centres: np.ndarray, cell_anchors: np.ndarray, objects: np.ndarray, matched: np.ndarray):
    """Left: a grid's centres and one cell's anchors; right: the objects, and dashed the anchors matched with them."""
    fig, (left, right) = new_figure(7.4, 3.1, columns=2)
    counted = f"{len(objects)} objects, {len(matched)} anchors matched (dashed)"
    for ax, title in ((left, "six anchors at one place"), (right, counted)):
        show_image(ax, image, dim=0.25)
        ax.set_title(title, fontsize=10, fontweight="normal", loc="left")
    left.plot(*centres.T, ".", color=COLOURS["black"], ms=2.5)
    draw_boxes(left, cell_anchors, [COLOURS["vermilion"]] * len(cell_anchors))
    left.set(xlim=right.get_xlim(), ylim=right.get_ylim())
    from matplotlib.patches import Rectangle

    for box in matched:
        right.add_patch(
            Rectangle(box[:2], *(box[2:] - box[:2]), fill=False, ec=COLOURS["vermilion"], lw=1.1, ls="--")
        )
    draw_boxes(right, objects, [COLOURS["blue"]] * len(objects))
    return fig


def objectness(image, maps: Sequence[np.ndarray], titles: Sequence[str]):
    """A photograph, and each grid's objectness (h, w) laid over it."""
    fig, axes = new_figure(2.5 * (len(maps) + 1), 2.7, columns=len(maps) + 1)
    show_image(axes[0], image)
    axes[0].set_title("the photograph", fontsize=10, fontweight="normal", loc="left")
    height, width = np.asarray(image).shape[:2]
    for ax, grid, title in zip(axes[1:], maps, titles):
        show_image(ax, image, dim=0.6)
        # What is dark is let through, so that the photograph can still be seen there.
        shade = {"cmap": "viridis", "vmin": 0, "vmax": 1, "alpha": 0.25 + 0.65 * grid}
        layer = ax.imshow(grid, extent=(0, width, height, 0), interpolation="nearest", **shade)
        ax.set_title(title, fontsize=10, fontweight="normal", loc="left")
    fig.colorbar(layer, ax=axes[-1], shrink=0.8, label="objectness")
    return fig


def losses(logs: Sequence[Any], smooth: int = 25):
    """The two loss terms over the steps, one line per seed, each a running mean over ``smooth`` steps."""
    fig, axes = new_figure(7.4, 2.9, columns=2)
    names = {"classes": "focal loss (what is it?)", "boxes": "GIoU loss (where is it?)"}
    for ax, (column, title) in zip(axes, names.items()):
        for log, style in zip(logs, ("-", "--", ":", "-.", "-")):
            ax.plot(log.step, log[column].rolling(smooth, min_periods=1).mean(), style, color=COLOURS["blue"], lw=1.6)
        ax.margins(y=0.08)
        ax.set_ylim(bottom=0)
        ax.set(xlabel="step", title=title)
        ax.title.set(fontsize=10.5, fontweight="normal")
        ax.grid(axis="y", color=COLOURS["light"])
    return fig


def over_seeds(scores: Mapping[str, Sequence[float]]):
    """One row per number, one dot per seed, the mean as a bar: ``scores[name]`` are the values of the seeds."""
    fig, ax = new_figure(7, 0.75 + 0.42 * len(scores))
    for row, values in enumerate(scores.values()):
        ax.plot([np.mean(values)] * 2, [row - 0.3, row + 0.3], color=COLOURS["black"], lw=2)
        ax.plot(values, [row] * len(values), "o", color=COLOURS["blue"], ms=7, alpha=0.7)
        text = f"{np.mean(values):.3f}  ({min(values):.3f} to {max(values):.3f})"
        ax.annotate(text, (max(values), row), (12, -4), textcoords="offset points", fontsize=10)
    ax.set_yticks(range(len(scores)), list(scores))
    ax.invert_yaxis()
    # Where nothing was found every score is 0, and an axis still needs a length.
    longest = max(0.01, *(max(values) for values in scores.values()))
    ax.set(xlim=(0, longest * 1.5), xlabel="score on val")
    ax.grid(axis="x", color=COLOURS["light"])
    return fig


def failures(cases: Sequence[tuple[Any, np.ndarray, np.ndarray | None, str]], columns: int = 5, side: float = 1.5):
    """Crops around mistakes: (image, the box found or None, the true box, dashed, or None, title)."""
    rows = -(-len(cases) // columns)
    fig, axes = new_figure(columns * side, rows * (side + 0.5), rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (image, box, truth, title) in zip(axes.flat, cases):
        show_image(ax, image)
        if truth is not None:
            draw_boxes(ax, truth[None], [COLOURS["blue"]], "--")
        if box is not None:
            draw_boxes(ax, box[None], [COLOURS["vermilion"]])
        around = np.array([each for each in (box, truth) if each is not None])
        low, high = around[:, :2].min(axis=0), around[:, 2:].max(axis=0)
        middle, half = (low + high) / 2, max(0.75 * float((high - low).max()), 30.0)
        edge = np.array(image.size, dtype=float)
        near, far = np.clip(middle - half, 0, edge), np.clip(middle + half, 0, edge)
        ax.set(xlim=(near[0], far[0]), ylim=(far[1], near[1]), anchor="N")
        ax.set_title(title, fontsize=8.5, fontweight="normal", loc="left")
    return fig


def context_table(table: np.ndarray, low: np.ndarray, high: np.ndarray, names: Sequence[str]):
    """AP50 trained in one world (rows) and tested in another (columns): value, and lowest and highest of the seeds."""
    fig, ax = new_figure(6.4, 2.6)
    ax.imshow(table, cmap="Blues", vmin=0, vmax=max(0.01, 1.6 * float(table.max())), aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        text = f"{value:.3f}\n{low[row, column]:.3f} to {high[row, column]:.3f}"
        ax.text(column, row, text, ha="center", va="center", fontsize=11)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="tested on", ylabel="trained on", title="AP50")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig
