"""What residents and departments ask for, drawn once per (seed, replication), knowing no structure.

Each matter's arrivals come from its own stream at twice its base rate, thinned to the scenario's scale; a case's luck
for any purpose is a uniform keyed by its stream, its index there, the purpose and the attempt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.calendars import WEEKDAYS, instants, month_and_day
from sim.scenario.schema import Matter, Place, Profile, Scenario
from sim.streams import Streams
from sim.tables import NONE
from sim.units import HOUR_S

MAX_SCALE = 2.0
HOURS_A_YEAR = 365 * 24


@dataclass(frozen=True)
class MatterCases:
    """The cases of one matter: its position and stream, and for each case its number and what was drawn.

    ``index`` is the case's place among the ``n_drawn`` of its stream (some were thinned out), ``opened_s`` when the
    resident meant to come or the task was sent, ``household`` its number along the street (-1: a task).
    """

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
        drawn = self.streams.uniforms(cases.stream, purpose, cases.n_drawn, attempt)
        return np.asarray(drawn[cases.index])

    def by_household(self, purpose: str) -> np.ndarray:
        """Luck that belongs to a household for good: the same in every replication."""
        return Streams(self.streams.seed, 0).uniforms("place", purpose, self.households)

    @property
    def n_cases(self) -> int:
        """Number of cases, residents' and departments'."""
        return sum(len(cases.case) for cases in self.matters)


def hour_weights(profile: Profile, n_hours: int) -> np.ndarray:
    """Relative arrival rate of each hour from second 0, with mean 1 over the first 365 days; (n_hours,) floats.

    >>> hour_weights(Profile(hours={"9-11": 1.0, "11-12": 4.0}), 13)[8:].tolist()
    [0.0, 4.0, 4.0, 16.0, 0.0]
    """
    hour = np.arange(max(n_hours, HOURS_A_YEAR))
    day = np.arange(-(-len(hour) // 24))
    month, day_of_month = month_and_day(day)
    of_weekday = np.array([profile.weekdays.get(name, 0.0 if profile.weekdays else 1.0) for name in WEEKDAYS])
    of_month = np.array([1.0] + [profile.months.get(number, 1.0) for number in range(1, 13)])
    of_date = np.array([1.0] + [profile.days_of_month.get(number, 1.0) for number in range(1, 32)])
    of_day = of_weekday[day % 7] * of_month[month] * of_date[day_of_month]
    weights = _weights_of_day(profile)[hour % 24] * of_day[hour // 24]
    return np.asarray(weights / weights[:HOURS_A_YEAR].mean())[:n_hours]


def _weights_of_day(profile: Profile) -> np.ndarray:
    """The weight of each hour of the day; flat if the profile names no hours."""
    if not profile.hours:
        return np.ones(24)
    weights = np.zeros(24)
    for span, weight in profile.hours.items():
        first, last = (int(part) for part in span.split("-"))
        weights[first:last] = weight
    return weights


def times_of_day(profile: Profile, uniforms: np.ndarray) -> np.ndarray:
    """Times of day (whole seconds) at which people of a profile come, by inversion of its hours.

    >>> times_of_day(Profile(hours={"9-10": 1.0, "14-15": 1.0}), np.array([0.25, 0.75])) / HOUR_S
    array([ 9.5, 14.5])
    """
    cumulative = np.concatenate(([0.0], np.cumsum(_weights_of_day(profile))))
    return np.interp(uniforms * cumulative[-1], cumulative, np.arange(25.0) * HOUR_S).astype(np.int64)


def arrival_times(streams: Streams, stream: str, per_s: float, weights: np.ndarray | None, end_s: int) -> np.ndarray:
    """Instants of a Poisson process on [0, end_s), in whole seconds, in order; ``weights`` scale the rate by hours.

    Exact by inversion (Cinlar 1975): unit-rate arrivals are mapped through the inverse of the cumulative rate, which
    is piecewise linear; hours of rate zero have no arrivals. A longer run keeps the earlier arrivals.
    """
    if weights is None:
        return (_unit_arrivals(streams, stream, per_s * end_s) / per_s).astype(np.int64)
    edges_s = np.minimum(np.arange(len(weights) + 1) * HOUR_S, end_s)
    cumulative = np.concatenate(([0.0], np.cumsum(per_s * weights * np.diff(edges_s))))
    return np.interp(_unit_arrivals(streams, stream, cumulative[-1]), cumulative, edges_s).astype(np.int64)


def _unit_arrivals(streams: Streams, stream: str, end: float) -> np.ndarray:
    """Arrivals of a Poisson process of rate one on [0, end)."""
    n = int(end + 2 * np.sqrt(end) + 2)
    while True:
        arrivals = np.cumsum(-np.log1p(-streams.uniforms(stream, "arrival", n)))
        if arrivals[-1] >= end:
            return np.asarray(arrivals[arrivals < end])
        n *= 2


def draw_demand(scenario: Scenario, seed: int, replication: int, end_s: int) -> Demand:
    """The cases of one replication on [0, end_s): case numbers follow intended time, stream, index."""
    streams = Streams(seed, replication)
    profiles = {name: hour_weights(each, -(-end_s // HOUR_S)) for name, each in scenario.demand.profiles.items()}
    drawn = [
        _draw_matter(scenario, streams, number, name, profiles.get(matter.profile or ""), end_s)
        for number, (name, matter) in enumerate(scenario.demand.matters.items())
    ]
    return Demand(streams, end_s, scenario.place.households, _numbered(drawn))


def _draw_matter(
    scenario: Scenario, streams: Streams, number: int, name: str, weights: np.ndarray | None, end_s: int
) -> MatterCases:
    """The cases of a matter, not numbered yet."""
    matter, n_households = scenario.demand.matters[name], scenario.place.households
    stream = matter.stream or name
    per_s = _rate_per_s(matter, scenario.place)
    if matter.schedule is not None:
        opened = np.repeat(instants(matter.schedule, end_s), matter.items)
    elif matter.kind == "task":
        opened = arrival_times(streams, stream, per_s * matter.items, weights, end_s)
    else:
        opened = arrival_times(streams, stream, per_s * MAX_SCALE, weights, end_s)
    if matter.kind == "task":
        index = np.arange(len(opened))
        household = np.full(len(opened), NONE, dtype=np.int64)
    else:
        share = scenario.demand.scale / MAX_SCALE
        index = np.flatnonzero(streams.uniforms(stream, "thinning", len(opened)) < share)
        household = (streams.uniforms(stream, "household", len(opened))[index] * n_households).astype(np.int64)
    unknown = np.full(len(index), NONE, dtype=np.int64)
    return MatterCases(matter, number, stream, unknown, index, len(opened), opened[index], household)


def _rate_per_s(matter: Matter, place: Place) -> float:
    if matter.rate is None:
        return 0.0
    people = {"street": 1.0, "household": place.households, "person": place.households * place.persons_per_household}
    return matter.rate.per_s * people[matter.rate.per]


def _numbered(drawn: list[MatterCases]) -> tuple[MatterCases, ...]:
    """The same with case numbers: in the order of intended time, then stream, then index."""
    if not drawn:
        return ()
    by_stream = sorted(range(len(drawn)), key=lambda number: drawn[number].stream)
    opened = np.concatenate([drawn[number].opened_s for number in by_stream])
    case = np.empty(len(opened), dtype=np.int64)
    case[np.argsort(opened, kind="stable")] = np.arange(len(opened))
    ends = np.cumsum([len(drawn[number].index) for number in by_stream])
    own = dict(zip(by_stream, np.split(case, ends[:-1]), strict=True))
    return tuple(replace(cases, case=own[cases.number]) for cases in drawn)
