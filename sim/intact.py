"""A result folder is read only if it is as it was written: its manifest holds the digests by which damage shows.

``files`` of the manifest names every file of the result with its SHA-256, ``seal`` is that of the manifest itself. Not
counted are the timings, and what is added later: charts, and the engine's input.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.errors import Fault, ResultError

MANIFEST = "manifest.json"
TIMINGS = "timings.json"
INPUT = "input"
PARTS = "parts"
"""Folder of what an unfinished sweep has done so far."""
SWEEP = "sweep.json"
"""File among the parts that says which sweep they are of."""
FILES, SEAL = "files", "seal"

EVERY = ("command", "digest", "scenarios", "replications", "version")
OF_RUNS = (*EVERY, "seed", "warm_up_weeks", "warm_up_method", "cohort_weeks", "window", "notes")
OF_SWEEPS = ("experiment", "title", "question", "main_measure", "factors", "parts", "design", "measures")
NEEDED = {
    "run": OF_RUNS,
    "compare": OF_RUNS,
    "sweep": (*OF_RUNS, *OF_SWEEPS, "points", "infeasible", "base_point"),
    "streets": (*EVERY, "experiment", "question", "streets", "seed", "warm_up_weeks", "cohort_weeks", "notes"),
}
"""Fields of a manifest that readers rely on, by kind of result."""


def sealed(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with the digests of the files that stand in its folder, and of itself."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    names = [name for name in found if name not in (MANIFEST, TIMINGS) and not name.startswith(f"{INPUT}/")]
    whole = {**manifest, FILES: {name: digest_of_file(folder / name) for name in names}}
    return {**whole, SEAL: seal(whole)}


def seal(content: Mapping[str, Any]) -> str:
    """The SHA-256 of what a JSON file holds beside its seal, however it is laid out.

    >>> seal({"a": 1, "b": [2.0]}) == seal({"b": [2.0], "a": 1, "seal": "of old"}) != seal({"a": 1})
    True
    """
    open_ = {name: value for name, value in content.items() if name != SEAL}
    return hashlib.sha256(json.dumps(open_, sort_keys=True).encode("ascii")).hexdigest()


def digest_of_file(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result folder that is whole.

    Raises
    ------
    ResultError
        There is no result, or an unfinished one, or one that this version did not write; or it is damaged: all files
        that are missing or differ are told.
    """
    path = folder / MANIFEST
    if not path.is_file():
        begun = (folder / PARTS / SWEEP).is_file()
        raise ResultError(Fault("result.unfinished" if begun else "result.none", {"folder": str(folder)}))
    manifest = json_object(path)
    if manifest is None:
        faults = [Fault("result.not_json", {}, str(path))]
    elif lacking := [name for name in (FILES, SEAL) if name not in manifest]:
        raise ResultError(Fault("result.foreign", {"fields": _listed(lacking), "folder": str(folder)}, str(path)))
    else:
        faults = [*_faults_of(path, manifest), *_faults_of_files(folder, manifest[FILES])]
    if faults:
        advice = "result.resume" if (folder / PARTS).is_dir() else "result.again"
        raise ResultError([*faults, Fault(advice, {"folder": str(folder)})])
    return manifest or {}


def json_object(path: Path) -> dict[str, Any] | None:
    """What a file of JSON holds; None if that is no object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _faults_of(path: Path, manifest: Mapping[str, Any]) -> Iterator[Fault]:
    kind = manifest.get("kind", manifest.get("command"))
    if lacking := [name for name in NEEDED.get(str(kind), EVERY) if name not in manifest]:
        yield Fault("result.lacks", {"fields": _listed(lacking)}, str(path))
    elif manifest[SEAL] != seal(manifest):
        yield Fault("result.differs", {}, str(path))


def _faults_of_files(folder: Path, files: Any) -> Iterator[Fault]:
    for name, digest in files.items() if isinstance(files, dict) else ():
        if not (folder / name).is_file():
            yield Fault("result.missing", {}, str(folder / name))
        elif digest_of_file(folder / name) != digest:
            yield Fault("result.differs", {}, str(folder / name))


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
