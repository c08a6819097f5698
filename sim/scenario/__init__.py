"""Scenario files: read, merged, validated, resolved."""

from sim.scenario.load import Loaded, Variants, load, load_text

__all__ = ["Loaded", "Variants", "load", "load_text"]
