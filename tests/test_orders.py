"""Orders, verification before closing, and merged tasks: the rows, days worked by hand, and the laws they keep."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pandas as pd
import pytest
from either import run
from small_street import EAST, WEST, lines, planned, said, scenario

from sim import engines, measures
from sim.demand import draw_demand
from sim.facesheet import plain_rows
from sim.itineraries import plan
from sim.journeys import journeys
from sim.measures import Window, teams_table
from sim.scenario import load
from sim.scenario.expected_work import work_s_per_week
from sim.tables import NONE, Kind, Outcome
from sim.units import HOUR_S, MINUTE_S, WEEK_S

ORDERS = Path(__file__).parent / "valid" / "orders.yaml"
HUB = {
    "units": {"hub": {"kind": "desk", "level": "street"}},
    "teams": {"hub": {"size": 1, "calendar": "office", "serves": ["hub"], "level": "street"}},
    "gates": {name: {"days": ["wed"], "at": "9:00"} for name in ("meeting", "other")},
}
ORDER = {
    "by": "hub",
    "work": "5 min",
    "within": "1 h",
    "urged": {"priority": 0, "work": "7 min"},
    "report": {"work": "4 min"},
}
VERIFY = {"unit": "hub", "work": "6 min"}
BUREAU = {"unit": "bureau", "share": 1}
NEVER = "9000 days"


def street(steps, other=(), matter=None, **parts):
    """A street with a hub: cards take ``steps``, and visas take ``other``."""
    procedures = {"card": list(steps), "visa": list(other) or [BUREAU]}
    return scenario({"card": matter or {}, "visa": {"work": "20 min"}}, procedures, **deepcopy(HUB), **parts)


def check(given, expected):
    assert lines(given) == [" ".join(line.split()) for line in expected.strip().splitlines()]


def check_day(given, expected):
    """The legs that were reached, each as ``case.row unit joined started ended outcome``."""
    legs = run(given.engine_input)
    names = given.units["unit"]
    found = [
        f"{leg.case}.{leg.row} {names[leg.unit]} {said(leg.joined_s)} "
        f"{said(leg.started_s) if leg.started_s != NONE else '-'} {said(leg.ended_s)} {Outcome(leg.outcome).name}"
        for leg in legs.itertuples()
    ]
    assert found == [" ".join(line.split()) for line in expected.strip().splitlines()]


# ---- orders


def test_an_order_is_issued_before_the_step_and_its_report_taken_after_it():
    """The delay is before the order; urged work goes on in class 0, and the hub supervises it beside."""
    check(
        planned(street([BUREAU | {"order": ORDER, "delay": {"mean": "30 min"}}]), card=[("mon-9:00", EAST)]),
        """
        0.0 hub opens=mon-9:00 wall=30 work=5 next=1
        0.1 bureau work=10 limit=60>2 next=4
        0.2 bureau work=10 class=0 also=3 next=4
        0.3 hub supervision work=7 class=0 next=out
        0.4 hub work=4 next=out
        """,
    )


def test_an_order_may_ask_for_no_report():
    order = ORDER | {"report": None}
    check(
        planned(street([BUREAU | {"order": order, "priority": 2}]), card=[("mon-9:00", EAST)]),
        """
        0.0 hub opens=mon-9:00 work=5 class=2 next=1
        0.1 bureau work=10 class=2 limit=60>2 next=out
        0.2 bureau work=10 class=0 also=3 next=out
        0.3 hub supervision work=7 class=0 next=out
        """,
    )


def test_work_that_is_urged_may_still_be_overdue():
    """Whether it was urged or not, what has not begun when the promise ends is hurried: one row for both."""
    step = BUREAU | {"order": ORDER, "priority": 3, "overdue": {"priority": 0, "work_share": 0.5}}
    order = ORDER | {"urged": {"priority": 1, "work": "7 min"}}
    given = planned(street([step | {"order": order}], matter={"limit": "2 days"}), card=[("mon-9:00", EAST)])
    check(
        given,
        """
        0.0 hub opens=mon-9:00 work=5 class=3 next=1
        0.1 bureau work=10 class=3 limit=60>2 deadline=wed-9:00>4 next=5
        0.2 bureau work=10 deadline=wed-9:00>4 also=3 next=5
        0.3 hub supervision work=7 next=out
        0.4 bureau work=5 class=0 next=5
        0.5 hub work=4 class=3 next=out
        """,
    )
    assert given.undone[["case", "row", "work_s"]].to_numpy().tolist() == [[0, 4, 300]]


def test_an_order_of_a_task_is_work_of_a_task():
    task = {"kind": "task", "schedule": {"at": "9:00"}}
    given = planned(street([BUREAU | {"order": ORDER}], matter=task), card=[("mon-9:00", NONE)])
    kinds = given.engine_input.itineraries["kind"].tolist()
    assert kinds == [Kind.TASK, Kind.TASK, Kind.TASK, Kind.SUPERVISION, Kind.TASK]


def test_in_a_transition_ordering_and_checking_take_longer_but_not_at_a_department():
    """Half as long again: order 7.5, supervision 10.5, report 6 minutes, check 9; the bureau's work is as ever."""
    rules = {"transition": {"extra_work_share": 0.5, "half_life": "1 week"}}
    step = BUREAU | {"order": ORDER, "verify": VERIFY}
    given = planned(street([step], rules=rules), card=[("mon-0:00", EAST)])
    assert (given.engine_input.itineraries["work_s"] / MINUTE_S).tolist() == [7.5, 10, 10, 10.5, 6, 9]
    step = BUREAU | {"verify": VERIFY | {"unit": "bureau"}}
    given = planned(street([step], rules=rules), card=[("mon-0:00", EAST)])
    assert (given.engine_input.itineraries["work_s"] / MINUTE_S).tolist() == [10, 6]


BUSY = {"card": [("mon-9:00", EAST), ("mon-9:00", WEST)], "visa": [("mon-9:02", EAST)] * 3}
"""Two cards that are ordered, and three visas that are not, at a bureau of one."""


@pytest.mark.usefixtures("engine")
def test_a_day_with_an_order_that_is_urged():
    """The hub orders the cards at 9:05 and 9:10; three visas of 20 minutes come in between.

    The first card (joined 9:05) begins at 10:02, within the hour. The second (joined 9:10) is urged at 10:10, having
    waited an hour; from 10:12 it is done, and the hub supervises from 10:10 to 10:17, so it takes the first report, of
    10:12, at 10:17.
    """
    check_day(
        planned(street([BUREAU | {"order": ORDER}]), **BUSY),
        """
        0.0 hub    mon-9:00  mon-9:00  mon-9:05  DONE
        0.1 bureau mon-9:05  mon-10:02 mon-10:12 DONE
        0.4 hub    mon-10:12 mon-10:17 mon-10:21 DONE
        1.0 hub    mon-9:00  mon-9:05  mon-9:10  DONE
        1.1 bureau mon-9:10  -         mon-10:10 LEFT
        1.2 bureau mon-9:10  mon-10:12 mon-10:22 DONE
        1.3 hub    mon-10:10 mon-10:10 mon-10:17 DONE
        1.4 hub    mon-10:22 mon-10:22 mon-10:26 DONE
        2.0 bureau mon-9:02  mon-9:02  mon-9:22  DONE
        3.0 bureau mon-9:02  mon-9:22  mon-9:42  DONE
        4.0 bureau mon-9:02  mon-9:42  mon-10:02 DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_what_is_urged_goes_before_what_came_earlier():
    """The visas come at 9:00, so at 10:20 a fourth is still to do when the card, joined at 9:05, is done instead."""
    asked_for = {"card": [("mon-9:00", EAST)], "visa": [("mon-9:00", EAST)] * 5}
    given = planned(street([BUREAU | {"order": ORDER}]), **asked_for)
    legs = run(given.engine_input).set_index(["case", "row"])
    assert said(legs.loc[(0, 2), "started_s"]) == "mon-10:20"
    assert [said(legs.loc[(case, 0), "started_s"]) for case in (4, 5)] == ["mon-10:00", "mon-10:30"]


@pytest.mark.usefixtures("engine")
def test_orders_that_are_never_urged_are_three_plain_steps():
    """Within very long, a crowd of cases is as under a procedure that writes out order, work and report."""
    plainly = [{"unit": "hub", "work": "5 min"}, BUREAU, {"unit": "hub", "work": "4 min"}]
    columns = ["case", "unit", "class", "joined_s", "started_s", "ended_s", "worked_s", "outcome"]
    never, soon, plain = (
        run(planned(street(steps), card=[("mon-9:00", home) for home in range(40)]).engine_input)
        for steps in ([BUREAU | {"order": ORDER | {"within": NEVER}}], [BUREAU | {"order": ORDER}], plainly)
    )
    pd.testing.assert_frame_equal(never[columns], plain[columns])
    assert (soon["kind"] == Kind.SUPERVISION).any()


def measured(given):
    """Journeys and measures of a plan of cards and visas."""
    legs = engines.run(given.engine_input)
    made = journeys(given, legs, ["card", "visa"], ["east", "west"], ["counter", "hotline"])
    table = measures.measure(given, legs, made, Window(0, WEEK_S, 2 * WEEK_S))
    return legs, made, {(row.measure, row.group): row.value for row in table.itertuples()}


def test_the_share_of_orders_urged_is_that_of_the_day_worked_by_hand():
    """With a third card, two of three; the visas have no orders, and where nobody issues any there is no measure."""
    cards = [("mon-9:00", EAST)] * 3
    _, _, values = measured(planned(street([BUREAU | {"order": ORDER}]), **BUSY | {"card": cards}))
    found = {group: value for (name, group), value in values.items() if name == "orders_urged_share"}
    assert found == {"": 2 / 3, "counter": 2 / 3}
    _, _, values = measured(planned(street([BUREAU]), **BUSY))
    assert "orders_urged_share" not in {name for name, _ in values}


def test_a_case_closes_without_waiting_for_supervision():
    """Supervising takes two days here; the case is closed when the report is taken by the hub's other member."""
    order = ORDER | {"urged": {"priority": 0, "work": "14 h"}}
    given = planned(street([BUREAU | {"order": order}]), **BUSY)
    given.engine_input.teams.loc[given.teams["team"] == "hub", "size"] = 2
    legs, made, _ = measured(given)
    supervision = legs[legs["kind"] == Kind.SUPERVISION]
    assert said(int(supervision["ended_s"].iloc[0])).startswith("wed")
    assert [said(left) for left in made["closed_s"][:2]] == ["mon-10:16", "mon-10:26"]
    busy_s = teams_table(given, legs, Window(0, WEEK_S, 2 * WEEK_S)).set_index(["team", "kind"])["busy_s"]
    assert busy_s["hub", "administrative"] == 14 * HOUR_S
    assert busy_s["hub", "papers"] == 18 * MINUTE_S


# ---- verification (what it finds: test_settling.py)

CROWD = [("mon-9:00", home % 100) for home in range(50)]


@pytest.mark.parametrize("finds", [0.0, 1.0])
def test_checks_of_what_work_always_settles_are_a_plain_step(finds):
    checked = planned(street([BUREAU | {"verify": VERIFY | {"finds": finds}}]), card=CROWD)
    plain = planned(street([BUREAU, {"unit": "hub", "work": "6 min"}]), card=CROWD)
    pd.testing.assert_frame_equal(checked.engine_input.itineraries, plain.engine_input.itineraries)


# ---- merging

TASK = {"kind": "task", "rate": "1 / day", "work": "1 h", "community_work": "30 min", "household_work": "100 min"}
DOWN = {"unit": "desk", "each": "community", "share": 1, "merge": {"gate": "meeting", "saves": 0.4}}
SENT = {"card": [("mon-9:00", NONE), ("wed-9:00", NONE), ("wed-9:01", NONE)], "visa": [("tue-9:00", NONE)]}


def tasks(step=DOWN, other=DOWN, rules=None, **matter):
    """Two kinds of tasks that go down to the communities."""
    return scenario(
        {"card": TASK | matter, "visa": TASK | {"community_work": "10 min"}},
        {"card": [step], "visa": [other]},
        rules=rules or {},
        **deepcopy(HUB),
    )


def minutes_of(given):
    """Minutes of work of each case at the desks."""
    rows = given.engine_input.itineraries
    return (rows["work_s"] / MINUTE_S).groupby(rows["case"]).apply(list).to_dict()


def test_all_but_the_first_of_a_batch_are_spared_part_of_the_fixed_work():
    """Until Wednesday's meeting: the cards of Monday and Wednesday 9:00, and Tuesday's visa, of which four tenths of
    30 and of 10 minutes are spared. By household 40 and 60 minutes, of which nothing is. After it a new batch begins.
    """
    assert minutes_of(planned(tasks(), **SENT)) == {0: [70, 90], 1: [58, 78], 2: [70, 90], 3: [46, 66]}


def test_each_step_saves_its_own_share_and_a_matter_that_does_not_merge_is_in_no_batch():
    other = DOWN | {"merge": {"gate": "meeting", "saves": 1.0}}
    assert minutes_of(planned(tasks(other=other), **SENT))[3] == [40, 60]
    alone = planned(tasks(other=DOWN | {"merge": None}), **SENT)
    assert minutes_of(alone) == {0: [70, 90], 1: [58, 78], 2: [70, 90], 3: [50, 70]}


def test_tasks_at_different_gates_are_merged_apart():
    given = tasks(other=DOWN | {"merge": {"gate": "other", "saves": 0.4}})
    assert minutes_of(planned(given, **SENT)) == {0: [70, 90], 1: [58, 78], 2: [70, 90], 3: [50, 70]}


@pytest.mark.parametrize("bearer", ["street", "department"])
def test_a_refused_task_is_in_no_batch(bearer):
    """All cards are refused, so the visa is the first of its batch."""
    rules = {"admission": {"leakage": 0.0, "bearer": bearer}}
    given = planned(tasks(rules=rules, listed=0.0), **SENT)
    assert minutes_of(given) == {3: [50, 70]}
    assert given.undone["work_s"].tolist() == [160 * MINUTE_S] * 3


def test_what_merging_saves_is_not_left_undone():
    assert planned(tasks(), **SENT).undone.empty


def test_merging_that_saves_nothing_is_no_merging():
    nothing = planned(tasks(DOWN | {"merge": {"gate": "meeting", "saves": 0.0}}, DOWN | {"merge": None}), **SENT)
    none = planned(tasks(DOWN | {"merge": None}, DOWN | {"merge": None}), **SENT)
    pd.testing.assert_frame_equal(nothing.engine_input.itineraries, none.engine_input.itineraries)


@pytest.mark.usefixtures("engine")
def test_a_week_with_merged_tasks():
    """Both pass Wednesday's meeting; the second takes 12 minutes less in each community."""
    sent = {"card": [("mon-9:00", NONE), ("tue-9:00", NONE)]}
    check_day(
        planned(tasks(DOWN | {"delay": {"gate": "meeting"}}), **sent),
        """
        0.0 desk@east wed-9:00 wed-9:00 wed-10:10 DONE
        0.1 desk@west wed-9:00 wed-9:00 wed-10:30 DONE
        1.0 desk@east wed-9:00 wed-9:00 wed-9:58  DONE
        1.1 desk@west wed-9:00 wed-9:00 wed-10:18 DONE
        """,
    )


# ---- the work that is expected

WEEKLY = {"schedule": {"at": "9:00", "days": ["mon"]}}


def hours_found(given, weeks):
    rows = plain_rows(given)
    return (rows.groupby(["unit_base", "unit_place"])["work_s"].sum() / weeks / HOUR_S).to_dict()


def hours_expected(street):
    residents_s, tasks_s = work_s_per_week(street)
    stations = residents_s | tasks_s
    hours = {one: (residents_s.get(one, 0) + tasks_s.get(one, 0)) / HOUR_S for one in stations}
    return {one: amount for one, amount in hours.items() if amount}


def test_orders_and_checks_bring_each_unit_the_work_that_is_expected():
    """Amounts and fates are certain, so plan and expectation agree; nobody is urged by expectation."""
    step = BUREAU | {"order": ORDER, "verify": VERIFY, "factor": 1.5}
    given = street([step], matter={"kind": "task", "items": 3} | WEEKLY)
    found = hours_found(plan(given, draw_demand(given, 1, 0, 2 * WEEK_S)), 2)
    assert found == pytest.approx(hours_expected(given), rel=1e-9)


def test_what_comes_back_with_its_papers_is_expected_on_average():
    """Of 20,000 cases a year with papers that come back, to 2%."""
    steps = [
        {"unit": "counter", "present": True, "share": 1, "checks": 1},
        BUREAU | {"order": ORDER, "verify": VERIFY, "chance": 0.8},
    ]
    matter = {"rate": "200 / household / year", "papers": {"incomplete": 0.4}}
    given = street(steps, matter=matter)
    found = hours_found(plan(given, draw_demand(given, 1, 0, 52 * WEEK_S)), 52)
    assert found == pytest.approx(hours_expected(given), rel=0.02)


@pytest.mark.parametrize("saves", [0.0, 0.4])
def test_what_is_expected_of_merged_tasks_is_the_most_it_can_be(saves):
    """Of four tasks a week three are spared two fifths of half an hour in each community."""
    given = scenario(
        {"card": TASK | {"items": 4} | WEEKLY},
        {"card": [DOWN | {"merge": {"gate": "meeting", "saves": saves}}]},
        **deepcopy(HUB),
    )
    found = hours_found(plan(given, draw_demand(given, 1, 0, 2 * WEEK_S)), 2)
    assert found == pytest.approx({one: amount - 3 * saves * 0.5 for one, amount in hours_expected(given).items()})


# ---- all of it in a scenario file


@pytest.mark.usefixtures("engine")
def test_the_small_street_with_orders_runs_from_its_file():
    """Every thing that can happen does in a year and a half; all engines give these legs."""
    loaded = load(ORDERS)
    assert [path for path in loaded.written if path not in loaded.sources] == []
    given = plan(loaded.scenario, draw_demand(loaded.scenario, 7, 0, 78 * WEEK_S))
    legs = run(given.engine_input)
    pd.testing.assert_frame_equal(legs, engines.run(given.engine_input))
    assert {Kind.RESIDENT, Kind.TASK, Kind.SUPERVISION} <= set(legs["kind"])
    assert NONE in set(legs["class"])
