"""Measures: numbers with a name, a group, a unit, and a stated estimator, population and censoring rule.

Each measure's docstring says what it is; the functions are listed in ``FAMILIES``. A measure whose population is empty
has no row. Groups: ``''`` is everybody; fixed words (levels, channels, ``elderly`` …) stand plain; ids of the scenario
are written ``matter:…``, ``unit:…``, ``team:…`` (``team:id@place`` in one place), ``community:…``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from sim.measures import closing, equity, staff, waits
from sim.measures.registry import MAIN_MEASURE, MEASURES, MeasureInfo, group_label
from sim.measures.series import daily_open_cases, queue_by_hour
from sim.measures.split import teams_table
from sim.measures.study import Row, Study, study
from sim.measures.window import Window
from sim.tables import Plan

__all__ = [
    "FAMILIES",
    "MAIN_MEASURE",
    "MEASURES",
    "MeasureInfo",
    "Window",
    "daily_open_cases",
    "group_label",
    "measure",
    "queue_by_hour",
    "teams_table",
]

FAMILIES: tuple[Callable[[Study], Iterator[Row]], ...] = (
    waits.resident_hours,
    waits.wait_of_visits,
    waits.wait_of_cases,
    waits.wait_at_units,
    closing.time_to_close,
    closing.parts_of_time,
    closing.trips,
    closing.fates,
    closing.tasks,
    closing.backlog,
    staff.use,
    staff.hours,
    staff.work_left_out,
    staff.department_hours,
    equity.between_communities,
    equity.between_residents,
)


def measure(
    plan: Plan, legs: pd.DataFrame, journeys: pd.DataFrame, window: Window, stay: pd.DataFrame | None = None
) -> pd.DataFrame:
    """All measures of one run: ``measure, group, value, unit``, in the order of MEASURES.

    Parameters
    ----------
    plan, legs
        Demand under a structure, and what the engine made of it.
    journeys
        :func:`sim.journeys.journeys` of the two.
    window
        Cases opened in its cohort are measured; its ``end_s`` is the run's.
    stay
        :func:`sim.stays.stays` of the two, if it is at hand.
    """
    taken = study(plan, legs, journeys, window, stay)
    rows = [row for family in FAMILIES for row in family(taken)]
    table = pd.DataFrame(rows, columns=["measure", "group", "value"])
    order = {name: position for position, name in enumerate(MEASURES)}
    table = table.sort_values("measure", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    return table.assign(unit=table["measure"].map({name: info.unit for name, info in MEASURES.items()}))
