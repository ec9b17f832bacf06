"""More figures of the lesson on pretrained inference: heat maps, speed, the table, distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure
from synscenes.plots.pretrained import plain_image

# Where the label of a point goes, in points from it, so that none covers another.
_LABELS = {
    ("alexnet", "IMAGENET1K_V1"): ("AlexNet", (14, -4)),
    ("squeezenet1_1", "IMAGENET1K_V1"): ("SqueezeNet 1.1", (-62, 14)),
    ("vgg16", "IMAGENET1K_V1"): ("VGG-16", (22, -16)),
    ("googlenet", "IMAGENET1K_V1"): ("GoogLeNet", (-8, -20)),
    ("mobilenet_v2", "IMAGENET1K_V1"): ("MobileNetV2", (-14, -22)),
    ("resnet50", "IMAGENET1K_V1"): ("ResNet-50, first recipe", (-40, -26)),
    ("resnet50", "IMAGENET1K_V2"): ("ResNet-50, second recipe", (-104, -54)),
    ("mobilenet_v3_large", "IMAGENET1K_V2"): ("MobileNetV3-L", (-96, 6)),
    ("efficientnet_b1", "IMAGENET1K_V2"): ("EfficientNet-B1", (-104, 8)),
    ("efficientnet_v2_s", "IMAGENET1K_V1"): ("EfficientNetV2-S", (-96, 34)),
    ("vit_b_16", "IMAGENET1K_V1"): ("ViT-B/16", (52, -44)),
    ("vit_l_16", "IMAGENET1K_V1"): ("ViT-L/16", (26, -12)),
    ("maxvit_t", "IMAGENET1K_V1"): ("MaxViT-T", (-92, 16)),
    ("vit_h_14", "IMAGENET1K_SWAG_E2E_V1"): ("ViT-H/14 (SWAG)", (-76, 26)),
    ("regnet_y_128gf", "IMAGENET1K_SWAG_E2E_V1"): ("RegNetY-128GF (SWAG)", (-158, 16)),
}


def heat_maps(picture, maps: Sequence[tuple[str, np.ndarray]]):
    """The network's input, then each (title, (H, W) map) over it: blue against, red for; 0 transparent.

    The strongest place of either kind carries a + or a −, where it has at least a third of the map's largest value.
    """
    side = 2.7 if len(maps) < 3 else 1.9
    lines = max(title.count("\n") for title, _ in maps) + 1
    fig, axes = new_figure(side * (len(maps) + 1), side + 0.22 * lines, columns=len(maps) + 1)
    plain_image(axes[0], picture, "what the network gets")
    grey = np.asarray(picture.convert("L"))
    for ax, (title, values) in zip(axes[1:], maps):
        top = max(np.abs(values).max(), 1e-9)
        plain_image(ax, grey, title, cmap="gray", vmin=-60, vmax=300)
        ax.imshow(values, cmap="RdBu_r", vmin=-top, vmax=top, alpha=np.clip(np.abs(values) / top, 0, 1) * 0.75)
        for sign, mark in ((1, "+"), (-1, "−")):
            peak = (sign * values).max()
            if peak >= top / 3:
                y, x = np.argwhere(sign * values >= 0.999 * peak).mean(axis=0)
                ax.text(x, y, mark, ha="center", va="center", fontsize=15, fontweight="bold")
    return fig


def speeds(measured: dict[str, dict[int, list[float]]], device: str):
    """Images a second against batch size, one line a model, each repeat as a dot."""
    fig, ax = new_figure(6.5, 3.4)
    looks = (("blue", "-", "o"), ("orange", "--", "s"), ("green", "-.", "D"))
    for (name, by_size), (colour, line, marker) in zip(measured.items(), looks):
        sizes = list(by_size)
        middles = [np.median(by_size[size]) for size in sizes]
        ax.plot(sizes, middles, line, color=COLOURS[colour], lw=2, marker=marker, ms=0, label=name)
        for size in sizes:
            ax.plot([size] * len(by_size[size]), by_size[size], marker, color=COLOURS[colour], ms=4)
    for shown in ax.legend().get_lines():
        shown.set_markersize(5)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.set_ylim(bottom=0)
    ax.set(xlabel="batch size", ylabel="images a second", title=f"on {device}")
    ax.grid(axis="y", color=COLOURS["light"])
    return fig


def zoo(table, front: np.ndarray):
    """Top-1 against cost for every row of ``models.zoo.torchvision_table()``; ``front`` marks the best."""
    fig, ax = new_figure(8.5, 5.6)
    area = 14 + 2.0 * table["params"].to_numpy()
    looks = {False: ("sky", "o", "ImageNet-1K only"), True: ("purple", "D", "pre-trained on more images (SWAG)")}
    for extra, (colour, marker, label) in looks.items():
        rows = (table["extra_data"] == extra).to_numpy()
        ax.scatter(
            table["gflops"][rows],
            table["top1"][rows],
            area[rows] * (np.pi / 4 if extra else 1),  # a diamond of size s is larger than a disc
            color=COLOURS[colour],
            marker=marker,
            alpha=0.6,
            edgecolor="white",
            label=label,
        )
    best = table[front].sort_values("gflops")
    line = {"color": COLOURS["vermilion"], "lw": 1.4, "drawstyle": "steps-post"}
    ax.plot(best["gflops"], best["top1"], ".-", ms=5, label="nothing is cheaper and better", **line)
    for _, row in table.iterrows():
        if found := _LABELS.get((row["model"], row["weights"])):
            ax.annotate(
                found[0],
                (row["gflops"], row["top1"]),
                found[1],
                textcoords="offset points",
                fontsize=9,
                arrowprops={"arrowstyle": "-", "color": COLOURS["grey"], "lw": 0.7, "shrinkA": 0},
            )
    ax.set_xscale("log")
    ax.set_ylim(54, 92)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set(xlabel="cost of one image, billions of multiply-adds (log scale)", ylabel="top-1, percent")
    ax.grid(color=COLOURS["light"])
    legend = ax.legend(loc="lower right", fontsize=9, frameon=False, title="area of a dot: number of parameters")
    for handle in legend.legend_handles[:2]:
        handle.set_sizes([60])
    return fig


def distances(every: np.ndarray, mistakes: Sequence[tuple[str, Any]]):
    """How far apart classes are: all pairs as a histogram, each model's mistakes as dots in a row."""
    fig, ax = new_figure(8, 3.6)
    values, counts = np.unique(every, return_counts=True)
    share = counts / counts.sum()
    ax.bar(values, share, color=COLOURS["light"], width=0.9, label="all pairs of classes")
    ax.axvline(every.mean(), color=COLOURS["grey"], lw=1.4, ls="--")
    ax.text(every.mean() + 0.2, share.max() * 1.06, f"mean {every.mean():.1f}", color=COLOURS["grey"], fontsize=9)
    for row, ((name, steps), colour) in enumerate(zip(mistakes, ("blue", "orange"))):
        steps = np.asarray(steps)
        seen: dict[int, int] = {}
        base = -share.max() * (0.18 + 0.55 * row)
        for value in sorted(steps):
            seen[value] = seen.get(value, 0) + 1
            ax.plot(value, base - share.max() * 0.075 * (seen[value] - 1), "o", color=COLOURS[colour], ms=5.5)
        ax.text(
            values.max() + 0.6,
            base,
            f"mistakes of {name}: mean {steps.mean():.1f}",
            fontsize=9,
            ha="right",
            va="top",
        )
    ax.axhline(0, color="black", lw=0.8)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, values.max() + 1)
    ax.set_xlabel("steps between the two classes in WordNet")
    ax.legend(loc="upper left", fontsize=9, frameon=False)
    return fig
