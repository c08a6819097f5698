"""A stored result as the charts read it: the manifest at once, each table only when it is asked for.

Rows keep the manifest's order of scenarios. The tables are those of :mod:`sim.journeys`, :mod:`sim.measures` and
:mod:`sim.experiment`; in ``waits.csv`` the last bin's upper edge may be empty (no bound).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sim.errors import Fault, ResultError, UsageError
from sim.intact import MANIFEST, read_manifest

TEXT = {
    *("scenario", "team", "base", "place", "level", "name_zh", "name_en", "measure", "group"),
    *("reason_zh", "reason_en"),
}
"""Columns of words in CSV tables: an empty one is an empty word, not a missing number."""
STREETS, REPLAY = "streets", "replay"
"""What the manifest of a sweep over a table of streets holds; the command that runs a stored input again."""
CHUNK = 200_000
"""Rows of a CSV table that are read at a time, so that memory holds what is wanted of it only."""
Filter = tuple[str, Literal["==", "in"], Any]
"""Column, how it is compared, and with what."""


@dataclass(frozen=True)
class Head:
    """One scenario of a result."""

    name: str
    title: Mapping[str, str]
    digest: str
    households: int


@dataclass(frozen=True)
class Result:
    """A result folder whose manifest has been read."""

    folder: Path
    command: str
    scenarios: tuple[Head, ...]
    seed: int
    replications: int
    warm_up_weeks: float
    cohort_weeks: float
    version: str
    digest: str
    window: Mapping[str, int]
    manifest: Mapping[str, Any]

    @property
    def names(self) -> list[str]:
        """The scenarios' names in their order."""
        return [head.name for head in self.scenarios]

    def table(self, file: str, columns: Sequence[str], filters: Sequence[Filter] = ()) -> pd.DataFrame:
        """Some columns of a stored table, and those rows that pass all ``filters``; scenarios in manifest order.

        Raises
        ------
        ResultError
            The file is not there, cannot be read, or lacks one of the columns.
        """
        path = self.folder / file
        if not path.is_file():
            raise ResultError(Fault("chart.no_table", {"table": file}, str(self.folder)))
        try:
            if path.suffix == ".csv":
                table = _csv(path, columns, filters)
            else:
                table = pd.read_parquet(path, columns=list(columns), filters=list(filters) if filters else None)
        except (ValueError, OSError, KeyError) as error:
            raise ResultError(Fault("chart.bad_table", {"why": str(error)}, str(path))) from error
        order = {name: position for position, name in enumerate(self.names)}
        coded = [name for name, kind in table.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]
        table = table.astype(dict.fromkeys(coded, str))
        table = table[table["scenario"].isin(list(order))]
        return table.sort_values("scenario", key=lambda names: names.map(order), kind="stable", ignore_index=True)

    def resolved(self, name: str) -> dict[str, Any]:
        """The resolved scenario of a name.

        Raises
        ------
        ResultError
            The file is not there or is not JSON.
        """
        return _json(self.folder / "resolved" / f"{name}.json")

    @property
    def cohort_s(self) -> tuple[int, int]:
        """The window in which the measured cases were opened: its first second, and the first after it."""
        start = self.window["warm_up_s"]
        return start, start + self.window["cohort_s"]


def _csv(path: Path, columns: Sequence[str], filters: Sequence[Filter]) -> pd.DataFrame:
    text = {name: str for name in columns if name in TEXT}
    empty = {name: [""] for name in columns if name not in TEXT}
    options: dict[str, Any] = {"dtype": text, "keep_default_na": False, "na_values": empty, "chunksize": CHUNK}
    pieces = []
    for piece in pd.read_csv(path, usecols=list(columns), **options):
        kept = piece
        for column, how, value in filters:
            kept = kept[kept[column].isin(value if how == "in" else [value])]
        pieces.append(kept)
    return pd.concat(pieces, ignore_index=True)


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ResultError(Fault("chart.no_table", {"table": path.name}, str(path.parent)))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultError(Fault("chart.bad_table", {"why": str(error)}, str(path))) from error
    if not isinstance(content, dict):
        raise ResultError(Fault("chart.bad_table", {"why": type(content).__name__}, str(path)))
    return content


def read_result(folder: Path) -> Result:
    """A result folder that is whole.

    Raises
    ------
    ResultError
        There is no result, or an unfinished or damaged one.
    UsageError
        It is of a table of streets, or of an input that was run again: there is nothing to draw of them.
    """
    manifest = read_manifest(folder)
    if STREETS in manifest or manifest["command"] == REPLAY:
        raise UsageError(Fault("chart.none", {}, str(folder)))
    try:
        return Result(
            folder=folder,
            command=manifest["command"],
            scenarios=tuple(
                Head(one["name"], one["title"], one["digest"], int(one["households"])) for one in manifest["scenarios"]
            ),
            seed=int(manifest["seed"]),
            replications=int(manifest["replications"]),
            warm_up_weeks=float(manifest["warm_up_weeks"]),
            cohort_weeks=float(manifest["cohort_weeks"]),
            version=str(manifest["version"]),
            digest=str(manifest.get("digest", "")),
            window={key: int(manifest["window"][key]) for key in ("warm_up_s", "cohort_s", "end_s")},
            manifest=manifest,
        )
    except (KeyError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
        raise ResultError(Fault("chart.bad_table", {"why": why}, str(folder / MANIFEST))) from error
