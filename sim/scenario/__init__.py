"""Scenario files: read, merged, validated, resolved."""

from sim.scenario.load import Loaded, load, load_text

__all__ = ["Loaded", "load", "load_text"]
