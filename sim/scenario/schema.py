"""The scenario language: what a scenario file may say, as frozen models.

A scenario is *place + demand + structure + run settings*. Demand knows nothing of structure. Ids are the keys of
mappings; wherever another id is named, ``check.py`` makes sure that it is there. Any number may be written as
``{value: 12 min, fact: some_id}`` and any mapping may carry ``source:`` for all numbers in it: see ``sources.py``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.scenario.discovery import Discovery
from sim.scenario.orders import Merge, Order, Verify
from sim.scenario.quantities import (
    Clock,
    Clocks,
    Count,
    Delay,
    Draw,
    Duration,
    Model,
    Positive,
    RateField,
    Share,
    SpanField,
    Text,
)
from sim.scenario.settling import Unsettled
from sim.scenario.standing_rules import Rules

Level = Literal["committee", "community", "street", "department"]
"""Where a unit stands: 居委会, 社区, 街道, 部门."""
Each = Literal["street", "area", "community", "committee"]
"""One unit (team) for the street, or one in each area (片区), community or residents' committee."""
UnitKind = Literal["counter", "desk", "field", "meeting", "leave"]
"""What is done at a unit; it sets how the unit closes unless the file says otherwise."""
MatterKind = Literal["counter", "hotline", "grid", "self_governance", "task"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Month = Annotated[int, Field(ge=1, le=12)]


class Run(Model):
    """How long, how often, from which seed."""

    seed: Count = 1
    replications: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    warm_up: Literal["auto"] | Duration = "auto"
    cohort: Duration = Field(default=52 * 7 * 86400, description="cases opened in this window are measured")
    drain: Duration = Field(default=8 * 7 * 86400, description="time given to the cohort's last cases to close")


class Place(Model):
    """The street's people and distances; the same under every structure."""

    households: Annotated[int, Field(ge=1)] = 1
    persons_per_household: Positive = 1.0
    elderly_share: Share = 0.0
    station_walk: Duration = Field(
        default=0, description="mean one-way walk to the door of a community of `station_walk_households`"
    )
    station_walk_households: Positive = 1.0
    street_travel: Duration = Field(default=0, description="mean one-way way to the street office")
    department_travel: Duration = Field(default=0, description="mean one-way way to a department's hall")


class Calendar(Model):
    """Opening periods of a week; a gap within a day is a lunch ``break``, the end of a day is a closing."""

    week: dict[Weekday, list[Annotated[tuple[Clock, Clock], Field(strict=False)]]] | Literal["always"]
    holidays: list[Annotated[str, Field(pattern=r"^\d\d-\d\d$")]] = Field(default=[], description="MM-DD, closed")


class Rhythm(Model):
    """Instants that recur: each week (``days`` at ``at``), or each month (``days_of_month`` in ``months``).

    ``at`` is a time of day or a list of them.
    """

    at: Clocks
    days: list[Weekday] = []
    every_weeks: Annotated[int, Field(ge=1)] = 1
    days_of_month: list[Annotated[int, Field(ge=1, le=31)]] = []
    months: list[Month] = list(range(1, 13))


class Profile(Model):
    """How arrivals spread over the day, the week and the year: weights, whose mean over a year is made one.

    ``hours`` maps ``"9-12"`` to a weight (hours not named: zero, unless ``hours`` is empty: flat).
    """

    hours: dict[str, Annotated[float, Field(ge=0)]] = {}
    weekdays: dict[Weekday, Annotated[float, Field(ge=0)]] = {}
    months: dict[Annotated[Month, Field(strict=False)], Annotated[float, Field(ge=0)]] = {}
    days_of_month: dict[Annotated[int, Field(ge=1, le=31, strict=False)], Annotated[float, Field(ge=0)]] = {}


class Papers(Model):
    """Papers that are not in order: how often, at which tier it shows, and how long putting it right takes."""

    incomplete: Share = Field(description="chance at the first hand-in")
    incomplete_again: Share = Field(default=0.0, description="chance at each later hand-in")
    shows_at: tuple[Share, Share, Share] = Field(
        default=(1.0, 0.0, 0.0),
        strict=False,
        description="shares of defects seen at the first door, at the second and third tier",
    )
    own_delay: Draw = Field(default=Draw.model_validate("0 s"), description="the resident's own time to mend them")
    most_returns: Annotated[int, Field(ge=0, le=50)] = 4


class Matter(Model):
    """A kind of thing asked for (事项), as it is before any structure touches it."""

    name: Text
    kind: MatterKind = "counter"
    category: str = "general"
    stream: str | None = Field(default=None, description="key of its random draws; default: its id")
    rate: RateField | None = Field(default=None, description="arrivals (Poisson, by `profile`)")
    profile: str | None = None
    schedule: Rhythm | None = Field(default=None, description="recurring tasks: when they are sent down")
    items: Annotated[int, Field(ge=1)] = Field(default=1, description="how many items this matter stands for")
    work: Draw = Field(description="work content at counters and desks (tasks: the street's part)")
    community_work: Draw | None = Field(default=None, description="tasks: done once in each community")
    household_work: Draw | None = Field(default=None, description="tasks: total over the street, by household")
    papers: Papers | None = None
    unsettled: Unsettled | None = Field(default=None, description="hotline, grid, self_governance: work that is bad")
    patience: Draw | None = None
    tries: Count = Field(default=0, description="times a resident comes back on another day after giving up or closing")
    complains: Share = Field(default=0.0, description="chance that giving up or a missed limit becomes a 12345 case")
    limit: SpanField | None = Field(default=None, description="promised time from opening to closing")
    authority: Level = "community"
    hard: Share = Field(default=0.0, description="share of hard cases, slower for generalists")
    elderly: Share | None = Field(default=None, description="share of the elderly among them; default: the place's")
    listed: Share = Field(default=1.0, description="tasks: share of the items on the admission list")


class Demand(Model):
    """What residents and departments ask for; ``scale`` thins one maximal draw (at twice the base rates)."""

    scale: Annotated[float, Field(gt=0, le=2)] = Field(default=1.0, description="of residents' demand")
    task_scale: Annotated[float, Field(ge=0)] = Field(default=1.0, description="factor on the work of tasks")
    profiles: dict[str, Profile] = {}
    matters: dict[str, Matter]


class Community(Model):
    """An interval of the street's households (社区), in declared order."""

    households: Annotated[int, Field(ge=1)]
    committees: Annotated[int, Field(ge=1)] = Field(default=1, description="residents' committees (居委会) in it")


class Area(Model):
    """Neighbouring communities with something in common, a tier between them and the street (片区、基本管理单元)."""

    communities: Annotated[list[str], Field(min_length=1)]


class Unit(Model):
    """One queue and the matters it handles (机构); ``kind`` sets the closing rules unless they are given.

    Who comes to it goes to the door of its ``level``; to a unit in each area, to the area's door.
    """

    name: Text | None = None
    kind: UnitKind = "counter"
    level: Level = "community"
    each: Each = "street"
    closing: Literal["finish", "pause"] | None = None
    at_close: Literal["hold", "send_home"] | None = None
    yields: bool | None = Field(default=None, description="a resident present may interrupt work here")
    restart: Duration | None = Field(default=None, description="time to take up interrupted work again")


class Team(Model):
    """Staff with one calendar, serving an ordered list of units (队伍); sizes may differ by place.

    Units that stand in each smaller place are served in every one within the team's own (one person for several grids,
    一人多格), in the order along the street.
    """

    name: Text | None = None
    size: Count | dict[str, Count]
    calendar: str
    serves: Annotated[list[str], Field(min_length=1)]
    each: Each = "street"
    level: Level = "community"
    split: bool = Field(default=False, description="dedicated: one member group for each unit served, not one pool")
    shared: list[str] = Field(default=[], description="units that every group serves after its own")


class Duty(Model):
    """Staff time with nobody waiting behind it (勤务): a meeting, a patrol, a field day, training.

    Every team has its own queue of duties; a duty whose instant falls outside the team's hours is not held, and a
    patrol that has not begun when the next one is due lapses.
    """

    name: Text | None = None
    team: str
    kind: Literal["meeting", "field", "leave"] = "meeting"
    rhythm: Rhythm
    people: Annotated[int, Field(ge=1)] | Literal["all", "all_but_one"] = "all"
    length: Duration
    for_each: Literal["area", "community"] | None = Field(
        default=None, description="held once for each area or community in the team's place"
    )
    by_clock: bool = Field(default=True, description="ends by the clock (meeting), else by amount of work (patrol)")
    priority: Count = 0

    def heads(self, team_size: int, n_turns: int) -> int:
        """How many people one instant calls away, of a team of a size, in all turns together."""
        called = {"all": team_size, "all_but_one": max(team_size - 1, 0)}.get(str(self.people))
        here = min(int(self.people), team_size) if called is None else called
        return here * n_turns


class WrongDoor(Model):
    """The resident first asks at another unit (misrouted), is told where to go, and walks there."""

    chance: Share
    among: Annotated[list[str], Field(min_length=1)]
    work: Draw
    walk: Duration


class Overflow(Model):
    """After waiting this long the case is also taken at another unit (the B of AB posts, AB岗).

    Who runs out of patience there comes back there on another day, not to the unit where the wait began.
    """

    after: Duration
    unit: str


class Proxy(Model):
    """Somebody of the station does it for the resident (委托代办): no trip, more work."""

    chance: Share
    unit: str
    work: Draw
    priority: Count = 3


class Overdue(Model):
    """What happens when the limit passes and the work has not begun: hurried, perfunctory, complained of."""

    priority: Count = 0
    work_share: Share = Field(default=1.0, description="of the work that is still done; the rest is not done")


class Step(Model):
    """One step of a procedure: where, who is present, how much of the work, and what comes before it."""

    unit: str | Annotated[list[str], Field(min_length=1)] | dict[str, str] = Field(
        description="a unit; a list: spread over them by luck; a mapping: by the matter's category (`other`: the rest)"
    )
    present: bool = False
    share: Annotated[float, Field(ge=0)] = Field(default=0.0, description="of the case's work content")
    work: Draw | None = Field(default=None, description="work this structure adds here: registering, re-reading")
    hard_factor: Positive = Field(default=1.0, description="factor on the work of hard cases (generalists)")
    factor: Positive = Field(default=1.0, description="skill factor on all work of the step")
    priority: Count = Field(default=1, description="class in the queue; lower goes first")
    delay: Delay = Delay()
    each: Literal["community"] | None = Field(default=None, description="done in every community, joined by the next")
    chance: Share = Field(default=1.0, description="of being needed")
    once: bool = Field(
        default=False,
        description="asked for once a case: not again when papers are handed in again, or nothing is settled",
    )
    luck: str | None = Field(
        default=None, description="key of the step's luck (chance, delay, added work); default: its position"
    )
    checks: Annotated[int, Field(ge=0, le=3)] = Field(
        default=0, description="papers are examined: 1 sees what shows at the door, 2 also the second tier's, 3 all"
    )
    hard_returns: Share = Field(default=0.0, description="chance that a hard case is sent back here without need")
    return_delay: Duration = Field(default=0, description="time for papers and word to come back down")
    visit: Literal["same", "new"] = Field(default="same", description="present again: the same visit, or a new trip")
    wrong_door: WrongDoor | None = None
    overflow: Overflow | None = None
    proxy: Proxy | None = None
    overdue: Overdue | None = None
    order: Order | None = None
    verify: Verify | None = None
    merge: Merge | None = None


class Procedure(Model):
    """How a structure handles matters (流程): ``for`` names matter ids, ``category:…`` or ``kind:…``."""

    name: Text | None = None
    matters: Annotated[list[str], Field(min_length=1, alias="for")]
    steps: Annotated[list[Step], Field(min_length=1)]


class Group(Model):
    """People of one kind in the ledger (台账), numbered in declared order."""

    name: Text | None = None
    n: Annotated[int, Field(ge=1)]
    status: Literal["payroll", "elected", "department"] = "payroll"


class Post(Model):
    """People of a group who stand in a team (``at`` names the place where the team is one of several)."""

    group: str
    team: str
    n: Annotated[int, Field(ge=1)]
    at: str | None = None
    government_work: bool = Field(default=True, description="false: self-governance only")


class Ledger(Model):
    """Who there is and where each stands; every sum is checked."""

    groups: dict[str, Group] = {}
    posts: dict[str, Post] = {}


class Structure(Model):
    """Units, teams, procedures and rules (体制)."""

    communities: dict[str, Community] = {}
    areas: dict[str, Area] = Field(default={}, description="share out the communities; along the street as these are")
    units: dict[str, Unit]
    teams: dict[str, Team]
    duties: dict[str, Duty] = {}
    discovery: Discovery | None = None
    procedures: dict[str, Procedure]
    rules: Rules = Rules()
    ledger: Ledger = Ledger()


class Scenario(Model):
    """One scenario, complete."""

    yizhan: Literal[1] = Field(description="version of the scenario language")
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    about: Text | None = None
    checked_against: dict[str, Text] = Field(
        default={}, description="fact ids that a value was held against, and what was found"
    )
    run: Run = Run()
    place: Place = Place()
    calendars: dict[str, Calendar]
    gates: dict[str, Rhythm] = {}
    demand: Demand
    structure: Structure

    @model_validator(mode="before")
    @classmethod
    def _one_community(cls, data: Any) -> Any:
        """A file that names no community has one, with all households."""
        if isinstance(data, dict) and isinstance(data.get("structure"), dict):
            structure = data["structure"]
            if not structure.get("communities"):
                place = data.get("place")
                households = place.get("households") if isinstance(place, dict) else None
                if not isinstance(households, int) or households < 1:
                    households = 1
                data = data | {"structure": structure | {"communities": {"all": {"households": households}}}}
        return data
