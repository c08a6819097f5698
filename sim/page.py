"""What the short pages on the terminal have in common: amounts with their units, and the lines below the table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim import terminal
from sim.experiment.comparison import told_apart
from sim.experiment.warm_up import STATED
from sim.language import pick, say
from sim.measures import group_label, unit_label

NOTHING = "–"
NOT_APART = "≈ "
"""Before a difference whose interval holds zero."""


FEW = 5
"""Replications below which an interval may be narrow by luck alone."""


def unit_words(unit: str, lang: str) -> str:
    """A unit in words; a share is shown in per cent.

    >>> unit_words("h", "zh"), unit_words("share", "en")
    ('小时', '%')
    """
    if unit == "share":
        return "%"
    return unit_label(unit, lang)


def amount(value: float, unit: str) -> str:
    """A value as it stands in a table.

    >>> amount(0.4567, "share"), amount(0.4567, "h"), amount(4.0, "streets")
    ('45.7', '0.457', '4')
    """
    if unit == "streets":
        return f"{value:,.0f}"
    return terminal.figure(100 * value if unit == "share" else value)


def interval(low: float, high: float, unit: str) -> str:
    """An interval; nothing where there is none.

    >>> interval(1.0, 2.0, "h"), interval(math.nan, math.nan, "h")
    ('[1.00, 2.00]', '')
    """
    return "" if math.isnan(low) else f"[{amount(low, unit)}, {amount(high, unit)}]"


def label(measure: str, group: str, unit: str, lang: str) -> str:
    """The words for a measure, a group of it and its unit."""
    words = say(f"measure.{measure}", lang)
    if group:
        words += say("cli.of_group", lang, group=group_label(group, lang))
    shown = unit_words(unit, lang)
    return f"{words} ({shown})" if shown else words


def difference(mean: float, low: float, high: float, unit: str) -> str:
    """A paired difference with its limits; marked where it cannot be told from none; NOTHING where there is none.

    >>> difference(-0.2, -0.3, -0.1, "h"), difference(0.1, -0.1, 0.3, "h"), difference(math.nan, 0, 0, "h")
    ('-0.200 [-0.300, -0.100]', '≈ 0.100 [-0.100, 0.300]', '–')
    """
    if math.isnan(mean):
        return NOTHING
    words = f"{amount(mean, unit)} {interval(low, high, unit)}"
    return words if told_apart(low, high) else NOT_APART + words


def ranges(numbers: Iterable[int]) -> str:
    """Whole numbers in order, those that follow one another as a range.

    >>> ranges([7, 1, 2, 3, 9, 10])
    '1–3, 7, 9, 10'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def plus_minus(mean: float, low: float, high: float, unit: str) -> str:
    """A paired difference with half its interval; marked where it cannot be told from none.

    >>> plus_minus(-0.2, -0.3, -0.1, "h"), plus_minus(0.1, -0.1, 0.3, "h"), plus_minus(2.0, math.nan, math.nan, "h")
    ('-0.200 ± 0.100', '≈ 0.100 ± 0.200', '≈ 2.00')
    """
    if math.isnan(mean):
        return NOTHING
    half = "" if math.isnan(low) else f" ± {amount((high - low) / 2, unit)}"
    return ("" if told_apart(low, high) else NOT_APART) + amount(mean, unit) + half


def tell_run(manifest: Mapping[str, Any], lang: str) -> None:
    """How often, from which seed and for how long it ran."""
    stated = manifest["warm_up_method"] == STATED
    terminal.tell(
        say(
            "cli.ran",
            lang,
            n=manifest["replications"],
            seed=manifest["seed"],
            cohort=f"{manifest['cohort_weeks']:g}",
            warm_up=f"{manifest['warm_up_weeks']:g}",
            method=say("cli.warm_up.stated" if stated else "cli.warm_up.piloted", lang),
        )
    )
    if 1 < manifest["replications"] < FEW:
        terminal.tell(say("cli.note", lang, text=say("cli.note.few_replications", lang, n=manifest["replications"])))


def tell_end(manifest: Mapping[str, Any], folder: Path, lang: str) -> None:
    """What must be known to read the result, and where its tables are."""
    for remark in manifest["notes"]:
        terminal.tell(say("cli.note", lang, text=pick(remark, lang)))
    terminal.tell(say("cli.where", lang, folder=folder))
