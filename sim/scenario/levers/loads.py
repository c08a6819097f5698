"""Expected load of teams as people come and go: the work is that of the beginning, the hours follow the people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache

from sim.scenario.offered_load import away_share, duty_h_per_week, offered_load, open_h_by_team
from sim.scenario.schema import Scenario


class Loads:
    """Work of each team in each place in a mean week, parted among teams as they stand when the move begins."""

    def __init__(self, scenario: Scenario) -> None:
        rows = offered_load(scenario)
        self.cases_h = {(row.team, row.place): row.residents_h_per_week + row.tasks_h_per_week for row in rows}
        self.open_h = open_h_by_team(scenario)
        self.away = away_share(scenario)
        self.duty_h = cache(lambda team, place, n: duty_h_per_week(scenario, team, place, n))

    def load(self, sizes: Mapping[tuple[str, str], int], teams: Iterable[tuple[str, str]]) -> float:
        """Expected hours over staff hours of some teams together: cases, duties and absence; nobody there: infinite."""
        work_h = staff_h = 0.0
        for team, place in teams:
            n = sizes[team, place]
            hours = n * self.open_h[team]
            work_h += self.cases_h[team, place] + self.duty_h(team, place, n) + hours * self.away
            staff_h += hours
        return work_h / staff_h if staff_h else math.inf
