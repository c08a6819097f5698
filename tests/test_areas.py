"""Areas, a tier between community and street (片区), and people of a larger place who serve several smaller ones."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from either import run
from hypothesis import given
from hypothesis import strategies as st
from small_street import TEAMS, lines, planned, said, scenario

from sim.charts.levers.table import Sweep
from sim.charts.pyramid import Tier, tiers
from sim.demand import draw_demand
from sim.errors import InfeasibleError
from sim.explain import ledger
from sim.facesheet import face_sheet
from sim.itineraries import laid_out_of, plan
from sim.journeys import journeys, visits_table
from sim.scenario import Variants
from sim.scenario.offered_load import offered_load
from sim.structure.offices import offices
from sim.structure.people import persons_by_team
from sim.structure.places import places
from sim.units import WEEK_S

FOUR = {name: {"households": 25} for name in ("n1", "n2", "s1", "s2")}
TWO_AREAS = {"south": {"communities": ["s2", "s1"]}, "north": {"communities": ["n1", "n2"]}}
HUB = {"each": "area", "level": "community"}
HUB_TEAM = {"each": "area", "size": 1, "calendar": "office", "serves": ["hub"]}
AT_HUB = {"unit": "hub", "present": True, "share": 1.0}
AT_COUNTER = {"unit": "counter", "present": True, "share": 1.0}


def street(step=AT_HUB, matter=None, units=None, teams=None, **structure):
    """Four communities of 25 households in two areas; a card takes ten minutes at a hub in each area."""
    parts = {"communities": FOUR, "areas": TWO_AREAS} | structure
    units, teams = {"hub": HUB} | (units or {}), {"hub": HUB_TEAM} | (teams or {})
    return scenario({"card": matter or {}}, {"card": [step]}, units=units, teams=teams, **parts)


def told(planned_street, legs):
    """Each leg as ``case unit joined started ended``."""
    names = planned_street.units["unit"]
    return [
        f"{leg.case} {names[leg.unit]} {said(leg.joined_s)} {said(leg.started_s)} {said(leg.ended_s)}"
        for leg in legs.itertuples()
    ]


def check(given_street, expected, **cases):
    made = planned(given_street, **cases)
    assert told(made, run(made.engine_input)) == [" ".join(line.split()) for line in expected.strip().splitlines()]


def journeys_of(given_street, made, legs):
    communities = list(given_street.structure.communities)
    return journeys(made, legs, ["card"], communities, ["counter"])


# ---- a day worked by hand


def test_each_area_has_a_queue_of_its_own_for_the_households_of_its_communities(engine):
    """Three of the north come to one clerk, two of the south to another; who lives where decides, not who is free."""
    check(
        street(),
        """
        0 hub@north mon-9:00 mon-9:00 mon-9:10
        1 hub@north mon-9:00 mon-9:10 mon-9:20
        2 hub@south mon-9:00 mon-9:00 mon-9:10
        3 hub@south mon-9:05 mon-9:10 mon-9:20
        4 hub@north mon-9:15 mon-9:20 mon-9:30
        """,
        card=[("mon-9:00", 0), ("mon-9:00", 49), ("mon-9:00", 50), ("mon-9:05", 99), ("mon-9:15", 25)],
    )


def test_one_person_for_the_counters_of_an_area_serves_the_first_community_first(engine):
    """The one of the north: of two who wait at n1 and n2, the one at n1, though the other came before."""
    check(
        street(AT_COUNTER, teams={"station": TEAMS["station"] | {"each": "area", "size": 1}}),
        """
        0 counter@n2 mon-9:00 mon-9:00 mon-9:10
        1 counter@n2 mon-9:01 mon-9:20 mon-9:30
        2 counter@n1 mon-9:02 mon-9:10 mon-9:20
        3 counter@s2 mon-9:02 mon-9:02 mon-9:12
        """,
        card=[("mon-9:00", 30), ("mon-9:01", 31), ("mon-9:02", 0), ("mon-9:02", 99)],
    )


def test_one_team_of_the_street_serves_the_counters_of_all_communities(engine):
    """Two people of the street office for four counters: a pool, where four teams of one would not help each other."""
    check(
        street(AT_COUNTER, teams={"station": TEAMS["station"] | {"each": "street", "size": 2}}),
        """
        0 counter@s2 mon-9:00 mon-9:00 mon-9:10
        1 counter@s2 mon-9:00 mon-9:00 mon-9:10
        2 counter@s1 mon-9:02 mon-9:10 mon-9:20
        3 counter@n1 mon-9:03 mon-9:10 mon-9:20
        4 counter@s2 mon-9:04 mon-9:20 mon-9:30
        """,
        card=[("mon-9:00", 98), ("mon-9:00", 99), ("mon-9:02", 50), ("mon-9:03", 0), ("mon-9:04", 97)],
    )


def test_a_community_worker_serves_the_committees_within():
    team = {"each": "community", "size": 1, "calendar": "office", "serves": ["yard"]}
    whole = street(
        units={"yard": {"each": "committee"}},
        teams={"yard": team},
        communities=FOUR | {"n1": {"households": 25, "committees": 2}},
    ).structure
    stood = offices(whole, places(whole))
    names = stood.unit_info["unit"]
    served = {one.name: [names[unit] for unit in one.serves] for one in stood.teams_of("yard")}
    assert served["yard@n1"] == ["yard@n1-1", "yard@n1-2"]
    assert served["yard@s2"] == ["yard@s2-1"]


# ---- places


def test_areas_lie_along_the_street_as_their_communities_do():
    """Whatever their order in the file."""
    whole = street().structure
    where = places(whole)
    assert where.names("area") == ("north", "south")
    assert where.households("area").tolist() == [50, 50]
    assert where.of("area", np.array([0, 49, 50, 99])).tolist() == [0, 0, 1, 1]
    assert where.within("community", "area", "south") == ("s1", "s2")
    assert where.within("area", "street", "") == ("north", "south")
    assert (
        places(street(areas={}, units={"hub": {}}, teams={"hub": HUB_TEAM | {"each": "street"}}).structure).names(
            "area"
        )
        == ()
    )


def areas_of(starts):
    """Communities c0, c1 … of given households, a new area wherever one starts."""
    communities = {f"c{k}": {"households": n} for k, (n, _) in enumerate(starts)}
    area, areas = -1, {}
    for k, (_, begins) in enumerate(starts):
        area += begins or k == 0
        areas.setdefault(f"a{area}", {"communities": []})["communities"].append(f"c{k}")
    return communities, areas


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=6))
def test_every_case_goes_to_the_area_of_its_community(starts):
    communities, areas = areas_of(starts)
    n = sum(one["households"] for one in communities.values())
    whole = scenario(
        {"card": {}},
        {"card": [AT_HUB]},
        place={"households": n},
        units={"hub": HUB},
        teams={"hub": HUB_TEAM},
        communities=communities,
        areas=areas,
    )
    made = planned(whole, card=[("mon-9:00", home) for home in range(n)])
    place = made.units["place"].to_numpy()[made.engine_input.itineraries["unit"]]
    home = np.array(list(communities))[made.cases["community"]]
    assert all(community in areas[area]["communities"] for area, community in zip(place, home, strict=True))


# ---- ways


def test_the_way_to_the_areas_door_grows_with_its_households_whatever_its_level():
    """Twice the households of a community: for each household, the root of two times as long, to the second."""
    place = {"station_walk": "10 min", "station_walk_households": 25, "street_travel": "25 min"}
    cases = [("mon-9:00", home) for home in range(100)]
    for level in ("community", "street"):
        whole = street(units={"hub": HUB | {"level": level}}, place=place)
        made = planned(whole, card=cases)
        way_s, community_s = made.cases["area_travel_s"], made.cases["community_travel_s"]
        assert (way_s - np.sqrt(2) * community_s).abs().max() <= 1.3  # both are whole seconds
        legs = run(made.engine_input)
        assert journeys_of(whole, made, legs)["travel_s"].tolist() == way_s.tolist()
        assert set(visits_table(made, legs)["level"]) == {level}


def test_where_there_are_no_areas_nobody_has_a_way_to_one():
    made = planned(scenario({"card": {}}, {"card": [AT_COUNTER]}), card=[("mon-9:00", 0)])
    assert made.cases["area_travel_s"].tolist() == [-1]


# ---- the two ends of the scale


def lived(each, areas):
    """Two weeks of cards, some of which come back with their papers, at a unit in each place of a kind."""
    matter = {
        "rate": "0.3 / household / day",
        "work": {"mean": "12 min", "cv": 1},
        "patience": "20 min",
        "tries": 1,
        "papers": {"incomplete": 0.3, "own_delay": "1 days"},
    }
    whole = street(
        AT_HUB | {"checks": 1},
        matter,
        units={"hub": {"each": each, "level": "community"}},
        teams={"hub": HUB_TEAM | {"each": each}},
        areas=areas,
        place={"station_walk": "10 min", "station_walk_households": 40},
    )
    made = plan(whole, draw_demand(whole, 3, 0, 2 * WEEK_S))
    return whole, made, run(made.engine_input)


def test_as_many_areas_as_communities_are_the_communities(engine):
    single = {f"a-{name}": {"communities": [name]} for name in FOUR}
    by_community, by_area = lived("community", {}), lived("area", single)
    pd.testing.assert_frame_equal(by_community[2], by_area[2])
    assert len(by_area[2]) > 300
    pd.testing.assert_frame_equal(journeys_of(*by_community), journeys_of(*by_area))


def test_one_area_of_all_communities_is_the_street(engine):
    by_street, by_area = lived("street", {}), lived("area", {"all": {"communities": list(FOUR)}})
    pd.testing.assert_frame_equal(by_street[2], by_area[2])


# ---- people


def test_people_stand_in_the_area_that_their_post_names():
    whole = street(
        teams={"hub": HUB_TEAM | {"size": {"north": 2, "south": 1}}},
        ledger={
            "groups": {"sunk": {"n": 3}},
            "posts": {
                "north": {"group": "sunk", "team": "hub", "n": 2, "at": "north"},
                "south": {"group": "sunk", "team": "hub", "n": 1, "at": "south"},
            },
        },
    )
    where = places(whole.structure)
    people = persons_by_team(whole.structure, where, offices(whole.structure, where))
    assert people["hub@north"] == ["sunk 0", "sunk 1"]
    assert people["hub@south"] == ["sunk 2"]
    assert [row[2] for row in ledger(whole, "en")] == ["hub@north 2; hub@south 1"]


@pytest.mark.parametrize(
    ("for_each", "each", "turns"),
    [
        ("area", "street", ["mon-9:00", "mon-10:00"]),
        ("community", "street", ["mon-9:00", "mon-10:00", "mon-11:00", "mon-13:00"]),
        ("community", "area", ["mon-9:00", "mon-10:00"]),
        ("area", "area", ["mon-9:00"]),
        ("community", "community", ["mon-9:00"]),
    ],
)
def test_a_duty_is_held_once_for_each_place_within_the_teams_own(for_each, each, turns):
    rounds = {"team": "hub", "people": 1, "for_each": for_each, "length": "1 h"}
    whole = street(
        AT_COUNTER,
        units={"hub": HUB | {"each": each}},
        teams={"hub": HUB_TEAM | {"each": each}},
        duties={"rounds": rounds | {"rhythm": {"days": ["mon"], "at": "9:00"}}},
    )
    first = [line for line in lines(planned(whole, weeks=1)) if not line.split()[1].endswith(("@n2", "@s1", "@s2"))]
    opened = [line.split()[2].removeprefix("opens=") for line in first if "@south" not in line]
    assert opened == turns
    row = next(row for row in offered_load(whole) if row.team == "hub")
    assert row.duties_h_per_week == len(turns)


def test_the_work_of_smaller_places_is_offered_to_the_team_around_them():
    """100 households × 1 card a week × 10 minutes: half of it in each area, all of it to a team of the street."""
    weekly = {"rate": "52.142857142857146 / household / year"}
    by_area = street(AT_COUNTER, weekly, teams={"station": TEAMS["station"] | {"each": "area"}})
    by_street = street(AT_COUNTER, weekly, teams={"station": TEAMS["station"] | {"each": "street"}})
    at_hub = street(AT_HUB, weekly)
    hours = [
        {row.place: row.residents_h_per_week for row in offered_load(whole) if row.residents_h_per_week}
        for whole in (by_area, by_street, at_hub)
    ]
    half, whole = pytest.approx(50 / 6), pytest.approx(100 / 6)
    assert hours == [{"north": half, "south": half}, {"": whole}, {"north": half, "south": half}]


# ---- what else knows of places


def test_other_areas_lay_out_other_legs():
    other = {"north": {"communities": ["n1"]}, "south": {"communities": ["n2", "s1", "s2"]}}
    assert laid_out_of(street()) == laid_out_of(street())
    assert laid_out_of(street()) != laid_out_of(street(areas=other))


def test_the_face_sheet_tells_of_areas_and_the_way_to_them():
    told_of = dict(face_sheet(street(), "en"))
    assert told_of["Areas of neighbouring communities"] == "2 of 50 households; 0 min one way to the area's door"


def test_the_pyramid_draws_areas_between_the_offices_and_the_communities():
    """A unit is an area with all its teams, at whatever level they stand."""
    rows = [
        *(("hub", "north", "street", 2), ("hub", "south", "street", 3), ("aides", "north", "community", 1)),
        *(("office", "", "street", 4), ("station", "n1", "community", 5)),
    ]
    teams = pd.DataFrame(rows, columns=["base", "place", "level", "size"])
    declared = {
        "hub": {"each": "area", "level": "street"},
        "aides": {"each": "area", "level": "community"},
        "office": {"each": "street", "level": "street"},
        "station": {"each": "community", "level": "community"},
    }
    structure = {
        "teams": declared,
        "areas": {"north": {}, "south": {}},
        "communities": {"n1": {"committees": 2}, "s1": {"committees": 1}},
    }
    assert tiers(teams, structure) == [
        Tier("leaders", ()),
        Tier("offices", (4,), n_units=1),
        Tier("area", (3, 3), n_units=2),
        Tier("community", (5,), n_units=2),
        Tier("committee", (), n_units=3),
    ]


def test_what_stands_in_areas_is_not_the_street_office():
    """Of the map of the levers: a long wait at an area's unit is not one at the street, at whatever level it stands."""
    units = {"hub": {"each": "area", "level": "street"}, "hall": {"each": "street", "level": "street"}}
    result = SimpleNamespace(names=["one"], resolved=lambda name: {"structure": {"units": units}})
    assert Sweep(result, {}, {}, pd.DataFrame())._levels == {"one": {"hub": "community", "hall": "street"}}


# ---- the lever of community size


def test_another_community_size_is_refused_where_there_are_areas(tmp_path):
    """Unless it is the one there is."""
    levers = Path(__file__).parent / "valid" / "levers.yaml"
    file = tmp_path / "areas.yaml"
    file.write_text(
        f"extends: {levers}\n"
        "structure:\n"
        "  communities: {east: {households: 600}, west: {households: 600}}\n"
        "  areas: {north: {communities: [east]}, south: {communities: [west]}}\n",
        encoding="utf-8",
    )
    variants = Variants.of(file)
    assert variants.at({"structure.communities.number": 2}).scenario == variants.at({}).scenario
    with pytest.raises(InfeasibleError, match="areas"):
        variants.at({"structure.communities.number": 3})
