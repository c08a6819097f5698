"""The scenario language's types for numbers: text with a unit in the file, whole seconds after reading."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from sim.units import QuantityError, Rate, Span, parse_clock, parse_duration, parse_rate, parse_span


class Model(BaseModel):
    """A part of a scenario: unknown keys are faults, ``true`` and ``"3"`` are no numbers, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _reader(parse: Any, kind: type) -> BeforeValidator:
    def read(value: object) -> object:
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
        try:
            return parse(value)
        except QuantityError as error:
            raise PydanticCustomError("quantity", "{key}", {"key": error.key}) from error

    return BeforeValidator(read)


class _Resolved(int):
    """Seconds of an already resolved scenario."""


_TEXT: dict[str, Any] = {"type": "string"}
Duration = Annotated[
    int,
    _reader(parse_duration, _Resolved),
    WithJsonSchema(_TEXT | {"pattern": r"^[0-9.eE+]+ *(s|seconds?|min|minutes?|h|hours?|days?|weeks?|years?)$"}),
]
"""Wall time: ``25 min``."""
Clock = Annotated[
    int,
    _reader(parse_clock, _Resolved),
    WithJsonSchema(_TEXT | {"pattern": r"^([01]?\d|2[0-4]):[0-5]\d$"}),
]
"""Time of day: ``9:30``."""
Clocks = Annotated[
    list[Clock],
    BeforeValidator(lambda value: value if isinstance(value, list) else [value]),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One time of day, or several."""
SpanField = Annotated[
    Span,
    _reader(parse_span, Span),
    PlainSerializer(lambda span: {"amount": span.amount, "unit": span.unit}),
    WithJsonSchema(
        _TEXT | {"pattern": r"^[0-9.eE+]+ *(working +)?(s|seconds?|min|minutes?|h|hours?|days?|weeks?|years?)$"}
    ),
]
"""Wall or working time: ``3 working days``."""
RateField = Annotated[
    Rate,
    _reader(parse_rate, Rate),
    PlainSerializer(lambda rate: {"per_s": rate.per_s, "per": rate.per}),
    WithJsonSchema(_TEXT | {"pattern": r"^[0-9.eE+-]+ *(/ *(household|person) *)?/ *[a-z]+$"}),
]
"""Arrivals over time: ``1.5 / household / year``."""
Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole or a chance, 0 to 1."""
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]

Distribution = Literal["fixed", "exponential", "lognormal", "gamma"]


class Draw(Model):
    """A positive random amount of time: ``{mean: 12 min, cv: 1.0}``; plain ``12 min`` is always that long.

    ``cv`` is the coefficient of variation; the default distribution is lognormal (``fixed`` where cv is 0).
    Exponential has cv 1; gamma with cv = 1/sqrt(k) is Erlang-k.
    """

    mean: SpanField
    cv: Annotated[float, Field(ge=0)] = 0.0
    distribution: Distribution = "lognormal"

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"mean": value, "cv": 0.0, "distribution": "fixed"}
        if not isinstance(value, dict):
            return value
        distribution, cv = value.get("distribution"), value.get("cv")
        if distribution == "exponential":
            refuse("quantity.exponential_cv", isinstance(cv, int | float) and cv != 1)
            return {"cv": 1.0} | value
        refuse("quantity.fixed_cv", distribution == "fixed" and bool(cv))
        refuse("quantity.cv_missing", distribution not in (None, "fixed") and cv is None)
        return value if cv else value | {"distribution": "fixed"}


def refuse(key: str, is_wrong: bool) -> None:
    """Refuse a value that is being read, with a message of the catalogue."""
    if is_wrong:
        raise PydanticCustomError("quantity", "{key}", {"key": key})


class Delay(Draw):
    """Time between two steps: a draw, and/or waiting for the next instant of a ``gate`` (a mail bag, a meeting)."""

    mean: SpanField = Span(0.0)
    gate: str | None = None
    calendar: str | None = Field(default=None, description="calendar of working time; default: the scenario's first")


class Text(Model):
    """A name or sentence in both languages."""

    zh: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en
