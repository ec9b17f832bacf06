"""What an evaluation found: COCO's numbers, and what pycocotools doesn't print."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.metrics.detection.curves import Curves
from synscenes.metrics.detection.matching import HIT, MISS, Matching
from synscenes.metrics.detection.reading import Catalogue
from synscenes.metrics.detection.settings import Settings
from synscenes.metrics.detection.summary import stats_of, summary_of

if TYPE_CHECKING:
    import pandas

OUTCOMES = {MISS: "false", HIT: "hit"}


@dataclass(frozen=True)
class Result:
    """An evaluation's outcome. ``print(result)`` shows COCO's table.

    ``settings``: the axes; ``catalogue``: images and categories; ``matching``: who found what; ``curves``: arrays.
    -1 stands for "undefined" throughout, as in pycocotools: no annotation counts there, or the threshold or area
    was not asked for.
    """

    settings: Settings
    catalogue: Catalogue
    matching: Matching
    curves: Curves

    @cached_property
    def stats(self) -> dict[str, float]:
        """COCO's numbers by name: AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl.

        Joints: AP AP50 AP75 APm APl AR AR50 AR75 ARm ARl. Areas of your own add AP_name and AR_name.
        """
        return stats_of(self.curves, self.settings)

    @property
    def precision(self) -> np.ndarray:
        """Precision at 101 recall values: (T, R, K, A, M), -1 where undefined."""
        return self.curves.precision

    @property
    def recall(self) -> np.ndarray:
        """The recall reached with all detections: (T, K, A, M), -1 where undefined."""
        return self.curves.recall

    @property
    def scores(self) -> np.ndarray:
        """The score at which each recall value is reached: (T, R, K, A, M), -1 where undefined."""
        return self.curves.scores

    @property
    def iou_type(self) -> str:
        """ "bbox", "segm" or "keypoints"."""
        return self.settings.iou_type

    @cached_property
    def per_category(self) -> pandas.DataFrame:
        """One row a category: id, name, how many annotations count, how many detections, and the numbers of ``stats``.

        NaN where a number is undefined, so that pandas' mean leaves it out: ``per_category.AP.mean()`` is AP. Without
        categories (``class_agnostic``) there is one row.
        """
        import pandas

        rows = []
        for k, (identifier, name) in enumerate(self._categories()):
            one = Curves(self.precision[:, :, k : k + 1], self.scores[:, :, k : k + 1], self.recall[:, k : k + 1])
            stats = {key: np.nan if value == -1 else value for key, value in stats_of(one, self.settings).items()}
            rows.append({"id": identifier, "name": name, **self._counts(k), **stats})
        return pandas.DataFrame(rows)

    def curve(self, category: int | None = None, iou: float = 0.5, area: str = "all") -> pandas.DataFrame:
        """Return the staircase of one category: a row for each detection that counts, by falling score.

        Columns: score, hit (bool), precision and recall down to it, and ``best``, the highest precision at this
        recall or beyond, which is what AP averages. ``category``: its id (may be left out when there is one only).
        Raises CourseError for a category, IoU threshold or area that was not evaluated.
        """
        import pandas

        k, outcome = self._category(category), self.outcome(iou, area)
        mine = np.flatnonzero((self._of(self.matching.found) == k) & (outcome <= HIT))
        mine = mine[self.matching.rank[mine] < self.settings.max_dets[self.settings.headline_limit]]
        mine = mine[np.argsort(-self.matching.found.score[mine], kind="stable")]
        hits = outcome[mine] == HIT
        precision = np.cumsum(hits) / np.arange(1, len(mine) + 1)
        return pandas.DataFrame(
            {
                "score": self.matching.found.score[mine],
                "hit": hits,
                "precision": precision,
                "recall": np.cumsum(hits) / max(1, self._wanted(area)[k]),
                "best": np.maximum.accumulate(precision[::-1])[::-1],
            }
        )

    def matches(self, iou: float = 0.5, area: str = "all") -> pandas.DataFrame:
        """Return one row for each detection: which annotation it took, at which overlap, and whether that counts.

        Columns: result (its place in the list of results), image_id, category_id, score, annotation_id (0 for none),
        overlap (0 for none), outcome: "hit", "false", or "ignored" (it took a crowd, or lies outside the area range).
        """
        import pandas

        t, a, found = self._threshold(iou), self._area(area), self.matching.found
        annotation, overlap = np.full(len(found), -1), np.zeros(len(found))
        annotation[self.matching.candidates] = self.matching.taken[:, t, a]
        overlap[self.matching.candidates] = self.matching.overlap[:, t, a]
        outcome = self.outcome(iou, area)
        identifier = np.append(self.matching.truth.identifier, 0)  # the last one is for -1
        return pandas.DataFrame(
            {
                "result": found.row,
                "image_id": self.catalogue.image_ids[found.image],
                "category_id": self.catalogue.category_ids[found.category],
                "score": found.score,
                "annotation_id": identifier[annotation],
                "overlap": overlap,
                "outcome": [OUTCOMES.get(value, "ignored") for value in outcome.tolist()],
            }
        )

    def missed(self, iou: float = 0.5, area: str = "all") -> pandas.DataFrame:
        """Return the annotations that count and that no detection took: annotation_id, image_id, category_id."""
        import pandas

        t, a, truth = self._threshold(iou), self._area(area), self.matching.truth
        open_ = ~self.matching.ignore[:, a]
        taken = self.matching.taken[:, t, a]
        open_[taken[taken >= 0]] = False
        return pandas.DataFrame(
            {
                "annotation_id": truth.identifier[open_],
                "image_id": self.catalogue.image_ids[truth.image[open_]],
                "category_id": self.catalogue.category_ids[truth.category[open_]],
            }
        )

    def outcome(self, iou: float = 0.5, area: str = "all") -> np.ndarray:
        """Return MISS, HIT or IGNORED for each detection of ``matching.found``: (D,) int8."""
        return self.matching.outcomes(self._threshold(iou), self._area(area))

    def summary(self) -> str:
        """Return COCO's table as text, as pycocotools prints it."""
        return summary_of(self.stats, self.settings)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        many = f"{len(self.matching.found):,} detections, {len(self.matching.truth):,} annotations"
        return f"<{self.iou_type} evaluation of {many}: AP {self.stats['AP']:.3f}>\n{self.summary()}"

    def _categories(self) -> list[tuple[int, str]]:
        if self.settings.class_agnostic:
            return [(-1, "any")]
        return list(zip(self.catalogue.category_ids.tolist(), self.catalogue.category_names))

    def _of(self, things: Any) -> np.ndarray:
        return np.zeros(len(things), np.int64) if self.settings.class_agnostic else things.category

    def _counts(self, k: int) -> dict[str, int]:
        detections = int((self._of(self.matching.found) == k).sum())
        return {"annotations": int(self._wanted("all")[k]), "detections": detections}

    def _wanted(self, area: str) -> np.ndarray:
        counted = ~self.matching.ignore[:, self._area(area)]
        return np.bincount(self._of(self.matching.truth)[counted], minlength=len(self._categories()))

    def _category(self, identifier: int | None) -> int:
        ids = [each for each, _ in self._categories()]
        if identifier is None and len(ids) == 1:
            return 0
        if identifier not in ids:
            raise CourseError(f"category {identifier} was not evaluated: choose one of {ids[:10]}.")
        return ids.index(identifier)

    def _threshold(self, iou: float) -> int:
        near = np.flatnonzero(np.isclose(self.settings.iou_thresholds, iou, rtol=0, atol=1e-9))
        if not len(near):
            raise CourseError(f"IoU {iou} was not evaluated: choose one of {self.settings.iou_thresholds.round(4)}.")
        return int(near[0])

    def _area(self, name: str) -> int:
        names = list(self.settings.area_ranges)
        if name not in names:
            raise CourseError(f"area {name!r} was not evaluated: choose one of {', '.join(names)}.")
        return names.index(name)
