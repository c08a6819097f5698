"""Work that settles nothing: found at a check, or closed and asked for again; days worked by hand, and the laws."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from either import run
from runs import run_of
from small_street import EAST, at, planned, said
from test_orders import BUREAU, ORDER, VERIFY, check, check_day, hours_expected, hours_found, street

from sim import measures
from sim.demand import draw_demand
from sim.itineraries import plan
from sim.journeys import journeys
from sim.measures import Window
from sim.stays import PARTS, stays
from sim.tables import NONE
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S

BAD = {"chance": 1.0, "most": 2, "again_share": 0.5, "noticed": "3 days"}
BAD_ONCE = BAD | {"chance_again": 0.0}
ONE = [("mon-9:00", EAST)]
CROWD = [("mon-9:00", home % 100) for home in range(4000)]


def lamps(steps, bad=BAD, **matter):
    """A street in whose grid lamps are out."""
    return street(steps, matter={"kind": "grid", "unsettled": bad} | matter)


# ---- found at the check


def test_what_a_check_finds_is_done_again_and_checked_again():
    """Bad three times over; done again twice, half of the work each time, and then nobody asks any more."""
    check(
        planned(lamps([BUREAU | {"verify": VERIFY}, BUREAU]), card=ONE),
        """
        0.0 bureau opens=mon-9:00 work=10 next=1
        0.1 hub work=6 next=2
        0.2 bureau work=5 next=3
        0.3 hub work=6 next=4
        0.4 bureau work=5 next=5
        0.5 hub work=6 next=6
        0.6 bureau work=10 next=out
        """,
    )


def test_what_is_done_again_is_neither_ordered_nor_reported_anew_but_may_be_overdue():
    step = BUREAU | {"order": ORDER, "overdue": {}, "verify": VERIFY}
    check(
        planned(lamps([step], BAD | {"most": 1, "again_share": 1.0}, limit="2 days"), card=ONE),
        """
        0.0 hub opens=mon-9:00 work=5 next=1
        0.1 bureau work=10 limit=60>2 deadline=wed-9:00>4 next=5
        0.2 bureau work=10 class=0 deadline=wed-9:00>4 also=3 next=5
        0.3 hub supervision work=7 class=0 next=out
        0.4 bureau work=10 class=0 next=5
        0.5 hub work=4 next=6
        0.6 hub work=6 next=7
        0.7 bureau work=10 deadline=wed-9:00>8 next=9
        0.8 bureau work=10 class=0 next=9
        0.9 hub work=6 next=out
        """,
    )


@pytest.mark.usefixtures("engine")
def test_a_day_on_which_a_check_finds_it():
    """Done 9:00 to 9:10, checked to 9:16, done again in 5 minutes after a second case, checked again."""
    check_day(
        planned(lamps([BUREAU | {"verify": VERIFY}], BAD_ONCE), card=ONE, visa=[("mon-9:12", EAST)]),
        """
        0.0 bureau mon-9:00 mon-9:00 mon-9:10 DONE
        0.1 hub    mon-9:10 mon-9:10 mon-9:16 DONE
        0.2 bureau mon-9:16 mon-9:32 mon-9:37 DONE
        0.3 hub    mon-9:37 mon-9:37 mon-9:43 DONE
        1.0 bureau mon-9:12 mon-9:12 mon-9:32 DONE
        """,
    )


# ---- closed, and asked for again

CALL = {"unit": "hub", "work": "2 min"}


def test_what_seemed_settled_takes_all_steps_again_after_a_while():
    """The call and the bureau's own 4 minutes are as before, of the 10 minutes of content half is left to do."""
    check(
        planned(lamps([CALL, BUREAU | {"work": "4 min"}], BAD_ONCE), card=ONE),
        """
        0.0 hub opens=mon-9:00 work=2 next=1
        0.1 bureau work=14 next=2
        0.2 hub wall=4320 own=0 seemed=4320 work=2 next=3
        0.3 bureau work=9 next=out
        """,
    )


def test_a_step_asked_for_once_is_not_taken_again():
    check(
        planned(lamps([CALL | {"once": True}, BUREAU], BAD_ONCE), card=ONE),
        """
        0.0 hub opens=mon-9:00 work=2 next=1
        0.1 bureau work=10 next=2
        0.2 bureau wall=4320 own=0 seemed=4320 work=5 next=out
        """,
    )


def test_who_asks_again_in_person_comes_on_a_new_trip():
    """On an open day after the three days; the promise is that of the first time, so the desk is overdue by then."""
    steps = [{"unit": "hall", "present": True, "work": "3 min"}, BUREAU | {"overdue": {}}]
    check(
        planned(lamps(steps, BAD_ONCE, limit="2 days"), card=ONE),
        """
        0.0 hall opens=mon-9:00 visit=1 work=3 next=1
        0.1 bureau work=10 deadline=wed-9:00>2 next=3
        0.2 bureau work=10 class=0 next=3
        0.3 hall day=4320 own=0 seemed=4320 visit=2 work=3 next=4
        0.4 bureau work=5 deadline=wed-9:00>5 next=out
        0.5 bureau work=5 class=0 next=out
        """,
    )


def test_papers_that_came_back_once_do_not_keep_whoever_asks_again():
    """The way back and the two days of mending are before the second visit, and before no other."""
    steps = [{"unit": "hall", "present": True, "work": "3 min", "checks": 1, "return_delay": "1 days"}, BUREAU]
    papers = {"incomplete": 1.0, "most_returns": 1, "own_delay": "2 days"}
    check(
        planned(lamps(steps, BAD_ONCE, papers=papers), card=ONE),
        """
        0.0 hall opens=mon-9:00 visit=1 work=3 next=1
        0.1 hall day=4320 own=2880 visit=2 work=3 next=2
        0.2 bureau work=10 next=3
        0.3 hall day=4320 own=0 seemed=4320 visit=3 work=3 next=4
        0.4 bureau work=5 next=out
        """,
    )


def test_what_a_check_finds_when_it_is_asked_for_again_is_done_again_too():
    """After a check half of all that it took at first; asked for again half of the content, and all that is added."""
    finds = VERIFY | {"finds": 0.5}
    crowd = planned(lamps([BUREAU | {"verify": finds, "work": "4 min"}]), card=CROWD[:100]).engine_input.itineraries
    minutes = (crowd["work_s"] / MINUTE_S).groupby(crowd["case"]).agg(tuple)
    assert set(minutes) == {
        (14, 6, 7, 6, 7, 6),  # found, found
        (14, 6, 7, 6, 9, 6),  # found, not found
        (14, 6, 9, 6, 7, 6),  # not found, found
        (14, 6, 9, 6, 9, 6),  # never found
    }


@pytest.mark.usefixtures("engine")
def test_days_on_which_nobody_finds_it_until_the_most_is_reached():
    """Closed on Monday 9:16; asked for again on Thursday and, as it is bad still, on Sunday: begun on Monday. After
    that nobody asks any more, though it would be bad a third time.
    """
    check_day(
        planned(lamps([BUREAU | {"verify": VERIFY | {"finds": 0.0}}]), card=ONE),
        """
        0.0 bureau mon-9:00    mon-9:00    mon-9:10    DONE
        0.1 hub    mon-9:10    mon-9:10    mon-9:16    DONE
        0.2 bureau thu-9:16    thu-9:16    thu-9:21    DONE
        0.3 hub    thu-9:21    thu-9:21    thu-9:27    DONE
        0.4 bureau sun-9:27    mon-9:00+1w mon-9:05+1w DONE
        0.5 hub    mon-9:05+1w mon-9:05+1w mon-9:11+1w DONE
        """,
    )


@pytest.mark.usefixtures("engine")
def test_a_day_on_which_what_is_asked_for_again_is_hurried_at_once():
    """Promised for Wednesday: on Thursday it is put before the visa that joined a minute earlier."""
    check_day(
        planned(
            lamps([BUREAU | {"overdue": {}}], BAD_ONCE, limit="2 days"),
            card=ONE,
            visa=[("thu-9:08", EAST), ("thu-9:09", EAST)],
        ),
        """
        0.0 bureau mon-9:00 mon-9:00 mon-9:10 DONE
        0.2 bureau thu-9:10 -        thu-9:10 OVERDUE
        0.3 bureau thu-9:10 thu-9:28 thu-9:33 DONE
        1.0 bureau thu-9:08 thu-9:08 thu-9:28 DONE
        2.0 bureau thu-9:09 thu-9:33 thu-9:53 DONE
        """,
    )


# ---- what is told of it


def told(given, weeks=3):
    """Journeys and measures of a plan of lamps and visas; lamps stand for the grid."""
    legs = run(given.engine_input)
    made = journeys(given, legs, ["card", "visa"], ["east", "west"], ["grid", "counter"])
    table = measures.measure(given, legs, made, Window(0, WEEK_S, weeks * WEEK_S))
    return made, {(row.measure, row.group): row.value for row in table.itertuples()}


def test_a_case_is_closed_when_it_was_closed_for_good():
    """From Monday 9:13, when it is closed, it seems settled for three days; the resident comes again and it is done."""
    steps = [{"unit": "hall", "present": True, "work": "3 min"}, BUREAU]
    made, values = told(planned(lamps(steps, BAD_ONCE, limit="2 days"), weeks=3, card=ONE, visa=ONE), 3)
    case = made.iloc[0]
    # Three days after Monday 9:13, then at the hour at which this resident comes: the luck of that is the resident's.
    came = case["closed_s"] - 8 * MINUTE_S
    assert came >= at("thu-9:13")
    assert case[["outcome", "visits", "reopened", "unsettled", "on_time"]].tolist() == ["closed", 2, 1, 1, 0]
    assert case["seemed_s"] == 3 * DAY_S
    assert case["work_time_s"] == 21 * MINUTE_S
    assert case["hand_off_s"] == 0
    assert sum(case[part] for part in PARTS) == case["closed_s"] - case["opened_s"]
    assert made.iloc[1][["reopened", "unsettled", "seemed_s"]].tolist() == [0, NONE, 0]
    assert values["reopened_share", ""] == values["reopened_share", "grid"] == 1
    assert ("reopened_share", "counter") not in values
    assert values["on_time_share", "grid"] == 0
    assert values["close_part_days", "seemed"] == pytest.approx(3 / 2)
    assert values["returns_per_case", "grid"] == 1


def test_settled_before_the_promise_though_asked_for_twice_is_on_time():
    made, values = told(planned(lamps([BUREAU], BAD_ONCE, limit="4 days"), weeks=3, card=ONE))
    assert said(int(made["closed_s"].iloc[0])) == "thu-9:15"
    assert values["on_time_share", "grid"] == 1


def test_what_only_seems_settled_at_the_end_is_open_and_not_asked_for_again():
    given = planned(lamps([BUREAU], BAD_ONCE | {"noticed": "30 days"}), weeks=3, card=ONE)
    made, values = told(given)
    case = made.iloc[0]
    assert case[["outcome", "reopened", "closed_s"]].tolist() == ["open", 0, NONE]
    assert case["seemed_s"] == 3 * WEEK_S - at("mon-9:10")
    assert values["reopened_share", ""] == 0
    assert values["unfinished_share", "grid"] == 1


def test_where_work_always_settles_the_matter_nothing_is_told_of_it():
    _, values = told(planned(lamps([BUREAU], None), card=ONE))
    assert "close_days" in {name for name, _ in values}
    assert not [(name, group) for name, group in values if name == "reopened_share" or group == "seemed"]


def test_whoever_finds_all_before_closing_still_tells_that_nobody_had_to_ask_again():
    _, values = told(planned(lamps([BUREAU | {"verify": VERIFY}]), card=ONE))
    assert (values["reopened_share", ""], values["close_part_days", "seemed"]) == (0, 0)


# ---- laws

SOME = {"chance": 0.3, "chance_again": 0.5, "again_share": 0.5, "noticed": {"mean": "2 days", "cv": 1.0}, "most": 3}
PROCEDURES = (
    [BUREAU],
    [BUREAU | {"verify": VERIFY | {"finds": 0.4}}],
    [CALL, BUREAU | {"verify": VERIFY}, {"unit": "section", "chance": 0.5, "share": 0.3, "verify": VERIFY}],
)


def times_done(steps, bad=SOME, **parts):
    """How often each of a crowd's cases is done at the bureau."""
    given = planned(lamps(steps, bad, **parts), card=CROWD)
    rows = given.engine_input.itineraries
    at_bureau = given.units["base"].to_numpy()[rows["unit"]] == "bureau"
    return np.bincount(rows["case"][at_bureau], minlength=len(CROWD))


def test_how_often_work_settles_nothing_follows_the_chances():
    """Of 4,000: settled at once 0.7, the second time 0.15, the third 0.075; the fourth time nobody asks any more."""
    unsettled = planned(lamps([BUREAU], SOME), card=CROWD).cases["unsettled"]
    assert np.bincount(unsettled) / len(CROWD) == pytest.approx([0.7, 0.15, 0.075, 0.075], abs=0.02)


@pytest.mark.parametrize("steps", PROCEDURES)
def test_the_same_cases_are_unsettled_in_every_structure_and_all_are_done_until_they_are_not(steps):
    """Whoever finds it, a check or the resident: as often as its work settles nothing, a case is done again."""
    unsettled = planned(lamps([BUREAU], SOME), card=CROWD).cases["unsettled"]
    mine = planned(lamps(steps, SOME), card=CROWD).cases["unsettled"]
    assert mine.equals(unsettled)
    if "chance" not in steps[-1]:
        assert (times_done(steps) == 1 + unsettled).all()


def test_a_higher_chance_spares_no_case_and_a_higher_most_only_goes_on():
    few, many, more = (
        times_done([BUREAU], SOME | change) for change in ({}, {"chance": 0.5}, {"most": 6, "noticed": "1 h"})
    )
    assert (few <= many).all()
    assert (np.minimum(more, 4) == few).all()


def test_a_check_that_finds_nothing_only_takes_work():
    blind = planned(lamps([BUREAU | {"verify": VERIFY | {"finds": 0.0}}], SOME), card=CROWD[:200])
    plain = planned(lamps([BUREAU, {"unit": "hub", "work": "6 min"}], SOME), card=CROWD[:200])
    pd.testing.assert_frame_equal(blind.engine_input.itineraries, plain.engine_input.itineraries)


@pytest.mark.parametrize("steps", PROCEDURES)
def test_a_chance_of_nothing_changes_nothing(steps):
    never, none = (planned(lamps(steps, bad), card=CROWD[:200]) for bad in (SOME | {"chance": 0.0}, None))
    pd.testing.assert_frame_equal(never.engine_input.itineraries, none.engine_input.itineraries)


def test_nobody_who_finds_more_is_asked_again_more_often():
    asked = []
    for finds in (0.0, 0.5, 0.9, 1.0):
        given = planned(lamps([BUREAU | {"verify": VERIFY | {"finds": finds}}], SOME), card=CROWD)
        rows = given.engine_input.itineraries
        asked.append(np.bincount(rows["case"][rows["seemed_s"] != NONE], minlength=len(CROWD)))
    assert all((more <= less).all() for less, more in pairwise(asked))
    assert (asked[0] == given.cases["unsettled"]).all()
    assert not asked[-1].any()


def asked_of(steps):
    """Of each of a crowd's cases: how long it seemed settled, and the work of its next step, each time it is asked."""
    given = planned(lamps(steps, SOME, work={"mean": "10 min", "cv": 1.0}), card=CROWD)
    rows = given.engine_input.itineraries
    rows = rows[rows["seemed_s"] != NONE]
    return rows.groupby("case")[["seemed_s", "work_s"]].agg(list)


def test_each_time_has_luck_of_its_own_and_the_same_in_every_structure():
    plain = asked_of([BUREAU])
    for column in plain:
        often = plain[column][plain[column].map(len) == SOME["most"]]
        assert len(often) > 100
        assert (often.map(lambda one: len(set(one))) == SOME["most"]).mean() > 0.95  # or the same second by chance
    checked = asked_of([BUREAU | {"verify": VERIFY | {"finds": 0.4}}])
    called = asked_of([CALL | {"chance": 0.5}, BUREAU])
    assert called["seemed_s"].equals(plain["seemed_s"])
    assert 0 < len(checked) < len(plain)
    for column in plain:
        as_plainly = plain.loc[checked.index, column]
        assert all(set(mine) <= set(every) for mine, every in zip(checked[column], as_plainly, strict=True))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("steps", PROCEDURES)
def test_the_parts_of_every_case_add_up(steps):
    comes = {"unit": "hall", "present": True}
    often = {"rate": "3 / household / week", "patience": "30 min", "tries": 2, "limit": "5 days"}
    given = lamps([comes, *steps], SOME, **often)
    ran = run_of(given, 5 * WEEK_S)
    table = ran.journeys
    until = table["left_s"].where(table["left_s"] != NONE, 5 * WEEK_S)
    assert (table[list(PARTS)] >= 0).all(axis=None)
    assert (table[list(PARTS)].sum(axis=1) == until - table["opened_s"]).all()
    asked = stays(ran.plan, ran.legs).table.query("asks_again")
    assert len(asked) == table["reopened"].sum()
    assert (table["reopened"] <= table["unsettled"]).all()


# ---- the work that is expected


@pytest.mark.parametrize("finds", [0.0, 1.0])
def test_what_is_surely_done_again_brings_the_work_that_is_expected(finds):
    """Bad at first, good the second time, on Mondays; amounts are certain, so plan and expectation agree."""
    steps = [CALL | {"once": True}, BUREAU | {"order": ORDER, "verify": VERIFY | {"finds": finds}, "factor": 1.5}]
    given = lamps(steps, BAD_ONCE, rate="50 / household / year")
    made = plan(given, draw_demand(given, 1, 0, 8 * WEEK_S))
    a_case = {unit: hours * 8 / len(made.cases) for unit, hours in hours_found(made, 8).items()}
    a_week = 50 * 100 * 7 / 365
    assert a_case == pytest.approx({unit: hours / a_week for unit, hours in hours_expected(given).items()}, rel=1e-9)


@pytest.mark.parametrize(
    "steps",
    [
        *PROCEDURES,
        [
            {"unit": "hall", "present": True, "share": 0.2, "proxy": {"chance": 0.3, "unit": "desk", "work": "3 min"}},
            BUREAU | {"order": ORDER, "verify": VERIFY | {"finds": 0.6}},
        ],
        [BUREAU, {"unit": "section", "chance": 0.5, "share": 0.3, "verify": VERIFY}],
    ],
)
def test_what_chances_bring_is_expected_on_average(steps):
    """Of 20,000 cases a year, to 2%; whom a check never sees goes on asking, and no check sees the next time either."""
    given = lamps(steps, SOME, rate="200 / household / year", hard=0.2)
    found = hours_found(plan(given, draw_demand(given, 1, 0, 52 * WEEK_S)), 52)
    assert found == pytest.approx(hours_expected(given), rel=0.02)
    assert all(hours > 1 / HOUR_S for hours in found.values())
