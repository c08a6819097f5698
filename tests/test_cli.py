"""The command line: statuses, messages, reuse, interruption."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from process_table import below, gone, workers_of
from rich.cells import cell_len

import sim
from sim import cli, engines, terminal
from sim.cli import main
from sim.experiment import runs
from sim.typed import language

VALID = Path(__file__).parent / "valid"
BEFORE, AFTER = str(VALID / "tiny-before.yaml"), str(VALID / "tiny-after.yaml")
COMPARED = str(VALID.parent / "experiments" / "compared.yaml")
TINY = str(VALID.parent / "experiments" / "tiny.yaml")
COMMAND = [sys.executable, "-m", "sim"]


@pytest.fixture(scope="module", autouse=True)
def _compiled_before():
    """What is said while compiling is tested where the engines are."""
    engines.prepare(engines.DEFAULT, lambda _seconds: None)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YIZHAN_LANG", "en")


def said(capsys, *arguments):
    """Status, and what was said on standard output and error."""
    status = main(list(arguments))
    told = capsys.readouterr()
    return status, told.out, told.err


def files(folder):
    return sorted(path.name for path in Path(folder).iterdir())


# ---- check


def test_a_good_file_is_good(capsys):
    status, out, err = said(capsys, "check", BEFORE, AFTER)
    assert (status, err) == (0, "")
    assert out.splitlines() == [f"{BEFORE}: good", f"{AFTER}: good"]


def test_every_fault_of_every_file_is_told(capsys, tmp_path):
    text = Path(BEFORE).read_text(encoding="utf-8")
    Path("one.yaml").write_text(
        text.replace("seed: 7", "sed: 7").replace("serves: [desk]", "serves: [dask]"), encoding="utf-8"
    )
    status, out, _ = said(capsys, "check", "one.yaml", "none.yaml", BEFORE)
    lines = out.splitlines()
    assert status == 2
    assert any(line.startswith("one.yaml:5:3: ") and "sed" in line for line in lines)
    assert any(line.startswith("one.yaml:") and "dask" in line for line in lines)
    assert any(line.startswith("none.yaml") for line in lines)
    assert lines[-1] == f"{BEFORE}: good"
    assert files(tmp_path) == ["one.yaml"]


# ---- run and compare


def test_run_tells_the_main_measures_and_where_the_rest_is(capsys):
    status, out, err = said(capsys, "run", BEFORE, "--replications", "2", "--workers", "1")
    assert (status, err) == (0, "")
    assert "resident-hours per case (h)" in out
    (folder,) = Path("results").iterdir()
    assert folder.name.startswith("tiny-before-")
    assert len(folder.name) == len("tiny-before-") + 8
    assert f"tables: results/{folder.name}" in out
    assert "replications: 2; seed: 7" in out


def test_compare_tells_differences_and_head_counts(capsys):
    status, out, _ = said(capsys, "compare", BEFORE, AFTER, "--replications", "3", "--out", "both", "--workers", "2")
    assert status == 0
    assert "tiny-before: A small street: before" in out
    assert "note: head counts differ: tiny-before has 3 people on the payroll, tiny-after has 4" in out
    assert "≈ cannot be told apart: the interval holds 0" in out
    closed_there = next(line for line in out.splitlines() if line.startswith("farthest level at work, community (%)"))
    assert closed_there.split()[-5:] == ["0", "100", "100", "[100,", "100]"]
    assert {"manifest.json", "comparison.csv", "legs.parquet", "resolved"} <= set(files("both"))


def test_an_experiment_that_varies_nothing_is_compared(capsys):
    status, out, _ = said(capsys, "compare", COMPARED, "--out", "both")
    assert status == 0
    assert out.startswith("compared: Under which arrangement is there less waiting?")
    assert "note: 2 replications only: an interval may be narrow by luck" in out
    assert [line.split(" (")[0] for line in out.splitlines()[6:8]] == ["wait per visit", "time to close, counter"]
    assert "seed: 7; measured: cases opened in 6 wk" in out
    status, out, _ = said(capsys, "compare", COMPARED, "--option", "turned", "--out", "turned")
    assert status == 0
    assert out.splitlines()[2:4] == ["tiny-after: A small street: after", "tiny-before: A small street: before"]


def test_the_same_in_python_and_as_files(tmp_path):
    by_experiment = sim.compare(COMPARED)
    changed = {"run.cohort": "6 weeks", "run.seed": 7}
    by_files = sim.compare(sim.load(BEFORE, changed), sim.load(AFTER, changed), replications=2)
    pd.testing.assert_frame_equal(by_experiment.measures, by_files.measures)
    assert by_experiment.manifest["shown"] == ["wait_visit_min", "close_days/counter"]


def test_a_main_measure_that_is_shown_beside_others_is_shown_once(capsys, tmp_path):
    small = VALID.parent / "experiments" / "mechanisms.yaml"
    text = small.read_text(encoding="utf-8").replace("../valid", str(VALID))
    file = tmp_path / "waits.yaml"
    file.write_text(text + "main_measure: wait_visit_min\n", encoding="utf-8")
    status, out, _ = said(capsys, "sweep", str(file), "--replications", "1", "--out", "waits")
    assert status == 0
    heading = " ".join(out[: out.index("all mechanisms at work")].split())
    assert heading.count("wait per") == 1
    assert heading.count("resident-hou") == 1  # the word is folded


def test_what_an_experiment_sets_is_set_in_all_of_its_scenarios():
    by_option = sim.compare(COMPARED, option="busier")
    changed = {"run.cohort": "6 weeks", "run.seed": 7, "demand.scale": 1.25}
    by_files = sim.compare(sim.load(BEFORE, changed), sim.load(AFTER, changed), replications=2)
    pd.testing.assert_frame_equal(by_option.measures, by_files.measures)
    with pytest.raises(sim.YizhanError, match="busier"):
        sim.compare(BEFORE, AFTER, option="busier")


def test_many_scenarios_are_numbered(capsys, tmp_path):
    names = []
    for number in range(4):
        file = tmp_path / f"s{number}.yaml"
        file.write_text(f"extends: {AFTER}\nname: s{number}\n", encoding="utf-8")
        names.append(file.name)
    status, out, _ = said(capsys, "compare", *names, "--replications", "1", "--out", "four")
    assert status == 0
    assert "3  s2: A small street: after" in out
    heads = [line.split() for line in out.splitlines() if line.startswith("measure")]
    assert heads == [["measure", "1", "2", "3", "4"], ["measure", "2", "3", "4"]]
    stand = [line.split() for line in out.splitlines() if line.startswith(("street office", "communities", "in all"))]
    assert stand == [["street", "office", *4 * "1"], ["communities", *4 * "3"], ["in", "all", *4 * "4"]]


def test_what_each_mechanism_does_is_told(capsys):
    status, out, _ = said(capsys, "sweep", str(VALID.parent / "experiments" / "mechanisms.yaml"), "--out", "off")
    assert status == 0
    rows = [line for line in out.splitlines() if line.startswith(("all mechanisms", "without: "))]
    assert [row.split("  ")[0] for row in rows] == [
        "all mechanisms at work",
        "without: The check before closing",
        "without: Merging of tasks",
    ]
    mark, change, sign, half_width = rows[1].split("  ", 1)[1].split()[:4]  # of hours of residents, whom no check calls
    assert (mark, sign) == ("≈", "±")
    assert abs(float(change)) < float(half_width) < 0.01
    assert "±" in rows[2]
    assert "≈: cannot be told from no change" in out


@pytest.mark.parametrize(("width", "is_folded"), [(60, False), (40, True)])
def test_heads_are_folded_where_a_table_is_wider_than_the_screen(capsys, monkeypatch, width, is_folded):
    monkeypatch.setattr(terminal, "WIDTH_OF_A_FILE", width)
    terminal.show_table(["measure", "resident-hours per case", "等候时间等候时间"], [["a name", "1.00", "2.00"]])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert (len(lines) > 2) is is_folded
    assert lines[-1].split() == ["a", "name", "1.00", "2.00"]


def test_an_equal_result_is_reused_saying_so(capsys):
    said(capsys, "run", BEFORE, "--replications", "1", "--out", "r")
    status, out, _ = said(capsys, "run", BEFORE, "--replications", "1", "--out", "r")
    assert status == 0
    assert out.startswith("r holds this very result already; nothing was run")


def test_another_result_is_not_overwritten(capsys):
    said(capsys, "run", BEFORE, "--replications", "1", "--out", "r")
    before = Path("r/manifest.json").read_bytes()
    status, out, err = said(capsys, "run", BEFORE, "--replications", "1", "--seed", "9", "--out", "r")
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "r holds another result (other scenarios, settings or version); name another --out, or remove it first"
    ]
    assert Path("r/manifest.json").read_bytes() == before


def test_an_input_is_saved_and_replayed(capsys):
    said(capsys, "run", BEFORE, "--replications", "1", "--out", "r", "--save-input")
    assert files("r/input") == [
        "calendars.csv",
        "gates.csv",
        "itineraries.parquet",
        "run.json",
        "teams.csv",
        "units.csv",
    ]
    status, out, _ = said(capsys, "run", "r/input", "--out", "again")
    assert (status, out) == (0, "legs and teams: again\n")
    assert files("again") == ["legs.parquet", "manifest.json", "teams.parquet"]
    status, _, err = said(capsys, "run", "r/input", "--seed", "3")
    assert status == 2
    assert "do not apply" in err


def test_faults_of_all_files_are_told_before_anything_runs(capsys, tmp_path):
    Path("bad.yaml").write_text("yizhan: 1\n", encoding="utf-8")
    status, out, err = said(capsys, "compare", "bad.yaml", "none.yaml", "--out", "r")
    assert (status, out) == (2, "")
    assert "bad.yaml" in err
    assert "none.yaml" in err
    assert files(tmp_path) == ["bad.yaml"]


# ---- usage

USAGE = {
    "few": (
        ["compare", BEFORE],
        "compare needs two scenarios or more, or an experiment file that names them; for one there is `yizhan run`",
    ),
    "varies": (["compare", TINY], "this experiment has `factors`: run it with `yizhan sweep`; compare takes scenarios"),
    "no option": (
        ["compare", BEFORE, AFTER, "--option", "equal"],
        "`--option equal` chooses among the options of an experiment file; scenarios have none",
    ),
    "no replications": (["compare", COMPARED, "--replications", "0"], "--replications must be 1 to 1000000, not 0"),
    "twice": (["compare", BEFORE, BEFORE], "two of the scenarios are named tiny-before; give each its own `name:`"),
    "precision": (
        ["run", BEFORE, "--precision", "5"],
        "--precision must be a share between 0 and 1, such as 5% or 0.05, not 5",
    ),
    "both": (
        ["run", BEFORE, "--precision", "5%", "--replications", "3"],
        "--replications and --precision cannot both be given: the one sets the number, the other finds it",
    ),
    "engine": (["run", BEFORE, "--engine", "steam"], "steam"),
    "option": (["run", BEFORE, "--replication", "3"], "there is no option --replication; did you mean --replications"),
    "odd option": (["run", BEFORE, "--zzz"], "there is no option --zzz; see --help"),
    "missing": (["run"], "scenario is missing; see --help"),
    "number": (["run", BEFORE, "--replications", "few"], "--replications takes a whole number, such as 3; see --help"),
    "range": (["run", BEFORE, "--replications", "0"], "--replications must be 1 to 1000000, not 0"),
    "too many": (["run", BEFORE, "--replications", "1000001"], "--replications must be 1 to 1000000, not 1000001"),
    "seed": (["run", BEFORE, "--seed", "-1"], "--seed must be 0 or more, not -1"),
    "workers": (["run", BEFORE, "--workers", "0"], "--workers must be 1 or more, not 0"),
    "option first": (["--replications", "3", "run", BEFORE], "there is no option --replications; see --help"),
    "command": (["walk"], "walk"),
    "language": (["--lang", "fr", "check", BEFORE], "there is no language fr; known are en, zh"),
    "chart": (["chart", "nowhere"], "nowhere"),
}


@pytest.mark.parametrize("case", USAGE)
def test_usage_faults_are_one_clear_message(case, capsys, tmp_path):
    arguments, message = USAGE[case]
    status, out, err = said(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert files(tmp_path) == []


def test_a_fault_of_ours_is_one_line_with_a_hint(capsys, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("inside")

    monkeypatch.setattr("sim.scenario.load", broken)
    status, out, err = said(capsys, "check", BEFORE)
    assert (status, out) == (1, "")
    assert err.splitlines() == ["a fault of this program (RuntimeError: inside); `yizhan --debug …` shows where"]
    with pytest.raises(RuntimeError):
        main(["check", BEFORE, "--debug"])


def test_a_folder_that_cannot_be_written_is_told(capsys):
    status, _, err = said(capsys, "run", BEFORE, "--replications", "1", "--out", "/dev/null/r")
    assert status == 2
    assert "/dev/null" in err
    assert len(err.splitlines()) == 1


# ---- words


def test_help_speaks_both_languages(capsys):
    for lang, words in (("en", "Validate scenario files"), ("zh", "检查情景文件")):
        status, out, _ = said(capsys, "--lang", lang, "--help")
        assert status == 0
        assert words in out
        assert "cli." not in out
    for command in ("check", "run", "compare", "chart", "explain"):
        status, out, _ = said(capsys, command, "--help")
        assert status == 0
        assert "cli." not in out


def test_nothing_typed_shows_help(capsys):
    status, out, _ = said(capsys)
    assert status == 0
    assert "compare" in out


def test_version(capsys):
    assert said(capsys, "--version") == (0, "yizhan 0.1.0\n", "")


def test_messages_speak_chinese(capsys):
    assert (
        said(capsys, "compare", BEFORE, "--lang", "zh")[2]
        == "compare需要两个或更多情景，或一个列出情景的实验文件；只有一个情景时请用`yizhan run`\n"
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "lang"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "en"),
        ([], {"LANG": "zh_CN.UTF-8", "YIZHAN_LANG": "en"}, "en"),
        (["--lang=zh"], {"YIZHAN_LANG": "en"}, "zh"),
        (["chart", "--lang", "zh", "r"], {}, "zh"),
    ],
)
def test_the_language_is_found(arguments, environment, lang):
    assert language(arguments, environment) == (lang, [word for word in arguments if word in ("chart", "r")])


def test_checking_a_part_that_others_extend_says_so_in_one_line(capsys):
    status, out, err = said(capsys, "check", str(VALID.parent.parent / "scenarios" / "jinfeng" / "street.yaml"))
    assert (status, err) == (2, "")
    assert out.count("\n") == 1
    assert "a part for others to use by `extends`, not a whole scenario; it lacks: name, title, structure" in out


def test_explain_tells_numbers_ledger_and_face_sheet(capsys):
    status, out, err = said(capsys, "explain", BEFORE)
    assert (status, err) == (0, "")
    assert "Numbers in demand.matters, with their sources" in out
    assert "card.rate" in out
    assert "15 / household / year" in out
    assert "Staff ledger" in out
    assert re.search(r"^staff +payroll +windows 1 × 2; office 1 +3$", out, re.MULTILINE)
    assert "Face sheet" in out


# ---- real processes


def test_help_starts_without_heavy_libraries():
    code = (
        "import sys; from sim.cli import main; assert main(['--help']) == 0; "
        "print({'pandas', 'numpy', 'scipy', 'matplotlib', 'pyarrow', 'simpy', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_reader_who_leaves_early_is_no_fault():
    with subprocess.Popen([*COMMAND, "explain", BEFORE], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def wait_for(there, process):
    until = time.monotonic() + 60
    while not there():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def heard_interrupts():
    """Interrupts reach the programs started here, also where the tests themselves were started deaf to them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_interrupts")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_run_leaves_nothing(sent, workers, tmp_path):
    process = subprocess.Popen(
        [*COMMAND, "compare", BEFORE, AFTER, "--replications", "500", "--workers", workers, "--out", "made/here"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_for(lambda: list(tmp_path.glob("made/.here-*/legs.parquet")), process)
        helpers = below(process.pid)
        assert len(workers_of(process.pid)) == (0 if workers == "1" else 2)
        process.send_signal(sent)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "interrupted; nothing was written\n")
    assert files(tmp_path) == []
    until = time.monotonic() + 60
    while not all(gone(number) for number in helpers):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.usefixtures("heard_interrupts")
def test_an_interruption_that_a_library_swallows_is_not_forgotten(capsys, monkeypatch, tmp_path):
    whole = runs.replicate

    def deaf(task):
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
        return whole(task)

    monkeypatch.setattr(runs, "replicate", deaf)
    status, _, err = said(capsys, "run", BEFORE, "--replications", "3", "--workers", "1", "--out", "r")
    assert (status, err) == (130, "interrupted; nothing was written\n")
    assert files(tmp_path) == []


def test_a_progress_bar_is_for_terminals_only():
    def stderr_of(stream):
        arguments = [*COMMAND, "run", BEFORE, "--replications", "2", "--workers", "1", "--out", f"r{stream}"]
        return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=stream, env=os.environ | {"TERM": "xterm"})

    with stderr_of(subprocess.PIPE) as process:
        assert process.stderr.read() == b""
    ours, theirs = pty.openpty()
    with stderr_of(theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the other end has been closed
            pass
        assert process.wait() == 0
    os.close(ours)
    assert b"replications" in shown


def test_main_puts_the_signal_back():
    before = signal.getsignal(signal.SIGTERM)
    main(["--version"])
    assert signal.getsignal(signal.SIGTERM) is before
    assert cli.DONE == 0
