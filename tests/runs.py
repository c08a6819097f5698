"""Scenario files run from end to end for tests: read with overrides, drawn, planned, run; kept for the session."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import either
import numpy as np
import pandas as pd

from sim import measures
from sim.demand import Demand, draw_demand
from sim.itineraries import plan
from sim.journeys import journeys
from sim.measures import Window
from sim.scenario import load
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario
from sim.scenario.tree import plain
from sim.stays import stays
from sim.tables import NONE, Plan
from sim.units import WEEK_S

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@dataclass(frozen=True, eq=False)
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
        table = stays(self.plan, self.legs).trips
        communities = np.array([*self.scenario.structure.communities, ""])
        return table.assign(community=communities[self.plan.cases["community"].to_numpy()[table["at"]]])

    @cached_property
    def stays(self) -> pd.DataFrame:
        """A row a stay at a unit, with the case, and the unit's base and place."""
        table = stays(self.plan, self.legs).table
        units = self.plan.units.iloc[table["unit"]]
        case = self.plan.cases["case"].to_numpy()[table["at"]]
        return table.assign(case=case, base=units["base"].to_numpy(), place=units["place"].to_numpy())

    def measures(self, window: Window) -> dict[tuple[str, str], float]:
        """All measures of a window, by measure and group."""
        table = measures.measure(self.plan, self.legs, self.journeys.reset_index(drop=True), window)
        return dict(zip(zip(table["measure"], table["group"], strict=True), table["value"], strict=True))

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
    return Ran(given, demand, planned, either.run(planned.engine_input))


def ran(file: str, overrides: dict[str, Any] | None = None, *, weeks: int, replication: int = 0) -> Ran:
    """A scenario file run for some weeks; the last six are kept."""
    return _ran(file, json.dumps(overrides or {}), weeks, replication, either.Chosen.engine)


@lru_cache(maxsize=6)
def _ran(file: str, overrides: str, weeks: int, replication: int, _engine: str) -> Ran:
    return run_of(scenario(file, json.loads(overrides)), weeks * WEEK_S, replication)


def edited(folder: Path, file: str, edit: Callable[[dict[str, Any]], None]) -> Scenario:
    """A scenario whose file, and those it extends, are each changed by ``edit``, written to a folder and read there."""
    path = SCENARIOS / f"{file}.yaml"
    while True:
        tree = plain(read_file(path, str(path), []))
        edit(tree)
        (folder / path.name).write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
        if "extends" not in tree:
            return load(folder / f"{Path(file).name}.yaml").scenario
        path = path.parent / tree["extends"]
