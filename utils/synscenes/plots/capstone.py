"""The figures of the capstone: the three questions, ablations, gains with intervals, looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.draw import draw_boxes, show_image
from synscenes.lesson.style import COLOURS, new_figure


def opening(scene: Any, boxes: np.ndarray, told: Sequence[tuple[str, str]], crop: Any, label: str):
    """Three panels: a scene with its objects, two captions with what is said of them, an object with its label."""
    fig, axes = new_figure(9.6, 2.9, columns=3, gridspec_kw={"width_ratios": [1.25, 1.35, 0.9]})
    show_image(axes[0], scene)
    draw_boxes(axes[0], boxes, [COLOURS["yellow"]] * len(boxes))
    show_image(axes[2], crop)
    for ax, title in zip(axes, ("A. Find more of these", "B. Score the true one higher", f"C. Is this a {label}?")):
        ax.set_axis_off()
        ax.set_title(title, fontsize=11, loc="left")
    for place, (text, verdict) in enumerate(told):
        axes[1].text(0, 0.86 - 0.5 * place, _wrapped(text, 30), transform=axes[1].transAxes, fontsize=10, va="top")
        axes[1].text(0, 0.93 - 0.5 * place, verdict, transform=axes[1].transAxes, fontsize=9.5, fontweight="bold",
                     color=COLOURS["blue"], va="center")  # fmt: skip
    return fig


def _wrapped(text: str, width: int) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def ablation(rows: Mapping[str, Sequence[float]], base: str, line: tuple[str, float] | None = None):
    """A dot a seed and a bar at the mean for each recipe; the shaded band is where ``base``'s seeds lie."""
    fig, ax = new_figure(7.4, 1.0 + 0.36 * len(rows))
    low, high = min(rows[base]), max(rows[base])
    ax.axvspan(low, high, color=COLOURS["light"], lw=0)
    for place, values in enumerate(rows.values()):
        ax.plot(values, [place] * len(values), "o", color=COLOURS["blue"], ms=5, alpha=0.75)
        ax.plot([np.mean(values)] * 2, [place - 0.28, place + 0.28], color=COLOURS["vermilion"], lw=2.5)
        ax.annotate(f"{np.mean(values):.3f}", (max(values), place), (8, -4), textcoords="offset points", fontsize=9.5)
    if line is not None:
        ax.axvline(line[1], color=COLOURS["black"], ls=":", lw=1.2)
        ax.annotate(line[0], (line[1], -0.6), (4, 0), textcoords="offset points", fontsize=9, va="center")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel="AP50 (dot: a seed, bar: the mean, grey: the starter's seeds)")
    ax.set_ylim(len(rows) - 0.4, -0.9)
    ax.set_xlim(right=ax.get_xlim()[1] + 0.05)
    ax.grid(axis="x", color=COLOURS["light"])
    return fig


def gains(rows: Mapping[str, tuple[float, float, float]], label: str):
    """Differences with their 95 % intervals, and a line at no difference."""
    fig, ax = new_figure(7.0, 1.0 + 0.42 * len(rows))
    for place, (middle, low, high) in enumerate(rows.values()):
        above = low > 0
        ax.errorbar(middle, place, xerr=[[middle - low], [high - middle]], fmt="o", ms=7, capsize=4, lw=2,
                    color=COLOURS["blue" if above else "grey"])  # fmt: skip
        ax.annotate(f"{middle:+.3f}", (high, place), (8, -4), textcoords="offset points", fontsize=10)
    ax.axvline(0, color=COLOURS["black"], lw=1.2)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    left, right = ax.get_xlim()
    ax.set_xlim(min(left, -0.02), right + 0.12 * (right - left) + 0.02)
    ax.set(xlabel=label)
    ax.grid(axis="x", color=COLOURS["light"])
    return fig


def kinds(table: Mapping[str, Mapping[str, float]], truth: Mapping[str, float]):
    """For each kind of candidate, each metric's mean as a share of its mean for captions as written, and the truth."""
    names = list(truth)
    fig, ax = new_figure(7.4, 1.1 + 0.5 * len(names))
    rows = {**table, "truth": truth}
    looks = dict(zip(rows, (("o", "orange"), ("s", "purple"), ("D", "blue"))))
    looks["truth"] = ("|", "black")
    for place, (name, values) in enumerate(rows.items()):
        marker, colour = looks[name]
        shares = [100 * values[kind] / values[names[0]] for kind in names]
        size = 15 if name == "truth" else 7
        ax.plot(shares, np.arange(len(names)) + 0.13 * (place - 1) * (name != "truth"), marker, ms=size,
                mew=2.5 if name == "truth" else 1, color=COLOURS[colour], label=name)  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.axvline(100, color=COLOURS["black"], lw=1, ls=":")
    ax.set(xlabel="% of the mean value for captions as written")
    ax.grid(axis="x", color=COLOURS["light"])
    fig.legend(loc="outside upper center", ncols=len(rows), fontsize=10, frameon=False)
    return fig


def looks(rankings: Mapping[str, np.ndarray], most: int = 200):
    """Mistakes found over looks, a line for each ranking; dotted: in any order, and by one who knows."""
    fig, ax = new_figure(7, 3.6)
    every = next(iter(rankings.values()))
    most = min(most, len(every))
    steps = np.arange(most + 1)
    for (name, right), (style, colour) in zip(rankings.items(), (("--", "orange"), ("-", "blue"), ("-.", "green"))):
        ax.plot(steps, [0, *np.cumsum(right)[:most]], style, lw=2.4, color=COLOURS[colour], label=name)
    ax.plot(steps, steps * every.mean(), ":", color=COLOURS["grey"], lw=1.8, label="in any order")
    ax.plot(steps, np.minimum(steps, every.sum()), ":", color=COLOURS["black"], lw=1.2, label="one who knows")
    ax.set(xlabel="looks", ylabel="wrong labels found", xlim=(0, most), ylim=(0, None))
    ax.grid(color=COLOURS["light"])
    fig.legend(loc="outside upper center", ncols=2, fontsize=10, frameon=False)
    return fig
