"""Marks that several charts share: stacked bars, and legends above the axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from sim.charts.letters import BODY, LINE_SPACING, percent, text_width_in
from sim.charts.palette import QUIET, Fill, lightness, on, series
from sim.charts.style import MARGIN_IN, ROW_NAME_IN, WIDTH_IN


def stacked(
    axes: Axes,
    y: float,
    lengths: Sequence[float],
    fills: Sequence[Fill],
    height: float = 0.72,
    words: Sequence[str] | None = None,
) -> list[tuple[Text, Rectangle]]:
    """One stacked horizontal bar from 0, each part labelled with its words (none: its length as a percentage).

    Returns the labels with their parts, for :func:`finish` to drop those that do not fit.
    """
    labels = []
    left = 0.0
    for length, fill, word in zip(lengths, fills, words or map(percent, lengths), strict=True):
        part = Rectangle((left, y - height / 2), length, height, facecolor=fill.colour, clip_on=False, **_edge(fill))
        part.set_visible(length > 0)
        if fill.hatch:
            part.set_hatch(fill.hatch)
        axes.add_patch(part)
        if length > 0:
            text = axes.text(
                left + length / 2, y, word, ha="center", va="center", size=BODY - 1.5, color=on(fill.colour)
            )
            if fill.hatch:
                text.set_bbox({"facecolor": fill.colour, "edgecolor": "none", "pad": 1.2})
            labels.append((text, part))
        left += length
    return labels


def _edge(fill: Fill) -> dict[str, Any]:
    if fill.hatch or lightness(fill.colour) > 90:
        return {"edgecolor": QUIET, "hatchcolor": QUIET, "linewidth": 0.5}
    return {"edgecolor": "white", "linewidth": 0.7}


def fill_handles(names: Sequence[str], fills: Sequence[Fill]) -> list[Artist]:
    """Legend entries of the parts of a stacked bar."""
    return [
        Patch(facecolor=fill.colour, hatch=fill.hatch * 2 if fill.hatch else None, label=name, **_edge(fill))
        for name, fill in zip(names, fills, strict=True)
    ]


def series_handles(names: Sequence[str], first: int = 0, *, line: bool = True, marker: bool = True) -> list[Artist]:
    """Legend entries of scenarios, the first of which stands at position ``first``."""
    looks = [series(first + position) for position in range(len(names))]
    return [
        Line2D(
            [],
            [],
            color=look.colour,
            linestyle=look.line if line else "",
            linewidth=1.8,
            marker=look.marker if marker else "",
            markersize=5,
            label=name,
        )
        for look, name in zip(looks, names, strict=True)
    ]


def _legend_columns(handles: Sequence[Artist]) -> int:
    """All in one row if they fit beside the longest row names, else in columns of equal width."""
    room = WIDTH_IN - 2 * MARGIN_IN - ROW_NAME_IN
    widths = [
        max(text_width_in(row, BODY) for row in str(handle.get_label()).split("\n"))
        + (0.66 if isinstance(handle, Line2D) else 0.53)
        for handle in handles
    ]
    return len(handles) if sum(widths) < room else max(1, int(room / max(widths)))


def legend_in(handles: Sequence[Artist]) -> float:
    """Height of a legend in inches."""
    columns = _legend_columns(handles)
    rows = [handles[first : first + columns] for first in range(0, len(handles), columns)]
    lines = sum(max(str(handle.get_label()).count("\n") + 1 for handle in row) for row in rows)
    return 0.08 + 0.19 * lines


def legend_above(axes: Axes, handles: Sequence[Artist], above_in: float = 0.0) -> None:
    """A legend over the axes, read by rows, ``above_in`` inches higher where a title stands between."""
    figure = axes.figure
    columns = _legend_columns(handles)
    has_lines = any(isinstance(handle, Line2D) and handle.get_linestyle() != "None" for handle in handles)
    legend = axes.legend(
        handles=[handle for column in range(columns) for handle in handles[column::columns]],
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        bbox_transform=axes.transAxes + ScaledTranslation(0.0, above_in, figure.dpi_scale_trans),
        ncols=columns,
        handlelength=3.0 if has_lines else 2.0,
        columnspacing=1.6,
        borderpad=0.4,
    )
    for text in legend.get_texts():
        text.set_linespacing(LINE_SPACING - 0.1)
