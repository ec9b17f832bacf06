"""Widgets that also have a static twin, so that the website's pages move without a kernel."""

from __future__ import annotations

from typing import Any

import ipywidgets


class TwinWidget(ipywidgets.VBox):
    """A live widget whose display also carries ``text/html``: a twin that needs no kernel.

    JupyterLab and Colab show the live widget; the website, which has no kernel, shows the twin. A subclass
    fills ``children`` and returns, from :meth:`twin_html`, self-contained HTML (its own script and style,
    nothing from another host).
    """

    def twin_html(self) -> str:
        """Return the static twin as HTML."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**kwargs) or {}
        return {**bundle, "text/html": self.twin_html()}
