"""What pydantic found wrong, said in the catalogue's words with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.errors import Fault
from sim.scenario.levers.schema import LeverFile
from sim.scenario.nearest import nearest
from sim.scenario.schema import Scenario
from sim.scenario.sources import KINDS
from sim.scenario.tree import Node, Path, fault, find
from sim.units import QuantityError, parse_duration

MOST_FAULTS = 500
"""More of them are not told: such a file is no scenario with faults, but something else."""
UNIONS = ("warm_up", "week", "size", "people", "unit", "from")
"""Keys whose values may be of two forms; both are then named."""
_PLAIN = {
    "float_type": "scenario.number",
    "int_type": "scenario.whole_number",
    "int_parsing": "scenario.whole_number",
    "finite_number": "quantity.not_finite",
    "bool_type": "scenario.true_false",
    "dict_type": "scenario.mapping",
    "list_type": "scenario.list",
    "tuple_type": "scenario.list",
    "too_short": "scenario.list_empty",
}
_LIMITS = {
    "greater_than_equal": ("scenario.at_least", "ge"),
    "greater_than": ("scenario.above", "gt"),
    "less_than_equal": ("scenario.at_most", "le"),
}
_MODELS = {"Text": "scenario.both_languages", "Draw": "scenario.draw", "Delay": "scenario.draw"}
_PATTERNS = {"name": "scenario.name_pattern", "holidays": "scenario.holiday", "experiment": "experiment.name_pattern"}


def show(value: Any) -> str:
    """A value as a message shows it: text in quotation marks, cut if long.

    >>> show("30%"), show(True), show({"a": 1})
    ("'30%'", 'true', '{…}')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}…'"
    return "{…}" if isinstance(value, dict) else "[…]" if isinstance(value, list) else str(value)


def translate(error: ValidationError, root: Node, model: type[BaseModel] = Scenario) -> list[Fault]:
    """One fault for each thing wrong; the several complaints about a value that may have two forms are one.

    ``root`` is the tree that could not be read as a ``model``.
    """
    by_union: dict[Path, list[tuple[Path, ErrorDetails]]] = {}
    faults: list[Fault] = []
    for details in error.errors(include_url=False)[:MOST_FAULTS]:
        loc = details["loc"]
        path, union = _locate(root, loc[:-1] if details["type"] == "missing" else loc)
        if union is None:
            faults.append(_fault(details, path, root, model))
        else:
            by_union.setdefault(union, []).append((path, details))
    for union, found in by_union.items():
        deepest = max(len(path) for path, _ in found)
        if deepest == len(union):
            value = show(found[0][1]["input"])
            faults.append(fault(f"scenario.union.{union[-1]}", find(root, union).where, union, value=value))
        else:
            faults.extend(_fault(details, path, root, model) for path, details in found if len(path) == deepest)
    return faults


def _locate(root: Node, loc: tuple[int | str, ...]) -> tuple[Path, Path | None]:
    """The path of a complaint in the file, and of the two-formed value it is about, if any.

    pydantic names, among the keys, the form it tried; such names are in no file.
    """
    path: Path = ()
    union: Path | None = None
    node = root
    for step in loc:
        part = node.part(step)
        if part is not None:
            path, node = (*path, step), part
        elif path and path[-1] in UNIONS and union is None:
            union = path
    return path, union


def _fault(details: ErrorDetails, path: Path, root: Node, model: type[BaseModel]) -> Fault:
    key, params = _words(details, path, model)
    node = find(root, path)
    if key == "scenario.missing_key":
        return fault(key, node.where, (*path, params["key"]), **params)
    about_key = details["type"] == "extra_forbidden" or details["loc"][-1] == "[key]"
    return fault(key, (node.key if about_key else None) or node.where, path, **params)


def _words(details: ErrorDetails, path: Path, model: type[BaseModel]) -> tuple[str, dict[str, Any]]:
    """Catalogue key and blanks for one complaint."""
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    last = details["loc"][-1]
    value_params = {"value": show(value)}
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), path[:-1], model)
    if kind == "missing":
        n = 3 if path[-1:] == ("shows_at",) else 2
        return ("scenario.missing_key", {"key": last}) if isinstance(last, str) else ("scenario.list_length", {"n": n})
    if kind == "too_long":
        return "scenario.list_length", {"n": context["max_length"]}
    if kind == "quantity":
        return _quantity(context["key"], value)
    if kind in _LIMITS:
        key, limit = _LIMITS[kind]
        share = key == "scenario.at_most" and context[limit] == 1
        return key + "_share" * share, value_params | {"limit": f"{context[limit]:g}"}
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"]) or [context["expected"]]
        return "scenario.one_of", value_params | {"allowed": ", ".join(allowed)}
    if kind == "model_type":
        return _MODELS.get(context["class_name"], "scenario.mapping"), value_params
    if kind == "string_type":
        return "scenario.text" if isinstance(value, int | float) else "scenario.text_expected", value_params
    if kind == "string_pattern_mismatch":
        return next(key for name, key in _PATTERNS.items() if name in path), value_params
    if kind == "float_type" and isinstance(value, str) and (match := re.fullmatch(r"([0-9.]+) *%", value)):
        return "scenario.percent", value_params | {"share": f"{float(match[1]) / 100:g}"}
    if kind in _PLAIN:
        return _PLAIN[kind], value_params
    return "scenario.other", {"reason": details["msg"]}


def _quantity(key: str, value: Any) -> tuple[str, dict[str, Any]]:
    """Say more precisely what a length of time lacks: its unit, or a unit that is one."""
    params = {"value": show(value)}
    if key == "quantity.duration":
        if isinstance(value, int | float) and not isinstance(value, bool):
            return "quantity.duration_no_unit", params | {"number": value}
        match = re.fullmatch(r"\s*([0-9.]+)\s*([^\W\d]*)\s*", value) if isinstance(value, str) else None
        if match and not match[2]:
            return "quantity.duration_no_unit", params | {"number": match[1]}
        if match and not _is_unit(match[2]):
            return "quantity.unit", {"unit": show(match[2])}
    return key, params


def _is_unit(word: str) -> bool:
    try:
        parse_duration(f"1 {word}")
    except QuantityError:
        return False
    return True


def _unknown_key(key: str, path: Path, model: type[BaseModel]) -> tuple[str, dict[str, Any]]:
    if key in KINDS:
        return "source.value_missing", {"key": key}
    known = [name for part in models_at(path, model) for name in _keys(part)]
    return "scenario.unknown_key", {"key": key, "known": nearest(key, known)}


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def models_at(path: Path, model: type[BaseModel] = Scenario) -> list[type[BaseModel]]:
    """The schema's models that may stand at a path of a scenario (or of what else ``model`` describes).

    >>> [model.__name__ for model in models_at(("structure", "teams", "window"))]
    ['Team']
    """
    types: list[Any] = [model, LeverFile] if model is Scenario else [model]
    for step in path:
        types = [below for kind in types for below in _below(kind, step)]
    return [kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    """The types one step below a type: of a field, of the values of a mapping, of the parts of a list."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if step == (field.alias or name):
                yield from _alternatives(field.annotation)
    elif get_origin(kind) in (dict, list):
        yield from _alternatives(get_args(kind)[-1])


def _alternatives(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            if part is not NoneType:
                yield from _alternatives(part)
    else:
        yield annotation
