"""How every figure looks: one page width, title and explanation above, small print below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.charts.letters import (
    BODY,
    FAMILY,
    LINE_SPACING,
    SMALL,
    SUBTITLE,
    TITLE,
    balanced,
    number,
    plain,
    shipped_fonts,
    wrapped,
)
from sim.charts.palette import INK, QUIET, RULE
from sim.charts.result import Result
from sim.language import pick, say

WIDTH_IN = 9.0
DPI = 150
MARGIN_IN = 0.3
TALLEST_IN = 13.6
"""Height of a page that is still readable on A4 paper; what needs more is drawn closer, or on several pages."""
TITLE_GAP_IN = 0.06
"""Between title and explanation."""
ROW_NAME_IN = 2.2
"""Widest name of a row before it is broken."""

Page = tuple[int, int]
"""Number of a page, and of how many."""

RC: dict[str, Any] = {
    "font.family": [FAMILY],
    "font.size": BODY,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.6,
    "axes.titlesize": BODY + 0.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": BODY - 0.5,
    "ytick.labelsize": BODY - 0.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": BODY - 0.5,
    "legend.borderaxespad": 0.0,
    "hatch.linewidth": 0.7,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "savefig.facecolor": "white",
    "svg.hashsalt": "yizhan",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's own defaults with ours on top, whatever the user's settings are; restored on leaving."""
    shipped_fonts()
    with mpl.style.context(["default", RC]):
        yield


@dataclass(frozen=True)
class _Frame:
    """The words around the body of a figure, and the heights in inches of what stands above and below it."""

    title: str
    note: str
    print_: str

    @property
    def head_in(self) -> float:
        """Margin, title and explanation, with the gaps below them."""
        return MARGIN_IN + _lines_in(self.title, TITLE) + TITLE_GAP_IN + _lines_in(self.note, SUBTITLE) + 0.16

    @property
    def foot_in(self) -> float:
        """Small print and margin, with the gap above."""
        return MARGIN_IN + _lines_in(self.print_, SMALL) + 0.14


def _lines_in(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * LINE_SPACING / 72


def _frame(result: Result, lang: str, chart: str, remarks: Sequence[str], page: Page, blanks: dict[str, Any]) -> _Frame:
    width = WIDTH_IN - 2 * MARGIN_IN
    title = say(f"chart.{chart}.title", lang)
    if page[1] > 1:
        title = say("chart.page", lang, title=title, page=page[0], n=page[1])
    return _Frame(
        wrapped(title, width, TITLE, bold=True),
        wrapped(say(f"chart.{chart}.note", lang, **blanks), width, SUBTITLE),
        "\n".join(wrapped(text, width, SMALL) for text in (*remarks, small_print(result, lang))),
    )


def room_in(
    result: Result, lang: str, chart: str, remarks: Sequence[str] = (), page: Page = (1, 1), **blanks: Any
) -> float:
    """Height in inches that a body may have on the tallest page; arguments as of :func:`sheet`."""
    frame = _frame(result, lang, chart, remarks, page, blanks)
    return TALLEST_IN - frame.head_in - frame.foot_in


def sheet(
    result: Result,
    lang: str,
    chart: str,
    body_in: float,
    remarks: Sequence[str] = (),
    page: Page = (1, 1),
    **blanks: Any,
) -> Figure:
    """An empty figure with title, explanation and small print, and ``body_in`` inches of height for axes.

    ``remarks`` go before the small print, a line each; ``blanks`` are those of the explanation.
    """
    frame = _frame(result, lang, chart, remarks, page, blanks)
    height = frame.head_in + body_in + frame.foot_in
    body = (MARGIN_IN / WIDTH_IN, frame.foot_in / height, 1 - 2 * MARGIN_IN / WIDTH_IN, body_in / height)
    layout = ConstrainedLayoutEngine(rect=body, w_pad=0.04, h_pad=0.06)
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, layout=layout)
    FigureCanvasAgg(figure)
    place: dict[str, Any] = {"x": MARGIN_IN / WIDTH_IN, "ha": "left", "va": "top", "linespacing": LINE_SPACING - 0.1}
    top = height - MARGIN_IN
    note_top = top - _lines_in(frame.title, TITLE) - TITLE_GAP_IN
    print_top = MARGIN_IN + _lines_in(frame.print_, SMALL)
    figure.text(y=top / height, s=frame.title, size=TITLE, weight="bold", **place)
    figure.text(y=note_top / height, s=frame.note, size=SUBTITLE, color=QUIET, **place)
    figure.text(y=print_top / height, s=frame.print_, size=SMALL, color=QUIET, **place)
    return figure


def small_print(result: Result, lang: str) -> str:
    """What was run: scenarios with the first eight characters of their digests, weeks, replications, seed."""
    names = say("chart.list", lang).join(f"{head.name} [{head.digest[:8]}]" for head in result.scenarios)
    return say(
        "chart.small_print",
        lang,
        scenarios=names,
        replications=result.replications,
        seed=result.seed,
        warm_up=number(result.warm_up_weeks),
        cohort=number(result.cohort_weeks),
        result=result.digest[:8] or "–",
        version=result.version,
    )


def titles(result: Result, lang: str, width_in: float = ROW_NAME_IN, *, bold: bool = False) -> list[str]:
    """The scenarios' titles in one language, broken to a width."""
    return [balanced(plain(pick(head.title, lang), lang), width_in, bold=bold) for head in result.scenarios]


def row_in(names: Sequence[str], least: float) -> float:
    """Height in inches of rows that hold their names, the longest of which may have several lines."""
    return max(least, 0.06 + 0.155 * max((name.count("\n") + 1 for name in names), default=1))


def row_labels(axes: Axes, labels: Sequence[str], at: Sequence[float] | None = None, size: float = BODY - 0.5) -> None:
    """Names of the rows of a chart, left of the axes, without ticks."""
    axes.set_yticks(range(len(labels)) if at is None else list(at))
    axes.set_yticklabels(labels, size=size, linespacing=LINE_SPACING - 0.1)
    axes.tick_params(axis="y", length=0)


def plain_ticks(axis: Axis) -> None:
    """Ticks at round numbers, written as everywhere else."""
    axis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def finish(figure: Figure, labels: Sequence[tuple[Text, Rectangle]] = ()) -> None:
    """Lay the figure out once for all, dropping labels that do not fit in their parts of a bar."""
    figure.draw_without_rendering()
    for text, part in labels:
        if text.get_window_extent().width + 3 > part.get_window_extent().width:
            text.remove()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        # The layout's solver is not exact to the last bit, and differs in it from one process to the next.
        left, bottom, width, height = (round(edge, 4) for edge in axes.get_position(original=True).bounds)
        axes.set_position((left, bottom, width, height))


def write(figure: Figure, path: Path, file_format: str) -> None:
    """The figure's bytes, which depend on nothing but the figure: no date, no program version."""
    nameless = {"png": {"Software": None}, "svg": {"Date": None, "Creator": "yizhan"}}
    metadata = nameless.get(file_format, {"CreationDate": None, "Creator": "yizhan", "Producer": None})
    with house_style():
        figure.savefig(path, format=file_format, metadata=metadata)
