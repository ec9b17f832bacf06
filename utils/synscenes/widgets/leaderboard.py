"""A leaderboard one can turn round: accuracy against what it costs, and the models no other beats in both."""

from __future__ import annotations

import html
import json
import math
from importlib import resources
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from synscenes.lesson.widgets import TwinWidget
from synscenes.models.zoo import pareto_front

if TYPE_CHECKING:
    import pandas

# Column of the table -> what the axis says.
COSTS = {
    "gflops": "billion multiply-adds an image",
    "params": "million parameters",
    "size_mb": "size of the file, MB",
}
_COLUMNS = ("model", "weights", "family", "top1", "top5", "params", "gflops", "size_mb", "crop", "extra_data")
ALL = "all"
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _EDGE = 640, 400, 46, 46, 14


class Leaderboard(TwinWidget):
    """Top-1 accuracy against a cost (logarithmic), the Pareto front drawn, one family filled, one model told.

    ``table``: as ``synscenes.models.zoo.torchvision_table()`` returns it. ``cost``: "gflops", "params" or "size_mb";
    ``family``: "all" or a family's name. ``choose_cost``, ``choose_family`` and ``choose_model`` do what the controls
    do. The front is that of the family shown. Raises ValueError for an empty table, one that lacks a column, or an
    unknown choice.
    """

    def __init__(self, table: pandas.DataFrame, cost: str = "gflops", family: str = ALL) -> None:
        lacking = [column for column in _COLUMNS if column not in table]
        if lacking or not len(table):
            raise ValueError(
                f"the table needs rows and the columns {', '.join(_COLUMNS)}; it lacks {lacking or 'rows'}"
            )
        self.table = table.sort_values(["top1", "model"], ascending=[False, True]).reset_index(drop=True)
        self.families = sorted(self.table["family"].unique())
        self._cost = widgets.Dropdown(
            options=[(text, name) for name, text in COSTS.items()], description="Cost"
        )
        everything = (f"all {len(self.table)} sets of weights", ALL)
        self._family = widgets.Dropdown(
            options=[everything, *zip(self.families, self.families)], description="Family"
        )
        self._model = widgets.Dropdown(description="Model")
        self._chart, self._about = widgets.HTML(), widgets.HTML()
        super().__init__([widgets.HBox([self._cost, self._family, self._model]), self._chart, self._about])
        self.choose_cost(cost)
        self.choose_family(family)
        self._cost.observe(lambda change: self.choose_cost(change["new"]), names="value")
        self._family.observe(lambda change: self.choose_family(change["new"]), names="value")
        self._model.observe(lambda change: self._draw(), names="value")

    @property
    def cost(self) -> str:
        """The column on the horizontal axis."""
        return self._cost.value

    @property
    def family(self) -> str:
        """The family that is filled: "all" or a name."""
        return self._family.value

    @property
    def chosen(self) -> pandas.Series:
        """The row of the model told about."""
        return self.table.loc[self._model.value]

    @property
    def shown(self) -> pandas.DataFrame:
        """The rows of the family shown."""
        return self.table if self.family == ALL else self.table[self.table["family"] == self.family]

    @property
    def front(self) -> pandas.DataFrame:
        """The rows of the family shown that no other of them beats in cost and accuracy, the cheapest first."""
        rows = self.shown
        return rows[pareto_front(rows[self.cost], rows["top1"])].sort_values(self.cost)

    def choose_cost(self, cost: str) -> None:
        """Put another cost on the horizontal axis."""
        if cost not in COSTS:
            raise ValueError(f"cost must be one of {', '.join(COSTS)}, not {cost!r}")
        self._cost.value = cost
        self._list_models()

    def choose_family(self, family: str) -> None:
        """Fill another family's points, and draw its front."""
        if family != ALL and family not in self.families:
            raise ValueError(f"family must be {ALL!r} or one of {', '.join(self.families)}, not {family!r}")
        self._family.value = family
        self._list_models()

    def choose_model(self, row: int) -> None:
        """Tell about the model in this row of the table (0 is the most accurate)."""
        if row not in self.shown.index:
            raise ValueError(f"row {row} is not among the {len(self.shown)} shown")
        self._model.value = row
        self._draw()

    def twin_html(self) -> str:
        """Return the static twin: the same chart, drawn and moved by a small script."""
        template = resources.files("synscenes").joinpath("data/leaderboard_twin.html").read_text("utf-8")
        rows = self.table[list(_COLUMNS)].round(3).values.tolist()
        shown = {"cost": self.cost, "family": self.family, "current": int(self._model.value)}
        data = {"costs": COSTS, "columns": _COLUMNS, "rows": rows, **shown}
        # "</" would end the script element that holds the data.
        packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        return template.replace("__DATA__", packed)

    def _list_models(self) -> None:
        rows = self.shown.sort_values(self.cost)
        kept = self._model.value if self._model.value in rows.index else rows.index[-1]
        with self.hold_trait_notifications():
            self._model.options = [
                (f"{row.model} ({row.weights.removeprefix('IMAGENET1K_')})", row.Index)
                for row in rows.itertuples()
            ]
            self._model.value = kept
        self._draw()

    def _draw(self) -> None:
        if self._model.value is None:
            return
        self._chart.value = self._svg()
        self._about.value = html.escape(describe(self.chosen, self._model.value in self.front.index))

    def _svg(self) -> str:
        lows, highs = self.table[[self.cost, "top1"]].min(), self.table[[self.cost, "top1"]].max()
        left, right = math.log10(lows[self.cost]) - 0.05, math.log10(highs[self.cost]) + 0.05
        low = 5 * (lows["top1"] // 5)
        high = max(5 * -(-highs["top1"] // 5), low + 5)

        def at(row: Any) -> tuple[float, float]:
            across = (math.log10(row[self.cost]) - left) / (right - left)
            up = (row["top1"] - low) / (high - low)
            return _LEFT + across * (_WIDTH - _LEFT - _EDGE), _EDGE + (1 - up) * (_HEIGHT - _EDGE - _BOTTOM)

        front, shown = self.front, set(self.shown.index)
        on_front, parts = set(front.index), []
        for power in range(math.ceil(left), math.floor(right) + 1):
            x, _ = at({self.cost: 10.0**power, "top1": low})
            parts.append(
                f'<text x="{x:.0f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{10.0**power:g}</text>'
            )
        for score in range(int(low), int(high) + 1, 5):
            _, y = at({self.cost: lows[self.cost], "top1": score})
            parts.append(
                f'<path d="M{_LEFT} {y:.0f}H{_WIDTH - _EDGE}" stroke="currentColor" stroke-opacity=".2"/>'
            )
            parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{score}</text>')
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(row) for _, row in front.iterrows()))
        parts.append(
            f'<polyline points="{corners}" fill="none" stroke="currentColor" stroke-dasharray="5 3"/>'
        )
        for number, row in self.table.iterrows():
            x, y = at(row)
            filled = "#E69F00" if number in shown else "none"
            radius = 8 if number == self._model.value else 4.5
            title = html.escape(describe(row, number in on_front))
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{filled}" stroke="currentColor" '
                f'stroke-opacity="{0.9 if filled != "none" else 0.35}"><title>{title}</title></circle>'
            )
        label = (
            f"Top-1 accuracy in per cent against {COSTS[self.cost]}; the front has {len(front)} models."
        )
        middle = (_LEFT + _WIDTH - _EDGE) / 2
        parts.append(
            f'<text x="{middle:.0f}" y="{_HEIGHT - 6}" text-anchor="middle">{COSTS[self.cost]}</text>'
        )
        return (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" style="max-width: {_WIDTH}px; width: 100%" fill="currentColor" '
            f'font-size="13" role="img" aria-label="{label}">{"".join(parts)}</svg>'
        )


def describe(row: Any, on_front: bool) -> str:
    """Return one line about a row of the table."""
    extra = ", trained on more than ImageNet-1k" if row["extra_data"] else ""
    front = "; on the front" if on_front else ""
    return (
        f"{row['model']} ({row['weights']}), {row['family']}: top-1 {row['top1']:.2f} %, top-5 {row['top5']:.2f} %, "
        f"{row['gflops']:.3g} billion multiply-adds, {row['params']:.3g} million parameters, {row['size_mb']:.3g} MB, "
        f"input {row['crop']} px{extra}{front}"
    )
