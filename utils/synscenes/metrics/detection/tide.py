"""Six kinds of errors, and what each of them costs: TIDE (Bolya et al. 2020, "TIDE: A General Toolbox for Identifying
Object Detection Errors").

Every false detection is of one kind, by its overlap with the image's annotations (foreground 0.5, background 0.1):

===== ===================================================================================================
Loc   the right category, but the box is off: overlap from 0.1 to 0.5
Cls   the box is good (0.5 or more), but of another category
Dupe  category and box are good, but a detection with a higher score was there first
Bkg   nothing is there: overlap below 0.1 with everything
Both  the box is off and the category is another
Miss  (of annotations) nobody found it, not even with a Loc or Cls error
===== ===================================================================================================

The questions are asked in this order, as in the authors' program. A kind's cost is how much AP50 would rise if all
errors of this kind were mended and no other: Loc and Cls become hits, Dupe, Bkg and Both vanish, and missed objects
need no longer be found. Where several Loc and Cls errors are about one object, the surest of them becomes the hit, and
the others vanish. Counts and costs equal those of tidecv 1.0.1 (tests/reference/tide_reference.json).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synscenes.errors import CourseError
from synscenes.metrics.detection.curves import average_precisions
from synscenes.metrics.detection.matching import HIT, IGNORED, MISS
from synscenes.metrics.detection.overlaps import candidate_pairs
from synscenes.metrics.detection.result import Result

if TYPE_CHECKING:
    import pandas

KINDS = ("Cls", "Loc", "Both", "Dupe", "Bkg", "Miss")


@dataclass(frozen=True)
class ErrorAnalysis:
    """What :func:`error_analysis` found.

    ``ap``: AP at the foreground threshold; ``cost``: kind -> the AP that mending it adds; ``counts``: kind -> how many;
    ``false``: one row for each false detection (result, image_id, category_id, score, kind, annotation_id: what it
    nearly found, or 0); ``missed``: one row for each Miss (annotation_id, image_id, category_id).
    """

    ap: float
    cost: dict[str, float]
    counts: dict[str, int]
    false: pandas.DataFrame
    missed: pandas.DataFrame


def error_analysis(result: Result, foreground: float = 0.5, background: float = 0.1) -> ErrorAnalysis:
    """Sort the errors of an evaluation of boxes or masks into six kinds, and price each kind.

    Raises CourseError for joints, for an evaluation without categories, and for a foreground threshold that was not
    evaluated.
    """
    if result.iou_type == "keypoints" or result.settings.class_agnostic:
        raise CourseError("error analysis needs boxes or masks with categories: evaluate bbox or segm.")
    if not 0 < background < foreground:
        raise CourseError(f"background must lie between 0 and foreground, got {background} and {foreground}.")
    found, truth = result.matching.found, result.matching.truth
    outcome = result.outcome(foreground)
    limit = result.settings.max_dets[result.settings.headline_limit]
    outcome = np.where(result.matching.rank < limit, outcome, np.int8(IGNORED))
    kind, target = _kinds(result, np.flatnonzero(outcome == MISS), foreground, background)

    counted = ~result.matching.ignore[:, list(result.settings.area_ranges).index("all")]
    open_ = counted & np.isin(truth.identifier, result.missed(foreground).annotation_id)
    nearly = np.flatnonzero(np.isin(kind, ("Loc", "Cls")))
    surest = _surest_for_each(nearly[open_[target[nearly]]], target, found.score)
    missed = open_.copy()
    missed[target[nearly]] = False

    wanted = np.bincount(truth.category[counted], minlength=len(result.catalogue.category_ids))
    ap = _ap(outcome, found.category, found.score, wanted, wanted)
    cost = {}
    for name in KINDS:
        mended, category, objects = outcome.copy(), found.category, wanted
        if name == "Miss":
            objects = wanted - np.bincount(truth.category[missed], minlength=len(wanted))
        else:
            wrong = np.flatnonzero(kind == name)
            mended[wrong] = IGNORED
            if name in ("Loc", "Cls"):
                useful = surest[kind[surest] == name]
                mended[useful] = HIT
                category = category.copy()
                category[useful] = truth.category[target[useful]]
        cost[name] = _ap(mended, category, found.score, objects, wanted) - ap
    counts = {name: int((kind == name).sum()) for name in KINDS[:-1]} | {"Miss": int(missed.sum())}
    return ErrorAnalysis(ap, cost, counts, _false_table(result, kind, target), _missed_table(result, missed))


def _kinds(result: Result, false: np.ndarray, foreground: float, background: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the kind of each detection ("" unless false) and the annotation it nearly found (-1 for none)."""
    found, truth = result.matching.found, result.matching.truth
    wrong = found.take(false)
    first, last = (np.searchsorted(truth.image, wrong.image, side=side) for side in ("left", "right"))
    d, g, overlap = candidate_pairs(wrong, truth, result.settings, background, first, last)
    keep = ~truth.ignore[g]
    d, g, overlap = d[keep], g[keep], overlap[keep]
    same = wrong.category[d] == truth.category[g]
    own, own_target = _best(len(false), d[same], g[same], overlap[same])
    other, other_target = _best(len(false), d[~same], g[~same], overlap[~same])
    foreground = min(foreground, 1 - 1e-10)
    questions = [
        ("Loc", (own >= background) & (own < foreground), own_target),
        ("Cls", other >= foreground, other_target),
        ("Dupe", own >= foreground, own_target),
        ("Bkg", np.maximum(own, other) < background, np.full(len(false), -1)),
        ("Both", np.ones(len(false), dtype=bool), other_target),
    ]
    kind, target = np.full(len(found), "", dtype="<U4"), np.full(len(found), -1)
    kind[false] = np.select([answer for _, answer, _ in questions], [name for name, _, _ in questions], "")
    target[false] = np.select([answer for _, answer, _ in questions], [where for *_, where in questions], -1)
    return kind, target


def _best(count: int, d: np.ndarray, g: np.ndarray, overlap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the greatest overlap of each detection (0 for none) and the annotation it is with (-1)."""
    value, target = np.zeros(count), np.full(count, -1)
    order = np.argsort(overlap, kind="stable")  # the greatest is written last
    value[d[order]], target[d[order]] = overlap[order], g[order]
    return value, target


def _surest_for_each(errors: np.ndarray, target: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return, of the errors about each annotation, the one with the highest score."""
    errors = errors[np.argsort(-score[errors], kind="stable")]
    return errors[np.unique(target[errors], return_index=True)[1]]


def _ap(outcome: np.ndarray, category: np.ndarray, score: np.ndarray, wanted: np.ndarray, before: np.ndarray) -> float:
    """Return the mean AP; ``before``: how many objects each category had before anything was mended."""
    values = average_precisions(outcome, category, score, wanted)
    # As in the authors' program, a category whose objects were all missed stays at 0 while it has false detections.
    false = np.bincount(category[outcome == MISS], minlength=len(wanted)) > 0
    values[(wanted == 0) & (before > 0) & false] = 0
    return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0


def _false_table(result: Result, kind: np.ndarray, target: np.ndarray) -> pandas.DataFrame:
    rows = kind != ""
    identifier = np.append(result.matching.truth.identifier, 0)  # the last one is for -1
    columns = ["result", "image_id", "category_id", "score"]
    table = result.matches(float(result.settings.iou_thresholds[0]))[columns]
    return table[rows].reset_index(drop=True).assign(kind=kind[rows], annotation_id=identifier[target[rows]])


def _missed_table(result: Result, missed: np.ndarray) -> pandas.DataFrame:
    import pandas

    truth, catalogue = result.matching.truth, result.catalogue
    return pandas.DataFrame(
        {
            "annotation_id": truth.identifier[missed],
            "image_id": catalogue.image_ids[truth.image[missed]],
            "category_id": catalogue.category_ids[truth.category[missed]],
        }
    )
