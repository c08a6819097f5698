"""The face sheet: what a scenario implies before any queue, on one page that an official can reject in five minutes.

One year of demand is laid out under the structure, and every case is followed along the way it would take if nobody
ever had to wait: no overflow, no overdue work, no giving up. All figures are counted from those rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim import calendars
from sim.demand import draw_demand
from sim.itineraries import plan
from sim.language import DEFAULT_LANGUAGE, say
from sim.scenario.schema import Scenario
from sim.structure.people import head_count
from sim.structure.places import places
from sim.tables import NONE, EngineInput, Kind, Plan, Ready
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S

WEEKS = 52
MONTHS = 12
N_MATTERS = 8
CHANNELS = ("counter", "hotline", "grid", "self_governance")
LEVELS = ("community", "committee", "street", "department")
UNIT_KINDS = ("counter", "desk", "field", "meeting", "leave")
LEADERS = "leaders"
"""What a unit is called whose work is signing."""
Line = tuple[str, dict[str, object]]
"""Key of a line in the catalogue, and the values in it."""


@dataclass(frozen=True)
class Figures:
    """A year of a scenario without queues: its rows (``unit_…``: their unit in words), its capacity, its open days."""

    scenario: Scenario
    plan: Plan
    rows: pd.DataFrame
    capacity_h: pd.Series
    n_days: int


def face_sheet(scenario: Scenario, lang: str = DEFAULT_LANGUAGE) -> list[tuple[str, str]]:
    """Some twenty lines of (what, how much), in one language: one year of the scenario, its first replication."""
    planned = plan(scenario, draw_demand(scenario, scenario.run.seed, 0, WEEKS * WEEK_S))
    return [
        (say(f"face.{key}", lang), say(f"face.{key}.value", lang, **values))
        for key, values in lines(figures(scenario, planned), lang)
    ]


def figures(scenario: Scenario, planned: Plan) -> Figures:
    """The plain way of a year's plan, and what it is held against.

    ``capacity_h``: hours a week of the staff of each level; ``n_days``: days on which the first calendar opens.
    """
    hours = planned.engine_input.calendars
    hours = hours[hours["open_s"] < WEEKS * WEEK_S]
    n_days = (hours.loc[hours["calendar"] == 0, "open_s"] // DAY_S).nunique()
    return Figures(scenario, planned, plain_rows(planned), _capacity_h(planned, hours), n_days)


def plain_rows(planned: Plan) -> pd.DataFrame:
    """The rows of a plan that are reached without waiting, with their unit in words (``unit_base``, ``…_place`` …)."""
    rows = planned.engine_input.itineraries
    rows = rows[~rows["kind"].isin([Kind.COMPLAINT, Kind.SUPERVISION]) & ~_alternative(rows)]
    return rows.join(planned.units[["base", "place", "level", "kind"]].add_prefix("unit_"), on="unit")


def _capacity_h(planned: Plan, hours: pd.DataFrame) -> pd.Series:
    """Hours a week of the staff of each level: members times the hours of their calendar."""
    open_s = (hours["close_s"].clip(upper=WEEKS * WEEK_S) - hours["open_s"]).groupby(hours["calendar"]).sum()
    teams = planned.engine_input.teams
    of_team = teams["size"] * teams["calendar"].map(open_s).fillna(0) / HOUR_S / WEEKS
    return of_team.groupby(planned.teams["level"]).sum()


def _alternative(rows: pd.DataFrame) -> np.ndarray:
    """Rows that are reached only through a limit, a deadline or giving up."""
    row = rows["row"].to_numpy()
    first = rows["case"].to_numpy() * (1 + row.max(initial=0))
    leads = rows[["next_limit", "next_deadline", "next_gave_up"]].to_numpy()
    elsewhere = (leads != NONE) & (leads != row[:, None])
    return np.isin(first + row, (first[:, None] + leads)[elsewhere])


def lines(given: Figures, lang: str) -> Iterator[Line]:
    """The lines of the face sheet: what it tells of place, demand, people and ways."""
    yield from _place(given, lang)
    yield from _demand(given, lang)
    yield from _people(given)
    yield from _community_time(given, lang)
    yield from _visits(given, lang)
    yield from _papers(given)


def _spread(values: np.ndarray | pd.Series, form: str, lang: str) -> dict[str, object]:
    """The least and the most, and how that is said: one figure where all look the same."""
    ends = (float(values.min()), float(values.max()))
    least, most = (format(value, form) for value in ends)
    words = least if least == most else say("face.spread", lang, least=least, most=most)
    return {"least": ends[0], "most": ends[1], "spread": words}


def _place(given: Figures, lang: str) -> Iterator[Line]:
    place, where = given.scenario.place, places(given.scenario.structure)
    sizes = where.households("community")
    yield "households", {"n": place.households, "persons": place.households * place.persons_per_household}
    yield "communities", {"n": len(sizes), **_spread(sizes, ",.0f", lang)}
    cases = given.plan.cases
    residents = cases[cases["household"] != NONE]
    if len(areas := where.households("area")):
        way_min = residents["area_travel_s"].mean() / 2 / MINUTE_S if len(residents) else 0.0
        yield "areas", {"n": len(areas), **_spread(areas, ",.0f", lang), "way": way_min}
    if len(residents):
        one_way_min = residents[["community_travel_s", "street_travel_s"]].mean() / 2 / MINUTE_S
        yield "ways", {"community": one_way_min.iloc[0], "street": one_way_min.iloc[1]}
    people = head_count(given.scenario.structure, where)
    if people.payroll or people.elected:
        yield "heads", {"payroll": people.payroll, "elected": people.elected, "working": people.government_work}


def _demand(given: Figures, lang: str) -> Iterator[Line]:
    cases, matters = given.plan.cases, list(given.scenario.demand.matters.values())
    n_cases = cases.loc[cases["kind"] == Kind.RESIDENT, "matter"].value_counts()
    n_households = given.scenario.place.households
    yield "cases", {"month": n_cases.sum() / MONTHS, "household": n_cases.sum() / n_households}
    channel = n_cases.index.map(lambda number: matters[number].kind)
    for name in CHANNELS:
        if n := n_cases[channel == name].sum():
            yield f"cases_{name}", {"month": n / MONTHS}
    named = [
        f"{matters[int(str(number))].name[lang]} {n / MONTHS:.0f}" for number, n in n_cases.head(N_MATTERS).items()
    ]
    if named:
        yield "matters", {"list": say("face.list", lang).join(named)}
    n_tasks = (cases["kind"] == Kind.TASK).sum()
    if n_tasks:
        noted = given.plan.undone[given.plan.undone["row"] == NONE]
        is_refused = ~noted["case"].isin(given.rows["case"])
        hours = noted["work_s"].groupby(is_refused).sum() / HOUR_S / WEEKS
        yield "tasks", {"month": n_tasks / MONTHS, "refused": noted.loc[is_refused, "case"].nunique() / n_tasks}
        yield "tasks_refused", {"hours": hours.get(True, 0.0)}
        if not is_refused.all():
            yield "tasks_followed", {"hours": hours[False]}


def _people(given: Figures) -> Iterator[Line]:
    """What is asked of the staff of each level in a week, by kind of work, beside the hours they have."""
    size = given.plan.engine_input.teams["size"].groupby(given.plan.teams["level"]).sum()
    work_h = given.rows["work_s"].groupby([given.rows["unit_level"], given.rows["unit_kind"]]).sum() / HOUR_S / WEEKS
    for level in LEVELS:
        capacity_h = given.capacity_h.get(level, 0.0)
        if capacity_h and level in work_h.index.get_level_values(0):
            asked_h = {kind: float(work_h.get((level, kind), 0.0)) for kind in UNIT_KINDS}
            load = sum(asked_h.values()) / capacity_h
            yield f"hours_{level}", {"n": size[level], "capacity": capacity_h, "load": load, **asked_h}
    signatures = given.rows[given.rows["unit_base"] == LEADERS]
    if len(signatures):
        yield "signatures", {"day": len(signatures) / given.n_days}


def _community_time(given: Figures, lang: str) -> Iterator[Line]:
    """How much of the work asked of the communities comes from above, and how much of it is out of the office."""
    rows = given.rows[(given.rows["unit_level"] == "community") & (given.rows["unit_kind"] != "leave")]
    total_s = rows["work_s"].sum()
    if not total_s:
        return
    tasks = rows[rows["kind"] == Kind.TASK]
    yield "administrative", {"share": tasks["work_s"].sum() / total_s}
    yield "outside", {"share": rows.loc[rows["unit_kind"] == "field", "work_s"].sum() / total_s}
    if len(tasks):
        a_week_h = tasks.groupby("unit_place")["work_s"].sum() / HOUR_S / WEEKS
        yield "tasks_community", _spread(a_week_h, ",.0f", lang)


def _visits(given: Figures, lang: str) -> Iterator[Line]:
    visits = given.rows[(given.rows["present"] == 1) & (given.rows["kind"] == Kind.RESIDENT)]
    for level in ("community", "street"):
        here = visits[visits["unit_level"] == level]
        if len(here):
            a_day = here.groupby("unit").size() / given.n_days
            work_min = here["work_s"].mean() / MINUTE_S
            yield f"visits_{level}", {**_spread(a_day, ".1f", lang), "work": work_min}
    if len(visits):
        trips = visits.groupby("case")["visit"].max()
        yield "trips", {"mean": trips.mean(), "once": (trips == 1).mean()}


def _papers(given: Figures) -> Iterator[Line]:
    """How many desks a paper passes on average, and how many days it is on the way, by who decides."""
    at_desks = given.rows[given.rows["present"] == 0]
    at_desks = at_desks.assign(days=_days_between_desks(given, at_desks))
    matters = list(given.scenario.demand.matters.values())
    for authority in ("department", "street"):
        numbers = [k for k, matter in enumerate(matters) if (matter.authority, matter.kind) == (authority, "counter")]
        cases = given.plan.cases.loc[given.plan.cases["matter"].isin(numbers), "case"]
        if len(cases):
            own = at_desks[at_desks["case"].isin(cases)]
            yield f"paper_{authority}", {"days": own["days"].sum() / len(cases), "desks": len(own) / len(cases)}


def _days_between_desks(given: Figures, rows: pd.DataFrame) -> np.ndarray:
    """Days before each row: wall time, working days as days, and on average until the next bag goes."""
    kind, at = rows["ready_kind"].to_numpy(), rows["ready_at"].to_numpy()
    days = (rows["ready_s"] - rows["own_s"].clip(lower=0)).to_numpy() / DAY_S
    for number, calendar in enumerate(given.scenario.calendars.values()):
        days[(kind == Ready.WORKING) & (at == number)] *= DAY_S / calendars.working_day_s(calendar)
    for number in range(len(given.scenario.gates)):
        days[(kind == Ready.GATE) & (at == number)] += _mean_wait_days(given.plan.engine_input, number)
    return days


def _mean_wait_days(tables: EngineInput, gate: int) -> float:
    """Mean wait for the next instant of a gate, from a random moment (half the mean squared gap over the mean gap)."""
    at_s = tables.gates.loc[tables.gates["gate"] == gate, "at_s"].to_numpy()
    if len(at_s) < 2:
        return 0.0
    gaps = np.diff(at_s) / DAY_S
    return float((gaps**2).mean() / gaps.mean() / 2)
