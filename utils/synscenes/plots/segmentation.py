"""Figures of the lesson on segmentation: views of a scene, runs, shifts, the terms of PQ, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.draw import draw_boxes, draw_labels, show_image
from synscenes.lesson.style import COLOURS, CYCLE, new_figure
from synscenes.panoptic.ids import VOID

_HATCH = {"missed": "///", "invented": "xx", "ignored": ".."}


def colour_of(number: int) -> np.ndarray:
    """Return a colour (3,), 0 to 1, for an id: spread out, never very dark or very pale."""
    from colorsys import hsv_to_rgb

    hue = (number * 0.61803398875) % 1
    return np.array(hsv_to_rgb(hue, 0.3 + 0.3 * (number * 0.317 % 1), 0.55 + 0.4 * (number * 0.713 % 1)))


def painted(ids: np.ndarray, key: Mapping[int, int] | None = None) -> np.ndarray:
    """Return ids (H, W) as colours (H, W, 3), a white line between segments, void light grey.

    ``key`` gives the number whose colour an id takes (its category, say); default the id itself.
    """
    numbers, place = np.unique(ids, return_inverse=True)
    table = [np.full(3, 0.88) if n == VOID else colour_of(key[n] if key else n) for n in numbers.tolist()]
    picture = np.array(table)[place.reshape(ids.shape)]
    edge = np.zeros(ids.shape, bool)
    edge[:-1] |= ids[:-1] != ids[1:]
    edge[:, :-1] |= ids[:, :-1] != ids[:, 1:]
    picture[edge] = 1
    return picture


def four_views(
    image: Any,
    boxes: Sequence[dict],
    names: Mapping[int, str],
    semantic: np.ndarray,
    ids: np.ndarray,
    segments: Mapping[int, Mapping[str, Any]],
    categories: Mapping[int, Mapping[str, Any]],
):
    """One scene: photograph, boxes (annotation dicts), categories of pixels, segments. Stuff has one colour in both
    maps, things have one each in the last."""
    fig, axes = new_figure(7.4, 5.9, rows=2, columns=2)
    axes = axes.ravel()
    titles = ("the photograph", "detection: boxes", "semantic: a category a pixel", "panoptic: a segment a pixel")
    key = {
        number: each["category_id"] + (0 if not categories[each["category_id"]]["isthing"] else 301 * place)
        for place, (number, each) in enumerate(segments.items(), start=1)
    }
    for ax, title, picture in zip(axes, titles, (image, image, painted(semantic), painted(ids, key))):
        show_image(ax, picture if not isinstance(picture, np.ndarray) else (picture * 255).astype(np.uint8))
        ax.set_title(title, fontsize=11)
    draw_boxes(axes[1], boxes)
    draw_labels(axes[1], [names[each["category_id"]] for each in boxes], boxes)
    return fig


def runs(mask: np.ndarray, counts: Sequence[int]):
    """A small mask with the place of every pixel in COCO's order, and its runs as a bar below."""
    fig, (grid, bar) = new_figure(7, 4.2, rows=2, gridspec_kw={"height_ratios": [4, 1]})
    height, width = mask.shape
    grid.imshow(mask, cmap="Blues", vmin=0, vmax=1.6, extent=(0, width, height, 0))
    for y in range(height):
        for x in range(width):
            colour = "white" if mask[y, x] else COLOURS["grey"]
            grid.text(x + 0.5, y + 0.5, str(x * height + y), ha="center", va="center", fontsize=9, color=colour)
    grid.set_xticks(range(width + 1), [])
    grid.set_yticks(range(height + 1), [])
    grid.grid(color=COLOURS["light"])
    grid.tick_params(length=0)
    grid.set_title("down the first column, then the second, …", fontsize=10)
    start = 0
    for place, count in enumerate(counts):
        colour = COLOURS["blue"] if place % 2 else "white"
        bar.barh(0, count, left=start, color=colour, edgecolor=COLOURS["grey"], height=0.8)
        text = COLOURS["black"] if place % 2 == 0 else "white"
        if count:
            bar.text(start + count / 2, 0, str(count), ha="center", va="center", color=text, fontsize=10)
        start += count
    bar.set(xlim=(0, start), yticks=[], xlabel="pixels in that order; a number is the length of a run")
    bar.spines["left"].set_visible(False)
    return fig


def shift_curves(curves: Mapping[str, Sequence[float]], shifts: Sequence[int]):
    """IoU against the shift of a mask, a line for each size, and the line of 0.5 below which nothing matches."""
    fig, ax = new_figure(6.8, 3.7)
    for (name, values), marker, colour in zip(curves.items(), "osD^v", CYCLE):
        ax.plot(shifts, values, marker=marker, color=colour, lw=2)
        ax.annotate(f" {name}", (shifts[-1], values[-1]), va="center", fontsize=10, color=colour)
    ax.axhline(0.5, color=COLOURS["black"], lw=1, ls="--")
    ax.text(shifts[-1] * 1.37, 0.51, "0.5: above it, found", fontsize=9, va="bottom", ha="right")
    ax.set(xlabel="shift, pixels", ylabel="IoU with itself", ylim=(0, 1.03), xticks=shifts)
    ax.set_xlim(right=shifts[-1] * 1.38)
    return fig


def pq_terms(image: Any, truth: tuple, found: tuple, matches: Any, names: Mapping[int, str], least: int = 300):
    """Truth and prediction side by side: matched segments with IoU, missed and invented ones hatched.

    ``truth`` and ``found``: (ids, segments by id). ``matches``: ``metrics.panoptic.Matches``. Segments below ``least``
    pixels get no text, nor do those whose text would cover a larger one's.
    """
    partner = {dt: gt for gt, dt, _ in matches.matched}
    iou = {gt: value for gt, _, value in matches.matched}
    fig, axes = new_figure(7.6, 3.1, columns=2)
    for ax, (ids, segments), title in zip(axes, (truth, found), ("truth", "prediction")):
        key = {number: partner.get(number, number) if ax is axes[1] else number for number in segments}
        show_image(ax, image, dim=0.25)
        colours = painted(ids, key | {VOID: VOID})
        layer = np.dstack([colours, np.where(ids == VOID, 0, 0.45)])
        ax.imshow(layer, extent=(0, ids.shape[1], ids.shape[0], 0))
        masks = {number: ids == number for number in segments}
        written: list[tuple[float, float]] = []
        for number, own in sorted(masks.items(), key=lambda each: -each[1].sum()):
            kind = _verdict(number, segments[number], matches, ax is axes[1])
            if kind in _HATCH:
                _hatch(ax, own, _HATCH[kind])
            if own.sum() >= least:
                said = f"{iou[key[number]]:.2f}" if kind == "matched" else kind
                _write(ax, own, f"{_short(names[segments[number]['category_id']])}\n{said}", written)
        ax.set_title(title, fontsize=11)
    return fig


def _verdict(number: int, segment: Mapping[str, Any], matches: Any, predicted: bool) -> str:
    if segment.get("iscrowd", 0):
        return "crowd"
    if number in (matches.invented if predicted else matches.missed):
        return "invented" if predicted else "missed"
    return "ignored" if predicted and number in matches.ignored else "matched"


def _short(name: str) -> str:
    return name.removesuffix("-merged").removesuffix("-other")


def _hatch(ax: Any, mask: np.ndarray, pattern: str) -> None:
    """Hatch a mask's pixels. The contour runs along the padded mask, so that the image's edge closes it."""
    padded = np.pad(mask, 1).astype(float)
    xs, ys = np.arange(padded.shape[1]) - 0.5, np.arange(padded.shape[0]) - 0.5
    limits = ax.axis()
    area = ax.contourf(xs, ys, padded, levels=[0.5, 1.5], colors="none", hatches=[pattern])
    area.set(edgecolor=(0, 0, 0, 0.45), linewidth=0)
    ax.contour(xs, ys, padded, levels=[0.5], colors="black", linewidths=1)
    ax.axis(limits)


def _write(ax: Any, mask: np.ndarray, text: str, written: list[tuple[float, float]]) -> None:
    """Write where the mask is widest: at the pixel farthest from its border; nothing if text is there already."""
    from scipy.ndimage import distance_transform_edt

    y, x = np.unravel_index(distance_transform_edt(np.pad(mask, 1)).argmax(), np.add(mask.shape, 2))
    pill = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    height, width = mask.shape
    x, y = np.clip(x, width * 0.09, width * 0.91), np.clip(y, height * 0.06, height * 0.94)
    if any(abs(x - left) < width * 0.16 and abs(y - top) < height * 0.085 for left, top in written):
        return
    written.append((x, y))
    ax.text(x, y, text, ha="center", va="center", fontsize=7.5, linespacing=0.95, bbox=pill, clip_on=True)
