"""Rules that hold over the whole structure: admission, leave, neglect, a new arrangement's first time (规则)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from sim.scenario.quantities import Draw, Duration, Model, Positive, Share, refuse


class CommunityTier(Model):
    """Admission at the community (村居准入): what the street has admitted and no list names goes down by this chance.

    Else the communities do not have it, and the street does their part itself, where the task first comes in. What the
    street refuses never comes here; where the street bears that itself, either refusal ends alike.
    """

    leakage: Share


class Follow(Model):
    """People follow the task (人随事转): of the work with an unlisted task that was admitted they do this share.

    It is a share of every step of the task, at the street and in the communities, but not of orders and checks. It
    takes none of the structure's hours, and is the departments', whose people they are.
    """

    share: Share


class Admission(Model):
    """Admission control (准入): an unlisted task passes with chance ``leakage``, else its bearer has it."""

    leakage: Share = 1.0
    bearer: Literal["department", "street", "not_done"] = "department"
    community: CommunityTier | None = Field(default=None, description="a second tier; none: what passes goes down")
    follow: Follow | None = Field(default=None, description="people who come with it; none: the structure's own do it")


class Absence(Model):
    """Leave and sickness: whole working days away, drawn by person."""

    days_per_year: Annotated[float, Field(ge=0, le=250)] = Field(default=0.0, description="of 250 working days")


class Transition(Model):
    """A new arrangement's first time (training, a learning curve, a merged hall): work takes longer, ever less so.

    On the first day measured, that is when the stated warm-up is over, and before it, work takes
    ``1 + extra_work_share`` times as long; the extra halves with every ``half_life`` after that. It holds for the
    street, its communities and committees, by the day a case was opened; departments' work is as ever.
    """

    extra_work_share: Annotated[float, Field(ge=0)]
    half_life: Annotated[Duration, Field(gt=0)]


class Neglect(Model):
    """Desk work on residents' cases that nobody waits for may be laid aside when it comes in (搁置).

    It is about the work of steps with nobody present that have a share of the content; each time it comes in anew
    (papers handed in again, what is to be done again after a check) it may be laid aside anew. Nobody takes up what
    lies, idle or not. It keeps its time of joining, and is as other work again when it has lain for so long; sooner if
    its order's time passes (then it is urged) or, where the step says ``overdue``, the promised time (then hurried).
    """

    chance: Share = Field(description="that work is laid aside when it comes in")
    lies: Draw = Field(description="wall time that it lies unless somebody sees to it")

    @field_validator("lies")
    @classmethod
    def _by_the_wall_clock(cls, value: Draw) -> Draw:
        refuse("quantity.wall_time", value.mean.unit != "s")
        return value


class Rules(Model):
    """Rules that hold over the whole structure.

    Without a ``transition`` it is as it settles in the end; without ``neglect`` nothing is laid aside.
    """

    admission: Admission = Admission()
    absence: Absence = Absence()
    papers_factor: Positive = Field(
        default=1.0, description="on the chance that papers are incomplete (one standard, all told at once: below 1)"
    )
    restart: Duration = Field(default=0, description="time to take up interrupted desk work, where a unit says nothing")
    transition: Transition | None = None
    neglect: Neglect | None = None
    complaints: str | None = Field(
        default=None, description="procedure (with `for: [complaint]`) that takes residents' complaints"
    )
