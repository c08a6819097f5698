"""What became of each case: a row a case, and a row a trip.

How waiting, trips and the parts of a case's time are counted is said in :mod:`sim.stays`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.stays import LEVELS, STAY_PARTS, Stays, is_first, level_of_unit, position_of, stays, text
from sim.tables import FOUND_BY, NONE, Kind, Outcome, Plan

FATES = ("closed", "gave_up", "missed", "open", "refused")
"""What became of a case; a task refused at admission has no legs at all."""
_CLOSED, _GAVE_UP, _MISSED, _OPEN, _REFUSED = range(5)


def journeys(
    plan: Plan,
    legs: pd.DataFrame,
    matters: Sequence[str],
    communities: Sequence[str],
    channels: Sequence[str],
    walked: Stays | None = None,
) -> pd.DataFrame:
    """What became of each resident's case and each task: a row a case, in the order of ``plan.cases``.

    Parameters
    ----------
    plan, legs
        Demand under a structure, and what the engine made of it.
    matters, communities, channels
        Ids of the matters and communities by number, and each matter's kind (counter, hotline, grid …).
    walked
        :func:`sim.stays.stays` of the two, if they are at hand.

    Returns
    -------
    ``case, matter, kind, community`` ('' for the whole street), ``channel, opened_s, closed_s`` (-1: not closed),
    ``outcome`` (FATES), ``level`` (the farthest that worked on it, '' if none did), ``visits`` (trips begun),
    ``wait_s, work_s, travel_s`` (all trips, both ways), ``on_time`` (1 closed by ``due_s``; 0 not; -1 nothing promised,
    or still open and not yet due), ``left_s`` (when it was closed, given up or missed; -1: still open, or refused),
    ``due_s, elderly, distant, complained`` (1: a complaint was begun), ``lapsed`` (1: a row of it passed its
    deadline), ``found_s`` (when it became known, which for all but problems in the grid is when it was opened; -1: not
    yet), ``found_by`` (FOUND_BY; '': not yet), ``unsettled`` (how many times in a row work on it settles nothing; -1:
    work always settles it), ``reopened`` (times it was asked for again), and the PARTS of the time from opening to
    leaving (to the end of the run, if it is still open).

    A case is open while a row of it may still be done, also while it only seems settled, so ``closed_s`` is when it was
    closed for good; missed if one of its rows was; complaints do not count.
    """
    cases = plan.cases
    own = cases["kind"].isin([Kind.RESIDENT, Kind.TASK]).to_numpy()
    walked = stays(plan, legs) if walked is None else walked
    stay, trips = walked.table, walked.trips
    at, n = stay["at"].to_numpy(), len(cases)

    def total(values: pd.Series | np.ndarray) -> np.ndarray:
        return np.bincount(at, np.asarray(values, dtype=np.float64), n).astype(np.int64)

    fate, left = _fates(plan, stay)
    opened, found, due = (cases[name].to_numpy() for name in ("opened_s", "found_s", "due_s"))
    closed = np.where(fate == _CLOSED, left, NONE)
    worked = np.where(stay["worked_s"] > 0, level_of_unit(plan)[stay["unit"]], -1)
    kinds = [kind.name.lower() for kind in Kind]
    table = pd.DataFrame(
        {
            "case": cases["case"],
            "matter": text(cases["matter"], matters),
            "kind": text(cases["kind"], kinds),
            "community": text(cases["community"], [*communities, ""]),
            "channel": text(cases["matter"], channels),
            "opened_s": opened,
            "closed_s": closed,
            "outcome": text(fate, FATES),
            "level": text(_greatest(at, worked, n), [*LEVELS, ""]),
            "visits": np.bincount(trips["at"], minlength=n),
            "wait_s": total(stay["wait_s"]),
            "work_s": total(stay["worked_s"]),
            "travel_s": np.bincount(trips["at"], trips["travel_s"], n).astype(np.int64),
            "on_time": _on_time(fate, closed, due, plan.engine_input.end_s),
            "left_s": left,
            "due_s": due,
            "elderly": cases["elderly"],
            "distant": cases["distant"],
            "complained": _any(plan, legs.loc[legs["kind"] == Kind.COMPLAINT, "case"]),
            "lapsed": (total(np.isin(stay["outcome"], (Outcome.OVERDUE, Outcome.MISSED))) > 0).astype(np.int64),
            "found_s": found,
            "found_by": text(cases["found_by"], [*FOUND_BY, ""]),
            "unsettled": cases["unsettled"],
            "reopened": total(stay["asks_again"]),
            "unseen_s": np.where(found == NONE, plan.engine_input.end_s, found) - opened,
            **{name: total(stay[name]) for name in STAY_PARTS},
        },
        copy=False,
    )
    return table if own.all() else table[own].reset_index(drop=True)


def visits_table(plan: Plan, legs: pd.DataFrame) -> pd.DataFrame:
    """A row a trip: ``case, visit, attempt, level, joined_s, wait_s, outcome``, in the order of case and time.

    ``attempt`` counts the trips of a visit number from 1; ``wait_s`` is the waiting at all units of the trip (who
    left, or waits still, with what they waited); ``outcome`` is that of its last leg (an ``Outcome`` in lower case).
    """
    return stays(plan, legs).trips.drop(columns=["at", "travel_s"])


def _fates(plan: Plan, stay: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The fate of each case (position in FATES) and when it left (-1: still open)."""
    n = len(plan.cases)
    at, outcome, ends_case = stay["at"].to_numpy(), stay["outcome"].to_numpy(), stay["ends_case"].to_numpy()

    def has(which: np.ndarray) -> np.ndarray:
        return np.bincount(at[which], minlength=n) > 0

    fate = np.where(has(ends_case), _CLOSED, _OPEN)
    fate[has(ends_case & (outcome == Outcome.GAVE_UP))] = _GAVE_UP
    fate[has(outcome == Outcome.MISSED)] = _MISSED
    fate[has(outcome == Outcome.OPEN)] = _OPEN
    undone = plan.undone.loc[plan.undone["row"] == NONE, "case"]
    fate[_any(plan, undone).astype(bool) & ~_any(plan, plan.engine_input.itineraries["case"]).astype(bool)] = _REFUSED
    left = np.where(fate < _OPEN, _greatest(at, stay["ends_s"].to_numpy(), n), NONE)
    return fate, left


def _on_time(fate: np.ndarray, closed: np.ndarray, due: np.ndarray, end_s: int) -> np.ndarray:
    waits = (fate == _OPEN) & (due >= end_s)
    known = (due != NONE) & (fate != _REFUSED) & ~waits
    return np.where(known, ((fate == _CLOSED) & (closed <= due)).astype(np.int64), NONE)


def _greatest(at: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    """The greatest value of each case (``at`` is sorted), -1 where it has none."""
    result = np.full(n, NONE, dtype=np.int64)
    first = np.flatnonzero(is_first(at))
    if len(first):
        result[at[first]] = np.maximum.reduceat(values, first)
    return result


def _any(plan: Plan, case: pd.Series) -> np.ndarray:
    """1 for each case of the plan that is among the given case numbers."""
    position = position_of(plan.cases["case"].to_numpy(), case.to_numpy())
    return (np.bincount(position, minlength=len(plan.cases)) > 0).astype(np.int64)
