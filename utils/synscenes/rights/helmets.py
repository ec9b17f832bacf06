"""An invented detector, for practice with model cards: every number here is made up."""

from __future__ import annotations

from synscenes.rights.model_card import Measured

HELMETS = Measured(
    metric="AP50",
    overall=(0.62, 0.58, 0.66),
    groups={"by day": (0.81, 310), "in rain": (0.55, 60), "at night": (0.34, 90)},
    details={"kind": "one-stage detector of helmets", "input": "416 × 416 pixels"},
    training={"photographs": 400, "place": "one building site", "people": "workers, asked and paid"},
    evaluation={"photographs": 120, "place": "the same building site, on other days"},
)
