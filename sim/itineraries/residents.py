"""Residents' cases: hand in, perhaps be sent back with the papers, hand in again."""

from __future__ import annotations

import numpy as np

from sim.distributions import seconds
from sim.itineraries.course import Course
from sim.itineraries.steps import add_step
from sim.scenario.schema import Step

IN_ORDER = 9
"""A tier no step checks: these papers are in order."""


def lay_out(course: Course) -> None:
    """Every hand-in of every case: the first, and one more each time papers are sent back."""
    papers = course.matter.papers
    members = np.arange(course.n)
    for attempt in range(1 + (papers.most_returns if papers else 0)):
        shows_at = _defects(course, attempt)
        again: list[np.ndarray] = []
        for number, step in enumerate(course.steps):
            taken = members
            if step.chance < 1:
                taken = members[
                    course.chance(f"chance/{step.chance_key or course.names[number]}", step.chance)[members]
                ]
            add_step(course, step, number, attempt, taken)
            back = taken[_sent_back(course, step, attempt, shows_at)[taken]]
            if len(back):
                course.comes_back_s[back] = step.return_delay
                again.append(back)
                members = np.setdiff1d(members, back, assume_unique=True)
        if not again or papers is None:
            return
        course.tails.end(members)
        members = np.sort(np.concatenate(again))
        course.comes_back_s[members] += seconds(papers.own_delay, course.uniforms("own delay", attempt))[members]


def _defects(course: Course, attempt: int) -> np.ndarray:
    """The tier at which each case's papers fail at this hand-in (1 to 3, or in order); (n_cases,) int."""
    papers = course.matter.papers
    shows_at = np.full(course.n, IN_ORDER)
    if papers is None or attempt == papers.most_returns:
        return shows_at
    chance = papers.incomplete if attempt == 0 else papers.incomplete_again
    bad = course.chance("papers", chance * course.setting.scenario.structure.rules.papers_factor, attempt)
    depth = course.uniforms("papers show at", attempt)
    door, second, _ = papers.shows_at
    shows_at[bad] = 1 + (depth[bad] >= door) + (depth[bad] >= door + second)
    return shows_at


def _sent_back(course: Course, step: Step, attempt: int, shows_at: np.ndarray) -> np.ndarray:
    """Which cases a step sends back: their papers fail at a tier it can see, or it is too careful with hard ones."""
    papers = course.matter.papers
    if papers is None or attempt == papers.most_returns:
        return np.zeros(course.n, dtype=bool)
    back = shows_at <= step.checks
    if step.hard_returns:
        back = back | (course.hard & course.chance("hard return", step.hard_returns, attempt))
    return back
