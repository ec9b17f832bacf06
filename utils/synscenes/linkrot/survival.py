"""How long do links live? The Kaplan-Meier estimate, and simulated links whose true curve is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Survival:
    """A survival curve: after ``times[i]`` the share ``share[i]`` still lives, with a 95 % band from low to high.

    ``at_risk`` and ``died`` are the numbers of links watched up to each time, and found dead at it.
    """

    times: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    died: np.ndarray

    def at(self, time: float) -> float:
        """The share that lives longer than ``time``: 1 before the first death."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return float(self.share[place - 1]) if place else 1.0

    def median(self) -> float:
        """The first time at which no more than half lives; NaN where the curve does not get there."""
        below = np.flatnonzero(self.share <= 0.5)
        return float(self.times[below[0]]) if below.size else float("nan")


def kaplan_meier(ages: np.ndarray, died: np.ndarray, z: float = 1.959963984540054) -> Survival:
    """Estimate a survival curve from ages at which links died, or were last seen alive.

    ``ages`` (n,) are times since listing; ``died`` (n,) says which of them are deaths, the others being censored:
    we only know that the link lived longer. The share after a time is the product, over all times up to it, of
    1 - deaths / links at risk (Kaplan & Meier 1958); a link censored at a time counts as at risk at that time.
    The band is Greenwood's variance on the scale log(-log S), which keeps it between 0 and 1 (Kalbfleisch &
    Prentice); NaN where S is 0. Equals ``scipy.stats.ecdf(...).sf`` with ``method="log-log"``. Raises ValueError
    for arrays that are empty, of different lengths, or hold ages that are negative or not finite.
    """
    ages, died = np.asarray(ages, float), np.asarray(died, bool)
    if ages.ndim != 1 or ages.shape != died.shape or not ages.size:
        raise ValueError(
            f"ages and died must be two equally long lists, not of shapes {ages.shape} and {died.shape}"
        )
    if not np.isfinite(ages).all() or ages.min() < 0:
        raise ValueError("ages must be finite numbers of at least 0")
    times = np.unique(ages[died])
    at_risk = np.array([(ages >= time).sum() for time in times], int)
    deaths = np.array([((ages == time) & died).sum() for time in times], int)
    share = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
        width = z * np.sqrt(greenwood) / np.log(share)
        low, high = share ** np.exp(-width), share ** np.exp(width)
    return Survival(times, share, low, high, at_risk, deaths)


@dataclass(frozen=True)
class Link:
    """A simulated link: the kind of its host, the year it was listed, and the age at which it dies."""

    host: str
    listed: int
    lifetime: float
    death: str


def simulate(
    rng: np.random.Generator, count: int, hosts: dict, years: int, deaths: tuple[str, ...]
) -> list[Link]:
    """Draw ``count`` links, listed in the years 0 to ``years`` - 1.

    ``hosts`` maps a kind of host to (its share of the list, its yearly hazard): a link that lives has, at any
    moment, the same risk per year, so lifetimes are exponential within a kind. ``deaths`` are the behaviours of
    :mod:`synscenes.linkrot.behaviours` to die with.
    """
    kinds = list(hosts)
    shares = np.array([hosts[kind][0] for kind in kinds])
    chosen = rng.choice(len(kinds), size=count, p=shares / shares.sum())
    hazards = np.array([hosts[kind][1] for kind in kinds])[chosen]
    lifetimes = rng.exponential(1 / hazards)
    listed = rng.integers(0, years, size=count)
    manner = rng.integers(0, len(deaths), size=count)
    return [
        Link(kinds[kind], int(year), float(life), deaths[how])
        for kind, year, life, how in zip(chosen, listed, lifetimes, manner)
    ]


def true_share(age: np.ndarray, hosts: dict) -> np.ndarray:
    """The share that lives longer than ``age`` in the simulation: the mixture of the hosts' exponentials."""
    weight = sum(share for share, _ in hosts.values())
    return sum(share / weight * np.exp(-hazard * np.asarray(age, float)) for share, hazard in hosts.values())
