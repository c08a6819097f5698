"""What residents and departments ask for, drawn once per (seed, replication), knowing no structure.

Each matter's arrivals come from its own stream at twice its base rate, thinned to the scenario's scale; a case's luck
for any purpose is a uniform keyed by its stream, its index there, the purpose and the attempt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.calendars import instants, month_and_day
from sim.scenario.schema import Matter, Place, Profile, Scenario
from sim.streams import Streams
from sim.units import DAY_S, HOUR_S

MAX_SCALE = 2.0
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class MatterCases:
    """The cases of one matter: case numbers, index in the stream, intended instants, household of each."""

    matter: Matter
    number: int
    stream: str
    case: np.ndarray
    index: np.ndarray
    n_drawn: int
    opened_s: np.ndarray
    household: np.ndarray


@dataclass(frozen=True)
class Demand:
    """All cases of one replication, and the luck that belongs to them."""

    streams: Streams
    end_s: int
    households: int
    matters: tuple[MatterCases, ...]

    def uniforms(self, cases: MatterCases, purpose: str, attempt: int = 0) -> np.ndarray:
        """Luck of a matter's cases for one purpose (an array as long as its cases)."""
        return self.streams.uniforms(cases.stream, purpose, cases.n_drawn, attempt)[cases.index]

    def by_household(self, purpose: str) -> np.ndarray:
        """Luck that belongs to a household for good: the same in every replication."""
        return Streams(self.streams.seed, 0).uniforms("place", purpose, self.households)

    @property
    def n_cases(self) -> int:
        """Number of cases, residents' and departments'."""
        return sum(len(cases.case) for cases in self.matters)

    def table(self) -> pd.DataFrame:
        """The demand as a table to be printed: case, matter, opened_s, household (-1: a task)."""
        return pd.DataFrame(
            {
                "case": np.concatenate([cases.case for cases in self.matters]),
                "matter": np.repeat([c.number for c in self.matters], [len(c.case) for c in self.matters]),
                "opened_s": np.concatenate([cases.opened_s for cases in self.matters]),
                "household": np.concatenate([cases.household for cases in self.matters]),
            }
        ).sort_values("case", ignore_index=True)


def hour_weights(profile: Profile | None, n_hours: int) -> np.ndarray:
    """Relative arrival rate of each hour from second 0, with mean 1 over the first 365 days; (n_hours,) floats."""
    if profile is None:
        return np.ones(n_hours)
    n = max(n_hours, 365 * 24)
    day = np.arange(n) // 24
    month, day_of_month = month_and_day(day)
    of_hour = np.ones(24)
    if profile.hours:
        of_hour = np.zeros(24)
        for span, weight in profile.hours.items():
            first, last = (int(part) for part in span.split("-"))
            of_hour[first:last] = weight
    of_weekday = np.array([profile.weekdays.get(name, 0.0 if profile.weekdays else 1.0) for name in WEEKDAYS])  # type: ignore[call-overload]
    of_month = np.array([1.0] + [profile.months.get(number, 1.0) for number in range(1, 13)])
    of_day = np.array([1.0] + [profile.days_of_month.get(number, 1.0) for number in range(1, 32)])
    weights = of_hour[np.arange(n) % 24] * of_weekday[day % 7] * of_month[month] * of_day[day_of_month]
    return np.asarray(weights / weights[: 365 * 24].mean())[:n_hours]


def arrival_times(streams: Streams, stream: str, per_s: float, weights: np.ndarray | None, end_s: int) -> np.ndarray:
    """Instants of a non-homogeneous Poisson process on [0, end_s), in whole seconds, in order.

    Exact by inversion (Cinlar 1975): unit-rate arrivals are mapped through the inverse of the cumulative rate, which
    is piecewise linear by hours; hours of rate zero have no arrivals. A longer run keeps the earlier arrivals.
    """
    if per_s <= 0:
        return np.empty(0, dtype=np.int64)
    if weights is None:
        edges = np.array([0.0, float(end_s)])
        cumulative = per_s * edges
    else:
        edges = np.minimum(np.arange(len(weights) + 1) * float(HOUR_S), end_s)
        cumulative = np.concatenate(([0.0], np.cumsum(per_s * weights * np.diff(edges))))
    total = cumulative[-1]
    n = int(total + 6 * np.sqrt(total) + 20)
    arrivals = np.cumsum(-np.log1p(-streams.uniforms(stream, "arrival", n)))
    while arrivals[-1] < total:
        n *= 2
        arrivals = np.cumsum(-np.log1p(-streams.uniforms(stream, "arrival", n)))
    arrivals = arrivals[arrivals < total]
    return np.interp(arrivals, cumulative, edges).astype(np.int64)


def _rate_per_s(matter: Matter, place: Place) -> float:
    if matter.rate is None:
        return 0.0
    people = {"street": 1.0, "household": place.households, "person": place.households * place.persons_per_household}
    return matter.rate.per_s * people[matter.rate.per]


def _draw_matter(
    scenario: Scenario, streams: Streams, name: str, end_s: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Index, intended instant and household of a matter's cases, and how many its stream drew."""
    matter = scenario.demand.matters[name]
    stream = matter.stream or name
    if matter.schedule is not None:
        opened = np.repeat(instants(matter.schedule, end_s), matter.items)
        kept = np.arange(len(opened))
        return kept, opened, np.full(len(opened), -1, dtype=np.int64), len(opened)
    profile = scenario.demand.profiles[matter.profile] if matter.profile else None
    weights = None if profile is None else hour_weights(profile, -(-end_s // HOUR_S))
    per_s = _rate_per_s(matter, scenario.place)
    if matter.kind == "task":
        opened = arrival_times(streams, stream, per_s * matter.items, weights, end_s)
        kept = np.arange(len(opened))
        return kept, opened, np.full(len(opened), -1, dtype=np.int64), len(opened)
    opened = arrival_times(streams, stream, per_s * MAX_SCALE, weights, end_s)
    kept = np.flatnonzero(streams.uniforms(stream, "thinning", len(opened)) < scenario.demand.scale / MAX_SCALE)
    position = streams.uniforms(stream, "household", len(opened))[kept]
    household = np.minimum((position * scenario.place.households).astype(np.int64), scenario.place.households - 1)
    return kept, opened[kept], household, len(opened)


def draw_demand(scenario: Scenario, seed: int, replication: int, end_s: int) -> Demand:
    """The cases of one replication on [0, end_s): case numbers follow intended time, stream, index."""
    streams = Streams(seed, replication)
    names = list(scenario.demand.matters)
    keys = [scenario.demand.matters[name].stream or name for name in names]
    drawn = [_draw_matter(scenario, streams, name, end_s) for name in names]
    sizes = [len(index) for index, _, _, _ in drawn]
    rank = np.argsort(np.argsort(np.array(keys)))
    opened = np.concatenate([item[1] for item in drawn])
    order = np.lexsort((np.concatenate([item[0] for item in drawn]), np.repeat(rank, sizes), opened))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    cuts = np.cumsum(sizes)[:-1]
    matters = tuple(
        MatterCases(scenario.demand.matters[name], i, keys[i], case, item[0], item[3], item[1], item[2])
        for i, (name, case, item) in enumerate(zip(names, np.split(number, cuts), drawn, strict=True))
    )
    return Demand(streams, end_s, scenario.place.households, matters)


def times_of_day(profile: Profile | None, uniforms: np.ndarray) -> np.ndarray:
    """Times of day (seconds) at which people of a profile come, by inversion of its hours."""
    of_hour = hour_weights(Profile(hours=profile.hours) if profile else None, 24)
    cumulative = np.concatenate(([0.0], np.cumsum(of_hour)))
    moment = np.interp(uniforms * cumulative[-1], cumulative, np.arange(25) * float(HOUR_S))
    return np.minimum(moment.astype(np.int64), DAY_S - 1)
