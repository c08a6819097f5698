"""A small street said in the scenario language, its cases chosen by hand, and its plan as lines that can be read.

Two communities, east (40 households) and west (60); an office week of Monday to Friday 9:00-12:00 and 13:00-17:00, so
seven hours a working day. A line of :func:`lines` is ``case.row unit@place`` and whatever is not as usual: ``opens``
of a first row, how it becomes ready (``wall`` minutes, ``working`` minutes of a calendar, ``gate``, ``day``), ``own``
minutes of that and ``seemed`` (minutes in which all seemed settled), ``visit``, ``work`` in minutes (always), ``class``
(usual: 1; -1: it lies), ``limit`` minutes and the row it leads to (``self``: another day), ``tries``, ``gave_up``,
``deadline``, ``ends``, ``join`` (so many predecessors), ``also`` and ``next``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.demand import Demand, MatterCases
from sim.itineraries import plan
from sim.scenario.schema import Scenario
from sim.streams import Streams
from sim.tables import NONE, Kind, Plan, Ready
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S, parse_clock

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = {"week": {day: [("9:00", "12:00"), ("13:00", "17:00")] for day in DAYS[:5]}}
COMMUNITIES = {"east": {"households": 40}, "west": {"households": 60}}
UNITS = {
    "counter": {"each": "community"},
    "desk": {"kind": "desk", "each": "community"},
    "hall": {"level": "street"},
    "section": {"kind": "desk", "level": "street"},
    "bureau": {"kind": "desk", "level": "department"},
}
TEAMS = {
    "station": {"size": 3, "calendar": "office", "serves": ["counter", "desk"], "each": "community"},
    "office": {"size": 2, "calendar": "office", "serves": ["hall", "section"], "level": "street"},
    "bureau": {"size": 1, "calendar": "office", "serves": ["bureau"], "level": "department"},
}
EAST, WEST = 0, 99
"""A household of each community."""


def text(words: str) -> dict[str, str]:
    """The same in both languages."""
    return {"zh": words, "en": words}


def scenario(
    matters: dict[str, dict[str, Any]],
    procedures: dict[str, list[dict[str, Any]]],
    *,
    calendars: dict[str, Any] | None = None,
    gates: dict[str, Any] | None = None,
    place: dict[str, Any] | None = None,
    demand: dict[str, Any] | None = None,
    run: dict[str, Any] | None = None,
    **structure: Any,
) -> Scenario:
    """The small street with some matters; ``procedures`` maps a matter (or ``complaint``) to its steps."""
    named = {name: {"name": text(name), "work": "10 min", "rate": "0 / day"} | one for name, one in matters.items()}
    for matter in named.values():
        if "schedule" in matter:
            del matter["rate"]
    return Scenario.model_validate(
        {
            "yizhan": 1,
            "name": "small",
            "title": text("small"),
            "run": run or {},
            "place": {"households": 100} | (place or {}),
            "calendars": {"office": OFFICE} | (calendars or {}),
            "gates": gates or {},
            "demand": {"matters": named} | (demand or {}),
            "structure": {
                "communities": COMMUNITIES,
                "units": UNITS | structure.pop("units", {}),
                "teams": TEAMS | structure.pop("teams", {}),
                "procedures": {name: {"for": [name], "steps": steps} for name, steps in procedures.items()},
                **structure,
            },
        }
    )


def asked(street: Scenario, weeks: int = 2, seed: int = 1, **cases: list[tuple[str, int]]) -> Demand:
    """A demand of cases written out by matter, each with when it was asked and by which household (-1: a task)."""
    matters, first = [], 0
    for number, (name, matter) in enumerate(street.demand.matters.items()):
        own = cases.get(name, [])
        index = np.arange(len(own))
        opened = np.array([at(when) for when, _ in own], dtype=np.int64)
        household = np.array([home for _, home in own], dtype=np.int64)
        matters.append(MatterCases(matter, number, name, first + index, index, len(own), opened, household))
        first += len(own)
    return Demand(Streams(seed, 0), weeks * WEEK_S, street.place.households, tuple(matters))


def planned(street: Scenario, weeks: int = 2, seed: int = 1, **cases: list[tuple[str, int]]) -> Plan:
    """The plan of cases written out."""
    return plan(street, asked(street, weeks, seed, **cases))


def at(when: str) -> int:
    """``tue-9:30``, ``tue-9:30+1w`` -> seconds."""
    day, _, clock = when.partition("-")
    clock, _, weeks = clock.partition("+")
    return DAYS.index(day) * DAY_S + parse_clock(clock) + int(weeks.removesuffix("w") or 0) * WEEK_S


def said(at_s: int) -> str:
    """Seconds -> ``tue-9:30``."""
    week, in_week = divmod(at_s, WEEK_S)
    minute = in_week % DAY_S // MINUTE_S
    return f"{DAYS[in_week // DAY_S]}-{minute // 60}:{minute % 60:02d}" + (f"+{week}w" if week else "")


def minutes(seconds: int) -> str:
    """Seconds as minutes."""
    return f"{seconds / MINUTE_S:g}"


def lines(given: Plan, kind: Kind | None = None) -> list[str]:
    """Each row as a line (all, or those of one kind); see the head of this file."""
    names = given.units["unit"].tolist()
    rows = given.engine_input.itineraries.to_dict("records")
    return [_line(row, names) for row in rows if kind is None or row["kind"] == kind]


def _line(row: dict[str, int], names: list[str]) -> str:
    words = [f"{row['case']}.{row['row']} {names[row['unit']]}"]
    if row["kind"] in (Kind.COMPLAINT, Kind.SUPERVISION):
        words.append(Kind(row["kind"]).name.lower())
    if row["opens_s"] != NONE:
        words.append(f"opens={said(row['opens_s'])}")
    words += _ready(row)
    if row["visit"] or row["present"]:
        words.append(f"visit={row['visit']}" if row["present"] else "nobody stands there")
    words.append(f"work={minutes(row['work_s'])}")
    if row["class"] != 1:
        words.append(f"class={row['class']}")
    if row["limit_s"] != NONE:
        words.append(f"limit={minutes(row['limit_s'])}>{_to(row, 'next_limit')}")
    if row["n_tries"]:
        words.append(f"tries={row['n_tries']}")
    if row["deadline_at_s"] != NONE:
        words.append(f"deadline={said(row['deadline_at_s'])}>{_to(row, 'next_deadline')}")
    if row["ends_by_s"] != NONE:
        words.append(f"ends={said(row['ends_by_s'])}")
    if row["n_before"] > 1:
        words.append(f"join={row['n_before']}")
    words += [f"{key}={row[name]}" for key, name in (("gave_up", "next_gave_up"), ("also", "also")) if row[name] >= 0]
    words.append(f"next={_to(row, 'next_done')}")
    return " ".join(words)


def _ready(row: dict[str, int]) -> list[str]:
    amount = minutes(row["ready_s"])
    words = {
        Ready.WALL: f"wall={amount}",
        Ready.WORKING: f"working={amount}@{row['ready_at']}",
        Ready.GATE: f"gate={row['ready_at']}+{amount}",
        Ready.NEXT_OPEN_DAY: f"day={amount}",
    }[Ready(row["ready_kind"])]
    own = [] if row["own_s"] == NONE else [f"own={minutes(row['own_s'])}"]
    seemed = [] if row["seemed_s"] == NONE else [f"seemed={minutes(row['seemed_s'])}"]
    return [*([] if words == "wall=0" else [words]), *own, *seemed]


def _to(row: dict[str, int], link: str) -> str:
    if row[link] == NONE:
        return "out"
    return "self" if row[link] == row["row"] else str(row[link])


def hours(number: float) -> int:
    """Hours as seconds."""
    return round(number * HOUR_S)
