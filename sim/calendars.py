"""Opening hours, holidays, recurring instants and working time, in whole seconds since Monday 2018-01-01 00:00."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.schema import Calendar, Rhythm, Weekday
from sim.tables import CALENDARS
from sim.units import DAY_S

Instants: TypeAlias = NDArray[np.int64]

DAY_0 = np.datetime64("2018-01-01", "D")
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MARGIN_S = 60 * DAY_S
"""Calendars go on this long after the end of a run, so that hand-offs near the end find their opening."""


class Periods(NamedTuple):
    """Opening periods [open, close), sorted and apart; ``is_break``: the period's end is a lunch break."""

    opens: list[int]
    closes: list[int]
    is_break: list[int]


NEVER_OPEN = Periods([], [], [])


def month_and_day(day: Instants) -> tuple[Instants, Instants]:
    """Month (1 to 12) and day of the month of day numbers; day 0 is 2018-01-01.

    >>> [int(part) for part in month_and_day(np.int64(31 + 27))]
    [2, 28]
    """
    date = DAY_0 + np.asarray(day)
    month = date.astype("datetime64[M]")
    return month.astype(np.int64) % 12 + 1, (date - month.astype("datetime64[D]")).astype(np.int64) + 1


def union(calendars: Iterable[Periods]) -> Periods:
    """The hours in which at least one of several calendars is open; what abuts or overlaps is one period.

    A gap is a break if every period that ends with it is followed by a break.

    >>> union([Periods([0, 30], [20, 40], [1, 0]), Periods([10], [25], [0])])
    Periods(opens=[0, 30], closes=[25, 40], is_break=[0, 0])
    """
    parts = [np.array(each, dtype=np.int64).reshape(3, -1) for each in calendars]
    return _united(np.concatenate(parts, axis=1) if parts else np.empty((3, 0), dtype=np.int64))


def _united(hours: Instants) -> Periods:
    """The union of opening periods: their opens, closes and breaks, (3, n)."""
    opens, closes, is_break = hours
    if not len(opens):
        return Periods([], [], [])
    order = np.argsort(opens, kind="stable")
    opens, closes, is_break = opens[order], closes[order], is_break[order]
    covered_s = np.maximum.accumulate(closes)
    first = np.flatnonzero(np.concatenate(([True], opens[1:] > covered_s[:-1])))
    ends_s = np.maximum.reduceat(closes, first)
    ends_it = closes == np.repeat(ends_s, np.diff(first, append=len(opens)))
    all_break = np.minimum.reduceat(np.where(ends_it, is_break, 1), first)
    return Periods(opens[first].tolist(), ends_s.tolist(), all_break.tolist())


def _periods_of_day(spans: Iterable[tuple[int, int]]) -> Periods:
    """One day's periods: gaps are breaks, the day's end is a closing."""
    day = union([Periods([span[0]], [span[1]], [0]) for span in spans])
    return day._replace(is_break=[1] * (len(day.opens) - 1) + [0] * bool(day.opens))


def periods(calendar: Calendar, end_s: int) -> Periods:
    """The opening periods of a calendar from 0 to MARGIN_S after the day of ``end_s``."""
    n_days = -(-(end_s + MARGIN_S) // DAY_S)
    if calendar.week == "always":
        return Periods([0], [n_days * DAY_S], [0])
    week = [_periods_of_day(calendar.week.get(weekday, ())) for weekday in WEEKDAYS]
    day = np.arange(n_days)
    month, day_of_month = month_and_day(day)
    holidays = [int(text[:2]) * 100 + int(text[3:]) for text in calendar.holidays]
    day = day[~np.isin(month * 100 + day_of_month, holidays)]
    hours = []
    for weekday, each in enumerate(week):
        midnights_s = day[day % 7 == weekday] * DAY_S
        for open_s, close_s, is_break in zip(*each, strict=True):
            opens, closes = (midnights_s + open_s).tolist(), (midnights_s + close_s).tolist()
            hours.append(Periods(opens, closes, [is_break] * len(opens)))
    return union(hours)


def build(calendars: Mapping[str, Calendar], end_s: int) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Names of the calendars, by number, and their table CALENDARS (see :func:`periods`)."""
    columns = [
        _columns(number, _week(calendar), tuple(calendar.holidays), end_s)
        for number, calendar in enumerate(calendars.values())
    ]
    table = np.concatenate([np.empty((len(CALENDARS), 0), dtype=np.int64), *columns], axis=1)
    return tuple(calendars), pd.DataFrame(table.T, columns=list(CALENDARS), copy=False)


_Week: TypeAlias = Literal["always"] | tuple[tuple[Weekday, tuple[tuple[int, int], ...]], ...]


def _week(calendar: Calendar) -> _Week:
    """A calendar's week as a key."""
    if calendar.week == "always":
        return "always"
    return tuple((day, tuple(spans)) for day, spans in calendar.week.items())


@lru_cache(maxsize=64)
def _columns(number: int, week: _Week, holidays: tuple[str, ...], end_s: int) -> Instants:
    """The columns of one calendar, which many scenarios have alike: (4, n)."""
    days = "always" if week == "always" else {day: list(spans) for day, spans in week}
    hours = periods(Calendar.model_construct(week=days, holidays=list(holidays)), end_s)
    return np.array([[number] * len(hours.opens), *hours], dtype=np.int64)


def read(table: pd.DataFrame, number: int) -> Periods:
    """The opening periods of one calendar of a table CALENDARS, those that abut as one."""
    rows = table.to_numpy(np.int64)
    return _united(rows[rows[:, 0] == number, 1:].T)


def working_day_s(calendar: Calendar) -> int:
    """Length of a working day: the open seconds of the calendar's longest weekday."""
    return _longest_day_s(_week(calendar))


@lru_cache(maxsize=64)
def _longest_day_s(week: _Week) -> int:
    if week == "always":
        return DAY_S
    days = (_periods_of_day(spans) for _, spans in week)
    return max((sum(day.closes) - sum(day.opens) for day in days), default=0)


def instants(rhythm: Rhythm, end_s: int) -> Instants:
    """The instants of a rhythm in [0, end_s): on days of the month, on weekdays, or, where neither is given, daily.

    Weeks count from week 0. A day of the month that a short month lacks is its last day.

    >>> instants(Rhythm(at="9:00", days=["tue"], every_weeks=2), 3 * 7 * DAY_S) // DAY_S
    array([ 1, 15])
    """
    days = np.arange(-(-end_s // DAY_S))
    month, day_of_month = month_and_day(days)
    if rhythm.days_of_month:
        next_month, _ = month_and_day(days + 1)
        is_last = next_month != month
        chosen = np.isin(day_of_month, rhythm.days_of_month)
        chosen |= is_last & (day_of_month < max(rhythm.days_of_month))
    else:
        weekdays = [WEEKDAYS.index(day) for day in rhythm.days] or range(7)
        chosen = np.isin(days % 7, list(weekdays)) & (days // 7 % rhythm.every_weeks == 0)
    midnights = days[chosen & np.isin(month, rhythm.months)] * DAY_S
    at_s = (midnights[:, None] + np.sort(rhythm.at)).ravel()
    return at_s[at_s < end_s]


def open_seconds(opens: Instants, closes: Instants, at_s: Instants) -> Instants:
    """Open time before each instant, in seconds: the difference of two is the working time between them.

    >>> open_seconds(np.array([10, 30]), np.array([20, 40]), np.array([5, 15, 25, 50]))
    array([ 0,  5, 10, 20])
    """
    opens, closes = np.asarray(opens, dtype=np.int64), np.asarray(closes, dtype=np.int64)
    if len(opens) == 0:
        return np.zeros(np.shape(at_s), dtype=np.int64)
    before_s = np.concatenate([[0], np.cumsum(closes - opens)[:-1]])
    period = np.searchsorted(opens, at_s, side="right") - 1
    inside_s = np.clip(at_s - opens[period], 0, (closes - opens)[period])
    return np.where(period < 0, 0, before_s[period] + inside_s)


def within_days(opens: Instants, closes: Instants) -> tuple[Instants, Instants]:
    """Opening periods cut at each midnight.

    >>> [(part / 3600).tolist() for part in within_days(np.array([32400, 79200]), np.array([43200, 97200]))]
    [[9.0, 22.0, 24.0], [12.0, 24.0, 27.0]]
    """
    first_day, last_day = opens // DAY_S, (closes - 1) // DAY_S
    n_days = last_day - first_day + 1
    day = np.repeat(last_day - np.cumsum(n_days) + 1, n_days) + np.arange(n_days.sum())
    return np.maximum(np.repeat(opens, n_days), day * DAY_S), np.minimum(np.repeat(closes, n_days), (day + 1) * DAY_S)
