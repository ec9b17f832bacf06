"""The rows of probability bars that two widgets show beside a photograph."""

from __future__ import annotations

import html


def bar(name: str, share: float, right: bool, decimals: int) -> str:
    """Return one row as HTML: a class, its bar, its share in per cent; a tick and a colour mark the right class."""
    mark, kind = ("✓ ", "right") if right else ("", "other")
    return (
        f"<div class='row'><span class='name'>{mark}{html.escape(name)}</span>"
        f"<span class='track'><span class='{kind}' style='width:{100 * share:.1f}%'></span></span>"
        f"<span class='share'>{100 * share:.{decimals}f} %</span></div>"
    )
