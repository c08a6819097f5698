"""How problems in the grid come to be known: by a patrol, a camera, a resident or a call, whichever is first.

A problem arises when the demand says, in its household. The luck of finding it belongs to the case (that of standing
before a camera to the household), so a structure that looks more often or sees more finds no single problem later.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sim.demand import MatterCases
from sim.distributions import factors, whole
from sim.itineraries import duties
from sim.itineraries.setting import Setting, add_working
from sim.scenario.discovery import Camera, Discovery, Patrol
from sim.scenario.handling import is_named
from sim.scenario.places import households_by_place
from sim.scenario.quantities import Draw
from sim.scenario.schema import Duty, Each, Structure
from sim.tables import FOUND_BY, NONE

NEVER = np.iinfo(np.int64).max
"""Later than any instant."""
Way = tuple[str, np.ndarray]
"""One of FOUND_BY, and when it would find each case; (n_cases,) seconds."""


@dataclass(frozen=True)
class Found:
    """When each case of a matter was found, and by what (position in FOUND_BY); -1: not before the end of the run."""

    at_s: np.ndarray
    by: np.ndarray


def found(setting: Setting, cases: MatterCases) -> Found:
    """How the cases of a matter come to be known: problems as the structure discovers them, all else at once."""
    discovery = setting.scenario.structure.discovery
    if discovery is None or cases.matter.kind != "grid":
        return Found(cases.opened_s, np.full(len(cases.case), FOUND_BY.index("at_once")))
    names, instants = zip(*_ways(setting, discovery, cases), strict=True)
    first = np.argmin(instants, axis=0)
    at_s = np.min(instants, axis=0)
    is_found = at_s < setting.demand.end_s
    by = np.array([FOUND_BY.index(name) for name in names])[first]
    return Found(np.where(is_found, at_s, NONE), np.where(is_found, by, NONE))


def known(cases: MatterCases, finding: Found, chosen: np.ndarray) -> MatterCases:
    """Those of a matter's cases that are chosen (one truth value a case), opened when they were found."""
    of_chosen = {name: getattr(cases, name)[chosen] for name in ("case", "index", "household")}
    return replace(cases, **of_chosen, opened_s=finding.at_s[chosen])


def rests_on(structure: Structure) -> tuple[object, ...]:
    """What finding rests on besides places and calendars: how it is done, and when and where the patrol walks."""
    discovery = structure.discovery
    duties_walked = [structure.duties[patrol.duty] for patrol in discovery.patrols.values()] if discovery else []
    return discovery, *(
        (duty.rhythm, structure.teams[duty.team].calendar, _held_for(structure, duty), _is_walked(structure, duty))
        for duty in duties_walked
    )


def _ways(setting: Setting, discovery: Discovery, cases: MatterCases) -> Iterator[Way]:
    """The ways that the structure has of finding this matter; of two at one instant, the first counts."""
    name = list(setting.scenario.demand.matters)[cases.number]
    for number, patrol in enumerate(discovery.patrols.values(), start=1):
        luck = "missed by the patrol" if number == 1 else f"missed by patrol {number}"
        if is_named(patrol.sees, name, cases.matter):
            yield "patrol", _by_patrol(setting, patrol, setting.demand.uniforms(cases, luck), cases)
    if discovery.camera is not None and is_named(discovery.camera.sees, name, cases.matter):
        yield "camera", _by_camera(setting, discovery.camera, cases)
    if discovery.residents is not None:
        yield "resident", _after(setting, discovery.residents.after, "resident", cases)
    if discovery.hotline is not None:
        yield "hotline", _after(setting, discovery.hotline.after, "hotline", cases)


def _by_patrol(setting: Setting, patrol: Patrol, luck: np.ndarray, cases: MatterCases) -> np.ndarray:
    """The first visit of the household's part, at the problem's arising or later, that does not miss it."""
    structure, where = setting.scenario.structure, setting.where
    duty = structure.duties[patrol.duty]
    at_s = duties.held(setting, duty, structure.teams[duty.team].calendar)
    each = _held_for(structure, duty)
    size = where.households(each)
    place = where.of(each, cases.household)
    part = (cases.household - (np.cumsum(size) - size)[place]) * patrol.rounds // size[place]
    next_instant = np.searchsorted(at_s, cases.opened_s, side="left")
    visit = next_instant + (part - next_instant) % patrol.rounds
    visit += patrol.rounds * misses(patrol.coverage, luck, len(at_s))
    is_visited = np.broadcast_to(_is_walked(structure, duty), len(size))[place] & (visit < len(at_s))
    return np.where(is_visited, np.append(at_s, NEVER)[np.minimum(visit, len(at_s))], NEVER)


def misses(coverage: float, uniforms: np.ndarray, most: int) -> np.ndarray:
    """How many visits miss a problem before one finds it, each by itself with chance ``coverage``; at most ``most``.

    Geometric, by inversion of one uniform a case: never more where the coverage is higher. (n_cases,) int64.

    >>> misses(0.5, np.array([0.0, 0.49, 0.51, 0.9]), 9).tolist(), misses(0.0, np.array([0.3]), 9).tolist()
    ([0, 0, 1, 3], [9])
    """
    if coverage <= 0:
        return np.full(len(uniforms), most)
    if coverage >= 1:
        return np.zeros(len(uniforms), dtype=np.int64)
    with np.errstate(over="ignore"):  # of a coverage next to nothing: more than any number, and so the most
        n = np.floor(np.log1p(-uniforms) / math.log1p(-coverage))
    return np.minimum(n, most).astype(np.int64)


def _held_for(structure: Structure, duty: Duty) -> Each:
    """The kind of place within which a duty goes its rounds."""
    each = structure.teams[duty.team].each
    return duty.for_each or each if each in ("street", "area") else each


def _is_walked(structure: Structure, duty: Duty) -> tuple[bool, ...]:
    """Whether a duty calls anybody in each place of its team."""
    team = structure.teams[duty.team]
    places = households_by_place(structure, team.each)
    sizes = [team.size[place] if isinstance(team.size, dict) else team.size for place in places]
    return tuple(duty.heads(size, n_turns=1) > 0 for size in sizes)


def _by_camera(setting: Setting, camera: Camera, cases: MatterCases) -> np.ndarray:
    """Problems of the households that a camera sees, after its delay."""
    is_seen = setting.demand.by_household("camera")[cases.household] < camera.share
    return np.where(is_seen, _after(setting, camera.after, "camera", cases), NEVER)


def _after(setting: Setting, draw: Draw, way: str, cases: MatterCases) -> np.ndarray:
    """So long after the problem arose: by the clock, or in working time of the first calendar."""
    luck = setting.demand.uniforms(cases, f"found by {way}")
    delay_s = whole(setting.span_s(draw.mean) * factors(draw, luck))
    if draw.mean.unit == "s":
        return np.asarray(cases.opened_s + delay_s)
    return add_working(*setting.hours[setting.calendar_names[0]], cases.opened_s, delay_s)
