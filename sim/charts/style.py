"""How every figure looks: one shipped font, few colours of distinct lightness, plain words, small print."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from sim.charts.result import Result
from sim.language import pick, say

FAMILY = "Yizhan Sans SC"
"""Our name for the shipped Noto Sans SC, so that a font installed under its own name cannot take its place."""
FONTS = ("NotoSansSC-Regular-gb.ttf", "NotoSansSC-Bold-gb.ttf")
WIDTH_IN = 9.0
DPI = 150
MARGIN_IN = 0.3
ROW_NAME_IN = 2.2
"""Widest name of a row before it is broken."""
MEASURE_DPI = 1000
TITLE, SUBTITLE, BODY, SMALL = 14.0, 9.5, 9.0, 7.0
LINE_SPACING = 1.35
INK, QUIET, RULE, SHADE = "#1a1a1a", "#595959", "#d4d4d4", "#efefef"
THIN_SPACE = "\u00a0"
"""The no-break space is a quarter of an em in the shipped font, which has no thin space."""

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


@dataclass(frozen=True)
class Series:
    """How one scenario is told from another in colour, in grey, and without either."""

    colour: str
    line: Literal["-"] | tuple[float, tuple[float, ...]]
    marker: str


SERIES = (
    Series("#0072b2", "-", "o"),
    Series("#e69f00", (0, (5.0, 1.6)), "s"),
    Series("#000000", (0, (1.2, 1.4)), "^"),
    Series("#009e73", (0, (6.0, 1.5, 1.2, 1.5)), "D"),
    Series("#7a2e5d", (0, (3.0, 1.2, 1.0, 1.2, 1.0, 1.2)), "v"),
)
"""Blue, orange, black and green of Okabe and Ito (2008), and a dark purple: lightness 46, 71, 0, 58, 31."""


@dataclass(frozen=True)
class Fill:
    """How one part of a stacked bar is filled."""

    colour: str
    hatch: str = ""


LEVEL_FILLS = {
    "community": Fill("#8cc9ef"),
    "street": Fill("#0072b2"),
    "department": Fill("#16263f"),
    "not_closed": Fill("#ffffff", "/////"),
}
WAIT_FILLS = (Fill("#e9eff5"), Fill("#b4cee4"), Fill("#76a5cd"), Fill("#3a74a9"), Fill("#153a61"))
TIME_FILLS = {
    "counter": Fill("#0b3c66"),
    "desk": Fill("#e69f00"),
    "field": Fill("#00755a"),
    "meeting": Fill("#e8bfd8", "////"),
    "leave": Fill("#9c9c9c", "...."),
    "idle": Fill("#ffffff"),
}


def series(position: int) -> Series:
    """The look of the scenario at a position; after the fifth, looks come round again with open line ends."""
    return SERIES[position % len(SERIES)]


@cache
def _shipped_fonts() -> None:
    for name in FONTS:
        with as_file(files("sim.charts") / "fonts" / name) as path:
            fontManager.addfont(path)
        fontManager.ttflist[-1] = replace(fontManager.ttflist[-1], name=FAMILY)


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's own defaults with ours on top, whatever the user's settings are; restored on leaving."""
    _shipped_fonts()
    with mpl.style.context(["default", RC]):
        yield


def text_width_in(text: str, size: float, *, bold: bool = False) -> float:
    """Width in inches of one line of text in the shipped font, at ``size`` points."""
    font = get_font(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal")))
    font.set_size(size, MEASURE_DPI)
    font.set_text(text, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64 / MEASURE_DPI


_PIECE = re.compile(r"\s*[（“「『《]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[，。、；：！？）”」』》]*")
"""What is not broken: a word or a Chinese character, with the brackets and stops that belong to it."""


def wrapped(text: str, width_in: float, size: float = BODY, *, bold: bool = False) -> str:
    """Text broken into lines no wider than ``width_in``: between words, or between Chinese characters."""
    lines: list[str] = [""]
    for piece in _PIECE.findall(text):
        longer = lines[-1] + piece
        if lines[-1] and text_width_in(longer, size, bold=bold) > width_in:
            lines.append(piece.lstrip())
        else:
            lines[-1] = longer if lines[-1] else piece.lstrip()
    return "\n".join(lines)


def balanced(text: str, width_in: float, size: float = BODY, *, bold: bool = False) -> str:
    """As :func:`wrapped`, with no more lines, but of nearly equal width: for names and headings."""
    best = wrapped(text, width_in, size, bold=bold)
    for tenths in range(9, 3, -1):
        narrower = wrapped(text, width_in * tenths / 10, size, bold=bold)
        if narrower.count("\n") > best.count("\n"):
            break
        best = narrower
    return best


def number(value: float) -> str:
    r"""Three figures that matter, thousands parted by a thin space.

    >>> number(18000), number(12.34), number(0.1234), number(-3.0)
    ('18\xa0000', '12.3', '0.123', '−3')
    """
    if not math.isfinite(value):
        return "–"
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    text = f"{abs(value):,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    sign = "−" if value < 0 and text != "0" else ""
    return sign + text.replace(",", THIN_SPACE)


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.5), percent(0.004), percent(0)
    ('50%', '0.4%', '0%')
    """
    value = 100 * share
    return f"{value:.0f}%" if value == 0 or abs(value) >= 9.95 else f"{value:.1f}%"


def sheet(result: Result, lang: str, chart: str, body_in: float, **blanks: Any) -> Figure:
    """An empty figure with title, explanation and small print, and ``body_in`` inches of height for axes."""
    width = WIDTH_IN - 2 * MARGIN_IN
    title = wrapped(say(f"chart.{chart}.title", lang), width, TITLE, bold=True)
    note = wrapped(say(f"chart.{chart}.note", lang, **blanks), width, SUBTITLE)
    print_ = wrapped(small_print(result, lang), width, SMALL)
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
    return [balanced(pick(head.title, lang), width_in, bold=bold) for head in result.scenarios]


def stacked(
    axes: Axes, y: float, shares: Sequence[float], fills: Sequence[Fill], height: float = 0.72
) -> list[tuple[Text, Rectangle]]:
    """One stacked horizontal bar of shares from 0, each part labelled with its percentage.

    Returns the labels with their parts, for :func:`finish` to drop those that do not fit.
    """
    labels = []
    left = 0.0
    for share, fill in zip(shares, fills, strict=True):
        part = Rectangle((left, y - height / 2), share, height, facecolor=fill.colour, clip_on=False, **_edge(fill))
        if fill.hatch:
            part.set_hatch(fill.hatch)
        axes.add_patch(part)
        if share > 0:
            text = axes.text(
                left + share / 2, y, percent(share), ha="center", va="center", size=BODY - 1.5, color=_on(fill.colour)
            )
            if fill.hatch:
                text.set_bbox({"facecolor": fill.colour, "edgecolor": "none", "pad": 1.2})
            labels.append((text, part))
        left += share
    return labels


def _edge(fill: Fill) -> dict[str, Any]:
    if fill.hatch or lightness(fill.colour) > 90:
        return {"edgecolor": QUIET, "hatchcolor": QUIET, "linewidth": 0.5}
    return {"edgecolor": "white", "linewidth": 0.7}


def fill_handles(names: Sequence[str], fills: Sequence[Fill]) -> list[Artist]:
    """Legend entries of the parts of a stacked bar."""
    return [
        Patch(facecolor=fill.colour, hatch=fill.hatch * 2 if fill.hatch else None, label=name, **_edge(fill))
        for name, fill in zip(names, fills, strict=True)
    ]


def series_handles(names: Sequence[str], first: int = 0, *, line: bool = True, marker: bool = True) -> list[Artist]:
    """Legend entries of scenarios, the first of which stands at position ``first``."""
    looks = [series(first + position) for position in range(len(names))]
    return [
        Line2D(
            [],
            [],
            color=look.colour,
            linestyle=look.line if line else "",
            linewidth=1.8,
            marker=look.marker if marker else "",
            markersize=5,
            label=name,
        )
        for look, name in zip(looks, names, strict=True)
    ]


def _legend_columns(handles: Sequence[Artist]) -> int:
    """All in one row if they fit beside the longest row names, else in columns of equal width."""
    room = WIDTH_IN - 2 * MARGIN_IN - ROW_NAME_IN
    widths = [
        max(text_width_in(row, BODY) for row in str(handle.get_label()).split("\n"))
        + (0.66 if isinstance(handle, Line2D) else 0.53)
        for handle in handles
    ]
    return len(handles) if sum(widths) < room else max(1, int(room / max(widths)))


def legend_in(handles: Sequence[Artist]) -> float:
    """Height of a legend in inches."""
    columns = _legend_columns(handles)
    rows = [handles[first : first + columns] for first in range(0, len(handles), columns)]
    lines = sum(max(str(handle.get_label()).count("\n") + 1 for handle in row) for row in rows)
    return 0.08 + 0.19 * lines


def legend_above(axes: Axes, handles: Sequence[Artist], above_in: float = 0.0) -> None:
    """A legend over the axes, read by rows, ``above_in`` inches higher where a title stands between."""
    figure = axes.figure
    columns = _legend_columns(handles)
    has_lines = any(isinstance(handle, Line2D) and handle.get_linestyle() != "None" for handle in handles)
    legend = axes.legend(
        handles=[handle for column in range(columns) for handle in handles[column::columns]],
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        bbox_transform=axes.transAxes + ScaledTranslation(0.0, above_in, figure.dpi_scale_trans),
        ncols=columns,
        handlelength=3.0 if has_lines else 2.0,
        columnspacing=1.6,
        borderpad=0.4,
    )
    for text in legend.get_texts():
        text.set_linespacing(LINE_SPACING - 0.1)


def row_in(names: Sequence[str], least: float) -> float:
    """Height in inches of rows that hold their names, the longest of which may have several lines."""
    return max(least, 0.06 + 0.155 * max((name.count("\n") + 1 for name in names), default=1))


def level_heading(level: str, lang: str) -> str:
    """A level's name as a heading.

    >>> level_heading("street", "en"), level_heading("street", "zh")
    ('Street', '街道')
    """
    return say(f"level.{level}", lang).capitalize()


def row_labels(axes: Axes, labels: Sequence[str], at: Sequence[float] | None = None) -> None:
    """Names of the rows of a chart, left of the axes, without ticks."""
    axes.set_yticks(range(len(labels)) if at is None else list(at))
    axes.set_yticklabels(labels, size=BODY - 0.5, linespacing=LINE_SPACING - 0.1)
    axes.tick_params(axis="y", length=0)


def lightness(colour: str) -> float:
    """CIE L* of a colour (0 black, 100 white): what is left of it in a grey print."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def _on(colour: str) -> str:
    return "white" if lightness(colour) < 60 else INK


def finish(figure: Figure, labels: Sequence[tuple[Text, Rectangle]] = ()) -> None:
    """Lay the figure out once for all, dropping labels that do not fit in their parts of a bar."""
    figure.draw_without_rendering()
    for text, part in labels:
        if text.get_window_extent().width + 3 > part.get_window_extent().width:
            text.remove()
    figure.set_layout_engine("none")
    figure.draw_without_rendering()


def write(figure: Figure, path: Path, file_format: str) -> None:
    """The figure's bytes, which depend on nothing but the figure: no date, no program version."""
    nameless = {"png": {"Software": None}, "svg": {"Date": None, "Creator": "yizhan"}}
    metadata = nameless.get(file_format, {"CreationDate": None, "Creator": "yizhan", "Producer": None})
    with house_style():
        figure.savefig(path, format=file_format, metadata=metadata)
