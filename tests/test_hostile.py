"""Spoiled files given to everything that reads one: read all the same, or refused in one line. Never anything else."""

from __future__ import annotations

import os
import random

import pytest

from hostile.entries import ENTRIES, Entry
from hostile.mutate import spoiled
from hostile.run import run

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="each reader runs in a forked process")
CASES = 40


@needs_fork
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_spoiled_files_are_read_or_refused_in_a_line(entry):
    [tally] = run(CASES, names=[entry.name])
    assert tally.bad == []
    assert set(tally.counts) <= {"read", "refused"} and sum(tally.counts.values()) == tally.cases > 0


BAD = {
    "error": lambda _: {}["nothing"],
    "badly told": lambda _: (_ for _ in ()).throw(ValueError("two\nlines")),
    "crash": lambda _: os.abort(),
}


@needs_fork
@pytest.mark.parametrize("outcome", ["error", "badly told", "crash"])
def test_whatever_else_happens_is_noticed(outcome, monkeypatch):
    import hostile.run as program

    def read(folder):
        if (folder / "a.json").read_bytes() != b'{"a": [1, 2, 3]}':
            BAD[outcome](folder)

    entry = Entry("toy", "a toy", lambda: {"a.json": b'{"a": [1, 2, 3]}'}, {"a.json": "json"}, read)
    monkeypatch.setattr(program, "ENTRIES", [entry])
    [tally] = run(30, names=["toy"])
    assert tally.counts.get(outcome, 0) >= 1 and tally.bad


def test_a_seed_spoils_the_same_way_and_seldom_nothing():
    whole = b'{"images": [{"id": 1, "width": 64}], "annotations": []}'
    for kind in ("json", "text", "bytes"):
        made = [spoiled(whole, kind, random.Random(seed)) for seed in range(200)]
        assert made == [spoiled(whole, kind, random.Random(seed)) for seed in range(200)]
        assert sum(each != whole for each in made) > 150 and len(set(made)) > 80
