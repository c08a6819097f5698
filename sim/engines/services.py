"""Who is served, by whom and until when; what closings and openings do."""

from __future__ import annotations

from sim import rules
from sim.engines import cases, events, heaps, queues, records
from sim.engines.records import Record, Street
from sim.tables import NONE


def start_services(street: Street) -> None:
    """The first team, in declared order, that can start something does so; again, until none can."""
    clock = street.clock[0]
    while clock.n_touched > 0:
        number = clock.lowest_touched
        team = street.teams[number]
        if team.is_touched == 1:
            if team.is_open == 1 and start_next(street, number):
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
    index = queues.first_waiting(street, team, has_idle)
    if index == NONE:
        return False
    if not has_idle:
        other = interruptible(street, team, index)
        if other == NONE:
            return False
        put_back(street, other)
    start(street, index, number)
    return True


def interruptible(street: Street, team: Record, resident: int) -> int:
    """The row whose member a waiting resident may take; NONE if there is none."""
    plans, best, best_recency = street.plans, NONE, (0, 0)
    for slot in range(team.first_slot, team.first_slot + team.n_serving):
        index = street.serving[slot]
        if rules.may_interrupt(plans[resident].class_, plans[index].class_, street.units[plans[index].unit].yields):
            mine = rules.recency(street.legs[index].spell_s, index)
            if best == NONE or mine > best_recency:
                best, best_recency = index, mine
    return best


def start(street: Street, index: int, number: int) -> None:
    """A member takes the first of its queue."""
    plan, leg, team, now_s = street.plans[index], street.legs[index], street.teams[number], street.clock[0].now_s
    queue = street.queues[2 * plan.unit + plan.present]
    heaps.pop(street.places, queue.start, queue.n)
    queue.n -= 1
    queues.wait_no_more(street, index)
    leg.team = number
    leg.spell_s = now_s
    if leg.started_s == NONE:
        leg.started_s = now_s
    leg.slot = team.first_slot + team.n_serving
    street.serving[leg.slot] = index
    team.n_serving += 1
    leg.ends_s = rules.service_end_s(now_s, leg.left_s, plan.ends_by_s)
    events.due(street, leg.ends_s, rules.WORK_ENDS, index)
    records.soon(street, index - plan.row + plan.next_done)


def put_back(street: Street, index: int) -> None:
    """A service stops halfway: the row returns to its place in the queue."""
    release(street, index)
    leg = street.legs[index]
    restart_s = street.units[street.plans[index].unit].restart_s
    leg.left_s = rules.left_after_put_back_s(leg.left_s, leg.spell_s, street.clock[0].now_s, restart_s)
    queues.wait(street, index)


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
    queues.touch(street, leg.team)


def pass_door(street: Street, number: int) -> None:
    """A team or unit closes or opens."""
    n_teams = len(street.teams)
    n_doors = n_teams + len(street.units)
    if number < n_teams:
        close_team(street, number)
    elif number < n_doors:
        pass_unit(street, number - n_teams, False)
    elif number < n_doors + n_teams:
        street.teams[number - n_doors].is_open = 1
        queues.touch(street, number - n_doors)
    else:
        pass_unit(street, number - n_doors - n_teams, True)


def close_team(street: Street, number: int) -> None:
    """Desk work is put back, and the rest is finished over time."""
    team = street.teams[number]
    team.is_open = 0
    slot = team.first_slot
    while slot < team.first_slot + team.n_serving:
        index = street.serving[slot]
        if street.units[street.plans[index].unit].closing == rules.PAUSE:
            put_back(street, index)  # another takes its slot
        else:
            slot += 1


def pass_unit(street: Street, number: int, is_opening: bool) -> None:
    """A unit opens or closes (lunch is no closing): what that is to the residents who wait there."""
    queue = street.queues[2 * number + 1]
    for k in range(queue.start, queue.start + queue.n):
        key = street.places[k]
        index = key & (street.widths.rows - 1)
        if queues.stands(street, key):
            if is_opening:
                resume(street, index)
            else:
                turn_away(street, index, street.units[number].at_close)


def turn_away(street: Street, index: int, at_close: int) -> None:
    """At closing, who has not been attended to is held over or sent home."""
    plan, leg = street.plans[index], street.legs[index]
    if leg.started_s != NONE:
        return
    if at_close == rules.HOLD:
        leg.is_held = 1
        queues.set_leaving(street, index, NONE)
    else:
        cases.end(street, index, rules.closing_outcome(leg.attempt, plan.n_tries))


def resume(street: Street, index: int) -> None:
    """At opening, the limits of those held over start anew."""
    plan, leg = street.plans[index], street.legs[index]
    if leg.is_held == 1:
        leg.is_held = 0
        leg.limit_from_s = street.clock[0].now_s
        queues.set_leaving(street, index, plan.limit_s)
