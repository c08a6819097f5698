"""Which cases have work behind them that settles nothing: luck of the demand, the same under every structure."""

from __future__ import annotations

import numpy as np

from sim.demand import Demand, MatterCases
from sim.tables import NONE


def unsettled_times(demand: Demand, cases: MatterCases) -> np.ndarray:
    """How many times in a row work on each case settles nothing; -1 where work always does; (n_cases,) int64."""
    unsettled, n = cases.matter.unsettled, len(cases.case)
    if unsettled is None:
        return np.full(n, NONE, dtype=np.int64)
    times, still = np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)
    for number, chance in enumerate(unsettled.chances):
        still &= demand.uniforms(cases, "unsettled", number) < chance
        times += still
    return times
