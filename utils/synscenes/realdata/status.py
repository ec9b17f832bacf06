"""Which tiers of real data are on this machine, how large they are, and whether they are whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from synscenes.coco.folders import COMPLETE
from synscenes.paths import home
from synscenes.realdata.ledger import Ledger, problems
from synscenes.realdata.meter import Meter, megabytes

TIERS = ("sample", "full")
NAMES = ("coco", "imagenet")
_VARIABLES = {"coco": "SYNSCENES_COCO", "imagenet": "SYNSCENES_IMAGENET"}


@dataclass(frozen=True)
class Tier:
    """One dataset at one tier: where it is or would be, and what is known of it.

    ``state`` is "whole", "begun" (a `data get` was stopped), "yours" (a folder that the course did not fill) or
    "missing"; ``files`` and ``bytes`` are counted from the ledger.
    """

    name: str
    tier: str
    root: Path
    state: str
    files: int
    bytes: int

    @property
    def command(self) -> str:
        """What gets it."""
        copy = " --from FOLDER" if self.name == "imagenet" else ""
        return f"python -m synscenes data get {self.name} --tier {self.tier}{copy}"


def place(name: str, tier: str) -> Path:
    """The folder of a tier: the one that a variable names (full only), else in the course's folder of files."""
    named = os.environ.get(_VARIABLES[name]) if tier == "full" else None
    return Path(named).expanduser() if named else home() / (name if tier == "full" else f"{name}-{tier}")


def tiers() -> Iterator[Tier]:
    """Each dataset at each tier. Reads the ledgers, and no data."""
    for name in NAMES:
        for tier in TIERS:
            root = place(name, tier)
            entries = Ledger(root).entries.values() if root.is_dir() else ()
            yield Tier(
                name,
                tier,
                root,
                _state(root),
                sum(entry.files or 1 for entry in entries),
                sum(entry.bytes for entry in entries),
            )


def _state(root: Path) -> str:
    if (root / COMPLETE).is_file():
        return "whole"
    if Ledger(root).file.is_file() or (root.parent / f".{root.name}.part").is_dir():
        return "begun"
    return "yours" if root.is_dir() and any(root.iterdir()) else "missing"


def table() -> str:
    """The tiers as lines of text."""
    rows = [("data", "tier", "state", "files", "size", "folder")]
    for tier in tiers():
        size = megabytes(tier.bytes) if tier.files else "-"
        rows.append((tier.name, tier.tier, tier.state, f"{tier.files:,}" if tier.files else "-", size, str(tier.root)))
    wide = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join([*(f"{word:<{width}}" for word, width in zip(row, wide)), row[5]]) for row in rows]
    missing = [tier for tier in tiers() if tier.state in ("missing", "begun")]
    lines += ["", *(f"`{tier.command}` gets {tier.name} {tier.tier}." for tier in missing)]
    return "\n".join(lines).rstrip()


def check(tier: Tier, repair: bool = False) -> list[str]:
    """Read every file of a tier and return a line for each that is not what it was; ``repair`` deletes those.

    A tier that the course did not fill has no ledger: that is said in a line.
    """
    ledger = Ledger(tier.root)
    if not ledger.entries:
        return [f"{tier.root} has no {ledger.file.name}, so there is nothing to compare with"]
    with Meter(f"Reading {tier.name} {tier.tier}", tier.bytes) as meter:
        found = problems(tier.root, seen=meter.add)
    if repair:
        for path in list(ledger.entries):
            if any(line.startswith(f"{path} ") for line in found):
                place = tier.root / path
                shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    return found
