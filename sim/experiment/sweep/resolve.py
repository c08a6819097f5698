"""A scenario file with values set in it, over and over: the one place where a sweep reads scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sim.scenario import Loaded, load
from sim.scenario.tree import Scalar

Resolve = Callable[[Mapping[str, Scalar]], Loaded]


def resolver(file: Path) -> Resolve:
    """What a scenario file means with values set by dotted path; raises ScenarioError as ``load`` does."""

    def resolve(overrides: Mapping[str, Scalar]) -> Loaded:
        return load(file, overrides)

    return resolve
