"""Yizhan (一站): how long residents wait under one way or another of staffing a city's street and community offices.

>>> import sim
>>> scenario = sim.load("scenarios/textbook/mm1.yaml", {"run.cohort": "4 weeks"})
>>> result = sim.run(scenario, replications=2)
>>> result
<Result of mm1: 2 replications>
>>> list(result.measures.columns)
['scenario', 'replication', 'measure', 'group', 'value', 'unit']

Everything is imported when it is first asked for: ``import sim`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.charts import save as chart
    from sim.errors import Fault, YizhanError
    from sim.experiment.result import Result
    from sim.experiment.runs import compare, run
    from sim.experiment.sweep.result import SweepResult
    from sim.experiment.sweep.runs import sweep
    from sim.facesheet import face_sheet
    from sim.scenario import Loaded, load
    from sim.scenario.schema import Scenario

__all__ = [
    "Fault",
    "Loaded",
    "Result",
    "Scenario",
    "SweepResult",
    "YizhanError",
    "chart",
    "compare",
    "face_sheet",
    "load",
    "run",
    "sweep",
]

_HOMES = {
    "Fault": ("sim.errors", "Fault"),
    "Loaded": ("sim.scenario", "Loaded"),
    "Result": ("sim.experiment.result", "Result"),
    "Scenario": ("sim.scenario.schema", "Scenario"),
    "SweepResult": ("sim.experiment.sweep.result", "SweepResult"),
    "YizhanError": ("sim.errors", "YizhanError"),
    "chart": ("sim.charts", "save"),
    "compare": ("sim.experiment.runs", "compare"),
    "face_sheet": ("sim.facesheet", "face_sheet"),
    "load": ("sim.scenario", "load"),
    "run": ("sim.experiment.runs", "run"),
    "sweep": ("sim.experiment.sweep.runs", "sweep"),
}


def __getattr__(name: str) -> Any:
    """A public name from its module, which is imported when the name is first asked for (PEP 562)."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
