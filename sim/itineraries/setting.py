"""What every part of the planning needs to know: the structure as it stands, its calendars and gates, the demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim import calendars
from sim.demand import Demand, MatterCases
from sim.scenario.schema import Scenario
from sim.structure.offices import Offices, offices
from sim.structure.places import Places, places
from sim.tables import CALENDARS, GATES, NONE
from sim.units import HOUR_S, Span


@dataclass(frozen=True)
class Setting:
    """A scenario's structure on its street, with the demand of one replication.

    ``hours``: opening and closing instants of each calendar; the first calendar is that of working time where none is
    named.
    """

    scenario: Scenario
    demand: Demand
    where: Places
    offices: Offices
    calendar_names: tuple[str, ...]
    calendars: pd.DataFrame
    hours: dict[str, tuple[np.ndarray, np.ndarray]]
    gate_names: tuple[str, ...]
    gates: pd.DataFrame
    working_day_s: dict[str, int]

    def span_s(self, span: Span, calendar: str | None = None) -> float:
        """Seconds of a span: wall time, or working time of a calendar (default: the first)."""
        if span.unit == "working day":
            return span.amount * self.working_day_s[calendar or self.calendar_names[0]]
        return span.amount * (HOUR_S if span.unit == "working hour" else 1)

    def slowness(self, opened_s: np.ndarray) -> np.ndarray:
        """How many times as long the work of cases takes that are opened at some instants, in a transition."""
        transition, warm_up = self.scenario.structure.rules.transition, self.scenario.run.warm_up
        if transition is None:
            return np.ones(len(opened_s))
        since_s = np.maximum(opened_s - (0 if warm_up == "auto" else warm_up), 0)
        return np.asarray(1 + transition.extra_work_share * np.exp2(-since_s / transition.half_life))

    def due_s(self, cases: MatterCases) -> np.ndarray:
        """Promised instant of closing of each case, -1 where nothing is promised."""
        limit = cases.matter.limit
        if limit is None:
            return np.full(len(cases.case), NONE, dtype=np.int64)
        if limit.unit == "s":
            return cases.opened_s + int(limit.amount)
        return add_working(*self.hours[self.calendar_names[0]], cases.opened_s, round(self.span_s(limit)))


def add_working(opens: np.ndarray, closes: np.ndarray, start_s: np.ndarray, seconds: np.ndarray | int) -> np.ndarray:
    """The instant when so much open time has passed since each start; (n,) int64.

    >>> add_working(np.array([0, 100]), np.array([10, 110]), np.array([5, 20]), 8).tolist()
    [103, 108]
    """
    done = np.concatenate(([0], np.cumsum(closes - opens)))
    target = calendars.open_seconds(opens, closes, start_s) + seconds
    period = np.clip(np.searchsorted(done, target, side="left") - 1, 0, len(opens) - 1)
    return np.asarray(opens[period] + target - done[period])


def setting(scenario: Scenario, demand: Demand) -> Setting:
    """Stand the structure on its street for one replication."""
    where = places(scenario.structure)
    calendar_names, table = calendars.build(scenario.calendars, demand.end_s)
    calendar, opens, closes = (table[name].to_numpy() for name in CALENDARS[:3])
    gates = [
        pd.DataFrame({"gate": number, "at_s": calendars.instants(rhythm, demand.end_s)})
        for number, rhythm in enumerate(scenario.gates.values())
    ]
    return Setting(
        scenario=scenario,
        demand=demand,
        where=where,
        offices=offices(scenario.structure, where),
        calendar_names=calendar_names,
        calendars=table,
        hours={name: (opens[calendar == k], closes[calendar == k]) for k, name in enumerate(calendar_names)},
        gate_names=tuple(scenario.gates),
        gates=pd.concat(gates, ignore_index=True) if gates else pd.DataFrame(columns=list(GATES), dtype=np.int64),
        working_day_s={name: calendars.working_day_s(calendar) for name, calendar in scenario.calendars.items()},
    )
