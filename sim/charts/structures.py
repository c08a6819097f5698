"""The structures as organisation charts: levels, teams as boxes of people, and the cases that pass between levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from sim.charts.boxes import LEAST_IN, LINE_IN, Box, Strip, Team, arrange
from sim.charts.letters import BODY, SMALL, level_heading, number, plain, text_width_in
from sim.charts.palette import INK, QUIET, Fill, on
from sim.charts.result import Result
from sim.charts.style import MARGIN_IN, WIDTH_IN, finish, house_style, sheet, titles
from sim.charts.ways import TIERS, a_year, courses, moves, tier_of
from sim.language import say
from sim.tables import Kind

TIER_FILLS = {
    "department": Fill("#16263f"),
    "street": Fill("#0072b2"),
    "area": Fill("#004b78"),
    "community": Fill("#8cc9ef"),
    "committee": Fill("#d9ecf8"),
}
MOVE_FILLS = {Kind.RESIDENT: Fill("#8a8a8a"), Kind.TASK: Fill("#e69f00", "////")}
"""Cases of residents, and tasks from above."""
COLUMNS = {0: 1, 1: 1, 2: 2, 4: 2}
"""Panels side by side, by their number; any other number: three."""
MOST_PER_PERSON = 0.12
"""Square inches of a person in a small street."""
HEIGHT_OF_PEOPLE_IN = 2.8
"""Height of all levels together in the street with most people, if they were as wide as its panel."""
BANDS_SHARE = 0.34
"""Of a panel's width, taken by the bands between the two levels that exchange most cases."""
WIDEST_BESIDE_IN = 0.26
"""Width of the widest band that goes past a level."""
GAP_IN, CLOSE_IN, HEADING_IN, KEY_IN, BETWEEN_IN = 0.62, 0.1, 0.17, 0.56, 0.3
"""Between levels that exchange cases, and that do not; a level's name; the key; panels."""
POINT_IN, THINNEST_IN, LABEL_IN = 0.09, 0.012, 0.2
"""Length of a band's point; width that even a few cases have; room for the number along a band."""

Move = tuple[int, str, str]
"""Kind, tier, and the tier that is next."""


@dataclass(frozen=True)
class Structure:
    """What is drawn of one scenario: its teams by tier, places by tier, and cases a year by move."""

    teams: Mapping[str, list[Team]]
    n_places: Mapping[str, int]
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

    def passing(self, upper: str, lower: str) -> dict[tuple[int, bool], float]:
        """Cases a year between two tiers by kind and whether they go down."""
        ends = {True: (upper, lower), False: (lower, upper)}
        found = {(kind, down): self.moves.get((kind, *ends[down]), 0.0) for down in ends for kind in MOVE_FILLS}
        return {key: n for key, n in found.items() if n > 0}


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
    counted: dict[str, pd.Series] = {}
    for name, _, legs in courses(result):
        found = moves(legs)
        counted[name] = counted[name].add(found, fill_value=0) if name in counted else found
    drawn = []
    for name in result.names:
        here, declared = rows[rows["scenario"] == name], result.resolved(name)["structure"]["teams"]
        tier_of_row = [tier_of(row["level"], declared.get(row["base"], {}).get("each", "street")) for _, row in here.iterrows()]
        n_places = here["place"].groupby(tier_of_row).nunique()
        yearly = (counted[name] * a_year(result)).to_dict()
        drawn.append(Structure(teams_by_tier(here, declared, lang), n_places.to_dict(), yearly))
    return drawn


def draw(result: Result, lang: str) -> Figure:
    """Each scenario as an organisation chart, people and cases to one scale in all panels."""
    drawn = structures(result, lang)
    n_columns = COLUMNS.get(len(drawn), 3)
    scale = _scale(drawn, (WIDTH_IN - 2 * MARGIN_IN - BETWEEN_IN * (n_columns - 1)) / max(2, n_columns))
    with house_style():
        headings = titles(result, lang, scale.width - 0.1, bold=True)
        laid = [_strips(one, scale, lang) for one in drawn]
        rows = [range(first, min(first + n_columns, len(drawn))) for first in range(0, len(drawn), n_columns)]
        heading_in = [0.06 + 0.17 * max(headings[k].count("\n") + 1 for k in row) for row in rows]
        heights = [max(_tops(drawn[k], laid[k])[""] for k in row) for row in rows]
        body_in = KEY_IN + sum(heights) + sum(heading_in) + BETWEEN_IN * len(rows)
        figure = sheet(result, lang, "structures", body_in, replications=result.replications)
        place = _Placing(figure, body_in)
        _key(place.axes(0.0, 0.0, WIDTH_IN - 2 * MARGIN_IN, KEY_IN), scale, lang)
        top = KEY_IN
        for row, heading, height in zip(rows, heading_in, heights, strict=True):
            for column, k in enumerate(row):
                axes = place.axes(column * (scale.width + BETWEEN_IN), top + heading, scale.width, height)
                words = {"va": "bottom", "size": BODY + 0.5, "weight": "bold", "linespacing": 1.25}
                axes.text(0, -0.06, headings[k], **words)
                _diagram(axes, drawn[k], laid[k], scale, lang)
            top += heading + height + BETWEEN_IN
        finish(figure)
    return figure


class _Placing:
    """Axes measured in inches, downward from the upper left corner of a figure's body."""

    def __init__(self, figure: Figure, body_in: float) -> None:
        self._figure = figure
        left, bottom, _, _ = figure.get_layout_engine().get()["rect"]  # type: ignore[union-attr]
        figure.set_layout_engine("none")
        self._height = figure.get_figheight()
        self._left, self._top = left * WIDTH_IN, bottom * self._height + body_in

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes whose units are inches."""
        bottom = self._top - top - height
        bounds = ((self._left + left) / WIDTH_IN, bottom / self._height, width / WIDTH_IN, height / self._height)
        axes = self._figure.add_axes(bounds)
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        return axes


def _scale(drawn: Sequence[Structure], width: float) -> Scale:
    most_people = max((one.people for one in drawn), default=0) or 1
    per_person = min(MOST_PER_PERSON, width * HEIGHT_OF_PEOPLE_IN / most_people)
    totals = [sum(one.passing(upper, lower).values()) for one in drawn for upper, lower, _ in _pairs(one)]
    past = [max(one.passing(upper, lower).values()) for one in drawn for upper, lower, apart in _pairs(one) if apart]
    most_of_level = max((one.people_of(tier) for one in drawn for tier in one.tiers), default=0)
    widest = min(width, max(LEAST_IN, per_person * most_of_level / LEAST_IN))
    per_case = min(BANDS_SHARE * widest / max([*totals, 1.0]), WIDEST_BESIDE_IN / max([*past, 1.0]))
    beside = [sum(_side_width(one, upper, lower, per_case) for upper, lower, apart in _pairs(one) if apart) for one in drawn]
    return Scale(per_person, per_case, width, max([*beside, 0.0]))


def _pairs(one: Structure) -> list[tuple[str, str, bool]]:
    """Pairs of tiers between which cases pass, upper first, and whether a tier lies between them."""
    tiers = one.tiers
    return [
        (upper, lower, j > i + 1)
        for i, upper in enumerate(tiers)
        for j, lower in enumerate(tiers[i + 1 :], start=i + 1)
        if one.passing(upper, lower)
    ]


def _side_width(one: Structure, upper: str, lower: str, per_case: float) -> float:
    """What the bands that go by another level need beside it, with their numbers: the wider of both sides."""
    passing = one.passing(upper, lower)
    sides = [[n for (_, down), n in passing.items() if down is side] for side in (True, False)]
    return max(sum(max(THINNEST_IN, n * per_case) + LABEL_IN for n in side) for side in sides)


def _strips(one: Structure, scale: Scale, lang: str) -> dict[str, Strip]:
    def words(team: Team) -> str:
        return _words(team, lang)

    return {tier: arrange(one.teams.get(tier, []), scale.most_width, scale.per_person, words) for tier in one.tiers}


def _words(team: Team, lang: str) -> str:
    """What stands in a team's box: its name, if it has one, and below it how many people in how many places."""
    least, most = min(team.sizes), max(team.sizes)
    key = "alone" if len(team.sizes) == 1 else "together" if team.n_teams > 1 else "places"
    if key != "alone" and least != most:
        key += "_unequal"
    count = say(f"chart.structures.{key}", lang, n=len(team.sizes), least=number(least), most=number(most))
    return f"{team.name}\n{count}" if team.name else count


def _tops(one: Structure, strips: Mapping[str, Strip]) -> dict[str, float]:
    """Where the box of each level begins, downward, and (``""``) where the last ends."""
    tops, end = {}, 0.0
    tiers = [*strips]
    for tier, below in zip(tiers, [*tiers[1:], ""], strict=True):
        tops[tier] = end + HEADING_IN
        end = tops[tier] + strips[tier].height + strips[tier].below.count("\n") * LINE_IN
        gap = GAP_IN if below and one.passing(tier, below) else CLOSE_IN if below else 0.0
        end += gap
    return tops | {"": end}


def _diagram(axes: Axes, one: Structure, strips: Mapping[str, Strip], scale: Scale, lang: str) -> None:
    tops = _tops(one, strips)
    spans = {
        tier: (tops[tier], tops[tier] + strip.height + strip.below.count("\n") * LINE_IN)
        for tier, strip in strips.items()
    }
    for tier, strip in strips.items():
        left, words = (scale.width - strip.width) / 2, _tier_words(one, tier, lang)
        axes.text(left, tops[tier] - 0.04, words, va="baseline", size=SMALL + 0.5, weight="bold")
        for box in strip.boxes:
            _box(axes, box, left, tops[tier], TIER_FILLS[tier])
        beside = {"va": "top", "size": SMALL, "color": QUIET, "linespacing": 1.15}
        axes.text(left, tops[tier] + strip.height + 0.02, strip.below.strip("\n"), **beside)
    sides = {True: 0.0, False: 0.0}
    for upper, lower, apart in _pairs(one):
        if apart:
            _beside(axes, one.passing(upper, lower), spans[upper], spans[lower], (strips[upper].width, strips[lower].width), sides, scale)
        else:
            _between(axes, one.passing(upper, lower), spans[upper][1], spans[lower][0] - HEADING_IN, scale, lang)


def _tier_words(one: Structure, tier: str, lang: str) -> str:
    people = one.people_of(tier)
    key = "tier_places" if tier in ("area", "community", "committee") and people else "tier"
    blanks = {"level": level_heading(tier, lang), "people": number(people), "n": number(one.n_places.get(tier, 0))}
    return say(f"chart.structures.{key}", lang, **blanks)


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


def _between(
    axes: Axes, passing: Mapping[tuple[int, bool], float], top: float, bottom: float, scale: Scale, lang: str
) -> None:
    """Bands between neighbouring levels: down on the left, up on the right, with their numbers outside."""
    words = {
        down: [_counted(kind, passing[kind, down], lang) for kind in MOVE_FILLS if (kind, down) in passing]
        for down in (True, False)
    }
    bands = {key: max(THINNEST_IN, n * scale.per_case) for key, n in passing.items()}
    needed = {
        down: sum(band for (_, way), band in bands.items() if way is down)
        + 0.05
        + max((text_width_in(line, SMALL) for line in words[down]), default=0.0)
        for down in words
    }
    middle = (scale.width + needed[True] - needed[False]) / 2
    for down in (True, False):
        edge, sign = (middle - 0.04, -1) if down else (middle + 0.04, 1)
        for kind, fill in MOVE_FILLS.items():
            if (kind, down) in passing:
                band = bands[kind, down]
                ends = (top, bottom) if down else (bottom, top)
                _band(axes, min(edge, edge + sign * band), band, ends, fill, passing[kind, down])
                edge += sign * band
        side = "right" if down else "left"
        text: dict[str, Any] = {"ha": side, "va": "center", "size": SMALL, "linespacing": 1.15}
        axes.text(edge + sign * 0.05, (top + bottom) / 2, "\n".join(words[down]), **text)


def _counted(kind: int, n: float, lang: str) -> str:
    return say(f"chart.structures.move.{Kind(kind).name.lower()}", lang, n=cases(n))


def cases(n: float) -> str:
    """A number of cases a year, without a fraction if there is one at least.

    >>> cases(2785.3), cases(0.25)
    ('2\\xa0785', '0.25')
    """
    return number(round(n)) if n >= 1 else number(n)


def _band(axes: Axes, left: float, width: float, ends: tuple[float, float], fill: Fill, n: float) -> None:
    """A band from one height to another, pointed where it leads."""
    start, end = ends
    neck = end - math.copysign(min(POINT_IN, abs(end - start)), end - start)
    outline = [(left, start), (left, neck), (left + width / 2, end), (left + width, neck), (left + width, start)]
    axes.add_patch(Polygon(outline, facecolor=fill.colour, hatch=fill.hatch, edgecolor=QUIET, lw=0.4, gid=f"band:{n}"))


def _beside(
    axes: Axes,
    passing: Mapping[tuple[int, bool], float],
    upper: tuple[float, float],
    lower: tuple[float, float],
    widths: tuple[float, float],
    sides: dict[bool, float],
    scale: Scale,
) -> None:
    """Bands past the levels that lie between: down on the left, up on the right, each with its number along it."""
    for (kind, down), n in passing.items():
        band = max(THINNEST_IN, n * scale.per_case)
        out = scale.gutter - sides[down] - LABEL_IN - band / 2
        sides[down] += band + LABEL_IN
        ys = [sum(upper) / 2, sum(lower) / 2]
        inner = [(scale.width - width) / 2 for width in widths]
        path = [(inner[0], ys[0]), (out, ys[0]), (out, ys[1]), (inner[1], ys[1])]
        if not down:
            path = [(scale.width - x, y) for x, y in reversed(path)]
        fill, toward = MOVE_FILLS[Kind(kind)], 1 if path[-1][0] > path[-2][0] else -1
        end_x, end_y = path[-1]
        neck = end_x - toward * POINT_IN
        xs, heights = [x for x, _ in path[:-1]] + [neck], [y for _, y in path]
        axes.plot(xs, heights, color=fill.colour, lw=72 * band, solid_joinstyle="miter", solid_capstyle="butt", zorder=0.5, gid=f"band:{n}")
        half = max(band / 2, 0.03)
        axes.add_patch(Polygon([(neck, end_y - half), (end_x, end_y), (neck, end_y + half)], facecolor=fill.colour, lw=0))
        x = path[1][0] + (band / 2 + 0.02) * (1 if down else -1)
        axes.text(x, sum(ys) / 2, cases(n), rotation=90, ha="left" if down else "right", va="center", size=SMALL)


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
        _band(axes, x, width, (y - height / 2, y + height / 2), fill, flow)
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
