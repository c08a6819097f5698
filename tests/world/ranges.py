"""Where pooling explains the reported five minutes: the same hall over the ranges of what the report does not say.

Each point is calibrated anew: its arrival level is set so that the wait before is the reported one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any, Literal

import pandas as pd
from scipy.stats import qmc

from sim.scenario.schema import Profile
from sim.units import HOUR_S, MINUTE_S
from world import halls

Queues = Literal["departments", "windows"]
QUEUES: tuple[Queues, ...] = ("departments", "windows")
"""Before, one queue for the three windows of a department, or one for each window."""
POINTS, SEED, COHORT_WEEKS = 32, 4, 5
ABOUT_MIN = (2.5, 7.5)
"""What counts as the reported five minutes."""
SPREADS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)


@dataclass(frozen=True)
class Unknowns:
    """What the report does not say.

    ``spread``: standard deviation of the logarithms of the departments' loads; ``peaks``: power of the weights of hours
    and weekdays (0: flat).
    """

    queues: Queues
    spread: float = 0.75
    work_min: float = 12.0
    cv: float = 1.0
    peaks: float = 1.0
    patience_min: float = 60.0


RANGES = {
    "spread": (0.0, 1.25),
    "work_min": (4.0, 20.0),
    "cv": (0.6, 1.4),
    "peaks": (0.0, 1.3),
    "patience_min": (30.0, 120.0),
}
"""Work, its variation and patience: ranges of their facts; the others are assumptions."""


def along_the_spread() -> Iterator[Unknowns]:
    """The shipped hall with more and less evenly busy departments."""
    for queues in QUEUES:
        for spread in SPREADS:
            yield Unknowns(queues, spread)


def over_all() -> Iterator[Unknowns]:
    """A Latin hypercube over the ranges, for either form of queue."""
    low, high = zip(*RANGES.values(), strict=True)
    drawn = qmc.scale(qmc.LatinHypercube(len(RANGES), rng=SEED).random(POINTS), low, high)
    for queues in QUEUES:
        for row in drawn.tolist():
            yield Unknowns(queues, **dict(zip(RANGES, row, strict=True)))


def loads(spread: float) -> list[float]:
    """Shares of all visitors that go to each department, busiest first: a lognormal at the middles of equal parts."""
    n = len(halls.matters())
    weights = [math.exp(spread * NormalDist().inv_cdf(1 - (k + 0.5) / n)) for k in range(n)]
    return [weight / sum(weights) for weight in weights]


def demand(point: Unknowns) -> dict[str, Any]:
    """The demand of a point, of which a scale of two is more than 75 windows can serve."""
    profile = _profile()
    week_s = 5 * 8 * HOUR_S
    visits = 1.2 * halls.N_BEFORE / 2 * week_s / (point.work_min * MINUTE_S)
    values: dict[str, Any] = {
        "demand.profiles.walk-in.hours": {name: weight**point.peaks for name, weight in profile.hours.items()},
        "demand.profiles.walk-in.weekdays": {name: weight**point.peaks for name, weight in profile.weekdays.items()},
    }
    for matter, share in zip(halls.matters(), loads(point.spread), strict=True):
        values[f"demand.matters.{matter}.rate"] = f"{visits * share:.6f} / week"
        values[halls.WORK.format(matter)] = f"{point.work_min:.6f} min"
        values[f"demand.matters.{matter}.work.cv"] = point.cv
        values[f"demand.matters.{matter}.patience.mean"] = f"{point.patience_min:.6f} min"
    return values


@cache
def _profile() -> Profile:
    return halls.variants(halls.BEFORE).at({}).scenario.demand.profiles["walk-in"]


def read(point: Unknowns) -> dict[str, float | str]:
    """A point calibrated: windows busy before, the wait with 34 pooled windows, and how many five minutes need."""
    within = halls.window(COHORT_WEEKS)
    base = demand(point)
    before = base | (halls.own_queues() if point.queues == "windows" else {})

    def wait(name: str, values: dict[str, Any], scale: float) -> float:
        return halls.wait_min(name, values | {"demand.scale": scale}, 0, within)

    scale = halls.level_for(lambda level: wait(halls.BEFORE, before, level), halls.REPORTED_BEFORE_MIN)
    needed = halls.fewest_windows(lambda n: wait(halls.AFTER, base | halls.staffed(n), scale), halls.REPORTED_AFTER_MIN)
    return {
        **vars(point),
        "load": 1.2 * halls.N_BEFORE / 2 * scale,
        "wait": wait(halls.AFTER, base, scale),
        "needed": needed,
    }


def shares(points: pd.DataFrame) -> dict[str, float]:
    """Shares of points by what the model says of 34 windows, and quantiles of the windows needed."""
    low, high = ABOUT_MIN
    found: dict[str, float] = {}
    for queues, of_one in points.groupby("queues"):
        wait, needed = of_one["wait"], of_one["needed"]
        found[f"{queues}.less"] = float((wait < low).mean())
        found[f"{queues}.about"] = float(((wait >= low) & (wait <= high)).mean())
        found[f"{queues}.more"] = float((wait > high).mean())
        for name, share in (("low", 0.1), ("middle", 0.5), ("high", 0.9)):
            found[f"{queues}.needed.{name}"] = float(needed.quantile(share, interpolation="nearest"))
    return found
