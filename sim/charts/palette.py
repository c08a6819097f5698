"""Few colours, each of a lightness of its own, so that a grey print and a colour-blind reader lose nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

INK, QUIET, RULE, SHADE, WEEKEND = "#1a1a1a", "#595959", "#d4d4d4", "#efefef", "#f3f3f3"


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
    Series("#00227a", (0, (9.0, 1.4)), "P"),
)
"""Blue, orange, black, green of Okabe and Ito (2008), dark purple and dark blue: lightness 46, 71, 0, 58, 32, 18."""


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
WAIT_FILLS = (Fill("#eef3f8"), Fill("#b4cee4"), Fill("#76a5cd"), Fill("#3a74a9"), Fill("#153a61"))
PART_FILLS = {
    "unseen_s": Fill("#7a2e5d", "\\\\\\\\"),
    "seemed_s": Fill("#e8bfd8", "xxxx"),
    "queue_s": Fill("#e69f00"),
    "work_time_s": Fill("#0b3c66"),
    "closed_hours_s": Fill("#f0f0f0"),
    "hand_off_s": Fill("#7d7d7d"),
    "gate_s": Fill("#dcdcdc", "////"),
    "own_delay_s": Fill("#ffffff", "...."),
}
TIME_FILLS = {
    "counter": Fill("#0b3c66"),
    "papers": Fill("#a6d4f2"),
    "outdoors": Fill("#00755a"),
    "administrative": Fill("#e69f00"),
    "patrol": Fill("#d9ead3", "\\\\\\\\"),
    "meeting": Fill("#e8bfd8", "////"),
    "leave": Fill("#9c9c9c", "...."),
    "idle": Fill("#ffffff"),
}


def series(position: int) -> Series:
    """The look of the scenario at a position; after the sixth, looks come round again."""
    return SERIES[position % len(SERIES)]


def lightness(colour: str) -> float:
    """CIE L* of a colour (0 black, 100 white): what is left of it in a grey print."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def on(colour: str) -> str:
    """The colour of text on a colour."""
    return "white" if lightness(colour) < 60 else INK
