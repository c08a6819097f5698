"""Who bears the waiting: communities, the elderly, those who live far away."""

from __future__ import annotations

from collections.abc import Iterator

from sim.measures.study import ALL, Row, Study, grouped
from sim.statistics import gini, quantile
from sim.units import MINUTE_S

PAIRS = (("elderly", "elderly", "not_elderly"), ("distant", "distant", "near"))


def between_communities(study: Study) -> Iterator[Row]:
    """The worst community's 90th percentile of the wait in a visit; hours a case by community, and their Gini.

    Estimator: percentile over the visits of each community's residents (as for visits), then the greatest; the Gini
    coefficient of the communities' mean hours a case, each community weighing as many as it has cases. Population and
    censoring: as for visits and for hours a case; communities without a visit (a case) are left out.
    """
    visits, cases = study.visits, study.residents
    if len(visits):
        worst = visits.groupby("community", observed=True)["wait_s"].agg(lambda wait_s: quantile(wait_s, 0.9)).max()
        yield "wait_worst_community_p90_min", ALL, float(worst) / MINUTE_S
    if len(cases):
        yield from grouped("resident_hours_per_case", cases["spent_h"], cases["community"], "community:")
        spent = cases.groupby("community", observed=True)["spent_h"].agg(["mean", "size"])
        yield "resident_hours_gini", ALL, gini(spent["mean"].to_numpy(), spent["size"].to_numpy())


def between_residents(study: Study) -> Iterator[Row]:
    """Hours a case of the elderly and the others, of those who live far away and near; their Gini over all cases.

    Estimator: means over the cases of each group; the Gini coefficient over single cases. Population and censoring: as
    for hours a case, so cases for which nobody comes count as zero.
    """
    cases = study.residents
    for column, yes, no in PAIRS:
        yield from grouped("resident_hours_per_case", cases["spent_h"], cases[column].map({1: yes, 0: no}))
    if len(cases):
        yield "resident_hours_gini_residents", ALL, gini(cases["spent_h"].to_numpy())
