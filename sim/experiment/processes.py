"""Processes of this machine as an executor of concurrent.futures: one thread and one pipe for each process.

Processes share nothing, so one may be killed at any moment without holding up the others or this process: whatever it
was doing is done again by a new one. They start from a clean server process, never by a fork of this one, which may
have threads of its own or of a library; and they end when this process does, however it ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pickle import PicklingError
from typing import Any

from sim.errors import Fault, WorkersError

TRIES = 3
"""How many processes may die over one piece of work before it is given up."""
JOIN_S = 10.0
"""How long to wait for a killed process to be gone."""
PRELOADED = "sim.experiment.preloaded"
"""What the server process imports before a process starts."""
FRUGAL = {"OPENBLAS_NUM_THREADS": "1"}
"""Of the processes' environment, where it does not say otherwise: several of them need no threads of their own for
BLAS."""


@contextlib.contextmanager
def _frugal() -> Iterator[None]:
    mine = {name: value for name, value in FRUGAL.items() if name not in os.environ}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name in mine:
            del os.environ[name]


class DiedError(Exception):
    """A process ended without an answer."""


@dataclass(frozen=True)
class Job:
    """A call to be made, and where its answer goes."""

    future: Future[Any]
    call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Processes(Executor):
    """``n`` processes that make calls of functions which can be named (of a module, not a lambda).

    A fault of a call comes out of its future; a process that dies is replaced and its call made again, at most TRIES
    times (WorkersError). On shutdown, calls under way are stopped, not waited for.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._context = _context()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._running: set[BaseProcess] = set()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(n)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function in one of the processes."""
        if self._closed.is_set():
            message = "these processes have been shut down"
            raise RuntimeError(message)
        job = Job(Future(), (fn, args, kwargs))
        self._jobs.put(job)
        return job.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """End all processes at once, whatever they are doing; futures without an answer are cancelled."""
        with self._lock:
            self._closed.set()
            for process in self._running:
                process.kill()
        with contextlib.suppress(queue.Empty):
            while (job := self._jobs.get_nowait()) is not None:
                job.future.cancel()
                job.future.set_running_or_notify_cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads if wait else ():
            thread.join(JOIN_S)

    def still_there(self) -> None:
        """Nothing to look after: a process that is lost is noticed at once."""

    def _serve(self) -> None:
        """Make calls in one process, until there are no more; its own thread does nothing else."""
        worker: Worker | None = None
        while (job := self._jobs.get()) is not None:
            if job.future.set_running_or_notify_cancel():
                worker = self._make(job, worker)
        if worker is not None:
            self._end(worker)

    def _make(self, job: Job, worker: Worker | None) -> Worker | None:
        """Make a call; the process that is ready for the next one, if any is."""
        for _ in range(TRIES):
            if worker is None:
                worker = self._start()
            if worker is None:
                job.future.set_exception(WorkersError(Fault("workers.stopped")))
                return None
            try:
                answer, error = worker.ask(job.call)
            except DiedError:
                self._end(worker)
                worker = None
                continue
            except Exception as unreadable:  # noqa: BLE001 (whatever it is, it is the answer to this call)
                job.future.set_exception(unreadable)
                return worker
            if error is None:
                job.future.set_result(answer)
            else:
                job.future.set_exception(error)
            return worker
        key = "workers.stopped" if self._closed.is_set() else "workers.died"
        job.future.set_exception(WorkersError(Fault(key, {"n": TRIES})))
        return None

    def _start(self) -> Worker | None:
        """A new process; none after the shutdown."""
        with self._lock:
            if self._closed.is_set():
                return None
            worker = Worker(self._context)
            self._running.add(worker.process)
            return worker

    def _end(self, worker: Worker) -> None:
        worker.end()
        with self._lock:
            self._running.discard(worker.process)


class Worker:
    """One process and this end of its pipe."""

    def __init__(self, context: BaseContext) -> None:
        self._pipe, other = context.Pipe()
        process: Any = context.Process  # type: ignore[attr-defined]
        self.process: BaseProcess = process(target=answer_calls, args=(other,), daemon=True)
        with _frugal():  # the server process takes its environment from here
            self.process.start()
        other.close()

    def ask(self, call: Any) -> tuple[Any, Exception | None]:
        """Send a call and wait for its answer, or the fault it raised; DiedError if the process ends first."""
        try:
            self._pipe.send(call)
            wait([self._pipe, self.process.sentinel])
            answer: tuple[Any, Exception | None] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise DiedError from error
        return answer

    def end(self) -> None:
        """Kill the process and wait until it is gone."""
        self._pipe.close()
        self.process.kill()
        self.process.join(JOIN_S)


def _context() -> BaseContext:
    """How processes start: on Linux forked from a clean server process, elsewhere afresh."""
    if "forkserver" not in multiprocessing.get_all_start_methods() or os.uname().sysname != "Linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    return context


def answer_calls(pipe: Connection) -> None:
    """What a process does: answer calls until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            answer = _answer(*pipe.recv())
            try:
                pipe.send(answer)
            except (TypeError, AttributeError, PicklingError) as error:
                pipe.send((None, error))


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Exception | None]:
    try:
        return fn(*args, **kwargs), None
    except Exception as error:  # noqa: BLE001 (it is raised where the call was asked for)
        error.add_note(traceback.format_exc())
        return None, error
