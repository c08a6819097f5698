"""Use of staff: the share of its time on duty that each team works, and what each level's hours went to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sim.charts.letters import BODY, LINE_SPACING, SMALL, balanced, level_heading, plain
from sim.charts.marks import fill_handles, legend_above, legend_in, series_handles, stacked
from sim.charts.palette import QUIET, RULE, TIME_FILLS, series
from sim.charts.result import Result
from sim.charts.style import ROW_NAME_IN, finish, house_style, room_in, row_in, row_labels, sheet, titles
from sim.language import say

LEVELS = ("department", "street", "community", "committee")
Split = dict[tuple[str, str], list[float]]
ONE_COLUMN_IN, NARROW_NAME_IN = 6.5, 1.6
"""Height of rows from which they stand in two columns; widest name of a row there."""
KINDS = tuple(kind for kind in TIME_FILLS if kind != "idle")


@dataclass(frozen=True)
class Row:
    """A team's row of dots, or (no ``base``) the name of a level; ``height`` in inches."""

    level: str
    base: str
    name: str
    label: str
    """The name, broken to fit, in letters of ``size`` points."""
    size: float
    height: float

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells the row from others."""
        return self.level, self.base, self.name


def team_hours(teams: pd.DataFrame, where: pd.DataFrame) -> pd.DataFrame:
    """A row for each team and replication: where it stands, seconds of each kind, ``open_s`` and ``overtime_s``."""
    key = ["scenario", "team", "replication"]
    busy = teams.pivot_table(index=key, columns="kind", values="busy_s", aggfunc="sum", fill_value=0)
    busy = busy.reindex(columns=list(KINDS), fill_value=0)
    of_team = teams.groupby(key)
    busy = busy.assign(open_s=of_team["open_s"].first(), overtime_s=of_team["overtime_s"].sum())
    places = where[["scenario", "team", "level", "base", "place"]]
    return busy.reset_index().merge(places, on=["scenario", "team"])


def used_shares(hours: pd.DataFrame) -> pd.DataFrame:
    """Share of time on duty at work, of each kind of team: ``mean`` (hours pooled), ``low``/``high`` over its places.

    As the measure ``staff_use_share``: leave is taken out of both; overtime counts as work, so it may exceed one.
    """
    work_s = hours[[kind for kind in KINDS if kind != "leave"]].sum(axis="columns")
    there = hours.assign(work_s=work_s, there_s=hours["open_s"] - hours["leave"])
    pooled = there.groupby(["scenario", "level", "base", "place"])[["work_s", "there_s"]].sum()
    pooled = pooled[pooled["there_s"] > 0]
    of_base = ["scenario", "level", "base"]
    by_place = (pooled["work_s"] / pooled["there_s"]).groupby(of_base)
    whole = pooled.groupby(of_base).sum()
    shares = {"mean": whole["work_s"] / whole["there_s"], "low": by_place.min(), "high": by_place.max()}
    return pd.DataFrame(shares).reset_index()


def time_split(hours: pd.DataFrame) -> Split:
    """Shares of hours on duty and overtime by kind of time (as in TIME_FILLS, idle last), by level and scenario."""
    total = hours.groupby(["level", "scenario"])[[*KINDS, "open_s", "overtime_s"]].sum()
    shares = total[list(KINDS)].div(total["open_s"] + total["overtime_s"], axis="index")
    shares["idle"] = (1 - shares.sum(axis="columns")).clip(lower=0)
    rows = shares.dropna()[list(TIME_FILLS)]
    return dict(zip(rows.index, rows.to_numpy(float).tolist(), strict=True))


def draw(result: Result, lang: str) -> list[Figure]:
    """Dots: use of each team with its range over places. Bars: what each level's hours went to.

    Many teams stand in two columns; if dots and bars have no room on one page, each has a page of its own.
    """
    where = result.table(
        "structure_teams.csv", ("scenario", "team", "base", "place", "level", "size", "name_zh", "name_en")
    )
    teams = result.table("teams.parquet", ("scenario", "replication", "team", "kind", "busy_s", "open_s", "overtime_s"))
    hours = team_hours(teams, where[where["size"] > 0])
    names = where.drop_duplicates(["scenario", "level", "base"]).set_index(["scenario", "level", "base"])
    shares = used_shares(hours).join(names[f"name_{lang}"].rename("name"), on=["scenario", "level", "base"])
    split = time_split(hours)
    levels = [level for level in LEVELS if any(level == one for one, _ in split)]
    with house_style():
        keys = series_handles(titles(result, lang, 3.0), line=False)
        fills = fill_handles([say(f"chart.use.{kind}", lang) for kind in TIME_FILLS], list(TIME_FILLS.values()))
        columns = _columns(shares, lang)
        dots_in = max(sum(row.height for row in column) for column in columns) + 0.5
        bars_in = row_in(titles(result, lang), 0.27) * len(split) + 0.28 * len(levels) + 0.2 + legend_in(fills)
        parts = {"dots": dots_in, "bars": bars_in}
        together = dots_in + legend_in(keys) + bars_in <= room_in(result, lang, "use")
        pages = [["dots", "bars"]] if together else [["dots"], ["bars"]]
        figures = []
        for page, shown in enumerate(pages, start=1):
            heights = [parts[part] for part in shown] + [legend_in(keys)] * ("dots" in shown)
            figure = sheet(result, lang, "use", sum(heights), page=(page, len(pages)))
            grid = figure.add_gridspec(len(heights), len(columns), height_ratios=heights[-1:] + heights[:-1])
            labels: list[Any] = []
            if "dots" in shown:
                _dots(
                    [figure.add_subplot(grid[1, k]) for k in range(len(columns))], columns, shares, result.names, lang
                )
            if "bars" in shown:
                bars = figure.add_subplot(grid[-1, :])
                labels = _bars(bars, levels, split, result, lang)
                legend_above(bars, fills)
            if "dots" in shown:
                above = figure.add_subplot(grid[0, :])
                above.set_axis_off()
                legend_above(above, keys, above_in=-legend_in(keys))
            finish(figure, labels)
            figures.append(figure)
    return figures


def _columns(shares: pd.DataFrame, lang: str) -> list[list[Row]]:
    """The rows of the dots, in two columns if they are too many for one; a level that is parted is named in both."""
    rows = _rows(shares, lang, ROW_NAME_IN, BODY - 0.5)
    if sum(row.height for row in rows) <= ONE_COLUMN_IN:
        return [rows]
    rows = _rows(shares, lang, NARROW_NAME_IN, SMALL + 0.5)
    ends = np.cumsum([row.height for row in rows])
    half = int(np.searchsorted(ends, ends[-1] / 2)) + 1
    half -= not rows[half - 1].base  # no level is named at the foot of a column
    heading = next(row for row in rows if row.level == rows[half].level)
    return [rows[:half], [*([heading] if rows[half].base else []), *rows[half:]]]


def _rows(shares: pd.DataFrame, lang: str, name_in: float, size: float) -> list[Row]:
    """The rows from the top: a level's name, then its teams, the most used first.

    Teams of one id in several scenarios share a row if they are called the same.
    """
    teams = shares.groupby(["level", "base", "name"])["mean"].agg(["max", "size"])
    teams = teams.sort_values("max", ascending=False, kind="stable").reset_index()
    rows = []
    for level in LEVELS:
        here = teams[teams["level"] == level].to_dict("records")
        if here:
            rows.append(Row(level, "", "", level_heading(level, lang), size, 0.21))
        for team in here:
            label = balanced(plain(team["name"] or team["base"], lang), name_in, size)
            lines_in = 0.06 + size * LINE_SPACING / 72 * (label.count("\n") + 1)
            height = max(lines_in, 0.165 + 0.045 * team["size"])
            rows.append(Row(level, team["base"], team["name"], label, size, height))
    return rows


def _dots(
    panels: Sequence[Axes], columns: Sequence[Sequence[Row]], shares: pd.DataFrame, scenarios: list[str], lang: str
) -> None:
    """The rows, measured downward in inches, so that a name of two lines has its room."""
    tallest = max(sum(row.height for row in column) for column in columns)
    for axes, rows in zip(panels, columns, strict=True):
        ends = np.cumsum([row.height for row in rows])
        centres = [float(end) - row.height / 2 for end, row in zip(ends, rows, strict=True)]
        for y, row in zip(centres, rows, strict=True):
            _marks(axes, y, shares[(shares[["level", "base", "name"]] == list(row.key)).all(axis=1)], scenarios)
            if row.base:
                axes.axhline(y, color=RULE, lw=0.4, zorder=0)
        row_labels(axes, [row.label for row in rows], centres, max((row.size for row in rows), default=BODY))
        for row, label in zip(rows, axes.get_yticklabels(), strict=True):
            label.set_fontweight("normal" if row.base else "bold")
        axes.set_ylim(tallest or 1.0, 0)
        axes.set_xlim(0, max(1.0, 1.04 * shares["high"].max()) if len(shares) else 1.0)
        axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel(say("chart.use.share", lang))
        axes.grid(axis="x")
        axes.axvline(1.0, color=QUIET, lw=0.8)


def _marks(axes: Axes, y: float, here: pd.DataFrame, scenarios: list[str]) -> None:
    """A team's dots and ranges, one below the other."""
    found = sorted(here.to_dict("records"), key=lambda row: scenarios.index(row["scenario"]))
    for k, row in enumerate(found):
        look = series(scenarios.index(row["scenario"]))
        at = y + (k - (len(found) - 1) / 2) * 0.072
        axes.plot([row["low"], row["high"]], [at, at], color=look.colour, lw=1.4, solid_capstyle="butt")
        axes.plot(row["mean"], at, color=look.colour, marker=look.marker, ms=5, mec="white", mew=0.5)


def _bars(axes: Axes, levels: list[str], split: Split, result: Result, lang: str) -> list[Any]:
    labels: list[Any] = []
    ticks, words = [], []
    y = 0.0
    for level in levels:
        here = [name for name in result.names if (level, name) in split]
        axes.text(0, y - 0.5, level_heading(level, lang), weight="bold", va="bottom", size=BODY)
        for name, title in zip(result.names, titles(result, lang), strict=True):
            if name in here:
                parts = split[level, name]
                labels += stacked(axes, y, parts, list(TIME_FILLS.values()), height=0.78)
                ticks.append(y)
                words.append(title)
                y += 1
        y += 0.9
    axes.set(xlim=(0, 1), ylim=(y - 1.4, -1.3), xticks=[])
    row_labels(axes, words, ticks)
    axes.spines[:].set_visible(False)
    return labels
