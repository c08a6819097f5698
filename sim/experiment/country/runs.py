"""Run a table of streets: each one a year under the reduced procedure, streamed; what is kept are sums and sketches.

Streets are worked on a few at a time by any number of workers, and each piece goes to disk as it is finished, so that
memory does not grow with the table and nothing is lost when a run is stopped.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim import engines, sketch
from sim.demand import draw_demand
from sim.errors import Fault, UsageError
from sim.experiment.country import streets as tables
from sim.experiment.country.measures import streets_table, whole_country
from sim.experiment.country.streets import Street
from sim.experiment.country.totals import NOTHING, SKETCHES, Totals, totals
from sim.experiment.design import digest_of
from sim.experiment.manifest import made_by, note
from sim.experiment.replicate import peak_memory_mb
from sim.experiment.report import Report
from sim.experiment.store import write_json
from sim.experiment.sweep.points import packed, unpacked
from sim.experiment.sweep.reading import Asked, settings
from sim.experiment.sweep.store import Store, publish
from sim.experiment.sweep.work import Ran, Row, same_surroundings, surroundings
from sim.experiment.workers import Workers
from sim.intact import MANIFEST, TIMINGS, sealed
from sim.itineraries import plan
from sim.measures import Window
from sim.scenario.schema import Run, Scenario
from sim.scenario.tree import fault, find
from sim.units import WEEK_S

CHUNK = 25
"""Streets of one piece of work: some seconds of it."""
MAIN = "cases"


@dataclass(frozen=True)
class Country:
    """What is to be run: a table of streets under one reduced scenario."""

    asked: Asked
    streets: tuple[Street, ...]
    run: Run
    engine: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.asked.experiment.experiment

    @property
    def window(self) -> Window:
        """Warm-up (stated), cohort, drain."""
        warm_up_s = int(self.run.warm_up)
        return Window(warm_up_s, self.run.cohort, warm_up_s + self.run.cohort + self.run.drain)

    @cached_property
    def digest(self) -> str:
        """What the tables depend on, as 64 hexadecimal digits."""
        return digest_of(
            {
                "command": "sweep",
                "experiment": self.asked.experiment.model_dump(mode="json", by_alias=True, exclude={"options"}),
                "scenario": self.asked.bases[0].loaded.digest,
                "streets": [asdict(street) for street in self.streets],
                "run": self.run.model_dump(mode="json"),
                "engine": self.engine,
                "surroundings": surroundings(),
            }
        )

    def key(self, street: Street) -> str:
        """What stands for one street's year."""
        return digest_of([self.digest, street.street])[:32]


@dataclass(frozen=True)
class Piece:
    """Some streets, and the scenario that each stands in."""

    keys: tuple[str, ...]
    streets: tuple[Street, ...]
    base: bytes
    seed: int
    window: Window
    engine: str
    surroundings: str


def country(asked: Asked, seed: int | None, engine: str) -> Country:
    """A run over the table of streets that an experiment names, or over one made up.

    Raises
    ------
    UsageError
        The table is faulty; its scenario's warm-up is not stated.
    """
    wanted = asked.experiment.streets
    at = find(asked.root, ("streets",)).where
    if wanted is None or (wanted.table is None) == (wanted.synthetic is None):
        raise UsageError(_table_and_synthetic(asked))
    teams = asked.bases[0].loaded.scenario.structure.teams
    missing = [name for name in tables.TEAMS if name not in teams]
    if missing:
        raise UsageError(fault("country.reduced", at, ("streets",), names=", ".join(missing)))
    run = settings(asked).run
    run = run if seed is None else run.model_copy(update={"seed": seed})
    if run.warm_up == "auto":
        raise UsageError(Fault("country.warm_up", {"name": asked.bases[0].name}))
    if wanted.table is not None:
        rows = tables.read(Path(asked.root.where.file).parent / wanted.table)
    else:
        rows = tables.synthetic(wanted.synthetic or 1, wanted.seed)
    return Country(asked, tuple(rows), run, engine)


def _table_and_synthetic(asked: Asked) -> Fault:
    """What is wrong where neither or both are given; an option by which both are is named."""
    node = find(asked.root, ("streets",))
    clash = asked.option is not None and {"table", "synthetic"} <= node.fields.keys()
    key = "country.option_clash" if clash else "country.table_or_synthetic"
    return fault(key, node.where, ("streets",), **({"option": asked.option} if clash else {}))


def run_into(made: Country, target: Path, parts: Path, pool: Workers, report: Report) -> None:
    """Run all streets that are not among the ``parts`` yet, and put the result in its place."""
    began = time.perf_counter()
    store = Store(parts, MAIN)
    missing = [street for street in made.streets if made.key(street) not in store]
    report("streets", len(store), len(made.streets))
    for runs in pool.as_done(years, _pieces(made, missing)):
        store.add(runs)
        report("streets", len(store), len(made.streets))
    with tempfile.TemporaryDirectory(prefix="tables-", dir=parts, ignore_cleanup_errors=True) as folder:
        _write(Path(folder), made, store)
        spent = {part: round(seconds, 3) for part, seconds in store.cpu_s.items()}
        peak = {part: round(mb, 1) for part, mb in store.peak_mb.items()}
        timings = {"workers": pool.n, "seconds": {"all": time.perf_counter() - began}, "cpu_s": spent}
        write_json(Path(folder) / TIMINGS, timings | {"peak_mb": peak})
        publish(Path(folder), parts, target)


def _pieces(made: Country, missing: list[Street]) -> Iterator[Piece]:
    base = packed(made.asked.bases[0].loaded.scenario)
    for start in range(0, len(missing), CHUNK):
        some = tuple(missing[start : start + CHUNK])
        keys = tuple(made.key(street) for street in some)
        yield Piece(keys, some, base, made.run.seed, made.window, made.engine, surroundings())


def years(piece: Piece) -> list[Ran]:
    """A year of each street of a piece.

    Raises
    ------
    WorkersError
        This process has another version of the package, of Python or of a library than the one that sent the piece.
    """
    same_surroundings(piece.surroundings)
    base = unpacked(piece.base)
    ran = []
    for key, street in zip(piece.keys, piece.streets, strict=True):
        began_s = time.process_time()
        found = _as_rows(_year(street, base, piece))
        ran.append(Ran(key, found, {"all": time.process_time() - began_s}, {"all": peak_memory_mb()}))
    return ran


def _year(street: Street, base: Scenario, piece: Piece) -> Totals:
    """A year of one street; nothing but its totals outlives it, so that a worker holds one street at a time."""
    scenario = tables.scenario_of(street, base)
    demand = draw_demand(scenario, tables.seed_of(street, piece.seed), 0, piece.window.end_s)
    planned = plan(scenario, demand)
    legs = engines.run(planned.engine_input, piece.engine)
    return totals(planned, legs, piece.window)


def _as_rows(found: Totals) -> list[Row]:
    """Totals as rows that can be kept: a number each, and a row for each bin of a sketch that is not empty."""
    rows: list[Row] = [(name, "", float(n)) for name, n in found.numbers.items()]
    for name, counts in found.sketches.items():
        rows += [(name, str(k), float(counts[k])) for k in np.flatnonzero(counts).tolist()]
    return rows


def _from_rows(rows: list[Row]) -> Totals:
    """The totals that :func:`_as_rows` wrote."""
    numbers = {name: int(value) for name, group, value in rows if not group}
    sketches = {name: np.zeros(sketch.N_BINS, dtype=np.int64) for name in SKETCHES}
    for name, group, value in rows:
        if group:
            sketches[name][int(group)] = int(value)
    return Totals(numbers, sketches)


def _write(folder: Path, made: Country, store: Store) -> None:
    """The tables of a finished run: the streets, one row each, and the measures of all and of each band of size."""
    rows: list[dict[str, Any]] = []
    by_band: dict[str, Totals] = {}
    for street in made.streets:
        found = _from_rows(store.rows(made.key(street)))
        rows.append(asdict(street) | streets_table(found))
        band = band_of(street)
        by_band[band] = by_band.get(band, NOTHING) + found
    pd.DataFrame(rows).to_csv(folder / "streets.csv", index=False, lineterminator="\n", encoding="utf-8")
    whole_country(by_band, BANDS).to_csv(folder / "measures.csv", index=False, lineterminator="\n", encoding="utf-8")
    write_json(folder / MANIFEST, sealed(folder, _manifest(made)))


BANDS = ("under_1500", "1500_2999", "3000_4999", "5000_and_more")
"""Sizes of communities, in households."""


def band_of(street: Street) -> str:
    """The band of a street's mean community size.

    >>> band_of(Street("a", 18_000, 4, 50, 48)), band_of(Street("b", 18_000, 6, 50, 42))
    ('3000_4999', '3000_4999')
    """
    size = street.households / street.communities
    return BANDS[sum(size >= edge for edge in (1500, 3000, 5000))]


def _manifest(made: Country) -> dict[str, Any]:
    """No times, machines or paths, so that equal runs have equal manifests."""
    experiment, base = made.asked.experiment, made.asked.bases[0].loaded
    n_synthetic = sum(street.synthetic for street in made.streets)
    notes = [note("country_reduced", error=f"{sketch.LARGEST_ERROR:.1%}")]
    notes += [note("country_synthetic", n=n_synthetic)] if n_synthetic else []
    return {
        "command": "sweep",
        "kind": "streets",
        "digest": made.digest,
        "experiment": experiment.experiment,
        "option": made.asked.option,
        "title": experiment.title.model_dump(),
        "question": experiment.question.model_dump(),
        "contrast": experiment.contrast.model_dump(),
        "population": experiment.population.model_dump(),
        "scenarios": [{"name": base.scenario.name, "title": base.scenario.title.model_dump(), "digest": base.digest}],
        "streets": len(made.streets),
        "synthetic": n_synthetic,
        "quantile_error": sketch.LARGEST_ERROR,
        "seed": made.run.seed,
        "replications": 1,
        "warm_up_weeks": made.window.warm_up_s / WEEK_S,
        "cohort_weeks": made.window.cohort_s / WEEK_S,
        "window": asdict(made.window),
        **made_by(made.engine),
        "notes": notes,
    }
