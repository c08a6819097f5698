"""Yizhan (一站): how long residents wait under one way or another of staffing a city's street and community offices.

>>> import sim
>>> result = sim.run("scenarios/textbook/mm3.yaml", replications=3)  # doctest: +SKIP
>>> result.measures, result.comparison, result.legs  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.charts import save as chart
    from sim.errors import Fault, YizhanError
    from sim.experiment.result import Result
    from sim.experiment.runs import compare, run
    from sim.facesheet import face_sheet
    from sim.scenario import Loaded, load
    from sim.scenario.schema import Scenario

__all__ = [
    "Fault",
    "Loaded",
    "Result",
    "Scenario",
    "YizhanError",
    "chart",
    "compare",
    "face_sheet",
    "load",
    "run",
]

_HOMES = {
    "Fault": ("sim.errors", "Fault"),
    "Loaded": ("sim.scenario", "Loaded"),
    "Result": ("sim.experiment.result", "Result"),
    "Scenario": ("sim.scenario.schema", "Scenario"),
    "YizhanError": ("sim.errors", "YizhanError"),
    "chart": ("sim.charts", "save"),
    "compare": ("sim.experiment.runs", "compare"),
    "face_sheet": ("sim.facesheet", "face_sheet"),
    "load": ("sim.scenario", "load"),
    "run": ("sim.experiment.runs", "run"),
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
