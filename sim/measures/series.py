"""Counts over time: open cases, and residents who wait, hour by hour of the week."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.hours import Hours
from sim.measures.window import Window
from sim.stays import LEVELS, level_of_unit, stays
from sim.tables import NONE, Kind, Plan
from sim.units import DAY_S, HOUR_S

HOURS_OF_WEEK = 168


def open_cases(opened_s: np.ndarray, left_s: np.ndarray, at_s: np.ndarray) -> np.ndarray:
    """How many cases are open at each instant: opened by then, and not closed, given up or missed by then.

    ``opened_s, left_s``: (n_cases,) seconds, -1 for who has not left; ``at_s``: (n,). Returns (n,) int64.
    """
    opened = np.searchsorted(np.sort(opened_s), at_s, side="right")
    left = np.searchsorted(np.sort(left_s[left_s != NONE]), at_s, side="right")
    return np.asarray(opened - left, dtype=np.int64)


def daily_open_cases(journeys: pd.DataFrame, end_s: int) -> np.ndarray:
    """How many resident cases are open at the beginning of each day of the run: (days,) int64, from second 0."""
    cases = journeys[journeys["kind"] == "resident"]
    return open_cases(cases["opened_s"].to_numpy(), cases["left_s"].to_numpy(), np.arange(0, end_s, DAY_S))


def queue_by_hour(plan: Plan, legs: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Residents who stand waiting, by level of the unit and hour of the week (0: Monday 0:00 to 1:00).

    Estimator: the exact time average over the cohort's window, from each wait's beginning to being served or leaving
    (lunch included, closed hours not, nor being put back). Population: all residents present, of whatever case.

    Returns
    -------
    ``level, hour_of_week, mean_waiting``: 168 rows a level that has units; nan for an hour not in the window.
    """
    walked = stays(plan, legs[legs["kind"] == Kind.RESIDENT])
    stay, hours = walked.table, walked.hours
    stay = stay[stay["present"] & (stay["joined_s"] != NONE)]
    level = level_of_unit(plan)
    inner = np.arange(window.warm_up_s // HOUR_S + 1, -(-window.stop_s // HOUR_S)) * HOUR_S
    edges = np.concatenate(([window.warm_up_s], inner, [window.stop_s]))
    of_week = edges[:-1] // HOUR_S % HOURS_OF_WEEK
    length_s = np.bincount(of_week, np.diff(edges), HOURS_OF_WEEK)
    tables = []
    for rank, name in enumerate(LEVELS):
        if rank not in level:
            continue
        waited_s = np.zeros(len(edges) - 1)
        mine = stay[level[stay["unit"]] == rank]
        for group, some in mine.groupby(hours.group_of_unit[mine["unit"]]):
            unit = np.flatnonzero(hours.group_of_unit == group)[:1]
            waited_s += np.diff(_waited_until(hours, unit, some, edges))
        with np.errstate(invalid="ignore"):
            average = np.bincount(of_week, waited_s, HOURS_OF_WEEK) / length_s
        tables.append(pd.DataFrame({"level": name, "hour_of_week": np.arange(HOURS_OF_WEEK), "mean_waiting": average}))
    return pd.concat(tables, ignore_index=True)


def _waited_until(hours: Hours, unit: np.ndarray, stay: pd.DataFrame, edges: np.ndarray) -> np.ndarray:
    """Seconds waited by all together before each edge, at units with the hours of ``unit``."""

    def past(at_s: np.ndarray) -> np.ndarray:
        return hours.admits_s(np.repeat(unit, len(at_s)), np.zeros(len(at_s), dtype=np.int64), at_s)

    until = past(edges)

    def gone(instants: pd.Series) -> np.ndarray:
        """Seconds from each instant to each edge after it, summed over the instants."""
        order = np.sort(instants.to_numpy())
        n_before = np.searchsorted(order, edges)
        before = np.concatenate(([0], np.cumsum(past(order))))
        return np.asarray(n_before * until - before[n_before])

    return np.asarray(gone(stay["begins_s"]) - gone(stay["starts_s"]))
