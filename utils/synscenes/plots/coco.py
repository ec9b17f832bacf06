"""The figures of the lesson on COCO's inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes import draw
from synscenes.coco.dataset import SIZES
from synscenes.lesson.style import COLOURS, CYCLE, new_figure


def plain_and_annotated(image: Any, records: Sequence[Mapping[str, Any]], names: Mapping[int, str]):
    """Draw a photograph, and beside it the same with boxes, masks and names of the larger things."""
    fig, (left, right) = new_figure(7.4, 3, columns=2)
    draw.show_image(left, image)
    draw.show_image(right, image, dim=0.35)
    draw.draw_masks(right, records)
    draw.draw_boxes(right, records)
    large = sorted(records, key=lambda one: -one["area"])[:6]
    draw.draw_labels(right, [names[one["category_id"]] for one in large], large)
    return fig


def pixel_grid(mask: np.ndarray, polygon: Sequence[float]):
    """Draw a small mask as a grid whose cells are numbered down the columns, with the polygon it came from."""
    height, width = mask.shape
    fig, ax = new_figure(4.6, 3.4)
    ax.imshow(mask, extent=(0, width, height, 0), cmap="Blues", vmin=0, vmax=1.6)
    x, y = np.reshape(polygon, (-1, 2)).T
    ax.plot(np.append(x, x[0]), np.append(y, y[0]), color=COLOURS["vermilion"], linewidth=2.5)
    for column in range(width):
        for row in range(height):
            weight = "bold" if mask[row, column] else "normal"
            ax.text(column + 0.5, row + 0.5, column * height + row, ha="center", va="center", weight=weight)
    ax.set_xticks(range(width + 1))
    ax.set_yticks(range(height + 1))
    ax.grid(color=COLOURS["light"])
    ax.set(xlabel="x", ylabel="y")
    return fig


def category_bars(table: Any, most: int = 25):
    """Draw how many instances the commonest categories have, on a logarithmic axis, with their supercategories."""
    table = table[table["instances"] > 0].head(most)
    fig, ax = new_figure(7.2, 0.9 + 0.19 * len(table))
    places = np.arange(len(table))
    person = table["supercategory"] == "person"
    ax.barh(places, table["instances"], color=np.where(person, COLOURS["orange"], COLOURS["blue"]))
    ax.set_xscale("log")
    ax.xaxis.set_minor_formatter("")  # over less than two tens the steps between would be named too, over each other
    for place, (name, row) in enumerate(table.iterrows()):
        ax.text(row["instances"] * 1.06, place, f"{row['instances']:,}", va="center", fontsize=8)
        ax.text(0, place, f"{name} ({row['supercategory']}) ", transform=ax.get_yaxis_transform(), ha="right",
                va="center", fontsize=8.5)  # fmt: skip
    ax.set_yticks([])
    ax.set(xlabel="instances (each step of the axis is ten times as many)", ylim=(len(table) - 0.4, -0.6))
    ax.margins(x=0.12)
    return fig


def two_histograms(per_image: Any, published: Mapping[str, float], top: int = 20):
    """Draw the images' numbers of instances and of categories; a dashed line marks what was published."""
    fig, axes = new_figure(7.2, 2.9, columns=2, sharey=True)
    for ax, name, colour in zip(axes, ("instances", "categories"), ("blue", "green")):
        counts = np.bincount(np.minimum(per_image[name], top), minlength=top + 1)
        ax.bar(range(top + 1), 100 * counts / len(per_image), color=COLOURS[colour])
        mean = per_image[name].mean()
        ax.axvline(mean, color="black", linewidth=1.5, label=f"mean here {mean:.1f}")
        ax.axvline(
            published[name], color=COLOURS["vermilion"], linestyle="--", label=f"published {published[name]:.1f}"
        )
        ax.set(xlabel=f"{name} in an image ({top}: or more)")
        ax.legend(fontsize=9, frameon=False)
    axes[0].set_ylabel("per cent of the images")
    return fig


def iconic_scatter(groups: Mapping[str, tuple[np.ndarray, np.ndarray]]):
    """Draw each image's largest box: share of the image against distance from its middle, a panel a group."""
    fig, axes = new_figure(7.2, 3, columns=len(groups), sharex=True, sharey=True)
    for ax, (name, (share, off)), colour, marker in zip(axes, groups.items(), ("vermilion", "blue"), "so"):
        ax.scatter(100 * share, off, s=26 if len(share) < 100 else 9, alpha=0.9 if len(share) < 100 else 0.4,
                   color=COLOURS[colour], marker=marker, linewidths=0)  # fmt: skip
        ax.axvline(100 * np.median(share), color="black", linewidth=1)
        ax.axhline(np.median(off), color="black", linewidth=1)
        ax.set(title=f"{name} ({len(share):,} images)", xlabel="largest box, per cent of the image", xlim=(0, 103))
    axes[0].set(ylabel="distance from the middle\n(1 is a corner)", ylim=(0, None))
    return fig


def by_likeness(lifts: Any) -> list[str]:
    """Return a square table's names in an order that puts those of like lifts next to each other."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    values = np.log2(np.clip(np.nan_to_num(lifts.to_numpy(), nan=1), 1 / 8, 8))
    return [lifts.columns[place] for place in leaves_list(linkage(values, "average", optimal_ordering=True))]


def lift_matrix(lifts: Any, counts: Any, least: int = 5):
    """Draw lifts of a square table as coloured cells with their numbers; a dot where there are fewer images than
    ``least``. Red is above chance, blue below; the numbers say so too."""
    import matplotlib.pyplot as plt

    names, values = list(lifts.columns), lifts.to_numpy()
    known = (counts.to_numpy() >= least) & ~np.eye(len(names), dtype=bool)
    fig, ax = new_figure(7.2, 6)
    shown = np.where(known, np.log2(np.where(known & (values > 0), values, 1)), np.nan)
    picture = ax.imshow(shown, cmap=plt.get_cmap("RdBu_r"), vmin=-3, vmax=3)
    for row, column in np.ndindex(values.shape):
        text = f"{values[row, column]:.2g}" if known[row, column] else ("" if row == column else "·")
        dark = known[row, column] and abs(shown[row, column]) > 2
        ax.text(column, row, text, ha="center", va="center", fontsize=7.5, color="white" if dark else "black")
    ax.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
    ax.set_yticks(range(len(names)), names, fontsize=9)
    bar = fig.colorbar(picture, ax=ax, shrink=0.6, ticks=[-3, -1, 0, 1, 3])
    bar.ax.set_yticklabels(["1/8", "1/2", "1", "2", "8"])
    bar.set_label("lift")
    return fig


def size_bars(groups: Mapping[str, Sequence[float]]):
    """Draw shares of small, medium and large objects, one stacked bar a group, each part labelled."""
    fig, ax = new_figure(7.2, 0.8 + 0.62 * len(groups))
    looks = list(zip(SIZES, ("vermilion", "yellow", "sky")))
    for place, shares in enumerate(groups.values()):
        start = 0.0
        for share, (name, colour) in zip(shares, looks):
            ax.barh(place, share, left=start, color=COLOURS[colour], edgecolor="white", height=0.7)
            narrow = share < 0.08  # Then its words stand beside the bar.
            place_x = 1.01 if narrow else start + share / 2
            ax.text(
                place_x,
                place,
                f"{name}\n{100 * share:.0f} %",
                ha="left" if narrow else "center",
                va="center",
                fontsize=9,
            )
            start += share
    ax.set_yticks(range(len(groups)), list(groups))
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.08), xticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    return fig


def joint_bars(table: Any):
    """Draw, for each joint, the shares of persons with it visible, hidden, and not marked."""
    fig, ax = new_figure(7.2, 4.4)
    looks = {2: ("visible", "blue", ""), 1: ("hidden", "sky", "//"), 0: ("not marked", "light", "")}
    shares = table.groupby("joint", observed=False)["v"].value_counts(normalize=True).unstack(fill_value=0)
    left = np.zeros(len(shares))
    for value, (name, colour, hatch) in looks.items():
        part = shares.get(value, np.zeros(len(shares)))
        ax.barh(range(len(shares)), part, left=left, color=COLOURS[colour], hatch=hatch, edgecolor="white", label=name)
        left = left + np.asarray(part)
    ax.set_yticks(range(len(shares)), [str(name).replace("_", " ") for name in shares.index])
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xlabel="share of the persons")
    ax.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    return fig


def panel(image: Any, *layers: Any, titles: Sequence[str] = ()):
    """Draw the image several times side by side; each layer is a function of its Axes, None for the bare image."""
    fig, axes = new_figure(7.4, 2.9 if len(layers) == 2 else 2.2, columns=len(layers))
    for ax, layer, title in zip(np.atleast_1d(axes), layers, [*titles, *[""] * len(layers)]):
        draw.show_image(ax, image, dim=0 if layer is None else 0.3)
        if layer is not None:
            layer(ax)
        ax.set_title(title, fontsize=11)
    return fig


def mention_bars(rates: Mapping[str, Mapping[str, float]]):
    """Draw how often captions name a category, by the size of its largest object; a group of bars a dataset."""
    fig, ax = new_figure(6.6, 3.2)
    names = list(rates)
    for offset, size in enumerate(SIZES):
        heights = [100 * rates[name][size] for name in names]
        places = np.arange(len(names)) + 0.28 * (offset - 1)
        look = {"color": CYCLE[offset], "hatch": ("", "//", "..")[offset], "edgecolor": "white"}
        ax.bar(places, heights, width=0.26, label=f"largest one {size}", **look)
        for place, height in zip(places, heights):
            ax.text(place, height + 1, f"{height:.0f}", ha="center", va="bottom", fontsize=9)
    ax.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False, fontsize=9.5)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="per cent named by a caption", ylim=(0, 108))
    return fig
