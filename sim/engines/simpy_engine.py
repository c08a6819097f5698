"""The reference engine, in SimPy, written to be read: who waits, who is served, and when.

Cases walk from row to row as processes; teams and units are processes that open and close. SimPy orders the events
of one instant by priority, and so makes the three phases: (A) the clock moves; (B) what is bound to this instant
happens in the order of its rank, each consequence in its turn; (C) services start, in an event that comes after all
others and is due only when something has changed. Every decision is a function of :mod:`sim.rules`.

There is no randomness here: the same input gives the same legs.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import simpy

from sim import calendars, rules
from sim.calendars import NEVER_OPEN, Periods
from sim.tables import LEGS, NONE, EngineInput, legs_table

FIRST_RANKED = 2
"""SimPy's own events (a process begins, a leg has ended) have priorities 0 and 1: they come before all ranked ones."""
RECORD = attrgetter(
    "row.case", "row.row", "attempt", "row.kind", "row.visit", "row.unit", "team", "row.class_",
    "ready_s", "joined_s", "started_s", "ended_s", "worked_s", "outcome",
)  # fmt: skip
"""The columns LEGS of a leg."""

Process: TypeAlias = Generator[simpy.Event, Any, None]
Act: TypeAlias = Callable[[Any], None]


@dataclass(slots=True, eq=False)
class Unit:
    """One queue, as two heaps in the order of service: papers that lie there, residents who stand there."""

    row: Any
    door: int
    hours: Periods = NEVER_OPEN
    teams: list[Team] = field(default_factory=list)
    queues: tuple[list[Any], list[Any]] = field(default_factory=lambda: ([], []))


@dataclass(slots=True, eq=False)
class Team:
    """Members with one calendar; ``queues`` are those of its units in order, ``serving`` a leg of each who is busy."""

    row: Any
    door: int
    hours: Periods
    queues: list[list[Any]]
    may_be_interrupted: bool
    is_open: bool = False
    is_touched: bool = False
    serving: list[Leg] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Leg:
    """One attempt at a row. An event that is no longer the leg's ``leaving`` or ``work`` is called off."""

    row: Any
    attempt: int
    ready_s: int
    left_s: int
    joined_s: int = NONE
    limit_from_s: int = NONE
    started_s: int = NONE
    spell_s: int = NONE
    ended_s: int = NONE
    worked_s: int = 0
    outcome: int = rules.OPEN
    team: int = NONE
    is_waiting: bool = False
    ended: Any = None
    leaving: Due | None = None
    work: Due | None = None

    @property
    def begun(self) -> bool:
        """Whether it has been attended to."""
        return self.started_s != NONE


class Due(simpy.Event):
    """An event bound to an instant, at its place among the others there; ``value`` is the leg it concerns."""

    def __init__(
        self, street: Street, at_s: int, rank: int, number: int = 0, act: Act | None = None, leg: Leg | None = None
    ) -> None:
        self.env = street.env
        self.callbacks = [] if act is None else [act]
        self._ok = True
        self._value = leg
        priority = FIRST_RANKED + rules.priority(rank, number, street.width)
        street.env.schedule(self, priority, at_s - street.env.now)


class Street:
    """Cases, queues and teams on one clock."""

    def __init__(self, given: EngineInput) -> None:
        self.env: Any = simpy.Environment()
        self.end_s = given.end_s
        self.rows = rows_of(given.itineraries)
        self.position = {(row.case, row.row): row.Index for row in self.rows}
        self.n_arrived = [0] * len(self.rows)
        self.legs: list[Leg] = []
        self.calendars = {
            number: calendars.read(given.calendars, number) for number in given.calendars["calendar"].unique()
        }
        self.gates = {gate: sorted(at_s) for gate, at_s in given.gates.groupby("gate")["at_s"]}
        self.units = [Unit(row, len(given.teams) + row.unit) for row in rows_of(given.units)]
        self.teams = [self._team(row) for row in rows_of(given.teams)]
        for unit in self.units:
            unit.hours = calendars.union(team.hours for team in unit.teams)
        self.n_doors = len(self.teams) + len(self.units)
        self.width = max(len(self.rows), 2 * self.n_doors)
        self.widths = (len(self.units), self.end_s, len(self.rows))
        self.touched: list[int] = []

    def _team(self, row: Any) -> Team:
        units = [self.units[int(number)] for number in row.serves.split()]
        hours = self.calendars.get(row.calendar, NEVER_OPEN)
        queues = [queue for unit in units for queue in unit.queues]
        team = Team(row, row.team, hours, queues, any(unit.row.yields for unit in units))
        for unit in units:
            unit.teams.append(team)
        return team

    def run(self) -> pd.DataFrame:
        """Let time pass to ``end_s`` (what falls on it no longer happens) and report the legs."""
        for team in self.teams:
            self.env.process(self.keep_team_hours(team))
        for unit in self.units:
            self.env.process(self.keep_unit_hours(unit))
        self.env.process(self.open_cases())
        self.env.run(until=self.end_s)
        return self.report()

    # ---- cases

    def open_cases(self) -> Process:
        """First rows are reached at their instants, before anything else happens there."""
        for row in sorted((row for row in self.rows if row.n_before == 0), key=lambda row: row.opens_s):
            if row.opens_s > self.env.now:
                yield self.env.timeout(row.opens_s - self.env.now)
            self.env.process(self.walk(self.reach(row)))

    def walk(self, leg: Leg | None) -> Process:
        """A case walks from row to row: hand-off, queue and service, then on to what they lead to."""
        while leg is not None and leg.ready_s != NONE:
            yield Due(self, leg.ready_s, rules.READY, leg.row.Index)
            self.join(leg)
            yield leg.ended
            leg = self.follow(leg)

    def follow(self, leg: Leg) -> Leg | None:
        """What an ended leg leads to: the same row on another day, another row, or nothing."""
        row = leg.row
        if rules.comes_back(leg.outcome, row.row, row.next_limit):
            return self.hand_off(row, leg.attempt + 1, rules.NEXT_OPEN_DAY, 0)
        number = rules.next_row(leg.outcome, row.next_done, row.next_limit, row.next_deadline, row.next_gave_up)
        return None if number == NONE else self.arrive(row, number, leg)

    def arrive(self, row: Any, number: int, before: Leg | None) -> Leg | None:
        """A row leads to another of its case, which the last of its predecessors reaches."""
        other = self.rows[self.position[row.case, number]]
        self.n_arrived[other.Index] += 1
        return self.reach(other, before) if self.n_arrived[other.Index] == other.n_before else None

    def reach(self, row: Any, before: Leg | None = None) -> Leg:
        """A row's hand-off begins, and with it that of the row that goes along."""
        leg = self.hand_off(row, 1, row.ready_kind, row.ready_s)
        hand_off_s = leg.ready_s - self.env.now
        if before and rules.keeps_place(before.outcome, before.row.unit, row.unit, row.ready_kind, hand_off_s):
            leg.joined_s, leg.limit_from_s = before.joined_s, before.limit_from_s
        if row.also != NONE:
            self.env.process(self.walk(self.arrive(row, row.also, None)))
        return leg

    def hand_off(self, row: Any, attempt: int, kind: int, delay_s: int) -> Leg:
        """A leg, and when it will be ready."""
        at = self.calendars[row.ready_at] if kind == rules.WORKING else NEVER_OPEN
        gate = self.gates.get(row.ready_at, []) if kind == rules.GATE else []
        hours = self.units[row.unit].hours
        ready_s = rules.when_ready_s(
            kind, row.present, self.env.now, delay_s, row.return_s, at.opens, at.closes, gate, *hours
        )
        leg = Leg(row, attempt, ready_s, row.work_s)
        self.legs.append(leg)
        return leg

    # ---- queues

    def join(self, leg: Leg) -> None:
        """A leg that is ready joins its unit's queue."""
        if leg.joined_s == NONE:
            leg.joined_s = leg.limit_from_s = self.env.now
        leg.ended = self.env.event()
        self.wait(leg)

    def wait(self, leg: Leg) -> None:
        """A leg stands in its queue, new or put back; or it lies beside it."""
        row, unit = leg.row, self.units[leg.row.unit]
        leg.is_waiting = True
        self.set_leaving(leg, row.limit_s)
        if rules.is_laid_aside(row.class_):
            return
        heappush(unit.queues[row.present], (self.place(leg, 0), leg))
        for team in unit.teams:
            self.touch(team)

    def place(self, leg: Leg, position: int) -> int:
        """A leg's place before a team in whose list its unit has a position."""
        return rules.place(leg.row.class_, position, leg.joined_s, leg.row.Index, *self.widths)

    def set_leaving(self, leg: Leg, limit_s: int) -> None:
        """When a waiting leg will leave if it is not served before."""
        row, now_s = leg.row, self.env.now
        at_s, rank = rules.leaves_at(now_s, leg.begun, row.deadline_at_s, row.ends_by_s, leg.limit_from_s, limit_s)
        leg.leaving = None if at_s == NONE else Due(self, at_s, rank, row.Index, self.leave, leg)

    def leave(self, event: Any) -> None:
        """A leg has waited until its deadline, its end by the clock, or its limit."""
        leg, row = event.value, event.value.row
        if event is leg.leaving:
            outcome = rules.unserved_outcome(
                self.env.now, leg.begun, row.deadline_at_s, row.next_deadline, row.ends_by_s,
                row.row, leg.attempt, row.next_limit, row.n_tries,
            )  # fmt: skip
            self.end(leg, outcome)

    def end(self, leg: Leg, outcome: int) -> None:
        """A leg is over; its case walks on."""
        leg.is_waiting, leg.leaving = False, None
        leg.outcome, leg.ended_s = outcome, self.env.now
        leg.ended.succeed()

    # ---- doors

    def keep_team_hours(self, team: Team) -> Process:
        """A team comes and goes; at its closing desk work is put back, and the rest is finished over time."""
        for open_s, close_s, _ in zip(*team.hours, strict=True):
            yield Due(self, open_s, rules.DOORS, rules.opening_number(team.door, self.n_doors))
            team.is_open = True
            self.touch(team)
            yield Due(self, close_s, rules.DOORS, rules.closing_number(team.door))
            team.is_open = False
            for leg in [leg for leg in team.serving if self.units[leg.row.unit].row.closing == rules.PAUSE]:
                self.put_back(leg)

    def keep_unit_hours(self, unit: Unit) -> Process:
        """A unit opens and closes; a lunch break is no closing."""
        held: list[Leg] = []
        for open_s, close_s, is_break in zip(*unit.hours, strict=True):
            yield Due(self, open_s, rules.DOORS, rules.opening_number(unit.door, self.n_doors))
            for leg in held:
                if leg.is_waiting:
                    leg.limit_from_s = self.env.now
                    self.set_leaving(leg, leg.row.limit_s)
            yield Due(self, close_s, rules.DOORS, rules.closing_number(unit.door))
            held = [] if is_break else self.turn_away(unit)

    def turn_away(self, unit: Unit) -> list[Leg]:
        """A unit closes on residents not attended to: they are sent home or held over; those held over."""
        people = [leg for _, leg in unit.queues[1] if leg.is_waiting and not leg.begun]
        if unit.row.at_close == rules.HOLD:
            for leg in people:
                self.set_leaving(leg, NONE)
            return people
        for leg in sorted(people, key=lambda leg: leg.row.Index):
            self.end(leg, rules.closing_outcome(leg.attempt, leg.row.n_tries))
        return []

    # ---- phase C

    def touch(self, team: Team) -> None:
        """Something has changed for a team: if anything waits for it, it is looked at when services start."""
        if team.is_open and not team.is_touched and any(team.queues):
            if not self.touched:
                Due(self, self.env.now, rules.SERVICES, 0, self.start_services)
            team.is_touched = True
            heappush(self.touched, team.door)

    def start_services(self, _event: simpy.Event) -> None:
        """The first team, in declared order, that can start something does so; again, until none can."""
        while self.touched:
            team = self.teams[self.touched[0]]
            if not (team.is_open and self.start_next(team)):
                team.is_touched = False
                heappop(self.touched)

    def start_next(self, team: Team) -> bool:
        """Start a team's best waiting leg, by an idle member or by one taken from other work; whether it could."""
        has_idle = len(team.serving) < team.row.size
        if not has_idle and not team.may_be_interrupted:
            return False
        leg = self.first_waiting(team, with_papers=has_idle)
        if leg is None:
            return False
        if not has_idle:
            other = self.interruptible(team, leg)
            if other is None:
                return False
            self.put_back(other)
        self.start(leg, team)
        return True

    def first_waiting(self, team: Team, *, with_papers: bool) -> Leg | None:
        """The leg that goes first of those that wait at a team's units."""
        heads = []
        for number, queue in enumerate(team.queues):  # two a unit
            while queue and not queue[0][1].is_waiting:
                heappop(queue)
            if queue and (with_papers or queue[0][1].row.present):
                leg: Leg = queue[0][1]
                heads.append((self.place(leg, number // 2), leg))
        return min(heads)[1] if heads else None

    def interruptible(self, team: Team, resident: Leg) -> Leg | None:
        """The leg whose member a waiting resident may take."""
        others = [
            (rules.recency(leg.spell_s, leg.row.Index), leg)
            for leg in team.serving
            if rules.may_interrupt(resident.row.class_, leg.row.class_, self.units[leg.row.unit].row.yields)
        ]
        return max(others)[1] if others else None

    # ---- service

    def start(self, leg: Leg, team: Team) -> None:
        """A member takes the first of its queue."""
        row, now_s = leg.row, self.env.now
        heappop(self.units[row.unit].queues[row.present])
        leg.is_waiting, leg.leaving = False, None
        leg.team, leg.spell_s = team.door, now_s
        if not leg.begun:
            leg.started_s = now_s
        team.serving.append(leg)
        end_s = rules.service_end_s(now_s, leg.left_s, row.ends_by_s)
        leg.work = Due(self, end_s, rules.WORK_ENDS, row.Index, self.finish, leg)

    def finish(self, event: Any) -> None:
        """A service ends, because its work is done or by the clock."""
        leg = event.value
        if event is leg.work:
            self.release(leg)
            self.end(leg, rules.service_outcome(leg.left_s, leg.spell_s, self.env.now))

    def put_back(self, leg: Leg) -> None:
        """A service stops halfway: the leg returns to its place in the queue."""
        self.release(leg)
        restart_s = self.units[leg.row.unit].row.restart_s
        leg.left_s = rules.left_after_put_back_s(leg.left_s, leg.spell_s, self.env.now, restart_s)
        self.wait(leg)

    def release(self, leg: Leg) -> None:
        """The member who serves a leg is free again."""
        team = self.teams[leg.team]
        leg.worked_s += self.env.now - leg.spell_s
        leg.work = None
        team.serving.remove(leg)
        self.touch(team)

    # ---- result

    def report(self) -> pd.DataFrame:
        """What became of every leg; work under way counts as far as it has come."""
        for leg in self.legs:
            if leg.work is not None:
                leg.worked_s += self.end_s - leg.spell_s
        records = np.array([RECORD(leg) for leg in self.legs], dtype=np.int64).reshape(-1, len(LEGS))
        return legs_table({name: records[:, column] for column, name in enumerate(LEGS)})


def rows_of(table: pd.DataFrame) -> list[Any]:
    """A table as a list of named tuples; ``Index`` is the position."""
    return list(table.reset_index(drop=True).rename(columns={"class": "class_"}).itertuples(name="Row"))


def run(engine_input: EngineInput) -> pd.DataFrame:
    """The ``legs`` of an input.

    A leg that has not ended by ``end_s`` is OPEN; rows that were never reached have none.
    """
    was_collecting = gc.isenabled()
    gc.disable()  # there is no cyclic garbage to speak of, and the search for it takes a quarter of the time
    try:
        return Street(engine_input).run()
    finally:
        if was_collecting:
            gc.enable()
