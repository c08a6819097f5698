"""Scenarios beside one another: dots with intervals, and which cannot be told apart from the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.charts.differences import measure_name
from sim.charts.letters import BODY, SMALL, balanced, number, percent
from sim.charts.marks import legend_above, legend_in
from sim.charts.palette import INK, QUIET, RULE
from sim.charts.result import Filter, Result
from sim.charts.style import MARGIN_IN, ROW_NAME_IN, WIDTH_IN, finish, house_style, row_in, row_labels, sheet, titles
from sim.errors import Fault, UsageError
from sim.language import say
from sim.measures import MAIN_MEASURE, MEASURES, unit_label
from sim.statistics import against_best, mean_interval

Row = tuple[str, str]
"""Measure and group."""
DRAWN: tuple[Row, ...] = (
    (MAIN_MEASURE, ""),
    ("wait_visit_min", ""),
    ("visits_per_case", ""),
    ("close_days", "counter"),
    ("close_days", "hotline"),
    ("close_days", "grid"),
    ("on_time_share", ""),
    ("task_missed_share", ""),
    ("staff_hours_per_week", "community/administrative"),
)
"""Residents' time, waits and trips; time to close, by where cases come in; on time, tasks hurried, load of tasks."""
COLUMNS = 3
LOOKS = {
    "best": ("D", "#0072b2", "#0072b2"),
    "alike": ("o", "white", "#0072b2"),
    "apart": ("o", INK, INK),
    "neither": ("s", QUIET, QUIET),
}
"""Marker, face and edge of a scenario's dot."""


@dataclass(frozen=True)
class Dot:
    """A scenario's mean and 95% interval of one measure, and how it stands to the best (a key of LOOKS)."""

    scenario: str
    mean: float
    low: float
    high: float
    stands: str


def dots(measures: pd.DataFrame, row: Row, names: Sequence[str]) -> list[Dot]:
    """The dots of one measure and group, in the order of ``names``; scenarios without a value have none.

    A scenario cannot be told apart from the best one if the interval of their paired difference, which holds for all
    scenarios of the panel at once (:func:`sim.statistics.against_best`), contains zero. A measure with no better
    direction has no best. One replication has no intervals, so nothing is told apart.

    Parameters
    ----------
    measures
        ``scenario, replication, measure, group, value``: replications are paired.
    """
    here = measures[(measures["measure"] == row[0]) & (measures["group"] == row[1])]
    values = here.pivot_table(index="scenario", columns="replication", values="value", aggfunc="first")
    series = {k: values.loc[name].to_numpy(float) for k, name in enumerate(names) if name in values.index}
    better = MEASURES[row[0]].better
    stands = dict.fromkeys(series, "neither")
    if better is not None:
        for one in against_best(series, better):
            stands[one.point] = "best" if one.point == one.best else "apart" if one.told_apart else "alike"
    found = []
    for k, each in series.items():
        known = each[np.isfinite(each)]
        if len(known):
            found.append(Dot(names[k], *mean_interval(known)[:3], stands[k]))
    return found


def draw(result: Result, lang: str, rows: Sequence[Row] = DRAWN) -> Figure:
    """A panel for each measure, a row for each scenario: the mean, its 95% interval, and how it stands to the best.

    Raises
    ------
    UsageError
        The result is of one scenario: there is nothing to compare.
    """
    if len(result.names) < 2:
        raise UsageError(Fault("chart.nothing_to_compare", {}, str(result.folder)))
    columns = ("scenario", "replication", "measure", "group", "value")
    wanted: Filter = ("measure", "in", [measure for measure, _ in rows])
    measures = result.table("measures.csv", columns, [wanted])
    found = {row: dots(measures, row, result.names) for row in rows}
    shown = [row for row in rows if found[row]]
    n_lines = -(-len(shown) // COLUMNS)
    panel_in = (WIDTH_IN - 2 * MARGIN_IN - ROW_NAME_IN) / COLUMNS
    with house_style():
        names = titles(result, lang)
        headings = [_heading(row, lang, panel_in - 0.1) for row in shown]
        heading_in = 0.17 * max((heading.count("\n") + 1 for heading in headings), default=1)
        keys = [_handle(stands, lang) for stands in LOOKS if _occurs(stands, found)]
        body_in = n_lines * (row_in(names, 0.24) * len(names) + heading_in + 0.5) + legend_in(keys) + 0.1
        figure = sheet(result, lang, "systems", body_in, replications=result.replications)
        grid = figure.add_gridspec(n_lines + 1, COLUMNS, height_ratios=[legend_in(keys) / body_in, *[1] * n_lines])
        above = figure.add_subplot(grid[0, :])
        above.set_axis_off()
        for k, (row, heading) in enumerate(zip(shown, headings, strict=True)):
            axes = figure.add_subplot(grid[1 + k // COLUMNS, k % COLUMNS])
            axes.set_title(heading, size=BODY, linespacing=1.2)
            _panel(axes, found[row], MEASURES[row[0]].unit, result.names)
            row_labels(axes, names if k % COLUMNS == 0 else [""] * len(names))
        legend_above(above, keys)
        finish(figure)
    return figure


def _occurs(stands: str, found: dict[Row, list[Dot]]) -> bool:
    return any(dot.stands == stands for each in found.values() for dot in each)


def _handle(stands: str, lang: str) -> Line2D:
    marker, face, edge = LOOKS[stands]
    words = say(f"chart.systems.{stands}", lang)
    return Line2D([], [], ls="", marker=marker, mfc=face, mec=edge, mew=1.2, ms=5.5, label=words)


def _heading(row: Row, lang: str, width_in: float) -> str:
    unit = MEASURES[row[0]].unit
    name = measure_name(*row, lang)
    words = name if unit in ("", "share") else say("chart.measure", lang, measure=name, unit=unit_label(unit, lang))
    return balanced(words[:1].upper() + words[1:], width_in, BODY, bold=True)


def _panel(axes: Axes, found: Sequence[Dot], unit: str, names: Sequence[str]) -> None:
    is_share = unit == "share"
    for dot in found:
        y = names.index(dot.scenario)
        marker, face, edge = LOOKS[dot.stands]
        if math.isfinite(dot.low):
            axes.plot([dot.low, dot.high], [y, y], color=edge, lw=1.5, solid_capstyle="butt", gid="interval")
        axes.plot(dot.mean, y, marker=marker, mfc=face, mec=edge, mew=1.2, ms=5.5, gid=dot.stands)
        words = percent(dot.mean) if is_share else number(dot.mean)
        axes.text(1.03, y, words, transform=axes.get_yaxis_transform(), va="center", size=SMALL + 0.5, color=QUIET)
    for y in range(len(names)):
        axes.axhline(y, color=RULE, lw=0.4, zorder=0)
    ends = [end for dot in found for end in (dot.mean, dot.low, dot.high) if math.isfinite(end)]
    room = 0.08 * (max(ends) - min(ends)) or max(0.05 * abs(ends[0]), 0.01)
    axes.set_xlim(min(ends) - room, max(ends) + room)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value) if is_share else number(value)))
    axes.spines["left"].set_visible(False)
