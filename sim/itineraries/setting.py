"""What every part of the planning needs to know: the structure as it stands, its calendars and gates, the luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim import calendars
from sim.demand import Demand, MatterCases
from sim.distributions import factors, whole
from sim.scenario.quantities import Delay, Draw
from sim.scenario.schema import Procedure, Scenario
from sim.structure.offices import Offices, offices
from sim.structure.places import Places, places
from sim.tables import CALENDARS, GATES, NONE, Ready
from sim.units import HOUR_S, Span


@dataclass(frozen=True)
class Setting:
    """A scenario's structure on its street, with the demand of one replication."""

    scenario: Scenario
    demand: Demand
    where: Places
    offices: Offices
    calendar_names: list[str]
    calendars: pd.DataFrame
    gates: pd.DataFrame
    working_day_s: dict[str, int]

    @property
    def default_calendar(self) -> str:
        """The calendar of working time where none is named: the scenario's first."""
        return self.calendar_names[0]

    def open_periods(self, calendar: str) -> tuple[np.ndarray, np.ndarray]:
        """Opening and closing instants of a calendar."""
        rows = self.calendars[self.calendars["calendar"] == self.calendar_names.index(calendar)]
        return rows["open_s"].to_numpy(), rows["close_s"].to_numpy()

    def span_s(self, span: Span, calendar: str | None) -> float:
        """Seconds of a span: wall time, or working time of a calendar."""
        if span.unit == "working day":
            return span.amount * self.working_day_s[calendar or self.default_calendar]
        return span.amount * (HOUR_S if span.unit == "working hour" else 1)

    def amount_s(self, draw: Draw, uniforms: np.ndarray) -> np.ndarray:
        """Seconds of a random amount (wall or working time), not rounded."""
        return self.span_s(draw.mean, None) * factors(draw, uniforms)

    def luck(self, cases: MatterCases, purpose: str, attempt: int, draw: Draw) -> np.ndarray:
        """Seconds of a random amount for each case of a matter; certain amounts use no luck."""
        if draw.cv == 0:
            return np.full(len(cases.case), self.span_s(draw.mean, None))
        return self.amount_s(draw, self.demand.uniforms(cases, purpose, attempt))

    def ready(self, delay: Delay, seconds: np.ndarray) -> dict[str, np.ndarray | int]:
        """The ``ready_*`` columns of a delay of so many seconds."""
        if delay.gate is not None:
            gate = list(self.scenario.gates).index(delay.gate)
            return {"ready_kind": int(Ready.GATE), "ready_s": whole(seconds), "ready_at": gate}
        if delay.mean.unit != "s":
            calendar = self.calendar_names.index(delay.calendar or self.default_calendar)
            return {"ready_kind": int(Ready.WORKING), "ready_s": whole(seconds), "ready_at": calendar}
        return {"ready_kind": int(Ready.WALL), "ready_s": whole(seconds), "ready_at": NONE}

    def due_s(self, cases: MatterCases) -> np.ndarray:
        """Promised instant of closing of each case, -1 where nothing is promised."""
        limit = cases.matter.limit
        if limit is None:
            return np.full(len(cases.case), NONE, dtype=np.int64)
        if limit.unit == "s":
            return cases.opened_s + int(limit.amount)
        opens, closes = self.open_periods(self.default_calendar)
        return add_working(opens, closes, cases.opened_s, round(self.span_s(limit, None)))


def add_working(opens: np.ndarray, closes: np.ndarray, start_s: np.ndarray, seconds: int) -> np.ndarray:
    """The instant when so much open time has passed since each start; (n,) int64.

    >>> add_working(np.array([0, 100]), np.array([10, 110]), np.array([5, 20]), 8).tolist()
    [103, 108]
    """
    done = np.concatenate(([0], np.cumsum(closes - opens)))
    target = calendars.open_seconds(opens, closes, start_s) + seconds
    period = np.minimum(np.searchsorted(done, target, side="left") - 1, len(opens) - 1)
    return np.asarray(opens[np.maximum(period, 0)] + target - done[np.maximum(period, 0)])


def setting(scenario: Scenario, demand: Demand) -> Setting:
    """Stand the structure on its street for one replication."""
    where = places(scenario.structure)
    names, table = calendars.build(scenario.calendars, demand.end_s)
    gates = [
        pd.DataFrame({"gate": number, "at_s": calendars.instants(rhythm, demand.end_s)})
        for number, rhythm in enumerate(scenario.gates.values())
    ]
    return Setting(
        scenario=scenario,
        demand=demand,
        where=where,
        offices=offices(scenario.structure, where),
        calendar_names=list(names),
        calendars=table[list(CALENDARS)],
        gates=pd.concat(gates, ignore_index=True) if gates else pd.DataFrame(columns=list(GATES), dtype=np.int64),
        working_day_s={name: calendars.working_day_s(calendar) for name, calendar in scenario.calendars.items()},
    )


def procedure_of(scenario: Scenario, name: str) -> Procedure:
    """The procedure that handles a matter: named by its id, else by its category, else by its kind."""
    matter = scenario.demand.matters[name]
    for tag in (name, f"category:{matter.category}", f"kind:{matter.kind}"):
        for procedure in scenario.structure.procedures.values():
            if tag in procedure.matters:
                return procedure
    raise KeyError(name)
