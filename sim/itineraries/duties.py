"""Duties as rows: meetings and patrols by their rhythm, leave and sickness by person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim import calendars
from sim.itineraries.rows import Rows
from sim.itineraries.setting import Setting, add_working
from sim.scenario import places
from sim.scenario.schema import Duty
from sim.structure.offices import TeamInstance
from sim.structure.people import persons_by_team
from sim.tables import NONE, Kind
from sim.units import DAY_S

WORKING_DAYS_A_YEAR = 250
Block = dict[str, np.ndarray]
"""Columns of some duties' rows."""


def lay_out(setting: Setting, first_case: int) -> tuple[Block, int]:
    """Rows of all duties, each a case of its own from number ``first_case``; and how many there are."""
    blocks = [*_duties(setting), *_absences(setting)]
    n = sum(len(block["opens_s"]) for block in blocks)
    rows = Rows(first_case + np.arange(n))
    if blocks:
        columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
        rows.add(np.arange(n), kind=int(Kind.DUTY), **columns)
    return rows.table(), n


def _block(opens_s: np.ndarray, **columns: np.ndarray | int) -> Block:
    return {"opens_s": opens_s} | {name: np.broadcast_to(value, len(opens_s)) for name, value in columns.items()}


def _duties(setting: Setting) -> Iterator[Block]:
    """For each team called, a row for each person at each instant of the rhythm that falls in the team's hours."""
    for duty in setting.scenario.structure.duties.values():
        teams = setting.offices.teams_of(duty.team)
        at_s = held(setting, duty, teams[0].calendar)
        for team, people in zip(teams, _called(duty, teams), strict=True):
            yield _calls(setting, duty, team, people, at_s)


def held(setting: Setting, duty: Duty, calendar: str) -> np.ndarray:
    """The instants of a duty that fall in the hours of a calendar: on other days it is not held."""
    at_s = calendars.instants(duty.rhythm, setting.demand.end_s)
    opens, closes = setting.hours[calendar]
    period = np.searchsorted(opens, at_s, side="right") - 1
    return at_s[(period >= 0) & (at_s < closes[np.maximum(period, 0)])]


def _called(duty: Duty, teams: list[TeamInstance]) -> list[int]:
    """How many people of each instance are called at a time; the groups of a split team share them out evenly."""
    called = []
    for team in teams:
        groups = [other for other in teams if other.place == team.place]
        least, more = divmod(duty.heads(sum(group.size for group in groups), n_turns=1), len(groups))
        called.append(least + (groups.index(team) < more))
    return called


def _calls(setting: Setting, duty: Duty, team: TeamInstance, people: int, at_s: np.ndarray) -> Block:
    """A row for each person and each turn; the turns of a duty for each of several places come one after another."""
    n_turns = places.n_turns(setting.scenario.structure, duty)[team.place]
    earlier_s = np.tile(np.arange(n_turns) * duty.length, len(at_s))
    turn_s = _open_from(*setting.hours[team.calendar], np.repeat(at_s, n_turns), earlier_s)
    next_due_s = np.repeat(np.append(at_s[1:], NONE)[: len(at_s)], n_turns)
    begins = turn_s < setting.demand.end_s
    opens_s, next_due_s = (np.repeat(column[begins], people) for column in (turn_s, next_due_s))
    return _block(
        opens_s,
        unit=team.duty_units[duty.kind],
        work_s=max(duty.length, 1),
        ends_by_s=opens_s + duty.length if duty.by_clock else NONE,
        deadline_at_s=NONE if duty.by_clock else next_due_s,
        **{"class": duty.priority},
    )


def _open_from(opens: np.ndarray, closes: np.ndarray, at_s: np.ndarray, working_s: np.ndarray) -> np.ndarray:
    """The open instants after so much working time: where a second more begins, not where the last one ended.

    >>> _open_from(np.array([0, 100]), np.array([10, 110]), np.array([5, 5]), np.array([4, 5])).tolist()
    [9, 100]
    """
    return add_working(opens, closes, at_s, working_s + 1) - 1


def _absences(setting: Setting) -> Iterator[Block]:
    """A row for each half-day (opening period) of each day a person is away; class 0, by the clock."""
    structure = setting.scenario.structure
    share = structure.rules.absence.days_per_year / WORKING_DAYS_A_YEAR
    if share <= 0:
        return
    end_s = setting.demand.end_s
    people = persons_by_team(structure, setting.where, setting.offices)
    half_days = {name: calendars.within_days(*hours) for name, hours in setting.hours.items()}
    for team in setting.offices.teams:
        opens, closes = half_days[team.calendar]
        opens, closes = opens[opens < end_s], closes[opens < end_s]
        for person in people[team.name]:
            is_away = setting.demand.streams.uniforms("absence", person, -(-end_s // DAY_S)) < share
            away = is_away[opens // DAY_S]
            yield _block(
                opens[away],
                unit=team.duty_units["leave"],
                work_s=closes[away] - opens[away],
                ends_by_s=closes[away],
                deadline_at_s=NONE,
                **{"class": 0},
            )
