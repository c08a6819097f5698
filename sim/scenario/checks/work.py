"""Matters, procedures, units: everything asked for is handled, once, at units that somebody serves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sim.scenario.checks.finding import Finding
from sim.scenario.expected_work import cases_per_week
from sim.scenario.handling import COMPLAINT, procedures_of, tags, units_of, ways_of
from sim.scenario.nearest import nearest
from sim.scenario.places import KINDS_OF_PLACE
from sim.scenario.schema import Each, Matter, Scenario, Step
from sim.scenario.tree import Path

MOST_CASES_A_YEAR = 10_000_000
"""Of one matter in one street: some hundred times the cases of all matters of a large one."""
WEEKS_A_YEAR = 52


def units(scenario: Scenario) -> Iterator[Finding]:
    """Every unit is served, by teams that stand in the same kind of place or a larger one."""
    structure = scenario.structure
    served = set()
    for name, team in structure.teams.items():
        for key, names in (("serves", team.serves), ("shared", team.shared)):
            for number, unit in enumerate(names):
                served.add(unit)
                if unit in structure.units and _is_larger(structure.units[unit].each, team.each):
                    params = {"team": team.each, "unit": unit, "other": structure.units[unit].each}
                    yield "scenario.serves_elsewhere", ("structure", "teams", name, key, number), params
    all_lead_somewhere = served <= set(structure.units)
    for name in structure.units:
        if name not in served and all_lead_somewhere:
            yield "scenario.unserved", ("structure", "units", name), {}


def amounts(scenario: Scenario) -> Iterator[Finding]:
    """No matter comes more often than can be drawn and kept in memory."""
    for name in scenario.demand.matters:
        n = cases_per_week(scenario, name) * WEEKS_A_YEAR
        if n > MOST_CASES_A_YEAR:
            yield "scenario.too_many_cases", ("demand", "matters", name), {"n": n, "most": MOST_CASES_A_YEAR}


def _is_larger(each: Each, other: Each) -> bool:
    return KINDS_OF_PLACE.index(each) < KINDS_OF_PLACE.index(other)


def matters(scenario: Scenario) -> Iterator[Finding]:
    """A matter comes at a rate or by a schedule, has luck of its own, and its papers fail somewhere."""
    streams = defaultdict(list)
    for name, matter in scenario.demand.matters.items():
        path = ("demand", "matters", name)
        streams[matter.stream or name].append(name)
        if matter.rate is None and matter.schedule is None:
            yield "scenario.rate_or_schedule", path, {}
        elif matter.rate is not None and matter.schedule is not None:
            yield "scenario.rate_and_schedule", (*path, "schedule"), {}
        elif matter.schedule is not None and matter.kind != "task":
            yield "scenario.schedule_not_task", (*path, "schedule"), {}
        total = sum(matter.papers.shows_at) if matter.papers is not None else 1
        if abs(total - 1) > 1e-6:
            yield "scenario.shows_at", (*path, "papers", "shows_at"), {"total": f"{total:g}"}
    for stream, names in streams.items():
        if len(names) > 1:
            params = {"matters": ", ".join(names), "stream": stream}
            yield "scenario.stream_twice", ("demand", "matters", names[-1], "stream"), params


def coverage(scenario: Scenario) -> Iterator[Finding]:
    """Each matter has exactly one procedure, and what a procedure says it is for exists."""
    known = {COMPLAINT} if scenario.structure.rules.complaints is not None else set()
    for name, matter in scenario.demand.matters.items():
        known.update(tags(name, matter))
        found = procedures_of(scenario, name)
        path = ("demand", "matters", name)
        if not found:
            yield "scenario.unhandled", path, {"category": matter.category, "kind": matter.kind}
        elif len(found) > 1:
            yield "scenario.handled_twice", path, {"procedures": ", ".join(found)}
    for key, procedure in scenario.structure.procedures.items():
        for number, tag in enumerate(procedure.matters):
            if tag not in known:
                params = {"name": tag, "nearest": nearest(tag, known)}
                yield "scenario.for_nothing", ("structure", "procedures", key, "for", number), params


def steps(scenario: Scenario) -> Iterator[Finding]:
    """Each step of a matter's procedure leads to one definite unit, or for a task to one in every community."""
    found: dict[tuple[str, Path], Finding] = {}
    for name, matter in scenario.demand.matters.items():
        for key in ways_of(scenario, name):
            for number, step in enumerate(scenario.structure.procedures[key].steps):
                path = ("structure", "procedures", key, "steps", number)
                for finding in _step(scenario, name, matter, step, path):
                    found.setdefault(finding[:2], finding)
    yield from found.values()


def _step(scenario: Scenario, name: str, matter: Matter, step: Step, path: Path) -> Iterator[Finding]:
    units = units_of(step, matter)
    if not units:
        yield "scenario.category_unit", (*path, "unit"), {"category": matter.category, "matter": name}
    if step.each is not None and matter.kind != "task":
        yield "scenario.each_for_tasks", (*path, "each"), {"matter": name}
        return
    if step.each is not None and isinstance(step.unit, list):
        yield "scenario.each_unit_list", (*path, "unit"), {}
    for unit in units:
        if unit not in scenario.structure.units:
            continue
        each = scenario.structure.units[unit].each
        if step.each is not None and each != step.each:
            yield "scenario.each_unit", (*path, "unit"), {"unit": unit, "each": each}
        if step.each is None and each != "street" and matter.kind == "task":
            yield "scenario.task_unit", (*path, "unit"), {"unit": unit}
    for unit, where in _beside(step) if matter.kind == "task" else ():
        if unit in scenario.structure.units and scenario.structure.units[unit].each != "street":
            yield "scenario.task_unit", (*path, *where), {"unit": unit}


def _beside(step: Step) -> Iterator[tuple[str, Path]]:
    """The units that have work with a step beside its own, and where it names them."""
    if step.order is not None:
        yield step.order.by, ("order", "by")
    if step.verify is not None:
        yield step.verify.unit, ("verify", "unit")
