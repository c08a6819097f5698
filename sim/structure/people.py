"""The staff ledger (台账): who there is, where each person stands, and how many of each kind."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.schema import Structure
from sim.structure.offices import Offices
from sim.structure.places import Places


@dataclass(frozen=True)
class HeadCount:
    """How many people a structure employs, and how many of them do government work."""

    payroll: int
    elected: int
    department: int
    government_work: int


def _places_of_post(structure: Structure, where: Places, team: str, at: str | None) -> tuple[str, ...]:
    return (at,) if at is not None else where.names(structure.teams[team].each)


def head_count(structure: Structure, where: Places) -> HeadCount:
    """Count heads by status, and the posts that do government work."""
    ledger = structure.ledger
    by_status = {"payroll": 0, "elected": 0, "department": 0}
    for group in ledger.groups.values():
        by_status[group.status] += group.n
    working = sum(
        post.n * len(_places_of_post(structure, where, post.team, post.at))
        for post in ledger.posts.values()
        if post.government_work and ledger.groups[post.group].status != "department"
    )
    return HeadCount(by_status["payroll"], by_status["elected"], by_status["department"], working)


POSTED = "posted"
STANDING = ("department", "street", "area", "community", "committee", POSTED)
"""Where people stand; ``posted``: those of departments among them who stand in a street, its areas or communities."""


def standing(structure: Structure, where: Places) -> dict[str, int]:
    """How many people of the ledger stand at each level (STANDING); a team in each area stands there."""
    found = dict.fromkeys(STANDING, 0)
    for post in structure.ledger.posts.values():
        team = structure.teams[post.team]
        level = "area" if team.each == "area" else team.level
        n = post.n * len(_places_of_post(structure, where, post.team, post.at))
        found[level] += n
        if structure.ledger.groups[post.group].status == "department" and level != "department":
            found[POSTED] += n
    return found


def persons_by_team(structure: Structure, where: Places, offices: Offices) -> dict[str, list[str]]:
    """The persons in each team instance: group and number in it (``grid-workers 0``), given out in the order of posts.

    Who moves to another post keeps the number; people more or fewer in one group renumber nobody in another.
    """
    n_placed = dict.fromkeys(structure.ledger.groups, 0)
    standing: dict[tuple[str, str], list[str]] = {}
    for post in structure.ledger.posts.values():
        for place in _places_of_post(structure, where, post.team, post.at):
            first = n_placed[post.group]
            n_placed[post.group] += post.n
            people = [f"{post.group} {number}" for number in range(first, first + post.n)]
            standing.setdefault((post.team, place), []).extend(people)
    persons: dict[str, list[str]] = {}
    for team in offices.teams:
        here = standing.get((team.base, team.place), [])
        persons[team.name], standing[team.base, team.place] = here[: team.size], here[team.size :]
    return persons
