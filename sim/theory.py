"""Closed forms of simple queues, for tests and for teaching: what the engines must come near to.

Rates and times are in any one unit of time. Arrivals are Poisson, service times independent; ``servers`` is c.
The time in queue excludes service; the time in system includes it. A queue without a steady state raises ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Impatience(NamedTuple):
    """What impatient customers meet with: the share who leave, and the mean time in queue of all who come."""

    abandon_share: float
    mean_wait: float


class Rework(NamedTuple):
    """A job that may come back: mean number of services, and mean total time in system."""

    visits: float
    time_in_system: float


def _stable(load: float, servers: float = 1) -> None:
    if not 0 <= load < servers:
        message = f"offered load {load:g} is not below {servers:g} servers: no steady state"
        raise ValueError(message)


def erlang_b(load: float, servers: int) -> float:
    """Chance that all c servers are busy where nobody waits (M/G/c/c), ``load`` = rate x mean service (Erlang 1917).

    >>> round(erlang_b(2.0, 3), 6)
    0.210526
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Chance of having to wait in M/M/c (Erlang 1917; Kleinrock 1975, Queueing Systems 1, section 3.5).

    >>> round(erlang_c(2.0, 3), 6)
    0.444444
    """
    _stable(load, servers)
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


def mmc_mean_wait(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Mean time in queue of M/M/c, first come first served.

    >>> round(mmc_mean_wait(0.2, 0.1, 3), 5)
    4.44444
    """
    load = arrival_rate / service_rate
    return erlang_c(load, servers) / (servers * service_rate - arrival_rate)


def mmc_wait_over(arrival_rate: float, service_rate: float, servers: int, wait: float) -> float:
    """Share of customers of M/M/c who are in queue for longer than ``wait`` (exponential, given that one waits).

    >>> mmc_wait_over(0.2, 0.1, 3, 0.0) == erlang_c(2.0, 3)
    True
    """
    load = arrival_rate / service_rate
    return erlang_c(load, servers) * math.exp(-(servers * service_rate - arrival_rate) * wait)


def mmc_mean_number(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Mean number in the system of M/M/c, by Little's law.

    >>> round(mmc_mean_number(0.2, 0.1, 3), 5)
    2.88889
    """
    return arrival_rate * (mmc_mean_wait(arrival_rate, service_rate, servers) + 1 / service_rate)


def mg1_mean_wait(arrival_rate: float, mean_service: float, cv: float) -> float:
    """Mean time in queue of M/G/1 (Pollaczek 1930, Khinchine 1932); ``cv`` is the coefficient of variation of service.

    >>> [round(mg1_mean_wait(0.8, 1.0, cv), 6) for cv in (0.0, 1.0)]
    [2.0, 4.0]
    """
    load = arrival_rate * mean_service
    _stable(load)
    return load * mean_service * (1 + cv**2) / (2 * (1 - load))


def mmc_priority_waits(arrival_rates: Sequence[float], service_rate: float, servers: int) -> list[float]:
    """Mean time in queue of each class, most urgent first, in M/M/c whose urgent customers do not interrupt.

    One service rate for all (Cobham 1954, Operations Research 2, 70-76; Kella and Yechiali 1985, NRL 32, 23-34).

    >>> [round(wait, 7) for wait in mmc_priority_waits([0.2, 0.6, 1.2], 3.0, 2)]
    [0.0287356, 0.0331565, 0.0480769]
    """
    capacity = servers * service_rate
    _stable(sum(arrival_rates) / service_rate, servers)
    first = erlang_c(sum(arrival_rates) / service_rate, servers) / capacity
    waits, before = [], 0.0
    for rate in arrival_rates:
        upto = before + rate / capacity
        waits.append(first / ((1 - before) * (1 - upto)))
        before = upto
    return waits


def mg1_priority_waits(
    arrival_rates: Sequence[float], mean_services: Sequence[float], cvs: Sequence[float]
) -> list[float]:
    """Mean time in queue of each class, most urgent first, in M/G/1 whose urgent customers do not interrupt.

    Classes may differ in mean and cv of service (Cobham 1954).

    >>> [round(wait, 5) for wait in mg1_priority_waits([0.3, 0.4], [1.0, 0.8], [0.0, 1.0])]
    [0.58, 1.52632]
    """
    classes = list(zip(arrival_rates, mean_services, cvs, strict=True))
    _stable(sum(rate * mean for rate, mean, _ in classes))
    residual = sum(rate * mean**2 * (1 + cv**2) / 2 for rate, mean, cv in classes)
    waits, before = [], 0.0
    for rate, mean, _ in classes:
        upto = before + rate * mean
        waits.append(residual / ((1 - before) * (1 - upto)))
        before = upto
    return waits


def mm1_preemptive_times(arrival_rates: Sequence[float], service_rate: float) -> list[float]:
    """Mean time in system of each class, most urgent first, in M/M/1 whose urgent customers interrupt the others.

    Interrupted work is resumed, not begun again (White and Christie 1958, Operations Research 6, 79-95).

    >>> [round(time - 1 / 3, 7) for time in mm1_preemptive_times([0.2, 0.6, 1.2], 3.0)]
    [0.0238095, 0.1536797, 1.030303]
    """
    _stable(sum(arrival_rates) / service_rate)
    times, before = [], 0.0
    for rate in arrival_rates:
        upto = before + rate / service_rate
        times.append(1 / service_rate / ((1 - before) * (1 - upto)))
        before = upto
    return times


def erlang_a(arrival_rate: float, service_rate: float, patience_rate: float, servers: int) -> Impatience:
    """M/M/c+M: customers leave after an exponential patience of mean ``1 / patience_rate`` (Palm 1957; Garnett 2002).

    The stationary birth-death chain is summed until its terms are below 1e-17 of the sum.

    >>> abandon, wait = erlang_a(2.0, 1.0, 0.5, 2)
    >>> round(abandon, 6), round(wait, 6)
    (0.227282, 0.454563)
    """
    if patience_rate <= 0:
        message = f"patience rate {patience_rate:g} is not above 0"
        raise ValueError(message)
    term, total, queue = 1.0, 1.0, 0.0
    n = 0
    while n <= servers or term > 1e-17 * total:
        n += 1
        waiting = max(n - servers, 0)
        term *= arrival_rate / (min(n, servers) * service_rate + waiting * patience_rate)
        total += term
        queue += waiting * term
        if total > 1e250:
            term, total, queue = term / total, 1.0, queue / total
    wait = queue / total / arrival_rate
    return Impatience(patience_rate * wait, wait)


def mmc_fixed_patience(arrival_rate: float, service_rate: float, patience: float, servers: int) -> Impatience:
    """M/M/c+D: every customer leaves after waiting exactly ``patience``.

    Baccelli and Hebuterne 1981; in this form Zeltyn and Mandelbaum 2005, Queueing Systems 51, 361-402.

    >>> abandon, wait = mmc_fixed_patience(1.8, 1.0, 1.0, 2)
    >>> round(abandon, 5), round(wait, 6)
    (0.18779, 0.388751)
    """
    load = arrival_rate / service_rate
    capacity = servers * service_rate
    growth = arrival_rate - capacity
    # J integrates exp(growth x) over the patience, then the tail exp(arrival_rate * patience - capacity x).
    tail = math.exp(growth * patience) / capacity
    if growth == 0:
        within, weighted = patience, patience**2 / 2
    else:
        within = math.expm1(growth * patience) / growth
        weighted = (patience * math.exp(growth * patience) - within) / growth
    area = within + tail
    scale = 1 / erlang_b(load, servers - 1) + arrival_rate * area
    return Impatience((1 + growth * area) / scale, arrival_rate * (weighted + patience * tail) / scale)


def mm1_rework(arrival_rate: float, service_rate: float, return_chance: float) -> Rework:
    """M/M/1 whose jobs go back to the queue's end with a chance: a paper returned for mending (Jackson 1957).

    >>> mm1_rework(0.6, 1.0, 0.2)
    Rework(visits=1.25, time_in_system=5.0)
    """
    visits = 1 / (1 - return_chance)
    _stable(arrival_rate * visits / service_rate)
    return Rework(visits, visits / (service_rate - arrival_rate * visits))


def tandem_time(arrival_rate: float, stages: Sequence[tuple[float, int]], hand_off: float) -> float:
    """Mean time in system of M/M/c stages in series, ``hand_off`` of time between one and the next.

    ``stages`` are (service rate, servers). Departures of M/M/c are Poisson, and a delay does not change that
    (Burke 1956, Operations Research 4, 699-704).

    >>> round(tandem_time(0.7, [(1.0, 1), (0.5, 2)], 0.5), 4)
    7.7549
    """
    served = sum(mmc_mean_wait(arrival_rate, rate, servers) + 1 / rate for rate, servers in stages)
    return served + hand_off * (len(stages) - 1)
