"""One warm-up for all scenarios compared: as the files say, or found by pilot runs; and the window it opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim import engines
from sim.experiment.design import Design
from sim.experiment.replicate import draw_once, journeys_of
from sim.experiment.report import Report
from sim.experiment.workers import Workers
from sim.itineraries import plan
from sim.measures import Window, daily_open_cases
from sim.scenario.schema import Run, Scenario
from sim.statistics import mser
from sim.units import DAY_S, WEEK_S

PILOTS = 2
PILOT_WEEKS = 26
FIRST_PILOT = 1_000_000
"""Pilots have replication numbers of their own: what is measured has no part in choosing the window."""
LEAST_WEEKS = 1
WEEKS_IF_UNSTEADY = 13
STATED, PILOTED = "stated", "mser_weekly_open_cases"


@dataclass(frozen=True)
class WarmUp:
    """How long, by which method (STATED, PILOTED), and the scenarios in whose pilots no steady state was seen."""

    seconds: int
    method: str
    unsteady: tuple[str, ...] = ()

    def window(self, run: Run) -> Window:
        """Warm-up, cohort, drain."""
        return Window(self.seconds, run.cohort, self.seconds + run.cohort + run.drain)


@dataclass(frozen=True)
class Pilot:
    """One pilot replication of all scenarios that want one."""

    scenarios: tuple[Scenario, ...]
    seed: int
    replication: int
    engine: str


def common_warm_up(made: Design, pool: Workers, report: Report) -> WarmUp:
    """The longest warm-up that any of the scenarios asks for or needs."""
    stated = [scenario.run.warm_up for scenario in made.scenarios if scenario.run.warm_up != "auto"]
    open_ended = tuple(scenario for scenario in made.scenarios if scenario.run.warm_up == "auto")
    longest_stated = max(stated, default=0)
    if not open_ended:
        return WarmUp(longest_stated, STATED)
    report("pilots", 0, PILOTS)
    tasks = [Pilot(open_ended, made.seed, FIRST_PILOT + k, made.engine) for k in range(PILOTS)]
    series = []
    for k, answer in enumerate(pool.in_order(pilot, tasks), start=1):
        series.append(answer)
        report("pilots", k, PILOTS)
    weeks = [weeks_to_settle(days) for days in np.mean(series, axis=0)]
    unsteady = tuple(s.name for s, n in zip(open_ended, weeks, strict=True) if n is None)
    longest = max(WEEKS_IF_UNSTEADY if n is None else n for n in weeks) * WEEK_S
    return WarmUp(max(longest, longest_stated), PILOTED if longest >= longest_stated else STATED, unsteady)


def pilot(task: Pilot) -> np.ndarray:
    """Open resident cases at the beginning of each day: (scenarios, days)."""
    end_s = PILOT_WEEKS * WEEK_S
    series = []
    for scenario, demand in zip(
        task.scenarios, draw_once(task.scenarios, task.seed, task.replication, end_s), strict=True
    ):
        planned = plan(scenario, demand)
        legs = engines.run(planned.engine_input, task.engine)
        series.append(daily_open_cases(journeys_of(scenario, planned, legs), end_s))
    return np.array(series)


def weeks_to_settle(open_cases: Sequence[float] | np.ndarray) -> int | None:
    """Whole weeks after which the weekly means of open cases are steady, at least one; ``None``: they are not.

    Parameters
    ----------
    open_cases
        Resident cases open at the beginning of each day, averaged over pilots; whole weeks.

    Notes
    -----
    MSER on batches of one week (see :func:`sim.statistics.mser`).

    Examples
    --------
    >>> weeks_to_settle([0.0] * 14 + [50.0, 51.0, 49.0, 50.0, 50.0, 51.0, 49.0] * 24)
    2
    >>> weeks_to_settle(range(182)) is None
    True
    """
    days_a_week = WEEK_S // DAY_S
    days = mser(open_cases, batch=days_a_week)
    return None if days is None else max(LEAST_WEEKS, days // days_a_week)
