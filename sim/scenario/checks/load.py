"""Load above capacity for ever, with the figures: a warning, because people may give up and tasks may lapse."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.checks.finding import Finding
from sim.scenario.offered_load import OfferedLoad, offered_load
from sim.scenario.schema import Scenario


def overload(scenario: Scenario) -> Iterator[Finding]:
    """No team has more work a week than its members have hours."""
    above: dict[str, list[str]] = {}
    for row in offered_load(scenario):
        if row.load > 1 + 1e-9:
            above.setdefault(row.team, []).append(_figures(row))
    for team, figures in above.items():
        yield "scenario.overload", ("structure", "teams", team), {"figures": ", ".join(figures)}


def _figures(row: OfferedLoad) -> str:
    load = f"{row.load:.2f}" if row.capacity_h_per_week else "∞"
    return f"{row.place} {row.offered_h_per_week:.1f} / {row.capacity_h_per_week:.1f} = {load}".strip()
