"""The two networks as a SimPy program is usually written: a process a case, resources, timeouts. The mean waits, in s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import simpy
from benchmarks.networks import CLOSES_S, OPENS_S, WORKING_DAYS, Network

from sim.units import DAY_S

Process = Iterator[simpy.Event]


def tandem(network: Network) -> list[float]:
    """First come, first served at every station."""
    env: Any = simpy.Environment()
    stations = [simpy.Resource(env, size) for size in network.sizes]
    waits: list[list[int]] = [[] for _ in stations]

    def case(work: tuple[int, ...], delay_s: int) -> Process:
        for number, (station, work_s) in enumerate(zip(stations, work, strict=True)):
            if work_s == 0:
                return
            if number == 1:
                yield env.timeout(delay_s)
            came_s = env.now
            with station.request() as turn:
                yield turn
                waits[number].append(env.now - came_s)
                yield env.timeout(work_s)

    def source() -> Process:
        works = zip(*(work.tolist() for work in network.work_s), strict=True)
        for came_s, work, delay_s in zip(network.came_s.tolist(), works, network.delay_s.tolist(), strict=True):
            yield env.timeout(came_s - env.now)
            env.process(case(work, delay_s))

    env.process(source())
    env.run()
    return [float(np.mean(of_one)) for of_one in waits]


def office(network: Network) -> list[float]:
    """One pool for both stations, by class; who is served keeps the server over night."""
    env: Any = simpy.Environment()
    pool = simpy.PriorityResource(env, network.sizes[0])
    waits: list[list[int]] = [[], []]

    def until_open_s() -> int:
        day, in_day_s = divmod(env.now, DAY_S)
        if day % 7 < WORKING_DAYS and in_day_s < CLOSES_S:
            return max(0, OPENS_S - in_day_s)
        day += 1
        while day % 7 >= WORKING_DAYS:
            day += 1
        return day * DAY_S + OPENS_S - env.now

    def case(class_: int, work: tuple[int, ...]) -> Process:
        for number, work_s in enumerate(work):
            came_s, left_s = env.now, work_s
            with pool.request(priority=class_) as turn:
                yield turn
                while left_s > 0:
                    closed_s = until_open_s()
                    if closed_s > 0:
                        yield env.timeout(closed_s)
                    if left_s == work_s:
                        waits[number].append(env.now - came_s)
                    spell_s = min(left_s, CLOSES_S - env.now % DAY_S)
                    yield env.timeout(spell_s)
                    left_s -= spell_s

    def source() -> Process:
        works = zip(*(work.tolist() for work in network.work_s), strict=True)
        for came_s, class_, work in zip(network.came_s.tolist(), network.class_.tolist(), works, strict=True):
            yield env.timeout(came_s - env.now)
            env.process(case(class_, work))

    env.process(source())
    env.run()
    return [float(np.mean(of_one)) for of_one in waits]
