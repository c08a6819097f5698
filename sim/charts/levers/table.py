"""A sweep's tables as the lever charts read them: the names of its files, columns and factors stand here alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sim.charts.result import Result
from sim.errors import Fault, ResultError
from sim.language import pick
from sim.measures import MEASURES
from sim.measures.verdicts import keeps_up, street_is_bottleneck
from sim.statistics import Against, against_best

STAFF, NUMBER, DEMAND = "structure.move.staff", "structure.communities.number", "demand.scale"
"""Paths of the factors: people moved down, number of communities, multiple of demand."""
UNFINISHED, UNIT_WAIT, TASKS = "unfinished_share", "wait_unit_min", "task_missed_share"
Series = Mapping[int, np.ndarray]
"""Values by replication (nan: none) of each point."""


@dataclass(frozen=True)
class Factor:
    """What was varied: its name in the experiment, its words, its levels (numbers from the lowest to the highest)."""

    name: str
    label: Mapping[str, str]
    levels: tuple[Any, ...]


@dataclass(frozen=True)
class Sweep:
    """A sweep over a full grid of factors, known by their paths.

    ``own`` is the value of each factor in each scenario's own file (None: it has no such value). ``points`` has
    scenario, point, a column for each factor (its path), feasible, overloaded, reason_zh, reason_en.
    """

    result: Result
    factors: Mapping[str, Factor]
    own: Mapping[str, Mapping[str, Any]]
    points: pd.DataFrame

    @property
    def main_measure(self) -> str:
        """The measure by which the answer is judged."""
        return str(self.result.manifest["main_measure"])

    def households(self, scenario: str, n_communities: float) -> float:
        """Realised households in a community."""
        total = next(head.households for head in self.result.scenarios if head.name == scenario)
        return total / n_communities

    def held(self, scenario: str, path: str) -> Any:
        """The level at which a factor is held: what the scenario's own file has, or the nearest that was tried.

        The first level where the file has none or one that is no number; None where the scenario lacks the factor.
        """
        own, levels = self.own[scenario][path], self.factors[path].levels
        if self.points.loc[self.points["scenario"] == scenario, path].isna().all():
            return None
        if own in levels:
            return own
        return min(levels, key=lambda level: abs(level - own)) if isinstance(own, float) else levels[0]

    def others(self, free: Sequence[str]) -> list[str]:
        """Paths of the factors that are held while some are free."""
        return [path for path in self.factors if path not in free]

    def slice(self, scenario: str, free: Sequence[str], at: Mapping[str, Any] = MappingProxyType({})) -> pd.DataFrame:
        """The points of a scenario on a line or plane of free factors; the others are held, or as ``at`` says."""
        here = self.points[self.points["scenario"] == scenario].dropna(subset=list(free))
        for path in self.others(free):
            value = at.get(path, self.held(scenario, path))
            here = here if value is None else here[here[path] == value]
        return here.sort_values(list(free), ignore_index=True)

    def series(self, measure: str, group: str = "") -> Series:
        """Values of a measure by point."""
        return self._values.get((measure, group), {})

    def mean(self, measure: str, point: int, group: str = "") -> float:
        """Mean over replications; nan where there is none."""
        known = self.series(measure, group).get(point, np.array([]))
        known = known[np.isfinite(known)]
        return float(known.mean()) if len(known) else float("nan")

    @cached_property
    def _values(self) -> dict[tuple[str, str], dict[int, np.ndarray]]:
        """All kept measures for everybody, and the waits at each unit."""
        columns = ("scenario", "point", "replication", "measure", "group", "value")
        everybody = self.result.table("measures.csv", columns, [("group", "in", ["", *self._unit_groups])])
        n = self.result.replications
        found: dict[tuple[str, str], dict[int, np.ndarray]] = {}
        for _, rows in everybody.groupby(["measure", "group", "point"], sort=False):
            measure, group, point = rows[["measure", "group", "point"]].iloc[0]
            values = np.full(n, np.nan)
            values[rows["replication"].to_numpy()] = rows["value"].to_numpy()
            found.setdefault((measure, group), {})[int(point)] = values
        return found

    @cached_property
    def _unit_groups(self) -> list[str]:
        """The groups of all units of all scenarios."""
        return [f"unit:{unit}" for levels in self._levels.values() for unit in levels]

    @cached_property
    def _levels(self) -> dict[str, dict[str, str]]:
        """The level of each unit, by scenario; what stands in areas is not the street office, whoever staffs it."""
        units = {name: self.result.resolved(name)["structure"]["units"] for name in self.result.names}
        return {
            name: {unit: "community" if each.get("each") == "area" else each["level"] for unit, each in named.items()}
            for name, named in units.items()
        }

    def keeps_up(self, point: int) -> bool:
        """Whether a feasible point does not pile up cases."""
        return keeps_up(self.mean(UNFINISHED, point))

    def overloaded(self, point: int) -> bool:
        """Whether a feasible point has more work than time, though no cases pile up (yet)."""
        return point in self._overloaded and self.keeps_up(point)

    @cached_property
    def _overloaded(self) -> frozenset[int]:
        return frozenset(self.points.loc[self.points["overloaded"], "point"])

    def street_is_bottleneck(self, scenario: str, point: int) -> bool:
        """Whether the street office is the bottleneck of a feasible point."""
        levels = self._levels[scenario]
        waits = {unit: self.mean(UNIT_WAIT, point, f"unit:{unit}") for unit in levels}
        return street_is_bottleneck({unit: wait for unit, wait in waits.items() if np.isfinite(wait)}, levels)

    def against_best(self, measure: str, points: pd.DataFrame) -> list[Against]:
        """Each point that is feasible and keeps up against the best of them."""
        known = self.series(measure)
        family = [int(point) for point in points.loc[points["feasible"], "point"]]
        values = {point: known[point] for point in family if point in known and self.keeps_up(point)}
        return against_best(values, MEASURES[measure].better or "lower")


def varied(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Paths of the factors that a full grid varies; none where the result is no sweep, or of sampled points."""
    if manifest["command"] != "sweep" or manifest.get("design", {}).get("kind") != "full":
        return frozenset()
    return frozenset(each["path"] for each in manifest["factors"] if len(each["values"] or ()) > 1)


def read_sweep(result: Result) -> Sweep:
    """The sweep of a result.

    Raises
    ------
    ResultError
        A table is missing, or says something else than was agreed.
    """
    try:
        factors = {
            each["path"]: Factor(each["name"], each["label"], _levels(each["values"]))
            for each in result.manifest["factors"]
            if each["path"] in varied(result.manifest)
        }
        own = {
            each["name"]: {path: _own(each["values"][factor.name], path) for path, factor in factors.items()}
            for each in result.manifest["scenarios"]
        }
    except (KeyError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
        raise ResultError(Fault("chart.bad_table", {"why": why}, str(result.folder / "manifest.json"))) from error
    names = {factor.name: path for path, factor in factors.items()}
    columns = ("scenario", "point", *names, "feasible", "overloaded", "reason_zh", "reason_en")
    points = result.table("points.csv", columns).rename(columns=names)
    points["overloaded"] = points["overloaded"].astype(str).str.lower() == "true"
    return Sweep(result, factors, own, points.astype({"feasible": bool}))


def _number(value: Any) -> Any:
    """A number as a float; anything else (``25 min``, ``True``, None) as it is."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _own(value: Any, path: str) -> Any:
    """What a scenario's file has of a factor; demand is what it is where the file says nothing of its scale."""
    return 1.0 if value is None and path == DEMAND else _number(value)


def _levels(values: Sequence[Any]) -> tuple[Any, ...]:
    levels = [_number(value) for value in values]
    return tuple(sorted(levels) if all(isinstance(level, float) for level in levels) else levels)


def label(factor: Factor, lang: str) -> str:
    """What a factor is called."""
    return pick(factor.label, lang)
