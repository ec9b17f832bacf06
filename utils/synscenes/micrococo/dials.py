"""The dials of the generator: what an experiment may turn."""

from __future__ import annotations

from dataclasses import dataclass

MISTAKES = ("missing", "label", "shifted", "loose", "duplicate", "swapped")


@dataclass(frozen=True)
class Dials:
    """What an experiment may turn; the defaults make the default dataset.

    ``context``: False pastes things anywhere, at any size, in any setting. ``occlusion`` (0-1): how much of a thing
    others may cover. ``clutter``: how many things there are, times the usual. ``crowds`` (0-1): how often a scene
    that can hold a crowd gets one. ``mistakes``: the share of instance annotations of the training split that get a
    planted error, ``kinds`` which kinds; ``annotations/mistakes_train2017.json`` then lists each of them.
    """

    context: bool = True
    occlusion: float = 0.4
    clutter: float = 1.0
    crowds: float = 0.3
    mistakes: float = 0.0
    kinds: tuple[str, ...] = MISTAKES

    def __post_init__(self) -> None:
        for name in ("occlusion", "crowds", "mistakes"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"Dials: {name} must lie between 0 and 1, not {getattr(self, name)!r}")
        if not 0 < self.clutter <= 4:
            raise ValueError(f"Dials: clutter must lie above 0 and at most at 4, not {self.clutter!r}")
        unknown = [kind for kind in self.kinds if kind not in MISTAKES]
        if unknown or not self.kinds:
            raise ValueError(f"Dials: kinds must be some of {', '.join(MISTAKES)}, not {self.kinds!r}")
