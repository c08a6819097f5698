"""The places in which a unit or team stands, and their households."""

from __future__ import annotations

from sim.scenario.schema import Each, Structure

STREET = ""
"""The street itself, as a place."""


def realised_size(structure: Structure) -> float:
    """Mean households of a community: the size that is printed and plotted, whatever size was asked for.

    >>> from sim.scenario.schema import Community
    >>> unequal = {"a": Community(households=4), "b": Community(households=5)}
    >>> realised_size(Structure.model_construct(communities=unequal))
    4.5
    """
    return sum(community.households for community in structure.communities.values()) / len(structure.communities)


def households_by_place(structure: Structure, each: Each) -> dict[str, int]:
    """Households of each place of a kind: the street (called ``""``), its communities, or their committees.

    Committees of a community are as equal as whole households allow, and called ``community-1``, ``community-2`` …

    >>> from sim.scenario.schema import Community
    >>> structure = Structure.model_construct(communities={"a": Community(households=11, committees=2)})
    >>> households_by_place(structure, "committee")
    {'a-1': 6, 'a-2': 5}
    """
    if each == "street":
        return {STREET: sum(community.households for community in structure.communities.values())}
    if each == "community":
        return {name: community.households for name, community in structure.communities.items()}
    return {
        f"{name}-{number + 1}": community.households // community.committees
        + (number < community.households % community.committees)
        for name, community in structure.communities.items()
        for number in range(community.committees)
    }
