"""One warm-up for all scenarios compared: as the files say, or found by pilot runs; and the window it opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim import engines
from sim.experiment.design import MOST_REPLICATIONS, Design
from sim.experiment.replicate import draw_once, journeys_of
from sim.experiment.report import Report
from sim.experiment.workers import Workers
from sim.itineraries import plan
from sim.measures import Window, daily_open_cases
from sim.scenario.schema import Run, Scenario
from sim.statistics import mser
from sim.units import DAY_S, WEEK_S

PILOTS = 2
PILOT_WEEKS = 20
FIRST_PILOT = MOST_REPLICATIONS
"""Pilots have replication numbers of their own: what is measured has no part in choosing the window."""
LEAST_WEEKS = 1
WEEKS_IF_UNSTEADY = 13
GROWTH = 0.10
"""Open cases that grow by more than this share over the second half of a pilot show that there is no steady state."""
STATED, PILOTED = "stated", "mser_weekly_open_cases"


@dataclass(frozen=True)
class WarmUp:
    """How long, by which method (STATED, PILOTED); scenarios whose pilots kept growing, or swung with the season."""

    seconds: int
    method: str
    growing: tuple[str, ...] = ()
    swinging: tuple[str, ...] = ()

    def passes_over_transition(self, scenario: Scenario) -> bool:
        """Whether part of a scenario's transition, which begins after its own warm-up, lies in a longer common one."""
        return scenario.structure.rules.transition is not None and scenario.run.warm_up != self.seconds

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
    names = [scenario.name for scenario in open_ended]
    days = dict(zip(names, np.mean(series, axis=0), strict=True))
    weeks = {name: weeks_to_settle(of_one) for name, of_one in days.items()}
    unsteady = [name for name, n in weeks.items() if n is None]
    growing = tuple(name for name in unsteady if keeps_growing(days[name]))
    longest = max(WEEKS_IF_UNSTEADY if n is None else n for n in weeks.values()) * WEEK_S
    return WarmUp(
        seconds=max(longest, longest_stated),
        method=PILOTED if longest >= longest_stated else STATED,
        growing=growing,
        swinging=tuple(name for name in unsteady if name not in growing),
    )


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


def keeps_growing(open_cases: Sequence[float] | np.ndarray) -> bool:
    """Whether the least-squares line through the second half rises by more than GROWTH of that half's mean.

    It tells a backlog that never settles from the swings of the season, both of which MSER refuses.

    >>> keeps_growing(range(182)), keeps_growing([100.0] * 60 + [150.0] * 20 + [100.0] * 102)
    (True, False)
    """
    half = np.asarray(open_cases, dtype=np.float64)[len(open_cases) // 2 :]
    slope = np.polyfit(np.arange(len(half)), half, 1)[0]
    return bool(slope * len(half) > GROWTH * half.mean())
