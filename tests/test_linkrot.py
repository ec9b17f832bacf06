"""The polite downloader against the rotting server: what it fetches, what it refuses, what it leaves behind."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from synscenes.errors import CourseError
from synscenes.linkrot import Downloader, Item, Policy, QuickClock, RottingServer
from synscenes.linkrot.gallery import placeholder


def jpeg(colour: str = "red", size: int = 64, **options) -> bytes:
    """A JPEG of a few kilobytes (noise does not compress)."""
    buffer = io.BytesIO()
    image = Image.effect_noise((size, size), 90).convert("RGB")
    image.paste(colour, (0, 0, 8, 8))
    image.save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


PICTURE = jpeg()
LOCAL = Policy(timeout=20, longest=60, attempts=3, interval=0, allow_hosts=frozenset({"127.0.0.1"}))


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def server(clock):
    with RottingServer(clock) as running:
        yield running


@pytest.fixture
def fetch(server, clock, tmp_path):
    """fetch("busy", **policy) serves PICTURE in that way, fetches it as "a", and returns the outcome."""

    def one(behaviour: str, body: bytes = PICTURE, item: dict | None = None, **changes):
        policy = Policy(**{**LOCAL.__dict__, **changes})
        url = server.add("/a.jpg", behaviour, body)
        return Downloader(tmp_path / "kept", policy, clock, seed=1).fetch(Item(url, "a", **(item or {})))

    return one


def kept(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "kept").iterdir()}


@pytest.mark.parametrize("behaviour", ["fine", "hiccup", "busy", "cut"])
def test_what_can_be_had_is_had(fetch, tmp_path, behaviour):
    outcome = fetch(behaviour)
    assert outcome.ok
    assert outcome.path.read_bytes() == PICTURE
    assert kept(tmp_path) == {"a.jpg", "a.json"}


@pytest.mark.parametrize(
    ("behaviour", "status", "permanent"),
    [
        ("missing", "gone", True),
        ("gone", "gone", True),
        ("forbidden", "forbidden", True),
        ("circle", "redirects", True),
        ("endless", "redirects", True),
        ("page", "not an image", True),
        ("disguised-page", "not an image", True),
        ("halved", "damaged", True),
        ("nothing", "not an image", True),
        ("huge", "too large", True),
        ("broken", "server error", False),
        ("closed", "busy", False),
        ("cut-always", "cut short", False),
    ],
)
def test_every_failure_has_its_name_and_leaves_no_part(fetch, tmp_path, behaviour, status, permanent):
    outcome = fetch(behaviour)
    assert (outcome.status, outcome.permanent, outcome.path) == (status, permanent, None)
    assert kept(tmp_path) == {"a.json"}


def test_a_silent_server_is_left_after_the_timeout(fetch, tmp_path):
    assert fetch("silent", timeout=0.2, attempts=2).status == "time-out"
    assert kept(tmp_path) == {"a.json"}


def test_a_dripping_server_is_left_although_it_is_never_silent(fetch, tmp_path):
    assert fetch("drip", longest=0.2, attempts=1).status == "too slow"
    assert kept(tmp_path) == {"a.json"}


def test_nobody_listens(clock, tmp_path):
    with RottingServer(clock) as server:
        url = server.add("/a.jpg", "fine", PICTURE)
    outcome = Downloader(tmp_path, LOCAL, clock).fetch(Item(url))
    assert (outcome.status, outcome.permanent, outcome.attempts) == ("unreachable", False, 3)


@pytest.mark.parametrize("behaviour", ["missing", "gone", "forbidden", "page", "halved", "circle"])
def test_what_cannot_get_better_is_not_asked_again(fetch, clock, behaviour):
    assert fetch(behaviour).attempts == 1
    assert clock.slept == 0


def test_retry_after_is_honoured_on_the_servers_own_clock(fetch, server):
    assert fetch("busy").waited >= 30
    assert server.statuses("/a.jpg") == [429, 200]


def test_a_wait_of_a_day_is_not_waited(fetch, clock):
    outcome = fetch("closed")
    assert (outcome.attempts, clock.slept) == (1, 0)
    assert "86400" in outcome.detail


def test_what_broke_off_is_resumed_if_it_is_still_the_same(fetch, server):
    fetch("cut")
    (_, first, asked), (_, second, again) = server.log
    assert (first, second) == (200, 206)
    assert "Range" not in asked
    assert again["Range"] == f"bytes={len(PICTURE) // 2}-"
    assert again["If-Range"].strip('"') == hashlib.sha256(PICTURE).hexdigest()[:16]


def test_a_resumable_part_survives_between_runs(fetch, server, tmp_path):
    assert fetch("cut", attempts=1).status == "cut short"
    assert kept(tmp_path) == {"a.json", "a.part", "a.part.json"}
    assert fetch("fine").ok
    assert [status for _, status, _ in server.log] == [200, 206]
    assert kept(tmp_path) == {"a.jpg", "a.json"}


def test_a_part_of_another_version_is_thrown_away(fetch, server, tmp_path):
    other = jpeg("blue")
    fetch("cut", attempts=1)
    outcome = fetch("fine", other)
    assert [status for _, status, _ in server.log] == [200, 200]
    assert outcome.path.read_bytes() == other


def test_a_part_goes_when_the_picture_is_gone(fetch, tmp_path):
    fetch("cut", attempts=1)
    fetch("gone")
    assert kept(tmp_path) == {"a.json"}


def test_a_part_without_notes_is_not_continued(fetch, server, tmp_path):
    fetch("cut", attempts=1)
    (tmp_path / "kept/a.part.json").unlink()
    assert fetch("fine").path.read_bytes() == PICTURE
    assert server.log[-1][1] == 200


def test_the_second_visit_transfers_nothing(fetch, server):
    fetch("fine")
    outcome = fetch("fine")
    assert (outcome.status, outcome.code, outcome.path.read_bytes()) == ("unchanged", 304, PICTURE)
    assert {"If-None-Match", "If-Modified-Since"} <= server.log[-1][2].keys()


def test_a_new_version_replaces_the_old(fetch):
    fetch("fine")
    other = jpeg("blue")
    assert fetch("fine", other).path.read_bytes() == other


def test_a_new_format_leaves_no_old_file(fetch, tmp_path):
    fetch("fine")
    assert fetch("fine", placeholder()).path.name == "a.png"
    assert kept(tmp_path) == {"a.png", "a.json"}


def test_a_local_file_that_was_changed_is_fetched_again(fetch, server, tmp_path):
    fetch("fine")
    (tmp_path / "kept/a.jpg").write_bytes(b"scribbled over")
    assert fetch("fine").status == "saved"
    assert server.log[-1][1] == 200


def test_a_picture_that_is_gone_now_is_kept_and_noted(fetch, tmp_path):
    fetch("fine")
    outcome = fetch("gone")
    assert (outcome.ok, outcome.path.read_bytes()) == (False, PICTURE)
    assert json.loads((tmp_path / "kept/a.json").read_text())["status"] == "gone"


def test_a_wrong_checksum_is_refused(fetch, tmp_path):
    outcome = fetch("fine", item={"sha256": hashlib.sha256(b"another").hexdigest()})
    assert outcome.status == "wrong content"
    assert kept(tmp_path) == {"a.json"}


def test_a_right_checksum_is_accepted(fetch):
    assert fetch("fine", item={"sha256": hashlib.sha256(PICTURE).hexdigest()}).ok


def test_a_known_placeholder_is_refused(fetch, server):
    server.add("/unavailable.png", "fine", placeholder(), "image/png")
    marks = frozenset({hashlib.sha256(placeholder()).hexdigest()})
    assert fetch("redirect", b"/unavailable.png", placeholders=marks).status == "wrong content"


def test_more_bytes_than_announced_or_allowed(fetch, tmp_path):
    assert fetch("fine", most_bytes=1000).status == "too large"
    assert kept(tmp_path) == {"a.json"}


@pytest.mark.parametrize(
    ("kind", "mode", "name"), [("JPEG", "CMYK", "a.jpg"), ("PNG", "I;16", "a.png"), ("PNG", "P", "a.png")]
)
def test_odd_pictures_are_pictures(fetch, kind, mode, name):
    buffer = io.BytesIO()
    Image.new(mode, (16, 16)).save(buffer, kind)
    outcome = fetch("fine", buffer.getvalue())
    assert (outcome.ok, outcome.path.name) == (True, name)


def test_a_bomb_of_pixels_is_refused(fetch, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert fetch("fine").status == "too large"


def test_the_sidecar_names_the_owner(fetch, tmp_path):
    fetch("fine", item={"attribution": "Renée, Flickr", "licence": "CC BY 2.0"})
    notes = json.loads((tmp_path / "kept/a.json").read_text(encoding="utf-8"))
    assert (notes["attribution"], notes["licence"]) == ("Renée, Flickr", "CC BY 2.0")
    assert notes["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert (notes["format"], notes["size"], notes["file"]) == ("JPEG", [64, 64], "a.jpg")


def test_it_says_who_it_is(fetch, server):
    fetch("fine", user_agent="course (me@example.org)")
    assert server.log[0][2]["User-Agent"] == "course (me@example.org)"


def test_a_folder_that_cannot_be_written(fetch, monkeypatch):
    def full(self, validator):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("synscenes.linkrot.shelf.Shelf.begin", full)
    with pytest.raises(CourseError, match="No space left on device"):
        fetch("fine")


def test_many_at_once_in_order(server, clock, tmp_path):
    ways = ["fine", "missing", "cut", "page", "busy"] * 4
    items = [
        Item(server.add(f"/{number}.jpg", way, PICTURE), f"p{number}") for number, way in enumerate(ways)
    ]
    outcomes = Downloader(tmp_path, LOCAL, clock, seed=0).fetch_all(items, workers=4)
    assert [outcome.item for outcome in outcomes] == items
    assert [outcome.ok for outcome in outcomes] == [way not in ("missing", "page") for way in ways]
    assert not list(tmp_path.glob("*.part*"))
    assert len(Downloader(tmp_path, LOCAL, clock).manifest()) == len(items)


def test_the_same_item_twice_is_fetched_once(server, clock, tmp_path):
    item = Item(server.add("/a.jpg", "fine", PICTURE), "a")
    assert [outcome.ok for outcome in Downloader(tmp_path, LOCAL, clock).fetch_all([item, item])] == [
        True,
        True,
    ]
    assert len(server.log) == 1


def test_two_urls_of_one_name(tmp_path):
    items = [Item("http://127.0.0.1/a.jpg", "Dog"), Item("http://127.0.0.1/b.jpg", "dog")]
    with pytest.raises(CourseError, match="Two URLs"):
        Downloader(tmp_path, LOCAL).fetch_all(items)


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "a.json", "x" * 200, "con aux", "a\n"])
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(CourseError, match="no file name"):
        Downloader(tmp_path, LOCAL).fetch(Item("http://127.0.0.1/a.jpg", name))


def test_without_a_name_the_url_gives_one(server, clock, tmp_path):
    outcome = Downloader(tmp_path, LOCAL, clock).fetch(Item(server.add("/a.jpg", "fine", PICTURE)))
    assert len(outcome.path.stem) == 16
