"""Compiling the loop and the rules it calls: from the same source, once for each version of it.

``SIM_JIT=0`` in the environment leaves the loop as plain Python: slow, but open to a debugger.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

from sim import rules
from sim.engines import heaps, kernel

SOURCES = (rules, heaps, kernel)
"""What is compiled; a later one calls the earlier ones by their names."""
ENTRIES = ("first_moments", "simulate", "report")
"""The functions that are called from outside, and so the ones whose compiled form is kept."""
COMPILE_S = 30


def is_wanted() -> bool:
    """Whether the loop is to be compiled."""
    return os.environ.get("SIM_JIT", "1") != "0"


@cache
def digest() -> str:
    """SHA-256 of the rules, the loop and how they are compiled."""
    files = (__file__, *(module.__file__ or "" for module in SOURCES))
    text = "\0".join(Path(file).read_text(encoding="utf-8") for file in files)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def loop() -> ModuleType:
    """The loop, compiled when it is first called; as it stands where that is not wanted."""
    return _compiled() if is_wanted() else kernel


def _compiled() -> ModuleType:
    """A copy of the loop's module in which every function, and every rule that it calls, is compiled.

    numba keeps a compiled function by its own file alone and would not see an edit in ``rules.py``: so what is kept
    stands in a folder named by the digest of all sources.
    """
    from numba import njit

    twins: dict[str, ModuleType] = {}
    with _kept_in(cache_folder()):
        for module in SOURCES:
            twin = ModuleType(module.__name__)
            vars(twin).update(vars(module))
            vars(twin).update(twins)
            for name, plain in vars(module).items():
                if isinstance(plain, FunctionType) and plain.__module__ == module.__name__:
                    function = FunctionType(plain.__code__, vars(twin), name, plain.__defaults__)
                    function.__module__, function.__qualname__ = plain.__module__, plain.__qualname__
                    setattr(twin, name, njit(function, cache=module is kernel and name in ENTRIES, _nrt=False, forceinline=name not in ENTRIES))
            twins[module.__name__.rpartition(".")[2]] = twin
    return twins["kernel"]


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Have numba keep what is declared here in a folder."""
    from numba import config

    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


@cache
def cache_folder() -> Path:
    """Where compiled code of this version of the sources is kept; a temporary folder if the usual one cannot be."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "yizhan" / digest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="yizhan-"))
