"""Which engine serves, when it is compiled, where that is kept, and what is said of it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from random_inputs import street

import sim
from sim import cli, engines
from sim.engines import jit, kernel
from sim.errors import UsageError
from sim.experiment.design import design
from sim.scenario import load

VALID = Path(__file__).parent / "valid"
BEFORE = VALID / "tiny-before.yaml"
COMPILING = "compiling the engine once, about 30 s"
RUN = f"""
import sys
from sim.cli import main
sys.exit(main(["--lang", "en", "run", {str(BEFORE)!r}, "--replications", "1", "--out", sys.argv[1], *sys.argv[2:]]))
"""


def begun(folder, *arguments, **environment):
    """A run of the command line in another process."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(sim.__file__).parents[1]), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    out, err = process.communicate(timeout=500)
    assert process.returncode == 0, err
    return out, err


# ---- which serves


def test_the_compiled_engine_is_the_default_everywhere():
    assert engines.DEFAULT == cli.DEFAULT_ENGINE == "compiled"
    assert design("run", [load(BEFORE)]).engine == "compiled"


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_the_manifest_names_the_engine_that_ran(engine):
    result = sim.run(BEFORE, replications=1, engine=engine)
    assert result.manifest["engine"] == engine
    assert result.manifest["notes"] == []
    assert set(result.manifest["libraries"]) == {"numba", "numpy", "pandas", "pyarrow", "scipy", "simpy"}


@pytest.fixture
def _no_numba(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)


@pytest.mark.usefixtures("_no_numba")
def test_without_numba_the_simpy_engine_serves_and_it_is_said(tmp_path, capsys):
    with pytest.raises(ImportError):
        importlib.import_module("numba")
    result = sim.run(BEFORE, replications=1)
    assert result.manifest["engine"] == "simpy"
    assert [note["en"] for note in result.manifest["notes"]] == [
        "numba cannot be imported here, so the SimPy engine served: the same figures, more slowly"
    ]
    arguments = [
        "--lang",
        "en",
        "run",
        str(BEFORE),
        "--replications",
        "1",
        "--save-input",
        "--out",
        str(tmp_path / "a"),
    ]
    assert cli.main(arguments) == 0
    assert "note: numba cannot be imported here" in capsys.readouterr().out
    assert cli.main(["--lang", "en", "run", str(tmp_path / "a" / "input"), "--out", str(tmp_path / "b")]) == 0
    assert "note: numba cannot be imported here" in capsys.readouterr().out
    assert '"engine": "simpy"' in (tmp_path / "b" / "manifest.json").read_text(encoding="utf-8")


def test_a_result_of_the_stand_in_is_not_taken_for_that_of_the_engine(monkeypatch):
    made = design("run", [load(BEFORE)])
    digest = made.digest
    monkeypatch.setitem(sys.modules, "numba", None)
    assert design("run", [load(BEFORE)]).digest != digest


@pytest.mark.usefixtures("_no_numba")
def test_uncompiled_the_loop_needs_no_numba(monkeypatch):
    monkeypatch.setenv("SIM_JIT", "0")
    assert engines.serving("compiled") == "compiled"
    engines.prepare("compiled", lambda _seconds: pytest.fail("nothing is compiled"))


def test_an_unknown_engine_is_not_prepared():
    with pytest.raises(UsageError, match="steam"):
        engines.prepare("steam", lambda _seconds: None)


def test_sim_jit_0_runs_the_loop_as_it_stands(monkeypatch, tmp_path):
    monkeypatch.setenv("SIM_JIT", "0")
    jit.loop.cache_clear()
    try:
        assert jit.loop() is kernel
        given = street(5, 20, 2, 2)
        assert engines.run(given).equals(engines.run(given, "simpy"))
    finally:
        jit.loop.cache_clear()


# ---- compiling


def test_nothing_is_said_when_it_is_compiled_already():
    told = []
    engines.prepare("compiled", told.append)
    told.clear()
    engines.prepare("compiled", told.append)
    engines.prepare("simpy", told.append)
    assert told == []


def test_what_is_kept_goes_by_rules_loop_and_versions(monkeypatch, tmp_path):
    """A change of one letter in any of the sources, another Python or another numba: another folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    folders = {jit.cache_folder()}
    files = {module.__name__: Path(module.__file__).read_text(encoding="utf-8") for module in jit.SOURCES}
    loop = ("heaps", "records", "events", "queues", "cases", "services", "kernel")
    assert set(files) == {"sim.rules", *(f"sim.engines.{name}" for name in loop)}
    digests = {jit.digest()}
    for number, module in enumerate(jit.SOURCES):
        edited = tmp_path / f"{number}.py"
        edited.write_text(Path(module.__file__).read_text(encoding="utf-8") + "\n", encoding="utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(module, "__file__", str(edited))
            jit.digest.cache_clear()
            digests.add(jit.digest())
            folders.add(jit.cache_folder())
    jit.digest.cache_clear()
    assert len(digests) == len(folders) == 1 + len(jit.SOURCES)
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    folders.add(jit.cache_folder())
    monkeypatch.setattr(jit, "version", lambda _name: "99")
    folders.add(jit.cache_folder())
    assert len(folders) == 3 + len(jit.SOURCES)
    assert all(folder.parent == tmp_path / "yizhan" for folder in folders)


def test_what_is_kept_spares_importing_numba(monkeypatch, tmp_path):
    engines.prepare("compiled", lambda _seconds: None)
    assert engines.is_kept("compiled")
    assert not engines.is_kept("simpy")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert not engines.is_kept("compiled")
    monkeypatch.setenv("SIM_JIT", "0")
    assert not engines.is_kept("compiled")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_folder_that_cannot_be_written_is_done_without(platform, monkeypatch, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", encoding="utf-8")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(in_the_way))
    monkeypatch.setattr(sys, "platform", platform)
    assert jit.cache_folder() is None


@pytest.mark.slow
def test_with_nowhere_to_keep_it_the_engine_compiles_every_time(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    nowhere = {"XDG_CACHE_HOME": str(tmp_path / "file")}
    _, err = ended(begun(tmp_path / "a", **nowhere))
    assert COMPILING in err
    ended(begun(tmp_path / "b", "--engine", "simpy", **nowhere))
    assert legs(tmp_path / "a").equals(legs(tmp_path / "b"))


@pytest.mark.slow
def test_several_processes_may_begin_on_an_empty_cache(tmp_path):
    """Two with two workers each and one alone compile at once: the same legs, and afterwards nobody compiles."""
    kept = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    processes = [begun(tmp_path / str(n), "--workers", str(workers), **kept) for n, workers in enumerate((2, 1, 2))]
    told = [ended(process) for process in processes]
    assert any(COMPILING in err for _, err in told)
    _, err = ended(begun(tmp_path / "again", **kept))
    assert err == ""
    ended(begun(tmp_path / "simpy", "--engine", "simpy", **kept))
    expected = legs(tmp_path / "simpy")
    assert len(expected) > 100
    assert all(legs(tmp_path / name).equals(expected) for name in ("0", "1", "2", "again"))


def legs(folder):
    return pd.read_parquet(folder / "legs.parquet")


@pytest.mark.slow
def test_the_command_says_in_chinese_that_it_compiles(tmp_path):
    told = begun(tmp_path / "a", "--lang", "zh", XDG_CACHE_HOME=str(tmp_path / "cache"))
    _, err = ended(told)
    assert "正在编译引擎（只需一次），约需30秒" in err
