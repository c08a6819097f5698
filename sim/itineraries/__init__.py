"""Demand under a structure: each case's possible legs, ready for an engine."""

from sim.itineraries.plan import Layout, lay_out, plan

__all__ = ["Layout", "lay_out", "plan"]
