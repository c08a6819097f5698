"""Duties as rows: meetings and patrols by their rhythm, leave and sickness by person."""

from __future__ import annotations

import numpy as np

from sim import calendars
from sim.distributions import whole
from sim.itineraries.rows import Rows
from sim.itineraries.setting import Setting
from sim.scenario.schema import Duty
from sim.structure.offices import TeamInstance
from sim.structure.people import persons_by_team
from sim.tables import NONE, Kind
from sim.units import DAY_S

WORKING_DAYS_A_YEAR = 250


def lay_out(setting: Setting, first_case: int) -> tuple[dict[str, np.ndarray], int]:
    """Rows of all duties, each a case of its own from number ``first_case``; and how many there are."""
    blocks: list[dict[str, np.ndarray]] = []
    for duty in setting.scenario.structure.duties.values():
        blocks.extend(_meetings(setting, duty, team) for team in setting.offices.teams_of(duty.team))
    blocks.extend(_absences(setting))
    opens = np.concatenate([block["opens_s"] for block in blocks]) if blocks else np.empty(0, dtype=np.int64)
    rows = Rows(first_case + np.arange(len(opens)))
    if len(opens):
        columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
        rows.add(np.arange(len(opens)), kind=int(Kind.DUTY), **columns)
    return rows.table(), len(opens)


def _block(n: int, **columns: np.ndarray | int) -> dict[str, np.ndarray]:
    return {name: np.broadcast_to(np.asarray(value, dtype=np.int64), n) for name, value in columns.items()}


def _meetings(setting: Setting, duty: Duty, team: TeamInstance) -> dict[str, np.ndarray]:
    """A row for each person called, at each instant of the rhythm that falls in the team's hours."""
    at = calendars.instants(duty.rhythm, setting.demand.end_s)
    opens, closes = setting.open_periods(team.calendar)
    period = np.searchsorted(opens, at, side="right") - 1
    held = (period >= 0) & (at < closes[np.maximum(period, 0)])
    following = np.append(at[1:], NONE)
    people = team.size if duty.people == "all" else min(duty.people, team.size)
    people *= len(setting.where.communities) if duty.for_each == "community" else 1
    begins, next_due = np.repeat(at[held], people), np.repeat(following[held], people)
    return _block(
        len(begins),
        unit=team.duty_units[duty.kind],
        opens_s=begins,
        work_s=max(duty.length, 1),
        ends_by_s=begins + duty.length if duty.by_clock else NONE,
        deadline_at_s=NONE if duty.by_clock else next_due,
        **{"class": duty.priority},
    )


def _absences(setting: Setting) -> list[dict[str, np.ndarray]]:
    """A row for each half-day (opening period) of each day a person is away; class 0, by the clock."""
    structure = setting.scenario.structure
    share = structure.rules.absence.days_per_year / WORKING_DAYS_A_YEAR
    if share <= 0:
        return []
    n_days = -(-setting.demand.end_s // DAY_S)
    people = persons_by_team(structure, setting.where, setting.offices)
    blocks = []
    for team in setting.offices.teams:
        opens, closes = setting.open_periods(team.calendar)
        inside = opens < setting.demand.end_s
        opens, closes = opens[inside], closes[inside]
        for person in people[team.name]:
            away = setting.demand.streams.uniforms("absence", str(person), n_days) < share
            periods = np.flatnonzero(away[opens // DAY_S])
            length = whole(closes[periods] - opens[periods], 1)
            blocks.append(
                _block(
                    len(periods),
                    unit=team.duty_units["leave"],
                    opens_s=opens[periods],
                    work_s=length,
                    ends_by_s=closes[periods],
                    deadline_at_s=NONE,
                    **{"class": 0},
                )
            )
    return blocks
