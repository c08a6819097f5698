"""The short page that the command line prints of a sweep: the best points, and how many cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim import page, terminal
from sim.experiment.sweep.best import UNFINISHED, circumstances, edges, levers
from sim.experiment.sweep.result import SweepResult
from sim.language import pick, say
from sim.measures import MAIN_MEASURE, MEASURES, group_label
from sim.measures.verdicts import UNFINISHED_MOST_SHARE, keeps_up

MOST_COLUMNS = 6
"""Measures for which the page of mechanisms has room; ablation.csv has all."""
ABLATED = ("wait_visit_min", "close_days/counter", "close_days/hotline", "close_days/grid", "task_missed_share")
"""What is shown beside the main measure when mechanisms are switched off, unless the experiment says."""


def show(result: SweepResult, folder: Path, lang: str) -> None:
    """Print the question, the best point of each scenario by the main measure, and where the tables are."""
    manifest = result.manifest
    if result.reused:
        terminal.tell(say("cli.reused", lang, folder=folder))
    terminal.tell(f"{manifest['experiment']}: {pick(manifest['question'], lang)}")
    terminal.tell("")
    if "streets" in manifest:
        _streets(result, folder, lang)
        return
    if manifest.get("mechanisms"):
        _mechanisms(result, lang)
    else:
        (_parts if manifest.get("parts") else _best)(result, lang)
    terminal.tell("")
    terminal.tell(say("cli.sweep.points", lang, n=manifest["points"], infeasible=manifest["infeasible"]))
    terminal.tell(say("cli.sweep.base", lang, base=manifest["base_point"], point=_base(result, lang)))
    page.tell_run(manifest, lang)
    page.tell_end(manifest, folder, lang)


def _base(result: SweepResult, lang: str) -> str:
    """The point that others are compared with in words: its scenario and its value of each factor it has."""
    row = result.points.set_index("point").loc[result.manifest["base_point"]]
    values = [(pick(factor["label"], lang), row[factor["name"]]) for factor in result.manifest["factors"]]
    known = [f"{label} {value}" for label, value in values if not pd.isna(value)]
    return say("chart.list", lang).join([str(row["scenario"]), *known])


def _parts(result: SweepResult, lang: str) -> None:
    """What each part of a reform did to the main measure: a row before, one a part, a row after."""
    measure, table = result.manifest["main_measure"], result.attribution
    labels = {factor["name"]: pick(factor["label"], lang) for factor in result.manifest["factors"]}
    rows = table[(table["measure"] == measure) & (table["group"] == "")]
    unit = MEASURES[measure].unit
    title = say("cli.parts.header", lang, measure=say(f"measure.{measure}", lang), unit=page.unit_words(unit, lang))
    lines = [
        [
            labels.get(str(row.part)) or say(f"chart.waterfall.{row.part}", lang),
            f"{page.amount(row.mean, unit)} {page.interval(row.low, row.high, unit)}",
            page.amount(row.alone, unit),
            page.amount(row.last, unit),
        ]
        for row in rows.itertuples()
    ]
    header = [title, *(say(f"cli.parts.{name}", lang) for name in ("mean", "alone", "last"))]
    terminal.show_table(header, lines)


def _mechanisms(result: SweepResult, lang: str) -> None:
    """What becomes of the main measure, and of the others shown first, when each mechanism is switched off alone."""
    manifest, table = result.manifest, result.ablation
    main = dict.fromkeys([manifest["main_measure"], MAIN_MEASURE, *ABLATED])
    named = (manifest.get("shown") or list(main))[:MOST_COLUMNS]
    shown = [(name, group) for name, _, group in (each.partition("/") for each in named)]
    names = [page.label(name, group, MEASURES[name].unit, lang) for name, group in shown]
    for scenario in manifest["scenarios"]:
        here = table[table["scenario"] == scenario["name"]]
        cells = {(row.without, (row.measure, row.group)): row for row in here.itertuples()}
        first = {key: row.whole for (_, key), row in cells.items()}
        whole = [page.amount(first[key], MEASURES[key[0]].unit) if key in first else page.NOTHING for key in shown]
        lines = [[say("cli.mechanisms.whole", lang), *whole]]
        for mechanism, words in manifest["mechanisms"].get(scenario["name"], {}).items():
            changes = [cells.get((mechanism, key)) for key in shown]
            off = say("cli.mechanisms.off", lang, mechanism=pick(words["name"], lang))
            lines.append([off, *(_change(row) if row else page.NOTHING for row in changes)])
        terminal.show_table([pick(scenario["title"], lang), *names], lines)
        terminal.tell("")
    terminal.tell(say("cli.mechanisms.method", lang, mark=page.NOT_APART.strip()))


def _change(row: Any) -> str:
    """A paired change with half its interval."""
    unit = MEASURES[row.measure].unit
    return page.plus_minus(row.difference, row.low, row.high, unit)


def _streets(result: SweepResult, folder: Path, lang: str) -> None:
    """The measures of a table of streets: all of them, and each band of community size."""
    table = result.measures
    size = table["group"].str.extract(r"^(size:[^/]*)?/?(.*)$").fillna("")
    bands = list(dict.fromkeys(size[0]))
    names = [say(f"cli.streets.{band.removeprefix('size:') or 'all'}", lang) for band in bands]
    lines = []
    for (measure, group), rows in table.groupby(["measure", size[1]], sort=False):
        unit = rows["unit"].iloc[0]
        by_band = dict(zip(size[0][rows.index], rows["value"], strict=True))
        label = say("cli.streets.n", lang) if measure == "n_streets" else say(f"measure.{measure}", lang)
        label += say("cli.of_group", lang, group=group_label(str(group), lang)) if group else ""
        lines.append(
            [
                f"{label} ({page.unit_words(unit, lang)})",
                *(page.amount(by_band.get(band, math.nan), unit) for band in bands),
            ]
        )
    terminal.show_table([say("cli.streets.header", lang), *names], lines)
    terminal.tell("")
    manifest = result.manifest
    terminal.tell(say("cli.streets.ran", lang, n=manifest["streets"], seed=manifest["seed"],
                      cohort=f"{manifest['cohort_weeks']:g}", warm_up=f"{manifest['warm_up_weeks']:g}"))  # fmt: skip
    page.tell_end(manifest, folder, lang)


def _best(result: SweepResult, lang: str) -> None:
    """A row for each scenario under each of its circumstances."""
    measure = result.manifest["main_measure"]
    rows = result.best[result.best["measure"] == measure]
    if rows.empty:
        terminal.tell(say("cli.sweep.no_best", lang))
        return
    labels = {factor["name"]: pick(factor["label"], lang) for factor in result.manifest["factors"]}
    unit = MEASURES[measure].unit
    title = say("cli.sweep.best", lang, measure=say(f"measure.{measure}", lang), unit=page.unit_words(unit, lang))
    header = [title, say("cli.sweep.point", lang), *labels.values(), say("cli.column.mean", lang)]
    limits = result.comparison[result.comparison["measure"].eq(measure) & result.comparison["group"].eq("")]
    intervals = limits.set_index("point")
    lines = []
    for best, family in rows.groupby("best"):
        row = family[family["point"] == best].iloc[0]
        values = ["" if pd.isna(row[name]) else str(row[name]) for name in labels]
        low, high = intervals.loc[best, "low"], intervals.loc[best, "high"]
        n_alike = int((~family["told_apart"].astype(bool)).sum())
        alike = say("cli.sweep.of", lang, n=n_alike, total=len(family))
        cells = [page.amount(row["mean"], unit), page.interval(low, high, unit), alike]
        lines.append([row["scenario"], str(best), *values, *cells])
    header += [say("cli.column.interval", lang), say("cli.sweep.alike", lang)]
    terminal.show_table(header, lines)
    terminal.tell(say("cli.sweep.method", lang))
    _undominated(result, labels, lang)
    overloaded = _behind(result, lang)
    for point in sorted(set(rows["best"]) & overloaded):
        terminal.tell(say("cli.note", lang, text=say("cli.sweep.best_overloaded", lang, point=point)))
    for scenario, names in _at_edges(result, sorted(set(rows["best"]))).items():
        words = say("chart.list", lang).join(labels[name] for name in names)
        terminal.tell(say("cli.note", lang, text=say("cli.sweep.edge", lang, scenario=scenario, factors=words)))


def _behind(result: SweepResult, lang: str) -> set[int]:
    """Tell the points that do not keep up: at which cases pile up, and (returned) at which work exceeds time."""
    table = result.comparison
    unfinished = table[table["measure"].eq(UNFINISHED) & table["group"].eq("")]
    piling = unfinished.loc[~unfinished["mean"].map(keeps_up), "point"]
    is_overloaded = result.points["overloaded"].astype(str).str.lower() == "true"
    overloaded = result.points.loc[is_overloaded, "point"]
    most = f"{UNFINISHED_MOST_SHARE:.0%}"
    for kind, points in (("behind", piling), ("overloaded", overloaded)):
        if len(points):
            told = {"n": len(points), "points": page.ranges(points), "most": most}
            terminal.tell(say(f"cli.sweep.{kind}", lang, **told))
    return set(overloaded)


def _undominated(result: SweepResult, labels: Mapping[str, str], lang: str) -> None:
    """The points that no other beats when the measures with a best point are taken together, under own circumstances.

    Nothing is told where there is one such measure only.
    """
    measures = list(dict.fromkeys(result.best["measure"]))
    if len(measures) < 2:
        return
    here = _as_the_files_have_it(result)
    left = here[here["dominated"].astype(str).str.lower() == "false"]
    names = [f"{say(f'measure.{name}', lang)} ({page.unit_words(MEASURES[name].unit, lang)})" for name in measures]
    lines = []
    for point, rows in left.groupby("point"):
        means = dict(zip(rows["measure"], rows["mean"], strict=True))
        values = ["" if pd.isna(rows[name].iloc[0]) else str(rows[name].iloc[0]) for name in labels]
        cells = [page.amount(means[name], MEASURES[name].unit) for name in measures]
        lines.append([rows["scenario"].iloc[0], str(point), *values, *cells])
    terminal.tell("")
    terminal.show_table(
        [say("cli.sweep.undominated", lang), say("cli.sweep.point", lang), *labels.values(), *names], lines
    )
    terminal.tell(say("cli.sweep.undominated_method", lang, n=len(lines), total=here["point"].nunique()))


def _as_the_files_have_it(result: SweepResult) -> pd.DataFrame:
    """The rows of ``best.csv`` under the circumstances of each scenario's own file, if they were among those tried."""
    table = result.best
    kept = pd.Series(data=True, index=table.index)
    for scenario in result.manifest["scenarios"]:
        is_here = table["scenario"].eq(scenario["name"])
        for name in circumstances(result.manifest):
            is_own = table[name].eq(scenario["values"][name])
            if (is_here & is_own).any():
                kept &= ~is_here | is_own
    return table[kept]


def _at_edges(result: SweepResult, best: list[int]) -> dict[str, list[str]]:
    """The levers at whose edge one of the best points of a scenario stands, by scenario."""
    levels = levers(result.manifest)
    found: dict[str, list[str]] = {}
    for point in best:
        scenario = result.points.loc[result.points["point"] == point, "scenario"].iloc[0]
        known = found.setdefault(scenario, [])
        known += [name for name in edges(result.points, levels, point) if name not in known]
    return {scenario: names for scenario, names in found.items() if names}
