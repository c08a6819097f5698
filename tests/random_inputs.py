"""Random engine inputs for hypothesis, small and full of ties, and the tables they are made of.

Times lie on a coarse grid, so that many things fall on one instant. Hypothesis draws the sizes, the features and a
seed; each case is filled in from (seed, case), so that shrinking the number of cases leaves the others as they were.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from sim import calendars
from sim.scenario.schema import Calendar
from sim.tables import (
    CALENDARS,
    GATES,
    ITINERARIES,
    NONE,
    TEAMS,
    UNITS,
    AtClose,
    Closing,
    EngineInput,
    Ready,
)
from sim.units import DAY_S, HOUR_S, MINUTE_S

GRID_S = 10 * MINUTE_S
DEFAULTS = dict.fromkeys(ITINERARIES, NONE) | {
    "row": 0, "kind": 0, "visit": 0, "present": 0, "unit": 0, "n_before": 0, "ready_kind": int(Ready.WALL),
    "ready_s": 0, "work_s": 1, "class": 1, "n_tries": 0,
}  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def weekdays(*spans: tuple[str, str]) -> Calendar:
    """The same hours from Monday to Friday."""
    return Calendar.model_validate({"week": {day: list(spans) for day in WEEKDAYS}})


ALWAYS = Calendar(week="always")
CALENDARS_OF_THE_STREET = {
    "always": ALWAYS,
    "day": weekdays(("9:00", "17:00")),
    "lunch": weekdays(("9:00", "12:00"), ("13:00", "17:00")),
    "morning": weekdays(("8:00", "13:00")),
    "afternoon": weekdays(("12:00", "18:00")),
    "night": weekdays(("0:00", "6:00"), ("22:00", "24:00")),
    "weekend": Calendar.model_validate({"week": {"sat": [("10:00", "16:00")], "mon": [("9:00", "12:00")]}}),
}


def engine_input(
    rows: Iterable[Mapping[str, int]],
    units: Iterable[Sequence[int]],
    teams: Iterable[tuple[int, int, str]],
    hours: Mapping[str, Calendar],
    end_s: int,
    gates: Sequence[Sequence[int]] = (),
) -> EngineInput:
    """An input from rows (columns not given have their "none"), units and teams without their numbers."""
    return EngineInput(
        itineraries=pd.DataFrame([DEFAULTS | row for row in rows], columns=list(ITINERARIES), dtype="int64"),
        units=pd.DataFrame([(number, *unit) for number, unit in enumerate(units)], columns=list(UNITS)),
        teams=pd.DataFrame([(number, *team) for number, team in enumerate(teams)], columns=list(TEAMS)),
        calendars=calendars.build(hours, end_s)[1][list(CALENDARS)],
        gates=pd.DataFrame(
            [(gate, at_s) for gate, instants in enumerate(gates) for at_s in instants],
            columns=list(GATES),
            dtype="int64",
        ),
        end_s=end_s,
    )


def luck(*key: int) -> random.Random:
    """Random numbers that depend on the key alone."""
    return random.Random(repr(key))  # noqa: S311


def _units(rng: random.Random, n_units: int, put_back: bool) -> list[tuple[int, int, int, int]]:
    return [
        (
            int(rng.choice(list(Closing)) if put_back else Closing.FINISH),
            int(rng.choice(list(AtClose))),
            int(put_back and rng.random() < 0.5),
            rng.choice((0, 0, 1, GRID_S)) if put_back else 0,
        )
        for _ in range(n_units)
    ]


def _teams(rng: random.Random, n_teams: int, n_units: int, n_calendars: int) -> list[tuple[int, int, str]]:
    """Every unit is served; teams overlap, and may have nobody."""
    serves = [rng.sample(range(n_units), rng.randint(1, n_units)) for _ in range(n_teams)]
    for unit in range(n_units):
        if not any(unit in served for served in serves):
            rng.choice(serves).append(unit)
    return [
        (rng.choice((0, 1, 1, 1, 2, 3)), rng.randrange(n_calendars), " ".join(map(str, served))) for served in serves
    ]


def _row(
    rng: random.Random, case: int, row: int, n_rows: int, n_units: int, opens_s: int, n_calendars: int
) -> dict[str, Any]:
    """A row that leads to later rows of its case only, or back to itself on another day."""

    def later(chance: float) -> int:
        return rng.randrange(row + 1, n_rows) if row + 1 < n_rows and rng.random() < chance else NONE

    def perhaps(chance: float, value: int) -> int:
        return value if rng.random() < chance else NONE

    kind = rng.choice((Ready.WALL, Ready.WALL, Ready.WALL, Ready.WALL, Ready.WORKING, Ready.GATE, Ready.NEXT_OPEN_DAY))
    if row == 0 and rng.random() < 0.7:
        kind = Ready.WALL
    later_limit = later(0.6)
    is_present = int(rng.random() < 0.5)
    return {
        "case": case,
        "row": row,
        "kind": rng.randrange(4),
        "visit": rng.randrange(3),
        "present": is_present,
        "unit": rng.randrange(n_units),
        "n_before": 0 if row == 0 else rng.choice((1, 1, 1, 2)),
        "opens_s": opens_s if row == 0 else NONE,
        "ready_kind": int(kind),
        "ready_s": rng.choice((0, 0, 0, rng.randrange(20))) * GRID_S,
        "ready_at": 0 if kind == Ready.GATE else rng.randrange(n_calendars) if kind == Ready.WORKING else NONE,
        "return_s": rng.choice((NONE, 9 * HOUR_S, rng.randrange(144) * GRID_S)),
        "work_s": rng.choice(
            (1, rng.randint(1, 12) * GRID_S, rng.randint(1, 12) * GRID_S, rng.randint(1, 20 * HOUR_S))
        ),
        "ends_by_s": perhaps(0.15, opens_s + rng.randrange(200) * GRID_S),
        "class": NONE if not is_present and rng.random() < 0.2 else rng.randrange(3),
        "limit_s": perhaps(0.6, rng.randrange(1, 24) * GRID_S),
        "next_limit": later_limit if later_limit != NONE else perhaps(0.5, row),
        "n_tries": rng.randrange(3),
        "deadline_at_s": perhaps(0.25, opens_s + rng.randrange(100) * GRID_S),
        "next_deadline": later(0.6),
        "next_gave_up": later(0.5),
        "next_done": later(0.8),
        "also": later(0.2),
    }


def _with_gaps(rng: random.Random, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a case under other numbers in the same order."""
    new = [*sorted(rng.sample(range(3 * len(rows)), len(rows))), NONE]
    links = ("row", "next_limit", "next_gave_up", "next_deadline", "next_done", "also")
    return [row | {"case": 7 * row["case"]} | {name: new[row[name]] for name in links} for row in rows]


def street(
    seed: int,
    n_cases: int,
    n_units: int,
    n_teams: int,
    *,
    put_back: bool = True,
    crowded: bool = False,
    always_open: bool = False,
    gaps: bool = False,
) -> EngineInput:
    """A random street of a week and a half.

    ``put_back``: work may be interrupted and paused; ``crowded``: all come on two mornings; ``always_open``: no hours;
    ``gaps``: cases and rows are not numbered one after another.
    """
    rng = luck(seed)
    hours = {"always": ALWAYS} if always_open else CALENDARS_OF_THE_STREET
    end_s = 10 * DAY_S + rng.choice((0, 1, GRID_S))
    units = _units(rng, n_units, put_back)
    teams = _teams(rng, n_teams, n_units, len(hours))
    gates = [sorted(rng.sample(range(0, end_s, GRID_S), rng.choice((2, 12))))]
    rows = []
    for case in range(n_cases):
        own = luck(seed, case)
        day = own.randrange(2 if crowded else 7)
        opens_s = day * DAY_S + own.randrange(*((48, 72) if crowded else (0, 144))) * GRID_S
        n_rows = own.choice((1, 2, 3, 4))
        of_case = [_row(own, case, row, n_rows, n_units, opens_s, len(hours)) for row in range(n_rows)]
        rows += _with_gaps(own, of_case) if gaps else of_case
    return engine_input(rows, units, teams, hours, end_s, gates)


@st.composite
def streets(draw: st.DrawFn, *, put_back: bool | None = None, always_open: bool = False) -> EngineInput:
    """Any :func:`street`."""
    return street(
        draw(st.integers(0, 2**32)),
        draw(st.integers(1, 30)),
        draw(st.integers(1, 4)),
        draw(st.integers(1, 4)),
        put_back=draw(st.booleans()) if put_back is None else put_back,
        crowded=draw(st.booleans()),
        always_open=always_open,
        gaps=draw(st.booleans()),
    )


@st.composite
def offices(draw: st.DrawFn, *, max_size: int = 3) -> EngineInput:
    """One queue, first come first served, always open, so long that all are served."""
    size = draw(st.integers(1, max_size))
    arrivals = draw(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30)), min_size=1, max_size=25))
    rows = [{"case": k, "opens_s": at_s, "work_s": work_s} for k, (at_s, work_s) in enumerate(sorted(arrivals))]
    return engine_input(rows, [(0, 0, 0, 0)], [(size, 0, "0")], {"always": ALWAYS}, 10_000)
