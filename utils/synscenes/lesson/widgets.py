"""Widgets that also have a static twin, so that the website's pages move without a kernel."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import ipywidgets

# ipywidgets takes the ring off sliders and lists: whoever works by keyboard must see where the focus is.
_STYLE = ".synscenes-live :focus-visible {outline: 3px solid #D55E00 !important; outline-offset: 2px;}"
# JupyterLab's own keys (arrows choose cells, m makes Markdown) would otherwise act while a list or a button has the
# focus. It looks for this mark on the very element that has it. And a slider's handle says neither name nor value.
_SCRIPT = """
const hold = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");
function name(root) {
  root.querySelectorAll(".noUi-handle").forEach((handle) => {
    const slider = handle.closest(".widget-inline-hbox");
    const said = (part) => slider?.querySelector(part)?.textContent || "";
    handle.setAttribute("aria-label", said(".widget-label"));
    handle.setAttribute("aria-valuetext", said(".widget-readout"));
  });
}
function start(root) {
  if (!root) return;
  name(root);
  root.addEventListener("focusin", hold);
  ["focusin", "keyup", "pointerup"].forEach((deed) => root.addEventListener(deed, () => name(root)));
}
export default { render({ el }) {
  [0, 1000].forEach((wait) => setTimeout(() => start(el.closest(".synscenes-live")), wait));
} };
"""


@cache
def _keys() -> type[ipywidgets.DOMWidget]:
    """Return the invisible widget that makes the panel it is in usable by keyboard."""
    import anywidget

    return type("Keys", (anywidget.AnyWidget,), {"_esm": _SCRIPT, "_css": _STYLE})


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
        # Colab shows other packages' widgets only after a switch is set, and has no such keys.
        if "synscenes-live" not in self._dom_classes and "google.colab" not in sys.modules:
            self.add_class("synscenes-live")
            self.children = (*self.children, _keys()(layout={"display": "none"}))
        bundle = super()._repr_mimebundle_(**kwargs) or {}
        return {**bundle, "text/html": self.twin_html()}
