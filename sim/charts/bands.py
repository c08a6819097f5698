"""Bands of cases that pass between levels, drawn as wide as they are many, each pointed where it leads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
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
POINT_IN, THINNEST_IN, LABEL_IN = 0.09, 0.012, 0.17
"""Length of a band's point; width that even a few cases have; room for the number along a band."""

Passing = Mapping[tuple[int, bool], float]
"""Cases a year between two tiers, by kind and whether they go down."""


@dataclass(frozen=True)
class Scale:
    """Square inches of a person, inches of a case a year, and inches that a panel is wide."""

    per_person: float
    per_case: float
    width: float
    gutter: float

    @property
    def most_width(self) -> float:
        """Width of the widest level."""
        return self.width - 2 * self.gutter


def width_beside(passing: Passing, per_case: float) -> float:
    """What the bands that go by another level need beside it, with their numbers: the wider of both sides."""
    sides = [[n for (_, down), n in passing.items() if down is side] for side in (True, False)]
    return max(sum(max(THINNEST_IN, n * per_case) + LABEL_IN for n in side) for side in sides)


def between(axes: Axes, passing: Passing, top: float, bottom: float, scale: Scale, lang: str) -> None:
    """Bands between neighbouring levels: down on the left, up on the right, with their numbers outside."""
    words = {
        down: [_counted(kind, passing[kind, down], lang) for kind in MOVE_FILLS if (kind, down) in passing]
        for down in (True, False)
    }
    bands = {key: max(THINNEST_IN, n * scale.per_case) for key, n in passing.items()}
    needed = {
        down: sum(wide for (_, way), wide in bands.items() if way is down)
        + 0.05
        + max((text_width_in(line, SMALL) for line in words[down]), default=0.0)
        for down in words
    }
    middle = (scale.width + needed[True] - needed[False]) / 2
    for down in (True, False):
        edge, sign = (middle - 0.04, -1) if down else (middle + 0.04, 1)
        for kind, fill in MOVE_FILLS.items():
            if (kind, down) in passing:
                wide = bands[kind, down]
                ends = (top, bottom) if down else (bottom, top)
                band(axes, min(edge, edge + sign * wide), wide, ends, fill, passing[kind, down])
                edge += sign * wide
        side = "right" if down else "left"
        text: dict[str, Any] = {"ha": side, "va": "center", "size": SMALL, "linespacing": 1.15}
        axes.text(edge + sign * 0.05, (top + bottom) / 2, "\n".join(words[down]), **text)


def _counted(kind: int, n: float, lang: str) -> str:
    return say(f"chart.structures.move.{Kind(kind).name.lower()}", lang, n=cases(n))


def beside(
    axes: Axes,
    passing: Passing,
    upper: tuple[float, float],
    lower: tuple[float, float],
    widths: tuple[float, float],
    sides: dict[bool, float],
    scale: Scale,
) -> None:
    """Bands past the levels that lie between: down on the left, up on the right, each with its number along it."""
    for (kind, down), n in passing.items():
        wide = max(THINNEST_IN, n * scale.per_case)
        out = scale.gutter - sides[down] - LABEL_IN - wide / 2
        sides[down] += wide + LABEL_IN
        ys = [sum(upper) / 2, sum(lower) / 2]
        inner = [(scale.width - width) / 2 for width in widths]
        path = [(inner[0], ys[0]), (out, ys[0]), (out, ys[1]), (inner[1], ys[1])]
        if not down:
            path = [(scale.width - x, y) for x, y in reversed(path)]
        fill, toward = MOVE_FILLS[Kind(kind)], 1 if path[-1][0] > path[-2][0] else -1
        end_x, end_y = path[-1]
        neck = end_x - toward * POINT_IN
        xs, heights = [x for x, _ in path[:-1]] + [neck], [y for _, y in path]
        axes.plot(
            xs,
            heights,
            color=fill.colour,
            lw=72 * wide,
            solid_joinstyle="miter",
            solid_capstyle="butt",
            zorder=0.5,
            gid=f"band:{n}",
        )
        half = max(wide / 2, 0.03)
        axes.add_patch(
            Polygon([(neck, end_y - half), (end_x, end_y), (neck, end_y + half)], facecolor=fill.colour, lw=0)
        )
        x = path[1][0] + (wide / 2 + 0.02) * (1 if down else -1)
        axes.text(x, sum(ys) / 2, cases(n), rotation=90, ha="left" if down else "right", va="center", size=SMALL)


def band(axes: Axes, left: float, width: float, ends: tuple[float, float], fill: Fill, n: float) -> None:
    """A band from one height to another, pointed where it leads."""
    start, end = ends
    neck = end - math.copysign(min(POINT_IN, abs(end - start)), end - start)
    outline = [(left, start), (left, neck), (left + width / 2, end), (left + width, neck), (left + width, start)]
    axes.add_patch(Polygon(outline, facecolor=fill.colour, hatch=fill.hatch, edgecolor=QUIET, lw=0.4, gid=f"band:{n}"))
