"""Residents' cases: hand in, perhaps be sent back with the papers, hand in again; ask again for what is not settled."""

from __future__ import annotations

import numpy as np

from sim.distributions import whole
from sim.itineraries.course import Course
from sim.itineraries.steps import add_step
from sim.scenario.schema import Papers
from sim.scenario.settling import Unsettled

IN_ORDER = 9
"""A tier no step checks: these papers are in order."""


def lay_out(course: Course) -> None:
    """Every hand-in of every case: the first, one more each time papers are sent back, and those of asking again."""
    papers = course.matter.papers or Papers(incomplete=0.0, most_returns=0)
    members = np.arange(course.n)
    for attempt in range(papers.most_returns):
        sent_back = _hand_in(course, members, attempt, _defects(course, papers, attempt))
        members = np.flatnonzero(sent_back)
        if not len(members):
            break
        course.own_delay_s[members] = whole(course.amount_s(papers.own_delay, "own delay", attempt, members))
    else:
        _hand_in(course, members, papers.most_returns, None)
    if course.matter.unsettled is not None:
        _ask_again(course, course.matter.unsettled, papers.most_returns)


def _ask_again(course: Course, unsettled: Unsettled, attempt: int) -> None:
    """Lay out once more, time after time, what is closed though nothing is settled; by now papers are in order."""
    course.content_share = unsettled.again_share
    course.own_delay_s[:] = course.way_back_s[:] = 0
    members = np.arange(course.n)
    for again in range(1, unsettled.most + 1):
        asking = members[(course.n_again == again - 1) & course.is_unsettled(members)]
        if not len(asking):
            continue
        course.seemed_s[asking] = whole(course.amount_s(unsettled.noticed, "noticed", again, asking))
        course.n_again[asking] = again
        course.is_at_home[asking] = course.is_sent_back[asking] = True
        _hand_in(course, asking, attempt + again, None)


def _hand_in(course: Course, members: np.ndarray, attempt: int, shows_at: np.ndarray | None) -> np.ndarray:
    """Lay out the steps of one hand-in for these members; returns which cases are sent back; (n_cases,) bool.

    ``shows_at`` is the tier at which each case's papers fail; without it nothing is sent back any more.
    """
    sent_back = np.zeros(course.n, dtype=bool)
    for number, step in enumerate(course.steps):
        taken = course.takers(number, members)
        add_step(course, number, attempt, taken)
        course.is_settled[number, taken] = step.once
        if shows_at is None:
            continue
        back = taken[_fails(course, number, attempt, shows_at)[taken]]
        course.is_settled[number, back] = False
        course.way_back_s[back] = step.return_delay
        course.is_at_home[back] = course.is_sent_back[back] = sent_back[back] = True
        members = members[~sent_back[members]]
    return sent_back


def _defects(course: Course, papers: Papers, attempt: int) -> np.ndarray:
    """The tier at which each case's papers fail at this hand-in (1 to 3, or in order); (n_cases,) int."""
    chance = papers.incomplete if attempt == 0 else papers.incomplete_again
    bad = course.chance("papers", chance * course.setting.scenario.structure.rules.papers_factor, attempt)
    depth = course.uniforms("papers show at", attempt)
    door, second, _ = papers.shows_at
    shows_at = np.full(course.n, IN_ORDER)
    shows_at[bad] = 1 + (depth[bad] >= door) + (depth[bad] >= door + second)
    return shows_at


def _fails(course: Course, number: int, attempt: int, shows_at: np.ndarray) -> np.ndarray:
    """Which cases a step sends back: papers that fail at a tier it can see, or a hard case without need."""
    step = course.steps[number]
    needless = course.hard & course.chance(f"hard return/{course.luck[number]}", step.hard_returns, attempt)
    return (shows_at <= step.checks) | needless
