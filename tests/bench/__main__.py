"""All benchmarks as one table: ``python -m tests.bench [--full] [--json FILE] [name ...]``.

Every ``bench_<name>.py`` here has ``run(full) -> list[dict]`` (see harness.row). Exits with 1 when a promise
is missed. Times are CPU seconds: median (lowest-highest of the runs).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks named (default: all) and print the table; return the exit status."""
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(
        prog="tests.bench", description="CPU seconds and memory, ours against peers."
    )
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"which to run: {', '.join(names)} (default: all)"
    )
    parser.add_argument(
        "--full", action="store_true", help="measure what is extrapolated otherwise (minutes)"
    )
    parser.add_argument("--json", metavar="FILE", help="also write the rows to FILE")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(names)):
        parser.error(f"no benchmark named {', '.join(unknown)}: choose from {', '.join(names)}")
    sys.path.insert(0, str(HERE))
    rows = []
    for name in options.names or names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"bench_{name}").run(full=options.full)
    print(table(rows))
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(each["passed"] for each in rows) else 1


def table(rows: list[dict]) -> str:
    """Return the rows as a Markdown table, with notes below it."""
    lines = [
        "| what | ours, CPU s | peer, CPU s | ratio | MB ours / peer | bar |",
        "|---|---|---|---|---|---|",
    ]
    notes = []
    for each in rows:
        ours, peer = each["ours"], each["peer"]
        megabytes = f"{ours['peak_mb']:.0f}" if ours["peak_mb"] else "–"
        cells = [
            each["what"],
            _seconds(ours),
            f"{each['peer_name']} {_seconds(peer)}" + ("*" if peer["note"] else "") if peer else "–",
            f"{each['ratio']:,.0f} ×" if peer else "–",
            f"{megabytes} / {peer['peak_mb']:.0f}" if peer else megabytes,
            f"{each['bar']}: {'met' if each['passed'] else 'MISSED'}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
        notes += [f"{each['what']}: {side['note']}" for side in (ours, peer) if side and side["note"]]
    return "\n".join([*lines, "", *(f"* {note}" for note in notes)]).rstrip()


def _seconds(measured: dict) -> str:
    digits = 1 if measured["median_s"] >= 10 else 3
    middle, low, high = (f"{measured[key]:.{digits}f}" for key in ("median_s", "low_s", "high_s"))
    return middle if measured["runs"] == 1 else f"{middle} ({low}-{high})"


if __name__ == "__main__":
    sys.exit(main())
