"""Both engines decide by the same rules and cannot catch a wrong one: each is broken here, and a judge must see it.

The judges are days worked by hand, and laws that no institution can change; none knows the rules.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import test_worked_days
from check_laws import check_all
from either import UNCOMPILED, Chosen, run
from random_inputs import street

from sim import engines, rules
from sim.tables import NONE

Rule = Callable[..., Any]
WAS = {name: rule for name, rule in vars(rules).items() if inspect.isfunction(rule)}
"""The rules as they are."""
BOTH, LOOP, SIMPY = (UNCOMPILED, "simpy"), (UNCOMPILED,), ("simpy",)


class Break(NamedTuple):
    """A rule, what is wrong with it, the wrong rule, the judge who must see it, and the engines that use the rule."""

    rule: str
    wrong: str
    broken: Rule
    judge: str
    used_by: tuple[str, ...] = BOTH


def laws() -> None:
    """Random streets, crowded and not, obey the laws."""
    for seed in range(12):
        given = street(seed, 25, 3, 3, crowded=seed % 2 == 0)
        check_all(given, run(given))


def judge(name: str) -> Callable[[], None]:
    """A judge by name: a day of ``test_worked_days``, or one of those here."""
    return laws if name == "laws" else getattr(test_worked_days, f"test_{name}")


def later(by_s: int, name: str) -> Rule:
    """The same rule, with another result by so many seconds."""
    return lambda *given: WAS[name](*given) + by_s


BREAKS = (
    Break("priority", "limits act before deadlines", lambda rank, number, width: WAS["priority"](
        {rules.LIMIT: rules.DEADLINE, rules.DEADLINE: rules.LIMIT}.get(rank, rank), number, width),
        "at_closing_a_deadline_acts_first_and_a_limit_too_late"),
    Break("priority", "doors act before the end of work", lambda rank, number, width: WAS["priority"](
        {rules.WORK_ENDS: rules.DOORS, rules.DOORS: rules.WORK_ENDS}.get(rank, rank), number, width),
        "work_that_ends_with_the_day_is_done", SIMPY),
    Break("priority", "services start before anything else", lambda rank, number, width: WAS["priority"](
        rules.N_RANKS - rank, number, width), "ties_go_by_class_then_case"),
    Break("moment", "a second late", lambda at_s, *of: WAS["moment"](at_s + 1, *of),
        "two_clerks_serve_in_order_of_joining", LOOP),
    Break("closing_number", "another door closes", later(1, "closing_number"),
        "nothing_starts_at_the_instant_of_closing", LOOP),
    Break("opening_number", "it closes", lambda door, _n_doors: door, "two_clerks_serve_in_order_of_joining", LOOP),
    Break("n_up_to", "not counting the instant itself", lambda instants, at_s: WAS["n_up_to"](instants, at_s - 1),
        "a_second_after_the_meeting_is_a_week_late"),
    Break("first_open_s", "the instant of closing is open", lambda opens, closes, at_s:
        at_s if at_s in closes else WAS["first_open_s"](opens, closes, at_s), "nobody_stands_before_a_closed_door"),
    Break("first_open_s", "never while it is open", lambda opens, closes, at_s:
        WAS["first_open_s"](opens, opens, at_s), "two_clerks_serve_in_order_of_joining"),
    Break("first_admitted_s", "not at lunch", lambda opens, closes, _is_break, at_s:
        WAS["first_open_s"](opens, closes, at_s), "lunch_is_no_closing_and_patience_runs_on"),
    Break("after_working_s", "by the clock on the wall", lambda _opens, _closes, from_s, working_s: from_s + working_s,
        "working_time_skips_lunch_weekend_and_holiday"),
    Break("after_working_s", "a day's last second is the next day's first", lambda *given:
        WAS["after_working_s"](*given[:3], given[3] + 1) - 1, "working_time_skips_lunch_weekend_and_holiday"),
    Break("gate_s", "not at its instant", lambda instants, from_s: WAS["gate_s"](instants, from_s + 1),
        "a_gate_lets_pass_all_that_is_ready_at_its_instant"),
    Break("next_open_day_s", "the day after the next", lambda opens, closes, is_break, from_s, return_s:
        WAS["next_open_day_s"](opens, closes, is_break, from_s + rules.DAY_S, return_s),
        "patience_ends_and_she_tries_another_day"),
    Break("next_open_day_s", "at the opening, whenever she can", lambda *given:
        WAS["next_open_day_s"](*given[:4], NONE), "come_again_another_day"),
    Break("when_ready_s", "residents stand before closed doors", lambda kind, _present, *given:
        WAS["when_ready_s"](kind, 0, *given), "nobody_stands_before_a_closed_door"),
    Break("when_ready_s", "a hand-off takes no time", lambda kind, present, reached_s, _delay_s, *given:
        WAS["when_ready_s"](kind, present, reached_s, 0, *given), "come_again_another_day"),
    Break("is_laid_aside", "nothing is", lambda _class: False,
        "nobody_takes_up_what_is_laid_aside_until_it_has_lain"),
    Break("is_laid_aside", "the best class is, too", lambda class_: class_ <= 0, "ties_go_by_class_then_case"),
    Break("is_laid_aside", "nothing is", lambda _class: False, "laws"),
    Break("place", "class does not count", lambda _class, *given: WAS["place"](0, *given),
        "ties_go_by_class_then_case"),
    Break("place", "the team's list does not count", lambda class_, _position, *given:
        WAS["place"](class_, 0, *given), "a_team_prefers_its_first_unit_within_a_class"),
    Break("place", "who came last goes first", lambda class_, position, joined_s, index, n_positions, n_seconds, n_rows:
        WAS["place"](class_, position, n_seconds - 1 - joined_s, index, n_positions, n_seconds, n_rows), "laws"),
    Break("may_interrupt", "an equal class may", lambda class_, served_class, yields:
        yields == 1 and class_ <= served_class, "a_resident_of_no_better_class_waits_for_the_papers"),
    Break("may_interrupt", "counters yield", lambda class_, served_class, _yields: class_ < served_class,
        "papers_wait_for_papers_and_counters_do_not_yield"),
    Break("may_interrupt", "nobody may", lambda *_: False, "laws"),
    Break("recency", "the one begun first", lambda spell_s, index: (-spell_s, index),
        "a_resident_interrupts_the_desk_work_begun_last"),
    Break("service_end_s", "the clock ends nothing", lambda start_s, left_s, _ends_by_s: start_s + left_s,
        "a_meeting_ends_by_the_clock"),
    Break("service_outcome", "all is done", lambda *_: rules.DONE, "a_meeting_ends_by_the_clock"),
    Break("left_after_put_back_s", "from the beginning", lambda left_s, _spell_s, _now_s, restart_s: left_s + restart_s,
        "desk_work_stops_for_lunch_the_night_and_the_weekend"),
    Break("left_after_put_back_s", "taken up at once", lambda *given: WAS["left_after_put_back_s"](*given[:3], 0),
        "a_resident_interrupts_the_desk_work_begun_last"),
    Break("cutoff_s", "a deadline binds what has begun", lambda _begun, *given: WAS["cutoff_s"](False, *given),
        "begun_work_knows_neither_limit_nor_deadline"),
    Break("cutoff_s", "nothing ends by the clock", lambda begun, deadline_at_s, _ends_by_s:
        WAS["cutoff_s"](begun, deadline_at_s, NONE), "leave_takes_a_member_or_is_missed"),
    Break("leaves_at", "patience begins anew with another class", lambda now_s, begun, deadline_s, ends_s, _, limit_s:
        WAS["leaves_at"](now_s, begun, deadline_s, ends_s, now_s, limit_s),
        "a_limit_that_had_passed_before_the_class_changed_acts_at_once"),
    Break("leaves_at", "a limit binds what has begun", lambda now_s, _begun, *given:
        WAS["leaves_at"](now_s, False, *given), "begun_work_knows_neither_limit_nor_deadline"),
    Break("leaves_at", "a second late", lambda *given:
        WAS["leaves_at"](*given[:4], given[4] + 1, given[5]), "laws"),
    Break("unserved_outcome", "a deadline leads nowhere", lambda *given:
        WAS["unserved_outcome"](*given[:3], NONE, *given[4:]), "a_deadline_wins_over_a_limit_and_both_over_a_start"),
    Break("unserved_outcome", "one try more", lambda *given: WAS["unserved_outcome"](*given[:8], given[8] + 1),
        "patience_ends_and_she_tries_another_day"),
    Break("closing_outcome", "one try more", lambda attempt, n_tries: WAS["closing_outcome"](attempt, n_tries + 1),
        "the_last_try_fails_and_a_complaint_follows"),
    Break("comes_back", "only who was sent home", lambda outcome, *_: outcome == rules.SENT_HOME,
        "patience_ends_and_she_tries_another_day"),
    Break("comes_back", "only who has left", lambda outcome, row, next_limit:
        outcome == rules.LEFT and next_limit == row, "sent_home_on_friday_returns_on_monday_at_her_own_time"),
    Break("next_row", "what is cut leads nowhere", lambda outcome, *given:
        NONE if outcome == rules.CUT else WAS["next_row"](outcome, *given), "a_meeting_ends_by_the_clock"),
    Break("next_row", "who gives up does not complain", lambda *given: WAS["next_row"](*given[:4], NONE), "laws"),
    Break("keeps_place", "never", lambda *_: False, "escalation_in_the_same_queue_keeps_the_time_of_joining"),
    Break("keeps_place", "also in another queue", lambda outcome, unit, _next_unit, *given:
        WAS["keeps_place"](outcome, unit, unit, *given), "overflow_to_the_next_window"),
    Break("keeps_place", "also after an absence", lambda *given: WAS["keeps_place"](*given[:4], 0),
        "a_hand_off_in_between_means_queueing_anew"),
)  # fmt: skip
"""Doors' numbers and moments stand for something in the loop alone; SimPy's only order what falls on one instant."""
CASES = [(one, engine) for one in BREAKS for engine in one.used_by]


@pytest.fixture
def _by(request: pytest.FixtureRequest) -> Iterator[None]:
    Chosen.engine = request.param
    yield
    Chosen.engine = engines.DEFAULT


def test_every_rule_is_broken():
    assert {one.rule for one in BREAKS} == set(WAS)


@pytest.mark.parametrize(
    ("one", "_by"),
    CASES,
    ids=[f"{one.rule}: {one.wrong} ({engine})" for one, engine in CASES],
    indirect=["_by"],
)
@pytest.mark.usefixtures("_by")
def test_a_broken_rule_is_seen(one, monkeypatch):
    monkeypatch.setattr(rules, one.rule, one.broken)
    with pytest.raises(AssertionError):
        judge(one.judge)()


@pytest.mark.parametrize("_by", BOTH, indirect=True)
@pytest.mark.parametrize("name", sorted({one.judge for one in BREAKS}))
@pytest.mark.usefixtures("_by")
def test_judges_have_nothing_to_say_against_the_rules_as_they_are(name):
    judge(name)()
