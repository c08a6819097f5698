"""Where residents' cases come in, which levels work on them, and where they are closed: bands to scale (Sankey)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.charts.letters import BODY, SMALL, balanced, level_heading, percent
from sim.charts.marks import fill_handles, legend_above, legend_in
from sim.charts.palette import LEVEL_FILLS, QUIET, SHADE, Fill
from sim.charts.paper import BETWEEN_IN, Paper, cases, on_pages
from sim.charts.result import Result
from sim.charts.style import MARGIN_IN, WIDTH_IN, finish, house_style, room_in, sheet, titles
from sim.charts.ways import TIERS, a_year
from sim.language import has, say

Way = tuple[str, ...]
"""How a case came in, the tiers that worked on it (parted by ``>``), and where it was closed."""
ENDS = tuple(LEVEL_FILLS)
TOP_DOWN = ("department", "street", "area", "community")
NOBODY, OTHERS = "", "others"
MOST_WAYS = 7
"""Ways told apart in a panel; the rarest beyond are drawn together."""
TALL_IN, LEAST_TALL_IN, CLOSER = 2.1, 0.8, 0.95
"""Height of all cases of the scenario that has most, and how much closer they are drawn to fit on a page."""
APART_IN, LINE_IN = 0.05, 0.122
"""Between nodes; of a line of their words."""
MOST_PANELS, MOST_COLUMNS = 6, 2
"""On a page; side by side."""
ENTRY_IN, WAY_IN, END_IN, BAR_IN = 1.14, 1.16, 0.86, 0.07
"""Widths: words of the entries, boxes of the ways, words of the ends, bars."""
WIDEST_IN = 6.0
LEAST_SHARE = 0.0001
"""The least share that is written as a number."""


@dataclass(frozen=True)
class Node:
    """A bar or box: where it stands (inches downward), how high it is, and its words."""

    top: float
    height: float
    words: str


def traced(journeys: pd.DataFrame, legs: pd.DataFrame) -> pd.Series:
    """Residents' cases counted by ``entry``, ``way`` and ``end``; every case is counted once.

    A counter case comes in at the tier where it first joined a queue, a problem of the grid by who found it. The way
    names the tiers that worked on it, in the order in which each first did. It is closed at the farthest level that
    worked on it; what was given up or is open is not closed. Committees count as their communities.

    Parameters
    ----------
    journeys
        ``case, kind, channel, found_by, outcome, level``.
    legs
        ``case, tier, started_s, worked_s``, in order of joining.
    """
    mine = journeys[journeys["kind"] == "resident"].set_index("case")
    tier = legs["tier"].replace({"committee": "community"})
    way = legs.assign(tier=tier)[legs["case"].isin(mine.index)]
    first = way.drop_duplicates("case").set_index("case")["tier"]
    by_work = way[way["worked_s"] > 0].sort_values(["case", "started_s"], kind="stable")
    passed = by_work.drop_duplicates(["case", "tier"]).groupby("case")["tier"].agg(">".join)
    place = first.reindex(mine.index).fillna("")
    detail = place.where(mine["channel"] == "counter", mine["found_by"].where(mine["channel"] == "grid", ""))
    entry = (mine["channel"] + ":" + detail).str.removesuffix(":")
    is_closed = (mine["outcome"] == "closed") & mine["level"].isin(ENDS)
    table = pd.DataFrame(
        {
            "entry": entry,
            "way": passed.reindex(mine.index).fillna(NOBODY),
            "end": mine["level"].where(is_closed, "not_closed"),
        }
    )
    return table.groupby(["entry", "way", "end"]).size()


def with_few_ways(flow: Mapping[Way, float], most: int = MOST_WAYS) -> dict[Way, float]:
    """The same cases, with all ways but the ``most`` common ones drawn together.

    >>> with_few_ways({("a", "x", "e"): 3, ("a", "y", "e"): 2, ("b", "z", "e"): 1}, 1)
    {('a', 'x', 'e'): 3, ('a', 'others', 'e'): 2, ('b', 'others', 'e'): 1}
    """
    by_way = _totals(flow, 1)
    kept = sorted(by_way, key=lambda way: -by_way[way])
    kept = kept if len(kept) <= most + 1 else kept[:most]
    fewer: dict[Way, float] = {}
    for (entry, way, end), n in flow.items():
        key = (entry, way if way in kept else OTHERS, end)
        fewer[key] = fewer.get(key, 0) + n
    return fewer


def draw(result: Result, lang: str) -> list[Figure]:
    """A panel for each scenario: entries, ways and ends of its cases, to one scale."""
    drawn = [with_few_ways(flow) for flow in a_year(result, traced).values()]
    parts = on_pages(len(drawn), MOST_PANELS)
    n_columns = min(MOST_COLUMNS, len(drawn))
    width = min(WIDEST_IN, (WIDTH_IN - 2 * MARGIN_IN - BETWEEN_IN * (n_columns - 1)) / n_columns)
    with house_style():
        headings = titles(result, lang, width - 0.25, bold=True)
        heading_in = 0.25 + 0.17 * max(heading.count("\n") + 1 for heading in headings)
        names = [level_heading(end, lang) if end in TIERS else say("chart.closed_where.open", lang) for end in ENDS]
        keys = fill_handles(names, list(LEVEL_FILLS.values()))
        key_in = legend_in(keys) + 0.12
        blanks: dict[str, Any] = {"page": (1, len(parts)), "replications": result.replications}
        n_rows = -(-len(parts[0]) // n_columns)
        room = (room_in(result, lang, "flows", **blanks) - key_in - BETWEEN_IN * (n_rows - 1)) / n_rows - heading_in
        per_case, laid = _fitting(drawn, room, lang)
        pages = []
        for page, part in enumerate(parts, start=1):
            rows = [part[first : first + n_columns] for first in range(0, len(part), n_columns)]
            heights = [heading_in + max(_tall(laid[k]) for k in row) for row in rows]
            body_in = key_in + sum(heights) + BETWEEN_IN * (len(rows) - 1)
            figure = sheet(result, lang, "flows", body_in, **blanks | {"page": (page, len(parts))})
            paper = Paper(figure, body_in)
            legend_above(paper.axes(0, legend_in(keys), 1, 0.01), keys)
            top = key_in
            for row, height in zip(rows, heights, strict=True):
                for column, k in enumerate(row):
                    left = column * (width + BETWEEN_IN)
                    axes = paper.axes(left, top + heading_in, width, height - heading_in)
                    axes.text(0, -0.25, headings[k], va="bottom", size=BODY + 0.5, weight="bold", linespacing=1.25)
                    total = say("chart.flows.total", lang, n=cases(sum(drawn[k].values())))
                    axes.text(0, -0.08, total, va="bottom", size=SMALL + 1, color=QUIET)
                    _panel(axes, drawn[k], laid[k], per_case, width)
                top += height + BETWEEN_IN
            finish(figure)
            pages.append(figure)
    return pages


def _fitting(
    drawn: Sequence[Mapping[Way, float]], height_in: float, lang: str
) -> tuple[float, list[list[dict[str, Node]]]]:
    """Inches of a case a year, the most at which no panel is higher than ``height_in``; the columns laid out to it."""
    most = max([*(sum(flow.values()) for flow in drawn), 1e-9])
    tall_in = TALL_IN
    while True:
        per_case = tall_in / most
        laid = [[_column(flow, k, per_case, lang) for k in range(3)] for flow in drawn]
        if max(map(_tall, laid)) <= height_in or tall_in < LEAST_TALL_IN:
            return per_case, laid
        tall_in *= CLOSER


def _tall(columns: Sequence[Mapping[str, Node]]) -> float:
    """Height of a panel: of the tallest of its columns."""
    return max(map(_end, columns))


def _totals(flow: Mapping[Way, float], which: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, n in flow.items():
        found[key[which]] = found.get(key[which], 0) + n
    return found


def _order(name: str) -> tuple[int, ...]:
    """Where a node stands in its column: what reaches farthest up comes first."""
    if name in (NOBODY, "not_closed"):
        return (9,)
    if name == OTHERS:
        return (8,)
    tiers = [TOP_DOWN.index(tier) for tier in name.split(">") if tier in TOP_DOWN]
    if tiers:
        return (1 + min(tiers), len(tiers), *tiers)
    channel, _, detail = name.partition(":")
    if channel == "counter":
        return (5, TOP_DOWN.index(detail) if detail in TOP_DOWN else len(TOP_DOWN))
    return ({"hotline": 0, "grid": 4}.get(channel, 6),)


def _column(flow: Mapping[Way, float], which: int, per_case: float, lang: str) -> dict[str, Node]:
    """The nodes of one column from the top; each has room for its words."""
    totals, whole = _totals(flow, which), sum(flow.values())
    name_of: Callable[[str, str], str] = (_entry, _way, _closed)[which]
    room = (ENTRY_IN, WAY_IN, END_IN)[which] - 0.08
    nodes, top = {}, 0.0
    for name in sorted(totals, key=lambda name: (_order(name), -totals[name], name)):
        count = say("chart.flows.count", lang, n=cases(totals[name]), share=_share(totals[name] / whole))
        words = f"{balanced(name_of(name, lang), room, SMALL)}\n{count}"
        height, words_in = per_case * totals[name], LINE_IN * (words.count("\n") + 1)
        slot = max(height, words_in)
        nodes[name] = Node(top + (slot - height) / 2, height, words)
        top += slot + APART_IN
    return nodes


def _share(share: float) -> str:
    """A share as a percentage; of the least, that they are more than nothing."""
    return percent(share) if share >= LEAST_SHARE else f"<{percent(LEAST_SHARE)}"


def _entry(name: str, lang: str) -> str:
    channel, _, detail = name.partition(":")
    if channel == "counter" and detail:
        return say("chart.flows.counter", lang, level=say(f"level.{detail}", lang))
    for key in (f"chart.flows.{channel}.{detail or 'not_found'}", f"chart.channel.{channel}"):
        if has(key):
            return say(key, lang)
    return name


def _way(name: str, lang: str) -> str:
    if name in (NOBODY, OTHERS):
        return say(f"chart.flows.{name or 'nobody'}", lang)
    return say("chart.flows.then", lang).join(say(f"level.{tier}", lang) for tier in name.split(">"))


def _closed(name: str, lang: str) -> str:
    if name == "not_closed":
        return say("chart.closed_where.open", lang)
    return say("chart.flows.closed", lang, level=say(f"level.{name}", lang))


def _end(column: Mapping[str, Node]) -> float:
    """Where a column ends, downward."""
    return max(
        (node.top + max(node.height, LINE_IN * (node.words.count("\n") + 1)) for node in column.values()), default=0.3
    )


def _panel(
    axes: Axes, flow: Mapping[Way, float], columns: Sequence[Mapping[str, Node]], per_case: float, width: float
) -> None:
    tall = _tall(columns)
    shifts = [(tall - _end(column)) / 2 for column in columns]
    gap = (width - ENTRY_IN - WAY_IN - END_IN - 2 * BAR_IN) / 2
    lefts = (ENTRY_IN, ENTRY_IN + BAR_IN + gap, width - END_IN - BAR_IN)
    widths = (BAR_IN, WAY_IN, BAR_IN)
    entries, ways, ends = (list(column) for column in columns)
    to_ways = sorted(flow, key=lambda key: (ends.index(key[2]), entries.index(key[0])))
    from_entries = sorted(flow, key=lambda key: (ways.index(key[1]), ends.index(key[2])))
    closing: dict[Way, float] = {}
    for (_, way, end), n in flow.items():
        closing["", way, end] = closing.get(("", way, end), 0) + n
    out_of_ways = sorted(closing, key=lambda key: ends.index(key[2]))
    into_ends = sorted(closing, key=lambda key: ways.index(key[1]))
    for column, some, leaving, arriving in ((0, flow, from_entries, to_ways), (1, closing, out_of_ways, into_ends)):
        starts = _stacked(some, leaving, column, columns[column], per_case, shifts[column])
        stops = _stacked(some, arriving, column + 1, columns[column + 1], per_case, shifts[column + 1])
        for key, n in some.items():
            xs = (lefts[column] + widths[column], lefts[column + 1])
            _band(axes, xs, (starts[key], stops[key]), per_case * n, LEVEL_FILLS[key[2]], f"band{column}:{n}")
    for k, nodes in enumerate(columns):
        for node in nodes.values():
            _node(axes, node, k, lefts[k], widths[k], shifts[k])


def _stacked(
    flow: Mapping[Way, float],
    order: Sequence[Way],
    which: int,
    column: Mapping[str, Node],
    per_case: float,
    shift: float,
) -> dict[Way, float]:
    """Upper edge of each band at the nodes of a column, one below the other in an order."""
    below = {name: node.top + shift for name, node in column.items()}
    tops = {}
    for key in order:
        tops[key] = below[key[which]]
        below[key[which]] += per_case * flow[key]
    return tops


def _band(axes: Axes, xs: tuple[float, float], tops: tuple[float, float], height: float, fill: Fill, gid: str) -> None:
    (left, right), (start, stop) = xs, tops
    middle = (left + right) / 2
    outline = [
        *((left, start), (middle, start), (middle, stop), (right, stop)),
        *((right, stop + height), (middle, stop + height), (middle, start + height), (left, start + height)),
        (left, start),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    band = PathPatch(Path(outline, codes), facecolor=fill.colour, alpha=0.85, lw=0.3, edgecolor="white", gid=gid)
    if fill.hatch:
        band.set(hatch=fill.hatch, edgecolor=QUIET)
    axes.add_patch(band)


def _node(axes: Axes, node: Node, column: int, left: float, width: float, shift: float) -> None:
    top = node.top + shift
    colour = SHADE if column == 1 else QUIET
    edge = QUIET if column == 1 else "none"
    box = Rectangle((left, top), width, node.height, facecolor=colour, edgecolor=edge, lw=0.4, gid=f"node{column}")
    box.set_clip_on(False)
    axes.add_patch(box)
    x, side = ((left - 0.05, "right"), (left + width / 2, "center"), (left + width + 0.05, "left"))[column]
    text = axes.text(x, top + node.height / 2, node.words, ha=side, va="center", size=SMALL, linespacing=1.15)
    if column == 1 and node.height < LINE_IN * (node.words.count("\n") + 1):
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})
