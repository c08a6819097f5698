"""The typical case: chosen by a fixed rule from the cases that every scenario closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.charts.palette import PART_FILLS
from sim.charts.result import Result

KEY = ["replication", "case", "matter", "opened_s"]
"""What makes a case the same in all scenarios: where demand differs, one number may stand for two cases."""
COLUMNS = (
    *("scenario", "replication", "case", "matter", "kind", "opened_s", "closed_s", "outcome", "visits", "wait_s"),
    *PART_FILLS,
)


@dataclass(frozen=True)
class TypicalCase:
    """One case, the same in every scenario: which, of what matter, and its journey's columns by scenario.

    ``is_above``: the matter's authority lies above the community.
    """

    replication: int
    case: int
    matter: str
    is_above: bool
    journeys: dict[str, Any]


def matters_above(result: Result) -> set[str]:
    """Ids of the first scenario's matters whose authority lies above the community."""
    matters = result.resolved(result.names[0])["demand"]["matters"]
    return {name for name, matter in matters.items() if matter.get("authority", "community") != "community"}


def closed_everywhere(journeys: pd.DataFrame, n_scenarios: int) -> pd.DataFrame:
    """Rows of residents' cases that were closed in all scenarios, with ``open_for_s``."""
    cases = journeys[(journeys["kind"] == "resident") & (journeys["outcome"] == "closed")]
    cases = cases.assign(open_for_s=cases["closed_s"] - cases["opened_s"])
    return cases[cases.groupby(KEY)["scenario"].transform("nunique") == n_scenarios]


def with_visits(cases: pd.DataFrame) -> pd.DataFrame:
    """The cases in which the resident comes in every scenario (all, if there are none): not done by a proxy."""
    comes = cases[cases.groupby(KEY)["visits"].transform("min") > 0]
    return comes if len(comes) else cases


def most_common(cases: pd.DataFrame, preferred: Collection[str]) -> str:
    """The matter with most cases, among the preferred ones if any of those has a case; ties by name."""
    among = cases[cases["matter"].isin(list(preferred))]
    counts = (among if len(among) else cases)["matter"].value_counts()
    return str(min(counts[counts == counts.max()].index))


def nearest_to_median(cases: pd.DataFrame) -> tuple[int, int]:
    """Replication and case whose time to close is nearest to each scenario's median.

    Distances are relative to the median and summed over scenarios; ties go to the first.
    """
    median = cases.groupby("scenario")["open_for_s"].transform("median").clip(lower=1)
    distance = (cases["open_for_s"] / median - 1).abs()
    total = distance.groupby([cases["replication"], cases["case"]]).sum()
    nearest = total.sort_index().reset_index(name="distance").sort_values("distance", kind="stable").iloc[0]
    return int(nearest["replication"]), int(nearest["case"])


def typical_case(result: Result) -> TypicalCase | None:
    """The typical case of a result, or None where no resident's case was closed in every scenario.

    The matter is the most common one whose authority lies above the community (else the most common of all); the case
    is, of that matter's cohort cases closed in every scenario, the one nearest to the medians of time to close, among
    those in which the resident comes everywhere.
    """
    journeys = result.table("journeys.parquet", COLUMNS)
    first, last = result.cohort_s
    cases = closed_everywhere(journeys[journeys["opened_s"].between(first, last, inclusive="left")], len(result.names))
    if not len(cases):
        return None
    above = matters_above(result)
    matter = most_common(cases, above)
    cases = with_visits(cases[cases["matter"] == matter])
    replication, case = nearest_to_median(cases)
    chosen = cases[(cases["replication"] == replication) & (cases["case"] == case)]
    return TypicalCase(
        replication,
        case,
        matter,
        matter in above,
        dict(zip(chosen["scenario"], chosen.to_dict("records"), strict=True)),
    )
