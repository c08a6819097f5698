"""Sweeps: scenarios × factors × replications, from an experiment file to one tidy table.

experiment file → points (each a scenario with values set) → runs (a point in a replication) → parts on disk → tables.
:func:`sim.experiment.sweep.runs.sweep` is the way in.
"""
