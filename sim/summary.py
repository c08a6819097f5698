"""The short page that the command line prints of a result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sim import page, terminal
from sim.experiment.result import Result
from sim.language import pick, say
from sim.measures import MEASURES
from sim.structure.people import POSTED, STANDING

MAIN_GROUPS = {"staff_use_share": ("community", "street"), "closed_at_share": ("community",)}
"""Groups shown beside everybody, of measures whose mean over all hides what matters."""


MOST_NAMED = 3
"""Scenarios whose names stand over their columns; more are numbered."""


def main_rows(comparison: pd.DataFrame, shown: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The measures and groups to be shown: those that an experiment names, else the main ones, in their order."""
    there = set(zip(comparison["measure"], comparison["group"], strict=True))
    named = [(name, group) for name, _, group in (each.partition("/") for each in shown)]
    wanted = named or [
        (name, group)
        for name, info in MEASURES.items()
        for group in (*(("",) if info.main else ()), *MAIN_GROUPS.get(name, ()))
    ]
    return wanted if named else [row for row in wanted if row in there]


def show(result: Result, folder: Path, lang: str) -> None:
    """Print the main measures, where the result stands, and what must be known to read it."""
    if result.reused:
        terminal.tell(say("cli.reused", lang, folder=folder))
    if "question" in result.manifest:
        terminal.tell(f"{result.manifest['experiment']}: {pick(result.manifest['question'], lang)}\n")
    numbers = heads_of(result.names)
    for number, scenario in zip(numbers, result.manifest["scenarios"], strict=True):
        before = f"{number}  " if number != scenario["name"] else ""
        terminal.tell(f"{before}{scenario['name']}: {pick(scenario['title'], lang)}")
    terminal.tell("")
    _table(result, lang)
    terminal.tell("")
    if len(result.names) > MOST_NAMED:
        _standing(result, numbers, lang)
    page.tell_run(result.manifest, lang)
    page.tell_end(result.manifest, folder, lang)


def heads_of(names: Sequence[str]) -> list[str]:
    """What stands over the columns of scenarios: their names, or their numbers where there are many.

    >>> heads_of(["before", "after"]), heads_of(["a", "b", "c", "d"])
    (['before', 'after'], ['1', '2', '3', '4'])
    """
    return [*names] if len(names) <= MOST_NAMED else [str(number) for number in range(1, len(names) + 1)]


def _table(result: Result, lang: str) -> None:
    names, heads = result.names, heads_of(result.names)
    alone = len(names) == 1
    every = [Line(*values) for values in result.comparison.itertuples(index=False)]
    rows = {(line.measure, line.group, line.scenario): line for line in every}
    labels, means, intervals, differences = [], [], [], []
    for measure, group in main_rows(result.comparison, result.manifest.get("shown", ())):
        unit = MEASURES[measure].unit
        found = [rows.get((measure, group, name)) for name in names]
        labels.append([page.label(measure, group, unit, lang)])
        means.append([page.amount(row.mean, unit) if row else page.NOTHING for row in found])
        intervals.append([page.interval(row.low, row.high, unit) if row else page.NOTHING for row in found])
        differences.append([_difference(row, unit, len(names)) if row else page.NOTHING for row in found[1:]])
    measure, difference = say("cli.column.measure", lang), say("cli.column.difference", lang)
    if alone:
        header = [measure, say("cli.column.mean", lang), say("cli.column.interval", lang)]
        terminal.show_table(header, _beside(labels, means, intervals))
    elif len(names) == 2:
        terminal.show_table([measure, *names, difference], _beside(labels, means, differences))
    else:
        terminal.show_table([measure, *heads], _beside(labels, means))
        _differences_from(result, lang)
        terminal.show_table([measure, *heads[1:]], _beside(labels, differences))
    if not alone:
        terminal.tell(say("cli.not_apart", lang, mark=page.NOT_APART.strip()))


def _differences_from(result: Result, lang: str) -> None:
    """What the second table holds; where columns are numbered, whose they are once more."""
    names, heads = result.names, heads_of(result.names)
    if len(names) <= MOST_NAMED:
        terminal.tell("\n" + say("cli.column.difference_from", lang, first=names[0]))
        return
    titles = [pick(scenario["title"], lang) for scenario in result.manifest["scenarios"]]
    terminal.tell("\n" + say("cli.column.difference_from_short", lang, first=titles[0]))
    terminal.tell(" · ".join(f"{head} {title}" for head, title in zip(heads[1:], titles[1:], strict=True)))


def _beside(*blocks: list[list[str]]) -> list[list[str]]:
    """Rows of several blocks put side by side."""
    return [[cell for row in rows for cell in row] for rows in zip(*blocks, strict=True)]


class Line(NamedTuple):
    """A row of the comparison table."""

    measure: str
    group: str
    scenario: str
    mean: float
    low: float
    high: float
    n: int
    difference: float
    difference_low: float
    difference_high: float
    unit: str


def _difference(row: Line, unit: str, n_scenarios: int) -> str:
    words = page.difference if n_scenarios <= MOST_NAMED else page.plus_minus
    return words(row.difference, row.difference_low, row.difference_high, unit)


def _standing(result: Result, numbers: Sequence[str], lang: str) -> None:
    """Where the people of each scenario stand, by its ledger; nothing where a scenario has none."""
    of_scenario = [scenario["standing"] for scenario in result.manifest["scenarios"]]
    levels = [level for level in STANDING if any(people[level] for people in of_scenario)]
    if all(any(people.values()) for people in of_scenario):
        rows = [[say(f"cli.standing.{level}", lang), *(str(each[level]) for each in of_scenario)] for level in levels]
        total = [sum(each.values()) - each[POSTED] for each in of_scenario]
        rows.insert(len(rows) - (POSTED in levels), [say("cli.standing.all", lang), *map(str, total)])
        terminal.show_table([say("cli.standing.header", lang), *numbers], rows)
        terminal.tell("")
