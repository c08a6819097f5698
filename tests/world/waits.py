"""Shares of visits by length of wait, in the classes of the two surveys."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.charts.waits import SURVEYS, exceedance, visits_by_wait

NO_WAIT_MIN = 1
"""A wait under a minute counts as none, as in the measure ``wait_none_share``."""
EDGES_MIN = {"kunshan": (0, 30, 60, 120, 240), "changzhou": (15, 30, 60)}
"""Upper edges of the surveys' classes; the last class has none."""


def class_shares(waits: pd.DataFrame) -> dict[str, float]:
    """Shares of all visits of a kept table ``waits.csv``, by survey and class: ``kunshan.0`` … ``kunshan.more``."""
    longer = exceedance(visits_by_wait(waits))
    return {
        f"{survey}.{name}": share
        for survey, edges in EDGES_MIN.items()
        for name, share in _parted(edges, [float(longer[max(edge, NO_WAIT_MIN)]) for edge in edges]).items()
    }


def surveyed() -> dict[str, float]:
    """The same shares as the surveys give them."""
    return {
        f"{survey}.{name}": share
        for (survey, edges), found in zip(EDGES_MIN.items(), SURVEYS, strict=True)
        for name, share in _parted(edges, list(found.longer)).items()
    }


def _parted(edges: tuple[int, ...], longer: list[float]) -> dict[str, float]:
    """Shares of the classes from the shares that wait longer than each edge."""
    over = np.array([1.0, *longer, 0.0])
    shares = over[:-1] - over[1:]
    return dict(zip([*map(str, edges), "more"], shares.tolist(), strict=True))
