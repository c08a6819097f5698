"""What is bound to happen: the events that come next in a heap, those of later stretches of time beside it.

What is called off stays where it is, and is passed over when its turn comes.
"""

from __future__ import annotations

from sim import rules
from sim.engines import heaps, records
from sim.engines.records import STRETCH_BITS, Street
from sim.tables import NONE


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
    """The next stretch of time begins: its events come to those that come next, if they have not been called off.

    All their rows are called into the cache before the first is looked at.
    """
    clock = street.clock[0]
    clock.stretch += 1
    at = street.first_later[clock.stretch]
    while at != NONE:
        records.soon(street, street.later[at].moment & (street.widths.number - 1))
        at = street.later[at].next
    at = street.first_later[clock.stretch]
    while at != NONE:
        if is_bound(street, street.later[at].moment):
            bind(street, street.later[at].moment)
        after = street.later[at].next
        street.later[at].next = clock.free
        clock.free = at
        at = after


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
