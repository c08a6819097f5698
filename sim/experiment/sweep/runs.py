"""Run an experiment: every point in every replication, into a folder, from where it can be taken up again."""

from __future__ import annotations

import errno
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from sim import engines
from sim.engines import DEFAULT, serving
from sim.errors import Fault, ResultError, UsageError
from sim.experiment.cluster import reach
from sim.experiment.country.runs import Country, country, run_into
from sim.experiment.design import option_faults
from sim.experiment.report import Report, silent
from sim.experiment.stopping import BATCH, CAP, precise_enough
from sim.experiment.store import write_json
from sim.experiment.sweep import points
from sim.experiment.sweep.manifest import manifest
from sim.experiment.sweep.plan import Sweep, plan_sweep
from sim.experiment.sweep.points import Point
from sim.experiment.sweep.reading import Asked, options, read
from sim.experiment.sweep.result import SweepResult
from sim.experiment.sweep.store import Store, publish, remember, remembered, sweep_folder
from sim.experiment.sweep.tables import write_tables
from sim.experiment.sweep.work import Work, do, surroundings
from sim.experiment.warm_up import WarmUp, common_warm_up
from sim.experiment.workers import Workers
from sim.intact import MANIFEST, TIMINGS, sealed
from sim.measures import Window
from sim.scenario.reading import read_file

WINDOW = "window.json"
LARGEST_CHUNK = 8
"""Points of one piece of work: enough that drawing their demand once pays, few enough that little is lost."""
SHARES = 4
"""Pieces of work for each worker, at least: so that none waits long for the last one."""
FULL = (errno.ENOSPC, errno.EDQUOT)


def sweep(
    experiment: Path | str,
    *,
    option: str | None = None,
    replications: int | None = None,
    precision: float | None = None,
    seed: int | None = None,
    engine: str = DEFAULT,
    workers: int = 1,
    scheduler: str | None = None,
    resume: bool = False,
    out: Path | str | None = None,
    report: Report = silent,
) -> SweepResult:
    """Run an experiment file: scenarios × factors × replications, the same demand for all points of a replication.

    Parameters
    ----------
    experiment
        An experiment file.
    option
        One of the changes that the file names under ``options``.
    replications, precision
        How many replications (default: as the file says); or go on until at every point the half-width of the main
        measure's 95% interval is at most this share of its mean there.
    seed
        Seed of all luck (default: as the file says).
    workers
        Processes on this machine; or ``scheduler``, the address of a Dask scheduler (``tcp://host:8786``), whose
        workers are used. The result depends on neither.
    resume
        Go on with what was finished in the folder ``out`` before.
    out
        Folder of the result; without it the result lasts as long as the returned object, or until it is saved.

    Raises
    ------
    ScenarioError, UsageError, ResultError, WorkersError
        A file is faulty, an option out of range, the folder holds something else or is in use, its disk is full, the
        scheduler does not answer, or processes do not last.
    """
    if scheduler is not None:
        reach(scheduler)
    asked = read(experiment, option)
    made = made_of(asked, report, replications=replications, precision=precision, seed=seed, engine=engine)
    return execute(made, out, workers=workers, scheduler=scheduler, resume=resume, report=report)


def made_of(
    asked: Asked,
    report: Report = silent,
    *,
    replications: int | None = None,
    precision: float | None = None,
    seed: int | None = None,
    engine: str = DEFAULT,
) -> Sweep | Country:
    """What is to be run: points, or a table of streets (a year of each: there are no replications to choose)."""
    if asked.experiment.streets is None:
        return plan_sweep(asked, report, replications=replications, precision=precision, seed=seed, engine=engine)
    if replications is not None or precision is not None:
        raise UsageError(Fault("country.replications"))
    if faults := option_faults(None, None, seed, engine):
        raise UsageError(faults)
    return country(asked, seed, serving(engine))


def check(path: Path | str) -> None:
    """See that an experiment file is good, with each of its options; raises ScenarioError or UsageError if not."""
    points.check(path)
    for option in (None, *options(read_file(Path(path), str(path), []))):
        asked = read(path, option)
        if asked.experiment.streets is not None:
            country(asked, None, DEFAULT)


def execute(
    made: Sweep | Country,
    out: Path | str | None = None,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    resume: bool = False,
    report: Report = silent,
) -> SweepResult:
    """Run a sweep into a folder, or find its result there already."""
    if out is None:
        holder = tempfile.TemporaryDirectory(prefix="yizhan-")
        execute(made, Path(holder.name) / made.name, workers=workers, scheduler=scheduler, report=report)
        return SweepResult(Path(holder.name) / made.name, holder=holder)
    target = Path(out)
    if workers == 1 or scheduler is not None or not engines.is_kept(made.engine):
        # otherwise this process needs no engine, and no memory for one
        engines.prepare(made.engine, lambda seconds: report("compiling", 0, seconds))
    try:
        with Workers(workers, scheduler) as pool, sweep_folder(target, made.digest, resume=resume) as parts:
            if parts is None:
                return SweepResult(target, reused=True)
            if isinstance(made, Country):
                run_into(made, target, parts, pool, report)
            else:
                _run_into(made, target, parts, pool, report)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise ResultError(Fault("sweep.disk_full", {"folder": str(target)})) from error
    return SweepResult(target)


def _run_into(made: Sweep, target: Path, parts: Path, pool: Workers, report: Report) -> None:
    began = time.perf_counter()
    store = Store(parts, made.main_measure)
    warm_up = _warm_up(made, parts, pool, report)
    n = _enough(made, warm_up.window(made.run), store, pool, report)
    with tempfile.TemporaryDirectory(prefix="tables-", dir=parts, ignore_cleanup_errors=True) as folder:
        begun = Path(folder)
        write_tables(begun, made, store, n)
        for loaded in made.design().loaded:
            write_json(begun / "resolved" / f"{loaded.scenario.name}.json", loaded.resolved())
        write_json(begun / MANIFEST, sealed(begun, manifest(made, warm_up, n)))
        parts_of_run = {
            part: {"cpu_s": round(store.cpu_s[part], 3), "peak_mb": round(store.peak_mb[part], 1)}
            for part in store.cpu_s
        }
        whole = {"all": time.perf_counter() - began}
        write_json(begun / TIMINGS, {"workers": pool.n, "seconds": whole, "parts": parts_of_run})
        publish(begun, parts, target)


def _warm_up(made: Sweep, parts: Path, pool: Workers, report: Report) -> WarmUp:
    """One warm-up for all points: stated, or found by pilots of each scenario's first feasible point, and kept."""
    known = remembered(parts, WINDOW)
    if known is not None:
        return WarmUp(known["seconds"], known["method"], tuple(known["growing"]), tuple(known["swinging"]))
    found = common_warm_up(made.design(), pool, report)
    remember(parts, WINDOW, asdict(found))
    return found


def _enough(made: Sweep, window: Window, store: Store, pool: Workers, report: Report) -> int:
    """Run what is missing; the number of replications, as many or as precise as was asked for."""
    most = made.replications if made.precision is None else CAP
    distinct = list({point.digest: point for point in made.feasible}.values())
    n = 0
    while n < most:
        batch = range(n, most if made.precision is None else n + BATCH)
        missing = [(point, r) for r in batch for point in distinct if made.key(point, r) not in store]
        total = len(distinct) * most
        report("runs", len(store), total)
        for runs in pool.as_done(do, pieces(made, missing, window, pool.n)):
            store.add(runs)
            report("runs", len(store), total)
        n = batch.stop
        if made.precision is not None and _precise(made, store, distinct, n):
            break
    return n


def pieces(made: Sweep, missing: Sequence[tuple[Point, int]], window: Window, n_workers: int) -> Iterator[Work]:
    """What is missing, in pieces of a few points that share a replication, a demand and, where they can, a layout."""
    size = max(1, min(LARGEST_CHUNK, len(missing) // (SHARES * n_workers)))
    alike: dict[tuple[int, str, str], list[Point]] = {}
    for point, replication in missing:
        alike.setdefault((replication, point.demand, point.layout), []).append(point)
    for (replication, _, _), found in alike.items():
        for start in range(0, len(found), size):
            chunk = found[start : start + size]
            yield Work(
                keys=tuple(made.key(point, replication) for point in chunk),
                scenarios=tuple(point.packed for point in chunk),
                seed=made.seed,
                replication=replication,
                window=window,
                engine=made.engine,
                measures=made.measures,
                surroundings=surroundings(),
            )


def _precise(made: Sweep, store: Store, distinct: Sequence[Point], n: int) -> bool:
    """Whether the mean of the main measure is known well enough at every point."""
    values = ([store.main(made.key(point, r)) for r in range(n)] for point in distinct)
    return all(precise_enough([series], made.precision or 0.0) for series in values)
