"""What may change in a scenario file without changing the answer, and what must change in a known way.

The files are Jinfeng's, edited as text would be, and run for four weeks: all rules of the language are in them.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runs import SCENARIOS, Ran, edited, ran, run_of, scenario

from sim.demand import MatterCases, draw_demand
from sim.structure.places import places
from sim.tables import NONE, Kind
from sim.units import WEEK_S

pytestmark = pytest.mark.usefixtures("either_engine")

BEFORE, AFTER = "jinfeng/before", "jinfeng/after"
WEEKS = 4
END_S = WEEKS * WEEK_S
LUCK = ("work", "papers", "papers show at", "patience", "time of day", "elderly", "household", "hard")
"""Some purposes for which cases have luck."""

Tree = dict[str, Any]


def by_name(made: Ran) -> pd.DataFrame:
    """The legs with the names of units and teams instead of their numbers."""
    units, teams = made.plan.units["unit"], made.plan.teams["team"]
    return made.legs.assign(unit=made.legs["unit"].map(units), team=made.legs["team"].map(teams).fillna(""))


def plainly(journeys: pd.DataFrame) -> pd.DataFrame:
    """Journeys with text instead of categories, whose order is that of declarations."""
    words = journeys.select_dtypes("category").columns
    return journeys.astype(dict.fromkeys(words, object)).reset_index(drop=True)


def assert_same(first: pd.DataFrame, second: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(first.reset_index(drop=True), second.reset_index(drop=True), check_exact=True)


def without_duties(legs: pd.DataFrame) -> pd.DataFrame:
    return legs[legs["kind"] != Kind.DUTY]


# ---- declarations


def in_reverse(*path: str) -> Callable[[Tree], None]:
    """Declare the parts of a mapping in the opposite order, in whatever file they stand."""

    def edit(tree: Tree) -> None:
        for step in path[:-1]:
            tree = tree.get(step, {})
        if path[-1] in tree:
            tree[path[-1]] = dict(reversed(tree[path[-1]].items()))

    return edit


@pytest.mark.parametrize("file", [BEFORE, AFTER])
@pytest.mark.parametrize(
    "path",
    [
        ("structure", "units"),
        ("structure", "procedures"),
        ("structure", "duties"),
        ("demand", "matters"),
        ("demand", "profiles"),
    ],
    ids=lambda path: path[-1],
)
def test_the_order_of_declarations_means_nothing(tmp_path, file, path):
    base, other = ran(file, weeks=WEEKS), run_of(edited(tmp_path, file, in_reverse(*path)), END_S)
    names, turned = (list(attrgetter(".".join(path))(made.scenario)) for made in (base, other))
    assert names == turned[::-1] != turned
    assert_same(without_duties(by_name(base)), without_duties(by_name(other)))
    assert_same(plainly(base.journeys), plainly(other.journeys))


def renamed(old: str, new: str) -> Callable[[Tree], None]:
    """Call an id something else wherever it is named."""

    def other(value: Any) -> Any:
        if isinstance(value, dict):
            return {other(key): other(part) for key, part in value.items()}
        if isinstance(value, list):
            return [other(part) for part in value]
        return new if value == old else value

    def edit(tree: Tree) -> None:
        for key, part in list(tree.items()):
            tree[key] = other(part)
        matters = tree.get("demand", {}).get("matters", {})
        if new in matters:
            matters[new]["stream"] = old

    return edit


@pytest.mark.parametrize(
    ("old", "new"), [("outside", "in-the-field"), ("community-staff", "neighbours"), ("dog-registration", "a-dog-card")]
)
def test_names_mean_nothing(tmp_path, old, new):
    """A unit, a team, and a matter that keeps its stream."""
    base, other = ran(BEFORE, weeks=WEEKS), run_of(edited(tmp_path, BEFORE, renamed(old, new)), END_S)
    assert f'"{old}"' in base.scenario.model_dump_json()
    assert f'"{old}"' not in other.scenario.model_dump_json().replace(f'"stream":"{old}"', "")
    assert_same(base.legs, other.legs)
    assert_same(plainly(base.journeys).replace({"matter": {old: new}}), plainly(other.journeys))


# ---- one more matter


CHESS = {
    "name": {"zh": "棋社活动", "en": "Chess club"},
    "category": "aaa",
    "profile": "walk-in",
    "rate": "0.3 / household / year",
    "work": {"mean": "20 min", "cv": 1.0},
    "patience": "30 min",
}
ORDER = {
    "name": {"zh": "未入清单的任务", "en": "A task that is on no list"},
    "kind": "task",
    "schedule": {"days": ["mon", "thu"], "at": "9:00"},
    "items": 5,
    "listed": 0.0,
    "work": {"mean": "3 h", "cv": 0.5},
    "community_work": {"mean": "5 h", "cv": 0.5},
}


def with_matter(matter: Tree, procedure: Tree, *, own_staff: bool = False) -> Callable[[Tree], None]:
    """Declare one more matter, before all others; perhaps with a unit and staff of its own."""

    def edit(tree: Tree) -> None:
        if "demand" in tree:
            tree["demand"]["matters"] = {"more": matter} | tree["demand"]["matters"]
        structure = tree.get("structure", {})
        if "procedures" in structure:
            structure["procedures"]["more"] = procedure
        if own_staff and "units" in structure:
            put_first(structure, "units", {"kind": "counter"})
            put_first(structure, "teams", {"size": 2, "calendar": "office", "serves": ["annex"]})
            put_first(structure["ledger"], "groups", {"n": 2})
            put_first(structure["ledger"], "posts", {"group": "annex", "team": "annex", "n": 2})

    def put_first(tree: Tree, part: str, annex: Tree) -> None:
        tree[part] = {"annex": annex} | tree[part]

    return edit


def of_matters(made: Ran) -> dict[str, MatterCases]:
    """The cases of each matter by name."""
    return dict(zip(made.scenario.demand.matters, made.demand.matters, strict=True))


def assert_same_luck(first: Ran, second: Ran) -> dict[int, int]:
    """The cases of all matters of the first run are in the second, luck and all; their numbers there by those here."""
    here, there = of_matters(first), of_matters(second)
    number: dict[int, int] = {}
    for name, cases in here.items():
        same = there[name]
        for column in ("index", "opened_s", "household"):
            assert np.array_equal(getattr(cases, column), getattr(same, column)), (name, column)
        for purpose in LUCK:
            for attempt in (0, 1):
                mine, other = (
                    first.demand.uniforms(cases, purpose, attempt),
                    second.demand.uniforms(same, purpose, attempt),
                )
                assert np.array_equal(mine, other), (name, purpose)
        number.update(zip(cases.case.tolist(), same.case.tolist(), strict=True))
    assert sorted(number.values()) == [number[case] for case in sorted(number)]
    return number


def assert_same_fate(first: Ran, second: Ran, number: dict[int, int]) -> None:
    """Everybody of the first run lives through the same in the second."""
    own = first.journeys
    assert_same(
        plainly(own.assign(case=own["case"].map(number))),
        plainly(second.journeys.loc[list(number.values())].sort_index()),
    )
    legs, others = without_duties(by_name(first)), without_duties(by_name(second))
    kept = others[others["case"].isin(number.values())]
    assert_same(legs.assign(case=legs["case"].map(number)), kept)


def test_one_more_matter_with_staff_of_its_own_changes_nothing_for_anybody(tmp_path):
    procedure = {"for": ["more"], "steps": [{"unit": "annex", "present": True, "share": 1.0}]}
    base = ran(BEFORE, weeks=WEEKS)
    other = run_of(edited(tmp_path, BEFORE, with_matter(CHESS, procedure, own_staff=True)), END_S)
    assert (other.journeys["matter"] == "more").sum() > 100
    assert_same_fate(base, other, assert_same_luck(base, other))


def test_one_more_task_that_is_refused_changes_nothing_for_anybody(tmp_path):
    procedure = {"for": ["more"], "steps": [{"unit": "desk", "each": "community", "share": 1.0, "priority": 1}]}

    def nothing_leaks(tree: Tree) -> None:
        if "rules" in tree.get("structure", {}):
            tree["structure"]["rules"]["admission"]["leakage"] = 0.0

    def both(tree: Tree) -> None:
        nothing_leaks(tree)
        with_matter(ORDER, procedure)(tree)

    base = run_of(edited(tmp_path, BEFORE, nothing_leaks), END_S)
    other = run_of(edited(tmp_path, BEFORE, both), END_S)
    assert (other.journeys.loc[other.journeys["matter"] == "more", "outcome"] == "refused").sum() == 2 * WEEKS * 5
    assert_same_fate(base, other, assert_same_luck(base, other))


def test_one_more_matter_at_the_same_counter_changes_waits_but_nobodys_luck(tmp_path):
    procedure = {"for": ["more"], "steps": [{"unit": "counter", "present": True, "share": 1.0}]}
    base = ran(BEFORE, weeks=WEEKS)
    other = run_of(edited(tmp_path, BEFORE, with_matter(CHESS, procedure)), END_S)
    number = assert_same_luck(base, other)
    assert other.journeys.loc[list(number.values()), "wait_s"].sum() > base.journeys["wait_s"].sum()


# ---- demand


def test_demand_is_nested_in_its_scale():
    """0.8 of the demand is part of all of it, and all of it part of 1.25: the same cases with the same luck."""
    given = {scale: scenario(BEFORE, {"demand.scale": scale}) for scale in (0.8, 1.0, 1.25)}
    demand = {scale: draw_demand(one, one.run.seed, 0, END_S) for scale, one in given.items()}
    n_residents = {}
    for scale, more in ((0.8, 1.0), (1.0, 1.25)):
        small, large = demand[scale], demand[more]
        n_residents[scale] = sum(len(cases.case) for cases in small.matters if cases.matter.kind != "task")
        for cases, wider in zip(small.matters, large.matters, strict=True):
            within = np.isin(wider.index, cases.index)
            assert np.array_equal(wider.index[within], cases.index)
            assert np.array_equal(wider.opened_s[within], cases.opened_s)
            assert np.array_equal(wider.household[within], cases.household)
            assert np.array_equal(large.uniforms(wider, "work")[within], small.uniforms(cases, "work"))
            if cases.matter.kind == "task":
                assert within.all()
            elif len(wider.index) > 50:
                assert not within.all()
    assert n_residents[0.8] / n_residents[1.0] == pytest.approx(0.8, abs=0.03)


def test_two_structures_face_the_same_demand():
    """Same cases, moments, homes, promises and patience; the same work where both do it in one step."""
    before, after = ran(BEFORE, weeks=WEEKS), ran(AFTER, weeks=WEEKS)
    of_people = ["case", "matter", "kind", "household", "elderly", "opened_s", "due_s", "street_travel_s"]
    cases = [made.plan.cases[made.plan.cases["kind"] != Kind.DUTY][of_people] for made in (before, after)]
    assert_same(*cases)
    at_the_door = ["stamp", "enquiry", "household-information"]
    numbers = [list(before.scenario.demand.matters).index(name) for name in at_the_door]
    chosen = cases[0].loc[cases[0]["matter"].isin(numbers), "case"]
    firsts = []
    for made in (before, after):
        rows = made.plan.engine_input.itineraries
        firsts.append(rows[(rows["row"] == 0) & rows["case"].isin(chosen)][["case", "opens_s", "work_s", "return_s"]])
    assert len(firsts[0]) == len(chosen) > 200
    assert_same(*firsts)


def test_a_longer_run_keeps_what_came_earlier():
    """Arrivals, and everything that happens before the shorter run ends."""
    short, long = ran(BEFORE, weeks=WEEKS), ran(BEFORE, weeks=WEEKS + 2)
    for cases, more in zip(short.demand.matters, long.demand.matters, strict=True):
        n = len(cases.case)
        for column in ("case", "index", "opened_s", "household"):
            assert np.array_equal(getattr(cases, column), getattr(more, column)[:n])
        assert (more.opened_s[n:] >= END_S).all()
    ended = [
        without_duties(made.legs[(made.legs["ended_s"] != NONE) & (made.legs["ended_s"] < END_S)])
        for made in (short, long)
    ]
    assert len(ended[0]) > 3000
    assert_same(*ended)


# ---- calendars


def cut(hours: int) -> Tree:
    """A week open round the clock, in periods of so many hours (the last of a day may be shorter)."""
    day = [[f"{start}:00", f"{min(start + hours, 24)}:00"] for start in range(0, 24, hours)]
    return {"week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), day)}


@pytest.mark.parametrize("hours", [1, 10, 24])
@pytest.mark.parametrize("file", ["mm1", "mm3", "patience", "priorities-interrupting", "hand-off", "rework"])
def test_a_constant_calendar_cut_into_periods_is_no_calendar(file, hours):
    """CAL-CONST: capacity does not overlap, and nothing is put back, where one period follows the other."""
    whole = ran(f"textbook/{file}", weeks=WEEKS)
    parts = ran(f"textbook/{file}", {"calendars.always": cut(hours)}, weeks=WEEKS)
    assert_same(whole.legs, parts.legs)
    if hours == 1 and file == "mm1":
        assert_same(whole.legs, ran("textbook/constant-roster", weeks=WEEKS).legs)


def test_a_day_cut_at_noon_is_the_same_day():
    halves = {"week": {day: [["9:00", "13:00"], ["13:00", "17:00"]] for day in cut(24)["week"]}}
    whole = ran("textbook/daily-calendar", weeks=WEEKS)
    assert_same(whole.legs, ran("textbook/daily-calendar", {"calendars.day": halves}, weeks=WEEKS).legs)
    lunch = {"week": {day: [["9:00", "13:00"], ["14:00", "18:00"]] for day in cut(24)["week"]}}
    assert not whole.legs.equals(ran("textbook/daily-calendar", {"calendars.day": lunch}, weeks=WEEKS).legs)


# ---- people and places


def test_other_communities_are_other_doors_for_the_same_cases():
    """Residents' rows are the same but for the place of the unit, which is that of the household."""
    unequal, equal = ran(AFTER, weeks=WEEKS), ran("jinfeng/after-equal", weeks=WEEKS)
    rows, doors, homes = [], [], []
    for made in (unequal, equal):
        table = made.plan.engine_input.itineraries
        table = table[table["kind"] == Kind.RESIDENT].reset_index(drop=True)
        household = made.plan.cases.set_index("case")["household"].loc[table["case"]].to_numpy()
        where = places(made.scenario.structure)
        each = made.plan.units["base"].map({name: unit.each for name, unit in made.scenario.structure.units.items()})
        of_community = (each.loc[table["unit"]] == "community").to_numpy()
        place = made.plan.units["place"].loc[table["unit"]].to_numpy()
        home = np.array(where.communities)[where.of("community", household)]
        assert (place[of_community] == home[of_community]).all()
        rows.append(table.assign(unit=made.plan.units["base"].loc[table["unit"]].to_numpy()))
        doors.append(place[of_community])
        homes.append(household)
    assert_same(*rows)
    assert np.array_equal(*homes)
    moved = (doors[0] != doors[1]).mean()
    assert moved == pytest.approx((1500 + 2500 + 2500) / 18000, abs=0.03)  # c2 to c1, c3 to c2, c4 to c3


def leave_days(made: Ran, team: str = "") -> list[tuple[int, int]]:
    """Half-days on which somebody of a team is away: (begins, ends), sorted; of all teams, if none is named."""
    rows = made.plan.engine_input.itineraries
    units = made.plan.units
    away = (units["kind"] == "leave") & units["unit"].str.endswith(team)
    rows = rows[rows["unit"].isin(units.index[away])]
    return sorted(zip(rows["opens_s"].tolist(), rows["ends_by_s"].tolist(), strict=True))


def test_all_people_of_the_street_keep_their_days_away_through_the_reform():
    before, after = ran(BEFORE, weeks=WEEKS), ran(AFTER, weeks=WEEKS)
    assert before.scenario.structure.ledger.groups == after.scenario.structure.ledger.groups
    assert len(leave_days(before)) > 100
    assert leave_days(before) == leave_days(after)


def test_a_person_who_moves_keeps_absences(tmp_path):
    """Three people at three posts; the first moves to the last one's, and the others move up."""

    def arranged(*order: str) -> Ran:
        def edit(tree: Tree) -> None:
            posts = tree["structure"]["ledger"]["posts"]
            tree["structure"]["ledger"]["posts"] = {key: posts[key] for key in order}
            tree["structure"]["rules"] = {"absence": {"days_per_year": 60}}

        return run_of(edited(tmp_path, "../tests/valid/tiny-before", edit), 20 * WEEK_S)

    first, moved = arranged("counter", "desk"), arranged("desk", "counter")
    days = leave_days(first, "window@east"), leave_days(first, "window@west"), leave_days(first, "office")
    assert min(len(one) for one in days) > 10
    assert days[0] != days[1] != days[2]
    assert (leave_days(moved, "office"), leave_days(moved, "window@east"), leave_days(moved, "window@west")) == days


# ---- seeds


def test_the_same_seed_gives_the_same_bytes_in_every_process(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import hashlib; from runs import ran;"
        f"print(hashlib.sha256(ran({BEFORE!r}, weeks=2).legs.to_csv().encode()).hexdigest())"
    )
    here = hashlib.sha256(run_of(scenario(BEFORE), 2 * WEEK_S).legs.to_csv().encode()).hexdigest()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(SCENARIOS.parent / "tests")],
            env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(SCENARIOS.parent)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here


def test_another_replication_or_seed_is_other_luck():
    base = ran(BEFORE, weeks=2)
    others = [ran(BEFORE, weeks=2, replication=1), ran(BEFORE, {"run.seed": 7}, weeks=2)]
    for first, second in ((base, others[0]), (base, others[1]), (others[0], others[1])):
        stamps = [set(of_matters(made)["stamp"].opened_s.tolist()) for made in (first, second)]
        assert len(stamps[0] & stamps[1]) < 0.05 * len(stamps[0])
        assert not first.legs.equals(second.legs)
