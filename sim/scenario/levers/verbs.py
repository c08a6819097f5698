"""The verbs ``communities: {number: …}`` and ``move: {…}``: carried out on the tree, so that an ordinary file is left.

Communities are dealt anew first (:mod:`~sim.scenario.levers.resize`), then people move
(:mod:`~sim.scenario.levers.move`). Whatever a verb makes has its place in the file and the source ``derived``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault
from sim.language import LANGUAGES, say
from sim.scenario.checks.finding import Finding
from sim.scenario.levers.move import moved, unknown_teams
from sim.scenario.levers.resize import resized
from sim.scenario.levers.schema import LeverFile, Levers, Resize
from sim.scenario.messages import translate
from sim.scenario.schema import Scenario, Structure
from sim.scenario.sources import Source, take_off
from sim.scenario.tree import Mark, Node, Path, fault, find, from_plain, leaves, plain, replaced

NO_LEVERS = Levers()
_SIZES = ("number", "households")


@dataclass(frozen=True)
class Parted:
    """A tree without its verbs, and the verbs as a tree of their own: ``communities`` named are what is dealt anew."""

    rest: Node
    verbs: Node


def part(root: Node) -> Parted:
    """Take the verbs off a tree. A number under ``communities`` is a verb, a mapping is a community."""
    structure = root.fields.get("structure")
    if structure is None or not isinstance(structure.content, dict):
        return Parted(root, Node({}, root.mark))
    fields, verbs = dict(structure.fields), {}
    if "move" in fields:
        verbs["move"] = fields.pop("move")
    if communities := fields.get("communities"):
        sizes = {
            name: node
            for name, node in communities.fields.items()
            if name in _SIZES and not isinstance(node.content, dict) and node.content is not None
        }
        if sizes:
            verbs["communities"] = Node(sizes, communities.mark, communities.key)
            named = {name: node for name, node in communities.fields.items() if name not in sizes}
            fields["communities"] = Node(named, communities.mark, communities.key)
            if not named:
                del fields["communities"]
    if not verbs:
        return Parted(root, Node({}, root.mark))
    rest = Node({**root.fields, "structure": Node(fields, structure.mark, structure.key)}, root.mark, root.key)
    return Parted(rest, Node({"structure": Node(verbs, structure.mark, structure.key)}, root.mark))


def read(verbs: Node) -> tuple[Levers, list[Fault]]:
    """The verbs of a tree, and what is wrong with how they are written."""
    try:
        levers = LeverFile.model_validate(plain(verbs)).structure
    except ValidationError as error:
        return NO_LEVERS, translate(error, verbs)
    resize = levers.communities
    if resize is not None and resize.number is not None and resize.households is not None:
        path = ("structure", "communities", "households")
        return levers, [fault("scenario.resize_both", _mark(verbs, path), path)]
    return levers, []


def misnamed(scenario: Scenario, levers: Levers, verbs: Node) -> list[Fault]:
    """Teams that the verbs name and that cannot be meant."""
    found = unknown_teams(scenario.structure, levers.move) if levers.move is not None else iter(())
    return list(_faults(found, verbs))


def carried_out(scenario: Scenario, levers: Levers, parted: Parted) -> tuple[Node, list[Fault]]:
    """The tree of an ordinary scenario that says what the verbs ask for, or why it cannot be."""
    root = parted.rest
    findings: list[Finding] = []
    for key in ("communities", "move"):
        verb = getattr(levers, key)
        if verb is None or findings:
            continue
        path: Path = ("structure", key)
        after, findings = resized(scenario, verb) if isinstance(verb, Resize) else moved(scenario, verb)
        root = _written(root, scenario, after, find(parted.verbs, path).where, f"source.{key}")
        scenario = after
    return root, list(_faults(findings, parted.verbs))


def _faults(findings: Iterator[Finding] | list[Finding], verbs: Node) -> Iterator[Fault]:
    for key, path, params in findings:
        yield fault(key, _mark(verbs, path), path, **params)


def _mark(verbs: Node, path: Path) -> Mark:
    """Where a part of a verb is named, or the verb if it says nothing of the part."""
    node = find(verbs, path)
    return node.key or node.where


def _written(root: Node, before: Scenario, after: Scenario, mark: Mark, words: str) -> Node:
    """The tree with whatever differs between two scenarios, marked with the verb's place and where it came from."""
    for path, value in _changes(before.structure, after.structure):
        old = find(root, path)
        ids = dict.fromkeys(name for _, leaf in leaves(old) if leaf.source is not None for name in leaf.source.ids)
        why = {lang: say(words, lang) for lang in LANGUAGES}
        source = Source("derived", mark, tuple(ids), why)
        root = replaced(root, path, take_off(from_plain(value, mark), [], path, source))
    return root


def _changes(before: Structure, after: Structure) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and new value, as a file would write it, of what the verbs change."""
    if before.communities != after.communities:
        yield ("structure", "communities"), _plainly(after.communities)
    for name, team in after.teams.items():
        if team.size != before.teams[name].size:
            yield ("structure", "teams", name, "size"), team.size
    for name, duty in after.duties.items():
        if duty.length != before.duties[name].length:
            yield ("structure", "duties", name, "length"), f"{duty.length} s"
    if before.ledger.posts != after.ledger.posts:
        yield ("structure", "ledger", "posts"), _plainly(after.ledger.posts)


def _plainly(models: dict[str, Any]) -> dict[str, Any]:
    return {name: model.model_dump(exclude_none=True, exclude_unset=True) for name, model in models.items()}
