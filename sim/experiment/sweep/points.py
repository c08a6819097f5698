"""The points of an experiment: every scenario with every combination of values, the impossible ones with the reason."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.errors import Fault, ScenarioError
from sim.experiment.design import digest_of
from sim.experiment.mechanisms import WITHOUT, variants
from sim.experiment.parts import combinations as of_parts
from sim.experiment.report import Report, silent
from sim.experiment.sweep.levels import Combination, combinations, once, one_at_a_time
from sim.experiment.sweep.reading import Asked, Base, in_order, options, read
from sim.itineraries import laid_out_of
from sim.scenario import Loaded
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario
from sim.scenario.tree import Scalar, fault, find

LEVER = "lever."
"""Faults of this kind say that a sound scenario asks for what cannot be: more people than there are."""
CIRCUMSTANCES = ("demand", "place")
"""Parts of a scenario that nobody chooses; a factor in any other part is a lever."""
OVERLOAD = "scenario.overload"
MOST_FAULTY = 20
"""After so many faulty points of a scenario the rest are not looked at."""


@dataclass(frozen=True)
class Point:
    """One scenario with values set; infeasible where ``why`` says so.

    ``digest`` stands for what the scenario means, ``demand`` for whom it serves: points of equal demand share their
    cases; ``layout`` for the places and procedures as well: points that differ in staff only share the cases' possible
    legs. ``packed`` is the scenario itself, small enough to keep thousands.
    """

    number: int
    scenario: str
    values: Mapping[str, Scalar]
    why: tuple[Fault, ...] = ()
    digest: str = ""
    demand: str = ""
    layout: str = ""
    overloaded: bool = False
    packed: bytes = b""

    @property
    def feasible(self) -> bool:
        """Whether it can be run."""
        return not self.why


def packed(scenario: Scenario) -> bytes:
    """A scenario as bytes."""
    return zlib.compress(pickle.dumps(scenario), 1)


def unpacked(data: bytes) -> Scenario:
    """The scenario in some bytes that :func:`packed` made."""
    scenario: Scenario = pickle.loads(zlib.decompress(data))  # noqa: S301 (made by this run, never read from a file)
    return scenario


def points(asked: Asked, seed: int, report: Report) -> list[Point]:
    """All points, scenario by scenario.

    Raises
    ------
    ScenarioError
        A value has the wrong unit, or a point is no sound scenario: told in the places
        of the experiment file.
    """
    experiment = asked.experiment
    if experiment.parts:
        return _of_parts(asked)
    if experiment.mechanisms:
        return _of_mechanisms(asked)
    return _resolved(asked, combinations(experiment.factors, experiment.design, seed), report)


def _of_parts(asked: Asked) -> list[Point]:
    """A point for each combination of the parts, which are its values: 1 for one that is on, 0 for one that is off."""
    made = []
    for number, (on, loaded) in enumerate(of_parts(asked.root.where.file)):
        values = {part: int(part in on) for part in asked.experiment.parts}
        made.append(_feasible(number, loaded.scenario.name, values, loaded))
    return made


def _of_mechanisms(asked: Asked) -> list[Point]:
    """A point for each scenario, and for each of its mechanisms that is off, whose name is its value."""
    every = enumerate(variants(asked.root, {base.name: base.variants.root for base in asked.bases}))
    return [_feasible(number, name, {WITHOUT: off}, loaded) for number, (name, off, loaded) in every]


def check(path: Path | str) -> None:
    """See that an experiment file is good, with each of its options: each value of each factor is tried by itself.

    Raises
    ------
    ScenarioError
        With every fault found.
    """
    for option in (None, *options(read_file(Path(path), str(path), []))):
        asked = read(path, option)
        if asked.experiment.parts:
            of_parts(path)
            continue
        if asked.experiment.mechanisms:
            _of_mechanisms(asked)
            continue
        _resolved(asked, one_at_a_time(asked.experiment.factors), silent)


def _resolved(asked: Asked, every: list[Combination], report: Report) -> list[Point]:
    of_scenario = {base.name: _applying(every, asked, base.name) for base in asked.bases}
    total = sum(len(found) for found in of_scenario.values())
    faults: list[Fault] = []
    made: list[Point] = []
    report("points", 0, total)
    for base in asked.bases:
        n_faulty = 0
        for values in of_scenario[base.name]:
            found = _point(len(made), asked, base, values)
            if isinstance(found, Point):
                made.append(found)
            else:
                faults += found
                n_faulty += 1
            if n_faulty == MOST_FAULTY:
                break
            report("points", len(made), total)
    if faults:
        raise ScenarioError(in_order(faults))
    return made


def _applying(every: list[Combination], asked: Asked, scenario: str) -> list[Combination]:
    """The combinations of those factors that a scenario has."""
    names = asked.factors_of(scenario)
    return once([{name: values[name] for name in names} for values in every])


def _point(number: int, asked: Asked, base: Base, values: Combination) -> Point | list[Fault]:
    overrides = {asked.experiment.factors[name].path: value for name, value in values.items()}
    try:
        loaded = base.resolve(overrides)
    except ScenarioError as error:
        if all(each.key.startswith(LEVER) for each in error.faults):
            return Point(number, base.name, values, why=tuple(error.faults))
        return [_in_the_experiment(each, asked, base.name, values) for each in error.faults]
    return _feasible(number, base.name, values, loaded)


def _feasible(number: int, name: str, values: Mapping[str, Scalar], loaded: Loaded) -> Point:
    scenario = loaded.scenario
    return Point(
        number,
        name,
        values,
        digest=loaded.digest,
        demand=demand_digest(scenario),
        layout=layout_digest(scenario),
        overloaded=_overloaded(loaded),
        packed=packed(scenario),
    )


def demand_digest(scenario: Scenario) -> str:
    """What stands for a scenario's cases: place and demand."""
    return digest_of([part.model_dump(mode="json") for part in (scenario.place, scenario.demand)])


def layout_digest(scenario: Scenario) -> str:
    """What stands for the possible legs of a scenario's cases: all but its teams, duties, leave and ledger."""
    parts = [pickle.dumps(part) for part in laid_out_of(scenario)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _overloaded(loaded: Loaded) -> bool:
    return any(warning.key == OVERLOAD for warning in loaded.warnings)


def _in_the_experiment(found: Fault, asked: Asked, scenario: str, values: Combination) -> Fault:
    """A fault of a point, told in the place of the experiment file that it comes from."""
    for name, value in values.items():
        path = asked.experiment.factors[name].path
        if found.path == path or found.path.startswith(f"{path}."):
            listed = asked.experiment.factors[name].values
            where = ("values", _position(listed, value)) if listed is not None else ("range",)
            return _placed(found, asked, ("factors", name, *where))
    told = ", ".join(f"{name}: {value}" for name, value in values.items())
    at = find(asked.root, ("factors",)).where
    return Fault(found.key, found.params, at.file, at.line, at.col, f"{scenario} ({told}): {found.path}")


def _placed(found: Fault, asked: Asked, path: tuple[str | int, ...]) -> Fault:
    return fault(found.key, find(asked.root, path).where, path, **found.params)


def _position(listed: list[Scalar], value: Scalar) -> int:
    return [repr(each) for each in listed].index(repr(value))
