"""What a procedure makes of a case: the literal rows, for each thing the scenario language can say of a step.

Chances are 0 or 1 wherever luck would decide; the lines are explained at the head of ``small_street.py``.
"""

from __future__ import annotations

import numpy as np
import pytest
from small_street import EAST, OFFICE, WEST, asked, at, hours, lines, planned, scenario

from sim.itineraries import plan
from sim.tables import BEARERS, NONE, Kind
from sim.units import DAY_S, MINUTE_S

MONDAY = [("mon-9:00", EAST)]
AT_COUNTER = {"unit": "counter", "present": True, "share": 1}
HOLIDAY = {"office": OFFICE | {"holidays": ["01-03"]}}
"""The first Wednesday is a holiday."""


def card(*steps, parts=None, asked_at=MONDAY, **matter):
    """The plan of one matter, whose work content is ten minutes."""
    procedures = {"card": list(steps), **((parts or {}).pop("procedures", {}))}
    return planned(scenario({"card": matter}, procedures, **(parts or {})), card=asked_at)


def check(given, expected, kind=None):
    assert lines(given, kind) == [" ".join(line.split()) for line in expected.strip().splitlines()]


# ---- one step after another


def test_one_step_is_one_row_at_the_unit_of_the_household():
    check(
        card(AT_COUNTER, asked_at=[("mon-9:00", EAST), ("sun-7:30", WEST)]),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=out
        1.0 counter@west opens=sun-7:30 visit=1 work=10 next=out
        """,
    )


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        ({"mean": "90 min"}, "wall=90"),
        ({"mean": "2 working hours"}, "working=120@0"),
        ({"mean": "2 working days"}, "working=840@0"),
        ({"mean": "2 working days", "calendar": "mornings"}, "working=360@1"),
        ({"gate": "bag"}, "gate=1+0"),
        ({"gate": "meeting", "mean": "1 h"}, "gate=0+60"),
    ],
)
def test_a_delay_before_a_step_is_wall_time_working_time_or_a_gate(delay, said):
    parts = {
        "calendars": {"mornings": {"week": {"mon": [("9:00", "12:00")]}}},
        "gates": {"meeting": {"days": ["wed"], "at": "9:00"}, "bag": {"days": ["fri"], "at": "15:00"}},
    }
    check(
        card(AT_COUNTER, {"unit": "section", "share": 0.5, "priority": 4, "delay": delay}, parts=parts),
        f"""
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 section {said} work=5 class=4 next=out
        """,
    )


def test_work_is_a_share_of_the_content_and_what_the_step_adds_by_skill():
    """(0.5 x 10 + 3) x 1.5 = 12; a hard case twice that."""
    step = {"unit": "section", "share": 0.5, "work": "3 min", "factor": 1.5, "hard_factor": 2}
    check(card(step, hard=0.0), "0.0 section opens=mon-9:00 work=12 next=out")
    check(card(step, hard=1.0), "0.0 section opens=mon-9:00 work=24 next=out")


def test_in_a_transition_work_takes_longer_and_ever_less_so():
    """Half as long again until the warm-up of a week is over, then 1 + 0.5 x 1/2, 1 + 0.5 x 1/4 a half-life on."""
    parts = {"rules": {"transition": {"extra_work_share": 0.5, "half_life": "84 h"}}, "run": {"warm_up": "1 week"}}
    asked_at = [("mon-0:00", EAST), ("mon-0:00+1w", EAST), ("thu-12:00+1w", EAST), ("mon-0:00+2w", EAST)]
    step = {"share": 0.6, "work": "2 min"}
    for unit, work_s in (("section", [720, 720, 600, 540]), ("bureau", [480] * 4)):
        given = card(step | {"unit": unit}, asked_at=asked_at, parts=parts)
        assert given.engine_input.itineraries["work_s"].tolist() == work_s


@pytest.mark.parametrize(("bearer", "work_s"), [("department", 600), ("street", 900)])
def test_what_others_bear_of_refused_tasks_takes_no_longer_in_a_transition(bearer, work_s):
    rules = {
        "transition": {"extra_work_share": 0.5, "half_life": "1 week"},
        "admission": {"leakage": 0.0, "bearer": bearer},
    }
    task = {"kind": "task", "work": "10 min", "listed": 0.0}
    given = planned(
        scenario({"report": task}, {"report": [{"unit": "section", "share": 1}]}, rules=rules),
        report=[("mon-0:00", -1)],
    )
    found = given.undone if bearer == "department" else given.engine_input.itineraries
    assert found["work_s"].tolist() == [work_s]


def test_work_is_at_least_a_second_and_rounded_to_the_nearest():
    work_s = [
        card({"unit": "section", **step}).engine_input.itineraries["work_s"][0]
        for step in ({}, {"work": "0 s"}, {"share": 0.0041}, {"share": 0.0042})
    ]
    assert work_s == [1, 1, 2, 3]


@pytest.mark.parametrize(
    ("category", "unit"), [("pension", "hall"), ("birth", "counter@east"), ("anything", "section")]
)
def test_a_mapping_sends_each_category_to_its_unit_and_the_rest_to_other(category, unit):
    step = {"unit": {"pension": "hall", "birth": "counter", "other": "section"}, "share": 1}
    check(card(step, category=category), f"0.0 {unit} opens=mon-9:00 work=10 next=out")


def test_a_list_spreads_cases_evenly_and_each_returns_to_the_unit_that_has_it():
    spread = {"unit": ["section", "bureau", "counter", "desk"], "share": 1}
    given = card(spread, spread, asked_at=[("mon-9:00", EAST)] * 400)
    names = given.units["base"].to_numpy()[given.engine_input.itineraries["unit"]].reshape(400, 2)
    assert (names[:, 0] == names[:, 1]).all()
    counts = dict(zip(*np.unique(names[:, 0], return_counts=True), strict=True))
    assert set(counts) == {"section", "bureau", "counter", "desk"}
    assert all(70 < n < 130 for n in counts.values())


def test_a_step_that_is_not_needed_is_left_out():
    steps = [AT_COUNTER | {"chance": 0.0}, {"unit": "section", "share": 1}, {"unit": "bureau", "chance": 0.0}]
    check(card(*steps), "0.0 section opens=mon-9:00 work=10 next=out")


def test_steps_with_the_same_key_of_luck_are_needed_by_the_same_cases():
    maybe = {"unit": "section", "chance": 0.5, "luck": "doubtful", "work": {"mean": "10 min", "cv": 1}}
    given = card(AT_COUNTER, maybe, maybe | {"unit": "bureau"}, asked_at=MONDAY * 200)
    rows = given.engine_input.itineraries
    taken = rows[rows["row"] > 0].pivot_table(index="case", columns="row", values="work_s")
    assert 70 < len(taken) < 130
    assert taken.notna().all(axis=None)
    assert (taken[1] == taken[2]).all()


# ---- visits


def test_a_second_step_with_the_resident_present_is_the_same_visit():
    check(
        card(AT_COUNTER, {"unit": "section", "work": "5 min"}, AT_COUNTER | {"unit": "hall"}),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 section work=5 next=2
        0.2 hall visit=1 work=10 next=out
        """,
    )


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        ({"mean": "3 days"}, "day=4320"),
        ({}, "day=0"),
        ({"mean": "2 working days"}, "working=840@0"),
        ({"gate": "bag"}, "gate=0+0"),
    ],
)
def test_a_new_visit_is_on_another_day_unless_its_delay_says_when(delay, said):
    parts = {"gates": {"bag": {"days": ["fri"], "at": "15:00"}}}
    check(
        card(AT_COUNTER, AT_COUNTER | {"visit": "new", "delay": delay}, parts=parts),
        f"""
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 counter@east {said} visit=2 work=10 next=out
        """,
    )


def test_the_first_visit_is_the_intended_one_even_where_a_step_says_new():
    check(
        card(AT_COUNTER | {"visit": "new", "delay": {"mean": "1 h"}}),
        "0.0 counter@east opens=mon-9:00 wall=60 visit=1 work=10 next=out",
    )


def test_a_resident_comes_back_at_a_time_of_day_of_the_matter():
    """The profile has residents between 10 and 11 only; desk work has no time of day."""
    street = scenario(
        {"card": {"profile": "late"}},
        {"card": [AT_COUNTER, {"unit": "section"}]},
        demand={"profiles": {"late": {"hours": {"10-11": 1}}}},
    )
    rows = planned(street, card=MONDAY * 50).engine_input.itineraries
    visits = rows.loc[rows["present"] == 1, "return_s"]
    assert visits.between(10 * 3600, 11 * 3600).all()
    assert visits.nunique() > 40
    assert (rows.loc[rows["present"] == 0, "return_s"] == NONE).all()


# ---- papers sent back

THREE_TIERS = (
    {"unit": "counter", "present": True, "share": 0.5, "checks": 1},
    {"unit": "section", "share": 0.3, "checks": 2, "return_delay": "3 days", "delay": {"mean": "1 working days"}},
    {"unit": "bureau", "share": 0.2, "checks": 3, "return_delay": "5 days"},
)


def papers(shows_at, again=0.0, most=4, **others):
    return {
        "incomplete": 1.0,
        "incomplete_again": again,
        "shows_at": shows_at,
        "own_delay": "2 days",
        "most_returns": most,
    } | others


def test_papers_that_fail_at_the_first_door_cost_a_trip():
    """The resident mends them in two days of their own; the counter has its work again."""
    check(
        card(*THREE_TIERS, papers=papers((1, 0, 0))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=5 next=1
        0.1 counter@east day=2880 own=2880 visit=2 work=5 next=2
        0.2 section working=420@0 work=3 next=3
        0.3 bureau work=2 next=out
        """,
    )


def test_papers_that_fail_at_the_second_tier_come_back_down():
    """Three days on the way down, two of the resident's own, and all over again."""
    check(
        card(*THREE_TIERS, papers=papers((0, 1, 0))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=5 next=1
        0.1 section working=420@0 work=3 next=2
        0.2 counter@east day=7200 own=2880 visit=2 work=5 next=3
        0.3 section working=420@0 work=3 next=4
        0.4 bureau work=2 next=out
        """,
    )


def test_papers_that_fail_at_the_third_tier_cost_the_whole_way():
    check(
        card(*THREE_TIERS, papers=papers((0, 0, 1))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=5 next=1
        0.1 section working=420@0 work=3 next=2
        0.2 bureau work=2 next=3
        0.3 counter@east day=10080 own=2880 visit=2 work=5 next=4
        0.4 section working=420@0 work=3 next=5
        0.5 bureau work=2 next=out
        """,
    )


def test_what_is_asked_for_once_is_not_asked_for_again():
    """The stamp is fetched before the first hand-in, and the papers come back from the hall twice without it."""
    steps = (
        AT_COUNTER | {"once": True},
        {"unit": "hall", "present": True, "visit": "new", "work": "2 min", "checks": 1},
    )
    check(
        card(*steps, papers=papers((1, 0, 0), again=1.0, most=2)),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 hall day=0 visit=2 work=2 next=2
        0.2 hall day=2880 own=2880 visit=3 work=2 next=3
        0.3 hall day=2880 own=2880 visit=4 work=2 next=out
        """,
    )


def test_who_is_sent_back_before_or_at_a_step_asked_for_once_still_needs_it():
    stamp = {"unit": "section", "work": "1 min", "once": True}
    check(
        card(AT_COUNTER | {"checks": 1}, stamp, papers=papers((1, 0, 0))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 counter@east day=2880 own=2880 visit=2 work=10 next=2
        0.2 section work=1 next=out
        """,
    )
    check(
        card(AT_COUNTER, stamp | {"checks": 1, "return_delay": "1 days"}, papers=papers((1, 0, 0))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 section work=1 next=2
        0.2 counter@east day=4320 own=2880 visit=2 work=10 next=3
        0.3 section work=1 next=out
        """,
    )


@pytest.mark.parametrize("shows_at", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_one_who_sees_everything_sends_back_at_once(shows_at):
    """A door that examines all three tiers' papers finds the department's defect itself."""
    check(
        card(AT_COUNTER | {"checks": 3}, {"unit": "bureau", "work": "2 min"}, papers=papers(shows_at)),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 counter@east day=2880 own=2880 visit=2 work=10 next=2
        0.2 bureau work=2 next=out
        """,
    )


def test_whether_papers_fail_and_where_it_shows_are_different_luck():
    """Half of a thousand fail; of those, half are seen at the door and half only at the second tier."""
    steps = (AT_COUNTER | {"checks": 1}, {"unit": "section", "checks": 2})
    matter = papers((0.5, 0.5, 0), most=1) | {"incomplete": 0.5}
    rows = card(*steps, papers=matter, asked_at=MONDAY * 1000).engine_input.itineraries
    n_rows = rows.groupby("case").size().value_counts()
    assert 450 < n_rows[2] < 550  # in order
    assert 200 < n_rows[3] < 300  # counter, counter, section
    assert 200 < n_rows[4] < 300  # counter, section, counter, section


def test_a_defect_that_nobody_can_see_stops_nobody():
    check(
        card(AT_COUNTER | {"checks": 2}, papers=papers((0, 0, 1))),
        "0.0 counter@east opens=mon-9:00 visit=1 work=10 next=out",
    )


@pytest.mark.parametrize("most", [0, 1, 3])
def test_nobody_is_sent_back_more_than_so_often(most):
    given = card(AT_COUNTER | {"checks": 1}, papers=papers((1, 0, 0), again=1.0, most=most))
    rows = given.engine_input.itineraries
    assert rows["visit"].tolist() == list(range(1, most + 2))
    assert rows["next_done"].tolist() == [*range(1, most + 1), NONE]


def test_papers_incomplete_half_the_time_fail_by_luck_of_their_own():
    given = card(
        AT_COUNTER | {"checks": 1}, papers=papers((1, 0, 0), again=0.25) | {"incomplete": 0.5}, asked_at=MONDAY * 1000
    )
    visits = given.engine_input.itineraries.groupby("case")["visit"].max()
    n = visits.value_counts()
    assert 450 < n[1] < 550
    assert 320 < n[2] < 430
    assert 70 < n[3] < 120


def test_one_standard_told_at_once_makes_papers_fail_less():
    parts = {"rules": {"papers_factor": 0.2}}
    given = card(AT_COUNTER | {"checks": 1}, papers=papers((1, 0, 0)), asked_at=MONDAY * 1000, parts=parts)
    assert 160 < (given.engine_input.itineraries["visit"] == 2).sum() < 240


def test_hard_cases_are_sent_back_without_need_while_papers_may_be():
    step = AT_COUNTER | {"hard_returns": 1.0}
    matter = papers((1, 0, 0), most=2) | {"incomplete": 0.0}
    assert len(card(step, hard=1.0, papers=matter).engine_input.itineraries) == 3
    assert len(card(step, hard=0.0, papers=matter).engine_input.itineraries) == 1
    assert len(card(step, hard=1.0).engine_input.itineraries) == 1


def test_each_careful_step_has_its_own_doubts():
    """Two steps send back half each: of a thousand, a quarter pass both, a quarter only the first."""
    steps = (AT_COUNTER | {"hard_returns": 0.5}, {"unit": "section", "hard_returns": 0.5})
    rows = card(*steps, hard=1.0, papers=papers((1, 0, 0), most=1) | {"incomplete": 0.0}, asked_at=MONDAY * 1000)
    n_rows = rows.engine_input.itineraries.groupby("case").size().value_counts()
    assert 200 < n_rows[2] < 300
    assert 450 < n_rows[3] < 550
    assert 200 < n_rows[4] < 300


def test_who_was_sent_home_makes_a_new_trip_even_if_a_desk_has_the_papers_first():
    steps = ({"unit": "desk", "work": "1 min"}, AT_COUNTER | {"checks": 1, "delay": {"mean": "1 h"}})
    check(
        card(*steps, papers=papers((1, 0, 0))),
        """
        0.0 desk@east opens=mon-9:00 work=1 next=1
        0.1 counter@east wall=60 visit=1 work=10 next=2
        0.2 desk@east wall=2880 own=2880 work=1 next=3
        0.3 counter@east wall=60 visit=2 work=10 next=out
        """,
    )


def test_who_is_sent_back_begins_with_the_first_step_needed():
    steps = (AT_COUNTER | {"chance": 0.0}, {"unit": "hall", "present": True, "share": 1, "checks": 1})
    check(
        card(*steps, papers=papers((1, 0, 0))),
        """
        0.0 hall opens=mon-9:00 visit=1 work=10 next=1
        0.1 hall day=2880 own=2880 visit=2 work=10 next=out
        """,
    )


# ---- wrong doors

LOST = {
    "unit": "hall",
    "present": True,
    "share": 1,
    "wrong_door": {"chance": 1.0, "among": ["hall", "counter"], "work": "2 min", "walk": "15 min"},
}


def test_a_resident_asks_at_a_wrong_door_and_walks_to_the_right_one_on_the_same_visit():
    check(
        card(LOST | {"delay": {"mean": "1 h"}}),
        """
        0.0 counter@east opens=mon-9:00 wall=60 visit=1 work=2 next=1
        0.1 hall wall=15 visit=1 work=10 next=out
        """,
    )


def test_a_door_is_mistaken_only_the_first_time_it_is_sought():
    check(
        card(LOST | {"checks": 1}, papers=papers((1, 0, 0))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=2 next=1
        0.1 hall wall=15 visit=1 work=10 next=2
        0.2 hall day=2880 own=2880 visit=2 work=10 next=out
        """,
    )
    check(
        card(AT_COUNTER | {"checks": 1}, LOST | {"visit": "new"}, papers=papers((1, 0, 0))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 counter@east day=2880 own=2880 visit=2 work=10 next=2
        0.2 counter@east day=0 visit=3 work=2 next=3
        0.3 hall wall=15 visit=3 work=10 next=out
        """,
    )


def test_where_there_is_no_other_door_none_is_mistaken():
    only = LOST | {"wrong_door": LOST["wrong_door"] | {"among": ["hall"]}}
    check(card(only), "0.0 hall opens=mon-9:00 visit=1 work=10 next=out")


# ---- patience, coming back, overflow


def test_who_is_out_of_patience_gives_up_or_comes_back_another_day():
    check(card(AT_COUNTER, patience="20 min"), "0.0 counter@east opens=mon-9:00 visit=1 work=10 limit=20>out next=out")
    check(
        card(AT_COUNTER, patience="20 min", tries=2),
        "0.0 counter@east opens=mon-9:00 visit=1 work=10 limit=20>self tries=2 next=out",
    )
    check(card(AT_COUNTER, tries=2), "0.0 counter@east opens=mon-9:00 visit=1 work=10 tries=2 next=out")


def test_papers_have_no_patience():
    check(
        card({"unit": "section", "share": 1}, patience="20 min", tries=2), "0.0 section opens=mon-9:00 work=10 next=out"
    )


OVERFLOW = AT_COUNTER | {"overflow": {"after": "10 min", "unit": "hall"}}


def test_after_a_while_the_case_is_taken_up_at_a_further_post():
    """Either of the two leads on; one of them is enough."""
    check(
        card(OVERFLOW, {"unit": "section", "work": "1 min"}),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 limit=10>1 next=2
        0.1 hall visit=1 work=10 next=2
        0.2 section work=1 next=out
        """,
    )


def test_patience_goes_on_running_at_the_further_post():
    check(
        card(OVERFLOW, patience="25 min", tries=1),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 limit=10>1 tries=1 next=out
        0.1 hall visit=1 work=10 limit=15>self tries=1 next=out
        """,
    )
    check(
        card(OVERFLOW, patience="25 min"),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 limit=10>1 next=out
        0.1 hall visit=1 work=10 limit=15>out next=out
        """,
    )


@pytest.mark.parametrize("patience", ["5 min", "10 min"])
def test_who_will_not_wait_so_long_never_sees_the_further_post(patience):
    check(
        card(OVERFLOW, patience=patience, tries=1),
        f"0.0 counter@east opens=mon-9:00 visit=1 work=10 limit={patience.split()[0]}>self tries=1 next=out",
    )


def test_at_no_cost_of_luck_some_wait_longer_than_others():
    """Patience of one mean: some have less than the ten minutes, and none of those overflows."""
    given = card(OVERFLOW, patience={"mean": "10 min", "cv": 1.0}, asked_at=MONDAY * 300)
    rows = given.engine_input.itineraries
    first = rows[rows["row"] == 0].set_index("case")
    second = rows[rows["row"] == 1].set_index("case")
    assert 100 < len(second) < 250
    assert (first.loc[second.index, "limit_s"] == 600).all()
    alone = first.drop(second.index)
    assert (alone["limit_s"] <= 600).all()
    assert (alone["next_limit"] == NONE).all()


# ---- complaints

COMPLAINTS = {
    "rules": {"complaints": "complaint"},
    "procedures": {
        "complaint": [
            {"unit": "section", "work": "15 min", "priority": 2},
            {"unit": "bureau", "work": "5 min", "delay": {"mean": "1 h"}},
        ]
    },
}


def test_giving_up_starts_a_complaint_which_has_a_course_of_its_own():
    check(
        card(AT_COUNTER, patience="20 min", tries=1, complains=1.0, parts=dict(COMPLAINTS)),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 limit=20>self tries=1 gave_up=1 next=out
        0.1 section complaint work=15 class=2 next=2
        0.2 bureau complaint wall=60 work=5 next=out
        """,
    )


def test_nobody_complains_without_the_wish_or_without_a_hotline():
    step = "0.0 counter@east opens=mon-9:00 visit=1 work=10 limit=20>out next=out"
    check(card(AT_COUNTER, patience="20 min", complains=0.0, parts=dict(COMPLAINTS)), step)
    check(card(AT_COUNTER, patience="20 min", complains=1.0), step)


def test_a_case_complains_once_wherever_it_is_given_up_or_late():
    """Two visits may be given up and a desk may be late: all of them lead to the one complaint."""
    steps = (
        AT_COUNTER,
        {"unit": "section", "work": "5 min", "overdue": {"priority": 0}},
        AT_COUNTER | {"visit": "new"},
    )
    check(
        card(*steps, complains=1.0, limit="3 days", parts=dict(COMPLAINTS)),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 gave_up=1 next=3
        0.1 section complaint work=15 class=2 next=2
        0.2 bureau complaint wall=60 work=5 next=out
        0.3 section work=5 deadline=thu-9:00>4 next=5
        0.4 section work=5 class=0 also=1 next=5
        0.5 counter@east day=0 visit=2 work=10 gave_up=1 next=out
        """,
    )


# ---- overdue work


def test_work_not_begun_in_time_is_hurried_and_in_part_left_undone():
    given = card(
        {"unit": "section", "share": 1, "priority": 4, "overdue": {"priority": 2, "work_share": 0.3}}, limit="2 days"
    )
    check(
        given,
        """
        0.0 section opens=mon-9:00 work=10 class=4 deadline=wed-9:00>1 next=out
        0.1 section work=3 class=2 next=out
        """,
    )
    assert given.undone.to_numpy().tolist() == [[0, 1, 7 * MINUTE_S, BEARERS.index("not_done")]]


def test_work_that_is_only_hurried_leaves_nothing_undone():
    given = card({"unit": "section", "share": 1, "overdue": {}}, limit="2 days")
    assert len(given.engine_input.itineraries) == 2
    assert len(given.undone) == 0


def test_without_a_promise_nothing_is_overdue():
    check(card({"unit": "section", "share": 1, "overdue": {}}), "0.0 section opens=mon-9:00 work=10 next=out")


@pytest.mark.parametrize(
    ("limit", "asked_at", "due"),
    [
        ("3 days", "mon-9:00", "thu-9:00"),
        ("1 working days", "mon-9:00", "mon-17:00"),
        ("2 working days", "mon-9:00", "tue-17:00"),
        ("3 working days", "mon-9:00", "thu-17:00"),
        ("3 working days", "tue-12:30", "mon-12:00+1w"),
        ("2 working hours", "fri-16:00", "mon-10:00+1w"),
        ("1 working days", "sat-9:00", "mon-17:00+1w"),
        ("5 working days", "thu-8:00", "wed-17:00+1w"),
    ],
)
def test_what_is_promised_in_working_days_skips_nights_weekends_and_holidays(limit, asked_at, due):
    """Seven hours a working day; the first Wednesday is a holiday."""
    given = card(AT_COUNTER, limit=limit, asked_at=[(asked_at, EAST)], parts={"calendars": HOLIDAY})
    assert given.cases["due_s"].tolist() == [at(due)]
    assert given.cases["opened_s"].tolist() == [at(asked_at)]


# ---- proxies

PROXY = {"chance": 1.0, "unit": "desk", "work": "20 min", "priority": 3}


def test_a_proxy_takes_the_trip_from_the_resident_and_adds_work():
    check(
        card(AT_COUNTER | {"proxy": PROXY, "delay": {"mean": "1 h"}}, patience="5 min", tries=1),
        "0.0 desk@east opens=mon-9:00 wall=60 work=30 class=3 next=out",
    )


def test_what_is_begun_by_proxy_goes_on_by_proxy():
    """Sent back with the papers, and at a later step that has no proxy of its own; no trip at all."""
    steps = (
        AT_COUNTER | {"proxy": PROXY, "checks": 1},
        {"unit": "hall", "present": True, "visit": "new", "work": "1 min"},
    )
    check(
        card(*steps, papers=papers((1, 0, 0))),
        """
        0.0 desk@east opens=mon-9:00 work=30 class=3 next=1
        0.1 desk@east wall=2880 own=2880 work=30 class=3 next=2
        0.2 desk@east work=21 class=3 next=out
        """,
    )


def test_a_step_with_a_proxy_of_its_own_has_that_one():
    other = {"chance": 1.0, "unit": "section", "work": "1 min", "priority": 2}
    check(
        card(AT_COUNTER | {"proxy": PROXY}, AT_COUNTER | {"proxy": other}),
        """
        0.0 desk@east opens=mon-9:00 work=30 class=3 next=1
        0.1 section work=11 class=2 next=out
        """,
    )


def test_a_proxy_may_come_in_late_and_only_collect():
    steps = (AT_COUNTER | {"checks": 1}, AT_COUNTER | {"visit": "new", "proxy": PROXY | {"work": "5 min"}})
    check(
        card(*steps, papers=papers((1, 0, 0))),
        """
        0.0 counter@east opens=mon-9:00 visit=1 work=10 next=1
        0.1 counter@east day=2880 own=2880 visit=2 work=10 next=2
        0.2 desk@east work=15 class=3 next=out
        """,
    )


def test_who_has_a_proxy_and_how_long_it_takes_are_different_luck():
    """A third of 2,000 cases; their extra work has the mean of all, an hour."""
    proxy = PROXY | {"chance": 1 / 3, "work": {"mean": "60 min", "cv": 0.5}}
    rows = card(AT_COUNTER | {"proxy": proxy}, asked_at=MONDAY * 2000).engine_input.itineraries
    extra_min = (rows.loc[rows["present"] == 0, "work_s"] / MINUTE_S) - 10
    assert 600 < len(extra_min) < 730
    assert extra_min.mean() == pytest.approx(60, abs=4)


# ---- tasks

TASK = {
    "kind": "task",
    "schedule": {"at": "9:00", "days": ["mon"]},
    "work": "60 min",
    "community_work": "30 min",
    "household_work": "100 min",
}
DOWN = (
    {"unit": "section", "share": 0.3, "priority": 3},
    {"unit": "desk", "each": "community", "share": 1.0, "priority": 3, "delay": {"mean": "2 working hours"}},
    {"unit": "section", "share": 0.7, "priority": 4},
)


def report(*steps, n=1, demand=None, matter=None, **parts):
    street = scenario({"report": TASK | (matter or {})}, {"report": list(steps)}, demand=demand, **parts)
    return planned(street, report=[("mon-9:00", NONE)] * n)


def test_a_task_is_done_in_every_community_and_summed_up():
    """A fixed half hour in each, and of 100 minutes by household 40 in the east and 60 in the west."""
    check(
        report(*DOWN),
        """
        0.0 section opens=mon-9:00 work=18 class=3 next=1
        0.1 desk@east working=120@0 work=70 class=3 also=2 next=3
        0.2 desk@west working=120@0 work=90 class=3 next=3
        0.3 section work=42 class=4 join=2 next=out
        """,
    )


def test_a_fork_may_begin_and_end_a_task_and_follow_another():
    each = {"unit": "desk", "each": "community", "share": 1.0}
    check(
        report(each, each | {"share": 0.5}),
        """
        0.0 desk@east opens=mon-9:00 work=70 also=1 next=2
        0.1 desk@west work=90 next=2
        0.2 desk@east work=35 join=2 also=3 next=out
        0.3 desk@west work=45 next=out
        """,
    )


def test_the_work_of_a_step_in_every_community_has_skill_and_additions_too():
    """((1 x 70) + 5) x 2 in the east, twice that if hard; the west has 90."""
    step = {"unit": "desk", "each": "community", "share": 1.0, "work": "5 min", "factor": 2.0, "hard_factor": 2.0}
    check(report(step), "0.0 desk@east opens=mon-9:00 work=150 also=1 next=out\n0.1 desk@west work=190 next=out")
    check(
        report(step, matter={"hard": 1.0}),
        "0.0 desk@east opens=mon-9:00 work=300 also=1 next=out\n0.1 desk@west work=380 next=out",
    )


def test_a_step_in_every_community_may_not_be_needed():
    check(
        report(DOWN[0], DOWN[1] | {"chance": 0.0}, DOWN[2]),
        """
        0.0 section opens=mon-9:00 work=18 class=3 next=1
        0.1 section work=42 class=4 next=out
        """,
    )


@pytest.mark.parametrize(
    ("given", "east", "west"),
    [
        ({"household_work": None}, 30, 30),
        ({"community_work": None}, 40, 60),
        ({"community_work": None, "household_work": None}, 24, 36),
    ],
)
def test_of_a_task_without_a_part_for_communities_the_content_is_parted_by_household(given, east, west):
    rows = report(*DOWN, matter=given).engine_input.itineraries
    assert (rows["work_s"] / MINUTE_S).tolist() == [18, east, west, 42]


def test_the_street_may_hand_down_a_part_of_its_own_work():
    """Of an hour it keeps 24 minutes; 36 go down, by household."""
    own = {"community_work": None, "household_work": None}
    steps = ({"unit": "section", "share": 0.4}, {"unit": "desk", "each": "community", "share": 0.6})
    check(
        report(*steps, matter=own),
        """
        0.0 section opens=mon-9:00 work=24 next=1
        0.1 desk@east work=14.4 also=2 next=out
        0.2 desk@west work=21.6 next=out
        """,
    )


def test_a_heavier_load_from_above_scales_the_content_of_tasks_everywhere():
    """Twice the content; what a structure adds (five minutes) and residents' work stay."""
    street = {"task": TASK, "card": {}}
    procedures = {"task": [DOWN[0] | {"work": "5 min"}, *DOWN[1:]], "card": [AT_COUNTER]}
    work = []
    for scale in (1.0, 2.0):
        one = scenario(street, procedures, demand={"task_scale": scale})
        rows = planned(one, task=[("mon-9:00", NONE)], card=MONDAY).engine_input.itineraries
        work.append((rows["work_s"] / MINUTE_S).tolist())
    assert work == [[18 + 5, 70, 90, 42, 10], [36 + 5, 140, 180, 84, 10]]


def test_overdue_work_in_one_community_is_hurried_there_alone():
    """Each community has its own hurried row; the summing-up waits for one of the two of each."""
    step = DOWN[1] | {"overdue": {"priority": 2, "work_share": 0.5}}
    given = report(DOWN[0], step, DOWN[2], matter={"limit": "2 working days"})
    check(
        given,
        """
        0.0 section opens=mon-9:00 work=18 class=3 next=1
        0.1 desk@east working=120@0 work=70 class=3 deadline=tue-17:00>3 also=2 next=5
        0.2 desk@west working=120@0 work=90 class=3 deadline=tue-17:00>4 next=5
        0.3 desk@east work=35 class=2 next=5
        0.4 desk@west work=45 class=2 next=5
        0.5 section work=42 class=4 join=2 next=out
        """,
    )
    not_done = BEARERS.index("not_done")
    assert given.undone.to_numpy().tolist() == [[0, 3, hours(35 / 60), not_done], [0, 4, hours(45 / 60), not_done]]


@pytest.mark.parametrize("bearer", ["department", "not_done"])
def test_a_refused_task_is_all_its_work_at_its_bearer(bearer):
    """18 + 70 + 90 + 42 minutes."""
    given = report(*DOWN, matter={"listed": 0.0}, rules={"admission": {"leakage": 0.0, "bearer": bearer}})
    assert len(given.engine_input.itineraries) == 0
    assert given.undone.to_numpy().tolist() == [[0, NONE, 220 * MINUTE_S, BEARERS.index(bearer)]]
    assert given.cases["kind"].tolist() == [Kind.TASK]


def test_what_communities_may_refuse_the_street_does_itself_and_in_time():
    """The fork's 70 + 90 minutes, at the unit where the task came in, hurried like theirs."""
    step = DOWN[1] | {"overdue": {"priority": 2, "work_share": 1.0}}
    given = report(
        DOWN[0],
        step,
        DOWN[2],
        matter={"listed": 0.0, "limit": "2 working days"},
        rules={"admission": {"leakage": 0.0, "bearer": "street"}},
    )
    check(
        given,
        """
        0.0 section opens=mon-9:00 work=18 class=3 next=1
        0.1 section work=160 class=3 deadline=tue-17:00>2 next=3
        0.2 section work=160 class=2 next=3
        0.3 section work=42 class=4 next=out
        """,
    )
    assert len(given.undone) == 0


def test_a_street_that_never_sees_a_refused_task_still_bears_it():
    given = report(DOWN[1], matter={"listed": 0.0}, rules={"admission": {"leakage": 0.0, "bearer": "street"}})
    assert len(given.engine_input.itineraries) == 0
    assert given.undone.to_numpy().tolist() == [[0, NONE, 160 * MINUTE_S, BEARERS.index("street")]]


def test_listed_items_of_a_schedule_are_always_the_same():
    """Three items a week, one of them listed: the first of each week is admitted."""
    matter = {"items": 3, "listed": 1 / 3}
    street = scenario({"report": TASK | matter}, {"report": list(DOWN)}, rules={"admission": {"leakage": 0.0}})
    given = planned(street, report=[("mon-9:00", NONE)] * 3 + [("mon-9:00+1w", NONE)] * 3)
    assert given.undone["case"].tolist() == [1, 2, 4, 5]
    assert sorted(set(given.engine_input.itineraries["case"])) == [0, 3]


def test_refused_items_leak_through_and_unscheduled_ones_are_listed_by_luck():
    at_luck = {"kind": "task", "rate": "1 / day", "listed": 0.5}
    street = scenario(
        {"report": at_luck}, {"report": [{"unit": "section", "share": 1}]}, rules={"admission": {"leakage": 0.5}}
    )
    given = planned(street, report=[("mon-9:00", NONE)] * 1000)
    assert 200 < len(given.undone) < 300
    assert len(given.engine_input.itineraries) == 1000 - len(given.undone)


@pytest.mark.parametrize("leakage", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("bearer", BEARERS)
def test_work_does_not_vanish_by_admission(bearer, leakage):
    """Whoever bears it, the same work is done, or noted as not done, to the second."""
    rules = {"admission": {"leakage": leakage, "bearer": bearer}}
    uneven = {"mean": "57 min", "cv": 0.7}
    steps = (DOWN[0] | {"work": uneven}, DOWN[1] | {"chance": 0.7, "work": uneven}, DOWN[2])
    matter = {"listed": 0.2, "items": 5, "work": uneven, "community_work": uneven, "household_work": uneven}
    street = scenario({"report": TASK | matter}, {"report": list(steps)}, rules=rules)
    everything = scenario({"report": TASK | matter}, {"report": list(steps)})
    cases = {"report": [("mon-9:00", NONE)] * 100}
    given, whole = planned(street, **cases), planned(everything, **cases)
    done_s = given.engine_input.itineraries["work_s"].sum()
    assert done_s + given.undone["work_s"].sum() == whole.engine_input.itineraries["work_s"].sum()


# ---- what is known of a case


def test_cases_know_their_community_due_time_and_kind():
    street = scenario({"card": {"limit": "1 days"}, "report": TASK}, {"card": [AT_COUNTER], "report": list(DOWN)})
    cases = planned(street, card=[("mon-9:00", EAST), ("tue-9:00", WEST)], report=[("mon-9:00", NONE)]).cases
    assert cases["case"].tolist() == [0, 1, 2]
    assert cases["matter"].tolist() == [0, 0, 1]
    assert cases["kind"].tolist() == [Kind.RESIDENT, Kind.RESIDENT, Kind.TASK]
    assert cases["community"].tolist() == [0, 1, NONE]
    assert cases["household"].tolist() == [EAST, WEST, NONE]
    assert cases["due_s"].tolist() == [at("tue-9:00"), at("wed-9:00"), NONE]


def test_ways_are_there_and_back_with_the_stated_mean_and_grow_with_the_community():
    """Mean walk of 10 min in a community of 100 households: 20 min both ways; twice as far in one of 400."""
    place = {
        "households": 500,
        "station_walk": "10 min",
        "station_walk_households": 100,
        "street_travel": "25 min",
        "department_travel": "40 min",
    }
    sizes = {"small": {"households": 100}, "large": {"households": 400}}
    street = scenario({"card": {}}, {"card": [AT_COUNTER]}, place=place, communities=sizes)
    cases = planned(street, card=[("mon-9:00", home) for home in range(500)]).cases
    mean_min = cases.groupby("community")["community_travel_s"].mean() / MINUTE_S
    assert mean_min.tolist() == pytest.approx([20, 40], rel=0.12)
    assert cases["street_travel_s"].mean() / MINUTE_S == pytest.approx(50, rel=0.05)
    ratio = cases["department_travel_s"] / cases["street_travel_s"]
    assert ratio.to_numpy() == pytest.approx(40 / 25, rel=0.01)
    assert cases["distant"].mean() == pytest.approx(0.25, abs=0.05)
    near = cases[cases["community"] == 1].sort_values("community_travel_s")
    assert near["distant"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("share", "of_place", "least", "most"), [(None, 0.5, 0.4, 0.6), (1.0, 0.5, 1, 1), (0.0, 0.5, 0, 0)]
)
def test_the_elderly_are_a_share_of_the_place_or_of_the_matter(share, of_place, least, most):
    street = scenario({"card": {"elderly": share}}, {"card": [AT_COUNTER]}, place={"elderly_share": of_place})
    assert least <= planned(street, card=MONDAY * 200).cases["elderly"].mean() <= most


# ---- the same luck under another structure


def test_another_structure_gives_the_same_case_the_same_work_patience_and_papers():
    """Two small communities or one, a counter for everything or three tiers: content, patience and defects stay."""
    matter = {
        "work": {"mean": "30 min", "cv": 1.0},
        "patience": {"mean": "1 h", "cv": 1.0},
        "papers": {"incomplete": 0.5, "own_delay": {"mean": "2 days", "cv": 1.0}},
    }
    first = scenario({"card": matter}, {"card": [AT_COUNTER | {"checks": 3}]})
    second = scenario(
        {"card": matter},
        {
            "card": [
                AT_COUNTER | {"unit": "hall", "checks": 3},
                {"unit": "bureau", "work": {"mean": "9 min", "cv": 1.0}},
            ]
        },
        communities={"all": {"households": 100}},
    )
    demand = asked(first, card=[("mon-9:00", home) for home in range(100)])
    here, there = (plan(one, demand).engine_input.itineraries for one in (first, second))
    there = there[there["present"] == 1]
    columns = ["case", "visit", "work_s", "limit_s", "return_s", "ready_s", "own_s"]
    assert (here[columns].to_numpy() == there[columns].to_numpy()).all()
    assert here["unit"].nunique() == 2
    assert there["unit"].nunique() == 1


def test_a_step_more_changes_no_luck_of_steps_with_keys():
    keyed = {
        "unit": "section",
        "luck": "reading",
        "work": {"mean": "9 min", "cv": 1.0},
        "delay": {"mean": "1 h", "cv": 1.0},
    }
    columns = ["work_s", "ready_s"]
    one = card(AT_COUNTER, keyed, asked_at=MONDAY * 20).engine_input.itineraries
    more = card(AT_COUNTER, {"unit": "bureau"}, keyed, asked_at=MONDAY * 20).engine_input.itineraries
    assert (one.loc[one["row"] == 1, columns].to_numpy() == more.loc[more["row"] == 2, columns].to_numpy()).all()


def test_another_seed_is_another_luck_and_the_same_seed_the_same():
    street = scenario({"card": {"work": {"mean": "30 min", "cv": 1.0}}}, {"card": [AT_COUNTER]})
    work = [
        planned(street, seed=seed, card=MONDAY * 50).engine_input.itineraries["work_s"].tolist() for seed in (1, 1, 2)
    ]
    assert work[0] == work[1]
    assert sum(a == b for a, b in zip(work[0], work[2], strict=True)) < 5


def test_a_plan_of_nothing_is_empty_and_whole():
    street = scenario({}, {})
    given = planned(street)
    assert len(given.engine_input.itineraries) == len(given.cases) == len(given.undone) == 0
    assert set(given.engine_input.itineraries.dtypes) == {np.dtype("int64")}
    assert given.engine_input.end_s == 14 * DAY_S
