"""Where the time of each team went, by kind of work."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.hours import Hours
from sim.measures.window import Window
from sim.tables import NONE, Kind, Plan

WORK = ("counter", "papers", "outdoors", "administrative", "patrol", "meeting", "leave")
"""What staff do: residents at the counter; residents' papers and complaints at a desk; residents' and callers' matters
out of the office; tasks from above and the office's own work; patrols; meetings; and leave."""


def teams_table(plan: Plan, legs: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Where each team's time went within the cohort's window, by kind of work.

    Returns
    -------
    ``team, kind, busy_s, open_s, overtime_s``: a row for each team and kind of :data:`WORK`. ``busy_s`` is the time
    its members worked on it (or were away, at ``leave``), overtime included; ``open_s``, repeated on each row of a
    team, its members' hours on duty. A leg is known by its first start, its end and its work, so where it crosses the
    window's edge its work counts by the share of its time from start to end that lies inside. Overtime is work that
    cannot have been done while the team was on duty: exact for work done in one go, else a lower bound.
    """
    split = time_split(plan, legs, window, Hours(plan.engine_input))
    seconds = split[["busy_s", "open_s", "overtime_s"]].round().astype(np.int64)
    return pd.concat([split[["team", "kind"]], seconds], axis=1)


def work_of(plan: Plan, legs: pd.DataFrame) -> np.ndarray:
    """Position in :data:`WORK` of what each leg is: by its own kind and by the kind of its unit; (n_legs,) int."""
    unit = plan.units["kind"].to_numpy()[legs["unit"]]
    row = legs["kind"].to_numpy()
    cases = [
        row == Kind.TASK,
        (row == Kind.DUTY) & (unit == "field"),
        (row == Kind.DUTY) & (unit == "leave"),
        row == Kind.DUTY,
        unit == "counter",
        unit == "field",
    ]
    names = ("administrative", "patrol", "leave", "meeting", "counter", "outdoors")
    return np.select(cases, [WORK.index(name) for name in names], WORK.index("papers"))


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
    n_teams = len(tables.teams)
    every = np.arange(n_teams)
    cell = team * len(WORK) + work_of(plan, work)
    edges = np.full(n_teams, window.warm_up_s), np.full(n_teams, window.stop_s)
    on_duty = hours.team_open_s(every, *edges) * tables.teams["size"].to_numpy()
    return pd.DataFrame(
        {
            **{name: np.repeat(plan.teams[name].to_numpy(), len(WORK)) for name in ("team", "base", "place", "level")},
            "kind": list(WORK) * n_teams,
            "busy_s": np.bincount(cell, worked * share, n_teams * len(WORK)),
            "open_s": np.repeat(on_duty, len(WORK)),
            "overtime_s": np.bincount(cell, overtime * share, n_teams * len(WORK)),
        }
    )
