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
from sim.language import DEFAULT_LANGUAGE, pick, say
from sim.scenario.schema import Scenario
from sim.structure.people import head_count
from sim.structure.places import places
from sim.tables import NONE, Kind, Plan, Ready
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S

WEEKS = 52
N_MATTERS = 8


@dataclass(frozen=True)
class Figures:
    """A year of a scenario without queues: its rows (with unit, level and kind of unit as text) and its capacity."""

    scenario: Scenario
    plan: Plan
    rows: pd.DataFrame
    open_h: float


def figures(scenario: Scenario, seed: int) -> Figures:
    """Lay out one year (replication 0) and keep the rows of the plain way."""
    demand = draw_demand(scenario, seed, 0, WEEKS * WEEK_S)
    planned = plan(scenario, demand)
    rows = planned.engine_input.itineraries
    rows = rows[rows["kind"] != Kind.COMPLAINT]
    rows = rows.join(planned.units[["base", "place", "level", "kind"]].add_prefix("unit_"), on="unit")
    rows = rows[~_alternative(rows)]
    table = planned.engine_input.calendars
    periods = table[(table["calendar"] == 0) & (table["open_s"] < WEEKS * WEEK_S)]
    open_s = (periods["close_s"].clip(upper=WEEKS * WEEK_S) - periods["open_s"]).sum()
    return Figures(scenario, planned, rows, float(open_s) / HOUR_S)


def _alternative(rows: pd.DataFrame) -> np.ndarray:
    """Rows that are reached only through a limit, a deadline or giving up."""
    key = rows["case"].to_numpy() * 4096 + rows["row"].to_numpy()
    case, own = rows["case"].to_numpy() * 4096, rows["row"].to_numpy()
    targets = []
    for name in ("next_limit", "next_deadline", "next_gave_up"):
        leads = rows[name].to_numpy()
        elsewhere = (leads != NONE) & (leads != own)
        targets.append(case[elsewhere] + leads[elsewhere])
    return np.isin(key, np.concatenate(targets))


def face_sheet(scenario: Scenario, lang: str = DEFAULT_LANGUAGE) -> list[tuple[str, str]]:
    """Some twenty lines of (what, how much), in one language."""
    given = figures(scenario, scenario.run.seed)
    lines = [*_place(given), *_demand(given, lang), *_people(given), *_ways(given)]
    return [(say(f"face.{key}", lang), say(f"face.{key}.value", lang, **values)) for key, values in lines]


Line = tuple[str, dict[str, object]]


def _place(given: Figures) -> Iterator[Line]:
    place, where = given.scenario.place, places(given.scenario.structure)
    sizes = where.households("community")
    yield "households", {"n": place.households, "persons": place.households * place.persons_per_household}
    yield "communities", {"n": len(sizes), "least": sizes.min(), "most": sizes.max()}
    cases = given.plan.cases
    residents = cases[cases["household"] >= 0]
    if len(residents):
        ways = {name: residents[f"{name}_travel_s"].mean() / 2 / MINUTE_S for name in ("community", "street")}
        yield "ways", ways
    people = head_count(given.scenario.structure, where)
    if people.payroll or people.elected:
        yield "heads", {"payroll": people.payroll, "elected": people.elected, "working": people.government_work}


def _demand(given: Figures, lang: str) -> Iterator[Line]:
    cases, matters = given.plan.cases, list(given.scenario.demand.matters.values())
    residents = cases[cases["kind"] == Kind.RESIDENT]
    n_households = given.scenario.place.households
    yield "cases", {"month": len(residents) / 12, "household": len(residents) / n_households}
    for kind in ("counter", "hotline", "grid", "self_governance"):
        numbers = [number for number, matter in enumerate(matters) if matter.kind == kind]
        n = int(residents["matter"].isin(numbers).sum())
        if n:
            yield f"cases_{kind}", {"month": n / 12}
    common = residents["matter"].value_counts().head(N_MATTERS)
    named = [f"{pick(matters[int(number)].name.model_dump(), lang)} {n / 12:.0f}" for number, n in common.items()]
    yield "matters", {"list": ("、" if lang == "zh" else "; ").join(named)}
    tasks = cases[cases["kind"] == Kind.TASK]
    if len(tasks):
        refused = given.plan.undone[given.plan.undone["row"] == NONE]
        yield "tasks", {"month": len(tasks) / 12, "refused": len(refused) / len(tasks)}
        hours = refused["work_s"].sum() / HOUR_S / WEEKS
        yield "tasks_refused", {"hours": hours}


def _people(given: Figures) -> Iterator[Line]:
    teams = given.plan.teams.assign(size=given.plan.engine_input.teams["size"].to_numpy())
    hours = given.rows.assign(h=given.rows["work_s"] / HOUR_S).groupby(["unit_level", "unit_kind"])["h"].sum() / WEEKS
    for level in ("community", "committee", "street", "department"):
        n = int(teams.loc[teams["level"] == level, "size"].sum())
        if not n or level not in hours.index.get_level_values(0):
            continue
        of_kind = {
            kind: float(hours.get((level, kind), 0.0)) for kind in ("counter", "desk", "field", "meeting", "leave")
        }
        capacity = n * given.open_h / WEEKS
        yield f"hours_{level}", {"n": n, "capacity": capacity, "load": sum(of_kind.values()) / capacity, **of_kind}
    yield from _community_time(given, hours)
    signatures = given.rows[given.rows["unit_base"] == "leaders"]
    if len(signatures):
        yield "signatures", {"day": len(signatures) / (given.open_h / 7)}


def _community_time(given: Figures, hours: pd.Series) -> Iterator[Line]:
    at_community = given.rows[given.rows["unit_level"] == "community"]
    total = at_community["work_s"].sum()
    if not total or "community" not in hours.index.get_level_values(0):
        return
    task = at_community.loc[at_community["kind"] == Kind.TASK, "work_s"].sum()
    outside = at_community.loc[at_community["unit_kind"] == "field", "work_s"].sum()
    leave = at_community.loc[at_community["unit_kind"] == "leave", "work_s"].sum()
    yield "administrative", {"share": task / (total - leave)}
    yield "outside", {"share": outside / (total - leave)}
    a_day = at_community[at_community["kind"] == Kind.TASK].groupby("unit_place")["work_s"].sum()
    if len(a_day):
        yield "tasks_community", {"least": a_day.min() / HOUR_S / WEEKS, "most": a_day.max() / HOUR_S / WEEKS}


def _ways(given: Figures) -> Iterator[Line]:
    visits = given.rows[(given.rows["present"] == 1) & (given.rows["kind"] == Kind.RESIDENT)]
    if not len(visits):
        return
    days = given.open_h / 7
    for level in ("community", "street"):
        here = visits[visits["unit_level"] == level]
        if len(here):
            doors = here.groupby("unit").size() / days
            yield (
                f"visits_{level}",
                {"least": doors.min(), "most": doors.max(), "work": here["work_s"].mean() / MINUTE_S},
            )
    trips = visits.groupby("case")["visit"].max()
    yield "trips", {"mean": trips.mean(), "once": (trips == 1).mean()}
    for authority in ("department", "street"):
        numbers = [
            number
            for number, matter in enumerate(given.scenario.demand.matters.values())
            if matter.authority == authority and matter.kind == "counter"
        ]
        chosen = given.plan.cases.loc[given.plan.cases["matter"].isin(numbers), "case"]
        if len(chosen):
            rows = given.rows[given.rows["case"].isin(chosen)]
            yield f"paper_{authority}", _paper_days(given, rows, len(chosen))


def _paper_days(given: Figures, rows: pd.DataFrame, n_cases: int) -> dict[str, object]:
    """Mean days between desks (hand-offs and bags, working days of seven hours as days) and number of desks."""
    desk = rows[rows["present"] == 0]
    wall = desk.loc[desk["ready_kind"] == Ready.WALL, "ready_s"].sum() / DAY_S
    day_s = calendars.working_day_s(next(iter(given.scenario.calendars.values())))
    working = desk.loc[desk["ready_kind"] == Ready.WORKING, "ready_s"].sum() / day_s
    bags = (desk["ready_kind"] == Ready.GATE).sum() * _mean_gate_wait_days(given.plan)
    return {"days": (wall + working + bags) / n_cases, "desks": len(desk) / n_cases}


def _mean_gate_wait_days(planned: Plan) -> float:
    """Mean wait for the next instant of the first gate, from a random moment (half the mean squared gap over it)."""
    gates = planned.engine_input.gates
    at_s = gates.loc[gates["gate"] == 0, "at_s"].to_numpy()
    if len(at_s) < 2:
        return 0.0
    gaps = np.diff(at_s) / DAY_S
    return float((gaps**2).mean() / gaps.mean() / 2)
