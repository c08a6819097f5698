"""Run one scenario, or compare several on the same demand, and keep all that came of it."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim import engines
from sim.engines import DEFAULT
from sim.errors import Fault, UsageError
from sim.experiment import inputs
from sim.experiment.comparison import comparison
from sim.experiment.design import Command, Design, design
from sim.experiment.manifest import comparability, manifest, note
from sim.experiment.replicate import PARTS, Outcome, Task, replicate
from sim.experiment.report import Report, silent
from sim.experiment.result import Result
from sim.experiment.stopping import BATCH, CAP, precise_enough
from sim.experiment.store import ResultWriter, already_there, led, new_result
from sim.experiment.sweep.compared import compared
from sim.experiment.sweep.reading import is_experiment
from sim.experiment.warm_up import WEEKS_IF_UNSTEADY, common_warm_up
from sim.experiment.workers import Workers
from sim.intact import INPUT, TIMINGS
from sim.measures import MAIN_MEASURE, Window
from sim.scenario import Loaded, load
from sim.units import WEEK_S

Source = Loaded | Path | str
"""A scenario that has been loaded, or its file."""


def run(
    scenario: Source,
    *,
    replications: int | None = None,
    precision: float | None = None,
    seed: int | None = None,
    engine: str = DEFAULT,
    workers: int = 1,
    out: Path | str | None = None,
    report: Report = silent,
) -> Result:
    """Run one scenario.

    Parameters
    ----------
    scenario
        A scenario file, or what ``sim.load`` gave.
    replications, precision
        How many replications (default: as the file says); or go on until the 95% half-width of the main measure is
        this share of its mean.
    seed
        Seed of all luck (default: as the file says).
    engine
        ``compiled``, or ``simpy``, which gives the same figures and is written to be read.
    workers
        Processes; the result does not depend on it. More than one needs the usual guard of a main module.
    out
        Folder of the result; without it the result lasts as long as the returned object, or until it is saved.

    Raises
    ------
    ScenarioError, UsageError, ResultError
        The file is faulty, an option out of range, or the folder holds something else.
    """
    made = _designed("run", [scenario], replications, precision, seed, engine)
    return execute(made, out, workers=workers, report=report)


def compare(
    *scenarios: Source,
    option: str | None = None,
    replications: int | None = None,
    precision: float | None = None,
    seed: int | None = None,
    engine: str = DEFAULT,
    workers: int = 1,
    out: Path | str | None = None,
    report: Report = silent,
) -> Result:
    """Compare scenarios with the first, on the same demand wherever place and demand are the same.

    One experiment file that names scenarios and varies nothing stands for all of them; ``option`` is one of the changes
    that it names under ``options``.

    The rest is as in :func:`run`; the precision is that of each paired difference of the main measure.
    """
    if len(scenarios) == 1 and not isinstance(scenarios[0], Loaded) and is_experiment(scenarios[0]):
        made = compared(
            scenarios[0], option=option, replications=replications, precision=precision, seed=seed, engine=engine
        )
    elif option is not None:
        raise UsageError(Fault("cli.option_of_an_experiment", {"option": option}))
    else:
        made = _designed("compare", scenarios, replications, precision, seed, engine)
    return execute(made, out, workers=workers, report=report)


def _designed(
    command: Command,
    scenarios: Sequence[Source],
    replications: int | None,
    precision: float | None,
    seed: int | None,
    engine: str,
) -> Design:
    loaded = [item if isinstance(item, Loaded) else load(Path(item)) for item in scenarios]
    return design(command, loaded, replications=replications, precision=precision, seed=seed, engine=engine)


def execute(
    made: Design,
    out: Path | str | None = None,
    *,
    workers: int = 1,
    save_input: bool = False,
    report: Report = silent,
) -> Result:
    """Run a design into a folder, or find its result there already."""
    if out is None:
        holder = tempfile.TemporaryDirectory(prefix="yizhan-")
        return _run_into(made, Path(holder.name) / made.name, workers, save_input, report, holder)
    target = Path(out)
    if already_there(target, made.digest):
        if save_input:
            inputs.save_beside(target, made)
        return Result(target, reused=True)
    return _run_into(made, target, workers, save_input, report)


def _run_into(
    made: Design,
    target: Path,
    workers: int,
    save_input: bool,
    report: Report,
    holder: tempfile.TemporaryDirectory[str] | None = None,
) -> Result:
    began = time.perf_counter()
    engines.prepare(made.engine, lambda seconds: report("compiling", 0, seconds))
    with Workers(workers) as pool, new_result(target) as writer:
        warm_up = common_warm_up(made, pool, report)
        window = warm_up.window(made.settings)
        piloted = time.perf_counter()
        clock = Timings()
        values: list[pd.DataFrame] = []
        for outcomes in enough(made, window, pool, report):
            for outcome in outcomes:
                values.append(_keep(writer, outcome))
                clock.add(outcome)
        n = len(values) // len(made.loaded)
        table = comparison(pd.concat(values, ignore_index=True), [scenario.name for scenario in made.scenarios])
        writer.append("comparison.csv", table)
        _keep_scenarios(writer, made)
        if save_input:
            inputs.save(writer.folder / INPUT, made, window.end_s)
        remarks = comparability(made.scenarios)
        remarks += [note("growing", name=name, weeks=WEEKS_IF_UNSTEADY) for name in warm_up.growing]
        remarks += [note("swinging", name=name, weeks=WEEKS_IF_UNSTEADY) for name in warm_up.swinging]
        if made.serving != made.engine:
            remarks.append(note("without_numba"))
        remarks += [
            note("transition_begun", name=scenario.name, weeks=f"{warm_up.seconds / WEEK_S:g}")
            for scenario in made.scenarios
            if warm_up.passes_over_transition(scenario)
        ]
        if made.precision is not None and n == CAP:
            remarks.append(note("cap", cap=CAP))
        writer.finish(manifest(made, warm_up, window, n, remarks))
        whole = {"pilots": piloted - began, "all": time.perf_counter() - began}
        writer.json(TIMINGS, {"workers": workers, "seconds": whole, "scenarios": clock.content()})
    return Result(target, holder=holder)


def enough(made: Design, window: Window, pool: Workers, report: Report) -> Iterator[tuple[Outcome, ...]]:
    """Replications of a design in their order, until there are as many or as precise as it asks for."""
    most = made.replications if made.precision is None else CAP
    tasks = (Task(made.scenarios, made.seed, r, window, made.engine) for r in range(most))
    main: list[list[float]] = [[] for _ in made.loaded]
    report("replications", 0, most)
    for n, outcomes in enumerate(pool.in_order(replicate, tasks), start=1):
        report("replications", n, most)
        yield outcomes
        for series, outcome in zip(main, outcomes, strict=True):
            series.append(main_measure(outcome.measures))
        if made.precision is not None and n % BATCH == 0 and precise_enough(main, made.precision):
            return


def main_measure(measures: pd.DataFrame) -> float:
    """The main measure of one replication, over all residents."""
    whole = measures[(measures["measure"] == MAIN_MEASURE) & (measures["group"] == "")]
    return float(whole["value"].iloc[0]) if len(whole) else math.nan


def _keep(writer: ResultWriter, outcome: Outcome) -> pd.DataFrame:
    """Write what one replication of one scenario gave; its measures."""
    measures = led(outcome.measures, outcome.scenario, outcome.replication)
    writer.append("measures.csv", measures)
    for name, table in outcome.tables.items():
        writer.append(name, led(table, outcome.scenario, outcome.replication))
    if outcome.replication == 0:
        for name, table in outcome.offices.items():
            writer.append(name, table.assign(scenario=outcome.scenario)[["scenario", *table.columns]])
    return measures


def _keep_scenarios(writer: ResultWriter, made: Design) -> None:
    for loaded in made.loaded:
        writer.json(f"resolved/{loaded.scenario.name}.json", loaded.resolved())
        writer.text(f"resolved/{loaded.scenario.name}.yaml", loaded.resolved_yaml())


class Timings:
    """Processor time and peak memory of each part, over all replications of each scenario."""

    def __init__(self) -> None:
        self._cpu_s: dict[str, dict[str, float]] = {}
        self._peak_mb: dict[str, dict[str, float]] = {}

    def add(self, outcome: Outcome) -> None:
        """Add one replication of one scenario."""
        cpu_s = self._cpu_s.setdefault(outcome.scenario, dict.fromkeys(PARTS, 0.0))
        peak = self._peak_mb.setdefault(outcome.scenario, dict.fromkeys(PARTS, 0.0))
        for part in PARTS:
            cpu_s[part] += outcome.cpu_s[part]
            peak[part] = max(peak[part], outcome.peak_mb[part])

    def content(self) -> dict[str, Any]:
        """By scenario and part, for ``timings.json``."""
        return {
            name: {
                part: {"cpu_s": round(self._cpu_s[name][part], 3), "peak_mb": round(self._peak_mb[name][part], 1)}
                for part in PARTS
            }
            for name in self._cpu_s
        }
