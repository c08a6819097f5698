"""Where the time of each team went, by kind of work."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.hours import Hours
from sim.measures.columns import Columns
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


def work_of(plan: Plan, kind: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Position in :data:`WORK` of what each leg is: by its own kind and by the kind of its unit; (n_legs,) int."""
    table = np.full((len(Kind), len(plan.units)), WORK.index("papers"))
    where = plan.units["kind"].to_numpy()
    table[:, where == "counter"], table[:, where == "field"] = WORK.index("counter"), WORK.index("outdoors")
    table[[Kind.TASK, Kind.SUPERVISION]] = WORK.index("administrative")
    duties = {"field": "patrol", "leave": "leave"}
    table[Kind.DUTY] = [WORK.index(duties.get(unit_kind, "meeting")) for unit_kind in where]
    return np.asarray(table[kind, unit])


def time_split(plan: Plan, legs: pd.DataFrame, window: Window, hours: Hours) -> pd.DataFrame:
    """As :func:`teams_table`, not rounded, with ``base, place, level`` of the team."""
    tables = plan.engine_input
    every_leg = Columns(legs)
    ended = np.where(every_leg["ended_s"] == NONE, tables.end_s, every_leg["ended_s"])
    inside = np.minimum(ended, window.stop_s) - np.maximum(every_leg["started_s"], window.warm_up_s)
    here = (every_leg["worked_s"] > 0) & (every_leg["team"] != NONE) & (inside > 0)
    work, ended = every_leg.where(here), ended[here]
    team, started, worked = work["team"], work["started_s"], work["worked_s"]
    share = inside[here] / np.maximum(ended - started, 1)
    overtime = np.maximum(worked - hours.team_open_s(team, started, ended), 0)
    n_teams = len(tables.teams)
    every = np.arange(n_teams)
    cell = team * len(WORK) + work_of(plan, work["kind"], work["unit"])
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


def team_totals(split: pd.DataFrame) -> pd.DataFrame:
    """A row a team of a time split: ``base, place, level, open_s, busy_s`` (without leave), ``leave_s, overtime_s``."""
    firsts = split.iloc[:: len(WORK)].reset_index(drop=True)
    busy_s, overtime_s = (split[name].to_numpy().reshape(-1, len(WORK)) for name in ("busy_s", "overtime_s"))
    leave_s = busy_s[:, WORK.index("leave")]
    return firsts[["base", "place", "level", "open_s"]].assign(
        busy_s=busy_s.sum(axis=1) - leave_s, leave_s=leave_s, overtime_s=overtime_s.sum(axis=1)
    )
