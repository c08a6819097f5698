"""Areas: each community in exactly one, of neighbours, and some where anything is said to stand in one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sim.scenario.checks.finding import Finding
from sim.scenario.places import area_of
from sim.scenario.schema import Scenario


def parted(scenario: Scenario) -> Iterator[Finding]:
    """Areas, where there are some, share out the communities; those of an area are neighbours."""
    structure = scenario.structure
    first: dict[str, str] = {}
    for area, one in structure.areas.items():
        for number, name in enumerate(one.communities):
            if name in first:
                path = ("structure", "areas", area, "communities", number)
                yield "scenario.area_twice", path, {"name": name, "area": first[name]}
            first.setdefault(name, area)
    for name in structure.communities if structure.areas else ():
        if name not in first:
            yield "scenario.area_none", ("structure", "communities", name), {"areas": ", ".join(structure.areas)}
    yield from _apart(scenario)


def _apart(scenario: Scenario) -> Iterator[Finding]:
    """Along the street, no area begins anew after another."""
    structure = scenario.structure
    areas = area_of(structure)
    begun: set[str] = set()
    for area, run in groupby((name for name in structure.communities if name in areas), key=lambda name: areas[name]):
        if area in begun:
            params = {"name": next(run), "communities": ", ".join(structure.communities)}
            yield "scenario.area_apart", ("structure", "areas", area, "communities"), params
        begun.add(area)


def named(scenario: Scenario) -> Iterator[Finding]:
    """Where there are no areas, nothing stands in each of them."""
    structure = scenario.structure
    if structure.areas:
        return
    for kind, parts in (("units", structure.units), ("teams", structure.teams)):
        for name, part in parts.items():
            if part.each == "area":
                yield "scenario.no_areas", ("structure", kind, name, "each"), {}
    for name, duty in structure.duties.items():
        if duty.for_each == "area":
            yield "scenario.no_areas", ("structure", "duties", name, "for_each"), {}


def have_faults(scenario: Scenario) -> bool:
    """Whether teams in each area stand nowhere definite."""
    return not scenario.structure.areas or any(True for _ in parted(scenario))
