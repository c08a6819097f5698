"""Quantities with units, read once and turned into whole seconds: the only place units change.

>>> parse_duration("25 min")
1500
>>> parse_span("3 working days")
Span(amount=3.0, unit='working day')
>>> parse_rate("1.5 / household / year").per
'household'
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S
YEAR_S = 365 * DAY_S

_SECONDS = {
    "s": 1, "second": 1, "seconds": 1,
    "min": MINUTE_S, "minute": MINUTE_S, "minutes": MINUTE_S,
    "h": HOUR_S, "hour": HOUR_S, "hours": HOUR_S,
    "day": DAY_S, "days": DAY_S,
    "week": WEEK_S, "weeks": WEEK_S,
    "year": YEAR_S, "years": YEAR_S,
}  # fmt: skip
_NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_DURATION = re.compile(rf"^\s*({_NUMBER})\s*([a-z]+)\s*$")
_WORKING = re.compile(rf"^\s*({_NUMBER})\s*working\s+(days?|hours?)\s*$")
_RATE = re.compile(rf"^\s*({_NUMBER})\s*(?:/\s*(household|person)\s*)?/\s*([a-z]+)\s*$")
_CLOCK = re.compile(r"^([01]?\d|2[0-4]):([0-5]\d)$")

Per = Literal["street", "household", "person"]


class QuantityError(ValueError):
    """A quantity that cannot be read; ``key`` names the catalogue's words for why."""

    def __init__(self, key: str, value: object) -> None:
        self.key = key
        self.value = value
        super().__init__(f"{key}: {value!r}")


@dataclass(frozen=True)
class Span:
    """A length of time as written: wall time in seconds, or working days or hours of a calendar."""

    amount: float
    unit: Literal["s", "working day", "working hour"] = "s"


@dataclass(frozen=True)
class Rate:
    """Arrivals a second, for the whole street, a household, or a person."""

    per_s: float
    per: Per = "street"


def parse_duration(value: object) -> int:
    """Wall-clock time in whole seconds (rounded to nearest): ``90 s``, ``25 min``, ``3 h``, ``2 days``, ``52 weeks``.

    >>> parse_duration("0.5 h")
    1800
    """
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None or match[2] not in _SECONDS:
        raise QuantityError("quantity.duration", value)
    seconds = float(match[1]) * _SECONDS[match[2]]
    if not 0 <= seconds < 2**53:
        raise QuantityError("quantity.negative" if seconds < 0 else "quantity.not_finite", value)
    return round(seconds)


def parse_span(value: object) -> Span:
    """Wall time (``2 days``) or working time (``3 working days``, ``4 working hours``)."""
    match = _WORKING.match(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, str) and "working" in value:
            raise QuantityError("quantity.duration", value)
        return Span(parse_duration(value))
    if not 0 <= float(match[1]) < 2**53:
        raise QuantityError("quantity.negative" if float(match[1]) < 0 else "quantity.not_finite", value)
    return Span(float(match[1]), "working day" if match[2].startswith("day") else "working hour")


def parse_rate(value: object) -> Rate:
    """Arrivals over time: ``0.2 / min``, ``1.5 / household / year``, ``0.41 / person / year``.

    A year is 365 days.

    >>> parse_rate("8760 / year").per_s * HOUR_S
    1.0
    """
    match = _RATE.match(value) if isinstance(value, str) else None
    if match is None or match[3] not in _SECONDS:
        raise QuantityError("quantity.rate", value)
    number = float(match[1])
    if number < 0:
        raise QuantityError("quantity.negative", value)
    if not math.isfinite(number):
        raise QuantityError("quantity.not_finite", value)
    per: Per = match[2] if match[2] in ("household", "person") else "street"  # type: ignore[assignment]
    return Rate(number / _SECONDS[match[3]], per)


def parse_clock(value: object) -> int:
    """A time of day in seconds after midnight.

    >>> parse_clock("9:30")
    34200
    """
    match = _CLOCK.match(value) if isinstance(value, str) else None
    if match is None or int(match[1]) * HOUR_S + int(match[2]) * MINUTE_S > DAY_S:
        raise QuantityError("quantity.clock", value)
    return int(match[1]) * HOUR_S + int(match[2]) * MINUTE_S
