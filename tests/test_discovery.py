"""Problems in the grid: who finds them and when, worked by hand; closed forms and laws of finding; what follows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import run_of
from small_street import EAST, WEST, asked, at, lines, planned, scenario
from tiny_plan import CHANNELS, COMMUNITIES, MATTERS, Street, minutes
from tiny_plan import at as tiny_at

from sim import engines, measures
from sim.demand import draw_demand
from sim.experiment.country.totals import totals
from sim.itineraries import plan
from sim.itineraries.discovery import NEVER, found, misses
from sim.itineraries.setting import setting
from sim.journeys import journeys
from sim.measures import Window
from sim.scenario.offered_load import duty_h_per_week
from sim.stays import PARTS
from sim.tables import FOUND_BY, NONE
from sim.units import DAY_S, HOUR_S, WEEK_S

WALK = {"team": "station", "kind": "field", "people": 1, "rhythm": {"at": "9:00"}, "length": "1 h", "by_clock": False}
LAMP = {"kind": "grid", "limit": "2 days"}
OWN = [{"unit": "desk", "share": 1.0}]
CALLED = [{"unit": "section", "work": "5 min"}, {"unit": "desk", "share": 1.0}]
MID_EAST = 14
"""The first household of the second third of the east's forty."""
WAYS = {
    "patrols": {"walk": {"duty": "walk", "rounds": 3, "coverage": 0.7}},
    "camera": {"share": 0.3, "after": {"mean": "10 min", "cv": 0.5}},
    "residents": {"after": {"mean": "5 days", "cv": 1.0}},
    "hotline": {"after": {"mean": "8 days", "cv": 1.0}, "procedure": "call"},
}


def street(discovery, *, duty=None, more=None, matter=None, rate="0 / day", teams=None, **parts):
    """The small street with lamps that fail, and a walk each morning in each community."""
    return scenario(
        {"lamp": LAMP | {"rate": rate} | (matter or {}), "call": {"kind": "hotline"}},
        {"lamp": OWN, "call": CALLED},
        duties={"walk": WALK | (duty or {})} | (more or {}),
        teams=teams or {},
        **({} if discovery is None else {"discovery": discovery}),
        **parts,
    )


def by_hand(discovery, *lamps, **parts):
    """(when found, by what) of lamps that fail at given instants in given households."""
    made = planned(street(discovery, **parts), lamp=list(lamps)).cases
    own = made[made["household"] >= 0]
    return [(seconds, FOUND_BY[by] if by != NONE else "") for seconds, by in own[["found_s", "found_by"]].to_numpy()]


# ---- worked by hand


@pytest.mark.parametrize(
    ("arises", "household", "is_found"),
    [
        ("mon-10:00", EAST, "thu-9:00"),  # Monday's round has just gone by; Tuesday and Wednesday are the other thirds'
        ("mon-10:00", MID_EAST - 1, "thu-9:00"),
        ("mon-10:00", MID_EAST, "tue-9:00"),
        ("mon-10:00", 39, "wed-9:00"),
        ("mon-10:00", 40, "thu-9:00"),  # the west has thirds of its own
        ("mon-10:00", WEST, "wed-9:00"),
        ("mon-9:00", EAST, "mon-9:00"),  # there when the patrol comes
        ("thu-9:01", EAST, "tue-9:00+1w"),  # no walk at the weekend: Friday 1, Monday 2, Tuesday 0
        ("tue-9:01+1w", EAST, "fri-9:00+1w"),
        ("fri-9:01+1w", EAST, None),  # the run ends before the next visit
    ],
)
def test_the_patrol_finds_what_is_there_when_it_comes_to_the_part_of_the_street(arises, household, is_found):
    expected = (NONE, "") if is_found is None else (at(is_found), "patrol")
    assert by_hand({"patrols": {"walk": {"duty": "walk", "rounds": 3}}}, (arises, household)) == [expected]


def test_a_patrol_of_the_street_divides_the_whole_street_and_one_for_each_community_each_of_them():
    rounds = {"patrols": {"walk": {"duty": "walk", "rounds": 2}}}
    lamps = [("mon-9:00", household) for household in (0, 20, 49, 50, 99)]
    first, second = at("mon-9:00"), at("tue-9:00")
    whole = by_hand(rounds, *lamps, duty={"team": "office"})
    assert [when for when, _ in whole] == [first, first, first, second, second]
    each = by_hand(rounds, *lamps, duty={"team": "office", "for_each": "community"})
    assert [when for when, _ in each] == [first, second, first, first, second]


def test_where_nobody_is_there_to_walk_nothing_is_found():
    teams = {"station": {"size": {"east": 0, "west": 2}, "calendar": "office", "serves": ["counter", "desk"]}}
    teams["station"]["each"] = "community"
    found_by = [
        by
        for _, by in by_hand(
            {"patrols": {"walk": {"duty": "walk"}}}, ("mon-8:00", EAST), ("mon-8:00", WEST), teams=teams
        )
    ]
    assert found_by == ["", "patrol"]
    alone = {"station": teams["station"] | {"size": 1}}
    assert by_hand(
        {"patrols": {"walk": {"duty": "walk"}}}, ("mon-8:00", EAST), teams=alone, duty={"people": "all_but_one"}
    ) == [(NONE, "")]


def test_the_first_way_counts():
    lamp = ("mon-10:00", EAST)
    camera = {"share": 1.0, "after": "30 min"}
    ways = {
        "patrols": {"walk": {"duty": "walk"}},
        "residents": {"after": "2 h"},
        "hotline": {"after": "1 h", "procedure": "call"},
    }
    assert by_hand(ways, lamp) == [(at("mon-11:00"), "hotline")]
    assert by_hand(ways | {"camera": camera}, lamp) == [(at("mon-10:30"), "camera")]
    assert by_hand(ways | {"hotline": None}, lamp) == [(at("mon-12:00"), "resident")]
    assert by_hand({"patrols": ways["patrols"]}, lamp) == [(at("tue-9:00"), "patrol")]
    tied = {"patrols": ways["patrols"], "residents": {"after": "23 h"}}
    assert by_hand(tied, lamp) == [(at("tue-9:00"), "patrol")]


def test_a_report_in_working_time_comes_in_the_hours_of_the_first_calendar():
    assert by_hand({"residents": {"after": "3 working hours"}}, ("fri-16:00", EAST)) == [
        (at("mon-11:00+1w"), "resident")
    ]


def test_a_miss_waits_for_the_next_visit():
    """Of chance one half: luck below 0.5 is a find, below 0.75 one miss, below 0.875 two."""
    luck = np.array([0.1, 0.6, 0.8, 0.999])
    assert misses(0.5, luck, 100).tolist() == [0, 1, 2, 9]
    assert misses(1.0, luck, 100).tolist() == [0, 0, 0, 0]
    assert misses(1e-9, luck, 100).tolist() == [100] * 4
    made = street({"patrols": {"walk": {"duty": "walk", "coverage": 0.5}}})
    demand = asked(made, lamp=[("mon-8:00", EAST)] * 8)
    n_missed = misses(0.5, demand.uniforms(demand.matters[0], "missed by the patrol"), 100)
    mornings = [day * DAY_S + 9 * HOUR_S for day in range(14) if day % 7 < 5]
    assert len(set(n_missed.tolist())) > 1
    assert found(setting(made, demand), demand.matters[0]).at_s.tolist() == [mornings[n] for n in n_missed]


def test_a_case_opens_and_its_limit_runs_when_it_is_found_and_the_hotline_has_a_procedure_of_its_own():
    late = {"residents": {"after": "1 day"}}
    (line,) = lines(planned(street(late), lamp=[("mon-10:00", EAST)]))[:1]
    assert line == "0.0 desk@east opens=tue-10:00 work=10 next=out"
    made = planned(street(late), lamp=[("mon-10:00", EAST)]).cases.iloc[0]
    assert made[["opened_s", "found_s", "due_s"]].to_list() == [at("mon-10:00"), at("tue-10:00"), at("thu-10:00")]
    calls = {"hotline": {"after": "1 day", "procedure": "call"}}
    assert lines(planned(street(calls), lamp=[("mon-10:00", EAST)]))[:2] == [
        "0.0 section opens=tue-10:00 work=5 next=1",
        "0.1 desk@east work=10 next=out",
    ]


def test_what_is_not_found_has_no_row_and_no_limit_and_is_still_a_case():
    made = planned(street({"residents": {"after": "3 weeks"}}), lamp=[("mon-10:00", EAST)])
    assert made.cases.iloc[0][["found_s", "found_by", "due_s"]].to_list() == [NONE, NONE, NONE]
    assert 0 not in made.engine_input.itineraries["case"].to_numpy()


# ---- closed forms


def lags_days(discovery, *, rhythm=None, before_s, weeks):
    """Days until each of some thousand lamps is found, in a place that never closes."""
    always = {"size": 1, "calendar": "always", "serves": ["counter", "desk"], "each": "community"}
    made = street(
        discovery,
        duty={"rhythm": rhythm or {"at": "0:00"}},
        rate="400 / day",
        teams={"station": always},
        calendars={"always": {"week": "always"}},
    )
    demand = draw_demand(made, 7, 0, weeks * WEEK_S)
    cases = demand.matters[0]
    finding, early = found(setting(made, demand), cases), cases.opened_s < before_s
    assert (finding.at_s[early] != NONE).all()
    return (finding.at_s - cases.opened_s)[early] / DAY_S


@pytest.mark.parametrize(("rounds", "coverage"), [(1, 1.0), (3, 1.0), (1, 0.95), (2, 0.6), (4, 0.3)])
def test_the_mean_lag_is_half_the_interval_and_an_interval_for_each_miss(rounds, coverage):
    """Interval T, coverage p, problems at any time: T/2 + T (1 - p)/p; variance T²/12 + T² (1 - p)/p²."""
    lags = lags_days(
        {"patrols": {"walk": {"duty": "walk", "rounds": rounds, "coverage": coverage}}}, before_s=4 * WEEK_S, weeks=60
    )
    expected = rounds * (0.5 + (1 - coverage) / coverage)
    spread = rounds * math.sqrt(1 / 12 + (1 - coverage) / coverage**2)
    assert len(lags) > 10_000
    assert lags.mean() == pytest.approx(expected, abs=4 * spread / math.sqrt(len(lags)))


def test_of_two_exponential_ways_the_first_comes_at_the_sum_of_the_rates():
    two = {"after": {"mean": "2 days", "distribution": "exponential"}}
    six = {"after": {"mean": "6 days", "distribution": "exponential"}, "procedure": "call"}
    lags = lags_days({"residents": two, "hotline": six}, before_s=4 * WEEK_S, weeks=30)
    assert lags.mean() == pytest.approx(1.5, abs=4 * 1.5 / math.sqrt(len(lags)))


# ---- laws: one luck under every structure


def instants(discovery):
    """When each of a month's lamps is found: NEVER, if it is not."""
    made = street(discovery, rate="20 / day")
    demand = draw_demand(made, 3, 0, 6 * WEEK_S)
    at_s = found(setting(made, demand), demand.matters[0]).at_s
    assert ((at_s == NONE) | (at_s >= demand.matters[0].opened_s)).all()
    return np.where(at_s == NONE, NEVER, at_s)


@settings(max_examples=25, deadline=None)
@given(
    st.sets(st.sampled_from(sorted(WAYS)), min_size=1),
    st.sampled_from(sorted(WAYS)),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_looking_more_finds_no_single_problem_later(ways, another, coverage, share, more):
    def discovery(names, coverage, share):
        walk = WAYS["patrols"]["walk"] | {"coverage": coverage}
        said = WAYS | {"patrols": {"walk": walk}, "camera": WAYS["camera"] | {"share": share}}
        return {name: said[name] for name in names}

    least = instants(discovery(ways, coverage, share))
    most = instants(discovery(ways, coverage + more * (1 - coverage), share + more * (1 - share)))
    assert (most <= least).all()
    assert (instants(discovery({*ways, another}, coverage, share)) <= least).all()


def test_two_patrols_find_what_the_first_to_come_does_not_miss():
    """The second goes round in one afternoon; each misses by luck of its own."""
    again = {"again": WALK | {"rhythm": {"at": "15:00"}}}
    both = {"patrols": {"walk": {"duty": "walk", "rounds": 3}, "again": {"duty": "again"}}}
    lamps = ("mon-10:00", EAST), ("mon-15:01", MID_EAST)
    assert by_hand(both, *lamps, more=again) == [(at("mon-15:00"), "patrol"), (at("tue-9:00"), "patrol")]
    blind = both | {"patrols": both["patrols"] | {"again": {"duty": "again", "coverage": 0}}}
    assert by_hand(blind, *lamps, more=again) == [(at("thu-9:00"), "patrol"), (at("tue-9:00"), "patrol")]
    half = {"patrols": {"walk": {"duty": "walk", "coverage": 0.5}, "again": {"duty": "again", "coverage": 0.5}}}
    made = street(half, more=again, rate="200 / day")
    demand = draw_demand(made, 1, 0, 2 * WEEK_S)
    finding = found(setting(made, demand), demand.matters[0])
    on_day = (finding.at_s - demand.matters[0].opened_s) < DAY_S
    assert on_day[demand.matters[0].opened_s < WEEK_S - 3 * DAY_S].mean() == pytest.approx(0.75, abs=0.03)


def test_cameras_stand_before_the_same_households_in_every_replication():
    made = street({"camera": {"share": 0.4, "after": "1 min"}}, rate="60 / day")
    seen, hidden = set(), set()
    for replication in range(3):
        demand = draw_demand(made, 1, replication, 4 * WEEK_S)
        cases = demand.matters[0]
        is_seen = found(setting(made, demand), cases).at_s != NONE
        is_early = cases.opened_s < demand.end_s - HOUR_S
        seen |= set(cases.household[is_seen & is_early].tolist())
        hidden |= set(cases.household[~is_seen & is_early].tolist())
    assert not seen & hidden
    assert 20 < len(seen) < 60


def test_discovery_moves_no_other_luck():
    made = [street(each, rate="5 / day", matter={"work": {"mean": "1 h", "cv": 1}}) for each in (None, WAYS)]
    plans = [plan(each, draw_demand(each, 1, 0, 4 * WEEK_S)) for each in made]
    without, having = (each.cases.set_index("case") for each in plans)
    pd.testing.assert_frame_equal(
        without.drop(columns=["found_s", "found_by", "due_s"]), having.drop(columns=["found_s", "found_by", "due_s"])
    )
    ends = [each.engine_input.itineraries.groupby("case")["work_s"].last() for each in plans]
    own = having.index[(having["kind"] == 0) & (having["found_by"] != NONE)]
    assert (ends[0][own] == ends[1][own]).all()
    assert (without["found_s"] == without["opened_s"]).all()


# ---- what follows


def test_both_engines_write_the_same_legs_and_the_parts_add_up():
    made = street(WAYS, rate="8 / day")
    given_ = plan(made, draw_demand(made, 2, 0, 5 * WEEK_S)).engine_input
    pd.testing.assert_frame_equal(engines.run(given_, "simpy"), engines.run(given_, "compiled"))
    ran = run_of(made, 5 * WEEK_S)
    table = ran.journeys
    until = np.where(table["left_s"] == NONE, 5 * WEEK_S, table["left_s"])
    assert (table[list(PARTS)] >= 0).all(axis=None)
    assert (table[list(PARTS)].sum(axis=1) == until - table["opened_s"]).all()
    assert set(table["found_by"]) == {*FOUND_BY[1:], ""}
    assert (table.loc[table["found_by"] == "", "outcome"] == "open").all()
    by_call = table.index[table["found_by"] == "hotline"]
    at_section = ran.legs.loc[ran.legs["unit"] == ran.plan.units["base"].to_list().index("section"), "case"]
    assert set(by_call) == set(at_section)


def test_a_country_counts_what_is_not_found_as_open():
    made = street({way: WAYS[way] for way in ("camera", "hotline")}, rate="8 / day")
    ran = run_of(made, 5 * WEEK_S)
    window = Window(0, 4 * WEEK_S, 5 * WEEK_S)
    counted = totals(ran.plan, ran.legs, window).numbers
    cases = ran.journeys[window.opens(ran.journeys["opened_s"])]
    assert (cases["found_by"] == "").any()
    assert counted["open"] == (cases["outcome"] == "open").sum()
    assert counted["closed"] + counted["gave_up"] + counted["open"] == counted["cases"] == len(cases)
    until = np.where(cases["left_s"] == NONE, window.end_s, cases["left_s"])
    assert counted["age_s"] == (until - cases["opened_s"]).sum()


def test_the_measures_of_finding():
    """Three lamps: found after 1 and 3 days and closed in an hour, and not found in a fortnight from Tuesday."""
    made = Street()
    lamp = {"matter": 2}
    for found_at, way in (("tue 9:00", "patrol"), ("thu 9:00", "hotline")):
        case = made.case("mon 9:00", {"unit": "desk"}, found=found_at, **lamp)
        made.cases[case]["found_by"] = FOUND_BY.index(way)
        made.leg(case, 0, found_at, found_at, tiny_at(found_at) + minutes(60))
    made.case("tue 0:00", found=NONE, **lamp)
    table = journeys(made.plan(), made.legs_table(), MATTERS, COMMUNITIES, CHANNELS)
    assert table["unseen_s"].to_list() == [DAY_S, 3 * DAY_S, 13 * DAY_S]
    assert table["outcome"].to_list() == ["closed", "closed", "open"]
    values = measures.measure(made.plan(), made.legs_table(), table, Window(0, WEEK_S, 2 * WEEK_S))
    said = {(row.measure, row.group): row.value for row in values.itertuples()}
    assert {group: value for (name, group), value in said.items() if name == "found_days"} == {
        "": pytest.approx(17 / 3),
        "patrol": 1,
        "hotline": 3,
    }
    assert {group: value for (name, group), value in said.items() if name == "found_by_share"} == {
        "patrol": pytest.approx(1 / 3),
        "camera": 0,
        "resident": 0,
        "hotline": pytest.approx(1 / 3),
        "not_found": pytest.approx(1 / 3),
    }
    assert said["close_part_days", "unseen"] == 2
    assert said["close_known_days", ""] == pytest.approx((1 + 1) / 2 / 24)
    assert said["close_days", "hotline"] == pytest.approx((1 + 3 + 2 / 24 + 13) / 3)


def test_without_discovery_there_is_no_measure_of_it():
    ran = run_of(street(None, rate="3 / day"), 3 * WEEK_S)
    named = {name for name, _ in ran.measures(Window(0, WEEK_S, 3 * WEEK_S))}
    assert "close_days" in named
    assert not {"found_days", "close_known_days", "found_by_share"} & named
    assert (ran.journeys["found_by"] == "at_once").all()
    assert (ran.journeys["unseen_s"] == 0).all()


def test_the_patrols_time_is_the_staffs():
    assert duty_h_per_week(street(WAYS), "station", "east", 3) == 5
