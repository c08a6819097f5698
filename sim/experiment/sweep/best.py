"""Which measures have a best point, which points may be one, and whether it stands at an edge."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from sim.experiment.sweep.points import CIRCUMSTANCES
from sim.measures import MAIN_MEASURE, MEASURES
from sim.measures.verdicts import at_edge

ALSO = ("close_days", "task_missed_share")
"""Measures that have a best point of their own beside the main one: time to close, and tasks hurried or missed."""
UNFINISHED = "unfinished_share"
"""Always kept: a point at which cases pile up cannot be the best one (:func:`sim.measures.verdicts.keeps_up`)."""


def judged(main_measure: str = MAIN_MEASURE, kept: Collection[str] = tuple(MEASURES)) -> list[str]:
    """The measures that have a best point: the main one and those beside it, if kept and if one way is better."""
    names = dict.fromkeys([main_measure, *ALSO])
    return [name for name in names if name in kept and MEASURES[name].better is not None]


def circumstances(manifest: Mapping[str, Any]) -> list[str]:
    """The factors that nobody chooses: those of demand and place."""
    return [factor["name"] for factor in manifest["factors"] if factor["path"].split(".", 1)[0] in CIRCUMSTANCES]


def levers(manifest: Mapping[str, Any]) -> dict[str, list[float]]:
    """The factors one may choose whose values are numbers, with those from the lowest; none of sampled points."""
    if manifest["design"]["kind"] != "full":
        return {}
    given = circumstances(manifest)
    return {
        factor["name"]: sorted(factor["values"])
        for factor in manifest["factors"]
        if factor["name"] not in given
        and all(isinstance(value, int | float) and not isinstance(value, bool) for value in factor["values"])
        and len(factor["values"]) > 1
    }


def edges(points: pd.DataFrame, levels: Mapping[str, Sequence[float]], best: int) -> list[str]:
    """The levers at whose edge a best point stands: beyond it, nothing was tried or nothing can be.

    Parameters
    ----------
    points
        As ``points.csv``: ``scenario, point``, a column for each factor, ``feasible``.
    levels
        The values of each lever, from the lowest.
    best
        The number of the best point.
    """
    row = points[points["point"] == best].iloc[0]
    own = [name for name in levels if not pd.isna(row[name])]
    columns = points.columns.tolist()
    given = columns[columns.index("point") + 1 : columns.index("feasible")]
    held = ["scenario", *(name for name in given if name not in own and not pd.isna(row[name]))]
    here = points[points["feasible"] & (points[held] == row[held]).all(axis=1)]
    places = {tuple(levels[name].index(value) for name, value in zip(own, values, strict=True))
              for values in here[own].itertuples(index=False)}  # fmt: skip
    at = tuple(levels[name].index(row[name]) for name in own)
    return [own[axis] for axis in at_edge(at, places)]
