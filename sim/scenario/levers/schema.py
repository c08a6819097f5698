"""The two verbs as a file writes them; in a resolved scenario they are carried out and no longer stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from sim.scenario.quantities import Count, Model

STATIONS = "stations"
"""``to: stations``: the team in each community that is not split into windows."""


class Resize(Model):
    """Equal communities in place of those the file names; its people, committees and patrols are dealt anew.

    The street's households stay what they are, so their number is the street's total over the size asked for, rounded;
    the size that comes of it is the realised one.
    """

    number: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="so many communities, equal up to one household, in place of those named. Their people are pooled "
        "and dealt anew: windows keep their size in each station, the others go by household; every person stays in "
        "the ledger. The number of committees is kept, at least one a community. Patrols keep the street's hours; "
        "meetings are held once a station, and there is one door a community",
    )
    households: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="about so many households in each: their number is the street's total over this, rounded; see "
        "`number`",
    )


class Keep(Model):
    """What a move leaves behind."""

    each: Annotated[int, Field(ge=1)] = Field(default=1, description="people in each team that gives people away")
    leaders: Annotated[int, Field(ge=1)] = Field(default=3, description="people in the team `leaders`")
    teams: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default={}, description="people in a team, by its id, where `each` does not hold"
    )
    offices: Count = Field(default=3, description="teams of the street office with people in them, besides `leaders`")
    staff: Count = Field(default=14, description="people at the street office, leaders included")

    def least(self, team: str) -> int:
        """How many people must stay in a team.

        >>> Keep(teams={"civil-affairs": 2}).least("civil-affairs"), Keep().least("finance"), Keep().least("leaders")
        (2, 1, 3)
        """
        return self.teams.get(team, self.leaders if team == "leaders" else self.each)


class Move(Model):
    """People of the street office who go down to the communities, or back up."""

    source: Literal["street"] | Annotated[list[str], Field(min_length=1)] = Field(
        default="street", alias="from", description="street: all teams of the street office; or the ids of some"
    )
    to: str = Field(
        default=STATIONS,
        description="stations: the team in each community that is not split; or its id where there are several",
    )
    staff: Count = Field(
        description="people moved in all, one at a time, each from the team with the lowest expected load"
    )
    by: Literal["load", "equal", "households"] = Field(
        default="load",
        description="who receives the next: the station with the most expected work a person, with the fewest people, "
        "or with the fewest people a household",
    )
    keep: Keep = Field(
        default=Keep(),
        description="what must be left once people have moved. `staff` and `offices` are the floor of the street "
        "office: they hold wherever `move: staff` is above 0, also for people whom the file has moved already; with "
        "`staff: 0` nobody is moved, and the arrangement stands as it is, even below the floor. `each`, `leaders` and "
        "`teams` bind the teams that people leave",
    )
    already: Count = Field(
        default=0, description="people whom the file has already moved: only the difference goes, back up if negative"
    )

    @property
    def n_down(self) -> int:
        """How many go down from where the file has them; below zero, how many go back up."""
        return self.staff - self.already


class Levers(Model):
    """Both verbs, where a file has them."""

    communities: Resize | None = None
    move: Move | None = None


class LeverFile(Model):
    """The verbs in their place in a scenario."""

    structure: Levers = Levers()


def lever_paths(model: type[BaseModel] = LeverFile, path: str = "") -> Iterator[str]:
    """Dotted paths of everything that the verbs may say.

    >>> [path for path in lever_paths() if path.endswith(("number", "staff"))]
    ['structure.communities.number', 'structure.move.staff', 'structure.move.keep.staff']
    """
    for name, field in model.model_fields.items():
        here = f"{path}{field.alias or name}"
        yield here
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from lever_paths(part, f"{here}.")
