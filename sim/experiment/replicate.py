"""One replication: demand, itineraries, engine, journeys, measures; a pure function of its arguments."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from sim import engines, measures
from sim.demand import Demand, draw_demand
from sim.experiment.kept import office_tables, run_tables
from sim.itineraries import Layout, lay_out, plan
from sim.journeys import journeys
from sim.measures import Window
from sim.scenario.schema import Scenario
from sim.stays import Stays, stays
from sim.tables import Plan

PARTS = ("demand", "itineraries", "engine", "measures")


@dataclass(frozen=True)
class Task:
    """One replication of all scenarios of an experiment, which share its demand.

    ``keep``: the tables of cases, legs and teams are wanted too; ``measures``: which ones (default: all).
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    replication: int
    window: Window
    engine: str
    keep: bool = True
    measures: frozenset[str] | None = None


@dataclass(frozen=True)
class Outcome:
    """What one replication of one scenario gave.

    ``measures`` is long (measure, group, value, unit); ``tables`` and (first replication only) ``offices`` are further
    tables by file name, none unless they were to be kept; ``cpu_s`` (processor time) and ``peak_mb`` (of the whole
    process so far) go by part.
    """

    scenario: str
    replication: int
    measures: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    offices: Mapping[str, pd.DataFrame]
    cpu_s: Mapping[str, float]
    peak_mb: Mapping[str, float]


class Stopwatch:
    """Processor time spent in each part, and the process's peak memory at its end."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self.peak_mb: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a part."""
        start = time.process_time()
        yield
        self.cpu_s[name] = self.cpu_s.get(name, 0.0) + time.process_time() - start
        self.peak_mb[name] = peak_memory_mb()


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    per_mb = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb


def same_demand(first: Scenario, second: Scenario) -> bool:
    """Whether two scenarios face the same cases: place and demand are equal, so one draw serves both."""
    return first.place == second.place and first.demand == second.demand


def draw_once(scenarios: Sequence[Scenario], seed: int, replication: int, end_s: int) -> Iterator[Demand]:
    """The demand of each scenario in turn; equal demands are drawn once."""
    drawn: list[tuple[Scenario, Demand]] = []
    for scenario in scenarios:
        known = next((demand for other, demand in drawn if same_demand(scenario, other)), None)
        demand = draw_demand(scenario, seed, replication, end_s) if known is None else known
        if known is None:
            drawn.append((scenario, demand))
        yield demand


def replicate(task: Task) -> tuple[Outcome, ...]:
    """One replication of every scenario of a task, in their order.

    Scenarios that differ in their staff only, and follow one another, share the possible legs of their cases.
    """
    demands = draw_once(task.scenarios, task.seed, task.replication, task.window.end_s)
    layout: Layout | None = None
    outcomes = []
    for scenario in task.scenarios:
        watch = Stopwatch()
        with watch.part("demand"):
            demand = next(demands)
        with watch.part("itineraries"):
            if layout is None or not layout.serves(scenario, demand):
                layout = lay_out(scenario, demand)
        outcomes.append(one(scenario, demand, layout, task, watch))
    return tuple(outcomes)


def one(scenario: Scenario, demand: Demand, layout: Layout, task: Task, watch: Stopwatch) -> Outcome:
    """One scenario's replication, given its demand and the possible legs of its cases."""
    with watch.part("itineraries"):
        planned: Plan = plan(scenario, demand, layout)
    with watch.part("engine"):
        legs = engines.run(planned.engine_input, task.engine)
    with watch.part("measures"):
        walked = stays(planned, legs)
        cases = journeys_of(scenario, planned, legs, walked)
        values = measures.measure(planned, legs, cases, task.window, walked, task.measures)
        tables = run_tables(planned, legs, cases, task.window) if task.keep else {}
        offices = office_tables(scenario, planned) if task.keep and task.replication == 0 else {}
    return Outcome(scenario.name, task.replication, values, tables, offices, watch.cpu_s, watch.peak_mb)


def journeys_of(scenario: Scenario, planned: Plan, legs: pd.DataFrame, walked: Stays | None = None) -> pd.DataFrame:
    """The journeys of a scenario's legs, in the scenario's words."""
    matters = scenario.demand.matters
    channels = [matter.kind for matter in matters.values()]
    return journeys(planned, legs, list(matters), list(scenario.structure.communities), channels, walked)
