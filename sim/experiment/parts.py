"""A reform taken apart: from one scenario and a list of changes to a scenario for every combination of its parts.

An experiment file names the ``parts``, and the ``changes`` that make a combination out of the scenario ``before``:
those are made, in the order of the file, whose parts ``with`` are all on and whose parts ``without`` are all off.
``set`` lays values over the scenario by dotted path; each change says its ``rule`` in words. Where the order of ids has
a meaning, ``order`` gives it. None of the parts is the scenario before; all of them must be the scenario ``after``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from sim.errors import Fault, ScenarioError
from sim.experiment.attribution import ENDS
from sim.experiment.changes import both_languages, joined, laid_over, named, values_of
from sim.language import LANGUAGES
from sim.scenario import Loaded, load
from sim.scenario.load import load_tree, tree
from sim.scenario.nearest import nearest
from sim.scenario.reading import read_file
from sim.scenario.tree import Mark, Node, Path, fault

CHANGE = ("with", "without", "rule", "set")
"""What a change may say."""
MOST_PARTS = 10


@dataclass(frozen=True)
class Change:
    """Values by dotted path, which are laid over a scenario where some parts are on and others off."""

    needs: frozenset[str]
    excludes: frozenset[str]
    rule: Mapping[str, str]
    values: Mapping[str, Node]

    def is_made(self, on: frozenset[str]) -> bool:
        """Whether the change belongs to a combination."""
        return self.needs <= on and not self.excludes & on


@dataclass(frozen=True)
class Parts:
    """The parts of a reform: the scenario before as a tree, names in both languages, changes, order of ids."""

    before: Node
    after: Loaded
    names: Mapping[str, Mapping[str, str]]
    changes: tuple[Change, ...]
    order: Mapping[str, tuple[str, ...]]
    mark: Mark

    def subsets(self) -> Iterator[frozenset[str]]:
        """All combinations: bit i of their number says whether part i is on; the first is none, the last all."""
        for number in range(2 ** len(self.names)):
            yield frozenset(part for bit, part in enumerate(self.names) if number >> bit & 1)

    def scenario(self, on: frozenset[str]) -> Loaded:
        """The scenario of one combination. Raises ScenarioError."""
        root, faults = self.before, list[Fault]()
        for change in self.changes:
            if change.is_made(on):
                root = laid_over(root, change.values, faults)
        for name, ids in self.order.items():
            root = _ordered(root, tuple(name.split(".")), ids, self.mark, faults)
        if faults:
            raise ScenarioError(faults)
        return load_tree(self._named(root, on))

    def _named(self, root: Node, on: frozenset[str]) -> Node:
        """The combination says in its name and title which parts are on."""
        mine = [part for part in self.names if part in on]
        if not mine:
            return root
        base = {lang: str(words.content) for lang, words in root.fields["title"].fields.items()}
        title = joined("parts.joined", [base, *(self.names[part] for part in mine)])
        return named(root, ["with", *mine], title, self.mark)


def combinations(path: FilePath | str) -> list[tuple[frozenset[str], Loaded]]:
    """The parts that are on, and the scenario, of every combination of an experiment file.

    In the order of :meth:`Parts.subsets`: the first is the scenario before, the last the scenario after.

    Raises
    ------
    ScenarioError
        With all faults of the file; of all combinations that are no valid scenario; or if all parts together are not
        the scenario after.
    """
    parts = read_parts(path)
    made: list[tuple[frozenset[str], Loaded]] = []
    infeasible: list[str] = []
    faults: dict[str, Fault] = {}
    for on in parts.subsets():
        try:
            made.append((on, parts.scenario(on)))
        except ScenarioError as error:
            infeasible.append(" + ".join(part for part in parts.names if part in on) or "—")
            faults |= {each.text(): each for each in error.faults}
    if infeasible:
        params: dict[str, Any] = {"n": len(infeasible), "parts": infeasible[0]}
        raise ScenarioError([fault("parts.infeasible", parts.mark, ("changes",), **params), *faults.values()])
    whole = made[-1][1].digest
    if whole != parts.after.digest:
        params = {"after": parts.after.scenario.name, "expected": parts.after.digest[:8], "found": whole[:8]}
        raise ScenarioError(fault("parts.not_after", parts.mark, ("parts",), **params))
    return made


def read_parts(path: FilePath | str) -> Parts:
    """The parts of an experiment file, whose other keys are not looked at. Raises ScenarioError with all faults."""
    faults: list[Fault] = []
    root = read_file(FilePath(path), str(path), faults)
    mark = root.fields.get("parts", root).where
    names = _mapping(root, "parts", faults)
    ends = root.fields.get("scenarios", Node([], mark))
    for part, node in names.items():
        both_languages(node, ("parts", part), faults)
        if part in ENDS:
            faults.append(fault("parts.reserved", node.where, ("parts", part), names=", ".join(ENDS)))
    if len(names) > MOST_PARTS:
        faults.append(fault("parts.too_many", root.fields["parts"].where, ("parts",), n=len(names), most=MOST_PARTS))
    if len(ends.items) != len(ENDS):
        faults.append(fault("parts.two_scenarios", ends.where, ("scenarios",)))
    listed = root.fields.get("changes", Node([], mark)).items
    if not listed:
        faults.append(fault("scenario.missing_key", root.where, ("changes",), key="changes"))
    changes = [_change(node, ("changes", number), list(names), faults) for number, node in enumerate(listed)]
    order = {key: tuple(str(item.content) for item in node.items) for key, node in _order(root).items()}
    if faults:
        raise ScenarioError(faults)
    before, after = (FilePath(path).parent / str(end.content) for end in ends.items)
    texts = {part: {lang: str(node.fields[lang].content) for lang in LANGUAGES} for part, node in names.items()}
    return Parts(tree(before), load(after), texts, tuple(changes), order, mark)


def _mapping(root: Node, key: str, faults: list[Fault]) -> dict[str, Node]:
    node = root.fields.get(key)
    if node is None or not node.fields:
        faults.append(fault("scenario.missing_key", root.where, (key,), key=key))
    return node.fields if node is not None else {}


def _order(root: Node) -> dict[str, Node]:
    node = root.fields.get("order")
    return node.fields if node is not None else {}


def _change(node: Node, path: Path, names: list[str], faults: list[Fault]) -> Change:
    """One change; its numbers keep the sources that stand with them."""
    for key, part in node.fields.items():
        if key not in CHANGE:
            known = nearest(key, CHANGE)
            faults.append(fault("scenario.unknown_key", part.key or part.mark, (*path, key), key=key, known=known))
    rule = both_languages(node.fields.get("rule"), (*path, "rule"), faults, node.where)
    needs = _listed(node, "with", path, names, faults)
    excludes = _listed(node, "without", path, names, faults)
    if not needs:
        faults.append(fault("scenario.missing_key", node.where, (*path, "with"), key="with"))
    if both := needs & excludes:
        faults.append(fault("parts.never", node.where, path, parts=", ".join(sorted(both))))
    return Change(needs, excludes, rule, values_of(node, path, faults))


def _listed(node: Node, key: str, path: Path, names: list[str], faults: list[Fault]) -> frozenset[str]:
    """The parts that a change lists under a key."""
    part = node.fields.get(key)
    if part is None:
        return frozenset()
    if not isinstance(part.content, list):
        faults.append(fault("scenario.list", part.where, (*path, key)))
    for item in part.items:
        if item.content not in names:
            near = nearest(str(item.content), names)
            faults.append(fault("parts.unknown", item.mark, (*path, key), name=item.content, nearest=near))
    return frozenset(str(item.content) for item in part.items)


def _ordered(root: Node, path: tuple[str, ...], ids: tuple[str, ...], mark: Mark, faults: list[Fault]) -> Node:
    """The tree with the ids of a mapping in an order that names every one of them."""
    if not path:
        for key, node in root.fields.items():
            if key not in ids:
                faults.append(fault("parts.no_order", node.where, (key,), name=key, nearest=nearest(key, ids)))
        position = {key: number for number, key in enumerate(ids)}
        fields = sorted(root.fields.items(), key=lambda item: position.get(item[0], len(ids)))
        return replace(root, content=dict(fields))
    step, rest = path[0], path[1:]
    if step not in root.fields:
        faults.append(fault("parts.no_place", mark, path, step=step, nearest=nearest(step, root.fields)))
        return root
    return replace(root, content=root.fields | {step: _ordered(root.fields[step], rest, ids, mark, faults)})
