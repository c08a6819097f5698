"""How the best number of staff moved and the best size move with demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.charts.letters import BODY, balanced, number
from sim.charts.levers import words
from sim.charts.levers.lines import OVERLOADED, place, spaced
from sim.charts.levers.table import DEMAND, NUMBER, STAFF, Sweep, read_sweep
from sim.charts.marks import legend_above, legend_in, series_handles
from sim.charts.palette import QUIET, series
from sim.charts.result import Result
from sim.charts.style import finish, house_style, sheet, titles
from sim.language import say

BESIDE = "close_days"
"""Beside the main measure: it pulls the other way where communities are small."""
PANEL_IN = 2.1


@dataclass(frozen=True)
class Best:
    """The best point at one level of demand, and the levels of both levers among those not to be told apart from it.

    ``overloaded``: it has more work than time.
    """

    demand: float
    at: dict[str, float]
    alike: dict[str, list[float]]
    overloaded: bool


def best_by_demand(sweep: Sweep, scenario: str, measure: str) -> list[Best]:
    """The best of the staff × size map at each level of demand; none where no point keeps up."""
    found = []
    for demand in sweep.factors[DEMAND].levels:
        points = sweep.slice(scenario, [STAFF, NUMBER], {DEMAND: demand})
        judged = sweep.against_best(measure, points)
        if judged:
            of_point = points.set_index("point")
            alike = of_point.loc[[row.point for row in judged if not row.told_apart]]
            levers = (STAFF, NUMBER)
            found.append(
                Best(
                    demand,
                    {path: float(of_point[path][judged[0].best]) for path in levers},
                    {path: sorted(set(alike[path])) for path in levers},
                    sweep.overloaded(judged[0].best),
                )
            )
    return found


def draw(result: Result, lang: str) -> Figure:
    """The best point with the range of those not to be told apart, against demand: by the main measure and BESIDE."""
    sweep = read_sweep(result)
    measures = [name for name in dict.fromkeys((sweep.main_measure, BESIDE)) if sweep.series(name)]
    remarks = [words.design(sweep, [STAFF, NUMBER, DEMAND], lang, sweep.others([STAFF, NUMBER, DEMAND]))]
    found = {(measure, name): best_by_demand(sweep, name, measure) for measure in measures for name in result.names}
    has_ranges = any(len(levels) > 1 for bests in found.values() for each in bests for levels in each.alike.values())
    with house_style():
        keys = series_handles(titles(result, lang, 3.0), line=False)
        if has_ranges:
            label = say("chart.lever.range", lang)
            keys.append(Line2D([], [], color=QUIET, lw=1.6, marker="_", ms=6, label=label))
        if any(each.overloaded for bests in found.values() for each in bests):
            mark = OVERLOADED | {"marker": "o", "color": QUIET, "ms": 6}
            keys.append(Line2D([], [], label=words.overloaded(lang), **mark))
        keys_in = legend_in(keys)
        figure = sheet(result, lang, "lever_demand", keys_in + 2 * PANEL_IN + 0.9, remarks)
        cells = figure.add_gridspec(3, len(measures), height_ratios=(keys_in, PANEL_IN, PANEL_IN))
        top = figure.add_subplot(cells[0, :])
        top.set_axis_off()
        panels = cells[1:, :].subgridspec(2, len(measures)).subplots(squeeze=False, sharex=True, sharey="row")
        for column, measure in enumerate(measures):
            heading = say("chart.lever.by", lang, measure=words.measure(measure, lang))
            panels[0, column].set_title(balanced(heading, 3.6, bold=True))
            for position, name in enumerate(result.names):
                shift = (position - (len(result.names) - 1) / 2) * 0.16
                for row, path in enumerate((STAFF, NUMBER)):
                    _bars(panels[row, column], sweep, name, position, shift, path, found[measure, name])
        _axes(panels, sweep, lang)
        legend_above(top, keys, above_in=-keys_in)
        finish(figure)
    return figure


def _bars(axes: Axes, sweep: Sweep, scenario: str, position: int, shift: float, path: str, found: list[Best]) -> None:
    look, levels = series(position), sweep.factors[DEMAND].levels
    for each in found:
        x = levels.index(each.demand) + shift
        y = [place(sweep, scenario, path, level) for level in each.alike[path]]
        axes.plot([x] * len(y), y, color=look.colour, lw=1.6, marker="_", ms=6, gid="alike", solid_capstyle="butt")
        at = place(sweep, scenario, path, each.at[path])
        axes.plot(x, at, color=look.colour, marker=look.marker, ms=7, mec="white", mew=0.7, zorder=3, gid="best")
        if each.overloaded:
            open_mark = OVERLOADED | {"marker": look.marker, "mec": look.colour, "ms": 6, "zorder": 4}
            axes.plot(x, at, gid="overloaded", **open_mark)


def _axes(panels: np.ndarray, sweep: Sweep, lang: str) -> None:
    levels = sweep.factors[DEMAND].levels
    for axes in panels[-1]:
        axes.set_xticks(range(len(levels)), [f"×{number(level)}" for level in levels])
        axes.set_xlim(-0.5, len(levels) - 0.5)
        axes.set_xlabel(say("chart.lever.demand_axis", lang))
    staff, size = panels[0, 0], panels[1, 0]
    moved = spaced({level: words.value(level) for level in sweep.factors[STAFF].levels}, lambda _: BODY / 72, PANEL_IN)
    staff.set_yticks(list(moved), list(moved.values()))
    staff.set_ylabel(say("chart.lever.staff_axis", lang))
    at = {
        place(sweep, name, NUMBER, n): say(
            "chart.lever.size_row", lang, households=number(sweep.households(name, n)), n=words.value(n)
        )
        for name in sweep.result.names
        for n in sweep.factors[NUMBER].levels
    }
    kept = spaced(at, lambda _: BODY / 72, PANEL_IN - 0.3)
    size.set_yticks(list(kept), list(kept.values()))
    size.set_ylabel(balanced(say("chart.lever.size_axis", lang), PANEL_IN))
    for axes in panels.flat:
        axes.grid(axis="y")
