"""Runs of one lesson with one seed, in different processes, must record the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def agree(folder: Path, who: str, results: dict[str, Any]) -> None:
    """Keep what a run recorded in ``folder``; fail if another run recorded something else under one of the names."""
    folder.mkdir(exist_ok=True)
    part = folder / f"{who}.part"
    part.write_text(json.dumps(results), encoding="utf-8")
    part.replace(folder / f"{who}.json")  # written before the others are read: of two at once, one sees the other
    for path in folder.glob("*.json"):
        other = json.loads(path.read_text(encoding="utf-8"))
        differing = {name: (results[name], other[name]) for name in set(results) & set(other)}
        differing = {name: pair for name, pair in differing.items() if pair[0] != pair[1]}
        assert not differing, f"{who} and {path.stem}, one seed, two results: {differing}"
