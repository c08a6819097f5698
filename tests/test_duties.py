"""Meetings, patrols and absences as rows: when they are held, for how many, until when, and what lapses."""

from __future__ import annotations

import numpy as np
import pytest
from small_street import OFFICE, WEST, lines, planned, scenario

from sim.tables import Kind
from sim.units import DAY_S

MONDAY_AT_NINE = {"days": ["mon"], "at": "9:00"}


def duty(weeks=1, calendars=None, teams=None, units=None, communities=None, **said):
    """The plan of one duty of the office's two people and of nothing else."""
    said = {"team": "office", "rhythm": MONDAY_AT_NINE, "length": "2 h"} | said
    parts = {"communities": communities} if communities else {}
    return planned(
        scenario({}, {}, calendars=calendars, units=units or {}, teams=teams or {}, duties={"duty": said}, **parts),
        weeks,
    )


def check(given, expected):
    assert lines(given) == [" ".join(line.split()) for line in expected.strip().splitlines()]


def test_a_meeting_takes_everybody_until_it_ends_by_the_clock():
    given = duty()
    check(
        given,
        """
        0.0 meeting:office opens=mon-9:00 work=120 class=0 ends=mon-11:00 next=out
        1.0 meeting:office opens=mon-9:00 work=120 class=0 ends=mon-11:00 next=out
        """,
    )
    assert given.cases["kind"].tolist() == [Kind.DUTY] * 2
    assert given.cases["case"].tolist() == [0, 1]


@pytest.mark.parametrize(("people", "n"), [(1, 1), (2, 2), (7, 2), ("all", 2), ("all_but_one", 1)])
def test_as_many_are_called_as_the_duty_says_and_the_team_has(people, n):
    assert len(lines(duty(people=people))) == n


def test_every_team_of_a_kind_is_called_with_the_people_it_has_there():
    teams = {
        "station": {
            "size": {"east": 1, "west": 2},
            "calendar": "office",
            "serves": ["counter", "desk"],
            "each": "community",
        }
    }
    given = duty(team="station", teams=teams)
    assert [line.split()[1] for line in lines(given)] == ["meeting:station@east", *["meeting:station@west"] * 2]


def test_the_groups_of_a_split_team_share_out_who_is_called():
    """Five at two windows, three and two; three called are two and one, four are two and two, all but one likewise."""
    teams = {
        "office": {"size": 5, "calendar": "office", "serves": ["hall", "section"], "level": "street", "split": True}
    }

    def called(people):
        names = [line.split()[1] for line in lines(duty(people=people, teams=teams))]
        return names.count("meeting:office:hall"), names.count("meeting:office:section")

    assert [called(people) for people in (1, 2, 3, 4, 5, 9, "all", "all_but_one")] == [
        (1, 0),
        (1, 1),
        (2, 1),
        (2, 2),
        (3, 2),
        (3, 2),
        (3, 2),
        (2, 2),
    ]


@pytest.mark.parametrize(
    ("at", "days", "held"),
    [
        ("9:00", ["mon"], ["mon-9:00"]),
        ("11:59", ["mon"], ["mon-11:59"]),
        ("12:00", ["mon"], []),
        ("12:30", ["mon"], []),
        ("13:00", ["mon"], ["mon-13:00"]),
        ("17:00", ["mon"], []),
        ("8:59", ["mon"], []),
        ("9:00", ["sat", "wed", "thu"], ["thu-9:00"]),
    ],
)
def test_a_duty_outside_the_hours_of_its_team_is_not_held(at, days, held):
    """The first Wednesday is a holiday."""
    given = duty(calendars={"office": OFFICE | {"holidays": ["01-03"]}}, people=1, rhythm={"days": days, "at": at})
    assert [line.split()[2].removeprefix("opens=") for line in lines(given)] == held


def test_a_patrol_is_an_amount_of_work_and_lapses_when_the_next_is_due():
    """At half past twelve the team is at lunch: no patrol then, so the morning's has until two o'clock."""
    given = duty(
        kind="field",
        by_clock=False,
        people=1,
        priority=5,
        rhythm={"days": ["mon", "tue"], "at": ["9:00", "12:30", "14:00"]},
    )
    check(
        given,
        """
        0.0 field:office opens=mon-9:00 work=120 class=5 deadline=mon-14:00>out next=out
        1.0 field:office opens=mon-14:00 work=120 class=5 deadline=tue-9:00>out next=out
        2.0 field:office opens=tue-9:00 work=120 class=5 deadline=tue-14:00>out next=out
        3.0 field:office opens=tue-14:00 work=120 class=5 next=out
        """,
    )


@pytest.mark.parametrize(
    ("length", "turns"),
    [
        ("2 h", ["mon-9:00", "mon-11:00"]),
        ("3 h", ["mon-9:00", "mon-13:00"]),
        ("4 h", ["mon-9:00", "mon-14:00"]),
        ("7 h", ["mon-9:00", "tue-9:00"]),
    ],
)
def test_a_duty_for_each_community_is_held_in_one_after_the_other(length, turns):
    """In working time, and where one turn would begin at the closing, it begins at the next opening."""
    given = duty(for_each="community", kind="field", by_clock=False, people=2, length=length)
    opened = [line.split()[2].removeprefix("opens=") for line in lines(given)]
    assert opened == [turn for turn in turns for _ in range(2)]


def test_each_turn_of_a_meeting_has_its_own_end_and_each_patrol_the_same_lapse():
    check(
        duty(for_each="community", people=1),
        """
        0.0 meeting:office opens=mon-9:00 work=120 class=0 ends=mon-11:00 next=out
        1.0 meeting:office opens=mon-11:00 work=120 class=0 ends=mon-13:00 next=out
        """,
    )
    check(
        duty(for_each="community", people=1, by_clock=False, rhythm={"days": ["mon", "tue"], "at": "9:00"}),
        """
        0.0 meeting:office opens=mon-9:00 work=120 class=0 deadline=tue-9:00>out next=out
        1.0 meeting:office opens=mon-11:00 work=120 class=0 deadline=tue-9:00>out next=out
        2.0 meeting:office opens=tue-9:00 work=120 class=0 next=out
        3.0 meeting:office opens=tue-11:00 work=120 class=0 next=out
        """,
    )


def test_turns_after_the_end_of_the_run_are_none_of_ours():
    given = duty(for_each="community", people=1, length="7 h", rhythm={"days": ["fri"], "at": "9:00"})
    assert [line.split()[2] for line in lines(given)] == ["opens=fri-9:00"]


# ---- absences


def office(size=2, days=25.0, calendar=None, group=None, more=None, posts=None):
    """A street whose office alone has people in the ledger."""
    return scenario(
        {},
        {},
        calendars={"office": calendar} if calendar else None,
        teams={"office": {"size": size, "calendar": "office", "serves": ["hall", "section"], "level": "street"}},
        rules={"absence": {"days_per_year": days}},
        ledger={
            "groups": (group or {}) | {"staff": {"n": size}} | (more or {}),
            "posts": posts or {"office": {"group": "staff", "team": "office", "n": size}},
        },
    )


def test_who_is_always_away_has_a_row_for_each_half_day():
    given = planned(office(size=1, days=250.0), weeks=1)
    days = ("mon", "tue", "wed", "thu", "fri")
    half_days = [
        f"{day}-{opens}:00 work={work} class=0 ends={day}-{closes}:00"
        for day in days
        for opens, closes, work in ((9, 12, 180), (13, 17, 240))
    ]
    expected = [f"{case}.0 leave:office opens={said} next=out" for case, said in enumerate(half_days)]
    assert lines(given) == expected


def test_people_are_away_on_whole_days_as_often_as_said():
    """Twenty-five of 250 working days, over 40 people and a year: a tenth of 10,400 days."""
    rows = planned(office(size=40), weeks=52).engine_input.itineraries
    half_days = rows.groupby([rows["opens_s"] // DAY_S]).size()
    assert (half_days % 2 == 0).all()
    assert len(rows) / 2 / (40 * 260) == pytest.approx(0.1, abs=0.01)
    assert (half_days / 2).max() < 14


def absent_days(street, unit, weeks=26):
    given = planned(street, weeks=weeks)
    rows = given.engine_input.itineraries
    mine = given.units["unit"].to_numpy()[rows["unit"]] == unit
    return (rows.loc[mine, "opens_s"] // DAY_S).unique().tolist()


def test_a_person_who_moves_takes_the_days_away_along():
    """Of three people, the last stands in the office, then in the bureau."""

    def posts(first, second):
        return {
            "counters": {"group": "staff", "team": "station", "at": "east", "n": 1},
            "one": {"group": "staff", "team": first, "n": 1},
            "two": {"group": "staff", "team": second, "n": 1},
        }

    here = office(size=3, posts=posts("office", "bureau"))
    there = office(size=3, posts=posts("bureau", "office"))
    assert absent_days(here, "leave:office") == absent_days(there, "leave:bureau") != []
    assert absent_days(here, "leave:bureau") == absent_days(there, "leave:office") != []
    assert absent_days(here, "leave:office") != absent_days(here, "leave:bureau")


def test_more_people_in_one_group_change_nobodys_days_in_another():
    alone = absent_days(office(), "leave:office")
    beside = absent_days(office(group={"leaders": {"n": 5}}, more={"elected": {"n": 9}}), "leave:office")
    assert alone == beside != []


def test_there_is_no_leave_without_absences_or_without_people_known_by_name():
    assert "leave:office" not in planned(office(days=0.0)).units["unit"].tolist()
    street = scenario({}, {}, rules={"absence": {"days_per_year": 25.0}})
    assert not planned(street).units["kind"].eq("leave").any()


def test_teams_without_posts_are_never_away():
    given = planned(office(days=250.0))
    names = given.units["unit"].to_numpy()[given.engine_input.itineraries["unit"]]
    assert set(names) == {"leave:office"}


@pytest.mark.parametrize(
    "calendar",
    [{"week": "always"}, {"week": {"mon": [("0:00", "24:00")], "tue": [("0:00", "24:00")], "wed": [("0:00", "8:00")]}}],
)
def test_hours_through_the_night_are_days_too(calendar):
    """Periods that run on past midnight are cut there, for absence is by the day."""
    rows = planned(office(size=1, days=125.0, calendar=calendar), weeks=20).engine_input.itineraries
    assert (rows["opens_s"] % DAY_S == 0).all()
    assert (rows["ends_by_s"] - rows["opens_s"] == rows["work_s"]).all()
    assert set(rows["work_s"]) <= {DAY_S, 8 * 3600}
    n_days = 140 if calendar["week"] == "always" else 60
    assert len(rows) / n_days == pytest.approx(0.5, abs=0.15)


def test_duties_come_after_all_cases_in_number():
    street = scenario(
        {"card": {}},
        {"card": [{"unit": "counter", "present": True, "share": 1}]},
        duties={"duty": {"team": "office", "rhythm": MONDAY_AT_NINE, "length": "2 h"}},
    )
    given = planned(street, card=[("fri-9:00", WEST)] * 3, weeks=1)
    assert given.cases["kind"].tolist() == [Kind.RESIDENT] * 3 + [Kind.DUTY] * 2
    assert np.array_equal(given.engine_input.itineraries["case"], range(5))
