"""Cases a second, and ratios taken in one run: ``make bench``. Absolute figures hold for this machine and hour only."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from sim import engines
from sim.demand import draw_demand
from sim.itineraries import plan
from sim.journeys import journeys
from sim.measures import Window, measure
from sim.scenario import load
from sim.units import WEEK_S

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 3


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long some work takes, and what it gives."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def plain_simpy(arrivals: np.ndarray, services: np.ndarray, n_clerks: int) -> float:
    """M/M/c as a SimPy tutorial writes it: one process a customer, one resource; the mean wait."""
    env = simpy.Environment()
    clerks = simpy.Resource(env, n_clerks)
    waits: list[float] = []

    def customer(service_s: int) -> Iterator[simpy.Event]:
        came = env.now
        with clerks.request() as turn:
            yield turn
            waits.append(env.now - came)
            yield env.timeout(service_s)

    def source() -> Iterator[simpy.Event]:
        for arrival_s, service_s in zip(arrivals.tolist(), services.tolist(), strict=True):
            yield env.timeout(arrival_s - env.now)
            env.process(customer(service_s))

    env.process(source())
    env.run()
    return statistics.fmean(waits)


def textbook() -> None:
    """Our engine against plain SimPy on the same M/M/3."""
    scenario = load(ROOT / "scenarios" / "textbook" / "mm3.yaml").scenario
    given = plan(scenario, draw_demand(scenario, 1, 0, 1000 * WEEK_S)).engine_input
    rows = given.itineraries
    ratios = []
    for _ in range(ROUNDS):
        ours, _ = seconds(lambda: engines.run(given))
        plain, _ = seconds(lambda: plain_simpy(rows["opens_s"].to_numpy(), rows["work_s"].to_numpy(), 3))
        ratios.append(plain / ours)
    print(f"M/M/3, {len(rows):,} cases: {len(rows) / ours:,.0f} cases/s; {statistics.median(ratios):.2f} x plain SimPy")


def street(name: str) -> None:
    """A Jinfeng street, part by part."""
    scenario = load(ROOT / "scenarios" / "jinfeng" / f"{name}.yaml").scenario
    window = Window(6 * WEEK_S, 52 * WEEK_S, 66 * WEEK_S)
    took: dict[str, float] = {}
    took["demand"], demand = seconds(lambda: draw_demand(scenario, 1, 0, window.end_s))
    took["itineraries"], planned = seconds(lambda: plan(scenario, demand))
    took["engine"], legs = seconds(lambda: engines.run(planned.engine_input))
    matters = scenario.demand.matters
    channels = [matter.kind for matter in matters.values()]
    communities = list(scenario.structure.communities)
    took["journeys"], cases = seconds(lambda: journeys(planned, legs, list(matters), communities, channels))
    took["measures"], _ = seconds(lambda: measure(planned, legs, cases, window))
    whole = sum(took.values())
    parts = ", ".join(f"{part} {took[part] / whole:.0%}" for part in took)
    print(
        f"{name}, 66 weeks, {demand.n_cases:,} cases, {len(legs):,} legs: {demand.n_cases / whole:,.0f} cases/s, "
        f"engine {took['engine'] / len(legs) * 1e6:.0f} microseconds a leg; {parts}"
    )


if __name__ == "__main__":
    textbook()
    street("before")
    street("after")
