"""The ways of cases through the levels, from the stored legs: of them structures and flows are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from sim.charts.result import Filter, Result
from sim.tables import NONE, Kind

TIERS = ("department", "street", "area", "community", "committee")
"""From the top: where a team or unit stands; an area is a tier of its own."""
OF_LEGS = ("scenario", "case", "row", "attempt", "kind", "unit", "joined_s", "started_s", "worked_s")
OF_CASES = ("scenario", "case", "kind", "channel", "found_by", "opened_s", "outcome", "level")
WEEKS_A_YEAR = 365 / 7


def tier_of(level: str, each: str) -> str:
    """The tier in which a unit or team stands, by its level and the places it stands in.

    >>> tier_of("community", "committee"), tier_of("street", "area"), tier_of("department", "area")
    ('committee', 'area', 'department')
    """
    return each if level != "department" and each in ("area", "committee") else level


def courses(result: Result) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """For each scenario and replication: its name, its cohort's cases, and their legs (with ``tier``) as they joined.

    Residents' cases and tasks only; what was never reached is no leg. One replication is in memory at a time.
    """
    units = result.table("units.csv", ("scenario", "unit", "level", "each"))
    units["tier"] = [tier_of(level, each) for level, each in zip(units["level"], units["each"], strict=True)]
    first, last = result.cohort_s
    for name in result.names:
        tiers = units[units["scenario"] == name].set_index("unit")["tier"]
        for replication in range(result.replications):
            here: list[Filter] = [("scenario", "==", name), ("replication", "==", replication)]
            cases = result.table("journeys.parquet", OF_CASES, here)
            cases = cases[cases["opened_s"].between(first, last, inclusive="left")]
            legs = result.table("legs.parquet", OF_LEGS, here)
            legs = legs[legs["case"].isin(cases["case"]) & (legs["joined_s"] != NONE)]
            legs = legs[legs["kind"].isin([Kind.RESIDENT, Kind.TASK])]
            legs = legs.sort_values(["case", "joined_s", "row", "attempt"], ignore_index=True)
            yield name, cases, legs.assign(tier=legs["unit"].map(tiers))


def a_year(
    result: Result, count: Callable[[pd.DataFrame, pd.DataFrame], pd.Series]
) -> dict[str, dict[tuple[Any, ...], float]]:
    """What ``count`` counts of each replication's cases and legs, a year and on average, by scenario."""
    counted: dict[str, dict[tuple[Any, ...], float]] = {name: {} for name in result.names}
    factor = WEEKS_A_YEAR / result.cohort_weeks / result.replications
    for name, cases, legs in courses(result):
        found = count(cases, legs)
        for key, n in zip(found.index.tolist(), found.tolist(), strict=True):
            counted[name][key] = counted[name].get(key, 0.0) + factor * n
    return counted


def moves(legs: pd.DataFrame) -> pd.Series:
    """How often cases pass from one tier to another: counts by ``kind`` (a Kind), ``tier``, ``to``.

    A resident's case counts each time that it passes; a task, which may be in several communities at once, once for
    each pair of tiers.

    >>> tiers = ["community", "street", "community", "street"]
    >>> way = pd.DataFrame({"case": [1, 1, 1, 2], "kind": [0, 0, 0, 0], "tier": tiers})
    >>> moves(way).to_dict()
    {(0, 'community', 'street'): 1, (0, 'street', 'community'): 1}
    """
    to = legs["tier"].shift(-1)
    passes = (legs["case"] == legs["case"].shift(-1)) & (legs["tier"] != to)
    found = legs.assign(to=to)[passes]
    is_task = found["kind"] == Kind.TASK
    once = found[is_task].drop_duplicates(["case", "tier", "to"])
    return pd.concat([found[~is_task], once]).groupby(["kind", "tier", "to"]).size()
