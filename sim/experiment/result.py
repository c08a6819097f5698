"""A finished run: a folder of tables, read when asked for."""

from __future__ import annotations

import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.experiment.store import new_folder
from sim.intact import read_manifest

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Result:
    """What one ``run`` or ``compare`` gave; its tables are pandas data frames.

    Parameters
    ----------
    folder
        The result folder.
    reused
        Whether it stood there before it was asked for.
    holder
        A temporary folder that lives as long as this object, if the result is nowhere else.

    Raises
    ------
    ResultError
        There is no result in the folder, or an unfinished or damaged one.
    """

    def __init__(
        self, folder: Path | str, *, reused: bool = False, holder: tempfile.TemporaryDirectory[str] | None = None
    ) -> None:
        self.folder = Path(folder)
        self.reused = reused
        self._holder = holder
        self.manifest: dict[str, Any] = read_manifest(self.folder)

    def __repr__(self) -> str:
        names = ", ".join(scenario["name"] for scenario in self.manifest["scenarios"])
        return f"<{type(self).__name__} of {names}: {self.manifest['replications']} replications>"

    @property
    def names(self) -> list[str]:
        """The scenarios in their order."""
        return [scenario["name"] for scenario in self.manifest["scenarios"]]

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure of every replication: scenario, replication, measure, group, value, unit."""
        return self._csv("measures.csv")

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """Means with 95% limits, and paired differences from the first scenario, by measure, group and scenario."""
        return self._csv("comparison.csv")

    @cached_property
    def journeys(self) -> pd.DataFrame:
        """What became of each case: a row a case, scenario and replication."""
        return pd.read_parquet(self.folder / "journeys.parquet")

    @cached_property
    def legs(self) -> pd.DataFrame:
        """Every stay of every case at a unit; codes are those of ``sim.tables``."""
        return pd.read_parquet(self.folder / "legs.parquet")

    @cached_property
    def teams(self) -> pd.DataFrame:
        """How each team spent its time, by kind of work."""
        return pd.read_parquet(self.folder / "teams.parquet")

    def _csv(self, name: str) -> pd.DataFrame:
        table = pd.read_csv(self.folder / name, keep_default_na=False, na_values=[""])
        return table.fillna({"group": "", "unit": ""})

    def chart(self, name: str, lang: str = "en", page: int = 1) -> Figure:
        """Draw one of the charts of this result (see ``sim.charts.CHARTS``), or one of its pages."""
        from sim.charts import draw

        return draw(self.folder, name, lang, page)

    def save(self, folder: Path | str) -> Result:
        """Copy the result to a folder that is not there yet or is empty.

        Raises
        ------
        ResultError
            There is something in that folder.
        """
        target = Path(folder)
        with new_folder(target) as begun:
            shutil.copytree(self.folder, begun, dirs_exist_ok=True)
        return Result(target)
