"""Journeys worked by hand: who waited where, how often they came, and to what each second is attributed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_plan import CHANNELS, COMMUNITIES, MATTERS, Street, at, minutes

from sim import engines
from sim.journeys import journeys, visits_table
from sim.stays import PARTS, stays
from sim.tables import AtClose, Kind, Outcome, Ready
from sim.units import DAY_S, HOUR_S


def of(street: Street) -> pd.DataFrame:
    return journeys(street.plan(), street.legs_table(), MATTERS, COMMUNITIES, CHANNELS)


def hours_of(row: pd.Series) -> dict[str, float]:
    return {name: row[name] / HOUR_S for name in PARTS}


AT_COUNTER = {"unit": "counter@east", "visit": 1, "present": 1}


def test_one_visit():
    street = Street()
    street.case("mon 9:00", AT_COUNTER, due="mon 12:00", elderly=1, matter=1)
    street.leg(0, 0, "mon 9:00", "mon 9:10", "mon 9:15")
    assert of(street).iloc[0].to_dict() == {
        "case": 0,
        "matter": "pension",
        "kind": "resident",
        "community": "east",
        "channel": "counter",
        "opened_s": at("mon 9:00"),
        "closed_s": at("mon 9:15"),
        "outcome": "closed",
        "level": "community",
        "visits": 1,
        "wait_s": minutes(10),
        "work_s": minutes(5),
        "travel_s": minutes(10),
        "on_time": 1,
        "left_s": at("mon 9:15"),
        "due_s": at("mon 12:00"),
        "elderly": 1,
        "distant": 0,
        "complained": 0,
        "lapsed": 0,
        "found_s": at("mon 9:00"),
        "found_by": "at_once",
        "unsettled": -1,
        "reopened": 0,
        "unseen_s": 0,
        "seemed_s": 0,
        "queue_s": minutes(10),
        "hand_off_s": 0,
        "gate_s": 0,
        "closed_hours_s": 0,
        "own_delay_s": 0,
        "work_time_s": minutes(5),
    }


def test_every_second_of_a_case_through_three_tiers_has_one_cause():
    street = Street(weeks=3)
    street.case(
        "sun 10:00",
        AT_COUNTER,
        {"unit": "desk", "ready_kind": Ready.GATE, "ready_s": HOUR_S},
        {"unit": "bureau", "ready_kind": Ready.WORKING, "ready_s": 4 * HOUR_S},
        AT_COUNTER | {"visit": 2, "ready_kind": Ready.NEXT_OPEN_DAY, "ready_s": DAY_S},
    )
    # Comes on Monday at opening, waits 2:50; the window works on into lunch.
    street.leg(0, 0, at("mon 9:00", 1), at("mon 11:50", 1), at("mon 12:10", 1))
    # One hour of hand-off, then until the bag leaves on Tuesday at 9:00; an hour of lunch within the desk work.
    street.leg(0, 1, at("tue 9:00", 1), at("tue 11:00", 1), at("tue 13:30", 1), worked_s=minutes(90))
    street.leg(0, 2, at("wed 10:00", 1), at("wed 15:00", 1), at("wed 16:00", 1))
    # A day to mend the papers; then an hour of Thursday and one of Friday in which the window was open in vain.
    street.leg(0, 3, at("fri 10:00", 1), at("fri 11:30", 1), at("fri 11:40", 1))
    journey = of(street).iloc[0]
    assert hours_of(journey) == {
        "unseen_s": 0,
        "seemed_s": 0,
        "queue_s": pytest.approx(17 / 6 + 2 + 4 + 1.5),
        "hand_off_s": 1 + 20.5,
        "gate_s": pytest.approx(19 + 5 / 6),
        "closed_hours_s": 23 + 1 + 1 + 16,
        "own_delay_s": 24 + 2,
        "work_time_s": 3,
    }
    assert sum(journey[name] for name in PARTS) == journey["closed_s"] - journey["opened_s"]
    assert journey[["level", "visits", "wait_s", "travel_s"]].to_list() == [
        "department",
        2,
        minutes(170 + 90),
        minutes(20),
    ]


@pytest.mark.parametrize(
    ("joined", "started", "wait_min", "queue_min", "closed_min"),
    [
        ("mon 11:50", "mon 13:05", 75, 15, 60),  # waits through lunch, standing there
        ("mon 16:50", "tue 9:10", 20, 20, 16 * 60),  # held over: at home for the night
        ("mon 9:00", "mon 9:00", 0, 0, 0),
    ],
)
def test_waiting_goes_on_over_lunch_but_not_over_night(joined, started, wait_min, queue_min, closed_min):
    street = Street()
    street.case(joined, AT_COUNTER)
    street.leg(0, 0, joined, started, at(started) + 60)
    journey = of(street).iloc[0]
    assert journey[["wait_s", "queue_s", "closed_hours_s"]].to_list() == [
        minutes(wait_min),
        minutes(queue_min),
        minutes(closed_min),
    ]


def test_a_put_back_resident_waits_again():
    street = Street()
    street.case("mon 11:00", AT_COUNTER)
    street.leg(0, 0, "mon 11:00", "mon 11:30", "mon 13:20", worked_s=minutes(20))
    journey = of(street).iloc[0]
    assert journey[["wait_s", "queue_s", "closed_hours_s", "work_time_s"]].to_list() == [
        minutes(30 + 90),
        minutes(30 + 30),
        minutes(60),
        minutes(20),
    ]


def test_a_resident_put_back_at_closing_does_not_wait_at_night():
    street = Street()
    street.case("mon 16:00", AT_COUNTER)
    street.leg(0, 0, "mon 16:00", "mon 16:30", "tue 9:30", worked_s=minutes(45))
    journey = of(street).iloc[0]
    assert journey[["wait_s", "queue_s", "closed_hours_s"]].to_list() == [minutes(45), minutes(45), 16 * HOUR_S]


def test_coming_back_has_no_delay_but_the_time_until_one_is_there_again():
    street = Street()
    again = {"limit_s": HOUR_S, "next_limit": 0, "n_tries": 1, "ready_kind": Ready.GATE, "ready_s": 2 * HOUR_S}
    street.case("mon 9:00", AT_COUNTER | again)
    street.case("mon 9:00", {"unit": "desk"} | again)  # a call, and another one on the next day
    for case in (0, 1):
        street.leg(case, 0, "mon 10:00", ended="mon 11:00", outcome=Outcome.LEFT)
        street.leg(case, 0, "tue 10:00", "tue 10:00", "tue 10:30", attempt=2)
    table = of(street)
    assert table["visits"].to_list() == [2, 0]
    # From Monday 11:00 to Tuesday 10:00: open for 1 + 4 + 1 hours, closed for 1 + 16.
    assert table["closed_hours_s"].to_list() == [17 * HOUR_S] * 2
    assert table["own_delay_s"].to_list() == [(6 + 1) * HOUR_S, 6 * HOUR_S]
    assert table["hand_off_s"].to_list() == [0, HOUR_S]
    assert table["gate_s"].to_list() == [0, 0]


def test_who_walks_to_another_door_after_closing_waits_for_its_opening():
    street = Street()
    street.case("mon 16:00", AT_COUNTER, AT_COUNTER | {"unit": "hall", "ready_s": minutes(20)})
    street.leg(0, 0, "mon 16:00", "mon 16:00", "mon 16:50")
    street.leg(0, 1, "tue 9:00", "tue 9:00", "tue 9:10")
    journey = of(street).iloc[0]
    assert journey[["visits", "hand_off_s", "own_delay_s"]].to_list() == [1, minutes(20), 0]
    assert journey["closed_hours_s"] == minutes(15 * 60 + 50)


def test_each_attempt_is_a_trip_and_giving_up_counts_with_what_was_waited():
    street = Street()
    street.case(
        "mon 9:00",
        {"unit": "hall", "visit": 1, "present": 1, "limit_s": minutes(30), "next_limit": 0, "next_gave_up": 1}
        | {"n_tries": 2, "next_done": -1},
        {"unit": "desk", "kind": Kind.COMPLAINT},
        due="fri 17:00",
    )
    street.leg(0, 0, "mon 9:00", ended="mon 9:30", outcome=Outcome.LEFT)
    street.leg(0, 0, "tue 16:45", ended="tue 17:00", outcome=Outcome.SENT_HOME, attempt=2)
    street.leg(0, 0, "wed 9:00", ended="wed 9:30", outcome=Outcome.GAVE_UP, attempt=3)
    street.leg(0, 1, "wed 9:30", "wed 10:00", "wed 11:00")
    journey = of(street).iloc[0]
    assert journey[["outcome", "closed_s", "left_s", "visits", "on_time", "complained", "level"]].to_list() == [
        "gave_up",
        -1,
        at("wed 9:30"),
        3,
        0,
        1,
        "",
    ]
    assert journey["wait_s"] == minutes(30 + 15 + 30)
    assert journey["work_s"] == 0
    assert journey["travel_s"] == minutes(3 * 40)
    visits = visits_table(street.plan(), street.legs_table())
    assert visits[["visit", "attempt", "level", "wait_s", "joined_s", "outcome"]].to_numpy().tolist() == [
        [1, 1, "street", minutes(30), at("mon 9:00"), "left"],
        [1, 2, "street", minutes(15), at("tue 16:45"), "sent_home"],
        [1, 3, "street", minutes(30), at("wed 9:00"), "gave_up"],
    ]


def test_a_wrong_door_is_no_second_trip_and_the_way_is_a_hand_off():
    street = Street()
    street.case(
        "mon 9:00",
        AT_COUNTER | {"unit": "hall"},
        AT_COUNTER | {"ready_s": minutes(20)},
        AT_COUNTER | {"visit": 2, "ready_s": minutes(60)},
    )
    street.leg(0, 0, "mon 9:00", "mon 9:10", "mon 9:12")
    street.leg(0, 1, "mon 9:32", "mon 9:40", "mon 9:50")
    street.leg(0, 2, "mon 10:50", "mon 10:51", "mon 10:55")
    journey = of(street).iloc[0]
    assert journey[["visits", "travel_s", "level"]].to_list() == [2, minutes(40 + 10), "street"]
    assert journey[["hand_off_s", "own_delay_s"]].to_list() == [minutes(20), minutes(60)]
    visits = visits_table(street.plan(), street.legs_table())
    assert visits[["visit", "attempt", "level", "wait_s"]].to_numpy().tolist() == [
        [1, 1, "street", minutes(18)],
        [2, 1, "community", minutes(1)],
    ]


def test_a_better_class_in_the_same_queue_is_not_waited_for_twice():
    street = Street()
    street.case("mon 9:00", AT_COUNTER | {"limit_s": minutes(30), "next_limit": 1}, AT_COUNTER | {"class": 0})
    street.leg(0, 0, "mon 9:00", ended="mon 9:30", outcome=Outcome.LEFT)
    street.leg(0, 1, "mon 9:00", "mon 9:45", "mon 9:50", ready_s=at("mon 9:30"))
    street.case("mon 9:00", AT_COUNTER | {"class": 0, "next_done": -1}, AT_COUNTER | {"limit_s": 1800, "next_limit": 0})
    street.leg(1, 1, "mon 9:00", ended="mon 9:30", outcome=Outcome.LEFT)
    street.leg(1, 0, "mon 9:00", "mon 9:45", "mon 9:50", ready_s=at("mon 9:30"))
    table = of(street)
    assert table[["visits", "wait_s", "outcome"]].to_numpy().tolist() == [[1, minutes(45), "closed"]] * 2
    assert visits_table(street.plan(), street.legs_table())["outcome"].to_list() == ["done", "done"]


def test_unfinished_cases_count_until_the_end_of_the_run():
    street = Street(weeks=1)
    street.case("fri 16:00", AT_COUNTER, due="fri 17:00")
    street.case("fri 16:00", AT_COUNTER, due=at("mon 9:00", 1))
    street.case("fri 16:00", {"unit": "desk"}, AT_COUNTER | {"ready_s": DAY_S})
    for case in (0, 1):
        street.leg(case, 0, "fri 16:30")
    street.leg(2, 0, "fri 16:00", "fri 16:10", "fri 16:40")
    street.leg(2, 1, -1, ready_s=at("sat 16:40"))
    table = of(street)
    assert table["outcome"].to_list() == ["open"] * 3
    assert table["wait_s"].to_list() == [minutes(30), minutes(30), 0]
    assert table["visits"].to_list() == [1, 1, 0]
    assert table["on_time"].to_list() == [0, -1, -1]
    assert table[["closed_s", "left_s"]].eq(-1).all(axis=None)
    assert (table[list(PARTS)].sum(axis=1) == street.end_s - table["opened_s"]).all()


def test_a_task_that_forks_and_is_hurried():
    street = Street()
    rows = [
        {"unit": "desk", "next_done": 1},
        {"unit": "counter@east", "also": 2, "next_done": 3},
        {"unit": "counter@west", "next_done": 3},
        {"unit": "desk", "n_before": 2, "deadline_at_s": at("tue 12:00"), "next_deadline": 4, "next_done": -1},
        {"unit": "desk", "class": 0},
    ]
    street.case("mon 9:00", *rows, kind=Kind.TASK, matter=3, community=-1, due="tue 12:00")
    street.leg(0, 0, "mon 9:00", "mon 9:30", "mon 10:00")
    street.leg(0, 1, "mon 10:00", "mon 10:00", "mon 11:00")
    street.leg(0, 2, "mon 10:00", "mon 11:00", "mon 12:00")
    street.leg(0, 3, "mon 12:00", ended="tue 12:00", outcome=Outcome.OVERDUE)
    street.leg(0, 4, "mon 12:00", "tue 13:00", "tue 13:10", ready_s=at("tue 12:00"))
    journey = of(street).iloc[0]
    assert journey[["outcome", "community", "channel", "on_time", "lapsed"]].to_list() == ["closed", "", "task", 0, 1]
    assert journey["work_s"] == minutes(30 + 60 + 60 + 10)
    assert hours_of(journey) == {
        "unseen_s": 0,
        "seemed_s": 0,
        "queue_s": 0.5 + 7,
        "hand_off_s": 0,
        "gate_s": 0,
        "closed_hours_s": 1 + 16 + 1,
        "own_delay_s": 0,
        "work_time_s": pytest.approx(0.5 + 2 + 1 / 6),
    }


def test_missed_and_refused_tasks_are_not_closed():
    street = Street()
    street.case("mon 9:00", {"unit": "desk", "deadline_at_s": at("tue 9:00")}, kind=Kind.TASK, due="tue 9:00")
    street.case("mon 9:00", kind=Kind.TASK, due="tue 9:00")
    street.undone = [(1, -1, HOUR_S, 0)]
    street.leg(0, 0, "mon 9:00", ended="tue 9:00", outcome=Outcome.MISSED)
    street.case("mon 9:00", {"unit": "desk"}, kind=Kind.TASK)
    street.undone.append((2, -1, HOUR_S, 0))  # a part of it was refused, the rest was done
    street.leg(2, 0, "mon 9:00", "mon 9:00", "mon 10:00")
    street.case("mon 9:00", {"unit": "desk", "also": 1, "next_done": -1}, {"unit": "bureau"}, kind=Kind.TASK)
    street.leg(3, 0, "mon 9:00", "mon 9:00", "mon 10:00")
    street.leg(3, 1, "mon 9:00", "mon 9:00")
    table = of(street)
    assert table["outcome"].to_list() == ["missed", "refused", "closed", "open"]
    assert table["on_time"].to_list() == [0, -1, -1, -1]


def test_duties_have_no_journey_and_complaints_do_not_close_a_case():
    street = Street()
    street.case("mon 9:00", {"unit": "meeting:office"}, kind=Kind.DUTY, matter=-1)
    street.case("mon 9:00", AT_COUNTER | {"also": 1, "next_done": -1}, {"unit": "bureau", "kind": Kind.COMPLAINT})
    street.leg(0, 0, "mon 9:00", "mon 9:00", "mon 10:00")
    street.leg(1, 0, "mon 9:00", "mon 9:00", "mon 9:05")
    street.leg(1, 1, "mon 9:00", "mon 10:00", "mon 11:00")
    street.case("mon 9:00", AT_COUNTER, {"unit": "bureau", "kind": Kind.COMPLAINT})
    street.leg(2, 0, "mon 9:00", "mon 9:00", "mon 9:05")
    street.leg(2, 1, "mon 9:05")
    table = of(street)
    assert table["case"].to_list() == [1, 2]
    assert table["outcome"].to_list() == ["closed", "closed"]
    assert table.iloc[0][["closed_s", "level", "complained"]].to_list() == [at("mon 9:05"), "community", 1]


# ---- laws, on whatever the engine makes of random streets


@st.composite
def random_streets(draw: st.DrawFn) -> Street:
    """Cases with up to five rows of all sorts, on two weeks."""
    street = Street()
    street.gates = [at("wed 10:00"), at("fri 10:00"), at("wed 10:00", 1)]
    spans = st.sampled_from([0, 60, HOUR_S, 5 * HOUR_S, DAY_S])
    for _ in range(draw(st.integers(1, 12))):
        rows = []
        visit = 0
        for number in range(draw(st.integers(1, 5))):
            row = {"unit": draw(st.sampled_from(["counter@east", "counter@west", "hall", "desk", "bureau"]))}
            row |= {"work_s": draw(st.integers(1, 4 * HOUR_S)), "ready_s": draw(spans)}
            row["ready_kind"] = draw(st.sampled_from([Ready.WALL, Ready.WORKING, Ready.GATE, Ready.NEXT_OPEN_DAY]))
            row["ready_at"] = 0
            row["return_s"] = draw(st.integers(0, DAY_S - 1))
            if draw(st.booleans()):
                visit += visit == 0 or draw(st.booleans())
                row |= {"present": 1, "visit": visit, "n_tries": draw(st.integers(0, 2)), "class": 0}
                if draw(st.booleans()):
                    row |= {"limit_s": draw(st.integers(1, 3 * HOUR_S)), "next_limit": number}
            rows.append(row)
        street.case(draw(st.integers(0, 10 * DAY_S)), *rows)
    return street


@settings(max_examples=40, deadline=None)
@given(random_streets(), st.sampled_from(list(AtClose)))
def test_the_parts_of_every_case_add_up(street: Street, at_close: AtClose):
    plan = street.plan()
    plan.engine_input.units["at_close"] = int(at_close)
    legs = engines.run(plan.engine_input)
    table = journeys(plan, legs, MATTERS, COMMUNITIES, CHANNELS)
    until = np.where(table["left_s"] == -1, street.end_s, table["left_s"])
    assert (table[list(PARTS)] >= 0).all(axis=None)
    assert (table[list(PARTS)].sum(axis=1) == until - table["opened_s"]).all()
    assert (table["wait_s"] <= table["queue_s"] + table["closed_hours_s"]).all()
    assert (table["work_time_s"] == table["work_s"]).all()
    visits = visits_table(plan, legs)
    assert visits["wait_s"].sum() == table["wait_s"].sum()
    assert len(visits) == table["visits"].sum()
    came = legs[(legs["visit"] > 0) & (legs["joined_s"] >= 0)]
    extra = (came["attempt"] > 1).sum()
    assert len(visits) == len(came[["case", "visit"]].drop_duplicates()) + extra


@settings(max_examples=10, deadline=None)
@given(random_streets())
def test_the_order_of_legs_in_the_table_does_not_matter(street: Street):
    plan = street.plan()
    legs = engines.run(plan.engine_input)
    shuffled = legs.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(stays(plan, legs).table, stays(plan, shuffled).table)


def test_no_cases_at_all():
    street = Street()
    assert of(street).empty
    assert visits_table(street.plan(), street.legs_table()).empty
