"""Figures of stored results, in Chinese and English: ``CHARTS``, ``draw`` and ``save``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from sim.charts import closed, differences, journey, pyramid, use, waits, week
from sim.charts.result import Result, read_result
from sim.charts.style import write
from sim.errors import Fault, UsageError
from sim.language import LANGUAGES

FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Chart:
    """One kind of figure: its name, how it is drawn, and whether it compares scenarios."""

    name: str
    draw: Callable[[Result, str], Figure]
    compares: bool = False


CHARTS: dict[str, Chart] = {
    chart.name: chart
    for chart in (
        Chart("pyramid", pyramid.draw),
        Chart("waits", waits.draw),
        Chart("closed_where", closed.draw),
        Chart("use", use.draw),
        Chart("journey", journey.draw),
        Chart("week", week.draw),
        Chart("differences", differences.draw, compares=True),
    )
}


def draw(result_dir: Path | str, name: str, lang: str = "en") -> Figure:
    """One chart of a stored result as a matplotlib Figure (9 inches wide).

    Raises
    ------
    UsageError
        There is no such chart or language, or the chart needs more than one scenario.
    ResultError
        The folder is not a result, or lacks a table that the chart needs.
    """
    _known("chart.no_chart", [name], CHARTS)
    _known("chart.no_language", [lang], LANGUAGES)
    return CHARTS[name].draw(read_result(Path(result_dir)), lang)


def save(
    result_dir: Path | str,
    names: Sequence[str] = (),
    lang: str = "en",
    formats: Sequence[str] = ("png",),
    out: Path | str | None = None,
) -> list[Path]:
    """Draw charts (no names: all that the result allows) into ``out`` (default ``DIR/charts``).

    Files are called ``NAME-LANG.FORMAT``; each appears whole or not at all. Returns them in order.

    Raises
    ------
    UsageError, ResultError
        As :func:`draw`; or there is no such format. Nothing has been written for names, language and format.
    """
    _known("chart.no_chart", names, CHARTS)
    _known("chart.no_language", [lang], LANGUAGES)
    _known("chart.no_format", formats, FORMATS)
    result = read_result(Path(result_dir))
    folder = Path(out) if out is not None else result.folder / "charts"
    wanted = names or [chart.name for chart in CHARTS.values() if len(result.scenarios) > 1 or not chart.compares]
    written = []
    for name in wanted:
        figure = CHARTS[name].draw(result, lang)
        folder.mkdir(parents=True, exist_ok=True)
        for file_format in formats:
            path = folder / f"{name}-{lang}.{file_format}"
            unfinished = path.with_name(f".{path.name}.{os.getpid()}")
            try:
                write(figure, unfinished, file_format)
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
            written.append(path)
    return written


def _known(key: str, given: Sequence[str], known: Sequence[str] | dict[str, Chart]) -> None:
    unknown = [one for one in given if one not in known]
    if unknown:
        raise UsageError([Fault(key, {"name": one, "known": ", ".join(known)}) for one in unknown])
