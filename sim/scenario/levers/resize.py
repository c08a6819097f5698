"""Community size as a verb: equal communities, and by which rules people, committees and patrols are dealt anew.

- *Communities*: the street's households are kept; sizes are equal up to one household, the larger ones first.
- *People* of the teams that stand in each community are pooled and dealt anew. A team split into windows keeps its size
  in each station; whoever is left stands behind the windows (in several teams: in proportion to their people), parted
  among the communities by household (largest remainder). Windows are filled by those who stand there, then by others of
  their groups, then by the largest group. Every person stays in the ledger, and each group is spread evenly.
- *Committees*: the street's number of committees, and so their mean size, is kept, but every community has at least
  one; they go to the communities by household, and their members are dealt over them evenly.
- *Patrols* and other duties of kind ``field`` of these teams keep the street's total hours: they grow longer as the
  stations become fewer, because each has a larger area. *Meetings* stay as they are, one a station; there is one door a
  community, and the way to it grows with the community's area (``station_walk_households``).
- Communities that come out as the file has them change nothing. Others cannot be where there are areas: which of the
  new communities would belong to which area is for the file to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.checks.finding import Finding
from sim.scenario.levers.roster import Person, Roster, Stand, manned, roster
from sim.scenario.levers.schema import Resize
from sim.scenario.places import households_by_place, n_turns
from sim.scenario.schema import Community, Duty, Each, Scenario, Structure
from sim.scenario.tree import Path

Quota = Mapping[str, int]
"""People by place."""
NUMBER, HOUSEHOLDS = ("structure", "communities", "number"), ("structure", "communities", "households")


def resized(scenario: Scenario, verb: Resize) -> tuple[Scenario, list[Finding]]:
    """The scenario with communities of another size, or why it cannot be."""
    total = scenario.place.households
    n = verb.number if verb.number is not None else (2 * total + (verb.households or 1)) // (2 * (verb.households or 1))
    path: Path = HOUSEHOLDS if verb.number is None else NUMBER
    if n < 1:
        return scenario, [("lever.no_community", path, {"size": verb.households, "total": total})]
    if n > total:
        return scenario, [("lever.more_communities", path, {"n": n, "total": total})]
    old = scenario.structure
    sizes = shares(total, [1] * n)
    if sizes == [community.households for community in old.communities.values()]:
        return scenario, []
    if old.areas:
        return scenario, [("lever.areas", path, {"areas": ", ".join(old.areas)})]
    bare = old.model_copy(update={"communities": _communities(old, sizes)})
    people = roster(old)
    findings: list[Finding] = []
    kinds: tuple[Each, ...] = ("community", "committee")
    for each in kinds:
        dealt = _Deal(old, bare, people, each)
        quotas = dealt.quotas()
        findings += [(key, path, params) for key, params in dealt.refusals(quotas)]
        people = people if findings else dealt.spread(quotas)
    if findings:
        return scenario, findings
    new = manned(bare, people)
    new = new.model_copy(update={"duties": dict(_duties(old, new))})
    return scenario.model_copy(update={"structure": new}), []


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Whole shares of a total in proportion to weights (largest remainder; the first of equals has it).

    >>> shares(42, [1, 1, 1, 1]), shares(7, [1, 2]), shares(5, [0, 0])
    ([11, 11, 10, 10], [2, 5], [3, 2])
    """
    weights = weights if any(weights) else [1] * len(weights)
    whole = [total * weight // sum(weights) for weight in weights]
    left = [total * weight % sum(weights) for weight in weights]
    first = sorted(range(len(weights)), key=lambda i: -left[i])[: total - sum(whole)]
    return [share + (i in first) for i, share in enumerate(whole)]


def _communities(old: Structure, sizes: list[int]) -> dict[str, Community]:
    """Communities c1, c2 … with their committees; a file that names no committees goes on naming none."""
    if not any("committees" in community.model_fields_set for community in old.communities.values()):
        return {f"c{i + 1}": Community(households=size) for i, size in enumerate(sizes)}
    n_committees = sum(community.committees for community in old.communities.values())
    more = shares(max(n_committees - len(sizes), 0), sizes)
    return {f"c{i + 1}": Community(households=size, committees=1 + more[i]) for i, size in enumerate(sizes)}


def _duties(old: Structure, new: Structure) -> Iterator[tuple[str, Duty]]:
    """Field duties of the teams dealt anew, as long as keeps the street's total hours."""
    for name, duty in old.duties.items():
        before, after = _heads(old, duty), _heads(new, duty)
        moved = old.teams[duty.team].each != "street" and duty.kind == "field" and before and after
        length = max(round(duty.length * before / after), 1) if moved else duty.length
        yield name, duty.model_copy(update={"length": length})


def _heads(structure: Structure, duty: Duty) -> int:
    """How many people one instant of a duty calls away in the whole street."""
    size = structure.teams[duty.team].size
    turns = n_turns(structure, duty)
    return sum(duty.heads(size[place] if isinstance(size, dict) else size, turns[place]) for place in turns)


@dataclass(frozen=True)
class _Deal:
    """The people of all teams that stand in each place of a kind, dealt over the new places."""

    old: Structure
    bare: Structure
    people: Roster
    each: Each

    @property
    def pool(self) -> list[tuple[Person, Stand]]:
        """Everybody who is dealt anew."""
        return [(person, at) for person, at in self.people.people() if self.old.teams[at.team].each == self.each]

    @property
    def teams(self) -> dict[str, int]:
        """The teams of the kind, those split into windows first, with their people in the old places."""
        found = self.people.sizes()
        named = [name for name, team in self.old.teams.items() if team.each == self.each]
        named.sort(key=lambda name: not self.old.teams[name].split)
        return {name: sum(found[name, place] for place in households_by_place(self.old, self.each)) for name in named}

    def quotas(self) -> dict[str, Quota]:
        """How many people each team has in each new place; a team may come out below nobody, which is refused."""
        places, teams = households_by_place(self.bare, self.each), self.teams
        windows = [name for name in teams if self.old.teams[name].split]
        behind = [name for name in teams if name not in windows]
        quotas: dict[str, Quota] = {}
        if behind:
            n_old = len(households_by_place(self.old, self.each))
            for name in windows:
                a_place = max(round(teams[name] / n_old), len(self.old.teams[name].serves))
                quotas[name] = dict.fromkeys(places, a_place)
            left = sum(teams.values()) - sum(sum(quota.values()) for quota in quotas.values())
            totals = dict(zip(behind, shares(max(left, 0), [teams[name] for name in behind]), strict=True))
        else:
            totals = teams
        for name, total in totals.items():
            weights = [1] * len(places) if self.each == "committee" else list(places.values())
            quotas[name] = dict(zip(places, shares(total, weights), strict=True))
        return quotas

    def refusals(self, quotas: Mapping[str, Quota]) -> Iterator[tuple[str, dict[str, object]]]:
        """A window without staff, a team with nobody in a place where it had somebody everywhere."""
        there = sum(self.teams.values())
        windows = {name: quota for name, quota in quotas.items() if self.old.teams[name].split}
        needed = sum(
            max(n, len(self.old.teams[name].serves)) for name, quota in windows.items() for n in quota.values()
        )
        if needed > there:
            yield "lever.window", {"n": len(self.bare.communities), "needed": needed, "there": there}
            return
        found = self.people.sizes()
        for name, quota in quotas.items():
            was_manned = all(found[name, place] for place in households_by_place(self.old, self.each))
            if was_manned and (empty := [place for place, n in quota.items() if n == 0]):
                yield "lever.nobody", {"n": len(self.bare.communities), "team": name, "places": ", ".join(empty)}

    def spread(self, quotas: Mapping[str, Quota]) -> Roster:
        """Everybody in a team and place; within a group, numbers go along the street."""
        left = self.pool
        stands: dict[Person, Stand] = {}
        for name, quota in quotas.items():
            left.sort(key=lambda each: self._eagerness(name, *each))
            taken, left = left[: sum(quota.values())], left[sum(quota.values()) :]
            stands |= _in_blocks(name, quota, sorted(taken, key=lambda each: self._order(each[0])))
        return self.people.with_stands(stands)

    def _eagerness(self, team: str, person: Person, stand: Stand) -> tuple[bool, bool, int, tuple[int, int]]:
        """Who is taken first for a team: those who stand in it, others of their groups, the largest group."""
        stands = self.people.groups[person[0]]
        return (
            stand.team != team,
            all(other.team != team for other in stands),
            -sum(self.old.teams[other.team].each == self.each for other in stands),
            self._order(person),
        )

    def _order(self, person: Person) -> tuple[int, int]:
        return list(self.people.groups).index(person[0]), person[1]


def _in_blocks(team: str, quota: Quota, people: list[tuple[Person, Stand]]) -> Iterator[tuple[Person, Stand]]:
    """Each next person goes to the place that lacks most of its quota; then each group is put in order of places."""
    order = {place: i for i, place in enumerate(quota)}
    lacking = dict(quota)
    goes: dict[str, list[str]] = {}
    for (group, _), _ in people:
        place = max(lacking, key=lambda name: lacking[name] / quota[name] if quota[name] else -1.0)
        lacking[place] -= 1
        goes.setdefault(group, []).append(place)
    places = {group: iter(sorted(named, key=lambda name: order[name])) for group, named in goes.items()}
    for person, stand in people:
        yield person, Stand(team, next(places[person[0]]), stand.government_work)
