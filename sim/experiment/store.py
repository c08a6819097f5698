"""The result folder: written beside its place and moved there when whole, so that half a result is never seen."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import Fault, ResultError
from sim.intact import MANIFEST, read_manifest, sealed


class ResultWriter:
    """Tables of a result, written piece by piece as replications arrive: memory does not grow with their number.

    A name that ends in ``.parquet`` gets one row group a piece; any other is CSV.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parquet: dict[str, pq.ParquetWriter] = {}

    def append(self, name: str, table: pd.DataFrame) -> None:
        """Add the rows of a piece to a table of the result; all pieces have the same columns."""
        if not name.endswith(".parquet"):
            path = self.folder / name
            new = not path.exists()
            table.to_csv(path, mode="a", header=new, index=False, lineterminator="\n", encoding="utf-8")
            return
        piece = pa.Table.from_pandas(table, preserve_index=False)
        plain = pa.schema([(field.name, _plain(field.type)) for field in piece.schema])
        if name not in self._parquet:
            self._parquet[name] = pq.ParquetWriter(self.folder / name, plain, compression="zstd")
        self._parquet[name].write_table(piece.cast(plain))

    def json(self, name: str, content: Any) -> None:
        """Write a JSON file of the result."""
        write_json(self.folder / name, content)

    def text(self, name: str, content: str) -> None:
        """Write a text file of the result."""
        (self.folder / name).write_text(content, encoding="utf-8", newline="\n")

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, with the digests of all that has been written: no table can be added to any more."""
        self.close()
        self.json(MANIFEST, sealed(self.folder, manifest))

    def close(self) -> None:
        """Finish all tables."""
        for writer in self._parquet.values():
            writer.close()


def _plain(kind: pa.DataType) -> pa.DataType:
    """Text is stored as text, however pandas holds it: categories may differ from piece to piece."""
    return pa.string() if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind) else kind


def led(table: pd.DataFrame, scenario: str, replication: int) -> pd.DataFrame:
    """A table with its scenario and replication in front."""
    columns = ["scenario", "replication", *table.columns]
    return table.assign(scenario=scenario, replication=replication)[columns]


def write_json(path: Path, content: Any) -> None:
    """Write JSON for people: UTF-8, indented, one line end on every system."""
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``target`` if all goes well and vanishes if not.

    Raises
    ------
    ResultError
        There is something at ``target`` already.
    """
    made = _make_parents(target.parent)
    begun = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield begun
        begun.chmod(0o777 & ~_umask())
        _move(begun, target)
    except BaseException:
        shutil.rmtree(begun, ignore_errors=True)
        for folder in made:
            _remove_if_empty(folder)
        raise


def _make_parents(folder: Path) -> list[Path]:
    """Make a folder and those above it; those that were not there, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_if_empty(folder: Path) -> bool:
    """Remove a folder if it is empty; whether it was."""
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _move(begun: Path, target: Path) -> None:
    if target.exists() and not _remove_if_empty(target):
        raise ResultError(Fault("cli.out_not_empty", {"folder": str(target)}))
    begun.rename(target)


@contextmanager
def new_result(target: Path) -> Iterator[ResultWriter]:
    """A result to write, which stands at ``target`` when it is whole."""
    with new_folder(target) as folder:
        writer = ResultWriter(folder)
        try:
            yield writer
        finally:
            writer.close()


def already_there(target: Path, digest: str) -> bool:
    """Whether the result with this digest stands in a folder already.

    Raises
    ------
    ResultError
        There is something else: another result, a damaged one, other files, or a file of that name.
    """
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return False
    if not target.is_dir():
        raise ResultError(Fault("cli.out_is_a_file", {"folder": str(target)}))
    if not (target / MANIFEST).is_file():
        raise ResultError(Fault("cli.out_not_empty", {"folder": str(target)}))
    if read_manifest(target)["digest"] != digest:
        raise ResultError(Fault("cli.out_another_result", {"folder": str(target)}))
    return True
