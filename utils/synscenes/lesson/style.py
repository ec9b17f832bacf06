"""The look of every figure: one palette, one way to start a figure."""

from __future__ import annotations

from typing import Any

# Okabe & Ito (2008), "Color Universal Design": told apart by readers with any common colour blindness.
COLOURS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "sky": "#56B4E9",
    "purple": "#CC79A7",
    "yellow": "#F0E442",
    "black": "#000000",
    "grey": "#767676",
    "light": "#DDDDDD",
}
CYCLE = [COLOURS[name] for name in ("blue", "orange", "green", "vermilion", "sky", "purple", "black")]

_RC = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
}


def new_figure(width: float = 7, height: float = 4, rows: int = 1, columns: int = 1, **subplots: Any) -> Any:
    """Return ``fig, axes`` in the course's style; ``width`` and ``height`` are in inches (100 CSS pixels each).

    ``axes`` is one Axes, or the array that ``matplotlib.pyplot.subplots`` returns for several.
    """
    import matplotlib.pyplot as plt
    from cycler import cycler

    with plt.rc_context({**_RC, "axes.prop_cycle": cycler(color=CYCLE)}):
        return plt.subplots(rows, columns, figsize=(width, height), layout="constrained", **subplots)
