"""Put demand and structure together: the engine's five tables, and what is known of each case beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.demand import Demand, MatterCases
from sim.itineraries import discovery, duties, merging, residents, tasks
from sim.itineraries.course import Course, Undone
from sim.itineraries.discovery import Found
from sim.itineraries.rows import BLANK
from sim.itineraries.setting import Setting, setting
from sim.itineraries.settling import unsettled_times
from sim.scenario.handling import ways_of
from sim.scenario.schema import Each, Scenario
from sim.tables import CASES, FOUND_BY, ITINERARIES, NONE, UNDONE, EngineInput, Kind, Plan

NEAR_SHARE = 0.75
"""Three quarters of the residents live near; the rest are the distant."""


Columns = dict[str, np.ndarray]
"""Some columns of a table by name, equally long."""


@dataclass(frozen=True)
class Layout:
    """The possible legs of all cases under a scenario's places and procedures, whoever staffs them.

    ``setting``: what they were laid out in; ``rows``: (columns of ITINERARIES, rows) by case and row; ``cases``:
    (columns of CASES, cases); ``undone``: UNDONE.
    """

    setting: Setting
    rows: np.ndarray
    cases: np.ndarray
    undone: np.ndarray

    def serves(self, scenario: Scenario, demand: Demand) -> bool:
        """Whether it is the layout of a demand under a scenario: all is equal but teams, duties, leave and ledger.

        Of the duties, that by which problems are discovered must be held at the same instants and places.
        """
        mine = self.setting.scenario
        return demand is self.setting.demand and (scenario is mine or laid_out_of(scenario) == laid_out_of(mine))


def laid_out_of(scenario: Scenario) -> tuple[object, ...]:
    """The parts of a scenario that decide which legs a case may have."""
    structure, rules = scenario.structure, scenario.structure.rules
    return (
        scenario.place,
        list(scenario.calendars.items()),
        list(scenario.gates.items()),
        list(structure.communities.items()),
        structure.areas,
        list(structure.units.items()),
        structure.procedures,
        discovery.rests_on(structure),
        rules.model_copy(update={"absence": None, "restart": None}),
        scenario.run.warm_up if rules.transition is not None else None,
    )


def lay_out(scenario: Scenario, demand: Demand) -> Layout:
    """Lay out every case of a demand under a scenario's structure.

    The demand may be another scenario's, if place and demand are the same: that is how structures face one luck.
    """
    stage = setting(scenario, demand)
    undone = Undone()
    findings = [discovery.found(stage, cases) for cases in demand.matters]
    spared = merging.spared(stage)
    named = zip(scenario.demand.matters, demand.matters, findings, strict=True)
    blocks = [
        block
        for name, cases, finding in named
        for block in _matter_rows(stage, name, cases, finding, undone, spared.get(name, {}))
    ]
    rows = _stacked(blocks, ITINERARIES, _by_case_and_row(blocks, demand.n_cases))
    known = _cases(stage, findings)
    return Layout(stage, rows, _stacked(known, CASES, [block["case"] for block in known]), undone.table())


def _matter_rows(
    stage: Setting,
    matter: str,
    cases: MatterCases,
    finding: Found,
    undone: Undone,
    spared: Mapping[int, np.ndarray],
) -> Iterator[Columns]:
    """The possible legs of a matter's cases, a block for each procedure by which they go; of those not found, none."""
    ways = ways_of(stage.scenario, matter)
    way = np.where(finding.by == FOUND_BY.index("hotline"), len(ways) - 1, 0)
    for number, name in enumerate(ways):
        chosen = discovery.known(cases, finding, (way == number) & (finding.by != NONE))
        course = Course(stage, chosen, stage.scenario.structure.procedures[name], undone)
        if cases.matter.kind == "task":
            tasks.lay_out(course, spared)
        else:
            residents.lay_out(course)
        yield course.rows.table()


def plan(scenario: Scenario, demand: Demand, layout: Layout | None = None) -> Plan:
    """A demand under a scenario's structure, with its staff and their duties: what an engine reads.

    A ``layout`` that serves the two spares laying out the cases anew.
    """
    if layout is None or not layout.serves(scenario, demand):
        layout = lay_out(scenario, demand)
    stage = layout.setting if layout.setting.scenario is scenario else setting(scenario, demand)
    duty_rows, n_duties = duties.lay_out(stage, demand.n_cases)
    rows, cases = layout.rows, layout.cases
    if n_duties:
        in_order = [np.arange(n_duties)]
        rows = np.concatenate((rows, _stacked([duty_rows], ITINERARIES, in_order)), axis=1)
        of_duties = _stacked([_duty_cases(demand.n_cases, n_duties)], CASES, in_order)
        cases = np.concatenate((cases, of_duties), axis=1)
    team_table, team_info = stage.offices.team_tables(list(stage.calendar_names))
    return Plan(
        engine_input=EngineInput(
            _frame(rows, ITINERARIES), stage.offices.units, team_table, stage.calendars, stage.gates, demand.end_s
        ),
        cases=_frame(cases, CASES),
        units=stage.offices.unit_info,
        teams=team_info,
        undone=pd.DataFrame(layout.undone, columns=list(UNDONE)),
        neglects=scenario.structure.rules.neglect is not None,
    )


def _by_case_and_row(blocks: Sequence[Columns], n_cases: int) -> list[np.ndarray]:
    """Where each row of some blocks stands among all: a case's rows are of one block, numbered from 0 without a gap."""
    n_rows = np.zeros(n_cases, dtype=np.int64)
    for block in blocks:
        n_rows += np.bincount(block["case"], minlength=n_cases)
    first = np.cumsum(n_rows) - n_rows
    return [first[block["case"]] + block["row"] for block in blocks]


def _stacked(blocks: Sequence[Columns], names: Sequence[str], places: Sequence[np.ndarray]) -> np.ndarray:
    """Rows of several blocks, each at its place: (columns, rows) int64; blank where a block lacks a column.

    Columns are taken out of their blocks, so that memory for all of them twice over is never needed.
    """
    table = np.empty((len(names), sum(map(len, places))), dtype=np.int64)
    for column, name in zip(table, names, strict=True):
        if blocks and not any(name in block for block in blocks):
            column.fill(BLANK[name])
            continue
        for block, here in zip(blocks, places, strict=True):
            column[here] = block.pop(name) if name in block else BLANK[name]
    return table


def _frame(table: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(table.T, columns=list(names), copy=False)


def _cases(stage: Setting, findings: Sequence[Found]) -> list[Columns]:
    """What is known of each case of a demand: CASES, a block a matter."""
    homes = _homes(stage)
    found = zip(stage.demand.matters, findings, strict=True)
    return [_matter_cases(stage, cases, finding, homes) for cases, finding in found]


def _duty_cases(first: int, n: int) -> Columns:
    """Duties are cases of which nothing more is known."""
    nothing = dict.fromkeys(CASES, np.full(n, NONE, dtype=np.int64))
    return nothing | {"case": first + np.arange(n), "kind": np.full(n, int(Kind.DUTY))}


def _from_the_middle(uniforms: np.ndarray) -> np.ndarray:
    """Distance to the door over its mean, for homes spread evenly on a disc with the door in the middle."""
    return np.asarray(np.sqrt(uniforms) * 1.5)


def _homes(stage: Setting) -> Columns:
    """What is known of each household: its community, whether it is distant, its trips there and back; by CASES.

    Who lives far from the community's door lives as far, for its size, from the area's.
    """
    place, where = stage.scenario.place, stage.where
    distance = stage.demand.by_household("distance to the community's door")
    street_distance = stage.demand.by_household("distance to the street office")
    home = np.arange(stage.demand.households)

    def walk_s(each: Each) -> np.ndarray:
        door_s = place.station_walk * np.sqrt(where.households(each) / place.station_walk_households)
        return np.asarray(door_s[where.of(each, home)])

    def trip_s(one_way_s: np.ndarray | float, home_distance: np.ndarray) -> np.ndarray:
        return np.rint(2 * one_way_s * _from_the_middle(home_distance)).astype(np.int64)

    has_areas = len(where.names("area")) > 0
    return {
        "community": where.of("community", home),
        "distant": (distance >= NEAR_SHARE).astype(np.int64),
        "community_travel_s": trip_s(walk_s("community"), distance),
        "area_travel_s": trip_s(walk_s("area"), distance) if has_areas else np.full(len(home), NONE),
        "street_travel_s": trip_s(place.street_travel, street_distance),
        "department_travel_s": trip_s(place.department_travel, street_distance),
    }


OF_NO_HOME = {"community": NONE, "distant": 0} | {name: 0 for name in CASES if name.endswith("_travel_s")}
"""What stands for a household's columns where nobody lives: of tasks."""


def _matter_cases(stage: Setting, cases: MatterCases, finding: Found, homes: Columns) -> Columns:
    n = len(cases.case)
    elderly = cases.matter.elderly if cases.matter.elderly is not None else stage.scenario.place.elderly_share
    if cases.matter.kind == "task":
        kind, is_elderly = Kind.TASK, np.zeros(n, dtype=np.int64)
        of_homes = {name: np.full(n, value) for name, value in OF_NO_HOME.items()}
    else:
        kind, is_elderly = Kind.RESIDENT, (stage.demand.uniforms(cases, "elderly") < elderly).astype(np.int64)
        of_homes = {name: column[cases.household] for name, column in homes.items()}
    return of_homes | {
        "case": cases.case,
        "matter": np.full(n, cases.number),
        "kind": np.full(n, int(kind)),
        "household": cases.household,
        "elderly": is_elderly,
        "opened_s": cases.opened_s,
        "found_s": finding.at_s,
        "found_by": finding.by,
        "unsettled": unsettled_times(stage.demand, cases),
        "due_s": np.where(finding.by == NONE, NONE, stage.due_s(replace(cases, opened_s=finding.at_s))),
    }
