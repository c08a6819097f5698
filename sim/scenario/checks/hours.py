"""Calendars, rhythms and profiles: times that can be, do not overlap, and sometimes come."""

from __future__ import annotations

import calendar as days
import re
from collections.abc import Iterator
from itertools import pairwise

from sim.scenario.checks.finding import Finding
from sim.scenario.schema import Profile, Rhythm, Scenario
from sim.scenario.tree import Path
from sim.units import DAY_S, WEEK_S

_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})")
_LEAP_YEAR = 2020
MOST_WEEKS = 10_000
"""Warm-up, cohort and drain together; about two centuries."""


def clock(seconds: int) -> str:
    """A time of day as it is written.

    >>> clock(30600)
    '8:30'
    """
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}"


def run(scenario: Scenario) -> Iterator[Finding]:
    """There is a day or more to be measured, and the whole run can be held in memory."""
    settings = scenario.run
    if settings.cohort < DAY_S:
        yield "scenario.cohort_short", ("run", "cohort"), {}
    length_s = settings.cohort + settings.drain + (0 if settings.warm_up == "auto" else settings.warm_up)
    if length_s > MOST_WEEKS * WEEK_S:
        yield "scenario.run_long", ("run",), {"weeks": f"{length_s / WEEK_S:.0f}", "most": MOST_WEEKS}


def calendars(scenario: Scenario) -> Iterator[Finding]:
    """Every calendar opens at some time; periods of a day end after they begin, and stand apart."""
    for name, calendar in scenario.calendars.items():
        yield from _holidays(calendar.holidays, ("calendars", name, "holidays"))
        if calendar.week == "always":
            continue
        if not any(calendar.week.values()):
            yield "scenario.never_open", ("calendars", name, "week"), {}
        for day, spans in calendar.week.items():
            path = ("calendars", name, "week", day)
            for number, (open_s, close_s) in enumerate(spans):
                if open_s >= close_s:
                    yield "scenario.opening_order", (*path, number), {"open": clock(open_s), "close": clock(close_s)}
            for first, second in pairwise(sorted(spans)):
                if second[0] < first[1]:
                    names = ["-".join(clock(time) for time in span) for span in (first, second)]
                    yield "scenario.opening_overlap", path, {"first": names[0], "second": names[1]}


def _holidays(dates: list[str], path: Path) -> Iterator[Finding]:
    for number, date in enumerate(dates):
        month, day = int(date[:2]), int(date[3:])
        if not (1 <= month <= 12 and 1 <= day <= days.monthrange(_LEAP_YEAR, month)[1]):
            yield "scenario.holiday", (*path, number), {"value": f"'{date}'"}


def rhythms(scenario: Scenario) -> Iterator[Finding]:
    """A rhythm goes by the week or by the month, and has a time of day."""
    for path, rhythm in _rhythms(scenario):
        if not rhythm.at:
            yield "scenario.list_empty", (*path, "at"), {}
        if rhythm.days and rhythm.days_of_month:
            yield "scenario.rhythm_twice", path, {}
        elif rhythm.days_of_month and rhythm.every_weeks > 1:
            yield "scenario.rhythm_weeks", (*path, "every_weeks"), {}


def _rhythms(scenario: Scenario) -> Iterator[tuple[Path, Rhythm]]:
    for name, gate in scenario.gates.items():
        yield ("gates", name), gate
    for name, matter in scenario.demand.matters.items():
        if matter.schedule is not None:
            yield ("demand", "matters", name, "schedule"), matter.schedule
    for name, duty in scenario.structure.duties.items():
        yield ("structure", "duties", name, "rhythm"), duty.rhythm


def profiles(scenario: Scenario) -> Iterator[Finding]:
    """A profile's hours are spans of a day, and its weights are not all zero."""
    for name, profile in scenario.demand.profiles.items():
        path = ("demand", "profiles", name)
        for axis in ("hours", "weekdays", "months", "days_of_month"):
            weights = getattr(profile, axis)
            if weights and not any(weights.values()):
                yield "scenario.no_weight", (*path, axis), {}
        yield from _hours(profile, (*path, "hours"))


def _hours(profile: Profile, path: Path) -> Iterator[Finding]:
    spans = []
    for name in profile.hours:
        match = _HOURS.fullmatch(name)
        first, last = (int(match[1]), int(match[2])) if match else (0, 0)
        if not first < last <= 24:
            yield "scenario.hours_key", (*path, name), {"name": name}
        else:
            spans.append((first, last, name))
    for before, after in pairwise(sorted(spans)):
        if after[0] < before[1]:
            yield "scenario.hours_overlap", (*path, after[2]), {"first": before[2], "second": after[2]}
