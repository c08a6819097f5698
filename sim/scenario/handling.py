"""Which procedure handles a matter, and at which units."""

from __future__ import annotations

from sim.scenario.schema import Matter, Procedure, Scenario, Step

COMPLAINT = "complaint"
"""What the procedure of complaints names under ``for``."""
OTHER = "other"
"""The unit for all categories that a step does not name."""


def tags(name: str, matter: Matter) -> tuple[str, str, str]:
    """What a procedure may call a matter under ``for``, the most particular first."""
    return name, f"category:{matter.category}", f"kind:{matter.kind}"


def is_named(named: list[str], name: str, matter: Matter) -> bool:
    """Whether a list of matters, categories and kinds names a matter; an empty one names all."""
    return not named or not set(named).isdisjoint(tags(name, matter))


def procedures_of(scenario: Scenario, name: str) -> list[str]:
    """The procedures that name a matter most particularly: by its id, else by its category, else by its kind.

    A scenario without faults has exactly one for each matter.
    """
    for tag in tags(name, scenario.demand.matters[name]):
        if found := [key for key, each in scenario.structure.procedures.items() if tag in each.matters]:
            return found
    return []


def ways_of(scenario: Scenario, name: str) -> list[str]:
    """The procedures by which a matter's cases may go: its own, and the hotline's for problems that a call makes known.

    The first of its own stands for all where a faulty scenario has several.
    """
    structure = scenario.structure
    ways = procedures_of(scenario, name)[:1]
    if scenario.demand.matters[name].kind == "grid" and structure.discovery and structure.discovery.hotline:
        called = structure.discovery.hotline.procedure
        ways += [called] if called in structure.procedures and called not in ways else []
    return ways


def procedure_of(scenario: Scenario, name: str) -> Procedure:
    """The procedure that handles a matter of a scenario without faults."""
    return scenario.structure.procedures[procedures_of(scenario, name)[0]]


def units_of(step: Step, matter: Matter) -> list[str]:
    """The units over which a step spreads a matter's cases: nearly always one; none if the category has none."""
    if isinstance(step.unit, list):
        return step.unit
    unit = step.unit if isinstance(step.unit, str) else step.unit.get(matter.category, step.unit.get(OTHER))
    return [unit] if unit is not None else []
