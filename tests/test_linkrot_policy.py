"""Manners and caution: back-off, Retry-After, pacing, and which addresses are refused."""

from __future__ import annotations

import random
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synscenes.linkrot import Downloader, Item, Policy, QuickClock, RottingServer, wait_before_retry
from synscenes.linkrot.addresses import vet
from synscenes.linkrot.clock import Gate
from synscenes.linkrot.policy import Trouble, seconds_to_wait

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(failures=st.integers(1, 60), after=st.none() | st.floats(0, 1e6), seed=st.integers())
def test_waits_stay_between_half_and_whole_of_the_doubled_wait(failures, after, seed):
    policy = Policy()
    ceiling = min(policy.longest_wait, policy.first_wait * 2 ** (failures - 1))
    wait = wait_before_retry(failures, policy, random.Random(seed), after)
    assert max(ceiling / 2, after or 0) <= wait <= max(ceiling, after or 0)


def test_two_clients_do_not_come_back_together():
    waits = {wait_before_retry(3, Policy(), random.Random(seed)) for seed in range(20)}
    assert len(waits) == 20


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header, seconds):
    assert seconds_to_wait(header, NOW) == seconds


class StillClock(QuickClock):
    """Moves only when somebody sleeps, so that a slow machine changes nothing."""

    def now(self) -> float:
        return self.slept


def test_a_host_is_asked_once_per_interval():
    clock = StillClock()
    gate = Gate(2.0, clock)
    assert [gate.wait("a") for _ in range(3)] == [0, 2, 2]
    assert clock.slept == 4


def test_hosts_do_not_wait_for_each_other():
    gate = Gate(60.0, StillClock())
    assert [gate.wait(host) for host in ("a", "b", "c")] == [0, 0, 0]


def test_threads_are_let_through_one_by_one():
    clock, turns = StillClock(), []
    gate = Gate(1.0, clock)
    # A turn is booked at the time now plus the wait; nobody sleeps here, so all bookings start at 0.
    clock.sleep = lambda seconds: turns.append(seconds)
    threads = [threading.Thread(target=gate.wait, args=("a",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(turns) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://[::1]/",
        "http://[fe80::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
    ],
)
def test_addresses_that_are_not_public_are_refused(url):
    with pytest.raises(Trouble) as trouble:
        vet(url, Policy())
    assert (trouble.value.kind, trouble.value.again) == ("refused", False)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://8.8.8.8/a.jpg",
        "data:image/png;base64,AAAA",
        "//8.8.8.8/a.jpg",
        "picture.jpg",
        "",
        "http://",
        "http://8.8.8.8:0/",
        "http://8.8.8.8:99999/",
        "http://user:secret@8.8.8.8/",
        "http://8.8.8.8/a b.jpg",
        "http://8.8.8.8/\r\nHost: evil",
        "http://[8.8.8.8/",
        f"http://{'a' * 70}.example/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(Trouble) as trouble:
        vet(url, Policy())
    assert trouble.value.kind == "refused"


def test_one_private_address_among_several_is_enough(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", (address, 80)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    with pytest.raises(Trouble, match=r"10\.0\.0\.1"):
        vet("http://two-faced.example/", Policy())


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])  # a name that answers differently the second time
    found = lambda *a, **k: [(socket.AF_INET, 1, 6, "", (ip, 80)) for ip in next(answers)]  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", found)
    assert vet("http://rebinding.example/", Policy()).address == "93.184.215.14"


def test_a_public_address_is_accepted():
    target = vet("https://8.8.8.8/a%20b/ü.jpg?x=1&y=ä#part", Policy())
    assert (target.port, target.path) == (443, "/a%20b/%C3%BC.jpg?x=1&y=%C3%A4")


def test_an_allowed_host_does_not_open_the_others():
    policy = Policy(allow_hosts=frozenset({"127.0.0.1"}))
    assert vet("http://127.0.0.1:8000/", policy).port == 8000
    with pytest.raises(Trouble):
        vet("http://127.0.0.2/", policy)


@pytest.mark.parametrize(
    "place", ["http://169.254.169.254/", "http://10.1.2.3/", "file:///etc/passwd", "gopher://x/"]
)
def test_a_redirect_is_looked_at_too(tmp_path, place):
    clock = QuickClock()
    with RottingServer(clock) as server:
        url = server.add("/a.jpg", "redirect", place.encode())
        policy = Policy(interval=0, allow_hosts=frozenset({"127.0.0.1"}))
        outcome = Downloader(tmp_path, policy, clock).fetch(Item(url))
    assert (outcome.status, outcome.permanent) == ("refused", True)
