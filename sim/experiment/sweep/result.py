"""A finished sweep: a folder of tables, read when asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pandas as pd

from sim.experiment.result import Result


class SweepResult(Result):
    """What one ``sweep`` gave; its tables are pandas data frames, each with the factors' columns.

    See :class:`~sim.experiment.result.Result` for its parameters.
    """

    def __repr__(self) -> str:
        manifest = self.manifest
        if "streets" in manifest:
            return f"<SweepResult of {manifest['experiment']}: {manifest['streets']} streets>"
        n, infeasible = manifest["points"], manifest["infeasible"]
        told = f", {infeasible} infeasible" if infeasible else ""
        return f"<SweepResult of {manifest['experiment']}: {n} points{told}, {manifest['replications']} replications>"

    @property
    def factors(self) -> list[str]:
        """Names of the factors, which are columns of every table."""
        return [factor["name"] for factor in self.manifest["factors"]]

    @cached_property
    def points(self) -> pd.DataFrame:
        """Every point: its scenario, its values, whether it is feasible, and if not, why."""
        return self._csv("points.csv")

    @cached_property
    def best(self) -> pd.DataFrame:
        """Each point against the best one of its scenario under the same circumstances, by measure.

        ``difference_low`` and ``difference_high`` hold for all points at once; see
        :func:`sim.statistics.against_best`. ``dominated``: another point beats it, all measures of the table taken
        together (:func:`sim.experiment.sweep.pareto.dominated`).
        """
        return self._csv("best.csv")

    @cached_property
    def attribution(self) -> pd.DataFrame:
        """What each part of a reform did, by measure and group: see :func:`sim.experiment.attribution.attribute`."""
        return self._csv("attribution.csv")

    @cached_property
    def ablation(self) -> pd.DataFrame:
        """What becomes of each measure without each mechanism: see :func:`sim.experiment.mechanisms.ablation`."""
        return self._csv("ablation.csv")

    def save(self, folder: Path | str) -> SweepResult:
        """Copy the result to a folder that is not there yet or is empty; raises ResultError if something is there."""
        return SweepResult(super().save(folder).folder)
