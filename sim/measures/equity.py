"""Who bears the waiting: communities, the elderly, those who live far away."""

from __future__ import annotations

from collections.abc import Iterator

from sim.measures.columns import Groups
from sim.measures.study import ALL, Row, Study, grouped, mean
from sim.statistics import gini, quantile
from sim.units import MINUTE_S

PAIRS = (("elderly", "elderly", "not_elderly"), ("distant", "distant", "near"))


def between_communities(study: Study) -> Iterator[Row]:
    """The worst community's 90th percentile of the wait in a visit; hours a case by community, and their Gini.

    Estimator: percentile over the visits of each community's residents (as for visits), then the greatest; the Gini
    coefficient of the communities' mean hours a case, each community weighing as many as it has cases. Population and
    censoring: as for visits and for hours a case; communities without a visit (a case) are left out.
    """
    waits = study.community_of_visits.parts(study.visits["wait_s"])
    worst_s = max((quantile(wait_s, 0.9) for _, wait_s in waits), default=None)
    if worst_s is not None:
        yield "wait_worst_community_p90_min", ALL, worst_s / MINUTE_S
    home = study.residents.groups("community")
    yield from grouped("resident_hours_per_case", study.spent_h, home, "community:")
    spent = [(mean(hours), len(hours)) for _, hours in home.parts(study.spent_h)]
    if spent:
        yield "resident_hours_gini", ALL, gini(*zip(*spent, strict=True))


def between_residents(study: Study) -> Iterator[Row]:
    """Hours a case of the elderly and the others, of those who live far away and near.

    Estimator: means over the cases of each group. Population and censoring: as for hours a case, so cases for which
    nobody comes count as zero.
    """
    for column, yes, no in PAIRS:
        yield from grouped("resident_hours_per_case", study.spent_h, Groups(1 - study.residents[column], (yes, no)))


def among_residents(study: Study) -> Iterator[Row]:
    """The Gini coefficient of hours over single cases; population and censoring: as for hours a case."""
    if len(study.residents):
        yield "resident_hours_gini_residents", ALL, gini(study.spent_h)
