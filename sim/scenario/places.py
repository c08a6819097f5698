"""The places in which a unit or team stands, their households, and which lies in which."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.schema import Duty, Each, Structure

STREET = ""
"""The street itself, as a place."""
KINDS_OF_PLACE: tuple[Each, ...] = ("street", "area", "community", "committee")
"""From large to small: each place lies in one of every larger kind (areas there may be none)."""


def realised_size(structure: Structure) -> float:
    """Mean households of a community: the size that is printed and plotted, whatever size was asked for.

    >>> from sim.scenario.schema import Community
    >>> unequal = {"a": Community(households=4), "b": Community(households=5)}
    >>> realised_size(Structure.model_construct(communities=unequal))
    4.5
    """
    return sum(community.households for community in structure.communities.values()) / len(structure.communities)


def households_by_place(structure: Structure, each: Each) -> dict[str, int]:
    """Households of each place of a kind, along the street (which is itself called ``""``).

    Committees of a community are as equal as whole households allow, and called ``community-1``, ``community-2`` …

    >>> from sim.scenario.schema import Area, Community
    >>> communities = {"a": Community(households=11, committees=2), "b": Community(households=4)}
    >>> structure = Structure.model_construct(communities=communities, areas={"all": Area(communities=["a", "b"])})
    >>> households_by_place(structure, "committee"), households_by_place(structure, "area")
    ({'a-1': 6, 'a-2': 5, 'b-1': 4}, {'all': 15})
    """
    found: dict[str, int] = {}
    for places, households in _committees(structure):
        if each in places:
            found[places[each]] = found.get(places[each], 0) + households
    return found


def places_within(structure: Structure, each: Each, of: Each) -> dict[str, tuple[str, ...]]:
    """The places of a kind that lie in each place of a larger kind (or the same), along the street.

    >>> from sim.scenario.schema import Community
    >>> structure = Structure.model_construct(communities={"a": Community(households=9, committees=2)})
    >>> places_within(structure, "committee", "community"), places_within(structure, "area", "street")
    ({'a': ('a-1', 'a-2')}, {'': ()})
    """
    found: dict[str, dict[str, None]] = {}
    for places, _ in _committees(structure):
        if of in places:
            found.setdefault(places[of], {}).update({places[each]: None} if each in places else {})
    return {place: tuple(names) for place, names in found.items()}


def n_turns(structure: Structure, duty: Duty) -> dict[str, int]:
    """How often a duty is held at one instant, by place of its team: once, or once for each of the places it is for."""
    of = structure.teams[duty.team].each
    within = places_within(structure, duty.for_each or of, of)
    return {place: len(names) for place, names in within.items()}


def area_of(structure: Structure) -> dict[str, str]:
    """The area of each community; of several that name it, the first.

    >>> from sim.scenario.schema import Area
    >>> area_of(Structure.model_construct(areas={"x": Area(communities=["a"]), "y": Area(communities=["a", "b"])}))
    {'b': 'y', 'a': 'x'}
    """
    named = [(community, name) for name, area in structure.areas.items() for community in area.communities]
    return dict(reversed(named))


def _committees(structure: Structure) -> Iterator[tuple[dict[Each, str], int]]:
    """Each residents' committee along the street: the place of each kind in which it lies, and its households."""
    areas = area_of(structure)
    for name, community in structure.communities.items():
        least, more = divmod(community.households, community.committees)
        around: dict[Each, str] = {"street": STREET, "community": name}
        if name in areas:
            around["area"] = areas[name]
        for number in range(community.committees):
            yield {**around, "committee": f"{name}-{number + 1}"}, least + (number < more)
