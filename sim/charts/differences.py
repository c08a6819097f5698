"""Differences of the main measures from the first scenario, with their intervals."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.charts.result import Result
from sim.charts.style import (
    BODY,
    INK,
    QUIET,
    ROW_NAME_IN,
    balanced,
    finish,
    house_style,
    legend_above,
    legend_in,
    number,
    percent,
    row_in,
    row_labels,
    series,
    series_handles,
    sheet,
    titles,
)
from sim.errors import Fault, UsageError
from sim.language import has, say
from sim.measures import MEASURES

BEYOND = 200.0
"""Per cent up to which the axis is even; beyond it is drawn together."""


def relative_differences(comparison: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Differences in per cent of the first scenario's mean: measure, scenario, base, mean, percent, low, high.

    Measures whose first mean is zero have no relative difference and are left out.
    """
    whole = comparison[comparison["group"].fillna("").isin(["", "all"])]
    base = whole[whole["scenario"] == names[0]].set_index("measure")["mean"]
    others = whole[whole["scenario"] != names[0]].assign(base=lambda rows: rows["measure"].map(base))
    others = others[others["base"].abs() > 0]
    scale = 100 / others["base"].abs()
    return pd.DataFrame(
        {
            "measure": others["measure"],
            "scenario": others["scenario"],
            "base": others["base"],
            "mean": others["mean"],
            "percent": others["difference"] * scale,
            "low": others["difference_low"] * scale,
            "high": others["difference_high"] * scale,
        }
    ).reset_index(drop=True)


def shown_measures(differences: pd.DataFrame) -> list[str]:
    """The main measures (``sim.measures.MEASURES``) that the table has, in their order."""
    there = set(differences["measure"])
    return [measure for measure, info in MEASURES.items() if info.main and measure in there]


def draw(result: Result, lang: str) -> Figure:
    """Dots with 95% intervals: paired differences of the main measures in per cent of the first scenario's mean.

    Raises
    ------
    UsageError
        The result is of one scenario: there is nothing to compare.
    """
    if len(result.names) < 2:
        raise UsageError(Fault("chart.nothing_to_compare", {}, str(result.folder)))
    comparison = result.table(
        "comparison.csv",
        ("measure", "group", "scenario", "mean", "difference", "difference_low", "difference_high"),
    )
    differences = relative_differences(comparison, result.names)
    measures = shown_measures(differences)
    differences = differences[differences["measure"].isin(measures)]
    units = result.table("measures.csv", ("scenario", "measure", "unit")).drop_duplicates("measure")
    unit = dict(zip(units["measure"], units["unit"].fillna("").astype(str), strict=True))
    n = len(result.names) - 1
    first = titles(result, lang, 9.0)[0]
    with house_style():
        handles = series_handles(titles(result, lang, 3.0)[1:], first=1, line=False)
        names = [balanced(_measure(measure, lang), ROW_NAME_IN) for measure in measures]
        rows_in = row_in(names, 0.2 + 0.17 * n) * max(1, len(measures))
        figure = sheet(result, lang, "differences", rows_in + 0.5 + legend_in(handles), first=first)
        axes = figure.subplots()
        for row in differences.to_dict("records"):
            position = result.names.index(row["scenario"])
            look, y = series(position), measures.index(row["measure"]) + (position - 1 - (n - 1) / 2) * 0.8 / (n + 1)
            axes.plot([row["low"], row["high"]], [y, y], color=look.colour, lw=1.6, solid_capstyle="butt")
            axes.plot(row["percent"], y, color=look.colour, marker=look.marker, ms=5.5, mec="white", mew=0.6)
            values = _values(row["base"], row["mean"], unit.get(row["measure"], ""), lang)
            axes.text(1.015, y, values, transform=axes.get_yaxis_transform(), va="center", size=BODY - 1.5, color=QUIET)
        _axis(axes, differences, lang)
        axes.set_ylim(len(measures) - 0.4, -0.6)
        row_labels(axes, names)
        legend_above(axes, handles)
        finish(figure)
    return figure


def _axis(axes: Axes, differences: pd.DataFrame, lang: str) -> None:
    axes.axvline(0, color=INK, lw=0.8)
    axes.grid(axis="x")
    axes.set_xlabel(say("chart.differences.percent", lang))
    ends = [*differences["percent"], *differences["low"].dropna(), *differences["high"].dropna(), 0.0]
    low, high = min(ends), max(ends)
    if max(-low, high) > BEYOND:
        axes.set_xscale("symlog", linthresh=100, linscale=2, base=10)
        axes.minorticks_off()
    room = 0.06 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{'+' if value > 0 else ''}{number(value)}%"))


def _measure(measure: str, lang: str) -> str:
    """A measure's name, and an arrow for the better direction."""
    arrow = {"lower": " ↓", "higher": " ↑", None: ""}[MEASURES[measure].better]
    return (say(f"measure.{measure}", lang) if has(f"measure.{measure}") else measure) + arrow


def _values(base: float, mean: float, unit: str, lang: str) -> str:
    """Both means, shares as percentages."""
    if unit == "share":
        return f"{percent(base)} → {percent(mean)}"
    word = say(f"unit.{unit}", lang) if has(f"unit.{unit}") else unit
    return f"{number(base)} → {number(mean)} {word}".rstrip()
