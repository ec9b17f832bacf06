"""The figures of the lesson on the ILSVRC benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure


def winners(history: Sequence[Any], human: float, human_range: tuple[float, float]):
    """ILSVRC's winners (``.year .system .value``) as bars, with the one measured person as a line and a band."""
    fig, ax = new_figure(8, 4)
    years = [entry.year for entry in history]
    errors = [entry.value for entry in history]
    networks = [year >= 2012 for year in years]
    colours = [COLOURS["blue"] if network else COLOURS["light"] for network in networks]
    ax.bar(years, errors, 0.68, color=colours, edgecolor=COLOURS["blue"], hatch=None)
    for entry in history:
        ax.text(
            entry.year, entry.value + 0.5, f"{entry.value:g} %", ha="center", fontweight="bold", fontsize=10
        )
    ax.axhspan(*human_range, color=COLOURS["orange"], alpha=0.25, lw=0)
    ax.axhline(human, color=COLOURS["orange"], lw=2)
    note = f"one trained person,\n1,500 images: {human:g} %"
    ax.annotate(
        note,
        (2017.4, human),
        (2016.1, 13.5),
        fontsize=10,
        ha="center",
        arrowprops={"arrowstyle": "->", "color": "black"},
    )
    ax.text(2010.5, 30.8, "hand-made features", ha="center", color=COLOURS["grey"])
    ax.text(2014.5, 20.5, "neural networks", ha="center", color=COLOURS["blue"])
    ax.set_xticks(years, [f"{entry.year}\n{entry.system}" for entry in history], fontsize=8.5)
    ax.set(ylabel="top-5 error, %", ylim=(0, 33), xlim=(2009.4, 2017.6))
    ax.tick_params(axis="x", length=0)
    return fig


def top_k_curves(curves: Mapping[str, np.ndarray]):
    """Share of images whose label is among the k best, k = 1, 2, …; one line for each name."""
    fig, ax = new_figure(7.2, 3.6)
    for (name, values), colour, marker in zip(curves.items(), ("blue", "vermilion"), "os"):
        ks = np.arange(1, len(values) + 1)
        ax.plot(ks, 100 * values, marker=marker, ms=6, color=COLOURS[colour], label=name)
    for k in (1, 5):
        ax.axvline(k, color=COLOURS["grey"], lw=0.8, ls=":")
    ax.set(xlabel="k: how many guesses are allowed", ylabel="label among them, %")
    ax.set_xticks(ks)
    ax.grid(axis="y", color=COLOURS["light"])
    ax.legend(loc="lower right")
    return fig


def difference_histogram(differences: np.ndarray, low: float, high: float):
    """Resampled differences of two accuracies, the interval shaded, and 0 marked."""
    fig, ax = new_figure(7.2, 3)
    points = 100 * differences
    gaps = np.diff(np.unique(np.round(points, 6)))
    step = gaps.min() if len(gaps) else 1.0  # one bar a possible value
    edges = np.arange(points.min() - step / 2, points.max() + step, step)
    ax.hist(points, edges, color=COLOURS["sky"], edgecolor="white", lw=0.3)
    ax.axvspan(100 * low, 100 * high, color=COLOURS["blue"], alpha=0.15, lw=0, label="middle 95 %")
    ax.axvline(0, color=COLOURS["vermilion"], lw=2, label="no difference")
    ax.set(xlabel="difference in top-1, percentage points", yticks=[])
    ax.spines["left"].set_visible(False)
    ax.legend()
    return fig


def power_curve(sizes: Sequence[int], power: Sequence[float], planned: int):
    """How often a true difference is seen, against the number of images; the planned size marked."""
    fig, ax = new_figure(7.2, 3.4)
    ax.plot(sizes, 100 * np.asarray(power), "o-", color=COLOURS["blue"], label="simulated test sets")
    ax.axhline(80, color=COLOURS["grey"], lw=1, ls=":")
    ax.plot(planned, 80, "D", color=COLOURS["vermilion"], ms=9, label=f"formula, 80 %: {planned:,} images")
    ax.axvline(50_000, color=COLOURS["orange"], lw=1.5, ls="--", label="ImageNet's validation set")
    ax.set_xscale("log")
    ax.set(xlabel="images in the test set", ylabel="difference seen, %", ylim=(0, 103))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.grid(axis="y", color=COLOURS["light"])
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0.78), fontsize=10)
    return fig


def cost_and_accuracy(
    table, on_front: np.ndarray, cost: str = "gflops", label: str = "billion multiply-adds"
):
    """Every model as a point, the front joined, some of its members named."""
    fig, ax = new_figure(7.6, 4.2)
    extra = table["extra_data"].to_numpy()
    for chosen, marker, name in ((~extra, "o", "ImageNet-1k only"), (extra, "D", "more training data")):
        ax.scatter(
            table[cost][chosen], table["top1"][chosen], 26, marker=marker, c=COLOURS["sky"],
            edgecolors="black", linewidths=0.5, label=name,
        )  # fmt: skip
    front = table[on_front].sort_values(cost)
    ax.plot(front[cost], front["top1"], "--", color=COLOURS["vermilion"], lw=1.4, label="front", zorder=0)
    for place in np.linspace(1, len(front) - 1, 5).astype(int):
        row = front.iloc[place]
        ax.annotate(
            row["model"],
            (row[cost], row["top1"]),
            (-5, 7),
            textcoords="offset points",
            ha="right",
            fontsize=9,
        )
    ax.set_xscale("log")
    ax.set(xlabel=label, ylabel="top-1, %", ylim=(54, 92), xlim=(0.004, 2_000))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    ax.grid(color=COLOURS["light"])
    ax.legend(loc="lower right")
    return fig


def reliability_diagrams(tables: Sequence[tuple[str, Any, float]]):
    """One panel each: (title, Reliability, ECE). Bars are accuracy, the diagonal is calibrated."""
    fig, axes = new_figure(4.1 * len(tables), 4, columns=len(tables), squeeze=False)
    for ax, (title, table, ece) in zip(axes[0], tables):
        width = table.high - table.low
        middle = (table.low + table.high) / 2
        ax.bar(
            middle,
            table.accuracy,
            width,
            color=COLOURS["sky"],
            edgecolor="white",
            label="accuracy in the bin",
        )
        ax.plot(table.confidence, table.accuracy, "o", color=COLOURS["blue"], ms=5)
        ax.plot([0, 1], [0, 1], "--", color=COLOURS["vermilion"], lw=1.5, label="calibrated")
        for x, n in zip(middle, table.count):
            if n:
                ax.text(x, 0.02, f"{n:,}", ha="center", va="bottom", rotation=90, fontsize=9)
        ax.set(title=title, xlabel="confidence", xlim=(0, 1), ylim=(0, 1.04))
        ax.text(0.04, 0.74, f"ECE {ece:.3f}", fontweight="bold", transform=ax.transAxes)
        ax.set_xticks([0, 0.5, 1])
    axes[0, 0].set_ylabel("share right")
    axes[0, 0].legend(loc="upper left", fontsize=9)
    return fig


def winners_curse(counts: Sequence[int], sizes: Mapping[int, np.ndarray]):
    """How much too high the best-looking model's score is, against how many models were tried, by test-set size."""
    fig, ax = new_figure(7.2, 3.4)
    for (n, excess), colour, marker in zip(sizes.items(), ("vermilion", "orange", "blue"), "osD"):
        ax.plot(counts, 100 * excess, marker=marker, color=COLOURS[colour], label=f"{n:,} test images")
    ax.set_xscale("log")
    ax.set_xticks(counts, [f"{count:,}" for count in counts])
    ax.minorticks_off()
    ax.set(xlabel="models tried", ylabel="score too high, points", ylim=(-0.5, None))
    ax.grid(axis="y", color=COLOURS["light"])
    ax.legend()
    return fig
