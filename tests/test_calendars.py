"""Opening hours, holidays, recurring instants and working time, against days counted by hand and second by second."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_inputs import ALWAYS, weekdays

from sim import calendars, rules
from sim.calendars import MARGIN_S, Periods
from sim.scenario.schema import Calendar, Rhythm
from sim.tables import CALENDARS, NONE
from sim.units import DAY_S, HOUR_S, WEEK_S


def hours(*spans):
    """``(day, "open", "close", is_break)`` with whole hours -> Periods."""
    return Periods(
        [day * DAY_S + open_h * HOUR_S for day, open_h, _, _ in spans],
        [day * DAY_S + close_h * HOUR_S for day, _, close_h, _ in spans],
        [is_break for *_, is_break in spans],
    )


def first(periods, n):
    return Periods(*(column[:n] for column in periods))


def test_second_0_is_a_monday():
    assert date(2018, 1, 1).weekday() == 0


def test_a_week_with_lunch_breaks_and_a_holiday():
    """Monday 1 January is a holiday; only the end before lunch is a break; the weekend is closed."""
    office = weekdays(("9:00", "12:00"), ("13:00", "17:00")).model_copy(update={"holidays": ["01-01"]})
    days = [(day, 9, 12, 1, day, 13, 17, 0) for day in (1, 2, 3, 4, 7)]
    spans = [span for day in days for span in (day[:4], day[4:])]
    assert first(calendars.periods(office, WEEK_S), 10) == hours(*spans)


def test_holidays_come_every_year_and_29_february_in_leap_years():
    office = Calendar.model_validate(
        {"week": {day: [["0:00", "12:00"]] for day in calendars.WEEKDAYS}, "holidays": ["02-29", "10-01"]}
    )
    open_days = {open_s // DAY_S for open_s in calendars.periods(office, 4 * 366 * DAY_S).opens}
    closed = sorted(set(range(4 * 366)) - open_days)
    expected = [date(2018, 10, 1), date(2019, 10, 1), date(2020, 2, 29), date(2020, 10, 1), date(2021, 10, 1)]
    assert [date(2018, 1, 1) + timedelta(days=day) for day in closed] == expected


def test_calendars_run_on_after_the_end():
    """60 days and the rest of the last day; always is one period."""
    assert calendars.periods(ALWAYS, 10) == Periods([0], [61 * DAY_S], [0])
    assert calendars.periods(weekdays(("9:00", "17:00")), 365 * DAY_S).closes[-1] > 365 * DAY_S + MARGIN_S - 3 * DAY_S


def test_what_abuts_is_one_period():
    """Open round the clock in pieces equals always; a night shift over midnight is one period, not closed at 24:00."""
    pieces = {"week": {day: [["0:00", "8:00"], ["8:00", "24:00"]] for day in calendars.WEEKDAYS}}
    assert calendars.periods(Calendar.model_validate(pieces), DAY_S) == calendars.periods(ALWAYS, DAY_S)
    night = Calendar.model_validate(
        {"week": {"mon": [["22:00", "24:00"]], "tue": [["0:00", "6:00"], ["8:00", "9:00"]]}}
    )
    assert first(calendars.periods(night, DAY_S), 2) == hours((0, 22, 30, 1), (1, 8, 9, 0))


def test_build_numbers_calendars_by_position():
    names, table = calendars.build({"late": weekdays(("12:00", "20:00")), "always": ALWAYS}, DAY_S)
    assert names == ("late", "always")
    assert set(table.columns) == set(CALENDARS)
    assert (table.dtypes == np.int64).all()
    assert calendars.read(table, 1) == calendars.periods(ALWAYS, DAY_S)
    assert first(calendars.read(table, 0), 2) == hours((0, 12, 20, 0), (1, 12, 20, 0))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ([(0, 9, 13, 0)], [(0, 13, 17, 0)], [(0, 9, 17, 0)]),  # two shifts
        ([(0, 9, 12, 1), (0, 13, 17, 0)], [(0, 11, 14, 0)], [(0, 9, 17, 0)]),  # one covers the other's lunch
        ([(0, 9, 12, 1), (0, 13, 17, 0)], [(0, 8, 12, 1), (0, 14, 15, 0)], [(0, 8, 12, 1), (0, 13, 17, 0)]),
        ([(0, 9, 12, 1), (0, 13, 17, 0)], [(0, 10, 12, 0)], [(0, 9, 12, 0), (0, 13, 17, 0)]),  # one goes home at noon
        ([(0, 9, 12, 1), (0, 14, 17, 0)], [(0, 11, 13, 0)], [(0, 9, 13, 0), (0, 14, 17, 0)]),
        ([(0, 9, 17, 0)], [(0, 10, 11, 1), (0, 12, 13, 0)], [(0, 9, 17, 0)]),
        ([], [(0, 9, 17, 0)], [(0, 9, 17, 0)]),
    ],
)
def test_a_unit_is_open_while_a_team_is(one, other, both):
    """A gap is a break where all periods that end with it are followed by a break."""
    assert calendars.union([hours(*one), hours(*other)]) == hours(*both)
    assert calendars.union([hours(*other), hours(*one)]) == hours(*both)


def test_the_working_day_is_the_longest_of_the_week():
    short_friday = {"mon": [["9:00", "12:00"], ["13:00", "17:00"]], "fri": [["9:00", "12:00"]]}
    assert calendars.working_day_s(Calendar.model_validate({"week": short_friday})) == 7 * HOUR_S
    assert calendars.working_day_s(ALWAYS) == DAY_S
    assert calendars.working_day_s(Calendar(week={})) == 0


def dates(rhythm, end=date(2020, 12, 31)):
    """Dates of a rhythm at 9:00 from 2018 on."""
    end_s = ((end - date(2018, 1, 1)).days + 1) * DAY_S
    at_s = calendars.instants(Rhythm(at="9:00", **rhythm), end_s)
    assert at_s.dtype == np.int64
    assert (at_s % DAY_S == 9 * HOUR_S).all()
    return [str(date(2018, 1, 1) + timedelta(days=int(day))) for day in at_s // DAY_S]


def test_rhythms_of_the_week():
    assert dates({}, date(2018, 1, 3)) == ["2018-01-01", "2018-01-02", "2018-01-03"]
    assert dates({"days": ["mon", "thu"]}, date(2018, 1, 9)) == ["2018-01-01", "2018-01-04", "2018-01-08"]
    assert dates({"days": ["tue"], "every_weeks": 2}, date(2018, 1, 31)) == ["2018-01-02", "2018-01-16", "2018-01-30"]


def test_rhythms_of_the_month():
    """The 31st is the last day of a shorter month; 2020 is a leap year."""
    assert dates({"days_of_month": [31]}, date(2018, 4, 30)) == ["2018-01-31", "2018-02-28", "2018-03-31", "2018-04-30"]
    assert dates({"days_of_month": [1, 30], "months": [2]})[-2:] == ["2020-02-01", "2020-02-29"]
    assert dates({"days_of_month": [30, 31], "months": [4]}) == ["2018-04-30", "2019-04-30", "2020-04-30"]
    assert dates({"days_of_month": [10], "months": [6, 12]}, date(2018, 12, 31)) == ["2018-06-10", "2018-12-10"]


def test_instants_lie_before_the_end():
    daily = Rhythm(at="9:00")
    assert calendars.instants(daily, DAY_S + 9 * HOUR_S).tolist() == [9 * HOUR_S]
    assert calendars.instants(daily, DAY_S + 9 * HOUR_S + 1).tolist() == [9 * HOUR_S, DAY_S + 9 * HOUR_S]
    assert calendars.instants(daily, 0).tolist() == []


def test_days_have_dates():
    days = np.arange(3 * 366)
    month, day_of_month = calendars.month_and_day(days)
    expected = [date(2018, 1, 1) + timedelta(days=int(day)) for day in days]
    assert month.tolist() == [one.month for one in expected]
    assert day_of_month.tolist() == [one.day for one in expected]


some_periods = st.lists(st.integers(0, 60), min_size=0, max_size=10, unique=True).map(
    lambda bounds: Periods(sorted(bounds)[0 : len(bounds) // 2 * 2 : 2], sorted(bounds)[1::2], [0] * (len(bounds) // 2))
)


def open_at(periods, at_s):
    return any(open_s <= at_s < close_s for open_s, close_s, _ in zip(*periods, strict=True))


@settings(deadline=None)
@given(some_periods, st.integers(0, 70))
def test_open_seconds_count_the_open_seconds(periods, at_s):
    expected = sum(open_at(periods, second) for second in range(at_s))
    assert calendars.open_seconds(np.array(periods.opens), np.array(periods.closes), np.array([at_s])) == [expected]


@settings(deadline=None)
@given(some_periods, st.integers(0, 70), st.integers(0, 40))
def test_working_time_is_over_with_its_last_open_second(periods, from_s, working_s):
    at_s, left_s = from_s, working_s
    while left_s > 0 and at_s < 70:
        left_s -= open_at(periods, at_s)
        at_s += 1
    assert rules.after_working_s(periods.opens, periods.closes, from_s, working_s) == (NONE if left_s else at_s)


@settings(deadline=None)
@given(some_periods, st.integers(0, 70))
def test_the_first_open_instant_is_found(periods, at_s):
    expected = next((second for second in range(at_s, 70) if open_at(periods, second)), NONE)
    assert rules.first_open_s(periods.opens, periods.closes, at_s) == expected


@settings(deadline=None)
@given(st.lists(some_periods, min_size=1, max_size=3))
def test_a_union_is_open_whenever_one_is(several):
    together = calendars.union(several)
    assert [open_at(together, at_s) for at_s in range(70)] == [
        any(open_at(one, at_s) for one in several) for at_s in range(70)
    ]
    bounds = [at_s for period in zip(together.opens, together.closes, strict=True) for at_s in period]
    assert bounds == sorted(set(bounds))
