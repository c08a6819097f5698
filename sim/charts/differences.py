"""Differences of the main measures from the first scenario, with their intervals."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from sim.charts.letters import BODY, balanced, number, percent, plain
from sim.charts.marks import legend_above, legend_in, series_handles
from sim.charts.palette import INK, QUIET, RULE, series
from sim.charts.result import Result
from sim.charts.style import ROW_NAME_IN, WIDTH_IN, finish, house_style, row_in, row_labels, sheet, titles
from sim.errors import Fault, UsageError
from sim.language import say
from sim.measures import MEASURES, group_label, unit_label

GROUPS = {"closed_at_share": ("community",), "staff_use_share": ("community", "street")}
"""Groups drawn beside everybody, of measures whose mean over all hides what matters."""
FEW = 2
"""Differences in a row that have ample room; of more the rows are close, so that all stand on a page."""
BEYOND = 200.0
"""Per cent up to which the axis is even; beyond it is drawn together."""
Row = tuple[str, str]
"""Measure and group."""


def main_rows() -> list[Row]:
    """The main measures (``sim.measures.MEASURES``) for everybody, and the GROUPS, in their order."""
    return [
        (measure, group)
        for measure, info in MEASURES.items()
        for group in (*(("",) if info.main else ()), *GROUPS.get(measure, ()))
    ]


def relative_differences(comparison: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Differences in per cent of the first scenario's mean: row, scenario, base, mean, percent, low, high.

    Rows whose first mean is zero have no relative difference and are left out.
    """
    pairs = zip(comparison["measure"], comparison["group"], strict=True)
    table = comparison.assign(row=pd.Series(list(pairs), comparison.index, dtype=object))
    base = table[table["scenario"] == names[0]].set_index("row")["mean"]
    others = table[table["scenario"] != names[0]]
    others = others.assign(base=others["row"].map(base))
    others = others[others["base"].abs() > 0]
    scale = 100 / others["base"].abs()
    return others[["row", "scenario", "base", "mean"]].assign(
        percent=others["difference"] * scale,
        low=others["difference_low"] * scale,
        high=others["difference_high"] * scale,
    )


def draw(result: Result, lang: str) -> Figure:
    """Dots with 95% intervals: paired differences of the main measures in per cent of the first scenario's mean.

    Raises
    ------
    UsageError
        The result is of one scenario: there is nothing to compare.
    """
    if len(result.names) < 2:
        raise UsageError(Fault("chart.nothing_to_compare", {}, str(result.folder)))
    columns = ("measure", "group", "scenario", "mean", "difference", "difference_low", "difference_high")
    differences = relative_differences(result.table("comparison.csv", columns), result.names)
    rows = [row for row in main_rows() if row in set(differences["row"])]
    differences = differences[differences["row"].isin(rows)]
    n = len(result.names) - 1
    row_least_in, apart = (0.2 + 0.17 * n, 0.8 / (n + 1)) if n <= FEW else (0.1 + 0.12 * n, 0.8 / n)
    with house_style():
        keys = series_handles(titles(result, lang, 3.0)[1:], first=1, line=False)
        names = [balanced(measure_name(*row, lang), ROW_NAME_IN) for row in rows]
        body_in = row_in(names, row_least_in) * max(1, len(rows)) + 0.5 + legend_in(keys)
        figure = sheet(result, lang, "differences", body_in, first=titles(result, lang, WIDTH_IN)[0])
        axes = figure.subplots()
        for one in differences.to_dict("records"):
            position = result.names.index(one["scenario"])
            look, y = series(position), rows.index(one["row"]) + (position - 1 - (n - 1) / 2) * apart
            axes.plot([one["low"], one["high"]], [y, y], color=look.colour, lw=1.6, solid_capstyle="butt")
            axes.plot(one["percent"], y, color=look.colour, marker=look.marker, ms=5.5, mec="white", mew=0.6)
            means = _means(one["base"], one["mean"], MEASURES[one["row"][0]].unit, lang)
            axes.text(1.015, y, means, transform=axes.get_yaxis_transform(), va="center", size=BODY - 1.5, color=QUIET)
        for below in range(len(rows) - 1):
            axes.axhline(below + 0.5, color=RULE, lw=0.5, zorder=0)
        _axis(axes, differences, lang)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        row_labels(axes, names)
        legend_above(axes, keys)
        finish(figure)
    return figure


def _axis(axes: Axes, differences: pd.DataFrame, lang: str) -> None:
    axes.axvline(0, color=INK, lw=0.8, zorder=1)
    axes.grid(axis="x")
    ends = [*differences["percent"], *differences["low"].dropna(), *differences["high"].dropna(), 0.0]
    low, high = min(ends), max(ends)
    room = 0.06 * (high - low) or 1.0
    if max(-low, high) > BEYOND:
        axes.set_xscale("symlog", linthresh=100, linscale=2, base=10)
        furthest = math.ceil(math.log10(max(-low, high)))
        marks = [50.0, *(10.0**power for power in range(2, furthest + 1))]
        axes.xaxis.set_major_locator(FixedLocator([*(-mark for mark in reversed(marks)), 0.0, *marks]))
        axes.minorticks_off()
        axes.set_xlabel(say("chart.differences.percent_log", lang))
        axes.set_xlim(min(-20.0, 1.6 * low), max(20.0, 1.6 * high))
    else:
        axes.set_xlabel(say("chart.differences.percent", lang))
        axes.set_xlim(low - room, high + room)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{'+' if value > 0 else ''}{number(value)}%"))


def measure_name(measure: str, group: str, lang: str) -> str:
    """A measure's name, its group if it has one, and an arrow for the better direction."""
    arrow = {"lower": " ↓", "higher": " ↑", None: ""}[MEASURES[measure].better]
    name = plain(say(f"measure.{measure}", lang), lang)
    if group:
        name = say("chart.differences.of_group", lang, measure=name, group=plain(group_label(group, lang), lang))
    return name + arrow


def _means(base: float, mean: float, unit: str, lang: str) -> str:
    """Both means, shares as percentages."""
    if unit == "share":
        return f"{percent(base)} → {percent(mean)}"
    return f"{number(base)} → {number(mean)} {unit_label(unit, lang)}".rstrip()
