"""What a sweep has finished, on disk as soon as it is finished: nothing of it is lost, and nothing is done twice.

While a sweep goes on its folder holds ``parts/``: ``sweep.json`` (which sweep this is), ``window.json``, a lock, and
one file for each piece of work, written beside its place, forced to disk, and moved there whole. A part's name is the
digest of its content, and the window holds its own, so damage shows. When all tables stand, the manifest is written
last and ``parts/`` is removed: the tables hold every number of it, and half a folder could not be told from a whole
one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import Fault, ResultError
from sim.experiment.store import already_there
from sim.experiment.sweep.lock import locked
from sim.experiment.sweep.work import Ran, Row
from sim.intact import MANIFEST, PARTS, SEAL, SWEEP, json_object, seal

LOCK = "lock"
SUFFIX = ".jsonl"


class Place(NamedTuple):
    """Where the line of a run stands."""

    file: Path
    start: int
    length: int


class Store:
    """The finished runs of one sweep, by key."""

    def __init__(self, parts: Path, main: str) -> None:
        self.parts = parts
        self._main = main
        self._places: dict[str, Place] = {}
        self._values: dict[str, float] = {}
        self.cpu_s: dict[str, float] = {}
        self.peak_mb: dict[str, float] = {}
        damaged = [file for file in sorted(parts.glob(f"*{SUFFIX}")) if not self._read(file)]
        if damaged:
            raise _damaged(*damaged)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, runs: Sequence[Ran]) -> None:
        """Keep the runs of one piece of work; when this returns they are on the disk."""
        lines = [json.dumps([run.key, run.rows, run.cpu_s, run.peak_mb], ensure_ascii=False) + "\n" for run in runs]
        data = "".join(lines).encode("utf-8")
        file = self.parts / f"{hashlib.sha256(data).hexdigest()[:32]}{SUFFIX}"
        write_whole(file, data)
        self._index(file, data)

    def rows(self, key: str) -> list[Row]:
        """The measures of a run: measure, group, value."""
        place = self._places[key]
        with place.file.open("rb") as stream:
            stream.seek(place.start)
            line = stream.read(place.length)
        try:
            rows = json.loads(line)[1]
        except (ValueError, IndexError, TypeError) as error:
            raise _damaged(place.file) from error
        return [tuple(row) for row in rows]

    def main(self, key: str) -> float:
        """The main measure of a run, over everybody; nan where it has none."""
        return self._values[key]

    def _read(self, file: Path) -> bool:
        """Take in a part; whether it is as it was written."""
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest()[:32] != file.name.removesuffix(SUFFIX):
            return False
        self._index(file, data)
        return True

    def _index(self, file: Path, data: bytes) -> None:
        start = 0
        for line in data.splitlines(keepends=True):
            key, rows, cpu_s, peak_mb = json.loads(line)
            self._places[key] = Place(file, start, len(line))
            self._values[key] = next((v for name, group, v in rows if name == self._main and not group), float("nan"))
            for part, seconds in cpu_s.items():
                self.cpu_s[part] = self.cpu_s.get(part, 0.0) + seconds
                self.peak_mb[part] = max(self.peak_mb.get(part, 0.0), peak_mb[part])
            start += len(line)


def _damaged(*files: Path) -> ResultError:
    return ResultError([Fault("sweep.part_damaged", {"file": str(file)}) for file in files])


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that at every instant there is all of it or none, also if the power fails."""
    handle, beside = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def sweep_folder(target: Path, digest: str, *, resume: bool) -> Iterator[Path | None]:
    """The folder of a sweep's parts, held for this process; None where its result stands already.

    Raises
    ------
    ResultError
        The folder holds something else, or is used by another sweep; it holds parts of this sweep and ``resume`` does
        not ask for them; or it asks for parts and there are none.
    """
    parts = target / PARTS
    if ((target / MANIFEST).exists() or not parts.is_dir()) and already_there(target, digest):
        shutil.rmtree(parts, ignore_errors=True)
        yield None
        return
    if parts.is_dir():
        if any(parts.iterdir()) and not any((parts / name).exists() for name in (SWEEP, LOCK)):
            raise ResultError(Fault("cli.out_not_empty", {"folder": str(target)}))
    elif resume:
        raise ResultError(Fault("sweep.nothing_to_resume", {"folder": str(target)}))
    parts.mkdir(parents=True, exist_ok=True)
    with locked(parts / LOCK, target):
        _same_sweep(target, digest, resume=resume)
        yield parts


def _same_sweep(target: Path, digest: str, *, resume: bool) -> None:
    """Say in a new folder which sweep it is for, or see that it is for this one."""
    file = target / PARTS / SWEEP
    others = [part for part in file.parent.iterdir() if part.name != LOCK and not part.name.startswith(".")]
    if not others:
        write_whole(file, _json({"digest": digest}))
        return
    found = json_object(file) if file.is_file() else None
    if found is None or "digest" not in found:
        raise ResultError(Fault("sweep.whose_parts", {"path": str(file)}))
    if found["digest"] != digest:
        raise ResultError(Fault("sweep.another", {"folder": str(target)}))
    if not resume:
        raise ResultError(Fault("sweep.unfinished", {"folder": str(target)}))


def remember(parts: Path, name: str, content: dict[str, Any]) -> None:
    """Keep something found on the way, so that resuming need not find it again."""
    write_whole(parts / name, _json({**content, SEAL: seal(content)}))


def remembered(parts: Path, name: str) -> dict[str, Any] | None:
    """What was kept under a name; None if nothing was. Raises ResultError if it is damaged."""
    file = parts / name
    if not file.is_file():
        return None
    content = json_object(file)
    if content is None or content.get(SEAL) != seal(content):
        raise _damaged(file)
    return content


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def publish(made: Path, parts: Path, target: Path) -> None:
    """Move a finished result from ``made`` to its place, its manifest last; then its parts are not needed any more."""
    for item in sorted(made.iterdir(), key=lambda path: (path.name == MANIFEST, path.name)):
        _sync_tree(item)
        place = target / item.name
        if place.is_dir():
            shutil.rmtree(place)
        item.replace(place)
        _sync_folder(target)
    shutil.rmtree(parts)


def _sync_tree(item: Path) -> None:
    for file in [item] if item.is_file() else [path for path in item.rglob("*") if path.is_file()]:
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
