"""Places, units, teams and people as they stand: intervals of households, instances, closing rules, the ledger."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_street import TEAMS, UNITS, scenario

from sim.scenario.schema import Community, Structure
from sim.structure.offices import offices
from sim.structure.people import HeadCount, head_count, persons_by_team
from sim.structure.places import places
from sim.tables import AtClose, Closing

FINISH, PAUSE = int(Closing.FINISH), int(Closing.PAUSE)
HOLD, SEND_HOME = int(AtClose.HOLD), int(AtClose.SEND_HOME)


def stand(**structure):
    """Places and offices of the small street with other parts."""
    whole = scenario({}, {}, **structure).structure
    where = places(whole)
    return whole, where, offices(whole, where)


# ---- places


def street_of(**communities):
    return places(
        Structure.model_construct(
            communities={
                name: Community(households=n, committees=committees) for name, (n, committees) in communities.items()
            }
        )
    )


def test_communities_and_committees_are_intervals_of_households():
    """Ten households in three committees are four, three, three; five in one."""
    where = street_of(a=(10, 3), b=(5, 1))
    assert where.communities == ("a", "b")
    assert where.committees == ("a-1", "a-2", "a-3", "b-1")
    assert where.households("street").tolist() == [15]
    assert where.households("community").tolist() == [10, 5]
    assert where.households("committee").tolist() == [4, 3, 3, 5]
    home = np.array([0, 3, 4, 6, 7, 9, 10, 14])
    assert where.of("street", home).tolist() == [0] * 8
    assert where.of("community", home).tolist() == [0, 0, 0, 0, 0, 0, 1, 1]
    assert where.of("committee", home).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [where.names(each) for each in ("street", "community")] == [("",), ("a", "b")]


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 5)), min_size=1, max_size=6))
def test_every_household_has_one_community_and_a_committee_of_it(sizes):
    where = street_of(**{f"c{k}": size for k, size in enumerate(sizes)})
    home = np.arange(sum(n for n, _ in sizes))
    community, committee = where.of("community", home), where.of("committee", home)
    assert np.bincount(community).tolist() == [n for n, _ in sizes]
    assert [where.committees[k].split("-")[0] for k in committee] == [where.communities[k] for k in community]
    assert all(
        np.ptp(part) <= 1 for part in np.split(where.households("committee"), np.cumsum([k for _, k in sizes])[:-1])
    )


# ---- units


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("counter", (FINISH, SEND_HOME, 0, 0)),
        ("desk", (PAUSE, HOLD, 1, 180)),
        ("field", (PAUSE, HOLD, 0, 180)),
        ("meeting", (PAUSE, HOLD, 0, 180)),
        ("leave", (PAUSE, HOLD, 0, 180)),
    ],
)
def test_the_kind_of_a_unit_says_how_it_closes_and_whether_it_yields(kind, row):
    """Restarting costs the rule's three minutes wherever work may be put back."""
    _, _, stood = stand(units={"hall": {"kind": kind, "level": "street"}}, rules={"restart": "3 min"})
    hall = stood.number["hall", ""]
    assert tuple(stood.units.iloc[hall]) == (hall, *row)
    assert stood.unit_info.iloc[hall].tolist() == ["hall", "hall", "", "street", kind, "street"]


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ({"closing": "pause"}, (PAUSE, SEND_HOME, 0, 180)),
        ({"at_close": "hold"}, (FINISH, HOLD, 0, 0)),
        ({"yields": True}, (FINISH, SEND_HOME, 1, 180)),
        ({"restart": "1 min"}, (FINISH, SEND_HOME, 0, 60)),
        ({"kind": "desk", "closing": "finish", "at_close": "send_home", "yields": False}, (FINISH, SEND_HOME, 0, 0)),
        ({"kind": "desk", "restart": "0 s"}, (PAUSE, HOLD, 1, 0)),
    ],
)
def test_a_unit_may_say_otherwise(said, row):
    _, _, stood = stand(units={"hall": {"level": "street"} | said}, rules={"restart": "3 min"})
    assert tuple(stood.units.iloc[stood.number["hall", ""]])[1:] == row


def test_units_stand_once_or_in_each_place_in_declared_order():
    _, _, stood = stand(
        units={"yard": {"each": "committee"}},
        teams={"yard": {"size": 1, "calendar": "office", "serves": ["yard"], "each": "committee"}},
    )
    assert stood.unit_info["unit"].tolist() == [
        "counter@east",
        "counter@west",
        "desk@east",
        "desk@west",
        "hall",
        "section",
        "bureau",
        "yard@east-1",
        "yard@west-1",
    ]
    assert stood.units["unit"].tolist() == list(range(9))
    assert stood.unit_info["place"].tolist()[:3] == ["east", "west", "east"]


# ---- teams


def team_rows(stood):
    table, info = stood.team_tables(["office"])
    names = stood.unit_info["unit"].tolist()
    return [
        (name, size, [names[int(unit)] for unit in serves.split()])
        for name, size, serves in zip(info["team"], table["size"], table["serves"], strict=True)
    ]


def test_a_team_stands_in_each_of_its_places_with_the_people_it_has_there():
    teams = {"station": TEAMS["station"] | {"size": {"west": 4, "east": 2}}}
    _, _, stood = stand(teams=teams)
    assert team_rows(stood) == [
        ("station@east", 2, ["counter@east", "desk@east"]),
        ("station@west", 4, ["counter@west", "desk@west"]),
        ("office", 2, ["hall", "section"]),
        ("bureau", 1, ["bureau"]),
    ]
    assert [team.place for team in stood.teams_of("station")] == ["east", "west"]


def test_a_split_team_is_a_group_for_each_unit_the_first_ones_larger_with_shared_units_last():
    teams = {
        "station": TEAMS["station"] | {"size": 5, "serves": ["counter", "desk"], "split": True, "shared": ["desk"]},
        "office": TEAMS["office"] | {"shared": ["bureau"]},
    }
    _, _, stood = stand(teams=teams)
    assert team_rows(stood)[:2] == [
        ("station:counter@east", 3, ["counter@east", "desk@east"]),
        ("station:desk@east", 2, ["desk@east", "desk@east"]),
    ]
    assert team_rows(stood)[4] == ("office", 2, ["hall", "section", "bureau"])
    assert [(team.base, team.place) for team in stood.teams_of("station")] == [
        ("station", "east"),
        ("station", "east"),
        ("station", "west"),
        ("station", "west"),
    ]


def test_each_team_has_a_queue_for_each_kind_of_its_duties_and_serves_it_first():
    """Leave comes before meetings, for who is away can attend none; then outdoor work, then the team's units."""
    weekly = {"rhythm": {"days": ["mon"], "at": "9:00"}, "length": "1 h"}
    ledger = {"groups": {"staff": {"n": 2}}, "posts": {"office": {"group": "staff", "team": "office", "n": 2}}}
    _, _, stood = stand(
        duties={
            "patrol": weekly | {"team": "office", "kind": "field"},
            "meeting": weekly | {"team": "office"},
            "training": weekly | {"team": "station"},
        },
        rules={"absence": {"days_per_year": 10.0}, "restart": "3 min"},
        ledger=ledger,
    )
    rows = {name: serves for name, _, serves in team_rows(stood)}
    assert rows["office"] == ["leave:office", "meeting:office", "field:office", "hall", "section"]
    assert rows["station@west"] == ["leave:station@west", "meeting:station@west", "counter@west", "desk@west"]
    office = stood.teams_of("office")[0]
    assert [stood.unit_info["unit"][number] for number in office.duty_units.values()] == rows["office"][:3]
    assert list(office.duty_units) == ["leave", "meeting", "field"]
    own = stood.unit_info.set_index("unit").loc["field:office"]
    assert (own["base"], own["place"], own["level"], own["kind"]) == ("field:office", "", "street", "field")


def test_the_groups_of_a_split_team_have_duty_queues_of_their_own():
    weekly = {"rhythm": {"days": ["mon"], "at": "9:00"}, "length": "1 h"}
    _, _, stood = stand(
        teams={"office": TEAMS["office"] | {"split": True}}, duties={"meeting": weekly | {"team": "office"}}
    )
    assert [serves for name, _, serves in team_rows(stood) if name.startswith("office")] == [
        ["meeting:office:hall", "hall"],
        ["meeting:office:section", "section"],
    ]


# ---- people

LEDGER = {
    "groups": {
        "leaders": {"n": 2},
        "staff": {"n": 7},
        "elected": {"n": 4, "status": "elected"},
        "others": {"n": 1, "status": "department"},
    },
    "posts": {
        "heads": {"group": "leaders", "team": "station", "n": 1},
        "stations": {"group": "staff", "team": "station", "n": 2},
        "more": {"group": "staff", "team": "station", "at": "west", "n": 1},
        "office": {"group": "staff", "team": "office", "n": 2},
        "committees": {"group": "elected", "team": "yard", "n": 2, "government_work": False},
        "bureau": {"group": "others", "team": "bureau", "n": 1},
    },
}
YARD = {
    "units": {"yard": {"each": "community"}},
    "teams": {
        "station": TEAMS["station"] | {"size": {"east": 3, "west": 4}},
        "yard": {"size": 2, "calendar": "office", "serves": ["yard"], "each": "community"},
    },
}


def test_heads_are_counted_by_status_and_government_work_by_post():
    """Two leaders and seven staff; of 14 posts the elected four and the department's one do not count."""
    whole, where, _ = stand(ledger=LEDGER, **YARD)
    assert head_count(whole, where) == HeadCount(payroll=9, elected=4, department=1, government_work=9)


def test_people_are_numbered_within_their_group_in_the_order_of_posts():
    whole, where, stood = stand(ledger=LEDGER, **YARD)
    assert persons_by_team(whole, where, stood) == {
        "station@east": ["leaders 0", "staff 0", "staff 1"],
        "station@west": ["leaders 1", "staff 2", "staff 3", "staff 4"],
        "office": ["staff 5", "staff 6"],
        "bureau": ["others 0"],
        "yard@east": ["elected 0", "elected 1"],
        "yard@west": ["elected 2", "elected 3"],
    }


def test_people_who_move_keep_their_numbers():
    """The two of the office go to the bureau's team; nobody else is renumbered."""
    moved = LEDGER | {"posts": LEDGER["posts"] | {"office": {"group": "staff", "team": "bureau", "n": 2}}}
    before, after = (
        persons_by_team(
            *stand(ledger=ledger, **YARD | {"teams": YARD["teams"] | {"bureau": TEAMS["bureau"] | {"size": 3}}})
        )
        for ledger in (LEDGER, moved)
    )
    assert before["office"] == ["staff 5", "staff 6"]
    assert after["office"] == []
    assert after["bureau"] == ["staff 5", "staff 6", "others 0"]
    assert all(before[team] == after[team] for team in ("station@east", "station@west", "yard@east", "yard@west"))


def test_the_groups_of_a_split_team_have_different_people():
    teams = {"office": TEAMS["office"] | {"size": 3, "split": True}}
    ledger = {"groups": {"staff": {"n": 3}}, "posts": {"office": {"group": "staff", "team": "office", "n": 3}}}
    people = persons_by_team(*stand(teams=teams, ledger=ledger))
    assert people["office:hall"] == ["staff 0", "staff 1"]
    assert people["office:section"] == ["staff 2"]


def test_the_small_street_serves_all_its_units():
    """What the other tests stand on."""
    _, _, stood = stand()
    assert {unit for _, _, serves in team_rows(stood) for unit in serves} == set(stood.unit_info["unit"])
    assert len(stood.units) == 7 == sum(2 if unit.get("each") else 1 for unit in UNITS.values())
