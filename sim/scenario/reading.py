"""YAML 1.2 text to a tree of nodes, safely: bounded size, depth and repetition, no tags, no duplicate keys.

Scalars follow the YAML 1.2 core schema, and are text in doubtful cases: ``no``, ``8:30`` and ``010`` are text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from sim.errors import Fault, ScenarioError
from sim.scenario.tree import Mark, Node, Scalar, fault

MOST_BYTES = 2**20
MOST_NODES = 100_000
MOST_DEPTH = 40

_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WORDS |= {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*|(?=\.[0-9]))(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SYNTAX = (
    ("yaml.tab", r"\\t"),
    ("yaml.escape", r"escape"),
    ("yaml.quote", r"quoted scalar"),
    ("yaml.bracket", r"while parsing a flow"),
    ("yaml.colon", r"mapping values are not allowed"),
    ("yaml.no_colon", r"could not find expected ':'"),
    ("yaml.bracket_extra", r"found \(?'[\]}]'"),
    ("yaml.indent", r"block end|block mapping|block collection"),
    ("yaml.first_character", r"cannot start any token"),
)


def read_file(path: FilePath, shown: str, faults: list[Fault]) -> Node:
    """The tree of a scenario file, called ``shown`` in messages; see :func:`read_text`."""
    start = Mark(shown, 1, 1)
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ScenarioError(fault("file.missing", Mark(shown))) from error
    except IsADirectoryError as error:
        raise ScenarioError(fault("file.folder", Mark(shown))) from error
    except OSError as error:
        raise ScenarioError(fault("file.unreadable", Mark(shown), reason=error.strerror)) from error
    if len(data) > MOST_BYTES:
        raise ScenarioError(fault("file.too_large", start, size=path.stat().st_size, limit=MOST_BYTES))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        col = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        raise ScenarioError(fault("file.not_utf8", Mark(shown, before.count(b"\n") + 1, col))) from error
    return read_text(text, shown, faults)


def read_text(text: str, file: str, faults: list[Fault]) -> Node:
    """The tree of a scenario text, called ``file`` in messages.

    Adds duplicate keys to ``faults`` (the first of them holds); raises ScenarioError for what leaves no tree.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise ScenarioError(fault("file.too_large", Mark(file, 1, 1), size=size, limit=MOST_BYTES))
    try:
        return _Composer(text, file, faults).document()
    except ReaderError as error:
        before = text[: error.position]
        mark = Mark(file, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        raise ScenarioError(fault("yaml.unprintable", mark, code=f"U+{error.character:04X}")) from error
    except MarkedYAMLError as error:
        raise ScenarioError(_syntax_fault(error, file)) from error
    except (YAMLError, RecursionError) as error:
        raise ScenarioError(fault("yaml.syntax", Mark(file, 1, 1), problem=str(error))) from error


def _syntax_fault(error: MarkedYAMLError, file: str) -> Fault:
    told = f"{error.context or ''} {error.problem or ''}"
    key = next((key for key, pattern in _SYNTAX if re.search(pattern, told)), "yaml.syntax")
    opened = key in ("yaml.quote", "yaml.bracket")
    at = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
    return fault(key, Mark(file, at.line + 1, at.column + 1) if at else Mark(file, 1, 1), problem=error.problem)


def scalar(text: str) -> Scalar:
    """The value of a plain scalar.

    >>> [scalar(text) for text in ("12", "1e3", "true", "8:30", "010", "no", "")]
    [12, 1000.0, True, '8:30', '010', 'no', None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


class _Composer:
    """Builds the tree from the parser's events; notes duplicate keys, stops at whatever is no scenario file."""

    def __init__(self, text: str, file: str, faults: list[Fault]) -> None:
        self.events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self.file = file
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.n_nodes = 0
        self.faults = faults

    def document(self) -> Node:
        """The one document of the text, which must be a mapping."""
        start = Mark(self.file, 1, 1)
        next(self.events)
        if not isinstance(next(self.events), DocumentStartEvent):
            raise self._stop("yaml.empty", start)
        root = self._node(next(self.events), 0)
        next(self.events)
        following = next(self.events)
        if isinstance(following, DocumentStartEvent):
            raise self._stop("yaml.documents", self._mark(following))
        if root.content is None:
            raise self._stop("yaml.empty", start)
        if not isinstance(root.content, dict):
            raise self._stop("yaml.not_mapping", root.mark)
        return root

    def _mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _stop(self, key: str, mark: Mark, **params: Any) -> ScenarioError:
        return ScenarioError(fault(key, mark, **params))

    def _node(self, event: Any, depth: int) -> Node:
        mark = self._mark(event)
        if depth > MOST_DEPTH:
            raise self._stop("yaml.too_deep", mark, limit=MOST_DEPTH)
        before = self.n_nodes
        if isinstance(event, AliasEvent):
            if event.anchor not in self.anchors:
                raise self._stop("yaml.alias", mark, name=event.anchor)
            node, size = self.anchors[event.anchor]
            self._count(size, mark)
            return node
        self._count(1, mark)
        if event.ctag is not None:
            raise self._stop("yaml.tag", mark, tag=str(event.ctag).replace("tag:yaml.org,2002:", "!!"))
        node = self._content(event, mark, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node, self.n_nodes - before
        return node

    def _count(self, n: int, mark: Mark) -> None:
        self.n_nodes += n
        if self.n_nodes > MOST_NODES:
            raise self._stop("yaml.too_many", mark, limit=MOST_NODES)

    def _content(self, event: Any, mark: Mark, depth: int) -> Node:
        if isinstance(event, ScalarEvent):
            if surrogate := _SURROGATE.search(event.value):
                raise self._stop("yaml.unprintable", mark, code=f"U+{ord(surrogate[0]):04X}")
            return Node(event.value if event.style else scalar(event.value), mark)
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(following := next(self.events), SequenceEndEvent):
                items.append(self._node(following, depth + 1))
            return Node(items, mark)
        return self._mapping(mark, depth)

    def _mapping(self, mark: Mark, depth: int) -> Node:
        fields: dict[str, Node] = {}
        while not isinstance(key := next(self.events), MappingEndEvent):
            at = self._mark(key)
            if not isinstance(key, ScalarEvent):
                raise self._stop("yaml.key", at)
            value = self._node(next(self.events), depth + 1)
            node = Node(value.content, value.mark, at)
            if key.value in fields:
                first = fields[key.value].key
                self.faults.append(fault("yaml.duplicate", at, name=key.value, line=first.line if first else 0))
            else:
                fields[key.value] = node
        return Node(fields, mark)
