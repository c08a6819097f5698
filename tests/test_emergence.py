"""What an official would look for emerges from the parts: direction and rough size, on Jinfeng's scenarios.

Nothing tested here is written in a scenario file as such: files say who works where, on what, for how long and when.
Runs are of 26 weeks from an empty street in January; the first four warm up. Several tests share them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runs import Ran, ran, run_of, scenario

from sim import calendars
from sim.measures import Window
from sim.tables import NONE, Outcome
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S

WEEKS = 26
WARM_UP_S = 4 * WEEK_S
WINDOW = Window(WARM_UP_S, 16 * WEEK_S, WEEKS * WEEK_S)
BOTH = (0, 1)
"""Replications."""
SECTIONS = 14
"""Units of the street office before the reform."""


def before(replication: int = 0) -> Ran:
    return ran("jinfeng/before", weeks=WEEKS, replication=replication)


def after(replication: int = 0) -> Ran:
    return ran("jinfeng/after", weeks=WEEKS, replication=replication)


def changed(made: Ran, overrides: dict[str, Any]) -> Ran:
    """The same people and luck, with some values of the scenario changed."""
    file = made.scenario.name.replace("-", "/", 1)
    return run_of(scenario(file, overrides), WINDOW.end_s, made.demand.streams.replication)


@lru_cache(maxsize=4)
def all_measures(made: Ran) -> dict[tuple[str, str], float]:
    return made.measures(WINDOW)


def measured(made: Ran, name: str) -> dict[str, float]:
    """A measure by group."""
    return {group: value for (measure, group), value in all_measures(made).items() if measure == name}


def near_visits(made: Ran) -> pd.DataFrame:
    """Trips to the community's door after the warm-up."""
    return made.visits[(made.visits["level"] == "community") & (made.visits["joined_s"] >= WARM_UP_S)]


def wait_min(visits: pd.DataFrame) -> float:
    return float(visits["wait_s"].mean() / MINUTE_S)


def stays_at(made: Ran, *bases: str) -> pd.DataFrame:
    """Stays of residents' cases and tasks at some units after the warm-up."""
    table = made.stays
    return table[table["base"].isin(bases) & (table["joined_s"] >= WARM_UP_S)]


# ---- who has time


def test_community_staff_are_short_of_hours_while_most_street_units_are_half_idle():
    use, left = measured(before(), "staff_use_share"), measured(before(), "not_done_h_per_week")
    sections = [share for group, share in use.items() if group in {f"team:{name}" for name in section_names()}]
    assert len(sections) == SECTIONS
    assert sum(share < 0.5 for share in sections) > SECTIONS / 2
    assert use["street"] < 0.5
    assert use["community"] > 0.8
    assert left["not_done"] > 20
    assert measured(after(), "not_done_h_per_week")["not_done"] < left["not_done"] / 4


def section_names() -> list[str]:
    teams = before().scenario.structure.teams
    return [name for name, team in teams.items() if team.level == "street" and name != "leaders"]


def test_minutes_at_a_window_but_days_or_weeks_to_close():
    made = before()
    counter = stays_at(made, "counter")
    served = counter[counter["outcome"] == Outcome.DONE]
    assert wait_min(near_visits(made)) < 20
    assert served["worked_s"].mean() < 20 * MINUTE_S
    assert 7 < measured(made, "close_p50_days")["counter"] < 30
    parts = measured(made, "close_part_days")
    assert parts["work"] + parts["queue"] < 0.1 * sum(parts.values())


# ---- papers that are sent back


@cache
def three_tier_cases() -> pd.DataFrame:
    """Closed cases of the matters that pass three tiers: how often each tier saw them, days, minutes of staff."""
    tables = []
    for replication in BOTH:
        made = before(replication)
        matters = made.scenario.structure.procedures["three-tiers"].matters
        cases = made.journeys[
            made.journeys["matter"].isin(matters)
            & (made.journeys["outcome"] == "closed")
            & WINDOW.opens(made.journeys["opened_s"])
        ]
        stay = made.stays[made.stays["outcome"] == Outcome.DONE]
        tier = stay["base"].map(lambda base: base if base in ("counter", "department", "leaders") else "section")
        seen = pd.crosstab(stay["case"], tier)
        days = (cases["closed_s"] - cases["opened_s"]) / DAY_S
        table = pd.DataFrame({"matter": cases["matter"].astype(str), "days": days, "minutes": cases["work_s"] / 60})
        tables.append(table.join(seen))
    return pd.concat(tables)


def test_papers_sent_back_at_the_third_tier_cost_far_more_than_at_the_first_door():
    """Which tier finds a defect is luck, so cases sent back once at different tiers may be compared as they are.

    The first door is seen again (a second visit, then collection); or the department is (and all tiers below it).
    """
    cases = three_tier_cases()
    once = {
        "none": cases[(cases["counter"] == 2) & (cases["section"] == 1) & (cases["department"] == 1)],
        "door": cases[(cases["counter"] == 3) & (cases["section"] == 1) & (cases["department"] == 1)],
        "third": cases[(cases["counter"] == 3) & (cases["section"] == 2) & (cases["department"] == 2)],
    }
    assert all(len(group) > 60 for group in once.values())
    extra_days = {name: once[name]["days"].mean() - once["none"]["days"].mean() for name in ("door", "third")}
    extra_minutes = {name: once[name]["minutes"].mean() - once["none"]["minutes"].mean() for name in ("door", "third")}
    assert extra_days["door"] > 2
    assert extra_days["third"] > 10
    assert extra_days["third"] > 2.5 * extra_days["door"]
    assert extra_minutes["third"] > 3 * extra_minutes["door"] > 0


# ---- nobody at the desk


def in_service(legs: pd.DataFrame, at_s: np.ndarray) -> np.ndarray:
    """How many of some legs, each served in one go, are being served at each instant."""
    started = np.searchsorted(np.sort(legs["started_s"]), at_s, side="right")
    return started - np.searchsorted(np.sort(legs["ended_s"]), at_s, side="right")


def whereabouts(made: Ran) -> pd.DataFrame:
    """Where a community's members are when a resident joins who will wait over ten minutes at its counter.

    Counted from the legs: who serves at the counter, works at the desk (in one go), is in a meeting, is on leave; the
    rest, since nobody who waits would wait beside an idle member, are outdoors.
    """
    units, teams = made.plan.units, made.plan.teams
    legs = made.legs[made.legs["joined_s"] >= 0].assign(
        unit_kind=units["kind"].to_numpy()[made.legs["unit"][made.legs["joined_s"] >= 0]],
    )
    tables = []
    for number, team in enumerate(teams.itertuples()):
        if team.base != "community-staff":
            continue
        counter = int(units.index[units["unit"] == f"counter@{team.place}"][0])
        here = legs[(legs["unit"] == counter) & (legs["joined_s"] >= WARM_UP_S)]
        left_s = here["started_s"].where(here["started_s"] != NONE, here["ended_s"])
        at_s = here.loc[left_s - here["joined_s"] > 10 * MINUTE_S, "joined_s"].to_numpy()
        own = legs[(legs["team"] == number) & (legs["ended_s"] != NONE)]
        own = own[own["worked_s"] == own["ended_s"] - own["started_s"]]
        found = {
            kind: in_service(own[own["unit_kind"] == kind], at_s) for kind in ("counter", "desk", "meeting", "leave")
        }
        size = int(made.plan.engine_input.teams["size"][number])
        tables.append(pd.DataFrame(found | {"outdoors": size - sum(found.values())}))
    return pd.concat(tables, ignore_index=True)


def test_nobody_at_the_desk_because_everyone_is_out():
    """Most long waits at a community's counter begin when no member is there, nor at a desk."""
    at = whereabouts(before())
    assert len(at) > 500
    assert at["desk"].max() == 0
    nobody = at[at["counter"] == 0]
    assert len(nobody) > 0.7 * len(at)
    assert (nobody["outdoors"] + nobody["meeting"]).mean() > 6
    assert nobody["leave"].mean() < 1
    long_waits = [(near_visits(made)["wait_s"] > 10 * MINUTE_S).mean() for made in (before(), after())]
    assert long_waits[1] < long_waits[0] / 3


# ---- campaigns


def period(at_s: pd.Series) -> np.ndarray:
    """What the departments want at each instant: household checks, a month's ledgers, a quarter's inspection, or other.

    Checks are sent out on 8 April, ledgers on the 21st of each month, inspections on the 5th of March and June.
    """
    month, day = calendars.month_and_day(at_s.to_numpy() // DAY_S)
    checks = (month == 4) & (day > 8) & (day <= 22)
    inspection = np.isin(month, (3, 6)) & (day >= 5) & (day <= 20)
    return np.select([checks, (day >= 21) & (day <= 30), inspection], ["checks", "ledgers", "inspection"], "other")


def test_a_campaign_among_households_pushes_waits_at_the_door_up_before_and_less_after():
    rise_min = {}
    for structure in (before, after):
        visits = pd.concat([near_visits(structure(replication)) for replication in BOTH])
        when = period(visits["joined_s"])
        checks, other = wait_min(visits[when == "checks"]), wait_min(visits[(when != "checks")])
        rise_min[structure] = checks - other
        if structure is before:
            assert checks > 2.5 * other
    assert rise_min[before] > 5
    assert rise_min[after] < rise_min[before] / 4


def test_a_months_end_holds_up_what_needs_somebody_outdoors_before_and_less_after():
    """Ledgers keep staff at their desks, so the counter is manned; problems found in the grid wait for weeks' ends."""
    rise_days = {}
    for structure in (before, after):
        cases = pd.concat([structure(replication).journeys for replication in BOTH])
        cases = cases[(cases["channel"] == "grid") & WINDOW.opens(cases["opened_s"])]
        days = (cases["left_s"].where(cases["left_s"] != NONE, WINDOW.end_s) - cases["opened_s"]) / DAY_S
        mean = days.groupby(period(cases["opened_s"])).mean()
        rise_days[structure] = mean["ledgers"] - mean["other"]
        if structure is before:
            assert mean["ledgers"] > 1.5 * mean["other"]
    assert rise_days[before] > 1.5
    assert rise_days[after] < 0.7 * rise_days[before]


# ---- absence and meetings


def cost_of_one_missing(file: str, people: int) -> dict[str, float]:
    """What it costs that on average one of so many is away: mean paired difference from nobody ever being.

    ``minutes`` a visit, ``long``: share of the visits that wait over ten minutes, ``not_done``: hours a week and place.
    """
    costs = []
    for replication in BOTH:
        figures = []
        for days in (0, 250 / people):
            given = scenario(file, {"structure.rules.absence.days_per_year": days})
            made = run_of(given, WINDOW.end_s, replication)
            visits, left = near_visits(made), measured(made, "not_done_h_per_week")["not_done"]
            places = len(made.scenario.structure.communities)
            figures.append([wait_min(visits), (visits["wait_s"] > 10 * MINUTE_S).mean(), left / places])
        costs.append(np.subtract(figures[1], figures[0]))
    return dict(zip(("minutes", "long", "not_done"), np.mean(costs, axis=0).tolist(), strict=True))


def test_one_absence_in_a_community_of_five_is_felt_in_a_station_of_fifteen_hardly():
    of_five, of_fifteen = (
        cost_of_one_missing("jinfeng/before-five", 5),
        cost_of_one_missing("jinfeng/after-fifteen", 15),
    )
    assert of_five["minutes"] > 1
    assert of_fifteen["minutes"] < of_five["minutes"] / 1.5
    assert of_five["long"] > 0.02
    assert of_fifteen["long"] < of_five["long"] / 2.5
    assert of_five["not_done"] > 5
    assert of_fifteen["not_done"] < 1


@pytest.mark.parametrize("structure", [before, after])
def test_leaders_in_meetings_hold_up_approvals(structure):
    made = structure()
    papers = stays_at(made, "leaders")
    of_day, weekday = papers["joined_s"] % DAY_S, papers["joined_s"] // DAY_S % 7
    in_meeting = weekday.isin([0, 3]) & of_day.between(9 * HOUR_S, 12 * HOUR_S - 1)
    assert papers.loc[in_meeting, "queue_s"].mean() > 60 * MINUTE_S
    assert papers.loc[in_meeting, "queue_s"].mean() > 3 * papers.loc[~in_meeting, "queue_s"].mean()

    always_there = changed(made, {"structure.duties.leaders-meeting": None, "structure.duties.leaders-out": None})
    assert stays_at(always_there, "leaders")["queue_s"].mean() < papers["queue_s"].mean() / 5
    later_h = (made.journeys["left_s"] - always_there.journeys["left_s"]) / HOUR_S
    both = (made.journeys["outcome"] == "closed") & (always_there.journeys["outcome"] == "closed")
    assert 1 < later_h[both & both.index.isin(papers["case"]) & WINDOW.opens(made.journeys["opened_s"])].mean() < 24


# ---- more people, other demand


MORE: dict[str, tuple[Callable[[int], Ran], tuple[str, ...], dict[str, int]]] = {
    "in each community": (
        before,
        ("counter", "desk", "outside"),
        {"teams.community-staff.size": 8, "ledger.groups.grid-workers.n": 18, "ledger.posts.grid-workers.n": 3},
    ),
    "in the labour office": (
        before,
        ("labour", "labour-desk"),
        {"teams.labour.size": 4, "ledger.groups.street-staff.n": 45, "ledger.posts.labour.n": 4},
    ),
    "at each station's windows": (
        after,
        ("window-party", "window-public", "window-social", "window-governance", "b-post"),
        {"teams.windows.size": 5, "ledger.groups.street-staff.n": 48, "ledger.posts.windows.n": 5},
    ),
    "in each station": (
        after,
        ("b-post", "desk", "outside"),
        {"teams.station-staff.size": 9, "ledger.groups.grid-workers.n": 16, "ledger.posts.grid-workers.n": 4},
    ),
}


@pytest.mark.parametrize("where", MORE)
def test_one_more_person_does_not_lengthen_waits_there(where):
    """On average over two replications: neither residents' waits at the place, nor what lies in its queues."""
    structure, units, overrides = MORE[where]
    more = {f"structure.{path}": value for path, value in overrides.items()}
    base = [structure(replication) for replication in BOTH]
    waits, queues = [], []
    for made in (base, [changed(one, more) for one in base]):
        stay = pd.concat([stays_at(one, *units) for one in made])
        waits.append(stay.loc[stay["present"], "wait_s"].mean())
        queues.append(stay["queue_s"].mean())
    assert waits[1] < 1.05 * waits[0]
    assert queues[1] < 0.95 * queues[0]


NO_DEMAND = {"demand.scale": 0.01, "demand.task_scale": 0}


@pytest.mark.parametrize("structure", [before, after])
def test_at_no_demand_nobody_waits(structure):
    """One case in a hundred, no work from above in communities, everybody at their place: perhaps for one another."""
    nobody_away = {"structure.duties": None, "structure.rules.absence.days_per_year": 0}
    made = changed(structure(), NO_DEMAND | nobody_away)
    waits_s = made.stays.loc[made.stays["present"], "wait_s"]
    assert len(waits_s) > 100
    assert (waits_s > 0).mean() < 0.02
    assert waits_s.mean() < 5


def test_at_no_demand_whoever_waits_finds_everybody_at_the_meeting():
    stay = changed(before(), NO_DEMAND).stays
    waits = stay[(stay["wait_s"] > 0) & (stay["base"] == "counter")]
    minute = waits["joined_s"] % WEEK_S / MINUTE_S
    assert len(waits) > 2
    assert minute.between(14 * 60, 15.5 * 60).all()  # Monday, while the community meets


STATIONS = {f"team:station-staff@{place}": ("outside", place) for place in ("c1", "c2", "c3", "c4")}


@pytest.mark.parametrize("structure", [before, after])
def test_at_twice_the_demand_the_weakest_place_gives_way_first(structure):
    """Of the street's units before, of the stations after: the one with least time to spare, and it alone."""
    sections = {f"team:{name}": (f"{name}-desk", "") for name in section_names()}
    places = sections if structure is before else STATIONS
    use = measured(structure(), "staff_use_share")
    weakest = max(places, key=lambda team: use[team])
    twice = changed(structure(), {"demand.scale": 2})
    use_then = measured(twice, "staff_use_share")
    assert use_then[weakest] == max(use_then[team] for team in places)
    assert use_then[weakest] > 0.95
    queue, queue_then = queues_h(structure(), places), queues_h(twice, places)
    assert queue_then[weakest] > 5 * queue[weakest]
    assert queue_then[weakest] > 5 * max(hours for team, hours in queue_then.items() if team != weakest)


def queues_h(made: Ran, places: dict[str, tuple[str, str]]) -> dict[str, float]:
    """Mean working hours that papers lie at the unit of each place."""
    mean = made.stays[made.stays["joined_s"] >= WARM_UP_S].groupby(["base", "place"])["queue_s"].mean() / HOUR_S
    return {team: float(mean[unit]) for team, unit in places.items()}
