"""The compiled engine: tables to arrays, the loop of :mod:`sim.engines.kernel` compiled by numba, arrays to ``legs``.

It reads the same tables as the SimPy engine and writes the same legs; both decide by :mod:`sim.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from sim import calendars, rules
from sim.calendars import NEVER_OPEN, Periods
from sim.engines import jit
from sim.engines.records import (
    CLASS,
    CLOCK,
    LATER,
    LEG,
    PLAN,
    PRESENT,
    QUEUE,
    ROW,
    SERVED,
    SMALL_BITS,
    STRETCH_BITS,
    TEAM,
    TIME_BITS,
    UNIT,
    UNIT_,
    Hours,
    Street,
    Widths,
)  # fmt: skip
from sim.errors import Fault, UsageError
from sim.tables import CALENDARS, GATES, ITINERARIES, LEGS, NONE, TEAMS, UNITS, EngineInput

LINKS = ("next_limit", "next_gave_up", "next_deadline", "next_done", "also")
LARGEST_BITS = 62
LINE = 64
"""Bytes of a processor's cache line."""


def prepare(announce: Callable[[int], None]) -> None:
    """Compile the loop, or load it compiled; ``announce`` is told beforehand about how many seconds compiling takes."""
    itineraries, units, teams, opening, gates = (
        pd.DataFrame(columns=list(names), dtype=np.int64) for names in (ITINERARIES, UNITS, TEAMS, CALENDARS, GATES)
    )
    with jit.announced(announce):
        run(EngineInput(itineraries, units, teams, opening, gates, end_s=1))


def run(engine_input: EngineInput) -> pd.DataFrame:
    """The ``legs`` of an input; see :func:`sim.engines.simpy_engine.run`.

    Raises
    ------
    UsageError
        If times, rows and units together need more than 62 bits, times more than 30 (34 years), or a class, a number
        of tries or of teams more than 15.
    """
    return run_by(jit.loop(), engine_input)


def run_by(loop: ModuleType, engine_input: EngineInput, room: int = 0) -> pd.DataFrame:
    """The ``legs`` of an input, by a loop compiled or not.

    ``room``: for how many events there is room to begin with, if not for as many as there usually are.
    """
    rows = rows_of(engine_input.itineraries)
    room = room or rows.shape[1] + 1024
    while True:
        street = street_of(engine_input, rows, room)
        firsts = np.empty(rows.shape[1], dtype=np.int64)
        n_first = loop.first_moments(street, firsts)
        if n_first == NONE:
            raise too_large(rows.shape[1], engine_input.end_s)
        if loop.simulate(street, np.sort(firsts[:n_first], kind="stable"), doors_of(engine_input, street)):
            del firsts
            street = over(street)
            return legs_of(engine_input, street, loop)
        room *= 4


def over(street: Street) -> Street:
    """The street without what nobody needs once its time is over, so that the legs have that room."""
    needless = ("plans", "places", "events", "later", "fresh")
    return street._replace(**{name: getattr(street, name)[:0].copy() for name in needless})


# ---- tables to arrays


def rows_of(itineraries: pd.DataFrame) -> np.ndarray:
    """The itineraries, (columns, rows) int64; links and row numbers count from the first row of their case."""
    if tuple(itineraries.columns) != ITINERARIES:
        itineraries = itineraries[list(ITINERARIES)]
    rows = np.ascontiguousarray(itineraries.to_numpy(dtype=np.int64).T)
    if rows.shape[1] == 0:
        return locked(rows)
    case, row = rows[ITINERARIES.index("case")], rows[ROW]
    is_first = np.append(True, case[1:] != case[:-1])
    if row[0] == 0 and np.array_equal(row[1:], np.where(is_first[1:], 0, row[:-1] + 1)):
        return locked(rows)
    first = np.flatnonzero(is_first)
    from_first = np.arange(len(case)) - np.repeat(first, np.diff(first, append=len(case)))
    rows = rows.copy()
    width = 1 + row.max()
    key = case * width + row
    for name in LINKS:
        link = rows[ITINERARIES.index(name)]
        found = np.searchsorted(key, case * width + np.maximum(link, 0))
        link[:] = np.where(link == NONE, NONE, from_first[np.minimum(found, len(key) - 1)])
    rows[ROW] = from_first
    return locked(rows)


def locked(rows: np.ndarray) -> np.ndarray:
    """The same for reading only: pandas may hand out its own numbers, and the compiler is to see one type always."""
    view = rows.view()
    view.flags.writeable = False
    return view


def street_of(given: EngineInput, rows: np.ndarray, room: int) -> Street:
    """Everything as it stands before the first instant; ``room`` is for what cannot be known beforehand."""
    served = [[int(unit) for unit in text.split()] for text in given.teams["serves"]]
    serving: list[list[int]] = [[] for _ in given.units.index]
    for team, numbers in enumerate(served):
        for unit in numbers:
            serving[unit].append(team)
    hours, unit_hours = hours_of(given, serving)
    units, teams = records(UNIT_, len(serving)), records(TEAM, len(served))
    yields = given.units["yields"].tolist()
    for name in ("closing", "at_close", "yields", "restart_s"):
        units[name] = given.units[name]
    units.first_hours, units.last_hours = hours.hours_from[unit_hours], hours.hours_from[unit_hours + 1]
    units.first_team, units.last_team = stretches(serving)
    n_rows = rows.shape[1]
    queues = records(QUEUE, 2 * len(units))
    queues.room = np.bincount(2 * rows[UNIT] + rows[PRESENT], minlength=len(queues))
    queues.start = np.cumsum(queues.room) - queues.room
    teams.n_members = np.minimum(given.teams["size"], n_rows)
    teams.may_be_interrupted = [any(yields[unit] for unit in one) for one in served]
    room_of = queues.room.tolist()
    queues_of_teams = [queues_of(one, room_of) for one in served]
    teams.first_served, teams.last_served = stretches(queues_of_teams)
    teams.first_slot = np.cumsum(teams.n_members) - teams.n_members
    return Street(
        rows=rows,
        plans=in_lines(PLAN, n_rows),
        legs=in_lines(LEG, n_rows),
        units=units,
        queues=queues,
        teams=teams,
        teams_of_units=joined(serving),
        served=np.array(list(chain(*queues_of_teams)), dtype=SERVED).view(np.recarray),
        hours=hours,
        places=np.empty(n_rows, dtype=np.int64),
        serving=np.empty(int(teams.n_members.sum()), dtype=np.int64),
        events=np.empty(room, dtype=np.int64),
        later=np.empty(room, dtype=LATER).view(np.recarray),
        first_later=np.full((given.end_s >> STRETCH_BITS) + 1, NONE, dtype=np.int64),
        fresh=np.empty(n_rows, dtype=np.int64),
        earlier=np.empty((1 + len(LEGS), 1 + room // 8), dtype=np.int64),
        clock=records(CLOCK, 1),
        widths=widths_of(rows, hours, len(units), len(teams), given.end_s),
        end_s=int(given.end_s),
    )


def queues_of(served: Sequence[int], room: Sequence[int]) -> list[tuple[int, int, int]]:
    """What a team serves, as SERVED, by the units of its list; ``room``: how many may wait in each queue."""
    each = ((2 * unit + present, position, present) for position, unit in enumerate(served) for present in (0, 1))
    return [one for one in each if room[one[0]] > 0]


def records(kind: np.dtype[np.void], n: int) -> Any:
    """So many records, all zero."""
    return np.zeros(n, dtype=kind).view(np.recarray)


def in_lines(kind: np.dtype[np.void], n: int) -> Any:
    """Room for so many records, each in a cache line of its own."""
    room = np.empty((n + 1) * LINE, dtype=np.uint8)
    first = -room.ctypes.data % LINE
    return room[first : first + n * LINE].view(kind).view(np.recarray)


def hours_of(given: EngineInput, serving: list[list[int]]) -> tuple[Hours, np.ndarray]:
    """Opening periods of the calendars, then of every set of calendars that a unit has; which one each unit has."""
    calendar_of: list[int] = given.teams["calendar"].tolist()
    numbers: list[int] = given.calendars["calendar"].unique().tolist()
    own = {number: calendars.read(given.calendars, number) for number in numbers}
    hours = [own.get(number, NEVER_OPEN) for number in range(1 + max((*own, *calendar_of), default=0))]
    known: dict[frozenset[int], int] = {}
    of_units = np.zeros(len(serving), dtype=np.int64)
    for unit, teams in enumerate(serving):
        which = frozenset(calendar_of[team] for team in teams)
        if which not in known:
            known[which] = len(hours)
            hours.append(calendars.union(hours[number] for number in sorted(which)))
        of_units[unit] = known[which]
    gate, at_s = (given.gates[name].to_numpy(dtype=np.int64) for name in GATES)
    instants = [np.sort(at_s[gate == number]) for number in range(1 + gate.max(initial=0))]
    opens, closes, is_break = (joined([getattr(one, name) for one in hours]) for name in Periods._fields)
    begin = begins([one.opens for one in hours])
    return Hours(opens, closes, is_break, begin, joined(instants), begins(instants)), of_units


def begins(parts: Sequence[Sequence[Any] | np.ndarray]) -> np.ndarray:
    """Where each part begins in all of them one after another, and where the last ends."""
    return np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)


def stretches(parts: Sequence[Sequence[Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Where each part begins, and where it ends."""
    edges = begins(parts)
    return edges[:-1], edges[1:]


def joined(parts: Sequence[Sequence[int] | np.ndarray]) -> np.ndarray:
    """All parts one after another."""
    return np.concatenate([np.empty(0, dtype=np.int64), *(np.asarray(part, dtype=np.int64) for part in parts)])


def widths_of(rows: np.ndarray, hours: Hours, n_units: int, n_teams: int, end_s: int) -> Widths:
    """How wide each part of a packed number must be."""
    n_rows = rows.shape[1]
    number_bits = max(n_rows, 2 * (n_units + n_teams)).bit_length()
    row_bits, time_bits, position_bits = n_rows.bit_length(), int(end_s).bit_length(), n_units.bit_length()
    second_bits = number_bits + (rules.N_RANKS - 1).bit_length()
    class_bits = int(rows[CLASS].max(initial=0)).bit_length()
    widest = max(second_bits + time_bits, class_bits + position_bits + time_bits + row_bits)
    latest_s = max(int(end_s), int(hours.closes.max(initial=0)), int(hours.gates.max(initial=0)))
    if widest > LARGEST_BITS or latest_s >> TIME_BITS or n_teams >> SMALL_BITS:
        raise too_large(n_rows, end_s)
    widths = (1 << number_bits, 1 << position_bits, 1 << time_bits, 1 << row_bits, number_bits, second_bits)
    return Widths(*np.array(widths))  # so that what they are multiplied with, uncompiled, is no 32-bit number


def too_large(n_rows: int, end_s: int) -> UsageError:
    """Numbers that have no room where they would be packed."""
    return UsageError(Fault("engine.too_large", {"rows": n_rows, "seconds": end_s}))


def doors_of(given: EngineInput, street: Street) -> np.ndarray:
    """The moments of all closings and openings, in order; of units, only where residents come, and not at lunch."""
    hours, units, n_teams = street.hours, street.units, len(street.teams)
    n_doors = n_teams + len(units)
    alike: dict[tuple[bool, int, int], list[int]] = {}
    for team, calendar in enumerate(given.teams["calendar"].tolist()):
        alike.setdefault((True, hours.hours_from[calendar], hours.hours_from[calendar + 1]), []).append(team)
    for unit in np.flatnonzero(street.queues["room"][1::2]).tolist():
        of = (False, units["first_hours"][unit], units["last_hours"][unit])
        alike.setdefault(of, []).append(n_teams + unit)
    moments: list[Any] = [np.empty(0, dtype=np.int64)]
    for (is_team, first, last), doors in alike.items():
        door: Any = np.array(doors, dtype=np.int64)
        opens, closes = hours.opens[first:last], hours.closes[first:last]
        if not is_team:
            closes = closes[hours.is_break[first:last] == 0]
        for number, at_s in ((rules.opening_number(door, n_doors), opens), (rules.closing_number(door), closes)):
            in_time: Any = at_s[at_s < given.end_s, np.newaxis]
            moments.append(np.ravel(rules.moment(in_time, rules.DOORS, number, street.widths.number)))
    return np.sort(np.concatenate(moments), kind="stable")  # each part is in order already


# ---- arrays to legs


def legs_of(given: EngineInput, street: Street, loop: ModuleType) -> pd.DataFrame:
    """The table ``legs``, in its one order."""
    attempts = np.ascontiguousarray(street.legs["attempt"])
    legs = np.empty((len(LEGS), int(attempts.sum())), dtype=np.int64)
    loop.report(street, np.cumsum(attempts) - attempts, legs)
    if not np.array_equal(street.rows[ROW], given.itineraries["row"]):
        legs[LEGS.index("row")] = np.repeat(given.itineraries["row"].to_numpy(), attempts)
    return pd.DataFrame(legs.T, columns=list(LEGS), copy=False)
