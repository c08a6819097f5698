"""Days worked by hand: what each rule of time and queue means, as a short story and the legs it must give.

Each line of a table is a leg: ``case.row attempt team ready joined started ended worked outcome``. Instants are
written ``mon-9:00``, in later weeks ``mon-9:00+1w``, and ``-`` where something did not happen; work is in minutes.
"""

from __future__ import annotations

import pytest
from either import run
from random_inputs import ALWAYS, engine_input, weekdays

from sim import engines
from sim.errors import UsageError
from sim.tables import NONE, AtClose, Closing, Outcome, Ready
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S, parse_clock

pytestmark = pytest.mark.usefixtures("engine")

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COUNTER = (int(Closing.FINISH), int(AtClose.SEND_HOME), 0, 0)
HALL = (int(Closing.FINISH), int(AtClose.HOLD), 0, 0)
DESK = (int(Closing.PAUSE), int(AtClose.HOLD), 1, 2 * MINUTE_S)
NINE_TO_FIVE = {"office": weekdays(("9:00", "17:00"))}
WITH_LUNCH = {"office": weekdays(("9:00", "12:00"), ("13:00", "17:00"))}
SHIFTS = {"morning": weekdays(("9:00", "13:00")), "afternoon": weekdays(("13:00", "17:00"))}


def at(text):
    """``tue-9:30``, ``tue-9:30+1w`` -> seconds."""
    day, _, clock = text.partition("-")
    clock, _, weeks = clock.partition("+")
    return DAYS.index(day) * DAY_S + parse_clock(clock) + int(weeks.removesuffix("w") or 0) * WEEK_S


def said(at_s):
    """Seconds -> ``tue-9:30``, to the second where need be."""
    if at_s == NONE:
        return "-"
    week, in_week = divmod(at_s, WEEK_S)
    hour, in_hour = divmod(in_week % DAY_S, HOUR_S)
    minute, second = divmod(in_hour, MINUTE_S)
    clock = f"{hour}:{minute:02d}" + (f":{second:02d}" if second else "")
    return f"{DAYS[in_week // DAY_S]}-{clock}" + (f"+{week}w" if week else "")


def row(case, number=0, opens=None, work=10, **columns):
    """A row; ``opens`` for the first of a case, else it has one predecessor; ``work`` and ``limit`` in minutes."""
    columns = {name: at(value) if isinstance(value, str) else value for name, value in columns.items()}
    if "limit" in columns:
        columns["limit_s"] = columns.pop("limit") * MINUTE_S
    start = {"n_before": 1} if opens is None else {"opens_s": at(opens)}
    return {"case": case, "row": number, "work_s": work * MINUTE_S} | start | columns


def resident(case, number=0, opens=None, work=10, **columns):
    """A row at which somebody stands."""
    return row(case, number, opens, work, present=1, visit=1, **columns)


def check(rows, expected, units=(COUNTER,), teams=((1, 0, "0"),), hours=NINE_TO_FIVE, end="fri-24:00+1w", gates=()):
    """Run the street and compare its legs with the lines of a table."""
    gates = [[at(instant) for instant in gate] for gate in gates]
    legs = run(engine_input(rows, units, teams, hours, at(end), gates))
    lines = [
        f"{leg.case}.{leg.row} {leg.attempt} {leg.team if leg.team != NONE else '-'} {said(leg.ready_s)} "
        f"{said(leg.joined_s)} {said(leg.started_s)} {said(leg.ended_s)} {leg.worked_s / MINUTE_S:g} "
        f"{Outcome(leg.outcome).name}"
        for leg in legs.itertuples()
    ]
    assert lines == [" ".join(line.split()) for line in expected.strip().splitlines()]


# ---- who is served


def test_two_clerks_serve_in_order_of_joining():
    """Four residents, two clerks: the third waits for whoever is free first, the fourth for the next."""
    check(
        [
            resident(0, opens="mon-9:00", work=10),
            resident(1, opens="mon-9:01", work=4),
            resident(2, opens="mon-9:02", work=5),
            resident(3, opens="mon-9:03", work=1),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:10 10 DONE
        1.0 1 0 mon-9:01 mon-9:01 mon-9:01 mon-9:05  4 DONE
        2.0 1 0 mon-9:02 mon-9:02 mon-9:05 mon-9:10  5 DONE
        3.0 1 0 mon-9:03 mon-9:03 mon-9:10 mon-9:11  1 DONE
        """,
        teams=[(2, 0, "0")],
    )


def test_ties_go_by_class_then_case():
    """Three come at one instant to one clerk: the urgent one goes first, the others by case number."""
    check(
        [
            resident(0, opens="mon-9:00"),
            resident(1, opens="mon-9:00"),
            resident(2, opens="mon-9:00", **{"class": 0}),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:10 mon-9:20 10 DONE
        1.0 1 0 mon-9:00 mon-9:00 mon-9:20 mon-9:30 10 DONE
        2.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:10 10 DONE
        """,
    )


def test_a_team_prefers_its_first_unit_within_a_class():
    """The clerk's own window (unit 1) stands first in the list: its resident goes before one who came earlier."""
    check(
        [
            resident(0, opens="mon-9:00", unit=0, work=5),
            resident(1, opens="mon-9:01", unit=0),
            resident(2, opens="mon-9:02", unit=1),
            resident(3, opens="mon-9:03", unit=0, **{"class": 0}),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:05  5 DONE
        1.0 1 0 mon-9:01 mon-9:01 mon-9:25 mon-9:35 10 DONE
        2.0 1 0 mon-9:02 mon-9:02 mon-9:15 mon-9:25 10 DONE
        3.0 1 0 mon-9:03 mon-9:03 mon-9:05 mon-9:15 10 DONE
        """,
        units=[COUNTER, COUNTER],
        teams=[(1, 0, "1 0")],
    )


def test_the_first_declared_team_takes_the_work():
    """Posts A and B both stand idle (AB岗): A's team, declared first, serves while it has somebody."""
    check(
        [resident(0, opens="mon-9:00"), resident(1, opens="mon-9:05"), resident(2, opens="mon-9:10")],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:10 10 DONE
        1.0 1 1 mon-9:05 mon-9:05 mon-9:05 mon-9:15 10 DONE
        2.0 1 0 mon-9:10 mon-9:10 mon-9:10 mon-9:20 10 DONE
        """,
        teams=[(1, 0, "0"), (1, 0, "0")],
    )


def test_a_resident_interrupts_the_desk_work_begun_last():
    """Two members sit over papers; the resident takes the one who began last; she then needs 2 min to take it up.

    A second resident takes the other. A third, of no better class than the papers, must wait, but at a unit that
    comes first in the team's list. The papers go on at 9:31 and 9:35 with 35 + 2 and 45 + 2 min.
    """
    check(
        [
            row(0, opens="mon-9:00", work=60, unit=1, **{"class": 3}),
            row(1, opens="mon-9:05", work=60, unit=1, **{"class": 3}),
            resident(2, opens="mon-9:20", work=10),
            resident(3, opens="mon-9:25", work=10),
            resident(4, opens="mon-9:26", work=1, **{"class": 3}),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-10:08 62 DONE
        1.0 1 0 mon-9:05 mon-9:05 mon-9:05 mon-10:22 62 DONE
        2.0 1 0 mon-9:20 mon-9:20 mon-9:20 mon-9:30  10 DONE
        3.0 1 0 mon-9:25 mon-9:25 mon-9:25 mon-9:35  10 DONE
        4.0 1 0 mon-9:26 mon-9:26 mon-9:30 mon-9:31   1 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(2, 0, "0 1")],
    )


def test_papers_wait_for_papers_and_counters_do_not_yield():
    """Urgent papers interrupt nobody, and an urgent resident does not interrupt another at the counter."""
    check(
        [
            row(0, opens="mon-9:00", work=30, unit=1, **{"class": 3}),
            row(1, opens="mon-9:10", work=10, unit=1, **{"class": 0}),
            resident(2, opens="mon-9:15", work=30, **{"class": 2}),
            resident(3, opens="mon-9:20", work=10, **{"class": 0}),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-10:22 32 DONE
        1.0 1 0 mon-9:10 mon-9:10 mon-9:55 mon-10:05 10 DONE
        2.0 1 0 mon-9:15 mon-9:15 mon-9:15 mon-9:45  30 DONE
        3.0 1 0 mon-9:20 mon-9:20 mon-9:45 mon-9:55  10 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(1, 0, "0 1")],
    )


def test_a_resident_of_no_better_class_waits_for_the_papers():
    check(
        [row(0, opens="mon-9:00", work=30, unit=1), resident(1, opens="mon-9:10")],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:30 30 DONE
        1.0 1 0 mon-9:10 mon-9:10 mon-9:30 mon-9:40 10 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(1, 0, "0 1")],
    )


def test_what_one_team_puts_back_another_takes_up():
    """The resident only the second team may serve interrupts it; its papers go on at once with the first team."""
    check(
        [
            row(0, opens="mon-9:00", work=15, unit=1),
            row(1, opens="mon-9:05", work=60, unit=1, **{"class": 3}),
            resident(2, opens="mon-9:20", work=10),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:15  15 DONE
        1.0 1 0 mon-9:05 mon-9:05 mon-9:05 mon-10:07 62 DONE
        2.0 1 1 mon-9:20 mon-9:20 mon-9:20 mon-9:30  10 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(1, 0, "1"), (1, 0, "0 1")],
    )


# ---- closing


def test_desk_work_stops_for_lunch_the_night_and_the_weekend():
    """60 min from Friday 11:30: lunch costs the hour and 2 min to take it up. Begun at 16:30 it ends on Monday."""
    check(
        [row(0, opens="fri-11:30", work=60), row(1, opens="fri-16:30", work=60)],
        """
        0.0 1 0 fri-11:30 fri-11:30 fri-11:30 fri-13:32   62 DONE
        1.0 1 0 fri-16:30 fri-16:30 fri-16:30 mon-9:32+1w 62 DONE
        """,
        units=[DESK],
        hours=WITH_LUNCH,
    )


def test_a_counter_finishes_over_time():
    """The last resident of the day is served to the end; a very long case keeps the clerk into the next day."""
    check(
        [
            resident(0, opens="mon-16:50", work=20),
            resident(1, opens="tue-16:00", work=18 * 60),
            resident(2, opens="wed-9:30", work=10),
        ],
        """
        0.0 1 0 mon-16:50 mon-16:50 mon-16:50 mon-17:10 20 DONE
        1.0 1 0 tue-16:00 tue-16:00 tue-16:00 wed-10:00 1080 DONE
        2.0 1 0 wed-9:30  wed-9:30  wed-10:00 wed-10:10 10 DONE
        """,
    )


def test_nothing_starts_at_the_instant_of_closing():
    """A service ends at 17:00 sharp: the next in line is sent home, not served; papers lie until Tuesday."""
    check(
        [
            resident(0, opens="mon-16:30", work=30),
            resident(1, opens="mon-16:40", n_tries=1, return_s=parse_clock("11:00")),
            row(2, opens="mon-16:45"),
        ],
        """
        0.0 1 0 mon-16:30 mon-16:30 mon-16:30 mon-17:00 30 DONE
        1.0 1 - mon-16:40 mon-16:40 -         mon-17:00  0 SENT_HOME
        1.0 2 0 tue-11:00 tue-11:00 tue-11:00 tue-11:10 10 DONE
        2.0 1 0 mon-16:45 mon-16:45 tue-9:00  tue-9:10  10 DONE
        """,
    )


def test_sent_home_on_friday_returns_on_monday_at_her_own_time():
    """Return times are hers: 10:15, or 7:00 when she finds the door closed until 9:00."""
    check(
        [
            resident(0, opens="fri-16:00", work=90),
            resident(1, opens="fri-16:40", n_tries=1, return_s=parse_clock("10:15")),
            resident(2, opens="fri-16:50", n_tries=1, return_s=parse_clock("7:00")),
        ],
        """
        0.0 1 0 fri-16:00    fri-16:00    fri-16:00    fri-17:30    90 DONE
        1.0 1 - fri-16:40    fri-16:40    -            fri-17:00     0 SENT_HOME
        1.0 2 0 mon-10:15+1w mon-10:15+1w mon-10:15+1w mon-10:25+1w 10 DONE
        2.0 1 - fri-16:50    fri-16:50    -            fri-17:00     0 SENT_HOME
        2.0 2 0 mon-9:00+1w  mon-9:00+1w  mon-9:00+1w  mon-9:10+1w  10 DONE
        """,
    )


def test_the_last_try_fails_and_a_complaint_follows():
    """Sent home on Monday and on Tuesday, she gives up and calls 12345 (row 1, taken at once by the night desk)."""
    check(
        [
            resident(0, opens="mon-16:00", work=90),
            resident(1, opens="mon-16:40", n_tries=1, return_s=parse_clock("16:30"), next_gave_up=1),
            row(1, 1, work=5, unit=1, kind=3),
            resident(2, opens="tue-16:20", work=90),
        ],
        """
        0.0 1 0 mon-16:00 mon-16:00 mon-16:00 mon-17:30 90 DONE
        1.0 1 - mon-16:40 mon-16:40 -         mon-17:00  0 SENT_HOME
        1.0 2 - tue-16:30 tue-16:30 -         tue-17:00  0 GAVE_UP
        1.1 1 1 tue-17:00 tue-17:00 tue-17:00 tue-17:05  5 DONE
        2.0 1 0 tue-16:20 tue-16:20 tue-16:20 tue-17:50 90 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(1, 0, "0"), (1, 1, "1")],
        hours=NINE_TO_FIVE | {"always": ALWAYS},
    )


def test_held_over_residents_wait_with_new_patience():
    """At a unit that holds, 20 of 40 min are gone at closing; next day patience counts anew from 9:00."""
    check(
        [
            resident(0, opens="mon-16:00", work=18 * 60),
            resident(1, opens="mon-16:40", limit=40),
            resident(2, opens="mon-16:50", limit=70),
        ],
        """
        0.0 1 0 mon-16:00 mon-16:00 mon-16:00 tue-10:00 1080 DONE
        1.0 1 - mon-16:40 mon-16:40 -         tue-9:40     0 GAVE_UP
        2.0 1 0 mon-16:50 mon-16:50 tue-10:00 tue-10:10   10 DONE
        """,
        units=[HALL],
    )


def test_lunch_is_no_closing_and_patience_runs_on():
    """She waits inside over lunch; another comes at 12:30 and is let in; the third's patience ends at 12:50."""
    check(
        [
            resident(0, opens="mon-11:50", work=15),
            resident(1, opens="mon-11:55"),
            resident(2, opens="mon-12:30"),
            resident(3, opens="mon-11:58", limit=52),
        ],
        """
        0.0 1 0 mon-11:50 mon-11:50 mon-11:50 mon-12:05 15 DONE
        1.0 1 0 mon-11:55 mon-11:55 mon-13:00 mon-13:10 10 DONE
        2.0 1 0 mon-12:30 mon-12:30 mon-13:10 mon-13:20 10 DONE
        3.0 1 - mon-11:58 mon-11:58 -         mon-12:50  0 GAVE_UP
        """,
        hours=WITH_LUNCH,
    )


def test_nobody_stands_before_a_closed_door():
    """Visits meant for the evening, or for the very instant of closing, begin at the next opening."""
    check(
        [resident(0, opens="mon-20:00", work=5), resident(1, opens="mon-17:00", work=5), row(2, opens="mon-17:00")],
        """
        0.0 1 0 tue-9:00  tue-9:00  tue-9:10 tue-9:15  5 DONE
        1.0 1 0 tue-9:00  tue-9:00  tue-9:15 tue-9:20  5 DONE
        2.0 1 0 mon-17:00 mon-17:00 tue-9:00 tue-9:10 10 DONE
        """,
    )


def test_work_that_ends_with_the_day_is_done():
    """At 17:00 work ends before desks close: nothing is put back."""
    check([row(0, opens="mon-16:00", work=60)], "0.0 1 0 mon-16:00 mon-16:00 mon-16:00 mon-17:00 60 DONE", units=[DESK])


def test_at_closing_a_deadline_acts_first_and_a_limit_too_late():
    """At 17:00 the first goes the way of her deadline, the second is sent home before her patience ends."""
    check(
        [
            resident(0, opens="mon-16:00", work=90),
            resident(1, opens="mon-16:30", limit=30, deadline_at_s="mon-17:00", next_deadline=1),
            row(1, 1, work=5),
            resident(2, opens="mon-16:30", limit=30, next_limit=0, n_tries=1),
        ],
        """
        0.0 1 0 mon-16:00 mon-16:00 mon-16:00 mon-17:30 90 DONE
        1.0 1 - mon-16:30 mon-16:30 -         mon-17:00  0 OVERDUE
        1.1 1 0 mon-17:00 mon-16:30 tue-9:00  tue-9:05   5 DONE
        2.0 1 - mon-16:30 mon-16:30 -         mon-17:00  0 SENT_HOME
        2.0 2 0 tue-9:00  tue-9:00  tue-9:05  tue-9:15  10 DONE
        """,
    )


def test_who_has_been_attended_to_is_not_sent_home():
    """Her hearing is adjourned at 17:00 and goes on at 9:00; who only waited is sent home."""
    check(
        [resident(0, opens="mon-16:30", work=60), resident(1, opens="mon-16:40")],
        """
        0.0 1 0 mon-16:30 mon-16:30 mon-16:30 tue-9:30  60 DONE
        1.0 1 - mon-16:40 mon-16:40 -         mon-17:00  0 GAVE_UP
        """,
        units=[(int(Closing.PAUSE), int(AtClose.SEND_HOME), 0, 0)],
    )


def test_two_shifts_hand_over_one_window():
    """Who waits at 13:00 is not sent home: the window is open from 9 to 17. The morning clerk finishes over time."""
    check(
        [resident(0, opens="mon-12:50", work=20), resident(1, opens="mon-12:55"), resident(2, opens="mon-13:05")],
        """
        0.0 1 0 mon-12:50 mon-12:50 mon-12:50 mon-13:10 20 DONE
        1.0 1 1 mon-12:55 mon-12:55 mon-13:00 mon-13:10 10 DONE
        2.0 1 1 mon-13:05 mon-13:05 mon-13:10 mon-13:20 10 DONE
        """,
        teams=[(1, 0, "0"), (1, 1, "0")],
        hours=SHIFTS,
    )


# ---- limits and deadlines


def test_patience_ends_and_she_tries_another_day():
    """After 15 min she leaves and comes back once; on Tuesday she waits 15 min again and gives up."""
    check(
        [
            resident(0, opens="mon-9:00", work=30),
            resident(1, opens="mon-9:10", limit=15, next_limit=0, n_tries=1, return_s=parse_clock("9:30")),
            resident(2, opens="tue-9:00", work=60),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:30 30 DONE
        1.0 1 - mon-9:10 mon-9:10 -        mon-9:25  0 LEFT
        1.0 2 - tue-9:30 tue-9:30 -        tue-9:45  0 GAVE_UP
        2.0 1 0 tue-9:00 tue-9:00 tue-9:00 tue-10:00 60 DONE
        """,
    )


def test_overflow_to_the_next_window():
    """After 10 min her case is taken at window B, where she queues anew; patience wins over a start at its instant."""
    check(
        [
            resident(0, opens="mon-9:00", work=15),
            resident(1, opens="mon-9:05", limit=10, next_limit=1, next_done=NONE),
            resident(1, 1, unit=1),
            resident(2, opens="mon-9:10", unit=1, work=10),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:15 15 DONE
        1.0 1 - mon-9:05 mon-9:05 -        mon-9:15  0 LEFT
        1.1 1 1 mon-9:15 mon-9:15 mon-9:20 mon-9:30 10 DONE
        2.0 1 1 mon-9:10 mon-9:10 mon-9:10 mon-9:20 10 DONE
        """,
        units=[COUNTER, COUNTER],
        teams=[(1, 0, "0"), (1, 0, "1")],
    )


def test_escalation_in_the_same_queue_keeps_the_time_of_joining():
    """After 20 min she is called in class 0 (row 1): she goes before the urgent one who came after her."""
    check(
        [
            resident(0, opens="mon-9:00", work=30),
            resident(1, opens="mon-9:05", limit=20, next_limit=1),
            resident(1, 1, **{"class": 0}),
            resident(2, opens="mon-9:10", **{"class": 0}),
            resident(3, opens="mon-9:02", **{"class": 0}),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:30 30 DONE
        1.0 1 - mon-9:05 mon-9:05 -        mon-9:25  0 LEFT
        1.1 1 0 mon-9:25 mon-9:05 mon-9:40 mon-9:50 10 DONE
        2.0 1 0 mon-9:10 mon-9:10 mon-9:50 mon-10:00 10 DONE
        3.0 1 0 mon-9:02 mon-9:02 mon-9:30 mon-9:40 10 DONE
        """,
    )


def test_a_hand_off_in_between_means_queueing_anew():
    """The same queue, but 5 min away from it: she joins again at 9:30."""
    check(
        [
            resident(0, opens="mon-9:00", work=60),
            resident(1, opens="mon-9:05", limit=20, next_limit=1),
            resident(1, 1, ready_s=5 * MINUTE_S),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00  mon-10:00 60 DONE
        1.0 1 - mon-9:05 mon-9:05 -         mon-9:25   0 LEFT
        1.1 1 0 mon-9:30 mon-9:30 mon-10:00 mon-10:10 10 DONE
        """,
    )


def test_a_limit_that_had_passed_before_the_class_changed_acts_at_once():
    """Row 1 keeps 9:05 as its joining; its own limit of 15 min is over when it joins at 9:25: on to row 2."""
    check(
        [
            row(0, opens="mon-9:00", work=60),
            row(1, opens="mon-9:05", limit=20, next_limit=1),
            row(1, 1, limit=15, next_limit=2),
            row(1, 2, limit=60),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-10:00 60 DONE
        1.0 1 - mon-9:05 mon-9:05 -         mon-9:25  0 LEFT
        1.1 1 - mon-9:25 mon-9:05 -         mon-9:25  0 LEFT
        1.2 1 0 mon-9:25 mon-9:05 mon-10:00 mon-10:10 10 DONE
        """,
    )


def test_a_deadline_wins_over_a_limit_and_both_over_a_start():
    """At 9:30 the clerk is free, a limit and a deadline pass: the paper goes the way of the deadline (row 2)."""
    check(
        [
            row(0, opens="mon-9:00", work=30),
            row(1, opens="mon-9:00", limit=30, next_limit=1, deadline_at_s="mon-9:30", next_deadline=2),
            row(1, 1, work=7),
            row(1, 2, work=5),
            row(2, opens="mon-9:00", deadline_at_s="mon-9:30"),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:30 30 DONE
        1.0 1 - mon-9:00 mon-9:00 -        mon-9:30  0 OVERDUE
        1.2 1 0 mon-9:30 mon-9:00 mon-9:30 mon-9:35  5 DONE
        2.0 1 - mon-9:00 mon-9:00 -        mon-9:30  0 MISSED
        """,
    )


def test_a_deadline_that_passes_on_the_way_acts_at_the_next_join():
    """The file arrives at 11:00, promised for 10:30: in that instant the hurried row 2 takes its place."""
    check(
        [
            row(0, opens="mon-9:00", next_done=1),
            row(0, 1, work=40, ready_s=110 * MINUTE_S, deadline_at_s="mon-10:30", next_deadline=2),
            row(0, 2, work=5, deadline_at_s=NONE),
        ],
        """
        0.0 1 0 mon-9:00  mon-9:00  mon-9:00  mon-9:10  10 DONE
        0.1 1 - mon-11:00 mon-11:00 -         mon-11:00  0 OVERDUE
        0.2 1 0 mon-11:00 mon-11:00 mon-11:00 mon-11:05  5 DONE
        """,
    )


def test_begun_work_knows_neither_limit_nor_deadline():
    """Interrupted at 9:20, the paper waits beyond its limit and its deadline and is finished."""
    check(
        [
            row(0, opens="mon-9:00", work=30, unit=1, limit=30, deadline_at_s="mon-9:40", **{"class": 2}),
            resident(1, opens="mon-9:20", work=60),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-10:32 32 DONE
        1.0 1 0 mon-9:20 mon-9:20 mon-9:20 mon-10:20 60 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(1, 0, "0 1")],
    )


# ---- hand-offs


def test_a_gate_lets_pass_all_that_is_ready_at_its_instant():
    """The meeting sits on Wednesdays at 14:00: it takes what came before and at 14:00, the rest in a week."""
    gated = {"ready_kind": int(Ready.GATE), "ready_at": 0}
    check(
        [
            row(0, opens="mon-10:00", work=5, **gated),
            row(1, opens="wed-13:00", work=5, ready_s=HOUR_S, **gated),
            row(2, opens="wed-14:01", work=5, **gated),
        ],
        """
        0.0 1 0 wed-14:00    wed-14:00    wed-14:00    wed-14:05    5 DONE
        1.0 1 0 wed-14:00    wed-14:00    wed-14:05    wed-14:10    5 DONE
        2.0 1 0 wed-14:00+1w wed-14:00+1w wed-14:00+1w wed-14:05+1w 5 DONE
        """,
        gates=[["wed-14:00", "wed-14:00+1w"]],
    )


def test_a_second_after_the_meeting_is_a_week_late():
    """What comes a second after the instant at which the meeting sits waits for the next one."""
    gated = {"ready_kind": int(Ready.GATE), "ready_at": 0}
    check(
        [row(0, opens="wed-14:00", ready_s=1, **gated), row(1, opens="wed-14:00", **gated)],
        """
        0.0 1 0 wed-14:00+1w wed-14:00+1w wed-14:00+1w wed-14:10+1w 10 DONE
        1.0 1 0 wed-14:00    wed-14:00    wed-14:00    wed-14:10    10 DONE
        """,
        gates=[["wed-14:00", "wed-14:00+1w"]],
    )


def test_working_time_skips_lunch_weekend_and_holiday():
    """8.5 working hours from Friday 16:00: one on Friday, Monday 8 January is a holiday, seven on Tuesday, half more.

    8 hours would end with Tuesday's closing at 17:00, not at Wednesday's opening.
    """
    hours = {"office": WITH_LUNCH["office"].model_copy(update={"holidays": ["01-08"]})}
    working = {"ready_kind": int(Ready.WORKING), "ready_at": 0}
    check(
        [
            row(0, opens="fri-16:00", ready_s=int(8.5 * HOUR_S), **working),
            row(1, opens="fri-16:00", ready_s=8 * HOUR_S, **working),
        ],
        """
        0.0 1 0 wed-9:30+1w  wed-9:30+1w  wed-9:30+1w wed-9:40+1w 10 DONE
        1.0 1 0 tue-17:00+1w tue-17:00+1w wed-9:00+1w wed-9:10+1w 10 DONE
        """,
        hours=hours,
    )


def test_come_again_another_day():
    """Papers are incomplete: she mends them and comes on the next open day at 10:00.

    30 h from Monday 9:10 end on Tuesday: Wednesday. 32 h from Wednesday 16:10 end on Friday: Monday.
    """
    mend = {"ready_kind": int(Ready.NEXT_OPEN_DAY), "ready_s": 30 * HOUR_S, "return_s": parse_clock("10:00")}
    check(
        [
            resident(0, opens="mon-9:00", next_done=1),
            resident(0, 1, **mend),
            resident(1, opens="wed-16:00", next_done=1),
            resident(1, 1, **mend | {"ready_s": 32 * HOUR_S}),
        ],
        """
        0.0 1 0 mon-9:00     mon-9:00     mon-9:00     mon-9:10     10 DONE
        0.1 1 0 wed-10:00    wed-10:00    wed-10:00    wed-10:10    10 DONE
        1.0 1 0 wed-16:00    wed-16:00    wed-16:00    wed-16:10    10 DONE
        1.1 1 0 mon-10:00+1w mon-10:00+1w mon-10:00+1w mon-10:10+1w 10 DONE
        """,
    )


def test_a_task_forks_and_joins():
    """One notice goes to three communities (``also``); the summary begins when the last has answered."""
    check(
        [
            row(0, opens="mon-9:00", work=10, unit=0, also=1, next_done=3),
            row(0, 1, work=25, unit=1, also=2, next_done=3),
            row(0, 2, work=15, unit=2, next_done=3),
            row(0, 3, work=5, unit=0, n_before=3),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:10 10 DONE
        0.1 1 1 mon-9:00 mon-9:00 mon-9:00 mon-9:25 25 DONE
        0.2 1 2 mon-9:00 mon-9:00 mon-9:00 mon-9:15 15 DONE
        0.3 1 0 mon-9:25 mon-9:25 mon-9:25 mon-9:30  5 DONE
        """,
        units=[COUNTER] * 3,
        teams=[(1, 0, "0"), (1, 0, "1"), (1, 0, "2")],
    )


def test_of_two_ways_the_first_to_arrive_counts():
    """Asked at two offices, whoever answers first: the summary is written once."""
    check(
        [
            row(0, opens="mon-9:00", work=10, also=1, next_done=2),
            row(0, 1, work=25, unit=1, next_done=2),
            row(0, 2, work=5),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-9:10 10 DONE
        0.1 1 1 mon-9:00 mon-9:00 mon-9:00 mon-9:25 25 DONE
        0.2 1 0 mon-9:10 mon-9:10 mon-9:10 mon-9:15  5 DONE
        """,
        units=[COUNTER] * 2,
        teams=[(1, 0, "0"), (1, 0, "1")],
    )


# ---- duties


def test_a_meeting_ends_by_the_clock():
    """The clerk comes 15 min late to the hour's meeting, it ends at 10:00 all the same, and its minutes follow."""
    check(
        [
            resident(0, opens="mon-9:00", work=15, unit=0),
            row(1, opens="mon-9:00", work=60, ends_by_s="mon-10:00", unit=1, kind=2, next_done=1),
            row(1, 1, work=5, unit=1),
        ],
        """
        0.0 1 0 mon-9:00  mon-9:00  mon-9:00  mon-9:15  15 DONE
        1.0 1 0 mon-9:00  mon-9:00  mon-9:15  mon-10:00 45 CUT
        1.1 1 0 mon-10:00 mon-10:00 mon-10:00 mon-10:05  5 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(1, 0, "0 1")],
    )


def test_leave_takes_a_member_or_is_missed():
    """Of two clerks one is on leave all Monday, so the second resident waits; a half-hour's leave is missed."""
    check(
        [
            row(0, opens="mon-9:00", work=480, ends_by_s="mon-17:00", unit=1, kind=2, **{"class": 0}),
            resident(1, opens="mon-9:00", work=60),
            resident(2, opens="mon-9:10", work=10),
            row(3, opens="mon-9:20", work=30, ends_by_s="mon-9:50", unit=1, kind=2, **{"class": 0}),
            row(4, opens="mon-17:00", work=30, ends_by_s="mon-9:50", unit=1, kind=2),
        ],
        """
        0.0 1 0 mon-9:00  mon-9:00  mon-9:00  mon-17:00 480 DONE
        1.0 1 0 mon-9:00  mon-9:00  mon-9:00  mon-10:00  60 DONE
        2.0 1 0 mon-9:10  mon-9:10  mon-10:00 mon-10:10  10 DONE
        3.0 1 - mon-9:20  mon-9:20  -         mon-9:50    0 MISSED
        4.0 1 - mon-17:00 mon-17:00 -         mon-17:00   0 MISSED
        """,
        units=[COUNTER, HALL],
        teams=[(2, 0, "0 1")],
    )


def test_an_interrupted_meeting_is_cut_where_it_waits():
    """Called to a resident at 9:30, he is not back by 10:00: the meeting has ended for him with 30 min worked."""
    check(
        [
            row(0, opens="mon-9:00", work=60, ends_by_s="mon-10:00", unit=1, kind=2, **{"class": 2}),
            resident(1, opens="mon-9:30", work=60),
        ],
        """
        0.0 1 0 mon-9:00 mon-9:00 mon-9:00 mon-10:00 30 CUT
        1.0 1 0 mon-9:30 mon-9:30 mon-9:30 mon-10:30 60 DONE
        """,
        units=[COUNTER, DESK],
        teams=[(1, 0, "0 1")],
    )


# ---- what is laid aside

ASIDE = {"class": NONE}


def test_nobody_takes_up_what_is_laid_aside_until_it_has_lain():
    """A clerk is idle all the morning. At 11:00 it is as if it had waited in its class all along, before the third."""
    check(
        [
            row(0, opens="mon-9:00", limit=120, next_limit=1, **ASIDE),
            row(0, 1, **{"class": 1}),
            row(1, opens="mon-10:00", work=50, **{"class": 1}),
            row(2, opens="mon-10:55", work=20, **{"class": 1}),
            row(3, opens="mon-10:56", work=5, **{"class": 1}),
        ],
        """
        0.0 1 - mon-9:00  mon-9:00  -         mon-11:00  0 LEFT
        0.1 1 0 mon-11:00 mon-9:00  mon-11:15 mon-11:25 10 DONE
        1.0 1 0 mon-10:00 mon-10:00 mon-10:00 mon-10:50 50 DONE
        2.0 1 0 mon-10:55 mon-10:55 mon-10:55 mon-11:15 20 DONE
        3.0 1 0 mon-10:56 mon-10:56 mon-11:25 mon-11:30  5 DONE
        """,
    )


def test_the_limit_of_what_has_lain_counts_from_joining():
    """It lies for half an hour of the hour that it may wait; the clerk is busy until 11:00, and it leaves at 10:00."""
    check(
        [
            row(0, opens="mon-9:00", limit=30, next_limit=1, **ASIDE),
            row(0, 1, limit=60, next_limit=2, **{"class": 1}),
            row(0, 2, **{"class": 0}),
            row(1, opens="mon-9:00", work=120, **{"class": 1}),
        ],
        """
        0.0 1 - mon-9:00  mon-9:00 -         mon-9:30    0 LEFT
        0.1 1 - mon-9:30  mon-9:00 -         mon-10:00   0 LEFT
        0.2 1 0 mon-10:00 mon-9:00 mon-11:00 mon-11:10  10 DONE
        1.0 1 0 mon-9:00  mon-9:00 mon-9:00  mon-11:00 120 DONE
        """,
    )


def test_what_lies_leaves_at_its_deadline_and_knows_no_doors():
    """One lies from Monday evening over the closing to Tuesday's deadline; another's had passed before it came in."""
    check(
        [
            row(0, opens="mon-16:50", limit=6000, next_limit=1, deadline_at_s="tue-10:00", next_deadline=2, **ASIDE),
            row(0, 1),
            row(0, 2, **{"class": 0}),
            row(1, opens="mon-16:50", limit=6000, next_limit=1, deadline_at_s="mon-9:00", next_deadline=1, **ASIDE),
            row(1, 1, work=5),
        ],
        """
        0.0 1 - mon-16:50 mon-16:50 -         tue-10:00  0 OVERDUE
        0.2 1 0 tue-10:00 mon-16:50 tue-10:00 tue-10:10 10 DONE
        1.0 1 - mon-16:50 mon-16:50 -         mon-16:50  0 OVERDUE
        1.1 1 0 mon-16:50 mon-16:50 mon-16:50 mon-16:55  5 DONE
        """,
        units=[DESK],
    )


def test_what_lies_to_the_end_is_open():
    check([row(0, opens="mon-9:00", **ASIDE)], "0.0 1 - mon-9:00 mon-9:00 - - 0 OPEN")


# ---- the end


def test_what_is_not_ended_when_the_run_ends_is_open():
    """At 9:30 sharp: in service (even if it would end now), waiting, on the way, never ready."""
    check(
        [
            row(0, opens="mon-9:00", work=30, next_done=1),
            row(0, 1),
            row(1, opens="mon-9:05"),
            row(2, opens="mon-9:10", ready_s=HOUR_S),
            row(3, opens="mon-9:10", ready_kind=int(Ready.GATE), ready_at=0),
            row(4, opens="mon-9:30"),
        ],
        """
        0.0 1 0 mon-9:00  mon-9:00 mon-9:00 - 30 OPEN
        1.0 1 - mon-9:05  mon-9:05 -        -  0 OPEN
        2.0 1 - mon-10:10 -        -        -  0 OPEN
        3.0 1 - -         -        -        -  0 OPEN
        """,
        end="mon-9:30",
    )


def test_an_unknown_engine_is_named_with_the_known_ones():
    with pytest.raises(UsageError, match="no engine called steam; there are: compiled, simpy"):
        engines.run(engine_input([], [], [], NINE_TO_FIVE, DAY_S), "steam")


def test_an_empty_street_has_no_legs():
    assert run(engine_input([], [COUNTER], [(1, 0, "0")], NINE_TO_FIVE, DAY_S)).empty
