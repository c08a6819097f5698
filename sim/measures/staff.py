"""What the staff do: use, hours by kind of work, overtime, and work that is left to others or not done."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.measures.study import ALL, Row, Study
from sim.stays import row_position
from sim.tables import BEARERS, NONE, Outcome
from sim.units import HOUR_S

NOT_DONE, DEPARTMENT = BEARERS.index("not_done"), BEARERS.index("department")


def use(study: Study) -> Iterator[Row]:
    """Share of their time on duty for which staff are at work.

    Estimator: hours worked (overtime included) over hours on duty, leave taken out of both, as totals over the cohort's
    window; for all, by level, by team (all places) and by team in each place. Population: all members of all teams,
    whatever they work on; work in the window as :func:`sim.measures.split.teams_table` counts it.
    """
    teams = study.teams
    in_place = teams[teams["place"] != ""]
    for groups, prefix in (
        (pd.Series(ALL, index=teams.index), ""),
        (teams["level"], ""),
        (teams["base"], "team:"),
        (in_place["base"] + "@" + in_place["place"], "team:"),
    ):
        total = teams.groupby(groups, sort=False)[["busy_s", "leave_s", "open_s"]].sum()
        there = total[total["open_s"] > total["leave_s"]]
        for group, share in (there["busy_s"] / (there["open_s"] - there["leave_s"])).items():
            yield "staff_use_share", f"{prefix}{group}", float(share)


def hours(study: Study) -> Iterator[Row]:
    """Hours of staff a week by level and kind of work (``level/kind``), idle hours (``level/idle``), and overtime.

    Kinds of work: :data:`sim.measures.split.WORK`.

    Estimator: totals over the cohort's window by its weeks. Population: as for use. All kinds (leave is one) and idle
    together are the hours on duty and the overtime. ``overtime_h_per_week`` is for all and by level.
    """
    split, teams = study.split, study.teams
    per_week = HOUR_S * study.window.weeks
    for group, seconds in split.groupby(split["level"] + "/" + split["kind"], sort=False)["busy_s"].sum().items():
        yield "staff_hours_per_week", str(group), float(seconds / per_week)
    idle_s = teams["open_s"] + teams["overtime_s"] - teams["busy_s"] - teams["leave_s"]
    by_level = teams.assign(idle_s=idle_s).groupby("level", sort=False)[["idle_s", "overtime_s"]].sum() / per_week
    for level, idle_h in by_level["idle_s"].items():
        yield "staff_hours_per_week", f"{level}/idle", float(idle_h)
    yield "overtime_h_per_week", ALL, float(by_level["overtime_s"].sum())
    for level, overtime_h in by_level["overtime_s"].items():
        yield "overtime_h_per_week", str(level), float(overtime_h)


def work_left_out(study: Study) -> Iterator[Row]:
    """Hours of work a week that the teams do not do, by bearer (``department``, ``street``, ``not_done``) and in all.

    Estimator: totals by the cohort's weeks. Population: cases and tasks opened in the cohort's window: what the plan
    leaves out (tasks refused at admission; what people do who follow a task; the part dropped by hurried work, if it
    was), and, as *not done*, what was left of tasks that lapsed: the rest of rows that were missed or cut, and the rows
    that would have followed.
    """
    undone = _undone(study)
    lapsed_s = _lapsed_work_s(study)
    per_week = HOUR_S * study.window.weeks
    for bearer, name in enumerate(BEARERS):
        seconds = undone.loc[undone["bearer"] == bearer, "work_s"].sum() + (lapsed_s if bearer == NOT_DONE else 0)
        yield "not_done_h_per_week", name, float(seconds / per_week)
    yield "not_done_h_per_week", ALL, float((undone["work_s"].sum() + lapsed_s) / per_week)


def department_hours(study: Study) -> Iterator[Row]:
    """Hours a week that fall to the departments: worked by their teams, and what they bear of tasks themselves.

    What they bear is refused work, and what their people do who follow a task. Estimator: total over the cohort's
    window (what they bear: of tasks opened in it) by its weeks; leave is not counted.
    """
    teams, undone = study.teams, _undone(study)
    worked_s = teams.loc[teams["level"] == "department", "busy_s"].sum()
    borne_s = undone.loc[undone["bearer"] == DEPARTMENT, "work_s"].sum()
    yield "department_h_per_week", ALL, float((worked_s + borne_s) / (HOUR_S * study.window.weeks))


def _undone(study: Study) -> pd.DataFrame:
    """The plan's work left out, of the cohort's cases: others', or dropped where the hurried row was worked on."""
    undone = study.plan.undone
    case, row = undone["case"].to_numpy(), undone["row"].to_numpy()
    position = row_position(study.plan.engine_input.itineraries, case, row)
    kept: pd.DataFrame = undone[np.isin(case, study.cohort["case"]) & ((row == NONE) | _is_worked(study)[position])]
    return kept


def _is_worked(study: Study) -> np.ndarray:
    """Whether each possible leg of a case was worked on (and False once more, for cases that have none)."""
    worked = np.zeros(len(study.plan.engine_input.itineraries) + 1, dtype=bool)
    worked[study.all_stays["position"][study.all_stays["worked_s"] > 0]] = True
    return worked


def _lapsed_work_s(study: Study) -> int:
    """Work of the cohort's tasks that lapsed: rows missed or cut, and those that would have followed a missed one."""
    itineraries = study.plan.engine_input.itineraries
    work_s, next_done = itineraries["work_s"].to_numpy(), itineraries["next_done"].to_numpy()
    is_task = np.isin(study.plan.cases["case"].to_numpy(), study.tasks["case"])
    stays = study.all_stays
    lapsed = stays.where(np.isin(stays["outcome"], (Outcome.MISSED, Outcome.CUT)) & is_task[stays["at"]])
    left_s = np.maximum(work_s[lapsed["position"]] - lapsed["worked_s"], 0).sum()
    position = lapsed["position"][lapsed["outcome"] == Outcome.MISSED]
    follows = np.zeros(len(itineraries), dtype=bool)
    while len(position):
        position = position[next_done[position] != NONE]
        position += next_done[position] - itineraries["row"].to_numpy()[position]
        follows[position] = True
    reached = np.zeros(len(itineraries), dtype=bool)
    reached[stays["position"]] = True
    return int(left_s + work_s[follows & ~reached].sum())
