"""Whole files and parts of files, from a server that fails on purpose: nothing lost, nothing half-written, resumed."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from dataclasses import replace

import pytest

import coco_host
from coco_host import Host
from synscenes.linkrot import QuickClock
from synscenes.linkrot.policy import Trouble
from synscenes.realdata.fetching import fetch
from synscenes.realdata.ranges import BLOCK, NoRanges, RemoteFile
from synscenes.realdata.together import together
from synscenes.realdata.transport import POLITE, Client, Stopped

BODY = random.Random(1).randbytes(5 * BLOCK + 321)
SHA256 = {"sha256": hashlib.sha256(BODY).hexdigest()}


@pytest.fixture
def host():
    with Host({"/a.zip": BODY}) as running:
        yield running


@pytest.fixture
def client():
    return quick()


def quick(**changes) -> Client:
    """A client that does not really wait."""
    return Client(replace(POLITE, timeout=1, interval=0, **changes), QuickClock(), window=0.5)


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


RECOVERABLE = {
    "cut": [coco_host.cut_after(0.4)],
    "cut three times": [coco_host.cut_after(0.4), coco_host.cut_after(0.4), coco_host.cut_after(0.4)],
    "cut before the first byte": [coco_host.cut_after(0)],
    "503": [coco_host.status(503)],
    "429": [coco_host.status(429, Retry_After=7)],
    "500 twice": [coco_host.status(500), coco_host.status(500)],
    "stall": [coco_host.stall],
    "drip": [coco_host.drip],
    "announces too much": [coco_host.says_longer],
    "cut, then a range that is ignored": [coco_host.cut_after(0.4), coco_host.ignores_range],
    "cut, then another range": [coco_host.cut_after(0.4), coco_host.shifted],
    "cut, then 416": [coco_host.cut_after(0.4), coco_host.status(416)],
    "cut, then wrong bytes": [coco_host.cut_after(0.4), coco_host.wrong_bytes],
    "cut, then busy, then cut": [coco_host.cut_after(0.4), coco_host.status(503), coco_host.cut_after(0.5)],
}


@pytest.mark.parametrize("faults", RECOVERABLE.values(), ids=RECOVERABLE)
def test_a_file_arrives_in_spite_of(faults, host, client, tmp_path):
    host.faults["/a.zip"] = list(faults)
    fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip", hashes=SHA256)
    assert (tmp_path / "a.zip").read_bytes() == BODY
    assert names(tmp_path) == {"a.zip"}
    assert host.faults["/a.zip"] == []


def test_what_broke_off_is_not_fetched_twice(host, client, tmp_path):
    host.faults["/a.zip"] = [coco_host.cut_after(0.5), coco_host.cut_after(0.5)]
    fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip", hashes=SHA256)
    assert host.statuses("/a.zip") == [200, 206, 206]
    assert host.sent == len(BODY)


def test_a_server_that_moves_on_is_asked_more_often_than_one_that_does_not(host, tmp_path):
    host.faults["/a.zip"] = [coco_host.cut_after(0.2)] * 8
    fetch(quick(attempts=3), f"{host.url}/a.zip", tmp_path / "a.zip", hashes=SHA256)
    host.faults["/a.zip"] = [coco_host.status(500)] * 8
    with pytest.raises(Trouble, match="500"):
        fetch(quick(attempts=3), f"{host.url}/a.zip", tmp_path / "b.zip")
    assert len(host.faults["/a.zip"]) == 5


def test_retry_after_is_obeyed_and_a_day_is_not_waited(host, client, tmp_path):
    host.faults["/a.zip"] = [coco_host.status(429, Retry_After=45)]
    fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip")
    assert client.clock.slept >= 45
    host.faults["/a.zip"] = [coco_host.status(503, Retry_After=86_400)]
    with pytest.raises(Trouble, match="86400"):
        fetch(client, f"{host.url}/a.zip", tmp_path / "b.zip")


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_what_is_not_there_is_asked_for_once(code, host, client, tmp_path):
    host.faults["/a.zip"] = [coco_host.status(code)]
    with pytest.raises(Trouble, match=str(code)):
        fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip")
    assert host.statuses("/a.zip") == [code]
    assert names(tmp_path) == set()


def test_another_length_than_the_official_one_is_seen_before_the_transfer(host, client, tmp_path):
    with pytest.raises(Trouble, match="the official file"):
        fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip", size=len(BODY) + 1)
    assert names(tmp_path) == set()


def test_other_content_than_the_published_one_is_not_kept(host, client, tmp_path):
    host.faults["/a.zip"] = [coco_host.wrong_bytes] * 9
    with pytest.raises(Trouble, match="sha256"):
        fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip", size=len(BODY), hashes=SHA256)
    assert names(tmp_path) == set()
    assert len(host.faults["/a.zip"]) == 8


def test_a_file_that_changed_between_two_attempts_is_not_patched_together(host, client, tmp_path):
    other = random.Random(2).randbytes(len(BODY))

    def cut_and_change(handler, body):
        coco_host.cut_after(0.5)(handler, body)
        host.files["/a.zip"] = other

    host.faults["/a.zip"] = [cut_and_change]
    fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == other
    assert host.statuses("/a.zip") == [200, 200]


def test_a_part_is_continued_by_the_next_process(host, tmp_path):
    host.faults["/a.zip"] = [coco_host.cut_after(0.5), coco_host.status(403)]
    with pytest.raises(Trouble):
        fetch(quick(), f"{host.url}/a.zip", tmp_path / "a.zip")
    assert names(tmp_path) == {"a.zip.part", "a.zip.part.json"}
    fetch(quick(), f"{host.url}/a.zip", tmp_path / "a.zip", hashes=SHA256)
    assert host.sent == len(BODY)


@pytest.mark.parametrize(
    "notes",
    ["", "{", "[]", json.dumps({"url": "elsewhere", "validator": '"x"', "total": 9}), json.dumps({"url": 3})],
)
def test_a_part_of_unknown_origin_is_thrown_away(notes, host, client, tmp_path):
    (tmp_path / "a.zip.part").write_bytes(b"nonsense")
    (tmp_path / "a.zip.part.json").write_text(notes)
    fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == BODY


def test_without_ranges_a_broken_transfer_begins_again(client, tmp_path):
    with Host({"/a.zip": BODY}, ranges=False) as host:
        host.faults["/a.zip"] = [coco_host.cut_after(0.5)]
        fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip", hashes=SHA256)
        assert host.statuses("/a.zip") == [200, 200]


def test_a_redirect_is_followed_but_not_out_of_http(host, client, tmp_path):
    host.files["/b.zip"] = host.files["/c.zip"] = host.files["/d.zip"] = b"-"
    host.faults["/b.zip"] = [coco_host.status(302, Location=f"{host.url}/a.zip")]
    fetch(client, f"{host.url}/b.zip", tmp_path / "b.zip", hashes=SHA256)
    host.faults["/c.zip"] = [coco_host.status(302, Location="file:///etc/passwd")]
    with pytest.raises(Trouble, match=r"[Rr]edirect"):
        fetch(client, f"{host.url}/c.zip", tmp_path / "c.zip")
    host.faults["/d.zip"] = [coco_host.status(302, Location=f"{host.url}/d.zip")] * 20
    with pytest.raises(Trouble, match="30"):
        fetch(client, f"{host.url}/d.zip", tmp_path / "d.zip")
    assert names(tmp_path) == {"b.zip"}


def test_nobody_listens(host, client, tmp_path):
    url = host.url
    host.__exit__()
    with pytest.raises(Trouble) as caught:
        fetch(client, f"{url}/a.zip", tmp_path / "a.zip")
    assert (caught.value.kind, caught.value.again) == ("unreachable", True)
    host.__enter__()


def test_the_client_says_who_it_is(host, client, tmp_path):
    fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip")
    assert host.agents == {POLITE.user_agent}
    assert "synscenes" in POLITE.user_agent


def test_requests_are_spaced_out(host, tmp_path):
    client = Client(replace(POLITE, interval=2.0), QuickClock())
    for name in "abc":
        fetch(client, f"{host.url}/a.zip", tmp_path / name)
    assert client.clock.slept == pytest.approx(4, abs=0.5)


def test_stopping_ends_a_wait_at_once_and_writes_nothing_more(host, tmp_path):
    client = Client(replace(POLITE, first_wait=60, interval=0))
    host.faults["/a.zip"] = [coco_host.cut_after(0.3)]
    threading.Timer(0.3, client.stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        fetch(client, f"{host.url}/a.zip", tmp_path / "a.zip")
    assert time.monotonic() - began < 20
    assert names(tmp_path) == {"a.zip.part", "a.zip.part.json"}


# Parts of a file.


def remote(client, host, folder) -> RemoteFile:
    return RemoteFile(client, f"{host.url}/a.zip", folder)


def test_only_the_blocks_that_are_read_are_fetched(host, client, tmp_path):
    file = remote(client, host, tmp_path / "blocks")
    file.seek(-10, 2)
    assert file.read() == BODY[-10:]
    assert host.sent == 1 + len(BODY) % BLOCK
    file.seek(BLOCK - 2)
    assert file.read(2) + file.read(2) == BODY[BLOCK - 2 : BLOCK + 2]


def test_neighbouring_blocks_come_in_one_request(host, client, tmp_path):
    file = remote(client, host, tmp_path / "blocks")
    file.want((BLOCK, 2 * BLOCK))
    file.want((0, len(BODY)))
    assert {asked for _, _, asked in host.log[1:]} == {
        f"bytes={BLOCK}-{2 * BLOCK - 1}",
        f"bytes=0-{BLOCK - 1}",
        f"bytes={2 * BLOCK}-{len(BODY) - 1}",
    }
    assert len(host.log) == 4


@pytest.mark.parametrize("kept", [True, False])
def test_many_pieces_come_over_a_few_connections_at_a_time(kept, client, tmp_path):
    body, now, most, lock = random.Random(3).randbytes(40 * BLOCK), [0], [0], threading.Lock()

    def counted(handler, content):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        coco_host.fine(handler, content)

    with Host({"/a.zip": body}) as host:
        file = remote(client, host, tmp_path / "blocks" if kept else None)
        host.faults["/a.zip"] = [counted] * 99
        file.want(*((place * BLOCK, place * BLOCK + 5) for place in range(0, 40, 2)))
        assert 1 < most[0] <= 4
        assert file.readall() == body


@pytest.mark.parametrize(
    "faults",
    [
        [coco_host.cut_after(0.5)],
        [coco_host.stall],
        [coco_host.drip],
        [coco_host.status(503)],
        [coco_host.shifted],
        [coco_host.says_longer],
    ],
)
def test_blocks_arrive_in_spite_of_faults(faults, host, client, tmp_path):
    file = remote(client, host, tmp_path / "blocks")
    host.faults["/a.zip"] = faults
    file.want((0, len(BODY)))
    assert file.readall() == BODY
    assert not list((tmp_path / "blocks").glob("*.part"))


def test_blocks_that_are_here_are_not_fetched_again(host, tmp_path):
    remote(quick(), host, tmp_path / "blocks").want((0, 3 * BLOCK))
    host.log.clear()
    file = remote(quick(), host, tmp_path / "blocks")
    assert file.readall() == BODY
    assert host.log[1][2] == f"bytes={3 * BLOCK}-{4 * BLOCK - 1}"


def test_blocks_of_another_version_are_thrown_away(host, tmp_path):
    remote(quick(), host, tmp_path / "blocks").want((0, len(BODY)))
    host.files["/a.zip"] = other = BODY[::-1]
    assert remote(quick(), host, tmp_path / "blocks").readall() == other


def test_a_file_that_changes_while_it_is_read_is_not_mixed(host, client, tmp_path):
    file = remote(client, host, tmp_path / "blocks")
    file.want((0, BLOCK))
    host.files["/a.zip"] = BODY[::-1]
    with pytest.raises(Trouble, match="changed"):
        file.readall()


def test_a_server_without_ranges_is_noticed_by_one_request(client, tmp_path):
    with Host({"/a.zip": BODY}, ranges=False) as host:
        with pytest.raises(NoRanges):
            remote(client, host, tmp_path / "blocks")
        assert len(host.log) == 1
    assert names(tmp_path) == set()


# Several at a time.


def test_the_rest_goes_on_when_one_fails(client):
    done = []

    def work(number: int) -> None:
        if number == 3:
            raise Trouble("gone", "404")
        done.append(number)

    failed = together(client, range(10), work, workers=3)
    assert [item for item, _ in failed] == [3]
    assert sorted(done) == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_another_error_ends_the_rest_and_is_raised(client):
    done = []

    def work(number: int) -> None:
        done.append(number)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        together(client, range(1000), work, workers=2)
    assert len(done) < 1000


def test_ctrl_c_stops_the_threads(client, monkeypatch):
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        client.check()
        time.sleep(0.01)

    def interrupt(self, timeout=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        threading.Thread, "join", lambda self, timeout=None: interrupt(self) if timeout == 0.2 else None
    )
    with pytest.raises(KeyboardInterrupt):
        together(client, range(10_000), work, workers=2)
    assert client.stop.is_set()
    time.sleep(0.1)
    assert len(begun) < 100
