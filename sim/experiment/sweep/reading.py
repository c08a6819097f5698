"""From an experiment file to what it asks for; all faults of the file are told at once, each with its place."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault, ScenarioError
from sim.experiment.changes import laid_over
from sim.experiment.sweep.levels import levels, range_fault
from sim.experiment.sweep.schema import Experiment, Factor
from sim.measures import MEASURES
from sim.scenario import Loaded, Variants
from sim.scenario.json_schema import forms_at
from sim.scenario.load import tree
from sim.scenario.messages import MOST_FAULTS, show, translate
from sim.scenario.nearest import nearest
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario
from sim.scenario.sources import take_off
from sim.scenario.tree import Node, Scalar, fault, find, merge, plain, without
from sim.scenario.tree import Path as Steps

RESERVED = (
    *("scenario", "point", "replication", "measure", "group", "value", "unit"),
    *("mean", "low", "high", "n", "difference", "difference_low", "difference_high", "best", "told_apart", "dominated"),
    *("feasible", "overloaded", "digest", "reason_en", "reason_zh"),
)
"""Names of columns beside which the factors' stand."""
BLANK: dict[str, Any] = {"yizhan": 1, "experiment": "blank", "scenarios": [""]}
BLANK |= {name: {"zh": "", "en": ""} for name in ("title", "question", "contrast", "population")}
"""What stands in the place of missing parts while the others are checked."""
COMPOSED = {"object", "array"}
"""Forms of what holds several values."""
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Base:
    """One scenario of an experiment, with what the experiment sets in all of them, and the way to set values in it."""

    loaded: Loaded
    variants: Variants

    @property
    def name(self) -> str:
        """Its name."""
        return self.loaded.scenario.name

    def resolve(self, values: Mapping[str, Scalar]) -> Loaded:
        """What it means with values set by dotted path; raises as ``sim.load`` does."""
        return self.variants.at(values)


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
    for name in options(written):
        changed = _with_option(written, name, faults)
        experiment = _experiment(changed, faults)
        if name == option:
            chosen, asked = changed, experiment
    if option is not None and option not in options(written):
        at = written.fields.get("options", written)
        key = "experiment.no_option" if options(written) else "experiment.no_options"
        faults.append(fault(key, at.where, name=option, nearest=nearest(option, options(written))))
    bases = _bases(asked, chosen, file.parent, faults) if asked is not None else []
    if asked is not None and len(bases) == len(asked.scenarios):
        faults += _scenario_names(asked, chosen, [base.name for base in bases])
        faults += _factor_paths(Asked(asked, chosen, option, tuple(bases)))
    if asked is None or faults:
        raise ScenarioError(in_order(faults))
    return Asked(asked, chosen, option, tuple(bases))


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


def options(root: Node) -> list[str]:
    """Names of the options that an experiment file has."""
    written = root.fields["options"].fields if "options" in root.fields else {}
    return [name for name, part in written.items() if isinstance(part.content, dict)]


def _with_option(root: Node, name: str | None, faults: list[Fault]) -> Node:
    """The tree with an option's changes laid over it; without the options themselves if one is chosen."""
    if name is None:
        return root
    rest = replace(root, content={key: part for key, part in root.fields.items() if key != "options"})
    return merge(rest, root.fields["options"].fields[name], faults)


def _experiment(root: Node, faults: list[Fault]) -> Experiment | None:
    """The experiment of a tree, or what of it is sound; None if there is too little of it to be checked further."""
    try:
        experiment: Experiment | None = Experiment.model_validate(plain(root))
    except ValidationError as error:
        found = translate(error, root, Experiment)
        faults += found
        experiment = _sound(root, found)
    if experiment is not None:
        faults += _checks(experiment, root)
    return experiment


def _sound(root: Node, found: list[Fault]) -> Experiment | None:
    """The experiment without its faulty parts, so that the others can be checked as well."""
    paths = [tuple(each.path.split(".")) for each in found]
    faulty = [path[:2] if path[0] == "factors" else path[:1] for path in paths]
    try:
        return Experiment.model_validate(BLANK | plain(without(root, faulty)))
    except ValidationError:
        return None


def _checks(experiment: Experiment, root: Node) -> Iterator[Fault]:
    """What a well-formed experiment must also satisfy."""
    if experiment.replications is not None and experiment.precision is not None:
        yield _at(root, ("precision",), "experiment.replications_or_precision")
    if experiment.mechanisms and (experiment.factors or experiment.parts or experiment.streets is not None):
        yield _at(root, ("mechanisms",), "mechanisms.alone")
    if experiment.everywhere and experiment.parts:
        yield _at(root, ("set",), "experiment.set_in_parts")
    if experiment.main_measure not in MEASURES:
        yield _no_measure(root, ("main_measure",), experiment.main_measure)
    for number, name in enumerate(experiment.measures):
        if name.partition("/")[0] not in MEASURES:
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
    """The scenarios, as their files and the experiment say them; their faults are told where they are."""
    bases = []
    written = root.fields.get("set")
    everywhere = {} if written is None else take_off(written, faults, ("set",)).fields
    for number, name in enumerate(experiment.scenarios):
        if name == BLANK["scenarios"][0]:
            continue
        file = Path(os.path.normpath(folder / name))
        if not file.is_file():
            faults.append(_at(root, ("scenarios", number), "experiment.no_file", file=str(file)))
            continue
        try:
            variants = Variants.of_tree(laid_over(tree(file), everywhere, faults)) if everywhere else Variants.of(file)
            bases.append(Base(variants.at({}), variants))
        except ScenarioError as error:
            faults += error.faults
            continue
        if bases[-1].name in [base.name for base in bases[:-1]]:
            faults.append(_at(root, ("scenarios", number), "experiment.same_scenario", name=bases[-1].name))
    return bases


def _scenario_names(experiment: Experiment, root: Node, known: list[str]) -> Iterator[Fault]:
    for name, factor in experiment.factors.items():
        for number, each in enumerate(factor.scenarios or []):
            if each not in known:
                path = ("factors", name, "scenarios", number)
                yield _at(root, path, "experiment.no_scenario", name=each, nearest=nearest(each, known))


def _factor_paths(asked: Asked) -> Iterator[Fault]:
    """What keeps a factor from being set: nothing stands at its path, or more than one value does. Told once each."""
    for name, factor in asked.experiment.factors.items():
        bases = [base for base in asked.bases if name in asked.factors_of(base.name)]
        wrong = next(filter(None, (_not_settable(factor.path, base.variants.paths) for base in bases)), None)
        if wrong is not None:
            key, near = wrong
            yield _at(asked.root, ("factors", name, "path"), key, name=factor.path, nearest=near)


def _not_settable(path: str, known: Sequence[str]) -> tuple[str, str] | None:
    """Key of what is wrong with a path that is to take one value, if anything, and the nearest that could."""
    if path not in known:
        return "scenario.override_path", nearest(path, known)
    forms = forms_at(path)
    if not forms or forms - COMPOSED:
        return None
    within = [each for each in known if each.startswith(f"{path}.") and forms_at(each) - COMPOSED]
    return f"experiment.over_{'mapping' if 'object' in forms else 'list'}", nearest(path, within)


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
