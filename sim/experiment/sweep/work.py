"""What a worker does: one replication of some points that share their demand."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache

import pandas as pd

from sim.errors import Fault, WorkersError
from sim.experiment.design import code_digest, digest_of
from sim.experiment.manifest import libraries
from sim.experiment.replicate import Task, replicate
from sim.experiment.sweep.points import unpacked
from sim.measures import Window

Row = tuple[str, str, float]
"""measure, group, value."""


@dataclass(frozen=True)
class Work:
    """One replication of some points: their keys and scenarios, and which measures to keep."""

    keys: tuple[str, ...]
    scenarios: tuple[bytes, ...]
    seed: int
    replication: int
    window: Window
    engine: str
    measures: frozenset[str]
    surroundings: str


@dataclass(frozen=True)
class Ran:
    """What one point gave in one replication; processor time and peak memory go by part."""

    key: str
    rows: list[Row]
    cpu_s: dict[str, float]
    peak_mb: dict[str, float]


@cache
def surroundings() -> str:
    """What stands for this process's code, Python and libraries: elsewhere the same figures need the same."""
    return digest_of([code_digest(), platform.python_version(), libraries()])


def same_surroundings(sent: str) -> None:
    """See that what sent the work has the same code, Python and libraries as this process; raises WorkersError."""
    if surroundings() != sent:
        raise WorkersError(Fault("workers.other_version", {"machine": platform.node()}))


def do(work: Work) -> list[Ran]:
    """Run it.

    Raises
    ------
    WorkersError
        This process has another version of the package, of Python or of a library than the one that sent the work.
    """
    same_surroundings(work.surroundings)
    scenarios = tuple(unpacked(data) for data in work.scenarios)
    task = Task(scenarios, work.seed, work.replication, work.window, work.engine, keep=False, measures=work.measures)
    return [
        Ran(key, rows_of(outcome.measures), dict(outcome.cpu_s), dict(outcome.peak_mb))
        for key, outcome in zip(work.keys, replicate(task), strict=True)
    ]


def rows_of(table: pd.DataFrame) -> list[Row]:
    """A table of measures as rows that can be kept: measure, group, value."""
    return list(
        zip(table["measure"].tolist(), table["group"].tolist(), table["value"].astype(float).tolist(), strict=True)
    )
