"""Use of staff: the share of its time on duty that each team works, and what each level's hours went to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sim.charts.letters import BODY, balanced, level_heading
from sim.charts.marks import fill_handles, legend_above, legend_in, series_handles, stacked
from sim.charts.palette import QUIET, RULE, TIME_FILLS, series
from sim.charts.result import Result
from sim.charts.style import ROW_NAME_IN, finish, house_style, row_in, row_labels, sheet, titles
from sim.language import say

LEVELS = ("department", "street", "community", "committee")
Split = dict[tuple[str, str], list[float]]
KINDS = tuple(kind for kind in TIME_FILLS if kind != "idle")


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


def draw(result: Result, lang: str) -> Figure:
    """Dots: use of each team with its range over places. Bars: what each level's hours went to."""
    where = result.table(
        "structure_teams.csv", ("scenario", "team", "base", "place", "level", "size", "name_zh", "name_en")
    )
    teams = result.table("teams.parquet", ("scenario", "replication", "team", "kind", "busy_s", "open_s", "overtime_s"))
    hours = team_hours(teams, where[where["size"] > 0])
    shares, split = used_shares(hours), time_split(hours)
    rows = _rows(shares)
    levels = [level for level in LEVELS if any(level == one for one, _ in split)]
    names = {(row["scenario"], row["base"]): row[f"name_{lang}"] for row in where.to_dict("records")}
    n = len(result.names)
    with house_style():
        keys = series_handles(titles(result, lang, 3.0), line=False)
        fills = fill_handles([say(f"chart.use.{kind}", lang) for kind in TIME_FILLS], list(TIME_FILLS.values()))
        labels = [_row_name(level, base, names, result.names, lang) for level, base in rows]
        n_dots = shares.groupby(["level", "base"]).size().to_dict()
        heights = [row_in([label], 0.165 + 0.045 * n_dots.get(row, 1)) for row, label in zip(rows, labels, strict=True)]
        dots_in = sum(heights) + 0.5 + legend_in(keys)
        bars_in = (row_in(titles(result, lang), 0.27) * n + 0.28) * len(levels) + 0.2 + legend_in(fills)
        figure = sheet(result, lang, "use", dots_in + bars_in)
        dots, bars = figure.subplots(2, 1, height_ratios=(dots_in, bars_in))
        _dots(dots, rows, labels, heights, shares, result.names)
        dots.set_xlabel(say("chart.use.share", lang))
        percentages = _bars(bars, levels, split, result, lang)
        legend_above(dots, keys)
        legend_above(bars, fills)
        finish(figure, percentages)
    return figure


def _rows(shares: pd.DataFrame) -> list[tuple[str, str]]:
    """Level and base of each row from the top; a level's heading has no base; the most used team comes first."""
    most = shares.groupby(["level", "base"])["mean"].max().sort_values(ascending=False, kind="stable")
    rows = []
    for level in LEVELS:
        bases = [base for of_level, base in most.index if of_level == level]
        rows += [(level, base) for base in ["", *bases]] if bases else []
    return rows


def _row_name(level: str, base: str, names: dict[Any, str], scenarios: list[str], lang: str) -> str:
    if not base:
        return level_heading(level, lang)
    return balanced(next((names[name, base] for name in scenarios if names.get((name, base))), base), ROW_NAME_IN)


def _dots(
    axes: Axes,
    rows: list[tuple[str, str]],
    labels: list[str],
    heights: list[float],
    shares: pd.DataFrame,
    scenarios: list[str],
) -> None:
    """The rows, measured downward in inches, so that a name of two lines has its room."""
    ends = np.cumsum(heights)
    centres = ends - np.array(heights) / 2
    for y, (level, base) in zip(centres, rows, strict=True):
        here = shares[(shares["level"] == level) & (shares["base"] == base)].to_dict("records")
        here.sort(key=lambda row: scenarios.index(row["scenario"]))
        for k, row in enumerate(here):
            look = series(scenarios.index(row["scenario"]))
            at = y + (k - (len(here) - 1) / 2) * 0.072
            axes.plot([row["low"], row["high"]], [at, at], color=look.colour, lw=1.4, solid_capstyle="butt")
            axes.plot(row["mean"], at, color=look.colour, marker=look.marker, ms=5, mec="white", mew=0.5)
        if base:
            axes.axhline(y, color=RULE, lw=0.4, zorder=0)
    row_labels(axes, labels, centres.tolist())
    for (_, base), label in zip(rows, axes.get_yticklabels(), strict=True):
        label.set_fontweight("normal" if base else "bold")
    axes.set_ylim(float(ends[-1]) if len(ends) else 1.0, 0)
    axes.set_xlim(0, max(1.0, 1.04 * shares["high"].max()) if len(shares) else 1.0)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(axis="x")
    axes.axvline(1.0, color=QUIET, lw=0.8)


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
