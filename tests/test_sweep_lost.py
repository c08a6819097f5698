"""Nothing is lost: killed at any moment, on a full disk, by two at a time, a sweep ends as if nothing had happened."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from process_table import workers_of
from test_sweep import TINY, all_bytes
from test_workers import PATIENCE_S, scheduler, wait_for, workers

import sim
from sim import charts
from sim.errors import ResultError, WorkersError
from sim.experiment.sweep import runs, store
from sim.experiment.sweep.lock import locked
from sim.experiment.sweep.store import LOCK, SUFFIX, Store, write_whole
from sim.experiment.sweep.work import Ran, do
from sim.intact import PARTS, SWEEP

N_REPLICATIONS = 5
"""So many that a sweep is still at work when a signal reaches it."""
COMMAND = [sys.executable, "-m", "sim", "--lang", "en", "sweep", str(TINY), "--replications", str(N_REPLICATIONS)]
ROOT = Path(__file__).parents[1]
N_RUNS = 9 * N_REPLICATIONS


@pytest.fixture(autouse=True)
def _can_be_interrupted():
    """What is started in the background of a shell ignores SIGINT, and so would all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    result = sim.sweep(TINY, replications=N_REPLICATIONS, workers=2, out=tmp_path_factory.mktemp("undisturbed") / "r")
    return all_bytes(result.folder)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "r"


def begun(out, *options):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*COMMAND, "--out", str(out), *options], cwd=out.parent, env=environment, stderr=subprocess.PIPE, text=True
    )


def ended(out, *options):
    """Status and what was said on standard error of a sweep that nothing disturbs."""
    with begun(out, *options) as process:
        _, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, err


def parts(out):
    return list((out / PARTS).glob(f"*{SUFFIX}"))


# ---- killed


@pytest.mark.parametrize(
    ("name", "n_parts"), [("SIGKILL", 0), ("SIGKILL", 1), ("SIGKILL", 4), ("SIGTERM", 1), ("SIGINT", 2)]
)
def test_a_sweep_that_is_killed_goes_on_as_if_nothing_had_happened(out, undisturbed, name, n_parts):
    with begun(out, "--workers", "2") as process:
        wait_for(lambda: (out / PARTS / SWEEP).exists() and len(parts(out)) >= n_parts)
        process.send_signal(getattr(signal, name))
        _, err = process.communicate(timeout=PATIENCE_S)
    assert not (out / "manifest.json").exists()
    if name != "SIGKILL":
        assert process.returncode == 130
        assert err == f"interrupted; what was finished is kept in {out}: go on by --resume\n"
    kept = {path.name for path in parts(out)}
    assert len(kept) >= n_parts
    assert ended(out, "--workers", "2", "--resume") == (0, "")
    assert all_bytes(out) == undisturbed


@pytest.mark.slow
def test_a_sweep_that_is_killed_again_and_again_gets_there(out, undisturbed):
    """Whatever the moment: every try is given a little longer, until one comes through."""
    for n_tries in range(1, 100):
        known = len(parts(out))
        with begun(out, "--workers", "2", *(["--resume"] if (out / PARTS).exists() else [])) as process:
            end = time.monotonic() + 0.8 + 0.25 * n_tries
            while process.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            process.kill()
        assert len(parts(out)) >= known or (out / "manifest.json").exists()
        if process.returncode == 0:
            break
    assert n_tries > 1
    assert all_bytes(out) == undisturbed


def test_resuming_does_only_what_is_missing(out, undisturbed, monkeypatch):
    done = []

    def some(work):
        done.extend(work.keys)
        if len(done) > N_RUNS / 2:
            raise KeyboardInterrupt
        return do(work)

    monkeypatch.setattr(runs, "do", some)
    with pytest.raises(KeyboardInterrupt):
        sim.sweep(TINY, replications=N_REPLICATIONS, out=out)
    kept = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in parts(out))
    again = []
    monkeypatch.setattr(runs, "do", lambda work: again.extend(work.keys) or do(work))
    sim.sweep(TINY, replications=N_REPLICATIONS, out=out, resume=True)
    assert 0 < kept < N_RUNS
    assert len(again) == N_RUNS - kept
    assert all_bytes(out) == undisturbed


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the workers are found in /proc")
def test_a_worker_that_is_killed_is_replaced(out, undisturbed):
    with begun(out, "--workers", "2") as process:
        wait_for(lambda: len(parts(out)) >= 1)
        killed = workers_of(process.pid)
        assert len(killed) == 2
        for number in killed:
            os.kill(number, signal.SIGKILL)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err) == (0, "")
    assert all_bytes(out) == undisturbed


# ---- interrupted while the tables are put in their place


@pytest.mark.parametrize("last", ["best.csv", "measures.csv", "resolved", "manifest.json"])
def test_a_sweep_that_ends_while_its_tables_are_put_in_place_can_be_resumed(out, undisturbed, monkeypatch, last):
    def interrupted(path, target):
        os.replace(path, target)  # noqa: PTH105
        if Path(target).name == last:
            raise KeyboardInterrupt
        return Path(target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sim.sweep(TINY, replications=N_REPLICATIONS, out=out)
    assert (out / last).exists()
    assert (out / PARTS).exists()
    result = sim.sweep(TINY, replications=N_REPLICATIONS, out=out, resume=True)
    assert result.reused is (last == "manifest.json")
    assert all_bytes(out) == undisturbed


# ---- a full disk


def test_a_full_disk_is_told_and_what_was_finished_is_kept(out, undisturbed, monkeypatch):
    def full(_handle):
        if len(parts(out)) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(store.os, "fsync", full)
        with pytest.raises(ResultError, match=f"{re.escape(str(out))}: the disk is full; what was finished is kept"):
            sim.sweep(TINY, replications=N_REPLICATIONS, out=out)
    assert len(parts(out)) == 2
    assert [path.name for path in (out / PARTS).iterdir() if path.name.startswith(".")] == []
    sim.sweep(TINY, replications=N_REPLICATIONS, out=out, resume=True)
    assert all_bytes(out) == undisturbed


def test_a_part_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    write_whole(tmp_path / "a", b"first")
    with monkeypatch.context() as patched:
        patched.setattr(store.os, "fsync", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_whole(tmp_path / "a", b"second")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"first"}


# ---- two at a time, and folders of other things


def test_two_sweeps_on_one_folder_are_refused(out):
    with begun(out, "--workers", "2", "--replications", "100") as process:
        wait_for(lambda: len(parts(out)) >= 1)
        for options in ([], ["--resume"]):
            status, err = ended(out, *options)
            told = f"another sweep (process {process.pid}) is at work in {out}; wait for it, or name another --out\n"
            assert (status, err) == (2, told)
        assert process.poll() is None
        process.kill()


def test_a_lock_left_behind_is_none(tmp_path):
    (tmp_path / LOCK).write_text("1\n")
    with locked(tmp_path / LOCK, tmp_path):
        assert (tmp_path / LOCK).read_text() == f"{os.getpid()}\n"
        with (
            pytest.raises(ResultError, match=rf"another sweep \(process {os.getpid()}\)"),
            locked(tmp_path / LOCK, tmp_path),
        ):
            pass
    with locked(tmp_path / LOCK, tmp_path):
        pass


@pytest.fixture
def unfinished(out, monkeypatch):
    """A folder in which a sweep was interrupted after two pieces of work."""
    with monkeypatch.context() as patched:
        patched.setattr(runs, "do", lambda work: do(work) if len(parts(out)) < 2 else stop())
        with pytest.raises(KeyboardInterrupt):
            sim.sweep(TINY, replications=N_REPLICATIONS, out=out)
    return out


def stop():
    raise KeyboardInterrupt


def test_an_unfinished_sweep_is_not_begun_anew_unasked(unfinished):
    with pytest.raises(ResultError, match="holds an unfinished sweep of this very experiment"):
        sim.sweep(TINY, replications=N_REPLICATIONS, out=unfinished)
    with pytest.raises(ResultError, match="holds an unfinished sweep of something else"):
        sim.sweep(TINY, replications=1, out=unfinished, resume=True)
    assert len(parts(unfinished)) == 2


def test_damaged_and_foreign_folders_are_refused(unfinished, tmp_path):
    part = parts(unfinished)[0]
    part.write_bytes(part.read_bytes()[:-10])
    with pytest.raises(ResultError, match=rf"{part.name} is damaged; delete it and --resume"):
        sim.sweep(TINY, replications=N_REPLICATIONS, out=unfinished, resume=True)
    part.unlink()
    sim.sweep(TINY, replications=N_REPLICATIONS, out=unfinished, resume=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    for resume in (False, True):
        with pytest.raises(ResultError, match="is not empty and holds no result of ours"):
            sim.sweep(TINY, replications=N_REPLICATIONS, out=tmp_path / "mine", resume=resume)
        with pytest.raises(ResultError, match="holds another result"):
            sim.sweep(TINY, replications=1, out=unfinished, resume=resume)
    (unfinished / "manifest.json").write_text("{")
    with pytest.raises(ResultError, match="damaged"):
        sim.sweep(TINY, replications=N_REPLICATIONS, out=unfinished, resume=True)


def told(folder, *, resume=True):
    """What a sweep says that is refused; nothing in the folder may change."""
    before = all_bytes(folder)
    with pytest.raises(ResultError) as caught:
        sim.sweep(TINY, replications=N_REPLICATIONS, out=folder, resume=resume)
    assert all_bytes(folder) == before
    return str(caught.value).splitlines()


def test_all_damaged_parts_are_told(unfinished, undisturbed):
    some = sorted(parts(unfinished))
    assert len(some) == 2
    for part in some:
        part.write_bytes(part.read_bytes().replace(b"1", b"2", 1))
    advice = "is damaged; delete it and --resume: what it held is run again"
    assert told(unfinished) == [f"{part} {advice}" for part in some]
    for part in some:
        part.unlink()
    window = unfinished / PARTS / "window.json"
    written = window.read_text(encoding="utf-8")
    for damaged in (written[: len(written) // 2], written.replace("604800", "604801"), "{}", "[]"):
        assert damaged != written
        window.write_text(damaged, encoding="utf-8")
        assert told(unfinished) == [f"{window} {advice}"]
    window.unlink()
    sim.sweep(TINY, replications=N_REPLICATIONS, out=unfinished, resume=True)
    assert all_bytes(unfinished) == undisturbed


@pytest.mark.parametrize("content", [None, "", '{"digest": "12', "{}", "[]"])
def test_parts_of_nobody_knows_which_sweep_are_refused(unfinished, content):
    file = unfinished / PARTS / SWEEP
    file.unlink()
    if content is not None:
        file.write_text(content, encoding="utf-8")
    for resume in (True, False):
        assert told(unfinished, resume=resume) == [
            f"{file} is missing or damaged, so nobody can tell which sweep the finished parts beside it are of; run "
            "again into another folder (--out)"
        ]


def test_an_unfinished_sweep_is_no_result_yet(unfinished):
    for reader in (charts.save, sim.SweepResult):
        with pytest.raises(ResultError) as caught:
            reader(unfinished)
        assert str(caught.value) == (
            f"{unfinished} holds an unfinished sweep; finish it first: `yizhan sweep EXPERIMENT --out {unfinished} "
            "--resume`"
        )


def test_parts_that_are_still_there_mend_a_damaged_result(unfinished, undisturbed, tmp_path):
    """As when the machine goes down after the last table is in place, and before the parts are removed."""
    shutil.copytree(unfinished / PARTS, tmp_path / "kept")
    sim.sweep(TINY, replications=N_REPLICATIONS, out=unfinished, resume=True)
    shutil.copytree(tmp_path / "kept", unfinished / PARTS)
    (unfinished / "best.csv").unlink()
    assert told(unfinished) == [
        f"{unfinished / 'best.csv'}: is missing",
        f"the result in {unfinished} is damaged, so nothing of it is used, but its finished parts are there still: "
        "delete its manifest.json and make its tables anew by --resume",
    ]
    (unfinished / "manifest.json").unlink()
    assert not sim.sweep(TINY, replications=N_REPLICATIONS, out=unfinished, resume=True).reused
    assert all_bytes(unfinished) == undisturbed


def test_a_folder_with_parts_of_something_else_is_refused(out):
    (out / PARTS).mkdir(parents=True)
    (out / PARTS / "cup.stl").write_text("mine")
    with pytest.raises(ResultError, match="is not empty and holds no result of ours"):
        sim.sweep(TINY, replications=N_REPLICATIONS, out=out)
    (out / PARTS / SWEEP).write_text("{")
    with pytest.raises(ResultError, match="damaged"):
        sim.sweep(TINY, replications=N_REPLICATIONS, out=out, resume=True)
    assert (out / PARTS / "cup.stl").read_text() == "mine"


# ---- the store by itself


def test_numbers_come_back_exactly(tmp_path):
    rows = [("resident_hours_per_case", "", 0.1 + 0.2), ("staff_use_share", "street", float("nan")), ("n", "", 5e-324)]
    made = Store(tmp_path, "resident_hours_per_case")
    made.add(
        [Ran("one", rows, {"engine": 1.0}, {"engine": 5.0}), Ran("二", rows[:1], {"engine": 2.0}, {"engine": 3.0})]
    )
    read = Store(tmp_path, "resident_hours_per_case")
    assert [str(row) for row in read.rows("one")] == [str(row) for row in rows]
    assert read.rows("二") == rows[:1]
    assert (read.main("one"), len(read), "two" in read) == (0.1 + 0.2, 2, False)
    assert (read.cpu_s, read.peak_mb) == ({"engine": 3.0}, {"engine": 5.0})


# ---- on a cluster


def test_a_cluster_gives_the_same_bytes_also_when_a_worker_dies(out, undisturbed, tmp_path):
    with (
        scheduler(tmp_path) as (address, _),
        workers(address, tmp_path) as running,
        begun(out, "--scheduler", address) as process,
    ):
        wait_for(lambda: len(parts(out)) >= 1)
        running[0].kill()
        _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err) == (0, "")
    assert all_bytes(out) == undisturbed


def test_a_cluster_that_is_lost_leaves_a_sweep_that_can_be_resumed(out, undisturbed, tmp_path):
    with (
        scheduler(tmp_path) as (address, leader),
        workers(address, tmp_path),
        begun(out, "--scheduler", address) as process,
    ):
        wait_for(lambda: len(parts(out)) >= 1)
        leader.kill()
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert f"the scheduler at {address} is gone; what was finished is kept" in err
    assert ended(out, "--workers", "2", "--resume") == (0, "")
    assert all_bytes(out) == undisturbed


def test_a_scheduler_that_does_not_answer_leaves_nothing_behind(out):
    with pytest.raises(WorkersError):
        sim.sweep(TINY, out=out, scheduler="nonsense://127.0.0.1:1")
    assert not out.exists()
