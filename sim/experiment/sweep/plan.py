"""A sweep before it is run: its points, settings, and the digest that stands for all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sim.engines import DEFAULT, serving
from sim.errors import Fault, UsageError
from sim.experiment.design import Design, digest_of, option_faults
from sim.experiment.mechanisms import WITHOUT
from sim.experiment.report import Report
from sim.experiment.sweep.best import UNFINISHED
from sim.experiment.sweep.points import CIRCUMSTANCES, Point, points
from sim.experiment.sweep.reading import Asked, settings
from sim.experiment.sweep.work import surroundings
from sim.measures import MEASURES
from sim.scenario import Loaded
from sim.scenario.schema import Run


@dataclass(frozen=True)
class Sweep:
    """What is to be run: every point in every replication; ``precision``, if given, in place of ``replications``."""

    asked: Asked
    points: tuple[Point, ...]
    run: Run
    replications: int
    precision: float | None
    engine: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.asked.experiment.experiment

    @property
    def main_measure(self) -> str:
        """The measure by which the answer is judged."""
        return self.asked.experiment.main_measure

    @property
    def seed(self) -> int:
        """Seed of all luck."""
        return self.run.seed

    @property
    def factor_names(self) -> list[str]:
        """The factors, or parts of a reform, in their order; or the mechanism that is off."""
        experiment = self.asked.experiment
        return [WITHOUT] if experiment.mechanisms else list(experiment.parts or experiment.factors)

    @cached_property
    def measures(self) -> frozenset[str]:
        """The measures that are kept."""
        main = [name for name, info in MEASURES.items() if info.main]
        named = [name.partition("/")[0] for name in self.asked.experiment.measures] or main
        return frozenset({*named, self.main_measure, UNFINISHED})

    @cached_property
    def feasible(self) -> tuple[Point, ...]:
        """The points that can be run; the first is the one that others are compared with."""
        return tuple(point for point in self.points if point.feasible)

    @cached_property
    def families(self) -> list[list[Point]]:
        """Feasible points among which one may choose: of one scenario, under the same demand and place."""
        factors = self.asked.experiment.factors
        given = [name for name, each in factors.items() if each.path.split(".", 1)[0] in CIRCUMSTANCES]
        found: dict[tuple[str, str], list[Point]] = {}
        for point in self.feasible:
            circumstances = repr([(name, point.values.get(name)) for name in given])
            found.setdefault((point.scenario, circumstances), []).append(point)
        return [family for family in found.values() if len(family) > 1]

    @cached_property
    def first_points(self) -> list[Point]:
        """The first feasible point of each scenario."""
        first: dict[str, Point] = {}
        for point in self.feasible:
            first.setdefault(point.scenario, point)
        return list(first.values())

    @cached_property
    def digest(self) -> str:
        """What the tables depend on, as 64 hexadecimal digits."""
        identity = {
            "command": "sweep",
            "experiment": self.asked.experiment.model_dump(mode="json", by_alias=True, exclude={"options"}),
            "points": [[each.scenario, repr(dict(each.values)), each.digest] for each in self.points],
            "titles": [base.loaded.scenario.title.model_dump() for base in self.asked.bases],
            "run": self.run.model_dump(mode="json"),
            "replications": self.replications if self.precision is None else None,
            "precision": self.precision,
            "engine": self.engine,
            "surroundings": surroundings(),
        }
        return digest_of(identity)

    def key(self, point: Point, replication: int) -> str:
        """What stands for one run; points that mean the same have one key, and are run once."""
        return digest_of([self._common, point.digest, replication])[:32]

    @cached_property
    def _common(self) -> str:
        return digest_of([self.digest, self.seed, self.engine])

    def design(self) -> Design:
        """The first point of each scenario as a comparison, whose common warm-up serves all points."""
        experiment = self.asked.experiment
        run = self.run.model_dump(exclude={"warm_up"} if experiment.warm_up is None else set())
        if experiment.parts or experiment.mechanisms:
            firsts = [base.loaded for base in self.asked.bases]
        else:
            firsts = [self._resolved(point) for point in self.first_points]
        loaded = []
        for found in firsts:
            settings_of_all = found.scenario.run.model_copy(update=run)
            loaded.append(replace(found, scenario=found.scenario.model_copy(update={"run": settings_of_all})))
        return Design("compare", tuple(loaded), self.seed, 1, None, self.engine)

    def _resolved(self, point: Point) -> Loaded:
        """A point's scenario anew, with its sources."""
        base = next(base for base in self.asked.bases if base.name == point.scenario)
        return base.resolve({self.asked.experiment.factors[name].path: v for name, v in point.values.items()})


def plan_sweep(
    asked: Asked,
    report: Report,
    *,
    replications: int | None = None,
    precision: float | None = None,
    seed: int | None = None,
    engine: str = DEFAULT,
) -> Sweep:
    """A sweep whose settings, where not given, are the experiment's, or else its first scenario's.

    Raises
    ------
    UsageError, ScenarioError
        An option is out of range; a factor does not fit; no point is feasible.
    """
    faults = option_faults(replications, precision, seed, engine)
    if faults:
        raise UsageError(faults)
    run = settings(asked).run
    run = run if seed is None else run.model_copy(update={"seed": seed})
    if replications is None and precision is None:
        precision = asked.experiment.precision
    made = points(asked, run.seed, report)
    if not any(point.feasible for point in made):
        raise UsageError([Fault("sweep.nothing_feasible", {"n": len(made)}), *made[0].why])
    return Sweep(asked, tuple(made), run, replications or run.replications, precision, serving(engine))
