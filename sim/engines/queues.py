"""Who waits where, and who goes first."""

from __future__ import annotations

from sim import rules
from sim.engines import events, heaps
from sim.engines.records import Record, Street
from sim.tables import NONE


def place(street: Street, index: int, position: int) -> int:
    """A row's place before a team in whose list its unit has a position."""
    plan, leg, widths = street.plans[index], street.legs[index], street.widths
    return rules.place(
        plan.class_,
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


def wait(street: Street, index: int) -> None:
    """A row stands in its queue, new or put back; or it lies beside it."""
    plan, leg = street.plans[index], street.legs[index]
    unit = street.units[plan.unit]
    leg.is_waiting = 1
    set_leaving(street, index, plan.limit_s)
    if rules.is_laid_aside(plan.class_):
        return
    queue = street.queues[2 * plan.unit + plan.present]
    if queue.n == queue.room:
        clear(street, queue)
    heaps.push(street.places, queue.start, queue.n, place(street, index, 0))
    queue.n += 1
    for k in range(unit.first_team, unit.last_team):
        touch(street, street.teams_of_units[k])


def wait_no_more(street: Street, index: int) -> None:
    """A row is no longer waiting: it is served, or it leaves. Its place in the queue is passed over later."""
    leg = street.legs[index]
    leg.is_waiting = leg.is_held = 0
    leg.leaving_at_s = NONE


def set_leaving(street: Street, index: int, limit_s: int) -> None:
    """When a waiting row will leave if it is not served before; unless it is at once, the event is made later."""
    plan, leg, clock = street.plans[index], street.legs[index], street.clock[0]
    at_s, rank = rules.leaves_at(
        clock.now_s,
        leg.started_s != NONE,
        plan.deadline_at_s,
        plan.ends_by_s,
        leg.limit_from_s,
        limit_s,
    )
    leg.leaving_at_s = at_s
    leg.leaving_rank = rank
    if at_s == NONE:
        return
    if at_s == clock.now_s or clock.n_fresh == len(street.fresh):
        events.due(street, at_s, rank, index)
        return
    street.fresh[clock.n_fresh] = index
    clock.n_fresh += 1


def make_leaving(street: Street) -> None:
    """The instant is over: who waits still has an event to leave at. Most who joined have been served already."""
    for k in range(street.clock[0].n_fresh):
        index = street.fresh[k]
        leg = street.legs[index]
        if leg.is_waiting == 1 and leg.leaving_at_s != NONE:
            events.due(street, leg.leaving_at_s, leg.leaving_rank, index)
    street.clock[0].n_fresh = 0


def touch(street: Street, number: int) -> None:
    """Something has changed for a team: it is looked at when services start."""
    team, clock = street.teams[number], street.clock[0]
    if team.is_open == 1 and team.is_touched == 0:
        team.is_touched = 1
        clock.n_touched += 1
        clock.lowest_touched = min(clock.lowest_touched, number)


def first_waiting(street: Street, team: Record, with_papers: bool) -> int:
    """The row that goes first of those that wait at a team's units; NONE if nothing does."""
    best, best_place = NONE, 0
    for k in range(team.first_served, team.last_served):
        served = street.served[k]
        queue = street.queues[served.queue]
        if queue.n == 0 or not (with_papers or served.is_present == 1):
            continue
        while queue.n > 0 and not stands(street, street.places[queue.start]):
            heaps.pop(street.places, queue.start, queue.n)
            queue.n -= 1
        if queue.n > 0:
            index = street.places[queue.start] & (street.widths.rows - 1)
            mine = place(street, index, served.position)
            if best == NONE or mine < best_place:
                best, best_place = index, mine
    return best
