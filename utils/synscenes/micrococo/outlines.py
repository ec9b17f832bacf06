"""From a mask to COCO's polygons, such that drawing the polygons gives the mask back, pixel for pixel.

The outline runs along pixel edges: a pixel (x, y) is the square from (x, y) to (x + 1, y + 1). pycocotools
fills a polygon by the parity of the edges above a pixel's middle, so edges at whole numbers are never in
doubt, and a slit that is walked up and down leaves no trace: it ties a hole to the outline around it,
which COCO's format could not say otherwise.
"""

from __future__ import annotations

import numpy as np


def polygons(mask: np.ndarray) -> list[list[int]]:
    """Return the outlines of a (H, W) bool mask as COCO's flat lists ``[x0, y0, x1, y1, ...]``.

    One list for each 4-connected part; holes are tied in by vertical slits of no width. An empty mask has none.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return []
    top, left = int(rows[0]), int(columns[0])
    loops = _loops(mask[top : rows[-1] + 1, left : columns[-1] + 1])
    outer = [loop for loop in loops if _area(loop) > 0]
    holes = sorted((loop for loop in loops if _area(loop) < 0), key=lambda loop: min((y, x) for x, y in loop))
    for hole in holes:
        _tie(outer, hole)
    return [[value for x, y in loop for value in (x + left, y + top)] for loop in outer]


def _loops(mask: np.ndarray) -> list[list[tuple[int, int]]]:
    """Closed paths of corners with the mask on the right hand: clockwise on the screen, holes the other way."""
    padded = np.pad(mask, 1).astype(np.int8)
    a, b, c, d = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    odd = (a ^ b ^ c ^ d).astype(bool)
    crossed = (a == d) & (b == c) & (a != b)  # two pixels that touch at this corner only
    corner_y, corner_x = np.nonzero(odd | crossed)
    twice = crossed[corner_y, corner_x]
    # A crossed corner is there twice. Which copy goes on where keeps the two pixels' outlines apart.
    times = 1 + twice.astype(int)
    y, x = np.repeat(corner_y, times), np.repeat(corner_x, times)
    second = np.concatenate([[False], (y[1:] == y[:-1]) & (x[1:] == x[:-1])])
    count = len(y)
    index = np.arange(count)
    # Along a row of corners edges join the first with the second, the third with the fourth, ...
    across = np.empty(count, int)
    across[0::2], across[1::2] = index[1::2], index[0::2]
    falling = np.repeat(twice & (b[corner_y, corner_x] == 1), times)  # the pixels are upper right and lower left
    copy = np.where(falling, ~second, second)  # the copy that takes the lower edge
    order = np.lexsort((copy, y, x))
    down = np.empty(count, int)
    down[order[0::2]], down[order[1::2]] = order[1::2], order[0::2]
    return _walk(x.tolist(), y.tolist(), across.tolist(), down.tolist())


def _walk(x: list[int], y: list[int], across: list[int], down: list[int]) -> list[list[tuple[int, int]]]:
    unseen = [True] * len(x)
    loops = []
    for start in range(len(x)):
        if not unseen[start]:
            continue
        loop, at = [], start
        while unseen[at]:
            unseen[at] = False
            loop.append((x[at], y[at]))
            at = across[at]
            unseen[at] = False
            loop.append((x[at], y[at]))
            at = down[at]
        # The first corner is the loop's topmost, and its first edge runs right: outlines run clockwise.
        loops.append(loop)
    return _turned(loops)


def _turned(loops: list[list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    """Give holes the other direction: they are the loops inside an odd number of others."""
    turned = []
    for loop in loops:
        x, y = loop[0]
        around = sum(_inside(other, x + 0.5, y - 0.5) for other in loops if other is not loop)
        turned.append(loop if around % 2 == 0 else loop[:1] + loop[:0:-1])
    return turned


def _inside(loop: list[tuple[int, int]], x: float, y: float) -> bool:
    above = 0
    for (x0, y0), (x1, _) in zip(loop[0::2], loop[1::2]):
        above += y0 < y and min(x0, x1) < x < max(x0, x1)
    return above % 2 == 1


def _area(loop: list[tuple[int, int]]) -> int:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(loop, loop[1:] + loop[:1]))


def _tie(outer: list[list[tuple[int, int]]], hole: list[tuple[int, int]]) -> None:
    """Insert the hole into the outline that lies right above its topmost corner."""
    start = min(range(len(hole)), key=lambda k: (hole[k][1], hole[k][0]))
    x, y = hole[start]
    best: tuple[int, list[tuple[int, int]], int] | None = None
    for loop in outer:
        for k in range(len(loop)):
            (x0, y0), (x1, y1) = loop[k], loop[(k + 1) % len(loop)]
            if y0 == y1 and y0 <= y and min(x0, x1) <= x <= max(x0, x1) and (best is None or y0 > best[0]):
                best = (y0, loop, k)
    if best is None:
        raise ValueError("a hole without an outline above it")
    level, loop, k = best
    around = hole[start:] + hole[: start + 1]
    loop[k + 1 : k + 1] = [(x, level), *around, (x, level)]
