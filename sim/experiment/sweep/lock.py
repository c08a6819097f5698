"""One sweep at a time in a folder: a lock that the system gives back when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.errors import Fault, ResultError


@contextmanager
def locked(path: Path, folder: Path) -> Iterator[None]:
    """Hold a lock file, in which the process number stands; a file left behind by a killed process is no lock.

    Raises
    ------
    ResultError
        Another sweep holds it.
    """
    handle = _opened(path)
    while not _same_file(handle, path):
        os.close(handle)
        handle = _opened(path)
    try:
        if not _taken(handle):
            raise ResultError(Fault("sweep.locked", {"folder": str(folder), "pid": _holder(path)}))
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)


def _same_file(handle: int, path: Path) -> bool:
    """Whether the file that was opened still stands there: its last holder may have removed it meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _taken(handle: int) -> bool:
    """Take the lock if nobody holds it."""
    if sys.platform == "win32":
        import msvcrt

        with contextlib.suppress(OSError):
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            return True
        return False
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _holder(path: Path) -> str:
    """The number of the process that wrote it; a question mark where it cannot be read."""
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8").strip() or "?"
    return "?"
