"""Letters and numbers: the shipped font, how wide text is, how it is broken, how numbers are written."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import as_file, files

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import LoadFlags

from sim.language import say

FAMILY = "Yizhan Sans SC"
"""Our name for the shipped Noto Sans SC, so that a font installed under its own name cannot take its place."""
FONTS = ("NotoSansSC-Regular-gb.ttf", "NotoSansSC-Bold-gb.ttf")
TITLE, SUBTITLE, BODY, SMALL = 14.0, 9.5, 9.0, 7.0
LINE_SPACING = 1.35
THIN_SPACE = "\u00a0"
"""The no-break space is a quarter of an em in the shipped font, which has no thin space."""


@cache
def shipped_fonts() -> None:
    """Make the shipped fonts known to matplotlib, once, under our own name."""
    for name in FONTS:
        with as_file(files("sim.charts") / "fonts" / name) as path:
            fontManager.addfont(path)
        fontManager.ttflist[-1] = replace(fontManager.ttflist[-1], name=FAMILY)


@cache
def _advance_em(letter: str, *, bold: bool) -> float:
    shipped_fonts()
    font = get_font(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal")))
    font.set_size(100, 72)
    return font.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536 / 100


@lru_cache(maxsize=2**16)
def text_width_in(text: str, size: float, *, bold: bool = False) -> float:
    """Width in inches of one line of text in the shipped font at ``size`` points, kerning left out.

    >>> round(text_width_in("街道", 36), 3), round(text_width_in("街道", 36, bold=True), 3)
    (1.0, 1.0)
    """
    return sum(_advance_em(letter, bold=bold) for letter in text) * size / 72


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
    places = min(6, max(0, 2 - math.floor(math.log10(abs(value))))) if value else 0
    text = f"{abs(value):,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    sign = "−" if value < 0 and text != "0" else ""
    return sign + text.replace(",", THIN_SPACE)


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.5), percent(0.04), percent(0.0004), percent(0)
    ('50%', '4.0%', '0.04%', '0%')
    """
    return f"{percent_figures(share)}%"


def decimals(means: Collection[float]) -> int:
    """Decimal places of all numbers of a figure: so many that the largest has three figures.

    >>> decimals([0.297, 1.24]), decimals([0.297]), decimals([5.0, 160.0]), decimals([])
    (2, 3, 0, 0)
    """
    high = max((mean for mean in means if math.isfinite(mean)), default=0.0)
    return max(0, 2 - math.floor(math.log10(high))) if high > 0 else 0


def percent_figures(share: float) -> str:
    """The figures of a share as a percentage, or of a difference of shares in percentage points.

    >>> percent_figures(0.137), percent_figures(0.04)
    ('14', '4.0')
    """
    value = 100 * share
    places = 0 if value == 0 or abs(value) >= 9.95 else 1 if abs(value) >= 0.095 else 2
    return f"{value:.{places}f}"


def plain(text: str, lang: str) -> str:
    """Text without what is a character wide in a Chinese font: curly quotes in English, the blanks beside a dot.

    >>> plain("street · idle", "en"), plain("街道 · 空闲", "zh")
    ('street / idle', '街道·空闲')
    """
    return text.replace(" · ", "·") if lang == "zh" else text.translate(str.maketrans("‘’“”·", "''\"\"/"))


def level_heading(level: str, lang: str) -> str:
    """A level's name as a heading.

    >>> level_heading("street", "en"), level_heading("street", "zh")
    ('Street', '街道')
    """
    return say(f"level.{level}", lang).capitalize()
