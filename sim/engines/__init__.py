"""Engines: deterministic functions from :class:`~sim.tables.EngineInput` to ``legs``; they only add waiting.

``compiled`` serves; ``simpy`` is the one to read and to teach. Both decide by :mod:`sim.rules` and write equal legs.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pandas as pd

from sim.engines import jit
from sim.errors import Fault, UsageError
from sim.tables import EngineInput

COMPILED, SIMPY = "compiled", "simpy"
ENGINES = {COMPILED: "sim.engines.compiled_engine", SIMPY: "sim.engines.simpy_engine"}
"""Name of each engine and the module whose ``run`` it is."""
DEFAULT = COMPILED


def serving(engine: str) -> str:
    """The engine that serves when one is asked for: SimPy's in place of the compiled one where numba is missing.

    Raises
    ------
    UsageError
        If there is no engine of that name.
    """
    if engine not in ENGINES:
        raise UsageError(Fault("engine.unknown", {"engine": engine, "known": ", ".join(ENGINES)}))
    return SIMPY if engine == COMPILED and not jit.is_possible() else engine


def is_kept(engine: str) -> bool:
    """Whether an engine that is compiled is on disk, compiled: whoever needs it only reads it."""
    return serving(engine) == COMPILED and jit.is_kept()


def prepare(engine: str, announce: Callable[[int], None]) -> None:
    """Have an engine ready before processes are forked, which then need not compile it or read it from disk.

    ``announce`` is called with about how many seconds it will take, if it must be compiled first.
    """
    if serving(engine) == COMPILED:
        import_module(ENGINES[COMPILED]).prepare(announce)


def run(engine_input: EngineInput, engine: str = DEFAULT) -> pd.DataFrame:
    """The legs (:data:`~sim.tables.LEGS`) of an input, the same in every engine.

    Raises
    ------
    UsageError
        If there is no engine of that name, or the input is too large for the compiled one.
    """
    legs: pd.DataFrame = import_module(ENGINES[serving(engine)]).run(engine_input)
    return legs
