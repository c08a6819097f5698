"""The engine's input as files: saved beside a result, and replayed from there or made from real records."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from sim import engines
from sim.demand import draw_demand
from sim.errors import Fault, ResultError
from sim.experiment.design import Design, code_digest, digest_of
from sim.experiment.store import already_there, led, new_folder, new_result, write_json
from sim.intact import INPUT, read_manifest
from sim.itineraries import plan
from sim.measures import Window, teams_table
from sim.tables import (
    CALENDARS,
    CASES,
    GATES,
    ITINERARIES,
    NONE,
    TEAM_INFO,
    TEAMS,
    UNDONE,
    UNIT_INFO,
    UNITS,
    EngineInput,
    Plan,
)

COLUMNS = {
    "itineraries.parquet": ITINERARIES,
    "units.csv": UNITS,
    "teams.csv": TEAMS,
    "calendars.csv": CALENDARS,
    "gates.csv": GATES,
}
RUN = "run.json"
TEXT = {"teams.csv": ("serves",)}
INFO = {"units.csv": ("unit_name", *UNIT_INFO[1:]), "teams.csv": ("team_name", *TEAM_INFO[1:])}
"""What else the files of units and teams hold: their names and places, as text."""
UNKNOWN = {"place": "", "level": "community", "kind": "counter", "each": "street"}
"""What is taken for granted where tables made elsewhere do not say it; a name is then the number."""
ROW_BITS = 2**20
"""More rows than any case has: case and row become one number."""


def save(folder: Path, made: Design, end_s: int) -> None:
    """Write the engine's input of the first scenario's first replication: five tables, and when the run ends."""
    scenario = made.scenarios[0]
    planned = plan(scenario, draw_demand(scenario, made.seed, 0, end_s))
    tables = planned.engine_input
    folder.mkdir(exist_ok=True)
    tables.itineraries.to_parquet(folder / "itineraries.parquet", index=False)
    text = {
        "units.csv": pd.concat(
            [tables.units, planned.units.set_axis(INFO["units.csv"], axis="columns")], axis="columns"
        ),
        "teams.csv": pd.concat(
            [tables.teams, planned.teams.set_axis(INFO["teams.csv"], axis="columns")], axis="columns"
        ),
        "calendars.csv": tables.calendars,
        "gates.csv": tables.gates,
    }
    for name, table in text.items():
        table.to_csv(folder / name, index=False, lineterminator="\n", encoding="utf-8")
    write_json(folder / RUN, {"name": scenario.name, "end_s": tables.end_s})


def save_beside(result: Path, made: Design) -> None:
    """Add the engine's input to a result that stands already, if it is not there."""
    if not (result / INPUT).exists():
        with new_folder(result / INPUT) as folder:
            save(folder, made, read_manifest(result)["window"]["end_s"])


def load(folder: Path) -> Plan:
    """Read an engine's input, and what is known of its units and teams; of its cases nothing is.

    Raises
    ------
    ResultError
        A table or column is missing, holds something else than whole numbers, or names what is not there.
    """
    faults: list[Fault] = []
    tables = {name: _read(folder, name, faults) for name in COLUMNS}
    end_s = _end(folder / RUN, faults)
    if faults:
        raise ResultError(faults)
    units, teams = tables["units.csv"], tables["teams.csv"]
    engine_input = EngineInput(
        itineraries=tables["itineraries.parquet"][list(ITINERARIES)],
        units=units[list(UNITS)],
        teams=teams[list(TEAMS)],
        calendars=tables["calendars.csv"][list(CALENDARS)],
        gates=tables["gates.csv"][list(GATES)],
        end_s=end_s,
    )
    faults = _dangling(engine_input, folder)
    if faults:
        raise ResultError(faults)
    return Plan(
        engine_input,
        cases=pd.DataFrame(columns=list(CASES), dtype=np.int64),
        units=_known(units, "units.csv").set_axis(UNIT_INFO, axis="columns"),
        teams=_known(teams, "teams.csv").set_axis(TEAM_INFO, axis="columns"),
        undone=pd.DataFrame(columns=list(UNDONE), dtype=np.int64),
    )


def _known(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """The names and places in a file of units or teams, filled in where it does not say them."""
    name = table[COLUMNS[file][0]].astype(str)
    return pd.DataFrame({column: table.get(column, UNKNOWN.get(column, name)) for column in INFO[file]}, table.index)


def _read(folder: Path, name: str, faults: list[Fault]) -> pd.DataFrame:
    path = folder / name
    if not path.is_file():
        faults.append(Fault("cli.input_missing", {"table": name}, str(folder)))
        return pd.DataFrame()
    text = TEXT.get(name, ())
    words = (*text, *INFO.get(name, ()))
    try:
        table = (
            pd.read_parquet(path)
            if path.suffix == ".parquet"
            else pd.read_csv(path, dtype=dict.fromkeys(words, str), keep_default_na=False)
        )
    except (ValueError, OSError) as error:
        faults.append(Fault("cli.input_unreadable", {"why": error}, str(path)))
        return pd.DataFrame()
    missing = [column for column in COLUMNS[name] if column not in table]
    odd = [
        column
        for column in COLUMNS[name]
        if column in table and column not in text and len(table) and not pd.api.types.is_integer_dtype(table[column])
    ]
    faults += [Fault("cli.input_column", {"column": column}, str(path)) for column in missing]
    faults += [Fault("cli.input_whole", {"column": column}, str(path)) for column in odd]
    return table


def _end(path: Path, faults: list[Fault]) -> int:
    try:
        end_s = json.loads(path.read_text(encoding="utf-8"))["end_s"]
    except (OSError, ValueError, KeyError, TypeError):
        end_s = None
    if type(end_s) is not int or end_s < 1:
        faults.append(Fault("cli.input_end", {}, str(path)))
        return 0
    return end_s


def _dangling(tables: EngineInput, folder: Path) -> list[Fault]:
    """Numbers of units, calendars, gates or rows that name nothing; cases and rows out of order."""
    rows = tables.itineraries
    serves = [int(unit) for text in tables.teams["serves"] for unit in text.split() if unit.isdigit()]
    where = str(folder / "itineraries.parquet")
    key = rows["case"].to_numpy() * ROW_BITS + rows["row"].to_numpy()
    faults = []
    if (np.diff(key) <= 0).any():
        faults.append(Fault("cli.input_order", {}, where))
    if not rows["unit"].between(0, len(tables.units) - 1).all() or not set(rows["unit"]) <= set(serves):
        faults.append(Fault("cli.input_unit", {"column": "unit"}, where))
    for column in ("next_limit", "next_gave_up", "next_deadline", "next_done", "also"):
        target = rows[column].to_numpy()
        if not np.isin((rows["case"].to_numpy() * ROW_BITS + target)[target != NONE], key).all():
            faults.append(Fault("cli.input_unit", {"column": column}, where))
    if not tables.teams["calendar"].isin(tables.calendars["calendar"]).all():
        faults.append(Fault("cli.input_unit", {"column": "calendar"}, str(folder / "teams.csv")))
    return faults


def digest(folder: Path, engine: str) -> str:
    """What the legs of a replay depend on, as 64 hexadecimal digits."""
    contents = [[name, hashlib.sha256((folder / name).read_bytes()).hexdigest()] for name in (*COLUMNS, RUN)]
    return digest_of(["replay", contents, engine, engines.serving(engine), version("yizhan"), code_digest()])


def replay(planned: Plan, folder: Path, engine: str, out: Path) -> bool:
    """Run a stored input again and write legs, teams and manifest; whether that result was there already."""
    target, identity = out, digest(folder, engine)
    if already_there(target, identity):
        return True
    end_s = planned.engine_input.end_s
    legs = engines.run(planned.engine_input, engine)
    teams = teams_table(planned, legs, Window(0, end_s, end_s))
    with new_result(target) as writer:
        for name, table in (("legs.parquet", legs), ("teams.parquet", teams)):
            writer.append(name, led(table, _name(folder), 0))
        writer.finish(
            {
                "command": "replay",
                "digest": identity,
                "scenarios": [],
                "replications": 1,
                "engine": engines.serving(engine),
                "version": version("yizhan"),
                "code": code_digest(),
                "python": platform.python_version(),
            },
        )
    return False


def _name(folder: Path) -> str:
    return str(json.loads((folder / RUN).read_text(encoding="utf-8")).get("name", folder.name))
