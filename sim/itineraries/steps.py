"""A step of a procedure becomes rows: the plain way, and what may happen beside it."""

from __future__ import annotations

import numpy as np

from sim.demand import times_of_day
from sim.distributions import whole
from sim.itineraries.course import Columns, Course
from sim.scenario.schema import Overdue, Overflow, Proxy, Step, WrongDoor
from sim.tables import BEARERS, NONE, Kind, Ready


def add_step(course: Course, step: Step, number: int, attempt: int, members: np.ndarray) -> None:
    """Add the rows of a step for the members who take it, and lead their tails to them."""
    if not len(members):
        return
    work_s = course.work_s(step, number, attempt)
    if step.present:
        if step.proxy is not None and attempt == 0:
            course.proxied[members] |= course.chance("proxy", step.proxy.chance)[members]
        by_proxy = course.proxied[members]
        if by_proxy.any():
            _proxy(course, _proxy_of(course), step, number, attempt, members[by_proxy], work_s)
            members = members[~by_proxy]
    if not len(members):
        return
    if step.present:
        _visit(course, step, number, attempt, members, work_s)
    else:
        _desk_work(course, step, number, attempt, members, work_s)


def _visit(course: Course, step: Step, number: int, attempt: int, members: np.ndarray, work_s: np.ndarray) -> None:
    """Somebody comes and stands there: a new trip, or further on in the same one."""
    first = course.visit[members] == 0
    course.visit[members] += first | (course.comes_back_s[members] >= 0) | (step.visit == "new")
    ready = course.ready(step.delay, course.names[number], attempt, members)
    if step.visit == "new":
        ready["ready_kind"] = np.where(first, ready["ready_kind"], int(Ready.NEXT_OPEN_DAY))
    ready = course.returns(members, ready, present=True)
    if step.wrong_door is not None and attempt == 0:
        ready = _wrong_door(course, step.wrong_door, step, members, ready)
    position = _stand(course, step, attempt, members, course.unit(step.unit, members), work_s, ready)
    if step.overflow is not None:
        _overflow(course, step.overflow, step, members, position)


def _stand(
    course: Course, step: Step, attempt: int, members: np.ndarray, unit: np.ndarray, work_s: np.ndarray, ready: Columns
) -> np.ndarray:
    """The row of a resident at a unit: own time of day, patience, tries, a complaint on giving up."""
    position = course.rows.add(
        members,
        kind=course.kind,
        visit=course.visit[members],
        present=1,
        unit=unit,
        work_s=whole(work_s[members], 1),
        return_s=times_of_day(course.profile, course.uniforms("time of day", attempt))[members],
        n_tries=course.matter.tries,
        **{"class": step.priority},
        **ready,
    )
    if course.matter.patience is not None:
        patience_s = course.setting.luck(course.cases, "patience", attempt, course.matter.patience)[members]
        course.rows.set("limit_s", position, whole(patience_s, 1))
        if course.matter.tries:
            course.rows.set("next_limit", position, course.rows.get("row", position))
    course.tails.lead_to(members, position)
    complain(course, members, position, "next_gave_up")
    return position


def _desk_work(course: Course, step: Step, number: int, attempt: int, members: np.ndarray, work_s: np.ndarray) -> None:
    """Work with nobody present."""
    ready = course.returns(members, course.ready(step.delay, course.names[number], attempt, members), present=False)
    position = course.rows.add(
        members,
        kind=course.kind,
        unit=course.unit(step.unit, members),
        work_s=whole(work_s[members], 1),
        **{"class": step.priority},
        **ready,
    )
    course.tails.lead_to(members, position)
    if step.overdue is not None:
        hurry(course, step.overdue, members, position)


def _proxy_of(course: Course) -> Proxy:
    return next(step.proxy for step in course.steps if step.proxy is not None)


def _proxy(
    course: Course, proxy: Proxy, step: Step, number: int, attempt: int, members: np.ndarray, work_s: np.ndarray
) -> None:
    """Somebody of the station does it for the resident: the same work and more, and no trip."""
    extra_s = course.setting.luck(course.cases, "proxy", attempt, proxy.work)
    ready = course.returns(members, course.ready(step.delay, course.names[number], attempt, members), present=False)
    position = course.rows.add(
        members,
        kind=course.kind,
        unit=course.unit(proxy.unit, members),
        work_s=whole((work_s + extra_s)[members], 1),
        **{"class": proxy.priority},
        **ready,
    )
    course.tails.lead_to(members, position)


def _wrong_door(course: Course, wrong: WrongDoor, step: Step, members: np.ndarray, ready: Columns) -> Columns:
    """Some ask at another unit first; afterwards they walk to the right one. Returns when the right one is reached."""
    strays = course.chance("wrong door", wrong.chance)[members]
    doors = [unit for unit in wrong.among if unit != course.base(step.unit)]
    if not strays.any() or not doors:
        return ready
    lost = members[strays]
    which = (course.uniforms("which wrong door")[lost] * len(doors)).astype(np.int64)
    units = np.array([course.unit(door, lost) for door in doors])[which, np.arange(len(lost))]
    work_s = course.setting.luck(course.cases, "wrong door work", 0, wrong.work)
    asked = {name: np.broadcast_to(value, members.shape)[strays] for name, value in ready.items()}
    _stand(course, step, 0, lost, units, work_s, asked)
    after: Columns = {"ready_kind": int(Ready.WALL), "ready_s": wrong.walk, "ready_at": NONE}
    return {name: np.where(strays, after[name], value) for name, value in ready.items()}


def _overflow(course: Course, overflow: Overflow, step: Step, members: np.ndarray, position: np.ndarray) -> None:
    """After waiting ``after`` the case is taken up at a further post; patience goes on running."""
    rows = course.rows
    patience_s = rows.get("limit_s", position)
    stays = (patience_s == NONE) | (patience_s > overflow.after)
    members, position, patience_s = members[stays], position[stays], patience_s[stays]
    if not len(members):
        return
    second = rows.add(
        members,
        kind=course.kind,
        visit=rows.get("visit", position),
        present=1,
        unit=course.unit(overflow.unit, members),
        n_before=1,
        work_s=rows.get("work_s", position),
        limit_s=np.where(patience_s == NONE, NONE, patience_s - overflow.after),
        return_s=rows.get("return_s", position),
        n_tries=course.matter.tries,
        **{"class": step.priority},
    )
    if course.matter.tries:
        rows.set("next_limit", second, np.where(patience_s == NONE, NONE, rows.get("row", second)))
    rows.set("limit_s", position, overflow.after)
    rows.set("next_limit", position, rows.get("row", second))
    course.tails.also_from(members, second)
    complain(course, members, second, "next_gave_up")


def hurry(course: Course, overdue: Overdue, members: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Work not begun by the promised instant goes first, perhaps in part only; returns the hurried rows."""
    rows = course.rows
    promised = course.due_s[members] != NONE
    members, position = members[promised], position[promised]
    full_s = rows.get("work_s", position)
    done_s = whole(full_s * overdue.work_share, 1)
    hurried = rows.add(
        members,
        kind=course.kind,
        unit=rows.get("unit", position),
        n_before=1,
        work_s=done_s,
        **{"class": overdue.priority},
    )
    rows.set("deadline_at_s", position, course.due_s[members])
    rows.set("next_deadline", position, rows.get("row", hurried))
    course.tails.also_from(members, hurried)
    if overdue.work_share < 1:
        course.undone.add(
            course.cases.case[members], rows.get("row", hurried), full_s - done_s, BEARERS.index("not_done")
        )
    complain(course, members, hurried, "also")
    return hurried


def complain(course: Course, members: np.ndarray, position: np.ndarray, column: str) -> None:
    """Those who complain start a 12345 complaint from ``column`` of the rows at ``position``."""
    structure = course.setting.scenario.structure
    angry = course.complains[members]
    if structure.rules.complaints is None or not angry.any() or course.kind != Kind.RESIDENT:
        return
    members, before, link = members[angry], position[angry], column
    for step in structure.procedures[structure.rules.complaints].steps:
        base = course.base(step.unit)
        work = course.setting.luck(course.cases, f"complaint/{base}", 0, step.work) if step.work else np.ones(course.n)
        added = course.rows.add(
            members,
            kind=int(Kind.COMPLAINT),
            unit=course.unit(step.unit, members),
            n_before=1,
            work_s=whole(work[members], 1),
            **{"class": step.priority},
            **course.ready(step.delay, f"complaint/{base}", 0, members),
        )
        course.rows.set(link, before, course.rows.get("row", added))
        before, link = added, "next_done"
