"""Administrative tasks: sent down, admitted or refused, done in every community, summed up."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from sim.itineraries.course import Course
from sim.itineraries.instead import hurry
from sim.itineraries.steps import add_step


def lay_out(course: Course, spared: Mapping[int, np.ndarray]) -> None:
    """Admitted tasks take their steps; refused ones go to their bearer, who has the same work with them.

    What the communities may refuse, at their own tier or because the street bears it, is done at the street.
    ``spared``: of steps at which tasks are merged, the share of the fixed part that is not needed; (n_cases,) each.
    """
    refused = is_refused(course)
    goes_down = comes_to_communities(course)
    admission = course.setting.scenario.structure.rules.admission
    members = np.arange(course.n)
    if admission.bearer != "street":
        course.slowness[refused] = 1.0  # whoever bears them is not in transition
        _bear(course, members[refused], admission.bearer)
        members = members[~refused]
    if admission.follow is not None:
        course.followed_share[_is_unlisted(course) & ~refused] = admission.follow.share
    for number, step in enumerate(course.steps):
        taken = course.takers(number, members)
        if step.each is None:
            add_step(course, number, 0, taken)
        else:
            _in_every_community(course, number, taken[goes_down[taken]], spared.get(number))
            _at_the_street(course, number, taken[~goes_down[taken]])


def is_refused(course: Course) -> np.ndarray:
    """Tasks that are not on the admission list and do not leak through to the street; (n_cases,) bool."""
    leakage = course.setting.scenario.structure.rules.admission.leakage
    return np.asarray(_is_unlisted(course) & ~course.chance("leakage", leakage))


def comes_to_communities(course: Course) -> np.ndarray:
    """Tasks that are on the list or leak through both tiers of admission; (n_cases,) bool."""
    tier = course.setting.scenario.structure.rules.admission.community
    leaks = course.chance("leakage/community", tier.leakage) if tier is not None else True
    return ~is_refused(course) & (~_is_unlisted(course) | leaks)


def _is_unlisted(course: Course) -> np.ndarray:
    """Tasks that are not on the admission list, by their number in a schedule or by luck; (n_cases,) bool."""
    matter = course.matter
    if matter.schedule is not None:
        n_listed = round(matter.listed * matter.items)
        return np.asarray(course.cases.index % matter.items >= n_listed)
    return np.asarray(course.uniforms("listed") >= matter.listed)


def _community_work_s(course: Course, number: int, members: np.ndarray, spared: np.ndarray | None = None) -> np.ndarray:
    """Whole seconds of a step in each community: a fixed part and a part by household; (n_places, n_members).

    A task that has neither is the street's own work; what is handed down of it is parted by household. ``spared`` is
    the share of the fixed part that is not needed; (n_cases,).
    """
    step, matter = course.steps[number], course.matter
    households = course.setting.where.households("community")
    fixed, shared = matter.community_work, matter.household_work
    if fixed is None and shared is None:
        by_household_s = course.content_s(matter.work, "work", 0, members)
    elif shared is None:
        by_household_s = np.zeros(len(members))
    else:
        by_household_s = course.content_s(shared, "household work", 0, members)
    content_s = np.outer(households / households.sum(), by_household_s)
    if fixed is not None:
        fixed_s = course.content_s(fixed, "community work", 0, members)
        content_s += fixed_s if spared is None else fixed_s * (1 - spared[members])
    return course.with_added_s(step, course.luck[number], 0, members, step.share * content_s)


def _bear(course: Course, members: np.ndarray, bearer: str) -> None:
    """Refused tasks are somebody else's: all that their steps would have taken, but for orders and checks."""
    work_s = np.zeros(course.n, dtype=np.int64)
    for number, step in enumerate(course.steps):
        taken = course.takers(number, members)
        if step.each is None:
            work_s[taken] += course.work_s(step, course.luck[number], 0, taken)
        else:
            work_s[taken] += _community_work_s(course, number, taken).sum(axis=0)
    course.undone.add(course.cases.case[members], -1, work_s[members], bearer)


def _in_every_community(course: Course, number: int, members: np.ndarray, spared: np.ndarray | None) -> None:
    """Fork into one row for each community; the next step joins them."""
    if not len(members):
        return
    step, rows = course.steps[number], course.rows
    names = course.setting.where.communities
    (base,) = course.bases(step.unit)
    work_s = course.own_s(members, _community_work_s(course, number, members, spared))
    ready = course.ready(step.delay, course.luck[number], 0, members)
    branches = [
        rows.add(
            members,
            kind=course.kind,
            unit=course.setting.offices.number[base, name],
            n_before=1,
            work_s=work_s[place],
            **{"class": step.priority},
            **ready,
        )
        for place, name in enumerate(names)
    ]
    course.ends.lead_to(members, branches[0])
    for before, branch in pairwise(branches):
        rows.set("also", before, rows.get("row", branch))
        course.ends.add(members, branch)
    if step.overdue is not None:
        for branch in branches:
            hurry(course, step.overdue, members, branch)
    course.ends.join(members, len(names))


def _at_the_street(course: Course, number: int, members: np.ndarray) -> None:
    """What the communities may refuse, the street does for all of them, where the task first comes in.

    A task that never comes to the street has no row there; the street's work with it is noted as undone.
    """
    if not len(members):
        return
    step = course.steps[number]
    work_s = course.own_s(members, _community_work_s(course, number, members).sum(axis=0))
    unit = next((one.unit for one in course.steps if one.each is None), None)
    if unit is None:
        course.undone.add(course.cases.case[members], -1, work_s, "street")
        return
    position = course.rows.add(
        members, kind=course.kind, unit=course.unit(unit, members), work_s=work_s, **{"class": step.priority}
    )
    course.ends.lead_to(members, position)
    if step.overdue is not None:
        hurry(course, step.overdue, members, position)
