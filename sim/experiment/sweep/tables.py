"""The tables of a finished sweep, made from its parts in the order of the points: no more than one point in memory."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.attribution import attribute
from sim.experiment.comparison import NOTHING
from sim.experiment.mechanisms import ablation
from sim.experiment.sweep.best import UNFINISHED, judged
from sim.experiment.sweep.pareto import dominated
from sim.experiment.sweep.plan import Sweep
from sim.experiment.sweep.points import Point
from sim.experiment.sweep.store import Store
from sim.language import say
from sim.measures import MEASURES
from sim.measures.verdicts import keeps_up
from sim.statistics import Interval, against_best, mean_interval, paired_difference

LIMITS = ("mean", "low", "high", "n", "difference", "difference_low", "difference_high", "unit")
Cell = tuple[str, str]
"""measure, group."""
Series = dict[Cell, np.ndarray]
"""Values by replication, nan where there is none."""


def write_tables(folder: Path, sweep: Sweep, store: Store, n_replications: int) -> None:
    """Write the tables of a sweep: points, measures, comparison, best; attribution of parts, ablation of mechanisms."""
    write_points(folder / "points.csv", sweep)
    best: dict[str, dict[int, Sequence[float]]] = {name: {} for name in judged(sweep.main_measure, sweep.measures)}
    factors = sweep.factor_names
    base: Series = {}
    with (
        table(folder / "measures.csv", ("scenario", "point", *factors, *MEASURE_COLUMNS)) as measures,
        table(folder / "comparison.csv", ("scenario", "point", *factors, "measure", "group", *LIMITS)) as comparison,
    ):
        for point in sweep.feasible:
            head = [point.scenario, point.number, *values_of(point, factors)]
            here: Series = {}
            for replication in range(n_replications):
                for name, group, value in store.rows(sweep.key(point, replication)):
                    measures.writerow([*head, replication, name, group, text(value), MEASURES[name].unit])
                    empty = np.full(n_replications, math.nan)
                    here.setdefault((name, group), empty)[replication] = value
            is_base = not base
            base = base or here
            for row in compared(here, None if is_base else base):
                comparison.writerow([*head, *(text(cell) for cell in row)])
            unfinished = here.get((UNFINISHED, ""), np.zeros(n_replications))
            for name, family in best.items():
                if (name, "") in here and keeps_up(float(np.nanmean(unfinished))):
                    family[point.number] = here[name, ""].tolist()
    write_best(folder / "best.csv", sweep, best)
    if sweep.asked.experiment.parts:
        _add(folder, "attribution.csv", partial(attribute, parts=list(sweep.asked.experiment.parts)))
    if sweep.asked.experiment.mechanisms:
        _add(folder, "ablation.csv", ablation)


def _add(folder: Path, name: str, made_of: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write a table that is made of all measures."""
    values = pd.read_csv(folder / "measures.csv", keep_default_na=False, na_values={"value": [""]})
    made_of(values).to_csv(folder / name, index=False, lineterminator="\n", encoding="utf-8")


MEASURE_COLUMNS = ("replication", "measure", "group", "value", "unit")


def compared(here: Series, base: Series | None) -> Iterator[list[Any]]:
    """Means of a point over its replications, and paired differences from the base point (None: it is the base)."""
    for (name, group), values in ordered(here):
        known = values[np.isfinite(values)]
        if not len(known):
            continue
        apart = NOTHING if base is None else _difference(base.get((name, group)), values)
        yield [name, group, *mean_interval(known)[:3], len(known), *apart[:3], MEASURES[name].unit]


def ordered(here: Series) -> list[tuple[Cell, np.ndarray]]:
    """Measures in the order in which they are reported; groups as they first appear."""
    order = {name: position for position, name in enumerate(MEASURES)}
    return sorted(here.items(), key=lambda item: order[item[0][0]])


def _difference(base: np.ndarray | None, values: np.ndarray) -> Interval:
    if base is None:
        return NOTHING
    both = np.isfinite(base) & np.isfinite(values)
    return paired_difference(base[both], values[both]) if both.any() else NOTHING


def write_points(file: Path, sweep: Sweep) -> None:
    """Every point, also those that cannot be."""
    factors = sweep.factor_names
    with table(file, ("scenario", "point", *factors, "feasible", "overloaded", "digest", *REASONS)) as rows:
        for point in sweep.points:
            why = [say("sweep.reasons", lang).join(fault.text(lang) for fault in point.why) for lang in ("zh", "en")]
            overloaded = text(point.overloaded) if point.feasible else ""
            head = [point.scenario, point.number, *values_of(point, factors)]
            rows.writerow([*head, text(point.feasible), overloaded, point.digest, *why])


REASONS = ("reason_zh", "reason_en")


def write_best(file: Path, sweep: Sweep, values: Mapping[str, Mapping[int, Sequence[float]]]) -> None:
    """Each feasible point that keeps up with its cases against the best of its family, and whether one beats it.

    A family is one scenario under the same circumstances; a point is dominated by all ``values`` together.
    """
    factors = sweep.factor_names
    limits = ("mean", "best", "difference", "difference_low", "difference_high", "told_apart")
    columns = ("measure", *limits, "dominated", "unit")
    beaten = _dominated(sweep, values)
    with table(file, ("scenario", "point", *factors, *columns)) as rows:
        for name, of_point in values.items():
            for family in sweep.families:
                series = {point.number: of_point[point.number] for point in family if point.number in of_point}
                for row in against_best(series, MEASURES[name].better or "lower"):
                    point = sweep.points[row.point]
                    head = [point.scenario, point.number, *values_of(point, factors), name]
                    found = [row.mean, row.best, row.difference, row.low, row.high, row.told_apart]
                    known = beaten.get(point.number, "")
                    rows.writerow([*head, *(text(cell) for cell in (*found, known, MEASURES[name].unit))])


def _dominated(sweep: Sweep, values: Mapping[str, Mapping[int, Sequence[float]]]) -> dict[int, bool]:
    """Whether another point of its family beats a point; only points that have every measure are asked."""
    found: dict[int, bool] = {}
    for family in sweep.families:
        numbers = [point.number for point in family if all(point.number in each for each in values.values())]
        found |= dominated({number: {name: each[number] for name, each in values.items()} for number in numbers})
    return found


def values_of(point: Point, factors: Iterable[str]) -> list[str]:
    """A point's value of each factor as text; empty where its scenario does not have the factor."""
    return [text(dict(point.values).get(name, "")) for name in factors]


def text(value: Any) -> str:
    """A cell: whole numbers and texts as they are, other numbers so that they come back exactly, nothing for nan.

    >>> text(0.1), text(3), text(True), text(math.nan)
    ('0.1', '3', 'true', '')
    """
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    return str(value)


@contextmanager
def table(file: Path, columns: Sequence[str]) -> Iterator[Any]:
    """A CSV file to be written row by row."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(columns)
        yield rows
