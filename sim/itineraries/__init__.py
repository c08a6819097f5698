"""Demand under a structure: each case's possible legs, ready for an engine."""

from sim.itineraries.plan import Layout, laid_out_of, lay_out, plan

__all__ = ["Layout", "laid_out_of", "lay_out", "plan"]
