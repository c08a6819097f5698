"""Demand under a structure: each case's possible legs, ready for an engine."""

from sim.itineraries.plan import plan

__all__ = ["plan"]
