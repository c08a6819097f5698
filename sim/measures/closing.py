"""What becomes of cases and tasks: how long until they close, where, how often in time, and what piles up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from sim.measures.columns import Columns, Groups
from sim.measures.series import open_cases
from sim.measures.study import ALL, Row, Study, grouped, is_laid_aside, mean
from sim.statistics import quantile
from sim.stays import LEVELS, PARTS
from sim.tables import FOUND_BY, NONE, Kind, Outcome
from sim.units import DAY_S, MINUTE_S, WEEK_S

WITHIN_DAYS = (1, 7, 30)


def time_to_close(study: Study) -> Iterator[Row]:
    """Calendar days from opening to closing of residents' cases.

    Estimator: mean over cases; for all, by channel and by matter. Population: all resident cases of the cohort.
    Censoring: a case that gave up enters with its age when it left, an unfinished one with its age at the end; both are
    lower bounds, so the figure is one, and is to be read beside ``gave_up_share`` and ``unfinished_share``.
    A problem in the grid (channel ``grid``) opens when it arises, not when it is found: this is the time to solution.
    ``closed_within_share`` needs no such reading: the share of all cases opened that were closed within 1, 7, 30 days
    (an unfinished case that is younger counts as not closed).
    """
    cases = study.residents
    days = study.age_s(cases) / DAY_S
    for groups, prefix in _by_channel_and_matter(cases):
        yield from grouped("close_days", days, groups, prefix)
    for limit in WITHIN_DAYS if len(cases) else ():
        yield "closed_within_share", f"{limit}_days", float((cases.has("outcome", "closed") & (days <= limit)).mean())


def spread_of_time_to_close(study: Study) -> Iterator[Row]:
    """Days within which half of the residents' cases, and nine in ten of them, are closed.

    Estimator: median and 90th percentile over cases; groups, population and censoring: as for the mean.
    """
    cases = study.residents
    days = study.age_s(cases) / DAY_S
    for groups, prefix in _by_channel_and_matter(cases):
        yield from grouped("close_p50_days", days, groups, prefix, partial(quantile, share=0.5))
        yield from grouped("close_p90_days", days, groups, prefix, partial(quantile, share=0.9))


def _by_channel_and_matter(cases: Columns) -> Iterator[tuple[Groups | None, str]]:
    yield None, ""
    yield cases.groups("channel"), ""
    yield cases.groups("matter"), "matter:"


def parts_of_time(study: Study) -> Iterator[Row]:
    """Days of the time to close: unseen, seeming settled, queue, hand-off, gate, closed hours, own delay, work.

    Estimator: mean over cases; the parts add up to the mean time to close of these cases. Population: closed resident
    cases of the cohort, since an open case's parts are not known yet. There is no row for the time unseen where all
    cases are known at once, nor for the time in which they only seemed settled where work always settles them.
    """
    closed = study.residents.where(study.residents.has("outcome", "closed"))
    without = {"unseen_s": _discovered(study), "seemed_s": _perhaps_unsettled(study)}
    parts = [part for part in PARTS if len(without.get(part, closed))]
    for part in parts if len(closed) else ():
        name = part.removesuffix("_s").removesuffix("_time")
        yield "close_part_days", name, float(closed[part].mean() / DAY_S)


def finding(study: Study) -> Iterator[Row]:
    """How long problems in the grid go unseen (``found_days``), who finds them (``found_by_share``), and what then.

    Estimator: mean calendar days from arising to being found, over all problems and by what found them; shares of all
    problems, by what found them first and of those ``not_found`` by the end, which add up to one. Population: problems
    of the cohort whose structure must discover them. Censoring: in the mean over all, a problem that is not found
    enters with its age at the end of the run, a lower bound; the means by what found them know only what was found, so
    they are too low where many are not. ``close_known_days``: days from being found to closing, over the problems that
    were found, for all and by matter; one that is still open enters with its age, a lower bound.
    """
    problems = _discovered(study)
    by = problems.groups("found_by")
    days = problems["unseen_s"] / DAY_S
    yield from grouped("found_days", days)
    for name, of_way in by.parts(days):
        if name:
            yield "found_days", name, mean(of_way)
    known = problems.where(~problems.has("found_by", ""))
    handled_days = (study.age_s(known) - known["unseen_s"]) / DAY_S
    yield from grouped("close_known_days", handled_days)
    yield from grouped("close_known_days", handled_days, known.groups("matter"), "matter:")
    for way in FOUND_BY[1:] if len(problems) else ():
        yield "found_by_share", way, float(problems.has("found_by", way).mean())
    if len(problems):
        yield "found_by_share", "not_found", float(problems.has("found_by", "").mean())


def _discovered(study: Study) -> Columns:
    """The cohort's cases that were not known at once."""
    return study.residents.where(~study.residents.has("found_by", FOUND_BY[0]))


def settling(study: Study) -> Iterator[Row]:
    """How often what was closed was not settled, and a resident had to ask again (``reopened_share``).

    Estimator: share of cases asked for again at least once; for all and by channel. Population: cases of the cohort of
    matters whose work may settle nothing (``unsettled``). Censoring: asked until the end of the run; what only seems
    settled by then counts as not asked for again, and as unfinished.
    """
    cases = _perhaps_unsettled(study)
    for by in (False, True):
        yield from grouped("reopened_share", cases["reopened"] > 0, cases.groups("channel") if by else None)


def _perhaps_unsettled(study: Study) -> Columns:
    """The cohort's cases of matters on which work may settle nothing."""
    return study.residents.where(study.residents["unsettled"] != NONE)


def trips(study: Study) -> Iterator[Row]:
    """Trips and travel of residents.

    Estimator: means over cases, for all and by channel: ``visits_per_case`` and ``travel_min_per_case`` (both ways)
    over all resident cases of the cohort, ``returns_per_case`` (trips after the first) over those in which somebody
    came. Censoring: trips made until the end of the run.
    """
    cases = study.residents
    came = cases.where(cases["visits"] > 0)
    for by in (False, True):
        yield from grouped("visits_per_case", cases["visits"], cases.groups("channel") if by else None)
        yield from grouped("travel_min_per_case", cases["travel_s"] / MINUTE_S, cases.groups("channel") if by else None)
        yield from grouped("returns_per_case", came["visits"] - 1, came.groups("channel") if by else None)


def fates(study: Study) -> Iterator[Row]:
    """Shares of cases closed in time, given up, unfinished, complained of, and where cases were closed.

    Population: resident cases of the cohort; for all and by channel. ``on_time_share``: of those with a promised limit,
    without the unfinished ones that are not yet due at the end; given up or unfinished past the limit is not in time.
    ``closed_at_share``: of the closed ones, by the farthest level that worked on them (a wrong door counts).
    ``complaints_per_1000_cases``: cases of which a complaint was begun.
    """
    cases = study.residents
    promised = cases.where(cases["on_time"] != NONE)
    for by in (False, True):
        groups = cases.groups("channel") if by else None
        yield from grouped("on_time_share", promised["on_time"], promised.groups("channel") if by else None)
        yield from grouped("gave_up_share", cases.has("outcome", "gave_up"), groups)
        yield from grouped("unfinished_share", cases.has("outcome", "open"), groups)
        yield from grouped("complaints_per_1000_cases", cases["complained"] * 1000.0, groups)
    yield "n_cases", ALL, float(len(cases))
    yield from grouped("n_cases", cases["case"], cases.groups("channel"), estimate=len)
    yield "n_visits", ALL, float(len(study.visits))
    closed = cases.where(cases.has("outcome", "closed"))
    for level in LEVELS if len(closed) else ():
        yield "closed_at_share", level, float(closed.has("level", level).mean())


def tasks(study: Study) -> Iterator[Row]:
    """How administrative tasks fare.

    Population: tasks sent down in the cohort's window and taken on (not refused at admission). ``task_on_time_share``:
    of those with a deadline, closed by it (unfinished ones not yet due are left out). ``task_missed_share``: a row of
    it passed its deadline, and was hurried or never begun. ``task_close_days``: mean calendar days from sending to
    closing; what lapsed enters with its age when it did, the unfinished with their age at the end (lower bounds).
    """
    cases = study.tasks
    promised = cases.where(cases["on_time"] != NONE)
    yield from grouped("task_on_time_share", promised["on_time"])
    yield from grouped("task_missed_share", cases["lapsed"])
    yield from grouped("task_close_days", study.age_s(cases) / DAY_S)
    yield "n_tasks", ALL, float(len(cases))


def orders(study: Study) -> Iterator[Row]:
    """Share of orders that were urged because the work had not begun in the order's time.

    Estimator: mean over orders, for all and by channel of the matter (tasks among them). Population: orders of the
    cohort's cases and tasks whose work has joined its queue by the end of the run; a case whose papers come back has
    one each time. Censoring: an order that still waits within its time at the end counts as not urged.
    """
    is_ordered, lies_before = _ordered(study.plan.engine_input.itineraries)
    if not is_ordered.any():
        return
    stays = study.all_stays
    has_lain = lies_before[stays["position"]] & (stays["outcome"] == Outcome.LEFT)
    is_order = (is_ordered | lies_before)[stays["position"]] & ~has_lain
    issued = stays.where(is_order & (stays["joined_s"] != NONE))
    issued = issued.where(study.window.opens(study.plan.cases["opened_s"].to_numpy()[issued["at"]]))
    case = study.plan.cases["case"].to_numpy()[issued["at"]]
    channel = study.everyone.groups("channel")
    of_orders = Groups(channel.codes[np.searchsorted(study.everyone["case"], case)], channel.names)
    urged = issued["outcome"] == Outcome.LEFT
    yield from grouped("orders_urged_share", urged)
    yield from grouped("orders_urged_share", urged, of_orders)


def _ordered(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Which rows lead to an urged one by their limit, and which to such a row, because they lie before it."""
    row, also, next_limit, kind = (rows[name].to_numpy() for name in ("row", "also", "next_limit", "kind"))
    first = np.arange(len(rows)) - row
    is_urged = (also != NONE) & (kind[first + np.maximum(also, 0)] == Kind.SUPERVISION)
    has_limit, after = next_limit != NONE, first + np.maximum(next_limit, 0)
    is_ordered = has_limit & is_urged[after]
    return is_ordered, has_limit & is_ordered[after]


def neglect(study: Study) -> Iterator[Row]:
    """Share of residents' cases of which some work was laid aside, for all and by channel.

    Estimator: mean over cases. Population: all resident cases of the cohort, if their structure may neglect any; work
    counts that lay for some time by the end of the run, also where it was then urged or hurried.
    """
    if not study.plan.neglects:
        return
    stay = study.stays
    lay = is_laid_aside(study, stay) & (stay["joined_s"] != NONE) & (stay["ends_s"] > stay["joined_s"])
    case = study.plan.cases["case"].to_numpy()[stay["at"][lay]]
    is_neglected = np.isin(study.residents["case"], case)
    yield from grouped("neglected_share", is_neglected)
    yield from grouped("neglected_share", is_neglected, study.residents.groups("channel"))


def backlog(study: Study) -> Iterator[Row]:
    """Resident cases open at the end of the cohort, and how many more there are each week.

    Estimator: a count at one instant; the slope is that of the least-squares line through the counts at the beginning
    of the cohort and at the end of each of its weeks. Population: all resident cases, whenever opened. A slope that
    does not vanish says that there is no steady state.
    """
    window = study.window
    cases = study.everyone.where(study.everyone.has("kind", "resident"))
    instants = np.arange(window.warm_up_s, window.stop_s + 1, WEEK_S)
    counts = open_cases(cases["opened_s"], cases["left_s"], np.append(instants, window.stop_s))
    yield "backlog_cases", ALL, float(counts[-1])
    if len(instants) > 1:
        weeks = pd.Series(np.arange(len(instants), dtype=np.float64))
        slope = float(weeks.cov(pd.Series(counts[:-1], dtype=np.float64)) / weeks.var())
        yield "backlog_slope_cases_per_week", ALL, slope
