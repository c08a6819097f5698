"""Shanghai's system: platforms of two units, a grid centre, three forces, lists; that each mechanism is at work."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from runs import SCENARIOS, ran

from sim import calendars, engines
from sim.evidence import facts
from sim.experiment.mechanisms import WITHOUT, variants
from sim.experiment.sweep.points import points
from sim.experiment.sweep.reading import read
from sim.facesheet import plain_rows
from sim.scenario import load
from sim.scenario.load import tree
from sim.scenario.reading import read_file
from sim.structure.people import head_count
from sim.structure.places import places
from sim.tables import NONE, Kind, Outcome
from sim.units import DAY_S, HOUR_S, WEEK_S

FIVE, EQUAL, PYRAMID = "five-systems/shanghai", "five-systems/shanghai-equal", "five-systems/jinfeng-before"
BEFORE, AFTER, FOLLOW = "shanghai/before", "shanghai/after", "shanghai/after-people-follow"
MECHANISMS = SCENARIOS / "experiments" / "mechanisms-shanghai.yaml"
WEEKS = 12
FORCES = ("police-field", "urban-field", "market-field")
IN_THE_GRID = ("hotline-order", "grid-problem", "enforcement-problem", "complex-problem", "urgent-complex-problem")


@cache
def stays(file=FIVE):
    """Every leg of a file's run, with its matter and the unit's base and place."""
    made = ran(file, weeks=WEEKS)
    units = made.plan.units.iloc[made.legs["unit"]]
    table = made.legs.assign(base=units["base"].to_numpy(), place=units["place"].to_numpy())
    names = np.array([*made.scenario.demand.matters, ""])
    matter = made.plan.cases.set_index("case")["matter"]
    return table[table["case"].isin(matter.index)].assign(
        matter=lambda legs: names[matter.reindex(legs["case"]).to_numpy()]
    )


def journeys(file=FIVE):
    return ran(file, weeks=WEEKS).journeys


def at(*bases, matter=None, file=FIVE):
    """The legs at some units."""
    legs = stays(file)
    return legs[legs["base"].isin(bases) & (True if matter is None else legs["matter"].isin([matter]))]


def structure(file):
    return load(SCENARIOS / f"{file}.yaml").scenario.structure


def heads(file):
    """People in street, area and community teams and of the enforcement staff: without the departments' own."""
    groups = structure(file).ledger.groups
    return sum(group.n for name, group in groups.items() if name not in ("department-staff", "investment-staff"))


# ---- what the source counts


def number(fact):
    return int(facts()[fact].value)


@pytest.mark.parametrize("file", [AFTER, FIVE])
def test_offices_units_platforms_and_forces_are_as_many_as_the_source_says(file):
    scenario = load(SCENARIOS / f"{file}.yaml").scenario
    own = scenario.structure
    office = next(step.unit for step in own.procedures["own-work"].steps)
    assert len(office) == number("sh_offices")
    in_areas = [name for name, team in own.teams.items() if team.each == "area"]
    assert facts()["sh_three_plus_three"].value == "3+3"
    assert [name for name in in_areas if name.endswith("-platform")] == in_areas[:3]
    assert len(in_areas) == 6
    persons = scenario.place.persons_per_household
    sizes = places(own).households("area") * persons
    assert len(sizes) == 2
    assert (sizes >= number("sh_unit_pop")).all()
    assert scenario.place.households * persons < number("sh_new_street_pop")


@pytest.mark.parametrize(("file", "workers"), [(AFTER, 60), (FIVE, 57)])
def test_community_workers_are_twelve_for_ten_thousand_people(file, workers):
    scenario = load(SCENARIOS / f"{file}.yaml").scenario
    groups = scenario.structure.ledger.groups
    found = sum(groups[name].n for name in ("grid-workers", "elected", "new-workers"))
    assert found == workers == round(scenario.place.households * scenario.place.persons_per_household * 12 / 10_000)


def test_its_own_heads_and_as_many_as_before():
    assert {file: heads(file) for file in (PYRAMID, FIVE, EQUAL)} == {PYRAMID: 96, FIVE: 116, EQUAL: 96}
    pyramid, equal = (structure(file).ledger.groups for file in (PYRAMID, EQUAL))
    assert {name: group.n for name, group in equal.items() if name != "investment-staff"} == {
        name: group.n for name, group in pyramid.items()
    }
    assert head_count(structure(EQUAL), places(structure(EQUAL))).government_work == 92


def test_another_reading_moves_people_and_adds_none():
    groups = structure("shanghai/after-workers-in-committees").ledger.groups
    assert groups == structure(AFTER).ledger.groups


# ---- platforms and basic management units


def test_counter_matters_go_to_the_platform_of_their_unit_and_never_to_the_grid_centre():
    windows = at("affairs-window", "health-window")
    home = ran(FIVE, weeks=WEEKS).plan.cases.set_index("case")["community"].reindex(windows["case"])
    assert set(zip(home // 3, windows["place"], strict=True)) == {(0, "east"), (1, "west")}
    matters = ran(FIVE, weeks=WEEKS).scenario.demand.matters
    counter = {name for name, matter in matters.items() if matter.kind == "counter"}
    assert set(windows["matter"]) == counter - {"stamp", "enquiry", "household-information"}
    called = journeys()["case"][journeys()["found_by"] == "hotline"]
    at_centre = at("grid-centre")
    assert set(at_centre.loc[~at_centre["case"].isin(called), "matter"]) == {*IN_THE_GRID}


def test_the_seal_is_asked_of_fewer_and_of_none_who_did_not_need_it_before():
    """The same luck: whom the list still sends for a stamp was sent before."""
    first = {}
    for file, unit in ((PYRAMID, "counter"), (FIVE, "counter")):
        legs = at(unit, file=file)
        first[file] = set(legs.loc[legs["matter"].isin(["dog-registration", "housing-security"]), "case"])
    assert first[FIVE] < first[PYRAMID]


def test_investment_is_nobodys_work_in_the_street():
    assert set(stays()[stays()["matter"] == "investment"]["base"]) == {"district-investment"}
    assert "district-investment" not in set(stays(PYRAMID)["base"])


def test_peoples_concerns_go_to_the_platforms_outside_the_grid():
    own = journeys()[lambda table: (table["matter"] == "social-concern") & (table["found_by"] != "hotline")]
    legs = stays()[lambda table: table["case"].isin(own["case"])]
    assert set(legs["base"]) == {"outside", "platform-outside", "department"}
    assert set(at("platform-outside")["matter"]) == {"social-concern"}


# ---- the grid centre


def test_nothing_of_the_grid_closes_unverified():
    """Whatever was done outdoors is followed by a check at the centre, and by another after it was done again."""
    legs = stays()[lambda table: table["kind"] != int(Kind.SUPERVISION)]
    closed = journeys()[lambda table: (table["outcome"] == "closed") & (table["matter"].isin(IN_THE_GRID))]["case"]
    assert len(closed) > 500
    done = legs[legs["case"].isin(closed) & (legs["outcome"] == int(Outcome.DONE))]
    for matter, unit in (
        ("grid-problem", "outside"),
        ("enforcement-problem", FORCES),
        ("complex-problem", "joint-field"),
    ):
        units = [unit] if isinstance(unit, str) else unit
        own = done[done["matter"] == matter]
        acted = own[own["base"].isin(units)].groupby("case")["ended_s"].max()
        checked = own[own["base"] == "grid-centre"].groupby("case")["started_s"].max()
        assert len(acted)
        assert (checked.reindex(acted.index) >= acted).all()


def test_each_order_is_issued_before_the_work_and_reported_and_checked_after_it():
    """Of an everyday problem that the committee solves at once: order, work, report, check."""
    legs = stays()[lambda table: table["outcome"] == int(Outcome.DONE)]
    own = legs[(legs["matter"] == "grid-problem") & (legs["kind"] != int(Kind.SUPERVISION))].sort_values("started_s")
    found_by = journeys()["found_by"]
    own = own[found_by.reindex(own["case"]).ne("hotline").to_numpy()]
    courses = own.groupby("case")["base"].agg(tuple)
    plain = ("grid-centre", "outside", "grid-centre", "grid-centre")
    again = (*plain, "outside", "grid-centre")
    assert (courses == plain).mean() > 0.3
    assert (courses == again).any()


def test_what_is_not_begun_in_two_days_is_urged():
    """What is laid aside ends lying at other times too, but each urged case has waited just two days at some step."""
    legs = ran(FIVE, weeks=WEEKS).legs
    urged = legs[legs["kind"] == int(Kind.SUPERVISION)]["case"].unique()
    assert len(urged) > 5
    left = stays()[lambda table: table["case"].isin(urged) & (table["outcome"] == int(Outcome.LEFT))]
    waited = (left["ended_s"] - left["joined_s"]) / DAY_S
    assert (waited == 2.0).groupby(left["case"]).any().all()
    assert set(left["case"]) == set(urged)


def test_complex_problems_wait_for_the_weekly_joint_action_and_urgent_ones_do_not():
    given = ran(FIVE, weeks=WEEKS).plan.engine_input
    gates = given.gates["at_s"].to_numpy()
    assert set(
        calendars.instants(load(SCENARIOS / f"{FIVE}.yaml").scenario.gates["joint-action"], WEEK_S) // DAY_S
    ) == {3}
    joint, urgent = (
        journeys()[lambda table, name=name: (table["matter"] == name) & (table["found_by"] != "hotline")]
        for name in ("complex-problem", "urgent-complex-problem")
    )
    assert joint["gate_s"].max() > 2 * DAY_S
    assert joint["gate_s"].max() <= WEEK_S
    assert (urgent["gate_s"] == 0).all()
    orders = stays()[lambda table: (table["base"] == "grid-centre") & (table["matter"] == "complex-problem")]
    assert orders["ready_s"].isin(gates).any()


# ---- finding


def test_people_find_needs_and_cameras_do_not():
    found_by = journeys().groupby("matter")["found_by"].agg(set)
    assert {"camera", "patrol", "resident", "hotline"} <= found_by["grid-problem"]
    assert "camera" not in found_by["social-concern"]


def test_no_problem_is_found_later_than_before_and_of_those_of_the_street_many_sooner():
    """Four ways, with the same luck in those that were there before."""
    before, after = (journeys(file)[lambda table: table["channel"] == "grid"]["found_s"] for file in (PYRAMID, FIVE))
    known = (before != NONE) & (after != NONE)
    assert (after[known] <= before[known]).all()
    assert (after[known] < before[known]).mean() > 0.3


# ---- lists


def test_fewer_tasks_come_down_and_none_that_did_not_before():
    def admitted(file):
        legs = at("desk", file=file)
        return set(legs.loc[legs["matter"].isin(["weekly-report", "monthly-ledger"]), "case"])

    assert admitted(FIVE) < admitted(PYRAMID)


def test_tasks_are_admitted_at_two_tiers_as_in_qingdao():
    ours, qingdao = (structure(f"five-systems/{one}").rules.admission for one in ("shanghai", "qingdao"))
    assert (ours.leakage, ours.community) == (qingdao.leakage, qingdao.community)
    assert ours.follow is None


def test_people_who_follow_take_work_off_street_and_committees_and_none_vanishes():
    """The other reading: own hours fall by what is noted for those who come with tasks, to the second."""
    work_s = {}
    for file in (AFTER, FOLLOW):
        made = ran(file, weeks=2)
        undone = made.plan.undone
        work_s[file] = np.array([plain_rows(made.plan)["work_s"].sum(), undone[undone["row"] == NONE]["work_s"].sum()])
    own, others = work_s[FOLLOW] - work_s[AFTER]
    assert own == -others
    assert own < -100 * HOUR_S


def work_at_desks(overrides):
    """Seconds of each possible leg of a task at a committee's desk, by matter, case and row."""
    plan = ran(FIVE, overrides, weeks=WEEKS).plan
    rows, cases = plan.engine_input.itineraries, plan.cases.set_index("case")["matter"]
    at_desks = plan.units["base"].iloc[rows["unit"]].eq("desk").to_numpy()
    rows = rows[at_desks & (rows["kind"] == int(Kind.TASK))]
    return rows.assign(matter=rows["case"].map(cases)).set_index(["matter", "case", "row"])["work_s"]


def test_one_electronic_ledger_spares_every_ledger_of_a_month_but_the_first():
    """January to March: three are done in full, all others with less; no other task is spared anything."""
    merged, apart = (work_at_desks(off) for off in ({}, {"structure.procedures.ledgers.steps.1.merge": None}))
    assert (merged <= apart).all()
    is_spared = (merged < apart).groupby(["matter", "case"]).all()
    number_of = [*ran(FIVE, weeks=WEEKS).scenario.demand.matters].index
    n_spared = is_spared.groupby("matter").agg(["sum", "size"])
    assert n_spared.loc[number_of("monthly-ledger"), "size"] > 30
    assert (n_spared["size"] - n_spared["sum"])[number_of("monthly-ledger")] == 3
    assert (n_spared["sum"].drop(number_of("monthly-ledger")) == 0).all()


# ---- every mechanism alone


@cache
def without():
    files = {"five-shanghai": tree(SCENARIOS / f"{FIVE}.yaml")}
    return {off: loaded for _, off, loaded in variants(read_file(MECHANISMS, str(MECHANISMS), []), files)}


def test_each_mechanism_alone_leaves_a_street_of_as_many_people_with_sources():
    whole = without()[""].scenario.structure.ledger.groups
    for off, loaded in without().items():
        groups = loaded.scenario.structure.ledger.groups
        kept = {name: group.n for name, group in groups.items() if name != "investment-staff"}
        assert kept == {name: group.n for name, group in whole.items() if name != "investment-staff"}, off
        assert loaded.unsourced == (), off
        assert [fault.key for fault in loaded.warnings] == [], off


def test_the_experiment_makes_a_point_of_each():
    made = points(read(MECHANISMS), 1, lambda *_: None)
    assert [dict(point.values)[WITHOUT] for point in made] == [*without()]
    assert all(point.feasible for point in made)
    assert len({point.demand for point in made}) == 1


@pytest.mark.parametrize("file", [BEFORE, AFTER, FOLLOW, FIVE, EQUAL])
def test_both_engines_write_the_same_legs(file):
    given = ran(file, weeks=2).plan.engine_input
    pd.testing.assert_frame_equal(engines.run(given, "simpy"), engines.run(given, "compiled"))
