"""Semantic checks: what a well-formed scenario must also satisfy. Each rule is run if the parts it reads are sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault
from sim.scenario.checks import areas, hours, idle, people, work
from sim.scenario.checks.finding import Finding
from sim.scenario.checks.load import overload
from sim.scenario.references import bad_ids, nowhere
from sim.scenario.schema import Scenario
from sim.scenario.tree import Node, fault, find, plain, without

Check = Callable[[Scenario], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """A check and the parts of a scenario it reads; in those under ``resolved`` names must also lead somewhere."""

    check: Check
    reads: tuple[str, ...]
    resolved: tuple[str, ...] = ()


RULES = (
    Rule(hours.run, ("run",)),
    Rule(hours.calendars, ("calendars",)),
    Rule(hours.rhythms, ("gates", "demand.matters", "structure.duties")),
    Rule(hours.profiles, ("demand.profiles",)),
    Rule(people.households, ("place", "structure.communities")),
    Rule(areas.parted, ("structure.communities", "structure.areas"), ("structure.areas",)),
    Rule(areas.named, ("structure.areas", "structure.units", "structure.teams", "structure.duties")),
    Rule(people.team_sizes, ("structure.communities", "structure.areas", "structure.teams"), ("structure.areas",)),
    Rule(
        people.ledger,
        ("structure.communities", "structure.areas", "structure.teams", "structure.ledger"),
        ("structure.areas", "structure.ledger"),
    ),
    Rule(work.units, ("structure.units", "structure.teams")),
    Rule(work.matters, ("demand.matters",)),
    Rule(work.amounts, ("demand.matters", "demand.scale", "place", "gates")),
    Rule(work.coverage, ("demand.matters", "structure.procedures", "structure.rules")),
    Rule(work.steps, ("demand.matters", "structure.procedures", "structure.units", "structure.discovery")),
    Rule(idle.matters, ("demand.matters",)),
    Rule(idle.steps, ("demand.matters", "structure.procedures", "structure.discovery")),
    Rule(idle.discovery, ("demand.matters", "structure.duties", "structure.discovery")),
    Rule(idle.admission, ("demand.matters", "structure.procedures", "structure.rules")),
    Rule(idle.rules, ("run", "structure.rules", "structure.ledger")),
)
DOUBTS: tuple[Check, ...] = (people.committees, overload)
"""Checks of a scenario without faults whose findings are warnings."""
FOREIGN = ("scenario.unknown_key", "source.value_missing")
"""Faults of a key that does not belong there: what stands beside it can still be checked."""


def faults(root: Node, scenario: Scenario | None, found: list[Fault]) -> list[Fault]:
    """All semantic faults of a tree, given its scenario, or the faults ``found`` that kept it from being one."""
    unresolved = [*nowhere(root), *bad_ids(root)]
    foreign = [each for each in found if each.key in FOREIGN]
    unsound = [each.path for each in found if each.key not in FOREIGN]
    if scenario is None:
        scenario = _sound_parts(without(root, [tuple(each.path.split(".")) for each in foreign]), unsound)
    findings: list[Finding] = []
    for rule in RULES if scenario is not None else ():
        is_sound = not any(_touches(path, part) for path in unsound for part in rule.reads)
        leads_on = not any(_touches(each.path, part) for each in unresolved for part in rule.resolved)
        if scenario is not None and is_sound and leads_on:
            findings.extend(rule.check(scenario))
    return [*unresolved, *_faults(findings, root)]


def warnings(root: Node, scenario: Scenario) -> list[Fault]:
    """What is doubtful in a scenario without faults."""
    return _faults((finding for check in DOUBTS for finding in check(scenario)), root)


def _faults(findings: Iterable[Finding], root: Node) -> list[Fault]:
    return [fault(key, find(root, path).where, path, **params) for key, path, params in findings]


def _touches(path: str, part: str) -> bool:
    """Whether a fault at a path is in a part, or in something around it."""
    return f"{path}.".startswith(f"{part}.") or f"{part}.".startswith(f"{path}.")


def _sound_parts(root: Node, unsound: list[str]) -> Scenario | None:
    """A scenario of the parts that have no fault; the others are empty."""
    title = {"zh": "", "en": ""}
    data: dict[str, Any] = {"yizhan": 1, "name": "parts", "title": title, "calendars": {}}
    data |= {"demand": {"matters": {}}, "structure": {"units": {}, "teams": {}, "procedures": {}}}
    for part in dict.fromkeys(part for rule in RULES for part in rule.reads):
        *above, last = part.split(".")
        node = find(root, (*above, last))
        if node is find(root, tuple(above)) or any(_touches(path, part) for path in unsound):
            continue
        (data[above[0]] if above else data)[last] = plain(node)
    try:
        return Scenario.model_validate(data)
    except ValidationError:
        return None
