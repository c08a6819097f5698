"""What an experiment file may say: its question, written down before it is run, and what is varied to answer it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.measures import MAIN_MEASURE
from sim.scenario.quantities import Count, Duration, Model, Share, Text
from sim.scenario.tree import Scalar


def _scalar(value: Any) -> Scalar:
    if value is None or isinstance(value, dict | list):
        raise PydanticCustomError("quantity", "{key}", {"key": "experiment.value"})
    return value


Value = Annotated[Any, BeforeValidator(_scalar), WithJsonSchema({"type": ["number", "string", "boolean"]})]
"""One value, as a scenario file would write it: ``3``, ``0.8``, ``25 min``, ``true``."""


class Range(Model):
    """Values from one end to the other: by a step, in a number of equal steps, or anywhere between (sampled designs).

    The ends (and the step) carry the same unit, as a scenario file writes it.
    """

    start: Value = Field(alias="from")
    to: Value
    step: Value | None = Field(default=None, description="from one value to the next; the last is not beyond `to`")
    n: Annotated[int, Field(ge=2)] | None = Field(default=None, description="number of values, both ends among them")


class Factor(Model):
    """Something that is varied: a dotted path of the scenario, and the values it takes."""

    path: Annotated[str, Field(min_length=1)]
    label: Text | None = None
    values: Annotated[list[Value], Field(min_length=1)] | None = None
    range: Range | None = None
    scenarios: Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None, description="names of the scenarios it is varied in; default: all"
    )


class Design(Model):
    """Which combinations of values are run: all, or ``n`` points spread evenly by a rule (of scipy.stats.qmc)."""

    kind: Literal["full", "latin_hypercube", "sobol"] = "full"
    n: Annotated[int, Field(ge=1)] | None = None


class Streets(Model):
    """A table of streets in place of factors: each is run for a year in the experiment's one (reduced) scenario."""

    table: str | None = Field(default=None, description="a CSV file beside this one")
    synthetic: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="so many streets made up: for tests of size and speed only"
    )
    seed: Count = Field(default=0, description="of the streets made up")


class Mechanism(Model):
    """A mechanism of a scenario that is switched off alone, to see what it does."""

    name: Text
    rule: Text = Field(description="how things go when it is off")
    changes: dict[str, Any] = Field(alias="set", description="values laid over the scenario, by dotted path")


class Experiment(Model):
    """One experiment, complete; run settings that it does not state are those of its first scenario."""

    yizhan: Literal[1] = Field(description="version of the scenario language")
    experiment: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="its name")]
    title: Text
    question: Text = Field(description="what it is to answer")
    main_measure: str = Field(default=MAIN_MEASURE, description="by which the answer is judged")
    contrast: Text = Field(description="what is compared with what")
    population: Text = Field(description="whom the answer is about")
    scenarios: Annotated[list[str], Field(min_length=1)] = Field(description="files, beside this one")
    everywhere: dict[str, Any] = Field(
        default={}, alias="set", description="values laid over every scenario, by dotted path"
    )
    factors: dict[str, Factor] = {}
    streets: Streets | None = None
    parts: dict[str, Text] = Field(
        default={}, description="parts of a reform from the first scenario to the second, each on or off"
    )
    changes: list[dict[str, Any]] = Field(default=[], description="what the parts change: see sim/experiment/parts.py")
    mechanisms: dict[str, dict[str, Mechanism]] = Field(
        default={}, description="of scenarios, by name: each is run whole, and without each of these alone"
    )
    order: dict[str, list[str]] = Field(default={}, description="order of ids that the changes leave")
    design: Design = Design()
    replications: Annotated[int, Field(ge=1)] | None = None
    precision: Annotated[Share, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="in place of `replications`: go on until at every point the half-width of the main measure's "
        "95% interval is at most this share of its mean there",
    )
    seed: Count | None = None
    warm_up: Literal["auto"] | Duration | None = None
    cohort: Duration | None = None
    drain: Duration | None = None
    measures: list[str] = Field(
        default=[],
        description="what is kept and shown first; `close_days/grid` shows a group of it; default: the main ones",
    )
    options: dict[str, dict[str, Any]] = Field(
        default={}, description="named changes of this file, one of which may be chosen when it is run"
    )
