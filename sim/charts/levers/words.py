"""What the lever charts say in words: what is varied and held, what cannot be and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.charts.letters import balanced, number, plain
from sim.charts.levers.table import Sweep
from sim.language import pick, say
from sim.measures import MEASURES, unit_label

_PLACE = re.compile(r"[^\s；]+:\d+:\d+: (?:[\w.-]+: )?")
_CODE = re.compile(r"\s*[（(]`[^`]*`[)）]")


@dataclass(frozen=True)
class Run:
    """Neighbouring levels of a lever that cannot be, from the first to the last, and why."""

    scenario: str
    first: int
    last: int
    reason: str


def runs(scenario: str, line: pd.DataFrame, lang: str) -> list[Run]:
    """The stretches of a line (its points in order) that cannot be, each with the reason of its edge.

    The edge is the point next to one that can be: the first that is too much.
    """
    feasible = line["feasible"].tolist()
    found = []
    for first in range(len(feasible)):
        if feasible[first] or (first > 0 and not feasible[first - 1]):
            continue
        last = next((k for k in range(first, len(feasible)) if feasible[k]), len(feasible)) - 1
        edge = last if first == 0 and last < len(feasible) - 1 else first
        found.append(Run(scenario, first, last, in_words(line[f"reason_{lang}"].iloc[edge], lang)))
    return found


def in_words(reason: str, lang: str) -> str:
    """A reason without its place in a file and without names of fields, which say nothing to a reader of charts.

    >>> in_words("a/b.yaml:17:5: structure.move.staff: 40 people are to move (`keep`); a/b.yaml:9:1: too few", "en")
    '40 people are to move; too few'
    >>> in_words("a/b.yaml:17:5: structure.move.staff: 拟下沉 40 人；a/b.yaml:9:1: 人数不足", "zh")
    '拟下沉 40 人；人数不足'
    """
    return plain(_CODE.sub("", _PLACE.sub("", reason)).replace("`", "'" if lang == "en" else ""), lang)


def title(sweep: Sweep, scenario: str, lang: str) -> str:
    """A scenario's title."""
    return plain(pick(next(head.title for head in sweep.result.scenarios if head.name == scenario), lang), lang)


def value(level: Any) -> str:
    """A level of a factor."""
    return number(level) if isinstance(level, float) else str(level)


def held(sweep: Sweep, scenario: str, paths: Iterable[str], lang: str) -> str:
    """The factors that a scenario's line holds, with their values: ``communities 6``."""
    levels = [(path, level) for path in paths if (level := sweep.held(scenario, path)) is not None]
    parts = []
    for path, level in levels:
        own = sweep.own[scenario][path]
        key = "chart.lever.held_one" if own in (level, None) else "chart.lever.held_near"
        parts.append(say(key, lang, label=pick(sweep.factors[path].label, lang), value=value(level), own=value(own)))
    return say("chart.list", lang).join(parts)


def design(sweep: Sweep, free: Sequence[str], lang: str, held_by: Sequence[str] = ()) -> str:
    """What the experiment is called, what is varied here, and what is held (``held_by``: paths, none: nothing)."""
    varied = say("chart.list", lang).join(
        say(
            "chart.lever.varied_one",
            lang,
            label=pick(sweep.factors[path].label, lang),
            levels=", ".join(map(value, sweep.factors[path].levels)),
        )
        for path in free
    )
    others = held_words(sweep, held_by, lang)
    return say(
        "chart.lever.design" if others else "chart.lever.design_of_all",
        lang,
        title=pick(sweep.result.manifest["title"], lang),
        name=sweep.result.manifest["experiment"],
        varied=varied,
        held=others,
    )


def held_words(sweep: Sweep, paths: Sequence[str], lang: str) -> str:
    """What is held, once if it is the same in all scenarios; nothing where nothing is."""
    of_each = {head.name: held(sweep, head.name, paths, lang) for head in sweep.result.scenarios}
    if len(set(of_each.values())) == 1:
        return next(iter(of_each.values()))
    return "; ".join(
        say("chart.lever.held_in", lang, title=title(sweep, name, lang), held=text)
        for name, text in of_each.items()
        if text
    )


def overloaded(lang: str) -> str:
    """What the mark of an overloaded point says in a legend."""
    return balanced(say("chart.lever.overloaded", lang), 2.6)


def measure(name: str, lang: str) -> str:
    """A measure with its unit: ``wait per visit (min)``; a share has none."""
    label, unit = plain(say(f"measure.{name}", lang), lang), MEASURES[name].unit
    return label if unit == "share" else say("chart.measure", lang, measure=label, unit=unit_label(unit, lang))
