"""Measures: numbers with a name, a group, a unit, and a stated estimator, population and censoring rule.

Each measure's docstring says what it is; the functions are listed in ``FAMILIES``. A measure whose population is empty
has no row. Groups: ``''`` is everybody; fixed words (levels, channels, ``elderly`` …) stand plain; ids of the scenario
are written ``matter:…``, ``unit:…``, ``team:…`` (``team:id@place`` in one place), ``community:…``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import pandas as pd

from sim.measures import closing, equity, staff, waits
from sim.measures.registry import MAIN_MEASURE, MEASURES, MeasureInfo, group_label, unit_label
from sim.measures.series import daily_open_cases, queue_by_hour
from sim.measures.split import teams_table
from sim.measures.study import Row, Study
from sim.measures.window import Window
from sim.stays import Stays, stays
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
    "unit_label",
]

FAMILIES: Mapping[Callable[[Study], Iterator[Row]], tuple[str, ...]] = {
    waits.resident_hours: (MAIN_MEASURE,),
    waits.wait_of_visits: (
        *(f"wait_visit_{which}" for which in ("min", "p50_min", "p90_min")),
        *(f"wait_{which}_share" for which in ("none", "over_15", "over_30", "over_60")),
    ),
    waits.wait_of_cases: ("wait_case_min",),
    waits.wait_at_units: ("wait_unit_min",),
    closing.time_to_close: ("close_days", "closed_within_share"),
    closing.spread_of_time_to_close: ("close_p50_days", "close_p90_days"),
    closing.parts_of_time: ("close_part_days",),
    closing.finding: ("found_days", "close_known_days", "found_by_share"),
    closing.settling: ("reopened_share",),
    closing.trips: ("visits_per_case", "returns_per_case", "travel_min_per_case"),
    closing.fates: (
        *("on_time_share", "gave_up_share", "unfinished_share", "complaints_per_1000_cases"),
        *("n_cases", "n_visits", "closed_at_share"),
    ),
    closing.tasks: ("task_on_time_share", "task_missed_share", "task_close_days", "n_tasks"),
    closing.orders: ("orders_urged_share",),
    closing.neglect: ("neglected_share",),
    closing.backlog: ("backlog_cases", "backlog_slope_cases_per_week"),
    staff.use: ("staff_use_share",),
    staff.hours: ("staff_hours_per_week", "overtime_h_per_week"),
    staff.work_left_out: ("not_done_h_per_week",),
    staff.department_hours: ("department_h_per_week",),
    equity.between_communities: ("wait_worst_community_p90_min", MAIN_MEASURE, "resident_hours_gini"),
    equity.between_residents: (MAIN_MEASURE,),
    equity.among_residents: ("resident_hours_gini_residents",),
}
"""The measures that each function gives."""


def measure(
    plan: Plan,
    legs: pd.DataFrame,
    journeys: pd.DataFrame,
    window: Window,
    walked: Stays | None = None,
    names: Collection[str] | None = None,
) -> pd.DataFrame:
    """The measures of one run: ``measure, group, value, unit``, in the order of MEASURES.

    Parameters
    ----------
    plan, legs
        Demand under a structure, and what the engine made of it.
    journeys
        :func:`sim.journeys.journeys` of the two.
    window
        Cases opened in its cohort are measured; its ``end_s`` is the run's.
    walked
        :func:`sim.stays.stays` of the two, if they are at hand.
    names
        The measures that are wanted (default: all).
    """
    taken = Study(plan, legs, journeys, window, stays(plan, legs) if walked is None else walked)
    wanted = frozenset(MEASURES if names is None else names)
    rows = [
        row for family, given in FAMILIES.items() if wanted & set(given) for row in family(taken) if row[0] in wanted
    ]
    table = pd.DataFrame(rows, columns=["measure", "group", "value"])
    order = {name: position for position, name in enumerate(MEASURES)}
    table = table.sort_values("measure", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    return table.assign(unit=table["measure"].map({name: info.unit for name, info in MEASURES.items()}))
