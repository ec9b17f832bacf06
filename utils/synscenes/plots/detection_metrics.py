"""The figures of the lesson on detection metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure

_STYLES = (("blue", "-"), ("orange", "--"), ("green", "-."), ("vermilion", ":"))


def five_boxes(truth: np.ndarray, found: np.ndarray, scores: Sequence[float], taken: Sequence[int] | None = None):
    """Objects (filled, lettered) and detections (outlined, numbered by falling score), both xywh.

    ``taken``: the object each detection took, or -1; hits are then drawn solid, false ones dashed with a cross.
    """
    fig, ax = new_figure(7, 2.9)
    for letter, (left, top, width, height) in zip("ABCDEFG", truth):
        ax.add_patch(_rectangle(left, top, width, height, facecolor=COLOURS["light"], edgecolor=COLOURS["grey"], lw=1))
        ax.text(left + 0.3 * width, top + 0.6 * height, letter, ha="center", va="center", fontsize=18, color="#444444")
    for place, (left, top, width, height) in enumerate(found):
        hit = taken is None or taken[place] >= 0
        colour = COLOURS["blue"] if hit else COLOURS["vermilion"]
        ax.add_patch(
            _rectangle(left, top, width, height, fill=False, edgecolor=colour, lw=2.5, ls="-" if hit else "--")
        )
        mark = "" if taken is None else (" ✓" if hit else " ✗")
        # A label whose place above the box is taken goes below it.
        crowded = (np.abs(found[:place, :2] - [left, top]) < [70, 16]).all(axis=1).any()
        where = (left + width, top + height + 4) if crowded else (left + 3, top - 4)
        ax.text(*where, f"{place + 1}: {scores[place]:.2f}{mark}", color=colour, fontsize=10.5,
                ha="right" if crowded else "left", va="top" if crowded else "bottom")  # fmt: skip
    boxes = np.concatenate([truth, found])
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    ax.set(xlim=(boxes[:, 0].min() - 10, right + 10), ylim=(bottom + 14, boxes[:, 1].min() - 22), aspect="equal")
    ax.set_axis_off()
    return fig


def staircase(precision: np.ndarray, recall: np.ndarray, best: np.ndarray | None = None, values: Any = None):
    """Precision against recall, detection by detection; with ``best`` the stairs above, with ``values`` the samples."""
    fig, ax = new_figure(6.4, 3.8)
    ax.plot(recall, precision, "o-", color=COLOURS["blue"], ms=8, lw=1.5, label="after each detection", zorder=3)
    # Detections at the same place share a label.
    for x, y in {(float(a), float(b)) for a, b in zip(recall, precision)}:
        same = [str(n + 1) for n in range(len(recall)) if (recall[n], precision[n]) == (x, y)]
        ax.annotate(", ".join(same), (x, y), (8, -13), textcoords="offset points", fontsize=11)
    if best is not None:
        corners = np.concatenate([[0], recall])
        ax.stairs(best, corners, baseline=0, fill=True, color=COLOURS["orange"], alpha=0.25, lw=0)
        ax.stairs(best, corners, baseline=None, color=COLOURS["orange"], lw=2.5, label="best from here on")
    if values is not None:
        heights = np.append(best, 0)[np.searchsorted(recall, values)]
        ax.plot(values, heights, "|", color=COLOURS["black"], ms=9, mew=1, label=f"{len(values)} samples", zorder=4)
    ax.set(xlim=(-0.02, 1.04), ylim=(-0.05, 1.12), xlabel="recall", ylabel="precision")
    ax.legend(loc="lower left" if values is None else "upper right", fontsize=10, frameon=False)
    return fig


def ap_by_threshold(thresholds: np.ndarray, values: np.ndarray, taken: Sequence[int]):
    """A bar for each IoU threshold: AP, and how many detections are hits there."""
    fig, ax = new_figure(7, 3)
    ax.bar(range(len(values)), values, color=COLOURS["blue"])
    for place, (value, hits) in enumerate(zip(values, taken)):
        inside = value > 0.15
        text = f"{value:.2f}\n{hits} hit{'s' * (hits != 1)}"
        ax.text(place, 0.02, text, ha="center", va="bottom", fontsize=9.5, color="white" if inside else "black")
    ax.axhline(np.mean(values), color=COLOURS["vermilion"], lw=2, ls="--", label=f"mean: AP {np.mean(values):.3f}")
    ax.legend(frameon=False)
    ax.set_xticks(range(len(values)), [f"{value:.2f}" for value in thresholds])
    ax.set(xlabel="a hit needs an IoU of at least …", ylabel="AP", ylim=(0, max(values) * 1.1))
    return fig


def curves(staircases: Mapping[str, Any], columns: int = 2):
    """One panel for each name -> {label: table of ``Result.curve``}."""
    rows = -(-len(staircases) // columns)
    fig, axes = new_figure(3.6 * columns, 2.7 * rows + 0.4, rows, columns, squeeze=False, sharex=True, sharey=True)
    for ax in axes.flat[len(staircases) :]:
        ax.set_axis_off()
    for ax, (name, tables) in zip(axes.flat, staircases.items()):
        for (label, table), (colour, line) in zip(tables.items(), _STYLES):
            x, y = np.concatenate([[0], table.recall]), table.best.to_numpy()
            ax.stairs(y, x, baseline=None, color=COLOURS[colour], lw=2, ls=line, label=label)
        ax.set_title(name, fontsize=11, fontweight="normal", loc="left")
        ax.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="recall", ylabel="precision")
        ax.label_outer()
        ax.grid(color=COLOURS["light"])
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=10, frameon=False)
    return fig


def categories(table: Any, overall: float):
    """AP of each category against how many objects it has; the few that stand out are named."""
    known = table[table.AP.notna()].sort_values("AP")
    fig, ax = new_figure(7, 3.8)
    ax.scatter(known.annotations, known.AP, s=34, color=COLOURS["blue"], zorder=3)
    ax.axhline(overall, color=COLOURS["vermilion"], lw=1.5, ls="--", label=f"mean over categories: AP {overall:.3f}")
    # One name for each place: several rare categories may share it.
    apart = known.assign(place=known.AP.round(1)).drop_duplicates(["annotations", "place"])
    named = {apart.index[0], *apart.index[-2:], apart.annotations.idxmax()}
    for row in apart.loc[sorted(named)].itertuples():
        ax.annotate(row.name, (row.annotations, row.AP), (7, -3), textcoords="offset points", fontsize=9.5)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set(xlabel="objects of the category in the test set", ylabel="AP", ylim=(-0.03, 1.03))
    ax.set_xlim(right=known.annotations.max() * 1.8)
    ax.grid(axis="y", color=COLOURS["light"])
    ax.legend(fontsize=10, frameon=False)
    return fig


def error_costs(analyses: Mapping[str, Any]):
    """What mending each kind of error would add to AP50, for one detector or several."""
    kinds = list(next(iter(analyses.values())).cost)
    fig, ax = new_figure(7, 3.4)
    height = 0.8 / len(analyses)
    for place, ((name, found), (colour, _)) in enumerate(zip(analyses.items(), _STYLES)):
        rows = np.arange(len(kinds)) + height * (place - (len(analyses) - 1) / 2)
        values = [100 * found.cost[kind] for kind in kinds]
        hatch = "//" if place else None
        bars = ax.barh(rows, values, 0.92 * height, color=COLOURS[colour], hatch=hatch, edgecolor="white", lw=0,
                       label=f"{name} (AP50 {100 * found.ap:.1f})")  # fmt: skip
        ax.bar_label(bars, [f"{value:.1f}" for value in values], padding=3, fontsize=9.5)
    ax.set_yticks(range(len(kinds)), kinds)
    ax.invert_yaxis()
    ax.set(xlabel="AP50 gained if this kind alone were mended (points)")
    ax.margins(x=0.12)
    fig.legend(loc="outside lower center", ncols=2, fontsize=10, frameon=False)
    return fig


def resampled(draws: Mapping[str, np.ndarray], intervals: Mapping[str, tuple[float, float]], zero: bool = False):
    """One histogram for each name -> resampled values, its middle 95 % drawn below; ``zero`` marks no difference."""
    fig, axes = new_figure(7, 1.2 + 1.25 * len(draws), len(draws), 1, squeeze=False, sharex=True)
    for ax, (name, values), (colour, _) in zip(axes[:, 0], draws.items(), _STYLES):
        ax.hist(100 * values, 40, color=COLOURS[colour], alpha=0.75)
        low, high = (100 * end for end in intervals[name])
        ax.axvspan(low, high, color=COLOURS[colour], alpha=0.13, lw=0)
        ax.set_title(f"{name}: {low:.1f} to {high:.1f}", fontsize=10.5, fontweight="normal", loc="left")
        if zero:
            ax.axvline(0, color=COLOURS["vermilion"], lw=2)
        ax.set(yticks=[])
        ax.spines["left"].set_visible(False)
    axes[-1, 0].set_xlabel("AP, points" if not zero else "difference in AP, points")
    return fig


def seconds(measured: Mapping[str, float]):
    """CPU seconds of each program on the same job."""
    names = list(measured)
    fig, ax = new_figure(7, 0.9 + 0.42 * len(names))
    colours = [COLOURS["blue"] if "ours" in name else COLOURS["grey"] for name in names]
    bars = ax.barh(range(len(names)), [measured[name] for name in names], color=colours, height=0.6)
    ax.bar_label(bars, [f"{value:.3g} s" for value in measured.values()], padding=4, fontsize=10)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="CPU seconds", xlim=(0, 1.15 * max(measured.values())))
    return fig


def _rectangle(left: float, top: float, width: float, height: float, **look: Any):
    from matplotlib.patches import Rectangle

    return Rectangle((left, top), width, height, **look)
