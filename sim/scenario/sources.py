"""Where numbers come from: ``{value: 12 min, fact: id}`` on one value, ``source: {…}`` on all numbers of a mapping.

A source is exactly one of ``fact`` (ids of the evidence table), ``derived`` (a formula in words, ``from`` fact ids),
``oracle`` (a known answer), ``assumption`` (why, and the range it may have) and ``choice`` (why). It is taken off the
tree here, before the values are validated, and stays with each value through ``extends``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from sim.errors import Fault
from sim.evidence import facts
from sim.scenario.nearest import nearest
from sim.scenario.tree import Mark, Node, Path, Scalar, dotted, fault, leaves, plain
from sim.units import QuantityError, Span, parse_clock, parse_rate, parse_span

Kind = Literal["fact", "derived", "oracle", "assumption", "choice"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BESIDE = {"derived": ("from",), "assumption": ("low", "high", "factor")}
"""What may stand beside each kind of source."""
LANGUAGE_KEYS = ("zh", "en")
"""What stands under them is words; ``3 h`` there is no number."""


@dataclass(frozen=True)
class Source:
    """The source of a number: ``ids`` of facts or of an oracle, ``why`` in words (one language, or both by key).

    ``low`` and ``high`` are an assumption's range as written (of a list perhaps a list each), or ``factor`` is the
    range of a factor on the value.
    """

    kind: Kind
    mark: Mark
    ids: tuple[str, ...] = ()
    why: str | Mapping[str, str] = ""
    low: Scalar | list[Scalar] = None
    high: Scalar | list[Scalar] = None
    factor: tuple[float, float] | None = None


def take_off(node: Node, faults: list[Fault], path: Path = (), inherited: Source | None = None) -> Node:
    """The tree without its source notes; each scalar carries the source nearest to it, if any."""
    if isinstance(node.content, list):
        return replace(node, content=[take_off(part, faults, (*path, i), inherited) for i, part in node.parts])
    if not isinstance(node.content, dict):
        return replace(node, source=inherited)
    if "value" in node.fields:
        return _unwrap(node, faults, path)
    if "source" in node.fields:
        inherited = _group_source(node.fields["source"], faults, (*path, "source"))
    fields = {
        key: take_off(part, faults, (*path, key), inherited) for key, part in node.fields.items() if key != "source"
    }
    return replace(node, content=fields)


def _unwrap(node: Node, faults: list[Fault], path: Path) -> Node:
    value = node.fields["value"]
    if isinstance(value.content, dict):
        faults.append(fault("source.value_mapping", value.where, path))
    notes = {key: part for key, part in node.fields.items() if key != "value"}
    source = _read(notes, node.where, faults, path)
    if source is not None and source.low is not None:
        faults.extend(_range_faults(value, source, path))
    return replace(take_off(value, faults, path, source), key=node.key)


def _group_source(node: Node, faults: list[Fault], path: Path) -> Source | None:
    if not isinstance(node.content, dict):
        faults.append(fault("source.mapping", node.where, path))
        return None
    source = _read(node.fields, node.where, faults, path)
    if source is not None and source.low is not None:
        faults.append(fault("source.range_group", node.where, path))
    return source


def _read(notes: Mapping[str, Node], at: Mark, faults: list[Fault], path: Path) -> Source | None:
    """The source that some notes give; None where they are faulty."""
    kinds = [kind for kind in KINDS if kind in notes]
    if len(kinds) != 1:
        key = "source.kinds_many" if kinds else "source.kind_missing"
        faults.append(fault(key, at, path, kinds=", ".join(kinds)))
        return None
    kind = kinds[0]
    known = (kind, *BESIDE.get(kind, ()))
    for key, part in notes.items():
        if key not in known:
            faults.append(fault("source.unknown_key", part.key or at, path, key=key, known=", ".join(known)))
    head = notes[kind]
    source = Source(kind, head.mark)
    if kind in ("fact", "oracle"):
        return replace(source, ids=_ids(head, faults, path, known=kind == "fact"))
    source = replace(source, why=_words(head, faults, path))
    if kind == "derived" and "from" in notes:
        source = replace(source, ids=_ids(notes["from"], faults, path, known=True))
    return _with_range(source, notes, faults, path) if kind == "assumption" else source


def _ids(node: Node, faults: list[Fault], path: Path, *, known: bool) -> tuple[str, ...]:
    """One id or a list of them; if ``known``, of the evidence table."""
    ids = node.items if isinstance(node.content, list) else [node]
    for part in ids:
        if not isinstance(part.content, str):
            faults.append(fault("source.ids", part.where, path))
        elif known and part.content not in facts():
            near = nearest(part.content, facts())
            faults.append(fault("source.fact_unknown", part.mark, path, fact=part.content, nearest=near))
    if not ids:
        faults.append(fault("source.ids", node.where, path))
    return tuple(str(part.content) for part in ids)


def _words(node: Node, faults: list[Fault], path: Path) -> str | Mapping[str, str]:
    words = plain(node)
    texts = list(words.values()) if isinstance(words, dict) and set(words) == {"zh", "en"} else [words]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        faults.append(fault("source.text", node.where, path))
        return ""
    return cast("str | Mapping[str, str]", words)


def _with_range(source: Source, notes: Mapping[str, Node], faults: list[Fault], path: Path) -> Source:
    given = {key: notes[key] for key in ("low", "high", "factor") if key in notes}
    if set(given) == {"low", "high"} and all(part.content is not None for part in given.values()):
        return replace(source, low=plain(given["low"]), high=plain(given["high"]))
    if set(given) == {"factor"}:
        pair = plain(given["factor"])
        if isinstance(pair, list) and len(pair) == 2 and all(_is_plain_number(end) for end in pair):
            low, high = float(pair[0]), float(pair[1])
            if 0 < low <= 1 <= high < math.inf:
                return replace(source, factor=(low, high))
        faults.append(fault("source.factor", given["factor"].where, path))
        return source
    faults.append(fault("source.range_missing", source.mark, path))
    return source


def _is_plain_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def measure(value: Scalar) -> tuple[str, float] | None:
    """A number's kind of measure and its size in that kind's base unit; None for what is no number.

    >>> measure("25 min"), measure(0.3), measure("9:30"), measure("counter")
    (('s', 1500.0), ('', 0.3), ('clock', 34200.0), None)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "", float(value)
    for parse in (parse_span, parse_rate, parse_clock):
        try:
            quantity = parse(value)
        except QuantityError:
            continue
        if isinstance(quantity, int):
            return "clock", float(quantity)
        return (quantity.unit, float(quantity.amount)) if isinstance(quantity, Span) else (quantity.per, quantity.per_s)
    return None


def _range_faults(value: Node, source: Source, path: Path) -> Iterator[Fault]:
    """Low, value and high must be of one kind and in this order; each part of a list by itself."""
    values = [cast("Scalar", part.content) for _, part in leaves(value)]
    lows, highs = (end if isinstance(end, list) else [end] * len(values) for end in (source.low, source.high))
    if not len(lows) == len(values) == len(highs):
        yield fault("source.range_kind", source.mark, path, low=source.low, value=plain(value), high=source.high)
        return
    for told in zip(lows, values, highs, strict=True):
        known = [found for found in map(measure, told) if found is not None]
        params = dict(zip(("low", "value", "high"), told, strict=True))
        if len({kind for kind, _ in known}) != 1 or len(known) != 3:
            yield fault("source.range_kind", source.mark, path, **params)
        elif not known[0][1] <= known[1][1] <= known[2][1]:
            yield fault("source.range_order", source.mark, path, **params)


def number_leaves(root: Node) -> Iterator[tuple[str, Node]]:
    """Path and node of every number in a tree (also lengths of time, rates and clocks), but the language's version."""
    for path, node in leaves(root):
        if path != ("yizhan",) and path[-1] not in LANGUAGE_KEYS and measure(cast("Scalar", node.content)) is not None:
            yield dotted(path), node
