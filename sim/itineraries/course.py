"""The cases of one matter on their way through one procedure: what every kind of step needs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.demand import MatterCases
from sim.distributions import whole
from sim.itineraries.rows import Rows, Tails
from sim.itineraries.setting import Setting
from sim.scenario.quantities import Delay
from sim.scenario.schema import Procedure, Step
from sim.tables import NONE, Kind, Ready

Columns = dict[str, "np.ndarray | int"]


@dataclass
class Undone:
    """Work left out if a row is served, collected block by block: (case, row, work_s, bearer)."""

    blocks: list[np.ndarray] = field(default_factory=list)

    def add(self, case: np.ndarray, row: np.ndarray | int, work_s: np.ndarray, bearer: int) -> None:
        """Note work that somebody else bears, or nobody does."""
        shape = np.ones(len(case), dtype=np.int64)
        self.blocks.append(np.column_stack((case, row * shape, whole(work_s * shape), bearer * shape)))

    def table(self) -> np.ndarray:
        """All notes; (n, 4) int64."""
        return np.concatenate(self.blocks) if self.blocks else np.empty((0, 4), dtype=np.int64)


class Course:
    """One matter's cases (members, counted from 0), the rows laid out so far, and where each case stands."""

    def __init__(self, setting: Setting, cases: MatterCases, procedure: Procedure, undone: Undone) -> None:
        self.setting = setting
        self.cases = cases
        self.matter = cases.matter
        self.steps = procedure.steps
        self.undone = undone
        self.n = len(cases.case)
        self.rows = Rows(cases.case)
        self.tails = Tails(self.rows, self.n, cases.opened_s)
        self.kind = int(Kind.TASK if self.matter.kind == "task" else Kind.RESIDENT)
        household = np.maximum(cases.household, 0)
        self.community = setting.where.of("community", household)
        self.committee = setting.where.of("committee", household)
        self.due_s = setting.due_s(cases)
        self.visit = np.zeros(self.n, dtype=np.int64)
        self.comes_back_s = np.full(self.n, float(NONE))
        self.proxied = np.zeros(self.n, dtype=bool)
        self.hard = self.chance("hard", self.matter.hard)
        self.complains = self.chance("complains", self.matter.complains)
        self.profile = setting.scenario.demand.profiles.get(self.matter.profile or "")
        bases = [self.base(step.unit) for step in self.steps]
        self.names = [f"{base}#{bases[:number].count(base)}" for number, base in enumerate(bases)]

    def uniforms(self, purpose: str, attempt: int = 0) -> np.ndarray:
        """Luck of the cases for a purpose."""
        return self.setting.demand.uniforms(self.cases, purpose, attempt)

    def chance(self, purpose: str, share: float, attempt: int = 0) -> np.ndarray:
        """Which cases a chance strikes: their luck compared with the share."""
        if share <= 0:
            return np.zeros(self.n, dtype=bool)
        return self.uniforms(purpose, attempt) < share

    def base(self, unit: str | list[str] | dict[str, str]) -> str:
        """What a step's unit is called for this matter: the category's unit, or all those the cases are spread over."""
        if isinstance(unit, list):
            return "/".join(unit)
        return unit if isinstance(unit, str) else unit.get(self.matter.category) or unit["other"]

    def unit(self, unit: str | list[str] | dict[str, str], members: np.ndarray) -> np.ndarray:
        """Number of the unit that each member goes to: at its own place, and by luck where cases are spread."""
        if isinstance(unit, list):
            which = (self.uniforms("spread")[members] * len(unit)).astype(np.int64)
            return np.asarray(np.array([self.unit(base, members) for base in unit])[which, np.arange(len(members))])
        base = self.base(unit)
        each = self.setting.scenario.structure.units[base].each
        numbers = np.array([self.setting.offices.number[base, place] for place in self.setting.where.names(each)])
        if each == "street":
            return np.full(len(members), numbers[0])
        return np.asarray(numbers[(self.community if each == "community" else self.committee)[members]])

    def work_s(self, step: Step, number: int, attempt: int) -> np.ndarray:
        """Seconds of work of a step for every case: its share of the content and what the structure adds."""
        total = np.zeros(self.n)
        if step.share:
            total += step.share * self.setting.luck(self.cases, "work", attempt, self.matter.work)
        if step.work is not None:
            total += self.setting.luck(self.cases, f"added work/{self.names[number]}", attempt, step.work)
        return total * step.factor * np.where(self.hard, step.hard_factor, 1.0)

    def ready(self, delay: Delay, purpose: str, attempt: int, members: np.ndarray) -> Columns:
        """The ``ready_*`` columns after a step's delay."""
        return self.setting.ready(delay, self.setting.luck(self.cases, f"delay/{purpose}", attempt, delay)[members])

    def returns(self, members: np.ndarray, ready: Columns, *, present: bool) -> Columns:
        """The same, but whoever comes back after papers failed comes in their own time, on an open day."""
        wait_s = self.comes_back_s[members]
        back = wait_s >= 0
        self.comes_back_s[members] = NONE
        if not back.any():
            return ready
        kind = int(Ready.NEXT_OPEN_DAY if present else Ready.WALL)
        return {
            "ready_kind": np.where(back, kind, ready["ready_kind"]),
            "ready_s": np.where(back, whole(wait_s), ready["ready_s"]),
            "ready_at": np.where(back, NONE, ready["ready_at"]),
        }
