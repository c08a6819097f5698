"""From a scenario file to a frozen, validated, resolved scenario; all faults of a file are told at once."""

from __future__ import annotations

import hashlib
import json
import os.path
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from sim.errors import Fault, InfeasibleError, ScenarioError
from sim.language import LANGUAGES, say
from sim.scenario import checks
from sim.scenario.levers import verbs
from sim.scenario.levers.schema import Levers, lever_paths
from sim.scenario.messages import MOST_FAULTS, translate
from sim.scenario.nearest import nearest
from sim.scenario.reading import read_file, read_text
from sim.scenario.schema import Scenario
from sim.scenario.sources import Source, number_leaves, take_off
from sim.scenario.tree import Mark, Node, Scalar, fault, from_plain, merge, plain, put
from sim.units import Rate, Span

WORDS = ("name", "title", "about", "checked_against")
"""Fields that change no number."""
ORDERED = (".structure.teams", ".structure.communities", ".structure.ledger.groups", ".structure.ledger.posts")
"""Mappings whose order has a meaning: who serves first, who lives where, who is which person."""
LEVER_PATHS = tuple(lever_paths())
"""What an override may set although no resolved scenario has it."""
LEAVES = ({"amount", "unit"}, {"per_s", "per"})
"""Keys of resolved quantities, which a file writes as one text."""


@dataclass(frozen=True)
class Loaded:
    """A scenario as it was read.

    ``levers`` are the verbs that have been carried out in it: nothing of them is left in ``scenario`` and its tree
    ``root``; ``verbs`` is the tree of what they say. ``digest`` is the SHA-256 of what the scenario means: names,
    titles, comments and the order of ids do not change it. Paths are dotted (``demand.matters.stamp.work.mean``).
    """

    scenario: Scenario
    levers: Levers
    digest: str
    root: Node
    verbs: Node

    @cached_property
    def numbers(self) -> Mapping[str, Node]:
        """Each number of the scenario and of its verbs, by path."""
        return MappingProxyType(dict(number_leaves(self.root)) | dict(number_leaves(self.verbs)))

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The source of each number that has one."""
        return MappingProxyType({path: node.source for path, node in self.numbers.items() if node.source is not None})

    @cached_property
    def written(self) -> Mapping[str, Scalar]:
        """Each number as the file writes it."""
        return MappingProxyType({path: cast("Scalar", node.content) for path, node in self.numbers.items()})

    @cached_property
    def unsourced(self) -> tuple[str, ...]:
        """Paths of the numbers without a source."""
        return tuple(path for path, node in self.numbers.items() if node.source is None)

    @cached_property
    def warnings(self) -> tuple[Fault, ...]:
        """What is doubtful, though no fault."""
        return tuple(checks.warnings(self.root, self.scenario))

    def resolved(self) -> dict[str, Any]:
        """The scenario with all defaults filled in, in seconds: what JSON and YAML can hold."""
        return self.scenario.model_dump(mode="json", by_alias=True)

    def resolved_yaml(self) -> str:
        """The resolved scenario as YAML."""
        stream = StringIO()
        writer: Any = YAML(typ="safe", pure=True)
        writer.default_flow_style, writer.sort_base_mapping_type_on_output = False, False
        writer.dump(self.resolved(), stream)
        return stream.getvalue()


def load(path: FilePath | str, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read a scenario file.

    ``overrides`` sets values by dotted path, written as a file would write them: ``{"demand.scale": 1.25}``.

    Raises
    ------
    ScenarioError
        With every fault found, each with file, line and column.
    InfeasibleError
        If nothing is wrong but that a verb (``move``, ``communities``) asks for what cannot be.
    """
    return Variants.of(path).at(overrides or {})


def load_text(text: str, name: str = "<text>", overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read a scenario from text; what it ``extends`` is looked for in the working folder. Raises as :func:`load`."""
    faults: list[Fault] = []
    return _variants(lambda: _laid_over(read_text(text, name, faults), FilePath(), (), faults), faults).at(
        overrides or {}
    )


def tree(path: FilePath | str) -> Node:
    """The tree of a scenario file, laid over what it extends, before it is validated. Raises ScenarioError."""
    faults: list[Fault] = []
    root = _file(FilePath(path), str(path), (), faults)
    if faults:
        raise ScenarioError(_in_order(faults))
    return root


def load_tree(root: Node) -> Loaded:
    """The scenario of a tree that was put together from others. Raises ScenarioError."""
    return Variants.of_tree(root).at({})


@dataclass(frozen=True)
class Variants:
    """A scenario file read and checked once, of which many variants are wanted.

    >>> street = Variants.of("scenarios/jinfeng/after.yaml")
    >>> [street.at({"structure.communities.number": n}).scenario.structure.communities["c1"].households for n in (3, 5)]
    [6000, 3600]
    """

    root: Node
    draft: _Draft

    @cached_property
    def _known(self) -> dict[str, Scenario]:
        """Scenarios without their verbs that have been validated, by the values set in them."""
        return {repr([]): self.draft.scenario}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of all that can be set."""
        return (*_paths(self.draft.scenario.model_dump(mode="json", by_alias=True), ""), *LEVER_PATHS)

    @classmethod
    def of(cls, path: FilePath | str) -> Variants:
        """Read a file. Raises ScenarioError; whether its verbs can be carried out is only said by :meth:`at`."""
        faults: list[Fault] = []
        return _variants(lambda: _file(FilePath(path), str(path), (), faults), faults)

    @classmethod
    def of_tree(cls, root: Node) -> Variants:
        """Of a tree that was put together from others. Raises as :meth:`of`."""
        return _variants(lambda: root, [])

    def at(self, overrides: Mapping[str, Any]) -> Loaded:
        """The scenario with values set by dotted path and its verbs carried out. Raises as :func:`load`."""
        faults: list[Fault] = []
        if not overrides:
            return _resolved(self.draft)
        root = _overridden(self.root, self.paths, overrides, faults)
        others = {name: value for name, value in overrides.items() if name not in LEVER_PATHS}
        key = repr(sorted(others.items()))
        known = None if faults else self._known.get(key)
        draft = _draft(root, faults, known)
        self._known[key] = draft.scenario
        return _resolved(draft)


@dataclass(frozen=True)
class _Draft:
    """A sound tree with its verbs taken off, the scenario it is without them, and the verbs."""

    parted: verbs.Parted
    scenario: Scenario
    levers: Levers


def _variants(read: Callable[[], Node], faults: list[Fault]) -> Variants:
    """Read and check; faults of reading that leave a tree are told together with all others."""
    try:
        root = read()
    except ScenarioError as error:
        raise ScenarioError(_in_order([*faults, *error.faults])) from None
    return Variants(root, _draft(root, faults, None))


def _draft(root: Node, faults: list[Fault], known: Scenario | None) -> _Draft:
    """The tree parted from its verbs; ``known`` is its scenario without them, if it has been validated before."""
    parted = verbs.part(root)
    levers, found = verbs.read(parted.verbs)
    scenario = _validated(parted.rest, [*faults, *found]) if known is None or faults or found else known
    if found := verbs.misnamed(scenario, levers, parted.verbs):
        raise ScenarioError(_in_order(found))
    return _Draft(parted, scenario, levers)


def _resolved(draft: _Draft) -> Loaded:
    """An ordinary scenario: that of the file, in which the verbs have been carried out."""
    root, scenario = draft.parted.rest, draft.scenario
    if draft.levers != verbs.NO_LEVERS:
        root, cannot = verbs.carried_out(scenario, draft.levers, draft.parted)
        if cannot:
            raise InfeasibleError(_in_order(cannot))
        scenario = _validated(root, []) if root is not draft.parted.rest else scenario
    return Loaded(scenario, draft.levers, digest(scenario), root, draft.parted.verbs)


def _file(path: FilePath, shown: str, chain: tuple[FilePath, ...], faults: list[Fault]) -> Node:
    """The tree of a file laid over the files it extends, with the marks and sources of all."""
    return _laid_over(read_file(path, shown, faults), path.parent, (*chain, path.resolve()), faults)


def _laid_over(root: Node, folder: FilePath, chain: tuple[FilePath, ...], faults: list[Fault]) -> Node:
    if "experiment" in root.fields:
        raise ScenarioError(fault("scenario.is_experiment", root.fields["experiment"].where, ("experiment",)))
    named, base = root.fields.get("extends"), None
    for each in [] if named is None else named.items or [named]:
        base = merge(base, _base(each, folder, chain, faults), faults)
    tree = take_off(root, faults)
    fields = {key: part for key, part in tree.fields.items() if key != "extends"}
    return merge(base, Node(fields, tree.mark), faults)


def _base(named: Node, folder: FilePath, chain: tuple[FilePath, ...], faults: list[Fault]) -> Node:
    if not isinstance(named.content, str):
        raise ScenarioError(fault("extends.text", named.where, ("extends",)))
    path = folder / named.content
    shown = os.path.normpath(os.path.join(os.path.dirname(named.mark.file), named.content))  # noqa: PTH118, PTH120
    if path.resolve() in chain:
        circle = [*(file.name for file in chain[chain.index(path.resolve()) :]), path.name]
        raise ScenarioError(fault("extends.cycle", named.mark, ("extends",), chain=" → ".join(circle)))
    if not path.is_file():
        raise ScenarioError(fault("extends.missing", named.mark, ("extends",), base=shown))
    return _file(path, shown, chain, faults)


def _validated(root: Node, faults: list[Fault]) -> Scenario:
    """The scenario of a tree, or all its faults together with those found before."""
    scenario, found = None, []
    try:
        scenario = Scenario.model_validate(plain(root))
    except ValidationError as error:
        found = translate(error, root)
    shown = _of_a_part(found)
    found = shown if shown != found else [*found, *checks.faults(root, scenario, found)]
    if scenario is None or faults or found:
        raise ScenarioError(_in_order([*faults, *found]))
    return scenario


def _of_a_part(found: list[Fault]) -> list[Fault]:
    """The faults, but what a part lacks is one: it has neither name nor units, so others are to extend it."""
    lacking = [each for each in found if each.key == "scenario.missing_key" and _is_of_the_whole(each.path)]
    keys = [each.path for each in lacking]
    if "name" not in keys or not {"structure", "structure.units"} & {*keys}:
        return found
    whole = Fault("scenario.part", {"keys": ", ".join(keys)}, lacking[0].file, lacking[0].line, lacking[0].col)
    return [whole, *(each for each in found if each not in lacking)]


def _is_of_the_whole(path: str) -> bool:
    return "." not in path.removeprefix("structure.")


def _in_order(faults: list[Fault]) -> list[Fault]:
    """Faults by file, line and column, each once (what an alias repeats has one place)."""
    once: dict[object, Fault] = {}
    for each in faults:
        place = (each.file, each.line, each.col) if each.line else each.path
        once.setdefault((place, each.key, str(each.params)), each)
    return sorted(once.values(), key=lambda each: (each.file, each.line, each.col))[:MOST_FAULTS]


def _overridden(root: Node, known: tuple[str, ...], overrides: Mapping[str, Any], faults: list[Fault]) -> Node:
    """The tree with values set by dotted path; a path that no scenario of this shape has is a fault."""
    here = Mark("")
    chosen = Source("choice", here, why={lang: say("source.override", lang) for lang in LANGUAGES})
    for name, value in overrides.items():
        if name not in known:
            faults.append(fault("scenario.override_path", here, name=name, nearest=nearest(name, known)))
            continue
        path = tuple(name.split("."))
        root = put(root, path, take_off(from_plain(value, here), faults, path, chosen), faults)
    return root


def _paths(value: Any, path: str) -> Iterator[str]:
    """Dotted paths of everything a resolved scenario holds."""
    if path:
        yield path
    if isinstance(value, dict) and set(value) not in LEAVES:
        for key, part in value.items():
            yield from _paths(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _paths(part, f"{path}.{number}")


def digest(scenario: Scenario) -> str:
    """SHA-256 (hexadecimal) of what a scenario means."""
    meaning = {"scenario": _meaning(scenario, ""), "first_calendar": next(iter(scenario.calendars), None)}
    text = json.dumps(meaning, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _meaning(value: Any, path: str) -> Any:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name: _meaning(getattr(value, name), f"{path}.{name}") for name in fields if name not in WORDS}
    if isinstance(value, dict):
        parts = {str(key): _meaning(part, f"{path}.{key}") for key, part in value.items()}
        return list(parts.items()) if path in ORDERED else parts
    if isinstance(value, list | tuple):
        return [_meaning(part, path) for part in value]
    return asdict(value) if isinstance(value, Span | Rate) else value
