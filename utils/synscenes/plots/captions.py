"""The figures of the lesson on caption metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from synscenes.lesson.style import COLOURS, new_figure

# A mark and a colour for each metric, so that nobody needs the colour.
LOOKS = {
    "Bleu_1": ("BLEU-1", "sky", "v"),
    "Bleu_4": ("BLEU-4", "blue", "o"),
    "METEOR": ("METEOR", "green", "s"),
    "ROUGE_L": ("ROUGE-L", "orange", "^"),
    "CIDEr": ("CIDEr", "vermilion", "D"),
    "claims": ("claims", "black", "*"),
}


def clipped_words(candidate: Sequence[str], reference: Sequence[str]):
    """Two rows of words; a line joins each word of the candidate to the reference's word that pays for it."""
    width = max(sum(len(word) for word in row) * 0.115 + 0.33 * len(row) for row in (candidate, reference)) + 1.4
    fig, ax = new_figure(max(6.5, width), 2.1)
    places, free = {}, {}
    for y, row, name in ((0, reference, "reference"), (1, candidate, "candidate")):
        x = 0.0
        ax.text(-0.25, y, name, ha="right", va="center", fontsize=10)
        for place, word in enumerate(row):
            size = 0.115 * len(word) + 0.2
            places[y, place] = x + size / 2
            if y == 0:
                free.setdefault(word, []).append(place)
            else:
                paid = free.get(word)
                if paid:
                    start = paid.pop(0)
                    ax.plot([places[0, start], x + size / 2], [0.17, 0.83], color=COLOURS["blue"], lw=1.8)
            counted = y == 0 or bool(paid) or (place, word) in _paid(candidate, reference)
            box = {
                "boxstyle": "round,pad=0.3",
                "fc": "white",
                "ec": COLOURS["blue" if counted else "vermilion"],
                "lw": 1.6,
            }
            if not counted:
                box["ls"] = "--"
            ax.text(x + size / 2, y, word, ha="center", va="center", fontsize=12, bbox=box)
            x += size + 0.2
    ax.set(xlim=(-1.1, max(places.values()) + 0.6), ylim=(-0.4, 1.4))
    ax.set_axis_off()
    return fig


def _paid(candidate: Sequence[str], reference: Sequence[str]) -> set[tuple[int, str]]:
    left, paid = list(reference), set()
    for place, word in enumerate(candidate):
        if word in left:
            left.remove(word)
            paid.add((place, word))
    return paid


def brevity(ratios: np.ndarray, penalties: np.ndarray, marked: Mapping[str, tuple[float, float]]):
    """The brevity penalty against candidate length / reference length, some points named."""
    fig, ax = new_figure(6, 2.9)
    ax.plot(ratios, penalties, color=COLOURS["blue"], lw=2.2)
    for name, (x, y) in marked.items():
        ax.plot(x, y, "o", color=COLOURS["vermilion"])
        ax.annotate(name, (x, y), (9, 0), textcoords="offset points", fontsize=10, va="center")
    ax.set(xlabel="words of the candidate / words of the reference", ylabel="factor", ylim=(-0.04, 1.08), xlim=(0, 1.6))
    ax.grid(color=COLOURS["light"])
    return fig


def lcs_table(table: Sequence[Sequence[int]], rows: Sequence[str], columns: Sequence[str]):
    """The table of the longest common subsequence, with the cells where a common word is taken."""
    fig, ax = new_figure(1.9 + 0.62 * len(columns), 1.0 + 0.42 * len(rows))
    taken, i, j = set(), len(rows), len(columns)
    while i and j:
        if rows[i - 1] == columns[j - 1] and table[i][j] == table[i - 1][j - 1] + 1:
            taken.add((i, j))
            i, j = i - 1, j - 1
        elif table[i - 1][j] >= table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    for i, line in enumerate(table):
        for j, value in enumerate(line):
            chosen = (i, j) in taken
            face = COLOURS["blue"] if chosen else "white"
            ax.add_patch(_cell(j, i, face))
            ax.text(j + 0.5, i + 0.5, value, ha="center", va="center", fontsize=11,
                    color="white" if chosen else "black", fontweight="bold" if chosen else "normal")  # fmt: skip
    ax.set(xlim=(0, len(columns) + 1), ylim=(len(rows) + 1, 0))
    ax.set_xticks(np.arange(len(columns) + 1) + 0.5, ["", *columns], fontsize=11)
    ax.set_yticks(np.arange(len(rows) + 1) + 0.5, ["", *rows], fontsize=11)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig


def _cell(x: float, y: float, face: str):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), 1, 1, facecolor=face, edgecolor=COLOURS["light"], lw=1)


def weights(names: Sequence[str], counts: Sequence[int], values: Sequence[float], images: int):
    """The weight of each n-gram, with the number of images that hold it."""
    fig, ax = new_figure(6.5, 0.9 + 0.36 * len(names))
    bars = ax.barh(range(len(names)), values, color=COLOURS["blue"], height=0.62)
    ax.bar_label(
        bars, [f"{value:.2f}   in {count} of {images}" for value, count in zip(values, counts)], padding=5, fontsize=10
    )
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="weight: log(images / images that hold it)", xlim=(0, 1.45 * max(values)))
    return fig


def kept_shares(kinds: Sequence[str], shares: Mapping[str, Sequence[float]]):
    """How much of the true caption's mean score each kind of candidate keeps, in per cent; darker where more."""
    names = list(shares)
    table = 100 * np.array([shares[name] for name in names]).T
    fig, ax = new_figure(7, 1.0 + 0.42 * len(kinds))
    ax.imshow(table, cmap="Blues", vmin=0, vmax=110, aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        ax.text(
            column, row, f"{value:.0f}", ha="center", va="center", fontsize=11, color="white" if value > 65 else "black"
        )
    ax.set_xticks(range(len(names)), [LOOKS[name][0] for name in names])
    ax.set_yticks(range(len(kinds)), kinds)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig


def preferences(groups: Mapping[str, Mapping[str, tuple[float, float, float]]]):
    """How often each metric prefers the true caption: ``groups[kind][metric]`` is a share and its interval."""
    kinds = list(groups)
    metrics = list(groups[kinds[0]])
    fig, ax = new_figure(7, 1.2 + 0.75 * len(kinds))
    for place, metric in enumerate(metrics):
        name, colour, marker = LOOKS[metric]
        rows = np.arange(len(kinds)) + 0.72 * (place / (len(metrics) - 1) - 0.5)
        middle, low, high = (100 * np.array([groups[kind][metric][i] for kind in kinds]) for i in range(3))
        ax.errorbar(
            middle,
            rows,
            xerr=[middle - low, high - middle],
            fmt=marker,
            color=COLOURS[colour],
            ms=6,
            lw=1.3,
            label=name,
        )
    for line in np.arange(1, len(kinds)) - 0.5:
        ax.axhline(line, color=COLOURS["light"], lw=1)
    ax.axvline(50, color=COLOURS["black"], lw=1, ls=":")
    ax.set_yticks(range(len(kinds)), kinds)
    ax.invert_yaxis()
    ax.set(xlim=(0, 102), xlabel="prefers the true caption (% of the pairs), 95 % interval; dotted: a coin")
    fig.legend(
        loc="outside upper center",
        ncols=len(metrics),
        fontsize=9.5,
        frameon=False,
        handletextpad=0.1,
        columnspacing=1.1,
    )
    return fig


def correlations(taus: Mapping[str, tuple[float, float, float]]):
    """Kendall's tau of each metric with the truth, and its interval."""
    fig, ax = new_figure(6.5, 0.8 + 0.36 * len(taus))
    for row, (metric, (middle, low, high)) in enumerate(taus.items()):
        _, colour, marker = LOOKS[metric]
        ax.errorbar(
            middle, row, xerr=[[middle - low], [high - middle]], fmt=marker, color=COLOURS[colour], capsize=3, ms=7
        )
        ax.annotate(f"{middle:.2f}", (high, row), (7, -4), textcoords="offset points", fontsize=10)
    ax.set_yticks(range(len(taus)), [LOOKS[metric][0] for metric in taus])
    ax.invert_yaxis()
    ax.set(
        xlim=(0, 1.15 * max(high for *_, high in taus.values())), xlabel="Kendall's tau with the truth, 95 % interval"
    )
    ax.grid(axis="x", color=COLOURS["light"])
    return fig


def reference_counts(counts: Sequence[int], right: Mapping[str, Sequence[float]], wrong: Mapping[str, Sequence[float]]):
    """Scores against the number of references: people's captions, and captions of other images; a panel a metric."""
    names = list(right)
    fig, axes = new_figure(7.5, 2.7, columns=len(names))
    for ax, name in zip(axes, names):
        ax.plot(counts, right[name], "o-", color=COLOURS["blue"], label="people's captions of the image")
        ax.plot(counts, wrong[name], "s--", color=COLOURS["vermilion"], label="captions of another image")
        ax.set(title=LOOKS[name][0], xlabel="references", ylim=(0, 1.12 * max(right[name])))
        ax.set_xticks(counts)
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=10, frameon=False)
    return fig


def picture_with_captions(picture, captions: Sequence[str]):
    """A photograph, and its captions beside it."""
    import textwrap

    fig, axes = new_figure(7.5, 2.8, columns=2, gridspec_kw={"width_ratios": [1, 1.15]})
    axes[0].imshow(np.asarray(picture.convert("RGB")))
    lines = "\n".join(
        textwrap.fill(f"{place}  {text}", 46, subsequent_indent="    ") for place, text in enumerate(captions, 1)
    )
    axes[1].text(0, 0.98, lines, va="top", fontsize=10.5, linespacing=1.5)
    for ax in axes:
        ax.set_axis_off()
    return fig
