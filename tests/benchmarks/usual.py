"""The two networks as a SimPy program is usually written: a process a case, resources, timeouts, a list of stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import simpy
from benchmarks.networks import CLOSES_S, OPENS_S, WORKING_DAYS, Network

from sim.units import DAY_S

Process = Iterator[simpy.Event]
STAYS = ("case", "row", "joined_s", "started_s", "ended_s")


def tandem(network: Network) -> pd.DataFrame:
    """First come, first served at every station."""
    env: Any = simpy.Environment()
    stations = [simpy.Resource(env, size) for size in network.sizes]
    stays: list[tuple[int, ...]] = []

    def case(name: int, work: tuple[int, ...], delay_s: int) -> Process:
        for number, (station, work_s) in enumerate(zip(stations, work, strict=True)):
            if work_s == 0:
                return
            if number == 1:
                yield env.timeout(delay_s)
            came_s = env.now
            with station.request() as turn:
                yield turn
                started_s = env.now
                yield env.timeout(work_s)
            stays.append((name, number, came_s, started_s, env.now))

    def source() -> Process:
        works = zip(*(work.tolist() for work in network.work_s), strict=True)
        cases = zip(network.came_s.tolist(), works, network.delay_s.tolist(), strict=True)
        for name, (came_s, work, delay_s) in enumerate(cases):
            yield env.timeout(came_s - env.now)
            env.process(case(name, work, delay_s))

    env.process(source())
    env.run()
    return pd.DataFrame(stays, columns=STAYS)


def office(network: Network) -> pd.DataFrame:
    """One pool for both stations, by class; who is served keeps the server over night."""
    env: Any = simpy.Environment()
    pool = simpy.PriorityResource(env, network.sizes[0])
    stays: list[tuple[int, ...]] = []

    def until_open_s() -> int:
        day, in_day_s = divmod(env.now, DAY_S)
        if day % 7 < WORKING_DAYS and in_day_s < CLOSES_S:
            return max(0, OPENS_S - in_day_s)
        day += 1
        while day % 7 >= WORKING_DAYS:
            day += 1
        return day * DAY_S + OPENS_S - env.now

    def case(name: int, class_: int, work: tuple[int, ...]) -> Process:
        for number, work_s in enumerate(work):
            came_s, started_s, left_s = env.now, -1, work_s
            with pool.request(priority=class_) as turn:
                yield turn
                while left_s > 0:
                    closed_s = until_open_s()
                    if closed_s > 0:
                        yield env.timeout(closed_s)
                    if started_s < 0:
                        started_s = env.now
                    spell_s = min(left_s, CLOSES_S - env.now % DAY_S)
                    yield env.timeout(spell_s)
                    left_s -= spell_s
            stays.append((name, number, came_s, started_s, env.now))

    def source() -> Process:
        works = zip(*(work.tolist() for work in network.work_s), strict=True)
        cases = zip(network.came_s.tolist(), network.class_.tolist(), works, strict=True)
        for name, (came_s, class_, work) in enumerate(cases):
            yield env.timeout(came_s - env.now)
            env.process(case(name, class_, work))

    env.process(source())
    env.run()
    return pd.DataFrame(stays, columns=STAYS)
