"""Units and teams as they stand: one instance in each place, duties' queues added, closing rules filled in."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim.scenario.schema import Structure, Team, Unit, UnitKind
from sim.structure.places import Places
from sim.tables import TEAM_INFO, TEAMS, UNIT_INFO, UNITS, AtClose, Closing

CLOSING: dict[UnitKind, tuple[Closing, AtClose, bool]] = {
    "counter": (Closing.FINISH, AtClose.SEND_HOME, False),
    "desk": (Closing.PAUSE, AtClose.HOLD, True),
    "field": (Closing.PAUSE, AtClose.HOLD, False),
    "meeting": (Closing.PAUSE, AtClose.HOLD, False),
    "leave": (Closing.PAUSE, AtClose.HOLD, False),
}
"""Closing rule, what becomes of waiting residents, and whether work yields to a resident, by kind of unit."""
DUTIES: tuple[UnitKind, ...] = ("leave", "meeting", "field")
"""Queues of a team's own, in the order in which it serves them: who is away can attend nothing."""


@dataclass(frozen=True)
class TeamInstance:
    """One team in one place: what it is called, how many it has, and the unit numbers it serves in order."""

    name: str
    base: str
    place: str
    level: str
    size: int
    calendar: str
    serves: tuple[int, ...]
    duty_units: dict[UnitKind, int]


@dataclass(frozen=True)
class Offices:
    """All units and teams of a structure, numbered."""

    units: pd.DataFrame
    unit_info: pd.DataFrame
    teams: tuple[TeamInstance, ...]
    number: dict[tuple[str, str], int]

    def teams_of(self, base: str) -> list[TeamInstance]:
        """The instances of a team named in the file."""
        return [team for team in self.teams if team.base == base]

    def team_tables(self, calendars: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The engine's ``teams`` table and the ``TEAM_INFO`` beside it."""
        rows = [
            (k, t.size, calendars.index(t.calendar), " ".join(str(unit) for unit in t.serves))
            for k, t in enumerate(self.teams)
        ]
        info = [(t.name, t.base, t.place, t.level) for t in self.teams]
        return pd.DataFrame(rows, columns=list(TEAMS)), pd.DataFrame(info, columns=list(TEAM_INFO))


def label(base: str, place: str) -> str:
    """Name of an instance: ``counter@c1``, or ``leaders`` where there is one for the street.

    >>> label("counter", "c1"), label("leaders", "")
    ('counter@c1', 'leaders')
    """
    return f"{base}@{place}" if place else base


def _unit_row(unit: Unit, restart_s: int) -> tuple[int, int, int, int]:
    closing, at_close, yields = CLOSING[unit.kind]
    if unit.closing is not None:
        closing = Closing.PAUSE if unit.closing == "pause" else Closing.FINISH
    if unit.at_close is not None:
        at_close = AtClose.HOLD if unit.at_close == "hold" else AtClose.SEND_HOME
    if unit.yields is not None:
        yields = unit.yields
    if unit.restart is not None:
        restart_s = unit.restart
    elif closing is Closing.FINISH and not yields:
        restart_s = 0  # nothing here is ever put back
    return int(closing), int(at_close), int(yields), restart_s


def _parts(team: Team, size: int) -> list[tuple[str, int, list[str]]]:
    """A pool, or (``split``) a group for each unit: suffix of the name, size, units served."""
    if not team.split:
        return [("", size, [*team.serves, *team.shared])]
    least, more = divmod(size, len(team.serves))
    return [(f":{unit}", least + (k < more), [unit, *team.shared]) for k, unit in enumerate(team.serves)]


def _duties_of(structure: Structure, team: str) -> list[UnitKind]:
    """The kinds of duty a team has; leave wherever people of the ledger may be absent."""
    kinds = {duty.kind for duty in structure.duties.values() if duty.team == team}
    absent = structure.rules.absence.days_per_year > 0 and bool(structure.ledger.posts)
    return [kind for kind in DUTIES if kind in kinds or (kind == "leave" and absent)]


def offices(structure: Structure, where: Places) -> Offices:
    """Stand every unit and team in its places; each team gets a queue of its own for each kind of duty it has."""
    number: dict[tuple[str, str], int] = {}
    rows: list[tuple[int, ...]] = []
    info: list[tuple[str, ...]] = []

    def add(unit: Unit, base: str, place: str) -> int:
        number[base, place] = len(rows)
        rows.append((number[base, place], *_unit_row(unit, structure.rules.restart)))
        info.append((label(base, place), base, place, unit.level, unit.kind, unit.each))
        return number[base, place]

    for base, unit in structure.units.items():
        for place in where.names(unit.each):
            add(unit, base, place)
    teams: list[TeamInstance] = []
    for base, team in structure.teams.items():
        for place in where.names(team.each):
            size = team.size[place] if isinstance(team.size, dict) else team.size
            for suffix, part_size, serves in _parts(team, size):
                own = {
                    kind: add(Unit(kind=kind, level=team.level, each=team.each), f"{kind}:{base}{suffix}", place)
                    for kind in _duties_of(structure, base)
                }
                stands = [
                    number[unit, here]
                    for unit in serves
                    for here in where.within(structure.units[unit].each, team.each, place)
                ]
                units = (*own.values(), *stands)
                name = label(base + suffix, place)
                teams.append(TeamInstance(name, base, place, team.level, part_size, team.calendar, units, own))
    return Offices(
        pd.DataFrame(rows, columns=list(UNITS)), pd.DataFrame(info, columns=list(UNIT_INFO)), tuple(teams), number
    )
