"""Redistribution as a verb: people of the street office go down to the communities, one at a time, or back up.

- *Who leaves*: the next person comes from the source team with the lowest expected load (hours of cases, duties and
  absence over the hours of its people), never below what it keeps; of a team of several groups, from the largest, the
  highest number first.
- *Who receives*: the station with the highest expected load (``by: load``), the fewest people (``equal``) or the fewest
  people a household (``households``), counting windows and everybody behind them. Equals: the first named.
- *Back up*: the source team with the highest expected load receives; the station by the same rule turned round gives,
  never its last person behind the windows. Only people of groups that stand in the source teams go up; if such a person
  sits at a window, somebody from behind it sits down there instead.
- The work that arises does not change, and neither do duties: only who is there to do it.
- The floor of the street office (``keep``: staff, offices) is a condition on what is left once ``staff`` people have
  moved, whether the file has moved them already or not. With ``staff: 0`` nobody is moved, and the arrangement stands
  as it is. What each team keeps binds those that give. A person who moves keeps the number in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.checks.finding import Finding
from sim.scenario.levers.loads import Loads
from sim.scenario.levers.roster import Person, Roster, Stand, manned, roster
from sim.scenario.levers.schema import STATIONS, Move
from sim.scenario.nearest import nearest
from sim.scenario.places import STREET, households_by_place
from sim.scenario.schema import Scenario, Structure
from sim.scenario.tree import Path

PATH = ("structure", "move")
LEADERS = "leaders"


def unknown_teams(structure: Structure, verb: Move) -> Iterator[Finding]:
    """Teams that the verb names and that are not there, or stand where nobody can leave or come."""
    named: dict[Path, str] = {("keep", "teams", name): name for name in verb.keep.teams}
    if isinstance(verb.source, list):
        named |= {("from", i): name for i, name in enumerate(verb.source)}
    if verb.to != STATIONS:
        named[("to",)] = verb.to
    fitting = {"keep": structure.teams, "from": street_office(structure), "to": [STATIONS, *_stations(structure)]}
    for path, name in named.items():
        if path == ("to",) and name == "street" and name not in structure.teams:
            yield "scenario.move_to_street", (*PATH, "to"), {"stations": ", ".join(_stations(structure)) or "—"}
        elif name not in structure.teams:
            yield "scenario.no_team", (*PATH, *path), {"name": name, "nearest": nearest(name, fitting[str(path[0])])}
        elif path[0] == "from" and name not in street_office(structure):
            yield (
                "scenario.move_from",
                (*PATH, *path),
                {"name": name, "office": ", ".join(street_office(structure)) or "—"},
            )
        elif path[0] == "to" and name not in _stations(structure):
            yield "scenario.move_to", (*PATH, *path), {"name": name, "stations": ", ".join(_stations(structure)) or "—"}
    if verb.to == STATIONS and len(stations := _stations(structure)) != 1:
        yield "scenario.move_stations", (*PATH, "to"), {"teams": ", ".join(stations) or "—"}


def moved(scenario: Scenario, verb: Move) -> tuple[Scenario, list[Finding]]:
    """The scenario with people moved between street and communities, or why they cannot be."""
    if verb.staff == verb.n_down == 0:
        return scenario, []
    going = _Going(scenario, verb, roster(scenario.structure), Loads(scenario))
    findings = list(going.refusals())
    for n_gone in range(0 if findings else abs(verb.n_down)):
        after = going.down() if verb.n_down > 0 else going.up()
        if after is None:
            findings = [("lever.back", (*PATH, "staff"), {"n": -verb.n_down, "can": n_gone})]
            break
        going = after
    if verb.n_down < 0 and not findings:
        findings = list(going.below_floor())
    if findings or verb.n_down == 0:
        return scenario, findings
    return scenario.model_copy(update={"structure": manned(scenario.structure, going.people)}), []


def street_office(structure: Structure) -> list[str]:
    """The teams of the street office."""
    return [name for name, team in structure.teams.items() if (team.level, team.each) == ("street", "street")]


def _stations(structure: Structure) -> list[str]:
    """The teams in each community that are not split into windows."""
    return [name for name, team in structure.teams.items() if team.each == "community" and not team.split]


@dataclass(frozen=True)
class _Going:
    """The roster between two persons' moves."""

    scenario: Scenario
    verb: Move
    people: Roster
    loads: Loads

    @property
    def sources(self) -> list[str]:
        """The teams that people leave."""
        return self.verb.source if isinstance(self.verb.source, list) else street_office(self.scenario.structure)

    @property
    def to(self) -> str:
        """The team that they join."""
        return _stations(self.scenario.structure)[0] if self.verb.to == STATIONS else self.verb.to

    @property
    def places(self) -> dict[str, int]:
        """The communities, with their households."""
        return households_by_place(self.scenario.structure, "community")

    def refusals(self) -> Iterator[Finding]:
        """More people than there are, a street office below its floor, teams that must keep theirs."""
        sizes, n, path = self.people.sizes(), self.verb.n_down, (*PATH, "staff")
        if n < 0:
            return
        there = {team: sizes[team, STREET] for team in self.sources}
        if n > sum(there.values()):
            yield "lever.more_people", path, {"n": n, "there": sum(there.values())}
            return
        yield from self.below_floor(n)
        can = sum(max(size - self.verb.keep.least(team), 0) for team, size in there.items())
        if n > can:
            yield "lever.keep", path, {"n": n, "can": can, "there": sum(there.values())}

    def below_floor(self, n_go: int = 0) -> Iterator[Finding]:
        """Too few people or offices at the street office once ``n_go`` more have gone; never where nobody is moved."""
        if self.verb.staff == 0:
            return
        sizes, keep, path = self.people.sizes(), self.verb.keep, (*PATH, "staff")
        office = {team: sizes[team, STREET] for team in street_office(self.scenario.structure)}
        left = sum(office.values()) - n_go
        if left < keep.staff:
            yield "lever.floor_staff", path, {"left": left, "floor": keep.staff, "n": self.verb.staff}
        n_offices = sum(size > 0 for team, size in office.items() if team != LEADERS)
        if n_offices < keep.offices:
            yield "lever.floor_offices", path, {"left": n_offices, "floor": keep.offices}

    def down(self) -> _Going:
        """One person more in the communities."""
        sizes = self.people.sizes()
        free = [team for team in self.sources if sizes[team, STREET] > self.verb.keep.least(team)]
        source = min(free, key=lambda team: self.loads.load(sizes, [(team, STREET)]))
        place = min(self.places, key=lambda name: self._need(sizes, name))
        person = self._person(source, STREET, list(self.people.groups))
        return self._with({person: (self.to, place)})

    def up(self) -> _Going | None:
        """One person more at the street office; None if no station can spare one."""
        sizes = self.people.sizes()
        spare = [place for place in self.places if sizes[self.to, place] > 1]
        spare.sort(key=lambda name: self._need(sizes, name), reverse=True)
        for source in sorted(self.sources, key=lambda team: -self.loads.load(sizes, [(team, STREET)])):
            groups = [name for name, stands in self.people.groups.items() if any(at.team == source for at in stands)]
            for place in spare:
                for team, _ in self._station(place):
                    if any((at.team, at.place) == (team, place) for name in groups for at in self.people.groups[name]):
                        return self._lifted(self._person(team, place, groups), (team, place), source)
        return None

    def _lifted(self, person: Person, left: tuple[str, str], source: str) -> _Going:
        """The person at the street office; a place left at a window is taken from behind it."""
        up = self._with({person: (source, STREET)})
        if left[0] == self.to:
            return up
        return up._with({up._person(self.to, left[1], list(self.people.groups)): left})

    def _need(self, sizes: Counter[tuple[str, str]], place: str) -> float:
        """The lower, the sooner a station receives the next person."""
        here = self._station(place)
        n = sum(sizes[each] for each in here)
        if self.verb.by == "load":
            return -self.loads.load(sizes, here)
        return n / self.places[place] if self.verb.by == "households" else n

    def _station(self, place: str) -> list[tuple[str, str]]:
        """All teams of a station: the receiving one, then the others."""
        teams = [name for name, team in self.scenario.structure.teams.items() if team.each == "community"]
        return [(name, place) for name in sorted(teams, key=lambda name: name != self.to)]

    def _person(self, team: str, place: str, groups: list[str]) -> Person:
        """Of a team in a place: the highest number of the largest of some groups there."""
        numbers = {
            group: [i for i, at in enumerate(self.people.groups[group]) if (at.team, at.place) == (team, place)]
            for group in groups
        }
        group = max(numbers, key=lambda name: len(numbers[name]))
        return group, numbers[group][-1]

    def _with(self, goes: dict[Person, tuple[str, str]]) -> _Going:
        stands = {
            person: Stand(*to, self.people.groups[person[0]][person[1]].government_work) for person, to in goes.items()
        }
        return _Going(self.scenario, self.verb, self.people.with_stands(stands), self.loads)
