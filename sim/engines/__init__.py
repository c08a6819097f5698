"""Engines: deterministic functions from :class:`~sim.tables.EngineInput` to ``legs``; they only add waiting."""

from __future__ import annotations

from importlib import import_module

import pandas as pd

from sim.errors import Fault, UsageError
from sim.tables import EngineInput

ENGINES = {"compiled": "sim.engines.compiled_engine", "simpy": "sim.engines.simpy_engine"}
"""Name of each engine and the module whose ``run`` it is."""


def run(engine_input: EngineInput, engine: str = "simpy") -> pd.DataFrame:
    """The legs (:data:`~sim.tables.LEGS`) of an input, the same in every engine.

    Raises
    ------
    UsageError
        If there is no engine of that name.
    """
    if engine not in ENGINES:
        raise UsageError(Fault("engine.unknown", {"engine": engine, "known": ", ".join(ENGINES)}))
    legs: pd.DataFrame = import_module(ENGINES[engine]).run(engine_input)
    return legs
