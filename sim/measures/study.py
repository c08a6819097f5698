"""What measures are taken from: the window, the cohort, and the rows that a measure gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.measures.columns import Columns, Groups
from sim.measures.split import team_totals, time_split
from sim.measures.window import Window
from sim.stays import Stays
from sim.tables import NONE, Plan
from sim.units import HOUR_S

Row = tuple[str, str, float]
"""measure, group, value."""
ALL = ""
"""The group of everybody."""


@dataclass(frozen=True, eq=False)
class Study:
    """One run, and the cohort in it: cases opened in the window. What a measure asks for is made once, when asked.

    ``journeys`` and ``walked`` (stays and trips) are those of all cases.
    """

    plan: Plan
    legs: pd.DataFrame
    journeys: pd.DataFrame
    window: Window
    walked: Stays

    @cached_property
    def everyone(self) -> Columns:
        """The journeys of all cases, whenever opened."""
        return Columns(self.journeys)

    @cached_property
    def cohort(self) -> Columns:
        """The journeys of the cases opened in the window."""
        return self.everyone.where(self.window.opens(self.everyone["opened_s"]))

    @cached_property
    def residents(self) -> Columns:
        """The cohort's resident cases."""
        return self.cohort.where(self.cohort.has("kind", "resident"))

    @cached_property
    def spent_h(self) -> np.ndarray:
        """Hours that each of the residents' cases costs its resident, waiting and travelling."""
        return (self.residents["wait_s"] + self.residents["travel_s"]) / HOUR_S

    @cached_property
    def tasks(self) -> Columns:
        """The cohort's tasks, without those refused."""
        return self.cohort.where(self.cohort.has("kind", "task") & ~self.cohort.has("outcome", "refused"))

    def age_s(self, cases: Columns) -> np.ndarray:
        """Seconds from opening to leaving, or to the end of the run."""
        left_s = np.where(cases["left_s"] == NONE, self.window.end_s, cases["left_s"])
        return np.maximum(left_s - cases["opened_s"], 0)

    @cached_property
    def _is_member(self) -> np.ndarray:
        """Whether each case of the plan is one of the cohort's residents'."""
        return np.isin(self.plan.cases["case"].to_numpy(), self.residents["case"])

    @cached_property
    def all_stays(self) -> Columns:
        """The stays of all cases."""
        return Columns(self.walked.table)

    @cached_property
    def stays(self) -> Columns:
        """The residents' stays at units, whenever they are."""
        return self.all_stays.where(self._is_member[self.all_stays["at"]])

    @cached_property
    def visits(self) -> Columns:
        """The residents' trips."""
        trips = Columns(self.walked.trips)
        return trips.where(self._is_member[trips["at"]])

    @cached_property
    def community_of_visits(self) -> Groups:
        """The community from which each visit is made."""
        home = self.residents.groups("community")
        return Groups(home.codes[np.searchsorted(self.residents["case"], self.visits["case"])], home.names)

    @cached_property
    def split(self) -> pd.DataFrame:
        """The teams' time in the window."""
        return time_split(self.plan, self.legs, self.window, self.walked.hours)

    @cached_property
    def teams(self) -> pd.DataFrame:
        """The same in all, a row a team."""
        return team_totals(self.split)


def is_laid_aside(study: Study, stay: Columns) -> np.ndarray:
    """In which stays the work lies aside."""
    return np.asarray(study.plan.engine_input.itineraries["class"].to_numpy()[stay["position"]] == NONE)


def mean(values: np.ndarray) -> float:
    """Mean over the members of a group."""
    return float(values.mean())


def grouped(
    name: str,
    values: np.ndarray,
    groups: Groups | None = None,
    prefix: str = "",
    estimate: Callable[[np.ndarray], float] = mean,
) -> Iterator[Row]:
    """One row for each group, or one for all where no groups are given; an empty group has none."""
    if groups is None:
        if len(values):
            yield name, ALL, estimate(values)
        return
    for group, members in groups.parts(values):
        yield name, f"{prefix}{group}", estimate(members)
