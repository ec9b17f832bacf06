"""Run-length encoding by hand: a mask as the lengths of its runs, and COCO's way to write them as text.

COCO walks down the first column, then the second, and so on. ``counts`` holds the lengths of the runs in turn,
background first (that first one may be 0). An RLE is ``{"size": [height, width], "counts": counts}``, with counts
as a list of numbers, or as the compressed text of pycocotools. Everything here equals pycocotools.mask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.errors import CourseError

MOST_PIXELS = 2**28  # What decode will unfold: a file may claim any size, and this is 16,384 squared.


def encode(mask: Any) -> dict[str, Any]:
    """Turn an (H, W) mask into an RLE whose counts are a list of ints."""
    mask = np.asarray(mask, dtype=bool)
    if mask.ndim != 2:
        raise ValueError(f"mask: expected shape (H, W), got {mask.shape}")
    pixels = mask.ravel(order="F")
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    # Runs begin with background: a mask whose first pixel is set begins with a run of 0.
    start = [0, 0] if pixels.size and pixels[0] else [0]
    counts = np.diff(np.concatenate([start, changes, [pixels.size]]))
    return {"size": list(mask.shape), "counts": counts.astype(int).tolist()}


def decode(rle: Mapping[str, Any]) -> np.ndarray:
    """Turn an RLE (counts as list or text) into an (H, W) bool mask. Raises CourseError for runs that do not fit."""
    height, width = rle["size"]
    counts = counts_of(rle)
    if height * width > MOST_PIXELS:
        raise CourseError(f"RLE of {height} × {width} pixels: no photograph is so large; correct its size.")
    if counts.sum() != height * width:
        raise CourseError(f"RLE: the runs add up to {counts.sum()} and not to {height} × {width} = {height * width}.")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape((height, width), order="F")


def counts_of(rle: Mapping[str, Any]) -> np.ndarray:
    """Return an RLE's run lengths as an int64 array, decompressed where they are text or bytes."""
    counts = rle["counts"]
    counts = np.asarray(decompress(counts) if isinstance(counts, (str, bytes)) else counts, dtype=np.int64)
    if counts.size and counts.min() < 0:
        raise CourseError(f"RLE: run {counts.argmin()} has length {counts.min()}; lengths are 0 or more.")
    return counts


def compress(counts: Sequence[int]) -> str:
    """Write run lengths as COCO's text: from the fourth on the difference to the one two before, 5 bits a character.

    A character carries 5 bits, lowest first, and a sixth that says "more to come"; adding 48 makes it printable.
    The highest bit of the last character is the sign.
    """
    text = []
    for place, count in enumerate(counts):
        value = int(count) - (int(counts[place - 2]) if place > 2 else 0)
        more = True
        while more:
            bits, value = value & 31, value >> 5
            # Done when what is left only repeats the sign bit just written.
            more = value != -1 if bits & 16 else value != 0
            text.append(chr(48 + bits + 32 * more))
    return "".join(text)


def decompress(text: str | bytes) -> list[int]:
    """Read COCO's text back into run lengths. Raises CourseError for text that is cut off or is no RLE."""
    codes = text.encode("utf-8") if isinstance(text, str) else text
    counts: list[int] = []
    value = shift = 0
    for place, code in enumerate(codes):
        bits = code - 48
        if not 0 <= bits < 64:
            raise CourseError(f"RLE text: character {place} ({chr(code)!r}) is not one that COCO's encoding uses.")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            if shift > 60:
                raise CourseError(f"RLE text: the number that ends with character {place} has more than 60 bits.")
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    if shift:
        raise CourseError("RLE text: it ends in the middle of a number.")
    return counts


def area(rle: Mapping[str, Any]) -> int:
    """Return the number of pixels set: the sum of every second run."""
    return int(counts_of(rle)[1::2].sum())


def to_bbox(rle: Mapping[str, Any]) -> list[float]:
    """Return the smallest box around the mask as COCO's [left, top, width, height]; four zeros for an empty mask."""
    height, counts = rle["size"][0], counts_of(rle)
    ends = np.cumsum(counts)
    last = ends[1::2] - 1
    first = ends[0::2][: len(last)]
    first, last = first[first <= last], last[first <= last]
    if not len(first):
        return [0.0, 0.0, 0.0, 0.0]
    left, right = first[0] // height, last[-1] // height
    # A run that goes on into the next column touches the bottom and the top.
    over = bool((first // height != last // height).any())
    top, bottom = (0, height - 1) if over else ((first % height).min(), (last % height).max())
    return [float(left), float(top), float(right - left + 1), float(bottom - top + 1)]


def merge(rles: Sequence[Mapping[str, Any]], intersect: bool = False) -> dict[str, Any]:
    """Return the union (or the intersection) of masks of one size, without unfolding them into pixels."""
    if not rles:
        return {"size": [0, 0], "counts": []}
    size = list(rles[0]["size"])
    if any(list(rle["size"]) != size for rle in rles):
        raise ValueError(f"merge: the masks differ in size: {sorted({tuple(rle['size']) for rle in rles})}")
    pixels = size[0] * size[1]
    ends = [np.cumsum(counts_of(rle)) for rle in rles]
    starts = np.unique(np.concatenate([[0], *ends]))
    starts = starts[starts < pixels]
    on = np.zeros(len(starts), dtype=int)
    for each in ends:  # Pixel p lies in run number (ends at or before p); the odd runs are foreground.
        on += np.searchsorted(each, starts, side="right") % 2
    inside = on == len(rles) if intersect else on > 0
    changes = np.flatnonzero(np.diff(np.concatenate([[False], inside])))
    return {"size": size, "counts": np.diff([0, *starts[changes], pixels]).astype(int).tolist()}


def iou(
    detected: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]], crowd: Sequence[bool] | None = None
) -> np.ndarray:
    """Return intersection over union of every pair: (detected, truth) float64.

    Where ``crowd`` marks the truth as a crowd the divisor is the detection's own area: lying inside is enough.
    Two empty masks have 0.
    """
    crowd = [False] * len(truth) if crowd is None else crowd
    found = np.zeros((len(detected), len(truth)))
    for column, (one, is_crowd) in enumerate(zip(truth, crowd)):
        for row, other in enumerate(detected):
            shared = area(merge([one, other], intersect=True))
            whole = area(other) if is_crowd else area(one) + area(other) - shared
            found[row, column] = shared / whole if shared else 0.0
    return found
