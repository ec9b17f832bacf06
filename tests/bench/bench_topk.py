"""Top-k accuracy on a test set of ImageNet's size: 50,000 rows of 1,000 scores, ours against torchmetrics."""

from __future__ import annotations

from harness import Measured, fresh, repeat, row

ROWS, CLASSES = 50_000, 1_000


def run(full: bool = False) -> list[dict]:
    """Measure top-1 and top-5; the two must agree on the accuracy, or the benchmark fails."""
    rows = []
    for k in (1, 5):
        ours = fresh("bench_topk", "ours_topk", k=k)
        peer = fresh("bench_topk", "torchmetrics_topk", k=k)
        passed = ours.median_s < 1 and ours.note == peer.note
        bar = f"under 1 s and equal ({ours.note} and {peer.note})"
        rows.append(
            row(f"top-{k} accuracy, 50,000 × 1,000", _plain(ours), _plain(peer), "torchmetrics", bar, passed)
        )
    return rows


def ours_topk(k: int) -> Measured:
    """synscenes' function on numpy arrays; the accuracy is returned as the note."""
    from synscenes.metrics.classification import topk_accuracy

    logits, labels = _made_up()
    found = topk_accuracy(logits, labels, k)
    return repeat(lambda: topk_accuracy(logits, labels, k), note=f"{found:.5f}")


def torchmetrics_topk(k: int) -> Measured:
    """torchmetrics' function on torch tensors over the same memory, with one thread as ours."""
    import torch
    from torchmetrics.functional.classification import multiclass_accuracy

    torch.set_num_threads(1)
    logits, labels = map(torch.from_numpy, _made_up())

    def work() -> float:
        return multiclass_accuracy(logits, labels, num_classes=CLASSES, average="micro", top_k=k).item()

    found = work()
    return repeat(work, note=f"{found:.5f}")


def _made_up():
    """Scores whose label is usually near the top, as a trained network's are; without ties."""
    import numpy as np

    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, ROWS)
    logits = rng.standard_normal((ROWS, CLASSES), dtype=np.float32)
    logits[np.arange(ROWS), labels] += np.float32(3.5)
    return logits, labels


def _plain(measured: Measured) -> Measured:
    """The same without the note: the accuracy stands in the bar."""
    return Measured(measured.median_s, measured.low_s, measured.high_s, measured.runs, measured.peak_mb)
