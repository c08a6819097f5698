"""What a sweep says of itself: its question as it was put beforehand, what was varied, and what a reader must know."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sim.experiment.manifest import heads, made_by, note
from sim.experiment.mechanisms import WITHOUT
from sim.experiment.stopping import CAP
from sim.experiment.sweep.levels import levels
from sim.experiment.sweep.plan import Sweep
from sim.experiment.sweep.points import unpacked
from sim.experiment.sweep.schema import Experiment
from sim.experiment.warm_up import WEEKS_IF_UNSTEADY, WarmUp
from sim.language import LANGUAGES, say
from sim.units import WEEK_S


def manifest(made: Sweep, warm_up: WarmUp, n_replications: int) -> dict[str, Any]:
    """The manifest of a sweep: no times, machines or paths, so that equal sweeps have equal manifests."""
    experiment = made.asked.experiment
    window = warm_up.window(made.run)
    return {
        "command": "sweep",
        "digest": made.digest,
        "experiment": experiment.experiment,
        "option": made.asked.option,
        "title": experiment.title.model_dump(),
        "question": experiment.question.model_dump(),
        "main_measure": experiment.main_measure,
        "contrast": experiment.contrast.model_dump(),
        "population": experiment.population.model_dump(),
        "scenarios": [
            {
                "name": base.name,
                "title": base.loaded.scenario.title.model_dump(),
                "digest": base.loaded.digest,
                "households": base.loaded.scenario.place.households,
                "heads": heads(base.loaded.scenario),
                "values": {name: base.loaded.written.get(factor.path) for name, factor in experiment.factors.items()},
            }
            for base in made.asked.bases
        ],
        "factors": [
            {
                "name": name,
                "path": factor.path,
                "label": factor.label.model_dump() if factor.label is not None else {"zh": name, "en": name},
                "values": levels(factor),
                "range": factor.range.model_dump(by_alias=True) if factor.range is not None else None,
                "scenarios": factor.scenarios,
            }
            for name, factor in experiment.factors.items()
        ]
        + [
            {"name": name, "path": "", "label": label.model_dump(), "values": [0, 1], "range": None, "scenarios": None}
            for name, label in experiment.parts.items()
        ]
        + _without(experiment),
        "parts": list(experiment.parts),
        "mechanisms": {
            scenario: {name: each.model_dump(include={"name", "rule"}) for name, each in of.items()}
            for scenario, of in experiment.mechanisms.items()
        },
        "design": experiment.design.model_dump(),
        "measures": sorted(made.measures),
        "shown": list(experiment.measures),
        "points": len(made.points),
        "infeasible": len(made.points) - len(made.feasible),
        "base_point": made.feasible[0].number,
        "seed": made.seed,
        "replications": n_replications,
        "precision": made.precision,
        "warm_up_weeks": warm_up.seconds / WEEK_S,
        "warm_up_method": warm_up.method,
        "cohort_weeks": window.cohort_s / WEEK_S,
        "window": asdict(window),
        **made_by(made.engine),
        "notes": remarks(made, warm_up, n_replications),
    }


def _without(experiment: Experiment) -> list[dict[str, Any]]:
    """The mechanism that is off, as a factor; none is in the whole structure."""
    if not experiment.mechanisms:
        return []
    label = {lang: say("mechanisms.factor", lang) for lang in LANGUAGES}
    names = list(dict.fromkeys(name for of in experiment.mechanisms.values() for name in of))
    return [
        {"name": WITHOUT, "path": "", "label": label, "values": ["", *names], "range": None, "scenarios": None},
    ]


def remarks(made: Sweep, warm_up: WarmUp, n_replications: int) -> list[dict[str, str]]:
    """What must be known before points are compared."""
    found = []
    people = {sum(heads(unpacked(point.packed))[kind] for kind in ("payroll", "elected")) for point in made.feasible}
    if len(people) > 1:
        found.append(note("heads_of_points", least=min(people), most=max(people)))
    if n_replications == 1:
        found.append(note("one_replication"))
    n_overloaded = sum(point.overloaded for point in made.feasible)
    if n_overloaded:
        found.append(note("overloaded_points", n=n_overloaded))
    if made.asked.experiment.parts or made.asked.experiment.mechanisms:
        found += [note("growing", name=name, weeks=WEEKS_IF_UNSTEADY) for name in warm_up.growing]
    else:
        piloted = {point.scenario: point.number for point in made.first_points}
        of_points = {name: piloted[name] for name in warm_up.growing}
        found += [note("growing_point", name=n, point=k, weeks=WEEKS_IF_UNSTEADY) for n, k in of_points.items()]
    found += [note("swinging", name=name, weeks=WEEKS_IF_UNSTEADY) for name in warm_up.swinging]
    if made.precision is not None and n_replications == CAP:
        found.append(note("cap", cap=CAP))
    return found
