"""More figures of the lesson on segmentation: PQ taken apart, errors along borders, what the network says."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.draw import show_image
from synscenes.lesson.style import COLOURS, new_figure
from synscenes.plots.segmentation import painted


def sq_times_rq(classes: Iterable[Any]):
    """Every category at its RQ and SQ, with lines of equal PQ; things are dots, stuff squares; ``classes``:
    ClassQuality. Categories without a match have no SQ and stand below the axis."""
    fig, ax = new_figure(6.8, 4.6)
    rq = np.linspace(0.02, 1, 200)
    for level in (0.2, 0.4, 0.6, 0.8):
        sq = level / rq
        inside = (sq <= 1) & (sq >= 0.5)
        ax.plot(rq[inside], sq[inside], color=COLOURS["light"], lw=1.2, zorder=0)
        ax.text(level, 1.004, f"PQ {level:g}", fontsize=8.5, color=COLOURS["grey"], ha="center", va="bottom")
    present = [each for each in classes if each.present]
    looks = {True: ("o", "blue", "thing"), False: ("s", "orange", "stuff")}
    for thing, (marker, colour, label) in looks.items():
        some = [each for each in present if each.isthing == thing and each.TP]
        area = [18 + 2.2 * (each.TP + each.FN) for each in some]
        ax.scatter([each.RQ for each in some], [each.SQ for each in some], area, marker=marker,
                   color=COLOURS[colour], alpha=0.65, edgecolor="white", label=label)  # fmt: skip
    never = [each.name for each in present if not each.TP]
    if never:
        ax.text(0.02, 0.475, f"never matched: {len(never)} categories", fontsize=9, va="top")
    named = sorted((each for each in present if each.TP), key=lambda each: -(each.TP + each.FN))[:9]
    written: list[Any] = []
    for each in named:
        if any(abs(each.RQ - other.RQ) < 0.1 and abs(each.SQ - other.SQ) < 0.025 for other in written):
            continue  # a label on a label can't be read
        written.append(each)
        name, inwards = each.name.removesuffix("-merged").removesuffix("-other"), each.RQ > 0.85
        ax.annotate(name, (each.RQ, each.SQ), (-9 if inwards else 4, 5), textcoords="offset points",
                    ha="right" if inwards else "left", fontsize=8.5)  # fmt: skip
    ax.set(xlim=(0, 1.03), ylim=(0.45, 1.035), xlabel="RQ: how many are found, and how few invented",
           ylabel="SQ: how well the found ones fit")  # fmt: skip
    legend = ax.legend(loc="lower right", fontsize=9, title="area: how many in the truth")
    for handle in legend.legend_handles:
        handle.set_sizes([50])
    return fig


def border_errors(rates: np.ndarray, shares: np.ndarray, edges: Sequence[int]):
    """Error rates (seeds, bins) of pixels by their distance to the next border, with the share of all pixels."""
    fig, (ax, below) = new_figure(6.8, 4.2, rows=2, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    names = [f"{low + 1}" if high == low + 1 else f"{low + 1}-{high}" for low, high in itertools.pairwise(edges)]
    names[-1] = f"> {edges[-2]}"
    places = np.arange(len(names))
    for row in rates:
        ax.plot(places, row, "o", color=COLOURS["blue"], ms=5, alpha=0.7)
    ax.plot(places, rates.mean(axis=0), color=COLOURS["blue"], lw=2)
    ax.set(ylabel="pixels that\nare wrong", ylim=(0, None))
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    below.bar(places, shares, color=COLOURS["grey"], width=0.7)
    below.set(xticks=places, xticklabels=names, xlabel="distance to the next border of the truth, pixels",
              ylabel="share of\nall pixels")  # fmt: skip
    below.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    return fig


def what_the_net_says(image: Any, heat: np.ndarray, offset: np.ndarray, inside: np.ndarray, ids: np.ndarray):
    """The three answers and what grouping makes of them: photograph, heat, offsets as arrows, segments."""
    fig, axes = new_figure(7.4, 5.9, rows=2, columns=2)
    axes = axes.ravel()
    height, width = ids.shape
    titles = ("the photograph", "heat: where centres are", "offsets: from a pixel to its centre", "grouped: segments")
    for ax, title in zip(axes, titles):
        ax.set_title(title, fontsize=11)
    show_image(axes[0], image)
    show_image(axes[1], image, dim=0.6)
    axes[1].imshow(heat, cmap="magma_r", vmin=0, vmax=1, alpha=np.clip(heat * 2, 0, 0.9),
                   extent=(0, width, height, 0), interpolation="bilinear")  # fmt: skip
    show_image(axes[2], image, dim=0.6)
    scale = height / heat.shape[0]
    ys, xs = (each[::1] for each in np.nonzero(inside))
    chosen = (ys % 3 == 1) & (xs % 3 == 1)
    ys, xs = ys[chosen], xs[chosen]
    axes[2].quiver((xs + 0.5) * scale, (ys + 0.5) * scale, offset[1, ys, xs] * scale, offset[0, ys, xs] * scale,
                   angles="xy", scale_units="xy", scale=1, width=0.004, color=COLOURS["vermilion"])  # fmt: skip
    show_image(axes[3], (painted(ids) * 255).astype(np.uint8))
    return fig


def seeds(rows: Sequence[Mapping[str, float]], best: Mapping[str, float] | None = None):
    """Each measure as a row with a dot a seed; ``best`` marks what perfect answers would reach."""
    fig, ax = new_figure(6.8, 0.42 * len(rows[0]) + 0.9)
    names = list(rows[0])
    for place, name in enumerate(reversed(names)):
        values = [row[name] for row in rows]
        ax.plot(values, [place] * len(values), "o", color=COLOURS["blue"], ms=7, alpha=0.75)
        ax.text(np.mean(values), place + 0.22, f"{100 * np.mean(values):.0f}", fontsize=9, ha="center", va="bottom")
        if best is not None and name in best:
            ax.plot(best[name], place, "|", color=COLOURS["black"], ms=14, mew=2)
    ax.set(yticks=range(len(names)), yticklabels=list(reversed(names)), xlim=(0, 1), ylim=(-0.5, len(names) - 0.2))
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    ax.set_xlabel("score, of 100; a dot a seed" + ("; bar: the truth at the network's resolution" if best else ""))
    ax.grid(axis="x", color=COLOURS["light"])
    return fig
