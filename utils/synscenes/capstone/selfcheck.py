"""The self-checks: run what was built on the sealed data, and fill in the rubric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.capstone import audit, detector, metric
from synscenes.capstone.looks import FREE, Looks
from synscenes.capstone.report import Report
from synscenes.capstone.rubric import Scorecard, held_out, milestones
from synscenes.errors import CourseError

Answers = Mapping[str, Sequence[Any]]


def check_detector(
    recipe: detector.Recipe, scenes: detector.Scenes, seeds: Sequence[int], answers: Answers, report: Report,
    looks: Looks, rng: np.random.Generator,
) -> Scorecard:  # fmt: skip
    """Train the recipe and the starter with these seeds, compare them on the sealed scenes, and return the card.

    The starter itself is told so without a look. Raises CourseError for a recipe that cannot be.
    """
    full, base = detector.whole(recipe), detector.whole({})
    price = detector.cost(full, scenes.train) / detector.cost(base, scenes.train)
    reached = {"Milestones": milestones(answers), "Report": report.level}
    if full == base:
        reached["Held-out AP50"] = (0, "this is the starter: change the recipe")
        reached["Fair play"] = (0, "nothing to judge yet")
        return Scorecard("detector", reached)
    taken = looks.note("detector")
    ours, theirs = (
        detector.found(detector.trained(each, scenes, seeds), each, scenes, "judge") for each in (full, base)
    )
    middle = float(detector.ap50s(ours).mean() - detector.ap50s(theirs).mean())
    low, high = np.quantile(detector.gain(ours, theirs, rng), [0.025, 0.975])
    level, told = held_out(middle, low, high, 0.10)
    reached["Held-out AP50"] = (level, f"{detector.ap50s(ours).mean():.3f}; {told}")
    fair = 0 if price > detector.BUDGET else 1 if len(seeds) < 2 or taken > FREE else 2
    spent = f"{price:.1f} times the starter's cost (budget {detector.BUDGET:.0f})"
    reached["Fair play"] = (fair, f"{spent}, {len(seeds)} seeds, {_times(taken)}")
    return Scorecard("detector", reached)


def check_metric(
    mine: Callable, practice: metric.Contest, sealed: metric.Contest, answers: Answers, report: Report,
    looks: Looks, rng: np.random.Generator, repeats: int = 300,
) -> Scorecard:  # fmt: skip
    """Score both contests with the metric, compare it with CIDEr on the sealed one, and return the card.

    Raises CourseError for a metric that stops, returns no number, or reaches for what it may not see.
    """
    at_home = metric.gain(metric.values_of(mine, practice), practice, rng, 1)
    taken = looks.note("metric")
    values = metric.values_of(mine, sealed)
    away = metric.gain(values, sealed, rng, repeats)
    share, pairs = metric.canary(values, sealed)
    level, told = held_out(away.difference, away.low, away.high, 0.10)
    sings = pairs >= 10 and share > 0.5 + 2 * 0.5 / np.sqrt(pairs)  # two standard errors above a coin
    drop = at_home.tau - away.tau
    fair = 0 if sings else 1 if drop > 0.10 or taken > FREE else 2
    evidence = (
        f"practice {at_home.tau:.3f}, sealed {away.tau:.3f}; canary {share:.2f} of {pairs} pairs; {_times(taken)}"
    )
    return Scorecard(
        "metric",
        {
            "Milestones": milestones(answers),
            "Held-out tau": (level, f"{away.tau:.3f}; {told}"),
            "Fair play": (fair, evidence),
            "Report": report.level,
        },
    )


def check_audit(
    ranking: Callable, sealed: audit.Case, estimate: tuple[float, float, float] | None, answers: Answers,
    report: Report, looks: Looks, rng: np.random.Generator, repeats: int = 300,
) -> Scorecard:  # fmt: skip
    """Rank the sealed case, compare with the starter's order, judge the estimated rate, and return the card.

    ``estimate``: (rate, low, high) of the sealed case, or None. Raises CourseError for a ranking that fails.
    """
    if estimate is not None and np.shape(estimate) != (3,):
        raise CourseError("The estimate must be (rate, low, high), or None: write `estimate` first.")
    taken = looks.note("audit")
    ours, base = audit.judged(ranking, sealed), audit.judged(audit.detectors_doubt, sealed)
    middle = ours.average_precision - base.average_precision
    low, high = np.quantile(audit.gain(ranking, audit.detectors_doubt, sealed, rng, repeats), [0.025, 0.975])
    level, told = held_out(middle, low, high, 0.15)
    rate = float(audit.truth(sealed).mean())
    fair, evidence = 0, "no estimate of the error rate"
    if estimate is not None:
        _, least, most = estimate
        off = max(least - rate, rate - most, 0.0)
        fair = 0 if off > most - least else 1 if off > 0 or taken > FREE else 2
        evidence = f"estimated {least:.3f} to {most:.3f}, true {rate:.3f}; {_times(taken)}"
    return Scorecard(
        "audit",
        {
            "Milestones": milestones(answers),
            "Held-out average precision": (level, f"{ours.average_precision:.3f}; {told}"),
            "Fair play": (fair, evidence),
            "Report": report.level,
        },
    )


def _times(taken: int) -> str:
    return f"{taken} look{'s' * (taken != 1)} at the sealed data"
