"""Fair comparisons with people: everybody is scored against the same number of references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from synscenes.errors import CourseError
from synscenes.metrics import captions

METRICS = ("Bleu_4", "ROUGE_L", "CIDEr")


def leave_one_out(
    references: Mapping[int, Sequence[str]],
    candidates: Mapping[int, str] | None = None,
    metrics: Iterable[str] = METRICS,
) -> dict[str, float]:
    """Return scores against all references but one, averaged over which one is left out.

    Without ``candidates`` the caption left out is the candidate: people against people, the upper bound of lesson 15.
    With them it is simply missing, so that a model meets as many references as a person did. Raises CourseError when
    images have different numbers of captions, or fewer than two.
    """
    counts = {len(texts) for texts in references.values()}
    if len(counts) != 1 or min(counts) < 2:
        raise CourseError(f"every image needs the same number of captions, at least 2; here it is {sorted(counts)}.")
    rows = []
    for place in range(counts.pop()):
        rest = {image: [*texts[:place], *texts[place + 1 :]] for image, texts in references.items()}
        said = {image: texts[place] for image, texts in references.items()} if candidates is None else candidates
        rows.append(captions.score(rest, said, metrics=list(metrics)))
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
