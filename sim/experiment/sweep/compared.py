"""An experiment file that names scenarios and varies nothing: they are compared with the first of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.engines import DEFAULT
from sim.errors import ScenarioError
from sim.experiment.design import Design, Question, design
from sim.experiment.sweep.reading import read, settings
from sim.scenario.tree import fault

VARIES = ("factors", "parts", "mechanisms", "streets")
"""Parts of an experiment file that only a sweep can run."""


def compared(
    path: Path | str,
    *,
    option: str | None = None,
    replications: int | None = None,
    precision: float | None = None,
    seed: int | None = None,
    engine: str = DEFAULT,
) -> Design:
    """The comparison that an experiment file asks for; run settings that it states hold for all of its scenarios.

    Raises
    ------
    ScenarioError, UsageError
        The file is faulty or varies something; an option is out of range.
    """
    asked = read(path, option)
    experiment = asked.experiment
    for part in VARIES:
        if getattr(experiment, part):
            raise ScenarioError(fault("cli.not_compared", asked.root.fields[part].where, (part,), part=part))
    run = settings(asked).run
    stated = {name for name in ("seed", "warm_up", "cohort", "drain") if getattr(experiment, name) is not None}
    of_all = {name: getattr(run, name) for name in stated}
    scenarios = []
    for base in asked.bases:
        scenario = base.loaded.scenario
        changed = scenario.run.model_copy(update=of_all)
        scenarios.append(replace(base.loaded, scenario=scenario.model_copy(update={"run": changed})))
    if replications is None and precision is None:
        precision = experiment.precision
    return design(
        "compare",
        scenarios,
        replications=run.replications if replications is None and precision is None else replications,
        precision=precision,
        seed=seed,
        engine=engine,
        asked=Question(
            experiment.experiment,
            option,
            experiment.title.model_dump(),
            experiment.question.model_dump(),
            tuple(experiment.measures),
        ),
    )
