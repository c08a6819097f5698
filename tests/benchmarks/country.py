"""What a whole country costs, a case, beside ninety streets and beside the full model: ``make bench-country``.

``python -m benchmarks.country 900`` runs fewer streets than the 8,950. Processor time of all processes together, within
one run; memory is the sum over all processes of their proportional shares (PSS), looked at every second.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from process_table import PROCESSES, below
from runs import SCENARIOS, scenario

from sim.experiment.country.runs import Country
from sim.experiment.replicate import Task, replicate
from sim.experiment.sweep.reading import read
from sim.experiment.sweep.result import SweepResult
from sim.experiment.sweep.runs import execute, made_of
from sim.experiment.workers import available_cores
from sim.intact import TIMINGS

EXPERIMENT = SCENARIOS / "experiments" / "country.yaml"
ALL, FEW = 8_950, 90
ROUNDS = 3
"""Of the ninety streets, before the country and after it, and of the full model."""
MOST = 1.1
"""A case of the country may cost so many times as much as one of ninety streets."""


def country(n: int) -> Country:
    """So many synthetic streets."""
    asked = read(EXPERIMENT)
    some = asked.experiment.streets.model_copy(update={"synthetic": n})
    return made_of(replace(asked, experiment=asked.experiment.model_copy(update={"streets": some})))


def cost_s(made: Country) -> tuple[float, float]:
    """Processor seconds of a run, of this process and of its workers, by case; and how many cases there were."""
    workers = available_cores()
    with tempfile.TemporaryDirectory() as folder:
        start_s = time.process_time()
        result: SweepResult = execute(made, Path(folder) / "result", workers=workers)
        cpu_s = time.process_time() - start_s if workers > 1 else 0.0
        cpu_s += json.loads((result.folder / TIMINGS).read_text(encoding="utf-8"))["cpu_s"]["all"]
        table = result.measures.set_index(["measure", "group"])["value"]
        n_cases = float(table["n_cases", ""])
    return cpu_s / n_cases, n_cases


def memory_mb() -> float:
    """Memory of this process and all that it started."""
    shares = []
    for number in (os.getpid(), *below(os.getpid())):
        try:
            lines = (PROCESSES / str(number) / "smaps_rollup").read_text().splitlines()
        except OSError:  # it has just ended
            continue
        shares += [int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")]
    return sum(shares)


@contextmanager
def watched() -> Iterator[list[float]]:
    """Memory within this, second by second."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            seen.append(memory_mb())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def full_model_s() -> tuple[float, float]:
    """Processor seconds of a street-year of Jinfeng under the full model, measures and all, and its cases."""
    one, window = scenario("jinfeng/before"), country(1).window
    took, cases = [], []
    for replication in range(ROUNDS):
        (found,) = replicate(Task((one,), 1, replication, window, "compiled", keep=False))
        took.append(sum(found.cpu_s.values()))
        table = found.measures.set_index(["measure", "group"])["value"]
        cases.append(float(table["n_cases", ""]))
    return statistics.median(took), statistics.median(cases)


def main(n: int) -> None:
    """Run it all, and say what it took; raises AssertionError if a case of the country costs too much."""
    few = country(FEW)
    cost_s(few)  # so that everything has been imported and compiled
    costs = [cost_s(few)[0] for _ in range(ROUNDS)]
    start_s = time.perf_counter()
    with watched() as memory:
        cost, n_cases = cost_s(country(n))
    wall_s = time.perf_counter() - start_s
    costs += [cost_s(few)[0] for _ in range(ROUNDS)]
    ratio = cost / statistics.median(costs)
    print(
        f"{n:,} streets, {n_cases:,.0f} cases, {available_cores()} workers: {wall_s:.0f} s, {cost * n_cases:.0f} s of "
        f"processors, at most {max(memory, default=0.0):.0f} MB; {cost * 1e6:.2f} µs a case, "
        f"{ratio:.2f} x what it is with {FEW} streets (at most {MOST})"
    )
    full_s, n_full = full_model_s()
    print(
        f"full model: {full_s:.2f} s a street-year of Jinfeng, {full_s / n_full * 1e6:.0f} µs a case; {n:,} such "
        f"streets would take {full_s * n / 3600:.1f} hours of a processor"
    )
    if ratio > MOST:
        message = f"a case costs {ratio:.2f} times as much"
        raise AssertionError(message)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ALL)
