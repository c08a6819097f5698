"""The system's table of processes, as tests read it: who is whose child, and who is gone."""

from __future__ import annotations

from pathlib import Path

PROCESSES = Path("/proc")


def _stat(number: int) -> list[str]:
    """State, parent and so on of a process; nothing if it is gone."""
    try:
        return (PROCESSES / str(number) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def gone(number: int) -> bool:
    """Whether a process has ended."""
    return _stat(number)[:1] in ([], ["Z"])


def below(top: int) -> dict[int, int]:
    """All processes that a process started, and those that these started, with their parents."""
    parents = {int(path.name): _stat(int(path.name)) for path in PROCESSES.glob("[0-9]*")}
    above = {number: int(stat[1]) for number, stat in parents.items() if stat and stat[0] != "Z"}
    found = {top: 0}
    while more := {number: parent for number, parent in above.items() if parent in found and number not in found}:
        found |= more
    return {number: parent for number, parent in found.items() if number != top}


def workers_of(number: int) -> list[int]:
    """A program's worker processes: what its server process has started."""
    return [child for child, parent in below(number).items() if parent != number]
