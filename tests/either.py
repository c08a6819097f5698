"""The engine that serves in tests; the fixture ``engine`` of ``conftest.py`` runs a module's tests by each in turn."""

from __future__ import annotations

import pandas as pd

from sim import engines
from sim.engines import compiled_engine, kernel
from sim.tables import EngineInput

UNCOMPILED = "uncompiled"
"""The compiled engine's loop as plain Python."""


class Chosen:
    """The engine of the test that runs."""

    engine = engines.DEFAULT


def run(given: EngineInput) -> pd.DataFrame:
    """The legs of an input by the chosen engine."""
    if Chosen.engine == UNCOMPILED:
        return compiled_engine.run_by(kernel, given)
    return engines.run(given, Chosen.engine)
