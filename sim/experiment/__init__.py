"""Experiments: designs, replications on one or several processes, warm-up, comparison, and the stored result.

:func:`sim.experiment.runs.run` and :func:`sim.experiment.runs.compare` are the way in.
"""
