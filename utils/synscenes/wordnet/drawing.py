"""Drawings of the hierarchy: a path among its siblings, a small graph, a similarity matrix in tree order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from synscenes.wordnet.database import WordNet
    from synscenes.wordnet.taxonomy import Taxonomy

_ROW, _LAYER = 0.56, 0.78  # inches from row to row of a lineage, of an ancestry
_SMALL = 9.5  # points


def draw_lineage(wn: WordNet, wnid: str, top: str, counts: dict[str, int], width: float = 8.4) -> Figure:
    """Draw the longest path from ``top`` down to ``wnid`` in colour, its siblings in grey, detours in blue.

    ``counts`` maps wnids to how many classes each is or holds; siblings without a class are left out.
    Returns a matplotlib Figure, ``width`` inches wide.
    """
    paths = [path[path.index(top) :] for path in wn.hypernym_paths(wnid) if top in path]
    main = paths[-1]
    fig, ax = _blank(width, _ROW * len(main) + 0.2)
    middle = 2.75
    for row, node in enumerate(main):
        y = -row * _ROW
        if row:
            drawn = {each for path in paths for each in path}
            siblings = [each for each in wn.children(main[row - 1]) if each in counts and each not in drawn]
            siblings.sort(key=lambda each: -counts[each])
            _siblings(ax, [(wn.name(each), counts[each]) for each in siblings], middle, y, width)
            ax.plot([middle, middle], [y + 0.15, y + _ROW - 0.15], color=COLOURS["vermilion"], lw=3, zorder=2)
        _chip(ax, middle, y, f"{wn.name(node)}  {counts[node]}", COLOURS["vermilion"])
    for path in paths[:-1]:
        _detour(ax, wn, path, main, middle - 1.85)
    ax.set(xlim=(0, width), ylim=(-(len(main) - 1) * _ROW - 0.3, 0.3))
    return fig


def draw_ancestry(wn: WordNet, wnid: str, top: str, width: float = 7.0) -> Figure:
    """Draw every path from ``top`` down to ``wnid``: a node's height is its longest path from the root."""
    nodes = [node for node in wn.closure([wnid]) if node == top or top in wn.ancestors(node)]
    layers: dict[int, list[str]] = {}
    for node in nodes:
        layers.setdefault(wn.depth(node)[1], []).append(node)
    place: dict[str, tuple[float, float]] = {}
    for row, depth in enumerate(sorted(layers)):
        above = {node: [place[up][0] for up in wn.parents(node) if up in place] for node in layers[depth]}
        wanted = {node: float(np.mean(xs)) if xs else width / 2 for node, xs in above.items()}
        ordered = sorted(layers[depth], key=lambda node: (wanted[node], wn.name(node)))
        centre = float(np.mean(list(wanted.values())))
        for position, node in enumerate(ordered):
            place[node] = (centre + (position - (len(ordered) - 1) / 2) * width / 3.4, -row * _LAYER)
    fig, ax = _blank(width, _LAYER * len(layers) + 0.1)
    for node, (x, y) in place.items():
        parents = [up for up in wn.parents(node) if up in place]
        colour = COLOURS["vermilion"] if len(parents) > 1 else COLOURS["grey"]
        for up in parents:
            from_x, from_y = place[up]
            # A long arrow bends outwards, around what lies between.
            bend = -0.42 * np.sign(from_x - x) if from_y - y > 2.5 * _LAYER else 0
            style = {"arrowstyle": "-|>", "color": colour, "lw": 1.6, "connectionstyle": f"arc3,rad={bend}"}
            ax.annotate("", (x, y + 0.17), (from_x, from_y - 0.17), arrowprops=style)
        _chip(ax, x, y, wn.name(node), colour)
    xs = [x for x, _ in place.values()]
    ax.set(xlim=(min(xs) - 1.1, max(xs) + 1.1), ylim=(-_LAYER * (len(layers) - 1) - 0.35, 0.35))
    return fig


def draw_pairs(
    taxonomy: Taxonomy, values: np.ndarray, label: str, cmap: str = "viridis", most: int = 130
) -> Figure:
    """Draw an (n, n) matrix about pairs, rows and columns in tree order, the larger groups named at the left."""
    order = taxonomy.order()
    fig, ax = new_figure(8.2, 6.3)
    picture = ax.imshow(values[np.ix_(order, order)], cmap=cmap, interpolation="nearest")
    groups = [
        (name, start, stop) for name, start, stop in groups_in_order(taxonomy, most) if stop - start >= 16
    ]
    ax.set_yticks([(start + stop) / 2 for _, start, stop in groups])
    ax.set_yticklabels([f"{name}  {stop - start}" for name, start, stop in groups], fontsize=9)
    ax.set_xticks([])
    for _, start, stop in groups:
        ax.plot([start, stop, stop, start, start], [start, start, stop, stop, start], color="white", lw=0.8)
    ax.set(xlim=(-0.5, len(order) - 0.5), ylim=(len(order) - 0.5, -0.5))
    ax.spines[:].set_visible(False)
    fig.colorbar(picture, ax=ax, shrink=0.7, label=label)
    return fig


def groups_in_order(taxonomy: Taxonomy, most: int) -> list[tuple[str, int, int]]:
    """Cut the tree into groups of at most ``most`` classes: (name, first place, place after the last) each.

    Places are those of ``taxonomy.order()``; each class belongs where its longest path leads.
    """
    trails = taxonomy.trails()
    sizes = np.bincount(np.concatenate([np.array(trail) for trail in trails]), minlength=len(taxonomy.nodes))
    groups: list[list[int]] = []
    for place, row in enumerate(taxonomy.order()):
        node = next(node for node in trails[row] if sizes[node] <= most)
        if groups and groups[-1][0] == node:
            groups[-1][2] = place + 1
        else:
            groups.append([node, place, place + 1])
    return [
        (taxonomy.names[node].rpartition(".n.")[0].replace("_", " "), start, stop)
        for node, start, stop in groups
    ]


def _blank(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure whose data coordinates are inches, without axes."""
    fig, ax = new_figure(width, height)
    ax.axis("off")
    return fig, ax


def _chip(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    box = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour, "linewidth": 1.8}
    ax.text(x, y, text, ha="center", va="center", fontsize=10, bbox=box, zorder=3)


def _siblings(ax: Axes, siblings: Sequence[tuple[str, int]], middle: float, y: float, width: float) -> None:
    """Write a level's other nodes to the right, as many as fit, and hang them from their parent."""
    x, bus, left = middle + 1.05, y + _ROW / 2, len(siblings)
    last = middle
    for name, count in siblings:
        text = f"{name}  {count}"
        size = _inches(text)
        more = f"+ {left} more"
        if x + size + (0.3 + _inches(more) if left > 1 else 0) > width:
            ax.text(x, y, more, va="center", fontsize=_SMALL, color=COLOURS["grey"], style="italic")
            last = x + 0.2
            ax.plot([last, last], [y + 0.13, bus], color=COLOURS["light"], lw=1.2, zorder=1)
            break
        ax.text(x, y, text, va="center", fontsize=_SMALL, color=COLOURS["grey"])
        last = x + size / 2
        ax.plot([last, last], [y + 0.13, bus], color=COLOURS["light"], lw=1.2, zorder=1)
        x, left = x + size + 0.25, left - 1
    if siblings:
        ax.plot([middle, last], [bus, bus], color=COLOURS["light"], lw=1.2, zorder=1)


def _detour(ax: Axes, wn: WordNet, path: Sequence[str], main: Sequence[str], x: float) -> None:
    """Draw the stretch of another path that leaves the main one, in blue at the left."""
    aside = [node for node in path if node not in main]
    leaves, returns = path[path.index(aside[0]) - 1], path[path.index(aside[-1]) + 1]
    top, bottom = -main.index(leaves) * _ROW, -main.index(returns) * _ROW
    heights = np.linspace(top, bottom, len(aside) + 2)
    line = {"color": COLOURS["blue"], "lw": 3, "zorder": 1, "solid_joinstyle": "round"}
    ax.plot([x + 1.85, x, x, x + 1.85], [top, top, bottom, bottom], **line)
    for node, y in zip(aside, heights[1:-1]):
        _chip(ax, x, y, wn.name(node), COLOURS["blue"])


def _inches(text: str) -> float:
    """How wide a small text is."""
    from matplotlib.textpath import TextPath

    return TextPath((0, 0), text, size=_SMALL).get_extents().width / 72
