"""Measures against one lever, a line for each scenario: staff moved down, or community size."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter

from sim.charts.letters import BODY, SMALL, balanced, number, text_width_in
from sim.charts.levers import words
from sim.charts.levers.table import NUMBER, STAFF, TASKS, Sweep, read_sweep
from sim.charts.marks import legend_above, legend_in
from sim.charts.palette import INK, QUIET, Series, series
from sim.charts.result import Result
from sim.charts.style import ROW_NAME_IN, WIDTH_IN, finish, house_style, plain_ticks, row_in, row_labels, sheet
from sim.language import pick, say
from sim.measures import MEASURES
from sim.statistics import mean_interval

BAND = 0.18
"""How dark a band of 95% is."""
PANEL_IN = 1.4
ALIKE: dict[str, Any] = {"ls": "", "marker": "o", "ms": 11, "mfc": "none", "mew": 1.3}
BEST: dict[str, Any] = {"ls": "", "marker": "*", "ms": 13, "mec": "white", "mew": 0.7}
PILING: dict[str, Any] = {"ls": "", "marker": "X", "ms": 7, "mfc": "white", "mew": 1.2}
OVERLOADED: dict[str, Any] = {"ls": "", "ms": 4.5, "mfc": "white", "mew": 1.2}
OWN: dict[str, Any] = {"ls": "", "marker": "d", "ms": 7, "color": INK}
HATCH: dict[str, Any] = {"facecolor": "white", "edgecolor": QUIET, "hatch": "/////", "linewidth": 0.5}


@dataclass(frozen=True)
class Line:
    """The points of one scenario along a lever, in the order of their places on the axis."""

    scenario: str
    look: Series
    points: pd.DataFrame
    x: np.ndarray


def draw_staff(result: Result, lang: str) -> Figure:
    """Resident-hours, wait and time to close against staff moved down."""
    return _draw(result, lang, "lever_staff", STAFF, ("wait_visit_min", "close_days"))


def draw_size(result: Result, lang: str) -> Figure:
    """Resident-hours, wait, travel and time to close against the realised size of a community."""
    return _draw(result, lang, "lever_size", NUMBER, ("wait_visit_min", "travel_min_per_case", "close_days"))


def draw_staff_tasks(result: Result, lang: str) -> Figure:
    """Tasks hurried or missed against staff moved down."""
    return _draw(result, lang, "lever_staff", STAFF, (), TASKS)


def draw_size_tasks(result: Result, lang: str) -> Figure:
    """Tasks hurried or missed against the realised size of a community."""
    return _draw(result, lang, "lever_size", NUMBER, (), TASKS)


def _draw(
    result: Result, lang: str, words_of: str, path: str, beside: Sequence[str], judge: str | None = None
) -> Figure:
    """A figure whose best points are judged by ``judge`` (None: the sweep's main measure), its first panel."""
    sweep = read_sweep(result)
    main = judge or sweep.main_measure
    measures = [name for name in dict.fromkeys((main, *beside)) if sweep.series(name)]
    lines = _lines(sweep, path)
    runs = [run for line in lines for run in words.runs(line.scenario, line.points, lang)]
    remarks = [words.design(sweep, [path], lang, sweep.others([path])), *_reasons(sweep, lines, runs, path, lang)]
    with house_style():
        keys, marks = _handles(sweep, lines, path, lang), _mark_handles(_marks_of(sweep, lines, path, main), lang)
        names = [balanced(words.title(sweep, line.scenario, lang), ROW_NAME_IN) for line in lines]
        strip_in = row_in(names, 0.24) * max(1, len(lines))
        keys_in, marks_in = legend_in(keys), legend_in(marks)
        body_in = keys_in + PANEL_IN * (len(measures) + 1) + strip_in + marks_in + 0.95
        figure = sheet(result, lang, words_of, body_in, remarks)
        ratios = [*[PANEL_IN] * (len(measures) + 1), strip_in]
        level, apart, *others, strip = figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios)
        for axes, measure in zip((level, *others), measures, strict=True):
            axes.set_title(words.measure(measure, lang), pad=9)
            for line in lines:
                _curve(axes, sweep, line, measure)
            axes.set_ylim(0, 1.08 * axes.get_ylim()[1])
        for line in lines:
            _marks(level, sweep, line, main)
        apart.set_title(say("chart.lever.apart", lang, measure=words.measure(main, lang)), pad=9)
        _apart(apart, sweep, lines, main)
        for axes, measure in zip((level, apart, *others), (main, *measures), strict=True):
            plain_ticks(axes.yaxis)
            if MEASURES[measure].unit == "share":
                axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{number(100 * value)}%"))
            axes.grid(axis="y")
            axes.tick_params(axis="x", labelbottom=False)
        _strip(strip, sweep, lines, names, runs, path, lang)
        _axis(strip, sweep, path, lang)
        legend_above(level, keys, above_in=0.3)
        legend_above(strip, marks, above_in=0.06)
        finish(figure)
    return figure


def place(sweep: Sweep, scenario: str, path: str, level: float) -> float:
    """Where a level stands on the axis: communities by the logarithm of their households."""
    return math.log10(sweep.households(scenario, level)) if path == NUMBER else level


def _lines(sweep: Sweep, path: str) -> list[Line]:
    lines = []
    for position, name in enumerate(sweep.result.names):
        points = sweep.slice(name, [path])
        x = np.array([place(sweep, name, path, level) for level in points[path]])
        order = np.argsort(x, kind="stable")
        if len(points):
            lines.append(Line(name, series(position), points.iloc[order].reset_index(drop=True), x[order]))
    return lines


def _curve(axes: Axes, sweep: Sweep, line: Line, measure: str) -> None:
    """Means with their bands; open marks where work exceeds time, an open cross and a thin line where cases pile up."""
    known = sweep.series(measure)
    here = [
        (x, mean_interval(values), sweep.keeps_up(point), sweep.overloaded(point))
        for x, point, feasible in zip(line.x, line.points["point"], line.points["feasible"], strict=True)
        if feasible and len(values := known[point][np.isfinite(known[point])])
    ]
    look = line.look
    axes.plot([x for x, *_ in here], [each.mean for _, each, *_ in here], color=look.colour, lw=0.7, ls=look.line)
    band = [(x, each.low, each.high) if up else (x, np.nan, np.nan) for x, each, up, _ in here]
    low, high = [row[1] for row in band], [row[2] for row in band]
    axes.fill_between([x for x, *_ in here], low, high, color=look.colour, alpha=BAND, lw=0)
    steady = [each.mean if up else np.nan for _, each, up, _ in here]
    axes.plot([x for x, *_ in here], steady, color=look.colour, lw=1.8, ls=look.line, marker=look.marker, ms=4.5)
    for x, each, _, too_much in here:
        if too_much:
            axes.plot(x, each.mean, marker=look.marker, mec=look.colour, gid="overloaded", **OVERLOADED)
    piling = [(x, each.mean) for x, each, up, _ in here if not up]
    axes.plot([x for x, _ in piling], [y for _, y in piling], mec=look.colour, gid="piling", **PILING)


def _marks(axes: Axes, sweep: Sweep, line: Line, measure: str) -> None:
    """The best point of a line (an open star where it is overloaded), and those not to be told apart from it."""
    place_of = dict(zip(line.points["point"], line.x, strict=True))
    for row in sweep.against_best(measure, line.points):
        at = (place_of[row.point], row.mean)
        if row.point == row.best:
            open_star = {"mfc": "white", "mec": line.look.colour, "mew": 1.2} if sweep.overloaded(row.point) else {}
            axes.plot(*at, color=line.look.colour, zorder=4, gid="best", clip_on=False, **(BEST | open_star))
        elif not row.told_apart:
            axes.plot(*at, mec=line.look.colour, zorder=3, gid="alike", clip_on=False, **ALIKE)


def _apart(axes: Axes, sweep: Sweep, lines: list[Line], measure: str) -> None:
    """Differences from the best of each line, with limits that hold for all its points at once."""
    farthest = 0.0
    for line in lines:
        place_of = dict(zip(line.points["point"], line.x, strict=True))
        rows = sorted(sweep.against_best(measure, line.points), key=lambda row: place_of[row.point])
        x, difference = [place_of[row.point] for row in rows], [row.difference for row in rows]
        look = line.look
        axes.plot(x, difference, color=look.colour, lw=1.4, ls=look.line, marker=look.marker, ms=4.5, gid="difference")
        axes.vlines(x, [row.low for row in rows], [row.high for row in rows], color=look.colour, lw=1.1)
        farthest = max([farthest, *map(abs, difference)])
    axes.axhline(0, color=INK, lw=0.8, zorder=1)
    if farthest:
        axes.set_ylim(-0.6 * farthest, 1.4 * farthest)


def edges(x: np.ndarray) -> np.ndarray:
    """Where the stretch of each place on the axis begins and ends: half way to its neighbours.

    >>> edges(np.array([0.0, 2.0, 6.0]))
    array([-1.,  1.,  4.,  8.])
    """
    if len(x) == 1:
        return np.array([x[0] - 0.5, x[0] + 0.5])
    middle = (x[:-1] + x[1:]) / 2
    return np.concatenate([[2 * x[0] - middle[0]], middle, [2 * x[-1] - middle[-1]]])


def _strip(
    axes: Axes, sweep: Sweep, lines: list[Line], names: list[str], runs: list[words.Run], path: str, lang: str
) -> None:
    """A row a scenario: hatched where it cannot be, with the number of the reason; a mark at its own file's value."""
    for y, line in enumerate(lines):
        ends = edges(line.x)
        for k, run in enumerate(runs, start=1):
            if run.scenario != line.scenario:
                continue
            left, right = ends[run.first], ends[run.last + 1]
            axes.add_patch(Rectangle((left, y - 0.36), right - left, 0.72, gid="infeasible", **HATCH))
            axes.text(
                (left + right) / 2,
                y,
                say("chart.lever.cannot", lang, k=k),
                ha="center",
                va="center",
                size=SMALL + 0.5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            )
        own = sweep.own[line.scenario][path]
        if isinstance(own, float):
            axes.plot(place(sweep, line.scenario, path, own), y, gid="own", **OWN)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    row_labels(axes, names)
    axes.spines["left"].set_visible(False)


def _axis(axes: Axes, sweep: Sweep, path: str, lang: str) -> None:
    """Ticks at the levels, those left out whose words would touch."""
    at: dict[float, str] = {}
    for name in sweep.result.names:
        for level in sweep.factors[path].levels:
            text = number(level)
            if path == NUMBER:
                text = f"{number(sweep.households(name, level))}\n({text})"
            at[place(sweep, name, path, level)] = text
    kept = spaced(
        at, lambda text: max(text_width_in(row, BODY) for row in text.split("\n")), WIDTH_IN - ROW_NAME_IN - 1
    )
    axes.set_xticks(list(kept), list(kept.values()))
    ends = edges(np.array(sorted(at)))
    axes.set_xlim(ends[0], ends[-1])
    axes.set_xlabel(say("chart.lever.size_axis" if path == NUMBER else "chart.lever.staff_axis", lang))


def spaced(at: Mapping[float, str], size_in: Callable[[str], float], room_in: float) -> dict[float, str]:
    """The words at places of an axis that do not touch the one kept before them.

    >>> spaced({0.0: "a", 1.0: "b", 10.0: "c"}, lambda _: 0.2, 1.0)
    {0.0: 'a', 10.0: 'c'}
    """
    span = (max(at) - min(at)) or 1.0
    kept: dict[float, str] = {}
    for x, text in sorted(at.items()):
        if not kept or (x - max(kept)) / span * room_in > size_in(text) + 0.06:
            kept[x] = text
    return kept


def _handles(sweep: Sweep, lines: list[Line], path: str, lang: str) -> list[Artist]:
    handles: list[Artist] = []
    for line in lines:
        held = words.held(sweep, line.scenario, sweep.others([path]), lang)
        title = words.title(sweep, line.scenario, lang)
        text = say("chart.lever.line", lang, title=title, held=held) if held else title
        look = line.look
        name = balanced(text, 3.6)
        handles.append(
            Line2D([], [], color=look.colour, ls=look.line, lw=1.8, marker=look.marker, markersize=5, label=name)
        )
    return handles


def _marks_of(sweep: Sweep, lines: list[Line], path: str, measure: str) -> set[str]:
    """The kinds of marks that occur in the chart: no others stand in its legend."""
    judged = [row for line in lines for row in sweep.against_best(measure, line.points)]
    feasible = [point for line in lines for point in line.points.loc[line.points["feasible"], "point"]]
    occurs = {
        "best": bool(judged),
        "alike": any(not row.told_apart and row.point != row.best for row in judged),
        "overloaded": any(map(sweep.overloaded, feasible)),
        "piling": not all(map(sweep.keeps_up, feasible)),
        "own": any(isinstance(sweep.own[line.scenario][path], float) for line in lines),
        "infeasible": len(feasible) < sum(len(line.points) for line in lines),
    }
    return {kind for kind, is_there in occurs.items() if is_there}


def _mark_handles(kinds: set[str], lang: str) -> list[Artist]:
    look: dict[str, Any] = {"color": QUIET}
    made: dict[str, Callable[[str], Artist]] = {
        "best": lambda label: Line2D([], [], label=label, **(BEST | look)),
        "alike": lambda label: Line2D([], [], label=label, **(ALIKE | look)),
        "overloaded": lambda label: Line2D([], [], label=label, **(OVERLOADED | look | {"marker": "o", "mec": QUIET})),
        "piling": lambda label: Line2D([], [], label=label, **(PILING | look | {"mec": QUIET})),
        "own": lambda label: Line2D([], [], label=label, **OWN),
        "infeasible": lambda label: Patch(label=label, **HATCH),
    }
    label = {kind: say(f"chart.lever.{kind}", lang) for kind in made} | {"overloaded": words.overloaded(lang)}
    return [make(label[kind]) for kind, make in made.items() if kind in kinds]


def _reasons(sweep: Sweep, lines: list[Line], runs: list[words.Run], path: str, lang: str) -> list[str]:
    """A line for each hatched stretch: which levels, and why."""
    found = []
    points = {line.scenario: line.points for line in lines}
    for k, run in enumerate(runs, start=1):
        levels = sorted(points[run.scenario][path].iloc[[run.first, run.last]])
        span = "–".join(dict.fromkeys(map(words.value, levels)))
        found.append(
            say(
                "chart.lever.reason",
                lang,
                k=k,
                title=words.title(sweep, run.scenario, lang),
                label=pick(sweep.factors[path].label, lang),
                span=span,
                reason=run.reason,
            )
        )
    return found
