"""The face sheet: what a year implies before any queue, worked by hand on the small street."""

from __future__ import annotations

import pytest
from small_street import DAYS, EAST, OFFICE, TEAMS, WEST, planned, scenario

from sim.facesheet import face_sheet, figures, lines
from sim.scenario.standing_rules import Admission, Follow
from sim.tables import NONE

WEEKLY = {"days": ["mon"], "at": "14:00"}


def street():
    """Cards at the counters (which all run up to the department), permits at the hall, reports from above."""
    card = {
        "work": "12 min",
        "authority": "department",
        "patience": "1 h",
        "tries": 1,
        "complains": 1.0,
        "limit": "5 working days",
    }
    permit = {"work": "30 min", "authority": "street", "papers": {"incomplete": 1.0, "own_delay": "2 days"}}
    report = {
        "kind": "task",
        "schedule": {"days": ["mon"], "at": "9:00"},
        "items": 4,
        "listed": 0.75,
        "work": "60 min",
        "community_work": "30 min",
        "household_work": "100 min",
    }
    return scenario(
        {"card": card, "permit": permit, "report": report},
        {
            "card": [
                {"unit": "counter", "present": True, "share": 1, "overflow": {"after": "10 min", "unit": "hall"}},
                {"unit": "section", "share": 0.5, "delay": {"mean": "1 working days"}, "overdue": {"work_share": 0.5}},
                {"unit": "leaders", "work": "2 min"},
                {"unit": "bureau", "work": "3 min", "delay": {"gate": "bag"}},
            ],
            "permit": [{"unit": "hall", "present": True, "share": 1, "checks": 1}],
            "report": [
                {"unit": "section", "share": 0.3},
                {"unit": "desk", "each": "community", "share": 1},
                {"unit": "section", "share": 0.7},
            ],
            "complaint": [{"unit": "section", "work": "60 min"}, {"unit": "hall", "work": "60 min"}],
        },
        place={"persons_per_household": 2.5},
        gates={"daily": {"at": "10:00"}, "bag": {"days": ["fri"], "at": "15:00"}},
        units={"leaders": {"kind": "desk", "level": "street"}},
        teams={"office": TEAMS["office"] | {"serves": ["hall", "section", "leaders"]}},
        duties={
            "meeting": {"team": "station", "rhythm": WEEKLY, "length": "1 h"},
            "patrol": {
                "team": "station",
                "kind": "field",
                "people": 1,
                "rhythm": WEEKLY,
                "length": "2 h",
                "by_clock": False,
            },
        },
        rules={"complaints": "complaint", "admission": {"leakage": 0.0, "bearer": "department"}},
        ledger={
            "groups": {"staff": {"n": 8}, "elected": {"n": 4, "status": "elected"}},
            "posts": {
                "stations": {"group": "staff", "team": "station", "n": 3},
                "office": {"group": "staff", "team": "office", "n": 2, "government_work": False},
            },
        },
    )


def a_year():
    """Each day one card in the east and two in the west; each week a permit, and four reports."""
    weeks = range(52)
    days = [f"{day}-9:00+{week}w" for week in weeks for day in DAYS[:5]]
    return {
        "card": [(day, home) for day in days for home in (EAST, WEST, WEST)],
        "permit": [(f"tue-9:00+{week}w", EAST) for week in weeks],
        "report": [(f"mon-9:00+{week}w", NONE) for week in weeks for _ in range(4)],
    }


@pytest.fixture(scope="module")
def told():
    made = street()
    return dict(lines(figures(made, planned(made, weeks=52, **a_year())), "en"))


def approximately(**values):
    return {name: pytest.approx(value) for name, value in values.items()}


def test_place_and_people_are_told(told):
    assert told["households"] == {"n": 100, "persons": 250}
    assert told["communities"] == {"n": 2, "least": 40, "most": 60, "spread": "40 to 60"}
    assert told["ways"] == approximately(community=0, street=0)
    assert told["heads"] == {"payroll": 8, "elected": 4, "working": 6}


def test_cases_are_counted_by_month_household_and_matter(told):
    """780 cards and 52 permits in the year, of 100 households."""
    assert told["cases"] == approximately(month=832 / 12, household=8.32)
    assert told["cases_counter"] == approximately(month=832 / 12)
    assert told["matters"] == {"list": "card 65; permit 4"}
    assert {"cases_hotline", "cases_grid", "cases_self_governance"} & told.keys() == set()


def test_tasks_and_what_is_refused_of_them_are_told(told):
    """One of four is refused: 18 + 70 + 90 + 42 minutes a week."""
    assert told["tasks"] == approximately(month=208 / 12, refused=0.25)
    assert told["tasks_refused"] == approximately(hours=220 / 60)
    assert "tasks_followed" not in told


def test_work_of_people_who_come_with_tasks_is_told_beside_what_is_refused():
    """All reports are admitted, and half of the unlisted one's work is people's: 9 + 35 + 45 + 21 minutes a week."""
    made = street()
    rules = made.structure.rules.model_copy(update={"admission": Admission(follow=Follow(share=0.5))})
    made = made.model_copy(update={"structure": made.structure.model_copy(update={"rules": rules})})
    found = dict(lines(figures(made, planned(made, weeks=52, **a_year())), "en"))
    assert found["tasks"] == approximately(month=208 / 12, refused=0.0)
    assert found["tasks_refused"] == approximately(hours=0.0)
    assert found["tasks_followed"] == approximately(hours=110 / 60)


def test_a_week_asks_of_each_level_what_the_plain_way_takes(told):
    """In the communities: 15 cards at 12 min; three reports at 160 min; one patrol of 2 h and six people's meeting of
    1 h, each in both. At the street: two visits for the permit at 30 min; 15 cards at 6 and 2 min and three reports at
    60 min. Nothing that is overdue, overflowed or complained of."""
    assert told["hours_community"] == approximately(
        n=6, capacity=210, load=0.1, counter=3, desk=8, field=4, meeting=6, leave=0
    )
    assert told["hours_street"] == approximately(
        n=2, capacity=70, load=6 / 70, counter=1, desk=5, field=0, meeting=0, leave=0
    )
    assert told["hours_department"] == approximately(
        n=1, capacity=35, load=0.75 / 35, counter=0, desk=0.75, field=0, meeting=0, leave=0
    )
    assert "hours_committee" not in told
    assert told["signatures"] == approximately(day=3)


def test_time_of_the_communities_is_parted(told):
    """Of 21 hours 8 are for reports and 4 out of the office; three reports are 3.5 h in the east, 4.5 in the west."""
    assert told["administrative"] == approximately(share=8 / 21)
    assert told["outside"] == approximately(share=4 / 21)
    assert told["tasks_community"] == approximately(least=3.5, most=4.5, spread="4")


def test_visits_trips_and_papers_are_told(told):
    """A permit takes two trips; a card three desks, a working day, and half a week for the bag."""
    assert told["visits_community"] == approximately(least=1, most=2, spread="1.0 to 2.0", work=12)
    assert told["visits_street"] == approximately(least=0.4, most=0.4, spread="0.4", work=30)
    assert told["trips"] == approximately(mean=(780 + 104) / 832, once=780 / 832)
    assert told["paper_department"] == approximately(days=4.5, desks=3)
    assert told["paper_street"] == approximately(days=0, desks=0)


def test_capacity_is_by_the_calendar_of_each_team_and_leave_is_no_share_of_work():
    """Two in the mornings (15 h a week) and one all week (168 h); 125 of 250 days away is half of it."""
    made = scenario(
        {"card": {"rate": "0 / day"}},
        {"card": [{"unit": "hall", "share": 1}]},
        calendars={
            "office": OFFICE,
            "mornings": {"week": {day: [("9:00", "12:00")] for day in DAYS[:5]}},
            "always": {"week": "always"},
        },
        units={"yard": {"kind": "field", "each": "committee", "level": "committee"}},
        teams={
            "office": TEAMS["office"] | {"calendar": "mornings"},
            "yard": {"size": 1, "calendar": "always", "serves": ["yard"], "each": "committee", "level": "committee"},
        },
        communities={"all": {"households": 100}},
        rules={"absence": {"days_per_year": 125.0}},
        ledger={
            "groups": {"staff": {"n": 6}},
            "posts": {
                "station": {"group": "staff", "team": "station", "n": 3},
                "office": {"group": "staff", "team": "office", "n": 2},
                "yard": {"group": "staff", "team": "yard", "n": 1},
            },
        },
    )
    told = dict(lines(figures(made, planned(made, weeks=52)), "en"))
    assert told["hours_street"]["capacity"] == pytest.approx(30)
    assert told["hours_street"]["leave"] == pytest.approx(15, abs=1.5)
    assert told["hours_committee"]["capacity"] == pytest.approx(168)
    assert told["hours_committee"]["load"] == pytest.approx(0.5, abs=0.08)
    assert "administrative" not in told


def test_both_languages_tell_the_same_lines_with_all_blanks_filled():
    zh, en = (face_sheet(street(), lang) for lang in ("zh", "en"))
    assert len(zh) == len(en) > 10
    assert all("{" not in text and text for line in (*zh, *en) for text in line)
    assert dict(en)["Households and residents"] == "100 households, 250 residents"
    assert dict(zh)["户数与人口"] == "100户，250人"
