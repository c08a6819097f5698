"""How long residents wait, and what a case costs them in all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from sim.measures.columns import Columns, Groups
from sim.measures.study import Row, Study, grouped, is_laid_aside
from sim.statistics import quantile
from sim.tables import NONE, Outcome
from sim.units import MINUTE_S

THRESHOLDS_MIN = (15, 30, 60)


def resident_hours(study: Study) -> Iterator[Row]:
    """Hours that a case costs its resident: waiting present, and travelling both ways, over all visits.

    Estimator: mean over cases, for all and by channel, of what each has spent until it left or the run ended.
    Population: all resident cases of the cohort, also those for which nobody comes (a call: zero), who gave up or are
    unfinished. Censoring: an unfinished case counts with what it has spent so far, a lower bound.
    """
    for groups in (None, study.residents.groups("channel")):
        yield from grouped("resident_hours_per_case", study.spent_h, groups)


def wait_of_visits(study: Study) -> Iterator[Row]:
    """Minutes a resident waits in one visit (trip): at all units of the trip, lunch included, closed hours not.

    Estimator: mean, median and 90th percentile over visits (not a mean of daily means), and the shares of visits that
    wait under 1 minute (``wait_none_share``) or over 15, 30, 60 minutes; for all and by level of the first unit.
    Population: all visits of the cohort's cases, whenever made. Censoring: who left, was sent home, or still waits at
    the end counts with what was waited; a lower bound of the wait until being served.
    """
    wait_s = study.visits["wait_s"]
    for groups in (None, study.visits.groups("level")):
        minutes = wait_s / MINUTE_S
        yield from grouped("wait_visit_min", minutes, groups)
        yield from grouped("wait_visit_p50_min", minutes, groups, estimate=partial(quantile, share=0.5))
        yield from grouped("wait_visit_p90_min", minutes, groups, estimate=partial(quantile, share=0.9))
        yield from grouped("wait_none_share", wait_s < MINUTE_S, groups)
        for threshold in THRESHOLDS_MIN:
            yield from grouped(f"wait_over_{threshold}_share", wait_s > threshold * MINUTE_S, groups)


def wait_of_cases(study: Study) -> Iterator[Row]:
    """Minutes waited over all visits of a case.

    Estimator: mean over cases, for all and by channel. Population: resident cases of the cohort in which somebody came
    at least once. Censoring: as for visits.
    """
    cases = study.residents.where(study.residents["visits"] > 0)
    for groups in (None, cases.groups("channel")):
        yield from grouped("wait_case_min", cases["wait_s"] / MINUTE_S, groups)


def wait_at_units(study: Study) -> Iterator[Row]:
    """Minutes from joining a unit's queue to being served, and while put back, by unit (all places together).

    Estimator: mean over stays. A resident's wait as for visits; a paper's only while the unit is open. What is laid
    aside waits, and is one stay with that in which it is taken up. Population: all stays of the cohort's resident cases
    (complaints left out). Censoring: stays that ended unserved, or had not ended, count with what was waited.
    """
    stay = study.stays.where(study.stays["joined_s"] != NONE)
    wait_s = np.where(stay["present"], stay["wait_s"], stay["queue_s"])
    lain = is_laid_aside(study, stay) & (stay["outcome"] != Outcome.OPEN)
    if lain.any():
        wait_s[_taken_up_in(study, stay, lain)] += wait_s[lain]
        stay, wait_s = stay.where(~lain), wait_s[~lain]
    base, names = pd.factorize(study.plan.units["base"])
    yield from grouped("wait_unit_min", wait_s / MINUTE_S, Groups(base[stay["unit"]], tuple(names)), "unit:")


def _taken_up_in(study: Study, stay: Columns, lain: np.ndarray) -> np.ndarray:
    """Which stay follows each of those in which work has lain."""
    rows = study.plan.engine_input.itineraries
    position = stay["position"][lain]
    row, by_limit, by_deadline = (rows[name].to_numpy()[position] for name in ("row", "next_limit", "next_deadline"))
    after = np.where(stay["outcome"][lain] == Outcome.OVERDUE, by_deadline, by_limit)
    stay_of = np.empty(len(rows), dtype=np.int64)
    stay_of[stay["position"]] = np.arange(len(stay))
    return np.asarray(stay_of[position - row + after])
