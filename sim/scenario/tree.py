"""A scenario file as a tree whose every node knows its file, line and column, and the source of its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.errors import Fault

if TYPE_CHECKING:
    from sim.scenario.sources import Source

Scalar = bool | int | float | str | None
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mark:
    """A place in a file; lines and columns count from 1, 0 is none."""

    file: str
    line: int = 0
    col: int = 0


@dataclass(frozen=True)
class Node:
    """A scalar, a mapping of nodes or a list of nodes; ``key`` is where its name stands in a mapping."""

    content: Scalar | dict[str, Node] | list[Node]
    mark: Mark
    key: Mark | None = None
    source: Source | None = None

    @property
    def fields(self) -> dict[str, Node]:
        """The named parts of a mapping; none for anything else."""
        return self.content if isinstance(self.content, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The parts of a list; none for anything else."""
        return self.content if isinstance(self.content, list) else []

    @property
    def parts(self) -> Iterator[tuple[str | int, Node]]:
        """Key or position, and node, of everything one level below."""
        yield from self.fields.items()
        yield from enumerate(self.items)

    def part(self, step: str | int) -> Node | None:
        """What stands one level below under a key or at a position, if anything."""
        if isinstance(step, str):
            return self.fields.get(step)
        return self.items[step] if step < len(self.items) else None

    @property
    def where(self) -> Mark:
        """Where a reader looks first: the name of a mapping or list, the text of a scalar."""
        return self.key if self.key is not None and isinstance(self.content, dict | list) else self.mark


def dotted(path: Path) -> str:
    """A path as it is printed and named in overrides; positions in lists count from 0.

    >>> dotted(("structure", "procedures", "card", "steps", 0, "unit"))
    'structure.procedures.card.steps.0.unit'
    """
    return ".".join(str(part) for part in path)


def fault(key: str, mark: Mark, path: Path = (), /, **params: Any) -> Fault:
    """A fault at a place of a file."""
    return Fault(key, params, mark.file, mark.line, mark.col, dotted(path))


def plain(node: Node) -> Any:
    """The tree without its marks: dictionaries, lists and scalars."""
    if isinstance(node.content, dict):
        return {key: plain(part) for key, part in node.content.items()}
    if isinstance(node.content, list):
        return [plain(part) for part in node.content]
    return node.content


def from_plain(value: Any, mark: Mark) -> Node:
    """A tree of one mark from dictionaries, lists and scalars; keys become text."""
    if isinstance(value, Mapping):
        return Node({str(key): from_plain(part, mark) for key, part in value.items()}, mark)
    if isinstance(value, list | tuple):
        return Node([from_plain(part, mark) for part in value], mark)
    return Node(value, mark)


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """All scalars with their paths, in file order."""
    if not isinstance(node.content, dict | list):
        yield path, node
    for key, part in node.parts:
        yield from leaves(part, (*path, key))


def find(root: Node, path: Path) -> Node:
    """The node at a path, or the nearest above it that is there."""
    node = root
    for step in path:
        part = node.part(step)
        if part is None:
            return node
        node = part
    return node


def fields_at(root: Node, path: Path) -> dict[str, Node] | None:
    """The named parts of the mapping at a path, or None if nothing stands there."""
    node: Node | None = root
    for step in path:
        node = node.part(step) if node is not None else None
    return node.fields if node is not None else None


def without(root: Node, paths: list[tuple[str, ...]]) -> Node:
    """The tree without the named parts at some paths."""
    here = {path[0] for path in paths if len(path) == 1}
    fields = {
        key: without(part, [path[1:] for path in paths if path[0] == key and len(path) > 1])
        for key, part in root.fields.items()
        if key not in here
    }
    items = [
        without(part, [path[1:] for path in paths if path[0] == str(number) and len(path) > 1])
        for number, part in enumerate(root.items)
    ]
    return replace(root, content=fields) if fields or here else replace(root, content=items) if items else root


def merge(base: Node | None, patch: Node, faults: list[Fault], path: Path = ()) -> Node:
    """``patch`` laid over ``base`` as a JSON Merge Patch (RFC 7396); an empty value removes what the base says.

    Mappings merge deeply, everything else is replaced. Beyond the RFC, an empty value with nothing to remove is a
    fault: it is nearly always a value that was forgotten.
    """
    if not isinstance(patch.content, dict):
        return patch
    fields = dict(base.fields) if base is not None else {}
    for key, part in patch.content.items():
        here = (*path, key)
        if part.content is not None:
            fields[key] = merge(fields.get(key), part, faults, here)
        elif key in fields:
            del fields[key]
        else:
            faults.append(fault("scenario.empty_value", part.key or part.mark, here))
    return replace(patch, content=fields)


def put(root: Node, path: Path, patch: Node, faults: list[Fault], above: Path = ()) -> Node:
    """The tree with ``patch`` merged in at a path (positions in lists are numbers); what is missing is made."""
    if not path:
        return replace(merge(root, patch, faults, above), key=root.key)
    step, rest = str(path[0]), path[1:]
    here = (*above, step)
    root = _longhand(root, step)
    if isinstance(root.content, list):
        items = list(root.content)
        items[int(step)] = put(items[int(step)], rest, patch, faults, here)
        return replace(root, content=items)
    fields = dict(root.fields)
    if not rest and patch.content is None:
        fields.pop(step, None)
    else:
        fields[step] = put(fields.get(step, Node({}, patch.mark)), rest, patch, faults, here)
    return replace(root, content=fields)


def replaced(root: Node, path: tuple[str, ...], part: Node) -> Node:
    """The tree with another part at a path of names, whatever stood there; the names keep their marks."""
    if not path:
        return replace(part, key=root.key)
    below = root.fields.get(path[0], Node({}, part.mark, part.key))
    return replace(root, content={**root.fields, path[0]: replaced(below, path[1:], part)})


def _longhand(node: Node, step: str) -> Node:
    """A text that stands for something with parts: a list of one (``at``), or a draw by its mean."""
    if not isinstance(node.content, str):
        return node
    return replace(node, content=[node] if step.isdigit() else {"mean": node})
