"""Ratios of processor time, taken within one run: ``make bench``. Absolute figures hold for this machine and hour only.

Engines are timed alone, from tables to legs. Each ratio is the median over short rounds of the ratio within a round.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from benchmarks import networks, usual
from benchmarks.networks import Network
from runs import scenario

from sim import engines
from sim.demand import draw_demand
from sim.engines import compiled_engine, jit
from sim.itineraries import plan
from sim.journeys import journeys
from sim.measures import Window, measure
from sim.scenario.schema import Scenario
from sim.tables import EngineInput, Plan
from sim.units import WEEK_S

ROUNDS = 3
N_TANDEM, N_OFFICE = 200_000, 100_000
WEEKS = 66
COMMON = 0.02
"""Mean waits of the two programs differ by no more than this share: they need not order equal instants alike."""


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How much processor time some work takes, and what it gives."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def ratio(slow: Callable[[], Any], fast: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, float, Any, Any]:
    """How many times as long the slow way takes, the fast one's seconds, and what each gives."""
    ratios, times = [], []
    for _ in range(rounds):
        (first_s, legs), (second_s, _) = seconds(fast), seconds(fast)
        slow_s, other = seconds(slow)
        times.append((first_s + second_s) / 2)
        ratios.append(slow_s / times[-1])
    return statistics.median(ratios), statistics.median(times), other, legs


def mean_waits(legs: pd.DataFrame) -> list[float]:
    """Seconds from joining to being served, by row of the case."""
    return (legs["started_s"] - legs["joined_s"]).groupby(legs["row"]).mean().tolist()


def against_usual(title: str, network: Network, given: EngineInput, program: Callable[[Network], pd.DataFrame]) -> None:
    """The compiled engine against a SimPy program written the usual way."""
    times, fast_s, stays, legs = ratio(lambda: program(network), lambda: engines.run(given))
    ours, theirs = mean_waits(legs), mean_waits(stays)
    print(
        f"{title}: {times:.0f} x plain SimPy; {len(network) / fast_s / 1e6:.2f} million cases/s, "
        f"{fast_s / len(legs) * 1e9:.0f} ns a leg; mean waits {minutes(ours)} min, plain SimPy {minutes(theirs)}"
    )
    if not np.allclose(ours, theirs, rtol=COMMON):
        message = f"{title}: not the same queue"
        raise AssertionError(message)
    profile(given)


def minutes(times_s: list[float]) -> str:
    """Seconds as minutes, in a row."""
    return " ".join(f"{at_s / 60:.2f}" for at_s in times_s)


def profile(given: EngineInput) -> None:
    """How long each part of the compiled engine takes."""
    loop = jit.loop()
    took: dict[str, list[float]] = {}

    def part(name: str, work: Callable[[], Any]) -> Any:
        took_s, result = seconds(work)
        took.setdefault(name, []).append(took_s)
        return result

    for _ in range(ROUNDS):
        rows = part("rows", lambda: compiled_engine.rows_of(given.itineraries))
        street = part("street", lambda rows=rows: compiled_engine.street_of(given, rows, rows.shape[1] + 1024))
        firsts = np.empty(rows.shape[1], dtype=np.int64)
        n = part("first moments", lambda street=street, firsts=firsts: loop.first_moments(street, firsts))
        firsts = part("sort", lambda firsts=firsts, n=n: np.sort(firsts[:n], kind="stable"))
        doors = part("doors", lambda street=street: compiled_engine.doors_of(given, street))
        part("simulate", lambda street=street, firsts=firsts, doors=doors: loop.simulate(street, firsts, doors))
        part("report", lambda street=street: compiled_engine.legs_of(given, street, loop))
    print("    " + ", ".join(f"{name} {statistics.median(each) * 1e3:.1f} ms" for name, each in took.items()))


def street_year(name: str) -> None:
    """A Jinfeng street, part by part, and the compiled engine against the SimPy engine."""
    one = scenario(f"jinfeng/{name}")
    window = Window(6 * WEEK_S, 52 * WEEK_S, WEEKS * WEEK_S)
    took: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        took.append({})
        took[-1]["demand"], demand = seconds(lambda: draw_demand(one, 1, 0, window.end_s))
        took[-1]["itineraries"], made = seconds(lambda demand=demand: plan(one, demand))
        took[-1]["engine"], legs = seconds(lambda made=made: engines.run(made.engine_input))
        took[-1]["journeys"], cases = seconds(lambda made=made, legs=legs: journeys_of(one, made, legs))
        took[-1]["measures"], _ = seconds(lambda made=made, legs=legs, cases=cases: measure(made, legs, cases, window))
    parts = {part: statistics.median(each[part] for each in took) for part in took[0]}
    whole = sum(parts.values())
    times, fast_s, expected, legs = ratio(
        lambda: engines.run(made.engine_input, "simpy"), lambda: engines.run(made.engine_input), rounds=1
    )
    if not legs.equals(expected):
        message = f"{name}: the engines differ"
        raise AssertionError(message)
    print(
        f"Jinfeng {name}, {WEEKS} weeks, {demand.n_cases:,} cases, {len(legs):,} legs: compiled engine {times:.0f} x "
        f"SimPy engine, {fast_s / len(legs) * 1e9:.0f} ns a leg; whole {whole:.2f} s: "
        + ", ".join(f"{part} {part_s:.3f} s ({part_s / whole:.0%})" for part, part_s in parts.items())
    )
    profile(made.engine_input)


def journeys_of(one: Scenario, made: Plan, legs: pd.DataFrame) -> pd.DataFrame:
    """The journeys of one scenario."""
    matters = one.demand.matters
    channels = [matter.kind for matter in matters.values()]
    return journeys(made, legs, list(matters), list(one.structure.communities), channels)


if __name__ == "__main__":
    engines.prepare("compiled", lambda about_s: print(f"compiling once, about {about_s} s"))
    load = f", {os.getloadavg()[0]:.1f} processes at work" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores{load}; processor time, medians of {ROUNDS} rounds")
    one = networks.tandem(N_TANDEM)
    against_usual(f"first come first served, {N_TANDEM:,} cases", one, networks.tandem_input(one), usual.tandem)
    one = networks.office(N_OFFICE)
    against_usual(f"classes and calendar, {N_OFFICE:,} cases", one, networks.office_input(one), usual.office)
    street_year("before")
    street_year("after")
