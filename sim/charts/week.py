"""Queue over the week: residents waiting in each hour, level by level."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.charts.letters import BODY, LINE_SPACING, level_heading
from sim.charts.palette import INK, WEEKEND, Series, series
from sim.charts.result import Result
from sim.charts.style import MARGIN_IN, WIDTH_IN, finish, house_style, plain_ticks, sheet, titles
from sim.language import say

LEVELS = ("community", "street", "department")
HOURS = 168
ROWS_IN, MOST_IN = 6.5, 1.5
"""Height of all rows together; of a row, if they are few."""


def mean_waiting(queue: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Mean over replications of the number waiting in each hour of the week, (168,), by scenario and level."""
    mean = queue.pivot_table(index=["scenario", "level"], columns="hour", values="waiting", aggfunc="mean")
    by_hour = mean.reindex(columns=range(HOURS)).fillna(0.0)
    return dict(zip(by_hour.index, by_hour.to_numpy(float), strict=True))


def draw(result: Result, lang: str) -> Figure:
    """Mean number of residents waiting by hour of the week: a row for each scenario, a column for each level.

    Levels where nobody waits are left out; one scale; the first scenario's queue is outlined in the others' panels.
    """
    queue = mean_waiting(result.table("queue_by_hour.csv", ("scenario", "replication", "level", "hour", "waiting")))
    waited = {level for (_, level), waiting in queue.items() if waiting.any()}
    levels = [level for level in LEVELS if level in waited] or list(LEVELS[:1])
    n = len(result.names)
    with house_style():
        width = (WIDTH_IN - 2 * MARGIN_IN) / len(levels) - 0.5
        headings = titles(result, lang, width, bold=True)
        heading_in = [0.17 * (heading.count("\n") + 1) for heading in headings]
        panel_in = min(MOST_IN, ROWS_IN / n)
        body_in = (panel_in + 0.25) * n + sum(heading_in) + 0.5
        figure = sheet(result, lang, "week", body_in, first=headings[0].replace("\n", " "))
        panels = figure.subplots(n, len(levels), squeeze=False, sharex=True, sharey=True)
        for row, (name, heading) in enumerate(zip(result.names, headings, strict=True)):
            panels[row, 0].set_title(heading, linespacing=LINE_SPACING - 0.1)
            panels[row, 0].set_ylabel(say("chart.week.waiting", lang))
            for axes, level in zip(panels[row], levels, strict=True):
                _panel(axes, queue.get((name, level)), series(row))
                if row and (result.names[0], level) in queue:
                    axes.stairs(queue[result.names[0], level], range(HOURS + 1), color=INK, lw=0.6, gid="first")
                axes.text(
                    0.99,
                    0.93,
                    level_heading(level, lang),
                    transform=axes.transAxes,
                    ha="right",
                    va="top",
                    size=BODY - 0.5,
                )
        _axes(panels, max((waiting.max() for waiting in queue.values()), default=0), lang)
        finish(figure)
    return figure


def _panel(axes: Axes, waiting: np.ndarray | None, look: Series) -> None:
    axes.axvspan(5 * 24, HOURS, color=WEEKEND, lw=0, zorder=0)
    if waiting is not None:
        axes.stairs(waiting, range(HOURS + 1), color=look.colour, fill=True, lw=0, alpha=0.75, gid="waiting")
    axes.grid(axis="x")


def _axes(panels: np.ndarray, most: float, lang: str) -> None:
    first = panels[0, 0]
    plain_ticks(first.yaxis)
    first.set_xlim(0, HOURS)
    first.set_ylim(0, 1.08 * most or 1)
    days = [say(f"chart.week.day{day}", lang) for day in range(7)]
    for axes in panels[-1]:
        axes.set_xticks(range(0, HOURS + 1, 24), [""] * 8)
        axes.set_xticks(range(12, HOURS, 24), days, minor=True)
        axes.tick_params(axis="x", which="minor", length=0)
    for axes in panels[:-1].flat:
        axes.tick_params(axis="x", which="both", length=0, labelbottom=False)
