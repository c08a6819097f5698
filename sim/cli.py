"""The command line: reads what was typed, calls the package, prints, and ends with the right status."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.errors import Fault, UsageError, YizhanError
from sim.language import DEFAULT_LANGUAGE, say
from sim.typed import in_language, known_command, language, usage_fault

if TYPE_CHECKING:
    from sim.experiment.design import Command, Design
    from sim.experiment.report import Report, Stage
    from sim.scenario import Loaded


DONE, OUR_FAULT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
RESULTS = Path("results")
A_MOMENT_S = 2.0
DEFAULT_ENGINE = "compiled"
"""As ``sim.engines.DEFAULT``, which would be slow to import for a word of help."""


@dataclass
class Session:
    """What all commands share: the language, when the user has asked to stop, and where finished work is kept then."""

    lang: str
    stopped_at_s: float = -math.inf
    keeps: Path | None = None


app = typer.Typer(help="cli.help", add_completion=False, pretty_exceptions_enable=False)

# Help texts are catalogue keys here; `in_language` puts the words in before anything is shown.
Scenarios = Annotated[list[Path], typer.Argument(help="cli.help.scenarios", metavar="SCENARIO SCENARIO…")]
Option = Annotated[str | None, typer.Option(help="cli.help.option", metavar="NAME")]
Replications = Annotated[int | None, typer.Option(help="cli.help.replications")]
Precision = Annotated[str | None, typer.Option(help="cli.help.precision", metavar="P")]
Seed = Annotated[int | None, typer.Option(help="cli.help.seed")]
Engine = Annotated[str, typer.Option(help="cli.help.engine")]
Out = Annotated[Path | None, typer.Option(help="cli.help.out", metavar="DIR")]
NWorkers = Annotated[int | None, typer.Option("--workers", help="cli.help.workers")]
SaveInput = Annotated[bool, typer.Option("--save-input", help="cli.help.save_input")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        from sim import terminal

        terminal.tell(f"yizhan {version('yizhan')}")
        raise typer.Exit


@app.callback()
def everywhere(
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help.lang", metavar="zh|en")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="cli.help.debug")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="cli.help.version", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options that may stand anywhere; `main` has taken them out before this is called."""


@app.command(help="cli.help.check")
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="cli.help.files", metavar="FILE…")],
) -> None:
    """Validate scenario files."""
    from sim import terminal
    from sim.experiment.sweep import reading, runs
    from sim.scenario import load

    lang = context.obj.lang
    n_bad = 0
    for file in files:
        try:
            if reading.is_experiment(file):
                runs.check(file)
                terminal.tell(say("cli.good", lang, file=file))
                continue
            loaded = load(file)
        except YizhanError as error:
            terminal.tell(error.text(lang))
            n_bad += 1
            continue
        for warning in loaded.warnings:
            terminal.tell(say("cli.warning", lang, text=warning.text(lang)))
        terminal.tell(say("cli.good", lang, file=file))
    if n_bad:
        raise typer.Exit(BAD_INPUT)


@app.command(help="cli.help.run")
def run(
    context: typer.Context,
    scenario: Annotated[Path, typer.Argument(help="cli.help.scenario")],
    replications: Replications = None,
    precision: Precision = None,
    seed: Seed = None,
    engine: Engine = DEFAULT_ENGINE,
    out: Out = None,
    workers: NWorkers = None,
    save_input: SaveInput = False,
) -> None:
    """Run one scenario, or replay a stored engine input."""
    if scenario.is_dir():
        if (replications, precision, seed) != (None, None, None):
            raise UsageError(Fault("cli.replay_has_no_luck"))
        _replay(scenario, engine, out, context.obj.lang)
        return
    made = _design("run", [scenario], replications, precision, seed, engine, context.obj.lang)
    _execute(made, out, workers, save_input, context.obj)


@app.command(help="cli.help.compare")
def compare(
    context: typer.Context,
    scenarios: Scenarios,
    option: Option = None,
    replications: Replications = None,
    precision: Precision = None,
    seed: Seed = None,
    engine: Engine = DEFAULT_ENGINE,
    out: Out = None,
    workers: NWorkers = None,
    save_input: SaveInput = False,
) -> None:
    """Compare scenarios with the first one."""
    from sim.experiment.design import read_precision
    from sim.experiment.sweep.compared import compared
    from sim.experiment.sweep.reading import is_experiment

    if len(scenarios) == 1 and is_experiment(scenarios[0]):
        share = None if precision is None else read_precision(precision)
        made = compared(
            scenarios[0], option=option, replications=replications, precision=share, seed=seed, engine=engine
        )
        _warn(made.loaded, context.obj.lang)
    elif option is not None:
        raise UsageError(Fault("cli.option_of_an_experiment", {"option": option}))
    else:
        made = _design("compare", scenarios, replications, precision, seed, engine, context.obj.lang)
    _execute(made, out, workers, save_input, context.obj)


@app.command(help="cli.help.sweep")
def sweep(
    context: typer.Context,
    experiment: Annotated[Path, typer.Argument(help="cli.help.experiment")],
    option: Option = None,
    replications: Annotated[int | None, typer.Option(help="cli.help.sweep_replications")] = None,
    precision: Annotated[str | None, typer.Option(help="cli.help.sweep_precision", metavar="P")] = None,
    seed: Annotated[int | None, typer.Option(help="cli.help.sweep_seed")] = None,
    engine: Engine = DEFAULT_ENGINE,
    out: Out = None,
    workers: NWorkers = None,
    scheduler: Annotated[str | None, typer.Option(help="cli.help.scheduler", metavar="ADDRESS")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="cli.help.resume")] = False,
) -> None:
    """Run an experiment."""
    from sim.experiment.cluster import reach

    if scheduler is not None:
        reach(scheduler)
    from sim import sweep_summary, terminal
    from sim.experiment.design import read_precision
    from sim.experiment.sweep.reading import read
    from sim.experiment.sweep.runs import execute, made_of

    session: Session = context.obj
    n = _n_workers(workers)
    share = None if precision is None else read_precision(precision)
    with terminal.Bars(session.lang) as bars:
        report = _reporting(session, bars)
        asked = read(experiment, option)
        made = made_of(asked, report, replications=replications, precision=share, seed=seed, engine=engine)
        folder = RESULTS / f"{made.name}-{made.digest[:8]}" if out is None else out
        session.keeps = folder
        result = execute(made, folder, workers=n, scheduler=scheduler, resume=resume, report=report)
    sweep_summary.show(result, folder, session.lang)


@app.command(help="cli.help.chart")
def chart(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="cli.help.folder", metavar="DIR")],
    names: Annotated[list[str] | None, typer.Argument(help="cli.help.names", metavar="[NAME…]")] = None,
    formats: Annotated[str, typer.Option("--format", help="cli.help.format", metavar="png,svg,pdf")] = "png",
    out: Annotated[Path | None, typer.Option(help="cli.help.chart_out", metavar="DIR")] = None,
) -> None:
    """Draw the charts of a stored result."""
    from sim import charts, terminal

    wanted = [name.strip() for name in formats.split(",")]
    for path in charts.save(folder, names or [], context.obj.lang, wanted, out):
        terminal.tell(str(path))


@app.command(help="cli.help.explain")
def explain(context: typer.Context, scenario: Annotated[Path, typer.Argument(help="cli.help.scenario")]) -> None:
    """Print a scenario's numbers with their sources, its ledger and its face sheet."""
    from sim.explain import show

    show(_load([scenario], context.obj.lang)[0], context.obj.lang)


def _load(files: Sequence[Path], lang: str) -> list[Loaded]:
    """Load scenarios; the faults of all files are told at once, warnings go to standard error."""
    from sim.scenario import load

    loaded, faults = [], []
    for file in files:
        try:
            loaded.append(load(file))
        except YizhanError as error:
            faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        raise YizhanError(faults)
    _warn(loaded, lang)
    return loaded


def _warn(loaded: Sequence[Loaded], lang: str) -> None:
    """Tell each doubt of some scenarios once."""
    from sim import terminal

    for words in dict.fromkeys(warning.text(lang) for item in loaded for warning in item.warnings):
        terminal.tell(say("cli.warning", lang, text=words), stderr=True)


def _design(
    command: Command,
    files: Sequence[Path],
    replications: int | None,
    precision: str | None,
    seed: int | None,
    engine: str,
    lang: str,
) -> Design:
    from sim.experiment.design import design, read_precision

    return design(
        command,
        _load(files, lang),
        replications=replications,
        precision=None if precision is None else read_precision(precision),
        seed=seed,
        engine=engine,
    )


def _execute(made: Design, out: Path | None, workers: int | None, save_input: bool, session: Session) -> None:
    from sim import summary, terminal
    from sim.experiment.runs import execute

    n = _n_workers(workers)
    folder = RESULTS / f"{made.name}-{made.digest[:8]}" if out is None else out
    with terminal.Bars(session.lang) as bars:
        report = _reporting(session, bars)
        result = execute(made, folder, workers=n, save_input=save_input, report=report)
    summary.show(result, folder, session.lang)


def _n_workers(asked: int | None) -> int:
    from sim.experiment.workers import available_cores

    if asked is not None and asked < 1:
        raise UsageError(Fault("cli.workers_range", {"value": asked}))
    return asked or available_cores()


def _reporting(session: Session, bars: Report) -> Report:
    """Tell how far a run has come, and stop it where the user has asked for that."""
    from sim import terminal

    def report(stage: Stage, done: int, total: int, /) -> None:
        if session.stopped_at_s > -math.inf:
            raise KeyboardInterrupt
        if stage == "compiling":
            terminal.tell(say("cli.compiling", session.lang, seconds=total), stderr=True)
        else:
            bars(stage, done, total)

    return report


def _replay(stored: Path, engine: str, out: Path | None, lang: str) -> None:
    from sim import engines, terminal
    from sim.experiment import inputs

    planned = inputs.load(stored)
    engines.prepare(engine, lambda seconds: terminal.tell(say("cli.compiling", lang, seconds=seconds), stderr=True))
    folder = RESULTS / f"replay-{inputs.digest(stored, engine)[:8]}" if out is None else out
    reused = inputs.replay(planned, stored, engine, folder)
    terminal.tell(say("cli.reused" if reused else "cli.replayed", lang, folder=folder))
    if engines.serving(engine) != engine:
        terminal.tell(say("cli.note", lang, text=say("cli.note.without_numba", lang)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done, 2 bad input or usage, 1 a fault of ours, 130 interrupted."""
    from sim import terminal

    given = list(sys.argv[1:] if arguments is None else arguments)
    lang = DEFAULT_LANGUAGE
    debug = "--debug" in given
    session = Session(lang)
    try:
        lang, given = language(given, os.environ)
        given = [word for word in given if word != "--debug"] or ["--help"]
        command = in_language(typer.main.get_command(app), lang)
        known_command(given, list(command.commands))
        session.lang = lang
        with _stopping(session):
            status = command.main(args=given, prog_name="yizhan", standalone_mode=False, obj=session) or DONE
    except YizhanError as error:
        terminal.tell(error.text(lang), stderr=True)
        return BAD_INPUT
    except typer.TyperException as error:
        terminal.tell(usage_fault(error).text(lang), stderr=True)
        return BAD_INPUT
    except BrokenPipeError:
        # Whoever read the output has enough; nothing more must be written to it, not even at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        if debug:
            raise
        terminal.tell(say("cli.system", lang, path=error.filename or "", why=error.strerror or error), stderr=True)
        return BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as error:
        if debug:
            raise
        terminal.tell(say("cli.our_fault", lang, kind=type(error).__name__, why=error), stderr=True)
        return OUR_FAULT
    if status == INTERRUPTED:
        terminal.tell(_interrupted(session).text(lang), stderr=True)
    return int(status)


def _interrupted(session: Session) -> Fault:
    from sim.intact import PARTS

    if session.keeps is not None and (session.keeps / PARTS).is_dir():
        return Fault("cli.sweep.interrupted", {"folder": session.keeps})
    return Fault("cli.interrupted")


@contextmanager
def _stopping(session: Session) -> Iterator[None]:
    """Treat a request to end (SIGTERM) like Ctrl-C, so that nothing half-written stays.

    The request is noted, since a library may swallow the exception; once more within a moment is the same request, so
    that an impatient user does not stop the clearing up.
    """

    def stop(*_: object) -> None:
        now_s = time.monotonic()
        if now_s - session.stopped_at_s > A_MOMENT_S:
            session.stopped_at_s = now_s
            raise KeyboardInterrupt

    heard = [name for name in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(name) is not signal.SIG_IGN]
    before = [signal.signal(name, stop) for name in heard]
    try:
        yield
    finally:
        for name, handler in zip(heard, before, strict=True):
            signal.signal(name, handler)
