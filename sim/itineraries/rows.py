"""A growing table of possible legs, and the links between them."""

from __future__ import annotations

import numpy as np

from sim.tables import ITINERARIES, NONE, Ready

_DEFAULTS: dict[str, int] = dict.fromkeys(ITINERARIES, 0) | {
    "opens_s": NONE,
    "ready_kind": int(Ready.WALL),
    "ready_at": NONE,
    "return_s": NONE,
    "ends_by_s": NONE,
    "limit_s": NONE,
    "next_limit": NONE,
    "next_gave_up": NONE,
    "deadline_at_s": NONE,
    "next_deadline": NONE,
    "next_done": NONE,
    "also": NONE,
    "work_s": 1,
}


class Rows:
    """Rows of the cases ``case`` (an array of case numbers), added in blocks of at most one row a case.

    A *position* is a row's place in the whole table; ``member`` counts cases from 0 in the order of ``case``.
    """

    def __init__(self, case: np.ndarray) -> None:
        self.case = case
        self.n_rows = np.zeros(len(case), dtype=np.int64)
        self._size = 0
        self._columns = {name: np.empty(max(4 * len(case), 64), dtype=np.int64) for name in ITINERARIES}

    def add(self, member: np.ndarray, **columns: np.ndarray | int) -> np.ndarray:
        """Add one row for each member; columns not given have their "none". Returns their positions."""
        first, last = self._size, self._size + len(member)
        while last > len(self._columns["case"]):
            self._columns = {name: np.concatenate((old, np.empty_like(old))) for name, old in self._columns.items()}
        for name, column in self._columns.items():
            column[first:last] = columns.get(name, _DEFAULTS[name])
        self._columns["case"][first:last] = self.case[member]
        self._columns["row"][first:last] = self.n_rows[member]
        self.n_rows[member] += 1
        self._size = last
        return np.arange(first, last)

    def get(self, name: str, position: np.ndarray) -> np.ndarray:
        """Values of a column at some positions."""
        return self._columns[name][position]

    def set(self, name: str, position: np.ndarray, value: np.ndarray | int) -> None:
        """Change a column at some positions."""
        self._columns[name][position] = value

    def table(self) -> dict[str, np.ndarray]:
        """All columns, as long as there are rows."""
        return {name: column[: self._size] for name, column in self._columns.items()}


class Tails:
    """The rows of each case that lead on to whatever is added next (several where ways run side by side)."""

    def __init__(self, rows: Rows, n_cases: int, opens_s: np.ndarray) -> None:
        self._rows = rows
        self._open: list[tuple[np.ndarray, np.ndarray]] = []
        self._n_before = np.zeros(n_cases, dtype=np.int64)
        self._opens_s = opens_s

    def lead_to(self, member: np.ndarray, position: np.ndarray) -> None:
        """Make the tails of ``member`` lead to the new rows at ``position``, which become their tails."""
        target = np.full(len(self._n_before), NONE, dtype=np.int64)
        target[member] = self._rows.get("row", position)
        kept = []
        for owner, tail in self._open:
            leads = target[owner] >= 0
            self._rows.set("next_done", tail[leads], target[owner[leads]])
            kept.append((owner[~leads], tail[~leads]))
        n_before = self._n_before[member]
        self._rows.set("n_before", position, n_before)
        self._rows.set("opens_s", position, np.where(n_before == 0, self._opens_s[member], NONE))
        self._open = [pair for pair in kept if len(pair[0])]
        self._n_before[member] = 1
        self.also_from(member, position)

    def also_from(self, member: np.ndarray, position: np.ndarray) -> None:
        """Let further rows of the same members lead on too, instead of a tail (an alternative way)."""
        self._open.append((member, position))

    def joins(self, member: np.ndarray, n_before: int) -> None:
        """The next row of these members waits for ``n_before`` predecessors."""
        self._n_before[member] = n_before

    def started(self, member: np.ndarray) -> np.ndarray:
        """Whether each member has a row already."""
        return self._n_before[member] > 0

    def end(self, member: np.ndarray) -> None:
        """Nothing follows the tails of these members."""
        gone = np.zeros(len(self._n_before), dtype=bool)
        gone[member] = True
        self._open = [(owner[~gone[owner]], tail[~gone[owner]]) for owner, tail in self._open]
