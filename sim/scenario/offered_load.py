"""How much work a scenario brings each team in a mean week, against the hours its members have: by arithmetic alone.

Expected values, so approximate: nobody gives up, nothing overflows to another unit, lapses, is hurried or urged;
merging tasks saves nothing; complaints are left out; problems in the grid go by their matter's own procedure, whoever
finds them; holidays shorten all weeks evenly; the luck of steps is independent; a split team counts as one pool.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sim.scenario.expected_work import Station, work_s_per_week
from sim.scenario.mean_week import instants_per_week, open_s_per_week, share_in_hours
from sim.scenario.places import households_by_place, n_turns, places_within
from sim.scenario.schema import Scenario, Structure
from sim.units import HOUR_S

WORKING_DAYS_A_YEAR = 250
ROUNDS = 50
"""Most rounds of levelling the loads of teams that share units; the change after them is far below a minute a week."""
STILL_H = 1e-9
"""Levelling ends when a round moves no work by more than so many hours a week."""


@dataclass(frozen=True)
class OfferedLoad:
    """Work offered to one team in one place, and its capacity, in hours a week.

    Work of a unit that several teams serve is shared so as to level their loads. ``capacity`` counts the hours in
    which the team is open times its members; duties and absence are work that takes some of them.
    """

    team: str
    place: str
    residents_h_per_week: float
    tasks_h_per_week: float
    duties_h_per_week: float
    absence_h_per_week: float
    capacity_h_per_week: float

    @property
    def offered_h_per_week(self) -> float:
        """All that takes the team's time."""
        return self.residents_h_per_week + self.tasks_h_per_week + self.duties_h_per_week + self.absence_h_per_week

    @property
    def load(self) -> float:
        """Offered hours over capacity; above 1 the backlog grows for ever."""
        if self.capacity_h_per_week > 0:
            return self.offered_h_per_week / self.capacity_h_per_week
        return math.inf if self.offered_h_per_week > 0 else 0.0


def offered_load(scenario: Scenario) -> list[OfferedLoad]:
    """A row for each team in each place, in declared order."""
    teams = scenario.structure.teams
    open_h = open_h_by_team(scenario)
    rows = [
        _row(scenario, name, place, open_h[name])
        for name, team in teams.items()
        for place in households_by_place(scenario.structure, team.each)
    ]
    residents_s, tasks_s = work_s_per_week(scenario)
    servers: dict[Station, list[int]] = {station: [] for station in {**residents_s, **tasks_s}}
    for i, row in enumerate(rows):
        for station in dict.fromkeys(_served(scenario.structure, row.team, row.place)):
            if station in servers:
                servers[station].append(i)
    work_h = {station: (residents_s.get(station, 0.0) + tasks_s.get(station, 0.0)) / HOUR_S for station in servers}
    shares = _level(rows, servers, work_h)
    for (station, i), part in shares.items():
        rows[i] = replace(
            rows[i],
            residents_h_per_week=rows[i].residents_h_per_week + part * residents_s.get(station, 0.0) / HOUR_S,
            tasks_h_per_week=rows[i].tasks_h_per_week + part * tasks_s.get(station, 0.0) / HOUR_S,
        )
    return rows


def _served(structure: Structure, team: str, place: str) -> Iterator[Station]:
    """The units that a team in one place serves: all that stand within it."""
    of = structure.teams[team]
    for unit in (*of.serves, *of.shared):
        for here in places_within(structure, structure.units[unit].each, of.each)[place]:
            yield unit, here


def _row(scenario: Scenario, name: str, place: str, open_h: float) -> OfferedLoad:
    """A team in a place with its hours, duties and absence; its cases are still to come."""
    team = scenario.structure.teams[name]
    size = team.size[place] if isinstance(team.size, dict) else team.size
    capacity_h = size * open_h
    duties_h = duty_h_per_week(scenario, name, place, size)
    return OfferedLoad(name, place, 0.0, 0.0, duties_h, capacity_h * away_share(scenario), capacity_h)


def open_h_by_team(scenario: Scenario) -> dict[str, float]:
    """Hours in which each team is open in a mean week."""
    open_h = {name: open_s_per_week(calendar) / HOUR_S for name, calendar in scenario.calendars.items()}
    return {name: open_h[team.calendar] for name, team in scenario.structure.teams.items()}


def duty_h_per_week(scenario: Scenario, team: str, place: str, size: int) -> float:
    """Hours that duties take of a team of a size in one place in a mean week."""
    structure = scenario.structure
    calendar = scenario.calendars[structure.teams[team].calendar]
    hours = 0.0
    for duty in structure.duties.values():
        if duty.team == team:
            people = duty.heads(size, n_turns(structure, duty)[place])
            times = instants_per_week(duty.rhythm) * share_in_hours(calendar, duty.rhythm)
            hours += people * times * duty.length / HOUR_S
    return hours


def away_share(scenario: Scenario) -> float:
    """Share of staff time lost to leave and sickness; people without a ledger are never away."""
    structure = scenario.structure
    return structure.rules.absence.days_per_year / WORKING_DAYS_A_YEAR if structure.ledger.posts else 0.0


def _level(
    rows: list[OfferedLoad], servers: Mapping[Station, list[int]], work_h: Mapping[Station, float]
) -> dict[tuple[Station, int], float]:
    """Shares of each station's work that its teams take, such that the loads are as level as can be.

    One station after another is poured out anew over its teams (water-filling); the sum of squared hours over
    capacity falls in each step, and it is convex, so the rounds lead to its least value.
    """
    taken_h = [row.offered_h_per_week for row in rows]
    parts: dict[tuple[Station, int], float] = {}
    for _ in range(ROUNDS):
        before = dict(parts)
        for station, team_numbers in servers.items():
            for i in team_numbers:
                taken_h[i] -= parts.get((station, i), 0.0)
            poured = _pour(work_h[station], {i: (taken_h[i], rows[i].capacity_h_per_week) for i in team_numbers})
            for i, hours in poured.items():
                taken_h[i] += hours
                parts[station, i] = hours
        if all(abs(hours - before.get(part, 0.0)) < STILL_H for part, hours in parts.items()):
            break
    return {(station, i): hours / work_h[station] for (station, i), hours in parts.items() if work_h[station] > 0}


def _pour(hours: float, teams: Mapping[int, tuple[float, float]]) -> dict[int, float]:
    """Hours given to each team (hours taken already, capacity) so that the least loaded fill up first.

    >>> _pour(6.0, {0: (0.0, 10.0), 1: (4.0, 10.0)})
    {0: 5.0, 1: 1.0}
    """
    able = sorted((i for i in teams if teams[i][1] > 0), key=lambda i: teams[i][0] / teams[i][1])
    if not able:
        return {i: hours / len(teams) for i in teams}
    level = taken = capacity = 0.0
    for i in able:
        if capacity and level <= teams[i][0] / teams[i][1]:
            break
        taken, capacity = taken + teams[i][0], capacity + teams[i][1]
        level = (hours + taken) / capacity
    return {i: max(level * teams[i][1] - teams[i][0], 0.0) if i in able else 0.0 for i in teams}
