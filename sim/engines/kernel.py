"""The compiled engine's loop: the same rules as the SimPy engine on arrays instead of objects.

Everything here is plain Python on whole numbers and int64 arrays, which :mod:`sim.engines.compiled_engine` compiles
(or, for debugging, calls as it stands). Rows are known by their position in the sorted itineraries. Events are single
numbers (:func:`sim.rules.moment`), and so are places in a queue (:func:`sim.rules.place`): a heap of them is an array.
What is called off stays in its heap and is passed over when it comes up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim import rules
from sim.engines import heaps
from sim.tables import NONE

N_EVENTS, N_FRESH, N_TOUCHED, LOWEST, N_EARLIER, IS_FULL, NOW = range(7)
"""What the counters count: events due, rows that may yet leave, teams to look at and the first of them, earlier
attempts; whether an array was too small; and the clock."""


class Rows(NamedTuple):
    """The itineraries by column (see ``tables.ITINERARIES``), links as row numbers from ``first``."""

    first: np.ndarray  # position of the case's row 0
    row: np.ndarray
    present: np.ndarray
    unit: np.ndarray
    n_before: np.ndarray
    opens_s: np.ndarray
    ready_kind: np.ndarray
    ready_s: np.ndarray
    ready_at: np.ndarray
    return_s: np.ndarray
    work_s: np.ndarray
    ends_by_s: np.ndarray
    class_: np.ndarray
    limit_s: np.ndarray
    next_limit: np.ndarray
    n_tries: np.ndarray
    next_gave_up: np.ndarray
    deadline_at_s: np.ndarray
    next_deadline: np.ndarray
    next_done: np.ndarray
    also: np.ndarray


class Offices(NamedTuple):
    """Units, teams, hours and gates; ``…_from`` says where the stretch of each unit, team, hours begins (and ends)."""

    closing: np.ndarray  # by unit
    at_close: np.ndarray
    yields: np.ndarray
    restart_s: np.ndarray
    unit_hours: np.ndarray
    team_from: np.ndarray
    team: np.ndarray  # the teams that serve each unit
    queue_from: np.ndarray  # by unit: papers, then residents present
    size: np.ndarray  # by team
    may_be_interrupted: np.ndarray
    unit_from: np.ndarray
    served: np.ndarray  # the units each team serves, in order
    serving_from: np.ndarray
    hours_from: np.ndarray  # of calendars, then of units
    opens: np.ndarray
    closes: np.ndarray
    is_break: np.ndarray
    gate_from: np.ndarray
    gate: np.ndarray


class Widths(NamedTuple):
    """More than any number, position, instant, index: what packs several of them into one whole number.

    All are powers of two; ``number_bits`` and ``second_bits`` are the logarithms of ``number`` and of the moments of a
    second.
    """

    number: int
    positions: int
    seconds: int
    rows: int
    number_bits: int
    second_bits: int


class State(NamedTuple):
    """Where every row stands in its latest attempt, and what is going on in queues and teams."""

    attempt: np.ndarray
    ready_s: np.ndarray
    joined_s: np.ndarray
    limit_from_s: np.ndarray
    started_s: np.ndarray
    spell_s: np.ndarray
    ends_s: np.ndarray
    left_s: np.ndarray
    worked_s: np.ndarray
    team: np.ndarray
    outcome: np.ndarray
    ended_s: np.ndarray
    is_waiting: np.ndarray
    is_held: np.ndarray
    leaving_at_s: np.ndarray
    leaving_rank: np.ndarray
    slot: np.ndarray  # where it stands among those its team serves
    n_arrived: np.ndarray
    queue: np.ndarray  # heaps of places
    n_queue: np.ndarray
    serving: np.ndarray  # rows, by team
    n_serving: np.ndarray
    is_open: np.ndarray
    is_touched: np.ndarray
    events: np.ndarray  # a heap of moments
    fresh: np.ndarray
    earlier: np.ndarray  # (n, 9): row, then the columns that `keep` writes
    counter: np.ndarray


# ---- cases


def first_moments(
    rows: Rows, offices: Offices, state: State, widths: Widths, found: np.ndarray, end_s: int
) -> int:
    """Find the moments at which first rows become ready, not in order, and how many; some take others along."""
    n = 0
    for index in range(len(rows.row)):
        if rows.n_before[index] != 0 or rows.opens_s[index] >= end_s:
            continue
        opens_s = rows.opens_s[index]
        if rows.also[index] != NONE:
            found[n] = rules.moment(opens_s, rules.OPENS, index, widths.number)
            n += 1
            continue
        hand_off(rows, offices, state, index, rows.ready_kind[index], rows.ready_s[index], opens_s)
        if state.ready_s[index] != NONE and state.ready_s[index] < end_s:
            found[n] = rules.moment(state.ready_s[index], rules.READY, index, widths.number)
            n += 1
    return n


def hand_off(
    rows: Rows, offices: Offices, state: State, index: int, kind: int, delay_s: int, now_s: int
) -> None:
    """A further attempt at a row begins, which will be ready after a delay."""
    group = offices.unit_hours[rows.unit[index]]
    first, last = offices.hours_from[group], offices.hours_from[group + 1]
    at_first, at_last, gate_first, gate_last = 0, 0, 0, 0
    if kind == rules.WORKING:
        at_first, at_last = offices.hours_from[rows.ready_at[index]], offices.hours_from[rows.ready_at[index] + 1]
    elif kind == rules.GATE:
        gate_first, gate_last = offices.gate_from[rows.ready_at[index]], offices.gate_from[rows.ready_at[index] + 1]
    state.ready_s[index] = rules.when_ready_s(
        kind,
        rows.present[index],
        now_s,
        delay_s,
        rows.return_s[index],
        offices.opens[at_first:at_last],
        offices.closes[at_first:at_last],
        offices.gate[gate_first:gate_last],
        offices.opens[first:last],
        offices.closes[first:last],
        offices.is_break[first:last],
    )
    state.attempt[index] += 1
    state.joined_s[index] = state.started_s[index] = state.ended_s[index] = state.team[index] = NONE
    state.worked_s[index] = 0
    state.left_s[index] = rows.work_s[index]
    state.outcome[index] = rules.OPEN


def expect(state: State, widths: Widths, index: int, end_s: int) -> None:
    """A row will become ready, if it ever does."""
    if state.ready_s[index] != NONE and state.ready_s[index] < end_s:
        due(state, rules.moment(state.ready_s[index], rules.READY, index, widths.number))


def due(state: State, moment: int) -> None:
    """Something is bound to happen at a moment."""
    n = state.counter[N_EVENTS]
    if n == len(state.events):
        state.counter[IS_FULL] = 1
        return
    heaps.push(state.events, 0, n, moment)
    state.counter[N_EVENTS] = n + 1


def reach(rows: Rows, offices: Offices, state: State, widths: Widths, index: int, before: int, end_s: int) -> None:
    """A row's hand-off begins, and with it that of the row that goes along."""
    now_s = state.counter[NOW]
    while True:
        hand_off(rows, offices, state, index, rows.ready_kind[index], rows.ready_s[index], now_s)
        if before != NONE and rules.keeps_place(
            state.outcome[before],
            rows.unit[before],
            rows.unit[index],
            rows.ready_kind[index],
            state.ready_s[index] - now_s,
        ):
            state.joined_s[index] = state.joined_s[before]
            state.limit_from_s[index] = state.limit_from_s[before]
        expect(state, widths, index, end_s)
        if rows.also[index] == NONE:
            return
        index, before = rows.first[index] + rows.also[index], NONE
        state.n_arrived[index] += 1
        if state.n_arrived[index] != rows.n_before[index]:
            return


def end(rows: Rows, offices: Offices, state: State, widths: Widths, index: int, outcome: int, end_s: int) -> None:
    """A row's attempt is over; its case walks on to the same row on another day, another row, or out."""
    state.is_waiting[index] = state.is_held[index] = 0
    state.leaving_at_s[index] = NONE
    state.outcome[index], state.ended_s[index] = outcome, state.counter[NOW]
    if rules.comes_back(outcome, rows.row[index], rows.next_limit[index]):
        keep(state, index)
        hand_off(rows, offices, state, index, rules.NEXT_OPEN_DAY, 0, state.counter[NOW])
        expect(state, widths, index, end_s)
        return
    number = rules.next_row(
        outcome, rows.next_done[index], rows.next_limit[index], rows.next_deadline[index], rows.next_gave_up[index]
    )
    if number != NONE:
        other = rows.first[index] + number
        state.n_arrived[other] += 1
        if state.n_arrived[other] == rows.n_before[other]:
            reach(rows, offices, state, widths, other, index, end_s)


def keep(state: State, index: int) -> None:
    """An attempt that will be followed by another is put aside."""
    n = state.counter[N_EARLIER]
    if n == len(state.earlier):
        state.counter[IS_FULL] = 1
        return
    kept = state.earlier[n]
    kept[0], kept[1], kept[2], kept[3] = index, state.attempt[index], state.team[index], state.ready_s[index]
    kept[4], kept[5], kept[6] = state.joined_s[index], state.started_s[index], state.ended_s[index]
    kept[7], kept[8] = state.worked_s[index], state.outcome[index]
    state.counter[N_EARLIER] = n + 1


# ---- queues


def join(rows: Rows, offices: Offices, state: State, widths: Widths, index: int) -> None:
    """A row that is ready joins its unit's queue."""
    if state.joined_s[index] == NONE:
        state.joined_s[index] = state.limit_from_s[index] = state.counter[NOW]
    wait(rows, offices, state, widths, index)


def wait(rows: Rows, offices: Offices, state: State, widths: Widths, index: int) -> None:
    """A row stands in its queue, new or put back."""
    unit = rows.unit[index]
    state.is_waiting[index] = 1
    queue = 2 * unit + rows.present[index]
    start, room = offices.queue_from[queue], offices.queue_from[queue + 1] - offices.queue_from[queue]
    if state.n_queue[queue] == room:
        clear(rows, state, widths, start, queue)
    heaps.push(state.queue, start, state.n_queue[queue], place(rows, state, widths, index, 0))
    state.n_queue[queue] += 1
    set_leaving(rows, state, widths, index, rows.limit_s[index])
    for k in range(offices.team_from[unit], offices.team_from[unit + 1]):
        touch(state, offices.team[k])


def place(rows: Rows, state: State, widths: Widths, index: int, position: int) -> int:
    """A row's place before a team in whose list its unit has a position."""
    return rules.place(
        rows.class_[index], position, state.joined_s[index], index, widths.positions, widths.seconds, widths.rows
    )


def stands(rows: Rows, state: State, widths: Widths, key: int) -> bool:
    """Whether a place in a queue is still taken by its row."""
    index = key & (widths.rows - 1)
    return state.is_waiting[index] == 1 and place(rows, state, widths, index, 0) == key


def clear(rows: Rows, state: State, widths: Widths, start: int, queue: int) -> None:
    """Take out of a queue what stands there no more; what is left has room, since no row stands in it twice."""
    n = 0
    for k in range(start, start + state.n_queue[queue]):
        key = state.queue[k]
        if stands(rows, state, widths, key):
            heaps.push(state.queue, start, n, key)
            n += 1
    state.n_queue[queue] = n


def set_leaving(rows: Rows, state: State, widths: Widths, index: int, limit_s: int) -> None:
    """When a waiting row will leave if it is not served before; unless it is at once, the event is made later."""
    at_s, rank = rules.leaves_at(
        state.counter[NOW],
        state.started_s[index] != NONE,
        rows.deadline_at_s[index],
        rows.ends_by_s[index],
        state.limit_from_s[index],
        limit_s,
    )
    state.leaving_at_s[index], state.leaving_rank[index] = at_s, rank
    if at_s == NONE:
        return
    n = state.counter[N_FRESH]
    if at_s == state.counter[NOW] or n == len(state.fresh):
        due(state, rules.moment(at_s, rank, index, widths.number))
        return
    state.fresh[n] = index
    state.counter[N_FRESH] = n + 1


def make_leaving(state: State, widths: Widths) -> None:
    """The instant is over: who waits still has an event to leave at. Most who joined have been served already."""
    for k in range(state.counter[N_FRESH]):
        index = state.fresh[k]
        if state.is_waiting[index] == 1 and state.leaving_at_s[index] != NONE:
            due(state, rules.moment(state.leaving_at_s[index], state.leaving_rank[index], index, widths.number))
    state.counter[N_FRESH] = 0


def leave(rows: Rows, offices: Offices, state: State, widths: Widths, index: int, end_s: int) -> None:
    """A row has waited until its deadline, its end by the clock, or its limit."""
    outcome = rules.unserved_outcome(
        state.counter[NOW],
        state.started_s[index] != NONE,
        rows.deadline_at_s[index],
        rows.next_deadline[index],
        rows.ends_by_s[index],
        rows.row[index],
        state.attempt[index],
        rows.next_limit[index],
        rows.n_tries[index],
    )
    end(rows, offices, state, widths, index, outcome, end_s)


# ---- doors


def pass_door(rows: Rows, offices: Offices, state: State, widths: Widths, number: int, end_s: int) -> None:
    """A team or unit closes or opens."""
    n_teams = len(offices.size)
    n_doors = n_teams + len(offices.closing)
    if number < n_doors:
        if number < n_teams:
            close_team(rows, offices, state, widths, number)
        else:
            close_unit(rows, offices, state, widths, number - n_teams, end_s)
    elif number - n_doors < n_teams:
        state.is_open[number - n_doors] = 1
        touch(state, number - n_doors)
    else:
        open_unit(rows, offices, state, widths, number - n_doors - n_teams)


def close_team(rows: Rows, offices: Offices, state: State, widths: Widths, team: int) -> None:
    """Desk work is put back, and the rest is finished over time."""
    state.is_open[team] = 0
    k = offices.serving_from[team]
    while k < offices.serving_from[team] + state.n_serving[team]:
        index = state.serving[k]
        if offices.closing[rows.unit[index]] == rules.PAUSE:
            put_back(rows, offices, state, widths, index)  # another takes its slot
        else:
            k += 1


def close_unit(rows: Rows, offices: Offices, state: State, widths: Widths, unit: int, end_s: int) -> None:
    """A unit closes (lunch is no closing) on residents not attended to: they are sent home or held over."""
    queue = 2 * unit + 1
    start = offices.queue_from[queue]
    for k in range(start, start + state.n_queue[queue]):
        key = state.queue[k]
        index = key & (widths.rows - 1)
        if not stands(rows, state, widths, key) or state.started_s[index] != NONE:
            continue
        if offices.at_close[unit] == rules.HOLD:
            state.is_held[index] = 1
            set_leaving(rows, state, widths, index, NONE)
        else:
            outcome = rules.closing_outcome(state.attempt[index], rows.n_tries[index])
            end(rows, offices, state, widths, index, outcome, end_s)


def open_unit(rows: Rows, offices: Offices, state: State, widths: Widths, unit: int) -> None:
    """The limits of those held over start anew."""
    queue = 2 * unit + 1
    start = offices.queue_from[queue]
    for k in range(start, start + state.n_queue[queue]):
        key = state.queue[k]
        index = key & (widths.rows - 1)
        if state.is_held[index] == 1 and stands(rows, state, widths, key):
            state.is_held[index] = 0
            state.limit_from_s[index] = state.counter[NOW]
            set_leaving(rows, state, widths, index, rows.limit_s[index])


# ---- phase C


def touch(state: State, team: int) -> None:
    """Something has changed for a team: it is looked at when services start."""
    if state.is_open[team] == 1 and state.is_touched[team] == 0:
        state.is_touched[team] = 1
        state.counter[N_TOUCHED] += 1
        if team < state.counter[LOWEST]:
            state.counter[LOWEST] = team


def start_services(rows: Rows, offices: Offices, state: State, widths: Widths) -> None:
    """The first team, in declared order, that can start something does so; again, until none can."""
    while state.counter[N_TOUCHED] > 0:
        team = state.counter[LOWEST]
        if state.is_touched[team] == 1:
            if state.is_open[team] == 1 and start_next(rows, offices, state, widths, team):
                continue
            state.is_touched[team] = 0
            state.counter[N_TOUCHED] -= 1
        state.counter[LOWEST] += 1
    state.counter[LOWEST] = len(offices.size)
    make_leaving(state, widths)


def start_next(rows: Rows, offices: Offices, state: State, widths: Widths, team: int) -> bool:
    """Start a team's best waiting row, by an idle member or by one taken from other work; whether it could."""
    has_idle = state.n_serving[team] < offices.size[team]
    if not has_idle and offices.may_be_interrupted[team] == 0:
        return False
    index = first_waiting(rows, offices, state, widths, team, has_idle)
    if index == NONE:
        return False
    if not has_idle:
        other = interruptible(rows, offices, state, team, index)
        if other == NONE:
            return False
        put_back(rows, offices, state, widths, other)
    start(rows, offices, state, widths, index, team)
    return True


def first_waiting(rows: Rows, offices: Offices, state: State, widths: Widths, team: int, with_papers: bool) -> int:
    """The row that goes first of those that wait at a team's units; NONE if nothing does."""
    best, best_place = NONE, 0
    first = offices.unit_from[team]
    for k in range(first, offices.unit_from[team + 1]):
        for present in range(0 if with_papers else 1, 2):
            queue = 2 * offices.served[k] + present
            start = offices.queue_from[queue]
            while state.n_queue[queue] > 0 and not stands(rows, state, widths, state.queue[start]):
                heaps.pop(state.queue, start, state.n_queue[queue])
                state.n_queue[queue] -= 1
            if state.n_queue[queue] > 0:
                index = state.queue[start] & (widths.rows - 1)
                mine = place(rows, state, widths, index, k - first)
                if best == NONE or mine < best_place:
                    best, best_place = index, mine
    return best


def interruptible(rows: Rows, offices: Offices, state: State, team: int, resident: int) -> int:
    """The row whose member a waiting resident may take; NONE if there is none."""
    best, best_recency = NONE, (0, 0)
    start = offices.serving_from[team]
    for k in range(start, start + state.n_serving[team]):
        index = state.serving[k]
        if rules.may_interrupt(rows.class_[resident], rows.class_[index], offices.yields[rows.unit[index]]):
            mine = rules.recency(state.spell_s[index], index)
            if best == NONE or mine > best_recency:
                best, best_recency = index, mine
    return best


# ---- service


def start(rows: Rows, offices: Offices, state: State, widths: Widths, index: int, team: int) -> None:
    """A member takes the first of its queue."""
    now_s = state.counter[NOW]
    queue = 2 * rows.unit[index] + rows.present[index]
    heaps.pop(state.queue, offices.queue_from[queue], state.n_queue[queue])
    state.n_queue[queue] -= 1
    state.is_waiting[index] = state.is_held[index] = 0
    state.leaving_at_s[index] = NONE
    state.team[index], state.spell_s[index] = team, now_s
    if state.started_s[index] == NONE:
        state.started_s[index] = now_s
    slot = offices.serving_from[team] + state.n_serving[team]
    state.serving[slot], state.slot[index] = index, slot
    state.n_serving[team] += 1
    state.ends_s[index] = rules.service_end_s(now_s, state.left_s[index], rows.ends_by_s[index])
    due(state, rules.moment(state.ends_s[index], rules.WORK_ENDS, index, widths.number))


def put_back(rows: Rows, offices: Offices, state: State, widths: Widths, index: int) -> None:
    """A service stops halfway: the row returns to its place in the queue."""
    release(offices, state, index)
    state.left_s[index] = rules.left_after_put_back_s(
        state.left_s[index], state.spell_s[index], state.counter[NOW], offices.restart_s[rows.unit[index]]
    )
    wait(rows, offices, state, widths, index)


def release(offices: Offices, state: State, index: int) -> None:
    """The member who serves a row is free again."""
    team = state.team[index]
    state.worked_s[index] += state.counter[NOW] - state.spell_s[index]
    state.ends_s[index] = NONE
    state.n_serving[team] -= 1
    last = offices.serving_from[team] + state.n_serving[team]
    other = state.serving[last]
    state.serving[state.slot[index]], state.slot[other] = other, state.slot[index]
    touch(state, team)


# ---- the clock


def happen(rows: Rows, offices: Offices, state: State, widths: Widths, moment: int, end_s: int) -> None:
    """What is bound to a moment happens, unless it has been called off."""
    number = moment & (widths.number - 1)
    rank = (moment >> widths.number_bits) & (rules.N_RANKS - 1)
    if rank == rules.DOORS:
        pass_door(rows, offices, state, widths, number, end_s)
    elif rank == rules.READY:
        join(rows, offices, state, widths, number)
    elif rank == rules.WORK_ENDS:
        if state.ends_s[number] == state.counter[NOW]:
            release(offices, state, number)
            outcome = rules.service_outcome(state.left_s[number], state.spell_s[number], state.counter[NOW])
            end(rows, offices, state, widths, number, outcome, end_s)
    elif rank == rules.OPENS:
        reach(rows, offices, state, widths, number, NONE, end_s)
    elif (
        state.is_waiting[number] == 1
        and state.leaving_at_s[number] == state.counter[NOW]
        and state.leaving_rank[number] == rank
    ):
        leave(rows, offices, state, widths, number, end_s)


def simulate(
    rows: Rows, offices: Offices, state: State, widths: Widths, firsts: np.ndarray, doors: np.ndarray, end_s: int
) -> bool:
    """Let time pass to ``end_s`` (what falls on it no longer happens); whether the arrays were large enough.

    ``firsts`` and ``doors`` are moments known beforehand, in their order: they stand beside the heap of events, not in
    it. The least of the three comes next; before the clock moves, services start.
    """
    n_first, n_door = 0, 0
    last = end_s << widths.second_bits
    state.counter[LOWEST] = len(offices.size)
    while state.counter[IS_FULL] == 0:
        moment, source = last, 0
        if n_first < len(firsts) and firsts[n_first] < moment:
            moment, source = firsts[n_first], 1
        if n_door < len(doors) and doors[n_door] < moment:
            moment, source = doors[n_door], 2
        if state.counter[N_EVENTS] > 0 and state.events[0] < moment:
            moment, source = state.events[0], 3
        if moment >> widths.second_bits > state.counter[NOW]:
            if state.counter[N_TOUCHED] > 0:
                start_services(rows, offices, state, widths)
                continue
            if state.counter[N_FRESH] > 0:
                make_leaving(state, widths)
                continue
        if source == 0:
            break
        if source == 1:
            n_first += 1
        elif source == 2:
            n_door += 1
        else:
            heaps.pop(state.events, 0, state.counter[N_EVENTS])
            state.counter[N_EVENTS] -= 1
        state.counter[NOW] = moment >> widths.second_bits
        happen(rows, offices, state, widths, moment, end_s)
    return state.counter[IS_FULL] == 0


def report(rows: Rows, state: State, offset: np.ndarray, legs: np.ndarray, end_s: int) -> None:
    """Write every attempt at every row into ``legs``: (9, n) int64, in the order of row and attempt.

    The rows of ``legs``: position in the itineraries, then the columns that :func:`keep` writes. ``offset`` says where
    each row's attempts begin. Work under way counts as far as it has come.
    """
    for k in range(state.counter[N_EARLIER]):
        at = offset[state.earlier[k, 0]] + state.earlier[k, 1] - 1
        for column in range(9):
            legs[column, at] = state.earlier[k, column]
    for index in range(len(rows.row)):
        if state.attempt[index] == 0:
            continue
        at = offset[index] + state.attempt[index] - 1
        worked_s = state.worked_s[index]
        if state.ends_s[index] != NONE:
            worked_s += end_s - state.spell_s[index]
        legs[0, at], legs[1, at], legs[2, at] = index, state.attempt[index], state.team[index]
        legs[3, at], legs[4, at], legs[5, at] = state.ready_s[index], state.joined_s[index], state.started_s[index]
        legs[6, at], legs[7, at], legs[8, at] = state.ended_s[index], worked_s, state.outcome[index]
