"""How a structure discovers problems in the grid: patrols, cameras, residents, the hotline (发现)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.quantities import Draw, Model, Share

Sees = Annotated[list[str], Field(description="matters that show to it, or `category:…`; none named: all in the grid")]
"""What a patrol or a camera can see at all: somebody's need at home does not show in the street."""


class Patrol(Model):
    """Rounds of a grid (巡查): each instant at which the duty is held visits one part of the households.

    The households of each place that the duty is held for are divided along the street into ``rounds`` equal parts,
    visited in turn, a part an instant. A visit counts at that instant, also where the patrol began late or lapsed; a
    place whose team has nobody is not visited.
    """

    duty: str = Field(description="a duty of kind `field`; its time is its team's")
    rounds: Annotated[int, Field(ge=1)] = Field(default=1, description="instants it takes to go round all grids")
    coverage: Share = Field(default=1.0, description="chance that a visit finds a problem that is there")
    sees: Sees = Field(default=[])


class Camera(Model):
    """Cameras (视频巡逻) over a share of the households, the same ones under every structure."""

    share: Share
    after: Draw = Field(description="time from a problem's arising to its being seen")
    sees: Sees = Field(default=[])


class Report(Model):
    """Somebody tells of a problem, so long after it arose unless it is known by then."""

    after: Draw


class HotlineReport(Report):
    """A call to 12345; the case then goes by the hotline's procedure, not by the matter's own."""

    procedure: str


class Discovery(Model):
    """How problems in the grid come to be known (发现): in the first of these ways; their limit runs from then.

    It is about matters of kind ``grid``, whose rate is that at which problems arise. Without it each is known at once.
    """

    patrols: dict[str, Patrol] = Field(default={}, description="each goes its own rounds and misses by itself")
    camera: Camera | None = None
    residents: Report | None = None
    hotline: HotlineReport | None = None
