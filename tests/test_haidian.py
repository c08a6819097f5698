"""Haidian: seven steps, three loops, posted departments, the joint team, sitting in and admission are at work.

Runs are of twelve weeks from an empty street in January, mostly on the one street of five; several tests share them.
"""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from runs import SCENARIOS, Ran, ran, run_of, scenario

from sim import engines
from sim.evidence import facts
from sim.experiment.mechanisms import variants
from sim.scenario.load import tree
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario
from sim.structure.people import head_count
from sim.structure.places import places
from sim.tables import Kind, Outcome
from sim.units import DAY_S, HOUR_S, WEEK_S

WEEKS = 12
BASE, CITY, EQUAL = "five-systems/jinfeng-before", "five-systems/haidian", "five-systems/haidian-equal"
BEFORE, AFTER = "haidian/before", "haidian/after"
MECHANISMS = SCENARIOS / "experiments" / "mechanisms-haidian.yaml"
WHOLE = [BEFORE, AFTER, "haidian/after-on-the-spot", "haidian/after-one-to-one", CITY, EQUAL]
POSTED = {"posted-enforcement", "posted-social", "posted-environment", "posted-statistics"}
TWO_DAYS_S = 2 * DAY_S
FRIDAY_EVENING_S = 4 * DAY_S + 17 * HOUR_S
THURSDAY_MORNING_S = 3 * DAY_S + 9 * HOUR_S


@pytest.fixture(scope="module")
def city() -> Ran:
    return ran(CITY, weeks=WEEKS)


def stays_of(given: Ran, *matters: str, closed: bool = False) -> pd.DataFrame:
    """Stays that were reached, in order, of cases of some matters that nobody told of by a call."""
    chosen = given.journeys[given.journeys["matter"].isin(matters) & (given.journeys["found_by"] != "hotline")]
    if closed:
        chosen = chosen[chosen["outcome"] == "closed"]
    table = given.stays.merge(chosen[["matter"]], left_on="case", right_index=True)
    return table[table["joined_s"].between(0, WEEKS * WEEK_S - 2)].sort_values(["case", "joined_s", "row"])


def heads(given: Scenario) -> int:
    """People in street and community teams and in enforcement, without the departments' and the district's desks."""
    apart = ("department-staff", "district-staff")
    return sum(group.n for name, group in given.structure.ledger.groups.items() if name not in apart)


# ---- seven steps, three loops


def test_a_case_of_the_grid_is_filed_dispatched_reported_verified_and_appraised_by_the_sub_centre(city):
    """Collection, file, order, handling, report, check, appraisal: the commonest way of all."""
    sequence = stays_of(city, "grid-problem", closed=True).groupby("case")["base"].agg(" ".join)
    commonest = sequence.value_counts().index[0]
    assert commonest == "outside sub-centre sub-centre outside sub-centre sub-centre sub-centre"


def test_no_case_is_closed_without_verification():
    """If nothing is ever settled and every check finds it, all is handled four times, and nobody has to ask again."""
    certain = {"value": 1.0, "choice": "a test"}
    failing = {
        f"structure.procedures.{name}.steps.{step}.verify.finds": certain
        for name, step in (("grid", 2), ("grid", 3), ("grid", 4), ("enforcement", 2), ("enforcement", 3))
    } | {f"demand.matters.{matter}.unsettled.chance": certain for matter in ("grid-problem", "enforcement-problem")}
    given = ran(CITY, failing, weeks=WEEKS)
    for matter, unit, times in (("grid-problem", "outside", 1 + 4), ("enforcement-problem", "posted-enforcement", 4)):
        done = (
            stays_of(given, matter, closed=True)
            .query(f"outcome == {Outcome.DONE.value}")
            .groupby("case")["base"]
            .agg(list)
        )
        assert len(done) > 50
        assert {bases.count(unit) for bases in done} == {times}
        assert min(bases.count("sub-centre") for bases in done) == 1 + 1 + 1 + 4 + 1
        assert not given.journeys.loc[done.index, "reopened"].any()


def test_before_somebody_had_to_ask_again_for_what_verification_finds_now(city):
    """The same cases are unsettled; of those the street is told of by its own people most are found before closing."""
    base = ran(BASE, weeks=WEEKS)
    both = [
        given.journeys[given.journeys["channel"].isin(["grid", "hotline"]) & (given.journeys["outcome"] == "closed")]
        for given in (base, city)
    ]
    cases = both[0].index.intersection(both[1].index)
    assert len(cases) > 500
    was, now = (table.loc[cases] for table in both)
    assert was["unsettled"].equals(now["unsettled"])
    assert 0.1 < (was["unsettled"] > 0).mean() < 0.25
    assert (was["reopened"] == was["unsettled"]).all()
    assert 0 < now["reopened"].sum() < 0.2 * was["reopened"].sum()


def test_what_the_community_cannot_do_is_done_by_the_posted_and_before_by_the_street(city):
    """The same cases go up, by the same luck."""
    base = ran(BASE, weeks=WEEKS)
    for matter, posted in (("grid-problem", "posted-environment"), ("social-concern", "posted-social")):
        above = {}
        for given, unit in ((city, posted), (base, "street-outside")):
            found = stays_of(given, matter, closed=True)
            above[unit] = found["case"].unique(), found.loc[found["base"] == unit, "case"].unique()
        both = set(above[posted][0]) & set(above["street-outside"][0])
        assert len(both) > 50
        assert both & set(above[posted][1]) == both & set(above["street-outside"][1]) != set()
        assert "street-outside" not in set(stays_of(city, matter)["base"])


def test_only_what_is_beyond_the_street_reaches_the_district_and_before_every_case_does(city):
    found = stays_of(city, "grid-problem", closed=True).groupby("case")["base"].agg(set)
    great = found[found.map(lambda bases: "district-centre" in bases)]
    assert 0 < len(great) < len(found) / 4
    assert all("department" in bases for bases in great)
    base = ran(BEFORE, weeks=WEEKS)
    before = stays_of(base, "grid-problem", closed=True).groupby("case")["base"].agg(list)
    assert len(before) > 50
    passed = before.map(lambda bases: bases.count("district-centre"))
    assert (passed == 2 * (1 + base.journeys.loc[before.index, "reopened"])).all()


def test_an_order_not_begun_after_two_days_is_urged(city):
    """Supervision begins two days, to the second, after something of the case joined its queue."""
    names = list(city.scenario.demand.matters)
    matters = city.plan.cases.set_index("case")["matter"]
    legs = city.legs[city.legs["kind"].isin((Kind.SUPERVISION, Kind.RESIDENT))].copy()
    grid = legs["case"].map(matters).isin([names.index("grid-problem"), names.index("enforcement-problem")])
    urging = legs[grid & (legs["kind"] == Kind.SUPERVISION)]
    assert len(urging) > 5
    joined = set(zip(legs["case"], legs["joined_s"], strict=True))
    assert all((leg.case, leg.joined_s - TWO_DAYS_S) in joined for leg in urging.itertuples())


# ---- departments' people, the joint team, sitting in


def test_enforcement_is_the_posted_peoples_and_only_complex_matters_are_the_joint_teams(city):
    ordinary = stays_of(city, "enforcement-problem")
    assert "posted-enforcement" in set(ordinary["base"])
    assert "joint-team" not in set(ordinary["base"])
    matters = city.journeys.loc[city.stays.loc[city.stays["base"] == "joint-team", "case"], "matter"]
    assert set(matters) == {"complex-problem", "urgent-complex-problem"}


def test_departments_agree_when_their_heads_sit_in_every_other_week_and_at_once_if_it_is_urgent(city):
    settled = stays_of(city, "complex-problem")
    settled = settled[settled["base"] == "department"]
    assert len(settled) > 3
    assert set(settled["joined_s"] % (2 * WEEK_S)) == {THURSDAY_MORNING_S}
    urgent = stays_of(city, "urgent-complex-problem")
    assert not set(urgent.loc[urgent["base"] == "department", "joined_s"] % WEEK_S) <= {THURSDAY_MORNING_S}


def test_the_posted_statistician_sums_up_the_weekly_reports(city):
    served = city.stays[city.stays["base"] == "posted-statistics"]
    assert len(served) > 20
    assert set(city.journeys.loc[served["case"], "matter"]) == {"weekly-report"}


def test_rounds_of_the_posted_find_problems_sooner(city):
    """Without them nothing is found sooner, and some later."""
    off = {f"structure.discovery.patrols.{name}": None for name in ("enforcement", "environment")}
    less = run_of(scenario(CITY, off), WEEKS * WEEK_S).plan.cases.set_index("case")["found_s"]
    more = city.plan.cases.set_index("case")["found_s"]
    found = less >= 0
    assert (more[found] >= 0).all()
    assert (more[found] <= less[found]).all()
    assert (more[found] < less[found]).sum() > 20


# ---- admission


def test_campaigns_wait_for_the_districts_meeting_and_recurring_tasks_do_not(city):
    campaigns = stays_of(city, "quarterly-inspection").groupby("case")["joined_s"].min()
    assert len(campaigns) > 5
    assert set(campaigns % WEEK_S) == {FRIDAY_EVENING_S}
    reports = stays_of(city, "weekly-report").groupby("case")["joined_s"].min()
    assert FRIDAY_EVENING_S not in set(reports % WEEK_S)


def test_fewer_unlisted_tasks_come_down(city):
    refused = [(given.journeys["outcome"] == "refused").mean() for given in (city, ran(BASE, weeks=WEEKS))]
    assert refused[0] > refused[1] > 0


# ---- people


def test_thirteen_people_more_or_as_many_as_before():
    posted = scenario(CITY).structure.ledger.groups["posted-staff"].n
    assert posted == int(facts()["hd_departments"].value)
    assert (heads(scenario(BASE)), heads(scenario(EQUAL)), heads(scenario(CITY))) == (96, 96, 96 + posted)
    assert heads(scenario(AFTER)) == heads(scenario(BEFORE)) + posted


def test_where_nobody_is_added_the_posts_in_the_grids_are_filled_all_the_same():
    for file in (CITY, EQUAL):
        posts = scenario(file).structure.ledger.posts.values()
        assert sum(post.n for post in posts if post.team in POSTED) == int(facts()["hd_departments"].value)
    base, equal = (head_count(given.structure, places(given.structure)) for given in map(scenario, (BASE, EQUAL)))
    assert (base.payroll, base.elected, base.government_work) == (equal.payroll, equal.elected, equal.government_work)


def test_three_intake_bodies_are_one_pool_of_the_same_people():
    before, after = scenario(BEFORE).structure.teams, scenario(AFTER).structure.teams
    bodies = [before[name].size for name in ("calls", "public-order", "urban-management")]
    assert len(bodies) == int(facts()["hd_street_merge"].value)
    assert sum(bodies) == after["sub-centre"].size
    others = set(before) & set(after)
    assert {name: before[name].size for name in others} == {name: after[name].size for name in others}


# ---- counter matters, mechanisms, engines


def test_counter_matters_are_as_before_the_reform():
    """The source does not touch them: the same steps, but for the names of the sections."""
    before, after = (scenario(file).structure.procedures for file in (BASE, CITY))
    for name in ("at-the-community", "three-tiers", "street-hall", "street-and-department"):
        assert (before[name].matters, before[name].steps) == (after[name].matters, after[name].steps)


@cache
def without() -> dict[str, Scenario]:
    found = variants(read_file(MECHANISMS, str(MECHANISMS), []), {"five-haidian": tree(SCENARIOS / f"{CITY}.yaml")})
    return {mechanism: loaded.scenario for _, mechanism, loaded in found}


def test_a_mechanism_is_switched_off_with_the_same_people_and_the_same_demand():
    whole = without()[""]
    for mechanism, left in without().items():
        assert left.structure.ledger.groups == whole.structure.ledger.groups, mechanism
        assert (left.demand, left.place, left.structure.communities) == (
            whole.demand,
            whole.place,
            whole.structure.communities,
        )


def test_what_takes_a_mechanisms_place_is_what_the_street_had_before():
    before, left = scenario(BASE).structure, without()
    assert left["admission"].structure.rules.admission == before.rules.admission
    own, theirs = (given.procedures["hotline"].steps[1] for given in (left["real-names"].structure, before))
    assert own.chance == theirs.chance
    handed_over = (
        before.procedures["enforcement"].steps[3],
        left["posting"].structure.procedures["enforcement"].steps[2],
    )
    assert handed_over[0].delay == handed_over[1].delay
    steps = left["sitting-in"].structure.procedures["several-departments"].steps
    assert steps[2:5] == before.procedures["several-departments"].steps[2:5]


@pytest.mark.slow
@pytest.mark.parametrize("file", WHOLE)
def test_both_engines_write_the_same_legs(file):
    given = run_of(scenario(file), 4 * WEEK_S)
    assert engines.run(given.plan.engine_input).equals(engines.run(given.plan.engine_input, "simpy"))


@pytest.mark.slow
def test_without_any_one_mechanism_both_engines_write_the_same_legs():
    for mechanism, left in without().items():
        given = run_of(left, 2 * WEEK_S)
        assert engines.run(given.plan.engine_input).equals(engines.run(given.plan.engine_input, "simpy")), mechanism
