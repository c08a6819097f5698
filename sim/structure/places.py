"""Where things stand: areas, communities and residents' committees as intervals of households along the street."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.scenario.places import KINDS_OF_PLACE, households_by_place, places_within
from sim.scenario.schema import Each, Structure


@dataclass(frozen=True)
class Places:
    """The street's parts, of each kind along the street.

    ``sizes``: households of each place of a kind; ``inside``: names of the places of one kind in each of another.
    """

    sizes: Mapping[Each, Mapping[str, int]]
    inside: Mapping[tuple[Each, Each], Mapping[str, tuple[str, ...]]]

    def names(self, each: Each) -> tuple[str, ...]:
        """Names of the places of a kind; the street itself has the empty name."""
        return tuple(self.sizes[each])

    def households(self, each: Each) -> np.ndarray:
        """Number of households in each place of a kind."""
        return np.array(list(self.sizes[each].values()), dtype=np.int64)

    def of(self, each: Each, household: np.ndarray) -> np.ndarray:
        """Position of the place of a kind to which each household belongs."""
        return np.searchsorted(np.cumsum(self.households(each)), household, side="right")

    def within(self, each: Each, of: Each, place: str) -> tuple[str, ...]:
        """Names of the places of a kind that lie in one place of a larger kind, or the same."""
        return self.inside[each, of][place]

    @property
    def communities(self) -> tuple[str, ...]:
        """Names of the communities."""
        return self.names("community")

    @property
    def committees(self) -> tuple[str, ...]:
        """Names of the residents' committees."""
        return self.names("committee")


def places(structure: Structure) -> Places:
    """Lay the communities along the street in declared order, equal committees within each, areas around them.

    >>> from sim.scenario.schema import Community
    >>> structure = Structure.model_construct(communities={"a": Community(households=10, committees=2)})
    >>> where = places(structure)
    >>> where.committees, where.of("committee", np.array([0, 4, 5, 9])).tolist()
    (('a-1', 'a-2'), [0, 0, 1, 1])
    """
    return Places(
        sizes={each: households_by_place(structure, each) for each in KINDS_OF_PLACE},
        inside={
            (each, of): places_within(structure, each, of)
            for number, of in enumerate(KINDS_OF_PLACE)
            for each in KINDS_OF_PLACE[number:]
        },
    )
