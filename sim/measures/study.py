"""What measures are taken from: the window, the cohort, and the rows that a measure gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.hours import Hours
from sim.measures.split import time_split
from sim.measures.window import Window
from sim.stays import stays, trips_of
from sim.tables import NONE, Plan

Row = tuple[str, str, float]
"""measure, group, value."""
ALL = ""
"""The group of everybody."""


@dataclass(frozen=True)
class Study:
    """One run, and the cohort in it: cases opened in the window.

    ``residents``: the cohort's resident cases, with ``spent_h`` (waiting and travelling) and ``age_s`` (from opening to
    leaving, or to the end of the run). ``tasks``: its tasks, without those refused. ``stays``: the residents' stays at
    units, whenever they are. ``visits``: the residents' trips. ``everyone``: the journeys of all cases. ``split``: the
    teams' time in the window.
    """

    plan: Plan
    legs: pd.DataFrame
    window: Window
    hours: Hours
    everyone: pd.DataFrame
    residents: pd.DataFrame
    tasks: pd.DataFrame
    stays: pd.DataFrame
    visits: pd.DataFrame
    split: pd.DataFrame


def study(
    plan: Plan, legs: pd.DataFrame, journeys: pd.DataFrame, window: Window, stay: pd.DataFrame | None = None
) -> Study:
    """Pick the cohort and what belongs to it."""
    hours = Hours(plan.engine_input)
    cohort = journeys[window.opens(journeys["opened_s"])]
    left_s = cohort["left_s"].where(cohort["left_s"] != NONE, window.end_s)
    cohort = cohort.assign(
        spent_h=(cohort["wait_s"] + cohort["travel_s"]) / 3600, age_s=(left_s - cohort["opened_s"]).clip(lower=0)
    )
    residents = cohort[cohort["kind"] == "resident"].reset_index(drop=True)
    tasks = cohort[(cohort["kind"] == "task") & (cohort["outcome"] != "refused")].reset_index(drop=True)
    member = np.isin(plan.cases["case"].to_numpy(), residents["case"].to_numpy())
    stay = stays(plan, legs, hours) if stay is None else stay
    stay = stay[member[stay["at"]]]
    visits = trips_of(plan, stay)
    visits["community"] = residents["community"].to_numpy()[np.searchsorted(residents["case"], visits["case"])]
    split = time_split(plan, legs, window, hours)
    return Study(plan, legs, window, hours, journeys, residents, tasks, stay, visits, split)


def mean(values: pd.Series) -> float:
    """Mean over the members of a group."""
    return float(values.mean())


def grouped(
    name: str,
    values: pd.Series,
    groups: pd.Series | None = None,
    prefix: str = "",
    estimate: Callable[[pd.Series], float] = mean,
) -> Iterator[Row]:
    """One row for each group, or one for all where no groups are given; an empty group has none."""
    if groups is None:
        if len(values):
            yield name, ALL, estimate(values)
        return
    for group, members in values.groupby(groups, observed=True):
        yield name, f"{prefix}{group}", estimate(members)
