"""The one exception family: every message names the place, the value, and what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from sim.language import DEFAULT_LANGUAGE, say


@dataclass(frozen=True)
class Fault:
    """One thing wrong (or doubtful) in one place of a file; its words come from the catalogue."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    line: int = 0
    col: int = 0
    path: str = ""

    def text(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """``FILE:LINE:COL: path: what is wrong, what would be right``."""
        place = f"{self.file}:{self.line}:{self.col}: " if self.line else (f"{self.file}: " if self.file else "")
        path = f"{self.path}: " if self.path else ""
        return place + path + say(self.key, lang, **self.params)


class YizhanError(Exception):
    """Bad input or usage: the command line prints it and ends with status 2."""

    def __init__(self, faults: Fault | Sequence[Fault]) -> None:
        self.faults: list[Fault] = [faults] if isinstance(faults, Fault) else list(faults)
        super().__init__("\n".join(fault.text() for fault in self.faults))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Fault]], dict[str, Any]]:
        """It is made anew from its faults: so it comes back whole from another process."""
        return type(self), (self.faults,), self.__dict__

    def text(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """All faults, a line each."""
        return "\n".join(fault.text(lang) for fault in self.faults)


class ScenarioError(YizhanError):
    """A scenario file cannot be used."""


class InfeasibleError(ScenarioError):
    """A sound scenario whose verbs ask for what cannot be: more people than there are, a window without staff."""


class ResultError(YizhanError):
    """A result folder is missing, foreign or damaged."""


class UsageError(YizhanError):
    """A call or command line asks for something that is not there."""


class WorkersError(YizhanError):
    """Other processes or machines cannot be reached, or do not last."""
