"""A small micro-COCO for the tests: made once a process."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from synscenes import assets

TRAIN, VAL, SEED = 14, 8, 3


def need_sprites() -> None:
    """Skip the test where the sprites are not fetched."""
    present = {row.asset.name for row in assets.status() if row.present}
    if "twemoji" not in present:
        pytest.skip("the asset twemoji is not fetched: `python -m synscenes assets fetch twemoji`")


@functools.cache
def _made() -> tuple[tempfile.TemporaryDirectory, Path]:
    from synscenes import micrococo

    keeper = tempfile.TemporaryDirectory(prefix="micrococo-")
    return keeper, micrococo.generate(Path(keeper.name) / "toy", TRAIN, VAL, SEED, workers=1, progress=False)


def root() -> Path:
    """The folder of the small dataset."""
    need_sprites()
    return _made()[1]


@functools.cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="ascii"))


def document(name: str, split: str = "train") -> Any:
    """One of its annotation files, parsed (do not change it)."""
    return _read(root() / "annotations" / f"{name}_{split}2017.json")


@functools.cache
def drawn(split: str, index: int) -> tuple[Any, Any]:
    """One of its images drawn again in memory: the picture with its owner map, and the records."""
    from synscenes.micrococo import Dials
    from synscenes.micrococo.writer import draw

    need_sprites()
    return draw(SEED, split, index, Dials())
