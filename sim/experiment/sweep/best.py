"""The best point, and the points that cannot be told apart from it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.measures import MAIN_MEASURE, MEASURES
from sim.statistics import paired_difference

LEVEL = 0.95
ALSO = ("close_days", "task_missed_share")
"""Measures that have a best point of their own beside the main one: time to close, and tasks hurried or missed."""


class Against(NamedTuple):
    """A point against the best of its family: the difference (its mean less the best one's) and whether it shows."""

    point: int
    best: int
    mean: float
    difference: float
    low: float
    high: float
    told_apart: bool


def judged(main_measure: str = MAIN_MEASURE, kept: Collection[str] = tuple(MEASURES)) -> list[str]:
    """The measures that have a best point: the main one and those beside it, if kept and if one way is better."""
    names = dict.fromkeys([main_measure, *ALSO])
    return [name for name in names if name in kept and MEASURES[name].better is not None]


def against_best(values: Mapping[int, Sequence[float]], better: str = "lower") -> list[Against]:
    """Each point of a family against its best.

    Parameters
    ----------
    values
        For each point, its measure in each replication (nan: it has none); replications are paired.
    better
        ``lower`` or ``higher``.

    Notes
    -----
    The best point is the one of the best sample mean. A point is told apart from it if the paired difference's Student
    interval at level ``1 - 0.05 / (k - 1)`` leaves zero out, k being the number of points: multiple comparisons with
    the best (Hsu 1984, Annals of Statistics 12; 1996, Multiple Comparisons, chapter 4) by Bonferroni's inequality,
    which allows for paired and unequally scattered points (Nelson and Matejcik 1995, Management Science 41). With a
    chance of at least 0.95 the points not told apart hold the truly best one, whichever point was picked: the true best
    is left out only if one of the k - 1 differences from it misleads. With one replication nothing can be told apart.

    Examples
    --------
    >>> rows = against_best({0: [1.0, 1.1, 0.9], 1: [5.0, 5.2, 4.9], 2: [1.0, 1.2, 0.95]})
    >>> [(row.point, row.best, row.told_apart) for row in rows]
    [(0, 0, False), (1, 0, True), (2, 0, False)]
    """
    means = {point: _mean(series) for point, series in values.items()}
    known = {point: mean for point, mean in means.items() if math.isfinite(mean)}
    if not known:
        return []
    sign = 1 if better == "lower" else -1
    best = min(known, key=lambda point: (sign * known[point], point))
    level = 1 - (1 - LEVEL) / max(1, len(known) - 1)
    rows = []
    for point, mean in known.items():
        low = high = difference = 0.0
        if point != best:
            difference, low, high = _difference(values[best], values[point], level)
        rows.append(Against(point, best, mean, difference, low, high, bool(low > 0 or high < 0)))
    return rows


def _mean(series: Sequence[float]) -> float:
    data = np.asarray(series, dtype=np.float64)
    known = data[np.isfinite(data)]
    return float(known.mean()) if len(known) else math.nan


def _difference(best: Sequence[float], other: Sequence[float], level: float) -> tuple[float, float, float]:
    """Paired difference and its limits, over the replications in which both have a value."""
    pair = np.array([best, other], dtype=np.float64)
    both = np.isfinite(pair).all(axis=0)
    if not both.any():
        return math.nan, math.nan, math.nan
    return paired_difference(pair[0, both], pair[1, both], level)[:3]
