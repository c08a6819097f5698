"""The plain tables that pass between the parts: column names, units, codes. One place, no logic.

An engine reads an :class:`EngineInput` and writes ``legs``. All columns are whole numbers (int64);
``-1`` stands for "none". Times are seconds; second 0 is Monday 2018-01-01 00:00.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd

NONE = -1
"""No row, no time, no team."""


class Kind(IntEnum):
    """What a row of an itinerary is."""

    RESIDENT = 0
    TASK = 1
    DUTY = 2
    COMPLAINT = 3
    SUPERVISION = 4  # an order is urged: nothing of its case waits for this


class Ready(IntEnum):
    """How a row becomes ready after it is reached.

    ``WALL``: ``ready_s`` seconds later. ``WORKING``: after ``ready_s`` seconds of working time of calendar
    ``ready_at``. ``GATE``: at the first instant of gate ``ready_at`` not before ``ready_s`` seconds later.
    ``NEXT_OPEN_DAY``: ``ready_s`` seconds later, then on the unit's next open day, at ``return_s`` of the day.
    """

    WALL = 0
    WORKING = 1
    GATE = 2
    NEXT_OPEN_DAY = 3


class Closing(IntEnum):
    """What happens at closing to work that is under way."""

    FINISH = 0
    PAUSE = 1


class AtClose(IntEnum):
    """What happens at closing to residents who wait."""

    HOLD = 0
    SEND_HOME = 1


class Outcome(IntEnum):
    """How a leg ended."""

    DONE = 0
    LEFT = 1  # its limit passed: on to next_limit, or back another day
    OVERDUE = 2  # its deadline passed: on to next_deadline
    SENT_HOME = 3  # the unit closed: back another day
    GAVE_UP = 4  # its limit passed or the unit closed, and there is no further try
    MISSED = 5  # its deadline or end passed before it began, and there is nothing after it
    CUT = 6  # ended by the clock before its work was done
    OPEN = 7  # not ended when the run ended


ITINERARIES = (
    "case",  # number of the case
    "row",  # number of the possible leg within its case, from 0
    "kind",  # Kind
    "visit",  # number of the visit it belongs to, 0: nobody comes
    "present",  # 1: somebody stands there
    "unit",  # position in `units`
    "n_before",  # predecessors that must end; 0: the row begins the case, at opens_s
    "opens_s",  # when a first row is reached, else -1
    "ready_kind",  # Ready
    "ready_s",  # seconds, see Ready
    "ready_at",  # calendar or gate of Ready, else -1
    "return_s",  # time of day at which this person comes on another day, else -1
    "work_s",  # seconds of work, at least 1
    "ends_by_s",  # instant at which it ends by the clock, else -1
    "class",  # lower goes first; -1, of papers only: laid aside, nobody takes it up
    "limit_s",  # longest wait before it leaves, else -1
    "next_limit",  # row then reached; its own number: comes back another day; -1: gives up
    "n_tries",  # times it may come back another day
    "next_gave_up",  # row reached on giving up for good, else -1
    "deadline_at_s",  # instant by which it must have begun, else -1
    "next_deadline",  # row then reached, -1: missed
    "next_done",  # row reached when done, -1: out
    "also",  # row reached together with this one, else -1
    "own_s",  # before a trip: how much of ready_s is the resident's own time; -1: all (no engine reads this)
    "seemed_s",  # asked for again: how much of ready_s it seemed settled; -1: not asked for again (nor this)
)
LEGS = (
    "case",
    "row",
    "attempt",  # 1, and one more for each coming back
    "kind",
    "visit",
    "unit",
    "team",  # who served it last, else -1
    "class",
    "ready_s",
    "joined_s",
    "started_s",  # first start, else -1
    "ended_s",  # when it left (done or not), else -1
    "worked_s",
    "outcome",  # Outcome
)
# `unit`, `team`, `calendar`, `gate` are numbers from 0 in declared order; their names stand in a Plan.
UNITS = ("unit", "closing", "at_close", "yields", "restart_s")
TEAMS = ("team", "size", "calendar", "serves")  # serves: positions in `units`, best first, parted by spaces
CALENDARS = ("calendar", "open_s", "close_s", "is_break")  # a row an opening period; is_break: its end is a lunch break
GATES = ("gate", "at_s")


@dataclass(frozen=True)
class EngineInput:
    """All that an engine reads. ``calendar`` and ``gate`` are numbered by position in their name lists.

    ``units``/``teams`` rows stand in declared order; ``itineraries`` is sorted by case, row.
    """

    itineraries: pd.DataFrame
    units: pd.DataFrame
    teams: pd.DataFrame
    calendars: pd.DataFrame
    gates: pd.DataFrame
    end_s: int


def legs_table(columns: dict[str, list[int]] | dict[str, np.ndarray]) -> pd.DataFrame:
    """The ``legs`` table from its columns, in its one order: case, row, attempt."""
    table = pd.DataFrame({name: np.asarray(columns[name], dtype=np.int64) for name in LEGS})
    return table.sort_values(["case", "row", "attempt"], ignore_index=True)


CASES = (
    "case",
    "matter",  # position in the scenario's matters
    "kind",  # Kind
    "community",  # position in the structure's communities; -1: the whole street
    "household",  # number along the street, -1 for tasks and duties
    "elderly",  # 1: an elderly resident
    "distant",  # 1: among the quarter of residents who live farthest from a door
    "opened_s",  # when the resident meant to come, the call was made, the task was sent, the problem arose
    "found_s",  # when it came to be known, -1: not before the end; opened_s unless problems must be discovered
    "found_by",  # position in FOUND_BY, -1: not found
    "due_s",  # promised instant of closing, else -1
    "unsettled",  # how many times in a row work on it settles nothing, whoever does it; -1: work always settles it
    "community_travel_s",  # both ways to the community's door
    "area_travel_s",  # both ways to the area's door, -1 where there are no areas
    "street_travel_s",
    "department_travel_s",
)
FOUND_BY = ("at_once", "patrol", "camera", "resident", "hotline")
# text: name, id in the file, name of the place, Level, UnitKind, Each
UNIT_INFO = ("unit", "base", "place", "level", "kind", "each")
TEAM_INFO = ("team", "base", "place", "level")
UNDONE = ("case", "row", "work_s", "bearer")  # work left out if that row is served; row -1: refused, or followers'
BEARERS = ("department", "street", "not_done")


@dataclass(frozen=True)
class Plan:
    """Demand under a structure: the engine's input, and what is known of cases, units and teams beside it.

    ``cases`` (CASES, a row a case), ``units`` (UNIT_INFO) and ``teams`` (TEAM_INFO) stand in the order of the
    engine's numbers; ``undone`` (UNDONE, bearer as a position in BEARERS); ``neglects``: whether its structure may lay
    work aside.
    """

    engine_input: EngineInput
    cases: pd.DataFrame
    units: pd.DataFrame
    teams: pd.DataFrame
    undone: pd.DataFrame
    neglects: bool = False
