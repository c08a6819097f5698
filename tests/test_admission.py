"""Admission at two tiers, and people who follow a task: which tasks reach whom, and whose hours their work takes.

The task of most tests: 18 minutes at the street's section, 70 and 90 at the desks of east and west, 42 at the section.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from small_street import lines, planned, scenario

from sim import engines
from sim.facesheet import plain_rows
from sim.journeys import journeys
from sim.scenario.expected_work import work_s_per_week
from sim.tables import BEARERS, NONE, Plan
from sim.units import MINUTE_S

TASK = {
    "kind": "task",
    "rate": "1 / week",
    "listed": 0.0,
    "work": "60 min",
    "community_work": "30 min",
    "household_work": "100 min",
}
FIRST = {"unit": "section", "share": 0.3}
DOWN = {"unit": "desk", "each": "community", "share": 1.0}
LAST = {"unit": "section", "share": 0.7, "priority": 4}
WHOLE = 18 + 70 + 90 + 42
DEPARTMENT, STREET, NOT_DONE = range(3)


def report(*steps, n=1, matter=None, procedures=None, **admission):
    """The plan of some tasks, all sent on Monday, under a rule of admission."""
    street = scenario({"report": TASK | (matter or {})}, {"report": list(steps)}, rules={"admission": admission})
    return planned(street, report=[("mon-9:00", NONE)] * n)


def passes(street, community=None, share=None, bearer="department"):
    """A rule of admission, without what is None."""
    rule = {"leakage": street, "bearer": bearer}
    rule |= {} if community is None else {"community": {"leakage": community}}
    return rule | ({} if share is None else {"follow": {"share": share}})


def check(given, expected):
    assert lines(given) == [" ".join(line.split()) for line in expected.strip().splitlines()]


def noted_min(given: Plan):
    """What others bear: (case, row, minutes, bearer)."""
    undone = given.undone.assign(work_s=given.undone["work_s"] / MINUTE_S)
    return [tuple(row) for row in undone.to_numpy().tolist()]


def reached(given: Plan, n: int):
    """Which tasks come to the street, and which to the communities; (n_tasks,) bool each."""
    rows = given.engine_input.itineraries
    base = given.units["base"].to_numpy()[rows["unit"]]
    cases = np.arange(n)
    return np.isin(cases, rows["case"]), np.isin(cases, rows.loc[base == "desk", "case"])


# ---- the community's tier


def test_what_the_communities_refuse_the_street_does_for_all_of_them():
    check(
        report(FIRST, DOWN, LAST, **passes(1.0, 0.0)),
        """
        0.0 section opens=mon-9:00 work=18 next=1
        0.1 section work=160 next=2
        0.2 section work=42 class=4 next=out
        """,
    )


@pytest.mark.parametrize(("matter", "rule"), [({"listed": 1.0}, (0.0, 0.0)), ({}, (1.0, 1.0))])
def test_what_is_listed_or_leaks_through_both_tiers_goes_down(matter, rule):
    given = report(FIRST, DOWN, LAST, matter=matter, **passes(*rule))
    check(
        given,
        """
        0.0 section opens=mon-9:00 work=18 next=1
        0.1 desk@east work=70 also=2 next=3
        0.2 desk@west work=90 next=3
        0.3 section work=42 class=4 join=2 next=out
        """,
    )
    assert given.undone.empty


@pytest.mark.parametrize("bearer", ["department", "not_done"])
def test_what_the_street_refuses_does_not_come_to_the_second_tier(bearer):
    given = report(FIRST, DOWN, LAST, **passes(0.0, 1.0, bearer=bearer))
    assert lines(given) == []
    assert noted_min(given) == [(0, NONE, WHOLE, BEARERS.index(bearer))]


def test_where_the_street_bears_what_it_refuses_both_refusals_end_alike():
    rules = [passes(*rule, bearer="street") for rule in product((0.0, 1.0), (0.0, 1.0))]
    *refused, admitted = [lines(report(FIRST, DOWN, LAST, **rule)) for rule in rules]
    assert refused == [lines(report(FIRST, DOWN, LAST, **passes(1.0, 0.0)))] * 3
    assert admitted == lines(report(FIRST, DOWN, LAST, **passes(1.0)))


def test_a_street_that_never_sees_what_communities_refuse_still_bears_it():
    given = report(DOWN, **passes(1.0, 0.0))
    assert lines(given) == []
    assert noted_min(given) == [(0, NONE, 160, STREET)]


def test_the_two_tiers_are_independent_luck():
    """Of 4,000 half come to the street, and 0.6 of these go down: 0.3 in all."""
    street, communities = reached(report(FIRST, DOWN, n=4000, **passes(0.5, 0.6)), 4000)
    assert street.mean() == pytest.approx(0.5, abs=0.03)
    assert communities.mean() == pytest.approx(0.3, abs=0.03)
    assert not (communities & ~street).any()


def test_the_luck_of_a_tier_does_not_move_with_the_other():
    """Who leaks through at the street is the same with and without a second tier; more leakage only adds tasks."""
    alone, both, wider, looser = (
        reached(report(FIRST, DOWN, n=500, **passes(*rule)), 500)
        for rule in ((0.5,), (0.5, 0.6), (0.8, 0.6), (0.5, 0.9))
    )
    assert (alone[0] == both[0]).all()
    assert (alone[1] == alone[0]).all()
    assert (both[0] <= wider[0]).all()
    assert (both[1] == (wider[1] & both[0])).all()
    assert (both[1] <= looser[1]).all()
    assert both[1].sum() < looser[1].sum()


def test_a_task_that_the_communities_refuse_is_in_no_batch():
    """Both come before Wednesday's gate: the second has 12 minutes less in each community, if the first came too."""
    merged = DOWN | {"merge": {"gate": "wednesday", "saves": 0.4}}
    for listed, second in ((1.0, [58, 78]), (0.0, [70, 90])):
        street = scenario(
            {"first": TASK | {"listed": listed}, "second": TASK | {"listed": 1.0}},
            {"first": [FIRST, merged], "second": [FIRST, merged]},
            gates={"wednesday": {"days": ["wed"], "at": "9:00"}},
            rules={"admission": passes(1.0, 0.0)},
        )
        given = planned(street, first=[("mon-9:00", NONE)], second=[("tue-9:00", NONE)])
        rows = given.engine_input.itineraries
        assert (rows.loc[rows["case"] == 1, "work_s"] / MINUTE_S).tolist() == [18, *second]


def test_what_the_communities_refuse_is_hurried_at_the_street_like_theirs():
    step = DOWN | {"overdue": {"priority": 0, "work_share": 0.5}}
    given = report(FIRST, step, matter={"limit": "2 working days"}, **passes(1.0, 0.0))
    check(
        given,
        """
        0.0 section opens=mon-9:00 work=18 next=1
        0.1 section work=160 deadline=tue-17:00>2 next=out
        0.2 section work=80 class=0 next=out
        """,
    )
    assert noted_min(given) == [(0, 2, 80, NOT_DONE)]


# ---- people who follow a task


def test_people_who_come_with_a_task_do_their_share_of_every_step():
    """A quarter of 18, 70, 90 and 42 minutes is theirs, and is the department's."""
    given = report(FIRST, DOWN, LAST, **passes(1.0, share=0.25))
    check(
        given,
        """
        0.0 section opens=mon-9:00 work=13.5 next=1
        0.1 desk@east work=52.5 also=2 next=3
        0.2 desk@west work=67.5 next=3
        0.3 section work=31.5 class=4 join=2 next=out
        """,
    )
    assert noted_min(given) == [(0, NONE, minutes, DEPARTMENT) for minutes in (4.5, 40, 10.5)]


def test_people_follow_what_the_street_admits_whether_it_goes_down_or_not():
    given = report(FIRST, DOWN, LAST, **passes(1.0, 0.0, share=0.5))
    assert (given.engine_input.itineraries["work_s"] / MINUTE_S).tolist() == [9, 80, 21]
    assert noted_min(given) == [(0, NONE, minutes, DEPARTMENT) for minutes in (9, 80, 21)]


@pytest.mark.parametrize(
    ("matter", "rule", "noted"),
    [
        ({"listed": 1.0}, passes(1.0, share=0.5), []),
        ({}, passes(0.0, share=0.5, bearer="street"), []),
        ({}, passes(0.0, share=0.5), [(0, NONE, WHOLE, DEPARTMENT)]),
        ({}, passes(0.0, share=0.5, bearer="not_done"), [(0, NONE, WHOLE, NOT_DONE)]),
    ],
    ids=["listed", "the street's", "the department's", "nobody's"],
)
def test_nobody_follows_what_is_listed_or_was_refused(matter, rule, noted):
    given = report(FIRST, DOWN, LAST, matter=matter, **rule)
    assert noted_min(given) == noted
    assert given.engine_input.itineraries["work_s"].sum() in (WHOLE * MINUTE_S, 0)


def test_people_who_follow_do_all_but_a_second_of_each_row():
    given = report(FIRST, DOWN, LAST, **passes(1.0, share=1.0))
    assert given.engine_input.itineraries["work_s"].tolist() == [1] * 4
    assert given.undone["work_s"].sum() == WHOLE * MINUTE_S - 4


def test_only_the_structures_own_part_is_dropped_in_a_hurry():
    """Of 70 minutes in the east people do 28; of the other 42 half is dropped."""
    step = DOWN | {"overdue": {"priority": 0, "work_share": 0.5}}
    given = report(step, matter={"limit": "2 working days"}, **passes(1.0, share=0.4))
    check(
        given,
        """
        0.0 desk@east opens=mon-9:00 work=42 deadline=tue-17:00>2 also=1 next=out
        0.1 desk@west work=54 deadline=tue-17:00>3 next=out
        0.2 desk@east work=21 class=0 next=out
        0.3 desk@west work=27 class=0 next=out
        """,
    )
    assert noted_min(given) == [(0, NONE, 64, DEPARTMENT), (0, 2, 21, NOT_DONE), (0, 3, 27, NOT_DONE)]


def test_orders_and_checks_are_the_structures_own():
    """The hub's five and six minutes stay; the section has half of its eighteen."""
    order = {"by": "hall", "work": "5 min", "within": "1 days", "urged": {"priority": 0, "work": "3 min"}}
    verify = {"unit": "hall", "work": "6 min"}
    given = report(FIRST | {"order": order, "verify": verify}, **passes(1.0, share=0.5))
    rows = given.engine_input.itineraries
    by_base = (rows["work_s"] / MINUTE_S).groupby(given.units["base"].to_numpy()[rows["unit"]]).apply(list).to_dict()
    assert by_base == {"hall": [5, 3, 6], "section": [9, 9]}
    assert noted_min(given) == [(0, NONE, 9, DEPARTMENT)]


def test_a_task_with_people_is_closed_and_not_refused():
    given = report(FIRST, DOWN, LAST, **passes(1.0, share=1.0))
    table = journeys(given, engines.run(given.engine_input), ["report"], ["east", "west"], ["task"])
    assert table["outcome"].tolist() == ["closed"]


# ---- laws

RULES = [
    passes(leakage, community, share, bearer)
    for leakage, community, share, bearer in product((0.0, 0.5, 1.0), (None, 0.0, 0.6), (None, 0.4), BEARERS)
]


def named(rule):
    return "-".join(str(part if not isinstance(part, dict) else next(iter(part.values()))) for part in rule.values())


def hours_of(rule, uneven):
    """Seconds of 60 uneven tasks, two of five listed: in the street and its communities, and by bearer of the rest."""
    steps = (FIRST | {"work": uneven}, DOWN | {"chance": 0.7, "work": uneven}, LAST)
    matter = {"listed": 0.4, "work": uneven, "community_work": uneven, "household_work": uneven}
    given = report(*steps, n=60, matter=matter, **rule)
    rows = given.engine_input.itineraries
    undone = given.undone.groupby("bearer")["work_s"].sum()
    return rows["work_s"].sum(), undone.reindex(range(len(BEARERS)), fill_value=0)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_whoever_has_the_work_it_is_the_same_in_all(rule):
    """Hours by bearer sum up to the same, to the second; what leaks to the street is nobody else's but people's."""
    uneven = {"mean": "57 min", "cv": 0.7}
    own_s, others_s = hours_of(rule, uneven)
    whole_s, nothing_s = hours_of(passes(1.0), uneven)
    assert own_s + others_s.sum() == whole_s
    assert nothing_s.sum() == 0
    if rule["leakage"] == 1.0 and "follow" not in rule:
        assert others_s.sum() == 0
    if rule["bearer"] != "department" and "follow" not in rule:
        assert others_s[DEPARTMENT] == 0


CERTAIN = [rule for rule in RULES if rule["leakage"] != 0.5 and "0.6" not in named(rule)]


@pytest.mark.parametrize("rule", CERTAIN, ids=named)
def test_each_unit_is_expected_to_have_the_work_that_it_has(rule):
    """Amounts are certain, chances 0 or 1 and half of the items listed: plan and expectation agree to the rounding."""
    order = {"by": "hall", "work": "5 min", "within": "1 days", "urged": {"priority": 0, "work": "3 min"}}
    matter = {"schedule": {"days": ["mon"], "at": "9:00"}, "items": 4, "listed": 0.5, "hard": 1.0}
    added = {"work": "7 min", "factor": 1.5, "hard_factor": 1.2}
    street = scenario(
        {"report": {key: value for key, value in (TASK | matter).items() if key != "rate"}},
        {"report": [FIRST | added | {"order": order | {"report": {"work": "4 min"}}}, DOWN | added, LAST]},
        demand={"task_scale": 2.0},
        rules={"admission": rule},
    )
    given = planned(street, report=[("mon-9:00", NONE)] * 4)
    found_s = plain_rows(given).groupby(["unit_base", "unit_place"])["work_s"].sum()
    _, expected_s = work_s_per_week(street)
    expected_s = {station: work_s for station, work_s in expected_s.items() if work_s}
    assert found_s.to_dict() == pytest.approx(expected_s, rel=1e-3)


def test_without_a_second_tier_and_people_nothing_changes():
    """A tier through which all passes and people who do nothing: the same rows, notes and expected hours."""
    uneven = {"mean": "57 min", "cv": 0.7}
    for leakage, bearer in product((0.0, 0.37, 1.0), BEARERS):
        streets = [
            scenario(
                {"report": TASK | {"listed": 0.3, "work": uneven}},
                {"report": [FIRST, DOWN, LAST]},
                rules={"admission": rule},
            )
            for rule in (passes(leakage, bearer=bearer), passes(leakage, 1.0, 0.0, bearer))
        ]
        plain_plan, other = (planned(street, report=[("mon-9:00", NONE)] * 40) for street in streets)
        assert plain_plan.engine_input.itineraries.equals(other.engine_input.itineraries)
        assert plain_plan.undone.equals(other.undone)
        assert work_s_per_week(streets[0]) == work_s_per_week(streets[1])
