"""A precision-recall curve to walk along: choose how sure, and how exact, a detection must be."""

from __future__ import annotations

import html
import json
from importlib import resources
from itertools import count
from typing import Any

import ipywidgets
import numpy as np

from synscenes.lesson.widgets import TwinWidget

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _EDGE = 460, 320, 46, 42, 12
_NUMBER = count(1)


class PrecisionRecall(TwinWidget):
    """Two sliders, the least score and the least IoU; the curve at that IoU, the point at that score, the counts.

    ``result``: an evaluation; ``category``: the id of one of its categories. The static twin shows the same. Raises
    CourseError for a category that was not evaluated, ValueError for one without objects.
    """

    def __init__(self, result: Any, category: int) -> None:
        self.thresholds = [round(float(value), 4) for value in result.settings.iou_thresholds]
        self.tables = [result.curve(category, value) for value in self.thresholds]
        row = result.per_category.set_index("id").loc[category]
        self.name, self.objects = row["name"], int(row["annotations"])
        if not self.objects:
            raise ValueError(f"category {category} has no objects: choose another")
        style = {"description_width": "8em"}
        self.score = ipywidgets.FloatSlider(
            value=0.5, min=0, max=1, step=0.05, description="Score at least", style=style
        )
        self.iou = ipywidgets.SelectionSlider(options=self.thresholds, description="IoU at least", style=style)
        self.result = ipywidgets.HTML()
        for control in (self.score, self.iou):
            control.observe(lambda _change: self._refresh(), names="value")
        super().__init__([self.score, self.iou, self.result])
        self._refresh()

    def counts(self) -> tuple[int, int, int]:
        """Return hits, false detections and misses at the sliders' values."""
        table = self.tables[self.thresholds.index(self.iou.value)]
        kept = table[table.score >= self.score.value]
        hits = int(kept.hit.sum())
        return hits, len(kept) - hits, self.objects - hits

    def twin_html(self) -> str:
        """Return the static twin: the same sliders, curve and counts, moved by a small script."""
        template = resources.files("synscenes").joinpath("data/precision_recall_twin.html").read_text("utf-8")
        data = {
            "name": self.name,
            "objects": self.objects,
            "thresholds": self.thresholds,
            "start": [self.score.value, self.thresholds.index(self.iou.value)],
            "size": [_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _EDGE],
            "scores": [np.round(table.score, 4).tolist() for table in self.tables],
            "hits": ["".join("01"[hit] for hit in table.hit.astype(int)) for table in self.tables],
        }
        packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        return template.replace("__DATA__", packed).replace("__ID__", f"synscenes-pr-{next(_NUMBER)}")

    def _refresh(self) -> None:
        table = self.tables[self.thresholds.index(self.iou.value)]
        hits, false, missed = self.counts()
        words = html.escape(describe(self.name, hits, false, missed), quote=True)
        points = [(0.0, 1.0 if not len(table) else float(table.best.iloc[0])), *zip(table.recall, table.best)]
        line = " ".join(f"{_x(recall):.1f},{_y(best):.1f}" for recall, best in points)
        precision, recall = hits / max(1, hits + false), hits / self.objects
        self.result.value = (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" style="max-width:{_WIDTH}px;width:100%" fill="currentColor" '
            f'font-size="13" role="img" aria-label="{words}">{_axes()}'
            f'<polyline points="{line}" fill="none" stroke="#0072B2" stroke-width="2"/>'
            f'<circle cx="{_x(recall):.1f}" cy="{_y(precision):.1f}" r="7" fill="#D55E00" stroke="currentColor"/></svg>'
            f"<p>{words}</p>"
        )


def describe(name: str, hits: int, false: int, missed: int) -> str:
    """Return the counts in words, with precision and recall."""
    precision = f"{hits / (hits + false):.2f}" if hits + false else "undefined"
    recall = hits / (hits + missed)
    return f"{name}: {hits} hits, {false} false, {missed} missed. Precision {precision}, recall {recall:.2f}."


def _x(recall: float) -> float:
    return _LEFT + recall * (_WIDTH - _LEFT - _EDGE)


def _y(precision: float) -> float:
    return _EDGE + (1 - precision) * (_HEIGHT - _EDGE - _BOTTOM)


def _axes() -> str:
    parts = []
    for tick in (0, 0.5, 1):
        parts.append(f'<text x="{_x(tick):.0f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{_LEFT - 7}" y="{_y(tick) + 4:.0f}" text-anchor="end">{tick:g}</text>')
        parts.append(f'<path d="M{_LEFT} {_y(tick):.0f}H{_WIDTH - _EDGE}" stroke="currentColor" stroke-opacity=".2"/>')
    parts.append(f'<text x="{_x(0.5):.0f}" y="{_HEIGHT - 5}" text-anchor="middle">recall</text>')
    turn = f'text-anchor="middle" transform="rotate(-90 12 {_y(0.5):.0f})"'
    parts.append(f'<text x="12" y="{_y(0.5):.0f}" {turn}>precision</text>')
    return "".join(parts)
