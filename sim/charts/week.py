"""Queue over the week: residents waiting in each hour, level by level."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.charts.letters import level_heading
from sim.charts.marks import legend_above, legend_in, series_handles
from sim.charts.palette import WEEKEND, series
from sim.charts.result import Result
from sim.charts.style import finish, house_style, plain_ticks, sheet, titles
from sim.language import say

LEVELS = ("community", "street", "department")
HOURS = 168


def mean_waiting(queue: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Mean over replications of the number waiting in each hour of the week, (168,), by scenario and level."""
    mean = queue.pivot_table(index=["scenario", "level"], columns="hour", values="waiting", aggfunc="mean")
    by_hour = mean.reindex(columns=range(HOURS)).fillna(0.0)
    return dict(zip(by_hour.index, by_hour.to_numpy(float), strict=True))


def draw(result: Result, lang: str) -> Figure:
    """Mean number of residents waiting by hour of the week; a panel for each level where anybody waits, one scale."""
    queue = mean_waiting(result.table("queue_by_hour.csv", ("scenario", "replication", "level", "hour", "waiting")))
    waited = {level for (_, level), waiting in queue.items() if waiting.any()}
    levels = [level for level in LEVELS if level in waited] or list(LEVELS[:1])
    with house_style():
        handles = series_handles(titles(result, lang, 3.0), marker=False)
        figure = sheet(result, lang, "week", 1.75 * len(levels) + 0.25 + legend_in(handles))
        panels = figure.subplots(len(levels), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
        for axes, level in zip(panels, levels, strict=True):
            axes.set_title(level_heading(level, lang))
            axes.axvspan(5 * 24, HOURS, color=WEEKEND, lw=0, zorder=0)
            for position, name in enumerate(result.names):
                if (name, level) not in queue:
                    continue
                look = series(position)
                waiting = np.append(queue[name, level], queue[name, level][-1])
                axes.plot(
                    range(HOURS + 1),
                    waiting,
                    drawstyle="steps-post",
                    color=look.colour,
                    ls=look.line,
                    lw=1.4,
                )
            axes.grid(axis="x")
            axes.set_ylabel(say("chart.week.waiting", lang))
        plain_ticks(panels[0].yaxis)
        panels[0].set_xlim(0, HOURS)
        panels[0].set_ylim(0, 1.08 * max((waiting.max() for waiting in queue.values()), default=0) or 1)
        panels[-1].set_xticks(range(0, HOURS + 1, 24), [""] * 8)
        panels[-1].set_xticks(range(12, HOURS, 24), [say(f"chart.week.day{day}", lang) for day in range(7)], minor=True)
        panels[-1].tick_params(axis="x", which="minor", length=0)
        for axes in panels[:-1]:
            axes.tick_params(axis="x", which="both", length=0, labelbottom=False)
        legend_above(panels[0], handles, above_in=0.26)
        finish(figure)
    return figure
