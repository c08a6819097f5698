"""A small street made by hand: two communities, a street office, a department; cases and legs are written out.

Open Monday to Friday 9:00-12:00 and 13:00-17:00. One window in the east, two in the west; two in the street office, who
have meetings and a hall (counter) and a desk; one in the department.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.tables import (
    CALENDARS,
    CASES,
    FOUND_BY,
    GATES,
    ITINERARIES,
    LEGS,
    NONE,
    TEAM_INFO,
    TEAMS,
    UNDONE,
    UNIT_INFO,
    UNITS,
    AtClose,
    Closing,
    EngineInput,
    Kind,
    Outcome,
    Plan,
    Ready,
    legs_table,
)
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S, parse_clock

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MATTERS = ("card", "pension", "call", "report")
CHANNELS = ("counter", "counter", "hotline", "task")
COMMUNITIES = ("east", "west")
UNIT_ROWS = (
    # name, base, place, level, kind, each
    ("counter@east", "counter", "east", "community", "counter", "community"),
    ("counter@west", "counter", "west", "community", "counter", "community"),
    ("meeting:office", "meeting:office", "", "street", "meeting", "street"),
    ("hall", "hall", "", "street", "counter", "street"),
    ("desk", "desk", "", "street", "desk", "street"),
    ("bureau", "bureau", "", "department", "desk", "street"),
    ("leave:office", "leave:office", "", "street", "leave", "street"),
)
TEAM_ROWS = (
    # name, base, place, level, size, units
    ("window@east", "window", "east", "community", 1, "0"),
    ("window@west", "window", "west", "community", 2, "1"),
    ("office", "office", "", "street", 2, "2 3 4 6"),
    ("bureau", "bureau", "", "department", 1, "5"),
)
UNIT = {row[0]: number for number, row in enumerate(UNIT_ROWS)}


def at(text: str, week: int = 0) -> int:
    """Seconds of "mon 9:05" in a week counted from 0."""
    day, clock = text.split()
    return week * WEEK_S + DAYS.index(day) * DAY_S + parse_clock(clock)


def minutes(number: float) -> int:
    """Minutes as seconds."""
    return round(number * MINUTE_S)


class Street:
    """Cases, rows and legs noted one by one; instants are texts for :func:`at` or seconds."""

    def __init__(self, weeks: int = 2) -> None:
        self.end_s = weeks * WEEK_S
        self.cases: list[dict[str, int]] = []
        self.rows: list[dict[str, int]] = []
        self.legs: list[dict[str, int]] = []
        self.undone: list[tuple[int, int, int, int]] = []
        self.gates: list[int] = []
        self.sizes = {row[0]: row[4] for row in TEAM_ROWS}

    def case(self, opened: str | int, *rows: dict[str, Any], kind: Kind = Kind.RESIDENT, **known: Any) -> int:
        """A case and its possible legs, which follow one another unless a row says otherwise."""
        number = len(self.cases)
        opened_s = _seconds(opened)
        found_s = _seconds(known.pop("found", opened))
        travel = known.pop("travel_min", (10, 40, 90))
        case = {
            "case": number,
            "matter": 0,
            "kind": kind,
            "community": 0,
            "household": 0,
            "elderly": 0,
            "distant": 0,
            "opened_s": opened_s,
            "found_s": found_s,
            "found_by": NONE if found_s == NONE else FOUND_BY.index("at_once"),
            "due_s": _seconds(known.pop("due", NONE)),
            "unsettled": NONE,
            "community_travel_s": minutes(travel[0]),
            "area_travel_s": NONE,
            "street_travel_s": minutes(travel[1]),
            "department_travel_s": minutes(travel[2]),
        }
        self.cases.append(case | known)
        for position, row in enumerate(rows):
            last = position == len(rows) - 1
            self.rows.append(
                dict.fromkeys(ITINERARIES, NONE)
                | {"case": number, "row": position, "kind": kind, "visit": 0, "present": 0, "work_s": 1, "class": 1}
                | {"n_before": min(position, 1), "opens_s": NONE if position else found_s}
                | {"ready_kind": Ready.WALL, "ready_s": 0, "n_tries": 0, "next_done": NONE if last else position + 1}
                | {name: UNIT[value] if name == "unit" else value for name, value in row.items()}
            )
        return number

    def leg(
        self,
        case: int,
        row: int,
        joined: str | int,
        started: str | int = NONE,
        ended: str | int = NONE,
        outcome: Outcome | None = None,
        **known: int,
    ) -> None:
        """What an engine made of a row; without an end it is still open, without a start it was never served."""
        joined_s, started_s, ended_s = _seconds(joined), _seconds(started), _seconds(ended)
        planned = next(one for one in self.rows if (one["case"], one["row"]) == (case, row))
        team = next(number for number, one in enumerate(TEAM_ROWS) if str(planned["unit"]) in one[5].split())
        until_s = self.end_s if ended_s == NONE else ended_s
        self.legs.append(
            {
                "case": case,
                "row": row,
                "attempt": 1,
                "team": NONE if started_s == NONE else team,
                "ready_s": joined_s,
                "joined_s": joined_s,
                "started_s": started_s,
                "ended_s": ended_s,
                "worked_s": 0 if started_s == NONE else until_s - started_s,
                "outcome": int((Outcome.OPEN if ended_s == NONE else Outcome.DONE) if outcome is None else outcome),
                **{name: planned[name] for name in ("kind", "visit", "unit", "class")},
            }
            | known
        )

    def plan(self) -> Plan:
        """The plan of all that was noted."""
        days = [day for day in range(self.end_s // DAY_S + 7) if day % 7 < 5]
        calendar = [
            (0, day * DAY_S + opens * HOUR_S, day * DAY_S + closes * HOUR_S, is_break)
            for day in days
            for opens, closes, is_break in ((9, 12, 1), (13, 17, 0))
        ]
        units = [Closing.FINISH if row[4] == "counter" else Closing.PAUSE for row in UNIT_ROWS]
        return Plan(
            EngineInput(
                pd.DataFrame(self.rows, columns=list(ITINERARIES), dtype="int64"),
                pd.DataFrame(
                    [
                        (unit, int(closing), int(AtClose.HOLD if closing else AtClose.SEND_HOME), int(closing), 0)
                        for unit, closing in enumerate(units)
                    ],
                    columns=list(UNITS),
                ),
                pd.DataFrame(
                    [(team, self.sizes[row[0]], 0, row[5]) for team, row in enumerate(TEAM_ROWS)], columns=list(TEAMS)
                ),
                pd.DataFrame(calendar, columns=list(CALENDARS)),
                pd.DataFrame([(0, at_s) for at_s in self.gates], columns=list(GATES), dtype="int64"),
                self.end_s,
            ),
            pd.DataFrame(self.cases, columns=list(CASES), dtype="int64"),
            pd.DataFrame(UNIT_ROWS, columns=list(UNIT_INFO)),
            pd.DataFrame([row[:4] for row in TEAM_ROWS], columns=list(TEAM_INFO)),
            pd.DataFrame(self.undone, columns=list(UNDONE), dtype="int64"),
        )

    def legs_table(self) -> pd.DataFrame:
        """All legs noted, as an engine would write them."""
        return legs_table({name: [leg[name] for leg in self.legs] for name in LEGS})


def _seconds(instant: str | int) -> int:
    return at(instant) if isinstance(instant, str) else instant
