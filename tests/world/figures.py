"""The figures of the page: how they are kept, and whether each fits what the world reports."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from sim.statistics import mean_interval
from world import halls, ranges, waits

FIGURES = Path(__file__).parent / "figures.csv"
"""A row a figure: its mean and 95% limits over replications, and what the first replication gave."""
POINTS = Path(__file__).parent / "points.csv"
"""A row a point of the ranges."""
REPLICATIONS = 10
Verdict = Literal["fit", "high", "low"]


class Reported(NamedTuple):
    """What counts as a fit with the world: from ``low`` to ``high``, resting on a fact that says ``words``."""

    low: float
    high: float
    fact: str
    words: str


class Figure(NamedTuple):
    """A figure with its limits, which are nan where there is one value only."""

    value: float
    low: float
    high: float


WITHIN_SHARE, WITHIN_FACTOR = 0.05, 2.0
"""How far a share of visits may be from a survey's and still count as a fit: five points, and no more than twice."""


def surveyed(share: float, fact: str) -> Reported:
    """What counts as a fit with a share of visits.

    >>> [round(end, 3) for share in (0.5, 0.01) for end in surveyed(share, "")[:2]]
    [0.45, 0.55, 0.005, 0.02]
    """
    low, high = share / WITHIN_FACTOR, share * WITHIN_FACTOR
    return Reported(max(low, share - WITHIN_SHARE), min(high, share + WITHIN_SHARE), fact, "")


_FIVE = Reported(*ranges.ABOUT_MIN, "wait_xinglongtai_pooling", "from 10 to 5 minutes")
_DALIAN = Reported(-0.4, -0.3, "dalian_pooling", "waiting fell over 30%")
_ON_TIME = Reported(0.9627, 1 - 10 / 2544, "lianyungang_direct_share", "96.27% on time")
_CLOSED = Reported(1.5, 2.5, "huaibei_close_time", "mean closing time 2 working days")
_PROMISED = Reported(0.85, 0.95, "on_time_changsha", "90.24%")
REPORTED = {
    **{f"{short}.wait": _FIVE for short in ("after", "generalists", "split", "quicker", "fields5", "fields12")},
    **{f"dalian{n}.share": _DALIAN for n in ("", "5", "12")},
    **{f"jinfeng.{short}.hotline.on_time": _ON_TIME for short in ("before", "after")},
    **{f"jinfeng.{short}.hotline.working_days": _CLOSED for short in ("before", "after")},
    **{f"jinfeng.{short}.counter.on_time": _PROMISED for short in ("before", "after")},
    **{
        f"{place}.{name}": surveyed(share, fact)
        for place in (*halls.GROUPS, *(f"jinfeng.{short}" for short in halls.GROUPS))
        for name, share in waits.surveyed().items()
        for fact in ("wait_kunshan" if name.startswith("kunshan") else "wait_changzhou_xinbei",)
    },
}
"""What each figure is held against."""


def verdict(figure: Figure, reported: Reported) -> Verdict:
    """Fit if the interval touches what is reported, else too high or too low.

    >>> at_most_two = Reported(1.0, 2.0, "", "")
    >>> [verdict(Figure(3.0, low, 4.0), at_most_two) for low in (1.9, 2.1, math.nan)]
    ['fit', 'high', 'high']
    """
    low = figure.value if math.isnan(figure.low) else figure.low
    high = figure.value if math.isnan(figure.high) else figure.high
    if low > reported.high:
        return "high"
    return "low" if high < reported.low else "fit"


def table(replications: Sequence[Mapping[str, float]], alone: Mapping[str, float]) -> pd.DataFrame:
    """FIGURES of some replications, the first among them, and of figures that are one number for all."""
    rows = []
    for name in replications[0]:
        values = [found[name] for found in replications]
        mean, low, high, _ = mean_interval(values)
        rows.append((name, mean, low, high, values[0]))
    rows += [(name, value, math.nan, math.nan, math.nan) for name, value in alone.items()]
    return pd.DataFrame(rows, columns=["name", "value", "low", "high", "first"])


def kept() -> dict[str, Figure]:
    """All figures as they are kept, with those of the ranges and of the surveys."""
    rows = pd.read_csv(FIGURES)
    figures = {row.name: Figure(row.value, row.low, row.high) for row in rows.itertuples(index=False)}
    alone = ranges.shares(points("over_all")) | waits.surveyed()
    alone |= {"ranges.points": ranges.POINTS, "ranges.weeks": ranges.COHORT_WEEKS}
    alone |= {f"{short}.visits": halls.visits_a_window_day(short) for short in halls.GROUPS}
    for row in points("along_the_spread").itertuples(index=False):
        for name in ("load", "wait", "needed"):
            alone[f"spread.{row.queues}.{row.spread:g}.{name}"] = getattr(row, name)
    return figures | {name: Figure(value, math.nan, math.nan) for name, value in alone.items()}


def points(way: str) -> pd.DataFrame:
    """The kept points of one way through the ranges."""
    rows = pd.read_csv(POINTS)
    return rows[rows["way"] == way].drop(columns="way").reset_index(drop=True)
