"""What a calendar or a rhythm amounts to in a mean week of a year of 365 days."""

from __future__ import annotations

from datetime import date, timedelta

from sim.scenario.schema import Calendar, Rhythm, Weekday
from sim.units import DAY_S, WEEK_S, YEAR_S

WEEKS_A_YEAR = YEAR_S / WEEK_S
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def instants_per_week(rhythm: Rhythm) -> float:
    """Mean number of instants of a rhythm in a week.

    >>> instants_per_week(Rhythm(at="9:00", days=["mon", "thu"], every_weeks=2))
    1.0
    """
    times = len(rhythm.at) * len(rhythm.months) / 12
    if rhythm.days_of_month:
        return times * len(rhythm.days_of_month) * 12 / WEEKS_A_YEAR
    return times * (len(rhythm.days) or 7) / rhythm.every_weeks


def open_s_per_week(calendar: Calendar) -> float:
    """Mean open seconds of a week of 2018, the year in which time begins, holidays left out.

    >>> from sim.units import HOUR_S
    >>> calendar = Calendar(week={"mon": [("9:00", "12:00"), ("11:00", "13:00")]}, holidays=["01-01"])
    >>> open_s_per_week(calendar) * WEEKS_A_YEAR / HOUR_S
    208.0
    """
    first = date(2018, 1, 1)
    year = (first + timedelta(days=number) for number in range(365))
    open_days = (day for day in year if f"{day:%m-%d}" not in calendar.holidays)
    return sum(open_s(calendar, WEEKDAYS[day.weekday()]) for day in open_days) / WEEKS_A_YEAR


def open_s(calendar: Calendar, day: Weekday) -> int:
    """Open seconds of a weekday; overlapping periods count once."""
    if calendar.week == "always":
        return DAY_S
    seconds = until = 0
    for start, end in sorted(calendar.week.get(day, [])):
        seconds += max(end - max(start, until), 0)
        until = max(until, end)
    return seconds


def share_in_hours(calendar: Calendar, rhythm: Rhythm) -> float:
    """Share of a rhythm's instants at which a calendar is open; days of the month fall on any weekday."""
    days = rhythm.days if rhythm.days and not rhythm.days_of_month else WEEKDAYS
    if calendar.week == "always":
        return 1.0
    spans = [calendar.week.get(day, []) for day in days]
    held = [any(start <= at < end for start, end in day) for day in spans for at in rhythm.at]
    return sum(held) / len(held)
