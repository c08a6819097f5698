"""Where the time of each team went, by kind of unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.hours import Hours
from sim.measures.window import Window
from sim.tables import NONE, Plan


def teams_table(plan: Plan, legs: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Where each team's time went within the cohort's window, by kind of unit.

    Returns
    -------
    ``team, kind, busy_s, open_s, overtime_s``: a row for each team and kind of unit it serves. ``busy_s`` is the time
    its members worked there (or were away, at ``leave``), overtime included; ``open_s``, repeated on each row of a
    team, its members' hours on duty. A leg is known by its first start, its end and its work, so where it crosses the
    window's edge its work counts by the share of its time from start to end that lies inside. Overtime is work that
    cannot have been done while the team was on duty: exact for work done in one go, else a lower bound.
    """
    split = time_split(plan, legs, window, Hours(plan.engine_input))
    seconds = split[["busy_s", "open_s", "overtime_s"]].round().astype(np.int64)
    return pd.concat([split[["team", "kind"]], seconds], axis=1)


def time_split(plan: Plan, legs: pd.DataFrame, window: Window, hours: Hours) -> pd.DataFrame:
    """As :func:`teams_table`, not rounded, with ``base, place, level`` of the team."""
    tables = plan.engine_input
    work = legs[(legs["worked_s"] > 0) & (legs["team"] != NONE)]
    team, started = work["team"].to_numpy(), work["started_s"].to_numpy()
    ended = work["ended_s"].where(work["ended_s"] != NONE, tables.end_s).to_numpy()
    inside = np.clip(np.minimum(ended, window.stop_s) - np.maximum(started, window.warm_up_s), 0, None)
    share = inside / np.maximum(ended - started, 1)
    worked = work["worked_s"].to_numpy()
    overtime = np.maximum(worked - hours.team_open_s(team, started, ended), 0)
    kinds = sorted(set(plan.units["kind"]))
    kind = plan.units["kind"].map(kinds.index).to_numpy(np.int64)
    serves = [sorted({kind[int(unit)] for unit in str(units).split()}) for units in tables.teams["serves"]]
    rows = [(number, one) for number, some in enumerate(serves) for one in some]
    at = np.array([number * len(kinds) + one for number, one in rows], dtype=np.int64)
    cell = team * len(kinds) + kind[work["unit"]]
    n = len(tables.teams) * len(kinds)
    every = np.arange(len(tables.teams))
    edges = np.full(len(every), window.warm_up_s), np.full(len(every), window.stop_s)
    on_duty = hours.team_open_s(every, *edges) * tables.teams["size"].to_numpy()
    numbers = np.array([number for number, _ in rows], dtype=np.int64)
    return pd.DataFrame(
        {
            **{name: plan.teams[name].to_numpy()[numbers] for name in ("team", "base", "place", "level")},
            "kind": [kinds[one] for _, one in rows],
            "busy_s": np.bincount(cell, worked * share, n)[at],
            "open_s": on_duty[numbers],
            "overtime_s": np.bincount(cell, overtime * share, n)[at],
        }
    )
