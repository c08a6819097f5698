"""A JSON Schema of experiment files, by which editors complete and check them; see :mod:`sim.scenario.json_schema`.

An option changes parts of the file, so in it nothing is required and anything may be taken away by an empty value.
Written anew by ``python -m sim.experiment.sweep.json_schema``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sim.experiment.sweep.schema import Experiment

Json = dict[str, Any]
PLACE = Path("scenarios") / "experiment.schema.json"
_ADDRESS = "https://json-schema.org/draft/2020-12/schema"
_HERE = "#/$defs/"
_CHANGE = "Changed"


def experiment_schema() -> Json:
    """The schema as JSON (draft 2020-12)."""
    made = _form(Experiment.model_json_schema(by_alias=True))
    definitions = made.pop("$defs")
    changed = {f"{_CHANGE}{name}": _loose(part) for name, part in definitions.items()}
    option = _loose({"type": "object", "properties": made["properties"], "additionalProperties": False})
    option["properties"].pop("options")
    made["properties"]["options"]["additionalProperties"] = option
    return {"$schema": _ADDRESS, "title": "yizhan experiment", **made, "$defs": {**definitions, **changed}}


def _form(schema: Any) -> Any:
    """A schema without the names and defaults that pydantic adds."""
    if isinstance(schema, list):
        return [_form(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    form = {key: _form(part) for key, part in schema.items() if key not in ("title", "default")}
    if "properties" in schema:
        form["properties"] = {key: _form(part) for key, part in schema["properties"].items()}
    return form


def _loose(schema: Any) -> Any:
    """The same for a part that is changed: nothing is required, and every value may be empty."""
    if isinstance(schema, list):
        return [_loose(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    form = {key: _loose(part) for key, part in schema.items() if key != "required"}
    if "$ref" in form:
        form["$ref"] = form["$ref"].replace(_HERE, _HERE + _CHANGE)
    if "properties" in form:
        form["properties"] = {key: _or_nothing(part) for key, part in form["properties"].items()}
    if isinstance(form.get("additionalProperties"), dict):
        form["additionalProperties"] = _or_nothing(form["additionalProperties"])
    return form


def _or_nothing(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def text() -> str:
    """The schema as the text of its file."""
    return json.dumps(experiment_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PLACE).write_text(text(), encoding="utf-8", newline="\n")
