"""What the user sees while data is on its way."""

from __future__ import annotations

import io
import sys

import pytest

from synscenes.realdata import meter
from synscenes.realdata.meter import Meter


@pytest.fixture
def clock(monkeypatch):
    """A clock to be set by hand: clock[0] is now."""
    now = [0.0]
    monkeypatch.setattr(meter.time, "monotonic", lambda: now[0])
    return now


def test_plain_lines_tell_how_much_is_left(clock, capsys):
    with Meter("Fetching a.zip", 2_000_000_000) as shown:
        shown.at(1_000_000_000)  # half of it was here already
        clock[0] = 40.0
        shown.at(1_250_000_000)  # a quarter of the rest in 40 s
        clock[0] = 41.0
        shown.at(1_300_000_000)
        clock[0] = 130.0
    assert capsys.readouterr().err.splitlines() == [
        "Fetching a.zip: 2.0 GB ...",
        "Fetching a.zip: 1.2 GB of 2.0 GB, about 2 min left",
        "Fetching a.zip: done in 2 min.",
    ]


def test_things_are_counted_too(clock, capsys):
    with Meter("Fetching photographs", 200, "photographs") as shown:
        for second in range(100):
            clock[0] = float(second)
            shown.add(2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Fetching photographs: 200 photographs ..."
    assert lines[1] == "Fetching photographs: 64 photographs of 200 photographs, about 66 s left"
    assert len(lines) == 5


def test_nothing_is_said_of_what_failed_and_nothing_when_hidden(capsys):
    with pytest.raises(ValueError), Meter("Fetching", 10):
        raise ValueError
    with Meter("Hidden", 10, shown=False) as shown:
        shown.add(5)
    assert capsys.readouterr().err == "Fetching: 0.0 MB ...\n"


def test_a_terminal_gets_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Meter("Fetching a.zip", 1000) as shown:
        shown.add(400)
        shown.at(1000)
    assert "Fetching a.zip" in terminal.getvalue() and "100%" in terminal.getvalue()


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.0 MB"), (999_000_000, "999.0 MB"), (19_336_861_798, "19.3 GB"), (10**9, "1.0 GB")]
)
def test_sizes(size, text):
    assert meter.megabytes(size) == text
