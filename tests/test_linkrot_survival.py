"""The survival curve against scipy and against the truth, and ten years of visits on the local server."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import CensoredData, ecdf

from synscenes.linkrot import Downloader, Policy, QuickClock, RottingServer, gallery, kaplan_meier, survival

HOSTS = {"photo site": (0.6, 0.04), "personal page": (0.4, 0.20)}
DEATHS = ("missing", "gone", "forbidden", "page", "redirect", "circle", "broken")


def test_by_hand():
    curve = kaplan_meier([1, 2, 2, 4, 4, 5], [True, True, False, True, False, False])
    assert curve.times.tolist() == [1, 2, 4]
    assert curve.at_risk.tolist() == [6, 5, 3]
    assert curve.share == pytest.approx([5 / 6, 4 / 6, 4 / 9])
    assert [curve.at(age) for age in (0, 0.9, 1, 3, 9)] == pytest.approx([1, 1, 5 / 6, 4 / 6, 4 / 9])
    assert curve.median() == 4


lives = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=60).filter(
    lambda pairs: any(dead for _, dead in pairs)
)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@settings(deadline=None)
@given(lives)
def test_equals_scipy(pairs):
    ages, died = np.array([age for age, _ in pairs], float), np.array([dead for _, dead in pairs])
    curve = kaplan_meier(ages, died)
    reference = ecdf(CensoredData.right_censored(ages, ~died)).sf
    np.testing.assert_allclose(curve.share, reference.evaluate(curve.times), atol=1e-12)
    with np.errstate(all="ignore"):
        band = reference.confidence_interval(0.95, method="log-log")
    whole = (curve.share > 0) & (curve.share < 1)
    np.testing.assert_allclose(curve.low[whole], band.low.evaluate(curve.times)[whole], atol=1e-9)
    np.testing.assert_allclose(curve.high[whole], band.high.evaluate(curve.times)[whole], atol=1e-9)


def test_nobody_died():
    curve = kaplan_meier([3, 4], [False, False])
    assert (curve.at(100), np.isnan(curve.median())) == (1.0, True)


def test_everybody_died():
    assert kaplan_meier([1, 2], [True, True]).at(2) == 0


@pytest.mark.parametrize(
    ("ages", "died"),
    [([], []), ([1, 2], [True]), ([-1], [True]), ([float("nan")], [True]), ([[1]], [[True]])],
)
def test_bad_lives(ages, died):
    with pytest.raises(ValueError, match="ages"):
        kaplan_meier(ages, died)


def test_without_censoring_it_is_the_share_alive():
    ages = np.random.default_rng(0).integers(1, 9, 50)
    curve = kaplan_meier(ages, np.ones(50, bool))
    assert curve.share == pytest.approx([(ages > age).mean() for age in curve.times])


def test_the_estimate_is_unbiased_where_counting_the_living_is_not():
    ends, naive = [], []
    for seed in range(60):
        links = survival.simulate(np.random.default_rng(seed), 400, HOSTS, 8, DEATHS)
        ages, died = gallery.expected_ages(links, 10)
        ends.append(kaplan_meier(ages, died).at(7))
        naive.append(1 - np.mean(died))
    truth = float(survival.true_share(7, HOSTS))
    assert np.mean(ends) == pytest.approx(truth, abs=4 * np.std(ends) / np.sqrt(60))
    assert np.mean(naive) > float(survival.true_share(10, HOSTS)) + 0.08


def test_the_band_covers_the_truth_about_as_often_as_it_says():
    hits = []
    for seed in range(200):
        links = survival.simulate(np.random.default_rng(seed), 300, HOSTS, 8, DEATHS)
        curve = kaplan_meier(*gallery.expected_ages(links, 10))
        place = int(np.flatnonzero(curve.times == 5)[0])
        hits.append(curve.low[place] <= survival.true_share(5, HOSTS) <= curve.high[place])
    assert 0.90 <= np.mean(hits) <= 0.99


def test_the_visits_find_every_death_in_its_year(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), "green").save(buffer, "JPEG")
    links = survival.simulate(np.random.default_rng(3), 40, HOSTS, 5, DEATHS)
    clock, years = QuickClock(), []
    with RottingServer(clock) as server:
        marks = frozenset({hashlib.sha256(gallery.placeholder()).hexdigest()})
        policy = Policy(attempts=2, interval=0, allow_hosts=frozenset({"127.0.0.1"}), placeholders=marks)
        downloader = Downloader(tmp_path, policy, clock, seed=0)
        found = gallery.live_through(
            links, server, downloader, [buffer.getvalue()], 10, lambda year, seen: years.append(len(seen))
        )
    assert found == gallery.expected_ages(links, 10)
    assert len(years) == 10
    assert not list(tmp_path.glob("*.part*"))


def test_misfortunes_all_differ_from_each_other():
    names = [name for name, _, _ in gallery.MISFORTUNES]
    assert len(set(names)) == len(names) == 20


def test_an_unknown_behaviour():
    with RottingServer() as server, pytest.raises(ValueError, match="behaviour must be one of fine"):
        server.add("/a", "explode")
