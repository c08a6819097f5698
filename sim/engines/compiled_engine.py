"""The compiled engine: tables to arrays, the loop of :mod:`sim.engines.kernel` compiled by numba, arrays to ``legs``.

It reads the same tables as the SimPy engine and writes the same legs; both decide by :mod:`sim.rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

import numpy as np
import pandas as pd

from sim import calendars, rules
from sim.calendars import NEVER_OPEN, Periods
from sim.engines import jit
from sim.engines.kernel import IS_FULL, Offices, Rows, State, Widths
from sim.errors import Fault, UsageError
from sim.tables import ITINERARIES, LEGS, NONE, EngineInput

N_COUNTERS = 7
N_KEPT = 9
LINKS = ("next_limit", "next_gave_up", "next_deadline", "next_done", "also")
LARGEST_BITS = 62


def run(engine_input: EngineInput) -> pd.DataFrame:
    """The ``legs`` of an input; see :func:`sim.engines.simpy_engine.run`.

    Raises
    ------
    UsageError
        If times, rows and units together need more than 62 bits: some two million rows over a hundred years.
    """
    loop = jit.loop()
    rows = rows_of(engine_input.itineraries)
    offices = offices_of(engine_input, rows)
    widths = widths_of(engine_input, rows)
    room = 1
    while True:
        state = new_state(rows, offices, room)
        firsts = np.empty(len(rows.row), dtype=np.int64)
        n_first = loop.first_moments(rows, offices, state, widths, firsts, engine_input.end_s)
        firsts = np.sort(firsts[:n_first])
        doors = doors_of(engine_input, rows, offices, widths)
        if loop.simulate(rows, offices, state, widths, firsts, doors, engine_input.end_s):
            return legs_of(engine_input, rows, state, loop)
        room *= 4


# ---- tables to arrays


def rows_of(itineraries: pd.DataFrame) -> Rows:
    """The itineraries by column; links and row numbers count from the first row of their case."""
    table = {name: np.ascontiguousarray(itineraries[name].to_numpy(dtype=np.int64)) for name in ITINERARIES}
    case, row = table["case"], table["row"]
    every = np.arange(len(case))
    first = np.maximum.accumulate(np.where(np.diff(case, prepend=NONE) != 0, every, 0)) if len(case) else every
    if not np.array_equal(row, every - first):
        width = 1 + row.max()
        key = case * width + row
        for name in LINKS:
            link = table[name]
            table[name] = np.where(link == NONE, NONE, np.searchsorted(key, case * width + link) - first)
        table["row"] = every - first
    classes, table["class_"] = np.unique(table["class"], return_inverse=True)
    return Rows(first, *(table[name] for name in Rows._fields[1:]))


def offices_of(given: EngineInput, rows: Rows) -> Offices:
    """Units, teams, hours and gates as arrays."""
    served = [[int(unit) for unit in text.split()] for text in given.teams["serves"]]
    n_units, n_teams = len(given.units), len(given.teams)
    serving: list[list[int]] = [[] for _ in range(n_units)]
    for team, units in enumerate(served):
        for unit in units:
            serving[unit].append(team)
    calendar_of = given.teams["calendar"].tolist()
    own = {number: calendars.read(given.calendars, number) for number in given.calendars["calendar"].unique()}
    hours = [own.get(number, NEVER_OPEN) for number in range(1 + max([*own, *calendar_of], default=0))]
    unions: dict[frozenset[int], int] = {}
    unit_hours = np.zeros(n_units, dtype=np.int64)
    for unit, teams in enumerate(serving):
        kept = frozenset(calendar_of[team] for team in teams)
        if kept not in unions:
            unions[kept] = len(hours)
            hours.append(calendars.union(hours[number] for number in sorted(kept)))
        unit_hours[unit] = unions[kept]
    units = {name: np.ascontiguousarray(given.units[name].to_numpy(dtype=np.int64)) for name in given.units}
    queue_length = np.bincount(2 * rows.unit + rows.present, minlength=2 * n_units)
    size = np.minimum(given.teams["size"].to_numpy(dtype=np.int64), len(rows.row))
    yields = units["yields"]
    gates = {number: np.sort(at_s.to_numpy(np.int64)) for number, at_s in given.gates.groupby("gate")["at_s"]}
    gate_list = [gates.get(number, np.empty(0, dtype=np.int64)) for number in range(1 + max(gates, default=0))]
    return Offices(
        closing=units["closing"],
        at_close=units["at_close"],
        yields=yields,
        restart_s=units["restart_s"],
        unit_hours=unit_hours,
        team_from=_from(serving),
        team=_joined(serving),
        queue_from=np.concatenate(([0], np.cumsum(queue_length))),
        size=size,
        may_be_interrupted=np.array([int(any(yields[unit] for unit in units)) for units in served], dtype=np.int64),
        unit_from=_from(served),
        served=_joined(served),
        serving_from=np.concatenate(([0], np.cumsum(size))),
        hours_from=_from([periods.opens for periods in hours]),
        **{name: _joined([getattr(periods, name) for periods in hours]) for name in Periods._fields},
        gate_from=_from(gate_list),
        gate=_joined(gate_list),
    )


def _from(parts: Iterable[list[int] | np.ndarray]) -> np.ndarray:
    """Where each part begins in all of them one after another, and where the last ends."""
    return np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)


def _joined(parts: Iterable[list[int] | np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype=np.int64), *(np.asarray(part, dtype=np.int64) for part in parts)])


def widths_of(given: EngineInput, rows: Rows) -> Widths:
    """Powers of two that are more than what they pack."""
    n_rows, n_units, n_doors = len(rows.row), len(given.units), len(given.units) + len(given.teams)
    number_bits = max(n_rows, 2 * n_doors).bit_length()
    row_bits, time_bits = n_rows.bit_length(), int(given.end_s).bit_length()
    position_bits, class_bits = n_units.bit_length(), int(rows.class_.max(initial=0)).bit_length()
    second_bits = number_bits + (rules.N_RANKS - 1).bit_length()
    if max(second_bits + time_bits, class_bits + position_bits + time_bits + row_bits) > LARGEST_BITS:
        raise UsageError(Fault("engine.too_large", {"rows": n_rows, "seconds": given.end_s}))
    return Widths(1 << number_bits, 1 << position_bits, 1 << time_bits, 1 << row_bits, number_bits, second_bits)


def doors_of(given: EngineInput, rows: Rows, offices: Offices, widths: Widths) -> np.ndarray:
    """The moments of all closings and openings, in order; of units, only where residents come."""
    n_teams, n_units = len(given.teams), len(given.units)
    n_doors = n_teams + n_units
    visited = np.flatnonzero(np.diff(offices.queue_from)[1::2])
    doors = [(team, calendar) for team, calendar in enumerate(given.teams["calendar"].tolist())]
    doors += [(n_teams + unit, offices.unit_hours[unit]) for unit in visited.tolist()]
    moments = [np.empty(0, dtype=np.int64)]
    for door, hours in doors:
        here = slice(offices.hours_from[hours], offices.hours_from[hours + 1])
        opens, closes = offices.opens[here], offices.closes[here]
        opening, closing = rules.opening_number(door, n_doors), rules.closing_number(door)
        moments.append(rules.moment(opens[opens < given.end_s], rules.DOORS, opening, widths.number))
        shuts = (closes < given.end_s) & ((door < n_teams) | (offices.is_break[here] == 0))  # lunch is no closing
        moments.append(rules.moment(closes[shuts], rules.DOORS, closing, widths.number))
    return np.sort(np.concatenate(moments))


def new_state(rows: Rows, offices: Offices, room: int) -> State:
    """Nobody is there yet; ``room`` multiplies what cannot be known beforehand."""
    n_rows, n_units, n_teams = len(rows.row), len(offices.closing), len(offices.size)

    def every(n: int, value: int = 0) -> np.ndarray:
        return np.full(n, value, dtype=np.int64)

    by_row = {
        name: np.empty(n_rows, dtype=np.int64)
        for name in ("ready_s", "joined_s", "limit_from_s", "started_s", "spell_s", "left_s", "worked_s", "team",
                     "outcome", "ended_s", "leaving_at_s", "leaving_rank", "slot")
    }  # fmt: skip
    return State(
        **by_row,
        attempt=every(n_rows),
        ends_s=every(n_rows, NONE),
        is_waiting=every(n_rows),
        is_held=every(n_rows),
        n_arrived=every(n_rows),
        queue=np.empty(n_rows, dtype=np.int64),
        n_queue=every(2 * n_units),
        serving=np.empty(int(offices.serving_from[-1]), dtype=np.int64),
        n_serving=every(n_teams),
        is_open=every(n_teams),
        is_touched=every(n_teams),
        events=np.empty(room * (n_rows + 1024), dtype=np.int64),
        fresh=np.empty(n_rows, dtype=np.int64),
        earlier=np.empty((room * (n_rows // 4 + 256), N_KEPT), dtype=np.int64),
        counter=every(N_COUNTERS),
    )


# ---- arrays to legs


def legs_of(given: EngineInput, rows: Rows, state: State, loop: ModuleType) -> pd.DataFrame:
    """The table ``legs``, in its one order."""
    offset = np.concatenate(([0], np.cumsum(state.attempt)))
    kept = np.empty((N_KEPT, int(offset[-1])), dtype=np.int64)
    loop.report(rows, state, offset, kept, given.end_s)
    at = kept[0]
    known = dict(zip(("attempt", "team", "ready_s", "joined_s", "started_s", "ended_s", "worked_s", "outcome"), kept[1:]))
    legs = np.empty((len(LEGS), len(at)), dtype=np.int64)
    for number, name in enumerate(LEGS):
        legs[number] = known[name] if name in known else given.itineraries[name].to_numpy()[at]
    return pd.DataFrame(legs.T, columns=list(LEGS), copy=False)
