"""A scenario file with values set in it, over and over: the one place where a sweep reads scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sim.scenario import Loaded, Variants
from sim.scenario.tree import Scalar

Resolve = Callable[[Mapping[str, Scalar]], Loaded]


def resolver(file: Path) -> Resolve:
    """What a scenario file means with values set by dotted path, read once; raises as ``sim.load`` does."""
    return Variants.of(file).at
