"""The figures of the lesson on ImageNet's inside: contact sheets, lists in the hierarchy, boxes, survival curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure

LIST_COLOURS = {
    "1k": COLOURS["vermilion"],
    "12k": COLOURS["orange"],
    "21k": COLOURS["blue"],
    "all": COLOURS["grey"],
}
LIST_NAMES = {"1k": "the 1,000", "12k": "the 11,821", "21k": "the 21,841", "all": "all nouns of WordNet"}


def contact_sheet(photos: Sequence[Any], columns: int = 10, side: int = 160):
    """Draw photographs as a sheet of square thumbnails with their labels below. ``photos`` have .image and .name."""
    from PIL import Image, ImageOps

    # One picture and one Axes: seventy Axes would take ten times as long to lay out.
    across, down = round(1.1 * side), round(1.36 * side)
    rows = -(-len(photos) // columns)
    sheet = Image.new("RGB", (columns * across, rows * down), "white")
    fig, ax = new_figure(columns * 0.95, rows * 1.17)
    for place, photo in enumerate(photos):
        left, top = place % columns * across, place // columns * down
        sheet.paste(ImageOps.fit(photo.image, (side, side)), (left, top))
        ax.text(left + side / 2, top + 1.06 * side, _short(photo.name), fontsize=6.5, ha="center", va="top")
    ax.imshow(sheet)
    ax.set_axis_off()
    return fig


def _short(name: str, most: int = 17) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def depth_lines(depths: Mapping[str, Sequence[int]]):
    """Draw the share of each list's synsets at each depth. ``depths`` maps "1k", "12k", "21k", "all" to depths."""
    fig, ax = new_figure(7, 3.6)
    for name, values in depths.items():
        counts = np.bincount(values, minlength=20)
        style = {"linestyle": ":"} if name == "all" else {"marker": "o", "markersize": 4}
        ax.plot(100 * counts / counts.sum(), color=LIST_COLOURS[name], label=LIST_NAMES[name], **style)
    ax.set(
        xlabel="steps below the root (shortest path)",
        ylabel="per cent of the list",
        xlim=(0, 19),
        ylim=(0, None),
    )
    ax.set_xticks(range(0, 20, 2))
    ax.legend()
    ax.set_title("How deep the lists hang")
    return fig


def branch_bars(shares: Mapping[str, Mapping[str, float]]):
    """Draw the per cent of each list in each branch: {branch: {"1k": …, "12k": …, "21k": …}}."""
    fig, ax = new_figure(7, 0.42 * len(shares) + 1.1)
    places = np.arange(len(shares))[::-1]
    for row, name in enumerate(("21k", "12k", "1k")):
        values = [branch[name] for branch in shares.values()]
        bars = ax.barh(
            places + 0.26 * (1 - row), values, 0.25, color=LIST_COLOURS[name], label=LIST_NAMES[name]
        )
        ax.bar_label(bars, labels=[f"{value:.1f}" for value in values], padding=3, fontsize=7.5)
    ax.set_yticks(places, list(shares))
    ax.set(xlabel="per cent of the list's synsets", title="What the lists are about")
    ax.legend(loc="lower right")
    return fig


def corner_bars(names: Sequence[str], counts: Sequence[int]):
    """Draw the synsets with the most classes directly below them."""
    fig, ax = new_figure(7, 3.4)
    bars = ax.barh(range(len(names))[::-1], counts, color=COLOURS["vermilion"])
    ax.bar_label(bars, padding=3, fontsize=9)
    ax.set_yticks(range(len(names))[::-1], names)
    ax.set(xlabel="classes of the 1,000 directly below it", xticks=[], title="Fine-grained corners")
    return fig


# Where each name goes, in points from its dot: only those with room around them are named.
_NAMED = {
    "person": (0, -20), "fungus": (-4, 9), "fish": (22, -3), "tree": (-22, 6), "plant": (0, -19), "device": (30, -12),
    "bird": (0, 12), "utensil": (-26, -3), "furniture": (0, 8), "sport": (0, -15), "appliance": (0, -15),
}  # fmt: skip


def tail_scatter(branches: Sequence[Any], kept: Sequence[float]):
    """Draw images per synset in 2010 (published) against the per cent of synsets kept in the 12k (computed)."""
    fig, ax = new_figure(7, 4.2)
    images = [branch.images_per_synset for branch in branches]
    ax.scatter(
        images, kept, s=[branch.synsets / 12 + 8 for branch in branches], color=COLOURS["blue"], alpha=0.6
    )
    for branch, x, y in zip(branches, images, kept):
        if branch.name in _NAMED:
            offset = _NAMED[branch.name]
            ax.annotate(branch.name, (x, y), offset, textcoords="offset points", fontsize=8, ha="center")
    ax.set(
        xlabel="images per synset in 2010 (published average)", ylabel="per cent of synsets in the 12k list"
    )
    ax.set_ylim(25, 100)
    ax.set_title("Branches with few images lose their synsets")
    return fig


def boxes_sheet(records: Sequence[Any], columns: int = 4):
    """Draw records with their boxes; ``records`` are those of synscenes.ilsvrc."""
    from synscenes import draw, imagenet

    rows = -(-len(records) // columns)
    fig, axes = new_figure(8.4, 2.3 * rows, rows=rows, columns=columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, record in zip(axes.flat, records):
        draw.show_image(ax, record.image)
        boxes = np.array([box.xyxy for box in record.boxes()], float)
        draw.draw_boxes(ax, boxes, colours=[COLOURS["orange"]] * len(boxes))
        ax.set_title(imagenet.classes()[record.label].name, fontsize=9, fontweight="normal")
    return fig


def yearly_bars(years: Sequence[int], fetched: Sequence[int], unchanged: Sequence[int], lost: Sequence[int]):
    """Draw what each year's visits found: newly fetched, unchanged since last year, dead."""
    fig, ax = new_figure(7, 3.2)
    bottom = np.zeros(len(years))
    for name, values, colour in (
        ("unchanged (304: nothing sent)", unchanged, COLOURS["sky"]),
        ("fetched", fetched, COLOURS["blue"]),
        ("dead", lost, COLOURS["vermilion"]),
    ):
        ax.bar(years, values, 0.7, bottom=bottom, color=colour, label=name)
        bottom += values
    ax.set(xlabel="year", ylabel="links visited", title="Ten years of visits", xticks=list(years))
    ax.set_ylim(0, bottom.max() * 1.2)
    ax.legend(ncols=3, loc="upper left", fontsize=9)
    return fig


def survival_lines(curves: Mapping[str, Any], truth: Mapping[str, Any] | None = None, last: float = 10.4):
    """Draw survival curves as steps with their bands, up to age ``last``.

    ``truth`` maps a name to a function from age to share, drawn dotted.
    """
    fig, ax = new_figure(7, 3.8)
    colours = dict(zip(curves, (COLOURS["blue"], COLOURS["vermilion"], COLOURS["green"])))
    for name, curve in curves.items():
        ages = np.concatenate([[0], curve.times, [last]])
        for values, style in ((curve.share, {"label": name}), (curve.low, {}), (curve.high, {})):
            steps = np.concatenate([[1], values, values[-1:]])
            ax.step(ages, 100 * steps, where="post", color=colours[name], lw=2 if style else 0.7, **style)
        low, high = ([1, *band, band[-1]] for band in (curve.low, curve.high))
        ax.fill_between(
            ages, 100 * np.array(low), 100 * np.array(high), step="post", color=colours[name], alpha=0.15
        )
    grid = np.linspace(0, last, 200)
    for name, share in (truth or {}).items():
        ax.plot(grid, 100 * share(grid), ":", color=COLOURS["black"], label=name)
    ax.set(xlabel="years since listing", ylabel="per cent alive", xlim=(0, last), ylim=(0, 103))
    ax.set_title("How long links live")
    ax.legend()
    return fig
