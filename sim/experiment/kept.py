"""The tables of one replication that a result keeps beside its measures, by file name."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.journeys import visits_table
from sim.language import pick
from sim.measures import Window, queue_by_hour, teams_table
from sim.scenario.schema import Scenario
from sim.tables import Plan
from sim.units import MINUTE_S

WAIT_EDGES_MIN = (*range(241), 300, 360, 480, 720, 1440)
"""Bins of the waits: none at all, minute by minute to four hours, then wider; the last has no upper edge."""


def run_tables(plan: Plan, legs: pd.DataFrame, journeys: pd.DataFrame, window: Window) -> dict[str, pd.DataFrame]:
    """What differs from one replication to the next."""
    names = {"hour_of_week": "hour", "mean_waiting": "waiting"}
    return {
        "journeys.parquet": journeys,
        "legs.parquet": legs,
        "teams.parquet": teams_table(plan, legs, window),
        "queue_by_hour.csv": queue_by_hour(plan, legs, window).rename(columns=names),
        "waits.csv": wait_bins(visits_table(plan, legs), journeys, window),
    }


def office_tables(scenario: Scenario, plan: Plan) -> dict[str, pd.DataFrame]:
    """The units by the numbers that legs name, and the teams with their sizes: the same in every replication."""
    units = plan.units.rename(columns={"unit": "unit_name"})
    teams = plan.teams.assign(size=plan.engine_input.teams["size"].to_numpy())
    for lang in ("zh", "en"):
        teams[f"name_{lang}"] = [_name(scenario, base, lang) for base in teams["base"]]
    return {
        "units.csv": units.assign(unit=np.arange(len(units)))[["unit", *units.columns]],
        "structure_teams.csv": teams,
    }


def _name(scenario: Scenario, base: str, lang: str) -> str:
    """What a team is called; members of one post of a divided team are called as their team."""
    team = scenario.structure.teams.get(base)
    return pick(team.name.model_dump(), lang) if team is not None and team.name is not None else base


def wait_bins(visits: pd.DataFrame, journeys: pd.DataFrame, window: Window) -> pd.DataFrame:
    """How many visits of the cohort's residents waited how long, by level.

    Returns
    -------
    ``level, bin_low_min, bin_high_min, visits``: a bin with both edges 0 counts the visits without any wait; others
    hold their lower edge and not their upper, which the last (nan) does not have. Bins without a visit have no row.
    """
    cohort = journeys.loc[(journeys["kind"] == "resident") & window.opens(journeys["opened_s"].to_numpy()), "case"]
    mine = visits[visits["case"].isin(cohort)]
    edges = np.array(WAIT_EDGES_MIN, dtype=np.float64)
    waited_s = mine["wait_s"].to_numpy()
    number = np.where(waited_s == 0, 0, np.searchsorted(edges * MINUTE_S, waited_s, side="right"))
    low, high = np.concatenate(([0.0], edges)), np.concatenate(([0.0], edges[1:], [np.nan]))
    tables = []
    for level, here in pd.Series(number).groupby(mine["level"].astype(str).to_numpy()):
        n = np.bincount(here, minlength=len(low))
        some = np.flatnonzero(n)
        tables.append(
            pd.DataFrame({"level": level, "bin_low_min": low[some], "bin_high_min": high[some], "visits": n[some]})
        )
    columns = ["level", "bin_low_min", "bin_high_min", "visits"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
