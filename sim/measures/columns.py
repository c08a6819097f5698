"""Some rows of a table, column by column: what a measure asks for is taken, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Groups:
    """Which group each member belongs to: ``codes`` (n,) are positions in ``names``; -1 is no group.

    >>> list(Groups(np.array([1, 0, 1]), ("near", "far")).parts(np.array([5, 6, 7])))
    [('near', array([6])), ('far', array([5, 7]))]
    """

    codes: np.ndarray
    names: Sequence[str]

    def parts(self, values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        """The values of each group that has members, in the order of the names."""
        ordered = values[self._order]
        for name, begin, end in zip(self.names, self._edges[:-1], self._edges[1:], strict=True):
            if end > begin:
                yield name, ordered[begin:end]

    @cached_property
    def _order(self) -> np.ndarray:
        narrow = np.min_scalar_type(-1 - len(self.names))
        return np.argsort(self.codes.astype(narrow), kind="stable")

    @cached_property
    def _edges(self) -> np.ndarray:
        sizes = np.bincount(self.codes + 1, minlength=len(self.names) + 1)
        return np.cumsum(sizes)


class Columns:
    """Some rows of a table; a column of it is taken when it is first asked for, and kept.

    >>> table = pd.DataFrame({"wait_s": [3, 1, 2], "level": pd.Categorical(["near", "far", "near"])})
    >>> rows = Columns(table).where(table["wait_s"].to_numpy() > 1)
    >>> rows["wait_s"], rows.has("level", "near"), len(rows)
    (array([3, 2]), array([ True,  True]), 2)
    >>> rows.where(rows["wait_s"] < 3)["wait_s"]
    array([2])
    """

    def __init__(self, table: pd.DataFrame, rows: np.ndarray | None = None) -> None:
        self._table = table
        self._rows = rows
        self._taken: dict[str, np.ndarray] = {}
        self._groups: dict[str, Groups] = {}

    def __len__(self) -> int:
        return len(self._table) if self._rows is None else len(self._rows)

    def __getitem__(self, name: str) -> np.ndarray:
        """A column; of a categorical one, the codes."""
        if name not in self._taken:
            column = self._table[name]
            values = (column.cat.codes if isinstance(column.dtype, pd.CategoricalDtype) else column).to_numpy()
            self._taken[name] = values if self._rows is None else values[self._rows]
        return self._taken[name]

    def groups(self, name: str) -> Groups:
        """A categorical column as groups."""
        if name not in self._groups:
            self._groups[name] = Groups(self[name], tuple(self._table[name].cat.categories))
        return self._groups[name]

    def has(self, name: str, category: str) -> np.ndarray:
        """Which rows have this category; none has one that the column does not know."""
        known = self._table[name].cat.categories
        return self[name] == known.get_loc(category) if category in known else np.zeros(len(self), dtype=bool)

    def where(self, chosen: np.ndarray) -> Columns:
        """The rows for which ``chosen`` (one truth value a row) holds."""
        rows = np.flatnonzero(chosen)
        return Columns(self._table, rows if self._rows is None else self._rows[rows])
