"""Scenario files run from end to end for tests: read with overrides, drawn, planned, run; kept for the session."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from sim import engines, measures
from sim.demand import Demand, draw_demand
from sim.hours import Hours
from sim.itineraries import plan
from sim.journeys import journeys, visits_table
from sim.measures import Window
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.stays import stays
from sim.tables import NONE, Plan
from sim.units import WEEK_S

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@dataclass(frozen=True)
class Ran:
    """One replication of one scenario, and what is read from it."""

    scenario: Scenario
    demand: Demand
    plan: Plan
    legs: pd.DataFrame

    @cached_property
    def journeys(self) -> pd.DataFrame:
        """A row a case, with the case's number as the index."""
        matters, communities = self.scenario.demand.matters, self.scenario.structure.communities
        channels = [matter.kind for matter in matters.values()]
        return journeys(self.plan, self.legs, list(matters), list(communities), channels).set_index("case", drop=False)

    @cached_property
    def visits(self) -> pd.DataFrame:
        """A row a trip, with the community of the case."""
        table = visits_table(self.plan, self.legs)
        return table.assign(community=self.journeys["community"].astype(str).loc[table["case"]].to_numpy())

    @cached_property
    def stays(self) -> pd.DataFrame:
        """A row a stay at a unit, with the unit's base and place."""
        table = stays(self.plan, self.legs)
        units = self.plan.units.iloc[table["unit"]]
        return table.assign(base=units["base"].to_numpy(), place=units["place"].to_numpy())

    @cached_property
    def hours(self) -> Hours:
        """Opening hours of units and teams."""
        return Hours(self.plan.engine_input)

    def measures(self, window: Window) -> dict[tuple[str, str], float]:
        """All measures of a window, by measure and group."""
        table = measures.measure(self.plan, self.legs, self.journeys.reset_index(drop=True), window)
        return dict(zip(zip(table["measure"], table["group"], strict=True), table["value"], strict=True))

    @property
    def names_of_units(self) -> pd.Series:
        """Each leg's unit by name."""
        return self.legs["unit"].map(self.plan.units["unit"])

    @property
    def everybody_left(self) -> bool:
        """Whether no leg is open at the end."""
        return bool((self.legs["ended_s"] != NONE).all())


def scenario(file: str, overrides: dict[str, Any] | None = None) -> Scenario:
    """A scenario of the repository: ``jinfeng/before``."""
    return load(SCENARIOS / f"{file}.yaml", overrides).scenario


def run_of(given: Scenario, end_s: int, replication: int = 0) -> Ran:
    """Draw, plan and run a scenario until ``end_s``."""
    demand = draw_demand(given, given.run.seed, replication, end_s)
    planned = plan(given, demand)
    return Ran(given, demand, planned, engines.run(planned.engine_input))


def ran(file: str, overrides: dict[str, Any] | None = None, *, weeks: int, replication: int = 0) -> Ran:
    """A scenario file run for some weeks; the last few are kept."""
    return _ran(file, json.dumps(overrides or {}), weeks, replication)


@lru_cache(maxsize=8)
def _ran(file: str, overrides: str, weeks: int, replication: int) -> Ran:
    return run_of(scenario(file, json.loads(overrides)), weeks * WEEK_S, replication)
