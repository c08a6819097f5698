"""Counts, sums and sketches of one street-year, taken from its legs; they add up over streets in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim import calendars, sketch
from sim.measures import Window
from sim.stays import LEVELS, is_first, ways_s
from sim.tables import NONE, Kind, Outcome, Plan

COUNTS = ("streets", "cases", "closed", "gave_up", "open", "visits")
SUMS = ("wait_s", "travel_s", "age_s", *(f"{what}_{level}_s" for what in ("busy", "open") for level in LEVELS))
SKETCHES = ("wait", "age")
"""Of what there is a quantile sketch: waits of visits, time from opening to closing of cases."""

OF_LEGS = ("case", "visit", "unit", "joined_s", "started_s", "ended_s", "outcome")
"""Columns that are read of the legs of those cases that count."""


@dataclass(frozen=True)
class Totals:
    """What is kept of one street, or of many: whole numbers, so that sums do not depend on their order."""

    numbers: Mapping[str, int]
    sketches: Mapping[str, np.ndarray]

    def __add__(self, other: Totals) -> Totals:
        """Both together."""
        return Totals(
            {name: n + other.numbers[name] for name, n in self.numbers.items()},
            {name: counts + other.sketches[name] for name, counts in self.sketches.items()},
        )


NOTHING = Totals(dict.fromkeys((*COUNTS, *SUMS), 0), {name: np.zeros(sketch.N_BINS, np.int64) for name in SKETCHES})


def totals(plan: Plan, legs: pd.DataFrame, window: Window) -> Totals:
    """One street-year: the residents' cases opened in the window's cohort, and the staff's time over the whole run.

    The estimators are those of :mod:`sim.measures` where no work is put back before a resident, nobody is held over
    night and every visit is one stay, as in ``scenarios/country/street.yaml``: a *wait* is from joining to being served
    or leaving (lunch counts); *age* is from opening to closing or leaving, or to the end of the run. Staff time counts
    in whole, not by its share in the window.
    """
    cases = _columns(plan.cases)
    mine = (cases["kind"] == Kind.RESIDENT) & window.opens(cases["opened_s"])
    leg = _columns(legs)
    here = np.flatnonzero(mine[leg["case"]])
    of_cases = {name: leg[name][here] for name in OF_LEGS}
    n, age_s = _fates(of_cases, cases["opened_s"], window.end_s)
    hidden_s = window.end_s - cases["opened_s"][mine & (cases["found_s"] == NONE)]
    n["open"] += len(hidden_s)
    age_s = np.concatenate((age_s, hidden_s))
    wait_s, travel_s = _visits(plan, of_cases, window.end_s)
    staff = _staff(plan, leg, window.end_s)
    numbers = {"streets": 1, "cases": int(mine.sum()), "visits": len(wait_s)} | n | staff
    numbers |= {"wait_s": int(wait_s.sum()), "travel_s": int(travel_s.sum()), "age_s": int(age_s.sum())}
    return Totals(
        {name: numbers[name] for name in (*COUNTS, *SUMS)},
        {"wait": sketch.sketch(wait_s), "age": sketch.sketch(age_s)},
    )


def _columns(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns of a table of whole numbers, all at once: quicker than one by one."""
    return dict(zip(table.columns, table.to_numpy().T, strict=True))


def _fates(leg: Mapping[str, np.ndarray], opened_s: np.ndarray, end_s: int) -> tuple[dict[str, int], np.ndarray]:
    """How many cases closed, gave up, are open; and the age of each, by case."""
    first = np.flatnonzero(is_first(leg["case"]))
    if not len(first):
        return {"closed": 0, "gave_up": 0, "open": 0}, np.empty(0, dtype=np.int64)
    n_legs = np.diff(first, append=len(leg["case"]))
    at = np.repeat(np.arange(len(first)), n_legs)
    is_open, gave_up = np.zeros((2, len(first)), dtype=bool)
    is_open[at[leg["outcome"] == Outcome.OPEN]] = True
    gave_up[at[leg["outcome"] == Outcome.GAVE_UP]] = True
    left_s = np.where(is_open, end_s, np.maximum.reduceat(leg["ended_s"], first))
    n_open, n_gave_up = int(is_open.sum()), int((gave_up & ~is_open).sum())
    fates = {"closed": len(first) - n_open - n_gave_up, "gave_up": n_gave_up, "open": n_open}
    return fates, left_s - opened_s[leg["case"][first]]


def _visits(plan: Plan, leg: Mapping[str, np.ndarray], end_s: int) -> tuple[np.ndarray, np.ndarray]:
    """The wait and the way, there and back, of each visit that was begun."""
    came = np.flatnonzero((leg["visit"] > 0) & (leg["joined_s"] != NONE))
    case, joined_s, started_s, ended_s = (leg[name][came] for name in ("case", "joined_s", "started_s", "ended_s"))
    until_s = np.where(started_s != NONE, started_s, np.where(ended_s != NONE, ended_s, end_s))
    return until_s - joined_s, ways_s(plan, case, leg["unit"][came])


def _staff(plan: Plan, leg: Mapping[str, np.ndarray], end_s: int) -> dict[str, int]:
    """Seconds worked, and seconds on duty, by level, from the beginning of the run to its end."""
    teams = plan.engine_input.teams
    level = np.array([LEVELS.index(name) for name in plan.teams["level"]])
    served = np.flatnonzero(leg["team"] != NONE)
    busy_s = np.bincount(level[leg["team"][served]], leg["worked_s"][served], len(LEVELS))
    calendar, size = (teams[name].to_numpy() for name in ("calendar", "size"))
    open_s = np.zeros(1 + calendar.max(initial=0), dtype=np.int64)
    for number in set(calendar.tolist()):
        opens, closes, _ = map(np.array, calendars.read(plan.engine_input.calendars, number))
        open_s[number] = calendars.open_seconds(opens, closes, np.array(end_s))
    on_duty_s = np.bincount(level, open_s[calendar] * size, len(LEVELS))
    return {f"busy_{name}_s": int(busy_s[k]) for k, name in enumerate(LEVELS)} | {
        f"open_{name}_s": int(on_duty_s[k]) for k, name in enumerate(LEVELS)
    }
