"""The staff pyramid: people at each level as centred bars, the structures side by side to one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from sim.charts.letters import BODY, SMALL, balanced, number
from sim.charts.palette import SHADE, Fill
from sim.charts.result import Result
from sim.charts.style import MARGIN_IN, WIDTH_IN, finish, house_style, sheet, titles
from sim.language import say

TIERS = ("leaders", "offices", "area", "community", "committee")
"""From the top: the street's leaders, its offices, areas, communities (stations), residents' committees."""
BY_PLACE = ("area", "community", "committee")
"""Tiers whose units are places, each with all its teams."""
TIER_FILLS = {
    "leaders": Fill("#16263f"),
    "offices": Fill("#0072b2"),
    "area": Fill("#004b78"),
    "community": Fill("#56b4e9"),
    "committee": Fill("#c9e5f7"),
}
BAR_HEIGHT = 0.5
COLUMNS = 3


@dataclass(frozen=True)
class Tier:
    """One level of one structure: the sizes of its units, from which its bar is drawn.

    ``n_posted``: the last ones of these, which are teams posted to the level as a whole and so no place of their own.
    ``n_units``: how many units the structure has there, with or without staff; none: it has no such level.
    """

    name: str
    sizes: tuple[int, ...]
    n_posted: int = 0
    n_units: int = 0

    @property
    def people(self) -> int:
        """Head count of the level."""
        return sum(self.sizes)


def tier_of(base: str, level: str, team: Mapping[str, Any]) -> str | None:
    """The tier a team stands in; None for departments, which are outside the street.

    Leaders are the street's teams whose id or English name says so.
    """
    if level == "department":
        return None
    if team.get("each") in ("area", "committee"):
        return str(team["each"])
    if level == "community":
        return "community"
    english = (team.get("name") or {}).get("en", "")
    return "leaders" if "leader" in f"{base} {english}".lower() else "offices"


def tiers(teams: pd.DataFrame, structure: Mapping[str, Any]) -> list[Tier]:
    """The tiers of one structure from ``structure_teams.csv`` (its rows) and the resolved file's structure.

    A unit is a team at street level, and a place (area, community, committee) with all its teams below. A team there
    that stands in no place of its own is posted to all of them: a part of the bar, but no place.
    """
    declared = structure.get("teams", {})
    sizes: dict[str, dict[str, int]] = {name: {} for name in TIERS}
    posted: dict[str, dict[str, int]] = {name: {} for name in TIERS}
    for row in teams.to_dict("records"):
        tier = tier_of(str(row["base"]), str(row["level"]), declared.get(str(row["base"]), {}))
        if tier is not None and row["size"] > 0:
            is_posted = tier in BY_PLACE and not row["place"]
            unit = str(row["place"] if tier in BY_PLACE and row["place"] else row["base"])
            units = (posted if is_posted else sizes)[tier]
            units[unit] = units.get(unit, 0) + int(row["size"])
    n_units = _n_units(structure)
    return [
        Tier(name, (*sizes[name].values(), *posted[name].values()), len(posted[name]), n_units[name]) for name in TIERS
    ]


def _n_units(structure: Mapping[str, Any]) -> dict[str, int]:
    """How many units a structure declares in each tier: places by their list, the street's teams one by one."""
    communities = structure.get("communities") or {}
    of_teams = [tier_of(base, str(team["level"]), team) for base, team in structure.get("teams", {}).items()]
    return {
        **{name: of_teams.count(name) for name in ("leaders", "offices")},
        "area": len(structure.get("areas") or {}),
        "community": len(communities),
        "committee": sum(int(community.get("committees") or 0) for community in communities.values()),
    }


def draw(result: Result, lang: str) -> Figure:
    """Head counts by level (leaders, offices, areas, communities, committees) of each structure, to one scale."""
    teams = result.table("structure_teams.csv", ("scenario", "team", "base", "place", "level", "size"))
    pyramids = [
        tiers(teams[teams["scenario"] == head.name], result.resolved(head.name)["structure"])
        for head in result.scenarios
    ]
    shown = [name for name in TIERS if any(t.people for pyramid in pyramids for t in pyramid if t.name == name)]
    widest = max((tier.people for pyramid in pyramids for tier in pyramid), default=0) or 1
    columns = min(COLUMNS, len(pyramids))
    rows = -(-len(pyramids) // columns)
    unstaffed = any(not t.people and t.n_units for pyramid in pyramids for t in pyramid if t.name in shown)
    with house_style():
        remarks = [say("chart.pyramid.no_staff", lang)] if unstaffed else []
        figure = sheet(result, lang, "pyramid", rows * (0.75 * len(shown) + 0.5), remarks)
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        panel_in = (WIDTH_IN - 2 * MARGIN_IN - 1.2) / columns
        headings = titles(result, lang, panel_in - 0.2, bold=True)
        for position, axes in enumerate(panels.flat):
            axes.set_axis_off()
            if position < len(pyramids):
                pyramid = [tier for tier in pyramids[position] if tier.name in shown]
                axes.set_title(headings[position], loc="center", linespacing=1.25)
                _pyramid(axes, pyramid, result.scenarios[position].households, lang)
                if position % columns == 0:
                    _tier_names(axes, shown, lang, -0.62 * widest)
        panels[0, 0].set_xlim(-0.62 * widest, 0.62 * widest)
        panels[0, 0].set_ylim(len(shown) - 0.2, -0.45)
        finish(figure)
    return figure


def _pyramid(axes: Axes, pyramid: list[Tier], households: int, lang: str) -> None:
    for y, tier in enumerate(pyramid):
        half = tier.people / 2
        next_y = next((k for k in range(y + 1, len(pyramid)) if pyramid[k].people), None)
        if tier.people and next_y is not None:
            below = pyramid[next_y].people / 2
            edge, next_edge = y + BAR_HEIGHT / 2, next_y - BAR_HEIGHT / 2
            outline = [(-half, edge), (half, edge), (below, next_edge), (-below, next_edge)]
            axes.add_patch(Polygon(outline, facecolor=SHADE, edgecolor="none", zorder=0))
        left = -half
        for size in tier.sizes:
            bar = Rectangle((left, y - BAR_HEIGHT / 2), size, BAR_HEIGHT, facecolor=TIER_FILLS[tier.name].colour)
            bar.set(edgecolor="white", linewidth=0.7, gid=f"{tier.name}-bar")
            axes.add_patch(bar)
            left += size
        caption = _caption(tier, households, lang)
        if tier.people:
            place: dict[str, Any] = {"y": y + BAR_HEIGHT / 2 + 0.03, "va": "top"}
        else:
            place = {"y": y, "va": "center"}
        axes.text(x=0, s=caption, ha="center", size=SMALL + 0.8, linespacing=1.15, **place)


def _caption(tier: Tier, households: int, lang: str) -> str:
    if not tier.people and not tier.n_units:
        return say("chart.pyramid.no_level", lang)
    if not tier.people:
        return say(f"chart.pyramid.{tier.name}.no_staff", lang, units=number(tier.n_units))
    words = {"people": number(tier.people), "units": number(len(tier.sizes) - tier.n_posted)}
    caption = say(f"chart.pyramid.{tier.name}.count", lang, **words)
    if tier.n_posted:
        posted = number(sum(tier.sizes[-tier.n_posted :]))
        caption += "\n" + say("chart.pyramid.posted", lang, people=posted)
    if tier.name == "community" and households > 1:
        caption += "\n" + say("chart.pyramid.households", lang, households=number(households / tier.people))
    return caption


def _tier_names(axes: Axes, shown: list[str], lang: str, x: float) -> None:
    for y, name in enumerate(shown):
        text = balanced(say(f"chart.pyramid.{name}", lang), 1.1, BODY)
        axes.text(x, y, text, ha="right", va="center", size=BODY, linespacing=1.2)
