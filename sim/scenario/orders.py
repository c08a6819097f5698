"""How a street sees to it that work is done: orders, verification before closing, merging of tasks.

All three are fields of a step, for any structure; a step names the units and gates.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from sim.scenario.quantities import Count, Draw, Duration, Model, Share, refuse


class Verify(Model):
    """Somebody checks the step when it is done (核查结案), and may find that the matter is not settled.

    Then the step is done again where it was, at once, and checked again. How often work settles nothing, and how much
    of the step's work it takes to do it again, is the matter's (``unsettled``); of other matters nothing is found.
    Checks stand in the step's class, as does what is done again. Papers that the step sends back are checked too.
    """

    unit: str
    work: Draw
    finds: Share = Field(default=1.0, description="chance, at each check, that work which settles nothing is found")


class Urged(Model):
    """Supervision (督办) of an order not begun in time: its better class, and what supervising it takes of the hub."""

    priority: Count = Field(description="class it goes on in; lower than the step's")
    work: Draw


class Report(Model):
    """Work of the hub that takes the report (反馈) when what was ordered is done."""

    work: Draw


class Order(Model):
    """A hub issues the step as an order with a time limit, supervises it, and takes the report (派单、督办、反馈).

    The order is issued after the step's ``delay``, at the unit ``by``; then the step joins its own queue at once. If it
    has not begun ``within`` so long of joining, it is urged: it keeps its time of joining and goes on in the better
    class, and supervision work begins at the hub beside it, for which nothing waits. ``within`` is wall time, nights
    and weekends included: nobody knows beforehand when the step will join its queue. What is done is reported, then
    verified; what is to be done again after that is not ordered anew.
    """

    by: str
    work: Draw
    within: Annotated[Duration, Field(gt=0)] = Field(description="wall time from joining the queue to beginning")
    urged: Urged
    report: Report | None = None

    @field_validator("within", mode="before")
    @classmethod
    def _by_the_wall_clock(cls, value: Any) -> Any:
        refuse("quantity.wall_time", isinstance(value, str) and "working" in value)
        return value


class Merge(Model):
    """Tasks are merged before they go down to the communities (任务整合): together they need less than one by one.

    Tasks of all matters that name the gate here and are sent between the same two of its instants are one batch. For
    every task of a batch but the first, in the order of cases, the fixed part of each community's work
    (``community_work``) is less by ``saves``; work by household is not. What is saved is not left undone: it is not
    needed twice. Tasks that admission keeps from the communities are in no batch. Whether they wait for the gate is
    what ``delay`` says.
    """

    gate: str
    saves: Share = Field(description="of the fixed work of every task of a batch but the first")
