"""The compiled engine's loop: the same rules as the SimPy engine on arrays instead of objects.

Everything here is plain Python on whole numbers and int64 arrays, which :mod:`sim.engines.jit` compiles (or, for
debugging, leaves as it stands). A row is known by its ``index``, its position in the sorted itineraries, and a column
of it is ``rows[WORK, index]``; links count from row 0 of the case. Events are single numbers
(:func:`sim.rules.moment`), and so are places in a queue (:func:`sim.rules.place`): a heap of them is an array. What is
called off stays in its heap and is passed over when it comes up.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

from sim import rules
from sim.engines import heaps
from sim.tables import ITINERARIES, LEGS, NONE

(
    CASE, ROW, KIND, VISIT, PRESENT, UNIT, N_BEFORE, OPENS, READY_KIND, READY, READY_AT, RETURN, WORK, ENDS_BY, CLASS,
    LIMIT, NEXT_LIMIT, N_TRIES, NEXT_GAVE_UP, DEADLINE_AT, NEXT_DEADLINE, NEXT_DONE, ALSO,
) = (
    ITINERARIES.index(name)
    for name in (
        "case", "row", "kind", "visit", "present", "unit", "n_before", "opens_s", "ready_kind", "ready_s", "ready_at",
        "return_s", "work_s", "ends_by_s", "class", "limit_s", "next_limit", "n_tries", "next_gave_up",
        "deadline_at_s", "next_deadline", "next_done", "also",
    )
)  # fmt: skip

Record: TypeAlias = Any
"""One element of an array of records: a numpy record, or what numba makes of it."""


def record(*names: str) -> np.dtype[np.void]:
    """A record of whole numbers."""
    return np.dtype([(name, np.int64) for name in names])


LEG = np.dtype([
    (name, kind)
    for kind, names in (
        # on being served
        (np.int64, "left_s ends_s"),
        (np.int32, "joined_s started_s spell_s worked_s leaving_at_s team slot unit ends_by_s limit_s deadline_at_s"),
        (np.int16, "class_"),
        (np.int8, "present is_waiting"),
        # on walking
        (np.int32, "ready_s limit_from_s ended_s attempt row delay_s return_s work_s"),
        (np.int32, "next_done next_limit next_deadline next_gave_up also"),
        (np.int16, "n_before n_arrived ready_at n_tries"),
        (np.int8, "ready_kind outcome is_held leaving_rank"),
    )
    for name in names.split()
])  # fmt: skip
"""A row: its plan, and where it stands in its latest attempt (0: not reached), in two lines of a processor's cache.

``delay_s`` is ``ready_s`` of the itineraries; ``spell_s``: when its latest service began; ``ends_s``: when that will
end, if it is being served; ``slot``: where it stands among those its team serves."""
TIME_BITS, SMALL_BITS = 30, 15
"""Of what is planned; so that the sum of two times is a 32-bit number."""
UNIT_ = record("closing", "at_close", "yields", "restart_s", "first_hours", "last_hours", "first_team", "last_team")
"""A unit; its opening periods and its teams are stretches of their arrays."""
QUEUE = record("start", "room", "n")
"""A heap of places among ``places``: of a unit's papers (2 x unit) or residents present (2 x unit + 1)."""
TEAM = record(
    "n_members",
    "may_be_interrupted",
    "first_unit",
    "last_unit",
    "first_slot",
    "n_serving",
    "n_waiting",
    "is_open",
    "is_touched",
)
"""A team; the units it serves, in order, and the rows that its members serve are stretches of their arrays;
``n_waiting``: rows that wait for it."""
LATER = record("moment", "next")
"""An event of a stretch of time that has not begun; those of one stretch are chained, in no order."""
STRETCH_BITS = 12
"""A stretch has so many seconds, as a power of two: about an hour, and few enough events for a short heap."""
CLOCK = record("now_s", "n_events", "stretch", "n_later", "free", "n_fresh", "n_touched", "lowest_touched", "n_earlier", "is_full")
"""The clock, how much of each array is in use, and whether one was too small."""


class Hours(NamedTuple):
    """Opening periods of all calendars and units, and gates; ``…_from``: where those of each number begin."""

    opens: np.ndarray
    closes: np.ndarray
    is_break: np.ndarray
    hours_from: np.ndarray
    gates: np.ndarray
    gate_from: np.ndarray


class Widths(NamedTuple):
    """Powers of two that are more than what they pack into one number; and logarithms of two of them."""

    number: int
    positions: int
    seconds: int
    rows: int
    number_bits: int
    second_bits: int


class Street(NamedTuple):
    """Everything on one clock."""

    rows: np.ndarray  # (columns of the itineraries, rows)
    legs: np.ndarray  # LEG, by row
    units: np.ndarray  # UNIT_
    queues: np.ndarray  # QUEUE
    teams: np.ndarray  # TEAM
    teams_of_units: np.ndarray
    units_of_teams: np.ndarray
    hours: Hours
    places: np.ndarray
    serving: np.ndarray
    events: np.ndarray  # a heap of moments, of the stretch of time that has begun
    later: np.ndarray  # LATER, of stretches to come
    first_later: np.ndarray  # where the chain of each stretch begins
    fresh: np.ndarray  # rows that began to wait in this instant
    earlier: np.ndarray  # (1 + columns of legs, n): index and leg of attempts that were followed by another
    clock: np.ndarray  # CLOCK, one
    widths: Widths
    end_s: int


N_LEG = len(LEGS)


def soon(legs: np.ndarray, index: int) -> None:
    """A row will be needed: compiled, its record is fetched into the cache meanwhile."""


# ---- cases


def first_moments(street: Street, found: np.ndarray) -> int:
    """Pack the rows, and find the moments at which first ones become ready, not in order: how many.

    Rows that take another along are found at the moment when they open. NONE: a number is too large.
    """
    rows, n, times, small = street.rows, 0, 0, 0
    for index in range(rows.shape[1]):
        leg = street.legs[index]
        leg.attempt = leg.n_arrived = leg.is_waiting = 0
        leg.row = rows[ROW, index]
        leg.present = rows[PRESENT, index]
        leg.unit = rows[UNIT, index]
        leg.n_before = rows[N_BEFORE, index]
        leg.ready_kind = rows[READY_KIND, index]
        leg.delay_s = rows[READY, index]
        leg.ready_at = rows[READY_AT, index]
        leg.return_s = rows[RETURN, index]
        leg.work_s = rows[WORK, index]
        leg.ends_by_s = rows[ENDS_BY, index]
        leg.class_ = rows[CLASS, index]
        leg.limit_s = rows[LIMIT, index]
        leg.next_limit = rows[NEXT_LIMIT, index]
        leg.n_tries = rows[N_TRIES, index]
        leg.next_gave_up = rows[NEXT_GAVE_UP, index]
        leg.deadline_at_s = rows[DEADLINE_AT, index]
        leg.next_deadline = rows[NEXT_DEADLINE, index]
        leg.next_done = rows[NEXT_DONE, index]
        leg.also = rows[ALSO, index]
        times |= (
            (rows[READY, index] + 1)
            | (rows[RETURN, index] + 1)
            | (rows[WORK, index] + 1)
            | (rows[ENDS_BY, index] + 1)
            | (rows[LIMIT, index] + 1)
            | (rows[DEADLINE_AT, index] + 1)
        )
        small |= rows[N_BEFORE, index] | (rows[READY_AT, index] + 1) | rows[CLASS, index] | rows[N_TRIES, index]
        if times >> TIME_BITS or small >> SMALL_BITS:
            return NONE
        opens_s = rows[OPENS, index]
        if leg.n_before != 0 or opens_s >= street.end_s:
            continue
        if leg.also != NONE:
            found[n] = rules.moment(opens_s, rules.OPENS, index, street.widths.number)
            n += 1
            continue
        hand_off(street, index, leg.ready_kind, leg.delay_s, opens_s)
        if leg.ready_s != NONE and leg.ready_s < street.end_s:
            found[n] = rules.moment(leg.ready_s, rules.READY, index, street.widths.number)
            n += 1
    return n


def hand_off(street: Street, index: int, kind: int, delay_s: int, now_s: int) -> None:
    """A further attempt at a row begins, which will be ready after a delay."""
    hours, leg = street.hours, street.legs[index]
    unit, at = street.units[leg.unit], leg.ready_at
    if kind == rules.WALL and leg.present == 0:
        leg.ready_s = now_s + delay_s
    else:
        first, last, first_gate, last_gate = 0, 0, 0, 0
        if kind == rules.WORKING:
            first, last = hours.hours_from[at], hours.hours_from[at + 1]
        elif kind == rules.GATE:
            first_gate, last_gate = hours.gate_from[at], hours.gate_from[at + 1]
        leg.ready_s = rules.when_ready_s(
            kind,
            leg.present,
            now_s,
            delay_s,
            leg.return_s,
            hours.opens[first:last],
            hours.closes[first:last],
            hours.gates[first_gate:last_gate],
            hours.opens[unit.first_hours : unit.last_hours],
            hours.closes[unit.first_hours : unit.last_hours],
            hours.is_break[unit.first_hours : unit.last_hours],
        )
    leg.attempt += 1
    leg.joined_s = leg.started_s = leg.ended_s = leg.ends_s = leg.team = leg.leaving_at_s = NONE
    leg.worked_s = leg.is_waiting = leg.is_held = 0
    leg.left_s = leg.work_s
    leg.outcome = rules.OPEN


def expect(street: Street, index: int) -> None:
    """A row will become ready, if it ever does."""
    ready_s = street.legs[index].ready_s
    if ready_s != NONE:
        due(street, ready_s, rules.READY, index)


def due(street: Street, at_s: int, rank: int, index: int) -> None:
    """Something is bound to happen to a row at an instant, if that comes before the end."""
    if at_s < street.end_s:
        moment = rules.moment(at_s, rank, index, street.widths.number)
        stretch = at_s >> STRETCH_BITS
        if stretch > street.clock[0].stretch:
            put_off(street, moment, stretch)
        else:
            bind(street, moment)


def bind(street: Street, moment: int) -> None:
    """An event of the stretch that has begun stands among those that come next."""
    clock = street.clock[0]
    if clock.n_events == len(street.events):
        clock.is_full = 1
        return
    heaps.push(street.events, 0, clock.n_events, moment)
    clock.n_events += 1


def put_off(street: Street, moment: int, stretch: int) -> None:
    """An event of a later stretch is put with the others of it."""
    clock, at = street.clock[0], street.clock[0].free
    if at == NONE:
        if clock.n_later == len(street.later):
            clock.is_full = 1
            return
        at = clock.n_later
        clock.n_later += 1
    else:
        clock.free = street.later[at].next
    street.later[at].moment = moment
    street.later[at].next = street.first_later[stretch]
    street.first_later[stretch] = at


def next_stretch(street: Street) -> None:
    """The next stretch of time begins."""
    clock = street.clock[0]
    clock.stretch += 1
    at = street.first_later[clock.stretch]
    while at != NONE:
        soon(street.legs, street.later[at].moment & (street.widths.number - 1))
        at = street.later[at].next
    at = street.first_later[clock.stretch]
    while at != NONE:
        if is_bound(street, street.later[at].moment):
            bind(street, street.later[at].moment)
        after = street.later[at].next
        street.later[at].next = clock.free
        clock.free = at
        at = after


def reach(street: Street, index: int, before: int) -> None:
    """A row's hand-off begins, and with it that of the row that goes along."""
    legs, now_s = street.legs, street.clock[0].now_s
    while True:
        hand_off(street, index, legs[index].ready_kind, legs[index].delay_s, now_s)
        if before != NONE and rules.keeps_place(
            legs[before].outcome,
            legs[before].unit,
            legs[index].unit,
            legs[index].ready_kind,
            legs[index].ready_s - now_s,
        ):
            legs[index].joined_s = legs[before].joined_s
            legs[index].limit_from_s = legs[before].limit_from_s
        expect(street, index)
        if legs[index].also == NONE:
            return
        index, before = index - legs[index].row + legs[index].also, NONE
        legs[index].n_arrived += 1
        if legs[index].n_arrived != legs[index].n_before:
            return


def end(street: Street, index: int, outcome: int) -> None:
    """A row's attempt is over; its case walks on to the same row on another day, another row, or out."""
    legs, leg, now_s = street.legs, street.legs[index], street.clock[0].now_s
    if leg.is_waiting == 1:
        wait_no_more(street, index)
    leg.outcome = outcome
    leg.ended_s = now_s
    if rules.comes_back(outcome, leg.row, leg.next_limit):
        keep(street, index)
        hand_off(street, index, rules.NEXT_OPEN_DAY, 0, now_s)
        expect(street, index)
        return
    number = rules.next_row(
        outcome,
        leg.next_done,
        leg.next_limit,
        leg.next_deadline,
        leg.next_gave_up,
    )
    if number != NONE:
        other = index - leg.row + number
        legs[other].n_arrived += 1
        if legs[other].n_arrived == legs[other].n_before:
            reach(street, other, index)


def keep(street: Street, index: int) -> None:
    """An attempt that will be followed by another is put aside."""
    clock = street.clock[0]
    if clock.n_earlier == street.earlier.shape[1]:
        clock.is_full = 1
        return
    write(street, index, street.earlier, clock.n_earlier)
    street.earlier[N_LEG, clock.n_earlier] = index
    clock.n_earlier += 1


def write(street: Street, index: int, legs: np.ndarray, at: int) -> None:
    """Write a row's latest attempt as a leg (see ``tables.LEGS``); work under way counts as far as it has come."""
    rows, leg = street.rows, street.legs[index]
    legs[0, at], legs[1, at], legs[2, at] = rows[CASE, index], leg.row, leg.attempt
    legs[3, at], legs[4, at], legs[5, at] = rows[KIND, index], rows[VISIT, index], leg.unit
    legs[6, at], legs[7, at], legs[8, at] = leg.team, leg.class_, leg.ready_s
    legs[9, at], legs[10, at], legs[11, at], legs[13, at] = leg.joined_s, leg.started_s, leg.ended_s, leg.outcome
    legs[12, at] = leg.worked_s if leg.ends_s == NONE else leg.worked_s + street.end_s - leg.spell_s


# ---- queues


def join(street: Street, index: int) -> None:
    """A row that is ready joins its unit's queue."""
    leg = street.legs[index]
    if leg.joined_s == NONE:
        leg.joined_s = leg.limit_from_s = street.clock[0].now_s
    wait(street, index)


def wait(street: Street, index: int) -> None:
    """A row stands in its queue, new or put back."""
    leg = street.legs[index]
    unit = street.units[leg.unit]
    leg.is_waiting = 1
    queue = street.queues[2 * leg.unit + leg.present]
    if queue.n == queue.room:
        clear(street, queue)
    heaps.push(street.places, queue.start, queue.n, place(street, index, 0))
    queue.n += 1
    set_leaving(street, index, leg.limit_s)
    for k in range(unit.first_team, unit.last_team):
        street.teams[street.teams_of_units[k]].n_waiting += 1
        touch(street, street.teams_of_units[k])


def wait_no_more(street: Street, index: int) -> None:
    """A row is no longer waiting: it is served, or it leaves. Its place in the queue is passed over later."""
    leg = street.legs[index]
    unit = street.units[leg.unit]
    leg.is_waiting = leg.is_held = 0
    leg.leaving_at_s = NONE
    for k in range(unit.first_team, unit.last_team):
        street.teams[street.teams_of_units[k]].n_waiting -= 1


def place(street: Street, index: int, position: int) -> int:
    """A row's place before a team in whose list its unit has a position."""
    leg, widths = street.legs[index], street.widths
    return rules.place(
        leg.class_,
        position,
        leg.joined_s,
        index,
        widths.positions,
        widths.seconds,
        widths.rows,
    )


def stands(street: Street, key: int) -> bool:
    """Whether a place in a queue is still taken by its row."""
    index = key & (street.widths.rows - 1)
    return street.legs[index].is_waiting == 1 and place(street, index, 0) == key


def clear(street: Street, queue: Record) -> None:
    """Take out of a queue what stands there no more; what is left has room, since no row stands in it twice."""
    n = 0
    for k in range(queue.start, queue.start + queue.n):
        key = street.places[k]
        if stands(street, key):
            heaps.push(street.places, queue.start, n, key)
            n += 1
    queue.n = n


def set_leaving(street: Street, index: int, limit_s: int) -> None:
    """When a waiting row will leave if it is not served before; unless it is at once, the event is made later."""
    leg, clock = street.legs[index], street.clock[0]
    at_s, rank = rules.leaves_at(
        clock.now_s,
        leg.started_s != NONE,
        leg.deadline_at_s,
        leg.ends_by_s,
        leg.limit_from_s,
        limit_s,
    )
    leg.leaving_at_s = at_s
    leg.leaving_rank = rank
    if at_s == NONE:
        return
    if at_s == clock.now_s or clock.n_fresh == len(street.fresh):
        due(street, at_s, rank, index)
        return
    street.fresh[clock.n_fresh] = index
    clock.n_fresh += 1


def make_leaving(street: Street) -> None:
    """The instant is over: who waits still has an event to leave at. Most who joined have been served already."""
    for k in range(street.clock[0].n_fresh):
        index = street.fresh[k]
        leg = street.legs[index]
        if leg.is_waiting == 1 and leg.leaving_at_s != NONE:
            due(street, leg.leaving_at_s, leg.leaving_rank, index)
    street.clock[0].n_fresh = 0


def leave(street: Street, index: int) -> None:
    """A row has waited until its deadline, its end by the clock, or its limit."""
    leg = street.legs[index]
    outcome = rules.unserved_outcome(
        street.clock[0].now_s,
        leg.started_s != NONE,
        leg.deadline_at_s,
        leg.next_deadline,
        leg.ends_by_s,
        leg.row,
        leg.attempt,
        leg.next_limit,
        leg.n_tries,
    )
    end(street, index, outcome)


# ---- doors


def pass_door(street: Street, number: int) -> None:
    """A team or unit closes or opens."""
    n_teams = len(street.teams)
    n_doors = n_teams + len(street.units)
    if number < n_teams:
        close_team(street, number)
    elif number < n_doors:
        close_unit(street, number - n_teams)
    elif number < n_doors + n_teams:
        street.teams[number - n_doors].is_open = 1
        touch(street, number - n_doors)
    else:
        open_unit(street, number - n_doors - n_teams)


def close_team(street: Street, number: int) -> None:
    """Desk work is put back, and the rest is finished over time."""
    team = street.teams[number]
    team.is_open = 0
    slot = team.first_slot
    while slot < team.first_slot + team.n_serving:
        index = street.serving[slot]
        if street.units[street.legs[index].unit].closing == rules.PAUSE:
            put_back(street, index)  # another takes its slot
        else:
            slot += 1


def close_unit(street: Street, number: int) -> None:
    """A unit closes (lunch is no closing) on residents not attended to: they are sent home or held over."""
    queue = street.queues[2 * number + 1]
    for k in range(queue.start, queue.start + queue.n):
        key = street.places[k]
        index = key & (street.widths.rows - 1)
        leg = street.legs[index]
        if leg.started_s != NONE or not stands(street, key):
            continue
        if street.units[number].at_close == rules.HOLD:
            leg.is_held = 1
            set_leaving(street, index, NONE)
        else:
            end(street, index, rules.closing_outcome(leg.attempt, street.legs[index].n_tries))


def open_unit(street: Street, number: int) -> None:
    """The limits of those held over start anew."""
    queue = street.queues[2 * number + 1]
    for k in range(queue.start, queue.start + queue.n):
        key = street.places[k]
        index = key & (street.widths.rows - 1)
        leg = street.legs[index]
        if leg.is_held == 1 and stands(street, key):
            leg.is_held = 0
            leg.limit_from_s = street.clock[0].now_s
            set_leaving(street, index, street.legs[index].limit_s)


# ---- phase C


def touch(street: Street, number: int) -> None:
    """Something has changed for a team: it is looked at when services start."""
    team, clock = street.teams[number], street.clock[0]
    if team.is_open == 1 and team.is_touched == 0:
        team.is_touched = 1
        clock.n_touched += 1
        clock.lowest_touched = min(clock.lowest_touched, number)


def start_services(street: Street) -> None:
    """The first team, in declared order, that can start something does so; again, until none can."""
    clock = street.clock[0]
    while clock.n_touched > 0:
        number = clock.lowest_touched
        team = street.teams[number]
        if team.is_touched == 1:
            if team.is_open == 1 and team.n_waiting > 0 and start_next(street, number):
                continue
            team.is_touched = 0
            clock.n_touched -= 1
        clock.lowest_touched += 1
    clock.lowest_touched = len(street.teams)


def start_next(street: Street, number: int) -> bool:
    """Start a team's best waiting row, by an idle member or by one taken from other work; whether it could."""
    team = street.teams[number]
    has_idle = team.n_serving < team.n_members
    if not has_idle and team.may_be_interrupted == 0:
        return False
    index = first_waiting(street, team, has_idle)
    if index == NONE:
        return False
    if not has_idle:
        other = interruptible(street, team, index)
        if other == NONE:
            return False
        put_back(street, other)
    start(street, index, number)
    return True


def first_waiting(street: Street, team: Record, with_papers: bool) -> int:
    """The row that goes first of those that wait at a team's units; NONE if nothing does."""
    best, best_place = NONE, 0
    for k in range(team.first_unit, team.last_unit):
        for present in range(0 if with_papers else 1, 2):
            queue = street.queues[2 * street.units_of_teams[k] + present]
            while queue.n > 0 and not stands(street, street.places[queue.start]):
                heaps.pop(street.places, queue.start, queue.n)
                queue.n -= 1
            if queue.n > 0:
                index = street.places[queue.start] & (street.widths.rows - 1)
                mine = place(street, index, k - team.first_unit)
                if best == NONE or mine < best_place:
                    best, best_place = index, mine
    return best


def interruptible(street: Street, team: Record, resident: int) -> int:
    """The row whose member a waiting resident may take; NONE if there is none."""
    legs, best, best_recency = street.legs, NONE, (0, 0)
    for slot in range(team.first_slot, team.first_slot + team.n_serving):
        index = street.serving[slot]
        if rules.may_interrupt(legs[resident].class_, legs[index].class_, street.units[legs[index].unit].yields):
            mine = rules.recency(street.legs[index].spell_s, index)
            if best == NONE or mine > best_recency:
                best, best_recency = index, mine
    return best


# ---- service


def start(street: Street, index: int, number: int) -> None:
    """A member takes the first of its queue."""
    leg, team, now_s = street.legs[index], street.teams[number], street.clock[0].now_s
    queue = street.queues[2 * leg.unit + leg.present]
    heaps.pop(street.places, queue.start, queue.n)
    queue.n -= 1
    wait_no_more(street, index)
    leg.team = number
    leg.spell_s = now_s
    if leg.started_s == NONE:
        leg.started_s = now_s
    leg.slot = team.first_slot + team.n_serving
    street.serving[leg.slot] = index
    team.n_serving += 1
    leg.ends_s = rules.service_end_s(now_s, leg.left_s, leg.ends_by_s)
    due(street, leg.ends_s, rules.WORK_ENDS, index)
    soon(street.legs, index - leg.row + leg.next_done)


def put_back(street: Street, index: int) -> None:
    """A service stops halfway: the row returns to its place in the queue."""
    release(street, index)
    leg = street.legs[index]
    restart_s = street.units[street.legs[index].unit].restart_s
    leg.left_s = rules.left_after_put_back_s(leg.left_s, leg.spell_s, street.clock[0].now_s, restart_s)
    wait(street, index)


def release(street: Street, index: int) -> None:
    """The member who serves a row is free again."""
    leg = street.legs[index]
    team = street.teams[leg.team]
    leg.worked_s += street.clock[0].now_s - leg.spell_s
    leg.ends_s = NONE
    team.n_serving -= 1
    other = street.serving[team.first_slot + team.n_serving]
    street.serving[leg.slot] = other
    street.legs[other].slot = leg.slot
    touch(street, leg.team)


# ---- the clock


def rank_of(street: Street, moment: int) -> int:
    """What kind of event is bound to a moment."""
    return (moment >> street.widths.number_bits) & (rules.N_RANKS - 1)


def is_bound(street: Street, moment: int) -> bool:
    """Whether an event of a row has not been called off."""
    at_s, rank = moment >> street.widths.second_bits, rank_of(street, moment)
    leg = street.legs[moment & (street.widths.number - 1)]
    if rank == rules.READY:
        return leg.ready_s == at_s
    if rank == rules.WORK_ENDS:
        return leg.ends_s == at_s
    return leg.is_waiting == 1 and leg.leaving_at_s == at_s and leg.leaving_rank == rank


def happen(street: Street, moment: int) -> None:
    """What is bound to a moment happens, unless it has been called off."""
    number, rank = moment & (street.widths.number - 1), rank_of(street, moment)
    if rank == rules.DOORS:
        pass_door(street, number)
    elif rank == rules.OPENS:
        reach(street, number, NONE)
    elif is_bound(street, moment):
        if rank == rules.READY:
            join(street, number)
        elif rank == rules.WORK_ENDS:
            leg = street.legs[number]
            release(street, number)
            end(street, number, rules.service_outcome(leg.left_s, leg.spell_s, street.clock[0].now_s))
        else:
            leave(street, number)


def simulate(street: Street, firsts: np.ndarray, doors: np.ndarray) -> bool:
    """Let time pass to the end (what falls on it no longer happens); whether the arrays were large enough.

    ``firsts`` and ``doors`` are moments known beforehand, in their order: they stand beside the heap of events, not in
    it. The least of the three comes next; before the clock moves, services start.
    """
    clock, bits = street.clock[0], street.widths.second_bits
    stretch_bits = bits + STRETCH_BITS
    clock.free = NONE
    n_first, n_door = 0, 0
    last = street.end_s << bits
    clock.lowest_touched = len(street.teams)
    while clock.is_full == 0:
        moment, source = last, 0
        if n_first < len(firsts) and firsts[n_first] < moment:
            moment, source = firsts[n_first], 1
        if n_door < len(doors) and doors[n_door] < moment:
            moment, source = doors[n_door], 2
        if clock.n_events > 0 and street.events[0] < moment:
            moment, source = street.events[0], 3
        if moment >> bits > clock.now_s and (clock.n_touched > 0 or clock.n_fresh > 0):
            start_services(street)
            make_leaving(street)
            continue
        if moment >> stretch_bits > clock.stretch:
            next_stretch(street)
            continue
        if source == 0:
            break
        if source == 1:
            n_first += 1
            soon(street.legs, firsts[min(n_first + 8, len(firsts) - 1)] & (street.widths.number - 1))
        elif source == 2:
            n_door += 1
        else:
            heaps.pop(street.events, 0, clock.n_events)
            clock.n_events -= 1
        clock.now_s = moment >> bits
        happen(street, moment)
    return clock.is_full == 0


def report(street: Street, offset: np.ndarray, legs: np.ndarray) -> None:
    """Write every attempt at every row into ``legs``: (columns of ``tables.LEGS``, legs), by row and attempt.

    ``offset`` says where each row's attempts begin.
    """
    for k in range(street.clock[0].n_earlier):
        at = offset[street.earlier[N_LEG, k]] + street.earlier[2, k] - 1
        for column in range(N_LEG):
            legs[column, at] = street.earlier[column, k]
    for index in range(len(street.legs)):
        if street.legs[index].attempt > 0:
            write(street, index, legs, offset[index] + street.legs[index].attempt - 1)
