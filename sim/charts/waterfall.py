"""A change attributed to its parts: from the value before, part by part in declared order, to the value after."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.charts.letters import BODY, balanced, number, percent, percent_figures, plain
from sim.charts.marks import fill_handles, legend_above, legend_in
from sim.charts.palette import INK, QUIET, Fill
from sim.charts.result import Result
from sim.charts.style import MARGIN_IN, ROW_NAME_IN, WIDTH_IN, finish, house_style, row_in, row_labels, sheet
from sim.errors import Fault, ResultError
from sim.language import say
from sim.measures import MAIN_MEASURE, MEASURES, unit_label

DRAWN = (MAIN_MEASURE, "close_days", "task_missed_share")
"""What is asked of a reform first: the residents' hours, the time to close, the tasks that suffer."""
FILLS = {"whole": Fill("#0b3c66"), "less": Fill("#8cc9ef"), "more": Fill("#e69f00", "////")}
HEIGHT = 0.62
MINUS = "−"
HALO = [withStroke(linewidth=2.6, foreground="white")]
"""So that a line is seen on a dark bar."""
ROOM_FOR_NUMBERS = 1.25
"""How far the axis goes on beyond the longest bar."""


def draw(result: Result, lang: str) -> Figure:
    """The waterfall of a reform taken apart. Raises ResultError if its table of attribution is not there."""
    path = result.folder / "attribution.csv"
    if not path.is_file():
        raise ResultError(Fault("chart.no_table", {"table": path.name}, str(result.folder)))
    table = pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in ("mean", "low", "high")})
    labels = {factor["name"]: factor["label"] for factor in result.manifest["factors"]}
    return waterfall(table, {part: labels[part] for part in result.manifest["parts"]}, result, lang)


def waterfall(
    attribution: pd.DataFrame,
    names: Mapping[str, Mapping[str, str]],
    result: Result,
    lang: str,
    measures: Sequence[str] = DRAWN,
) -> Figure:
    """Bars from before to after, one for each part, with the 95% interval of each part.

    Parameters
    ----------
    attribution
        ``measure, group, part, mean, low, high``: for each measure the rows ``before``, the parts, and ``after``. Only
        rows of everybody (empty group) are drawn; measures that are not there are left out.
    names
        The parts in both languages, in the order in which they are drawn.
    result
        What was run, for the small print.
    """
    everybody = attribution[attribution["group"] == ""]
    shown = [measure for measure in measures if (everybody["measure"] == measure).any()]
    rows = ["before", *names, "after"]
    with house_style():
        words = [
            balanced(
                plain(names[row][lang] if row in names else say(f"chart.waterfall.{row}", lang), lang), ROW_NAME_IN
            )
            for row in rows
        ]
        keys = fill_handles([say(f"chart.waterfall.{kind}", lang) for kind in FILLS], list(FILLS.values()))
        body_in = row_in(words, 0.36) * len(rows) + 0.9 + legend_in(keys)
        figure = sheet(result, lang, "waterfall", body_in)
        grid = figure.add_gridspec(2, len(shown), height_ratios=(1, 1000))
        above = figure.add_subplot(grid[0, :])
        above.set_axis_off()
        panels = [figure.add_subplot(grid[1, number]) for number in range(len(shown))]
        for axes, measure in zip(panels, shown, strict=True):
            is_share = MEASURES[measure].unit == "share"
            here = everybody[everybody["measure"] == measure].set_index("part").loc[rows]
            _bars(axes, here, lang, is_share=is_share)
            _axis(axes, measure, len(shown), lang, is_share=is_share)
            axes.set_ylim(len(rows) - 0.4, -0.6)
            row_labels(axes, words if axes is panels[0] else [""] * len(rows))
        legend_above(above, keys)
        finish(figure)
    return figure


def steps(table: pd.DataFrame) -> list[tuple[float, float]]:
    """Where each bar begins and ends: the ends from zero, each part from where the one before it ended.

    >>> steps(pd.DataFrame({"mean": [5.0, -2.0, 1.0, 4.0]}, index=["before", "a", "b", "after"]))
    [(0.0, 5.0), (5.0, 3.0), (3.0, 4.0), (0.0, 4.0)]
    """
    bars = [(0.0, float(table["mean"].iloc[0]))]
    for change in table["mean"].iloc[1:-1]:
        begin = bars[-1][1]
        bars.append((begin, begin + float(change)))
    return [*bars, (0.0, float(table["mean"].iloc[-1]))]


def _bars(axes: Axes, table: pd.DataFrame, lang: str, *, is_share: bool) -> None:
    bars = steps(table)
    ends: list[float] = []
    for y, ((begin, end), row) in enumerate(zip(bars, table.to_dict("records"), strict=True)):
        is_part = 0 < y < len(bars) - 1
        fill = FILLS[("more" if end > begin else "less") if is_part else "whole"]
        left, right = min(begin, end), max(begin, end)
        bar = Rectangle((left, y - HEIGHT / 2), right - left, HEIGHT, facecolor=fill.colour, edgecolor=QUIET, lw=0.5)
        bar.set_hatch(fill.hatch)
        axes.add_patch(bar)
        limits = [begin + row[limit] for limit in ("low", "high") if math.isfinite(row[limit])]
        if limits:
            axes.plot(limits, [y, y], color=INK, lw=1.1, marker="|", ms=5, mew=1.1, path_effects=HALO)
        if y < len(bars) - 1:
            axes.plot([end, end], [y, y + 1], color=QUIET, lw=0.5, zorder=0)
        said = _change(row["mean"], lang, is_share=is_share) if is_part else _said(row["mean"], is_share=is_share)
        furthest = max([right, *limits])
        axes.annotate(said, (furthest, y), (4, 0), textcoords="offset points", va="center", size=BODY - 1)
        ends += [left, right, *limits]
    axes.axvline(0, color=INK, lw=0.8)
    axes.set_xlim(min(0.0, 1.1 * min(ends)), ROOM_FOR_NUMBERS * max(ends))


def _axis(axes: Axes, measure: str, n_panels: int, lang: str, *, is_share: bool) -> None:
    unit, name = MEASURES[measure].unit, say(f"measure.{measure}", lang)
    unit_words = say("chart.waterfall.share_unit", lang) if is_share else unit_label(unit, lang)
    name = say("chart.measure", lang, measure=name, unit=unit_words)
    room = (WIDTH_IN - 2 * MARGIN_IN - ROW_NAME_IN) / n_panels - 0.2
    axes.set_title(balanced(plain(name[:1].upper() + name[1:], lang), room, BODY + 0.5, bold=True))
    axes.grid(axis="x")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(100 * value if is_share else value)))


def _said(value: float, *, is_share: bool) -> str:
    """A value as it is written beside its bar; a share as a percentage."""
    return (MINUS if value < 0 else "") + percent(abs(value)) if is_share else number(value)


def _change(value: float, lang: str, *, is_share: bool) -> str:
    """A part's change, with its sign; of a share in percentage points, which are no per cent of it."""
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    if is_share:
        return say("chart.waterfall.points", lang, n=sign + percent_figures(abs(value)))
    return sign + number(abs(value))
