"""What is run for the page."""

from __future__ import annotations

from world import figures, halls, streets


def replication(number: int) -> dict[str, float]:
    """One replication of the hall and of both streets."""
    return halls.replication(number) | streets.replication(number)


def enough() -> dict[str, float]:
    """How many pooled windows the shipped hall needs for either reported wait."""
    return {f"enough.{wait:g}": halls.enough_windows(wait, figures.REPLICATIONS) for wait in (5.0, 10.0)}
