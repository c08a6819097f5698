"""When there are enough replications: a stated number, or a stated precision of the main measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.statistics import precision_reached

BATCH = 5
"""Precision is looked at after so many replications, and after so many more: seldom looks, honest intervals."""
CAP = 200
ABSOLUTE_FLOOR = 0.01
"""A half-width of so much of the measure's unit is precise enough for any mean, however near zero."""


def precise_enough(values: Sequence[Sequence[float]], relative: float) -> bool:
    """Whether the main measure is known well enough.

    Parameters
    ----------
    values
        For each scenario, its main measure, a value a replication. With one scenario its mean is meant, with several
        the paired difference of each from the first: in a sweep, whose points may be alike, each is asked by itself.
        Replications without a value (nan: no cases) do not count.
    relative
        Largest half-width of the 95% interval, as a share of the absolute value of the mean.

    Examples
    --------
    >>> precise_enough([[1.0, 1.1, 0.9]], 0.05)
    False
    >>> precise_enough([[1.0, 1.1, 0.9], [2.0, 2.1, 1.9]], 0.05)
    True
    """
    table = np.array(values, dtype=np.float64)
    wanted = table[1:] - table[0] if len(table) > 1 else table
    known = [series[np.isfinite(series)] for series in wanted]
    return all(precision_reached(series, relative, ABSOLUTE_FLOOR) for series in known if len(series))
