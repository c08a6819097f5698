"""From a scenario file to a frozen, validated, resolved scenario; all faults of a file are told at once."""

from __future__ import annotations

import hashlib
import json
import os.path
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from sim.errors import Fault, ScenarioError
from sim.language import LANGUAGES, say
from sim.scenario import checks
from sim.scenario.messages import translate
from sim.scenario.nearest import nearest
from sim.scenario.reading import read_file, read_text
from sim.scenario.schema import Scenario
from sim.scenario.sources import Source, number_leaves, take_off
from sim.scenario.tree import Mark, Node, Path, Scalar, dotted, fault, from_plain, merge, plain, put

WORDS = ("name", "title", "about", "checked_against")
"""Fields that change no number."""
ORDERED = ("structure.teams", "structure.communities", "structure.ledger.groups", "structure.ledger.posts")
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
        writer = YAML(typ="safe", pure=True)
        writer.default_flow_style, writer.allow_unicode, writer.sort_base_mapping_type_on_output = False, True, False
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
    path = FilePath(path)
    return _loaded(_extended(path, str(path), ()), overrides)


def load_text(text: str, name: str = "<text>", overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read a scenario from text; what it ``extends`` is looked for in the working folder. Raises ScenarioError."""
    return _loaded(_with_base(read_text(text, name), FilePath(), "", ()), overrides)


def _extended(path: FilePath, shown: str, chain: tuple[FilePath, ...]) -> Node:
    """The tree of a file laid over the files it extends, with marks and sources of all."""
    chain = (*chain, path.resolve())
    return _with_base(read_file(path, shown), path.parent, os.path.dirname(shown), chain)


def _with_base(root: Node, folder: FilePath, shown_folder: str, chain: tuple[FilePath, ...]) -> Node:
    faults: list[Fault] = []
    tree = take_off(root, faults)
    named = root.fields.get("extends")
    base = None if named is None else _base(named, folder, shown_folder, chain)
    fields = {key: part for key, part in tree.fields.items() if key != "extends"}
    merged = merge(base, Node(fields, tree.mark), faults)
    if faults:
        raise ScenarioError(_in_order(faults))
    return merged


def _base(named: Node, folder: FilePath, shown_folder: str, chain: tuple[FilePath, ...]) -> Node:
    if not isinstance(named.content, str):
        raise ScenarioError(fault("extends.text", named.where, ("extends",)))
    path = folder / named.content
    shown = os.path.normpath(os.path.join(shown_folder, named.content))
    if path.resolve() in chain:
        circle = " → ".join(file.name for file in (*chain[chain.index(path.resolve()) :], path))
        raise ScenarioError(fault("extends.cycle", named.mark, ("extends",), chain=circle))
    if not path.is_file():
        raise ScenarioError(fault("extends.missing", named.mark, ("extends",), base=shown))
    return _extended(path, shown, chain)


def _loaded(root: Node, overrides: Mapping[str, Any] | None) -> Loaded:
    scenario = _validated(root)
    if overrides:
        root = _overridden(root, scenario, overrides)
        scenario = _validated(root)
    numbers = dict(number_leaves(root))
    return Loaded(
        scenario=scenario,
        sources=MappingProxyType({path: node.source for path, node in numbers.items() if node.source is not None}),
        written=MappingProxyType({path: node.content for path, node in numbers.items()}),
        unsourced=tuple(path for path, node in numbers.items() if node.source is None),
        warnings=tuple(checks.warnings(root, scenario)),
        digest=digest(scenario),
    )
