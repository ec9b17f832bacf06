"""Figures of the lesson on keypoints: joints on pictures, tolerances, heatmaps, and how a small network does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.draw import show_image
from synscenes.keypoints.joints import NAMES, SKELETON
from synscenes.keypoints.oks import tolerance
from synscenes.lesson.style import COLOURS, new_figure

# The person's own left is blue, the right is orange; what belongs to neither is dark.
_SIDES = {"left": COLOURS["blue"], "right": COLOURS["orange"]}
_DARK = "#333333"
# Where the numbers of the face's joints go, in pixels from them.
_FACE = {0: (-15, 8), 1: (5, -16), 2: (-11, -12), 3: (14, -2), 4: (-14, -2)}


def side_colour(joint: int) -> str:
    """Return the colour of a joint: blue for the person's left, orange for the right, dark for the nose."""
    return _SIDES.get(NAMES[joint].split("_")[0], _DARK)


def draw_sides(ax: Any, joints: Any, size: float = 1.0, labelled: Any = None) -> None:
    """Draw joints (17, 2 or 3) and the skeleton with the person's left solid and blue, the right dashed and orange.

    ``labelled``: which to draw, (17,) bool; without it those with v > 0.
    """
    joints = np.asarray(joints, dtype=float)
    kept = joints[:, 2] > 0 if labelled is None else np.asarray(labelled)
    for start, end in SKELETON:
        if kept[start] and kept[end]:
            colours = {side_colour(start), side_colour(end)} - {_DARK}
            colour = colours.pop() if len(colours) == 1 else _DARK
            style = "--" if colour == COLOURS["orange"] else "-"
            x, y = joints[[start, end], :2].T
            ax.plot(x, y, color="white", lw=4 * size, solid_capstyle="round", zorder=3)
            ax.plot(x, y, style, color=colour, lw=2 * size, zorder=4)
    for joint in np.flatnonzero(kept):
        hidden = joints.shape[1] > 2 and joints[joint, 2] == 1
        inside, edge = ("white", side_colour(joint)) if hidden else (side_colour(joint), "white")
        look = {"color": inside, "markeredgecolor": edge}
        ax.plot(*joints[joint, :2], "o", ms=6 * size, mew=1.3 * size, zorder=5, **look)


def anatomy(person: Any):
    """The person with numbered joints, beside the names."""
    fig, (ax, key) = new_figure(7, 5.2, columns=2, width_ratios=(3, 1.35))
    show_image(ax, person.image)
    draw_sides(ax, person.joints, 1.2)
    middle = person.joints[person.joints[:, 2] > 0, 0].mean()
    for joint, (x, y, seen) in enumerate(person.joints):
        if seen:
            # Numbers stand outside of the body, where nothing is covered; around the face there is room for five.
            away = _FACE.get(joint, (np.sign(x - middle) * 11, 0))
            ax.text(x + away[0], y + away[1], str(joint), ha="center", va="center", fontsize=9,
                    bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": side_colour(joint), "lw": 1})  # fmt: skip
    key.set_axis_off()
    for joint, name in enumerate(NAMES):
        seen = person.joints[joint, 2]
        remark = {0: " (not labelled)", 1: " (hidden)", 2: ""}[int(seen)]
        text = f"{joint:2}  {name.replace('_', ' ')}{remark}"
        key.text(0, 1 - (joint + 0.5) / len(NAMES), text, color=side_colour(joint) if seen else COLOURS["grey"],
                 fontsize=10, va="center", transform=key.transAxes)  # fmt: skip
    return fig


def visibility(shares: np.ndarray):
    """How often each joint is visible, hidden, not labelled: (17, 3) shares in that order; pairs are averaged."""
    names = ["nose", *(name.removeprefix("left_") for name in NAMES[1::2])]
    rows = np.concatenate([shares[:1], (shares[1::2] + shares[2::2]) / 2])
    fig, ax = new_figure(7, 3.6)
    left = np.zeros(len(names))
    looks = (("visible (2)", "blue", ""), ("hidden (1)", "sky", "//"), ("not labelled (0)", "light", ""))
    for (label, colour, hatch), values in zip(looks, rows.T):
        ax.barh(names, values, left=left, color=COLOURS[colour], hatch=hatch, edgecolor="white", label=label)
        left += values
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xlabel="share of the persons")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return fig


def circles(persons: Sequence[Any], similarity: float = 0.5):
    """Circles in which each joint's own similarity is at least ``similarity``, to scale, on each person."""
    fig, axes = new_figure(7, 4.6, columns=len(persons), squeeze=False)
    for ax, person in zip(axes[0], persons):
        show_image(ax, person.image, dim=0.35)
        for joint, radius in enumerate(tolerance(similarity, person.area)):
            if person.joints[joint, 2]:
                x, y = person.joints[joint, :2]
                circle = {"fc": "none", "ec": side_colour(joint), "lw": 1.8}
                ax.add_patch(_patch(x, y, radius, **circle))
                ax.plot(x, y, "o", ms=3, color=side_colour(joint))
        ax.set_title(f"the {person.name}, {np.sqrt(person.area):.0f}² pixels", fontsize=10)
    return fig


def falloff(area: float, names: Sequence[str] = ("left_eye", "left_wrist", "left_ankle", "left_hip")):
    """A joint's similarity against how far it is off, in pixels, for a person of this area."""
    from synscenes.keypoints.joints import SIGMAS, index

    fig, ax = new_figure(6.5, 3.3)
    distance = np.linspace(0, 60, 200)
    sides = ((7, 4), (7, 4), (-42, -14), (7, 4))  # The ankle's label would lie on the hip's.
    for name, style, side in zip(names, ("-", "--", "-.", "-"), sides):
        values = np.exp(-(distance**2) / (2 * area * (2 * SIGMAS[index(name)]) ** 2))
        (line,) = ax.plot(distance, values, style, lw=2)
        half = tolerance(0.5, area)[index(name)]
        ax.plot(half, 0.5, "o", color=line.get_color(), ms=6)
        ax.annotate(name.removeprefix("left_"), (half, 0.5), xytext=side, textcoords="offset points",
                    color=line.get_color())  # fmt: skip
    ax.axhline(0.5, color=COLOURS["light"], zorder=0)
    ax.set(xlabel="pixels off", ylabel="the joint's similarity", xlim=(0, 60), ylim=(0, 1.03))
    return fig


def noise_curves(levels: Sequence[float], told: Mapping[str, Sequence[float]]):
    """Scores against how far all joints were moved, one line a score, each with its own dashes."""
    fig, ax = new_figure(6.5, 3.5)
    for (name, values), style, marker in zip(told.items(), ("-", "--", "-.", ":"), "osD^"):
        ax.plot(levels, values, style, marker=marker, lw=2, ms=5, label=name)
    ax.set(xlabel="noise on every joint, per cent of the person's size", ylabel="score", ylim=(0, 1.03))
    ax.legend()
    return fig


def maps_on_crop(crop: np.ndarray, maps: np.ndarray, joints: Sequence[int], found: np.ndarray | None = None):
    """A crop, then the heatmaps of some joints laid over it; ``found`` (17, 2) in the crop's pixels are marked."""
    fig, axes = new_figure(7, 2.9, columns=len(joints) + 1)
    show_image(axes[0], crop)
    axes[0].set_title("the crop", fontsize=10)
    height, width = crop.shape[:2]
    grey = np.repeat(crop.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    for ax, joint in zip(axes[1:], joints):
        show_image(ax, grey, dim=0.4)
        top = max(float(maps[joint].max()), 1e-6)
        ax.imshow(maps[joint], extent=(0, width, height, 0), cmap="Oranges", vmin=0, vmax=top,
                  alpha=0.85 * np.clip(maps[joint] / top, 0, 1), interpolation="nearest")  # fmt: skip
        if found is not None:
            ax.plot(*found[joint, :2], "x", color="black", ms=9, mew=2)
        ax.set_title(NAMES[joint].replace("_", " "), fontsize=10)
        ax.set(xlim=(0, width), ylim=(height, 0))
    return fig


def maps_compared(crop: np.ndarray, rows: Mapping[str, np.ndarray], joints: Sequence[int]):
    """The maps (17, H, W) of several heads for some joints, on the same crop: one row a head, all on one scale."""
    fig, axes = new_figure(6, 2.65 * len(rows), rows=len(rows), columns=len(joints), squeeze=False)
    height, width = crop.shape[:2]
    grey = np.repeat(crop.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    top = max(float(maps[list(joints)].max()) for maps in rows.values())
    for line, (name, maps) in zip(axes, rows.items()):
        for ax, joint in zip(line, joints):
            show_image(ax, grey, dim=0.4)
            ax.imshow(maps[joint], extent=(0, width, height, 0), cmap="Oranges", vmin=0, vmax=top,
                      alpha=0.9 * np.clip(maps[joint] / top, 0, 1), interpolation="nearest")  # fmt: skip
            ax.set(xlim=(0, width), ylim=(height, 0))
            ax.set_title(f"{NAMES[joint].replace('_', ' ')}: {maps[joint].max():.2f} high", fontsize=9)
        line[0].text(-0.08, 0.5, name, rotation=90, ha="right", va="center", transform=line[0].transAxes)
    return fig


def decoding_errors(places: np.ndarray, errors: Mapping[str, np.ndarray], noisy: Mapping[str, float]):
    """Left: error against where in its pixel the peak lies. Right: the mean error once the map is noisy."""
    fig, (ax, bars) = new_figure(7, 3.4, columns=2, width_ratios=(1.7, 1))
    styles = dict(zip(errors, ("-", "--", "-", ":")))
    for name, values in errors.items():
        ax.plot(places, values, styles[name], lw=2, label=name)
    ax.set(xlabel="place of the peak in its pixel", ylabel="error, pixels of the map", title="a clean map")
    ax.title.set_fontsize(10)
    ax.legend(fontsize=9)
    bars.bar(list(noisy), list(noisy.values()), color=[COLOURS[c] for c in ("blue", "orange", "green", "vermilion")])
    for place, value in enumerate(noisy.values()):
        bars.text(place, value, f"{value:.2f}", ha="center", va="bottom", fontsize=9)
    bars.set_title("with noise, mean", fontsize=10)
    bars.tick_params(axis="x", labelsize=8)
    return fig


def over_seeds(rows: Mapping[str, Sequence[float]], label: str):
    """One line a method, one dot a seed, a tick at the mean."""
    fig, ax = new_figure(6.5, 0.6 + 0.45 * len(rows))
    for place, values in enumerate(rows.values()):
        ax.plot(values, np.full(len(values), place), "o", ms=8, color=COLOURS["blue"], alpha=0.55, mec="white")
        ax.plot([np.mean(values)] * 2, [place - 0.28, place + 0.28], color="black", lw=2)
        ax.annotate(f"{np.mean(values):.3f}", (max(values), place), xytext=(9, -4), textcoords="offset points")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.invert_yaxis()
    ax.set(xlabel=label, xlim=(0, 1.25 * max(0.05, *(max(values) for values in rows.values()))))
    return fig


def joints_compared(told: Mapping[str, Mapping[str, Sequence[float]]]):
    """For each part of the body (rows) each score's dots, one a seed: {score: {part: values}}."""
    fig, axes = new_figure(7, 3.4, columns=len(told), sharey=True)
    for ax, (score, parts), colour in zip(axes, told.items(), ("blue", "vermilion")):
        for place, values in enumerate(parts.values()):
            ax.plot([0, np.mean(values)], [place, place], color=COLOURS["light"], lw=6, solid_capstyle="butt")
            ax.plot(values, [place] * len(values), "o", color=COLOURS[colour], mec="white", ms=7)
        ax.set_yticks(range(len(parts)), list(parts))
        ax.set(xlabel=score, xlim=(0, 1))
    axes[0].invert_yaxis()
    return fig


def error_shares(rows: Mapping[str, Mapping[str, float]]):
    """Stacked bars: what kinds of mistakes each model makes; shares of the labelled joints."""
    fig, ax = new_figure(7, 1.3 + 0.5 * len(rows))
    looks = {"good": ("green", ""), "jitter": ("sky", "//"), "inversion": ("orange", "xx"), "swap": ("purple", "oo"),
             "miss": ("black", "")}  # fmt: skip
    left = np.zeros(len(rows))
    for kind, (colour, hatch) in looks.items():
        values = np.array([row[kind] for row in rows.values()])
        ax.barh(list(rows), values, left=left, color=COLOURS[colour], hatch=hatch, edgecolor="white", label=kind)
        for place, value in enumerate(values):
            if value > 0.05:
                ax.text(left[place] + value / 2, place, f"{100 * value:.0f} %", ha="center", va="center", fontsize=9,
                        bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none"})  # fmt: skip
        left += values
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xlabel="share of the labelled joints")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=5)
    return fig


def gallery(crops: Sequence[np.ndarray], truth: np.ndarray, found: np.ndarray, titles: Sequence[str]):
    """Pairs of crops: the annotation above, what was found below; joints (N, 17, 3) in the crops' pixels."""
    columns = len(crops)
    fig, axes = new_figure(7, 3.3 * 7 / (1.28 * columns), rows=2, columns=columns, squeeze=False)
    for column, crop in enumerate(crops):
        labelled = truth[column, :, 2] > 0
        for ax, joints in ((axes[0, column], truth[column]), (axes[1, column], found[column, :, :2])):
            show_image(ax, crop)
            draw_sides(ax, joints, 0.75, labelled)
        axes[0, column].set_title(titles[column], fontsize=9)
    for ax, text in zip(axes[:, 0], ("annotated", "found")):
        ax.text(-0.06, 0.5, text, rotation=90, ha="right", va="center", fontsize=10, transform=ax.transAxes)
    return fig


def on_persons(persons: Sequence[Any], found: Sequence[np.ndarray], titles: Sequence[str]):
    """Found joints (17, 3) on whole photographs, one a person."""
    fig, axes = new_figure(7, 3.9, columns=len(persons), squeeze=False)
    for ax, person, joints, title in zip(axes[0], persons, found, titles):
        show_image(ax, person.image, dim=0.2)
        draw_sides(ax, joints, 1.0, person.joints[:, 2] > 0)
        ax.set_title(title, fontsize=10)
    return fig


def _patch(x: float, y: float, radius: float, **look: Any) -> Any:
    from matplotlib.patches import Circle

    return Circle((x, y), radius, **look)
