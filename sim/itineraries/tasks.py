"""Administrative tasks: sent down, admitted or refused, done in every community, summed up."""

from __future__ import annotations

import numpy as np

from sim.distributions import whole
from sim.itineraries.course import Course
from sim.itineraries.steps import add_step, hurry
from sim.scenario.schema import Step
from sim.tables import BEARERS


def lay_out(course: Course) -> None:
    """Admitted tasks take their steps; refused ones go to their bearer."""
    refused = _refused(course)
    bearer = course.setting.scenario.structure.rules.admission.bearer
    work_s = _work_by_community(course)
    if bearer == "street":
        members = np.arange(course.n)
    else:
        members = np.flatnonzero(~refused)
        borne = np.flatnonzero(refused)
        total = course.work_s(course.steps[0], 0, 0) + work_s.sum(axis=0)
        course.undone.add(course.cases.case[borne], -1, total[borne], BEARERS.index(bearer))
    for number, step in enumerate(course.steps):
        if step.each is None:
            taken = members
            if step.chance < 1:
                hit = course.chance(f"chance/{step.chance_key or course.names[number]}", step.chance)
                taken = members[hit[members]]
            add_step(course, step, number, 0, taken)
            continue
        _in_every_community(course, step, number, members[~refused[members]], work_s)
        _at_the_street(course, step, members[refused[members]], work_s)


def _refused(course: Course) -> np.ndarray:
    """Tasks that are not on the admission list and do not leak through; (n_cases,) bool."""
    matter = course.matter
    if matter.schedule is not None:
        n_listed = round(matter.listed * matter.items)
        unlisted = course.cases.index % matter.items >= n_listed
    else:
        unlisted = course.uniforms("listed") >= matter.listed
    leakage = course.setting.scenario.structure.rules.admission.leakage
    return np.asarray(unlisted & ~course.chance("leakage", leakage))


def _work_by_community(course: Course) -> np.ndarray:
    """Seconds of each task's work in each community: a fixed part and a part by household; (n_places, n_cases).

    A task that has neither is the street's own work; what is handed down of it is parted by household.
    """
    households = course.setting.where.households("community")
    scale = course.setting.scenario.demand.task_scale
    work = np.zeros((len(households), course.n))
    if course.matter.community_work is not None:
        work += course.setting.luck(course.cases, "community work", 0, course.matter.community_work)
    if course.matter.household_work is not None:
        total = course.setting.luck(course.cases, "household work", 0, course.matter.household_work)
        work += np.outer(households / households.sum(), total)
    if course.matter.community_work is None and course.matter.household_work is None:
        content = course.setting.luck(course.cases, "work", 0, course.matter.work)
        work += np.outer(households / households.sum(), content)
    return work * scale


def _in_every_community(course: Course, step: Step, number: int, members: np.ndarray, work_s: np.ndarray) -> None:
    """Fork into one row for each community; the next step joins them."""
    if not len(members):
        return
    names = course.setting.where.communities
    base = course.base(step.unit)
    positions: list[np.ndarray] = []
    for place, name in enumerate(names):
        position = course.rows.add(
            members,
            kind=course.kind,
            unit=course.setting.offices.number[base, name],
            n_before=1,
            work_s=whole(step.share * step.factor * work_s[place][members], 1),
            **{"class": step.priority},
            **course.ready(step.delay, course.names[number], 0, members),
        )
        if positions:
            course.rows.set("also", positions[-1], course.rows.get("row", position))
        else:
            course.tails.lead_to(members, position)
        positions.append(position)
    for position in positions[1:]:
        course.tails.also_from(members, position)
    if step.overdue is not None:
        for position in positions:
            hurry(course, step.overdue, members, position)
    course.tails.joins(members, len(names))


def _at_the_street(course: Course, step: Step, members: np.ndarray, work_s: np.ndarray) -> None:
    """What the communities may refuse, the street does itself: once for all, at the unit of the first step."""
    if not len(members):
        return
    total = step.share * work_s.sum(axis=0)
    position = course.rows.add(
        members,
        kind=course.kind,
        unit=course.unit(course.steps[0].unit, members),
        work_s=whole(total[members], 1),
        **{"class": step.priority},
    )
    course.tails.lead_to(members, position)
