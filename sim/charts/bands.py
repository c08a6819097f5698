"""Bands of cases that pass between levels, drawn as wide as they are many, each pointed where it leads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from sim.charts.letters import SMALL, text_width_in
from sim.charts.palette import QUIET, Fill
from sim.charts.paper import cases
from sim.language import say
from sim.tables import Kind

MOVE_FILLS = {Kind.RESIDENT: Fill("#8a8a8a"), Kind.TASK: Fill("#e69f00", "////")}
"""Cases of residents, and tasks from above."""
POINT_IN, THINNEST_IN, LABEL_IN = 0.09, 0.012, 0.15
"""Length of a band's point; width that even a few cases have; room for the number along a band."""

Passing = Mapping[tuple[int, bool], float]
"""Cases a year between two tiers, by kind and whether they go down."""


@dataclass(frozen=True)
class Past:
    """Cases a year of a kind that pass between two tiers and go past those between them."""

    upper: str
    lower: str
    kind: int
    down: bool
    n: float


@dataclass(frozen=True)
class Scale:
    """Square inches of a person, and inches of a case a year."""

    per_person: float
    per_case: float


@dataclass(frozen=True)
class Column:
    """Where the levels of a panel stand, in inches: between its gutters, in which bands go past."""

    left: float
    right: float
    panel: float
    """Width of the panel."""

    @property
    def width(self) -> float:
        """Of the widest level."""
        return self.right - self.left

    @property
    def centre(self) -> float:
        """Of each level."""
        return (self.left + self.right) / 2


def width_beside(passing: Passing, per_case: float, *, down: bool) -> float:
    """What the bands that go by another level need on one side of it (down: left, up: right), with their numbers."""
    return sum(max(THINNEST_IN, n * per_case) + LABEL_IN for (_, way), n in passing.items() if way is down)


def between(
    axes: Axes, passing: Passing, ends: tuple[float, float], column: Column, per_case: float, lang: str
) -> None:
    """Bands between neighbouring levels: down on the left, up on the right, with their numbers outside.

    ``ends``: where the upper level ends and the lower one begins.
    """
    top, bottom = ends
    words = {
        down: [_counted(kind, passing[kind, down], lang) for kind in MOVE_FILLS if (kind, down) in passing]
        for down in (True, False)
    }
    bands = {key: max(THINNEST_IN, n * per_case) for key, n in passing.items()}
    needed = {
        down: sum(wide for (_, side), wide in bands.items() if side is down)
        + 0.05
        + max((text_width_in(line, SMALL) for line in words[down]), default=0.0)
        for down in words
    }
    middle = column.centre + (needed[True] - needed[False]) / 2
    for down in (True, False):
        edge, sign = (middle - 0.04, -1) if down else (middle + 0.04, 1)
        for kind, fill in MOVE_FILLS.items():
            if (kind, down) in passing:
                wide = bands[kind, down]
                way = (top, bottom) if down else (bottom, top)
                band(axes, min(edge, edge + sign * wide), wide, way, fill, passing[kind, down])
                edge += sign * wide
        side = "right" if down else "left"
        text: dict[str, Any] = {"ha": side, "va": "center", "size": SMALL, "linespacing": 1.15, "zorder": 5}
        text["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}  # it may stand on a band that passes by
        axes.text(edge + sign * 0.05, (top + bottom) / 2, "\n".join(words[down]), **text)


def _counted(kind: int, n: float, lang: str) -> str:
    return say(f"chart.structures.move.{Kind(kind).name.lower()}", lang, n=cases(n))


def beside(
    axes: Axes,
    past: Sequence[Past],
    spans: Mapping[str, tuple[float, float]],
    widths: Mapping[str, float],
    column: Column,
    per_case: float,
    lang: str,
) -> None:
    """Bands past the levels that lie between: down on the left, up on the right, each with its number along it.

    ``spans`` and ``widths``: where each tier begins and ends, downward, and how wide it is. Shorter ways run inside.
    """
    for down in (True, False):
        here = [one for one in past if one.down is down]
        here.sort(key=lambda one: spans[one.lower][0] - spans[one.upper][1])
        wide = {one: max(THINNEST_IN, one.n * per_case) for one in here}
        heights = _attached(here, wide, spans)
        out = column.left if down else column.panel - column.right
        centre = column.centre if down else column.panel - column.centre
        for one in here:
            out -= LABEL_IN + wide[one]
            ends = [centre - widths[tier] / 2 for tier in (one.upper, one.lower)]
            outline = _way_round(ends, heights[one], out, wide[one], down=down)
            x, fill = out + wide[one] + 0.02, MOVE_FILLS[Kind(one.kind)]
            if not down:
                outline, x = [(column.panel - left, y) for left, y in outline], column.panel - x
            look: dict[str, Any] = {"facecolor": fill.colour, "hatch": fill.hatch, "edgecolor": QUIET, "lw": 0.4}
            axes.add_patch(Polygon(outline, gid=f"past:{one.n}", zorder=0.5, **look))
            side = "left" if down else "right"
            y = _number_at(one, heights)
            axes.text(x, y, _counted(one.kind, one.n, lang), rotation=90, ha=side, va="center", size=SMALL)


def _number_at(one: Past, heights: Mapping[Past, tuple[float, float]]) -> float:
    """Where a band's number stands: in the middle of the longest stretch beside which no other band comes or goes."""
    first, last = sorted(heights[one])
    met = sorted(y for ends in heights.values() for y in ends if first <= y <= last)
    above, below = max(pairwise(met), key=lambda stretch: stretch[1] - stretch[0])
    return (above + below) / 2


def _attached(
    here: Sequence[Past], wide: Mapping[Past, float], spans: Mapping[str, tuple[float, float]]
) -> dict[Past, tuple[float, float]]:
    """Where each band of one side meets its upper and its lower tier, so that none crosses another there.

    ``here``: the innermost first. It goes out lowest and comes in highest.
    """
    found: dict[tuple[Past, bool], float] = {}
    for tier, (top, bottom) in spans.items():
        meeting = [(one, False) for one in here if one.lower == tier]
        meeting += [(one, True) for one in reversed(here) if one.upper == tier]
        free = (bottom - top - sum(wide[one] for one, _ in meeting)) / (len(meeting) + 1)
        y = top
        for key in meeting:
            found[key] = y + free + wide[key[0]] / 2
            y += free + wide[key[0]]
    return {one: (found[one, True], found[one, False]) for one in here}


def _way_round(
    ends: Sequence[float], heights: tuple[float, float], out: float, wide: float, *, down: bool
) -> list[tuple[float, float]]:
    """The outline of a band that leaves a tier, turns at ``out`` (its outer edge) and comes back, on the left."""
    half, point = wide / 2, max(wide / 2, 0.03)
    (upper_x, lower_x), (upper_y, lower_y) = ends, heights
    tip_x, tip_y = (lower_x, lower_y) if down else (upper_x, upper_y)
    neck = tip_x - POINT_IN
    tip = [(neck, tip_y - half), (neck, tip_y - point), (tip_x, tip_y), (neck, tip_y + point), (neck, tip_y + half)]
    upper = [(upper_x, upper_y - half), (upper_x, upper_y + half)] if down else tip
    lower = tip if down else [(lower_x, lower_y - half), (lower_x, lower_y + half)]
    inner = out + wide
    return [
        *upper,
        (inner, upper_y + half),
        (inner, lower_y - half),
        *lower,
        (out, lower_y + half),
        (out, upper_y - half),
    ]


def band(axes: Axes, left: float, width: float, ends: tuple[float, float], fill: Fill, n: float) -> None:
    """A band from one height to another, pointed where it leads."""
    start, end = ends
    neck = end - math.copysign(min(POINT_IN, abs(end - start)), end - start)
    outline = [(left, start), (left, neck), (left + width / 2, end), (left + width, neck), (left + width, start)]
    axes.add_patch(Polygon(outline, facecolor=fill.colour, hatch=fill.hatch, edgecolor=QUIET, lw=0.4, gid=f"band:{n}"))
