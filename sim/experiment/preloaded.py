"""What the server process does before the first process is forked from it: imported there, and nowhere else.

Whatever it holds by then all processes have in common: the modules that a piece of work needs, and the compiled loop.
Freezing keeps the garbage collector from writing to those pages, which would make each process have its own.
"""

from __future__ import annotations

import gc

from sim import engines
from sim.engines import simpy_engine
from sim.experiment.country import runs

__all__ = ["runs", "simpy_engine"]

if engines.is_kept(engines.COMPILED):
    engines.prepare(engines.COMPILED, lambda _seconds: None)
gc.collect()
gc.freeze()
