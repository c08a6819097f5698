"""What must hold for any legs of any input, whichever engine made them.

Each ``check_*`` takes an input and its legs and raises AssertionError with the leg that breaks the law. They are
written from the tables alone, slowly and plainly, and use none of the engines' rules.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pandas as pd

from sim import calendars
from sim.tables import LEGS, NONE, AtClose, Closing, EngineInput, Outcome, Ready

DAY_S = 86400
ENDED_UNSERVED = {Outcome.LEFT, Outcome.OVERDUE, Outcome.SENT_HOME, Outcome.GAVE_UP, Outcome.MISSED}


class Case:
    """An input and its legs as dictionaries, with opening hours as plain lists of periods."""

    def __init__(self, given: EngineInput, legs: pd.DataFrame) -> None:
        self.end_s = given.end_s
        self.rows = {(row["case"], row["row"]): row for row in given.itineraries.to_dict("records")}
        self.legs = legs.to_dict("records")
        self.units = given.units.to_dict("records")
        self.teams = given.teams.to_dict("records")
        self.serves = [[int(unit) for unit in team["serves"].split()] for team in self.teams]
        self.team_hours = [calendars.read(given.calendars, team["calendar"]) for team in self.teams]
        self.hours = [
            calendars.union(self.team_hours[team] for team, units in enumerate(self.serves) if unit in units)
            for unit in range(len(self.units))
        ]
        put_back = any(unit["closing"] == Closing.PAUSE or unit["yields"] for unit in self.units)
        self.may_put_back = put_back

    def row(self, leg: dict[str, int]) -> dict[str, int]:
        return self.rows[leg["case"], leg["row"]]

    def left_queue_s(self, leg: dict[str, int]) -> int:
        """When it was first taken from its queue, however that was; the end of the run if it was not."""
        times = [at_s for at_s in (leg["started_s"], leg["ended_s"]) if at_s != NONE]
        return min(times, default=self.end_s)

    def until_s(self, leg: dict[str, int]) -> int:
        return leg["ended_s"] if leg["ended_s"] != NONE else self.end_s

    def never_put_back(self, leg: dict[str, int]) -> bool:
        """Whether it has been served, by one team in one piece, since nothing interrupts or pauses its unit."""
        unit = self.units[leg["unit"]]
        return leg["started_s"] != NONE and unit["closing"] == Closing.FINISH and not unit["yields"]


def is_open(hours: calendars.Periods, at_s: int) -> bool:
    return any(open_s <= at_s < close_s for open_s, close_s, _ in zip(*hours, strict=True))


def is_break(hours: calendars.Periods, at_s: int) -> bool:
    periods = list(zip(*hours, strict=True))
    return any(first[2] and first[1] <= at_s < second[0] for first, second in pairwise(periods))


def check_all(given: EngineInput, legs: pd.DataFrame) -> None:
    """Every law."""
    case = Case(given, legs)
    for law in LAWS:
        law(case, legs)


def check_form(case: Case, legs: pd.DataFrame) -> None:
    """Columns, types, one order, one leg for each attempt; instants in their order and before the end."""
    assert tuple(legs.columns) == LEGS
    assert all(dtype == np.int64 for dtype in legs.dtypes)
    keys = [(leg["case"], leg["row"], leg["attempt"]) for leg in case.legs]
    assert keys == sorted(set(keys))
    for leg in case.legs:
        row = case.row(leg)
        assert all(leg[name] == row[name] for name in ("kind", "visit", "unit", "class")), leg
        known = [leg[name] for name in ("joined_s", "started_s", "ended_s") if leg[name] != NONE]
        assert known == sorted(known), leg
        assert all(0 <= at_s < case.end_s for at_s in known), leg
        assert (leg["joined_s"] == NONE) == (leg["ready_s"] == NONE or leg["ready_s"] >= case.end_s), leg
        assert leg["joined_s"] <= leg["ready_s"], leg
        assert (leg["team"] == NONE) == (leg["started_s"] == NONE), leg
        assert leg["team"] == NONE or leg["unit"] in case.serves[leg["team"]], leg
        assert (leg["ended_s"] == NONE) == (leg["outcome"] == Outcome.OPEN), leg
        assert leg["outcome"] not in ENDED_UNSERVED or leg["started_s"] == NONE, leg
        assert leg["outcome"] not in (Outcome.DONE, Outcome.CUT) or leg["started_s"] != NONE, leg


def check_nobody_is_lost(case: Case, _legs: pd.DataFrame) -> None:
    """Every row that is reached has its legs, ends once or is open, and leads where its outcome says; nothing else."""
    legs = defaultdict(list)
    for leg in case.legs:
        legs[leg["case"], leg["row"]].append(leg)
    arrivals: dict[tuple[int, int], list[int]] = defaultdict(list)
    for key, row in case.rows.items():
        if row["n_before"] == 0 and row["opens_s"] < case.end_s:
            arrivals[key].append(row["opens_s"])
    for key in sorted(case.rows):  # links lead to later rows only
        row = case.rows[key]
        n_needed = max(1, row["n_before"])
        reached = sorted(arrivals[key])[n_needed - 1 : n_needed] if len(arrivals[key]) >= n_needed else []
        assert bool(reached) == bool(legs[key]), (key, arrivals[key], legs[key])
        if not reached:
            continue
        if row["also"] != NONE:
            arrivals[key[0], row["also"]].append(reached[0])
        _check_first_ready(case, row, reached[0], legs[key][0])
        assert [leg["attempt"] for leg in legs[key]] == list(range(1, len(legs[key]) + 1)), legs[key]
        for earlier, later in pairwise(legs[key]):
            assert comes_back(row, earlier), earlier
            _check_next_day(case, row, earlier["ended_s"], later)
        last = legs[key][-1]
        assert not comes_back(row, last), last
        assert last["attempt"] <= row["n_tries"] + 1, last
        leads_to = {
            Outcome.DONE: row["next_done"],
            Outcome.CUT: row["next_done"],
            Outcome.LEFT: row["next_limit"],
            Outcome.OVERDUE: row["next_deadline"],
            Outcome.GAVE_UP: row["next_gave_up"],
        }.get(Outcome(last["outcome"]), NONE)
        if leads_to != NONE:
            arrivals[key[0], leads_to].append(last["ended_s"])


def comes_back(row: dict[str, int], leg: dict[str, int]) -> bool:
    return leg["outcome"] == Outcome.SENT_HOME or (leg["outcome"] == Outcome.LEFT and row["next_limit"] == row["row"])


def _check_first_ready(case: Case, row: dict[str, int], reached_s: int, leg: dict[str, int]) -> None:
    """Ready after the hand-off, to the second where that can be said without calendars."""
    if row["ready_kind"] == Ready.NEXT_OPEN_DAY:
        _check_next_day(case, row, reached_s + row["ready_s"], leg)
        return
    if leg["ready_s"] == NONE:
        assert row["ready_kind"] != Ready.WALL or row["present"], leg
        return
    assert leg["ready_s"] >= reached_s + row["ready_s"], leg
    hours = case.hours[row["unit"]]
    if row["present"]:
        assert is_open(hours, leg["ready_s"]) or is_break(hours, leg["ready_s"]), leg
    if row["ready_kind"] == Ready.WALL:
        due_s = reached_s + row["ready_s"]
        waits_outside = row["present"] and not (is_open(hours, due_s) or is_break(hours, due_s))
        assert leg["ready_s"] == (min(o for o in hours.opens if o >= due_s) if waits_outside else due_s), leg


def _check_next_day(case: Case, row: dict[str, int], from_s: int, leg: dict[str, int]) -> None:
    """Back on the first day after that of ``from_s`` with an open instant, at her own time or the first open one."""
    if leg["ready_s"] == NONE:
        return
    hours = case.hours[row["unit"]]
    midnight_s = (from_s // DAY_S + 1) * DAY_S
    day = min(max(open_s, midnight_s) for open_s, close_s, _ in zip(*hours, strict=True) if close_s > midnight_s)
    due_s = day // DAY_S * DAY_S + max(0, row["return_s"])
    if is_open(hours, due_s) or is_break(hours, due_s):
        assert leg["ready_s"] == due_s, leg
    else:
        assert leg["ready_s"] == min(open_s for open_s in hours.opens if open_s >= due_s), leg


def check_work_in_is_work_out(case: Case, _legs: pd.DataFrame) -> None:
    """Work that is done is the work there was, and once more the time to take it up for each putting back."""
    for leg in case.legs:
        row, unit = case.row(leg), case.units[leg["unit"]]
        more_s = leg["worked_s"] - row["work_s"]
        if leg["outcome"] == Outcome.DONE:
            assert more_s == 0 if unit["restart_s"] == 0 else more_s >= 0 and more_s % unit["restart_s"] == 0, leg
            assert leg["worked_s"] <= leg["ended_s"] - leg["started_s"], leg
        if leg["started_s"] == NONE:
            assert leg["worked_s"] == 0, leg
        elif case.never_put_back(leg):
            assert leg["worked_s"] == case.until_s(leg) - leg["started_s"], leg
        if leg["outcome"] == Outcome.CUT:
            assert leg["ended_s"] == row["ends_by_s"], leg
        if row["ends_by_s"] != NONE and leg["outcome"] == Outcome.DONE:
            assert leg["ended_s"] <= row["ends_by_s"], leg


def check_leaving_has_its_reason(case: Case, _legs: pd.DataFrame) -> None:
    """Who ends unserved does so at a limit, a deadline, an end by the clock or a closing, and at the first of them."""
    for leg in case.legs:
        row, outcome, ended_s = case.row(leg), leg["outcome"], leg["ended_s"]
        if leg["joined_s"] == NONE:
            continue
        deadline_s, ends_by_s = (
            NONE if row[name] == NONE else max(row[name], leg["ready_s"]) for name in ("deadline_at_s", "ends_by_s")
        )
        hours = zip(*case.hours[leg["unit"]], strict=True)
        closes = {close_s for _, close_s, lunch in hours if row["present"] and not lunch}
        limit_s = _limit_s(case, leg, row, closes)
        if outcome == Outcome.OVERDUE:
            assert ended_s == deadline_s, leg
            assert row["next_deadline"] != NONE, leg
        elif outcome == Outcome.MISSED:
            assert ended_s in (deadline_s, ends_by_s), leg
        elif outcome == Outcome.SENT_HOME:
            assert ended_s in closes, leg
            assert case.units[leg["unit"]]["at_close"] == AtClose.SEND_HOME, leg
        took_over = leg["joined_s"] < leg["ready_s"]  # a limit that may count from an earlier row's opening
        if not took_over:
            assert outcome != Outcome.LEFT or ended_s == limit_s, leg
            assert outcome != Outcome.GAVE_UP or ended_s in closes | {limit_s}, leg
        left_s = case.left_queue_s(leg)
        later_s = left_s if leg["started_s"] == NONE else left_s + 1  # either wins over a start at its instant
        for bound_s in (deadline_s, ends_by_s, NONE if took_over else limit_s):
            assert bound_s == NONE or later_s <= bound_s, leg
        if case.units[leg["unit"]]["at_close"] == AtClose.SEND_HOME:
            assert not any(leg["ready_s"] <= close_s < left_s for close_s in closes), leg


def _limit_s(case: Case, leg: dict[str, int], row: dict[str, int], closes: set[int]) -> int:
    """When its limit passes, NONE if it has none; who is held over has none until the opening, then a new one."""
    from_s, left_s = leg["joined_s"], case.left_queue_s(leg)
    if row["limit_s"] == NONE:
        return NONE
    if case.units[leg["unit"]]["at_close"] == AtClose.HOLD:
        for first, second in pairwise(zip(*case.hours[leg["unit"]], strict=True)):
            if first[1] in closes and leg["joined_s"] < first[1] <= left_s:
                from_s = second[0]
    return NONE if from_s > left_s else max(from_s + row["limit_s"], leg["ready_s"])


def check_little(case: Case, _legs: pd.DataFrame) -> None:
    """At each unit the time integral of the number waiting equals the sum of waits, in whole seconds (Little's law)."""
    for unit in range(len(case.units)):
        here = [leg for leg in case.legs if leg["unit"] == unit and leg["joined_s"] != NONE]
        waits_s = sum(case.left_queue_s(leg) - leg["ready_s"] for leg in here)
        change = Counter(leg["ready_s"] for leg in here)
        change.subtract(Counter(case.left_queue_s(leg) for leg in here))
        integral_s = waiting = last_s = 0
        for at_s in sorted(change):
            integral_s += waiting * (at_s - last_s)
            waiting += change[at_s]
            last_s = at_s
            assert waiting >= 0, (unit, at_s)
        assert waiting == 0
        assert integral_s == waits_s, unit


def check_nobody_serves_two(case: Case, _legs: pd.DataFrame) -> None:
    """No team serves more than it has members, as far as nothing is put back, and services start in its hours."""
    for team, hours in enumerate(case.team_hours):
        served = [leg for leg in case.legs if leg["team"] == team and case.never_put_back(leg)]
        change = Counter(leg["started_s"] for leg in served)
        change.subtract(Counter(leg["started_s"] + leg["worked_s"] for leg in served))
        busy = 0
        for at_s in sorted(change):
            busy += change[at_s]
            assert busy <= case.teams[team]["size"], (team, at_s)
        assert all(is_open(hours, leg["started_s"]) for leg in served), team


def check_nobody_idles(case: Case, _legs: pd.DataFrame) -> None:
    """Where work is never put back: no member of an open team is idle beside a row that it may take."""
    if case.may_put_back:
        return
    instants = {leg[name] for leg in case.legs for name in ("ready_s", "started_s", "ended_s")}
    instants |= {at_s for hours in case.team_hours for at_s in hours.opens}
    for at_s in sorted(at_s for at_s in instants if 0 <= at_s < case.end_s):
        waiting = {
            leg["unit"] for leg in case.legs if stands_in_queue(leg) and leg["ready_s"] <= at_s < case.left_queue_s(leg)
        }
        for team, hours in enumerate(case.team_hours):
            busy = [
                leg
                for leg in case.legs
                if leg["team"] == team and leg["started_s"] <= at_s < leg["started_s"] + leg["worked_s"]
            ]
            idle = case.teams[team]["size"] - len(busy)
            assert idle == 0 or not is_open(hours, at_s) or not waiting & set(case.serves[team]), (team, at_s)


def check_order(case: Case, _legs: pd.DataFrame) -> None:
    """Nobody is served while somebody with a better place waits: class, unit in the team's list, joining, case, row.

    Where work may be put back, among residents present and not yet begun: papers may not interrupt.
    """

    def place(leg: dict[str, int], units: list[int]) -> tuple[int, ...]:
        return leg["class"], units.index(leg["unit"]), leg["joined_s"], leg["case"], leg["row"]

    joined = [leg for leg in case.legs if stands_in_queue(leg)]
    for leg in joined:
        if not case.never_put_back(leg) or (case.may_put_back and not case.row(leg)["present"]):
            continue
        units, at_s = case.serves[leg["team"]], leg["started_s"]
        for other in joined:
            waits = other["ready_s"] <= at_s < case.left_queue_s(other) and other["unit"] in units
            if waits and (not case.may_put_back or case.row(other)["present"]):
                assert place(leg, units) < place(other, units), (leg, other)


def stands_in_queue(leg: dict[str, int]) -> bool:
    return leg["joined_s"] != NONE and leg["class"] != NONE


def check_nobody_takes_up_what_lies(case: Case, _legs: pd.DataFrame) -> None:
    """What is laid aside is never begun; it leaves at its limit or by the clock, open or closed, or lies to the end."""
    for leg in case.legs:
        assert leg["class"] != NONE or leg["started_s"] == NONE, leg


def check_residents_interrupt(case: Case, _legs: pd.DataFrame) -> None:
    """In the last second of any service at a yielding unit, no resident of a better class waits for its open team."""
    for leg in case.legs:
        if leg["outcome"] != Outcome.DONE or not case.units[leg["unit"]]["yields"]:
            continue
        at_s, units = leg["ended_s"] - 1, case.serves[leg["team"]]
        if is_open(case.team_hours[leg["team"]], at_s):
            for other in case.legs:
                waits = other["joined_s"] != NONE and other["ready_s"] <= at_s < case.left_queue_s(other)
                better = case.row(other)["present"] and other["class"] < leg["class"]
                assert not (waits and better and other["unit"] in units), (leg, other)


LAWS = (
    check_form,
    check_nobody_is_lost,
    check_work_in_is_work_out,
    check_leaving_has_its_reason,
    check_little,
    check_nobody_serves_two,
    check_nobody_idles,
    check_order,
    check_nobody_takes_up_what_lies,
    check_residents_interrupt,
)
