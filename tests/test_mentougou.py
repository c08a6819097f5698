"""Mentougou's seven centres: that the gates, the hub, field days, the joint team and the conference are at work."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from runs import SCENARIOS, Ran, ran, run_of, scenario

from sim import engines
from sim.evidence import facts
from sim.experiment.mechanisms import variants
from sim.scenario.load import tree
from sim.scenario.reading import read_file
from sim.structure.people import head_count
from sim.structure.places import places
from sim.tables import NONE, Kind
from sim.units import DAY_S, HOUR_S, WEEK_S

CITY = "five-systems/mentougou"
BASE = "five-systems/jinfeng-before"
CENTRES = ("hub", "health", "culture", "affairs", "city", "mobilisation", "security")
WEEKS = 15
THURSDAY_NOON_S = 3 * DAY_S + 12 * HOUR_S
THURSDAY_EVENING_S = 3 * DAY_S + 18 * HOUR_S
WEDNESDAY_NOON_S = 2 * DAY_S + 12 * HOUR_S
COMMUNITY = ("desk", "outside")


@pytest.fixture(scope="module")
def city() -> Ran:
    return ran(CITY, weeks=WEEKS)


@pytest.fixture(scope="module")
def base() -> Ran:
    return ran(BASE, weeks=WEEKS)


def stays_of(given: Ran, *matters: str) -> pd.DataFrame:
    """Stays of cases of some matters, with the matter: of cases not told by a call, before the end."""
    chosen = given.journeys[given.journeys["matter"].isin(matters) & (given.journeys["found_by"] != "hotline")]
    table = given.stays.merge(chosen[["matter"]], left_on="case", right_index=True)
    return table[table["joined_s"].between(0, WEEKS * WEEK_S - 2)]


# ---- the three gates


def test_nothing_reaches_communities_but_from_the_weekly_meeting(city):
    down = stays_of(city, "weekly-report", "monthly-ledger", "quarterly-inspection")
    down = down[down["base"].isin(COMMUNITY)]
    assert set(down["matter"]) == {"weekly-report", "monthly-ledger", "quarterly-inspection"}
    assert set(down["joined_s"] % WEEK_S) == {THURSDAY_EVENING_S}


def test_urgent_tasks_wait_for_no_meeting_of_the_week(city):
    down = stays_of(city, "ad-hoc-task")
    down = down[down["base"] == "outside"]
    assert (down["joined_s"] % WEEK_S).nunique() > 3
    assert THURSDAY_EVENING_S not in set(down["joined_s"] % WEEK_S)


def test_before_that_the_work_committee_studies_each_task(city):
    studied = stays_of(city, "weekly-report", "monthly-ledger", "quarterly-inspection")
    studied = studied[studied["base"] == "leaders"]
    assert len(studied) > 50
    assert set(studied["joined_s"] % WEEK_S) == {THURSDAY_NOON_S}


def test_before_the_reform_tasks_fall_through_as_sections_pass_them_on():
    given = ran("mentougou/before", weeks=WEEKS)
    down = stays_of(given, "weekly-report", "monthly-ledger")
    assert (down[down["base"] == "desk"]["joined_s"] % WEEK_S).nunique() > 50
    assert not (given.journeys["outcome"] == "refused").any()


def test_merged_tasks_take_less_of_communities_than_one_by_one(city):
    """The same tasks without ``merge``: each task's work is as much or more, and in all it is more."""
    apart = ran(
        CITY,
        {f"structure.procedures.{name}.steps.3.merge.saves": 0.0 for name in ("tasks", "tasks-outside")},
        weeks=WEEKS,
    )
    merged_s, apart_s = (
        given.plan.engine_input.itineraries.loc[lambda rows: rows["kind"] == Kind.TASK, "work_s"].to_numpy()
        for given in (city, apart)
    )
    assert (merged_s <= apart_s).all()
    assert merged_s.sum() < 0.99 * apart_s.sum()


# ---- the hub


def test_each_task_is_registered_ordered_and_reported_at_the_hub(city):
    stays = stays_of(city, "weekly-report")
    closed = city.journeys.index[city.journeys["outcome"] == "closed"]
    at_hub = stays[stays["case"].isin(closed) & (stays["base"] == "hub-desk")].groupby("case").size()
    assert set(at_hub) == {5}  # the request, two orders, a report, the report upward


def test_an_order_not_begun_in_its_time_is_urged(city):
    """Whichever community has not begun a hotline order after two days: the hub supervises it."""
    rows = city.plan.engine_input.itineraries
    supervised = set(city.legs.loc[city.legs["kind"] == Kind.SUPERVISION, "case"])
    orders = rows.loc[(rows["limit_s"] == 2 * DAY_S) & (rows["kind"] == Kind.RESIDENT), ["case", "row"]]
    legs = city.legs.merge(orders, on=["case", "row"])
    waited_s = np.where(legs["started_s"] == NONE, legs["ended_s"], legs["started_s"]) - legs["joined_s"]
    late = legs[waited_s >= 2 * DAY_S]
    in_time = legs[legs["started_s"] != NONE]
    assert len(in_time) > 100
    assert len(late)
    assert set(late["case"]) <= supervised
    assert (waited_s <= 2 * DAY_S).all()


# ---- enforcement, several departments


def test_the_joint_team_acts_without_handing_over(city, base):
    for given, above in ((city, set()), (base, {"district-field"})):
        stays = stays_of(given, "enforcement-problem")
        levels = {name: unit.level for name, unit in given.scenario.structure.units.items()}
        assert {unit for unit in stays["base"] if levels[unit] == "department"} == above
    ours, theirs = (
        given.journeys.loc[
            (given.journeys["matter"] == "enforcement-problem") & (given.journeys["outcome"] == "closed")
        ]
        for given in (city, base)
    )
    assert (ours["closed_s"] - ours["found_s"]).mean() < (theirs["closed_s"] - theirs["found_s"]).mean() - 2 * DAY_S


def test_matters_of_several_departments_wait_for_the_quarter_and_urgent_ones_do_not(city):
    quarterly, at_once = (
        stays.loc[stays["base"] == "department", "joined_s"]
        for stays in (stays_of(city, "complex-problem"), stays_of(city, "urgent-complex-problem"))
    )
    assert set(quarterly) == {13 * WEEK_S + WEDNESDAY_NOON_S}
    assert at_once.nunique() == len(at_once) > 1


# ---- what the source counts


def test_counts_are_those_of_the_source():
    """Seven centres, six of them ordered about by the hub; three field days; a weekly and a quarterly meeting."""
    given = scenario("mentougou/after")
    structure = given.structure
    met = {name.removeprefix("weekly-") for name in structure.duties if name.startswith("weekly-")}
    counted = {
        "mt_centres": len(CENTRES),
        "mt_hub": len(met - {"hub"}),
        "mt_weekly_meeting": len(given.gates["weekly-meeting"].days),
        "mt_quarterly": 13 / given.gates["quarterly-conference"].every_weeks,
        "mt_field_days": len(structure.duties["field-hub"].rhythm.days),
        "mt_joint_team": sum("joint-field" in team.serves for team in structure.teams.values()),
    }
    assert met == set(CENTRES)
    assert counted == {name: float(facts()[name].value) for name in counted}


# ---- field days, hall, proxies, people


@pytest.mark.parametrize("file", ["mentougou/after", CITY])
def test_each_centre_is_out_three_days_and_never_empty(file):
    structure = scenario(file).structure
    for centre in CENTRES:
        duty, size = structure.duties[f"field-{centre}"], structure.teams[centre].size
        assert len(duty.rhythm.days) == 3
        assert size / 2 - 1 < int(duty.people) <= size / 2
    days = Counter(day for centre in CENTRES for day in structure.duties[f"field-{centre}"].rhythm.days)
    assert max(days.values()) < len(CENTRES)  # staggered


def test_in_the_other_reading_three_fifths_are_out_every_day():
    structure = scenario("mentougou/after-every-member").structure
    for centre in CENTRES:
        duty, size = structure.duties[f"field-{centre}"], structure.teams[centre].size
        assert len(duty.rhythm.days) == 5
        assert int(duty.people) == round(0.6 * size)


def test_field_days_find_problems_sooner(city):
    """Problem by problem: what more people look for is found no later."""
    fewer = ran(CITY, {f"structure.discovery.patrols.{centre}.coverage": 0.0 for centre in CENTRES}, weeks=WEEKS)
    ours, theirs = (given.journeys.loc[given.journeys["channel"] == "grid", "unseen_s"] for given in (city, fewer))
    found = ours.index.intersection(theirs.index)
    assert (ours[found] <= theirs[found]).all()
    assert ours[found].mean() < theirs[found].mean() - DAY_S / 4


def test_residents_find_one_hall_and_no_wrong_door(city, base):
    for given, units in ((city, {"hall"}), (base, None)):
        stays = given.stays[given.stays["present"] == 1]
        levels = {name: unit.level for name, unit in given.scenario.structure.units.items()}
        doors = {unit for unit in stays["base"] if levels[unit] == "street"}
        assert doors == units if units else len(doors) == 14


def test_proxies_spare_trips_to_the_hall(city):
    nobody = {
        f"structure.procedures.{name}.steps.{step}.proxy.chance": 0.0
        for name, steps in (("street-hall", (1, 4)), ("street-and-department", (1, 5)))
        for step in steps
    }
    trips, without = (
        given.journeys.loc[given.journeys["matter"] == "resident-medical-insurance", "visits"].mean()
        for given in (city, ran(CITY, nobody, weeks=WEEKS))
    )
    assert trips < without - 0.2


def heads(given):
    return head_count(given.structure, places(given.structure))


def test_the_reform_adds_no_posts():
    assert heads(scenario("mentougou/before")) == heads(scenario("mentougou/after"))
    assert heads(scenario(BASE)) == heads(scenario(CITY))


def test_without_a_mechanism_there_are_the_same_people_and_every_number_has_its_source():
    file = SCENARIOS / "experiments" / "mechanisms-mentougou.yaml"
    root = read_file(Path(file), str(file), [])
    made = list(variants(root, {"five-mentougou": tree(SCENARIOS / f"{CITY}.yaml")}))
    assert len(made) == 14
    whole = heads(made[0][2].scenario)
    assert [
        (off, loaded.unsourced) for _, off, loaded in made if heads(loaded.scenario) != whole or loaded.unsourced
    ] == []


@pytest.mark.parametrize(
    "file", ["mentougou/before", "mentougou/after", "mentougou/after-chiefs", "mentougou/after-every-member", CITY]
)
def test_both_engines_write_the_same_legs(file):
    given = run_of(scenario(file), 4 * WEEK_S).plan.engine_input
    assert engines.run(given, "simpy").equals(engines.run(given, "compiled"))
