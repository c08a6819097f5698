"""Figures of stored results, in Chinese and English: ``CHARTS``, ``draw`` and ``save``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from sim.charts import (
    closed,
    differences,
    flows,
    journey,
    pyramid,
    structures,
    systems,
    tornado,
    use,
    waits,
    waterfall,
    week,
)
from sim.charts.levers import lines, plane, shifts
from sim.charts.levers.table import DEMAND, NUMBER, STAFF, TASKS, UNFINISHED, UNIT_WAIT, varied
from sim.charts.result import Result, read_result
from sim.charts.style import write
from sim.errors import Fault, UsageError
from sim.language import LANGUAGES

FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Chart:
    """One kind of figure: its name, how it is drawn (what does not fit on one page: as several), and what it needs.

    ``compares``: more than one scenario. ``varies``: paths of factors that a sweep varies over a full grid (none: the
    figure is one of runs and comparisons). ``measures``: what the sweep has kept. ``of``: the part of an
    experiment without which there is nothing to draw (``parts``, ``mechanisms``).
    """

    name: str
    draw: Callable[[Result, str], Figure | list[Figure]]
    compares: bool = False
    varies: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    of: str = ""

    def pages(self, result: Result, lang: str) -> list[Figure]:
        """The figure's pages; most have one."""
        drawn = self.draw(result, lang)
        return drawn if isinstance(drawn, list) else [drawn]

    def goes_with(self, result: Result) -> bool:
        """Whether a result is of the kind that the figure is drawn of."""
        if self.of:
            return bool(result.manifest.get(self.of))
        if (result.command == "sweep") != bool(self.varies):
            return False
        kept = result.manifest.get("measures", ())
        return set(self.varies) <= varied(result.manifest) and set(self.measures) <= {*kept}


CHARTS: dict[str, Chart] = {
    chart.name: chart
    for chart in (
        Chart("pyramid", pyramid.draw),
        Chart("structures", structures.draw),
        Chart("waits", waits.draw),
        Chart("closed_where", closed.draw),
        Chart("flows", flows.draw),
        Chart("use", use.draw),
        Chart("journey", journey.draw),
        Chart("week", week.draw),
        Chart("differences", differences.draw, compares=True),
        Chart("systems", systems.draw, compares=True),
        Chart("waterfall", waterfall.draw, of="parts"),
        Chart("tornado", tornado.draw, of="mechanisms"),
        Chart("lever_staff", lines.draw_staff, varies=(STAFF,), measures=(UNFINISHED,)),
        Chart("lever_size", lines.draw_size, varies=(NUMBER,), measures=(UNFINISHED,)),
        Chart("lever_staff_tasks", lines.draw_staff_tasks, varies=(STAFF,), measures=(UNFINISHED, TASKS)),
        Chart("lever_size_tasks", lines.draw_size_tasks, varies=(NUMBER,), measures=(UNFINISHED, TASKS)),
        Chart("lever_map", plane.draw, varies=(STAFF, NUMBER), measures=(UNFINISHED, UNIT_WAIT)),
        Chart("lever_demand", shifts.draw, varies=(STAFF, NUMBER, DEMAND), measures=(UNFINISHED,)),
    )
}


def draw(result_dir: Path | str, name: str, lang: str = "en", page: int = 1) -> Figure:
    """One chart of a stored result as a matplotlib Figure (9 inches wide); of a chart of several pages, one of them.

    Raises
    ------
    UsageError
        There is no such chart, language or page, or the chart needs another kind of result.
    ResultError
        The folder is not a result, or lacks a table that the chart needs.
    """
    _known("chart.no_chart", [name], CHARTS)
    _known("chart.no_language", [lang], LANGUAGES)
    result = read_result(Path(result_dir))
    _fitting([name], result)
    pages = CHARTS[name].pages(result, lang)
    if not 1 <= page <= len(pages):
        raise UsageError(Fault("chart.no_page", {"name": name, "page": page, "n": len(pages)}))
    return pages[page - 1]


def save(
    result_dir: Path | str,
    names: Sequence[str] = (),
    lang: str = "en",
    formats: Sequence[str] = ("png",),
    out: Path | str | None = None,
) -> list[Path]:
    """Draw charts (no names: all that the result allows) into ``out`` (default ``DIR/charts``).

    Files are called ``NAME-LANG.FORMAT``, pages ``NAME-1-LANG.FORMAT`` and so on; each appears whole or not at all.
    Returns them in order.

    Raises
    ------
    UsageError, ResultError
        As :func:`draw`; there is no such format; no chart goes with the result. Nothing has been written for these.
    """
    _known("chart.no_chart", names, CHARTS)
    _known("chart.no_language", [lang], LANGUAGES)
    _known("chart.no_format", formats, FORMATS)
    result = read_result(Path(result_dir))
    folder = Path(out) if out is not None else result.folder / "charts"
    _fitting(names, result)
    wanted = names or [name for name in _drawn_of(result) if len(result.scenarios) > 1 or not CHARTS[name].compares]
    if not wanted:
        raise UsageError(Fault("chart.none", {}, str(result.folder)))
    written = []
    for name in wanted:
        pages = CHARTS[name].pages(result, lang)
        folder.mkdir(parents=True, exist_ok=True)
        for number, figure in enumerate(pages, start=1):
            stem = f"{name}-{number}" if len(pages) > 1 else name
            for file_format in formats:
                written.append(folder / f"{stem}-{lang}.{file_format}")
                _write_whole(figure, written[-1], file_format)
    return written


def _write_whole(figure: Figure, path: Path, file_format: str) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(figure, unfinished, file_format)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _drawn_of(result: Result) -> list[str]:
    """Names of the charts that go with a result."""
    return [chart.name for chart in CHARTS.values() if chart.goes_with(result)]


def _fitting(names: Sequence[str], result: Result) -> None:
    known = _drawn_of(result)
    wrong = [name for name in names if name not in known]
    if wrong:
        told = ", ".join(known) or "–"
        where = str(result.folder)
        raise UsageError([Fault("chart.wrong_result", {"name": name, "known": told}, where) for name in wrong])


def _known(key: str, given: Sequence[str], known: Sequence[str] | dict[str, Chart]) -> None:
    unknown = [one for one in given if one not in known]
    if unknown:
        raise UsageError([Fault(key, {"name": one, "known": ", ".join(known)}) for one in unknown])
