"""Which measures have a best point, and which points may be one."""

from __future__ import annotations

from collections.abc import Collection

from sim.measures import MAIN_MEASURE, MEASURES

ALSO = ("close_days", "task_missed_share")
"""Measures that have a best point of their own beside the main one: time to close, and tasks hurried or missed."""
UNFINISHED = "unfinished_share"
"""Always kept: a point at which cases pile up cannot be the best one (:func:`sim.measures.verdicts.keeps_up`)."""


def judged(main_measure: str = MAIN_MEASURE, kept: Collection[str] = tuple(MEASURES)) -> list[str]:
    """The measures that have a best point: the main one and those beside it, if kept and if one way is better."""
    names = dict.fromkeys([main_measure, *ALSO])
    return [name for name in names if name in kept and MEASURES[name].better is not None]
