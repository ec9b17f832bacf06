"""A browser of the hierarchy above ImageNet's classes: search, expand, see paths, compare two synsets."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from functools import cached_property
from importlib import resources
from typing import Any

import ipywidgets as widgets

from synscenes import imagenet, wordnet
from synscenes.errors import CourseError
from synscenes.lesson.widgets import TwinWidget

_MOST_CHILDREN = 60


class HierarchyBrowser(TwinWidget):
    """Browse WordNet's nouns above (and including) some classes, ImageNet's 1,000 by default.

    The live widget searches all nouns; its tree, and the static twin, hold the classes and their ancestors.
    ``search``, ``select``, ``fold``, ``use_as_a`` and ``use_as_b`` do what the controls do, also without a
    front end. ``start`` is the synset shown first, ``a`` and ``b`` the two compared first (wnids; UnknownSynset
    or BadWnid is raised for what is none; CourseError for one that is outside the twin's hierarchy).
    """

    def __init__(
        self,
        classes: Iterable[str] | None = None,
        *,
        start: str = "n02099601",
        a: str = "n02099601",
        b: str = "n02123045",
    ) -> None:
        self.wn = wordnet.load()
        self.classes = (
            frozenset(each.wnid for each in imagenet.classes()) if classes is None else frozenset(classes)
        )
        self.nodes = frozenset(self.wn.closure(self.classes))
        self.start = (start, a, b)
        for wnid in self.start:
            if self.wn.synset(wnid).wnid not in self.nodes:
                raise CourseError(
                    f"{wnid} ({self.wn.name(wnid)}) is not above any of the classes: start elsewhere."
                )
        self.current, self.a, self.b = start, a, b
        self.opened: set[tuple[str, ...]] = set()
        self._build()
        super().__init__([self._search_box, self._found, widgets.HBox([self._tree, self._side])])
        self.select(start)
        self._draw_comparison()

    @cached_property
    def classes_below(self) -> dict[str, int]:
        """How many of the classes each node is or has below it."""
        taxonomy = self.wn.taxonomy(sorted(self.classes))
        return dict(zip(taxonomy.nodes, taxonomy.counts().tolist()))

    def search(self, text: str) -> list[str]:
        """List the synsets a word means, as buttons; return their wnids."""
        found = self.wn.search(text, limit=12)
        shown = [self._button(f"{self.wn.name(each)}: {self._gloss(each)}", each) for each in found]
        if text.strip() and not found:
            shown = [widgets.Label("No noun of WordNet is called that.")]
        _refill(self._found, shown)
        return found

    def select(self, wnid: str) -> None:
        """Show a synset: its definition, its paths, and its place in the tree."""
        self._path = tuple(self.wn.hypernym_paths(wnid)[-1])
        self.current = wnid
        self.opened = {self._path[:-1], self._path}
        self._draw_tree()
        self._draw_about()

    def fold(self, trail: tuple[str, ...]) -> None:
        """Open the tree's branch at ``trail`` (wnids from the root down to it), or close it."""
        self.opened ^= {tuple(trail)}
        self._draw_tree()

    def use_as_a(self, wnid: str | None = None) -> None:
        """Compare ``wnid`` (default: the synset shown) as A."""
        self.a = self.wn.synset(wnid or self.current).wnid
        self._draw_comparison()

    def use_as_b(self, wnid: str | None = None) -> None:
        """Compare ``wnid`` (default: the synset shown) as B."""
        self.b = self.wn.synset(wnid or self.current).wnid
        self._draw_comparison()

    def comparison(self) -> dict[str, Any]:
        """Return steps, path, wup and lch similarity of A and B, and the subsumer that Wu-Palmer uses."""
        taxonomy = self.wn.taxonomy([self.a, self.b])
        return {
            "steps": int(taxonomy.path_distance()[0, 1]),
            "path": float(taxonomy.path_similarity()[0, 1]),
            "wup": float(taxonomy.wup_similarity()[0, 1]),
            "lch": float(taxonomy.lch_similarity()[0, 1]),
            "subsumer": taxonomy.nodes[taxonomy.lowest_common_subsumer()[0, 1]],
        }

    def twin_html(self) -> str:
        """Return the static twin: the same browser in one piece of HTML and JavaScript."""
        template = resources.files("synscenes").joinpath("data/hierarchy_twin.html").read_text("utf-8")
        # "</" would end the script element that holds the data.
        data = json.dumps(self._twin_data(), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        return template.replace("__DATA__", data)

    def _twin_data(self) -> dict[str, Any]:
        # In the order of names, so that a smaller row number breaks ties as NLTK does.
        synsets = sorted((self.wn.synset(wnid) for wnid in self.nodes), key=lambda synset: synset.name)
        place = {synset.wnid: row for row, synset in enumerate(synsets)}
        rows = [
            [
                synset.offset,
                ",".join(synset.lemmas),
                int(synset.name.rpartition(".")[2]),
                [place[parent] for parent in synset.hypernyms],
                len(self.wn.descendants(synset.wnid)),
                int(synset.wnid in self.classes),
                synset.definition,
            ]
            for synset in synsets
        ]
        start, a, b = self.start
        return {"depth": self.wn.max_depth, "start": start, "a": a, "b": b, "nodes": rows}

    def _build(self) -> None:
        self._search_box = widgets.Text(placeholder="dog, violin, n02099601 …", description="Search")
        self._search_box.observe(lambda change: self.search(change["new"]), names="value")
        self._found = widgets.VBox(layout={"align_items": "flex-start"})
        self._tree = widgets.VBox(layout={"max_height": "720px", "overflow": "auto", "flex": "1 1 50%"})
        self._about, self._paths, self._compared = widgets.HTML(), widgets.VBox(), widgets.HTML()
        as_a, as_b = widgets.Button(description="Use as A"), widgets.Button(description="Use as B")
        as_a.on_click(lambda _: self.use_as_a())
        as_b.on_click(lambda _: self.use_as_b())
        pair = widgets.HBox([as_a, as_b])
        self._side = widgets.VBox(
            [self._about, self._paths, pair, self._compared], layout={"flex": "1 1 50%"}
        )

    def _draw_tree(self) -> None:
        rows: list[widgets.Widget] = []

        def add(trail: tuple[str, ...]) -> None:
            wnid, depth = trail[-1], len(trail)
            # A closed branch on the way to the synset shown still shows that way, without its siblings.
            onward = self._path[depth] if trail == self._path[:depth] and depth < len(self._path) else None
            children = [child for child in self.wn.children(wnid) if child in self.nodes or child == onward]
            rows.append(self._tree_row(trail, bool(children)))
            shown = sorted(children, key=self.wn.name)[:_MOST_CHILDREN] if trail in self.opened else [onward]
            for child in filter(None, shown):
                add((*trail, child))

        add(self._path[:1])
        _refill(self._tree, rows)

    def _tree_row(self, trail: tuple[str, ...], has_children: bool) -> widgets.HBox:
        wnid = trail[-1]
        fold = widgets.Button(description="▾" if trail in self.opened else "▸", layout={"width": "2.2em"})
        fold.tooltip = f"Kinds of {self.wn.name(wnid)}"
        fold.layout.visibility = "visible" if has_children else "hidden"
        fold.on_click(lambda _: self.fold(trail))
        count = f" ({self.classes_below.get(wnid, 0)})" if has_children else ""
        indent = widgets.Label(layout={"width": f"{0.8 * (len(trail) - 1)}em", "flex": "0 0 auto"})
        # Rows keep their height: the box around them scrolls instead of squeezing them.
        return widgets.HBox(
            [indent, fold, self._button(self.wn.name(wnid) + count, wnid)], layout={"flex": "0 0 auto"}
        )

    def _draw_about(self) -> None:
        synset, paths = self.wn.synset(self.current), self.wn.hypernym_paths(self.current)
        below = (
            f"{self.classes_below.get(synset.wnid, 0):,} of the {len(self.classes):,} classes here or below"
        )
        nouns = f"{len(self.wn.descendants(synset.wnid)):,} nouns of WordNet below"
        self._about.value = (
            f"<b>{html.escape(self.wn.name(synset.wnid))}</b> · {synset.wnid} · {html.escape(synset.name)}<br>"
            f"{html.escape(synset.definition)}<br>{below}; {nouns}"
        )
        layout = {"flex_flow": "row wrap", "border_left": "4px solid #D55E00", "margin": "0.4em 0"}
        trails = [[self._button(self.wn.name(wnid), wnid) for wnid in path] for path in paths]
        _refill(self._paths, [widgets.HBox(trail, layout=layout) for trail in trails])

    def _draw_comparison(self) -> None:
        found = self.comparison()
        names = [html.escape(self.wn.name(wnid)) for wnid in (self.a, self.b, found["subsumer"])]
        self._compared.value = (
            f"<b>A</b> {names[0]} · <b>B</b> {names[1]} · common subsumer: {names[2]}<br>{found['steps']} steps · path "
            f"{found['path']:.4f} · Wu-Palmer {found['wup']:.4f} · Leacock-Chodorow {found['lch']:.4f}"
        )

    def _button(self, text: str, wnid: str) -> widgets.Button:
        """A button that shows ``wnid``; it is highlighted when that is the synset shown."""
        style = "info" if wnid == self.current else ""
        button = widgets.Button(description=text, tooltip=wnid, button_style=style, layout={"width": "auto"})
        button.on_click(lambda _: self.select(wnid))
        return button

    def _gloss(self, wnid: str) -> str:
        definition = self.wn.synset(wnid).definition
        return definition if len(definition) <= 60 else definition[:59] + "…"


def _refill(box: widgets.Box, children: list[widgets.Widget]) -> None:
    """Give a box new children and close the old ones, which would otherwise pile up in the kernel."""
    old, box.children = box.children, children
    for child in old:
        for inner in getattr(child, "children", ()):
            inner.close()
        child.close()
