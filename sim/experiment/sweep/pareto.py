"""Which points are beaten on several measures at once: what is left when they are taken out is the Pareto set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.measures import MEASURES

Series = Mapping[str, Sequence[float]]
"""A point's measures, each with its value in each replication (nan: it has none)."""


def dominated(points: Mapping[int, Series], level: float = 0.95) -> dict[int, bool]:
    """For each point of a family, whether another one beats it.

    Parameters
    ----------
    points
        For each point the same measures; replications are paired.
    level
        Chance that no other point is wrongly shown to be better than a given one, in any measure.

    Notes
    -----
    A point beats another if its mean is no worse in any measure, and it is shown to be better in one: the paired
    difference's Student interval leaves zero out, at level ``1 - (1 - level) / ((k - 1) m)`` for k points and m
    measures (Bonferroni). So no point is taken out for a gain that may be luck; that the other measures are no worse
    goes by means, and may be luck where they nearly tie. With one replication no point is beaten.

    Examples
    --------
    >>> hours, days = "resident_hours_per_case", "close_days"
    >>> dominated({0: {hours: [1.0, 1.1], days: [5.0, 5.1]}, 1: {hours: [2.0, 2.1], days: [9.0, 9.1]},
    ...            2: {hours: [3.0, 3.1], days: [4.0, 4.1]}})
    {0: False, 1: True, 2: False}
    """
    if not points:
        return {}
    measures = list(next(iter(points.values())))
    sign = np.array([-1.0 if MEASURES[name].better == "higher" else 1.0 for name in measures])
    values = np.array([[series[name] for name in measures] for series in points.values()], dtype=np.float64)
    values *= sign[:, np.newaxis]
    strict = 1 - (1 - level) / max(1, (len(points) - 1) * len(measures))
    return {point: _is_beaten(values, values[place], strict) for place, point in enumerate(points)}


def _is_beaten(values: np.ndarray, own: np.ndarray, level: float) -> bool:
    """Whether some point (row) is no worse than ``own`` in all measures (lower is better) and better in one."""
    from scipy.special import stdtrit

    apart = values - own
    known = np.isfinite(apart)
    n = known.sum(axis=2)
    mean = np.where(known, apart, 0.0).sum(axis=2) / np.maximum(n, 1)
    squares = np.where(known, (apart - mean[:, :, np.newaxis]) ** 2, 0.0).sum(axis=2)
    error = np.sqrt(squares / np.maximum(n - 1, 1) / np.maximum(n, 1))
    high = mean + stdtrit(np.maximum(n - 1, 1), (1 + level) / 2) * error
    is_no_worse = ((n > 0) & (mean <= 0)).all(axis=1)
    is_better = ((n > 1) & (high < 0)).any(axis=1)
    return bool((is_no_worse & is_better).any())
