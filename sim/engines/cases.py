"""Cases walk from row to row: hand-off, queue, and on to what the end of an attempt leads to."""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.engines import events, queues
from sim.engines.records import CASE, CLASS, KIND, N_LEG, ROW, UNIT, VISIT, Street
from sim.tables import NONE


def hand_off(street: Street, index: int, kind: int, delay_s: int, now_s: int) -> None:
    """A further attempt at a row begins, which will be ready after a delay."""
    hours, plan, leg = street.hours, street.plans[index], street.legs[index]
    unit, at = street.units[plan.unit], plan.ready_at
    if kind == rules.WALL and plan.present == 0:
        leg.ready_s = now_s + delay_s
    else:
        first, last, first_gate, last_gate = 0, 0, 0, 0
        if kind == rules.WORKING:
            first, last = hours.hours_from[at], hours.hours_from[at + 1]
        elif kind == rules.GATE:
            first_gate, last_gate = hours.gate_from[at], hours.gate_from[at + 1]
        leg.ready_s = rules.when_ready_s(
            kind,
            plan.present,
            now_s,
            delay_s,
            plan.return_s,
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
    leg.left_s = plan.work_s
    leg.outcome = rules.OPEN


def expect(street: Street, index: int) -> None:
    """A row will become ready, if it ever does."""
    ready_s = street.legs[index].ready_s
    if ready_s != NONE:
        events.due(street, ready_s, rules.READY, index)


def reach(street: Street, index: int, before: int) -> None:
    """A row's hand-off begins, and with it that of the row that goes along."""
    plans, legs, now_s = street.plans, street.legs, street.clock[0].now_s
    while True:
        hand_off(street, index, plans[index].ready_kind, plans[index].delay_s, now_s)
        if before != NONE and rules.keeps_place(
            legs[before].outcome,
            plans[before].unit,
            plans[index].unit,
            plans[index].ready_kind,
            legs[index].ready_s - now_s,
        ):
            legs[index].joined_s = legs[before].joined_s
            legs[index].limit_from_s = legs[before].limit_from_s
        expect(street, index)
        if plans[index].also == NONE:
            return
        index, before = index - plans[index].row + plans[index].also, NONE
        legs[index].n_arrived += 1
        if legs[index].n_arrived != plans[index].n_before:
            return


def end(street: Street, index: int, outcome: int) -> None:
    """A row's attempt is over; its case walks on to the same row on another day, another row, or out."""
    plan = street.plans[index]
    plans, legs, now_s = street.plans, street.legs, street.clock[0].now_s
    leg = legs[index]
    if leg.is_waiting == 1:
        queues.wait_no_more(street, index)
    leg.outcome = outcome
    leg.ended_s = now_s
    if rules.comes_back(outcome, plan.row, plan.next_limit):
        keep(street, index)
        hand_off(street, index, rules.NEXT_OPEN_DAY, 0, now_s)
        expect(street, index)
        return
    number = rules.next_row(
        outcome,
        plan.next_done,
        plan.next_limit,
        plan.next_deadline,
        plan.next_gave_up,
    )
    if number != NONE:
        other = index - plan.row + number
        legs[other].n_arrived += 1
        if legs[other].n_arrived == plans[other].n_before:
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
    legs[0, at], legs[1, at], legs[2, at] = rows[CASE, index], rows[ROW, index], leg.attempt
    legs[3, at], legs[4, at], legs[5, at] = rows[KIND, index], rows[VISIT, index], rows[UNIT, index]
    legs[6, at], legs[7, at], legs[8, at] = leg.team, rows[CLASS, index], leg.ready_s
    legs[9, at], legs[10, at], legs[11, at], legs[13, at] = leg.joined_s, leg.started_s, leg.ended_s, leg.outcome
    legs[12, at] = leg.worked_s if leg.ends_s == NONE else leg.worked_s + street.end_s - leg.spell_s


def join(street: Street, index: int) -> None:
    """A row that is ready joins its unit's queue."""
    leg = street.legs[index]
    if leg.joined_s == NONE:
        leg.joined_s = leg.limit_from_s = street.clock[0].now_s
    queues.wait(street, index)


def leave(street: Street, index: int) -> None:
    """A row has waited until its deadline, its end by the clock, or its limit."""
    plan, leg = street.plans[index], street.legs[index]
    outcome = rules.unserved_outcome(
        street.clock[0].now_s,
        leg.started_s != NONE,
        plan.deadline_at_s,
        plan.next_deadline,
        plan.ends_by_s,
        plan.row,
        leg.attempt,
        plan.next_limit,
        plan.n_tries,
    )
    end(street, index, outcome)
