"""A growing table of possible legs, and what they lead to."""

from __future__ import annotations

import numpy as np

from sim.tables import ITINERARIES, NONE, Ready

BLANK: dict[str, int] = dict.fromkeys(ITINERARIES, 0) | {
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
    "own_s": NONE,
    "seemed_s": NONE,
    "work_s": 1,
}
"""What stands in a row where nothing was said."""


class Rows:
    """Rows of the cases ``case`` (an array of case numbers), added in blocks of at most one row a case.

    A *position* is a row's place in the whole table; a *member* is a case by its place in ``case``.

    >>> rows = Rows(np.array([7, 9]))
    >>> first = rows.add(np.array([0, 1]), unit=3)
    >>> second = rows.add(np.array([1]), unit=4)
    >>> [rows.table()[name].tolist() for name in ("case", "row", "unit")]
    [[7, 9, 9], [0, 0, 1], [3, 3, 4]]
    """

    def __init__(self, case: np.ndarray) -> None:
        self._case = case
        self._n_rows = np.zeros(len(case), dtype=np.int64)
        self._size = 0
        self._room = max(4 * len(case), 64)
        self._columns = {name: np.empty(self._room, dtype=np.int64) for name in ("case", "row")}

    def add(self, member: np.ndarray, **columns: np.ndarray | int) -> np.ndarray:
        """Add one row for each member; columns not given are blank. Returns their positions."""
        first, last = self._size, self._size + len(member)
        while last > self._room:
            more = {name: np.empty(self._room, dtype=np.int64) for name in self._columns}
            self._columns = {name: np.concatenate((old, more[name])) for name, old in self._columns.items()}
            self._room *= 2
        given = columns | {"case": self._case[member], "row": self._n_rows[member]}
        for name in given:
            self._column(name)
        for name, column in self._columns.items():
            column[first:last] = given.get(name, BLANK[name])
        self._n_rows[member] += 1
        self._size = last
        return np.arange(first, last)

    def get(self, name: str, position: np.ndarray) -> np.ndarray:
        """Values of a column at some positions."""
        if name not in self._columns:
            return np.full(len(position), BLANK[name])
        return self._columns[name][position]

    def set(self, name: str, position: np.ndarray, value: np.ndarray | int) -> None:
        """Change a column at some positions."""
        self._column(name)[position] = value

    def table(self) -> dict[str, np.ndarray]:
        """The columns, as long as there are rows; those that are blank all the way down are left out."""
        return {name: column[: self._size] for name, column in self._columns.items()}

    def _column(self, name: str) -> np.ndarray:
        """A column, made when something is first said in it."""
        if name not in self._columns:
            self._columns[name] = np.empty(self._room, dtype=np.int64)
            self._columns[name][: self._size] = BLANK[name]
        return self._columns[name]


class LooseEnds:
    """The rows after which nothing is laid yet: whatever is added next for a case, they lead to.

    A case has several where ways run side by side: alternatives, one of which it takes, or branches of a fork, all of
    which the next row waits for.
    """

    def __init__(self, rows: Rows, opens_s: np.ndarray) -> None:
        self._rows = rows
        self._opens_s = opens_s
        self._ends: list[tuple[np.ndarray, np.ndarray]] = []
        self._n_before = np.zeros(len(opens_s), dtype=np.int64)

    def lead_to(self, member: np.ndarray, position: np.ndarray) -> None:
        """Make the loose ends of members lead to new rows, which become theirs; a case's first row opens it."""
        target = np.full(len(self._n_before), NONE, dtype=np.int64)
        target[member] = self._rows.get("row", position)
        kept = []
        for owner, end in self._ends:
            leads = target[owner] != NONE
            self._rows.set("next_done", end[leads], target[owner[leads]])
            kept.append((owner[~leads], end[~leads]))
        n_before = self._n_before[member]
        self._rows.set("n_before", position, n_before)
        self._rows.set("opens_s", position, np.where(n_before == 0, self._opens_s[member], NONE))
        self._ends = [pair for pair in kept if len(pair[0])]
        self._n_before[member] = 1
        self.add(member, position)

    def add(self, member: np.ndarray, position: np.ndarray) -> None:
        """Further rows that lead on to what comes next, beside those that do already."""
        self._ends.append((member, position))

    def join(self, member: np.ndarray, n_before: int) -> None:
        """The next row of these members waits for so many predecessors."""
        self._n_before[member] = n_before
