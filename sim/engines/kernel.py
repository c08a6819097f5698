"""The compiled engine's loop: the same rules as the SimPy engine on arrays instead of objects.

Everything here, and in the modules it calls, is plain Python on whole numbers and arrays of them, which
:mod:`sim.engines.jit` compiles (or, for debugging, leaves as it stands).
"""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.engines import cases, events, heaps, queues, records, services
from sim.engines.records import N_LEG, OPENS, STRETCH_BITS, Street
from sim.tables import NONE


def first_moments(street: Street, found: np.ndarray) -> int:
    """Pack the rows, and find the moments at which first ones become ready, not in order: how many.

    Rows that take another along are found at the moment when they open. NONE: a number is too large.
    """
    n = 0
    for index in range(len(street.plans)):
        if not records.pack(street, index):
            return NONE
        plan, leg, opens_s = street.plans[index], street.legs[index], street.rows[OPENS, index]
        if plan.n_before != 0 or opens_s >= street.end_s:
            continue
        if plan.also != NONE:
            found[n] = rules.moment(opens_s, rules.OPENS, index, street.widths.number)
            n += 1
            continue
        cases.hand_off(street, index, plan.ready_kind, plan.delay_s, opens_s)
        if leg.ready_s != NONE and leg.ready_s < street.end_s:
            found[n] = rules.moment(leg.ready_s, rules.READY, index, street.widths.number)
            n += 1
    return n


def happen(street: Street, moment: int) -> None:
    """What is bound to a moment happens, unless it has been called off."""
    number, rank = moment & (street.widths.number - 1), events.rank_of(street, moment)
    if rank == rules.DOORS:
        services.pass_door(street, number)
    elif rank == rules.OPENS:
        cases.reach(street, number, NONE)
    elif events.is_bound(street, moment):
        if rank == rules.READY:
            cases.join(street, number)
        elif rank == rules.WORK_ENDS:
            leg = street.legs[number]
            services.release(street, number)
            cases.end(street, number, rules.service_outcome(leg.left_s, leg.spell_s, street.clock[0].now_s))
        else:
            cases.leave(street, number)


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
            services.start_services(street)
            queues.make_leaving(street)
            continue
        if moment >> stretch_bits > clock.stretch:
            events.next_stretch(street)
            continue
        if source == 0:
            break
        if source == 1:
            n_first += 1
            records.soon(street, firsts[min(n_first + 8, len(firsts) - 1)] & (street.widths.number - 1))
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
            cases.write(street, index, legs, offset[index] + street.legs[index].attempt - 1)
