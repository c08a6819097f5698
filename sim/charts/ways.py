"""The ways of cases through the levels, from the stored legs: what the diagrams of structures and of flows are drawn of."""

from __future__ import annotations

from collections.abc import Iterator

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


def a_year(result: Result) -> float:
    """By what a count over the cohort in all replications is multiplied to be one of a year."""
    return WEEKS_A_YEAR / result.cohort_weeks / max(1, result.replications)


def courses(result: Result) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """For each scenario and replication: its name, its cohort's cases, and their legs in order of joining, with ``tier``.

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


def moves(legs: pd.DataFrame) -> pd.Series:
    """How often cases pass from one tier to another: counts by ``kind`` (a Kind), ``tier``, ``to``.

    A resident's case counts each time that it passes; a task, which may be in several communities at once, once for
    each pair of tiers.

    >>> way = pd.DataFrame({"case": [1, 1, 1, 2], "kind": [0, 0, 0, 0], "tier": ["community", "street", "community"] * 1 + ["street"]})
    >>> moves(way).to_dict()
    {(0, 'community', 'street'): 1, (0, 'street', 'community'): 1}
    """
    to = legs["tier"].shift(-1)
    passes = (legs["case"] == legs["case"].shift(-1)) & (legs["tier"] != to)
    found = legs.assign(to=to)[passes]
    is_task = found["kind"] == Kind.TASK
    once = found[is_task].drop_duplicates(["case", "tier", "to"])
    return pd.concat([found[~is_task], once]).groupby(["kind", "tier", "to"]).size()
