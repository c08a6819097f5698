"""One seam for whoever does the work: this process, several on this machine, or a cluster; the same results."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from sim.experiment.cluster import Cluster
    from sim.experiment.processes import Processes

Task = TypeVar("Task")
Answer = TypeVar("Answer")
LOOK_S = 2.0
"""How often, while nothing is finished, to see whether the workers are still there."""


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Apply a function of this package to tasks: with one worker here, with ``n`` in as many processes.

    With ``scheduler``, the address of a Dask scheduler, its workers do it instead. On leaving the context, work under
    way that nobody waits for is stopped.

    >>> with Workers(1) as workers:
    ...     list(workers.in_order(abs, [-1, -2]))
    [1, 2]
    """

    def __init__(self, n: int = 1, scheduler: str | None = None) -> None:
        self._n = n
        self._scheduler = scheduler
        self._pool: Processes | Cluster | None = None

    def __enter__(self) -> Self:
        """Raise WorkersError if a scheduler does not answer."""
        if self._scheduler is not None:
            from sim.experiment.cluster import Cluster

            self._pool = Cluster(self._scheduler)
        elif self._n > 1:
            from sim.experiment.processes import Processes

            self._pool = Processes(self._n)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    @property
    def n(self) -> int:
        """How many tasks are worked on at a time."""
        return 1 if self._pool is None else self._pool.n

    def in_order(self, function: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        """Answers in the order of their tasks; at most one task more than workers is begun ahead."""
        if self._pool is None:
            yield from map(function, tasks)
            return
        queue = iter(tasks)
        begun: deque[Future[Answer]] = deque(
            self._pool.submit(function, task) for task in itertools.islice(queue, self.n + 1)
        )
        while begun:
            first = begun.popleft()
            self._first_done({first})
            begun.extend(self._pool.submit(function, task) for task in itertools.islice(queue, 1))
            yield first.result()

    def as_done(self, function: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        """Answers as they come, in any order; at most two tasks for each worker are begun ahead."""
        if self._pool is None:
            yield from map(function, tasks)
            return
        queue = iter(tasks)
        begun = {self._pool.submit(function, task) for task in itertools.islice(queue, 2 * self.n)}
        while begun:
            for done in self._first_done(begun):
                begun.remove(done)
                begun |= {self._pool.submit(function, task) for task in itertools.islice(queue, 1)}
                yield done.result()

    def _first_done(self, begun: set[Future[Answer]]) -> set[Future[Answer]]:
        """Those of some futures that are done, as soon as there is one; sees to it that somebody is at work."""
        while True:
            done, _ = wait(begun, timeout=LOOK_S, return_when=FIRST_COMPLETED)
            if done:
                return done
            if self._pool is not None:
                self._pool.still_there()
