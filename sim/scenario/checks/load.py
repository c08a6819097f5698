"""Load above capacity for ever, with the figures: a warning, because people may give up and tasks may lapse."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.checks.finding import Finding
from sim.scenario.offered_load import offered_load
from sim.scenario.places import STREET
from sim.scenario.schema import Scenario


def overload(scenario: Scenario) -> Iterator[Finding]:
    """No team has more work a week than its members have hours."""
    for row in offered_load(scenario):
        if row.load > 1 + 1e-9:
            params = {
                "place": row.place,
                "offered": f"{row.offered_h_per_week:.1f}",
                "capacity": f"{row.capacity_h_per_week:.1f}",
                "load": f"{row.load:.2f}" if row.capacity_h_per_week else "∞",
            }
            key = "scenario.overload" if row.place == STREET else "scenario.overload_at"
            yield key, ("structure", "teams", row.team), params
