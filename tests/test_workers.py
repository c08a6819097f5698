"""Who does the work: processes of this machine and a Dask cluster, in both of which anything may die at any moment."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import wait
from pathlib import Path

import pytest
from process_table import gone

import sim
from sim.cli import main
from sim.errors import Fault, UsageError, WorkersError
from sim.experiment import cluster
from sim.experiment.processes import TRIES, Processes
from sim.experiment.workers import Workers

TINY = Path(__file__).parent / "experiments" / "tiny.yaml"
ROOT = Path(__file__).parents[1]
PATIENCE_S = 120
"""A test that waits longer than this for another process has failed."""


# ---- what workers are asked to do: functions that can be named in another process


def process_number(_):
    return os.getpid()


def n_threads(_):
    """Threads of a process as the system counts them, those of libraries among them."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(mark):
    """Die at the first call; a file is the memory of it."""
    if not os.path.exists(mark):  # noqa: PTH110
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def die_in_the_middle_of_a_long_answer(mark):
    """Half of a long answer is in the pipe when the process is killed."""
    if not os.path.exists(mark):  # noqa: PTH110
        Path(mark).touch()
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return "x" * 200_000_000


def refuse(_):
    raise UsageError([Fault("cli.seed_range", {"value": -1}), Fault("cli.too_few_scenarios")])


def later(task):
    time.sleep(0.3 if task == 0 else 0)
    return task


def no_answer(_):
    return threading.Lock()


# ---- processes of this machine


def test_answers_come_in_the_order_of_their_tasks_or_as_they_are_done():
    with Workers(2) as pool:
        assert list(pool.in_order(later, range(6))) == list(range(6))
        done = list(pool.as_done(later, range(6)))
        assert sorted(done) == list(range(6))
        assert done[0] != 0


def test_one_worker_is_this_process():
    with Workers(1) as pool:
        assert list(pool.as_done(process_number, [0])) == list(pool.in_order(process_number, [0])) == [os.getpid()]


def test_tasks_are_not_begun_far_ahead():
    begun = []
    with Workers(2) as pool:
        answers = pool.as_done(abs, (begun.append(n) or n for n in range(100)))
        for _ in range(3):
            next(answers)
    assert len(begun) <= 3 + 2 * 2


def test_a_fault_comes_out_whole_with_the_place_where_it_arose():
    with Workers(2) as pool:
        with pytest.raises(UsageError) as caught:
            list(pool.as_done(refuse, [0]))
        assert [fault.key for fault in caught.value.faults] == ["cli.seed_range", "cli.too_few_scenarios"]
        assert "in refuse" in caught.value.__notes__[0]
        assert list(pool.in_order(abs, [-1])) == [1]


def test_an_answer_that_cannot_be_sent_is_a_fault_and_no_hang():
    with Workers(2) as pool, pytest.raises(TypeError, match="pickle"):
        list(pool.as_done(no_answer, [0]))


@pytest.mark.parametrize("killed", [die_once, die_in_the_middle_of_a_long_answer])
def test_the_work_of_a_process_that_dies_is_done_by_another(tmp_path, killed):
    with Workers(2) as pool:
        answers = list(pool.in_order(killed, [str(tmp_path / "mark")]))
        assert len(answers) == 1
        assert list(pool.in_order(abs, range(10))) == list(range(10))


def test_work_that_kills_every_process_is_given_up():
    with Workers(2) as pool, pytest.raises(WorkersError, match=f"died {TRIES} times"):
        list(pool.as_done(die, [0]))


def test_processes_that_are_killed_one_after_another_hold_nobody_up():
    with Workers(2) as pool:
        numbers = set()
        for _ in range(4):
            number = next(iter(pool.in_order(process_number, [0])))
            os.kill(number, signal.SIGKILL)
            numbers.add(number)
        assert len(numbers) >= 2
        assert sorted(pool.as_done(abs, range(20))) == list(range(20))


def test_a_shutdown_does_not_wait_for_work_under_way():
    pool = Processes(2)
    running = [pool.submit(time.sleep, 600) for _ in range(5)]
    while not any(future.running() for future in running):
        time.sleep(0.01)
    start = time.monotonic()
    pool.shutdown()
    assert time.monotonic() - start < PATIENCE_S
    assert not wait(running, timeout=PATIENCE_S).not_done
    with pytest.raises(RuntimeError):
        pool.submit(abs, 1)


def test_processes_do_not_inherit_threads():
    """Not this one's, nor those of its libraries: no lock can be held for ever by a thread that was not copied."""
    stop = threading.Event()
    threading.Thread(target=stop.wait, daemon=True).start()
    try:
        with Workers(2) as pool:
            counts = set(pool.in_order(n_threads, range(4)))
    finally:
        stop.set()
    assert max(counts) <= 2  # its own, and the one that waits for the end of its parent


def a_class_that_nobody_else_has():
    kind = type("Here", (), {"__call__": lambda self, task: task})
    kind.__module__, kind.__qualname__ = "nowhere_else", "Here"
    module = type(sys)("nowhere_else")
    module.Here = kind
    return module, kind()


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_processes_end_with_their_parent_however_it_ends():
    source = (
        "import os, time\n"
        "from sim.experiment.processes import Processes\n"
        "if __name__ == '__main__':\n"
        "    pool = Processes(2)\n"
        "    numbers = [pool.submit(os.getpid).result() for _ in range(2)]\n"
        "    sleeping = [pool.submit(time.sleep, 600) for _ in range(2)]\n"
        "    print(*numbers, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", source], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        numbers = [int(word) for word in parent.stdout.readline().split()]
        assert len(numbers) == 2
        parent.kill()
    wait_for(lambda: all(gone(number) for number in numbers))


# ---- a Dask cluster on loopback


@contextlib.contextmanager
def started(*arguments):
    """A process of Dask's command line, ended at the end of the context."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def scheduler(tmp_path):
    """A scheduler's address."""
    told = tmp_path / "scheduler.json"
    arguments = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show", "--scheduler-file", str(told)]
    with started("dask_scheduler", *arguments) as process:
        wait_for(lambda: process.poll() is not None or (told.is_file() and told.read_text()))
        yield json.loads(told.read_text())["address"], process


@contextlib.contextmanager
def workers(address, tmp_path, n=2):
    """Workers of one thread each."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                started(
                    *("dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"),
                    *("--local-directory", str(tmp_path / f"worker-{number}")),
                )
            )
            for number in range(n)
        ]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dask")
    with scheduler(folder) as (address, _), workers(address, folder):
        yield address


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_a_cluster_gives_the_same_answers_in_the_same_order(address):
    with Workers(scheduler=address) as pool:
        wait_for(lambda: pool.n == 2)
        assert list(pool.in_order(abs, range(-5, 0))) == [5, 4, 3, 2, 1]
        assert sorted(pool.as_done(abs, range(20))) == list(range(20))
        assert len(set(pool.as_done(process_number, range(20)))) >= 1


def test_a_fault_comes_out_of_a_cluster(address):
    with Workers(scheduler=address) as pool, pytest.raises(UsageError) as caught:
        list(pool.as_done(refuse, [0]))
    assert [fault.key for fault in caught.value.faults] == ["cli.seed_range", "cli.too_few_scenarios"]


def test_a_cluster_without_this_package_is_told(address, monkeypatch):
    module, here_only = a_class_that_nobody_else_has()
    monkeypatch.setitem(sys.modules, "nowhere_else", module)
    with Workers(scheduler=address) as pool, pytest.raises(WorkersError, match="no module nowhere_else"):
        list(pool.as_done(here_only, [0]))


@pytest.mark.parametrize(
    "address",
    [
        "nonsense://127.0.0.1:8786",
        "tcp://:",
        "127.0.0.1:8786",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:90000",
        "tcp://a b:1",
    ],
)
def test_what_is_no_address_is_told_before_dask_is_asked(address, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkersError, match=re.escape(f"'{address}' is no address of a scheduler")):
        Workers(scheduler=address).__enter__()
    out = tmp_path / "out"
    assert main(["sweep", str(TINY), "--scheduler", address, "--out", str(out)]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert [line for line in told if "is no address of a scheduler" in line] == told[-1:]
    assert not out.exists()


def test_a_scheduler_that_does_not_answer_is_told_after_a_stated_time(monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_S", 1.0)
    address = f"tcp://127.0.0.1:{free_port()}"
    start = time.monotonic()
    with pytest.raises(WorkersError, match=re.escape(f"no scheduler answers at {address} within 1 seconds")):
        Workers(scheduler=address).__enter__()
    assert time.monotonic() - start < PATIENCE_S


def test_a_scheduler_that_does_not_answer_is_told_before_anything_is_read(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cluster, "ANSWER_S", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(WorkersError, match="no scheduler answers"):
        sim.sweep(tmp_path / "nowhere.yaml", scheduler=address)
    assert main(["--lang", "en", "sweep", str(tmp_path / "nowhere.yaml"), "--scheduler", address]) == 2
    assert capsys.readouterr().err.startswith(f"no scheduler answers at {address} within 0.5 seconds")


def test_a_scheduler_that_is_only_just_starting_is_reached(monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_S", float(PATIENCE_S))
    port = free_port()
    late = socket.socket()
    with late:
        begin = threading.Timer(1.0, lambda: (late.bind(("127.0.0.1", port)), late.listen()))
        begin.start()
        cluster.reach(f"tcp://127.0.0.1:{port}")
        begin.join()


def test_what_is_no_address_is_told_before_anything_heavy_is_imported():
    source = (
        "import sys\n"
        "from sim.cli import main\n"
        "status = main(['--lang', 'en', 'sweep', 'nowhere.yaml', '--scheduler', '127.0.0.1:8786'])\n"
        "print(status, *sorted({'numba', 'pandas', 'distributed'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "2\n"
    assert "'127.0.0.1:8786' is no address of a scheduler" in done.stderr


def test_something_that_is_no_scheduler_is_told(monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_S", 1.0)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with pytest.raises(WorkersError, match="no scheduler answers"):
            Workers(scheduler=f"tcp://127.0.0.1:{port}").__enter__()


def test_a_scheduler_without_workers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_S", 2.0)
    with scheduler(tmp_path) as (address, _), pytest.raises(WorkersError, match="has had no worker for 2 seconds"):
        Workers(scheduler=address).__enter__()


def test_the_work_of_a_cluster_s_worker_that_dies_is_done_by_another(tmp_path):
    with scheduler(tmp_path) as (address, _), workers(address, tmp_path), Workers(scheduler=address) as pool:
        wait_for(lambda: pool.n == 2)
        assert list(pool.in_order(die_once, [str(tmp_path / "mark")])) == ["done"]


def test_work_that_no_worker_survives_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "LOST_S", 3.0)
    with (
        scheduler(tmp_path) as (address, _),
        workers(address, tmp_path, 1),
        Workers(scheduler=address) as pool,
        pytest.raises(WorkersError, match=r"has had no worker for 3 seconds|died again and again"),
    ):
        list(pool.as_done(die, [0]))


def test_a_scheduler_that_is_gone_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_S", 3.0)
    with (
        scheduler(tmp_path) as (address, process),
        workers(address, tmp_path, 1),
        Workers(scheduler=address) as pool,
    ):
        threading.Timer(1.0, process.kill).start()
        with pytest.raises(WorkersError, match="is gone; what was finished is kept"):
            list(pool.as_done(time.sleep, [300]))


def test_dask_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkersError, match=re.escape("pip install 'yizhan[cluster]'")):
        Workers(scheduler="tcp://127.0.0.1:1").__enter__()
