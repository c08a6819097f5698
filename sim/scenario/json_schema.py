"""A JSON Schema of the scenario language, by which editors complete and check files while they are written.

It says what may stand where; ``yizhan check`` says more (names that lead nowhere, sums). Nothing is required in it,
because a file that extends another need only say what changes. Written anew by ``python -m sim.scenario.json_schema``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sim.scenario.levers.schema import Levers
from sim.scenario.schema import Scenario
from sim.scenario.sources import BESIDE, KINDS

Json = dict[str, Any]
PLACE = Path("scenarios") / "scenario.schema.json"
_ADDRESS = "https://json-schema.org/draft/2020-12/schema"
_NOISE = ("title", "default", "description", "anyOf", "required")
_SHORTHAND = ("Draw", "Delay")
"""Models that may also be written as their ``mean`` alone."""
_NUMBER: Json = {"type": ["number", "string"]}
_WORDS: Json = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
            "required": ["zh", "en"],
        },
    ]
}
_IDS: Json = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_END: Json = {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER}]}
_PAIR: Json = {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}, "minItems": 2, "maxItems": 2}
_NOTES: Json = {"fact": _IDS, "oracle": _IDS, "derived": _WORDS, "assumption": _WORDS, "choice": _WORDS}
_NOTES |= {"from": _IDS, "low": _END, "high": _END, "factor": _PAIR}


_EXTENDS: Json = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
"""One file, or several of which the later is laid over the earlier."""


def scenario_schema() -> Json:
    """The schema as JSON (draft 2020-12)."""
    made = Scenario.model_json_schema(by_alias=True)
    _add_levers(made)
    definitions = {name: _form(part) for name, part in made["$defs"].items()}
    for name in _SHORTHAND:
        mean = made["$defs"][name]["properties"]["mean"]
        definitions[name] = {"anyOf": [definitions[name], *_value(mean)["anyOf"][:-1]]}
    root = _form({key: part for key, part in made.items() if key != "$defs"})
    root["properties"] = {"extends": _EXTENDS, **root["properties"]}
    definitions |= {"Source": {"oneOf": _sources({})}, "Sourced": {"oneOf": _sources({"value": True})}}
    return {"$schema": _ADDRESS, "title": "yizhan scenario", **root, "$defs": definitions}


@cache
def forms_at(path: str) -> frozenset[str]:
    """What a file may write at a dotted path, as JSON Schema's names of types, or ``constant``; sources left aside.

    >>> sorted(forms_at("structure.teams.window")), sorted(forms_at("structure.teams.window.serves"))
    (['object'], ['array'])
    >>> sorted(forms_at("structure.teams.window.size")), sorted(forms_at("demand.matters.card.work"))
    (['integer', 'object'], ['object', 'string'])
    """
    schema = _scenario_schema()
    forms: list[Json] = [schema]
    for step in path.split("."):
        forms = [below for form in forms for below in _forms(_step(form, step), schema)]
    kinds = (form.get("type", "constant") for form in forms)
    return frozenset(kind for each in kinds for kind in ([each] if isinstance(each, str) else each)) - {"null"}


_scenario_schema = cache(scenario_schema)


def _forms(part: Json, schema: Json) -> Iterator[Json]:
    """The forms in which a value may be written, but for those with its source beside it."""
    if "anyOf" in part:
        for form in part["anyOf"]:
            yield from _forms(form, schema)
    elif "$ref" not in part:
        yield part
    elif not part["$ref"].endswith("/Sourced"):
        yield from _forms(schema["$defs"][part["$ref"].rsplit("/", 1)[-1]], schema)


def _step(form: Json, step: str) -> Json:
    """What the schema says of the part of a mapping or list that a step leads to; nothing where there is none."""
    if form.get("type") == "array":
        places = form.get("prefixItems", [])
        found = places[int(step)] if step.isdigit() and int(step) < len(places) else form.get("items")
    else:
        found = form.get("properties", {}).get(step) or form.get("additionalProperties")
    return found if isinstance(found, dict) else {"anyOf": []}


def _add_levers(made: Json) -> None:
    """Let the verbs stand where a file writes them: ``move`` in the structure, a size among its communities."""
    levers = Levers.model_json_schema(by_alias=True)
    made["$defs"] |= levers["$defs"]
    structure = made["$defs"]["Structure"]["properties"]
    structure["move"] = levers["properties"]["move"]
    structure["communities"]["properties"] = made["$defs"].pop("Resize")["properties"]


def _sources(beside: Json) -> list[Json]:
    """The forms of a source, one for each kind, perhaps with something beside it."""
    return [
        {
            "type": "object",
            "properties": {**beside, **{key: _NOTES[key] for key in (kind, *BESIDE.get(kind, ()))}},
            "required": [*beside, kind],
            "additionalProperties": False,
        }
        for kind in KINDS
    ]


def _value(schema: Json) -> Json:
    """What may stand where a value is due: it, it with its source, or nothing (taken from the file extended)."""
    forms = [_form(form) for form in schema.get("anyOf", [schema])]
    forms = [form for form in forms if form.get("type") != "null"]
    bare = [form for form in forms if form.get("type") != "object" and "$ref" not in form]
    sourced = [{"$ref": "#/$defs/Sourced", "properties": {"value": {"anyOf": bare}}}] if bare else []
    words = {"description": schema["description"]} if "description" in schema else {}
    return {**words, "anyOf": [*forms, *sourced, {"type": "null"}]}


def _form(schema: Json) -> Json:
    """One form of a value, with sources wherever there may be some."""
    form = {key: part for key, part in schema.items() if key not in _NOISE}
    if "items" in form:
        form["items"] = _value(form["items"])
    if "prefixItems" in form:
        form["prefixItems"] = [_value(part) for part in form["prefixItems"]]
    if form.get("type") == "object":
        named = {key: _value(part) for key, part in form.get("properties", {}).items()}
        form["properties"] = {"source": {"$ref": "#/$defs/Source"}, **named}
        if isinstance(form.get("additionalProperties"), dict):
            form["additionalProperties"] = _value(form["additionalProperties"])
        if "propertyNames" in form:
            form["propertyNames"] = {"enum": [*form["propertyNames"]["enum"], "source"]}
    return form


def text() -> str:
    """The schema as the text of its file."""
    return json.dumps(scenario_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PLACE).write_text(text(), encoding="utf-8", newline="\n")
