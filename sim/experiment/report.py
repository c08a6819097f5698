"""How a long run tells what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Literal, Protocol

Stage = Literal["compiling", "points", "pilots", "replications", "runs", "streets"]
"""``compiling`` counts seconds, and is told once, before it begins."""


class Report(Protocol):
    """Called as a stage goes on."""

    def __call__(self, stage: Stage, done: int, total: int, /) -> None:
        """So many of so many (at most) are done."""


def silent(_stage: Stage, _done: int, _total: int, /) -> None:
    """Tell nobody."""
