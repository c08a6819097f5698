"""A change attributed to its parts: Shapley values of each replication, with intervals over replications."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sim.statistics import Interval, mean_interval, shapley_values

ATTRIBUTION = ("measure", "group", "part", "mean", "low", "high", "n", "alone", "last", "unit")
ENDS = ("before", "after")
"""What stands under ``part`` for the measure itself, with none of the parts and with all of them."""
KEY = ["measure", "group", "unit"]


def attribute(measures: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """The table ATTRIBUTION: for each measure and group a row ``before``, one for each part, and a row ``after``.

    Parameters
    ----------
    measures
        A column for each part (whether it is on: 0 or 1, or false and true), replication, measure, group, value, unit;
        a row for each of the 2**k combinations, replication, measure and group.
    parts
        The parts in their order.

    Notes
    -----
    ``mean`` with its 95% Student limits is that of the part's Shapley value in each replication (of the measure itself
    in the rows of ENDS); in every replication before and all parts sum to after. ``alone`` is the mean change if the
    part is the first to come, ``last`` if it is the last: how far they differ says how much the order would matter.
    ``n`` counts the replications in which the measure has a value in every combination; only these are used, and where
    there is none (a unit that some combinations do not have) there is no row.
    """
    sets = sum(measures[part].to_numpy().astype(np.int64) << bit for bit, part in enumerate(parts))
    key = measures.groupby(KEY, sort=False).ngroup().to_numpy()
    replication = measures["replication"].to_numpy()
    size = (key.max() + 1, 2 ** len(parts), replication.max() + 1) if len(measures) else (0, 2 ** len(parts), 0)
    values = np.full(size, math.nan)
    values[key, sets, replication] = measures["value"].to_numpy()
    words = measures.drop_duplicates(KEY)[KEY].itertuples(index=False)
    rows = [
        (measure, group, *row, unit)
        for of_all, (measure, group, unit) in zip(values, words, strict=True)
        for row in _rows(of_all[:, np.isfinite(of_all).all(axis=0)], parts)
    ]
    return pd.DataFrame(rows, columns=list(ATTRIBUTION))


def _rows(values: np.ndarray, parts: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Part, mean, low, high, n, alone, last of one measure; from (2**k, n) values."""
    n = values.shape[1]
    if not n:
        return
    everything = len(values) - 1
    yield "before", *_limits(values[0]), n, math.nan, math.nan
    for bit, (part, share) in enumerate(zip(parts, shapley_values(values), strict=True)):
        alone = float((values[1 << bit] - values[0]).mean())
        last = float((values[everything] - values[everything ^ 1 << bit]).mean())
        yield part, *_limits(share), n, alone, last
    yield "after", *_limits(values[everything]), n, math.nan, math.nan


def _limits(values: np.ndarray) -> tuple[float, float, float]:
    interval: Interval = mean_interval(values)
    return interval.mean, interval.low, interval.high
