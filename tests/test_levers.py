"""The two verbs: tables worked by hand, and that nothing of a verb is left once it has been carried out.

``valid/levers.yaml``: communities of 700 and 500 households; 2 people at the windows of each, 5 and 4 behind them (of
these one clerk each, the others grid workers); 3 committees of 3; at the street 4 leaders, 6 in section A with 24 hours
of work a week, 4 in section B with 8.
"""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InfeasibleError, ScenarioError
from sim.scenario import Variants, load, load_text
from sim.scenario.levers.roster import roster
from sim.scenario.places import realised_size
from sim.scenario.reading import read_file
from sim.scenario.tree import plain
from sim.units import HOUR_S

HERE = Path(__file__).parent
SMALL = HERE / "valid" / "levers.yaml"
JINFENG = HERE.parent / "scenarios" / "jinfeng"
STREET = Variants.of(SMALL)
KEEP = {"staff": 7, "offices": 2}


def small(**verbs):
    """The small street with verbs set: ``number``, ``households``, or parts of ``move``."""
    sizes = ("number", "households")
    paths = {f"structure.communities.{key}": value for key, value in verbs.items() if key in sizes}
    move = {key: value for key, value in verbs.items() if key not in sizes}
    return STREET.at(paths | ({"structure.move": {"keep": KEEP} | move} if move else {}))


def people(loaded):
    """How many stand where: ``team`` or ``team@place``."""
    sizes = roster(loaded.scenario.structure).sizes()
    return {f"{team}@{place}" if place else team: n for (team, place), n in sorted(sizes.items())}


def office(loaded):
    return [people(loaded).get(team, 0) for team in ("leaders", "section-a", "section-b")]


def stations(loaded):
    return [n for where, n in people(loaded).items() if where.startswith("behind@")]


def stands(loaded, group):
    """Where each person of a group stands, by number."""
    return [f"{at.team}@{at.place}".rstrip("@") for at in roster(loaded.scenario.structure).groups[group]]


def refused(**verbs):
    """Keys and paths of why it cannot be."""
    with pytest.raises(InfeasibleError) as caught:
        small(**verbs)
    return [(fault.key, fault.path) for fault in caught.value.faults]


# -- community size --------------------------------------------------------------------------------------------------


def test_three_communities_of_a_street_of_two():
    """6 of the 13 go to three pairs of windows, 7 stand behind them: 3, 2 and 2. The three committees are kept."""
    structure = small(number=3).scenario.structure
    assert [(name, each.households, each.committees) for name, each in structure.communities.items()] == [
        *[("c1", 400, 1), ("c2", 400, 1), ("c3", 400, 1)]
    ]
    assert structure.teams["windows"].size == 2
    assert structure.teams["behind"].size == {"c1": 3, "c2": 2, "c3": 2}
    assert structure.teams["committees"].size == 3
    assert structure.teams["section-a"].size == 6


def test_without_a_ledger_as_many_stand_in_each_place():
    apart = STREET.at({"structure.communities.number": 3, "structure.ledger": None})
    assert people(apart) == people(small(number=3))


def test_who_stands_where_in_three_communities():
    """Those at the windows stay at windows, the next of their group join them; each group is spread evenly."""
    dealt = small(number=3)
    assert stands(dealt, "grid") == [
        *["windows@c1", "windows@c1", "windows@c2", "windows@c2", "windows@c3", "windows@c3"],
        *["behind@c1", "behind@c1", "behind@c2", "behind@c3", "behind@c3"],
    ]
    assert stands(dealt, "clerks") == ["section-a"] * 6 + ["section-b"] * 4 + ["behind@c1", "behind@c2"]


def test_a_window_left_by_merging_is_left_for_the_room_behind_it():
    """One community: two windows, and 11 behind them."""
    merged = small(number=1)
    assert people(merged)["windows@c1"] == 2
    assert people(merged)["behind@c1"] == 11
    assert merged.scenario.structure.communities["c1"].committees == 3


def test_windows_are_filled_by_those_who_stand_there_then_their_groups_then_the_largest():
    """With clerks at the four windows: four communities take them, the two clerks behind them, and two grid workers."""
    clerks = {
        "structure.ledger.posts.windows.group": "clerks",
        "structure.ledger.groups.clerks.n": 16,
        "structure.ledger.groups.grid.n": 7,
    }
    filled = STREET.at({"structure.communities.number": 4, **clerks})
    assert [sum(at.startswith("windows") for at in stands(filled, name)) for name in ("clerks", "grid")] == [6, 2]
    assert [at for at in stands(filled, "clerks") if at.startswith("behind")] == []
    two = stands(STREET.at({"structure.communities.number": 2, **clerks}), "clerks")
    assert two[10:] == ["behind@c1", "behind@c2", "windows@c1", "windows@c1", "windows@c2", "windows@c2"]


def test_windows_without_staff_and_rooms_with_nobody_are_refused():
    """Thirteen people fill the windows of five communities and leave three behind them; of seven, not even that."""
    assert refused(number=5) == [("lever.nobody", "structure.communities.number")]
    assert refused(number=7) == [("lever.window", "structure.communities.number")]


@pytest.mark.parametrize(
    ("number", "sizes"), [(1, [1200]), (5, [240] * 5), (7, [172, 172, 172, 171, 171, 171, 171]), (2, [600, 600])]
)
def test_households_are_kept_and_equal_up_to_one(number, sizes):
    without_people = {"structure.ledger": None, "structure.teams.behind.size": 30}
    loaded = STREET.at({"structure.communities.number": number, **without_people})
    assert [each.households for each in loaded.scenario.structure.communities.values()] == sizes


@pytest.mark.parametrize(
    ("asked", "number", "realised"), [(400, 3, 400), (500, 2, 600), (480, 3, 400), (1700, 1, 1200), (2400, 1, 1200)]
)
def test_a_size_becomes_a_number_and_the_realised_size_is_told(asked, number, realised):
    """1200 over 500 is 2.4, so two of 600; over 480 it is 2.5, so three; over 2400 a half, so one."""
    structure = small(households=asked).scenario.structure
    assert (len(structure.communities), realised_size(structure)) == (number, realised)


def test_communities_that_would_not_be_are_refused():
    assert refused(households=2401) == [("lever.no_community", "structure.communities.households")]
    assert refused(number=1201) == [("lever.more_communities", "structure.communities.number")]


@pytest.mark.parametrize(("number", "committees"), [(1, [3]), (2, [2, 1]), (3, [1, 1, 1]), (4, [1, 1, 1, 1])])
def test_the_number_of_committees_is_kept_but_each_community_has_one(number, committees):
    communities = small(number=number).scenario.structure.communities
    assert [each.committees for each in communities.values()] == committees


def test_elected_members_are_dealt_over_the_committees():
    """Four committees, nine members; they go on doing self-governance only."""
    dealt = small(number=4).scenario.structure
    assert dealt.teams["committees"].size == {"c1-1": 3, "c2-1": 2, "c3-1": 2, "c4-1": 2}
    assert [(post.n, post.government_work) for post in dealt.ledger.posts.values() if post.group == "elected"] == [
        *[(3, False), (2, False), (2, False), (2, False)]
    ]


@pytest.mark.parametrize(("number", "length_h"), [(1, 6), (2, 3), (4, 1.5)])
def test_patrols_keep_the_streets_hours(number, length_h):
    """One person for 3 h in each of two communities: 6 h in the street. Meetings stay, one a station."""
    duties = small(number=number).scenario.structure.duties
    assert duties["patrol"].length == length_h * HOUR_S
    assert duties["meeting"].length == HOUR_S


def test_a_file_that_names_no_community_is_one_of_all_households():
    tree = plain(read_file(SMALL, "", []))
    del tree["structure"]["communities"], tree["structure"]["ledger"]
    tree["structure"]["communities"] = {"number": 3}
    tree["structure"]["teams"]["behind"]["size"] = 10
    structure = load_text(json.dumps(tree)).scenario.structure
    assert structure.teams["behind"].size == {"c1": 2, "c2": 2, "c3": 2}
    assert sum(each.households for each in structure.communities.values()) == 1200


# -- staff moved -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("staff", "left"),
    [
        *[(0, [4, 6, 4]), (1, [3, 6, 4]), (2, [3, 6, 3]), (3, [3, 6, 2]), (4, [3, 5, 2]), (5, [3, 5, 1])],
        *[(6, [3, 4, 1]), (7, [3, 3, 1])],
    ],
)
def test_the_next_comes_from_the_team_with_the_lowest_load(staff, left):
    """Leaders have no work: one goes, three are kept. Then hours a person: A 4, B 2; 2⅔; 4 and 4 (A is named first)…

    A with 5 people has 4.8, so B gives its last but one, and keeps it; then A gives.
    """
    assert office(small(staff=staff)) == left


@pytest.mark.parametrize(
    ("by", "behind"),
    [
        ("equal", [(5, 5), (6, 5), (6, 6), (7, 6)]),
        ("households", [(6, 4), (7, 4), (7, 5), (8, 5)]),
        ("load", [(6, 4), (6, 5), (7, 5), (7, 6)]),
    ],
)
def test_who_receives_the_next(by, behind):
    """East: 7 people in the station, 700 households; west: 6 people, 500 households.

    Equal: 7 and 6, west; 7 and 7, east. By household: 10 and 12 a thousand, east; 11.4 and 12, east; 12.9 and 12, west.
    By load: 1.34 and 0.96 h of cards a week, 3 h of patrol, an hour's meeting of everybody behind the windows; each
    person has 16 h. 9.34/112 and 7.96/96, east; 10.34/128 and 7.96/96, west; 10.34/128 and 8.96/112, east; 11.34/144
    and 8.96/112, west.
    """
    assert [tuple(stations(small(staff=n, by=by))) for n in (1, 2, 3, 4)] == behind


def test_who_moves_keeps_the_number_and_nobody_else_moves():
    before, after = STREET.at({}), small(staff=4, by="equal")
    assert stands(after, "chiefs") == ["leaders"] * 3 + ["behind@west"]
    gone = {5: "behind@east", 8: "behind@west", 9: "behind@east"}
    assert stands(after, "clerks") == [gone.get(k, at) for k, at in enumerate(stands(before, "clerks"))]
    assert stands(after, "grid") == stands(before, "grid")


def test_people_may_leave_some_teams_only():
    assert office(small(staff=3, **{"from": ["section-a"]})) == [4, 3, 4]
    assert office(small(staff=3, to="behind", keep=KEEP | {"teams": {"section-b": 4}})) == [3, 4, 4]


def test_what_the_file_has_moved_already_counts():
    assert small(staff=2, already=2).digest == STREET.at({}).digest
    assert people(small(staff=5, already=2)) == people(small(staff=3))


def test_people_go_back_up_to_the_team_with_the_highest_load():
    """Only the two clerks are of the street's groups; A has 4 h a person, B 2. The fuller station gives first."""
    assert office(small(staff=0, already=1, by="equal")) == [4, 7, 4]
    assert stations(small(staff=0, already=1, by="equal")) == [4, 4]
    assert office(small(staff=0, already=2, by="equal")) == [4, 8, 4]
    assert refused(staff=0, already=3) == [("lever.back", "structure.move.staff")]


def test_nobody_is_the_last_behind_the_windows():
    """Four communities have 2, 1, 1 and 1 behind the windows, a clerk each in the first two: only one can go up."""
    assert stations(small(number=4, staff=0, already=1)) == [1, 1, 1, 1]
    with pytest.raises(InfeasibleError, match="2 people are to go back up, but only 1 can"):
        small(number=4, staff=0, already=2)


def test_a_seat_at_a_window_is_taken_from_behind_it():
    """East's clerks sit at its windows: one goes up, and a grid worker sits down."""
    posts = {
        "leaders": {"group": "chiefs", "team": "leaders", "n": 4},
        "section-a": {"group": "clerks", "team": "section-a", "n": 6},
        "section-b": {"group": "clerks", "team": "section-b", "n": 4},
        "clerks": {"group": "clerks", "team": "windows", "at": "east", "n": 2},
        "windows": {"group": "grid", "team": "windows", "at": "west", "n": 2},
        "behind-east": {"group": "grid", "team": "behind", "at": "east", "n": 5},
        "behind-west": {"group": "grid", "team": "behind", "at": "west", "n": 4},
        "elected": {"group": "elected", "team": "committees", "n": 3, "government_work": False},
    }
    tree = plain(read_file(SMALL, "", []))
    tree["structure"]["ledger"]["posts"] = posts
    tree["structure"]["move"] = {"staff": 0, "already": 1}
    up = load_text(json.dumps(tree))
    assert people(up)["windows@east"] == 2
    assert people(up)["behind@east"] == 4
    assert sorted(set(stands(up, "clerks"))) == ["section-a", "section-b", "windows@east"]
    assert stands(up, "grid").count("windows@east") == 1


def test_the_floors_of_the_street_office():
    """14 at the street; teams keep 3, 1 and 1, so 9 of them can go; as many as the floor allows may."""
    assert office(small(staff=7)) == [3, 3, 1]
    assert refused(staff=8) == [("lever.floor_staff", "structure.move.staff")]
    assert refused(staff=10, keep={"staff": 1, "offices": 2}) == [("lever.keep", "structure.move.staff")]
    assert refused(staff=15) == [("lever.more_people", "structure.move.staff")]
    assert refused(staff=1, keep={"staff": 1}) == [("lever.floor_offices", "structure.move.staff")]
    assert refused(staff=1, keep={}) == [
        ("lever.floor_staff", "structure.move.staff"),
        ("lever.floor_offices", "structure.move.staff"),
    ]
    assert small(staff=0, keep={}).digest == STREET.at({}).digest


def test_the_floor_is_a_condition_on_what_is_left_whoever_moved_the_people():
    """14 at the street, as the file says after 1 has moved: with that 1 moved 14 are left, with nobody moved 15 are.

    Where nobody is moved the arrangement stands as it is, whatever the floor.
    """
    floor = {"staff": 15, "offices": 2}
    assert refused(staff=1, already=1, keep=floor) == [("lever.floor_staff", "structure.move.staff")]
    assert refused(staff=1, already=1, keep={"staff": 14}) == [("lever.floor_offices", "structure.move.staff")]
    assert sum(office(small(staff=1, already=2, by="equal", keep=floor))) == 15
    assert refused(staff=1, already=2, keep=floor | {"staff": 16}) == [("lever.floor_staff", "structure.move.staff")]
    assert sum(office(small(staff=0, already=1, by="equal", keep=floor | {"staff": 99}))) == 15
    assert small(staff=0, keep=floor | {"staff": 99, "offices": 9}).digest == STREET.at({}).digest


# -- what is left ----------------------------------------------------------------------------------------------------


def test_a_plain_file_that_says_the_same_has_the_same_digest():
    """Three communities, then two of the street's people down: the leader, and one of section B."""
    tree = plain(read_file(SMALL, "", []))
    structure = tree["structure"]
    structure["communities"] = {f"c{k}": {"households": 400, "committees": 1} for k in (1, 2, 3)}
    structure["teams"]["behind"]["size"] = {"c1": 3, "c2": 3, "c3": 3}
    structure["teams"]["leaders"]["size"], structure["teams"]["section-b"]["size"] = 3, 3
    structure["duties"]["patrol"]["length"] = "2 h"
    posts = [
        *[("chiefs", 1, "leaders", None, 3), ("chiefs", 2, "behind", "c2", 1)],
        *[("clerks", 1, "section-a", None, 6), ("clerks", 2, "section-b", None, 3), ("clerks", 3, "behind", "c3", 1)],
        *[("clerks", 4, "behind", "c1", 1), ("clerks", 5, "behind", "c2", 1)],
        *[("grid", k, "windows", f"c{k}", 2) for k in (1, 2, 3)],
        *[("grid", 4, "behind", "c1", 2), ("grid", 5, "behind", "c2", 1), ("grid", 6, "behind", "c3", 2)],
        *[("elected", k, "committees", f"c{k}-1", 3) for k in (1, 2, 3)],
    ]
    structure["ledger"]["posts"] = {
        f"{group}-{k}": {"group": group, "team": team, "n": n}
        | ({"at": at} if at else {})
        | ({"government_work": False} if group == "elected" else {})
        for group, k, team, at, n in posts
    }
    said = load_text(json.dumps(tree))
    done = small(number=3, staff=2, by="equal")
    assert people(done) == people(said)
    assert done.digest == said.digest
    assert done.resolved() == said.resolved()


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("before", {"structure.communities.number": 6, "structure.move.staff": 0}),
        ("before", {"structure.communities.households": 3000}),
        ("after", {"structure.move": {"staff": 36, "already": 36}}),
        ("after-equal", {"structure.communities.number": 4}),
    ],
)
def test_verbs_that_change_nothing_leave_the_file_as_it_is(name, verbs):
    street = Variants.of(JINFENG / f"{name}.yaml")
    assert street.at(verbs).digest == street.at({}).digest
    assert street.at(verbs).resolved() == street.at({}).resolved()


def test_the_reform_in_four_communities_of_one_size_is_that_of_its_plain_file():
    """The same people as in ``after-equal``, posts and all; the six committees go 2, 2, 1, 1."""
    two = {f"structure.communities.c{k}.committees": 2 for k in (1, 2)}
    one = {f"structure.communities.c{k}.committees": 1 for k in (3, 4)}
    plainly = load(JINFENG / "after-equal.yaml", two | one)
    assert load(JINFENG / "levers-after.yaml").digest == plainly.digest


@pytest.mark.parametrize("name", ["levers-before", "levers-after", "two-streets-before", "two-streets-after"])
def test_the_shipped_levers(name):
    """As they stand they move nobody, and every point of a sweep keeps households, people and the rest of the file."""
    street = Variants.of(JINFENG / f"{name}.yaml")
    heads = sum(people(street.at({})).values())
    for number in (2, 3, 5, 9):
        point = street.at({"structure.communities.number": number})
        assert sum(people(point).values()) == heads
        assert point.unsourced == ()
        assert {point.sources[path].kind for path in point.written if path.startswith("structure.ledger.posts")} == {
            "derived"
        }


def test_two_streets_are_twice_one():
    for name in ("before", "after"):
        one, two = (load(JINFENG / f"{kind}-{name}.yaml").scenario.structure for kind in ("levers", "two-streets"))
        assert {key: 2 * group.n for key, group in one.ledger.groups.items()} == {
            key: group.n for key, group in two.ledger.groups.items()
        }
        sizes = [
            {team: sum(n for (name, _), n in roster(each).sizes().items() if name == team) for team in each.teams}
            for each in (one, two)
        ]
        assert {team: 2 * n for team, n in sizes[0].items()} == sizes[1]


@settings(max_examples=60, deadline=None)
@given(
    number=st.integers(1, 8),
    staff=st.integers(0, 16),
    already=st.integers(0, 3),
    by=st.sampled_from(["load", "equal", "households"]),
)
def test_nobody_is_lost_or_made(number, staff, already, by):
    """Each group keeps its people and all sums hold (the checks run on the result), or a reason is given."""
    try:
        loaded = small(number=number, staff=staff, already=already, by=by)
    except InfeasibleError as error:
        reasons = error.faults
    else:
        kept(loaded)
        reasons = []
    assert all(fault.key.startswith("lever.") and fault.text("zh") for fault in reasons)


def kept(loaded):
    before = roster(STREET.at({}).scenario.structure)
    after = roster(loaded.scenario.structure)
    assert {name: len(at) for name, at in after.groups.items()} == {name: len(at) for name, at in before.groups.items()}
    assert all(size >= 2 for (team, _), size in after.sizes().items() if team == "windows")
    assert all(n >= 1 for n in stations(loaded))


# -- how the verbs are written ---------------------------------------------------------------------------------------


def test_a_file_that_extends_another_deals_its_communities_anew(tmp_path):
    (tmp_path / "base.yaml").write_bytes(SMALL.read_bytes())
    child = tmp_path / "child.yaml"
    child.write_text("extends: base.yaml\nstructure: {communities: {number: {value: 3, choice: a lever}}}\n", "utf-8")
    loaded = load(child)
    assert loaded.digest == small(number=3).digest
    assert loaded.sources["structure.communities.number"].kind == "choice"
    dealt = loaded.sources["structure.communities.c1.households"]
    assert (dealt.kind, dealt.mark.file, dealt.mark.line) == ("derived", str(child), 2)


def test_what_a_verb_makes_rests_on_the_facts_of_what_it_replaces():
    point = Variants.of(JINFENG / "levers-before.yaml").at({"structure.communities.number": 4})
    assert point.sources["structure.communities.c1.households"].ids == ("jf_size_before_typical",)
    assert point.sources["structure.teams.community-staff.size.c1"].ids == ("jf_community_staff_before",)


def test_a_point_that_cannot_be_is_told_from_a_faulty_file():
    assert issubclass(InfeasibleError, ScenarioError)
    for faulty in ({"structure.move.staff": -1}, {"structure.communities.number": 0}, {"structure.move.staf": 3}):
        with pytest.raises(ScenarioError) as caught:
            STREET.at(faulty)
        assert not isinstance(caught.value, InfeasibleError)


def test_variants_do_not_change_what_they_are_made_from():
    root = deepcopy(plain(STREET.root))
    small(number=3, staff=4)
    assert plain(STREET.root) == root
    assert small(number=3, staff=4).digest == small(number=3, staff=4).digest
    demand = {"demand.scale": 0.8, "structure.communities.number": 3}
    assert STREET.at(demand).digest == load(SMALL, demand).digest != small(number=3).digest
