"""``import synscenes``: CPU seconds of a fresh interpreter that does it, minus those of one that does nothing."""

from __future__ import annotations

from dataclasses import replace

from harness import process_cpu, row


def run(full: bool = False) -> list[dict]:
    """Measure the import; ``full`` takes three times the runs."""
    runs = 45 if full else 15
    bare = process_cpu("pass", runs)
    whole = process_cpu("import synscenes", runs)
    ours = replace(
        whole,
        median_s=max(whole.median_s - bare.median_s, 0.0),
        low_s=max(whole.low_s - bare.median_s, 0.0),
        high_s=whole.high_s - bare.median_s,
        note=f"bare interpreter {bare.median_s:.3f} s taken off",
    )
    return [row("import synscenes", ours, None, "", "under 0.1 s", ours.median_s < 0.1)]
