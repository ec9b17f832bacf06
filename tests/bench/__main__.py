"""All benchmarks as one table: ``python -m tests.bench [--full] [--json FILE] [--no-page] [name ...]``.

Every ``bench_<name>.py`` here has ``run(full) -> list[dict]`` (see harness.row). Exits with 1 when a promise
is missed. Times are CPU seconds: median (lowest-highest of the runs). What was measured, with the machine and the
versions of all contenders, is kept in ``course/benchmarks.json``, which the website's page on speed shows; a benchmark
that did not run keeps its last figures.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "course" / "benchmarks.json"
CONTENDERS = (
    "numpy", "scipy", "torch", "torchvision", "nltk", "pycocotools", "torchmetrics", "crowd-kit", "pycocoevalcap",
    "faster-coco-eval", "imagecorruptions", "opencv-python-headless",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks named (default: all) and print the table; return the exit status."""
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="tests.bench", description="CPU seconds and memory, ours against peers.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which to run: {', '.join(names)} (default: all)")
    parser.add_argument("--full", action="store_true", help="measure what is extrapolated otherwise (minutes)")
    parser.add_argument("--json", metavar="FILE", help="also write the rows to FILE")
    parser.add_argument("--no-page", action="store_true", help="leave the figures of the website's page as they are")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(names)):
        parser.error(f"no benchmark named {', '.join(unknown)}: choose from {', '.join(names)}")
    sys.path.insert(0, str(HERE))
    measured = {}
    for name in options.names or names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        measured[name] = importlib.import_module(f"bench_{name}").run(full=options.full)
        if not options.no_page:
            keep(name, measured[name])
    rows = [each for name in measured for each in measured[name]]
    print(table(rows))
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(each["passed"] for each in rows) else 1


def keep(name: str, rows: list[dict], page: Path = PAGE) -> None:
    """Put one benchmark's rows, with machine and versions, among those that the website shows (none: skipped here)."""
    from synscenes.authoring.running import machine
    from synscenes.files import write_atomic

    if not rows:
        return
    kept = json.loads(page.read_text(encoding="utf-8")) if page.exists() else {}
    kept[name] = {"machine": machine(), "versions": versions(), "rows": rows}
    write_atomic(page, json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False) + "\n")


def versions() -> dict[str, str]:
    """Return the versions of whatever takes part, where it is installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for package in CONTENDERS:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


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
