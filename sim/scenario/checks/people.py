"""Households and heads: communities, committees, the sizes of teams, and the staff ledger add up."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.checks import areas
from sim.scenario.checks.finding import Finding
from sim.scenario.nearest import nearest
from sim.scenario.places import STREET, households_by_place
from sim.scenario.schema import Scenario, Structure, Team
from sim.scenario.tree import Path

LAWFUL_COMMITTEE = (100, 700)
"""Households of a residents' committee as a rule: 《中华人民共和国城市居民委员会组织法》第六条."""


def households(scenario: Scenario) -> Iterator[Finding]:
    """The communities share out the street's households."""
    found = sum(community.households for community in scenario.structure.communities.values())
    if found != scenario.place.households:
        yield (
            "scenario.households",
            ("structure", "communities"),
            {"found": found, "expected": scenario.place.households},
        )


def committees(scenario: Scenario) -> Iterator[Finding]:
    """Where residents' committees are modelled at all, each has the households the law asks for (a warning)."""
    structure = scenario.structure
    stand_in = {unit.each for unit in structure.units.values()} | {team.each for team in structure.teams.values()}
    named = any("committees" in community.model_fields_set for community in structure.communities.values())
    if scenario.place.households == 1 or not (named or "committee" in stand_in):
        return
    least, most = LAWFUL_COMMITTEE
    sizes = {name: each.households / each.committees for name, each in structure.communities.items()}
    unlawful = [f"{name} {size:.0f}" for name, size in sizes.items() if not least <= size <= most]
    if unlawful:
        yield "scenario.committee_size", ("structure", "communities"), {"sizes": ", ".join(unlawful)}


def team_sizes(scenario: Scenario) -> Iterator[Finding]:
    """A team has a size in each of its places, and one member for each unit if it is split."""
    for name, team in scenario.structure.teams.items():
        if team.each == "area" and areas.have_faults(scenario):
            continue
        path = ("structure", "teams", name, "size")
        sizes = sizes_by_place(scenario.structure, team)
        if isinstance(team.size, dict):
            if team.each == "street":
                yield "scenario.team_one_place", path, {}
                continue
            foreign = [place for place in team.size if place not in sizes]
            missing = [place for place in sizes if place not in team.size]
            if foreign or missing:
                names = {"places": sizes, "missing": missing, "foreign": foreign}
                yield "scenario.team_places", path, {key: ", ".join(found) or "—" for key, found in names.items()}
                continue
        if team.split and min(sizes.values()) < len(team.serves):
            yield "scenario.split_size", path, {"n": len(team.serves), "size": min(sizes.values())}


def sizes_by_place(structure: Structure, team: Team) -> dict[str, int]:
    """Members of a team in each place in which it stands (0 where its file names none)."""
    places = households_by_place(structure, team.each)
    return {place: team.size.get(place, 0) if isinstance(team.size, dict) else team.size for place in places}


def ledger(scenario: Scenario) -> Iterator[Finding]:
    """Posts share out every group, and fill every team in every place; a scenario may leave out its ledger."""
    structure = scenario.structure
    groups, posts = structure.ledger.groups, structure.ledger.posts
    if not groups and not posts:
        return
    if any(team.each == "area" for team in structure.teams.values()) and areas.have_faults(scenario):
        return
    in_group = dict.fromkeys(groups, 0)
    in_team = {name: dict.fromkeys(sizes_by_place(structure, team), 0) for name, team in structure.teams.items()}
    lost = [(key, post) for key, post in posts.items() if post.at is not None and post.at not in in_team[post.team]]
    for key, post in lost:
        near = nearest(str(post.at), filter(None, in_team[post.team]))
        path = ("structure", "ledger", "posts", key, "at")
        yield "scenario.post_place", path, {"name": post.at, "team": post.team, "nearest": near}
    if lost:
        return
    for post in posts.values():
        for place in [post.at] if post.at is not None else in_team[post.team]:
            in_group[post.group] += post.n
            in_team[post.team][place] += post.n
    for name, group in groups.items():
        if in_group[name] != group.n:
            params = {"found": in_group[name], "expected": group.n}
            yield "scenario.group_sum", ("structure", "ledger", "groups", name), params
    for name, team in structure.teams.items():
        yield from _team_sums(structure, team, in_team[name], ("structure", "teams", name, "size"))


def _team_sums(structure: Structure, team: Team, found: dict[str, int], path: Path) -> Iterator[Finding]:
    for place, expected in sizes_by_place(structure, team).items():
        named = place in team.size if isinstance(team.size, dict) else True
        if named and found[place] != expected:
            key = "scenario.team_sum" if place == STREET else "scenario.team_sum_at"
            yield (
                key,
                (*path, place) if isinstance(team.size, dict) else path,
                {"found": found[place], "expected": expected, "place": place},
            )
