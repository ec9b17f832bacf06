"""The figures of the lesson on what lies beyond the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.corruptions import ALEXNET_ERRORS, corruption_error, family
from synscenes.lesson.style import COLOURS, new_figure
from synscenes.plots.pretrained import plain_image
from synscenes.shifts import SETS, line

_KINDS = {"ImageNet-1K": ("blue", "o"), "ImageNet-21K": ("orange", "s"), "web": ("vermilion", "^")}


def on_the_line(
    table, columns: Sequence[str] = ("v2", "sketch", "r"), labelled: Mapping[str, str] | None = None
):
    """Accuracy on ImageNet against accuracy on newer sets; the line is fitted to ImageNet-1K models alone.

    ``labelled``: model name in the table -> text beside its point.
    """
    fig, axes = new_figure(3.2 * len(columns), 3.7, columns=len(columns), squeeze=False)
    own = table[table.trained_on == "ImageNet-1K"]
    for ax, column in zip(axes[0], columns):
        for kind, (colour, marker) in _KINDS.items():
            rows = table[table.trained_on == kind]
            label = {"web": "also web photographs"}.get(
                kind, f"only {kind}" if kind == "ImageNet-1K" else kind
            )
            ax.scatter(
                rows.imagenet, rows[column], s=34, color=COLOURS[colour], marker=marker, label=label, zorder=3
            )
        slope, start = line(own.imagenet, own[column])
        ends = np.array([62, 91])
        ax.plot(ends, slope * ends + start, color=COLOURS["blue"], lw=1)
        ax.plot(ends, ends, color=COLOURS["grey"], lw=1, ls=":")
        ax.set(xlabel="ImageNet, top-1 (%)", title=SETS[column][0], ylim=(10, 95), xlim=(61, 92))
        for name, text in (labelled or {}).items() if column != "v2" else ():
            row = table[table.name == name].iloc[0]
            ax.annotate(
                text,
                (row.imagenet, row[column]),
                (-8, -3),
                textcoords="offset points",
                fontsize=9,
                ha="right",
            )
    axes[0, 0].set_ylabel("top-1 on the other set (%)")
    axes[0, -1].text(62, 57, "no drop", color=COLOURS["grey"], fontsize=9, rotation=14)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=10, frameon=False)
    return fig


def gallery(pictures: Sequence[tuple[Any, str]], columns: int, side: float = 1.6):
    """A grid of (picture, title)."""
    rows = -(-len(pictures) // columns)
    fig, axes = new_figure(columns * side, rows * (side + 0.28), rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (picture, title) in zip(axes.flat, pictures):
        plain_image(ax, picture)
        ax.set_title(title, fontsize=9, fontweight="normal", loc="left")
    return fig


def errors_by_severity(grid):
    """A table of errors, in per cent: corruptions by severities, darker where more photographs are lost."""
    errors = 100 * grid.errors()
    height = 1.3 + 0.33 * len(grid.names)
    fig, ax = new_figure(2.8 + 0.85 * len(grid.severities), height)
    ax.imshow(errors, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    for (row, column), value in np.ndenumerate(errors):
        colour = "white" if value > 60 else "black"
        ax.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour, fontsize=10)
    ax.set_yticks(range(len(grid.names)), [f"{name.replace('_', ' ')}" for name in grid.names])
    ax.set_xticks(range(len(grid.severities)), grid.severities)
    ax.set(xlabel="severity", title=f"Error (%) · untouched: {100 * (1 - grid.clean.mean()):.0f}")
    for row in range(1, len(grid.names)):
        if family(grid.names[row]) != family(grid.names[row - 1]):
            ax.axhline(row - 0.5, color="white", lw=4)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig


def corruption_errors(grids: Sequence[Any]):
    """The corruption error of each network under each corruption; the line at 1 is AlexNet."""
    names = [name for name in grids[0].names if name in ALEXNET_ERRORS]
    fig, ax = new_figure(7, 1.4 + 0.33 * len(names))
    for place, (grid, colour, hatch) in enumerate(zip(grids, ("blue", "orange"), (None, "//"))):
        look = {"color": COLOURS[colour], "hatch": hatch, "edgecolor": "white", "lw": 0}
        values = [corruption_error(grid.mean_error(name), name) for name in names]
        rows = np.arange(len(names)) + 0.19 * (2 * place - 1)
        ax.barh(rows, values, height=0.36, label=f"{grid.model}: mCE {grid.mce():.2f}", **look)
    ax.axvline(1, color=COLOURS["black"], lw=1.2)
    ax.text(1.01, -0.75, "AlexNet", fontsize=9.5)
    ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    ax.invert_yaxis()
    ax.set(xlabel="corruption error", xlim=(0, max(1.3, ax.get_xlim()[1])))
    fig.legend(loc="outside lower center", ncols=2, fontsize=10, frameon=False)
    return fig


def renditions(rows: Sequence[Sequence[Any]], titles: Sequence[str], side: float = 1.25):
    """Photographs (rows) in each rendition (columns)."""
    fig, axes = new_figure(side * len(titles), side * len(rows) + 0.3, len(rows), len(titles), squeeze=False)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            plain_image(axes[row, column], picture)
            if row == 0:
                axes[row, column].set_title(titles[column], fontsize=9.5, fontweight="normal", loc="left")
    return fig


def survival(hits: Mapping[str, Mapping[str, np.ndarray]]):
    """Accuracy with its 95 % interval: ``hits[network][rendition]`` is (photographs,) bool; the first is the photo."""
    from synscenes.metrics.classification import wilson_interval

    kinds = list(next(iter(hits.values())))
    fig, ax = new_figure(7, 0.9 + 0.42 * len(kinds))
    for place, (network, found) in enumerate(hits.items()):
        rows = np.arange(len(kinds)) + 0.17 * (2 * place - len(hits) + 1)
        shares = np.array([found[kind].mean() for kind in kinds])
        ends = np.array([wilson_interval(int(found[kind].sum()), len(found[kind])) for kind in kinds])
        colour, marker = ((COLOURS["blue"], "o"), (COLOURS["orange"], "s"))[place]
        bars = np.abs(ends.T - shares)
        ax.errorbar(100 * shares, rows, xerr=100 * bars, fmt=marker, color=colour, capsize=3, label=network)
    ax.set_yticks(range(len(kinds)), kinds)
    ax.invert_yaxis()
    ax.set(xlim=(0, 100), xlabel="right, top-1 (%), with 95 % interval")
    ax.grid(axis="x", color=COLOURS["light"])
    fig.legend(loc="outside lower center", ncols=2, fontsize=10, frameon=False)
    return fig


def person_share(counts: Mapping[str, tuple[int, int]]):
    """How much of each list is below "person": ``counts[list]`` is (persons, all)."""
    fig, ax = new_figure(7, 0.7 + 0.42 * len(counts))
    shares = [100 * persons / size for persons, size in counts.values()]
    bars = ax.barh(range(len(counts)), shares, color=COLOURS["blue"], height=0.6)
    texts = [f"{persons:,} of {size:,} ({100 * persons / size:.1f} %)" for persons, size in counts.values()]
    ax.bar_label(bars, labels=texts, padding=4, fontsize=10)
    ax.set_yticks(range(len(counts)), list(counts))
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.9 * max(shares)), xlabel="kinds of person (% of the list)")
    return fig


def real_counts(counts: np.ndarray, named: Mapping[int, str]):
    """How many validation images show each class, classes in order of it; some of them named."""
    order = np.argsort(counts, kind="stable")
    fig, ax = new_figure(7.5, 3.3)
    ax.plot(counts[order], color=COLOURS["blue"], lw=2)
    ax.axhline(50, color=COLOURS["black"], lw=1, ls=":")
    ax.text(0, 53, "50: what the labels say", fontsize=9.5)
    for index, name in named.items():
        place = int(np.flatnonzero(order == index)[0])
        ax.plot(place, counts[index], "o", color=COLOURS["vermilion"])
        left = place > 500
        ax.annotate(
            f"{name}: {counts[index]}",
            (place, counts[index]),
            (-8 if left else 9, -4),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize=10,
        )
    ax.set(xlabel="the 1,000 classes, rarest first", ylabel="images that show it (ReaL)", ylim=(0, None))
    return fig
