"""The ledger person by person: who stands where, and the posts that say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sim.scenario.places import STREET, households_by_place
from sim.scenario.schema import Post, Structure

NOBODY = ""
"""The one group of a scenario without a ledger: its people have no names, only teams."""
Person = tuple[str, int]
"""Group, and number in it."""


@dataclass(frozen=True)
class Stand:
    """Where a person stands: a team and, if it is one of several, its place."""

    team: str
    place: str
    government_work: bool = True


@dataclass(frozen=True)
class Roster:
    """Where each person of each group stands, by number; whoever moves keeps the number, and with it the absences."""

    groups: Mapping[str, tuple[Stand, ...]]

    def people(self) -> Iterator[tuple[Person, Stand]]:
        """Everybody, by group and number."""
        for group, stands in self.groups.items():
            for number, stand in enumerate(stands):
                yield (group, number), stand

    def sizes(self) -> Counter[tuple[str, str]]:
        """Number of people in each team and place."""
        return Counter((stand.team, stand.place) for _, stand in self.people())

    def with_stands(self, stands: Mapping[Person, Stand]) -> Roster:
        """The same people, some of whom stand elsewhere."""
        return Roster(
            {
                group: tuple(stands.get((group, number), stand) for number, stand in enumerate(here))
                for group, here in self.groups.items()
            }
        )


def roster(structure: Structure) -> Roster:
    """Everybody in a structure, numbered in the order of posts; of a structure without a ledger, by team and place."""
    if not structure.ledger.groups:
        return Roster({NOBODY: tuple(_by_team(structure))})
    groups: dict[str, list[Stand]] = {name: [] for name in structure.ledger.groups}
    for post in structure.ledger.posts.values():
        places = households_by_place(structure, structure.teams[post.team].each)
        for place in [post.at] if post.at is not None else places:
            groups[post.group] += [Stand(post.team, place, post.government_work)] * post.n
    return Roster({name: tuple(stands) for name, stands in groups.items()})


def _by_team(structure: Structure) -> Iterator[Stand]:
    """As many in each place as a team says; nobody in a place that was made since."""
    for name, team in structure.teams.items():
        for place in households_by_place(structure, team.each):
            yield from [Stand(name, place)] * (team.size.get(place, 0) if isinstance(team.size, dict) else team.size)


def manned(structure: Structure, people: Roster) -> Structure:
    """A structure with the team sizes and posts of a roster; what has not changed is left as it is written."""
    if people == roster(structure):
        return structure
    found = people.sizes()
    teams = {}
    for name, team in structure.teams.items():
        by_place = {place: found[name, place] for place in households_by_place(structure, team.each)}
        everywhere = isinstance(team.size, int) and set(by_place.values()) == {team.size}
        size = team.size if everywhere else by_place[STREET] if team.each == "street" else by_place
        teams[name] = team.model_copy(update={"size": size})
    posts = {} if NOBODY in people.groups else dict(_posts(people))
    ledger = structure.ledger.model_copy(update={"posts": posts})
    return structure.model_copy(update={"teams": teams, "ledger": ledger})


def _posts(people: Roster) -> Iterator[tuple[str, Post]]:
    """One post for each run of neighbouring numbers of a group that stand together, so that numbers stay."""
    for group, stands in people.groups.items():
        runs: list[tuple[Stand, Sequence[Stand]]] = [(stand, list(run)) for stand, run in groupby(stands)]
        for number, (stand, run) in enumerate(runs):
            post = Post(
                group=group,
                team=stand.team,
                n=len(run),
                at=stand.place if stand.place != STREET else None,
                government_work=stand.government_work,
            )
            yield f"{group}-{number + 1}", post
