"""One typical case as a timeline under each structure: where it was, and whether anybody worked on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.path import Path

from sim.charts.result import Result
from sim.charts.style import (
    BODY,
    INK,
    MARGIN_IN,
    QUIET,
    ROW_NAME_IN,
    WIDTH_IN,
    Fill,
    balanced,
    finish,
    house_style,
    legend_above,
    legend_in,
    number,
    row_labels,
    sheet,
    titles,
)
from sim.charts.typical import TypicalCase, typical_case
from sim.language import pick, say
from sim.units import DAY_S, HOUR_S, MINUTE_S, WEEK_S

STATES = {
    "work": Fill("#0b3c66"),
    "queue": Fill("#e69f00"),
    "papers": Fill("#d9e4ee"),
}
"""Worked on; a resident waits in person; papers wait on a desk."""
ROUTES: dict[str, dict[str, Any]] = {
    "way": {"color": QUIET, "ls": "-", "lw": 0.9},
    "home": {"color": QUIET, "ls": (0, (1.0, 1.6)), "lw": 1.3},
}
"""On the way between units (hand-off, mail bag, approval meeting); the resident at home between two visits."""
LEVELS = ("department", "street", "community")
PERSON = Path.make_compound_path(
    Path(np.asarray(Path.unit_circle().vertices) * 0.42 + (0, 1.05), Path.unit_circle().codes),
    Path(
        [(-0.75, -1.4), (-0.75, -0.1), (-0.55, 0.45), (0.55, 0.45), (0.75, -0.1), (0.75, -1.4), (-0.75, -1.4)],
        [Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO, Path.LINETO, Path.CLOSEPOLY],
    ),
)
"""A head over shoulders: somebody comes."""


@dataclass(frozen=True)
class Segment:
    """A stretch of the case's time in one unit, in seconds since it was opened."""

    unit: int
    state: str
    start: int
    end: int


@dataclass(frozen=True)
class Route:
    """A stretch between two units."""

    state: str
    start: int
    end: int
    unit_from: int
    unit_to: int


def segments(legs: pd.DataFrame, opened_s: int, until_s: int) -> list[Segment]:
    """Waiting and work in each unit; legs that had not begun or ended by ``until_s`` are drawn up to it."""
    found = []
    for leg in legs.to_dict("records"):
        if leg["joined_s"] < 0:
            continue
        ended = leg["ended_s"] if leg["ended_s"] >= 0 else until_s
        started = leg["started_s"] if leg["started_s"] >= 0 else ended
        waiting = "queue" if leg["visit"] > 0 else "papers"
        for state, start, end in ((waiting, leg["joined_s"], started), ("work", started, ended)):
            if end > start:
                found.append(Segment(leg["unit"], state, start - opened_s, end - opened_s))
    return found


def routes(legs: pd.DataFrame, opened_s: int) -> list[Route]:
    """Stretches from the last end before a leg to its joining; a new visit means that the resident was at home."""
    found: list[Route] = []
    reached = legs[legs["joined_s"] >= 0].sort_values(["joined_s", "row", "attempt"]).to_dict("records")
    for position, leg in enumerate(reached):
        earlier = [one for one in reached[:position] if 0 <= one["ended_s"] <= leg["joined_s"]]
        if not earlier:
            continue
        before = max(earlier, key=lambda one: one["ended_s"])
        again = leg["visit"] > 0 and (leg["visit"] not in (one["visit"] for one in earlier) or leg["attempt"] > 1)
        state = "home" if again else "way"
        start, end = before["ended_s"] - opened_s, leg["joined_s"] - opened_s
        if before["unit"] != leg["unit"] or end > start:
            found.append(Route(state, start, end, before["unit"], leg["unit"]))
    return found


def comings(legs: pd.DataFrame, opened_s: int) -> list[tuple[int, int]]:
    """Unit and second of each coming of the resident: the first leg of each visit and attempt."""
    present = legs[(legs["visit"] > 0) & (legs["joined_s"] >= 0)].sort_values("joined_s")
    first = present.drop_duplicates(["visit", "attempt"])
    return [(leg["unit"], leg["joined_s"] - opened_s) for leg in first.to_dict("records")]


def draw(result: Result, lang: str) -> Figure:
    """The same case of the same replication in every scenario (rule: see ``typical_case``), to one time scale."""
    typical = typical_case(result)
    n = len(result.names)
    if typical is None:
        with house_style():
            figure = sheet(result, lang, "journey", 1.0, matter="–", case="–", replication="–")
            axes = figure.subplots()
            axes.set_axis_off()
            axes.text(0.5, 0.5, say("chart.journey.none", lang), ha="center", va="center", size=BODY + 1)
            finish(figure)
        return figure
    filters = [("replication", "==", typical.replication), ("case", "==", typical.case)]
    columns = ("scenario", "case", "row", "attempt", "visit", "unit", "joined_s", "started_s", "ended_s")
    legs = result.table("legs.parquet", columns, filters)
    units = result.table("units.csv", ("scenario", "unit", "unit_name", "base", "place", "level")).fillna("")
    rows = {name: _rows(units[units["scenario"] == name], legs[legs["scenario"] == name]) for name in result.names}
    matter = pick(result.resolved(result.names[0])["demand"]["matters"][typical.matter]["name"], lang)
    longest_s = max(case["open_for_s"] for case in typical.journeys.values())
    unit_s, unit_name = _time_unit(longest_s)
    heights = [0.34 * max(2, len(rows[name])) + 0.25 for name in result.names]
    with house_style():
        blanks = {"matter": matter, "case": number(typical.case), "replication": number(typical.replication)}
        handles = _handles(lang)
        figure = sheet(result, lang, "journey", sum(heights) + 0.45 * n + 0.45 + legend_in(handles), **blanks)
        panels = figure.subplots(n, 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
        headings = titles(result, lang, WIDTH_IN - 2 * MARGIN_IN - 2.4, bold=True)
        for axes, name, heading in zip(panels, result.names, headings, strict=True):
            _timeline(axes, legs[legs["scenario"] == name], rows[name], typical.journeys[name], longest_s, unit_s)
            declared = result.resolved(name)["structure"]["units"]
            _row_names(axes, rows[name], declared, lang)
            axes.set_title(heading, pad=20)
            summary = _summary(typical, name, lang)
            axes.annotate(summary, (0, 1), (0, 6), "axes fraction", textcoords="offset points", size=BODY, color=QUIET)
        panels[0].set_xlim(-0.015 * longest_s / unit_s, 1.02 * longest_s / unit_s)
        panels[-1].set_xlabel(say(f"chart.journey.{unit_name}", lang))
        legend_above(panels[0], handles, above_in=0.48)
        finish(figure)
    return figure


def _time_unit(seconds: int) -> tuple[int, str]:
    """The largest unit of which there are at least two."""
    for unit_s, name in ((DAY_S, "days"), (HOUR_S, "hours")):
        if seconds >= 2 * unit_s:
            return unit_s, name
    return MINUTE_S, "minutes"


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
    opened_s, closed_s = int(case["opened_s"]), int(case["closed_s"])
    _weekends(axes, opened_s, longest_s, unit_s)
    for route in routes(legs, opened_s):
        axes.plot(
            [route.start / unit_s, route.end / unit_s],
            [at[route.unit_from], at[route.unit_to]],
            zorder=2,
            **ROUTES[route.state],
        )
    for segment in segments(legs, opened_s, closed_s):
        colour = STATES[segment.state].colour
        length = (segment.end - segment.start) / unit_s
        box = Rectangle((segment.start / unit_s, at[segment.unit] - 0.2), length, 0.4, facecolor=colour)
        axes.add_patch(box)
        box.set(edgecolor=INK if segment.state == "papers" else colour, linewidth=0.5, zorder=3, gid=segment.state)
    for unit, came_s in comings(legs, opened_s):
        axes.plot(came_s / unit_s, at[unit] - 0.42, marker=PERSON, ms=9, color=INK, mew=0, clip_on=False, zorder=5)
    axes.plot([case["open_for_s"] / unit_s] * 2, [-0.75, len(rows) - 0.4], color=INK, lw=1.0, zorder=1)
    axes.set_ylim(max(2, len(rows)) - 0.4, -0.75)
    axes.grid(axis="x")


def _weekends(axes: Axes, opened_s: int, longest_s: int, unit_s: int) -> None:
    """Shade Saturdays and Sundays: second 0 of the simulation is a Monday."""
    first = 5 * DAY_S - opened_s % WEEK_S
    for saturday in range(first, longest_s, WEEK_S):
        axes.axvspan(saturday / unit_s, (saturday + 2 * DAY_S) / unit_s, color="#f3f3f3", lw=0, zorder=0)


def _row_names(axes: Axes, rows: pd.DataFrame, declared: dict[str, Any], lang: str) -> None:
    names = []
    for row in rows.to_dict("records"):
        name = (declared.get(row["base"]) or {}).get("name")
        words = pick(name, lang) if name else row["base"]
        level = say(f"level.{row['level']}", lang)
        names.append(balanced(say("chart.journey.unit", lang, unit=words, level=level), ROW_NAME_IN))
    row_labels(axes, names)


def _summary(typical: TypicalCase, name: str, lang: str) -> str:
    case = typical.journeys[name]
    unit_s, unit_name = _time_unit(case["open_for_s"])
    return say(
        "chart.journey.summary",
        lang,
        time=say(f"chart.journey.in_{unit_name}", lang, n=number(case["open_for_s"] / unit_s)),
        visits=number(case["visits"]),
        wait=number(case["wait_s"] / MINUTE_S),
    )


def _handles(lang: str) -> list[Artist]:
    person = Line2D([], [], ls="", marker=PERSON, ms=9, color=INK, mew=0, label=say("chart.journey.visit", lang))
    boxes = [
        Patch(facecolor=fill.colour, edgecolor=INK if state == "papers" else fill.colour, lw=0.5,
              label=say(f"chart.journey.{state}", lang))
        for state, fill in STATES.items()
    ]  # fmt: skip
    lines = [Line2D([], [], label=say(f"chart.journey.{state}", lang), **look) for state, look in ROUTES.items()]
    closing = Line2D([], [], color=INK, lw=1.0, marker="|", ls="", ms=10, label=say("chart.journey.closed", lang))
    return [person, *boxes, *lines, closing]
