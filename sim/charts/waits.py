"""How long residents wait at a visit: the share waiting longer than x, and the shares by class."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from sim.charts.marks import fill_handles, legend_above, stacked
from sim.charts.palette import QUIET, WAIT_FILLS, series
from sim.charts.result import Result
from sim.charts.style import finish, house_style, row_in, row_labels, sheet, titles
from sim.language import say

MINUTES = np.arange(241)
CLASSES_MIN = (1, 15, 30, 60)
"""Edges of the classes: under a minute (counted as no wait), up to 15 minutes, 30, 60; the rest waits longer."""
TICKS_MIN = (0, 5, 15, 30, 60, 120, 180, 240)


@dataclass(frozen=True)
class Survey:
    """An outside survey: the share waiting longer than each of some times. Its fact id names place and source."""

    fact: str
    minutes: tuple[int, ...]
    longer: tuple[float, ...]
    marker: str


SURVEYS = (
    Survey("wait_kunshan", (0, 30, 60, 120, 240), (0.49, 0.24, 0.13, 0.08, 0.03), "x"),
    Survey("wait_changzhou_xinbei", (15, 30, 60), (0.05, 0.02, 0.01), "+"),
)
"""Drawn when a scenario's file says (``checked_against``) that it was held against them."""


def visits_by_wait(waits: pd.DataFrame) -> pd.Series:
    """Visits of one scenario by the lower edge of their bin in minutes, over all levels and replications.

    Bins hold their lower edge and not their upper; visits without any wait (both edges 0) stand at -1.
    """
    lower = waits["bin_low_min"].astype(float).where(waits["bin_high_min"] != 0, -1.0)
    return waits["visits"].groupby(lower).sum().sort_index()


def exceedance(visits: pd.Series) -> np.ndarray:
    """Share of visits that waited longer (from 1 minute on: at least so long) than each of MINUTES.

    >>> exceedance(pd.Series({-1.0: 6, 5.0: 3, 300.0: 1}))[[0, 5, 6, 240]]
    array([0.4, 0.4, 0.1, 0.1])
    """
    lower, n = visits.index.to_numpy(float), visits.to_numpy(float)
    return np.asarray([n[lower >= minute].sum() / n.sum() for minute in MINUTES])


def class_shares(visits: pd.Series) -> list[float]:
    """Shares of visits by class of wait: under 1 minute, up to 15, 30, 60, longer.

    >>> class_shares(pd.Series({-1.0: 5, 0.0: 1, 10.0: 3, 120.0: 1}))
    [0.6, 0.3, 0.0, 0.0, 0.1]
    """
    lower, n = visits.index.to_numpy(float), visits.to_numpy(float)
    edges = [-np.inf, *CLASSES_MIN, np.inf]
    return [float(n[(lower >= low) & (lower < high)].sum() / n.sum()) for low, high in pairwise(edges)]


def draw(result: Result, lang: str) -> Figure:
    """Waiting at windows per visit (all replications pooled, each visit counts the same)."""
    waits = result.table("waits.csv", ("scenario", "bin_low_min", "bin_high_min", "visits"))
    by_wait = {name: visits_by_wait(waits[waits["scenario"] == name]) for name in result.names}
    surveys = [survey for survey in SURVEYS if any(_held_against(result, name, survey) for name in result.names)]
    n = len(result.names)
    with house_style():
        rows = titles(result, lang)
        bars_in = row_in(rows, 0.34) * n + 0.5
        figure = sheet(result, lang, "waits", 3.2 + bars_in)
        curves, bars = figure.subplots(2, 1, height_ratios=(3.2, bars_in))
        _curves(curves, by_wait, surveys, titles(result, lang, 3.0), lang)
        labels = []
        for y, name in enumerate(result.names):
            if by_wait[name].sum():
                labels += stacked(bars, y, class_shares(by_wait[name]), WAIT_FILLS)
        bars.set(xlim=(0, 1), ylim=(n - 0.5, -0.5), xticks=[])
        row_labels(bars, rows)
        bars.spines[:].set_visible(False)
        names = [say(f"chart.waits.class{i}", lang) for i in range(len(WAIT_FILLS))]
        legend_above(bars, fill_handles(names, WAIT_FILLS))
        finish(figure, labels)
    return figure


def _held_against(result: Result, name: str, survey: Survey) -> bool:
    return survey.fact in (result.resolved(name).get("checked_against") or {})


def _curves(axes: Axes, by_wait: dict[str, pd.Series], surveys: list[Survey], headings: list[str], lang: str) -> None:
    handles = []
    for position, visits in enumerate(by_wait.values()):
        look = series(position)
        longer = exceedance(visits) if visits.sum() else np.full(len(MINUTES), np.nan)
        handles += axes.plot(
            MINUTES,
            longer,
            color=look.colour,
            linestyle=look.line,
            marker=look.marker,
            markevery=list(TICKS_MIN),
            markersize=4.5,
            linewidth=1.8,
            label=headings[position],
            clip_on=False,
        )
    for survey in surveys:
        axes.step(survey.minutes, survey.longer, where="post", color=QUIET, linestyle=":", linewidth=0.9)
        axes.plot(
            survey.minutes, survey.longer, color=QUIET, linestyle="", marker=survey.marker, markersize=5, clip_on=False
        )
        name = say(f"chart.waits.{survey.fact}", lang)
        handles.append(Line2D([], [], color=QUIET, linestyle=":", linewidth=0.9, marker=survey.marker, label=name))
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
    axes.set_xlim(0, 240)
    axes.set_xticks(TICKS_MIN)
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(say("chart.waits.minutes", lang))
    axes.set_ylabel(say("chart.waits.share", lang))
    axes.grid(axis="y")
    legend = axes.legend(handles=handles, loc="upper right", handlelength=3.2, labelspacing=0.6)
    for text in legend.get_texts():
        text.set_linespacing(1.25)
