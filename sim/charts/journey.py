"""One typical case as a timeline under each structure: where it was, and whether anybody worked on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text

from sim.charts.letters import BODY, LINE_SPACING, SMALL, balanced, number, plain, text_width_in
from sim.charts.marks import fill_handles, legend_above, legend_in, stacked
from sim.charts.palette import INK, PART_FILLS, QUIET, WEEKEND, Fill
from sim.charts.result import Filter, Result
from sim.charts.style import (
    MARGIN_IN,
    ROW_NAME_IN,
    WIDTH_IN,
    finish,
    house_style,
    plain_ticks,
    room_in,
    row_in,
    row_labels,
    sheet,
    titles,
)
from sim.charts.timeline import STATES, comings, routes, segments, widened
from sim.charts.typical import TypicalCase, typical_case
from sim.language import pick, say
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S

STATE_FILLS = dict(zip(STATES, (PART_FILLS["work_time_s"], PART_FILLS["queue_s"], Fill("#d9e4ee")), strict=True))
ROUTE_LINES: dict[str, dict[str, Any]] = {
    "way": {"color": QUIET, "ls": "-", "lw": 0.9},
    "home": {"color": QUIET, "ls": (0, (1.0, 1.6)), "lw": 1.3},
}
LEAST = 0.006
"""Stays shorter than this share of the axis are widened to it, or minutes could not be seen beside days."""
MOST_ROW_IN, LEAST_ROW_IN, TWO_LINES_IN = 0.34, 0.22, 0.31
"""Height of a unit's row; where there is no room for that; from which its name may have two lines of the usual size."""
ABOVE_ROWS_IN, BAR_ROW_IN = 0.2, 0.24
"""For somebody who comes, above the first row of a panel; height of the row of a bar."""
LEVELS = ("department", "street", "community")
HEAD = Path.unit_circle()
PERSON = Path.make_compound_path(
    Path(np.asarray(HEAD.vertices) * 0.42 + (0, 1.05), HEAD.codes),
    Path(
        [(-0.75, -1.4), (-0.75, -0.1), (-0.55, 0.45), (0.55, 0.45), (0.75, -0.1), (0.75, -1.4), (-0.75, -1.4)],
        [Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO, Path.LINETO, Path.CLOSEPOLY],
    ),
)
"""A head over shoulders: somebody comes."""


def draw(result: Result, lang: str) -> Figure:
    """The same case in every scenario (chosen as ``typical_case`` says), to one time scale; below, where time went."""
    typical = typical_case(result)
    if typical is None:
        return _nothing(result, lang)
    filters: list[Filter] = [("replication", "==", typical.replication), ("case", "==", typical.case)]
    columns = ("scenario", "case", "row", "attempt", "visit", "unit", "joined_s", "started_s", "ended_s", "worked_s")
    legs = result.table("legs.parquet", columns, filters)
    units = result.table("units.csv", ("scenario", "unit", "base", "level"))
    matter = pick(result.resolved(result.names[0])["demand"]["matters"][typical.matter]["name"], lang)
    longest_s = max(case["open_for_s"] for case in typical.journeys.values())
    unit_s, unit_name = time_unit(longest_s)
    n = len(result.names)
    rows = {name: _rows(units[units["scenario"] == name], legs[legs["scenario"] == name]) for name in result.names}
    with house_style():
        names, keys = titles(result, lang), _handles(lang)
        fills = {part: fill for part, fill in PART_FILLS.items() if any(c[part] for c in typical.journeys.values())}
        part_keys = fill_handles([say(f"chart.journey.part.{part}", lang) for part in fills], list(fills.values()))
        summaries = [_summary(typical.journeys[name], lang) for name in result.names]
        headings = _headings(result, lang, summaries)
        headings_in = sum(0.19 + 0.17 * (heading.count("\n") + 1) for heading in headings)
        bars_in = sum(row_in([name], BAR_ROW_IN) for name in names)
        rule = say(f"chart.journey.rule.{'above' if typical.is_above else 'any'}", lang)
        blanks: dict[str, Any] = {
            "rule": rule,
            "matter": matter,
            "case": number(typical.case),
            "replication": number(typical.replication),
        }
        beside_rows_in = ABOVE_ROWS_IN * n + headings_in + bars_in + legend_in(keys) + legend_in(part_keys) + 0.9
        n_rows = sum(map(len, rows.values()))
        each_in = min(MOST_ROW_IN, (room_in(result, lang, "journey", **blanks) - beside_rows_in) / n_rows)
        each_in = max(each_in, LEAST_ROW_IN)
        figure = sheet(result, lang, "journey", each_in * n_rows + beside_rows_in, **blanks)
        heights = [each_in * len(rows[name]) + ABOVE_ROWS_IN for name in result.names] + [bars_in]
        panels = figure.subplots(n + 1, 1, sharex=True, height_ratios=heights)
        size = BODY - 0.5 if each_in > TWO_LINES_IN else SMALL + 0.5
        for axes, name, heading, summary in zip(panels, result.names, headings, summaries, strict=False):
            mine = legs[legs["scenario"] == name]
            _timeline(axes, mine, rows[name], typical.journeys[name], longest_s, unit_s)
            row_labels(
                axes, _unit_names(rows[name], result.resolved(name)["structure"]["units"], size, lang), size=size
            )
            _heading(axes, heading, summary)
        labels = _parts(panels[-1], typical, names, longest_s, lang)
        panels[-1].set_xlabel(say(f"chart.journey.{unit_name}", lang))
        plain_ticks(panels[-1].xaxis)
        panels[0].set_xlim(-0.015 * longest_s / unit_s, 1.02 * longest_s / unit_s)
        legend_above(panels[0], keys, above_in=0.13 + 0.17 * (headings[0].count("\n") + 1))
        legend_above(panels[-1], part_keys)
        finish(figure, labels)
    return figure


def time_unit(seconds: int) -> tuple[int, str]:
    """The largest unit of which there are at least two: its seconds and name.

    >>> time_unit(90_000), time_unit(90_000 * 2)
    ((3600, 'hours'), (86400, 'days'))
    """
    for unit_s, name in ((DAY_S, "days"), (HOUR_S, "hours")):
        if seconds >= 2 * unit_s:
            return unit_s, name
    return MINUTE_S, "minutes"


def _nothing(result: Result, lang: str) -> Figure:
    with house_style():
        figure = sheet(result, lang, "journey", 1.0, rule="–", matter="–", case="–", replication="–")
        axes = figure.subplots()
        axes.set_axis_off()
        axes.text(0.5, 0.5, say("chart.journey.none", lang), ha="center", va="center", size=BODY + 1)
        finish(figure)
    return figure


def _rows(units: pd.DataFrame, legs: pd.DataFrame) -> pd.DataFrame:
    """The units that the case came to: departments on top, communities below, each level in order of first coming."""
    first = legs[legs["joined_s"] >= 0].groupby("unit")["joined_s"].min()
    visited = units[units["unit"].isin(first.index)]
    level = visited["level"].map({name: position for position, name in enumerate(LEVELS)})
    order = visited.assign(depth=level, first=visited["unit"].map(first))
    return order.sort_values(["depth", "first", "unit"], kind="stable").reset_index(drop=True)


def _timeline(
    axes: Axes, legs: pd.DataFrame, rows: pd.DataFrame, case: dict[str, Any], longest_s: int, unit_s: int
) -> None:
    at = {unit: y for y, unit in enumerate(rows["unit"])}
    opened_s = int(case["opened_s"])
    # Second 0 of the simulation is a Monday.
    for saturday in range(5 * DAY_S - opened_s % WEEK_S, longest_s, WEEK_S):
        axes.axvspan(saturday / unit_s, (saturday + 2 * DAY_S) / unit_s, color=WEEKEND, lw=0, zorder=0)
    for route in routes(legs, opened_s):
        ends = [route.start_s / unit_s, route.end_s / unit_s]
        axes.plot(ends, [at[route.unit_from], at[route.unit_to]], zorder=2, **ROUTE_LINES[route.state])
    boxes = widened(segments(legs, opened_s, int(case["closed_s"])), LEAST * longest_s)
    for segment, start_s, length_s in boxes:
        colour = STATE_FILLS[segment.state].colour
        box = Rectangle((start_s / unit_s, at[segment.unit] - 0.2), length_s / unit_s, 0.4, facecolor=colour)
        box.set(edgecolor=INK if segment.state == "papers" else colour, linewidth=0.5, zorder=3, gid=segment.state)
        axes.add_patch(box)
    for unit, came_s in comings(legs, opened_s):
        axes.plot(came_s / unit_s, at[unit] - 0.42, marker=PERSON, ms=9, color=INK, mew=0, clip_on=False, zorder=5)
    closing_s = max([case["open_for_s"], *(start_s + length_s for _, start_s, length_s in boxes)])
    axes.plot([closing_s / unit_s] * 2, [-0.75, len(rows) - 0.4], color=INK, lw=1.0, zorder=1)
    axes.set_ylim(len(rows) - 0.4, -0.75)
    axes.grid(axis="x")


def _unit_names(rows: pd.DataFrame, declared: dict[str, Any], size: float, lang: str) -> list[str]:
    names = []
    for row in rows.to_dict("records"):
        name = (declared.get(str(row["base"])) or {}).get("name")
        unit = plain(pick(name, lang), lang) if name else str(row["base"])
        level = say(f"level.{row['level']}", lang)
        names.append(balanced(say("chart.journey.unit", lang, unit=unit, level=level), ROW_NAME_IN, size))
    return names


def _headings(result: Result, lang: str, summaries: Sequence[str]) -> list[str]:
    """The scenarios' titles, broken so that each leaves room for its summary at its right."""
    room = WIDTH_IN - 2 * MARGIN_IN - ROW_NAME_IN - 0.3 - max(text_width_in(words, BODY - 0.5) for words in summaries)
    return titles(result, lang, room, bold=True)


def _heading(axes: Axes, heading: str, summary: str) -> None:
    axes.set_title(heading, linespacing=LINE_SPACING - 0.1)
    look: dict[str, Any] = {"ha": "right", "size": BODY - 0.5, "color": QUIET}
    axes.annotate(summary, (1, 1), (0, 6), "axes fraction", textcoords="offset points", **look)


def _summary(case: dict[str, Any], lang: str) -> str:
    times = {"time": _time(case["open_for_s"], lang), "wait": _time(case["wait_s"], lang)}
    return say("chart.journey.summary", lang, visits=number(case["visits"]), **times)


def _time(seconds: int, lang: str) -> str:
    unit_s, name = time_unit(seconds)
    return say(f"chart.journey.in_{name}", lang, n=number(round(seconds / unit_s, 1)))


def _parts(
    axes: Axes, typical: TypicalCase, names: list[str], longest_s: int, lang: str
) -> list[tuple[Text, Rectangle]]:
    """A bar a scenario: the parts of the time to close, on the same scale; rows are measured downward in inches."""
    unit_s, unit_name = time_unit(longest_s)
    labels = []
    heights = [row_in([name], BAR_ROW_IN) for name in names]
    centres = [sum(heights[:k]) + height / 2 for k, height in enumerate(heights)]
    for y, case in zip(centres, typical.journeys.values(), strict=True):
        lengths = [case[part] / unit_s for part in PART_FILLS]
        words = [say(f"chart.journey.in_{unit_name}", lang, n=number(length)) for length in lengths]
        labels += stacked(axes, y, lengths, list(PART_FILLS.values()), height=0.75 * BAR_ROW_IN, words=words)
        if case["open_for_s"] < 0.8 * longest_s:
            whole = _time(case["open_for_s"], lang)
            axes.annotate(whole, (sum(lengths), y), (5, 0), textcoords="offset points", va="center", size=BODY - 1.5)
    axes.set_ylim(sum(heights), 0)
    row_labels(axes, names, centres)
    axes.grid(axis="x")
    return labels


def _handles(lang: str) -> list[Artist]:
    person = Line2D([], [], ls="", marker=PERSON, ms=9, color=INK, mew=0, label=say("chart.journey.visit", lang))
    boxes = []
    for state, fill in STATE_FILLS.items():
        edge = INK if state == "papers" else fill.colour
        boxes.append(Patch(facecolor=fill.colour, edgecolor=edge, lw=0.5, label=say(f"chart.journey.{state}", lang)))
    lines = [Line2D([], [], label=say(f"chart.journey.{state}", lang), **look) for state, look in ROUTE_LINES.items()]
    closing = Line2D([], [], color=INK, lw=1.0, marker="|", ls="", ms=10, label=say("chart.journey.closed", lang))
    return [person, *boxes, *lines, closing]
