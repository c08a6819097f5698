"""Rows in place of others: neglected and hurried work, and the complaints that lateness and giving up begin."""

from __future__ import annotations

import numpy as np

from sim.distributions import whole
from sim.itineraries.course import Course
from sim.scenario.schema import Overdue, Step
from sim.tables import NONE, Kind

KEPT = ("kind", "visit", "present", "unit", "work_s", "class", "return_s", "n_tries")
"""What stays as it was when a row takes the place of another."""


def in_place_of(course: Course, members: np.ndarray, position: np.ndarray, **changes: np.ndarray | int) -> np.ndarray:
    """Rows that members go to at once when their wait at others has ended: the same but for what changes."""
    rows = course.rows
    kept = {name: rows.get(name, position) for name in KEPT}
    instead = rows.add(members, n_before=1, **(kept | changes))
    course.ends.add(members, instead)
    return instead


def lay_aside(
    course: Course,
    step: Step,
    luck: str,
    attempt: int,
    members: np.ndarray,
    position: np.ndarray,
    within_s: int,
) -> np.ndarray:
    """Some work lies when it comes in: a row without a class, and one in its place for when it has lain.

    ``within_s``: what its order allows, or NONE. Returns each member's row whose wait that limits: the last before
    the work is urged. What would lie no less than that is urged as it lies.
    """
    neglect, rows = course.setting.scenario.structure.rules.neglect, course.rows
    if neglect is None or course.kind != Kind.RESIDENT or not step.share:
        return position
    struck = course.chance(f"neglect/{luck}", neglect.chance, attempt)[members]
    lies_s = whole(course.amount_s(neglect.lies, f"lies/{luck}", attempt, members), 1)
    lies_out = struck & ((lies_s < within_s) | (within_s == NONE))
    last = position.copy()
    last[lies_out] = in_place_of(course, members[lies_out], position[lies_out])
    rows.set("class", position[struck], NONE)
    rows.set("limit_s", position[lies_out], lies_s[lies_out])
    rows.set("next_limit", position[lies_out], rows.get("row", last[lies_out]))
    return last


def hurry(course: Course, overdue: Overdue, members: np.ndarray, *positions: np.ndarray) -> None:
    """Work not begun by the promised instant goes before other work, perhaps in part only.

    Where several rows of the members are alternatives of one another, they lead to the same hurried row.
    """
    rows = course.rows
    promised = course.due_s[members] != NONE
    members, positions = members[promised], tuple(position[promised] for position in positions)
    full_s = rows.get("work_s", positions[0])
    done_s = whole(full_s * overdue.work_share, 1)
    hurried = in_place_of(course, members, positions[0], work_s=done_s, **{"class": overdue.priority})
    for position in positions:
        rows.set("deadline_at_s", position, course.due_s[members])
        rows.set("next_deadline", position, rows.get("row", hurried))
    if overdue.work_share < 1:
        course.undone.add(course.cases.case[members], rows.get("row", hurried), full_s - done_s, "not_done")
    complain(course, members, hurried, "also")


def complain(course: Course, members: np.ndarray, position: np.ndarray, column: str) -> None:
    """Those who complain start a complaint to 12345 from ``column`` of the rows at ``position``: once a case."""
    structure = course.setting.scenario.structure
    if structure.rules.complaints is None or course.kind != Kind.RESIDENT:
        return
    angry = course.complains[members]
    members, position = members[angry], position[angry]
    steps = structure.procedures[structure.rules.complaints].steps
    _complaint(course, steps, members[course.complaint_row[members] == NONE])
    course.rows.set(column, position, course.complaint_row[members])


def _complaint(course: Course, steps: list[Step], members: np.ndarray) -> None:
    """The rows of a complaint, one after another; nothing in the case's own course waits for them."""
    before: np.ndarray | None = None
    for number, step in enumerate(steps if len(members) else ()):
        luck = f"complaint/{step.luck or number}"
        position = course.rows.add(
            members,
            kind=int(Kind.COMPLAINT),
            unit=course.unit(step.unit, members),
            n_before=1,
            work_s=course.work_s(step, luck, 0, members),
            **{"class": step.priority},
            **course.ready(step.delay, luck, 0, members),
        )
        row = course.rows.get("row", position)
        if before is None:
            course.complaint_row[members] = row
        else:
            course.rows.set("next_done", before, row)
        before = position
