"""A step of a procedure becomes rows: the plain way, and what may happen beside it."""

from __future__ import annotations

import numpy as np

from sim.demand import times_of_day
from sim.distributions import whole
from sim.itineraries.course import Course, ReadyColumns, ready_columns
from sim.itineraries.desk import desk_work
from sim.itineraries.instead import complain, in_place_of
from sim.scenario.schema import Overflow, Step, WrongDoor
from sim.tables import NONE, Ready


def add_step(course: Course, number: int, attempt: int, members: np.ndarray) -> None:
    """Add the rows of a step for the members who take it at a hand-in, and lead their loose ends to them."""
    step = course.steps[number]
    if not step.present:
        desk_work(course, number, attempt, members)
        return
    if step.proxy is not None:
        course.is_proxied[members] |= course.chance("proxy", step.proxy.chance)[members]
    by_proxy = course.is_proxied[members]
    _proxy(course, number, attempt, members[by_proxy])
    _visit(course, number, attempt, members[~by_proxy])


def _proxy(course: Course, number: int, attempt: int, members: np.ndarray) -> None:
    """Somebody of the station does it for the resident: the same work and more, and no trip."""
    if not len(members):
        return
    step, luck = course.steps[number], course.luck[number]
    proxy = next(one.proxy for one in (step, *course.steps) if one.proxy is not None)
    extra_s = whole(course.amount_s(proxy.work, "proxy work", attempt, members))
    ready = course.ready_again(members, course.ready(step.delay, luck, attempt, members), Ready.WALL)
    position = course.rows.add(
        members,
        kind=course.kind,
        unit=course.unit(proxy.unit, members),
        work_s=course.work_s(step, luck, attempt, members) + extra_s,
        **{"class": proxy.priority},
        **ready,
    )
    course.ends.lead_to(members, position)


def _visit(course: Course, number: int, attempt: int, members: np.ndarray) -> None:
    """Somebody comes and stands there: on a new trip, or further on in the same one.

    A further trip is on another day, unless the delay before it says when: in working time, or at a gate.
    """
    if not len(members):
        return
    step, luck = course.steps[number], course.luck[number]
    ready = course.ready(step.delay, luck, attempt, members)
    if step.visit == "new":
        again = (course.visit[members] > 0) & (ready["ready_kind"] == Ready.WALL)
        ready["ready_kind"] = np.where(again, int(Ready.NEXT_OPEN_DAY), ready["ready_kind"])
    ready = course.ready_again(members, ready, Ready.NEXT_OPEN_DAY)
    course.visit[members] += course.is_at_home[members] | (step.visit == "new")
    course.is_at_home[members] = False
    if step.wrong_door is not None:
        ready = _wrong_door(course, step.wrong_door, number, attempt, members, ready)
    work_s = course.work_s(step, luck, attempt, members)
    position = _stand(course, step, attempt, members, course.unit(step.unit, members), work_s, ready)
    if step.overflow is not None:
        _overflow(course, step.overflow, members, position)


def _stand(
    course: Course,
    step: Step,
    attempt: int,
    members: np.ndarray,
    unit: np.ndarray,
    work_s: np.ndarray,
    ready: ReadyColumns,
) -> np.ndarray:
    """The row of a resident at a unit: own time of day, patience, tries, a complaint on giving up."""
    position = course.rows.add(
        members,
        kind=course.kind,
        visit=course.visit[members],
        present=1,
        unit=unit,
        work_s=work_s,
        return_s=times_of_day(course.profile, course.uniforms("time of day", attempt)[members]),
        n_tries=course.matter.tries,
        **{"class": step.priority},
        **ready,
    )
    if course.matter.patience is not None:
        patience_s = course.amount_s(course.matter.patience, "patience", attempt, members)
        course.rows.set("limit_s", position, whole(patience_s, 1))
        if course.matter.tries:
            course.rows.set("next_limit", position, course.rows.get("row", position))
    course.ends.lead_to(members, position)
    complain(course, members, position, "next_gave_up")
    return position


def _wrong_door(
    course: Course, wrong: WrongDoor, number: int, attempt: int, members: np.ndarray, ready: ReadyColumns
) -> ReadyColumns:
    """The first time, some ask at another unit, then walk to the right one; returns when all are ready at that."""
    step = course.steps[number]
    strays = course.chance("wrong door", wrong.chance)[members] & ~course.knows_door[number, members]
    course.knows_door[number, members] = True
    doors = [door for door in wrong.among if door not in course.bases(step.unit)]
    if not strays.any() or not doors:
        return ready
    lost = members[strays]
    which = (course.uniforms("which wrong door")[lost] * len(doors)).astype(np.int64)
    units = np.array([course.unit(door, lost) for door in doors])[which, np.arange(len(lost))]
    work_s = whole(course.amount_s(wrong.work, "wrong door work", attempt, lost), 1)
    _stand(course, step, attempt, lost, units, work_s, {name: value[strays] for name, value in ready.items()})
    walk = ready_columns(Ready.WALL, np.full(len(members), wrong.walk))
    return {name: np.where(strays, walk[name], ready[name]) for name in ready}


def _overflow(course: Course, overflow: Overflow, members: np.ndarray, position: np.ndarray) -> None:
    """After waiting ``after`` the case is taken up at a further post; patience goes on running."""
    rows = course.rows
    patience_s = rows.get("limit_s", position)
    stays = (patience_s == NONE) | (patience_s > overflow.after)
    members, position, patience_s = members[stays], position[stays], patience_s[stays]
    left_s = np.where(patience_s == NONE, NONE, patience_s - overflow.after)
    unit = course.unit(overflow.unit, members)
    instead = in_place_of(course, members, position, unit=unit, limit_s=left_s)
    if course.matter.tries:
        rows.set("next_limit", instead, np.where(left_s == NONE, NONE, rows.get("row", instead)))
    rows.set("limit_s", position, overflow.after)
    rows.set("next_limit", position, rows.get("row", instead))
    complain(course, members, instead, "next_gave_up")
