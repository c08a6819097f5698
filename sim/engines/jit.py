"""Compiling the loop and the rules it calls: from the same source, once for each version of it.

``SIM_JIT=0`` in the environment leaves the loop as plain Python: slow, but open to a debugger.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from sim import rules
from sim.engines import cases, events, heaps, kernel, queues, records, services

SOURCES = (rules, heaps, records, events, queues, cases, services, kernel)
"""What is compiled; a later one calls the earlier ones by their names."""
ENTRIES = ("first_moments", "simulate", "report")
"""The functions that are called from outside, and so the ones whose compiled form is kept."""
COMPILE_S = 30
"""About how long compiling takes."""


def is_wanted() -> bool:
    """Whether the loop is to be compiled."""
    return os.environ.get("SIM_JIT", "1") != "0"


def is_possible() -> bool:
    """Whether the loop can run as is wanted: there is nothing to compile it with where numba cannot be imported.

    What these versions of it have compiled before says as much, without the time and memory of importing it.
    """
    if is_wanted() and not is_kept():
        try:
            import_module("numba")
        except ImportError:
            return False
    return True


def is_kept() -> bool:
    """Whether the loop is on disk, compiled: whoever needs it only reads it."""
    folder = cache_folder() if is_wanted() else None
    return folder is not None and all(any(folder.glob(f"*/*.{name}-*.nbi")) for name in ENTRIES)


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


@contextmanager
def announced(announce: Callable[[int], None]) -> Iterator[None]:
    """Within this, ``announce`` is told about how many seconds compiling will take, once, if anything is compiled."""
    if not is_wanted():
        yield
        return
    event: Any = import_module("numba.core.event")

    class Once(event.Listener):  # type: ignore[misc]
        told = False

        def on_start(self, _compiling: Any) -> None:
            if not self.told:
                self.told = True
                announce(COMPILE_S)

        def on_end(self, _compiling: Any) -> None:
            pass

    with event.install_listener("numba:compile", Once()):
        yield


def _compiled() -> ModuleType:
    """A copy of the loop's module in which every function, and every rule that it calls, is compiled.

    numba keeps a compiled function by its own file alone and would not see an edit in ``rules.py``: so what is kept
    stands in a folder named by the digest of all sources.
    """
    folder = cache_folder()
    twins: dict[str, ModuleType] = {}
    with _kept_in(folder):
        for module in SOURCES:
            twin = ModuleType(module.__name__)
            vars(twin).update(vars(module))
            vars(twin).update(twins)
            for name, plain in vars(module).items():
                if isinstance(plain, FunctionType) and plain.__module__ == module.__name__:
                    function = FunctionType(plain.__code__, vars(twin), name, plain.__defaults__)
                    function.__module__, function.__qualname__ = plain.__module__, plain.__qualname__
                    is_entry = module is kernel and name in ENTRIES
                    setattr(twin, name, _njit(function, is_entry, keep=is_entry and folder is not None))
            twins[module.__name__.rpartition(".")[2]] = twin
    vars(twins["records"])["fetch"] = _fetch()
    return twins["kernel"]


def _njit(function: FunctionType, is_entry: bool, *, keep: bool) -> Any:
    """A function as numba is to compile it."""
    njit: Any = import_module("numba").njit
    return njit(
        function,
        cache=keep,
        _nrt=False,  # counting who refers to an array at every step takes most of the time, and nothing is made here
        forceinline=not is_entry,  # a call that hands over the street copies its fifty words
    )


def _fetch() -> Any:
    """``records.fetch`` as an instruction to the processor, for which Python has no word."""
    types, extending, ir = (import_module(name) for name in ("numba.types", "numba.extending", "llvmlite.ir"))

    @extending.intrinsic  # type: ignore[untyped-decorator]
    def fetch(_typing: Any, records: Any, _index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            at = builder.gep(context.make_array(signature.args[0])(context, builder, given[0]).data, [given[1]])
            kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            prefetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
            builder.call(prefetch, [builder.bitcast(at, byte), number(1), number(3), number(1)])  # to write, to keep
            return context.get_dummy_value()

        return types.void(records, types.intp), generate

    return fetch


@contextmanager
def _kept_in(folder: Path | None) -> Iterator[None]:
    """Have numba keep what is declared here in a folder, if there is one."""
    config: Any = import_module("numba.core.config")
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder or "")
    try:
        yield
    finally:
        config.CACHE_DIR = before


def cache_folder() -> Path | None:
    """Where compiled code of these versions is kept; None where there is no numba, or nothing can be written."""
    if find_spec("numba") is None:
        return None
    what = (digest(), platform.python_version(), *(version(name) for name in ("numba", "llvmlite", "numpy")))
    name = hashlib.sha256("\0".join(what).encode()).hexdigest()[:16]
    try:
        folder = _users_caches() / "yizhan" / name
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # the second where nobody knows a home folder
        return None


def _users_caches() -> Path:
    """Where this system keeps what programs can make again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
