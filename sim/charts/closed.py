"""Where residents' cases are closed: at the community, the street, a department, or not at all."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from sim.charts.letters import SMALL, number
from sim.charts.marks import fill_handles, legend_above, stacked
from sim.charts.palette import LEVEL_FILLS, QUIET
from sim.charts.result import Result
from sim.charts.style import finish, house_style, row_in, row_labels, sheet, titles
from sim.language import has, say

PLACES = tuple(LEVEL_FILLS)


def places_of_closing(journeys: pd.DataFrame) -> pd.DataFrame:
    """Residents' cases counted by ``scenario``, ``channel`` (rows, ``""``: all channels) and place of closing.

    A case is closed at the farthest level that worked on it; what was given up or is open is not closed.
    """
    cases = journeys[journeys["kind"] == "resident"]
    closed = (cases["outcome"] == "closed") & cases["level"].isin(PLACES)
    place = cases["level"].astype(str).where(closed, "not_closed").rename("place")
    overall = pd.crosstab([cases["scenario"], pd.Series("", cases.index, name="channel")], place)
    by_channel = pd.crosstab([cases["scenario"], cases["channel"].astype(str)], place)
    return pd.concat([overall, by_channel]).reindex(columns=list(PLACES), fill_value=0).fillna(0)


def draw(result: Result, lang: str) -> Figure:
    """Stacked bars of the place of closing of cases opened in the cohort, overall and by channel."""
    journeys = result.table("journeys.parquet", ("scenario", "kind", "channel", "opened_s", "outcome", "level"))
    first, last = result.cohort_s
    counts = places_of_closing(journeys[journeys["opened_s"].between(first, last, inclusive="left")])
    channels = list(dict.fromkeys(counts.index.get_level_values("channel")))
    channels.sort(key=lambda name: (name != "", -counts.xs(name, level="channel").to_numpy().sum()))
    n = len(result.names)
    with house_style():
        rows = titles(result, lang)
        block_in = row_in(rows, 0.28) * n + 0.42
        figure = sheet(result, lang, "closed_where", block_in * max(1, len(channels)) + 0.5)
        panels = figure.subplots(max(1, len(channels)), 1, squeeze=False, sharex=True)[:, 0]
        labels = []
        for axes, channel in zip(panels, channels, strict=False):
            words = say("chart.closed_where.all", lang) if not channel else _channel(channel, lang)
            axes.set_title(words)
            for y, name in enumerate(result.names):
                if (name, channel) not in counts.index:
                    continue
                row = counts.loc[(name, channel)]
                labels += stacked(axes, y, list(row / row.sum()), list(LEVEL_FILLS.values()), height=0.76)
                cases = say("chart.closed_where.cases", lang, n=number(row.sum() / result.replications))
                axes.text(1.01, y, cases, va="center", size=SMALL + 1, color=QUIET)
            axes.set(xlim=(0, 1), ylim=(n - 0.5, -0.5), xticks=[])
            row_labels(axes, rows)
            axes.spines[:].set_visible(False)
        names = [say(f"level.{name}" if name != "not_closed" else "chart.closed_where.open", lang) for name in PLACES]
        legend_above(panels[0], fill_handles(names, list(LEVEL_FILLS.values())), above_in=0.26)
        finish(figure, labels)
    return figure


def _channel(channel: str, lang: str) -> str:
    key = f"chart.channel.{channel}"
    return say(key, lang) if has(key) else channel
