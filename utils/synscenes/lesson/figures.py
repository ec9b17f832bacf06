"""Figures that carry their own description."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

from synscenes.lesson.output import emit


def show(picture: Any, alt: str, caption: str | None = None) -> None:
    """Show a matplotlib figure or a PIL image with alternative text.

    The picture becomes an ``<img>`` whose ``alt`` says what it shows: for readers who cannot see it, in
    JupyterLab, on Colab, on the website and on slides alike. A matplotlib figure is closed afterwards.
    Raises ValueError for an empty ``alt``.
    """
    if not alt or not alt.strip():
        raise ValueError("show() needs alt text: one sentence that says what the figure shows")
    png, width = _png(picture)
    encoded = base64.b64encode(png).decode("ascii")
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    emit(
        f"[Figure: {alt}]" + (f"\n{caption}" if caption else ""),
        f'<figure class="synscenes-figure" style="margin: 0.5em 0;">'
        f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(alt, quote=True)}" '
        f'style="width: {width}px; max-width: 100%; height: auto; background: white;">{below}</figure>',
    )


def _png(picture: Any) -> tuple[bytes, int]:
    """Return PNG bytes and the width, in CSS pixels, to show them at."""
    buffer = io.BytesIO()
    if hasattr(picture, "savefig"):
        import matplotlib.pyplot

        picture.savefig(buffer, format="png", dpi=150, facecolor="white", metadata={"Software": None})
        width = round(picture.get_figwidth() * 100)
        matplotlib.pyplot.close(picture)
        return buffer.getvalue(), width
    if hasattr(picture, "convert"):
        picture.convert("RGB").save(buffer, format="PNG")
        return buffer.getvalue(), picture.width
    raise ValueError(f"show() takes a matplotlib figure or a PIL image, not {type(picture).__name__}")
