"""The page in both languages: a template's blanks filled with figures and what they say.

``{after.wait}`` is a figure, ``{after.wait:interval}`` its limits, ``{after.wait:verdict}`` how it fits the world.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sim import page
from sim.language import LANGUAGES, say
from world.figures import REPORTED, Figure, verdict
from world.halls import FOLDER

BLANK = re.compile(r"\{([a-z0-9._]+)(?::([a-z]+))?\}")
PAGES = {"en": FOLDER / "README.md", "zh": FOLDER / "README.zh.md"}
COUNTS = ("needed", "needed.low", "needed.middle", "needed.high", "load", "enough.5", "enough.10", "points", "weeks")
NUMBERS = ("wait", "first", "second", "mean", "change", "working_days", *COUNTS)
"""Last words of names of figures that are no shares."""


def template(lang: str) -> str:
    """The page with its blanks."""
    return (Path(__file__).parent / f"page.{lang}.md").read_text(encoding="utf-8")


def written(figures: Mapping[str, Figure], lang: str) -> str:
    """The page. Raises KeyError where the template names a figure that is not there."""
    return BLANK.sub(lambda blank: _filled(blank[1], blank[2], figures, lang), template(lang))


def _filled(name: str, what: str | None, figures: Mapping[str, Figure], lang: str) -> str:
    figure = figures[name]
    if what == "verdict":
        return say(f"world.{verdict(figure, REPORTED[name])}", lang)
    unit = "" if name.endswith(NUMBERS) else "share"
    if what == "interval":
        return page.interval(figure.low, figure.high, unit)
    if name.endswith(COUNTS):
        return f"{figure.value:.0f}"
    return f"{figure.value:.1%}" if unit else page.amount(figure.value, unit)


def write(figures: Mapping[str, Figure]) -> None:
    """Write the page in every language."""
    for lang in LANGUAGES:
        PAGES[lang].write_text(written(figures, lang), encoding="utf-8")
