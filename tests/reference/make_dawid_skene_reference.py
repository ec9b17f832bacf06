"""Makes dawid_skene_reference.json: what two other programs find, for tests/test_annotators_reference.py.

    pip install crowd-kit==1.4.2 cleanlab==2.9.0          # in an environment of its own
    python tests/reference/make_dawid_skene_reference.py

The votes and probabilities themselves are in the file too, so the tests need neither program.
"""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import numpy as np

OUT = Path(__file__).with_name("dawid_skene_reference.json")


def make_votes(seed: int, items: int, annotators: int, classes: int, share: float) -> list[list[int]]:
    """Votes of annotators with random confusion matrices, each item answered by a random part of them."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, items)
    skill = rng.uniform(0.2, 0.9, annotators)
    rows = []
    for item in range(items):
        chosen = np.flatnonzero(rng.random(annotators) < share)
        for annotator in chosen if len(chosen) else [int(rng.integers(annotators))]:
            right = rng.random() < skill[annotator]
            label = truth[item] if right else rng.integers(classes)
            rows.append([item, int(annotator), int(label)])
    return rows


def crowd_kit_answers(rows: list[list[int]], classes: int, iterations: int) -> dict:
    """Posterior, prior and Krippendorff's alpha from crowd-kit after a fixed number of EM rounds."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene
    from crowdkit.metrics.data import alpha_krippendorff

    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    # A tolerance that is never reached: the number of rounds is then the same in both programs.
    model = DawidSkene(n_iter=iterations, tol=-1e30).fit(frame)
    posterior = model.probas_.sort_index().reindex(columns=range(classes), fill_value=0.0)
    return {"posterior": posterior.to_numpy().tolist(), "alpha": float(alpha_krippendorff(frame))}


def main() -> None:
    """Write the file."""
    from cleanlab.count import compute_confident_joint, get_confident_thresholds

    cases = []
    for seed, items, annotators, classes, share, iterations in (
        (0, 30, 6, 3, 0.8, 1),
        (1, 30, 6, 3, 0.8, 20),
        (2, 60, 9, 5, 0.5, 15),
        (3, 25, 4, 2, 1.0, 30),
    ):
        rows = make_votes(seed, items, annotators, classes, share)
        shape = {"items": items, "annotators": annotators, "classes": classes, "iterations": iterations}
        cases.append({**shape, "votes": rows, **crowd_kit_answers(rows, classes, iterations)})
    rng = np.random.default_rng(7)
    labels = np.concatenate([np.arange(4), rng.integers(0, 4, 56)])
    scores = rng.normal(size=(60, 4)) + 1.5 * np.eye(4)[labels]
    probabilities = np.round(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), 12)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    confident = {
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "thresholds": get_confident_thresholds(labels, probabilities).tolist(),
        "joint": compute_confident_joint(labels, probabilities, calibrate=False).tolist(),
    }
    versions = {
        name: importlib.metadata.version(name) for name in ("crowd-kit", "cleanlab", "numpy", "pandas")
    }
    OUT.write_text(json.dumps({"made_with": versions, "dawid_skene": cases, "confident": confident}) + "\n")


if __name__ == "__main__":
    main()
