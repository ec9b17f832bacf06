"""Drawing what an annotation says on a matplotlib Axes: boxes, masks, joints, labels.

Things may be arrays, or COCO annotation dicts straight from a file. Coordinates are pixels with the origin at
the image's top left corner: pixel (0, 0) covers the square from 0 to 1, as in COCO. ``show_image`` sets an
Axes up that way. Sizes in points follow the size of the Axes, so a small panel gets thin lines. No meaning rests
on colour alone: boxes and segments carry names, hidden joints are hollow, edges have a white rim.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.coco.masks import decode, polygons_to_mask
from synscenes.describing import describe
from synscenes.lesson.style import CYCLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "KEYPOINTS",
    "SKELETON",
    "category_colour",
    "describe",
    "draw_boxes",
    "draw_captions",
    "draw_keypoints",
    "draw_labels",
    "draw_masks",
    "draw_panoptic",
    "free_place",
    "mask_of",
    "show_image",
]

# categories[0] of COCO's person_keypoints_{train,val}2017.json.
KEYPOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip

# The same file's "skeleton" numbers the joints from 1; these pairs are indices into KEYPOINTS, from 0.
SKELETON = (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
    (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
)  # fmt: skip

_COLOURS = CYCLE[:6]  # without black, which is lost on dark photographs


def category_colour(category_id: int) -> str:
    """Return the colour of a COCO category: the same in every figure (a person is always orange)."""
    return _COLOURS[category_id % len(_COLOURS)]


def show_image(ax: Axes, image: Any, dim: float = 0.0) -> None:
    """Show an image (PIL, or an (H, W, 3) array) without axes, in pixel coordinates.

    ``dim`` from 0 to 1 fades it towards white, so that what is drawn on top stands out.
    """
    pixels = np.asarray(image)
    height, width = pixels.shape[:2]
    ax.imshow(pixels, extent=(0, width, height, 0), interpolation="antialiased", alpha=1 - dim)
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.set_axis_off()


def draw_boxes(ax: Axes, things: Any, colours: Sequence[str] | None = None, style: str = "-") -> None:
    """Draw boxes: an (N, 4) array of xyxy, or annotation dicts (whose ``bbox`` is xywh); ``style`` is the lines'."""
    from matplotlib.patches import Rectangle

    unit = _unit(ax)
    for (left, top, right, bottom), colour in zip(_xyxy(things), _colours(things, colours)):
        place = ((left, top), right - left, bottom - top)
        # A white line below keeps the box visible on any photograph.
        ax.add_patch(Rectangle(*place, fill=False, ec="white", lw=4 * unit, alpha=0.7))
        ax.add_patch(Rectangle(*place, fill=False, ec=colour, lw=2.2 * unit, ls=style))


def draw_masks(ax: Axes, things: Any, colours: Sequence[str] | None = None, alpha: float = 0.5) -> None:
    """Draw masks: an (N, H, W) bool array, or annotation dicts (polygons or RLE)."""
    from matplotlib.collections import PolyCollection

    unit = _unit(ax)
    for thing, colour in zip(things, _colours(things, colours)):
        if isinstance(thing, dict) and isinstance(thing["segmentation"], list):
            polygons = [np.reshape(points, (-1, 2)) for points in thing["segmentation"]]
            ax.add_collection(PolyCollection(polygons, facecolors=colour, alpha=alpha, linewidths=0), autolim=False)
            ax.add_collection(
                PolyCollection(polygons, facecolors="none", edgecolors=colour, linewidths=1.5 * unit),
                autolim=False,
            )
        else:
            _draw_pixels(ax, mask_of(thing), colour, alpha, unit)


def draw_keypoints(ax: Axes, things: Any, colours: Sequence[str] | None = None) -> None:
    """Draw joints and the lines between them: an (N, 17, 3) array of x, y, v, or annotation dicts.

    A filled dot is a visible joint (v = 2), a hollow one is hidden (v = 1); v = 0 isn't drawn.
    """
    unit = _unit(ax)
    for thing, colour in zip(things, _colours(things, colours)):
        joints = np.reshape(thing["keypoints"] if isinstance(thing, dict) else thing, (-1, 3))
        if len(joints) != len(KEYPOINTS):
            raise ValueError(f"keypoints: expected {len(KEYPOINTS)} joints of x, y, v, got {len(joints)}")
        for start, end in SKELETON:
            if joints[start, 2] and joints[end, 2]:
                line = joints[[start, end], :2].T
                ax.plot(*line, color="white", linewidth=5 * unit, solid_capstyle="round", zorder=3)
                ax.plot(*line, color=colour, linewidth=2.5 * unit, solid_capstyle="round", zorder=4)
        for x, y, seen in joints[joints[:, 2] > 0]:
            inside, edge = (colour, "white") if seen == 2 else ("white", colour)
            ax.plot(x, y, "o", markersize=8 * unit, color=inside, markeredgecolor=edge,
                    markeredgewidth=1.6 * unit, zorder=5)  # fmt: skip


def draw_labels(ax: Axes, texts: Sequence[str], things: Any, colours: Sequence[str] | None = None) -> list[Any]:
    """Write one label at each box and return the matplotlib texts.

    A label stands above its box's top left corner. Where that is outside the image or on another label it
    moves: inside the box, below it, to its other side; at last down the image, line by line.
    """
    boxes = _xyxy(things)
    if len(texts) != len(boxes):
        raise ValueError(f"texts: expected one for each of {len(boxes)} boxes, got {len(texts)}")
    # Text is measured in points, boxes in pixels: only a laid-out figure knows how they compare.
    ax.figure.draw_without_rendering()
    unit = _unit(ax)
    taken: list[np.ndarray] = []
    drawn = []
    for text, box, colour in zip(texts, boxes, _colours(things, colours)):
        pill = {
            "boxstyle": "round,pad=0.25",
            "facecolor": "white",
            "edgecolor": colour,
            "linewidth": 1.8 * unit,
        }
        label = ax.text(0, 0, text, fontsize=9.5 * unit, color="black", ha="left", va="top", bbox=pill, zorder=6)
        label.set_in_layout(False)
        left, top, right, bottom = _extent(ax, label)
        place = free_place(box, (right - left, bottom - top), _canvas(ax), taken)
        taken.append(np.array([*place, place[0] + right - left, place[1] + bottom - top]))
        label.set_position((place[0] - left, place[1] - top))  # the pill starts a little before its text
        drawn.append(label)
    return drawn


def mask_of(thing: Any, height: int | None = None, width: int | None = None) -> np.ndarray:
    """Return a mask as (H, W) bool: from an array, or from an annotation's polygons or RLE.

    Polygons need the image's ``height`` and ``width``. Filled as COCO's own tools do, so that pixel counts agree with
    the ``area`` of its files.
    """
    if not isinstance(thing, dict):
        return np.asarray(thing, dtype=bool)
    shape = thing["segmentation"]
    if isinstance(shape, dict):
        return decode(shape)
    if height is None or width is None:
        raise ValueError("height and width: a mask made of polygons needs the image's size")
    return polygons_to_mask(shape, height, width)


def draw_panoptic(
    ax: Axes, ids: np.ndarray, segments: Sequence[dict[str, Any]], names: dict[int, str], alpha: float = 0.6
) -> list[Any]:
    """Draw an (H, W) map of segment ids: each segment in its category's colour, rimmed and named.

    ``segments`` are the dicts of a panoptic file; ``names`` maps category ids to names. Names stand in the middle of
    their segments, largest first, where there is room; stuff (ids above 90) is written in italics. Returns
    the texts.
    """
    from matplotlib.colors import to_rgb

    unit = _unit(ax)
    layer = np.zeros((*ids.shape, 4))
    for segment in segments:
        layer[ids == segment["id"]] = (*to_rgb(category_colour(segment["category_id"])), alpha)
    # A rim wherever a pixel's neighbour to the right or below is another segment.
    rim = np.zeros(ids.shape, dtype=bool)
    rim[:, :-1] |= ids[:, :-1] != ids[:, 1:]
    rim[:-1] |= ids[:-1] != ids[1:]
    layer[rim] = 1
    ax.imshow(layer, extent=(0, ids.shape[1], ids.shape[0], 0), interpolation="nearest", zorder=1)
    ax.figure.draw_without_rendering()
    taken: list[np.ndarray] = []
    for segment in sorted(segments, key=lambda one: -one["area"]):
        rows, columns = np.nonzero(ids == segment["id"])
        if len(rows):
            # The pixel nearest to the middle: the middle itself may lie in a hole.
            middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
            style = "italic" if segment["category_id"] > 90 else "normal"
            place = (columns[middle] + 0.5, rows[middle] + 0.5)
            _write_if_free(ax, names[segment["category_id"]], place, style, unit, taken)
    return list(ax.texts)


def _write_if_free(ax: Axes, name: str, place: Any, style: str, unit: float, taken: list[np.ndarray]) -> None:
    pill = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    text = ax.text(*place, name, fontsize=8.5 * unit, fontstyle=style, ha="center", va="center", bbox=pill, zorder=6)
    text.set_in_layout(False)
    left, top, right, bottom = _extent(ax, text)
    low, high = _canvas(ax)[:2], _canvas(ax)[2:]
    inside = left >= low[0] and top >= low[1] and right <= high[0] and bottom <= high[1]
    if inside and all(left >= t[2] or right <= t[0] or top >= t[3] or bottom <= t[1] for t in taken):
        taken.append(np.array([left, top, right, bottom]))
    else:
        text.remove()


def draw_captions(ax: Axes, sentences: Sequence[str]) -> None:
    """Write sentences below each other on an Axes of their own, wrapped to its width."""
    ax.set_axis_off()
    ax.figure.draw_without_rendering()
    box, points = ax.get_window_extent(), 10.5
    across = max(int(box.width / ax.figure.dpi * 72 / (0.5 * points)), 12)  # a letter is about half as wide as high
    lines = [textwrap.fill(f"{place}. {text.strip()}", across, subsequent_indent="   ")
             for place, text in enumerate(sentences, start=1)]  # fmt: skip
    ax.text(0, 1, "\n".join(lines), transform=ax.transAxes, fontsize=points, va="top", ha="left", linespacing=1.35)


def _xyxy(things: Any) -> np.ndarray:
    if _are_annotations(things):
        return xywh_to_xyxy([thing["bbox"] for thing in things])
    return np.asarray(things, dtype=float).reshape(-1, 4)


def _are_annotations(things: Any) -> bool:
    return len(things) > 0 and isinstance(things[0], dict)


def _colours(things: Any, colours: Sequence[str] | None) -> Sequence[str]:
    if colours is not None:
        if len(colours) != len(things):
            raise ValueError(f"colours: expected {len(things)}, one for each thing, got {len(colours)}")
        return colours
    if _are_annotations(things):
        return [category_colour(thing.get("category_id", 0)) for thing in things]
    return [_COLOURS[index % len(_COLOURS)] for index in range(len(things))]


def _unit(ax: Axes) -> float:
    """Line widths and font sizes are multiples of this: 1 on an Axes 4 inches wide."""
    box = ax.get_window_extent()
    return float(np.clip(min(box.width, box.height) / ax.figure.dpi / 4, 0.6, 1.5))


def _draw_pixels(ax: Axes, mask: np.ndarray, colour: str, alpha: float, unit: float) -> None:
    from matplotlib.colors import to_rgb

    height, width = mask.shape
    limits = ax.axis()
    layer = np.zeros((height, width, 4))
    layer[mask] = (*to_rgb(colour), alpha)
    ax.imshow(layer, extent=(0, width, height, 0), interpolation="nearest", zorder=1)
    if mask.any() and not mask.all():
        centres = np.arange(width) + 0.5, np.arange(height) + 0.5
        ax.contour(*centres, mask, levels=[0.5], colors=[colour], linewidths=1.5 * unit)
    ax.axis(limits)


def _canvas(ax: Axes) -> np.ndarray:
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    return np.array([left, top, right, bottom])


def _extent(ax: Axes, label: Any) -> np.ndarray:
    """Return the label's pill as xyxy in image pixels (y grows downwards, so corners are sorted)."""
    patch = label.get_bbox_patch()
    label.update_bbox_position_size(ax.figure.canvas.get_renderer())
    window = patch.get_window_extent().padded(patch.get_linewidth() / 2)
    corners = ax.transData.inverted().transform(window.get_points())
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def free_place(
    box: np.ndarray, size: tuple[float, float], canvas: np.ndarray, taken: Iterable[np.ndarray]
) -> tuple[float, float]:
    """Return the top left corner for a label of ``size`` (width, height) of an xyxy ``box``: the first place that is
    inside the ``canvas`` and on no label of ``taken``, all xyxy."""
    left, top, right, bottom = box
    width, height = size
    candidates = [(x, y) for y in (top - height, top, bottom, bottom - height) for x in (left, right - width)]
    limit = np.maximum(canvas[2:] - size, canvas[:2])
    # The label may touch the image's edge, never leave it; a label wider than the image starts at its edge.
    inside = [tuple(np.clip(place, canvas[:2], limit)) for place in candidates]
    start = inside[0]
    lines = [(start[0], y) for y in np.arange(start[1], limit[1], height)]
    lines += [(start[0], y) for y in np.arange(start[1], canvas[1], -height)]
    for x, y in [*inside, *lines]:
        if all(x >= t[2] or x + width <= t[0] or y >= t[3] or y + height <= t[1] for t in taken):
            return x, y
    return start
