"""What the compiled engine's loop works on: arrays of records, of whole numbers.

A row is known by its ``index``, its position in the sorted itineraries; links count from row 0 of the case. Events are
single numbers (:func:`sim.rules.moment`), and so are places in a queue (:func:`sim.rules.place`): a heap of them is an
array.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

from sim.tables import ITINERARIES, LEGS

(
    CASE, ROW, KIND, VISIT, PRESENT, UNIT, N_BEFORE, OPENS, READY_KIND, READY, READY_AT, RETURN, WORK, ENDS_BY, CLASS,
    LIMIT, NEXT_LIMIT, N_TRIES, NEXT_GAVE_UP, DEADLINE_AT, NEXT_DEADLINE, NEXT_DONE, ALSO,
) = (
    ITINERARIES.index(name)
    for name in (
        "case", "row", "kind", "visit", "present", "unit", "n_before", "opens_s", "ready_kind", "ready_s", "ready_at",
        "return_s", "work_s", "ends_by_s", "class", "limit_s", "next_limit", "n_tries", "next_gave_up",
        "deadline_at_s", "next_deadline", "next_done", "also",
    )
)  # fmt: skip

Record: TypeAlias = Any
"""One element of an array of records: a numpy record, or what numba makes of it."""


def record(*names: str) -> np.dtype[np.void]:
    """A record of whole numbers."""
    return np.dtype([(name, np.int64) for name in names])


def packed(*names: tuple[type, str]) -> np.dtype[np.void]:
    """A record of whole numbers of several sizes."""
    return np.dtype([(name, size) for size, text in names for name in text.split()])


PLAN = packed(
    (np.int32, "row unit delay_s return_s work_s ends_by_s limit_s deadline_at_s"),
    (np.int32, "next_done next_limit next_deadline next_gave_up also"),
    (np.int16, "class_ n_before ready_at n_tries present ready_kind"),
)
"""What is planned for a row, as in the itineraries (``delay_s`` is ``ready_s`` there), in one line of cache."""
LEG = packed(
    (np.int64, "left_s ends_s"),
    (np.int32, "ready_s joined_s limit_from_s leaving_at_s started_s spell_s ended_s worked_s attempt slot"),
    (np.int16, "n_arrived team"),
    (np.int8, "is_waiting is_held leaving_rank outcome"),
)
"""Where a row stands in its latest attempt (0: not reached), in one line of cache. ``spell_s``: when its latest
service began; ``ends_s``: when that will end, if it is being served; ``slot``: where it stands among those its team
serves."""
TIME_BITS, SMALL_BITS = 30, 15
"""What is planned has no more, so that the sum of two times is a 32-bit number; nor has the number of a team."""
UNIT_ = record("closing", "at_close", "yields", "restart_s", "first_hours", "last_hours", "first_team", "last_team")
"""A unit; its opening periods and its teams are stretches of their arrays."""
QUEUE = record("start", "room", "n")
"""A heap of places among ``places``: of a unit's papers (2 x unit) or residents present (2 x unit + 1)."""
SERVED = record("queue", "position", "is_present")
"""A queue that a team serves, and the position of its unit in the team's list; none where nobody ever waits."""
TEAM = record(
    "n_members",
    "may_be_interrupted",
    "first_served",
    "last_served",
    "first_slot",
    "n_serving",
    "is_open",
    "is_touched",
)
"""A team; the queues it serves, in order, and the rows that its members serve are stretches of their arrays."""
LATER = record("moment", "next")
"""An event of a stretch of time that has not begun; those of one stretch are chained, in no order."""
STRETCH_BITS = 10
"""A stretch has so many seconds, as a power of two: 17 minutes, in which few enough events fall for a short heap."""
CLOCK = record(
    "now_s", "n_events", "stretch", "n_later", "free", "n_fresh", "n_touched", "lowest_touched", "n_earlier", "is_full"
)  # fmt: skip
"""The clock, how much of each array is in use, and whether one was too small."""


class Hours(NamedTuple):
    """Opening periods of all calendars and units, and gates; ``…_from``: where those of each number begin."""

    opens: np.ndarray
    closes: np.ndarray
    is_break: np.ndarray
    hours_from: np.ndarray
    gates: np.ndarray
    gate_from: np.ndarray


class Widths(NamedTuple):
    """Powers of two that are more than what they pack into one number; and logarithms of two of them."""

    number: int
    positions: int
    seconds: int
    rows: int
    number_bits: int
    second_bits: int


class Street(NamedTuple):
    """Everything on one clock."""

    rows: np.ndarray  # (columns of the itineraries, rows)
    plans: np.ndarray  # PLAN, by row
    legs: np.ndarray  # LEG, by row
    units: np.ndarray  # UNIT_
    queues: np.ndarray  # QUEUE
    teams: np.ndarray  # TEAM
    teams_of_units: np.ndarray
    served: np.ndarray  # SERVED
    hours: Hours
    places: np.ndarray
    serving: np.ndarray
    events: np.ndarray  # a heap of moments, of the stretch of time that has begun
    later: np.ndarray  # LATER, of stretches to come
    first_later: np.ndarray  # where the chain of each stretch begins
    fresh: np.ndarray  # rows that began to wait in this instant
    earlier: np.ndarray  # (1 + columns of legs, n): index and leg of attempts that were followed by another
    clock: np.ndarray  # CLOCK, one
    widths: Widths
    end_s: int


N_LEG = len(LEGS)


def pack(street: Street, index: int) -> bool:
    """Pack what is planned for a row that has not been reached; whether its numbers are small enough for that."""
    rows, plan, leg = street.rows, street.plans[index], street.legs[index]
    times = (
        (rows[READY, index] + 1)
        | (rows[RETURN, index] + 1)
        | (rows[WORK, index] + 1)
        | (rows[ENDS_BY, index] + 1)
        | (rows[LIMIT, index] + 1)
        | (rows[DEADLINE_AT, index] + 1)
    )
    class_ = max(rows[CLASS, index], 0)
    small = rows[N_BEFORE, index] | (rows[READY_AT, index] + 1) | class_ | rows[N_TRIES, index]
    if times >> TIME_BITS != 0 or small >> SMALL_BITS != 0:
        return False
    plan.row = rows[ROW, index]
    plan.unit = rows[UNIT, index]
    plan.delay_s = rows[READY, index]
    plan.return_s = rows[RETURN, index]
    plan.work_s = rows[WORK, index]
    plan.ends_by_s = rows[ENDS_BY, index]
    plan.limit_s = rows[LIMIT, index]
    plan.deadline_at_s = rows[DEADLINE_AT, index]
    plan.next_done = rows[NEXT_DONE, index]
    plan.next_limit = rows[NEXT_LIMIT, index]
    plan.next_deadline = rows[NEXT_DEADLINE, index]
    plan.next_gave_up = rows[NEXT_GAVE_UP, index]
    plan.also = rows[ALSO, index]
    plan.class_ = rows[CLASS, index]
    plan.n_before = rows[N_BEFORE, index]
    plan.ready_at = rows[READY_AT, index]
    plan.n_tries = rows[N_TRIES, index]
    plan.present = rows[PRESENT, index]
    plan.ready_kind = rows[READY_KIND, index]
    leg.attempt = leg.n_arrived = leg.is_waiting = 0
    return True


def soon(street: Street, index: int) -> None:
    """A row will be needed: its records come into the cache meanwhile."""
    fetch(street.plans, index)
    fetch(street.legs, index)


def fetch(_records: np.ndarray, _index: int) -> None:
    """Nothing; compiled, an instruction to the processor to fetch a record."""
