"""Work that does not settle what it was for (未真正解决), as it is before any structure looks for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sim.scenario.quantities import Draw, Model, Positive, Share, refuse


class Unsettled(Model):
    """How often work on a matter settles nothing, and what becomes of it if nobody finds out before it is closed.

    What is closed unsettled seems settled for a while; then the resident asks again, and it goes through the procedure
    once more, with ``again_share`` of the work content and all that the structure adds. Whoever finds it before
    (``verify`` of a step) has the step done again at once. Luck belongs to the case, time after time, so every
    structure has the same bad work before it. Once it was done again ``most`` times nobody asks any more.
    """

    chance: Share = Field(description="that the work as first done settles nothing")
    chance_again: Share | None = Field(default=None, description="each time it is done again; default: the same")
    again_share: Positive = Field(default=1.0, description="of the work, whenever it is done again")
    noticed: Draw = Field(
        description="wall time from closing until it is asked for again, the first step's delay included"
    )
    most: Annotated[int, Field(ge=1, le=20)] = Field(description="times it is done again at most")

    @field_validator("noticed")
    @classmethod
    def _by_the_wall_clock(cls, noticed: Draw) -> Draw:
        refuse("quantity.wall_time", noticed.mean.unit != "s")
        return noticed

    @property
    def chances(self) -> list[float]:
        """The chance that nothing is settled, as first done and each time it is done again."""
        again = self.chance if self.chance_again is None else self.chance_again
        return [self.chance] + [again] * (self.most - 1)
