"""When units and teams are open: open time between instants, for whole columns at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim import calendars
from sim.tables import EngineInput
from sim.units import DAY_S


class Hours:
    """The opening hours of the units and teams of an engine's input.

    A unit is *open* while a team that serves it is. It *admits* while it is open and over lunch: a resident who waits
    may stay there. Columns of instants are int64 arrays of seconds, of units and teams their numbers; from none to an
    earlier instant there is no time.
    """

    def __init__(self, tables: EngineInput) -> None:
        own = {int(number): calendars.read(tables.calendars, number) for number in set(tables.teams["calendar"])}
        serving: list[set[int]] = [set() for _ in range(len(tables.units))]
        for calendar, serves in zip(tables.teams["calendar"], tables.teams["serves"], strict=True):
            for unit in str(serves).split():
                serving[int(unit)].add(int(calendar))
        kept: dict[frozenset[int], int] = {}
        self.group_of_unit = np.array([kept.setdefault(frozenset(one), len(kept)) for one in serving], dtype=np.int64)
        unions = [calendars.union(own[number] for number in sorted(one)) for one in kept]
        self._open = [_cumulative(hours) for hours in unions]
        self._admits = [_cumulative(_over_lunch(hours)) for hours in unions]
        self._own = {number: _cumulative(hours) for number, hours in own.items()}
        self._calendar_of_team = tables.teams["calendar"].to_numpy(np.int64)

    def open_s(self, unit: np.ndarray, from_s: np.ndarray, to_s: np.ndarray) -> np.ndarray:
        """Seconds for which each unit is open between two instants."""
        return _between(dict(enumerate(self._open)), self.group_of_unit[unit], from_s, to_s)

    def admits_s(self, unit: np.ndarray, from_s: np.ndarray, to_s: np.ndarray) -> np.ndarray:
        """Seconds for which each unit is open or at lunch between two instants."""
        return _between(dict(enumerate(self._admits)), self.group_of_unit[unit], from_s, to_s)

    def team_open_s(self, team: np.ndarray, from_s: np.ndarray, to_s: np.ndarray) -> np.ndarray:
        """Seconds for which each team is on duty between two instants."""
        return _between(self._own, self._calendar_of_team[team], from_s, to_s)


def _cumulative(hours: calendars.Periods) -> Callable[[np.ndarray], np.ndarray]:
    """Open seconds before each instant, looked up by day: what :func:`sim.calendars.open_seconds` finds by search."""
    opens, closes = np.array(hours.opens, dtype=np.int64), np.array(hours.closes, dtype=np.int64)
    if not len(opens):
        return np.zeros_like
    opens, closes = calendars.within_days(opens, closes)
    day = opens // DAY_S
    nth = np.arange(len(day)) - np.searchsorted(day, day)
    n_days = int(day[-1]) + 2
    begins, lengths = np.zeros((2, int(nth.max()) + 1, n_days), dtype=np.int64)
    begins[nth, day], lengths[nth, day] = opens, closes - opens
    before = np.concatenate(([0], np.cumsum(lengths.sum(axis=0))[:-1]))

    def open_before(at_s: np.ndarray) -> np.ndarray:
        days = np.clip(at_s // DAY_S, 0, n_days - 1)
        total = before[days]
        for begin, length in zip(begins, lengths, strict=True):
            total += np.clip(at_s - begin[days], 0, length[days])
        return np.asarray(total)

    return open_before


def _over_lunch(hours: calendars.Periods) -> calendars.Periods:
    """The same hours with breaks kept open."""
    last = len(hours.opens) - 1
    reopens = [*hours.opens[1:], 0]
    closes = [
        reopens[k] if is_break and k < last else close_s
        for k, (close_s, is_break) in enumerate(zip(hours.closes, hours.is_break, strict=True))
    ]
    return calendars.union([hours._replace(closes=closes)])


def _between(
    hours: dict[int, Callable[[np.ndarray], np.ndarray]], which: np.ndarray, from_s: np.ndarray, to_s: np.ndarray
) -> np.ndarray:
    result = np.zeros(len(which), dtype=np.int64)
    some = np.flatnonzero(to_s > from_s)
    which = which[some]
    for number, before in hours.items():
        mine = some[which == number]
        if len(mine):
            result[mine] = before(to_s[mine]) - before(from_s[mine])
    return result
