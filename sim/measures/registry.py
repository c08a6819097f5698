"""The measures by name: unit, which way is better, and the words for measures and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sim.language import DEFAULT_LANGUAGE, has, say

Better = Literal["lower", "higher"]


@dataclass(frozen=True)
class MeasureInfo:
    """A measure's unit, whether it is one of the few to be shown first, and which way is better (None: neither)."""

    unit: str
    main: bool = False
    better: Better | None = None


MAIN_MEASURE = "resident_hours_per_case"
MEASURES: Mapping[str, MeasureInfo] = {
    MAIN_MEASURE: MeasureInfo("h", main=True, better="lower"),
    "wait_visit_min": MeasureInfo("min", main=True, better="lower"),
    "wait_visit_p50_min": MeasureInfo("min", better="lower"),
    "wait_visit_p90_min": MeasureInfo("min", main=True, better="lower"),
    "wait_none_share": MeasureInfo("share", better="higher"),
    "wait_over_15_share": MeasureInfo("share", better="lower"),
    "wait_over_30_share": MeasureInfo("share", better="lower"),
    "wait_over_60_share": MeasureInfo("share", better="lower"),
    "wait_case_min": MeasureInfo("min", better="lower"),
    "wait_unit_min": MeasureInfo("min", better="lower"),
    "close_days": MeasureInfo("days", main=True, better="lower"),
    "close_p50_days": MeasureInfo("days", better="lower"),
    "close_p90_days": MeasureInfo("days", better="lower"),
    "closed_within_share": MeasureInfo("share", better="higher"),
    "close_part_days": MeasureInfo("days", better="lower"),
    "found_days": MeasureInfo("days", better="lower"),
    "close_known_days": MeasureInfo("days", better="lower"),
    "found_by_share": MeasureInfo("share"),
    "reopened_share": MeasureInfo("share", better="lower"),
    "visits_per_case": MeasureInfo("visits", main=True, better="lower"),
    "returns_per_case": MeasureInfo("visits", better="lower"),
    "travel_min_per_case": MeasureInfo("min", better="lower"),
    "on_time_share": MeasureInfo("share", main=True, better="higher"),
    "closed_at_share": MeasureInfo("share"),
    "gave_up_share": MeasureInfo("share", main=True, better="lower"),
    "unfinished_share": MeasureInfo("share", better="lower"),
    "complaints_per_1000_cases": MeasureInfo("cases", better="lower"),
    "n_cases": MeasureInfo("cases"),
    "n_visits": MeasureInfo("visits"),
    "backlog_cases": MeasureInfo("cases", better="lower"),
    "backlog_slope_cases_per_week": MeasureInfo("cases/week", better="lower"),
    "task_on_time_share": MeasureInfo("share", better="higher"),
    "task_missed_share": MeasureInfo("share", main=True, better="lower"),
    "task_close_days": MeasureInfo("days", better="lower"),
    "n_tasks": MeasureInfo("tasks"),
    "orders_urged_share": MeasureInfo("share", better="lower"),
    "neglected_share": MeasureInfo("share", better="lower"),
    "staff_use_share": MeasureInfo("share", main=True),
    "staff_hours_per_week": MeasureInfo("h/week"),
    "overtime_h_per_week": MeasureInfo("h/week", main=True, better="lower"),
    "not_done_h_per_week": MeasureInfo("h/week", main=True, better="lower"),
    "department_h_per_week": MeasureInfo("h/week", better="lower"),
    "wait_worst_community_p90_min": MeasureInfo("min", main=True, better="lower"),
    "resident_hours_gini": MeasureInfo("", better="lower"),
    "resident_hours_gini_residents": MeasureInfo("", better="lower"),
}
"""All measures in the order in which they are reported; their words are ``measure.<name>`` of the catalogue."""


def group_label(group: str, lang: str = DEFAULT_LANGUAGE, names: Mapping[str, str] | None = None) -> str:
    """The words for a group.

    ``''`` is everybody. Fixed words (levels, channels, parts of time, bearers …) are ``group.<word>`` of the catalogue,
    two of them joined by ``/``. Ids of the scenario are written ``matter:…``, ``unit:…``, ``team:…``,
    ``community:…``, those of one place ``team:id@place``; ``names`` may give the words for an id or place.

    >>> group_label("street/idle", "zh"), group_label("team:window@c1")
    ('街道 · 空闲', 'window · c1')
    >>> group_label("team:window@c1", "zh", {"window": "综合窗口"})
    '综合窗口 · c1'
    """
    parts = group.split(":", 1)[-1].replace("@", "/").split("/")
    of_scenario = ":" in group
    words = names or {}
    labels = [
        say(f"group.{part or 'all'}", lang) if not of_scenario and has(f"group.{part or 'all'}") else part
        for part in parts
    ]
    return " · ".join(words.get(label, label) for label in labels)


def unit_label(unit: str, lang: str = DEFAULT_LANGUAGE) -> str:
    """The words for a unit; a unit without words of its own as it is.

    >>> unit_label("h", "zh"), unit_label("cases/week"), unit_label("")
    ('小时', 'cases/week', '')
    """
    return say(f"unit.{unit}", lang) if has(f"unit.{unit}") else unit
