"""Every decision that the engines share, once: small scalar functions on whole numbers.

They use nothing but integers, loops and indexing, so that a compiler for numerical Python takes them as they
stand. Times are seconds from Monday 2018-01-01 00:00. Opening periods are [open, close), sorted, apart from each
other. Where DESIGN says "case, row", a rule takes ``index``: the position in the sorted itineraries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sim.tables import NONE, AtClose, Closing, Outcome, Ready
from sim.units import DAY_S

Ints: TypeAlias = Sequence[int] | Any
"""Whole numbers by position: a list or an int64 array."""

WALL, WORKING, GATE, NEXT_OPEN_DAY = int(Ready.WALL), int(Ready.WORKING), int(Ready.GATE), int(Ready.NEXT_OPEN_DAY)
FINISH, PAUSE = int(Closing.FINISH), int(Closing.PAUSE)
HOLD, SEND_HOME = int(AtClose.HOLD), int(AtClose.SEND_HOME)
DONE, LEFT, OVERDUE = int(Outcome.DONE), int(Outcome.LEFT), int(Outcome.OVERDUE)
SENT_HOME, GAVE_UP, MISSED = int(Outcome.SENT_HOME), int(Outcome.GAVE_UP), int(Outcome.MISSED)
CUT, OPEN = int(Outcome.CUT), int(Outcome.OPEN)

OPENS, WORK_ENDS, READY, DEADLINE, DOORS, LIMIT, SERVICES = 0, 1, 2, 3, 4, 5, 6
"""The ranks of what falls on one instant: cases open; phase B (doors are closings and openings); phase C."""
N_RANKS = 8


# ---- the order within an instant


def priority(rank: int, number: int, width: int) -> int:
    """The place of an event in its instant; ``number`` (an index or a door, below ``width``) parts equal ranks.

    >>> priority(READY, 3, 10) < priority(READY, 4, 10) < priority(DEADLINE, 0, 10)
    True
    """
    return rank * width + number


def moment(at_s: int, rank: int, number: int, width: int) -> int:
    """The place of an event among all events, as one number: by instant, then by its place there.

    >>> moment(5, LIMIT, 9, 10) < moment(6, READY, 0, 10)
    True
    """
    return at_s * N_RANKS * width + priority(rank, number, width)


def closing_number(door: int) -> int:
    """The number of a door's closing: teams are doors, then units."""
    return door


def opening_number(door: int, n_doors: int) -> int:
    """The number of a door's opening: after all closings."""
    return n_doors + door


# ---- calendars


def n_up_to(instants: Ints, at_s: int) -> int:
    """How many of the sorted instants are not after ``at_s``.

    >>> n_up_to([10, 20, 30], 20)
    2
    """
    low, high = 0, len(instants)
    while low < high:
        middle = (low + high) // 2
        if instants[middle] <= at_s:
            low = middle + 1
        else:
            high = middle
    return low


def first_open_s(opens: Ints, closes: Ints, at_s: int) -> int:
    """The first open instant not before ``at_s``; NONE if there is none.

    >>> [first_open_s([10, 30], [20, 40], t) for t in (5, 10, 19, 20, 40)]
    [10, 10, 19, 30, -1]
    """
    n = n_up_to(opens, at_s)
    if n > 0 and at_s < closes[n - 1]:
        return at_s
    return opens[n] if n < len(opens) else NONE


def first_admitted_s(opens: Ints, closes: Ints, is_break: Ints, at_s: int) -> int:
    """When a resident who comes at ``at_s`` can wait inside: while it is open or at lunch, else from its opening."""
    n = n_up_to(opens, at_s)
    if 0 < n < len(opens) and is_break[n - 1]:
        return at_s
    return first_open_s(opens, closes, at_s)


def after_working_s(opens: Ints, closes: Ints, from_s: int, working_s: int) -> int:
    """The first instant by which ``working_s`` open seconds have passed since ``from_s``; NONE beyond the calendar.

    >>> [after_working_s([10, 30], [20, 40], 15, s) for s in (0, 5, 6, 15, 16)]
    [15, 20, 31, 40, -1]
    """
    if working_s <= 0:
        return from_s
    left_s = working_s
    for period in range(max(0, n_up_to(opens, from_s) - 1), len(opens)):
        begin_s = max(opens[period], from_s)
        room_s = max(0, closes[period] - begin_s)
        if left_s <= room_s:
            return begin_s + left_s
        left_s -= room_s
    return NONE


def gate_s(instants: Ints, from_s: int) -> int:
    """The gate's first instant not before ``from_s``; NONE after its last."""
    n = n_up_to(instants, from_s - 1)
    return instants[n] if n < len(instants) else NONE


def next_open_day_s(opens: Ints, closes: Ints, is_break: Ints, from_s: int, return_s: int) -> int:
    """When a resident comes on the first open day after that of ``from_s``, at ``return_s`` of the day."""
    midnight_s = (from_s // DAY_S + 1) * DAY_S
    opening_s = first_open_s(opens, closes, midnight_s)
    if opening_s == NONE:
        return NONE
    return first_admitted_s(opens, closes, is_break, opening_s // DAY_S * DAY_S + max(0, return_s))


def when_ready_s(
    kind: int,
    present: int,
    reached_s: int,
    delay_s: int,
    return_s: int,
    working_opens: Ints,
    working_closes: Ints,
    gate: Ints,
    opens: Ints,  # of the unit
    closes: Ints,
    is_break: Ints,
) -> int:
    """When a row that is reached becomes ready, NONE if never; a resident does not stand before a closed door."""
    if kind == NEXT_OPEN_DAY:
        return next_open_day_s(opens, closes, is_break, reached_s + delay_s, return_s)
    if kind == WORKING:
        ready_s = after_working_s(working_opens, working_closes, reached_s, delay_s)
    elif kind == GATE:
        ready_s = gate_s(gate, reached_s + delay_s)
    else:
        ready_s = reached_s + delay_s
    if present and ready_s != NONE:
        return first_admitted_s(opens, closes, is_break, ready_s)
    return ready_s


# ---- who is served


def is_laid_aside(class_: int) -> bool:
    """Whether work that waits stands in no queue, so that nobody takes it up: it waits for its limit or deadline."""
    return class_ == NONE


def place(class_: int, position: int, joined_s: int, index: int, n_positions: int, n_seconds: int, n_rows: int) -> int:
    """The place of a waiting row before a team, as one number: the least goes first.

    By class, then the ``position`` of its unit in the team's list, then time of joining, then case and row. The last
    three arguments are more than any position, instant and index.

    >>> place(1, 0, 500, 7, 3, 1000, 10) < place(1, 1, 400, 0, 3, 1000, 10) < place(2, 0, 0, 0, 3, 1000, 10)
    True
    """
    return ((class_ * n_positions + position) * n_seconds + joined_s) * n_rows + index


def may_interrupt(class_: int, served_class: int, served_yields: int) -> bool:
    """Whether a waiting resident may take the member who serves another row: of a worse class, at a yielding unit."""
    return served_yields == 1 and class_ < served_class


def recency(spell_s: int, index: int) -> tuple[int, int]:
    """Of the rows that may be interrupted, the greatest is: the most recently started, in a tie the highest index."""
    return spell_s, index


def service_end_s(start_s: int, left_s: int, ends_by_s: int) -> int:
    """When a service that starts now ends: its work is done, or the clock ends it."""
    end_s = start_s + left_s
    return end_s if ends_by_s == NONE else min(end_s, ends_by_s)


def service_outcome(left_s: int, spell_s: int, now_s: int) -> int:
    """DONE, or CUT if the clock ended a service, begun at ``spell_s`` with ``left_s`` of work, before its work did."""
    return DONE if now_s - spell_s == left_s else CUT


def left_after_put_back_s(left_s: int, spell_s: int, now_s: int, restart_s: int) -> int:
    """The work that remains of a service put back now."""
    return left_s - (now_s - spell_s) + restart_s


# ---- who leaves without being served


def cutoff_s(begun: bool, deadline_at_s: int, ends_by_s: int) -> int:
    """The instant at which a waiting row leaves by the clock, NONE if it may stay; a deadline binds until it begins."""
    if begun or deadline_at_s == NONE:
        return ends_by_s
    return deadline_at_s if ends_by_s == NONE else min(deadline_at_s, ends_by_s)


def leaves_at(
    now_s: int, begun: bool, deadline_at_s: int, ends_by_s: int, limit_from_s: int, limit_s: int
) -> tuple[int, int]:
    """When a row that waits leaves if it is not served before, NONE if it may stay, and the rank of that event.

    What has passed already acts now. A limit concerns rows that have not begun; the clock wins a tie.

    >>> leaves_at(100, False, 400, NONE, 100, 300)
    (400, 3)
    >>> leaves_at(100, False, 400, NONE, 20, 50)
    (100, 5)
    """
    at_s = cutoff_s(begun, deadline_at_s, ends_by_s)
    if at_s != NONE:
        at_s = max(at_s, now_s)
    if not begun and limit_s != NONE:
        limit_at_s = max(limit_from_s + limit_s, now_s)
        if at_s == NONE or limit_at_s < at_s:
            return limit_at_s, LIMIT
    return at_s, DEADLINE


def unserved_outcome(
    now_s: int,
    begun: bool,
    deadline_at_s: int,
    next_deadline: int,
    ends_by_s: int,
    row: int,
    attempt: int,
    next_limit: int,
    n_tries: int,
) -> int:
    """What leaving at :func:`leaves_at` means; where deadline and end by the clock have both passed, the former."""
    if begun:
        return CUT
    if next_deadline != NONE and NONE < deadline_at_s <= now_s:
        return OVERDUE
    if NONE < cutoff_s(begun, deadline_at_s, ends_by_s) <= now_s:
        return MISSED
    return GAVE_UP if next_limit == NONE or (next_limit == row and attempt > n_tries) else LEFT


def closing_outcome(attempt: int, n_tries: int) -> int:
    """What being sent home leads to: another day, or giving up."""
    return SENT_HOME if attempt <= n_tries else GAVE_UP


# ---- what comes next


def comes_back(outcome: int, row: int, next_limit: int) -> bool:
    """Whether the same row is tried again on another day."""
    return outcome == SENT_HOME or (outcome == LEFT and next_limit == row)


def next_row(outcome: int, next_done: int, next_limit: int, next_deadline: int, next_gave_up: int) -> int:
    """The row that an ended one leads to, NONE if the case leaves here."""
    if outcome in (DONE, CUT):
        return next_done
    if outcome == LEFT:
        return next_limit
    if outcome == OVERDUE:
        return next_deadline
    return next_gave_up if outcome == GAVE_UP else NONE


def keeps_place(outcome: int, unit: int, next_unit: int, kind: int, hand_off_s: int) -> bool:
    """Whether a row takes over its predecessor's time of joining: it changed class in the same queue, at once."""
    return outcome in (LEFT, OVERDUE) and unit == next_unit and kind == WALL and hand_off_s == 0
