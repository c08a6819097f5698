"""From a scenario file to a frozen, validated, resolved scenario; all faults of a file are told at once."""

from __future__ import annotations

import hashlib
import json
import os.path
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from sim.errors import Fault, ScenarioError
from sim.language import LANGUAGES, say
from sim.scenario import checks
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
LEAVES = ({"amount", "unit"}, {"per_s", "per"})
"""Keys of resolved quantities, which a file writes as one text."""


@dataclass(frozen=True)
class Loaded:
    """A scenario as it was read.

    ``sources`` holds the source of every number that has one, ``unsourced`` the paths of those that have none, and
    ``written`` each number as the file writes it; paths are dotted (``demand.matters.stamp.work.mean``). ``digest`` is
    the SHA-256 of what the scenario means: names, titles, comments and the order of ids do not change it.
    """

    scenario: Scenario
    sources: Mapping[str, Source]
    written: Mapping[str, Scalar]
    unsourced: tuple[str, ...]
    warnings: tuple[Fault, ...]
    digest: str

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
    """
    faults: list[Fault] = []
    return _loaded(lambda: _file(FilePath(path), str(path), (), faults), faults, overrides)


def load_text(text: str, name: str = "<text>", overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read a scenario from text; what it ``extends`` is looked for in the working folder. Raises ScenarioError."""
    faults: list[Fault] = []
    return _loaded(lambda: _laid_over(read_text(text, name, faults), FilePath(), (), faults), faults, overrides)


def tree(path: FilePath | str) -> Node:
    """The tree of a scenario file, laid over what it extends, before it is validated. Raises ScenarioError."""
    faults: list[Fault] = []
    root = _file(FilePath(path), str(path), (), faults)
    if faults:
        raise ScenarioError(_in_order(faults))
    return root


def load_tree(root: Node) -> Loaded:
    """The scenario of a tree that was put together from others. Raises ScenarioError."""
    return _loaded(lambda: root, [], None)


def _loaded(read: Callable[[], Node], faults: list[Fault], overrides: Mapping[str, Any] | None) -> Loaded:
    """Validate what is read; faults of reading that leave a tree are told together with all others."""
    try:
        root = read()
    except ScenarioError as error:
        raise ScenarioError(_in_order([*faults, *error.faults])) from None
    scenario = _validated(root, faults)
    if overrides:
        root = _overridden(root, scenario, overrides, faults)
        scenario = _validated(root, faults)
    numbers = dict(number_leaves(root))
    return Loaded(
        scenario=scenario,
        sources=MappingProxyType({path: node.source for path, node in numbers.items() if node.source is not None}),
        written=MappingProxyType({path: cast("Scalar", node.content) for path, node in numbers.items()}),
        unsourced=tuple(path for path, node in numbers.items() if node.source is None),
        warnings=tuple(checks.warnings(root, scenario)),
        digest=digest(scenario),
    )


def _file(path: FilePath, shown: str, chain: tuple[FilePath, ...], faults: list[Fault]) -> Node:
    """The tree of a file laid over the files it extends, with the marks and sources of all."""
    return _laid_over(read_file(path, shown, faults), path.parent, (*chain, path.resolve()), faults)


def _laid_over(root: Node, folder: FilePath, chain: tuple[FilePath, ...], faults: list[Fault]) -> Node:
    named = root.fields.get("extends")
    base = None if named is None else _base(named, folder, chain, faults)
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
    found += checks.faults(root, scenario, found)
    if scenario is None or faults or found:
        raise ScenarioError(_in_order([*faults, *found]))
    return scenario


def _in_order(faults: list[Fault]) -> list[Fault]:
    """Faults by file, line and column, each once (what an alias repeats has one place)."""
    once: dict[object, Fault] = {}
    for each in faults:
        place = (each.file, each.line, each.col) if each.line else each.path
        once.setdefault((place, each.key, str(each.params)), each)
    return sorted(once.values(), key=lambda each: (each.file, each.line, each.col))[:MOST_FAULTS]


def _overridden(root: Node, scenario: Scenario, overrides: Mapping[str, Any], faults: list[Fault]) -> Node:
    """The tree with values set by dotted path; a path that no scenario of this shape has is a fault."""
    here = Mark("")
    chosen = Source("choice", here, why={lang: say("source.override", lang) for lang in LANGUAGES})
    known = list(_paths(scenario.model_dump(mode="json", by_alias=True), ""))
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
