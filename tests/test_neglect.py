"""Neglect: which work is laid aside, how it is seen to, days worked by hand, the laws it keeps, what measures say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from either import run
from small_street import EAST, WEST, planned, said, scenario
from test_orders import BUREAU, NEVER, ORDER, VERIFY, check, check_day, measured, street

from sim.errors import ScenarioError
from sim.scenario import load
from sim.scenario.expected_work import work_s_per_week
from sim.tables import CALENDARS, NONE, Outcome
from sim.units import DAY_S, HOUR_S, MINUTE_S

ALWAYS = {"chance": 1.0, "lies": "2 h"}
CARD = {"card": [("mon-9:00", EAST)]}
CROWD = [("mon-9:00", home % 100) for home in range(4000)]
UNSETTLED = {"chance": 1.0, "noticed": "1 days", "most": 1}
QUICK = {"unit": "bureau", "work": "20 min"}
"""What has no share of the content is not struck: it stands for other work."""


def neglecting(steps, other=(QUICK,), matter=None, rules=(), **neglect):
    """The street with a hub, which neglects work; visas take ``other``, of 20 minutes."""
    return street(steps, other, matter, rules={"neglect": ALWAYS | neglect} | dict(rules))


def lying(given):
    """Which rows lie: (n,) bool."""
    return given.engine_input.itineraries["class"].to_numpy() == NONE


# ---- the rows


def test_work_lies_first_and_then_stands_in_its_class():
    check(
        planned(neglecting([BUREAU | {"priority": 2}, QUICK]), **CARD),
        """
        0.0 bureau opens=mon-9:00 work=10 class=-1 limit=120>1 next=2
        0.1 bureau work=10 class=2 next=2
        0.2 bureau work=20 next=out
        """,
    )


def test_a_lie_shorter_than_the_orders_time_ends_by_itself():
    """Whatever of its hour is left when it has lain, it is urged at the end of the hour."""
    check(
        planned(neglecting([BUREAU | {"order": ORDER}], lies="20 min"), **CARD),
        """
        0.0 hub opens=mon-9:00 work=5 next=1
        0.1 bureau work=10 class=-1 limit=20>2 next=5
        0.2 bureau work=10 limit=60>3 next=5
        0.3 bureau work=10 class=0 also=4 next=5
        0.4 hub supervision work=7 class=0 next=out
        0.5 hub work=4 next=out
        """,
    )


@pytest.mark.parametrize("lies", ["1 h", "2 h", NEVER])
def test_what_lies_no_less_than_the_orders_time_is_urged_as_it_lies(lies):
    check(
        planned(neglecting([BUREAU | {"order": ORDER}], lies=lies), **CARD),
        """
        0.0 hub opens=mon-9:00 work=5 next=1
        0.1 bureau work=10 class=-1 limit=60>2 next=4
        0.2 bureau work=10 class=0 also=3 next=4
        0.3 hub supervision work=7 class=0 next=out
        0.4 hub work=4 next=out
        """,
    )


def test_the_promised_instant_ends_lying_too_and_leads_to_one_hurried_row():
    step = BUREAU | {"order": ORDER, "priority": 3, "overdue": {"priority": 0, "work_share": 0.5}}
    given = planned(neglecting([step], matter={"limit": "2 days"}, lies="20 min"), **CARD)
    check(
        given,
        """
        0.0 hub opens=mon-9:00 work=5 class=3 next=1
        0.1 bureau work=10 class=-1 limit=20>2 deadline=wed-9:00>5 next=6
        0.2 bureau work=10 class=3 limit=60>3 deadline=wed-9:00>5 next=6
        0.3 bureau work=10 class=0 deadline=wed-9:00>5 also=4 next=6
        0.4 hub supervision work=7 class=0 next=out
        0.5 bureau work=5 class=0 next=6
        0.6 hub work=4 class=3 next=out
        """,
    )
    assert given.undone[["case", "row", "work_s"]].to_numpy().tolist() == [[0, 5, 300]]


def test_only_residents_work_at_desks_lies():
    """Not what residents wait for or have done for them, nor ordering, checking, registering, complaints, tasks."""
    steps = [
        {"unit": "counter", "present": True, "share": 1, "proxy": {"chance": 0.5, "unit": "desk", "work": "5 min"}},
        QUICK | {"order": ORDER, "verify": VERIFY},
        {"unit": "section", "share": 0.5, "overdue": {}},
    ]
    made = scenario(
        {"card": {"limit": "1 h", "complains": 1.0}, "visa": {"kind": "task"}},
        {"card": steps, "visa": [BUREAU], "complaint": [BUREAU]},
        units={"hub": {"kind": "desk", "level": "street"}},
        teams={"hub": {"size": 1, "calendar": "office", "serves": ["hub"], "level": "street"}},
        rules={"neglect": ALWAYS, "complaints": "complaint"},
    )
    given = planned(made, card=[("mon-9:00", home) for home in range(40)], visa=[("mon-9:00", NONE)])
    rows = given.engine_input.itineraries[lying(given)]
    assert set(given.units["unit"][rows["unit"]]) == {"section"}
    assert len(rows) == 40


def test_hotline_and_grid_cases_are_residents_cases():
    for kind in ("hotline", "grid", "self_governance"):
        assert lying(planned(neglecting([BUREAU], matter={"kind": kind}), **CARD)).any()


def test_what_is_handed_in_again_or_done_again_may_lie_anew():
    """Half of the work lies, each time by luck of its own: handed in again, found at a check, asked for again."""
    papers = {"incomplete": 1.0, "incomplete_again": 1.0, "most_returns": 1}
    card = {"card": CROWD[:1000]}
    for steps, matter in (
        ([BUREAU | {"checks": 1}], {"papers": papers}),
        ([BUREAU | {"verify": VERIFY}], {"kind": "grid", "unsettled": UNSETTLED}),
        ([BUREAU], {"kind": "grid", "unsettled": UNSETTLED}),
    ):
        given = planned(neglecting(steps, matter=matter, chance=0.5), **card)
        lain = np.bincount(given.engine_input.itineraries["case"][lying(given)], minlength=1000)
        assert np.bincount(lain) / 1000 == pytest.approx([0.25, 0.5, 0.25], abs=0.05)


# ---- luck


def struck(chance=0.3, steps=(BUREAU,), **neglect):
    """Which cases of a crowd have work that lies."""
    given = planned(neglecting(steps, chance=chance, **neglect), card=CROWD)
    return np.bincount(given.engine_input.itineraries["case"][lying(given)], minlength=len(CROWD)) > 0


def test_how_many_are_struck_follows_the_chance_and_more_neglect_strikes_the_same_and_more():
    few, many = struck(0.2), struck(0.4)
    assert (few.mean(), many.mean()) == pytest.approx((0.2, 0.4), abs=0.02)
    assert (few <= many).all()
    assert (few == struck(0.2, lies={"mean": "5 days", "cv": 1.0})).all()


def test_systems_with_the_same_step_keys_share_the_luck():
    """Whatever else they do, and wherever the step stands: the same cases, for as long."""
    key = {"luck": "handling"}
    one, other = [BUREAU | key], [QUICK, {"unit": "section", "share": 0.3, "order": ORDER | {"within": NEVER}} | key]
    lies = {"mean": "5 days", "cv": 1.0}
    assert (struck(steps=one) == struck(steps=other)).all()
    assert (struck(steps=one) != struck(steps=[BUREAU])).any()
    first, second = (planned(neglecting(steps, lies=lies, chance=0.3), card=CROWD) for steps in (one, other))
    lies_s = [given.engine_input.itineraries["limit_s"][lying(given)].tolist() for given in (first, second)]
    assert lies_s[0] == lies_s[1]
    assert np.mean(lies_s[0]) == pytest.approx(5 * DAY_S, rel=0.1)


FULL = [
    {"unit": "counter", "present": True, "share": 0.5, "checks": 2},
    {"unit": "section", "share": 0.5, "work": {"mean": "5 min", "cv": 1.0}, "delay": {"mean": "2 h", "cv": 1.0}},
    BUREAU | {"order": ORDER, "overdue": {}, "verify": VERIFY, "checks": 3, "chance": 0.7},
]
VARIED = {
    "work": {"mean": "30 min", "cv": 1.0},
    "limit": "5 days",
    "papers": {"incomplete": 0.4, "incomplete_again": 0.3},
    "patience": {"mean": "1 h", "cv": 0.5},
    "hard": 0.3,
    "tries": 1,
}


def full(**rules):
    return planned(street(FULL, matter=VARIED, rules=rules), card=CROWD[:1000])


def test_neglect_of_no_chance_changes_nothing():
    pd.testing.assert_frame_equal(full(neglect=ALWAYS | {"chance": 0.0}).engine_input.itineraries, without())


def without():
    return full().engine_input.itineraries


def test_who_is_not_struck_has_the_same_possible_legs():
    """And who is has but further rows for lying: the others are the same, under other numbers."""
    given = full(neglect={"chance": 0.3, "lies": "30 min"})
    rows, plain = given.engine_input.itineraries, without()
    is_struck = np.isin(rows["case"], rows["case"][lying(given)])
    assert 0.3 < rows["case"][is_struck].nunique() / 1000 < 0.9
    spared = plain["case"].isin(rows["case"][~is_struck])
    pd.testing.assert_frame_equal(rows[~is_struck].reset_index(drop=True), plain[spared].reset_index(drop=True))
    own = ["case", "kind", "visit", "present", "unit", "work_s", "deadline_at_s", "class"]
    taken_up = rows.loc[~lying(given), own].sort_values(own, ignore_index=True)
    pd.testing.assert_frame_equal(taken_up, plain[own].sort_values(own, ignore_index=True))


# ---- days worked by hand


@pytest.mark.usefixtures("engine")
def test_a_day_on_which_work_lies_and_is_overtaken():
    """The bureau is idle from 9:50 to 10:50. At 11:00 the card has lain; at 11:10 it is the one that came in first."""
    check_day(
        planned(neglecting([BUREAU]), **CARD, visa=[("mon-9:30", EAST), ("mon-10:50", EAST), ("mon-10:55", EAST)]),
        """
        0.0 bureau mon-9:00  -         mon-11:00 LEFT
        0.1 bureau mon-9:00  mon-11:10 mon-11:20 DONE
        1.0 bureau mon-9:30  mon-9:30  mon-9:50  DONE
        2.0 bureau mon-10:50 mon-10:50 mon-11:10 DONE
        3.0 bureau mon-10:55 mon-11:20 mon-11:40 DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_a_day_on_which_lying_work_is_urged():
    """It comes in at 9:05 and would lie until 11:05; urged at 10:05, it is done at once, while the hub supervises."""
    check_day(
        planned(neglecting([BUREAU | {"order": ORDER}]), **CARD),
        """
        0.0 hub    mon-9:00  mon-9:00  mon-9:05  DONE
        0.1 bureau mon-9:05  -         mon-10:05 LEFT
        0.2 bureau mon-9:05  mon-10:05 mon-10:15 DONE
        0.3 hub    mon-10:05 mon-10:05 mon-10:12 DONE
        0.4 hub    mon-10:15 mon-10:15 mon-10:19 DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_a_day_on_which_work_has_lain_but_is_still_urged():
    """It lies from 9:05 to 9:35; the bureau has four visas to do until 10:20, so at 10:05 it is urged."""
    asked_for = {"visa": [("mon-9:00", EAST)] * 4}
    check_day(
        planned(neglecting([BUREAU | {"order": ORDER}], lies="30 min"), **CARD, **asked_for),
        """
        0.0 hub    mon-9:00  mon-9:00  mon-9:05  DONE
        0.1 bureau mon-9:05  -         mon-9:35  LEFT
        0.2 bureau mon-9:05  -         mon-10:05 LEFT
        0.3 bureau mon-9:05  mon-10:20 mon-10:30 DONE
        0.4 hub    mon-10:05 mon-10:05 mon-10:12 DONE
        0.5 hub    mon-10:30 mon-10:30 mon-10:34 DONE
        1.0 bureau mon-9:00  mon-9:00  mon-9:20  DONE
        2.0 bureau mon-9:00  mon-9:20  mon-9:40  DONE
        3.0 bureau mon-9:00  mon-9:40  mon-10:00 DONE
        4.0 bureau mon-9:00  mon-10:00 mon-10:20 DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_a_day_on_which_lying_work_is_hurried():
    """Promised by 10:00, it is hurried then, half done, before the visa that came in before it."""
    step = BUREAU | {"overdue": {"work_share": 0.5}}
    asked_for = CARD | {"visa": [("mon-9:50", EAST), ("mon-8:00", EAST), ("mon-9:55", EAST)]}
    check_day(
        planned(neglecting([step], matter={"limit": "1 h"}), **asked_for),
        """
        0.0 bureau mon-9:00 -         mon-10:00 OVERDUE
        0.2 bureau mon-9:00 mon-10:10 mon-10:15 DONE
        1.0 bureau mon-9:50 mon-9:50  mon-10:10 DONE
        2.0 bureau mon-8:00 mon-9:00  mon-9:20  DONE
        3.0 bureau mon-9:55 mon-10:15 mon-10:35 DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_a_day_on_which_work_comes_in_too_late_to_lie():
    """The promise ends at 10:00, and it comes in at 11:00: somebody sees to it at once."""
    step = BUREAU | {"overdue": {}, "delay": {"mean": "2 h"}}
    check_day(
        planned(neglecting([step], matter={"limit": "1 h"}), **CARD),
        """
        0.0 bureau mon-11:00 -         mon-11:00 OVERDUE
        0.2 bureau mon-11:00 mon-11:00 mon-11:10 DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_work_lies_over_lunch_and_night_by_the_wall_clock():
    """Ten hours from 11:00 end at 21:00; on Tuesday it goes before what came in at 20:00."""
    check_day(
        planned(neglecting([BUREAU], lies="10 h"), card=[("mon-11:00", EAST)], visa=[("mon-20:00", EAST)]),
        """
        0.0 bureau mon-11:00 -        mon-21:00 LEFT
        0.1 bureau mon-11:00 tue-9:00 tue-9:10  DONE
        1.0 bureau mon-20:00 tue-9:10 tue-9:30  DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_what_lies_neither_holds_up_nor_is_interrupted_by_residents():
    """Three members, two at the counter all morning: one is idle beside what lies, and it begins when it has lain."""
    given = planned(
        neglecting([{"unit": "desk", "share": 1}], [{"unit": "counter", "present": True, "work": "3 h"}]),
        **CARD,
        visa=[("mon-9:00", EAST), ("mon-9:00", EAST)],
    )
    check_day(
        given,
        """
        0.0 desk@east    mon-9:00 -         mon-11:00 LEFT
        0.1 desk@east    mon-9:00 mon-11:00 mon-11:10 DONE
        1.0 counter@east mon-9:00 mon-9:00  mon-12:00 DONE
        2.0 counter@east mon-9:00 mon-9:00  mon-12:00 DONE
        """,
    )


# ---- laws


def crowd(steps, **neglect):
    """Legs of a crowd that comes at once, and of which all is done in three weeks."""
    rules = {"neglect": neglect} if neglect else {}
    return run(planned(street(steps, matter=VARIED, rules=rules), weeks=3, card=CROWD[:100]).engine_input)


@pytest.mark.usefixtures("either_engine")
def test_ordered_work_lies_no_longer_than_the_order_allows():
    legs = crowd([BUREAU | {"order": ORDER}], chance=0.5, lies={"mean": "2 h", "cv": 1.0})
    lain = legs[legs["class"] == NONE]
    assert 35 < len(lain) < 65
    lies_s = lain["ended_s"] - lain["joined_s"]
    assert lies_s.max() == HOUR_S
    assert (lies_s < HOUR_S).any()
    left = legs[legs["outcome"] == Outcome.LEFT].groupby(["case", "joined_s"])["ended_s"].max()
    assert (left.reset_index()["ended_s"] - left.reset_index()["joined_s"]).max() == HOUR_S


@pytest.mark.usefixtures("either_engine")
def test_lying_takes_nobodys_time_and_nobody_gives_up_for_it():
    """All work of a crowd is done in the end, and no other."""
    plain, neglected = crowd([BUREAU]), crowd([BUREAU], chance=0.5, lies="3 days")
    assert plain["worked_s"].sum() == neglected["worked_s"].sum()
    assert sorted(neglected.loc[neglected["outcome"] == Outcome.DONE, "case"]) == list(range(100))
    assert set(neglected["outcome"]) == {Outcome.DONE, Outcome.LEFT}


@pytest.mark.usefixtures("either_engine")
def test_where_nobody_ever_waits_each_case_closes_later_by_what_its_work_lay():
    """With people for all, neglect is a delay of the case and of no other."""
    steps = [{"unit": "bureau", "share": 1, "luck": "a"}, {"unit": "bureau", "share": 1, "luck": "b"}]
    closed, lain = {}, {}
    for chance in (0.0, 0.3, 0.6):
        given = planned(neglecting(steps, chance=chance, lies={"mean": "9 h", "cv": 1.0}), weeks=5, card=CROWD[:300])
        hours = pd.DataFrame([[0, 0, given.engine_input.end_s, 0]], columns=list(CALENDARS))
        teams = given.engine_input.teams.assign(size=300)
        legs = run(replace(given.engine_input, calendars=hours, teams=teams))
        lies = legs[legs["class"] == NONE]
        closed[chance] = legs.groupby("case")["ended_s"].max()
        lies_s = (lies["ended_s"] - lies["joined_s"]).groupby(lies["case"]).sum()
        lain[chance] = lies_s.reindex(range(300), fill_value=0)
        assert (closed[chance] == closed[0.0] + lain[chance]).all()
    assert (lain[0.3] <= lain[0.6]).all()
    assert 0 < lain[0.3].sum() < lain[0.6].sum()


def test_the_work_that_is_expected_is_not_that_of_lying():
    steps = [BUREAU | {"order": ORDER, "verify": VERIFY, "overdue": {}}]
    matter = {"rate": "1 / day", "limit": "2 days"}
    assert work_s_per_week(neglecting(steps, matter=matter)) == work_s_per_week(street(steps, [QUICK], matter))


# ---- measures


def test_orders_count_once_whether_their_work_has_lain_or_lies():
    """Urged as it lies; urged after it has lain; done in time after it has lain; lying when the promise ends."""
    step = [BUREAU | {"order": ORDER, "overdue": {}}]
    alone, two = CARD, {"card": [("mon-9:00", EAST), ("mon-9:00", WEST)]}
    for asked_for, lies, matter, share in (
        (alone, "2 h", {}, 1.0),
        (alone | {"visa": [("mon-9:00", EAST)] * 4}, "30 min", {}, 1.0),
        (alone, "30 min", {}, 0.0),
        (alone, "2 h", {"limit": "30 min"}, 0.0),
        (alone, "50 min", {"limit": "30 min"}, 0.0),
        (two | {"visa": [("mon-9:00", EAST)] * 3}, "57 min", {}, 0.5),
    ):
        given = planned(neglecting(step, matter=matter, lies=lies), **asked_for)
        legs, _, values = measured(given)
        assert values["orders_urged_share", ""] == share, (lies, legs)


def test_lying_is_waiting_for_the_office_and_one_stay_with_what_follows():
    """The bureau is open from 9:00 to 11:00 while the card lies: that is its wait; the visas wait 0 and 20 minutes."""
    asked_for = CARD | {"visa": [("mon-9:30", EAST), ("mon-9:30", EAST)]}
    _, made, values = measured(planned(neglecting([BUREAU]), **asked_for))
    assert values["wait_unit_min", "unit:bureau"] == pytest.approx((120 + 0 + 20) / 3)
    assert values["neglected_share", ""] == pytest.approx(1 / 3)
    assert (values["neglected_share", "counter"], values["neglected_share", "hotline"]) == (1, 0)
    assert values["gave_up_share", ""] == 0
    assert values["close_part_days", "queue"] * DAY_S / MINUTE_S == pytest.approx((120 + 0 + 20) / 3)
    assert made["wait_s"].tolist() == [0, 0, 0]  # nobody stands there
    assert said(int(made["closed_s"][0])) == "mon-11:10"


def test_waiting_of_what_is_hurried_or_lies_to_the_end():
    """Hurried at 10:00 after an hour; one that lies to the end of the run counts as it is."""
    step, matter = BUREAU | {"overdue": {}}, {"limit": "1 h"}
    _, _, values = measured(planned(neglecting([step], matter=matter), **CARD))
    assert values["wait_unit_min", "unit:bureau"] == 60
    assert values["neglected_share", ""] == 1
    _, made, values = measured(planned(neglecting([BUREAU], lies=NEVER), **CARD))
    assert values["wait_unit_min", "unit:bureau"] == 2 * 5 * 7 * 60
    assert (values["unfinished_share", ""], values["neglected_share", ""]) == (1, 1)
    assert made["outcome"].tolist() == ["open"]


def test_what_comes_in_too_late_to_lie_is_not_neglected():
    step = BUREAU | {"overdue": {}, "delay": {"mean": "2 h"}}
    _, _, values = measured(planned(neglecting([step], matter={"limit": "1 h"}), **CARD))
    assert values["neglected_share", ""] == 0


def test_where_nothing_happened_to_be_neglected_the_share_is_nought():
    """So that a mean over replications counts those in which nobody was struck."""
    _, _, values = measured(planned(neglecting([BUREAU], chance=0.0), **CARD))
    assert (values["neglected_share", ""], values["neglected_share", "counter"]) == (0, 0)


def test_where_no_structure_neglects_there_is_no_measure_of_it():
    _, _, values = measured(planned(street([BUREAU]), **CARD))
    assert "neglected_share" not in {name for name, _ in values}


def test_a_fault_elsewhere_is_not_taken_for_a_rule_without_effect(tmp_path):
    five = Path(__file__).parent.parent / "scenarios" / "five-systems" / "haidian.yaml"
    file = tmp_path / "mine.yaml"
    steps = "structure: {procedures: {grid: {steps: [{unit: outside, work: 8 minuts}]}}}"
    file.write_text(f"extends: {five}\nname: mine\n{steps}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        load(file)
    assert "scenario.idle_neglect" not in [fault.key for fault in told.value.faults]
