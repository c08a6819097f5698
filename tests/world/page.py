"""The page in both languages: a template's blanks filled with figures and what they say.

``{after.wait}`` is a figure, ``{after.wait:interval}`` its limits, ``{after.wait:verdict}`` how it fits the world.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sim.language import LANGUAGES, say
from world.figures import REPORTED, Figure, verdict
from world.halls import FOLDER

BLANK = re.compile(r"\{([a-z0-9._]+)(?::([a-z]+))?\}")
PAGES = {"en": FOLDER / "README.md", "zh": FOLDER / "README.zh.md"}
COUNTS = ("needed", "low", "middle", "high", "load", "5", "10", "points", "weeks", "visits")
MINUTES = ("wait", "first", "second", "mean", "change")
DAYS = ("working_days",)
"""Last words of the names of figures that are no shares."""


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
    if what == "interval":
        return f"[{_amount(figure.low, name)}, {_amount(figure.high, name)}]"
    return _amount(figure.value, name) + ("%" if _is_share(name) else "")


def _amount(value: float, name: str) -> str:
    """A value with as many digits as its kind has; shares in per cent.

    >>> _amount(-0.04, "change"), _amount(0.4567, "after.gave_up"), _amount(33.6, "load")
    ('0.0', '45.7', '34')
    """
    last = name.rsplit(".", 1)[-1]
    digits = 0 if last in COUNTS else 2 if last in DAYS else 1
    return f"{round(value * (100 if _is_share(name) else 1), digits) + 0.0:.{digits}f}"


def _is_share(name: str) -> bool:
    return name.rsplit(".", 1)[-1] not in (*COUNTS, *MINUTES, *DAYS)


def write(figures: Mapping[str, Figure]) -> None:
    """Write the page in every language."""
    for lang in LANGUAGES:
        PAGES[lang].write_text(written(figures, lang), encoding="utf-8")
