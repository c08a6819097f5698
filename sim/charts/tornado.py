"""What each mechanism does: the change of a measure when it alone is switched off, the largest first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from sim.charts.letters import BODY, LINE_SPACING, SMALL, balanced, decimals, number, plain, text_width_in
from sim.charts.marks import fill_handles, legend_above, legend_in
from sim.charts.palette import INK, QUIET, RULE, Fill
from sim.charts.result import Result
from sim.charts.style import (
    MARGIN_IN,
    ROW_NAME_IN,
    WIDTH_IN,
    Page,
    finish,
    house_style,
    row_in,
    row_labels,
    sheet,
    titles,
)
from sim.errors import Fault, ResultError
from sim.language import pick, say
from sim.measures import MAIN_MEASURE, MEASURES, MeasureInfo, group_label, unit_label

ABLATIONS = ("scenario", "mechanism", "measure", "difference", "low", "high")
"""The table that is drawn: mean and interval of the paired differences, *without the mechanism less with it*."""
Effect = Literal["helps", "harms", "moves", "nothing"]
FILLS: dict[Effect, Fill] = {
    "helps": Fill("#0072b2"),
    "harms": Fill("#e69f00", "////"),
    "moves": Fill("#16263f"),
    "nothing": Fill("#d4d4d4"),
}
HEIGHT = 0.66
GAP_IN = 0.2
"""Between two panels."""
NUMBER, SQUARE = SMALL + 0.5, 6.0
"""Points: size of the number beside a bar, side of the square before it, which tells what a thin bar does not."""
BESIDE_IN = 0.22
"""Room around the number beside a bar, and for the square."""
LEAST_FOR_BARS = 0.3
"""Share of a panel that bars have at least, whatever the numbers need."""


DRAWN = ((MAIN_MEASURE, "wait_visit_min"), ("close_days/counter", "close_days/hotline", "close_days/grid"))
"""By page, what is asked of a mechanism: residents' hours and waits; the time to close, by where cases come in."""


def draw(result: Result, lang: str) -> list[Figure]:
    """The mechanisms of a sweep that switches them off. Raises ResultError if its table is not there or is empty."""
    read = ("scenario", "without", "measure", "group", "difference", "low", "high")
    table = result.table("ablation.csv", read)
    group = table["group"].where(table["group"] == "", "/" + table["group"])
    table["measure"] = table["measure"] + group
    named = result.manifest["mechanisms"]
    table["mechanism"] = [named[one][off]["name"] for one, off in zip(table["scenario"], table["without"], strict=True)]
    pages = [pd.concat([table[table["measure"] == measure] for measure in page]) for page in DRAWN]
    pages = [page[list(ABLATIONS)] for page in pages if not page.empty]
    if not pages:
        raise ResultError(Fault("chart.no_table", {"table": "ablation.csv"}, str(result.folder)))
    return [tornado(drawn, result, lang, (number, len(pages))) for number, drawn in enumerate(pages, start=1)]


def effect(measure: str, low: float, high: float) -> Effect:
    """What a mechanism does to a measure, by the interval of *without less with*; if it holds zero, nothing is told.

    >>> effect("close_days", 0.5, 1.0), effect("on_time_share", 0.1, 0.2), effect("close_days", -0.1, 0.2)
    ('helps', 'harms', 'nothing')
    >>> effect("staff_use_share", 0.1, 0.2), effect("close_days", math.nan, math.nan)
    ('moves', 'nothing')
    """
    if not (low > 0 or high < 0):
        return "nothing"
    better = info(measure).better
    if better is None:
        return "moves"
    return "helps" if (low > 0) == (better == "lower") else "harms"


def info(measure: str) -> MeasureInfo:
    """Unit and better direction of a measure, or of a group of it (``close_days/grid``)."""
    return MEASURES[measure.partition("/")[0]]


def rows_of(ablations: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, Any]]:
    """Scenario and mechanism of each row: by scenario, the largest change of the table's first measure first.

    Groups of that measure count alike, whichever the change is in.
    """
    measures = ablations["measure"].str.partition("/")[0]
    first = ablations[measures == measures.iloc[0]]
    largest = first.loc[first["difference"].abs().sort_values(ascending=False, kind="stable").index]
    rows: list[tuple[str, Any]] = []
    for name in names:
        for mechanism in largest.loc[largest["scenario"] == name, "mechanism"]:
            if (name, mechanism) not in rows:
                rows.append((name, mechanism))
    return rows


def tornado(ablations: pd.DataFrame, result: Result, lang: str, page: Page = (1, 1)) -> Figure:
    """Bars of what changes when a mechanism alone is switched off, with 95% intervals; grey where they contain zero.

    Parameters
    ----------
    ablations
        The columns ABLATIONS, a row for each scenario, mechanism and measure; a panel is drawn for each measure in the
        order of the table, and its first one orders the rows. ``mechanism`` is a text, or one in both languages;
        limits are nan where there is one replication.
    result
        What was run, for the small print and the scenarios' titles; scenarios of it that have no row are not drawn.
    page
        Its number, and of how many.
    """
    measures = list(dict.fromkeys(ablations["measure"]))
    rows = rows_of(ablations, result.names)
    scenarios = list(dict.fromkeys(name for name, _ in rows))
    heads = dict(zip(result.names, titles(result, lang, WIDTH_IN / 2, bold=True), strict=True))
    with house_style():
        words = [balanced(plain(pick(mechanism, lang), lang), ROW_NAME_IN) for _, mechanism in rows]
        names_in = 0.1 + max(text_width_in(line, BODY - 0.5) for word in words for line in word.split("\n"))
        panel_in = (WIDTH_IN - 2 * MARGIN_IN - names_in) / len(measures) - GAP_IN
        occurring = {effect(one["measure"], one["low"], one["high"]) for one in ablations.to_dict("records")}
        shown = [kind for kind in FILLS if kind in occurring]
        keys = fill_handles([say(f"chart.tornado.{kind}", lang) for kind in shown], [FILLS[kind] for kind in shown])
        body_in = row_in(words, 0.26) * (len(rows) + 1.2 * len(scenarios)) + 0.9 + legend_in(keys)
        figure = sheet(result, lang, "tornado", body_in, replications=result.replications, page=page)
        grid = figure.add_gridspec(2, len(measures), height_ratios=(1, 1000))
        above = figure.add_subplot(grid[0, :])
        above.set_axis_off()
        heights = _heights(rows, scenarios)
        for k, measure in enumerate(measures):
            axes = figure.add_subplot(grid[1, k])
            same = ablations["measure"].str.partition("/")[0] == measure.partition("/")[0]
            scale = _scale(ablations[same], measure, panel_in)
            _bars(axes, ablations[ablations["measure"] == measure], rows, heights, scale)
            _axis(axes, measure, panel_in, lang)
            row_labels(axes, words if k == 0 else [""] * len(rows), heights)
            axes.set_ylim(max(heights, default=0.0) + 0.6, -1.6)
            for name in scenarios if k == 0 else ():
                top = min(y for y, (other, _) in zip(heights, rows, strict=True) if other == name) - 0.75
                place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "ha": "left", "va": "center"}
                text = axes.text(-names_in / (panel_in + GAP_IN), top, heads[name], weight="bold", size=BODY, **place)
                text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0})
        legend_above(above, keys)
        finish(figure)
    return figure


def _heights(rows: Sequence[tuple[str, Any]], scenarios: Sequence[str]) -> list[float]:
    """Where the rows stand, downward, with room for each scenario's title above its own."""
    return [k + 1.2 * scenarios.index(name) for k, (name, _) in enumerate(rows)]


@dataclass(frozen=True)
class _Scale:
    """The axis of a measure, which all panels of it have in common, and how its differences are written."""

    measure: str
    limits: tuple[float, float]
    places: int

    def said(self, difference: float) -> str:
        """A difference in words."""
        return _said(difference, self.places, is_share=info(self.measure).unit == "share")

    def told(self, difference: float) -> str:
        """One that is told from zero, however little it is: below the last decimal it is not written as zero."""
        said = self.said(difference)
        return said if said != "0" else f"{'<' if difference > 0 else '>−'}{10**-self.places:g}"


def _scale(table: pd.DataFrame, measure: str, panel_in: float) -> _Scale:
    """So that all bars, intervals and numbers of a measure have room."""
    factor = 100 if info(measure).unit == "share" else 1
    places = decimals([abs(value) * factor for value in table["difference"]])
    scale = _Scale(measure, (0.0, 1.0), places)
    ends = [end for end in [0.0, *table["difference"], *table["low"], *table["high"]] if math.isfinite(end)]
    words = [(difference < 0, scale.told(difference)) for difference in table["difference"]]
    beside = [(is_left, text_width_in(said, NUMBER, bold=True) + BESIDE_IN) for is_left, said in words]
    left_in, right_in = (max((width for side, width in beside if side is want), default=0.05) for want in (True, False))
    span = max(ends) - min(ends) or 1.0
    per_in = span / max(panel_in - left_in - right_in, LEAST_FOR_BARS * panel_in)
    return replace(scale, limits=(min(ends) - left_in * per_in, max(ends) + right_in * per_in))


def _bars(
    axes: Axes, table: pd.DataFrame, rows: Sequence[tuple[str, Any]], heights: Sequence[float], scale: _Scale
) -> None:
    records = table.to_dict("records")
    for (name, mechanism), y in zip(rows, heights, strict=True):
        axes.axhline(y, color=RULE, lw=0.4, zorder=0)
        for one in records:
            if (one["scenario"], one["mechanism"]) == (name, mechanism):
                _bar(axes, y, one, scale)
    axes.axvline(0, color=INK, lw=0.8)
    axes.set_xlim(scale.limits)


def _bar(axes: Axes, y: float, one: Mapping[Any, Any], scale: _Scale) -> None:
    """A bar with its interval and number; what is told from zero has a bold one, after a square filled as its bar."""
    kind, value = effect(scale.measure, one["low"], one["high"]), one["difference"]
    look: dict[str, Any] = {"facecolor": FILLS[kind].colour, "hatch": FILLS[kind].hatch, "edgecolor": QUIET, "lw": 0.5}
    axes.add_patch(Rectangle((min(0.0, value), y - HEIGHT / 2), abs(value), HEIGHT, gid="bar", **look))
    limits = [one[limit] for limit in ("low", "high") if math.isfinite(one[limit])]
    if limits:
        axes.plot(limits, [y, y], color=INK, lw=1.0, marker="|", ms=5, mew=1.0)
    is_left, is_told = value < 0, kind != "nothing"
    said = scale.said(value) if not is_told else scale.told(value)
    furthest, sign = min([value, *limits]) if is_left else max([value, *limits]), -1 if is_left else 1
    words: dict[str, Any] = {"ha": "right" if is_left else "left", "va": "center", "size": NUMBER}
    words |= {"weight": "bold"} if is_told else {"color": QUIET}
    words["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
    away = 5.0 + (SQUARE + 2.5) * is_told
    axes.annotate(said, (furthest, y), (sign * away, 0), textcoords="offset points", **words)
    if is_told:
        inches = axes.figure.dpi_scale_trans
        beside = ScaledTranslation(sign * (5 + SQUARE / 2) / 72, 0, inches)
        square = Rectangle(
            (-SQUARE / 144, -SQUARE / 144), SQUARE / 72, SQUARE / 72, gid="square", clip_on=False, zorder=3, **look
        )
        at_end = ScaledTranslation(furthest, y, axes.transData)  # type: ignore[arg-type]
        square.set_transform(inches + at_end + beside)
        axes.add_artist(square)


def _axis(axes: Axes, measure: str, panel_in: float, lang: str) -> None:
    kind, _, group = measure.partition("/")
    unit, name = info(measure).unit, say(f"measure.{kind}", lang)
    if group:
        name += say("cli.of_group", lang, group=group_label(group, lang))
    is_share = unit == "share"
    shown = say("chart.tornado.points", lang) if is_share else unit_label(unit, lang)
    if shown:
        name = say("chart.measure", lang, measure=name, unit=shown)
    heading = balanced(plain(name[:1].upper() + name[1:], lang), panel_in, BODY, bold=True)
    axes.set_title(heading, size=BODY, linespacing=LINE_SPACING)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(100 * value if is_share else value)))


def _said(value: float, places: int, *, is_share: bool) -> str:
    """A difference with its sign, with as many decimals as the others of its panel; of shares in percentage points.

    >>> _said(-0.0012, 2, is_share=False), _said(0.134, 2, is_share=False), _said(-0.034, 1, is_share=True)
    ('0', '+0.13', '−3.4')
    """
    text = f"{100 * value if is_share else value:+.{places}f}".replace("-", "−")
    return text if float(text[1:]) else "0"
