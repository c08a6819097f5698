"""The structures as organisation charts: levels, teams as boxes of people, and the cases that pass between levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.charts.bands import MOVE_FILLS, Column, Passing, Past, Scale, band, beside, between, width_beside
from sim.charts.boxes import LINE_IN, Box, Strip, Team, arrange
from sim.charts.letters import BODY, SMALL, level_heading, number, plain, text_width_in
from sim.charts.palette import INK, QUIET, Fill, on
from sim.charts.paper import BETWEEN_IN, Paper, on_pages
from sim.charts.result import Result
from sim.charts.style import MARGIN_IN, WIDTH_IN, finish, house_style, room_in, sheet, titles
from sim.charts.ways import TIERS, a_year, moves, tier_of
from sim.language import say

TIER_FILLS = {
    "department": Fill("#16263f"),
    "street": Fill("#0072b2"),
    "area": Fill("#004b78"),
    "community": Fill("#8cc9ef"),
    "committee": Fill("#d9ecf8"),
}
RARE = 0.01
"""Share of a panel's moves below which those that go past a level are not drawn."""
MOST_PANELS = 3
"""Side by side on a page; of more structures there are several pages."""
MOST_PER_PERSON, CLOSER = 0.12, 0.95
"""Square inches of a person in a small street, and how much closer they are drawn until all panels fit on a page."""
LEAST_PER_PERSON = 0.004
WIDEST_BETWEEN_IN, WIDEST_BESIDE_IN = 0.6, 0.18
"""Width of the bands between the two levels that exchange most cases; of the widest that goes past a level."""
WIDEST_IN = 4.0
"""Width of the widest level, however few structures there are."""
GAP_IN, CLOSE_IN, HEADING_IN, KEY_IN = 0.62, 0.1, 0.17, 0.56
"""Between levels that exchange cases, and that do not; a level's name; the key."""

Move = tuple[Any, ...]
"""Kind, tier, and the tier that is next."""


@dataclass(frozen=True)
class Structure:
    """What is drawn of one scenario: its teams by tier, and cases a year by move."""

    teams: Mapping[str, list[Team]]
    moves: Mapping[Move, float]

    @property
    def tiers(self) -> list[str]:
        """Tiers with people in them or cases passing, from the top."""
        touched = {tier for _, *ends in self.moves for tier in ends}
        return [tier for tier in TIERS if self.teams.get(tier) or tier in touched]

    @property
    def people(self) -> int:
        """Head count of all tiers."""
        return sum(self.people_of(tier) for tier in self.teams)

    def people_of(self, tier: str) -> int:
        """Head count of a tier."""
        return sum(team.people for team in self.teams.get(tier, []))

    def passing(self, upper: str, lower: str) -> Passing:
        """Cases a year between two tiers by kind and whether they go down; the RARE that go past a tier left out."""
        ends = {True: (upper, lower), False: (lower, upper)}
        is_past = self.tiers.index(lower) > self.tiers.index(upper) + 1
        least = RARE * sum(self.moves.values()) if is_past else 0.0
        found = {(kind, down): self.moves.get((kind, *ends[down]), 0.0) for down in ends for kind in MOVE_FILLS}
        return {key: n for key, n in found.items() if n > 0 and n >= least}


def teams_by_tier(rows: pd.DataFrame, declared: Mapping[str, Mapping[str, Any]], lang: str) -> dict[str, list[Team]]:
    """The teams of one structure by tier, from its rows of ``structure_teams.csv`` and the resolved file's teams.

    The groups of a split team count as one; teams of nobody are left out.
    """
    found: dict[str, list[Team]] = {}
    for base, here in rows.groupby("base", sort=False):
        sizes = [int(size) for size in here.groupby("place", sort=False)["size"].sum() if size > 0]
        if sizes:
            tier = tier_of(str(here["level"].iloc[0]), str(declared.get(str(base), {}).get("each", "street")))
            name = plain(str(here[f"name_{lang}"].iloc[0]), lang)
            found.setdefault(tier, []).append(Team(name, tuple(sizes)))
    return found


def structures(result: Result, lang: str) -> list[Structure]:
    """What is drawn of each scenario of a result."""
    columns = ("scenario", "team", "base", "place", "level", "size", f"name_{lang}")
    rows = result.table("structure_teams.csv", columns)
    passed = a_year(result, lambda _, legs: moves(legs))
    return [
        Structure(
            teams_by_tier(rows[rows["scenario"] == name], result.resolved(name)["structure"]["teams"], lang),
            passed[name],
        )
        for name in result.names
    ]


def draw(result: Result, lang: str) -> list[Figure]:
    """Each scenario as an organisation chart, people and cases to one scale in all panels and on all pages."""
    drawn = structures(result, lang)
    parts = on_pages(len(drawn), MOST_PANELS)
    per_case = _per_case(drawn)
    columns = [column for part in parts for column in _columns([drawn[k] for k in part], per_case)]
    with house_style():
        narrowest = min(column.panel for column in columns)
        headings = titles(result, lang, narrowest - 0.25, bold=True)
        heading_in = 0.06 + 0.17 * max(heading.count("\n") + 1 for heading in headings)
        blanks: dict[str, Any] = {"page": (1, len(parts)), "replications": result.replications}
        height_in = room_in(result, lang, "structures", **blanks) - KEY_IN - heading_in
        scale, laid = _fitting(drawn, columns, per_case, height_in, lang)
        pages = []
        for page, part in enumerate(parts, start=1):
            tall = max(_tops(drawn[k], laid[k])[""] for k in part)
            body_in = KEY_IN + heading_in + tall
            figure = sheet(result, lang, "structures", body_in, **blanks | {"page": (page, len(parts))})
            paper = Paper(figure, body_in)
            _key(paper.axes(0.0, 0.0, WIDTH_IN - 2 * MARGIN_IN, KEY_IN), scale, lang)
            left = 0.0
            for k in part:
                axes = paper.axes(left, KEY_IN + heading_in, columns[k].panel, tall)
                words: dict[str, Any] = {"va": "bottom", "size": BODY + 0.5, "weight": "bold", "linespacing": 1.25}
                axes.text(0, -0.06, headings[k], **words)
                _diagram(axes, drawn[k], laid[k], columns[k], scale, lang)
                left += columns[k].panel + BETWEEN_IN
            finish(figure)
            pages.append(figure)
    return pages


def _per_case(drawn: Sequence[Structure]) -> float:
    """Inches of a case a year: neither the bands between two levels nor one that goes past a level are too wide."""
    totals = [sum(one.passing(upper, lower).values()) for one in drawn for upper, lower, apart in _pairs(one)]
    past = [max(one.passing(upper, lower).values()) for one in drawn for upper, lower, apart in _pairs(one) if apart]
    return min(WIDEST_BETWEEN_IN / max([*totals, 1.0]), WIDEST_BESIDE_IN / max([*past, 1.0]))


def _columns(page: Sequence[Structure], per_case: float) -> list[Column]:
    """Where the levels of a page's panels stand: in columns of one width, each with the gutters that its bands need."""
    gutters = []
    for one in page:
        past = [one.passing(upper, lower) for upper, lower, apart in _pairs(one) if apart]
        gutters.append([sum(width_beside(passing, per_case, down=down) for passing in past) for down in (True, False)])
    room = WIDTH_IN - 2 * MARGIN_IN - BETWEEN_IN * (len(page) - 1) - sum(map(sum, gutters))
    width = min(WIDEST_IN, room / len(page))
    return [Column(left, left + width, left + width + right) for left, right in gutters]


def _fitting(
    drawn: Sequence[Structure], columns: Sequence[Column], per_case: float, height_in: float, lang: str
) -> tuple[Scale, list[dict[str, Strip]]]:
    """The largest scale at which no panel is higher than ``height_in``, and the levels laid out to it."""
    scale = Scale(MOST_PER_PERSON, per_case)
    while True:
        laid = [_strips(one, column.width, scale, lang) for one, column in zip(drawn, columns, strict=True)]
        tallest = max((_tops(one, strips)[""] for one, strips in zip(drawn, laid, strict=True)), default=0.0)
        if tallest <= height_in or scale.per_person < LEAST_PER_PERSON:
            return scale, laid
        scale = replace(scale, per_person=CLOSER * scale.per_person)


def _pairs(one: Structure) -> list[tuple[str, str, bool]]:
    """Pairs of tiers between which cases pass, upper first, and whether a tier lies between them."""
    tiers = one.tiers
    return [
        (upper, lower, j > i + 1)
        for i, upper in enumerate(tiers)
        for j, lower in enumerate(tiers[i + 1 :], start=i + 1)
        if one.passing(upper, lower)
    ]


def _strips(one: Structure, width: float, scale: Scale, lang: str) -> dict[str, Strip]:
    def words(team: Team) -> str:
        return _words(team, lang)

    return {tier: arrange(one.teams.get(tier, []), width, scale.per_person, words) for tier in one.tiers}


def _words(team: Team, lang: str) -> str:
    """What stands in a team's box: its name, and below it how many people in how many places."""
    least, most = min(team.sizes), max(team.sizes)
    key = "alone" if len(team.sizes) == 1 else "places"
    if key != "alone" and least != most:
        key += "_unequal"
    count = say(f"chart.structures.{key}", lang, n=len(team.sizes), least=number(least), most=number(most))
    return f"{team.name}\n{count}"


def _tops(one: Structure, strips: Mapping[str, Strip]) -> dict[str, float]:
    """Where the box of each level begins, downward, and (``""``) where the last ends."""
    tops, end = {}, 0.0
    for tier, below in zip(strips, [*list(strips)[1:], ""], strict=True):
        tops[tier] = end + HEADING_IN
        end = tops[tier] + strips[tier].height + strips[tier].below.count("\n") * LINE_IN
        gap = GAP_IN if below and one.passing(tier, below) else CLOSE_IN if below else 0.0
        end += gap
    return tops | {"": end}


def _diagram(axes: Axes, one: Structure, strips: Mapping[str, Strip], column: Column, scale: Scale, lang: str) -> None:
    tops = _tops(one, strips)
    ends = {tier: tops[tier] + strip.height + strip.below.count("\n") * LINE_IN for tier, strip in strips.items()}
    for tier, strip in strips.items():
        left = column.centre - strip.width / 2
        _heading(axes, _tier_words(one, tier, lang), left, tops[tier], column)
        if not strip.boxes:
            frame = Rectangle((left, tops[tier]), strip.width, strip.height, facecolor="none", edgecolor=QUIET)
            frame.set(lw=0.6, linestyle=(0, (3, 2)))
            axes.add_patch(frame)
        for box in strip.boxes:
            _box(axes, box, left, tops[tier], TIER_FILLS[tier])
        small: dict[str, Any] = {"va": "top", "size": SMALL, "color": QUIET, "linespacing": 1.15}
        axes.text(column.left, tops[tier] + strip.height + 0.02, strip.below.strip("\n"), **small)
    past = []
    for upper, lower, apart in _pairs(one):
        passing = one.passing(upper, lower)
        if apart:
            past += [Past(upper, lower, kind, down, n) for (kind, down), n in passing.items()]
        else:
            between(axes, passing, (ends[upper], tops[lower] - HEADING_IN), column, scale.per_case, lang)
    spans = {tier: (tops[tier], tops[tier] + strip.height) for tier, strip in strips.items()}
    beside(axes, past, spans, {tier: strip.width for tier, strip in strips.items()}, column, scale.per_case, lang)


def _heading(axes: Axes, words: str, left: float, top: float, column: Column) -> None:
    """A level's name over its left edge, farther left if it would stand in the right gutter."""
    left = max(0.0, min(left, column.right - text_width_in(words, SMALL + 0.5, bold=True)))
    text = axes.text(left, top - 0.04, words, va="baseline", size=SMALL + 0.5, weight="bold", zorder=5)
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # it may stand on a band that passes by


def _tier_words(one: Structure, tier: str, lang: str) -> str:
    people = one.people_of(tier)
    key = "tier_places" if tier in ("area", "community", "committee") and people else "tier"
    n_places = max((len(team.sizes) for team in one.teams.get(tier, [])), default=0)
    return say(f"chart.structures.{key}", lang, level=level_heading(tier, lang), people=number(people), n=n_places)


def _box(axes: Axes, box: Box, left: float, top: float, fill: Fill) -> None:
    for cell_left, cell_top, width, height in box.cells:
        place = (left + cell_left, top + cell_top)
        axes.add_patch(Rectangle(place, width, height, facecolor=fill.colour, edgecolor="white", lw=0.4, gid="part"))
    place = (left + box.left, top + box.top)
    axes.add_patch(Rectangle(place, box.width, box.height, facecolor="none", edgecolor="white", lw=1.6, gid="team"))
    words: dict[str, Any] = {"va": "center", "size": SMALL, "linespacing": 1.15}
    y = place[1] + box.height / 2
    if box.words:
        text = axes.text(place[0] + box.width / 2, y, box.words, ha="center", color=on(fill.colour), **words)
        if len(box.cells) > 1:
            text.set_bbox({"facecolor": fill.colour, "edgecolor": "none", "pad": 0.8})


def _key(axes: Axes, scale: Scale, lang: str) -> None:
    """So many people, so many cases: a box and the bands, to the scale of the panels."""
    people, flow = max(2, _round(0.3 / scale.per_person)), _round(0.3 / scale.per_case)
    height, y = 0.3, 0.2
    wide = people * scale.per_person / height
    axes.add_patch(Rectangle((0, y - height / 2), wide, height, facecolor=TIER_FILLS["street"].colour))
    entries = [(wide, say("chart.structures.key_people", lang, n=number(people)))]
    x = entries[0][0] + 0.35 + text_width_in(entries[0][1], SMALL + 1)
    for kind, fill in MOVE_FILLS.items():
        width = flow * scale.per_case
        band(axes, x, width, (y - height / 2, y + height / 2), fill, flow)
        words = say(f"chart.structures.key_{kind.name.lower()}", lang, n=number(flow))
        entries.append((x + width, words))
        x += width + 0.35 + text_width_in(words, SMALL + 1)
    for right, words in entries:
        axes.text(right + 0.08, y, words, va="center", size=SMALL + 1, color=INK)


def _round(value: float) -> int:
    """The round number (1, 2 or 5 and noughts) that is nearest below a value, at least one.

    >>> _round(0.3), _round(7.0), _round(36.0)
    (1, 5, 20)
    """
    power = 10 ** max(0, math.floor(math.log10(max(value, 1.0))))
    return max(step * power for step in (1, 2, 5) if step * power <= max(value, 1.0))
