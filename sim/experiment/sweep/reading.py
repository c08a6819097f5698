"""From an experiment file to what it asks for; all faults of the file are told at once, each with its place."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from sim.errors import Fault, ScenarioError
from sim.experiment.report import silent
from sim.experiment.sweep.levels import levels, range_fault
from sim.experiment.sweep.resolve import Resolve, resolver
from sim.experiment.sweep.schema import Experiment, Factor
from sim.measures import MEASURES
from sim.scenario import Loaded
from sim.scenario.messages import MOST_FAULTS, show, translate
from sim.scenario.nearest import nearest
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario
from sim.scenario.tree import Node, Path as Steps, fault, find, merge, plain

RESERVED = (
    *("scenario", "point", "replication", "measure", "group", "value", "unit"),
    *("mean", "low", "high", "n", "difference", "difference_low", "difference_high", "best", "told_apart"),
    *("feasible", "overloaded", "digest", "reason_en", "reason_zh"),
)
"""Names of columns beside which the factors' stand."""
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Base:
    """One scenario of an experiment as its file says it, and the way to set values in it."""

    loaded: Loaded
    resolve: Resolve

    @property
    def name(self) -> str:
        """Its name."""
        return self.loaded.scenario.name


@dataclass(frozen=True)
class Asked:
    """An experiment as it was read: with its tree, the option chosen, and its scenarios."""

    experiment: Experiment
    root: Node
    option: str | None
    bases: tuple[Base, ...]

    def factors_of(self, scenario: str) -> dict[str, Factor]:
        """The factors that are varied in a scenario."""
        every = self.experiment.factors
        return {name: each for name, each in every.items() if each.scenarios is None or scenario in each.scenarios}


def read(path: Path | str, option: str | None = None) -> Asked:
    """Read an experiment file, its scenarios too; ``option`` names the change of the file that is wanted.

    Raises
    ------
    ScenarioError
        With every fault found in the file, in all of its options, and in the scenarios it names.
    """
    file = Path(path)
    faults: list[Fault] = []
    try:
        written = read_file(file, str(path), faults)
    except ScenarioError as error:
        raise ScenarioError([*faults, *error.faults]) from None
    chosen = _with_option(written, None, faults)
    asked = _experiment(chosen, faults)
    for name in written.fields["options"].fields if "options" in written.fields else ():
        changed = _with_option(written, name, faults)
        experiment = _experiment(changed, faults)
        if name == option:
            chosen, asked = changed, experiment
    if option is not None and option not in _options(written):
        at = written.fields.get("options", written)
        faults.append(fault("experiment.no_option", at.where, name=option, nearest=nearest(option, _options(written))))
    if asked is None or faults:
        raise ScenarioError(in_order(faults))
    bases = _bases(asked, chosen, file.parent, faults)
    faults += _scenario_names(asked, chosen, [base.name for base in bases])
    if faults:
        raise ScenarioError(in_order(faults))
    return Asked(asked, chosen, option, tuple(bases))


def check(path: Path | str) -> None:
    """Read an experiment with each of its options, and see that every point can be made; raises as ``read`` does."""
    from sim.experiment.sweep.points import points

    for option in (None, *_options(read_file(Path(path), str(path), []))):
        asked = read(path, option)
        points(asked, settings(asked).run.seed, silent)


def is_experiment(path: Path | str) -> bool:
    """Whether a file is an experiment and not a scenario; what cannot be read is not."""
    try:
        return "experiment" in read_file(Path(path), str(path), []).fields
    except ScenarioError:
        return False


def in_order(faults: list[Fault]) -> list[Fault]:
    """Faults by place, each once."""
    once = {(each.file, each.line, each.col, each.path, each.key, str(each.params)): each for each in faults}
    return sorted(once.values(), key=lambda each: (each.file, each.line, each.col))[:MOST_FAULTS]


def _options(root: Node) -> list[str]:
    return list(root.fields["options"].fields) if "options" in root.fields else []


def _with_option(root: Node, name: str | None, faults: list[Fault]) -> Node:
    """The tree with an option's changes laid over it; without the options themselves if one is chosen."""
    if name is None:
        return root
    rest = replace(root, content={key: part for key, part in root.fields.items() if key != "options"})
    return merge(rest, root.fields["options"].fields[name], faults)


def _experiment(root: Node, faults: list[Fault]) -> Experiment | None:
    try:
        experiment = Experiment.model_validate(plain(root))
    except ValidationError as error:
        faults += translate(error, root, Experiment)
        return None
    faults += _checks(experiment, root)
    return experiment


def _checks(experiment: Experiment, root: Node) -> Iterator[Fault]:
    """What a well-formed experiment must also satisfy."""
    if experiment.replications is not None and experiment.precision is not None:
        yield _at(root, ("precision",), "experiment.replications_or_precision")
    if experiment.main_measure not in MEASURES:
        yield _no_measure(root, ("main_measure",), experiment.main_measure)
    for number, name in enumerate(experiment.measures):
        if name not in MEASURES:
            yield _no_measure(root, ("measures", number), name)
    for name, factor in experiment.factors.items():
        yield from _factor(experiment, root, name, factor)
    yield from _same_paths(experiment, root)
    yield from _design(experiment, root)


def _factor(experiment: Experiment, root: Node, name: str, factor: Factor) -> Iterator[Fault]:
    path = ("factors", name)
    if not _ID.fullmatch(name):
        yield _at(root, path, "scenario.id", name=name)
    elif name in RESERVED:
        yield _at(root, path, "experiment.reserved", name=name)
    if (factor.values is None) == (factor.range is None):
        yield _at(root, path, "experiment.values_or_range")
        return
    if factor.range is not None:
        wrong = range_fault(factor.range)
        if wrong is None and experiment.design.kind == "full" and levels(factor) is None:
            wrong = "experiment.range_no_step"
        if wrong is not None:
            yield _at(root, (*path, "range"), wrong)
        return
    seen: list[str] = []
    for number, value in enumerate(factor.values or []):
        if repr(value) in seen:
            yield _at(root, (*path, "values", number), "experiment.value_twice", value=show(value))
        seen.append(repr(value))


def _same_paths(experiment: Experiment, root: Node) -> Iterator[Fault]:
    """Two factors must not set the same value of one scenario."""
    factors = list(experiment.factors.items())
    for position, (name, factor) in enumerate(factors):
        for other, earlier in factors[:position]:
            meet = factor.scenarios is None or earlier.scenarios is None or {*factor.scenarios} & {*earlier.scenarios}
            if factor.path == earlier.path and meet:
                yield _at(root, ("factors", name, "path"), "experiment.same_path", path=factor.path, other=other)


def _design(experiment: Experiment, root: Node) -> Iterator[Fault]:
    design = experiment.design
    if design.kind == "full":
        if design.n is not None:
            yield _at(root, ("design", "n"), "experiment.design_n_full")
    elif design.n is None:
        yield _at(root, ("design",), "experiment.design_n")
    elif design.kind == "sobol" and design.n & (design.n - 1):
        yield _at(root, ("design", "n"), "experiment.design_n_sobol", value=design.n)


def _bases(experiment: Experiment, root: Node, folder: Path, faults: list[Fault]) -> list[Base]:
    """The scenarios, as their files say them; their faults are told where they are."""
    bases = []
    for number, name in enumerate(experiment.scenarios):
        file = Path(os.path.normpath(folder / name))
        if not file.is_file():
            faults.append(_at(root, ("scenarios", number), "experiment.no_file", file=str(file)))
            continue
        resolve = resolver(file)
        try:
            bases.append(Base(resolve({}), resolve))
        except ScenarioError as error:
            faults += error.faults
            continue
        if bases[-1].name in [base.name for base in bases[:-1]]:
            faults.append(_at(root, ("scenarios", number), "experiment.same_scenario", name=bases[-1].name))
    return bases


def _scenario_names(experiment: Experiment, root: Node, known: list[str]) -> Iterator[Fault]:
    if len(known) < len(experiment.scenarios):
        return
    for name, factor in experiment.factors.items():
        for number, each in enumerate(factor.scenarios or []):
            if each not in known:
                path = ("factors", name, "scenarios", number)
                yield _at(root, path, "experiment.no_scenario", name=each, nearest=nearest(each, known))


def _no_measure(root: Node, path: Steps, name: str) -> Fault:
    return _at(root, path, "experiment.no_measure", name=name, nearest=nearest(name, MEASURES))


def _at(root: Node, path: Steps, key: str, /, **params: object) -> Fault:
    node = find(root, path)
    return fault(key, node.where, path, **params)


def settings(asked: Asked) -> Scenario:
    """The first scenario, with the run settings that the experiment states."""
    experiment, scenario = asked.experiment, asked.bases[0].loaded.scenario
    stated = {name: getattr(experiment, name) for name in ("seed", "warm_up", "cohort", "drain", "replications")}
    run = scenario.run.model_copy(update={name: value for name, value in stated.items() if value is not None})
    return scenario.model_copy(update={"run": run})
