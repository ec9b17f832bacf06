"""One way to put a rich output into a notebook, with plain text everywhere else."""

from __future__ import annotations

import html
from typing import Any


def emit(text: str, html_text: str | None = None, **extra: Any) -> None:
    """Display ``html_text`` in a notebook and ``text`` in a plain console.

    ``extra`` maps further MIME types (with ``__`` for ``/``) to JSON values kept in the notebook.
    """
    if not in_notebook():
        print(text)
        return
    from IPython.display import display

    bundle: dict[str, Any] = {"text/plain": text}
    if html_text is not None:
        bundle["text/html"] = html_text
    bundle.update({mime.replace("__", "/"): value for mime, value in extra.items()})
    display(bundle, raw=True)


def in_notebook() -> bool:
    """Return True inside a Jupyter kernel."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def box(colour: str, heading: str, body: str) -> str:
    """Return an HTML note with a coloured bar; text colours are inherited, so it suits light and dark."""
    inner = "<br>".join(html.escape(line) for line in body.splitlines())
    return (
        f'<div style="border-left: 5px solid {colour}; padding: 0.3em 0.9em; margin: 0.3em 0;">'
        f"<strong>{html.escape(heading)}</strong> {inner}</div>"
    )
