"""What a result says of itself: what ran, on whom, for how long, and what a reader must know before comparing."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import distributions, version
from typing import Any

from sim.experiment.design import Design, code_digest
from sim.experiment.replicate import same_demand
from sim.experiment.warm_up import WarmUp
from sim.language import LANGUAGES, say
from sim.measures import Window
from sim.scenario.schema import Scenario
from sim.structure.people import head_count, standing
from sim.structure.places import places
from sim.units import WEEK_S

LIBRARIES = ("numba", "numpy", "pandas", "pyarrow", "scipy", "simpy")


def heads(scenario: Scenario) -> dict[str, int]:
    """How many people a scenario employs: payroll, elected, department, and those who do government work."""
    return asdict(head_count(scenario.structure, places(scenario.structure)))


def note(key: str, **params: Any) -> dict[str, str]:
    """A remark for the reader of a result, in every language."""
    return {lang: say(f"cli.note.{key}", lang, **params) for lang in LANGUAGES}


def manifest(
    design: Design, warm_up: WarmUp, window: Window, n_replications: int, remarks: Sequence[dict[str, str]]
) -> dict[str, Any]:
    """The manifest of a result: no times, machines or paths, so that equal runs have equal manifests."""
    return {
        "command": design.command,
        "digest": design.digest,
        **({} if design.asked is None else asdict(design.asked)),
        "scenarios": [
            {
                "name": loaded.scenario.name,
                "title": loaded.scenario.title.model_dump(),
                "digest": loaded.digest,
                "households": loaded.scenario.place.households,
                "heads": heads(loaded.scenario),
                "standing": standing(loaded.scenario.structure, places(loaded.scenario.structure)),
            }
            for loaded in design.loaded
        ],
        "seed": design.seed,
        "replications": n_replications,
        "precision": design.precision,
        "warm_up_weeks": warm_up.seconds / WEEK_S,
        "warm_up_method": warm_up.method,
        "cohort_weeks": window.cohort_s / WEEK_S,
        "window": asdict(window),
        **made_by(design.serving),
        "notes": list(remarks),
    }


def made_by(engine: str) -> dict[str, Any]:
    """The engine, program, Python and libraries to which a result is due."""
    return {
        "engine": engine,
        "version": version("yizhan"),
        "code": code_digest(),
        "python": platform.python_version(),
        "libraries": libraries(),
    }


def libraries() -> dict[str, str]:
    """The versions of the libraries that numbers may depend on, of those that are here."""
    here = {name: next(iter(distributions(name=name)), None) for name in LIBRARIES}
    return {name: found.version for name, found in here.items() if found is not None}


def comparability(scenarios: Sequence[Scenario]) -> list[dict[str, str]]:
    """Remarks on what differs between the first scenario and the others beside the arrangement itself."""
    first = scenarios[0]
    remarks = []
    for other in scenarios[1:]:
        names = {"first": first.name, "other": other.name}
        before, after = heads(first), heads(other)
        remarks += [
            note(f"heads_{kind}", **names, n=n, m=after[kind]) for kind, n in before.items() if n != after[kind]
        ]
        if not same_demand(first, other):
            part = "place" if first.place != other.place else "demand"
            remarks.append(note(f"{part}_differs", **names))
        if _lengths(first) != _lengths(other):
            remarks.append(note("run_differs", **names))
    return remarks


def _lengths(scenario: Scenario) -> tuple[int, int]:
    return scenario.run.cohort, scenario.run.drain
