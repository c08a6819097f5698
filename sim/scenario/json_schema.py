"""A JSON Schema of the scenario language, by which editors complete and check files while they are written.

It says what may stand where; ``yizhan check`` says more (names that lead nowhere, sums). Nothing is required in it,
because a file that extends another need only say what changes. Written anew by ``python -m sim.scenario.json_schema``.
"""

from __future__ import annotations

import json
import sys
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


def scenario_schema() -> Json:
    """The schema as JSON (draft 2020-12)."""
    made = Scenario.model_json_schema(by_alias=True)
    _add_levers(made)
    definitions = {name: _form(part) for name, part in made["$defs"].items()}
    for name in _SHORTHAND:
        mean = made["$defs"][name]["properties"]["mean"]
        definitions[name] = {"anyOf": [definitions[name], *_value(mean)["anyOf"][:-1]]}
    root = _form({key: part for key, part in made.items() if key != "$defs"})
    root["properties"] = {"extends": {"type": "string"}, **root["properties"]}
    definitions |= {"Source": {"oneOf": _sources({})}, "Sourced": {"oneOf": _sources({"value": True})}}
    return {"$schema": _ADDRESS, "title": "yizhan scenario", **root, "$defs": definitions}


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
