"""Measures worked by hand, and the laws they keep."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiny_plan import CHANNELS, COMMUNITIES, MATTERS, TEAM_ROWS, Street, at, minutes

from sim import engines, measures
from sim.journeys import journeys, visits_table
from sim.language import LANGUAGES, has
from sim.measures import MEASURES, Window, daily_open_cases, group_label, queue_by_hour, teams_table
from sim.measures.split import WORK, work_of
from sim.measures.study import Study
from sim.stays import stays
from sim.tables import Kind, Outcome, Plan
from sim.units import DAY_S, HOUR_S, WEEK_S

AT_EAST = {"unit": "counter@east", "visit": 1, "present": 1}
AT_WEST = AT_EAST | {"unit": "counter@west"}
FIRST_WEEK = Window(0, WEEK_S, 2 * WEEK_S)


def table_of(plan: Plan, legs: pd.DataFrame, window: Window = FIRST_WEEK) -> pd.DataFrame:
    cases = journeys(plan, legs, MATTERS, COMMUNITIES, CHANNELS)
    return measures.measure(plan, legs, cases, window)


def of(street: Street, window: Window = FIRST_WEEK) -> dict[tuple[str, str], float]:
    table = table_of(street.plan(), street.legs_table(), window)
    return dict(zip(zip(table["measure"], table["group"], strict=True), table["value"], strict=True))


def groups(values: dict[tuple[str, str], float], name: str) -> dict[str, float]:
    return {group: value for (measure, group), value in values.items() if measure == name}


def visitors(*waits_min: float, unit: str = "counter@east", **known: int) -> Street:
    """One visit each, an hour apart by opening, with these waits; 6 minutes of work."""
    street = Street()
    for number, wait in enumerate(waits_min):
        opened = at("mon 9:00") + number // 3 * DAY_S + number % 3 * HOUR_S
        case = street.case(opened, AT_EAST | {"unit": unit}, **known)
        started = opened + minutes(wait)
        street.leg(case, 0, opened, started, started + minutes(6))
    return street


def test_waits_of_visits():
    values = of(visitors(0, 0.5, 1, 15, 19, 31, 59.5))
    assert values["wait_visit_min", ""] == pytest.approx(126 / 7)
    assert values["wait_visit_p50_min", ""] == 15
    assert values["wait_visit_p90_min", ""] == 59.5
    assert values["wait_none_share", ""] == pytest.approx(2 / 7)
    assert values["wait_over_15_share", ""] == pytest.approx(3 / 7)
    assert values["wait_over_30_share", ""] == pytest.approx(2 / 7)
    assert values["wait_over_60_share", ""] == 0
    assert values["wait_visit_min", "community"] == values["wait_visit_min", ""]
    assert ("wait_visit_min", "street") not in values
    assert values["n_visits", ""] == values["n_cases", ""] == values["n_cases", "counter"] == 7


def test_waits_by_level_unit_and_case():
    street = visitors(10, 20)
    case = street.case("wed 9:00", AT_EAST | {"unit": "hall"}, {"unit": "desk"}, AT_WEST | {"visit": 2}, community=1)
    street.leg(case, 0, "wed 9:00", "wed 9:40", "wed 9:50")
    street.leg(case, 1, "wed 9:50", "wed 13:30", "wed 14:00")
    street.leg(case, 2, "wed 14:00", "wed 14:02", "wed 14:10")
    call = street.case("wed 9:00", {"unit": "desk"}, {"unit": "bureau", "ready_s": 2 * WEEK_S}, matter=2)
    street.leg(call, 0, "wed 9:00", "wed 9:00", "wed 9:10")
    street.leg(call, 1, -1)
    values = of(street)
    assert groups(values, "wait_visit_min") == {"": 18, "community": pytest.approx(32 / 3), "street": 40}
    assert groups(values, "wait_case_min") == {"": 24, "counter": 24}
    # One paper waited 3:40, an hour of it over lunch, the other not; and none has come to the bureau yet.
    assert groups(values, "wait_unit_min") == {
        "unit:counter": pytest.approx(32 / 3),
        "unit:hall": 40,
        "unit:desk": 80,
    }
    assert values["visits_per_case", ""] == 1
    assert values["returns_per_case", ""] == pytest.approx(1 / 3)
    assert values["travel_min_per_case", ""] == (10 + 10 + 40 + 10) / 4


def test_resident_hours_count_everybody_with_what_they_spent():
    street = visitors(50)
    gave_up = street.case("tue 9:00", AT_EAST | {"limit_s": minutes(110)}, elderly=1, distant=1, community=1)
    street.leg(gave_up, 0, "tue 9:00", ended="tue 10:50", outcome=Outcome.GAVE_UP)
    call = street.case("wed 9:00", {"unit": "desk"}, matter=2)
    street.leg(call, 0, "wed 9:00", "wed 9:30", "wed 10:00")
    waits = street.case("fri 15:10", AT_EAST)  # until closing of this and all days of the second week
    street.leg(waits, 0, "fri 15:10")
    late = street.case(WEEK_S, AT_EAST)  # not in the cohort
    street.leg(late, 0, at("mon 9:00", 1), at("mon 9:00", 1), at("mon 9:10", 1))
    values = of(street)
    hours = {"served": 1.0, "gave up": 2.0, "call": 0.0, "waits": 2.0 - 1 / 6 + 5 * 8 + 1 / 6}
    assert values["resident_hours_per_case", ""] == pytest.approx(sum(hours.values()) / 4)
    assert values["resident_hours_per_case", "hotline"] == 0
    assert values["resident_hours_per_case", "counter"] == pytest.approx(sum(hours.values()) / 3)
    assert values["resident_hours_per_case", "elderly"] == values["resident_hours_per_case", "distant"] == 2
    assert values["resident_hours_per_case", "not_elderly"] == pytest.approx((1 + 0 + 42) / 3)
    assert values["resident_hours_per_case", "near"] == pytest.approx((1 + 0 + 42) / 3)
    assert values["resident_hours_per_case", "community:west"] == 2
    assert values["gave_up_share", ""] == values["unfinished_share", ""] == 0.25
    assert values["n_visits", ""] == 3
    # Communities: 43/3 h (3 cases) and 2 h (1 case); residents: 0, 1, 2, 42 h.
    assert values["resident_hours_gini", ""] == pytest.approx(3 * (43 / 3 - 2) / (16 * 45 / 4))
    assert values["resident_hours_gini_residents", ""] == pytest.approx(2 * (2 + 2 * 3 + 42 * 4) / (4 * 45) - 5 / 4)


def test_more_staff_look_no_worse_because_those_who_left_were_forgotten():
    """Three come at 9:00, patient for half an hour. With one more window, those who are served wait longer."""
    means, served_means = [], []
    for staff in (1, 2):
        street = Street()
        street.sizes["window@east"] = staff
        for work in (60, 20, 60):
            street.case("mon 9:00", AT_EAST | {"work_s": minutes(work), "limit_s": minutes(30)})
        plan = street.plan()
        legs = engines.run(plan.engine_input)
        served = legs[legs["outcome"] == Outcome.DONE]
        served_means.append((served["started_s"] - served["joined_s"]).mean() / 60)
        table = table_of(plan, legs)
        means.append(float(table.loc[table["measure"] == "wait_visit_min", "value"].iloc[0]))
    assert served_means == [0, pytest.approx((0 + 0 + 20) / 3)]
    assert means == [pytest.approx((0 + 30 + 30) / 3), pytest.approx((0 + 0 + 20) / 3)]


def test_time_to_close_counts_what_never_closed():
    street = Street()
    for matter, opened, closed, outcome in (
        (0, "mon 9:00", "mon 15:00", Outcome.DONE),
        (0, "mon 10:00", "wed 10:00", Outcome.DONE),
        (1, "tue 9:00", "tue 21:00", Outcome.GAVE_UP),
        (1, "sat 0:00", None, None),  # 9 days before the end
    ):
        case = street.case(opened, {"unit": "desk"}, matter=matter)
        if outcome is Outcome.DONE:
            street.leg(case, 0, opened, at(closed) - 60, closed)
        elif outcome is Outcome.GAVE_UP:
            street.leg(case, 0, opened, ended=closed, outcome=outcome)
        else:
            street.leg(case, 0, opened)
    values = of(street)
    assert groups(values, "close_days") == {
        "": (0.25 + 2 + 0.5 + 9) / 4,
        "counter": (0.25 + 2 + 0.5 + 9) / 4,
        "matter:card": 1.125,
        "matter:pension": 4.75,
    }
    assert values["close_p50_days", ""] == 0.5
    assert values["close_p90_days", ""] == 9
    assert groups(values, "closed_within_share") == {"1_days": 0.25, "7_days": 0.5, "30_days": 0.5}
    parts = groups(values, "close_part_days")
    assert list(parts) == ["queue", "hand_off", "gate", "closed_hours", "own_delay", "work"]
    assert sum(parts.values()) == pytest.approx((0.25 + 2) / 2)
    assert parts["work"] == pytest.approx(60 / DAY_S)
    assert parts["closed_hours"] == pytest.approx((1 / 24 + 34 / 24) / 2)


def test_fates_of_cases():
    street = Street()
    for channel, unit, due, ended in (
        (0, "counter@east", "mon 12:00", "mon 11:00"),
        (0, "counter@east", "mon 12:00", "mon 12:30"),
        (0, "hall", -1, "mon 12:00"),
        (2, "bureau", "tue 9:00", None),
        (2, "desk", at("fri 9:00", 2), None),
    ):
        case = street.case(
            "mon 9:00", {"unit": unit}, {"unit": "desk", "kind": Kind.COMPLAINT}, matter=channel, due=due
        )
        street.rows[2 * case]["next_done"] = -1
        street.leg(case, 0, "mon 9:00", "mon 10:00", *([ended] if ended else []))
    street.leg(3, 1, "mon 9:00")
    values = of(street)
    assert groups(values, "on_time_share") == {"": pytest.approx(1 / 3), "counter": 0.5, "hotline": 0}
    assert groups(values, "closed_at_share") == {"community": pytest.approx(2 / 3), "street": 1 / 3, "department": 0}
    assert groups(values, "unfinished_share") == {"": 0.4, "counter": 0, "hotline": 1}
    assert groups(values, "complaints_per_1000_cases") == {"": 200, "counter": 0, "hotline": 500}


def test_backlog_and_its_slope():
    street = Street(weeks=4)
    for week, number in ((0, 1), (1, 2), (2, 3)):
        for _ in range(number):
            case = street.case(at("tue 9:00", week), {"unit": "desk"})
            street.leg(case, 0, at("tue 9:00", week))
    done = street.case(at("mon 9:00", 1), {"unit": "desk"})
    street.leg(done, 0, at("mon 9:00", 1), at("mon 9:00", 1), at("thu 9:00", 1))
    values = of(street, Window(WEEK_S, 2 * WEEK_S, 4 * WEEK_S))
    assert values["backlog_cases", ""] == 6
    assert values["backlog_slope_cases_per_week", ""] == pytest.approx(2.5)  # 1, 3, 6 at the weeks' ends
    cases = journeys(street.plan(), street.legs_table(), MATTERS, COMMUNITIES, CHANNELS)
    open_by_day = daily_open_cases(cases, street.end_s)
    assert open_by_day.tolist() == [0, 0] + [1] * 6 + [2] + [4, 4] + [3] * 5 + [6] * 12
    # Opened at the beginning of a day: open then. Left at the beginning of a day: gone.
    one_day = pd.DataFrame({"kind": ["resident"], "opened_s": [DAY_S], "left_s": [2 * DAY_S]})
    assert daily_open_cases(one_day, 3 * DAY_S + 1).tolist() == [0, 1, 0, 0]


def test_tasks_on_time_hurried_missed_and_refused():
    street = Street()
    ok = street.case("mon 9:00", {"unit": "desk"}, kind=Kind.TASK, matter=3, due="tue 9:00")
    street.leg(ok, 0, "mon 9:00", "mon 10:00", "mon 21:00", worked_s=2 * HOUR_S)
    hurried = street.case(
        "mon 9:00",
        {"unit": "desk", "next_done": -1, "next_deadline": 1, "work_s": 4 * HOUR_S},
        {"unit": "desk", "work_s": HOUR_S},
        kind=Kind.TASK,
        matter=3,
        due="tue 9:00",
    )
    street.leg(hurried, 0, "mon 9:00", ended="tue 9:00", outcome=Outcome.OVERDUE)
    street.leg(hurried, 1, "tue 9:00", "tue 9:00", "wed 9:00", worked_s=HOUR_S)
    spared = street.case("mon 9:00", {"unit": "desk"}, {"unit": "desk"}, kind=Kind.TASK, matter=3, due="tue 9:00")
    street.rows[-2]["next_done"] = -1
    street.leg(spared, 0, "mon 9:00", "mon 9:00", "mon 9:00", worked_s=0)
    missed = street.case(
        "mon 9:00",
        {"unit": "desk", "work_s": 2 * HOUR_S, "next_done": 2},
        {"unit": "counter@east", "work_s": 3 * HOUR_S, "next_done": 2},
        {"unit": "desk", "work_s": 5 * HOUR_S, "n_before": 2},
        kind=Kind.TASK,
        matter=3,
        due="fri 9:00",
    )
    street.leg(missed, 0, "mon 9:00", ended="thu 9:00", outcome=Outcome.MISSED)
    street.leg(missed, 1, "mon 9:00", "mon 10:00", "mon 13:00")
    cut = street.case("mon 9:00", {"unit": "desk", "work_s": HOUR_S}, kind=Kind.TASK, matter=3)
    street.leg(cut, 0, "mon 9:00", "mon 9:00", "mon 9:15", outcome=Outcome.CUT)
    refused = street.case("mon 9:00", kind=Kind.TASK, matter=3, due="tue 9:00")
    joined_anyway = street.case(
        "mon 9:00",
        {"unit": "desk", "work_s": 0, "next_done": 1},
        {"unit": "desk", "work_s": 11 * HOUR_S},
        kind=Kind.TASK,
        matter=3,
    )
    street.leg(joined_anyway, 0, "mon 9:00", ended="mon 9:00", outcome=Outcome.MISSED)
    street.leg(joined_anyway, 1, "mon 9:00", "mon 9:00", "mon 9:00", worked_s=0)
    later = street.case(at("mon 9:00", 1), kind=Kind.TASK, matter=3)
    street.undone = [
        (hurried, 1, 3 * HOUR_S, 2),  # dropped: the hurried row was worked on
        (spared, 1, 9 * HOUR_S, 2),  # not dropped: it was not hurried
        (refused, -1, 7 * HOUR_S, 0),
        (refused, -1, 2 * HOUR_S, 1),
        (later, -1, 50 * HOUR_S, 0),  # not in the cohort
    ]
    values = of(street)
    assert values["n_tasks", ""] == 6
    assert values["task_on_time_share", ""] == 0.5
    assert values["task_missed_share", ""] == 0.5
    assert values["task_close_days", ""] == pytest.approx((0.5 + 2 + 0 + 3 + 0.25 / 24 + 0) / 6)
    # Missed: 2 h of the row itself and 5 h of the one that would have followed; cut: three quarters of an hour.
    assert groups(values, "not_done_h_per_week") == {
        "": 3 + 7 + 2 + 7.75,
        "department": 7,
        "street": 2,
        "not_done": 3 + 7.75,
    }
    assert values["department_h_per_week", ""] == 7
    assert values["n_cases", ""] == 0


def busy_street() -> Street:
    """Work of all kinds: a meeting, leave, a window that works on past noon, desk work over a night, the department."""
    street = Street()
    meeting = street.case("mon 9:00", {"unit": "meeting:office"}, kind=Kind.DUTY, matter=-1)
    street.leg(meeting, 0, "mon 9:00", "mon 9:00", "mon 11:00")
    leave = street.case("tue 9:00", {"unit": "leave:office"}, kind=Kind.DUTY, matter=-1)
    street.leg(leave, 0, "tue 9:00", "tue 9:00", "tue 17:00", worked_s=7 * HOUR_S)
    visit = street.case("mon 11:00", AT_EAST, {"unit": "desk"}, {"unit": "bureau"})
    street.leg(visit, 0, "mon 11:00", "mon 11:00", "mon 12:30")
    street.leg(visit, 1, "mon 12:30", "mon 16:00", "tue 10:00", worked_s=2 * HOUR_S)
    street.leg(visit, 2, "tue 10:00", "tue 10:00", "tue 12:00")
    over_the_edge = street.case("fri 16:00", AT_WEST)
    street.leg(over_the_edge, 0, "fri 16:00", "sun 23:00", at("mon 1:00", 1), worked_s=2 * HOUR_S)
    return street


def test_use_hours_and_overtime_of_staff():
    values = of(busy_street())
    # On duty: east 35 h, west 70 h (two), office 70 h less 7 h of leave, department 35 h.
    assert groups(values, "staff_use_share") == {
        "": pytest.approx((1.5 + 1 + 4 + 2) / 203),
        "community": pytest.approx(2.5 / 105),
        "street": pytest.approx(4 / 63),
        "department": pytest.approx(2 / 35),
        "team:window": pytest.approx(2.5 / 105),
        "team:window@east": pytest.approx(1.5 / 35),
        "team:window@west": pytest.approx(1 / 70),
        "team:office": pytest.approx(4 / 63),
        "team:bureau": pytest.approx(2 / 35),
    }
    hours = groups(values, "staff_hours_per_week")
    assert {group: value for group, value in hours.items() if value} == {
        "community/counter": 2.5,
        "street/papers": 2,
        "street/meeting": 2,
        "street/leave": 7,
        "department/papers": 2,
        "community/idle": pytest.approx(105 - 2.5 + 1.5),
        "street/idle": 59,
        "department/idle": 33,
    }
    assert groups(values, "overtime_h_per_week") == {"": 1.5, "community": 1.5, "street": 0, "department": 0}
    assert values["department_h_per_week", ""] == 2


def test_teams_table_has_a_row_for_each_team_and_kind_of_work():
    table = teams_table(busy_street().plan(), busy_street().legs_table(), FIRST_WEEK)
    assert list(table.columns) == ["team", "kind", "busy_s", "open_s", "overtime_s"]
    assert len(table) == 4 * len(WORK)
    assert table[table["busy_s"] > 0].to_numpy().tolist() == [
        ["window@east", "counter", minutes(90), 35 * HOUR_S, minutes(30)],
        ["window@west", "counter", HOUR_S, 70 * HOUR_S, HOUR_S],
        ["office", "papers", 2 * HOUR_S, 70 * HOUR_S, 0],
        ["office", "meeting", 2 * HOUR_S, 70 * HOUR_S, 0],
        ["office", "leave", 7 * HOUR_S, 70 * HOUR_S, 0],
        ["bureau", "papers", 2 * HOUR_S, 35 * HOUR_S, 0],
    ]


def test_work_outside_the_window_is_no_part_of_it():
    street = busy_street()
    late = street.case(at("mon 9:00", 1), AT_EAST)
    street.leg(late, 0, at("mon 9:00", 1), at("mon 9:00", 1), at("mon 11:00", 1))
    before = teams_table(busy_street().plan(), busy_street().legs_table(), FIRST_WEEK)
    pd.testing.assert_frame_equal(teams_table(street.plan(), street.legs_table(), FIRST_WEEK), before)


def test_work_is_told_apart_by_what_it_is_and_where_it_is_done():
    """A task is administrative wherever it is done; a resident's papers are not."""
    plan = Street().plan()
    units = {kind: int(plan.units.index[plan.units["kind"] == kind][0]) for kind in ("counter", "desk", "meeting")}
    rows = [
        (Kind.TASK, "desk", "administrative"),
        (Kind.TASK, "counter", "administrative"),
        (Kind.DUTY, "meeting", "meeting"),
        (Kind.RESIDENT, "counter", "counter"),
        (Kind.RESIDENT, "desk", "papers"),
        (Kind.COMPLAINT, "desk", "papers"),
    ]
    legs = pd.DataFrame({"kind": [int(row[0]) for row in rows], "unit": [units[row[1]] for row in rows]})
    assert [WORK[position] for position in work_of(plan, legs["kind"].to_numpy(), legs["unit"].to_numpy())] == [
        row[2] for row in rows
    ]


def test_the_worst_community_has_the_longest_waits():
    street = visitors(*range(10))
    for wait in (20, 5):
        case = street.case("fri 9:00", AT_WEST, community=1)
        street.leg(case, 0, "fri 9:00", at("fri 9:00") + minutes(wait), at("fri 9:40"))
    assert of(street)["wait_worst_community_p90_min", ""] == 20


def test_queue_by_hour_of_the_week():
    street = Street()
    waits = (("mon 9:30", "mon 11:15"), ("mon 10:00", "mon 10:15"), ("mon 11:30", "mon 13:30"), ("fri 16:30", None))
    for joined, started in waits:
        case = street.case(joined, AT_EAST)
        street.leg(case, 0, joined, *([started, at(started) + 60] if started else []))
    at_home = street.case("mon 9:00", {"unit": "desk"})
    street.leg(at_home, 0, "mon 9:00", "mon 12:00", "mon 12:30")
    table = queue_by_hour(street.plan(), street.legs_table(), FIRST_WEEK)
    assert table.groupby("level", sort=False).size().to_dict() == {"community": 168, "street": 168, "department": 168}
    waiting = table[table["mean_waiting"] > 0]
    assert waiting.to_numpy().tolist() == [
        ["community", 9, 0.5],
        ["community", 10, 1.25],
        ["community", 11, 0.75],
        ["community", 12, 1.0],  # over lunch
        ["community", 13, 0.5],
        ["community", 4 * 24 + 16, 0.5],
    ]
    two_weeks = queue_by_hour(street.plan(), street.legs_table(), Window(0, 2 * WEEK_S, 2 * WEEK_S))
    assert two_weeks.loc[10, "mean_waiting"] == (1.25 + 1) / 2  # who came on Friday is back
    # The second Monday from 9:30 on, when one waits who came on Friday; of its first hour only the later half counts.
    part = queue_by_hour(street.plan(), street.legs_table(), Window(at("mon 9:30", 1), HOUR_S, 2 * WEEK_S))
    assert part.loc[9:10, "mean_waiting"].tolist() == [1, 1]
    assert np.isnan(part.loc[11, "mean_waiting"])


# ---- laws


@pytest.fixture(scope="module")
def random_run() -> tuple[Plan, pd.DataFrame]:
    """A crowded month made by the engine."""
    luck = np.random.default_rng(7)
    street = Street(weeks=4)
    for _ in range(600):
        unit = luck.choice(["counter@east", "counter@west", "hall"])
        rows = [
            {"unit": unit, "visit": 1, "present": 1, "class": 0, "work_s": int(luck.integers(300, 3000))}
            | {"limit_s": int(luck.integers(60, 7200)), "next_limit": 0, "n_tries": 1, "return_s": 10 * HOUR_S},
            {"unit": "desk", "work_s": int(luck.integers(60, 5000)), "ready_s": HOUR_S},
            {"unit": "bureau", "work_s": int(luck.integers(60, 3000)), "ready_s": HOUR_S},
        ]
        opened = int(luck.integers(0, 4 * WEEK_S - DAY_S))
        street.case(opened, *rows[: luck.integers(1, 4)], community=int(luck.integers(0, 2)))
    for _ in range(30):
        opened = int(luck.integers(0, 4 * WEEK_S))
        street.case(opened, {"unit": "meeting:office", "work_s": HOUR_S}, kind=Kind.DUTY, matter=-1)
    plan = street.plan()
    return plan, engines.run(plan.engine_input)


MONTH = Window(0, 4 * WEEK_S, 4 * WEEK_S)


def test_shares_add_up(random_run):
    values = table_of(*random_run, MONTH).set_index(["measure", "group"])["value"]
    assert values["closed_at_share"].sum() == pytest.approx(1)
    closed = 1 - values["gave_up_share", ""] - values["unfinished_share", ""]
    assert 0.2 < closed < 0.9
    fates = journeys(*random_run, MATTERS, COMMUNITIES, CHANNELS)["outcome"].value_counts(normalize=True)
    assert closed == pytest.approx(fates["closed"])


def test_hours_by_kind_and_idle_are_the_hours_on_duty_and_the_overtime(random_run):
    values = table_of(*random_run, MONTH).set_index(["measure", "group"])["value"]
    hours = values["staff_hours_per_week"]
    for level, staff in (("community", 3), ("street", 2), ("department", 1)):
        parts = hours[hours.index.str.startswith(level)]
        assert (parts >= 0).all()
        assert parts.sum() == pytest.approx(staff * 35 + values["overtime_h_per_week", level])
    worked_h = random_run[1]["worked_s"].sum() / HOUR_S / 4
    assert hours[~hours.index.str.endswith("/idle")].sum() == pytest.approx(worked_h)


def test_no_team_is_busy_for_longer_than_on_duty_and_over_time(random_run):
    table = teams_table(*random_run, MONTH)
    by_team = table.groupby("team").agg({"busy_s": "sum", "overtime_s": "sum", "open_s": "first"})
    assert len(by_team) == len(TEAM_ROWS)
    assert (by_team["busy_s"] <= by_team["open_s"] + by_team["overtime_s"]).all()


def test_the_queue_over_the_week_holds_every_minute_waited(random_run):
    """Little's law, to the second: the time integral of the number waiting is the sum of the waits."""
    plan, legs = random_run
    table = queue_by_hour(plan, legs, MONTH)
    assert table["mean_waiting"].sum() * 4 * HOUR_S == pytest.approx(visits_table(plan, legs)["wait_s"].sum())


def test_open_cases_are_those_opened_less_those_gone(random_run):
    cases = journeys(*random_run, MATTERS, COMMUNITIES, CHANNELS)
    counts = daily_open_cases(cases, MONTH.end_s)
    assert len(counts) == 28
    for day in (0, 9, 27):
        here = (cases["opened_s"] <= day * DAY_S) & ((cases["left_s"] > day * DAY_S) | (cases["left_s"] == -1))
        assert counts[day] == here.sum()


def test_a_window_without_cases_has_counts_and_staff_only():
    street = visitors(1)
    values = of(street, Window(WEEK_S, WEEK_S, 2 * WEEK_S))
    assert {name for name, _ in values} == {
        "n_cases",
        "n_visits",
        "n_tasks",
        "backlog_cases",
        "backlog_slope_cases_per_week",
        "staff_use_share",
        "staff_hours_per_week",
        "overtime_h_per_week",
        "not_done_h_per_week",
        "department_h_per_week",
    }


def test_every_measure_and_group_has_its_unit_and_words(random_run):
    table = pd.concat([table_of(*random_run, MONTH), table_of(busy_street().plan(), busy_street().legs_table())])
    assert set(table["measure"]) <= set(MEASURES)
    assert not table.duplicated(["measure", "group", "value"]).all()
    assert table["unit"].notna().all()
    assert np.isfinite(table["value"]).all()
    for name, info in MEASURES.items():
        assert has(f"measure.{name}")
        assert not info.unit or has(f"unit.{info.unit}")
    for group in set(table["group"]):
        for lang in LANGUAGES:
            assert group_label(group, lang)
            plain = ":" not in group
            assert not plain or all(has(f"group.{part or 'all'}") for part in group.split("/"))


def test_no_measure_has_two_values_for_a_group(random_run):
    assert not table_of(*random_run, MONTH).duplicated(["measure", "group"]).any()


def test_every_measure_has_one_home_and_some_can_be_taken_alone(random_run):
    named = [name for names in measures.FAMILIES.values() for name in names]
    assert set(named) == set(measures.MEASURES)
    plan, legs = random_run
    cases = journeys(plan, legs, MATTERS, COMMUNITIES, CHANNELS)
    every = measures.measure(plan, legs, cases, MONTH)
    some = measures.measure(plan, legs, cases, MONTH, names=["close_days", measures.MAIN_MEASURE])
    expected = every[every["measure"].isin(["close_days", measures.MAIN_MEASURE])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)
    taken = Study(plan, legs, cases, MONTH, stays(plan, legs))
    given = {family: {row[0] for row in family(taken)} for family in measures.FAMILIES}
    assert all(given[family] <= set(names) for family, names in measures.FAMILIES.items())
