"""Where things stand: communities and residents' committees as intervals of households along the street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.scenario.schema import Each, Structure


@dataclass(frozen=True)
class Places:
    """The street's parts: names of the places of each kind and the first household of each (plus the end)."""

    communities: tuple[str, ...]
    community_edges: np.ndarray
    committees: tuple[str, ...]
    committee_edges: np.ndarray

    def names(self, each: Each) -> tuple[str, ...]:
        """Names of the places of a kind; the street itself has the empty name."""
        return {"street": ("",), "community": self.communities, "committee": self.committees}[each]

    def households(self, each: Each) -> np.ndarray:
        """Number of households in each place of a kind."""
        return np.diff(self._edges(each))

    def of(self, each: Each, household: np.ndarray) -> np.ndarray:
        """Position of the place of a kind to which each household belongs."""
        return np.searchsorted(self._edges(each), household, side="right") - 1

    def _edges(self, each: Each) -> np.ndarray:
        if each == "street":
            return np.array([0, self.community_edges[-1]])
        return self.community_edges if each == "community" else self.committee_edges


def places(structure: Structure) -> Places:
    """Lay the communities along the street in declared order, and equal committees within each.

    >>> from sim.scenario.schema import Community
    >>> structure = Structure.model_construct(communities={"a": Community(households=10, committees=2)})
    >>> places(structure).committees, places(structure).committee_edges.tolist()
    (('a-1', 'a-2'), [0, 5, 10])
    """
    names: list[str] = []
    sizes: list[int] = []
    for name, community in structure.communities.items():
        least, more = divmod(community.households, community.committees)
        names += [f"{name}-{k + 1}" for k in range(community.committees)]
        sizes += [least + (k < more) for k in range(community.committees)]
    community_sizes = [community.households for community in structure.communities.values()]
    return Places(
        communities=tuple(structure.communities),
        community_edges=np.concatenate(([0], np.cumsum(community_sizes))),
        committees=tuple(names),
        committee_edges=np.concatenate(([0], np.cumsum(sizes))),
    )
