"""Work with nobody present: ordered by a hub, done, hurried or urged, reported, verified and perhaps done again."""

from __future__ import annotations

import numpy as np

from sim.distributions import whole
from sim.itineraries.course import Course, ReadyColumns
from sim.itineraries.instead import hurry, in_place_of, lay_aside
from sim.scenario.orders import Order, Verify
from sim.scenario.quantities import Draw
from sim.scenario.schema import Step
from sim.tables import NONE, Kind, Ready


def desk_work(course: Course, number: int, attempt: int, members: np.ndarray) -> None:
    """Add the rows of a step at a desk for the members who take it at a hand-in."""
    if not len(members):
        return
    step, luck = course.steps[number], course.luck[number]
    ready = course.ready_again(members, course.ready(step.delay, luck, attempt, members), Ready.WALL)
    work_s = course.own_s(members, course.work_s(step, luck, attempt, members))
    order = step.order
    if order is not None:
        _office_work(course, step, order.by, order.work, f"order work/{luck}", attempt, members, ready)
        ready = {}
    _do(course, step, luck, attempt, members, work_s, ready, order)
    if order is not None and order.report is not None:
        _office_work(course, step, order.by, order.report.work, f"report work/{luck}", attempt, members)
    if step.verify is not None:
        _verify(course, step, step.verify, luck, attempt, members)


def _do(
    course: Course,
    step: Step,
    luck: str,
    attempt: int,
    members: np.ndarray,
    work_s: np.ndarray,
    ready: ReadyColumns,
    order: Order | None = None,
) -> None:
    """The row of the work itself, and those in its place: neglected, urged by the hub, hurried when overdue."""
    position = course.rows.add(
        members,
        kind=course.kind,
        unit=course.unit(step.unit, members),
        work_s=work_s,
        **{"class": step.priority},
        **ready,
    )
    course.ends.lead_to(members, position)
    within_s = NONE if order is None else order.within
    alternatives = [position, lay_aside(course, step, luck, attempt, members, position, within_s)]
    if order is not None:
        alternatives.append(_urge(course, order, luck, attempt, members, alternatives[-1]))
    if step.overdue is not None:
        hurry(course, step.overdue, members, *alternatives)


def _urge(
    course: Course, order: Order, luck: str, attempt: int, members: np.ndarray, position: np.ndarray
) -> np.ndarray:
    """Work not begun in the order's time goes on in a better class, and the hub supervises it; the urged rows."""
    rows = course.rows
    urged = in_place_of(course, members, position, **{"class": order.urged.priority})
    rows.set("limit_s", position, order.within)
    rows.set("next_limit", position, rows.get("row", urged))
    supervision = rows.add(
        members,
        kind=int(Kind.SUPERVISION),
        unit=course.unit(order.by, members),
        n_before=1,
        work_s=course.office_work_s(order.urged.work, order.by, f"urging work/{luck}", attempt, members),
        **{"class": order.urged.priority},
    )
    rows.set("also", urged, rows.get("row", supervision))
    return urged


def _office_work(
    course: Course,
    step: Step,
    unit: str,
    work: Draw,
    purpose: str,
    attempt: int,
    members: np.ndarray,
    ready: ReadyColumns | None = None,
) -> None:
    """The row of work that another unit has with the step, in the step's class; at once unless it is said when."""
    position = course.rows.add(
        members,
        kind=course.kind,
        unit=course.unit(unit, members),
        work_s=course.office_work_s(work, unit, purpose, attempt, members),
        **{"class": step.priority},
        **(ready or {}),
    )
    course.ends.lead_to(members, position)


def _verify(course: Course, step: Step, verify: Verify, luck: str, attempt: int, members: np.ndarray) -> None:
    """The check of all, then again and again where it finds what settles nothing: the work, and the check of it."""
    unsettled = course.matter.unsettled
    for check in range(1 + (unsettled.most if unsettled is not None else 0)):
        _office_work(course, step, verify.unit, verify.work, f"verify/{luck}/{check}/work", attempt, members)
        members = _found(course, verify.finds, luck, members[course.is_unsettled(members)])
        if unsettled is None or not len(members):
            return
        course.n_again[members] += 1
        first_s = course.work_s(step, luck, attempt, members, content_share=1.0)
        _do(course, step, f"verify/{luck}/{check}", attempt, members, whole(first_s * unsettled.again_share, 1), {})


def _found(course: Course, finds: float, luck: str, members: np.ndarray) -> np.ndarray:
    """The members of whom a check finds that nothing is settled: luck by how often the work was done by then."""
    times = course.n_again[members]
    is_found = np.zeros(len(members), dtype=bool)
    for again in np.unique(times):
        mine = times == again
        is_found[mine] = course.chance(f"verify/{luck}", finds, int(again))[members[mine]]
    return members[is_found]
