"""Stays and trips: the legs of each case, given their own part of its time.

*Time is parted, not counted twice.* The non-complaint legs of a case are taken in order of joining, and each is given
only the time that no earlier one covers: what lies between the case's becoming known (or the end of all legs before
it) and its own end. So the parts of a case add up to its time from opening to leaving, to the second, also where ways
ran side by side (then a second belongs to the leg that joined first; it is not the critical path). The parts are

- ``unseen_s``: before the legs: a problem in the grid is there, and nobody who would see to it knows;
- ``seemed_s``: between legs: it is closed though nothing is settled, until the resident asks again;
- ``hand_off_s``: between legs, by the wall clock, nights included: the paper travels, the resident walks on;
- ``gate_s``: after the hand-off, until the gate (a mail bag, a meeting) next lets pass;
- ``own_delay_s``: before a trip, the resident's own time: mending papers (not the way the papers and word of them take
  back down, which is a hand-off), and the hours in which the unit is open but the resident is not there yet;
- ``closed_hours_s``: the unit where the case waits, or to which the resident is coming, is closed; lunch included;
- ``queue_s``: joined, not being worked on, though the unit is open (also work put back for somebody else);
- ``work_time_s``: being worked on.

*Waiting* (``wait_s``) is the part of queue and lunch that a resident spends standing there: from joining to being
served, and again while put back, without the hours from closing to opening. A *trip* is a visit number, or one more
attempt at it; it goes to the level, and to the door, of the first unit of that trip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.hours import Hours
from sim.tables import NONE, Kind, Outcome, Plan, Ready

LEVELS = ("community", "street", "department")
"""From near to far; a case's level is the farthest that worked on it."""
DOORS = ("community", "area", "street", "department")
"""Whose door a unit is behind: that of its level; in each area the area's own."""
STAY_PARTS = ("seemed_s", "queue_s", "hand_off_s", "gate_s", "closed_hours_s", "own_delay_s", "work_time_s")
"""The parts that belong to a case's legs."""
PARTS = ("unseen_s", *STAY_PARTS)
"""The parts of the time from opening to leaving."""
_MANY = np.int64(2**16)  # more rows and attempts than a case has
_FAR = np.int64(2**40)  # later than any instant: keeps the cases apart where all are scanned at once


@dataclass(frozen=True, eq=False)
class Stays:
    """The stays of a run (see :func:`stays`), the opening hours they are reckoned by, and the trips among them."""

    plan: Plan
    hours: Hours
    table: pd.DataFrame

    @cached_property
    def trips(self) -> pd.DataFrame:
        """A row a trip, as :func:`trips_of` has it."""
        return trips_of(self.plan, self.table)


def stays(plan: Plan, legs: pd.DataFrame) -> Stays:
    """The legs of residents' cases and tasks (no complaints, no duties), each with its own part of the case's time.

    Parameters
    ----------
    plan, legs
        Demand under a structure, and what the engine made of it (``tables.LEGS``).

    Returns
    -------
    ``table`` has a row a leg, sorted by case and time: ``at`` (position of the case in ``plan.cases``), ``position``
    (of the possible leg in the itineraries), ``row``, ``attempt``, ``visit``, ``unit``, ``present``, ``outcome``,
    ``joined_s`` (-1: not yet), ``begins_s``, ``starts_s``, ``ends_s`` (the stay without what earlier legs cover;
    unfinished ones end with the run), ``worked_s``, ``wait_s``, STAY_PARTS, ``trip`` (numbered through all cases, -1:
    none), ``asks_again`` (with it, what seemed settled is asked for again) and ``ends_case`` (it ended, and nothing but
    a complaint follows).
    """
    hours = Hours(plan.engine_input)
    end_s = plan.engine_input.end_s
    own = np.flatnonzero(np.isin(legs["kind"].to_numpy(), (Kind.RESIDENT, Kind.TASK)))
    leg = {name: legs[name].to_numpy()[own] for name in legs.columns}
    at = position_of(plan.cases["case"].to_numpy(), leg["case"])
    joined = np.where(leg["joined_s"] == NONE, end_s, leg["joined_s"])
    ended = np.where(leg["ended_s"] == NONE, end_s, leg["ended_s"])
    order = _in_time(leg, at, joined, ended)
    leg = {name: column[order] for name, column in leg.items()}
    at, joined, ended = at[order], joined[order], ended[order]
    position = row_position(plan.engine_input.itineraries, leg["case"], leg["row"])
    row = _rows_of(plan.engine_input.itineraries, position)

    covered = _covered_until(at, ended, plan.cases["found_s"].to_numpy())
    begins = np.maximum(joined, covered)
    ends = np.maximum(ended, begins)
    starts = np.clip(np.where(leg["started_s"] == NONE, ends, leg["started_s"]), begins, ends)
    unit, present = leg["unit"], row["present"] == 1
    trip = _trips(at, leg["visit"], leg["attempt"], present)

    queue = hours.open_s(unit, begins, starts)
    work = np.minimum(leg["worked_s"], ends - starts)
    put_back = ends - starts - work
    back = np.flatnonzero(put_back > 0)
    put_back_closed, put_back_away = np.zeros((2, len(at)), dtype=np.int64)
    for part, there_s in ((put_back_closed, hours.open_s), (put_back_away, hours.admits_s)):
        absent_s = (ends - starts)[back] - there_s(unit[back], starts[back], ends[back])
        part[back] = np.minimum(put_back[back], absent_s)
    parts = _before_joining(hours, leg, row, trip >= 0, covered, begins)
    parts["queue_s"] = queue + put_back - put_back_closed
    parts["closed_hours_s"] += starts - begins - queue + put_back_closed
    parts["work_time_s"] = work
    wait = hours.admits_s(unit, begins, np.where(present, starts, begins)) + put_back - put_back_away
    table = pd.DataFrame(
        {
            "at": at,
            "position": position,
            **{name: leg[name] for name in ("row", "attempt", "visit", "unit")},
            "present": present,
            **{name: leg[name] for name in ("outcome", "joined_s")},
            "begins_s": begins,
            "starts_s": starts,
            "ends_s": ends,
            "worked_s": leg["worked_s"],
            "wait_s": np.where(present, wait, 0),
            **{name: parts[name] for name in STAY_PARTS},
            "trip": np.where(present & (leg["joined_s"] != NONE), np.maximum.accumulate(trip), NONE),
            "asks_again": (row["seemed_s"] != NONE) & (leg["attempt"] == 1) & (leg["joined_s"] != NONE),
            "ends_case": _ends_case(leg["outcome"], row),
        },
        copy=False,
    )
    return Stays(plan, hours, table)


def _rows_of(itineraries: pd.DataFrame, position: np.ndarray) -> dict[str, np.ndarray]:
    """What the itineraries say of each leg's row, and ``next_kind``/``gave_up_kind``: kinds of the rows that follow."""
    kind = itineraries["kind"].to_numpy()
    found = {
        name: itineraries[name].to_numpy()[position]
        for name in ("row", "present", "ready_kind", "ready_s", "own_s", "seemed_s", "next_done", "next_gave_up")
    }
    for name, link in (("next_kind", "next_done"), ("gave_up_kind", "next_gave_up")):
        follows = position + found[link] - found["row"]
        found[name] = np.where(found[link] == NONE, NONE, kind[np.where(found[link] == NONE, position, follows)])
    return found


def row_position(itineraries: pd.DataFrame, case: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Where rows stand in the itineraries; any row of the case for row -1, the end for a case that has none."""
    cases, rows = itineraries["case"].to_numpy(), itineraries["row"].to_numpy()
    firsts = np.flatnonzero(is_first(cases))
    wanted = np.maximum(row, 0)
    if np.array_equal(rows, np.arange(len(rows)) - np.repeat(firsts, np.diff(firsts, append=len(rows)))):
        first_of = np.full(1 + max(cases.max(initial=0), np.max(case, initial=0)), len(rows), dtype=np.int64)
        first_of[cases[firsts]] = firsts
        return np.minimum(first_of[case] + wanted, len(rows))
    width = 1 + rows.max(initial=0)
    return np.asarray(np.searchsorted(cases * width + rows, case * width + wanted))


def position_of(sorted_numbers: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Where each number stands among sorted ones; numbers without gaps from 0 are their own positions."""
    if len(sorted_numbers) and sorted_numbers[0] == 0 and sorted_numbers[-1] == len(sorted_numbers) - 1:
        return numbers
    return np.asarray(np.searchsorted(sorted_numbers, numbers))


def _in_time(leg: dict[str, np.ndarray], at: np.ndarray, joined: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """The order of the legs by case, joining, end, row, attempt.

    They come nearly in it, by case, row and attempt: a stable sort by case and joining is all but done already, and
    only what joined in one instant needs more.
    """
    key = at * _FAR + joined
    if not _is_sorted(leg["attempt"] + (leg["row"] + at * _MANY) * _MANY):
        return np.lexsort((leg["attempt"], leg["row"], ended, key))
    order = np.argsort(key, kind="stable")
    same = np.diff(key[order]) == 0
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    order[tied] = order[tied][np.lexsort((ended[order[tied]], key[order[tied]]))]
    return order


def _is_sorted(values: np.ndarray) -> bool:
    return bool((np.diff(values) >= 0).all())


def _covered_until(at: np.ndarray, ended: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The latest end among the legs before each leg of a case; when the case became known for its first."""
    before = np.concatenate(([0], ended[:-1]))
    before = np.where(is_first(at), found[at], before) + at * _FAR
    return np.asarray(np.maximum.accumulate(before) - at * _FAR)


def is_first(at: np.ndarray) -> np.ndarray:
    """Whether each value of a sorted array is the first of its kind."""
    return np.asarray(np.diff(at, prepend=NONE) != 0)


def _trips(at: np.ndarray, visit: np.ndarray, attempt: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Number of the trip that begins with each leg, through all cases; -1 where none begins."""
    here = np.flatnonzero(present)
    mine = at[here] * _FAR + visit[here]
    begins = is_first(mine) | (attempt[here] > 1)
    trip = np.full(len(at), NONE, dtype=np.int64)
    trip[here[begins]] = np.arange(int(begins.sum()))
    return trip


def _before_joining(
    hours: Hours,
    leg: dict[str, np.ndarray],
    row: dict[str, np.ndarray],
    begins_trip: np.ndarray,
    covered: np.ndarray,
    begins: np.ndarray,
) -> dict[str, np.ndarray]:
    """Part the time between what came before and joining: the delay of the row first, then what it runs into."""
    again = leg["attempt"] > 1
    gap = begins - covered
    delay = np.where(row["ready_kind"] == Ready.WORKING, gap, row["ready_s"])
    lead = np.minimum(gap, np.where(again, 0, delay))
    rest = gap - lead
    seemed = np.clip(row["seemed_s"], 0, lead)
    shut = rest - hours.open_s(leg["unit"], covered + lead, begins)
    own = begins_trip | again
    at_gate = (row["ready_kind"] == Ready.GATE) & ~again
    comes = ~at_gate & (own | (row["present"] == 1))
    own_lead = np.where(own, np.where(row["own_s"] == NONE, lead, np.minimum(lead, row["own_s"])), 0)
    return {
        "seemed_s": seemed,
        "hand_off_s": lead - seemed - own_lead + np.where(at_gate | comes, 0, rest),
        "gate_s": np.where(at_gate, rest, 0),
        "own_delay_s": own_lead + np.where(comes, rest - shut, 0),
        "closed_hours_s": np.where(comes, shut, 0),
    }


def _ends_case(outcome: np.ndarray, row: dict[str, np.ndarray]) -> np.ndarray:
    last = np.isin(row["next_kind"], (NONE, Kind.COMPLAINT))
    out = np.isin(row["gave_up_kind"], (NONE, Kind.COMPLAINT))
    done = np.isin(outcome, (Outcome.DONE, Outcome.CUT))
    return np.asarray((done & last) | ((outcome == Outcome.GAVE_UP) & out) | (outcome == Outcome.MISSED))


def trips_of(plan: Plan, stay: pd.DataFrame) -> pd.DataFrame:
    """The trips (see :func:`visits_table`) among some stays, with their ways there and back, ``travel_s``.

    ``at`` is the position of the case in ``plan.cases``.
    """
    here = np.flatnonzero(stay["trip"].to_numpy() != NONE)
    first = is_first(stay["trip"].to_numpy()[here])
    last = here[np.concatenate((first[1:], [True]))[: len(first)]]
    opening = here[first]
    at, visit, joined, unit = (stay[name].to_numpy()[opening] for name in ("at", "visit", "joined_s", "unit"))
    attempt = np.arange(len(opening))
    same_visit = ~is_first(at * _FAR + visit)
    attempt = attempt - np.maximum.accumulate(np.where(same_visit, 0, attempt)) + 1
    waited = np.bincount(np.cumsum(first) - 1, stay["wait_s"].to_numpy()[here], len(opening))
    return pd.DataFrame(
        {
            "case": plan.cases["case"].to_numpy()[at],
            "visit": visit,
            "attempt": attempt,
            "level": text(level_of_unit(plan)[unit], LEVELS),
            "joined_s": joined,
            "wait_s": waited.astype(np.int64),
            "outcome": text(stay["outcome"].to_numpy()[last], [outcome.name.lower() for outcome in Outcome]),
            "at": at,
            "travel_s": ways_s(plan, at, unit),
        },
        copy=False,
    )


def level_of_unit(plan: Plan) -> np.ndarray:
    """Position of each unit's level in LEVELS; a residents' committee stands in its community."""
    near = {"committee": "community"}
    return np.array([LEVELS.index(near.get(level, level)) for level in plan.units["level"]], dtype=np.int64)


def ways_s(plan: Plan, at: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Seconds both ways from the homes of cases (by position in ``plan.cases``) to the doors of units; (n,) int64."""
    door = np.array([DOORS.index(level) for level in LEVELS])[level_of_unit(plan)]
    door[plan.units["each"] == "area"] = DOORS.index("area")
    ways = plan.cases[[f"{name}_travel_s" for name in DOORS]].to_numpy()
    return np.asarray(ways[at, door[unit]])


def text(codes: pd.Series | np.ndarray, names: Sequence[str]) -> pd.Categorical[str]:
    """Names for codes; -1 is the last name."""
    kinds = list(dict.fromkeys(names))
    position = np.array([kinds.index(name) for name in names], dtype=np.int64)
    return pd.Categorical.from_codes(position[np.asarray(codes)], categories=pd.Index(kinds))
