"""The cases of one matter on their way through one procedure: what every kind of step needs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.demand import MatterCases
from sim.distributions import factors, whole
from sim.itineraries.rows import LooseEnds, Rows
from sim.itineraries.setting import Setting
from sim.itineraries.settling import unsettled_times
from sim.scenario.quantities import Delay, Draw
from sim.scenario.schema import Each, Procedure, Profile, Step
from sim.tables import BEARERS, NONE, Kind, Ready

ReadyColumns = dict[str, np.ndarray]
"""The columns ``ready_kind``, ``ready_s``, ``ready_at``, ``own_s``; (n_members,) each."""


@dataclass
class Undone:
    """Work left out if a row is served, collected block by block: (case, row, work_s, bearer)."""

    blocks: list[np.ndarray] = field(default_factory=list)

    def add(self, case: np.ndarray, row: np.ndarray | int, work_s: np.ndarray, bearer: str) -> None:
        """Note work (whole seconds) that somebody else bears, or nobody does."""
        columns = np.broadcast_arrays(case, row, work_s, BEARERS.index(bearer))
        self.blocks.append(np.column_stack(columns))

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
        self.luck = [step.luck or f"step {number}" for number, step in enumerate(self.steps)]
        self.undone = undone
        self.n = len(cases.case)
        self.rows = Rows(cases.case)
        self.ends = LooseEnds(self.rows, cases.opened_s)
        self.kind = int(Kind.TASK if self.matter.kind == "task" else Kind.RESIDENT)
        self.profile = setting.scenario.demand.profiles.get(self.matter.profile or "", Profile())
        self.due_s = setting.due_s(cases)
        self.slowness = setting.slowness(cases.opened_s)
        self._place: dict[Each, np.ndarray] = {}
        self._drawn: dict[tuple[str, int], np.ndarray] = {}
        self.hard = self.chance("hard", self.matter.hard)
        self.complains = self.chance("complains", self.matter.complains)
        self.followed_share = np.zeros(self.n)
        self.complaint_row = np.full(self.n, NONE, dtype=np.int64)
        self.visit = np.zeros(self.n, dtype=np.int64)
        self.is_at_home = np.ones(self.n, dtype=bool)
        self.is_sent_back = np.zeros(self.n, dtype=bool)
        self.way_back_s = np.zeros(self.n, dtype=np.int64)
        self.own_delay_s = np.zeros(self.n, dtype=np.int64)
        self.seemed_s = np.full(self.n, NONE, dtype=np.int64)
        self.unsettled = unsettled_times(setting.demand, cases)
        self.n_again = np.zeros(self.n, dtype=np.int64)
        self.content_share = 1.0
        self.is_proxied = np.zeros(self.n, dtype=bool)
        self.knows_door = np.zeros((len(self.steps), self.n), dtype=bool)
        self.is_settled = np.zeros((len(self.steps), self.n), dtype=bool)

    # ---- luck

    def uniforms(self, purpose: str, attempt: int = 0) -> np.ndarray:
        """Luck of the cases for a purpose; (n_cases,) floats."""
        if (purpose, attempt) not in self._drawn:
            self._drawn[purpose, attempt] = self.setting.demand.uniforms(self.cases, purpose, attempt)
        return self._drawn[purpose, attempt]

    def chance(self, purpose: str, share: float, attempt: int = 0) -> np.ndarray:
        """Which cases a chance strikes: their luck compared with the share; (n_cases,) bool."""
        if share <= 0:
            return np.zeros(self.n, dtype=bool)
        return self.uniforms(purpose, attempt) < share

    def amount_s(self, draw: Draw, purpose: str, attempt: int, members: np.ndarray) -> np.ndarray:
        """Seconds of a random amount of wall or working time, not rounded; a certain amount uses no luck."""
        mean_s = self.setting.span_s(draw.mean, draw.calendar if isinstance(draw, Delay) else None)
        if draw.cv == 0:
            return np.full(len(members), mean_s)
        return mean_s * factors(draw, self.uniforms(purpose, attempt)[members])

    def takers(self, number: int, members: np.ndarray) -> np.ndarray:
        """Those of the members who need a step: it falls to them, and it is not settled once for all."""
        members = members[~self.is_settled[number, members]]
        share = self.steps[number].chance
        return members if share >= 1 else members[self.chance(f"chance/{self.luck[number]}", share)[members]]

    def is_unsettled(self, members: np.ndarray) -> np.ndarray:
        """Of which members the work, as often as it was done by now, settled nothing; (n_members,) bool."""
        return np.asarray(self.n_again[members] < self.unsettled[members])

    # ---- where, how much, when

    def unit(self, unit: str | list[str] | dict[str, str], members: np.ndarray) -> np.ndarray:
        """Number of the unit that each member goes to: at its own place; by luck where cases are spread."""
        bases = self.bases(unit)
        if len(bases) == 1:
            return self._at_own_place(bases[0], members)
        which = (self.uniforms("spread")[members] * len(bases)).astype(np.int64)
        numbers = np.array([self._at_own_place(base, members) for base in bases])
        return np.asarray(numbers[which, np.arange(len(members))])

    def bases(self, unit: str | list[str] | dict[str, str]) -> list[str]:
        """What the units are called that a step names for this matter; a mapping is by category."""
        if isinstance(unit, dict):
            return [unit.get(self.matter.category) or unit["other"]]
        return [unit] if isinstance(unit, str) else unit

    def _at_own_place(self, base: str, members: np.ndarray) -> np.ndarray:
        each, where = self.setting.scenario.structure.units[base].each, self.setting.where
        numbers = np.array([self.setting.offices.number[base, place] for place in where.names(each)])
        if len(numbers) == 1:
            return np.broadcast_to(numbers, len(members))
        if each not in self._place:
            self._place[each] = where.of(each, np.maximum(self.cases.household, 0))
        return np.asarray(numbers[self._place[each][members]])

    def work_s(
        self, step: Step, luck: str, attempt: int, members: np.ndarray, content_share: float | None = None
    ) -> np.ndarray:
        """Whole seconds of work of a step: its share of the content, and what the structure adds.

        ``content_share`` is how much of the content there is to do; by default what the course stands at.
        """
        content_s = self.content_s(self.matter.work, "work", attempt, members)
        content_s = content_s * (self.content_share if content_share is None else content_share)
        return self.with_added_s(step, luck, attempt, members, step.share * content_s)

    def content_s(self, work: Draw, purpose: str, attempt: int, members: np.ndarray) -> np.ndarray:
        """Seconds of work content, the same under every structure; that of tasks has a scale of its own."""
        scale = self.setting.scenario.demand.task_scale if self.kind == Kind.TASK else 1.0
        return scale * self.amount_s(work, purpose, attempt, members)

    def with_added_s(
        self, step: Step, luck: str, attempt: int, members: np.ndarray, content_s: np.ndarray
    ) -> np.ndarray:
        """Whole seconds, at least 1, of a step's content with the work it adds, by the skill of those who do it."""
        added_s = 0.0 if step.work is None else self.amount_s(step.work, f"added work/{luck}", attempt, members)
        skill = step.factor * np.where(self.hard[members], step.hard_factor, 1.0)
        if self._learns(step.unit):
            skill = skill * self.slowness[members]
        return whole((content_s + added_s) * skill, 1)

    def own_s(self, members: np.ndarray, work_s: np.ndarray) -> np.ndarray:
        """What is left of some work for the structure's own people; what those who follow the task do is noted.

        ``work_s``: whole seconds, (n_members,) or (n_places, n_members); at least 1 of each is left.
        """
        shares = self.followed_share[members]
        if not shares.any():
            return work_s
        own_s = whole(work_s * (1 - shares), 1)
        followed_s = np.atleast_2d(work_s - own_s).sum(axis=0)
        here = followed_s > 0
        self.undone.add(self.cases.case[members[here]], NONE, followed_s[here], "department")
        return own_s

    def office_work_s(self, work: Draw, unit: str, purpose: str, attempt: int, members: np.ndarray) -> np.ndarray:
        """Whole seconds, at least 1, of work that a unit has with a case beside its steps: ordering, checking."""
        work_s = self.amount_s(work, purpose, attempt, members)
        return whole(work_s * self.slowness[members] if self._learns(unit) else work_s, 1)

    def _learns(self, unit: str | list[str] | dict[str, str]) -> bool:
        """Whether a transition makes work slower at a unit: departments' work is as ever."""
        units = self.setting.scenario.structure.units
        return any(units[base].level != "department" for base in self.bases(unit))

    def ready(self, delay: Delay, luck: str, attempt: int, members: np.ndarray) -> ReadyColumns:
        """The ``ready_*`` columns of a delay."""
        wait_s = whole(self.amount_s(delay, f"delay/{luck}", attempt, members))
        if delay.gate is not None:
            return ready_columns(Ready.GATE, wait_s, self.setting.gate_names.index(delay.gate))
        if delay.mean.unit != "s":
            names = self.setting.calendar_names
            return ready_columns(Ready.WORKING, wait_s, names.index(delay.calendar or names[0]))
        return ready_columns(Ready.WALL, wait_s)

    def ready_again(self, members: np.ndarray, ready: ReadyColumns, kind: Ready) -> ReadyColumns:
        """The same, but who was sent back with papers comes as ``kind`` says, after their way back and own time.

        So does who asks again, after the time in which all seemed settled.
        """
        again = self.is_sent_back[members]
        if not again.any():
            return ready
        self.is_sent_back[members] = False
        way_s, own_s = self.way_back_s[members], self.own_delay_s[members]
        seemed_s = np.where(again, self.seemed_s[members], NONE)
        back = ready_columns(kind, way_s + own_s + np.maximum(seemed_s, 0)) | {"own_s": own_s}
        ready = {name: np.where(again, back[name], ready[name]) for name in ready}
        return ready | {"seemed_s": seemed_s} if (seemed_s != NONE).any() else ready


def ready_columns(kind: Ready, wait_s: np.ndarray, at: int = NONE) -> ReadyColumns:
    """The columns of rows that all become ready in one way after so many seconds; for reading."""
    columns = {"ready_kind": int(kind), "ready_at": at, "own_s": NONE}
    n = len(wait_s)
    return {"ready_s": wait_s} | {name: np.broadcast_to(np.int64(value), n) for name, value in columns.items()}
