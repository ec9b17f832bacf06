"""Figures of lesson 17: who has a say, licences, verdicts, hidden heads, chance findings, related data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.draw import show_image
from synscenes.lesson.style import COLOURS, new_figure
from synscenes.rights import benchmarks
from synscenes.rights.licences import Licence

if TYPE_CHECKING:
    import pandas

LOOKS = {"yes": ("green", "✓"), "yes-if": ("sky", "if"), "ask": ("orange", "?"), "no": ("vermilion", "✗")}
_LEFT = ("Places",)  # whose names stand to the left of their points
_NUDGED = {"LAION-5B": 8, "Re-LAION-5B": -8}  # points up
_LAYERS = (
    ("green", "the photograph", "whoever took it: copyright, licence"),
    ("orange", "the people in it", "each of them: privacy, their own picture"),
    ("blue", "the annotations", "whoever made the data set: its licence"),
    ("purple", "the collection", "whoever hands it out: terms of access"),
    ("vermilion", "your crop, figure, weights", "you, and all of the above"),
)


def layers(image: Any):
    """One picture, and beside it the five layers that somebody has a say over."""
    fig, (left, right) = new_figure(8.2, 3, columns=2, gridspec_kw={"width_ratios": [1, 1.25]})
    show_image(left, image)
    right.set(xlim=(0, 1), ylim=(len(_LAYERS), 0))
    right.set_axis_off()
    for row, (colour, what, who) in enumerate(_LAYERS):
        right.barh(row + 0.45, 0.025, 0.8, color=COLOURS[colour])
        right.text(0.05, row + 0.3, what, va="center", weight="bold")
        right.text(0.05, row + 0.67, who, va="center", fontsize=10)
    return fig


def licence_bars(counts: Mapping[Licence, int]):
    """Photographs per licence; the colour says what may be shared: for money and changed, one of them, or neither."""
    kinds = {
        (True, True): ("green", "also for money, also changed"),
        (True, False): ("sky", "also for money, not changed"),
        (False, True): ("orange", "not for money, also changed"),
        (False, False): ("vermilion", "not for money, not changed"),
    }
    fig, ax = new_figure(7.4, 1.1 + 0.34 * len(counts))
    told = set()
    for row, (licence, count) in enumerate(counts.items()):
        kind = (licence.allows(commercial=True), licence.allows(changes=True))
        colour, label = kinds[kind]
        ax.barh(row, count, color=COLOURS[colour], label=None if kind in told else label)
        ax.text(count, row, f" {count:,}", va="center")
        told.add(kind)
    ax.set_yticks(range(len(counts)), [licence.name for licence in counts])
    ax.set(xlabel="photographs", ylim=(len(counts) - 0.4, -0.6), xlim=(0, 1.12 * max(counts.values())))
    ax.legend(title="copies may be shared", fontsize=10, loc="lower right")
    return fig


def verdicts(table: Mapping[str, Mapping[str, str]], columns: Sequence[str]):
    """A verdict for each row (data) and column (act): colour and sign."""
    fig, ax = new_figure(8.2, 1.5 + 0.36 * len(table))
    for y, (_, row) in enumerate(table.items()):
        for x, verdict in enumerate(row.values()):
            colour, sign = LOOKS[verdict]
            ax.barh(y, 0.94, 0.88, left=x - 0.47, color=COLOURS[colour], alpha=0.75)
            ax.text(x, y, sign, ha="center", va="center", weight="bold")
    ax.set_yticks(range(len(table)), list(table))
    ax.set_xticks(range(len(columns)), columns)
    ax.xaxis.tick_top()
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(table) - 0.5, -0.5))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("✓ yes     if: yes, if     ?  ask a lawyer     ✗ no")
    return fig


def row(pictures: Sequence[tuple[Any, str]], side: float = 2.0):
    """Pictures side by side: (image, title)."""
    tallest = max(height / width for height, width in (np.shape(image)[:2] for image, _ in pictures))
    fig, axes = new_figure(side * len(pictures), side * min(tallest, 1) + 0.25, columns=len(pictures), squeeze=False)
    for ax, (image, title) in zip(axes[0], pictures):
        show_image(ax, image)
        ax.set_title(title, fontsize=10, fontweight="normal", loc="left")
    return fig


def pairs(upper: Sequence[Any], lower: Sequence[Any], names: tuple[str, str]):
    """Two rows of pictures that belong together, one above the other."""
    fig, axes = new_figure(1.25 * len(upper), 2.9, 2, len(upper), squeeze=False)
    for line, pictures, name in zip(axes, (upper, lower), names):
        for ax, picture in zip(line, pictures):
            show_image(ax, picture)
        line[0].set_title(name, fontsize=10, fontweight="normal", loc="left")
    return fig


def differences(rows: Mapping[str, tuple[float, float, float]]):
    """Share of persons found, minus the share on untouched photographs: (difference, low, high) for each way."""
    fig, ax = new_figure(7, 1 + 0.36 * len(rows))
    for place, (middle, low, high) in enumerate(rows.values()):
        ax.plot([low, high], [place, place], color=COLOURS["blue"], lw=2)
        ax.plot(middle, place, "o", color=COLOURS["blue"], ms=7)
    ax.axvline(0, color=COLOURS["grey"], lw=1)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel="persons found, difference from untouched (95 % interval)", ylim=(len(rows) - 0.5, -0.5))
    return fig


def chance(table: pandas.DataFrame, top: int = 2):
    """z of every pair, in order; outside the band a single test would speak of a difference. The ``top`` are named."""
    ordered = table.sort_values("z").reset_index(drop=True)
    beyond = ordered.z.abs() > 1.96
    fig, ax = new_figure(7.4, 3.3)
    ax.axhspan(-1.96, 1.96, color=COLOURS["light"], alpha=0.6, lw=0)
    ax.plot(ordered.index[~beyond], ordered.z[~beyond], "o", color=COLOURS["grey"], ms=4)
    ax.plot(ordered.index[beyond], ordered.z[beyond], "D", color=COLOURS["vermilion"], ms=6)
    named = ordered.z.abs().nlargest(top).index
    for place in named:
        entry, right = ordered.loc[place], place > len(ordered) / 2
        text = f"{entry.group} · {entry.thing}"
        at = (-8, 0) if right else (8, 0)
        ax.annotate(
            text, (place, entry.z), at, textcoords="offset points", ha="right" if right else "left", va="center"
        )
    ax.set(xlabel="pairs, in order", ylabel="z: more than elsewhere", ylim=(-max(4, ordered.z.abs().max() + 0.5), None))
    return fig


def related(table: pandas.DataFrame):
    """Images against classes, both logarithmic; sets labelled with free text stand in a column of their own."""
    fig, ax = new_figure(8, 4.6)
    gone = benchmarks.withdrawn(table)
    free = 4e5  # where "free text" stands on the axis
    across = np.where(table.classes.isna(), free, table.classes.fillna(0).astype(float))
    for x, (name, entry), withdrawn in zip(across, table.iterrows(), gone):
        colour = COLOURS["vermilion"] if withdrawn else COLOURS["blue"]
        ax.plot(x, entry.images, "X" if withdrawn else "o", color=colour, ms=9 if withdrawn else 7)
        left, up = x >= 75062 or name in _LEFT, _NUDGED.get(name, 0)
        at, align = (-9 if left else 9, up), "right" if left else "left"
        ax.annotate(name, (x, entry.images), at, textcoords="offset points", va="center", ha=align, fontsize=10)
    ax.set(xscale="log", yscale="log", xlim=(6, 8e5), ylim=(5e3, 3e10), xlabel="classes", ylabel="images (or links)")
    ticks = [10.0**power for power in range(4, 11)]
    ax.set_yticks(ticks, [benchmarks.short(tick) for tick in ticks])
    ax.set_xticks([10, 100, 1000, 10_000, free], ["10", "100", "1,000", "10,000", "free text"])
    ax.minorticks_off()
    ax.plot([], [], "X", color=COLOURS["vermilion"], ms=9, label="withdrawn by its makers")
    ax.legend(loc="upper left")
    return fig
