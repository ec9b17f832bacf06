"""The tables of what was measured and tried: benchmarks, and files and moments that go wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError


def read_kept(path: Path) -> Any:
    """Return what a program kept in a JSON file, or None where it has not run. Raises CourseError for a broken file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise CourseError(f"{path} cannot be read ({error}): run the program that writes it again.") from None


def benchmarks(kept: dict[str, Any] | None) -> str:
    """Return a table for each benchmark that was run, ours beside the peer, with the machine and the versions."""
    if not kept:
        return "No measurement is kept yet: `make bench` takes them."
    lines: list[str] = []
    machines: dict[str, list[str]] = {}
    for name, entry in kept.items():
        machines.setdefault(_machine(entry), []).append(name)
        lines += [f"## {_TITLES.get(name, name.replace('_', ' ').capitalize())}", ""]
        lines += [
            "| What | Ours | Peer | Peer's time | Ratio | Memory, ours / peer | Promise |",
            "|---|---:|---|---:|---:|---:|---|",
        ]
        lines += [_row(row) for row in entry["rows"]]
        notes = [
            f"{row['what']}, {whose}: {side['note']}"
            for row in entry["rows"]
            for whose, side in (("ours", row["ours"]), (row["peer_name"], row["peer"]))
            if side and side["note"]
        ]
        lines += ["", *(f"- {note}." for note in notes), ""]
    lines += ["## Measured on", ""]
    lines += [f"- {text} ({', '.join(names)})" for text, names in machines.items()]
    return "\n".join(lines)


_TITLES = {
    "captions": "Caption metrics",
    "coco": "COCO files",
    "dawid_skene": "Dawid and Skene",
    "detect": "Running a detector",
    "detection": "Detection metrics",
    "micrococo": "Drawing micro-COCO",
    "panoptic": "Panoptic quality",
    "rle": "RLE",
    "topk": "Top-k accuracy",
    "train": "Training",
    "train_gpu": "Training on a GPU",
    "wordnet": "WordNet",
}


def _row(row: dict[str, Any]) -> str:
    ours, peer = row["ours"], row["peer"]
    memory = " / ".join(f"{side['peak_mb']:,.0f} MB" if side and side["peak_mb"] else "–" for side in (ours, peer))
    cells = [
        row["what"],
        _seconds(ours),
        row["peer_name"] if peer else "–",
        _seconds(peer) if peer else "–",
        f"{row['ratio']:,.3g} ×" if peer else "–",
        memory,
        f"{row['bar']}: {'kept' if row['passed'] else '**missed**'}",
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _seconds(measured: dict[str, Any]) -> str:
    middle, low, high = (f"{measured[key]:.3g}" for key in ("median_s", "low_s", "high_s"))
    return f"{middle} s" if measured["runs"] == 1 else f"{middle} s ({low} to {high})"


def _machine(entry: dict[str, Any]) -> str:
    machine = entry["machine"]
    parts = [
        machine.get("processor"),
        f"{machine.get('cores')} cores",
        machine.get("system"),
        f"Python {machine.get('python')}",
    ]
    parts += [f"{name} {version}" for name, version in entry["versions"].items()]
    return ", ".join(part for part in parts if part)


def spoiled(kept: list[dict[str, Any]] | None) -> str:
    """Return the table of spoiled files: for each reader how many were read, refused in a line, or went wrong."""
    if not kept:
        return "No report is kept yet."
    lines = [
        "| What reads | What is read | Spoiled files | Read all the same | Refused in a line | Went wrong |",
        "|---|---|---:|---:|---:|---:|",
    ]
    totals = [0, 0, 0, 0]
    for entry in kept:
        read, refused = entry["counts"].get("read", 0), entry["counts"].get("refused", 0)
        numbers = [entry["cases"], read, refused, entry["cases"] - read - refused]
        totals = [a + b for a, b in zip(totals, numbers)]
        lines.append(f"| {entry['name']} | {entry['what']} | {' | '.join(f'{number:,}' for number in numbers)} |")
    lines.append(f"| **All** | | {' | '.join(f'**{number:,}**' for number in totals)} |")
    return "\n".join(lines)


def unlucky(kept: list[dict[str, Any]] | None) -> str:
    """Return the table of unlucky moments: what was tried, how often."""
    if not kept:
        return "No report is kept yet."
    lines = ["| What was tried | Times |", "|---|---:|"]
    lines += [f"| {entry['what']} | {entry['tries']:,} |" for entry in kept]
    return "\n".join(lines)
