"""Figures of the lesson on captioning: how a decoder is fed, where it looks, how well it tells, what it invents."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.draw import show_image
from synscenes.lesson.style import COLOURS, new_figure

# One colour and marker each, the same in every figure.
LOOKS = {
    "people": ("black", "D"),
    "show and tell": ("blue", "o"),
    "attention": ("vermilion", "s"),
    "transformer": ("green", "^"),
    "nearest neighbours": ("purple", "v"),
    "most frequent": ("grey", "P"),
}


def pipeline(picture: Any, words: Sequence[str], grid: tuple[int, int]):
    """From a picture cut into cells, through the decoder, to words that go back in one by one."""
    fig, (ax, right) = new_figure(7.5, 3.0, columns=2, width_ratios=(1, 1.25))
    show_image(ax, picture)
    width, height = picture.size
    for row in range(1, grid[0]):
        ax.axhline(row * height / grid[0], color="white", lw=0.8, alpha=0.8)
    for column in range(1, grid[1]):
        ax.axvline(column * width / grid[1], color="white", lw=0.8, alpha=0.8)
    right.set(xlim=(0, 10), ylim=(0, 6))
    right.set_axis_off()
    _box(right, 0.2, 2.2, 2.5, 1.6, f"{grid[0] * grid[1]} cells,\n256 numbers\neach", COLOURS["light"], "black")
    _box(right, 3.6, 2.3, 1.8, 1.4, "decoder", COLOURS["blue"], "white")
    arrow = {"arrowstyle": "-|>", "lw": 1.6, "color": "black"}
    right.annotate("", (3.6, 3.0), (2.7, 3.0), arrowprops=arrow)
    for place, word in enumerate(words):
        y = 5.4 - place * 4.8 / max(1, len(words) - 1)
        right.text(8.0, y, word, va="center", fontsize=11)
        right.annotate("", (7.8, y), (5.4, 3.0), arrowprops={**arrow, "lw": 0.8, "color": COLOURS["grey"]})
    right.annotate(
        "", (4.5, 2.3), (8.4, 0.2), arrowprops={**arrow, "connectionstyle": "arc3,rad=-0.35", "color": COLOURS["blue"]}
    )
    right.text(3.6, 0.35, "each word said\ngoes back in", fontsize=10, color=COLOURS["blue"], ha="right", va="center")
    return fig


def _box(ax: Any, x: float, y: float, width: float, height: float, text: str, face: str, ink: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    ax.add_patch(FancyBboxPatch((x, y), width, height, boxstyle="round,pad=0.05", facecolor=face, edgecolor="none"))
    ax.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=10, color=ink)


def shifted(words: Sequence[str]):
    """Teacher forcing: the true words as inputs, and below each the word that should be said next."""
    fig, ax = new_figure(1.0 + 0.78 * (len(words) - 1), 1.7)
    rows = (("input", words[:-1], "light", "black"), ("target", words[1:], "blue", "white"))
    for y, (title, row, face, ink) in zip((1.3, 0.0), rows):
        ax.text(-0.25, y + 0.35, title, ha="right", va="center", fontsize=11)
        for x, word in enumerate(row):
            _box(ax, x + 0.06, y, 0.82, 0.7, word, COLOURS[face], ink)
    for x in range(len(words) - 1):
        ax.annotate("", (x + 0.47, 0.78), (x + 0.47, 1.24), arrowprops={"arrowstyle": "-|>", "lw": 1.2})
    ax.set(xlim=(-1.2, len(words) - 1), ylim=(-0.15, 2.15))
    ax.set_axis_off()
    return fig


def mask(words: Sequence[str], hidden: np.ndarray):
    """Which words each word may look at: ``hidden`` (T, T) is True where it may not."""
    fig, ax = new_figure(4.6, 3.6)
    ax.imshow(np.where(hidden, 1.0, 0.0), cmap="Greys", vmin=0, vmax=1.6)
    for (row, column), no in np.ndenumerate(hidden):
        ax.text(column, row, "–" if no else "✓", ha="center", va="center", color="white" if no else COLOURS["blue"])
    ax.set_xticks(range(len(words)), words, rotation=40, ha="left")
    ax.set_yticks(range(len(words)), words)
    ax.xaxis.tick_top()
    ax.set(xlabel="may look at", ylabel="when it stands at")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig


def told(pictures: Sequence[Any], captions: Sequence[Mapping[str, str]], columns: int = 2, width: int = 44):
    """Pictures, with what each speaker says of it below, by name."""
    rows = -(-len(pictures) // columns)
    lines = max(sum(len(_wrapped(name, text, width)) for name, text in some.items()) for some in captions)
    tall = 7.5 / columns * max(picture.height / picture.width for picture in pictures)
    fig, axes = new_figure(7.5, rows * (tall + 0.2 + 0.19 * lines), rows=rows, columns=columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
        ax.set_anchor("N")  # the captions hang below
    for ax, picture, some in zip(axes.flat, pictures, captions):
        show_image(ax, picture)
        text = [line for name, caption in some.items() for line in _wrapped(name, caption, width)]
        ax.text(0, -0.03, "\n".join(text), transform=ax.transAxes, va="top", fontsize=9.5, linespacing=1.35)
    return fig


def _wrapped(name: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(f"{name}: {text}", width, subsequent_indent="    ")


def compared(rows: Mapping[str, Mapping[str, Sequence[float]]], metrics: Mapping[str, str]):
    """Scores of several speakers: ``rows[speaker][metric]`` holds a value for each seed; a panel a metric.

    ``metrics`` maps the metrics to their titles. A line marks the first speaker, the bound.
    """
    fig, axes = new_figure(7.5, 0.9 + 0.34 * len(rows), columns=len(metrics), sharey=True, squeeze=False)
    for ax, (metric, title) in zip(axes[0], metrics.items()):
        for y, (name, values) in enumerate(rows.items()):
            colour, marker = LOOKS[name]
            ax.plot(values[metric], [y] * len(values[metric]), marker, color=COLOURS[colour], ms=6.5, alpha=0.8)
        bound = np.mean(next(iter(rows.values()))[metric])
        ax.axvline(bound, color="black", lw=1, ls=":")
        top = max(max(values[metric]) for values in rows.values())
        ax.set(title=title, xlim=(0, 1.12 * top))
        ax.grid(axis="x", color=COLOURS["light"])
    axes[0, 0].set_yticks(range(len(rows)), list(rows))
    axes[0, 0].invert_yaxis()
    return fig


def looks(picture: Any, words: Sequence[str], weights: np.ndarray, grid: tuple[int, int], columns: int = 5):
    """Where a decoder looked before each word: ``weights`` (words, cells), light where it looked most."""
    from PIL import Image

    count = min(len(words), 3 * columns)
    rows = -(-count // columns)
    fig, axes = new_figure(7.5, 1.45 * rows, rows=rows, columns=columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    grey = np.asarray(picture.convert("L").convert("RGB"), dtype=float) / 255
    for ax, word, row in zip(axes.flat, words[:count], np.asarray(weights)):
        small = Image.fromarray((row / row.max()).reshape(grid).astype(np.float32), mode="F")
        light = np.clip(np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC)), 0, 1)[..., None]
        tint = np.array([1.0, 0.85, 0.2])
        ax.imshow(np.clip(grey * (0.65 + 0.2 * light) + 0.6 * light * tint * (0.35 + 0.65 * grey), 0, 1))
        ax.set_title(word, fontsize=11, pad=3)
    return fig


def sweep(values: Sequence[float], panels: Mapping[str, Mapping[str, Sequence[float]]], label: str, log: bool = False):
    """Several measures against one setting: ``panels[title][line]`` holds a value for each of ``values``."""
    fig, axes = new_figure(7.5, 2.7, columns=len(panels), squeeze=False)
    styles = zip(("blue", "vermilion", "green", "purple"), ("o-", "s--", "^:", "v-."))
    looks_of = {}
    for ax, (title, lines) in zip(axes[0], panels.items()):
        for name, row in lines.items():
            if name not in looks_of:
                looks_of[name] = next(styles)
            colour, style = looks_of[name]
            ax.plot(values, row, style, color=COLOURS[colour], label=name, ms=5)
        ax.set(title=title, xlabel=label)
        if log:
            ax.set_xscale("log")
        ax.set_xticks(values, [f"{value:g}" for value in values])
        ax.minorticks_off()
        ax.grid(color=COLOURS["light"])
    handles = {h.get_label(): h for ax in axes[0] for h in ax.get_lines()}
    if len(handles) > 1:
        fig.legend(handles.values(), handles, loc="outside lower center", ncols=len(handles), fontsize=10)
    return fig


def gains(words: Sequence[str], values: Sequence[float], counts: Sequence[int]):
    """How much the right image helps with each word, in nats, beside another image's."""
    fig, ax = new_figure(6.5, 0.8 + 0.27 * len(words))
    colours = [COLOURS["blue"] if value > 0 else COLOURS["vermilion"] for value in values]
    ax.barh(range(len(words)), values, color=colours, height=0.68)
    for y, value in enumerate(values):
        ax.annotate(f"{value:.2f}", (max(value, 0), y), (4, 0), textcoords="offset points", va="center", fontsize=9)
    ax.axvline(0, color="black", lw=1)
    ax.set_yticks(range(len(words)), [f"{word} ({count})" for word, count in zip(words, counts)])
    ax.invert_yaxis()
    ax.set(xlabel="loss with another image − loss with its own (nats a word)")
    ax.set_xlim(right=1.15 * max(values))
    return fig


def shares(rows: Mapping[str, Sequence[tuple[float, float, float]]], groups: Sequence[str], label: str):
    """A share with its interval for each speaker (marker) and group (row), in per cent."""
    fig, ax = new_figure(7, 1.1 + 0.6 * len(groups))
    for place, (name, values) in enumerate(rows.items()):
        colour, marker = LOOKS[name]
        y = np.arange(len(groups)) + 0.7 * ((place + 0.5) / len(rows) - 0.5)
        middle, low, high = 100 * np.array(values).T
        ax.errorbar(middle, y, xerr=[middle - low, high - middle], fmt=marker, color=COLOURS[colour], label=name)
    for line in np.arange(1, len(groups)) - 0.5:
        ax.axhline(line, color=COLOURS["light"], lw=1)
    ax.set_yticks(range(len(groups)), groups)
    ax.invert_yaxis()
    ax.set(xlabel=label, xlim=(0, 102))
    fig.legend(loc="outside upper center", ncols=len(rows), fontsize=10, columnspacing=1.2, handletextpad=0.2)
    return fig
