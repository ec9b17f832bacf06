"""What the small detector got wrong: a few pictures of each kind, and how often."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.detection.overlap import iou
from synscenes.detection.small.training import Prepared
from synscenes.pictures import open_image

KINDS = ("wrong name", "loose", "double", "background", "missed")


def count(result: Any, data: Prepared, least: float = 0.3) -> dict[str, int]:
    """Return how often each kind of mistake happened among detections with a score of at least ``least``."""
    return {kind: len(cases) for kind, cases in _sorted_out(result, data, least).items()}


def gallery(result: Any, data: Prepared, each: int = 2, least: float = 0.3) -> list[tuple]:
    """Return the surest mistakes of each kind (and the largest things missed) for ``plots.detection.failures``.

    ``result``: what ``metrics.detection.evaluate`` returned for ``data``. A kind without mistakes is left out.
    """
    examples = {example.image_id: example for example in data.examples}
    shown = []
    for kind, cases in _sorted_out(result, data, least).items():
        for _, image_id, box, truth, words in sorted(cases, key=lambda case: -case[0])[:each]:
            shown.append((open_image(examples[image_id].path), box, truth, f"{kind}:\n{words}"))
    return shown


def _sorted_out(result: Any, data: Prepared, least: float) -> dict[str, list[tuple]]:
    """Each kind's cases: (weight, image id, box found, true box, words)."""
    name_of = dict(zip(data.ids, data.names))
    truth = {note["id"]: note for note in data.ground_truth()["annotations"] if not note.get("iscrowd")}
    of_image = defaultdict(list)
    for note in truth.values():
        of_image[note["image_id"]].append(note)
    cases: dict[str, list[tuple]] = {kind: [] for kind in KINDS}
    found = result.matches(iou=0.5)
    for row in found[(found.outcome == "false") & (found.score >= least)].itertuples():
        box = xywh_to_xyxy([result.matching.found.box[row.Index]])[0]
        kind, note = _kind(box, row.category_id, of_image[row.image_id])
        words = f"{name_of[row.category_id]} {row.score:.2f}"
        if kind == "wrong name":
            words += f"\nis: {name_of[note['category_id']]}"
        true_box = None if note is None else xywh_to_xyxy(note["bbox"])
        cases[kind].append((row.score, row.image_id, box, true_box, words))
    seen = {row.annotation_id for row in found[(found.outcome == "hit") & (found.score >= least)].itertuples()}
    for note in truth.values():
        if note["id"] not in seen:
            box = xywh_to_xyxy(note["bbox"])
            cases["missed"].append((note["area"], note["image_id"], None, box, name_of[note["category_id"]]))
    return cases


def _kind(box: np.ndarray, category: int, notes: list[dict]) -> tuple[str, dict | None]:
    """Say what a false detection is, and which object it has to do with."""
    if not notes:
        return "background", None
    overlaps = iou(box[None], xywh_to_xyxy([note["bbox"] for note in notes]))[0]
    same = np.array([note["category_id"] == category for note in notes])
    for mask, least, kind in ((same, 0.5, "double"), (~same, 0.5, "wrong name"), (same, 0.1, "loose")):
        best = int(np.where(mask, overlaps, -1.0).argmax())
        if mask[best] and overlaps[best] >= least:
            return kind, notes[best]
    return "background", None
