"""How every figure looks: one page width, title and explanation above, small print below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
ROW_NAME_IN = 2.2
"""Widest name of a row before it is broken."""

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


def sheet(result: Result, lang: str, chart: str, body_in: float, remarks: Sequence[str] = (), **blanks: Any) -> Figure:
    """An empty figure with title, explanation and small print, and ``body_in`` inches of height for axes.

    ``remarks`` go before the small print, a line each; ``blanks`` are those of the explanation.
    """
    width = WIDTH_IN - 2 * MARGIN_IN
    title = wrapped(say(f"chart.{chart}.title", lang), width, TITLE, bold=True)
    note = wrapped(say(f"chart.{chart}.note", lang, **blanks), width, SUBTITLE)
    print_ = "\n".join(wrapped(text, width, SMALL) for text in (*remarks, small_print(result, lang)))
    title_in, note_in, print_in = (
        (text.count("\n") + 1) * size * LINE_SPACING / 72
        for text, size in ((title, TITLE), (note, SUBTITLE), (print_, SMALL))
    )
    head = MARGIN_IN + title_in + 0.06 + note_in + 0.16
    foot = MARGIN_IN + print_in + 0.14
    height = head + body_in + foot
    body = (MARGIN_IN / WIDTH_IN, foot / height, width / WIDTH_IN, body_in / height)
    layout = ConstrainedLayoutEngine(rect=body, w_pad=0.04, h_pad=0.06)
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, layout=layout)
    FigureCanvasAgg(figure)
    place: dict[str, Any] = {"x": MARGIN_IN / WIDTH_IN, "ha": "left", "va": "top", "linespacing": LINE_SPACING - 0.1}
    top = height - MARGIN_IN
    figure.text(y=top / height, s=title, size=TITLE, weight="bold", **place)
    figure.text(y=(top - title_in - 0.06) / height, s=note, size=SUBTITLE, color=QUIET, **place)
    figure.text(y=(MARGIN_IN + print_in) / height, s=print_, size=SMALL, color=QUIET, **place)
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


def row_labels(axes: Axes, labels: Sequence[str], at: Sequence[float] | None = None) -> None:
    """Names of the rows of a chart, left of the axes, without ticks."""
    axes.set_yticks(range(len(labels)) if at is None else list(at))
    axes.set_yticklabels(labels, size=BODY - 0.5, linespacing=LINE_SPACING - 0.1)
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
