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


def persons_by_team(structure: Structure, where: Places, offices: Offices) -> dict[str, list[int]]:
    """Person numbers of each team instance; numbers run through the groups, so a person who moves keeps theirs."""
    first: dict[str, int] = {}
    total = 0
    for name, group in structure.ledger.groups.items():
        first[name] = total
        total += group.n
    members: dict[tuple[str, str], list[int]] = {}
    for post in structure.ledger.posts.values():
        for place in _places_of_post(structure, where, post.team, post.at):
            people = range(first[post.group], first[post.group] + post.n)
            members.setdefault((post.team, place), []).extend(people)
            first[post.group] += post.n
    result: dict[str, list[int]] = {}
    for team in offices.teams:
        people_here = members.get((team.base, team.place), [])
        result[team.name] = people_here[: team.size]
        members[team.base, team.place] = people_here[team.size :]
    return result
