"""Means over replications, and paired differences from the first scenario, of every measure and group."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.statistics import Interval, mean_interval, paired_difference

COMPARISON = (
    "measure",
    "group",
    "scenario",
    "mean",
    "low",
    "high",
    "n",
    "difference",
    "difference_low",
    "difference_high",
    "unit",
)
NOTHING = Interval(math.nan, math.nan, math.nan, math.nan)


def comparison(measures: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The table COMPARISON of a long table of measures.

    Parameters
    ----------
    measures
        scenario, replication, measure, group, value, unit.
    names
        The scenarios in their order; differences are from the first, whose own are empty.

    Notes
    -----
    ``n`` counts replications in which the measure has a value; a difference uses the replications in which both have
    one. Limits are those of a 95% Student interval, empty where there is one replication only.
    """
    table = measures.reset_index(drop=True)
    key = table.groupby(["measure", "group"], sort=False).ngroup().to_numpy()
    scenario = table["scenario"].map({name: position for position, name in enumerate(names)}).to_numpy()
    n_keys, n_replications = (key.max() + 1, table["replication"].max() + 1) if len(table) else (0, 0)
    values = np.full((n_keys, len(names), n_replications), math.nan)
    values[key, scenario, table["replication"].to_numpy()] = table["value"].to_numpy()
    rows = []
    words = table.groupby(key, sort=False)[["measure", "group", "unit"]].first()
    for by_scenario, (measure, group, unit) in zip(values, words.itertuples(index=False), strict=True):
        for name, here in zip(names, by_scenario, strict=True):
            known = here[np.isfinite(here)]
            if len(known):
                of_pair = NOTHING if name == names[0] else _difference(by_scenario[0], here)
                rows.append((measure, group, name, *mean_interval(known)[:3], len(known), *of_pair[:3], unit))
    return pd.DataFrame(rows, columns=list(COMPARISON))


def _difference(first: np.ndarray, other: np.ndarray) -> Interval:
    both = np.isfinite(first) & np.isfinite(other)
    return paired_difference(first[both], other[both]) if both.any() else NOTHING


def told_apart(low: float, high: float) -> bool:
    """Whether a difference's interval leaves zero out; without an interval nothing can be told apart.

    >>> told_apart(-0.3, -0.1), told_apart(-0.3, 0.1), told_apart(math.nan, math.nan)
    (True, False, False)
    """
    return low > 0 or high < 0
