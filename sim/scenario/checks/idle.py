"""What a file says where it would change nothing: told as a fault, so that nobody believes it was heard."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.checks.finding import Finding
from sim.scenario.discovery import Discovery
from sim.scenario.handling import COMPLAINT, is_named, tags, ways_of
from sim.scenario.nearest import nearest
from sim.scenario.quantities import Delay, Model
from sim.scenario.schema import Matter, Procedure, Scenario, Step
from sim.scenario.tree import Path

FOR_TASKS = ("community_work", "household_work", "listed", "items")
SETTLED_OR_NOT = ("hotline", "grid", "self_governance")
FOR_RESIDENTS = ("papers", "patience", "tries", "complains", "elderly")
WITH_PRESENT = ("visit", "wrong_door", "overflow", "proxy")
WITH_PAPERS = ("checks", "hard_returns", "return_delay", "once")
AT_ONE_DESK = ("order", "verify")
NOT_FOR_COMPLAINTS = ("present", "each", "chance", *WITH_PRESENT, *WITH_PAPERS, "overdue", *AT_ONE_DESK, "merge")


def said(part: Model, fields: tuple[str, ...]) -> list[str]:
    """Those of the fields that say something else than their default."""
    return [name for name in fields if getattr(part, name) != type(part).model_fields[name].default]


def matters(scenario: Scenario) -> Iterator[Finding]:
    """A task has nothing of a resident's, a resident's matter nothing of a task's; what is scheduled has no profile.

    Work at counters fails by its papers; only where there are none may it settle nothing.
    """
    for name, matter in scenario.demand.matters.items():
        path = ("demand", "matters", name)
        if matter.unsettled is not None and matter.kind not in SETTLED_OR_NOT:
            yield "scenario.idle_unsettled", (*path, "unsettled"), {"kind": matter.kind}
        if matter.kind != "task":
            for field in said(matter, FOR_TASKS):
                yield "scenario.idle_for_resident", (*path, field), {"field": field}
            continue
        for field in said(matter, FOR_RESIDENTS):
            yield "scenario.idle_for_task", (*path, field), {"field": field}
        if matter.schedule is not None and matter.profile is not None:
            yield "scenario.idle_profile", (*path, "profile"), {}


def steps(scenario: Scenario) -> Iterator[Finding]:
    """Each step says only what can happen at it to the cases that take it."""
    handled: dict[str, list[Matter]] = {name: [] for name in scenario.structure.procedures}
    for name, matter in scenario.demand.matters.items():
        for key in ways_of(scenario, name):
            handled[key].append(matter)
    for key, procedure in scenario.structure.procedures.items():
        for number, step in enumerate(procedure.steps):
            path = ("structure", "procedures", key, "steps", number)
            yield from _delay(step.delay, path)
            yield from _step(procedure, step, handled[key], path)


def _delay(delay: Delay, path: Path) -> Iterator[Finding]:
    if delay.calendar is not None and delay.mean.unit == "s":
        yield "scenario.idle_calendar", (*path, "delay", "calendar"), {}


def _step(procedure: Procedure, step: Step, handled: list[Matter], path: Path) -> Iterator[Finding]:
    if procedure.matters == [COMPLAINT]:
        for field in said(step, NOT_FOR_COMPLAINTS):
            yield "scenario.idle_complaint", (*path, field), {"field": field}
        return
    yield from _at_one_desk(step, path)
    yield from _merge(step, handled, path)
    if handled and all(matter.kind == "task" for matter in handled):
        for field in said(step, ("present", *WITH_PRESENT, *WITH_PAPERS)):
            yield "scenario.idle_for_task", (*path, field), {"field": field}
        yield from _overdue(step, handled, path)
    elif handled:
        yield from _with_residents(step, handled, path)


def _with_residents(step: Step, handled: list[Matter], path: Path) -> Iterator[Finding]:
    if step.present and step.overdue is not None:
        yield "scenario.idle_present", (*path, "overdue"), {}
    elif not step.present:
        for field in said(step, WITH_PRESENT):
            yield "scenario.idle_absent", (*path, field), {"field": field}
        yield from _overdue(step, handled, path)
    if not any(matter.papers is not None and matter.papers.most_returns for matter in handled):
        again = any(matter.unsettled is not None for matter in handled)
        for field in said(step, ("hard_returns",) if again else ("hard_returns", "once")):
            yield "scenario.idle_papers", (*path, field), {"field": field}
    if step.return_delay and not (step.checks or step.hard_returns):
        yield "scenario.idle_return", (*path, "return_delay"), {}


def _at_one_desk(step: Step, path: Path) -> Iterator[Finding]:
    """Orders and checks are of one piece of work at a desk; what is urged goes before what is not."""
    for field in said(step, AT_ONE_DESK):
        if step.present:
            yield "scenario.desk_present", (*path, field), {"field": field}
        elif step.each is not None:
            yield "scenario.desk_each", (*path, field), {"field": field}
    if step.order is not None and step.order.urged.priority >= step.priority:
        params = {"urged": step.order.urged.priority, "priority": step.priority}
        yield "scenario.idle_urged", (*path, "order", "urged", "priority"), params


def _merge(step: Step, handled: list[Matter], path: Path) -> Iterator[Finding]:
    if step.merge is None:
        return
    if step.each is None:
        yield "scenario.merge_street", (*path, "merge"), {}
    elif handled and all(matter.community_work is None for matter in handled):
        yield "scenario.idle_merge", (*path, "merge"), {}


def _overdue(step: Step, handled: list[Matter], path: Path) -> Iterator[Finding]:
    if step.overdue is not None and all(matter.limit is None for matter in handled):
        yield "scenario.idle_overdue", (*path, "overdue"), {}


def rules(scenario: Scenario) -> Iterator[Finding]:
    """Absence is by person, so it needs a ledger; a transition follows a stated warm-up; neglect strikes at desks."""
    structure = scenario.structure
    if structure.rules.absence.days_per_year and not structure.ledger.posts:
        yield "scenario.idle_absence", ("structure", "rules", "absence"), {}
    if structure.rules.transition is not None and scenario.run.warm_up == "auto":
        yield "scenario.transition_warm_up", ("structure", "rules", "transition"), {}
    may_be_neglected = [*_may_be_neglected(scenario)]  # none: what is faulty elsewhere is left out here
    if structure.rules.neglect is not None and may_be_neglected and not any(may_be_neglected):
        yield "scenario.idle_neglect", ("structure", "rules", "neglect"), {}


def _may_be_neglected(scenario: Scenario) -> Iterator[bool]:
    """Whether nobody waits for the work of each step of residents' matters."""
    for name, matter in scenario.demand.matters.items():
        for key in ways_of(scenario, name) if matter.kind != "task" else ():
            for step in scenario.structure.procedures[key].steps:
                yield not step.present and step.share > 0


def admission(scenario: Scenario) -> Iterator[Finding]:
    """A second tier is for unlisted tasks that pass the first and go down; people follow those that pass it."""
    structure, path = scenario.structure, ("structure", "rules", "admission")
    unlisted = [name for name, one in scenario.demand.matters.items() if one.kind == "task" and one.listed < 1]
    fields = said(structure.rules.admission, ("community", "follow"))
    for field in fields:
        if not unlisted:
            yield "scenario.idle_unlisted", (*path, field), {"field": field}
        elif structure.rules.admission.leakage == 0:
            yield "scenario.idle_leakage", (*path, field), {"field": field}
    steps = [step for name in unlisted for key in ways_of(scenario, name) for step in structure.procedures[key].steps]
    if "community" in fields and steps and all(step.each is None for step in steps):
        yield "scenario.idle_tier", (*path, "community"), {}


def discovery(scenario: Scenario) -> Iterator[Finding]:
    """Problems are discovered if there are some, by a patrol that walks, and none stays hidden for ever."""
    rules, path = scenario.structure.discovery, ("structure", "discovery")
    if rules is None:
        return
    problems = {name: matter for name, matter in scenario.demand.matters.items() if matter.kind == "grid"}
    if not problems:
        yield "scenario.idle_discovery", path, {}
    for name, patrol in rules.patrols.items():
        duty = scenario.structure.duties.get(patrol.duty)
        if duty is not None and duty.kind != "field":
            yield "scenario.patrol_kind", (*path, "patrols", name, "duty"), {"kind": duty.kind}
    yield from _seen(rules, problems, path)
    told = rules.residents is not None or rules.hotline is not None
    if not told and not all(_shows(rules, name, matter) for name, matter in problems.items()):
        yield "scenario.never_found", path, {}


def _seen(rules: Discovery, problems: dict[str, Matter], path: Path) -> Iterator[Finding]:
    """What a patrol or a camera is said to see is there."""
    known = [tag for name, matter in problems.items() for tag in tags(name, matter)]
    lists = {(*path, "patrols", name, "sees"): patrol.sees for name, patrol in rules.patrols.items()}
    lists |= {(*path, "camera", "sees"): rules.camera.sees} if rules.camera is not None else {}
    for place, named in lists.items():
        for number, tag in enumerate(named):
            if tag not in known:
                yield "scenario.sees_nothing", (*place, number), {"name": tag, "nearest": nearest(tag, known)}


def _shows(rules: Discovery, name: str, matter: Matter) -> bool:
    """Whether some patrol or the cameras find every problem of a matter in the end."""
    by_patrol = any(one.coverage > 0 and is_named(one.sees, name, matter) for one in rules.patrols.values())
    camera = rules.camera
    return by_patrol or (camera is not None and camera.share == 1 and is_named(camera.sees, name, matter))
