"""How much work the cases of a scenario bring to each unit in each place in a mean week: expected values only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from sim.scenario.handling import procedure_of, units_of
from sim.scenario.mean_week import WEEKDAYS, instants_per_week, open_s
from sim.scenario.places import households_by_place
from sim.scenario.quantities import Draw
from sim.scenario.schema import Matter, Papers, Scenario, Step
from sim.scenario.settling import Unsettled
from sim.scenario.standing_rules import Admission
from sim.units import HOUR_S, WEEK_S

Station = tuple[str, str]
"""A unit and the place in which it stands; the street is ``""``."""


def work_s_per_week(scenario: Scenario) -> tuple[dict[Station, float], dict[Station, float]]:
    """Seconds of work a week at each unit in each place: of residents' cases, and of tasks."""
    residents_s: dict[Station, float] = defaultdict(float)
    tasks_s: dict[Station, float] = defaultdict(float)
    for name, matter in scenario.demand.matters.items():
        if matter.kind == "task":
            for station, work_s in _task_work(scenario, name):
                tasks_s[station] += work_s
        else:
            for station, work_s in _resident_work(scenario, name):
                residents_s[station] += work_s
    return residents_s, tasks_s


def cases_per_week(scenario: Scenario, name: str) -> float:
    """Mean number of cases of a matter that arise in a week in the whole street."""
    matter, place = scenario.demand.matters[name], scenario.place
    items = matter.items if matter.kind == "task" else 1
    if matter.schedule is not None:
        return items * instants_per_week(matter.schedule)
    if matter.rate is None:
        return 0.0
    people = {"street": 1.0, "household": place.households, "person": place.households * place.persons_per_household}
    scale = 1.0 if matter.kind == "task" else scenario.demand.scale
    return items * scale * matter.rate.per_s * people[matter.rate.per] * WEEK_S


def _amount_s(scenario: Scenario, draw: Draw | None) -> float:
    """Mean seconds of an amount of work; a working day is the longest day of the scenario's first calendar."""
    if draw is None:
        return 0.0
    if draw.mean.unit == "working day":
        return draw.mean.amount * max(open_s(next(iter(scenario.calendars.values())), day) for day in WEEKDAYS)
    return draw.mean.amount * {"s": 1, "working hour": HOUR_S}[draw.mean.unit]


def _steps(scenario: Scenario, name: str) -> list[Step]:
    return procedure_of(scenario, name).steps


def _spread(scenario: Scenario, units: list[str], work_s: float) -> Iterator[tuple[Station, float]]:
    """Work of the whole street at some units, parted evenly among them and among their places by household."""
    for unit in units:
        places = households_by_place(scenario.structure, scenario.structure.units[unit].each)
        for place, households in places.items():
            yield (unit, place), work_s / len(units) * households / sum(places.values())


def _resident_work(scenario: Scenario, name: str) -> Iterator[tuple[Station, float]]:
    """Seconds of work a week that residents' cases of a matter bring to each unit in each place."""
    matter = scenario.demand.matters[name]
    steps = _steps(scenario, name)
    cases = cases_per_week(scenario, name)
    visits = _times_taken(steps, matter, scenario.structure.rules.papers_factor)
    for number, (step, taken) in enumerate(zip(steps, visits, strict=True)):
        yield from _at_step(scenario, name, number, cases * taken)
        if step.wrong_door is not None:
            doors = [door for door in step.wrong_door.among if [door] != units_of(step, matter)]
            lost = cases * step.chance * (1 - _proxied(steps, number)) * step.wrong_door.chance
            yield from _spread(scenario, doors, lost * _amount_s(scenario, step.wrong_door.work))
    if matter.unsettled is not None:
        yield from _work_again(scenario, name, matter.unsettled, cases)


def _at_step(
    scenario: Scenario, name: str, number: int, taken: float, content_s: float | None = None
) -> Iterator[tuple[Station, float]]:
    """Seconds of work of a step of a matter that is so often taken, and of what goes with it; some come by proxy."""
    matter, steps = scenario.demand.matters[name], _steps(scenario, name)
    step = steps[number]
    units, work_s = units_of(step, matter), _step_s(scenario, step, matter, content_s)
    if not step.present:
        yield from _spread(scenario, units, taken * work_s)
        yield from _work_beside(scenario, step, taken)
        return
    proxied = _proxied(steps, number)
    proxy = next((one.proxy for one in steps if one.proxy is not None), None)
    if proxy is not None and proxied:
        extra_s = _amount_s(scenario, proxy.work)
        yield from _spread(scenario, [proxy.unit], taken * proxied * (work_s + extra_s))
    yield from _spread(scenario, units, taken * (1 - proxied) * work_s)


def _proxied(steps: list[Step], number: int) -> float:
    """Share of cases that somebody does for the resident by the time of a step."""
    return max((step.proxy.chance for step in steps[: number + 1] if step.proxy is not None), default=0.0)


def _work_again(scenario: Scenario, name: str, unsettled: Unsettled, cases: float) -> Iterator[tuple[Station, float]]:
    """Seconds of work on what settled nothing as first done: asked for again, or done again after a check."""
    matter, steps = scenario.demand.matters[name], _steps(scenario, name)
    content_s = unsettled.again_share * _amount_s(scenario, matter.work)
    asked_for, done_again = _times_again(steps, unsettled)
    for number, (step, asked, again) in enumerate(zip(steps, asked_for, done_again, strict=True)):
        yield from _at_step(scenario, name, number, cases * asked, content_s)
        if step.verify is not None:
            again_s = unsettled.again_share * _step_s(scenario, step, matter)
            yield from _spread(scenario, units_of(step, matter), cases * again * again_s)
            yield from _spread(scenario, [step.verify.unit], cases * again * _amount_s(scenario, step.verify.work))


def _work_beside(scenario: Scenario, step: Step, taken: float) -> Iterator[tuple[Station, float]]:
    """Seconds of ordering, of reports and of checks, of a step that is so often taken."""
    order, verify = step.order, step.verify
    if order is not None:
        for draw in (order.work, order.report.work if order.report is not None else None):
            yield from _spread(scenario, [order.by], taken * _amount_s(scenario, draw))
    if verify is not None:
        yield from _spread(scenario, [verify.unit], taken * _amount_s(scenario, verify.work))


def _step_s(scenario: Scenario, step: Step, matter: Matter, content_s: float | None = None) -> float:
    """Seconds of a step of a case with so much content (default: the matter's), with what the step adds to it."""
    scale = scenario.demand.task_scale if matter.kind == "task" else 1.0
    content_s = _amount_s(scenario, matter.work) if content_s is None else content_s
    total_s = step.share * scale * content_s + _amount_s(scenario, step.work)
    return total_s * step.factor * (1 + matter.hard * (step.hard_factor - 1))


def _times_taken(steps: list[Step], matter: Matter, papers_factor: float) -> list[float]:
    """How often a case takes each step, on average: once times its chance, and again whenever papers come back.

    A step that is asked for once is taken again only by those sent back before or at it.
    """
    papers = matter.papers or Papers(incomplete=0.0, most_returns=0)
    times = [0.0] * len(steps)
    without = [1.0] * len(steps)  # share of those handing in who still need a step that is asked for once
    handed_in = 1.0
    for attempt in range(papers.most_returns + 1):
        chance = papers.incomplete if attempt == 0 else papers.incomplete_again
        last = attempt == papers.most_returns
        bad = 0.0 if last else min(chance * papers_factor, 1.0) * handed_in
        failing = [bad * share for share in papers.shows_at]
        going = handed_in
        back = 0.0
        sent_back: list[float] = []
        for number, step in enumerate(steps):
            times[number] += going * step.chance * without[number]
            seen = [share * step.chance * (tier < step.checks) for tier, share in enumerate(failing)]
            failing = [share - found for share, found in zip(failing, seen, strict=True)]
            needless = 0.0 if last else (going - sum(seen)) * step.chance * matter.hard * step.hard_returns
            going -= sum(seen) + needless
            back += sum(seen) + needless
            sent_back.append(back)
        for number, step in enumerate(steps):
            if step.once:
                without[number] *= sent_back[number] / back if back else 0.0
        handed_in = back
    return times


def _times_again(steps: list[Step], unsettled: Unsettled) -> tuple[list[float], list[float]]:
    """How often a case takes each step because it is asked for again, and does it again after a check, on average."""
    asked_for, done_again = [0.0] * len(steps), [0.0] * len(steps)
    for share, taken in _ways_past_checks(steps):
        for number, (asked, again) in enumerate(_times_again_of(steps, unsettled, taken)):
            asked_for[number] += share * asked
            done_again[number] += share * again
    return asked_for, done_again


def _ways_past_checks(steps: list[Step]) -> Iterator[tuple[float, list[float]]]:
    """How many cases have each choice of the steps with checks, and how often they take each step.

    Whether a step falls to a case is luck of the case, the same whenever it comes: whom no check sees, none ever sees.
    """
    by_luck = [number for number, step in enumerate(steps) if step.verify is not None and step.chance < 1]
    for falls in product((False, True), repeat=len(by_luck)):
        share, taken = 1.0, [step.chance for step in steps]
        for number, here in zip(by_luck, falls, strict=True):
            share *= steps[number].chance if here else 1 - steps[number].chance
            taken[number] = float(here)
        yield share, taken


def _times_again_of(steps: list[Step], unsettled: Unsettled, taken: list[float]) -> list[tuple[float, float]]:
    """For each step, how often it is asked for again and done again by cases that take it so often.

    ``seeming[k]`` is the share of cases that go on though nothing is settled, k times done again by then.
    """
    asked_for, done_again = [0.0] * len(steps), [0.0] * len(steps)
    chances = [*unsettled.chances, 0.0]
    begin = [1.0] + [0.0] * unsettled.most
    for first, beginning in enumerate(begin):
        seeming = [0.0] * len(chances)
        seeming[first] = beginning * chances[first]
        for number, step in enumerate(steps):
            here = taken[number] * (not (first and step.once))
            asked_for[number] += beginning * here * (first > 0)
            if step.verify is not None:
                seeming, found = _checked(seeming, here, step.verify.finds, chances)
                done_again[number] += found
        for again, share in enumerate(seeming[:-1], start=1):
            begin[again] += share
    return list(zip(asked_for, done_again, strict=True))


def _checked(seeming: list[float], taken: float, finds: float, chances: list[float]) -> tuple[list[float], float]:
    """What seems settled after a step that a share of cases take, with its checks; and how much they found."""
    here, past = [share * taken for share in seeming], [share * (1 - taken) for share in seeming]
    total = 0.0
    for again in range(1, len(chances)):
        found = here[again - 1] * finds
        here[again - 1] -= found
        here[again] += found * chances[again]
        total += found
    return [share + other for share, other in zip(here, past, strict=True)], total


def _task_work(scenario: Scenario, name: str) -> Iterator[tuple[Station, float]]:
    """Seconds of work a week that a task brings: the street's part, and each community's (fixed, and by household).

    What people do who follow a task is not among it. Where tasks are merged no saving is taken off, so that the
    communities' part is then an upper bound.
    """
    matter = scenario.demand.matters[name]
    steps = _steps(scenario, name)
    cases = cases_per_week(scenario, name)
    reach = _reach(matter, scenario.structure.rules.admission)
    communities = households_by_place(scenario.structure, "community")
    fixed_s, shared_s = _amount_s(scenario, matter.community_work), _amount_s(scenario, matter.household_work)
    if matter.community_work is None and matter.household_work is None:
        shared_s = _amount_s(scenario, matter.work)
    total = sum(communities.values())
    street_units = next((units_of(step, matter) for step in steps if step.each is None), [])
    for step in steps:
        taken = cases * step.chance
        if step.each is None:
            units, work_s = units_of(step, matter), reach.own_share * _step_s(scenario, step, matter)
            yield from _spread(scenario, units, taken * reach.street * work_s)
            yield from _work_beside(scenario, step, taken * reach.street)
            continue
        for place, households in communities.items():
            work_s = _step_s(scenario, step, matter, fixed_s + shared_s * households / total)
            for unit in units_of(step, matter):
                yield (unit, place), taken * reach.communities * work_s
            if reach.instead:
                yield from _spread(scenario, street_units, taken * reach.instead * work_s)


class _Reach(NamedTuple):
    """How far a task comes on average: shares of its cases, and of their work what is the structure's own."""

    street: float
    """Its cases that come to the street, and of their work there…"""
    own_share: float
    """… what no people do who follow them."""
    communities: float
    """The communities' work that they have themselves."""
    instead: float
    """The communities' work that the street does in their place."""


def _reach(matter: Matter, admission: Admission) -> _Reach:
    leaked = (1 - matter.listed) * admission.leakage
    admitted = matter.listed + leaked
    down = admission.community.leakage if admission.community is not None else 1.0
    own = 1 - admission.follow.share if admission.follow is not None else 1.0
    street, borne = (1.0, 1 - admitted) if admission.bearer == "street" else (admitted, 0.0)
    own_share = 1 - leaked * (1 - own) / street if street else 1.0
    return _Reach(street, own_share, matter.listed + leaked * down * own, borne + leaked * (1 - down) * own)
