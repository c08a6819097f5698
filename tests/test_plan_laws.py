"""What must hold of any plan: the table is sound, every row can be reached, and no join is left half full.

*Joins.* ``n_before`` says how many of the ways into a row happen together: the branches of a fork do, the alternatives
beside a row (hurried, overflowed) exclude each other. So the law is a game: every case is played through, each row
that has been reached ends in one of the ways it may, and counts where it leads. If nobody gives up, a row is led to by
exactly ``n_before`` of them or by none at all; if somebody does, by no more than that. A complaint is begun once a
case, by the first of all that may lead to it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_street import scenario

from sim import scenario as scenarios
from sim.demand import draw_demand
from sim.facesheet import plain_rows
from sim.itineraries import plan
from sim.scenario.expected_work import work_s_per_week
from sim.tables import BEARERS, CASES, ITINERARIES, NONE, Kind, Plan, Ready
from sim.units import HOUR_S, WEEK_S

JINFENG = Path(__file__).parents[1] / "scenarios" / "jinfeng"
LINKS = ("next_done", "next_limit", "next_deadline", "next_gave_up", "also")
N_PLAYS = 4


class Rows:
    """The columns of a plan's itineraries, and for each row the positions it leads to (its own for none)."""

    def __init__(self, made: Plan) -> None:
        self.column = {name: made.engine_input.itineraries[name].to_numpy() for name in ITINERARIES}
        self.n = len(self.column["case"])
        self.first = np.searchsorted(self.column["case"], self.column["case"])
        self.is_first = self.column["row"] == 0

    def leads_to(self, link: str) -> np.ndarray:
        """Positions of the rows that a link names, the row's own where it names none."""
        named = self.column[link]
        return np.where(named == NONE, np.arange(self.n), self.first + named)


def check_table(made: Plan) -> None:
    """Sorted, all codes known, first rows and no others have an opening, links stay inside their case."""
    rows = Rows(made)
    column = rows.column
    order = np.lexsort((column["row"], column["case"]))
    assert (order == np.arange(rows.n)).all()
    assert (column["row"] == np.arange(rows.n) - rows.first).all()
    assert np.isin(column["case"], made.cases["case"]).all()
    assert (column["work_s"] >= 1).all()
    assert (column["class"] >= NONE).all()
    check_lying(rows)
    assert np.isin(column["kind"], [int(kind) for kind in Kind]).all()
    assert np.isin(column["ready_kind"], [int(kind) for kind in Ready]).all()
    assert ((column["unit"] >= 0) & (column["unit"] < len(made.units))).all()
    for kind, n in ((Ready.WORKING, made.engine_input.calendars["calendar"].nunique()), (Ready.GATE, 99)):
        mine = column["ready_kind"] == kind
        assert ((column["ready_at"][mine] >= 0) & (column["ready_at"][mine] < n)).all()
    plain = np.isin(column["ready_kind"], (Ready.WALL, Ready.NEXT_OPEN_DAY))
    assert (column["ready_at"][plain] == NONE).all()
    assert (column["ready_s"] >= 0).all()
    assert (column["own_s"] <= column["ready_s"]).all()
    assert (column["seemed_s"] <= column["ready_s"]).all()
    assert ((column["n_before"] == 0) == rows.is_first).all()
    assert ((column["opens_s"] == NONE) == (column["n_before"] > 0)).all()
    assert (column["opens_s"] < made.engine_input.end_s).all()
    size = np.bincount(rows.first, minlength=rows.n)[rows.first]
    for link in LINKS:
        assert ((column[link] >= NONE) & (column[link] < size)).all()
        own = (column[link] == column["row"]) & (link != "next_limit")
        assert not own.any()
    for link, at in (("next_limit", "limit_s"), ("next_deadline", "deadline_at_s")):
        assert (column[at][column[link] != NONE] != NONE).all()
    check_visits(rows)
    assert set(made.undone["bearer"]) <= set(range(len(BEARERS)))
    assert (made.undone["work_s"] >= 0).all()


def check_visits(rows: Rows) -> None:
    """Somebody stands there on a visit only, and the visits of a case are numbered 1, 2, 3 without a gap."""
    column = rows.column
    assert ((column["visit"] > 0) == (column["present"] == 1)).all()
    assert (column["kind"][column["present"] == 1] == Kind.RESIDENT).all()
    here = column["visit"] > 0
    distinct = np.unique(np.column_stack((column["case"][here], column["visit"][here])), axis=0)
    starts = np.searchsorted(distinct[:, 0], distinct[:, 0])
    assert (distinct[:, 1] == np.arange(len(distinct)) - starts + 1).all()


def check_lying(rows: Rows) -> None:
    """Only work on residents' cases lies, where nobody stands; not for ever, and not twice before it is taken up."""
    lies = rows.column["class"] == NONE
    assert (rows.column["kind"][lies] == Kind.RESIDENT).all()
    assert (rows.column["present"][lies] == 0).all()
    assert (rows.column["limit_s"][lies] > 0).all()
    assert (rows.column["next_limit"][lies] != NONE).all()
    for link in ("next_limit", "next_deadline"):
        after = rows.leads_to(link)[lies & (rows.column[link] != NONE)]
        assert (rows.column["class"][after] != NONE).all()


def check_reachable(made: Plan) -> None:
    """Every row can be reached from the first of its case."""
    rows = Rows(made)
    targets = [rows.leads_to(link) for link in LINKS]
    reached = rows.is_first.copy()
    while True:
        before = reached.sum()
        for target in targets:
            reached[target[reached]] = True
        if reached.sum() == before:
            break
    assert reached.all()


def check_joins(made: Plan, luck: np.random.Generator, *, may_give_up: bool) -> None:
    """One play of every case; see the head of this file."""
    rows = Rows(made)
    column = rows.column
    n_arrived = np.zeros(rows.n, dtype=np.int64)
    is_complaint = column["kind"] == Kind.COMPLAINT
    for number in range(1 + column["row"].max(initial=-1)):
        now = np.flatnonzero((column["row"] == number) & ((n_arrived > 0) | rows.is_first))
        ways = _ways_out(rows, now, may_give_up=may_give_up)
        chosen = ways[luck.integers(0, len(ways), len(now)), np.arange(len(now))]
        for target in (chosen, rows.leads_to("also")[now]):
            np.add.at(n_arrived, target[target != now], 1)
    assert (column["n_before"][is_complaint] == 1).all()
    course = (n_arrived > 0) & ~is_complaint
    assert (n_arrived[course] <= column["n_before"][course]).all()
    if not may_give_up:
        assert (n_arrived[course] == column["n_before"][course]).all()


def _ways_out(rows: Rows, now: np.ndarray, *, may_give_up: bool) -> np.ndarray:
    """Where some rows may lead when they end, a line a way; rows without that way take the usual one instead."""
    done = rows.leads_to("next_done")[now]
    ways = [done]
    for link in ("next_limit", "next_deadline", *(["next_gave_up"] if may_give_up else [])):
        other = rows.leads_to(link)[now]
        ways.append(np.where(other == now, done, other))
    if may_give_up:
        leaves = (rows.column["present"][now] == 1) & (rows.column["next_gave_up"][now] == NONE)
        ways.append(np.where(leaves, now, done))
    return np.array(ways)


def check_laws(made: Plan) -> None:
    """All laws of a plan."""
    assert list(made.engine_input.itineraries.columns) == list(ITINERARIES)
    assert list(made.cases.columns) == list(CASES)
    assert made.cases["case"].tolist() == list(range(len(made.cases)))
    check_table(made)
    check_reachable(made)
    luck = np.random.default_rng(1)
    for play in range(N_PLAYS):
        check_joins(made, luck, may_give_up=play % 2 == 1)


# ---- plans

AMOUNTS = st.sampled_from(["10 min", "2 h", {"mean": "20 min", "cv": 1.0}])
SHARES = st.sampled_from([0.0, 0.3, 1.0])
UNITS = st.sampled_from(
    ["counter", "desk", "hall", "section", "bureau", ["section", "bureau"], {"a": "hall", "other": "desk"}]
)
STREET_UNITS = st.sampled_from(["hall", "section", ["section", "bureau"]])
DELAYS = st.sampled_from(
    [{}, {"mean": "3 h"}, {"mean": "2 working days"}, {"gate": "bag"}, {"mean": "2 days", "cv": 0.5}]
)
OVERDUE = st.none() | st.builds(lambda share: {"work_share": share}, SHARES)
ORDER = st.none() | st.builds(
    lambda report: {
        "by": "hall",
        "work": "5 min",
        "within": "1 days",
        "urged": {"priority": 0, "work": "3 min"},
        "report": report,
    },
    st.sampled_from([None, {"work": {"mean": "4 min", "cv": 1.0}}]),
)
VERIFY = st.none() | st.builds(
    lambda finds: {"unit": "hall", "work": "6 min", "finds": finds},
    SHARES,
)
UNSETTLED = st.none() | st.builds(
    lambda chance, again, most: {
        "chance": chance,
        "chance_again": again,
        "again_share": 0.5,
        "noticed": {"mean": "2 days", "cv": 1.0},
        "most": most,
    },
    SHARES,
    st.none() | SHARES,
    st.integers(1, 3),
)
LIES = st.sampled_from(["2 h", "1 days", {"mean": "2 days", "cv": 1.0}])
NEGLECT = st.none() | st.builds(lambda chance, lies: {"chance": chance, "lies": lies}, SHARES, LIES)
MERGE = st.none() | st.builds(lambda saves: {"gate": "bag", "saves": saves}, SHARES)


@st.composite
def resident_steps(draw):
    step = {
        "unit": draw(UNITS),
        "share": draw(SHARES),
        "chance": draw(st.sampled_from([1.0, 1.0, 0.5])),
        "delay": draw(DELAYS),
        "checks": draw(st.integers(0, 3)),
        "hard_returns": draw(SHARES),
        "return_delay": "1 days",
        "present": draw(st.booleans()),
    }
    if step["present"]:
        step["visit"] = draw(st.sampled_from(["same", "new"]))
        if draw(st.booleans()):
            step["wrong_door"] = {
                "chance": draw(SHARES),
                "among": ["hall", "counter"],
                "work": "2 min",
                "walk": "5 min",
            }
        if draw(st.booleans()):
            step["overflow"] = {"after": "15 min", "unit": "hall"}
        if draw(st.booleans()):
            step["proxy"] = {"chance": draw(SHARES), "unit": "desk", "work": "5 min"}
    else:
        step |= {"overdue": draw(OVERDUE), "order": draw(ORDER), "verify": draw(VERIFY)}
    return step


@st.composite
def task_steps(draw):
    common = {
        "share": draw(SHARES),
        "overdue": draw(OVERDUE),
        "chance": draw(st.sampled_from([1.0, 1.0, 0.5])),
        "delay": draw(DELAYS),
    }
    if draw(st.booleans()):
        return common | {"unit": "desk", "each": "community", "merge": draw(MERGE)}
    return common | {"unit": draw(STREET_UNITS), "order": draw(ORDER), "verify": draw(VERIFY)}


@st.composite
def streets(draw):
    card = {
        "rate": "4 / day",
        "category": draw(st.sampled_from(["a", "b"])),
        "work": draw(AMOUNTS),
        "hard": draw(SHARES),
        "tries": draw(st.integers(0, 2)),
        "complains": draw(SHARES),
        "patience": draw(st.none() | AMOUNTS),
        "limit": draw(st.sampled_from([None, "3 working days", "2 days"])),
    }
    if draw(st.booleans()):
        card["papers"] = {
            "incomplete": draw(SHARES),
            "incomplete_again": draw(SHARES),
            "most_returns": draw(st.integers(0, 3)),
            "shows_at": draw(st.sampled_from([(1.0, 0.0, 0.0), (0.2, 0.3, 0.5)])),
            "own_delay": {"mean": "2 days", "cv": 1.0},
        }
    card["unsettled"] = draw(UNSETTLED)
    report = {
        "kind": "task",
        "rate": "2 / day",
        "items": draw(st.integers(1, 3)),
        "listed": draw(SHARES),
        "community_work": draw(st.none() | AMOUNTS),
        "household_work": draw(st.none() | AMOUNTS),
        "work": draw(AMOUNTS),
        "limit": draw(st.sampled_from([None, "3 working days"])),
    }
    return scenario(
        {"card": card, "report": report},
        {
            "card": draw(st.lists(resident_steps(), min_size=1, max_size=5)),
            "report": draw(st.lists(task_steps(), min_size=1, max_size=4)),
            "complaint": [{"unit": "section", "work": "9 min"}, {"unit": ["section", "bureau"]}],
        },
        gates={"bag": {"days": ["tue", "fri"], "at": "15:00"}},
        rules={
            "complaints": draw(st.sampled_from(["complaint", None])),
            "admission": {
                "leakage": draw(SHARES),
                "bearer": draw(st.sampled_from(BEARERS)),
                "community": draw(st.none() | st.builds(lambda leakage: {"leakage": leakage}, SHARES)),
                "follow": draw(st.none() | st.builds(lambda share: {"share": share}, SHARES)),
            },
            "absence": {"days_per_year": 25.0},
            "neglect": draw(NEGLECT),
        },
        duties={
            "meeting": {"team": "office", "rhythm": {"days": ["mon"], "at": "9:00"}, "length": "2 h"},
            "patrol": {
                "team": "station",
                "kind": "field",
                "people": 1,
                "by_clock": False,
                "length": "3 h",
                "for_each": draw(st.sampled_from([None, "community"])),
                "rhythm": {"at": ["9:00", "14:00"]},
            },
        },
        ledger={"groups": {"staff": {"n": 2}}, "posts": {"office": {"group": "staff", "team": "office", "n": 2}}},
    )


@settings(max_examples=60, deadline=None)
@given(streets(), st.integers(0, 100))
def test_any_plan_of_the_small_street_keeps_the_laws(street, seed):
    check_laws(plan(street, draw_demand(street, seed, 0, 2 * WEEK_S)))


@cache
def jinfeng(name):
    """Eight weeks of one of the shipped scenarios."""
    street = scenarios.load(JINFENG / f"{name}.yaml").scenario
    return plan(street, draw_demand(street, 1, 0, 8 * WEEK_S))


FIVE = ("mentougou", "qingdao", "haidian", "shanghai")


@pytest.mark.parametrize(
    "name", ["before", "after", "before-same-people", *(f"../five-systems/{system}" for system in FIVE)]
)
def test_plans_of_shipped_streets_keep_the_laws(name):
    check_laws(jinfeng(name))


def test_every_kind_of_row_and_link_occurs_in_shipped_streets():
    """So that the laws are about something: rows of all kinds, ready in all ways, leading on by all links."""
    names = ("before", "after", "../five-systems/mentougou")
    rows = pd.concat([jinfeng(name).engine_input.itineraries for name in names])
    assert set(rows["kind"]) == set(Kind)
    assert set(rows["ready_kind"]) == {int(way) for way in Ready}
    assert [link for link in LINKS if (rows[link] == NONE).all()] == []
    assert (rows["n_before"] > 1).any()


# ---- the work that the checks of a scenario expect


def work_h_per_week(made: Plan, weeks: int) -> dict[tuple[str, str], float]:
    """Hours of cases' work a week at each unit in each place, along the plain way."""
    rows = plain_rows(made)
    rows = rows[rows["kind"].isin([Kind.RESIDENT, Kind.TASK])]
    return (rows.groupby(["unit_base", "unit_place"])["work_s"].sum() / weeks / HOUR_S).to_dict()


@pytest.mark.parametrize("bearer", BEARERS)
@pytest.mark.parametrize("leakage", [0.0, 1.0])
def test_a_task_brings_each_unit_the_work_that_is_expected_of_it(bearer, leakage):
    """Amounts are certain and half of the items listed, so plan and expectation agree to the rounding of seconds."""
    report = {
        "kind": "task",
        "schedule": {"days": ["mon"], "at": "9:00"},
        "items": 4,
        "listed": 0.5,
        "work": "61 min",
        "community_work": "31 min",
        "household_work": "103 min",
        "hard": 1.0,
    }
    added = {"work": "7 min", "factor": 1.5, "hard_factor": 1.2}
    street = scenario(
        {"report": report},
        {
            "report": [
                {"unit": "desk", "each": "community", "share": 0.5} | added,
                {"unit": "section", "share": 0.7} | added,
            ]
        },
        demand={"task_scale": 2.0},
        rules={"admission": {"leakage": leakage, "bearer": bearer}},
    )
    found = work_h_per_week(plan(street, draw_demand(street, 1, 0, 2 * WEEK_S)), 2)
    _, expected_s = work_s_per_week(street)
    expected = {station: work_s / HOUR_S for station, work_s in expected_s.items() if work_s}
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_year_of_jinfeng_brings_the_work_that_is_expected():
    """Of residents and of tasks, to 2%; at each desk with more than two hours a week, to 15%."""
    street = scenarios.load(JINFENG / "after.yaml").scenario
    found = work_h_per_week(plan(street, draw_demand(street, 1, 0, 52 * WEEK_S)), 52)
    residents_s, tasks_s = work_s_per_week(street)
    expected = {
        station: (residents_s.get(station, 0) + tasks_s.get(station, 0)) / HOUR_S for station in residents_s | tasks_s
    }
    assert sum(found.values()) == pytest.approx(sum(expected.values()), rel=0.02)
    busy = {station: hours for station, hours in expected.items() if hours > 2}
    assert {station: found[station] for station in busy} == pytest.approx(busy, rel=0.15)
