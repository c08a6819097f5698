"""The staff × size map of the main measure: its best region, what cannot be, and where the street is the bottleneck."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.charts.letters import BODY, SMALL, balanced, number, text_width_in
from sim.charts.levers import words
from sim.charts.levers.lines import OWN
from sim.charts.levers.table import NUMBER, STAFF, Sweep, read_sweep
from sim.charts.marks import legend_above, legend_in
from sim.charts.palette import INK, QUIET, WAIT_FILLS, on
from sim.charts.result import Result
from sim.charts.style import finish, house_style, row_labels, sheet
from sim.language import pick, say
from sim.measures import MEASURES
from sim.measures.verdicts import UNFINISHED_MOST_SHARE, at_edge

ROW_IN = 0.3
MAP_IN = 6.2
"""Width of a map, nearly."""
WIDE_IN = 0.7
"""Width of a cell that has room for a mark beside its number; in a narrower one a smaller one is in the corner."""
CANNOT: dict[str, Any] = {"facecolor": "white", "edgecolor": QUIET, "hatch": "/////", "linewidth": 0.0}
PILING: dict[str, Any] = {"facecolor": "white", "edgecolor": QUIET, "hatch": "....", "linewidth": 0.0}
REGION: dict[str, Any] = {"colors": INK, "linewidths": 2.2}
BOTTLENECK: dict[str, Any] = {"colors": "#d55e00", "linewidths": 2.6, "linestyles": [(0, (2.2, 1.0))]}
ABOVE: dict[str, Any] = {"ls": "", "marker": "^", "ms": 5, "mec": "white", "mew": 0.6, "color": "#d55e00"}
OVERLOADED: dict[str, Any] = {"ls": "", "marker": "o", "mfc": "white", "mec": INK, "mew": 0.9, "color": QUIET}
STAR: dict[str, Any] = {"ls": "", "marker": "*", "ms": 10.5, "mec": "white", "mew": 0.6, "color": INK}
Cell = tuple[int, int]
"""Column (level of staff) and row (level of communities)."""


@dataclass(frozen=True)
class Grid:
    """One scenario's map: cells by the positions of their levels."""

    scenario: str
    mean: dict[Cell, float]
    infeasible: frozenset[Cell]
    piling: frozenset[Cell]
    overloaded: frozenset[Cell]
    region: frozenset[Cell]
    best: Cell | None
    bottleneck: frozenset[Cell]
    own: Cell | None


def draw(result: Result, lang: str) -> Figure:
    """A map for each scenario; every cell carries its number, darker is worse within a map."""
    sweep = read_sweep(result)
    columns, rows = sweep.factors[STAFF].levels, sweep.factors[NUMBER].levels
    grids = [grid(sweep, name) for name in result.names]
    with house_style():
        keys = _handles(grids, lang)
        heading_in = 0.38
        body_in = legend_in(keys) + (ROW_IN * len(rows) + heading_in + 0.12) * len(grids) + 0.55
        remarks = [words.design(sweep, [STAFF, NUMBER], lang, sweep.others([STAFF, NUMBER]))]
        remarks += [_edge_words(sweep, each, lang) for each in grids if edges(each)]
        main = words.measure(sweep.main_measure, lang)
        share = f"{UNFINISHED_MOST_SHARE:.0%}"
        places = decimals([mean for each in grids for mean in each.mean.values()])
        figure = sheet(result, lang, "lever_map", body_in, remarks, measure=main, share=share)
        panels = figure.subplots(len(grids), 1, squeeze=False, sharex=True)[:, 0]
        for axes, each in zip(panels, grids, strict=True):
            axes.set_title(_heading(sweep, each, lang), size=BODY)
            _cells(axes, sweep, each, places)
            axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, len(rows) - 0.5))
            axes.set_xticks(range(len(columns)), list(map(words.value, columns)))
            names = [_row_name(sweep, each.scenario, level, lang) for level in rows]
            row_labels(axes, names)
            axes.spines[:].set_visible(False)
            axes.tick_params(axis="x", length=0, labelbottom=axes is panels[-1])
        panels[-1].set_xlabel(say("chart.lever.staff_axis", lang))
        legend_above(panels[0], keys, above_in=0.28)
        finish(figure)
    return figure


def grid(sweep: Sweep, scenario: str) -> Grid:
    """The map of a scenario, its other factors held."""
    points = sweep.slice(scenario, [STAFF, NUMBER])
    columns, rows = sweep.factors[STAFF].levels, sweep.factors[NUMBER].levels
    cell = {
        int(point): (columns.index(staff), rows.index(n))
        for point, staff, n in zip(points["point"], points[STAFF], points[NUMBER], strict=True)
    }
    feasible = [int(point) for point in points.loc[points["feasible"], "point"]]
    judged = sweep.against_best(sweep.main_measure, points)
    own = (sweep.own[scenario][STAFF], sweep.own[scenario][NUMBER])
    return Grid(
        scenario=scenario,
        mean={cell[point]: sweep.mean(sweep.main_measure, point) for point in feasible},
        infeasible=frozenset(at for point, at in cell.items() if point not in feasible),
        piling=frozenset(cell[point] for point in feasible if not sweep.keeps_up(point)),
        overloaded=frozenset(cell[point] for point in feasible if sweep.overloaded(point)),
        region=frozenset(cell[row.point] for row in judged if not row.told_apart),
        best=cell[judged[0].best] if judged else None,
        own=(columns.index(own[0]), rows.index(own[1])) if own[0] in columns and own[1] in rows else None,
        bottleneck=frozenset(cell[point] for point in feasible if sweep.street_is_bottleneck(scenario, point)),
    )


def edges(each: Grid) -> list[str]:
    """Paths of the levers at whose edge the best point stands."""
    return [] if each.best is None else [(STAFF, NUMBER)[axis] for axis in at_edge(each.best, each.mean)]


def _edge_words(sweep: Sweep, each: Grid, lang: str) -> str:
    labels = say("chart.list", lang).join(pick(sweep.factors[path].label, lang) for path in edges(each))
    return say("chart.lever.edge", lang, title=words.title(sweep, each.scenario, lang), labels=labels)


def decimals(means: Collection[float]) -> int:
    """Decimal places of all numbers of a figure: so many that the largest has three figures.

    >>> decimals([0.297, 1.24]), decimals([0.297]), decimals([5.0, 160.0]), decimals([])
    (2, 3, 0, 0)
    """
    high = max((mean for mean in means if math.isfinite(mean)), default=0.0)
    return max(0, 2 - math.floor(math.log10(high))) if high > 0 else 0


def _cells(axes: Axes, sweep: Sweep, each: Grid, places: int) -> None:
    steady = [mean for at, mean in each.mean.items() if at not in each.piling]
    low, high = min(steady, default=0.0), max(steady, default=1.0)
    fills = [fill.colour for fill in WAIT_FILLS[:-1]]
    for x, y in each.infeasible:
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, gid="infeasible", **CANNOT))
    widest_in = text_width_in(f"≥{max(each.mean.values(), default=1.0):.{places}f}", SMALL + 0.5, bold=True)
    size = (SMALL + 0.5) * min(1.0, MAP_IN / len(sweep.factors[STAFF].levels) / widest_in)
    for (x, y), mean in each.mean.items():
        piling = (x, y) in each.piling
        share = (mean - low) / (high - low) if high > low and not piling else 0.0
        share = 1 - share if MEASURES[sweep.main_measure].better == "higher" else share
        colour = fills[min(int(share * len(fills)), len(fills) - 1)]
        look = PILING if piling else {"facecolor": colour, "edgecolor": "white", "linewidth": 0.6}
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, gid="piling" if piling else "cell", **look))
        text = axes.text(
            x,
            y - 0.03,
            ("≥" if piling else "") + f"{mean:.{places}f}",
            ha="center",
            va="center",
            size=size,
            weight="bold" if (x, y) in each.region else "normal",
            color=INK if piling else on(colour),
        )
        if piling:
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
        if (x, y) in each.bottleneck:
            axes.plot(x + 0.38, y + 0.3, gid="bottleneck", **ABOVE)
    region = outline(each.region, lambda _: True)
    limit = outline(each.bottleneck, lambda other: other in each.mean)
    for sides, zorder, gid, look in (
        (region, 3, "region", REGION | {"capstyle": "projecting"}),
        (limit, 4, "casing", {"colors": "white", "linewidths": 4.2}),
        (limit, 5, "limit", BOTTLENECK),
    ):
        axes.add_collection(LineCollection(sides, zorder=zorder, gid=gid, clip_on=False, **look), autolim=False)
    narrow = min(1.0, MAP_IN / len(sweep.factors[STAFF].levels) / WIDE_IN)
    if each.best is not None:
        look = STAR | {"ms": STAR["ms"] * narrow**0.5}
        axes.plot(each.best[0] - 0.36, each.best[1] + 0.36 - 0.16 * narrow, zorder=6, gid="best", **look)
    look = OVERLOADED | {"ms": 4.5 * narrow**0.5}
    for x, y in sorted(each.overloaded):
        axes.plot(x + 0.38, y - 0.34 + 0.06 * narrow, gid="overloaded", **look)
    if each.own is not None:
        axes.plot(each.own[0] - 0.38, each.own[1] - 0.34 + 0.06 * narrow, gid="own", **(OWN | {"ms": 5 * narrow**0.5}))


def outline(cells: frozenset[Cell], counts: Callable[[Cell], bool]) -> list[np.ndarray]:
    """The sides of cells beyond which stands a cell that counts and is none of them.

    >>> [side.tolist() for side in outline(frozenset({(0, 0)}), lambda cell: cell == (1, 0))]
    [[[0.5, -0.5], [0.5, 0.5]]]
    """
    sides = {
        (1, 0): ((0.5, -0.5), (0.5, 0.5)),
        (-1, 0): ((-0.5, -0.5), (-0.5, 0.5)),
        (0, 1): ((-0.5, 0.5), (0.5, 0.5)),
        (0, -1): ((-0.5, -0.5), (0.5, -0.5)),
    }
    return [
        np.add((x, y), side)
        for x, y in sorted(cells)
        for (dx, dy), side in sides.items()
        if (x + dx, y + dy) not in cells and counts((x + dx, y + dy))
    ]


def _row_name(sweep: Sweep, scenario: str, level: float, lang: str) -> str:
    return say("chart.lever.map_row", lang, n=words.value(level), households=number(sweep.households(scenario, level)))


def _heading(sweep: Sweep, each: Grid, lang: str) -> str:
    title = words.title(sweep, each.scenario, lang)
    key = "some" if each.bottleneck else "none"
    return say("chart.lever.map_heading", lang, title=title, bottleneck=say(f"chart.lever.bottleneck_{key}", lang))


def _handles(grids: list[Grid], lang: str) -> list[Artist]:
    """Legend entries of what occurs in some of the maps."""
    fill: dict[str, Any] = {"facecolor": WAIT_FILLS[1].colour, "edgecolor": INK, "linewidth": 2.0}
    line: dict[str, Any] = {"color": BOTTLENECK["colors"], "lw": 2.6, "ls": (0, (2.2, 1.0)), "marker": "^", "ms": 4}
    region, limit = (balanced(say(f"chart.lever.map_{part}", lang), 2.4) for part in ("region", "limit"))
    entries: list[tuple[bool, Artist]] = [
        (any(each.region for each in grids), Patch(label=region, **fill)),
        (any(each.bottleneck for each in grids), Line2D([], [], label=limit, **line)),
        (
            any(each.infeasible for each in grids),
            Patch(label=say("chart.lever.infeasible", lang), **(CANNOT | {"linewidth": 0.5})),
        ),
        (
            any(each.overloaded for each in grids),
            Line2D([], [], label=words.overloaded(lang), **(OVERLOADED | {"ms": 4.5})),
        ),
        (
            any(each.own is not None for each in grids),
            Line2D([], [], label=say("chart.lever.own", lang), **(OWN | {"ms": 5})),
        ),
        (
            any(each.piling for each in grids),
            Patch(label=say("chart.lever.map_piling", lang), **(PILING | {"linewidth": 0.5})),
        ),
    ]
    return [artist for occurs, artist in entries if occurs]
