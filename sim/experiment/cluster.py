"""Workers on other machines: a Dask scheduler as an executor of concurrent.futures. Nothing else knows of Dask."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from importlib.util import find_spec
from typing import Any

from sim.errors import Fault, WorkersError, YizhanError

ANSWER_S = 10.0
"""How long a scheduler has to answer, and to have a worker."""
AGAIN_S = 0.25
"""After so long, whoever did not answer is asked once more."""
LOGGERS = ("distributed", "distributed.client")
"""Dask's own remarks, which are not made while it works for us: what matters is told in our words."""
ADDRESS = re.compile(r"(?:tcp|tls|wss?)://(?P<machine>[^\s:/\[\]]+|\[[0-9A-Fa-f:.%]+\]):(?P<port>\d{1,5})")
"""What the address of a scheduler looks like: protocol, machine (a numbered one of IPv6 in brackets), port."""
LAST_PORT = 65535
LOST_S = 30.0
"""How long a scheduler may be without any worker while there is work."""


class Cluster(Executor):
    """The workers of a Dask scheduler.

    Raises
    ------
    WorkersError
        The address is none; the extra ``cluster`` is not installed; or the scheduler does not answer or has no worker
        within ANSWER_S.
    """

    def __init__(self, address: str) -> None:
        reach(address)
        from distributed import Client

        self.address = address
        self._levels = {name: logging.getLogger(name).level for name in LOGGERS}
        try:
            for name in LOGGERS:
                logging.getLogger(name).setLevel(logging.CRITICAL)
            self._client = self._connected(Client)
            self._find_workers()
        except BaseException:
            self._let_dask_speak()
            raise
        self._executor = self._client.get_executor(pure=False)
        self._alone_since_s: float | None = None

    def _find_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_S)
        except (TimeoutError, OSError) as error:
            self._client.close(timeout=1)
            raise self._fault("workers.none", seconds=ANSWER_S) from error

    def _let_dask_speak(self) -> None:
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)

    def _connected(self, client: Any) -> Any:
        """A client of the scheduler; Dask itself waits for ever where something listens and says nothing."""
        answer: Future[Any] = Future()

        def connect() -> None:
            try:
                answer.set_result(client(self.address, timeout=ANSWER_S, set_as_default=False))
            except Exception as error:  # noqa: BLE001 (whatever goes wrong there is told by the one who waits)
                answer.set_exception(error)

        threading.Thread(target=connect, daemon=True).start()
        try:
            return answer.result(timeout=ANSWER_S + 1)
        except (OSError, ValueError, TimeoutError) as error:
            raise self._fault("workers.no_answer", seconds=ANSWER_S) from error

    @property
    def n(self) -> int:
        """How many calls the workers make at a time."""
        return max(1, sum(self._threads().values()))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function on one of the workers."""
        answer: Future[Any] = Future()
        told: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        told.add_done_callback(lambda done: self._pass_on(done, answer))
        return answer

    def _pass_on(self, done: Future[Any], answer: Future[Any]) -> None:
        """Hand on an answer, or what went wrong in our own words."""
        try:
            answer.set_result(done.result())
        except (Exception, CancelledError) as error:  # noqa: BLE001 (it is raised where the call was asked for)
            answer.set_exception(self._explained(error))

    def _explained(self, error: BaseException) -> BaseException:
        kind = type(error).__name__
        if isinstance(error, YizhanError):
            return error
        if kind == "KilledWorker":
            return self._fault("workers.cluster_died")
        missing = _missing_module(error)
        if missing is not None:
            return self._fault("workers.no_package", name=missing)
        return self._fault("workers.lost") if "Cancelled" in kind or "CommClosed" in kind else error

    def still_there(self) -> None:
        """Raise WorkersError if the scheduler is gone, or has been without a worker for LOST_S."""
        try:
            alone = not self._threads()
        except (TimeoutError, OSError) as error:
            raise self._fault("workers.lost") from error
        now_s = time.monotonic()
        if not alone:
            self._alone_since_s = None
        elif self._alone_since_s is None:
            self._alone_since_s = now_s
        elif now_s - self._alone_since_s > LOST_S:
            raise self._fault("workers.none", seconds=LOST_S)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Take back what nobody waits for any more, and leave the scheduler and its workers to others."""
        self._executor.shutdown(wait=False)
        self._client.close(timeout=ANSWER_S)
        self._let_dask_speak()

    def _threads(self) -> dict[str, int]:
        if self._client.status != "running":
            raise OSError
        threads: dict[str, int] = self._client.sync(self._client.scheduler.ncores, callback_timeout=ANSWER_S)
        return threads

    def _fault(self, key: str, **params: Any) -> WorkersError:
        return WorkersError(Fault(key, {"address": self.address, **params}))


def reach(address: str) -> None:
    """See that somebody listens at an address: it takes no more than a moment, or ANSWER_S, and imports nothing.

    Raises
    ------
    WorkersError
        The address is none; the extra ``cluster`` is not installed; or nobody answers within ANSWER_S.
    """
    match = ADDRESS.fullmatch(address)
    if match is None or not is_address(address):
        raise WorkersError(Fault("workers.address", {"address": address}))
    if find_spec("distributed") is None:
        raise WorkersError(Fault("workers.no_distributed"))
    end_s = time.monotonic() + ANSWER_S
    while True:
        try:
            socket.create_connection((match["machine"].strip("[]"), int(match["port"])), timeout=ANSWER_S).close()
        except OSError as error:
            if time.monotonic() + AGAIN_S > end_s:
                raise WorkersError(Fault("workers.no_answer", {"address": address, "seconds": ANSWER_S})) from error
            time.sleep(AGAIN_S)
        else:
            return


def is_address(text: str) -> bool:
    """Whether a text has the form of a scheduler's address.

    >>> [is_address(text) for text in ("tcp://10.0.0.5:8786", "tls://[::1]:8786", "10.0.0.5:8786", "tcp://:", "tcp://a:0")]
    [True, True, False, False, False]
    """
    match = ADDRESS.fullmatch(text)
    return match is not None and 0 < int(match["port"]) <= LAST_PORT


def _missing_module(error: BaseException | None) -> str | None:
    """The module that a scheduler or worker lacked, if that is what went wrong."""
    while error is not None and not isinstance(error, ModuleNotFoundError):
        error = error.__cause__
    return None if error is None else str(error.name)
