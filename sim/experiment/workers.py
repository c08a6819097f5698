"""One seam for several processes: the same results in the same order, whatever the number of workers."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Workers:
    """Processes that apply a function of this package to tasks; with one worker, this process itself.

    On leaving the context, work under way that nobody waits for is stopped.

    >>> with Workers(1) as workers:
    ...     list(workers.in_order(abs, [-1, -2]))
    [1, 2]
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._pool: ProcessPoolExecutor | None = None
        self._strangers: set[int | None] = set()

    def __enter__(self) -> Self:
        if self.n > 1:
            self._strangers = {child.pid for child in multiprocessing.active_children()}
            # A fork starts in no time but is sound on Linux only, and only while this process has no other threads.
            method = "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
            self._pool = ProcessPoolExecutor(
                self.n, multiprocessing.get_context(method), initializer=_leave_interrupts_to_the_parent
            )
            self._pool.submit(os.getpid).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            for child in multiprocessing.active_children():
                if child.pid not in self._strangers:
                    child.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)

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
            answer = begun.popleft().result()
            begun.extend(self._pool.submit(function, task) for task in itertools.islice(queue, 1))
            yield answer
